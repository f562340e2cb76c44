/* SPDX-License-Identifier: Apache-2.0 */
/* forkexec: start a program with clone3(CLONE_VM|CLONE_VFORK): a plan in, a pid or an error out.
 *
 * The library starts cordon-init (and the janitor) with it, cordon-init starts the program with it: one child, one
 * order of steps. The child shares its parent's memory until it executes: child.c says what it may do there, and a
 * test reads from its object file that it uses no symbol of another one (tests-native/check).
 * I1  The parent's thread blocks every signal around the clone (or has no handlers: default_signals); the child starts
 *     with default dispositions and an empty mask.
 * I2  The child reports through the shared memory: report.step is the step it is at, report.err is set when a step
 *     failed.
 * I3  After return no descriptor but those in plan->fds is open in the program.
 * I4  The library's child sets no ids: with CLONE_VM that would change the JVM's own dumpable flag (commit_creds in
 *     the kernel). A plan of the library's that asks for it is refused. */
#ifndef CORDON_FORKEXEC_H
#define CORDON_FORKEXEC_H

#include <stdint.h>
#include "cordon/error.h"
#include "forkexec/plan.h"

/* Starts plan. Blocks until the child has executed or failed. Any thread.
 * 0 with *ret_pid and, where ret_pidfd is not NULL, *ret_pidfd (close-on-exec, owned by the caller). Wait for it with
 * __WALL. Or -errno with *err (steps CLONE, and each of the child's with origin CHILD; VALIDATE for ids in the
 * library's plan): then the child is gone and reaped. */
int forkexec_start(const struct child_plan *plan, int *ret_pidfd, int32_t *ret_pid, struct cordon_error *err);

#endif
