/* SPDX-License-Identifier: Apache-2.0 */
/* sched, the supervisor's half: pinned stops.
 *
 * A stop is two wake-ups: of the supervisor, then of the task. The scheduler sends a waking task to an idle CPU
 * wherever there is one, and waking an idle CPU costs some ten times what the rest of a stop costs, in a virtual
 * machine above all. So while one task alone stops again and again, the supervisor is pinned to its CPU, and the
 * task to the same one. Both alternate there, each asleep while the other one runs, so that no parallelism is lost.
 * The supervisor is SCHED_BATCH meanwhile: the task that wakes it is not preempted, but goes on until it sleeps.
 *   I1  The program never sees that it is pinned: this is done only where the filter stops the calls
 *       that read and change the set of CPUs, and the task is unpinned before one of them is let through. (Its
 *       /proc/<pid>/status would tell.)
 *   I2  It is pinned only while it helps: it is unpinned before another task is served, when the task makes another
 *       one, and by a timer when no stop came for a millisecond or two, as a task that computes must be free to go
 *       where a CPU is idle. ptrace reports births; for notify the filter must stop the calls that make tasks.
 *   I3  A task that is born with its parent's single CPU gets the own set before it runs. To tell it from one
 *       whose parent has bound itself to the same CPU, all this ends when the program changes a set for the first
 *       time.
 *   I4  Of a task that has bound itself to one CPU nothing needs to be changed: the supervisor alone goes there.
 *   I5  A program that is executed begins with the own set: where the filter stops execve and the calls that make
 *       tasks, the task is unpinned before they are let through. Else ptrace reports them; for notify, which does not
 *       say that a thread has executed a program and so may have another number, the filter must stop them.
 * The timer's signal restarts what it interrupts, but for waits with a time-out (EINTR): judge's wait for the host
 * goes on by itself. Under notify it comes only while the loop waits for a call: an ADDFD with SEND that it
 * interrupted would have the program's open return 0 (kernel/seccomp.c, seccomp_notify_addfd).
 * The supervisor needs the task's uid as its effective one, or CAP_SYS_NICE over it. One supervisor per process;
 * single-threaded. Where the switch is off every function returns at once. */
#ifndef CORDON_SCHED_SUPERVISOR_H
#define CORDON_SCHED_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include "sched/sched.h"

/* Before the supervisor first waits: SCHED_NORMAL. init's SCHED_BATCH, whose wake-ups preempt nobody, would let each
 * stop wait for the time slice of the task that has the CPU. */
void sched_supervisor_begin(bool on);

/* Before the first stop. notify: the engine. hides: the filter stops every call that could show a pinned set, or pass
 * it on. */
void sched_supervisor_start(bool notify, bool hides);

/* For notify: around the wait for a call. */
void sched_supervisor_wait(void);
void sched_supervisor_waited(void);

/* For ptrace: the program has been executed, so the supervisor may run wherever it may. Under notify the first call
 * says so. */
void sched_supervisor_executed(int32_t tid);

/* A stopped call of tid, before it is judged; and before tid is resumed from it. */
void sched_supervisor_stopped(int32_t tid, long nr);
void sched_supervisor_resume(int32_t tid, long nr);

/* parent has made child (or another thread of its own), and stands at the event. */
void sched_supervisor_born(int32_t parent, int32_t child);

/* What may be the first stop of a new task, before or after sched_supervisor_born. */
void sched_supervisor_first(int32_t tid);

/* A thread has executed a program, and its number, former, is now tid (often the same). */
void sched_supervisor_renamed(int32_t former, int32_t tid);

/* tid is gone. */
void sched_supervisor_gone(int32_t tid);

#endif
