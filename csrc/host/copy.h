/* SPDX-License-Identifier: Apache-2.0 */
/* copy: the bytes of one open file into another. */
#ifndef CORDON_HOST_COPY_H
#define CORDON_HOST_COPY_H

#include <stdint.h>

/* Copies from in to out, at most limit bytes; *ret_len counts them, also after an error. 0, -EFBIG where there are
 * more, or -errno. */
int copy_bytes(int in, int out, uint64_t limit, uint64_t *ret_len);

#endif
