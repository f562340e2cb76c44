/* SPDX-License-Identifier: Apache-2.0 */
/* tracees: which processes belong to a run without namespaces. Only in the supervisor under ptrace. */
#ifndef CORDON_SUPERVISOR_TRACEES_H
#define CORDON_SUPERVISOR_TRACEES_H

#include <stdbool.h>
#include <stdint.h>

/* proc_fd: a procfs; init_pid: the process to which orphans are reparented. */
void tracees_begin(int proc_fd, int32_t init_pid);

/* Whether pid is a live process or thread of the run, or a zombie that one of its processes or init has yet to reap (a
 * signal to it does nothing, and must not fail). The program may not reach other processes. */
bool tracee_is_ours(int32_t pid);

#endif
