/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_end.h"

#include <errno.h>
#include "base/base.h"
#include "error/error.h"
#include "host/container.h"
#include "host/init_process.h"
#include "host/outcome.h"
#include "host/run_output.h"
#include "trace/trace.h"

/* Reads the group's counters since the start of the run. */
static bool read_usage(const struct cordon_run *run, struct cgroup_usage *usage)
{
	if (run->group == NULL || cgroup_usage(run->group, usage) < 0)
		return false;
	cgroup_usage_since(usage, &run->before);
	return true;
}

/* Adds what the supervisor used in its own group. Its CPU time is init's to tell. */
static void add_supervisor(const struct cordon_run *run, struct cgroup_usage *usage)
{
	struct cgroup_usage more;

	if (run->supervisor_group == NULL || cgroup_usage(run->supervisor_group, &more) < 0)
		return;
	cgroup_usage_since(&more, &run->supervisor_before);
	if (usage->has_memory && more.has_memory)
		usage->memory_peak_bytes += more.memory_peak_bytes;
}

/* Leaves a kept container, unless it is broken. init resets it while the caller handles the result. Without namespaces
 * there is nothing to reset: the IPC objects are the caller's. */
static void leave_kept(struct cordon_run *run)
{
	struct cordon_error err;

	container_run_ends(run->kept);
	if (run->kept->broken || (run->flags & CORDON_RUN_RESET) == 0 ||
	    run->kept->config.namespaces == CORDON_NAMESPACES_NONE)
		return;
	if (init_process_command(&run->kept->init, CORDON_MSG_RESET, CORDON_MSG_QUIET, &err) < 0)
		container_break(run->kept, &err);
}

void run_end(struct cordon_run *run)
{
	struct cgroup_usage usage;
	bool has_usage;

	if (run->kept != NULL)
		leave_kept(run);
	else if (!run->finished)	/* else no process of the program is left, and init exits by itself */
		init_process_stop(&run->own_init);
	run_release_fds(run);
	if (run_output_rest(run) < 0 && run->error.step == CORDON_STEP_NONE)
		error_set(&run->error, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	given_finish(&run->given);
	has_usage = read_usage(run, &usage);
	if (has_usage)
		add_supervisor(run, &usage);
	if (run->error.step == CORDON_STEP_NONE)
		outcome_fill(run, has_usage ? &usage : NULL);
	run_unwatch(run, RUN_SOURCE_OOM);
	if (run->kept == NULL) {
		cgroup_free(run->group);
		cgroup_free(run->supervisor_group);
		init_process_stop(&run->own_init);
	}
	run->group = run->supervisor_group = NULL;
	run_close_sync(run);
	if (run->error.step == CORDON_STEP_NONE)
		TRACE(run->init->pid, "result", TRACE_TEXT("status", cordon_status_name(run->result.status)),
		      TRACE_TEXT("cause", cordon_cause_name(run->result.cause)),
		      TRACE_INT("exit", run->result.exit_code), TRACE_INT("signal", run->result.signal));
	run_stage_set(run, RUN_DONE);
}

void run_fail(struct cordon_run *run, const struct cordon_error *err)
{
	trace_error(run->init->pid, "failed", err);
	/* A run that is cancelled before its program executes gets CANCELLED, not the error that this causes. */
	if (!run->cancelled && run->error.step == CORDON_STEP_NONE)
		run->error = *err;
	run_end(run);
}

void run_fail_container(struct cordon_run *run, const struct cordon_error *err)
{
	if (run->kept != NULL)
		container_break(run->kept, err);
	run_fail(run, err);
}

void run_fail_with(struct cordon_run *run, int errnum, enum cordon_step step)
{
	struct cordon_error err;

	error_set(&err, errnum, step, CORDON_NO_INDEX, NULL);
	run_fail_container(run, &err);
}

void run_kill(struct cordon_run *run)
{
	struct cordon_error ignored;	/* if init has ended, the socket reports it */

	TRACE(run->init->pid, "kill", TRACE_INT("cancelled", run->cancelled), TRACE_INT("oom", run->oom_killed),
	      TRACE_TEXT("over", cordon_cause_name(run->overflow)));
	(void)init_process_command(run->init, CORDON_MSG_KILL, CORDON_MSG_QUIET, &ignored);
	if (run->kept != NULL)	/* before the group is thawed, so that the program does not run on */
		container_run_ends(run->kept);
	run->paused = false;	/* SIGKILL ends stopped processes as well */
	run_deadline_set(run, u64_min(run->deadline_ns, clock_ns() + RUN_GRACE_NS));
}
