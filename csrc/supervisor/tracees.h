/* SPDX-License-Identifier: Apache-2.0 */
/* tracees: which processes are of the run, in one without namespaces. Only in the supervisor under ptrace. */
#ifndef CORDON_SUPERVISOR_TRACEES_H
#define CORDON_SUPERVISOR_TRACEES_H

#include <stdbool.h>
#include <stdint.h>

/* proc_fd: a procfs; init_pid: what orphans come to. */
void tracees_begin(int proc_fd, int32_t init_pid);

/* Whether pid is a live process or thread of the run, or a zombie that one of its processes or init has yet to reap
 * (a signal to it does nothing, and must not fail). Every other process is none of the program's business. */
bool tracee_is_ours(int32_t pid);

#endif
