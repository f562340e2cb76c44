/* SPDX-License-Identifier: Apache-2.0 */
/* memfd: bytes for a program in a sealed memfd, which it can read, map and seek in, and not change. */
#ifndef CORDON_HOST_MEMFD_H
#define CORDON_HOST_MEMFD_H

/* Makes an empty one, close-on-exec, to be written to; name is for /proc only. A descriptor or -errno. */
int memfd_begin(const char *name);

/* Seals what has been written, and goes back to its start. 0 or -errno. */
int memfd_seal(int fd);

#endif
