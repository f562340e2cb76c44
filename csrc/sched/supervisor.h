/* SPDX-License-Identifier: Apache-2.0 */
/* sched, the supervisor's part: pinned stops.
 *
 * A stop needs two wake-ups: of the supervisor, then of the task. The scheduler puts a waking task on an idle CPU if
 * there is one, and waking an idle CPU costs some ten times the rest of a stop, most of all in a virtual machine. So
 * while a single task stops often, the supervisor and the task are pinned to one CPU. They alternate there, each asleep
 * while the other runs, so no parallelism is lost. Meanwhile the supervisor is SCHED_BATCH: it does not preempt the
 * task that wakes it, which goes on until it sleeps.
 * I1  The program never sees that it is pinned: it is pinned only if the filter stops the calls that read and change
 *     the set of CPUs, and the task is unpinned before such a call goes on. (Its /proc/<pid>/status would show it.)
 * I2  It is pinned only while that helps: it is unpinned before another task is served, when it makes another task, and
 *     by a timer if no stop came for a millisecond or two, because a task that computes must be free to move to an idle
 *     CPU. ptrace reports new tasks; for notify the filter must stop the calls that make them.
 * I3  A task that inherits its parent's single CPU gets the own set before it runs. It cannot be told from one whose
 *     parent has bound itself to that CPU, so pinning ends when the program changes a set for the first time.
 * I4  If a task has bound itself to one CPU, only the supervisor is pinned, to that CPU.
 * I5  A program that is executed starts with the own set: if the filter stops execve and the calls that make tasks, the
 *     task is unpinned before they go on. Otherwise ptrace reports them; notify does not report that a thread has
 *     executed a program and so may have a new number, so for notify the filter must stop them.
 * The timer's signal restarts what it interrupts, except waits with a time-out (EINTR): judge's wait for the host
 * continues by itself. Under notify the signal is let through only while the loop waits for a call: if it interrupted
 * an ADDFD with SEND, the program's open would return 0 (kernel/seccomp.c, seccomp_notify_addfd). The supervisor needs
 * the task's uid as its effective one, or CAP_SYS_NICE over it. One supervisor per process; single-threaded. If the
 * switch is off, every function returns at once. */
#ifndef CORDON_SCHED_SUPERVISOR_H
#define CORDON_SCHED_SUPERVISOR_H

#include <stdbool.h>
#include <stdint.h>
#include "sched/sched.h"

/* To be called before the supervisor's first wait: takes SCHED_NORMAL. Under init's SCHED_BATCH, which does not
 * preempt, each stop would wait for the time slice of the task on the CPU. */
void sched_supervisor_begin(bool on);

/* To be called before the first stop. notify: the engine. hides: the filter stops every call that could show a pinned
 * set or pass it on. */
void sched_supervisor_start(bool notify, bool hides);

/* Notify: to be called before and after the wait for a call. */
void sched_supervisor_wait(void);
void sched_supervisor_waited(void);

/* Ptrace: the program has been executed, so the supervisor may use all its CPUs. Under notify the first call says
 * so. */
void sched_supervisor_executed(int32_t tid);

/* To be called with a stopped call of tid, before it is judged; and before tid is resumed from it. */
void sched_supervisor_stopped(int32_t tid, long nr);
void sched_supervisor_resume(int32_t tid, long nr);

/* parent has made child (or another thread of its process), and is stopped at that event. */
void sched_supervisor_born(int32_t parent, int32_t child);

/* tid is at what may be its first stop, before or after sched_supervisor_born. */
void sched_supervisor_first(int32_t tid);

/* A thread has executed a program; its number was former and is now tid (often the same). */
void sched_supervisor_renamed(int32_t former, int32_t tid);

/* tid has ended. */
void sched_supervisor_gone(int32_t tid);

#endif
