/* SPDX-License-Identifier: Apache-2.0 */
/* drop: closes the last reference to a detached mount without waiting until its contents are freed. */
#ifndef CORDON_MOUNT_DROP_H
#define CORDON_MOUNT_DROP_H

#include <stdbool.h>
#include <stdint.h>

/* Closes *fd so that a separate process closes the mount last: the kernel frees a tmpfs in the process that closes it
 * last, and that takes time for every file. If no process can be made, init is the last. *fd becomes -1. The process
 * has exit signal 0, so a wait for the program's children does not return it; drop_reap does. */
void drop_close(int *fd);

/* Reaps the processes of drop_close that have ended. */
void drop_reap(void);

/* Whether pid is one of them. */
bool drop_has(int32_t pid);

/* Forgets all of them, in a fork of init, which is not their parent. */
void drop_forget(void);

#endif
