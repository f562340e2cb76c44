/* SPDX-License-Identifier: Apache-2.0 */
/* fifo: opens of FIFOs that wait for their other end. One thread. */
#ifndef CORDON_SUPERVISOR_FIFO_H
#define CORDON_SUPERVISOR_FIFO_H

#include <stdint.h>

/* A blocking open of a FIFO (open_for's OPEN_LATER) waits here for its other end, as it would in the kernel, and the
 * loop goes on. It is not left to the program, which could open something else then: a thread can change the path
 * after the judgement. fd is taken: a reading or writing end opened with O_NONBLOCK, or one with O_PATH. flags are
 * the program's. */
void fifo_take(int listener, uint64_t id, int proc_fd, int fd, uint64_t flags, uint32_t fd_flags);

/* Before each open: those whose call was interrupted wait no longer, and are no reader that somebody could find. */
void fifo_forget(int listener);

#endif
