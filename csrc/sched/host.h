/* SPDX-License-Identifier: Apache-2.0 */
/* sched, the host's half: the pinned hand-over, the real-time policy, and the switch.
 *
 * Waking a task on another CPU costs more than everything else of a short run, tens of microseconds where that CPU
 * sleeps in a virtual machine. So the cordon-init of a kept container is pinned to the caller's CPU before it is
 * woken, and the caller is pinned there while it waits. Both are asleep for nearly all of that time. The program is
 * never pinned: it gets init's own set. After SCHED_HAND_OVER_NS the run is not a short one, and both get their own
 * sets back.
 *
 * Where more programs compute than there are CPUs, a waking task of an ordinary policy waits for those that have
 * waited longer, tick after tick, and meanwhile the CPUs go on using what the limit no longer allows (with eight
 * processes on two CPUs up to 34 ms). So a host that may puts init under SCHED_RR (sched(7)) in a long run. What init
 * then takes from others is bounded: it looks at one counter, once a millisecond at most, or, without a group, at its
 * processes; if such a look takes long because there are many, init gives the policy up (sched/init.h).
 * I1  The policy never changes while init starts a program: the host waits until init has said that the run is long
 *     (LONG). A clone in the middle of which the policy changes may give the child the old policy with the new
 *     priority, which makes it a real-time task for good (sched_fork in the kernel reads them one after the other),
 *     and a clone after it the nice value 0 instead of the caller's (SCHED_RESET_ON_FORK). */
#ifndef CORDON_SCHED_HOST_H
#define CORDON_SCHED_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include "sched/sched.h"

#define SCHED_HAND_OVER_NS (2 * NSEC_PER_MSEC)

/* False where CORDON_SCHEDULING=off is in the environment, which is read at the first call. */
bool sched_host_is_on(void);

/* Pins init to the CPU of the calling thread. *cpu is where it was pinned last, -1 = nowhere. */
void sched_host_pin_init(int32_t init_pid, int32_t *cpu);

/* Unpins init: own is the set of the calling thread, which started it. */
void sched_host_unpin_init(int32_t init_pid, const struct sched_cpus *own, int32_t *cpu);

/* The same where the caller is not pinned: its set is read here. */
void sched_host_unpin_init_alone(int32_t init_pid, int32_t *cpu);

/* Pins the calling thread to its CPU until sched_host_unpin_caller, which the same thread calls. *own is its own set;
 * unknown where it was not pinned. */
void sched_host_pin_caller(struct sched_cpus *own);
void sched_host_unpin_caller(struct sched_cpus *own);

/* Puts init under SCHED_RR. True where it now has it. */
bool sched_host_raise_init(int32_t init_pid);

/* Puts a kept container's init under the policy that it gave itself, SCHED_BATCH (sched/init.h). */
void sched_host_lower_init(int32_t init_pid);

#endif
