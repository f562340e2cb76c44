/* SPDX-License-Identifier: Apache-2.0 */
/* notify: the supervisor's loop with seccomp_unotify(2). */
#ifndef CORDON_SUPERVISOR_NOTIFY_H
#define CORDON_SUPERVISOR_NOTIFY_H

#include "supervisor/supervisor.h"

/* Runs in the supervisor's process. */
_Noreturn void supervise_notify(struct supervisor *sv);

#endif
