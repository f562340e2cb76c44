/* SPDX-License-Identifier: Apache-2.0 */
#include "host/outcome.h"

#include <errno.h>
#include <signal.h>
#include "base/base.h"

static void set(struct cordon_result *r, enum cordon_status status, enum cordon_cause cause)
{
	r->status = (uint32_t)status;
	r->cause = (uint32_t)cause;
}

static enum cordon_source source_of(const struct cgroup *group, enum cgroup_controller controller)
{
	return cgroup_version(group, controller) == CORDON_CGROUP_V2 ? CORDON_SOURCE_CGROUP_V2
								     : CORDON_SOURCE_CGROUP_V1;
}

static void fill_usage(struct cordon_run *run, const struct cgroup_usage *usage)
{
	const struct cordon_msg_finished *f = &run->facts;
	struct cordon_result *r = &run->result;

	r->user_time_ns = f->user_time_ns;
	r->system_time_ns = f->system_time_ns;
	r->cpu_source = r->memory_source = run->finished ? CORDON_SOURCE_RUSAGE : CORDON_SOURCE_NONE;
	r->memory_peak_bytes = f->max_rss_bytes;
	if (usage != NULL && usage->has_cpu) {	/* includes processes whose parents ignore SIGCHLD, which are missing in
						   rusage */
		r->user_time_ns = usage->user_ns;
		r->system_time_ns = usage->system_ns;
		r->cpu_source = (uint32_t)source_of(run->group, CGROUP_CPU);
	}
	r->user_time_ns += f->supervisor_user_ns;	/* it works for the program, outside of its group */
	r->system_time_ns += f->supervisor_system_ns;
	r->cpu_time_ns = r->user_time_ns + r->system_time_ns;
	if (usage != NULL && usage->has_memory) {
		r->memory_peak_bytes = usage->memory_peak_bytes;
		r->memory_source = (uint32_t)source_of(run->group, CGROUP_MEMORY);
	}
	if (usage != NULL)	/* also if the kernel has no peak counter */
		r->oom_kills = (uint32_t)u64_min(usage->oom_kills, UINT32_MAX);
}

/* The controller counts bytes that reached the device during the run, rusage those written to the page cache: the
 * larger number is used. */
static void fill_group_counts(struct cordon_run *run, const struct cgroup_usage *usage)
{
	struct cordon_result *r = &run->result;

	if (usage->has_io && usage->io_read_bytes + usage->io_written_bytes > r->read_bytes + r->written_bytes) {
		r->read_bytes = usage->io_read_bytes;
		r->written_bytes = usage->io_written_bytes;
		r->io_source = (uint32_t)source_of(run->group, CGROUP_IO);
	}
	if (usage->has_pids_peak) {
		r->process_peak = (uint32_t)u64_min(usage->pids_peak, UINT32_MAX);
		r->process_source = (uint32_t)source_of(run->group, CGROUP_PIDS);
	}
	if (usage->has_pids_refused) {
		r->process_refusals = usage->pids_refused;
		r->refusal_source = (uint32_t)source_of(run->group, CGROUP_PIDS);
	}
	if (usage->has_throttled) {
		r->throttled_ns = usage->throttled_ns;
		r->throttled_source = (uint32_t)source_of(run->group, CGROUP_QUOTA);
	}
}

static void fill_counts(struct cordon_run *run, const struct cgroup_usage *usage)
{
	const struct cordon_msg_finished *f = &run->facts;
	struct cordon_result *r = &run->result;

#define CORDON_NUMBER(type, field, name)
#define CORDON_RUSAGE_NUMBER(type, field, name, member, factor) r->field = f->rusage.field;
#include "cordon/result.def"
	r->io_source = run->finished ? CORDON_SOURCE_RUSAGE : CORDON_SOURCE_NONE;
	if (usage != NULL)
		fill_group_counts(run, usage);
}

static void fill_supervision(struct cordon_run *run)
{
	const struct cordon_msg_finished *f = &run->facts;
	struct cordon_result *r = &run->result;
	bool enforced = (run->layers & CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY)) != 0;

	r->engine = run->finished ? f->engine : run->engine;
	if (run->has_path_policy)
		r->file_policy = enforced ? CORDON_FILE_POLICY_ENFORCED : CORDON_FILE_POLICY_ADVISORY;
	r->events = run->events;
	r->nevents = run->finished ? f->nevents : 0;
	r->events_total = run->finished ? f->events_total : 0;
	if (run->finished && f->violation >= 0) {
		r->violation = &run->events[f->violation];
		r->syscall = r->violation->syscall;
	}
	r->counts = run->counts;
	r->setup_counts = run->setup_counts;
	r->ncounts = run->counts != NULL || run->setup_counts != NULL ? CORDON_SUPERVISION_COUNTS : 0;
}

static void judge_exit(struct cordon_run *run)
{
	const struct cordon_msg_finished *f = &run->facts;
	struct cordon_result *r = &run->result;
	bool seccomp = (run->layers & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP)) != 0;

	/* wait(2) does not say where a signal came from; a supervisor that traces the program sees it. */
	if (f->signal == SIGXFSZ && run->limits.output_bytes != CORDON_UNLIMITED && f->sent == 0)
		set(r, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_FILE);
	else if (f->signal == SIGSYS && seccomp && f->sent == 0)
		set(r, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	else if (f->signal != 0)
		set(r, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	else
		set(r, f->exit_code == 0 ? CORDON_STATUS_OK : CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
}

static void judge(struct cordon_run *run)
{
	const struct cordon_msg_finished *f = &run->facts;
	struct cordon_result *r = &run->result;

	if (run->cancelled && (!run->finished || f->killed != 0))
		set(r, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	else if (run->overflow != CORDON_CAUSE_NONE)
		set(r, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, (enum cordon_cause)run->overflow);
	else if (r->violation != NULL)
		set(r,
		    r->violation->kind == CORDON_EVENT_PATH ? CORDON_STATUS_ACCESS_DENIED
							    : CORDON_STATUS_DISALLOWED_SYSCALL,
		    CORDON_CAUSE_NONE);
	else if (r->oom_kills > 0)
		set(r, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	else if (f->cause == CORDON_CAUSE_OOM)
		set(r, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	else if (f->cause != CORDON_CAUSE_NONE)
		set(r, CORDON_STATUS_TIME_LIMIT_EXCEEDED, (enum cordon_cause)f->cause);
	else if (run_is_over(r->cpu_time_ns, run->limits.cpu_time_ns))
		set(r, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	else if (r->memory_source == CORDON_SOURCE_RUSAGE &&
		 run_is_over(r->memory_peak_bytes, run->limits.memory_bytes))
		set(r, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_RSS);
	else
		judge_exit(run);
}

/* The program succeeded, but a file that it should leave is missing. */
static void judge_files(struct cordon_run *run)
{
	struct cordon_result *r = &run->result;

	for (uint32_t i = 0; i < r->ncopied; i++)
		if (r->copied[i].error.step != CORDON_STEP_NONE && r->status == CORDON_STATUS_OK)
			set(r, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
}

void outcome_judge(struct cordon_run *run)
{
	judge(run);
	judge_files(run);
}

void outcome_fill(struct cordon_run *run, const struct cgroup_usage *usage)
{
	const struct cordon_msg_finished *f = &run->facts;
	struct cordon_result *r = &run->result;

	r->exit_code = run->finished ? f->exit_code : -1;
	r->signal = f->signal;
	r->syscall = -1;
	r->wall_time_ns = f->wall_time_ns;
	r->setup_time_ns = run->finished && f->start_ns > run->open_ns ? f->start_ns - run->open_ns : 0;
	r->layers = run->layers;
	fill_supervision(run);
	fill_usage(run, usage);
	fill_counts(run, usage);
	for (uint32_t i = 0; i < ARRAY_LEN(r->output); i++)
		stream_output(&run->streams[i + 1], &r->output[i]);
	if (run->fetch != NULL) {
		r->copied = fetch_copied(run->fetch);
		r->ncopied = fetch_count(run->fetch);
	}
	outcome_judge(run);
}
