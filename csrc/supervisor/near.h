/* near: keeps the ptrace loop and the task that it serves on one CPU.
 *
 * A stop is two wake-ups: of the supervisor, then of the task. The scheduler sends a waking task to an idle CPU wherever there is one, and
 * waking an idle CPU costs some ten times what the rest of a stop costs, in a virtual machine above all. So while one task alone stops
 * again and again, the supervisor binds itself to its CPU, and the task to the same one for the moment of its wake-up. Both alternate
 * there, each asleep while the other one runs, so that no parallelism is lost.
 *
 * What the program may notice: its own set of CPUs. There are two ways to hide that.
 *   I1  Brief: the set is narrowed before the task is resumed and put back right after, while the supervisor still has the CPU. Only where
 *       the kernel lets the task preempt it in between (one in some hundred times) does the task run with one CPU, until its next stop or the
 *       supervisor's turn, whichever is first.
 *   I2  Kept: where the filter stops the calls that read and change the set, and nothing of the run waits for the host's
 *       decisions, the set stays narrowed from stop to stop, which costs nothing, and is put back before those calls are let
 *       through, before another task is served, when a task is born, and by a timer when no stop came for a millisecond or two.
 *   I3  A task that is born while its parent's set is narrowed gets the whole set.
 * Everything here is a wish: where the kernel refuses it (the supervisor needs the task's uid as its effective one, or CAP_SYS_NICE over
 * it), a stop only takes longer. One supervisor per process; single-threaded. */
#ifndef CORDON_SUPERVISOR_NEAR_H
#define CORDON_SUPERVISOR_NEAR_H

#include <stdint.h>
#include "supervisor/supervisor.h"

void near_start(const struct supervisor *sv);

/* The program has been executed: the supervisor may run wherever it may. */
void near_executed(int32_t tid);

/* Before a stopped call of tid is judged, before tid is resumed from it and right after it was. */
void near_stopped(int32_t tid, long nr);
void near_resume(int32_t tid, long nr);
void near_resumed(void);

/* parent has made child (or another thread of its own), and stands at the event. */
void near_born(int32_t parent, int32_t child);

/* A thread has executed a program, and its number, former, is now tid. */
void near_renamed(int32_t former, int32_t tid);

/* tid is gone. */
void near_gone(int32_t tid);

#endif
