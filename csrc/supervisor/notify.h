/* SPDX-License-Identifier: Apache-2.0 */
/* notify: answers to the kernel in the loop by seccomp_unotify(2), and the opens of FIFOs, which are answered later. One thread. */
#ifndef CORDON_SUPERVISOR_NOTIFY_H
#define CORDON_SUPERVISOR_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Whether the call is still waiting: else its task is gone, or a signal has interrupted it, and its tid may be another's. */
bool notify_is_valid(int listener, uint64_t id);

/* The call fails with err; 0: it succeeds without being made. */
void notify_answer(int listener, uint64_t id, int32_t err);

/* fd becomes a descriptor of the program's and the call's result; closes it here. */
void notify_deliver(int listener, uint64_t id, int fd, uint32_t fd_flags);

/* ---- fifo.c ---- */

/* A blocking open of a FIFO (open_for's OPEN_LATER) waits here for its other end, as it would in the kernel, and the loop goes on. It is not left to
 * the program, which could open something else then: a thread can change the path after the judgement.
 * fd is taken: a reading or writing end opened with O_NONBLOCK, or one with O_PATH. flags are the program's. */
void fifo_take(int listener, uint64_t id, int proc_fd, int fd, uint64_t flags, uint32_t fd_flags);

/* Before each open: those whose call was interrupted wait no longer, and are no reader that somebody could find. */
void fifo_forget(int listener);

#endif
