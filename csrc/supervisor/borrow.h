/* SPDX-License-Identifier: Apache-2.0 */
/* borrow: duplicates a descriptor of the program. */
#ifndef CORDON_SUPERVISOR_BORROW_H
#define CORDON_SUPERVISOR_BORROW_H

#include <stdint.h>

/* A descriptor of the same open file as fd of thread tid, or -errno: EBADF if the program has none. */
int borrow(int proc_fd, int32_t tid, int fd);

#endif
