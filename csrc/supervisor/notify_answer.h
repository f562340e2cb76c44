/* SPDX-License-Identifier: Apache-2.0 */
/* notify_answer: answers a call that seccomp_unotify(2) has reported. */
#ifndef CORDON_SUPERVISOR_NOTIFY_ANSWER_H
#define CORDON_SUPERVISOR_NOTIFY_ANSWER_H

#include <stdbool.h>
#include <stdint.h>

/* A larger structure of the kernel makes the loop refuse to run. */
#define NOTIFY_ANSWER_SIZE_MAX 1024

/* The call fails with err, or returns value if err is 0, or continues with SECCOMP_USER_NOTIF_FLAG_CONTINUE in
 * flags. */
void notify_send(int listener, uint64_t id, int64_t value, int32_t err, uint32_t flags);

/* Whether the call still waits. If not, its task has ended or a signal has interrupted it, and its tid may belong to
 * another task. */
bool notify_is_valid(int listener, uint64_t id);

/* The call fails with err; with 0 it succeeds without being made. */
void notify_answer(int listener, uint64_t id, int32_t err);

/* Installs fd in the program as the call's result, and closes it here. */
void notify_deliver(int listener, uint64_t id, int fd, uint32_t fd_flags);

#endif
