/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/near.h"

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <linux/time.h>
#include "arch/arch.h"
#include "base/base.h"

/* A task is followed when its last stops came one right after the other, a block of them within this time: five thousand a second. */
#define BLOCK 4
#define BLOCK_NS (BLOCK * 200 * UINT64_C(1000))
/* So often the scheduler may choose the CPU anew: the one held may have become the busiest. */
#define RENEW 16384
#define TICK_US 1000

struct cpus {
	long size;	/* bytes that the kernel gave; < 0: none */
	uint64_t bits[CORDON_CPUS_MAX / 64];
};

/* What is volatile, tid and whole are shared with the timer's handler, which runs between two instructions of the rest. */
static struct {
	int32_t tid;		/* whose stops are counted */
	uint32_t run;		/* how many in a row */
	uint64_t since;		/* when the block began */
	bool bound;		/* the supervisor is bound to `here` */
	bool refused;
	bool same;		/* the set of tid is `here` by itself: I4 */
	bool notify;
	bool awake;		/* notify: the timer's signal is let through */
	bool may_hide;		/* the filter is such that narrowing can't be seen: I1; or, for notify, passed on: I2, I5 */
	bool hidden;		/* and the program has not changed a set: I3 */
	volatile bool narrowed;	/* tid is bound to `here`, too; its own set is `whole` */
	volatile uint32_t stops, seen;
	struct cpus whole, here;
} near;

static void cpus_get(int32_t tid, struct cpus *ret)
{
	ret->size = sys(__NR_sched_getaffinity, tid, sizeof ret->bits, ret->bits);
}

static long cpus_set(int32_t tid, const struct cpus *c)
{
	return c->size > 0 ? sys(__NR_sched_setaffinity, tid, c->size, c->bits) : -EINVAL;
}

static int cpus_count(const struct cpus *c)
{
	int n = 0;

	for (long i = 0; i < c->size / 8; i++)
		n += __builtin_popcountll(c->bits[i]);
	return n;
}

static void timer_set(long usec)
{
	const struct {	/* struct itimerval of the kernel */
		struct __kernel_old_timeval interval, value;
	} timer = { { 0, usec }, { 0, usec } };

	(void)sys(__NR_setitimer, ITIMER_REAL, &timer, NULL);
}

static void widen(void)
{
	if (!near.narrowed)
		return;
	near.narrowed = false;
	(void)cpus_set(near.tid, &near.whole);	/* ESRCH where it has been killed */
}

/* Wherever the loop is meanwhile: at worst one stop is resumed without being narrowed. A task whose number is gone may have another one, by an exec that
 * the loop has yet to hear of: then it is still narrowed. */
static void on_tick(int sig)
{
	(void)sig;
	if (near.narrowed && near.stops != near.seen) {
		near.seen = near.stops;
		return;
	}
	if (near.narrowed && cpus_set(near.tid, &near.whole) != -ESRCH)
		near.narrowed = false;
	timer_set(0);
}

void near_schedule(int policy)
{
	int priority = 0;

	(void)sys(__NR_sched_setscheduler, 0, policy, &priority);
}

static void part(void)
{
	widen();
	if (near.bound) {
		(void)cpus_set(0, &near.whole);
		near_schedule(SCHED_NORMAL);
	}
	near.bound = false;
}

/* First to where the task may run at all: the kernel moves the supervisor there if it has to. */
static void bind(int32_t tid)
{
	uint32_t cpu = 0;

	cpus_get(tid, &near.whole);
	near.same = cpus_count(&near.whole) == 1;
	if ((!near.hidden && !near.same) || cpus_set(0, &near.whole) < 0)
		return;
	if (sys(__NR_getcpu, &cpu, NULL, NULL) < 0 || cpu >= CORDON_CPUS_MAX)
		return;
	near.here.size = near.whole.size;
	bytes_zero(near.here.bits, sizeof near.here.bits);
	near.here.bits[cpu / 64] = UINT64_C(1) << (cpu % 64);
	near.bound = cpus_set(0, &near.here) == 0;
	if (near.bound)
		near_schedule(SCHED_BATCH);
}

static void narrow(void)
{
	long rc = cpus_set(near.tid, &near.here);

	if (rc == -EPERM) {
		near.refused = true;
		part();
	}
	if (rc < 0)
		return;
	near.narrowed = true;
	timer_set(TICK_US);	/* after the mark, as a tick that does not find it stops the timer */
}

/* ---- What the filter must stop ---- */

/* Whether a call could show somebody the narrowed set, or pass it on. */
#define REVEALS ((uint32_t)CALL_CPU | CALL_BIRTH | CALL_EXEC)

static uint32_t purposes_of(long nr)
{
	const struct call *c = call_find(nr);

	return c != NULL ? c->purposes : 0;
}

/* None of the calls for these purposes is made without a stop. What fails is not made. */
static bool stops(const struct supervisor *sv, uint32_t purposes)
{
	uint32_t action = sv->engine == CORDON_ENGINE_NOTIFY ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE;

	for (size_t i = 0; i < ncalls; i++) {
		const struct stop s = { .nr = calls[i].nr, .arch = arch_audit };
		uint32_t answer = SECCOMP_RET_ALLOW;

		if (calls[i].nr < 0 || (calls[i].purposes & purposes) == 0)
			continue;
		if (sv->nstop > 0)
			answer = bpf_run(sv->stop, sv->nstop, &s) & SECCOMP_RET_ACTION_FULL;
		if (answer != action && answer != SECCOMP_RET_ERRNO)
			return false;
	}
	return true;
}

/* ---- The loop's side ---- */

static bool alarm_mask(int how)
{
	const uint64_t alarm = UINT64_C(1) << (SIGALRM - 1);

	return sys(__NR_rt_sigprocmask, how, &alarm, NULL, sizeof alarm) == 0;
}

void near_start(const struct supervisor *sv)
{
	near.notify = sv->engine == CORDON_ENGINE_NOTIFY;
	near.awake = false;
	near.tid = 0;
	near.whole.size = 0;
	near.bound = near.refused = near.narrowed = false;
	near.may_hide = near.hidden = stops(sv, calls_purposes(sv->engine, 0, false)) &&
		    arch_signal_handle(SIGALRM, on_tick) == 0 && (near.notify || alarm_mask(SIG_UNBLOCK));
}

/* Without a narrowed task there is no timer. */
void near_wait(void)
{
	near.awake = near.narrowed && alarm_mask(SIG_UNBLOCK);
}

void near_waited(void)
{
	if (near.awake)
		(void)alarm_mask(SIG_BLOCK);
	near.awake = false;
}

void near_executed(int32_t tid)
{
	part();
	near.hidden = near.may_hide;	/* what the set-up has changed does not count */
	cpus_get(tid, &near.whole);
	(void)cpus_set(0, &near.whole);	/* else where init is */
}

/* From the beginning, so that a program which has just been executed is not narrowed before it stops often itself. */
static void follow(int32_t tid)
{
	part();
	near.tid = tid;
	near.run = 0;
	near.since = clock_ns();
}

void near_stopped(int32_t tid, long nr)
{
	uint32_t purposes = purposes_of(nr);

	near.stops++;
	if (near.notify && near.whole.size == 0)
		near_executed(tid);
	if (near.refused)
		return;
	if ((purposes & REVEALS) != 0)
		widen();	/* also where another task asks */
	if (nr == __NR_sched_setaffinity) {
		near.hidden = false;	/* from now on a task of one CPU need not be one that was narrowed */
		part();
	}
	if (tid != near.tid || (purposes & CALL_EXEC) != 0) {
		follow(tid);
		return;
	}
	if (++near.run % RENEW == 0)
		part();
	if (near.run % BLOCK == 0) {
		uint64_t now = clock_ns();
		bool quick = now - near.since < BLOCK_NS;

		near.since = now;
		if (!quick)
			part();
		else if (!near.bound)
			bind(tid);
	}
}

void near_resume(int32_t tid, long nr)
{
	if (near.bound && !near.same && !near.narrowed && tid == near.tid && (purposes_of(nr) & REVEALS) == 0)
		narrow();
}

/* Not only while its parent is narrowed: the timer may have come between its birth and its first stop. */
static void widen_child(int32_t child)
{
	struct cpus set;

	if (!near.hidden || cpus_count(&near.whole) < 2)
		return;
	cpus_get(child, &set);
	if (cpus_count(&set) == 1)
		(void)cpus_set(child, &near.whole);	/* may be gone already */
}

/* Its parent's report or its own may come first. */
void near_born(int32_t parent, int32_t child)
{
	widen_child(child);
	if (parent == near.tid)
		widen();
}

void near_first(int32_t tid)
{
	if (tid != near.tid)
		widen_child(tid);
}

void near_renamed(int32_t former, int32_t tid)
{
	if (near.tid == tid && former != tid)
		near.narrowed = false;	/* the thread that had the number before */
	else if (near.tid != former)
		return;
	near.tid = tid;		/* which its set is put back by */
	follow(tid);
}

void near_gone(int32_t tid)
{
	if (near.tid != tid)
		return;
	near.narrowed = false;	/* its number may be another's by now */
	part();
	near.tid = 0;
}
