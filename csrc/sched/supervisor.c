/* SPDX-License-Identifier: Apache-2.0 */
#include "sched/supervisor.h"

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/time.h>
#include "arch/arch.h"
#include "calls/calls.h"

/* The supervisor follows a task when its last stops came close together: a block of them within this time, which is
 * five thousand a second. */
#define BLOCK 4
#define BLOCK_NS (BLOCK * 200 * UINT64_C(1000))
/* After this many stops the scheduler may choose the CPU again: the present one may have become the busiest. */
#define RENEW 16384
#define TICK_US 1000

/* The volatile members, tid and own are shared with the timer's handler, which may run between any two instructions. */
static struct {
	bool on;		/* the switch */
	int32_t tid;		/* whose stops are counted */
	uint32_t run;		/* how many in a row */
	uint64_t since;		/* when the block began */
	bool self_pinned;	/* the supervisor is pinned to `here` */
	bool refused;
	bool same;		/* the set of tid is only here, by its own choice: I4 */
	bool notify;
	bool executed;		/* the program has been executed, as far as known */
	bool awake;		/* notify: the timer's signal is unblocked */
	bool may_hide;		/* the filter hides pinning (I1); for notify, also stops the calls that pass it on (I2,
				   I5) */
	bool hidden;		/* may_hide, and the program has not changed a set (I3) */
	volatile bool task_pinned;	/* tid is pinned to here as well; its own set is own */
	volatile uint32_t stops, seen;
	struct sched_cpus own, here;
} pair;

static void timer_set(long usec)
{
	const struct {	/* struct itimerval of the kernel */
		struct __kernel_old_timeval interval, value;
	} timer = { { 0, usec }, { 0, usec } };

	(void)sys(__NR_setitimer, ITIMER_REAL, &timer, NULL);
}

static void unpin_task(void)
{
	if (!pair.task_pinned)
		return;
	pair.task_pinned = false;
	(void)sched_cpus_set(pair.tid, &pair.own);	/* ESRCH: the task was killed */
}

/* May run anywhere in the loop; at worst one stop is resumed without being pinned. If the task has a new number, by an
 * exec that the loop has not seen yet, the task stays pinned until it does. */
static void on_tick(int sig)
{
	(void)sig;
	if (pair.task_pinned && pair.stops != pair.seen) {
		pair.seen = pair.stops;
		return;
	}
	if (pair.task_pinned && sched_cpus_set(pair.tid, &pair.own) != -ESRCH)
		pair.task_pinned = false;
	timer_set(0);
}

static void unpin_both(void)
{
	unpin_task();
	if (pair.self_pinned) {
		(void)sched_cpus_set(0, &pair.own);
		(void)sched_policy_set(SCHED_NORMAL);
	}
	pair.self_pinned = false;
}

/* First to all CPUs of the task: the kernel then moves the supervisor if it must. */
static void pin_self(int32_t tid)
{
	int32_t cpu;

	(void)sched_cpus_get(tid, &pair.own);
	pair.same = sched_cpus_count(&pair.own) == 1;
	if ((!pair.hidden && !pair.same) || sched_cpus_set(0, &pair.own) < 0)
		return;
	cpu = sched_current_cpu();
	if (cpu < 0)
		return;
	sched_cpus_one(&pair.here, cpu);
	pair.self_pinned = sched_cpus_set(0, &pair.here) == 0;
	if (pair.self_pinned)
		(void)sched_policy_set(SCHED_BATCH);
}

static void pin_task(void)
{
	long rc = sched_cpus_set(pair.tid, &pair.here);

	if (rc == -EPERM) {
		pair.refused = true;
		unpin_both();
	}
	if (rc < 0)
		return;
	pair.task_pinned = true;
	timer_set(TICK_US);	/* after task_pinned is set, as a tick that finds it clear stops the timer */
}

/* Purposes of calls that could show a pinned set or pass it on. */
#define REVEALS ((uint32_t)CALL_CPU | CALL_BIRTH | CALL_EXEC)

static uint32_t purposes_of(long nr)
{
	const struct call *c = call_find(nr);

	return c != NULL ? c->purposes : 0;
}

static bool alarm_mask(int how)
{
	const uint64_t alarm = UINT64_C(1) << (SIGALRM - 1);

	return sys(__NR_rt_sigprocmask, how, &alarm, NULL, sizeof alarm) == 0;
}

void sched_supervisor_begin(bool on)
{
	bytes_zero(&pair, sizeof pair);	/* of one run */
	pair.on = on;
	if (on)
		(void)sched_policy_set(SCHED_NORMAL);
}

void sched_supervisor_start(bool notify, bool hides)
{
	pair.notify = notify;
	pair.may_hide = pair.hidden =
		pair.on && hides && arch_signal_handle(SIGALRM, on_tick) == 0 && (notify || alarm_mask(SIG_UNBLOCK));
}

/* Without a pinned task the timer is off. */
void sched_supervisor_wait(void)
{
	pair.awake = pair.task_pinned && alarm_mask(SIG_UNBLOCK);
}

void sched_supervisor_waited(void)
{
	if (pair.awake)
		(void)alarm_mask(SIG_BLOCK);
	pair.awake = false;
}

void sched_supervisor_executed(int32_t tid)
{
	pair.executed = true;
	if (!pair.on)
		return;
	unpin_both();
	pair.hidden = pair.may_hide;	/* changes during the set-up do not count */
	(void)sched_cpus_get(tid, &pair.own);
	(void)sched_cpus_set(0, &pair.own);	/* else where init is */
}

/* Starts from zero, so that a program that has just been executed is pinned only after it has stopped often itself. */
static void follow(int32_t tid)
{
	unpin_both();
	pair.tid = tid;
	pair.run = 0;
	pair.since = clock_ns();
}

void sched_supervisor_stopped(int32_t tid, long nr)
{
	uint32_t purposes = purposes_of(nr);

	pair.stops++;
	if (pair.notify && !pair.executed)
		sched_supervisor_executed(tid);
	if (!pair.on || pair.refused)
		return;
	if ((purposes & REVEALS) != 0)
		unpin_task();	/* also if another task calls */
	if (nr == __NR_sched_setaffinity) {
		pair.hidden = false;	/* from now on a set of one CPU may be the program's own choice */
		unpin_both();
	}
	if (tid != pair.tid || (purposes & CALL_EXEC) != 0) {
		follow(tid);
		return;
	}
	if (++pair.run % RENEW == 0)
		unpin_both();
	if (pair.run % BLOCK == 0) {
		uint64_t now = clock_ns();
		bool quick = now - pair.since < BLOCK_NS;

		pair.since = now;
		if (!quick)
			unpin_both();
		else if (!pair.self_pinned)
			pin_self(tid);
	}
}

void sched_supervisor_resume(int32_t tid, long nr)
{
	if (pair.self_pinned && !pair.same && !pair.task_pinned && tid == pair.tid && (purposes_of(nr) & REVEALS) == 0)
		pin_task();
}

/* Also if the parent is not pinned now: the timer may have come between the child's birth and its first stop. */
static void unpin_child(int32_t child)
{
	struct sched_cpus set;

	if (!pair.hidden || sched_cpus_count(&pair.own) < 2)
		return;
	(void)sched_cpus_get(child, &set);
	if (sched_cpus_count(&set) == 1)
		(void)sched_cpus_set(child, &pair.own);	/* may be gone already */
}

/* The parent's report or the child's may come first. */
void sched_supervisor_born(int32_t parent, int32_t child)
{
	unpin_child(child);
	if (parent == pair.tid)
		unpin_task();
}

void sched_supervisor_first(int32_t tid)
{
	if (tid != pair.tid)
		unpin_child(tid);
}

void sched_supervisor_renamed(int32_t former, int32_t tid)
{
	if (pair.tid == tid && former != tid)
		pair.task_pinned = false;	/* the thread that had this number */
	else if (pair.tid != former)
		return;
	pair.tid = tid;		/* the number by which its set is restored */
	follow(tid);
}

void sched_supervisor_gone(int32_t tid)
{
	if (pair.tid != tid)
		return;
	pair.task_pinned = false;	/* its number may belong to another task now */
	unpin_both();
	pair.tid = 0;
}
