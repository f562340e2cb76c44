/* SPDX-License-Identifier: Apache-2.0 */
/* EXECVE: start one program and supervise it and all that it starts until nothing of it is left. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include "base/base.h"
#include "cordon/command.h"
#include "cordon/result.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "wire/wire.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"
/* All that a FINISHED can hold: wire_end never fails. */
#define FINISHED_SIZE (sizeof(struct cordon_msg_finished) + CORDON_EVENTS_MAX * sizeof(struct cordon_event) +       \
		       2 * CORDON_SUPERVISION_COUNTS * sizeof(uint64_t) + 32)

#define CPU_CHECK_MIN_NS NSEC_PER_MSEC	/* the finest that a CPU limit is looked at: once a millisecond */
#define CPU_CHECK_SHARE 8		/* looking at many processes takes no more than one part in so many of a CPU */
#define IDLE_CPU_NS NSEC_PER_MSEC	/* less CPU time than this in a window is idleness (command.h) */

/* Pointer arrays and candidate paths for one execve: in init's own memory where they fit, else in a mapping of their own. */
#define SCRATCH_OWN 16384

struct scratch {
	char *base;
	size_t size, used;
};

static void *scratch_take(struct scratch *s, size_t len)
{
	void *p = s->base + s->used;

	s->used += (len + 7) & ~(size_t)7;
	return p;
}

static const char *environment_find(const char *envp, uint32_t envc, const char *name)
{
	size_t len = str_len(name);

	for (uint32_t i = 0; i < envc; i++) {
		size_t j = 0;

		while (j < len && envp[j] == name[j])
			j++;
		if (j == len && envp[j] == '=')
			return envp + j + 1;
		envp += str_len(envp) + 1;
	}
	return NULL;
}

static const char **pointers(struct scratch *s, const char *strings, uint32_t n)
{
	const char **array = scratch_take(s, (n + (size_t)1) * sizeof *array);

	for (uint32_t i = 0; i < n; i++) {
		array[i] = strings;
		strings += str_len(strings) + 1;
	}
	array[n] = NULL;
	return array;
}

static size_t count_dirs(const char *path)
{
	size_t n = 1;

	for (; *path != '\0'; path++)
		n += *path == ':';
	return n;
}

/* "dir/name" for each directory of path; an empty one is the current directory (execvp(3)). */
static const char **candidates(struct scratch *s, const char *path, const char *name)
{
	size_t ndirs = count_dirs(path), name_size = str_len(name) + 1;
	const char **array = scratch_take(s, (ndirs + 1) * sizeof *array);

	for (size_t i = 0; i < ndirs; i++) {
		size_t len = 0;
		char *p;

		while (path[len] != '\0' && path[len] != ':')
			len++;
		p = scratch_take(s, len + 2 + name_size);
		array[i] = p;
		if (len == 0)
			*p++ = '.';
		bytes_copy(p, path, len);
		p += len;
		*p++ = '/';
		bytes_copy(p, name, name_size);
		path += len + 1;
	}
	array[ndirs] = NULL;
	return array;
}

static size_t scratch_size(const struct wire_execve *e, const char *path)
{
	size_t ndirs = count_dirs(path);

	return (e->msg->argc + (size_t)e->msg->envc + ndirs + 8) * sizeof(char *) + str_len(path) +
	       ndirs * (str_len(e->argv) + 16);
}

static int scratch_open(struct scratch *s, size_t size)
{
	static _Alignas(8) char own[SCRATCH_OWN];
	long p = (long)(uintptr_t)own;

	if (size > sizeof own)
		p = sys(__NR_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANON, -1, 0);
	if (error_is(p))
		return (int)p;
	*s = (struct scratch){ (char *)p, size, 0 };
	return 0;
}

static void scratch_close(struct scratch *s)
{
	if (s->size > SCRATCH_OWN)
		(void)sys(__NR_munmap, s->base, s->size);
}

static void plan_strings(struct child_plan *plan, struct scratch *s, const struct wire_execve *e, const char *path)
{
	plan->argv = pointers(s, e->argv, e->msg->argc);
	plan->envp = pointers(s, e->envp, e->msg->envc);
	if (str_find(e->argv, '/') != NULL || e->argv[0] == '\0') {
		const char **one = scratch_take(s, 2 * sizeof *one);

		one[0] = e->argv;
		one[1] = NULL;
		plan->paths = one;
	} else {
		plan->paths = candidates(s, path, e->argv);
	}
}

/* The CPU limit cannot be reached sooner than the rest of it spread over every CPU. */
static uint64_t cpu_due(const struct init *init, uint64_t now, uint64_t used)
{
	if (init->run.limits.cpu_time_ns == CORDON_UNLIMITED)
		return UINT64_MAX;
	used = u64_min(used, init->run.limits.cpu_time_ns);
	return now + u64_max((init->run.limits.cpu_time_ns - used) / init->sched.ncpus, CPU_CHECK_MIN_NS);
}

/* The host may do more for a limit of CPU time once it hears that the run is long. */
static void become_long(struct init *init)
{
	struct cordon_msg grown_long;

	init->run.is_long = true;
	sched_init_long_run(&init->sched);
	if (init->run.limits.cpu_time_ns != CORDON_UNLIMITED)
		init_reply(&grown_long, CORDON_MSG_LONG, sizeof grown_long, init->run.id);
}

static void run_begin(struct init *init, const struct wire_execve *e)
{
	struct init_run *run = &init->run;

	*run = (struct init_run){
		.id = e->msg->head.id,
		.limits = e->msg->limits,
		.cpu_fd = e->cpu_fd >= 0 ? fd_take(&init->msg.fds[e->cpu_fd]) : -1,
		.cpu_usec = (e->msg->flags & CORDON_EXECVE_CPU_USEC) != 0,
		.last = (e->msg->flags & CORDON_EXECVE_LAST) != 0,
		.is_long = !init->sched.on,	/* nothing to do when it becomes one */
	};
	run->cpu_base_ns = init_group_cpu_ns(run);
}

/* Whether the program's filters are loaded by its own child, from the start. Else init's main thread has loaded the container's already, and the
 * child inherits it; Landlock, and the filter beside a port policy, can still be had then. */
static bool is_unfiltered(const struct init *init, const struct wire_execve *e)
{
	return !init->filtered || e->group_fd >= 0 || (e->supervision != NULL && e->supervision->engine != CORDON_ENGINE_KERNEL);
}

/* Those that the command asks for. Else init's own, as the host may have pinned init. */
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
	/* Without namespaces kill(0) must reach none of the caller's processes. */
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
	/* The filter of init's main thread would refuse it, and that thread has one (conf.c). */
	plan->new_cgroup_ns = is_unfiltered(init, e) && !init->no_namespaces;
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

/* A program under an engine does not inherit the filter of init's main thread, which would refuse what its own set-up needs. */
static int start_program(struct init *init, const struct wire_execve *e, const struct child_plan *plan, struct cordon_error *err)
{
	struct start s = { plan, &init->run.pid, err };

	return init->filtered && is_unfiltered(init, e) ? init_privileged_call(start, &s) : start(&s);
}

static void plan_supervision(struct child_plan *plan, const struct init *init, const struct wire_execve *e,
			     const struct child_supervision *supervision)
{
	const struct supervisor *sv = init->run.supervisor;

	plan->supervision = supervision;
	if (!is_unfiltered(init, e))
		return;
	plan->seccomp = sv->filter;
	plan->seccomp_len = sv->nfilter;
}

static int plan_label(struct child_plan *plan, struct init *init, const struct wire_execve *e, char text[CORDON_LABEL_MAX],
		      struct cordon_error *err)
{
	static const char *const files[] = { "thread-self/attr/apparmor/exec", "thread-self/attr/exec", NULL };
	int rc;

	if (e->apparmor == NULL && e->selinux == NULL)
		return 0;
	if (!str_concat(text, CORDON_LABEL_MAX, e->apparmor != NULL ? "exec " : "", e->apparmor != NULL ? e->apparmor : e->selinux, ""))
		return error_set(err, ENAMETOOLONG, CORDON_STEP_LABEL, CORDON_NO_INDEX, NULL);
	rc = init_proc_fd(init, err);
	plan->label = text;
	plan->label_len = (uint32_t)str_len(text);
	plan->label_files = e->apparmor != NULL ? files : files + 1;
	plan->label_proc_fd = init->proc_fd;
	return rc;
}

int init_execve(struct init *init, struct cordon_error *err)
{
	struct child_supervision supervision;
	char label[CORDON_LABEL_MAX];
	struct child_fd fds[CORDON_EXECVE_FDS_MAX];
	struct child_rlimit rlimits[CORDON_EXECVE_RLIMITS_MAX];
	struct child_plan plan = {
		.exit_signal = SIGCHLD, .default_signals = true, .set_ids = init->set_ids, .set_groups = init->set_groups,
		.uid = init->uid, .gid = init->gid, .drop_caps = true,
	};
	struct scratch scratch;
	struct wire_execve e;
	const char *field, *path;
	int rc;

	if (wire_execve_decode(init->msg.data, init->msg.size, init->msg.nfds, &e, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	path = environment_find(e.envp, e.msg->envc, "PATH");
	if (path == NULL)
		path = DEFAULT_PATH;
	rc = scratch_open(&scratch, scratch_size(&e, path));
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	plan_strings(&plan, &scratch, &e, path);
	plan_descriptors(&plan, init, &e, fds, rlimits);
	plan.seccomp = init->seccomp;
	plan.seccomp_len = is_unfiltered(init, &e) ? init->nseccomp : 0;
	plan.work_dir = e.work_dir;
	run_begin(init, &e);
	plan.exec_ns = &init->run.start_ns;
	rc = plan_label(&plan, init, &e, label, err);
	if (rc == 0 && e.supervision != NULL)
		rc = init_supervise_prepare(init, &e, &supervision, err);
	if (rc == 0 && e.supervision != NULL)
		plan_supervision(&plan, init, &e, &supervision);
	if (rc == 0)
		rc = start_program(init, &e, &plan, err);
	scratch_close(&scratch);
	if (rc < 0) {
		init_supervise_end(init);
		fd_close(&init->run.cpu_fd);
		return rc;
	}
	init_supervise_executed(init);
	init->run.idle_since_ns = init->run.start_ns;
	init->run.cpu_due_ns = cpu_due(init, init->run.start_ns, 0);
	init->state = INIT_STATE_RUNNING;
	return 0;
}

void init_run_kill(struct init *init)
{
	init->run.ending = true;
	if (init->no_namespaces) {	/* "everything" would be the caller's processes here */
		init_supervise_kill(init);
		return;
	}
	/* Everything in the pid namespace but init itself (kill(2)). A fork in progress either comes before and is killed, or
	 * fails, because its parent has a signal pending. */
	(void)sys(__NR_kill, -1, SIGKILL);
}

static uint64_t timeval_ns(const struct __kernel_old_timeval *tv)
{
	return (uint64_t)tv->tv_sec * NSEC_PER_SEC + (uint64_t)tv->tv_usec * 1000;
}

/* A process's own rusage with that of all that it waited for. */
static void add_usage(struct init_usage *sum, const struct rusage *u)
{
	sum->user_ns += timeval_ns(&u->ru_utime);
	sum->system_ns += timeval_ns(&u->ru_stime);
	sum->max_rss_bytes = u64_max(sum->max_rss_bytes, (uint64_t)u->ru_maxrss * 1024);
#define CORDON_NUMBER(type, field, name)
#define CORDON_RUSAGE_NUMBER(type, field, name, member, factor) sum->counts.field += (type)u->ru_##member * (factor);
#include "cordon/result.def"
}

/* Reaps what has ended; blocks for what has not where wait is set. True where no child is left: then the pid namespace holds nobody
 * but init, as every orphan becomes its child. Each child's rusage holds that of the children which it has
 * waited for, so the sum over all that init reaps is the sum over the run. */
static bool reap(struct init *init, bool wait)
{
	struct init_run *run = &init->run;
	struct rusage usage;
	int32_t status;
	long pid;

	for (;;) {
		/* Not __WALL: a process of drop.c is none of the run's, and every orphan has SIGCHLD since it became init's. */
		pid = sys(__NR_wait4, -1, &status, wait ? 0 : WNOHANG, &usage);
		if (pid == -EINTR)
			continue;
		if (pid <= 0)
			return pid < 0;
		if (init_supervise_reaped(init, (int32_t)pid))
			continue;
		add_usage(&run->usage, &usage);
		if (pid == run->pid) {
			run->main_ended = true;
			run->wait_status = status;
			run->end_ns = clock_ns();
		}
	}
}

/* Ends the pause: the limits on the clock go on from where they stood. */
static void pause_over(struct init *init)
{
	struct init_run *run = &init->run;
	uint64_t pause = clock_ns() - run->paused_at_ns;

	run->paused_ns += pause;
	run->idle_since_ns += pause;
	init->state = INIT_STATE_RUNNING;
}

/* Fills in how it ended and what it used. */
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
	reply->max_rss_bytes = run->usage.max_rss_bytes;
	reply->rusage = run->usage.counts;
	reply->layers = init->layers | init_supervise_layers(init);
}

static void finish(struct init *init, bool alone)
{
	static _Alignas(8) unsigned char buffer[FINISHED_SIZE];
	struct cordon_msg_finished *reply = (struct cordon_msg_finished *)buffer;
	struct init_run *run = &init->run;
	struct wire_buf b;
	int size;

	if (init->state == INIT_STATE_PAUSED)	/* killed from outside while it stood */
		pause_over(init);
	if (!alone) {
		init_run_kill(init);
		(void)reap(init, true);
	}
	fd_close(&run->cpu_fd);
	sched_init_run_over(&init->sched);
	wire_begin(&b, buffer, sizeof buffer, CORDON_MSG_FINISHED, sizeof *reply);
	account(init, reply);
	init_supervise_report(init, &b, reply);
	size = wire_end(&b);
	init_supervise_end(init);
	init->state = INIT_STATE_READY;
	init_reply(reply, CORDON_MSG_FINISHED, (uint32_t)size, run->id);
	if (run->last)	/* taking the namespaces down overlaps with what the host does with the answer */
		init_exit(0);
}

static void end_for(struct init *init, enum cordon_cause cause)
{
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

/* Whether the CPU limit is reached. Time is read only when it is due: a short run is never looked at. */
static bool is_over_cpu(struct init *init, uint64_t now)
{
	struct init_run *run = &init->run;
	uint64_t used, cost;

	if (now < run->cpu_due_ns)
		return false;
	cost = init_own_cpu_ns();	/* not the clock on the wall: the program may take our CPU away */
	used = init_run_cpu_ns(init);
	/* Once more: where pids have begun anew a process may have been seen in itself and in the parent that waited for it meanwhile. */
	if (used >= run->limits.cpu_time_ns && init_run_cpu_ns(init) >= run->limits.cpu_time_ns)
		return true;
	cost = init_own_cpu_ns() - cost;
	sched_init_look_cost(cost);
	run->cpu_due_ns = u64_max(cpu_due(init, now, used), now + cost * CPU_CHECK_SHARE);
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
	if (!frozen && init->run.supervisor != NULL && init->run.supervisor->pid > 0)	/* it must see the others stop */
		(void)sys(__NR_kill, init->run.supervisor->pid, SIGCONT);
	init->run.paused_at_ns = clock_ns();
	init->state = INIT_STATE_PAUSED;
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
		return -1;	/* all are killed: the next event is the end */
	ns = u64_min(until(now, run->start_ns + run->paused_ns, run->limits.wall_time_ns),
		     until(now, run->idle_since_ns, run->limits.idle_time_ns));
	if (run->cpu_due_ns != UINT64_MAX)
		ns = u64_min(ns, run->cpu_due_ns > now ? run->cpu_due_ns - now : 0);
	if (!run->is_long && ns != UINT64_MAX)	/* there is a limit to watch */
		ns = u64_min(ns, until(now, run->start_ns, SCHED_LONG_RUN_NS));
	return ns > INT64_MAX ? -1 : (int64_t)ns;
}
