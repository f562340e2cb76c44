/* SPDX-License-Identifier: Apache-2.0 */
/* placement: keep the hand-over between a host thread and its container's init on one CPU.
 *
 * Waking a task on another CPU costs more than everything else of a short run, tens of microseconds where the CPU sleeps in a
 * virtual machine. So init is moved to the caller's CPU before it is woken, and the caller stays there while it waits. Both are
 * asleep for nearly all of that time. The program itself is never pinned: it gets init's first set of CPUs.
 * After PLACEMENT_NS the run is no short one, and both go back to all their CPUs.
 * Everything here is a wish: where the kernel refuses it, the run is only slower. */
#ifndef CORDON_HOST_PLACEMENT_H
#define CORDON_HOST_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>
#include "base/base.h"
#include "cordon/command.h"

#define PLACEMENT_NS (2 * NSEC_PER_MSEC)
#define PLACEMENT_WORDS (CORDON_CPUS_MAX / 64)

struct placement {
	bool held;
	uint32_t size;			/* bytes of cpus that are valid */
	uint64_t cpus[PLACEMENT_WORDS];	/* the thread's own */
};

/* Moves init to the CPU of the calling thread. *cpu is where it was moved last, -1 = nowhere. */
void placement_lead(int32_t init_pid, int32_t *cpu);

/* Lets init go back to the CPUs of the calling thread, which started it. */
void placement_release(int32_t init_pid, const struct placement *own, int32_t *cpu);

/* The same where the caller does not stay and wait: its set is read here. */
void placement_part(int32_t init_pid, int32_t *cpu);

/* Keeps the calling thread on its CPU until placement_leave, which the same thread calls. */
void placement_stay(struct placement *own);
void placement_leave(struct placement *own);

#endif
