/* SPDX-License-Identifier: Apache-2.0 */
/* forkexec: starts a program with clone3(CLONE_VM|CLONE_VFORK): a plan in, a pid or an error out.
 *
 * The library uses it to start cordon-init and the janitor, cordon-init to start the program: one child function, one
 * order of steps. The child shares its parent's memory until it executes: child.c says what it may do there, and a test
 * checks that its object file uses no symbol of another one (tests-native/check).
 * I1  The parent's thread blocks every signal around the clone (or has no handlers: default_signals); the child starts
 *     with default dispositions and an empty mask.
 * I2  The child reports through the shared memory: report.step is its present step, report.err is set when a step
 *     failed.
 * I3  After the exec only the descriptors in plan->fds are open in the program.
 * I4  The library's child sets no ids: with CLONE_VM that would change the JVM's dumpable flag (commit_creds in the
 *     kernel). A plan of the library's with ids is refused. */
#ifndef CORDON_FORKEXEC_H
#define CORDON_FORKEXEC_H

#include <stdint.h>
#include "cordon/error.h"
#include "forkexec/plan.h"

/* Starts plan. Blocks until the child has executed or failed. Any thread. 0 with *ret_pid and, if ret_pidfd is not
 * NULL, *ret_pidfd (close-on-exec, owned by the caller); wait for the child with __WALL. Or -errno with *err (step
 * CLONE, any step of the child with origin CHILD, or VALIDATE for ids in the library's plan); then the child has been
 * reaped. */
int forkexec_start(const struct child_plan *plan, int *ret_pidfd, int32_t *ret_pid, struct cordon_error *err);

#endif
