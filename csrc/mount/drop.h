/* SPDX-License-Identifier: Apache-2.0 */
/* drop: give up the last reference to a detached mount without waiting for what it holds to be freed. */
#ifndef CORDON_MOUNT_DROP_H
#define CORDON_MOUNT_DROP_H

#include <stdbool.h>
#include <stdint.h>

/* Closes *fd so that a process of its own closes last: freeing a tmpfs takes time with every file in it, and the kernel does that
 * work in the process that closes last. That is init where no process can be had. *fd becomes -1.
 * The process has exit signal 0, so that a wait for the program's children does not see it; drop_reap sees it. */
void drop_close(int *fd);

/* Reaps the processes of drop_close that have ended. */
void drop_reap(void);

/* Whether pid is one of them. */
bool drop_has(int32_t pid);

/* For a fork that is no parent of them. */
void drop_forget(void);

#endif
