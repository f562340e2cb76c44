/* SPDX-License-Identifier: Apache-2.0 */
/* execve: EXECVE: makes the plan of the vfork child that starts the program. run.c handles the run. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include "base/base.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "init/strings.h"
#include "wire/wire.h"

/* Whether the program may have other core dumps than init's main thread, whose filter keeps them as they are. */
static bool has_other_core_limit(const struct init *init, const struct wire_execve *e)
{
	for (uint32_t i = 0; i < e->msg->nrlimits; i++)
		if (e->rlimits[i].resource == RLIMIT_CORE && e->rlimits[i].soft != init->core_limit)
			return true;
	return false;
}

/* Whether the child loads all of the program's filters itself. Otherwise init's main thread has loaded the container's
 * filter, which the child inherits; Landlock and the filter of a port policy can still be added, but nothing can be
 * mounted. */
static bool is_unfiltered(const struct init *init, const struct wire_execve *e)
{
	return !init->filtered || e->group_fd >= 0 || has_other_core_limit(init, e) || init_supervisor_masks(init) ||
	       (e->supervision != NULL && e->supervision->engine != CORDON_ENGINE_KERNEL);
}

/* The command's CPUs, or init's own set, as the host may have pinned init. */
static void plan_cpus(struct child_plan *plan, const struct init *init, const struct wire_execve *e)
{
	plan->cpus_asked = e->cpus != NULL;
	if (e->cpus != NULL) {
		plan->cpus = e->cpus;
		plan->cpus_size = e->ncpu_words * (uint32_t)sizeof *e->cpus;
	} else if (init->sched.on && init->sched.own.size > 0) {
		plan->cpus = init->sched.own.bits;
		plan->cpus_size = init->sched.own.size;
	}
}

static void plan_descriptors(struct child_plan *plan, const struct init *init, const struct wire_execve *e,
			     struct child_fd *fds, struct child_rlimit *rlimits)
{
	for (uint32_t i = 0; i < e->msg->nfds; i++)
		fds[i] = (struct child_fd){ init->msg.fds[i], (int)e->targets[i] };
	for (uint32_t i = 0; i < e->msg->nrlimits; i++)
		rlimits[i] = (struct child_rlimit){
			e->rlimits[i].resource, e->rlimits[i].index, { e->rlimits[i].soft, e->rlimits[i].hard },
		};
	plan->fds = fds;
	plan->nfds = e->msg->nfds;
	plan->rlimits = rlimits;
	plan->nrlimits = e->msg->nrlimits;
	plan->terminal = (e->msg->flags & CORDON_EXECVE_TERMINAL) != 0;
	/* Without namespaces kill(0) must not reach the caller's processes. */
	plan->new_session = plan->terminal || init->no_namespaces;
	plan->new_group = !plan->new_session;
	plan->unbatch = init->sched.batch;
	plan->nice = (int32_t)e->msg->limits.nice;
	plan_cpus(plan, init, e);
	plan->exec_fd = e->exec_fd >= 0 ? init->msg.fds[e->exec_fd] : -1;
	plan->sync_fd = e->sync_fd >= 0 ? init->msg.fds[e->sync_fd] : -1;
	plan->cgroup_fd = e->group_fd >= 0 ? init->msg.fds[e->group_fd] : -1;
	if (e->procs >= 0) {
		plan->procs_fds = &init->msg.fds[e->procs];
		plan->nprocs_fds = e->msg->nprocs;
	}
}

struct start {
	const struct child_plan *plan;
	int32_t *pid;
	struct cordon_error *err;
};

static int start(void *arg)
{
	const struct start *s = arg;

	return forkexec_start(s->plan, NULL, s->pid, s->err);
}

/* A supervised program must not inherit the filter of init's main thread, which would refuse calls of its set-up. */
static int start_program(struct init *init, const struct wire_execve *e, const struct child_plan *plan,
			 struct cordon_error *err)
{
	struct start s = { plan, &init->run.pid, err };

	return init->filtered && is_unfiltered(init, e) ? init_privileged_call(start, &s) : start(&s);
}

/* The program's own filter, where it does not inherit it. */
static void plan_filter(struct child_plan *plan, const struct init *init, const struct wire_execve *e)
{
	const struct supervisor *sv = init->run.supervisor;

	if (!is_unfiltered(init, e))
		return;
	plan->seccomp = sv != NULL ? sv->filter : init->seccomp;
	plan->seccomp_len = sv != NULL ? sv->filter_len : init->nseccomp;
	/* Not with the filter of init's main thread, which refuses it; that thread has its own namespace (conf.c). */
	plan->new_cgroup_ns = !init->no_namespaces;
}

static int plan_label(struct child_plan *plan, struct init *init, const struct wire_execve *e,
		      char text[CORDON_LABEL_MAX], struct cordon_error *err)
{
	static const char *const files[] = { "thread-self/attr/apparmor/exec", "thread-self/attr/exec", NULL };
	int rc;

	if (e->apparmor == NULL && e->selinux == NULL)
		return 0;
	if (!str_concat(text, CORDON_LABEL_MAX, e->apparmor != NULL ? "exec " : "",
			e->apparmor != NULL ? e->apparmor : e->selinux, ""))
		return error_set(err, ENAMETOOLONG, CORDON_STEP_LABEL, CORDON_NO_INDEX, NULL);
	rc = init_proc_fd(init, err);
	plan->label = text;
	plan->label_len = (uint32_t)str_len(text);
	plan->label_files = e->apparmor != NULL ? files : files + 1;
	plan->label_proc_fd = init->proc_fd;
	return rc;
}

/* Fills in the plan except for the strings. With a supervisor, plan points to supervision. */
static int plan_run(struct child_plan *plan, struct init *init, const struct wire_execve *e,
		    struct child_supervision *supervision, char label[CORDON_LABEL_MAX], struct cordon_error *err)
{
	int rc;

	plan->work_dir = e->work_dir;
	plan->exec_ns = &init->run.start_ns;
	rc = plan_label(plan, init, e, label, err);
	if (rc == 0 && e->supervision != NULL) {
		rc = init_supervisor_prepare(init, e, supervision, err);
		plan->supervision = supervision;
	}
	if (rc == 0)
		plan_filter(plan, init, e);
	return rc;
}

int init_execve(struct init *init, struct cordon_error *err)
{
	struct child_supervision supervision;
	char label[CORDON_LABEL_MAX];
	struct child_fd fds[CORDON_EXECVE_FDS_MAX];
	struct child_rlimit rlimits[CORDON_EXECVE_RLIMITS_MAX];
	struct child_plan plan = {
		.exit_signal = SIGCHLD, .default_signals = true, .set_ids = init->set_ids,
		.set_groups = init->set_groups,
		.uid = init->uid, .gid = init->gid, .drop_caps = true,
	};
	struct init_strings strings;
	struct wire_execve e;
	const char *field;
	int rc;

	if (wire_execve_decode(init->msg.data, init->msg.size, init->msg.nfds, &e, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	rc = init_strings_open(&strings, &e, &plan);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	plan_descriptors(&plan, init, &e, fds, rlimits);
	init_run_begin(init, &e);
	rc = init_step("plan", plan_run(&plan, init, &e, &supervision, label, err));
	if (rc == 0)
		rc = init_step("start", start_program(init, &e, &plan, err));
	init_strings_close(&strings);
	if (rc < 0)
		init_run_abandon(init);
	else
		init_run_started(init);
	return rc < 0 ? rc : 0;
}
