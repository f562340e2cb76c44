/* SPDX-License-Identifier: Apache-2.0 */
/* reopen: opens a file that the host holds once more, so that a program gets an open file of its own.
 *
 * Theory of operation. A descriptor leads to more than its bytes: by its link in /proc a program opens the file again,
 * for writing if its uid may, and fchmod(2), utimensat(2) or setxattr(2) change the file itself. A mount that is
 * read-only stops all of them. So the file is opened through a copy of its mount that is used for nothing else and goes
 * away with the descriptor. A caller that may not copy mounts (CAP_SYS_ADMIN) has that done by a child in a user and a
 * mount namespace of its own, which shares its memory and descriptors and ends at once. A socket cannot be opened anew;
 * there is a pair to put in its place.
 * I1  What is opened is the file that the given descriptor has open, or nothing: the child finds it by its path, and
 *     the result is compared.
 * I2  The child makes only raw system calls, with every signal blocked; see features/try.c, whose I2 and I3 hold here,
 *     too.
 * See open_tree(2), mount_setattr(2) (Linux 5.12), proc_pid_fd(5). */
#ifndef CORDON_REOPEN_H
#define CORDON_REOPEN_H

#include <stdint.h>

/* Opens what fd has open with these flags of open(2), through the link of fd in /proc: with the rights of this process,
 * and on the same mount. It does not block, and the result has no O_NONBLOCK. A close-on-exec descriptor, or -errno. */
int reopen_plain(int fd, uint32_t flags);

/* The same through a mount of its own: read-only, nosuid and noexec. Devices, FIFOs and sockets can be written
 * nevertheless. -errno: also where no mount can be copied, or the file has no path any more. */
int reopen_private(int fd, uint32_t flags);

/* Makes a close-on-exec pair of unix sockets of this type in a network namespace of its own, so that neither end tells
 * of the host's network, or leads to it. 0 or -errno: where no namespace can be made. */
int reopen_pair(int type, int ret_pair[2]);

#endif
