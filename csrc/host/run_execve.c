/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_execve.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "base/base.h"
#include "error/error.h"
#include "host/bounds.h"
#include "host/container.h"
#include "host/init_process.h"
#include "host/limits.h"
#include "host/run_group.h"
#include "host/supervisor_plan.h"
#include "wire/wire.h"

/* Without a memory controller the kernel does not limit the memory in use. RLIMIT_DATA counts memory that may be
 * written, used or not: a JVM commits several times its need, and each thread's stack counts with RLIMIT_STACK. So
 * RLIMIT_DATA is set well above the limit, to protect the host; the status comes from the peak resident size. */
#define FALLBACK_STACK_BYTES (UINT64_C(8) << 20)
#define FALLBACK_DATA_FACTOR 4
#define FALLBACK_DATA_MIN_BYTES (UINT64_C(1) << 30)

/* What the child, the kernel's tables for it and the strings of a program need at most. */
#define START_BYTES (UINT64_C(4) << 20)
#define START_STACK_BYTES (UINT64_C(128) << 10)

/* ---- limits as rlimits ---- */

struct rlimits {
	struct cordon_execve_rlimit all[CORDON_EXECVE_RLIMITS_MAX];
	uint32_t n;
};

/* The caller's own hard limit. */
static uint64_t hard_limit(uint32_t resource)
{
	uint64_t own[2] = { UINT64_MAX, UINT64_MAX };	/* struct rlimit64: soft, hard */

	(void)sys(__NR_prlimit64, 0, resource, NULL, own);
	return own[1];
}

/* For RLIMIT_CORE 1 instead of 0, where the caller may have that: a byte is too small for every core file, and to the
 * kernel means no dump at all, while after 0 a pipe in core_pattern gets one, and a program of the host is run with it
 * (core(5)). */
static uint64_t no_dump(uint32_t resource, uint64_t value)
{
	return resource == RLIMIT_CORE && value == 0 ? u64_min(1, hard_limit(RLIMIT_CORE)) : value;
}

/* Our limits are lowered to the caller's own hard limits; lower is still a limit. The caller's rlimits are not
 * changed. */
static void add_rlimit(struct rlimits *r, uint32_t resource, uint64_t value)
{
	value = u64_min(no_dump(resource, value), hard_limit(resource));
	r->all[r->n++] = (struct cordon_execve_rlimit){ resource, CORDON_NO_INDEX, value, value };
}

/* Not the default, which is as much as the memory. What is asked for is had or refused; only a default is lowered. */
static bool stack_is_asked(const struct cordon_limits *l)
{
	return l->stack_bytes != limits_usual.stack_bytes && l->stack_bytes != l->memory_bytes;
}

static uint64_t stack_of(const struct cordon_limits *l, bool has_memory)
{
	return has_memory || stack_is_asked(l) ? l->stack_bytes : u64_min(l->stack_bytes, FALLBACK_STACK_BYTES);
}

static int check_stack(const struct cordon_limits *l, struct cordon_error *err)
{
	uint64_t most = hard_limit(RLIMIT_STACK);
	char number[24], rule[96];

	if (!stack_is_asked(l) || l->stack_bytes == CORDON_UNLIMITED || l->stack_bytes <= most)
		return 0;
	(void)snprintf(rule, sizeof rule, "must be at most %" PRIu64 ", the caller's hard limit", most);
	return error_refuse(err, CORDON_NO_INDEX, "stack_bytes", u64_text(number, sizeof number, l->stack_bytes), rule);
}

/* In addition to the rows of limits.def: STACK, DATA, NPROC, CPU and NICE. */
_Static_assert(CORDON_EXECVE_OWN_RLIMITS >= 5
#define CORDON_USER_RLIMIT(...) + 1
#include "cordon/bounds.def"
#define CORDON_LIMIT(field, ...)
#define CORDON_RLIMIT(field, ...) + 1
#include "cordon/limits.def"
	       ,
	       "room for every limit");

static void add_limits(struct rlimits *r, const struct cordon_limits *l, uint32_t controllers)
{
	bool has_memory = (controllers & 1u << CGROUP_MEMORY) != 0;

#define CORDON_LIMIT(field, ...)
#define CORDON_RLIMIT(field, name, kind, usual, least, most, none, resource) add_rlimit(r, RLIMIT_##resource, l->field);
#include "cordon/limits.def"
	add_rlimit(r, RLIMIT_STACK, stack_of(l, has_memory));
	if (!has_memory && l->memory_bytes <= INT64_MAX / FALLBACK_DATA_FACTOR)
		add_rlimit(r, RLIMIT_DATA,
			   u64_max(l->memory_bytes * FALLBACK_DATA_FACTOR, l->memory_bytes + FALLBACK_DATA_MIN_BYTES));
	if ((controllers & 1u << CGROUP_PIDS) == 0)
		add_rlimit(r, RLIMIT_NPROC, l->processes);
	if (l->nice > 0)	/* the program cannot lower it, even if the caller could (setrlimit(2)) */
		add_rlimit(r, RLIMIT_NICE, 20 - l->nice);
	/* In case init's timer fails: two seconds later, for each process. */
	if (l->cpu_time_ns != CORDON_UNLIMITED)
		add_rlimit(r, RLIMIT_CPU, l->cpu_time_ns / NSEC_PER_SEC + 2);
}

static bool has_rlimit(const struct cordon_command *command, uint32_t resource)
{
	for (uint32_t i = 0; i < command->nrlimits; i++)
		if (command->rlimits[i].resource == resource)
			return true;
	return false;
}

/* What the user has by default is divided: his hard limit is not what his other processes may hold. */
static void add_bound(struct rlimits *r, const struct cordon_command *command, uint32_t resource, uint64_t most,
		      uint64_t share, uint64_t least)
{
	uint64_t own[2] = { UINT64_MAX, UINT64_MAX };	/* struct rlimit64: soft, hard */

	if (has_rlimit(command, resource))
		return;
	(void)sys(__NR_prlimit64, 0, resource, NULL, own);
	add_rlimit(r, resource, bounds_part(own[0], most, share, least));
}

static void add_bounds(struct rlimits *r, const struct cordon_command *command)
{
#define CORDON_USER_RLIMIT(resource, most, share, least) add_bound(r, command, RLIMIT_##resource, most, share, least);
#include "cordon/bounds.def"
}

/* ---- descriptors ---- */

struct target {
	uint32_t number;
	int fd;
};

/* Sorts the program's descriptors by target, as the protocol requires. */
static uint32_t sort_targets(const struct cordon_run *run, const struct cordon_command *command, struct target *targets)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < 3; i++)
		targets[n++] = (struct target){ i, run->streams[i].child_fd };
	for (uint32_t i = 0; i < command->nfds; i++) {
		struct target t = { (uint32_t)command->fds[i].target, run->further[i] };
		uint32_t at = n++;

		for (; at > 3 && targets[at - 1].number > t.number; at--)
			targets[at] = targets[at - 1];
		targets[at] = t;
	}
	return n;
}

/* In the order of the protocol. */
static void add_fd(struct cordon_run *run, int fd)
{
	run->fds[run->nfds++] = fd;
}

static int dup_fd(int fd, int index, struct cordon_error *err)
{
	int copy = (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? error_set(err, -copy, CORDON_STEP_DUP_FD, index, NULL) : copy;
}

/* The program's files and executable. If the EXECVE is sent after a copy, the caller's descriptor of the executable is
 * duplicated, because it may close it when cordon_run_open has returned. */
static int collect_files(struct cordon_run *run, const struct cordon_command *command, const struct target *targets,
			 uint32_t ntargets, struct cordon_error *err)
{
	int fd = command->exec_fd;

	if (fd >= 0 && sys(__NR_fcntl, fd, F_GETFD) < 0)
		return error_set(err, EBADF, CORDON_STEP_DUP_FD, CORDON_NO_INDEX, NULL);
	if (fd >= 0 && command->ncopy_in > 0) {
		fd = run->exec_copy = dup_fd(fd, CORDON_NO_INDEX, err);
		if (fd < 0)
			return fd;
	}
	for (uint32_t i = 0; i < ntargets; i++)
		add_fd(run, targets[i].fd);
	if (fd >= 0)
		add_fd(run, fd);
	return 0;
}

/* Fills run->fds: files, executable, sync socket, CPU file, cgroup.procs files, those of the supervisor's group. */
static int collect_fds(struct cordon_run *run, const struct cordon_command *command, const struct target *targets,
		       uint32_t ntargets, struct cordon_msg_execve *m, struct cordon_error *err)
{
	int procs[RUN_PROCS_MAX], cpu_fd = cgroup_cpu_fd(run->group), birth_fd = cgroup_birth_fd(run->group);
	int rc = collect_files(run, command, targets, ntargets, err);

	if (rc < 0)
		return rc;
	m->nfds = ntargets;
	if (command->exec_fd >= 0)
		m->flags |= CORDON_EXECVE_EXEC_FD;
	if (command->terminal != 0)
		m->flags |= CORDON_EXECVE_TERMINAL;
	if (run->kept == NULL && command->ncopy_out == 0)
		m->flags |= CORDON_EXECVE_LAST;
	if (run->sync_far >= 0) {
		add_fd(run, run->sync_far);
		m->flags |= CORDON_EXECVE_SYNC_FD;
	}
	if (cpu_fd >= 0) {
		add_fd(run, cpu_fd);
		m->flags |= CORDON_EXECVE_CPU_FD;
		if (cgroup_version(run->group, CGROUP_CPU) == CORDON_CGROUP_V2)
			m->flags |= CORDON_EXECVE_CPU_USEC;
	}
	if (birth_fd >= 0 && !run->supervised) {	/* with a supervisor, the child starts it, and it must stay
							   outside of the group */
		add_fd(run, birth_fd);
		m->flags |= CORDON_EXECVE_GROUP_FD;
	}
	m->nprocs = cgroup_procs_fds(run->group, procs, RUN_PROCS_MAX);
	for (uint32_t i = 0; i < m->nprocs; i++)
		add_fd(run, procs[i]);
	m->nsupervisor_procs = cgroup_procs_fds(run->supervisor_group, procs, RUN_PROCS_MAX);
	for (uint32_t i = 0; i < m->nsupervisor_procs; i++)
		add_fd(run, procs[i]);
	return 0;
}

/* ---- the message ---- */

static size_t strings_size(const char *const *strings)
{
	size_t size = 0;

	for (; strings != NULL && *strings != NULL; strings++)
		size += strlen(*strings) + 1;
	return size;
}

static size_t strings_count(const char *const *strings)
{
	size_t n = 0;

	for (; strings != NULL && strings[n] != NULL; n++)
		;
	return n;
}

/* *ret_size = the bytes of argv and envp. */
static int check_strings(const struct cordon_command *command, size_t *ret_size, struct cordon_error *err)
{
	*ret_size = strings_size(command->argv) + strings_size(command->envp);
	if (*ret_size > CORDON_MSG_BIG_MAX / 2)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "size", "at most 4 MiB together");
	if (strings_count(command->argv) > CORDON_EXECVE_STRINGS_MAX ||
	    strings_count(command->envp) > CORDON_EXECVE_STRINGS_MAX)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "count", "at most 131072 each");
	return 0;
}

static size_t text_size(const char *s)
{
	return s != NULL ? strlen(s) + 8 : 0;
}

/* Begins the EXECVE with the sandbox's parts: the labels and the supervision. */
static int begin_execve(struct cordon_run *run, const struct cordon_container_config *config,
			const struct cordon_command *command, struct wire_buf *b, struct cordon_error *err)
{
	struct cordon_msg_execve *m;
	struct supervisor_plan s;
	size_t size;
	int rc = check_strings(command, &size, err);

	if (rc < 0)
		return rc;
	rc = supervisor_plan_make(config, command, &s, err);
	if (rc < 0)
		return rc;
	size += sizeof *m + CORDON_EXECVE_FDS_MAX * sizeof(uint32_t) + sizeof(struct rlimits) +
		text_size(command->work_dir) + 128 + sizeof run->cpus.bits + text_size(config->apparmor_profile) +
		text_size(config->selinux_label) + supervisor_plan_size(&s);
	m = run->execve.data = malloc(size);
	if (m == NULL) {
		supervisor_plan_done(&s);
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	}
	wire_begin(b, m, size, CORDON_MSG_EXECVE, sizeof *m);
	m->apparmor = wire_put_string(b, config->apparmor_profile);
	m->selinux = wire_put_string(b, config->selinux_label);
	m->supervision = supervisor_plan_put(b, &s);
	supervisor_plan_done(&s);
	run->supervised = s.active;
	run->engine = s.active ? s.head.engine : CORDON_ENGINE_AUTO;
	run->has_path_policy = s.active && (s.head.flags & CORDON_SUPERVISOR_FILES) != 0;
	return 0;
}

/* In a container that is kept the group stays for later runs. */
static int group_supervisor(struct cordon_run *run, struct cordon_error *err)
{
	struct cgroup **group = run->kept != NULL ? &run->kept->supervisor_group : &run->supervisor_group;
	int rc;

	if (!run->supervised || run->engine == CORDON_ENGINE_KERNEL || run->group == NULL)
		return 0;
	rc = run_group_supervisor(&run->limits, group, &run->supervisor_before, err);
	run->supervisor_group = *group;
	return rc;
}

int run_execve_prepare(struct cordon_run *run, const struct cordon_container_config *config,
		       const struct cordon_command *command, struct cordon_error *err)
{
	struct target targets[CORDON_EXECVE_FDS_MAX];
	uint32_t numbers[CORDON_EXECVE_FDS_MAX], ntargets = sort_targets(run, command, targets);
	struct rlimits rlimits = { .n = 0 };
	struct cordon_msg_execve *m;
	struct wire_buf b;
	int rc = check_stack(&run->limits, err);

	if (rc == 0)
		rc = begin_execve(run, config, command, &b, err);
	if (rc < 0)
		return rc;
	rc = group_supervisor(run, err);
	if (rc < 0)
		return rc;
	m = run->execve.data;
	rc = collect_fds(run, command, targets, ntargets, m, err);
	if (rc < 0)
		return rc;
	add_limits(&rlimits, &run->limits, cgroup_controllers(run->group));
	add_bounds(&rlimits, command);
	for (uint32_t i = 0; i < command->nrlimits; i++)
		rlimits.all[rlimits.n++] = (struct cordon_execve_rlimit){
			command->rlimits[i].resource, (int32_t)i,
			no_dump(command->rlimits[i].resource, command->rlimits[i].soft),
			no_dump(command->rlimits[i].resource, command->rlimits[i].hard),
		};
	for (uint32_t i = 0; i < ntargets; i++)
		numbers[i] = targets[i].number;
	m->targets = wire_put(&b, numbers, ntargets * sizeof numbers[0]);
	m->nrlimits = rlimits.n;
	m->rlimits = wire_put(&b, rlimits.all, rlimits.n * sizeof rlimits.all[0]);
	m->argv = wire_put_strings(&b, command->argv, &m->argc);
	m->envp = wire_put_strings(&b, command->envp, &m->envc);
	m->work_dir = wire_put_string(&b, command->work_dir != NULL ? command->work_dir : "/");
	m->cpus = wire_put(&b, run->cpus.bits, run->cpus.words * sizeof run->cpus.bits[0]);
	m->limits = (struct cordon_init_limits){
#define CORDON_LIMIT(field, ...)
#define CORDON_INIT_LIMIT(field, ...) .field = run->limits.field,
#include "cordon/limits.def"
	};
	rc = wire_end(&b);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_MEMORY, CORDON_NO_INDEX, "message");
	run->execve.size = (uint32_t)rc;
	return 0;
}

int run_execve_send(struct cordon_run *run, struct cordon_error *err)
{
	int rc;

	cgroup_give(run->group, run->init->ids.host_init_uid);
	rc = run_send(run, &run->execve, run->nfds, err);
	run_release_fds(run);
	free(run->execve.data);
	run->execve.data = NULL;
	run_stage_set(run, RUN_RUNNING);
	run_deadline_set(run, run->limits.wall_time_ns == CORDON_UNLIMITED
				      ? UINT64_MAX
				      : clock_ns() + INIT_SETUP_NS + run->limits.wall_time_ns + RUN_GRACE_NS);
	return rc;
}

/* Copying the strings of a program fails with E2BIG if it is memory that lacks (copy_strings in fs/exec.c). */
void run_execve_blame(const struct cordon_run *run, struct cordon_error *err)
{
	const struct cordon_limits *l = &run->limits;
	bool copied = err->err == E2BIG && err->step == CORDON_STEP_EXECVE && run->execve.size < START_STACK_BYTES / 2;
	bool stack = copied && l->stack_bytes < START_STACK_BYTES;
	bool memory = (copied || err->err == ENOMEM) &&
		      (cgroup_controllers(run->group) & CGROUP_BIT(CGROUP_MEMORY)) != 0 &&
		      l->memory_bytes < START_BYTES + 2 * (uint64_t)run->execve.size;
	char number[24];

	if (err->origin != CORDON_AT_CHILD)
		return;
	if (memory && (!stack || l->memory_bytes <= l->stack_bytes))
		(void)error_refuse(err, CORDON_NO_INDEX, "memory_bytes",
				   u64_text(number, sizeof number, l->memory_bytes),
				   "is too little to start a program");
	else if (stack)
		(void)error_refuse(err, CORDON_NO_INDEX, "stack_bytes", u64_text(number, sizeof number, l->stack_bytes),
				   "is too little to start a program");
}
