/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace: the supervisor's loop with ptrace(2). */
#ifndef CORDON_SUPERVISOR_PTRACE_H
#define CORDON_SUPERVISOR_PTRACE_H

#include "supervisor/supervisor.h"

/* Runs in the supervisor's process. */
_Noreturn void supervise_ptrace(struct supervisor *sv);

#endif
