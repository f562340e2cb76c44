/* SPDX-License-Identifier: Apache-2.0 */
/* sched, the host's part: the pinned hand-over, the real-time policy, and the switch.
 *
 * Waking a task on another CPU is the largest cost of a short run: tens of microseconds if that CPU sleeps in a virtual
 * machine. So the cordon-init of a kept container is pinned to the caller's CPU before it is woken, and the caller is
 * pinned there while it waits. Both sleep nearly all of that time. The program is never pinned: it gets init's own set.
 * After SCHED_HAND_OVER_NS both get their own sets back.
 *
 * If more programs compute than there are CPUs, a waking task of a normal policy waits for tasks that have waited
 * longer, tick after tick; meanwhile the program uses CPU time beyond its limit (up to 34 ms with eight processes on
 * two CPUs). So in a long run a host with the privilege puts init under SCHED_RR (sched(7)). What init takes from
 * others is bounded: it reads one counter, at most once a millisecond, or without a group looks at its processes; if
 * that takes long because there are many, init gives the policy up (sched/init.h).
 * I1  The policy never changes while init starts a program: the host waits until init has said that the run is long
 *     (LONG). If it changed during a clone, the child could get the old policy with the new priority, and stay a
 *     real-time task for good (sched_fork in the kernel reads them one after the other); after a clone, it would get
 *     the nice value 0 instead of the caller's (SCHED_RESET_ON_FORK). */
#ifndef CORDON_SCHED_HOST_H
#define CORDON_SCHED_HOST_H

#include <stdbool.h>
#include <stdint.h>
#include "sched/sched.h"

#define SCHED_HAND_OVER_NS (2 * NSEC_PER_MSEC)

/* False if CORDON_SCHEDULING=off is in the environment, which is read at the first call. */
bool sched_host_is_on(void);

/* Pins init to the CPU of the calling thread. *cpu is the CPU that it was pinned to last, -1 = none. */
void sched_host_pin_init(int32_t init_pid, int32_t *cpu);

/* Unpins init: own is the own set of the calling thread, which started init. */
void sched_host_unpin_init(int32_t init_pid, const struct sched_cpus *own, int32_t *cpu);

/* The same if the caller is not pinned: its set is read here. */
void sched_host_unpin_init_alone(int32_t init_pid, int32_t *cpu);

/* Pins the calling thread to its present CPU until the same thread calls sched_host_unpin_caller. *own is its own set;
 * size 0 if it was not pinned. */
void sched_host_pin_caller(struct sched_cpus *own);
void sched_host_unpin_caller(struct sched_cpus *own);

/* Puts init under SCHED_RR. Returns whether it now has that policy. */
bool sched_host_raise_init(int32_t init_pid);

/* Puts a kept container's init back under SCHED_BATCH (sched/init.h). */
void sched_host_lower_init(int32_t init_pid);

#endif
