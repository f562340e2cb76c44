/* SPDX-License-Identifier: Apache-2.0 */
/* run: a run: its limits, and the end of the program and of everything that it has started. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include "base/base.h"
#include "cordon/command.h"
#include "cordon/result.h"
#include "wire/wire.h"

/* The largest FINISHED, so wire_end never fails. */
#define FINISHED_SIZE (sizeof(struct cordon_msg_finished) + CORDON_EVENTS_MAX * sizeof(struct cordon_event) +       \
		       2 * CORDON_SUPERVISION_COUNTS * sizeof(uint64_t) + 32)

#define CPU_CHECK_MIN_NS NSEC_PER_MSEC	/* the CPU limit is checked at most once a millisecond */
#define CPU_CHECK_SHARE 8		/* and checks take at most one part in this many of a CPU */
#define IDLE_CPU_NS NSEC_PER_MSEC	/* less CPU time than this in a window means idle (command.h) */

/* When to check the CPU limit: the rest of it, spread over every CPU, cannot be used up earlier. */
static uint64_t cpu_due(const struct init *init, uint64_t now, uint64_t used)
{
	if (init->run.limits.cpu_time_ns == CORDON_UNLIMITED)
		return UINT64_MAX;
	used = u64_min(used, init->run.limits.cpu_time_ns);
	return now + u64_max((init->run.limits.cpu_time_ns - used) / init->sched.ncpus, CPU_CHECK_MIN_NS);
}

/* The host may do more for a CPU time limit when it knows that the run is long. */
static void become_long(struct init *init)
{
	struct cordon_msg grown_long;

	init->run.is_long = true;
	sched_init_long_run(&init->sched);
	if (init->run.limits.cpu_time_ns != CORDON_UNLIMITED)
		init_reply(&grown_long, CORDON_MSG_LONG, sizeof grown_long, init->run.id);
}

void init_run_begin(struct init *init, const struct wire_execve *e)
{
	struct init_run *run = &init->run;

	*run = (struct init_run){
		.id = e->msg->head.id,
		.limits = e->msg->limits,
		.cpu_fd = e->cpu_fd >= 0 ? fd_take(&init->msg.fds[e->cpu_fd]) : -1,
		.cpu_usec = (e->msg->flags & CORDON_EXECVE_CPU_USEC) != 0,
		.last = (e->msg->flags & CORDON_EXECVE_LAST) != 0,
		.is_long = !init->sched.on,	/* nothing to do then */
	};
	run->cpu_base_ns = init_group_cpu_ns(run);
}

void init_run_abandon(struct init *init)
{
	init_supervisor_end(init);
	fd_close(&init->run.cpu_fd);
}

void init_run_started(struct init *init)
{
	init_supervisor_executed(init);
	init->run.idle_since_ns = init->run.start_ns;
	init->run.cpu_due_ns = cpu_due(init, init->run.start_ns, 0);
	INIT_TRACE("started", TRACE_INT("pid", init->run.pid), TRACE_INT("execve", init->run.id));
	INIT_TRACE("deadline", TRACE_NS("wall_us", init->run.limits.wall_time_ns),
		   TRACE_NS("cpu_us", init->run.limits.cpu_time_ns),
		   TRACE_NS("idle_us", init->run.limits.idle_time_ns));
	init_state_set(init, INIT_STATE_RUNNING);
}

/* The rusage of a process and of all children that it waited for. */
static void add_usage(struct init_usage *sum, const struct rusage *u)
{
	sum->user_ns += init_timeval_ns(&u->ru_utime);
	sum->system_ns += init_timeval_ns(&u->ru_stime);
	sum->max_rss_bytes = u64_max(sum->max_rss_bytes, (uint64_t)u->ru_maxrss * 1024);
#define CORDON_NUMBER(type, field, name)
#define CORDON_RUSAGE_NUMBER(type, field, name, member, factor) sum->counts.field += (type)u->ru_##member * (factor);
#include "cordon/result.def"
}

/* Reaps the processes that have ended; with wait, blocks until all have. True if no child is left: then init is the
 * only process in the pid namespace, as every orphan becomes its child. Each child's rusage includes that of the
 * children that it has waited for, so the sum over all that init reaps is the sum over the run. */
static bool reap(struct init *init, bool wait)
{
	struct init_run *run = &init->run;
	struct rusage usage;
	int32_t status;
	long pid;

	for (;;) {
		/* Not __WALL: processes of drop.c do not belong to the run, and every orphan has SIGCHLD once it is
		 * init's. */
		pid = sys(__NR_wait4, -1, &status, wait ? 0 : WNOHANG, &usage);
		if (pid == -EINTR)
			continue;
		if (pid <= 0)
			return pid < 0;
		if (init_supervisor_reaped(init, (int32_t)pid, &usage))
			continue;
		add_usage(&run->usage, &usage);
		if (pid == run->pid) {
			run->main_ended = true;
			run->wait_status = status;
			run->end_ns = clock_ns();
			INIT_TRACE("ended", TRACE_INT("pid", pid), TRACE_INT("status", status));
		}
	}
}

/* Ends the pause: the clock limits continue from where they were. */
static void pause_over(struct init *init)
{
	struct init_run *run = &init->run;
	uint64_t pause = clock_ns() - run->paused_at_ns;

	run->paused_ns += pause;
	run->idle_since_ns += pause;
	init_state_set(init, INIT_STATE_RUNNING);
}

/* Fills in how the program ended and what it used. */
static void account(const struct init *init, struct cordon_msg_finished *reply)
{
	const struct init_run *run = &init->run;
	int signal = run->wait_status & 0x7f;

	reply->exit_code = signal == 0 ? run->wait_status >> 8 & 0xff : -1;
	reply->signal = signal;
	reply->cause = run->cause;
	reply->killed = run->killed;
	reply->start_ns = run->start_ns;
	reply->wall_time_ns = run->end_ns - run->start_ns - run->paused_ns;
	reply->user_time_ns = run->usage.user_ns;
	reply->system_time_ns = run->usage.system_ns;
	reply->supervisor_user_ns = run->supervisor_user_ns;
	reply->supervisor_system_ns = run->supervisor_system_ns;
	reply->max_rss_bytes = run->usage.max_rss_bytes;
	reply->rusage = run->usage.counts;
	reply->layers = init->layers | init_supervisor_layers(init);
}

static void finish(struct init *init, bool alone)
{
	static _Alignas(8) unsigned char buffer[FINISHED_SIZE];
	struct cordon_msg_finished *reply = (struct cordon_msg_finished *)buffer;
	struct init_run *run = &init->run;
	struct wire_buf b;
	int size;

	if (init->state == INIT_STATE_PAUSED)	/* killed from outside while it was paused */
		pause_over(init);
	if (!alone) {
		init_run_kill(init);
		(void)reap(init, true);
	}
	init_supervisor_stop(init);	/* its CPU time is known then */
	fd_close(&run->cpu_fd);
	sched_init_run_over(&init->sched);
	wire_begin(&b, buffer, sizeof buffer, CORDON_MSG_FINISHED, sizeof *reply);
	account(init, reply);
	init_supervisor_report(init, &b, reply);
	size = wire_end(&b);
	init_supervisor_end(init);
	init_state_set(init, INIT_STATE_READY);
	init_reply(reply, CORDON_MSG_FINISHED, (uint32_t)size, run->id);
	if (run->last) {	/* the namespaces are removed while the host handles the reply */
		INIT_TRACE("exit", TRACE_TEXT("why", "last-run"), TRACE_INT("rc", 0));
		init_exit(0);
	}
}

static void end_for(struct init *init, enum cordon_cause cause)
{
	INIT_TRACE("deadline", TRACE_WORD("passed"), TRACE_TEXT("cause", cordon_cause_name(cause)));
	if (init->run.cause == CORDON_CAUSE_NONE)
		init->run.cause = (uint32_t)cause;
	init_run_kill(init);
}

static void check_idle(struct init *init, uint64_t now)
{
	struct init_run *run = &init->run;
	uint64_t cpu;

	if (run->limits.idle_time_ns == CORDON_UNLIMITED || now - run->idle_since_ns < run->limits.idle_time_ns)
		return;
	cpu = init_run_cpu_ns(init);
	if (cpu - run->idle_cpu_ns < IDLE_CPU_NS) {
		end_for(init, CORDON_CAUSE_IDLE);
		return;
	}
	run->idle_since_ns = now;
	run->idle_cpu_ns = cpu;
}

/* Whether the CPU limit is reached. The time is read only when that is possible, so a short run is never checked. */
static bool is_over_cpu(struct init *init, uint64_t now)
{
	struct init_run *run = &init->run;
	uint64_t used, cost;

	if (now < run->cpu_due_ns)
		return false;
	cost = init_own_cpu_ns();	/* CPU time, not wall-clock time: the program may preempt us */
	used = init_run_cpu_ns(init);
	/* Read twice: after a wrap-around of pids a process may have been counted itself and again in the parent that
	 * waited for it meanwhile. */
	if (used >= run->limits.cpu_time_ns && init_run_cpu_ns(init) >= run->limits.cpu_time_ns)
		return true;
	cost = init_own_cpu_ns() - cost;
	sched_init_look_cost(cost);
	run->cpu_due_ns = u64_max(cpu_due(init, now, used), now + cost * CPU_CHECK_SHARE);
	INIT_TRACE("look", TRACE_NS("cpu_us", used), TRACE_NS("next_us", run->cpu_due_ns - now));
	return false;
}

static void check_limits(struct init *init)
{
	struct init_run *run = &init->run;
	uint64_t now = clock_ns(), wall = run->limits.wall_time_ns;

	if (!run->is_long && now - run->start_ns >= SCHED_LONG_RUN_NS)
		become_long(init);
	if (is_over_cpu(init, now))
		end_for(init, CORDON_CAUSE_CPU);
	else if (wall != CORDON_UNLIMITED && now - run->start_ns - run->paused_ns >= wall)
		end_for(init, CORDON_CAUSE_WALL);
	else
		check_idle(init, now);
}

void init_run_step(struct init *init)
{
	struct init_run *run = &init->run;
	bool alone;

	alone = reap(init, false);
	if (run->main_ended)
		finish(init, alone);
	else if (run->cause == CORDON_CAUSE_NONE && !run->ending && init->state == INIT_STATE_RUNNING)
		check_limits(init);
}

void init_run_pause(struct init *init, bool frozen)
{
	if (init->state != INIT_STATE_RUNNING || (init->no_namespaces && !frozen))
		return;
	init->run.stopped = !frozen;
	if (!frozen)
		(void)sys(__NR_kill, -1, SIGSTOP);
	if (!frozen && init->run.supervisor != NULL && init->run.supervisor->pid > 0)	/* so that it sees the others
											   stop */
		(void)sys(__NR_kill, init->run.supervisor->pid, SIGCONT);
	init->run.paused_at_ns = clock_ns();
	init_state_set(init, INIT_STATE_PAUSED);
}

void init_run_resume(struct init *init)
{
	if (init->state != INIT_STATE_PAUSED)
		return;
	pause_over(init);
	if (init->run.stopped)
		(void)sys(__NR_kill, -1, SIGCONT);
}

static uint64_t until(uint64_t now, uint64_t since, uint64_t span)
{
	uint64_t gone = now - since;

	return span == CORDON_UNLIMITED ? UINT64_MAX : gone >= span ? 0 : span - gone;
}

int64_t init_run_timeout_ns(const struct init *init)
{
	const struct init_run *run = &init->run;
	uint64_t now = clock_ns(), ns;

	if (run->ending)
		return -1;	/* all are killed, and their end is the next event */
	ns = u64_min(until(now, run->start_ns + run->paused_ns, run->limits.wall_time_ns),
		     until(now, run->idle_since_ns, run->limits.idle_time_ns));
	if (run->cpu_due_ns != UINT64_MAX)
		ns = u64_min(ns, run->cpu_due_ns > now ? run->cpu_due_ns - now : 0);
	if (!run->is_long && ns != UINT64_MAX)	/* there is a limit to watch */
		ns = u64_min(ns, until(now, run->start_ns, SCHED_LONG_RUN_NS));
	return ns > INT64_MAX ? -1 : (int64_t)ns;
}
