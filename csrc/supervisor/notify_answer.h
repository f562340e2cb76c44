/* SPDX-License-Identifier: Apache-2.0 */
/* notify_answer: answers to the kernel about a call that seccomp_unotify(2) has reported. */
#ifndef CORDON_SUPERVISOR_NOTIFY_ANSWER_H
#define CORDON_SUPERVISOR_NOTIFY_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* What the kernel's structure may grow to before the loop refuses to run. */
#define NOTIFY_ANSWER_SIZE_MAX 1024

/* The call fails with err, has value as its result where err is 0, or is made by the kernel with
 * SECCOMP_USER_NOTIF_FLAG_CONTINUE in flags. */
void notify_send(int listener, uint64_t id, int64_t value, int32_t err, uint32_t flags);

/* Whether the call is still waiting: else its task is gone, or a signal has interrupted it, and its tid may be
 * another's. */
bool notify_is_valid(int listener, uint64_t id);

/* The call fails with err; 0: it succeeds without being made. */
void notify_answer(int listener, uint64_t id, int32_t err);

/* fd becomes a descriptor of the program's and the call's result; closes it here. */
void notify_deliver(int listener, uint64_t id, int fd, uint32_t fd_flags);

#endif
