/* SPDX-License-Identifier: Apache-2.0 */
/* urgency: lets init run the moment that it is due, in a run that is no short one.
 *
 * Where more programs compute than there are CPUs, a waking task of an ordinary policy waits for those that have waited longer, tick
 * after tick, and meanwhile the CPUs go on using what the limit no longer has (with eight processes on two CPUs up to 34 ms). So a host that may
 * puts init under SCHED_RR (sched(7)). What init then takes from others is bounded: it looks at one counter, once a millisecond at most, or,
 * without a group, at its processes; where such a look takes long, for there are many, init gives this up (init/run.c).
 * It comes when init has said that the run is no short one (LONG), so never while init starts a program: a clone in the middle of which the
 * policy changes may give the child the old policy with the new priority, which makes it a real-time task for good (sched_fork in the kernel
 * reads them one after the other), and a clone after it the nice value 0 instead of the caller's (SCHED_RESET_ON_FORK).
 * Everything here is a wish: where the kernel refuses it, limits are only less exact. */
#ifndef CORDON_HOST_URGENCY_H
#define CORDON_HOST_URGENCY_H

#include <stdbool.h>
#include <stdint.h>

/* True where init now has it. */
bool urgency_raise(int32_t init_pid);

/* Puts a kept container's init under the policy that it gave itself: SCHED_BATCH (init/conf.c). */
void urgency_lower(int32_t init_pid);

#endif
