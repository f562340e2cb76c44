/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "base/base.h"
#include "cordon/seccomp.h"
#include "error/error.h"
#include "host/limits.h"
#include "host/machine.h"
#include "host/run.h"
#include "host/supervise.h"
#include "host/validate.h"
#include "sched/host.h"
#include "seccomp/shared.h"
#include "socket/socket.h"
#include "use/use.h"
#include "wire/wire.h"


/* Without a memory controller nothing limits what a program really uses. RLIMIT_DATA counts what it may write to, used or not: a
 * JVM commits several times its need, and each thread's stack counts with RLIMIT_STACK's size. So it stands well above the
 * limit, as a wall for the host; the verdict comes from the peak resident size. */
#define FALLBACK_STACK_BYTES (UINT64_C(8) << 20)
#define FALLBACK_DATA_FACTOR 4
#define FALLBACK_DATA_MIN_BYTES (UINT64_C(1) << 30)

static int out_of_memory(struct cordon_error *err)
{
	return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
}

/* ---- limits as rlimits ---- */

struct rlimits {
	struct cordon_execve_rlimit all[CORDON_EXECVE_RLIMITS_MAX];
	uint32_t n;
};

/* A limit of ours is lowered to what the caller itself may have: lower is still a limit. The caller's own rlimits are not. */
static void add_rlimit(struct rlimits *r, uint32_t resource, uint64_t value)
{
	uint64_t own[2] = { UINT64_MAX, UINT64_MAX };	/* struct rlimit64: soft, hard */

	(void)sys(__NR_prlimit64, 0, resource, NULL, own);
	value = u64_min(value, own[1]);
	r->all[r->n++] = (struct cordon_execve_rlimit){ resource, CORDON_NO_INDEX, value, value };
}

/* Besides the rows of limits.def: STACK, DATA, NPROC, CPU and NICE. */
_Static_assert(CORDON_EXECVE_OWN_RLIMITS >= 5
#define CORDON_LIMIT(field, ...)
#define CORDON_RLIMIT(field, ...) + 1
#include "cordon/limits.def"
	       , "room for every limit");

static void add_limits(struct rlimits *r, const struct cordon_limits *l, uint32_t controllers)
{
	bool has_memory = (controllers & 1u << CGROUP_MEMORY) != 0;

#define CORDON_LIMIT(field, ...)
#define CORDON_RLIMIT(field, name, kind, usual, least, most, none, resource) add_rlimit(r, RLIMIT_##resource, l->field);
#include "cordon/limits.def"
	add_rlimit(r, RLIMIT_STACK, has_memory ? l->stack_bytes : u64_min(l->stack_bytes, FALLBACK_STACK_BYTES));
	if (!has_memory && l->memory_bytes <= INT64_MAX / FALLBACK_DATA_FACTOR)
		add_rlimit(r, RLIMIT_DATA, u64_max(l->memory_bytes * FALLBACK_DATA_FACTOR,
						   l->memory_bytes + FALLBACK_DATA_MIN_BYTES));
	if ((controllers & 1u << CGROUP_PIDS) == 0)
		add_rlimit(r, RLIMIT_NPROC, l->processes);
	if (l->nice > 0)	/* nothing lowers it again, even where the caller could (setrlimit(2)) */
		add_rlimit(r, RLIMIT_NICE, 20 - l->nice);
	/* A backstop behind init's timer: two seconds later, per process. */
	if (l->cpu_time_ns != CORDON_UNLIMITED)
		add_rlimit(r, RLIMIT_CPU, l->cpu_time_ns / NSEC_PER_SEC + 2);
}

/* ---- descriptors of the EXECVE ---- */

struct target {
	uint32_t number;
	int fd;
};

/* The program's descriptors with ascending targets, as the protocol wants them. */
static uint32_t sort_targets(const struct cordon_run *run, const struct cordon_command *command, struct target *targets)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < 3; i++)
		targets[n++] = (struct target){ i, run->streams[i].child_fd };
	for (uint32_t i = 0; i < command->nfds; i++) {
		struct target t = { (uint32_t)command->fds[i].target, command->fds[i].fd };
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

/* The program's files and executable. Where the EXECVE waits for a copy, the caller's descriptors are duplicated: it may close them
 * when cordon_run_open has returned. */
static int collect_files(struct cordon_run *run, const struct cordon_command *command, const struct target *targets,
			 uint32_t ntargets, struct cordon_error *err)
{
	bool later = command->ncopy_in > 0;

	for (uint32_t i = 0; i < ntargets + (command->exec_fd >= 0); i++) {
		int fd = i < ntargets ? targets[i].fd : command->exec_fd;
		int index = i < ntargets ? (int)targets[i].number : CORDON_NO_INDEX;

		if (later)
			fd = dup_fd(fd, index, err);
		else if (sys(__NR_fcntl, fd, F_GETFD) < 0)
			fd = error_set(err, EBADF, CORDON_STEP_DUP_FD, index, NULL);
		if (fd < 0)
			return fd;
		add_fd(run, fd);
		run->nowned += later;
	}
	return 0;
}

/* Fills run->fds: files, executable, sync socket, CPU file, cgroup.procs files. */
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
	if (birth_fd >= 0 && !run->supervised) {	/* the program's child starts its supervisor, which is to stay outside */
		add_fd(run, birth_fd);
		m->flags |= CORDON_EXECVE_GROUP_FD;
	}
	m->nprocs = cgroup_procs_fds(run->group, procs, RUN_PROCS_MAX);
	for (uint32_t i = 0; i < m->nprocs; i++)
		add_fd(run, procs[i]);
	return 0;
}

/* ---- messages ---- */

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

/* *ret_size = bytes of argv and envp. */
static int check_strings(const struct cordon_command *command, size_t *ret_size, struct cordon_error *err)
{
	*ret_size = strings_size(command->argv) + strings_size(command->envp);
	if (*ret_size > CORDON_MSG_BIG_MAX / 2)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "size", "at most 4 MiB together");
	if (strings_count(command->argv) > CORDON_EXECVE_STRINGS_MAX || strings_count(command->envp) > CORDON_EXECVE_STRINGS_MAX)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "count", "at most 131072 each");
	return 0;
}

static size_t text_size(const char *s)
{
	return s != NULL ? strlen(s) + 8 : 0;
}

/* Begins the EXECVE with what the sandbox adds to it: the labels and the supervision. */
static int begin_execve(struct cordon_run *run, const struct cordon_container_config *config, const struct cordon_command *command,
			struct wire_buf *b, struct cordon_error *err)
{
	struct cordon_msg_execve *m;
	struct supervise s;
	size_t size;
	int rc = check_strings(command, &size, err);

	if (rc == 0)
		rc = supervise_resolve(config, command, &s, err);
	if (rc < 0)
		return rc;
	size += sizeof *m + CORDON_EXECVE_FDS_MAX * sizeof(uint32_t) + sizeof(struct rlimits) + text_size(command->work_dir) + 128 +
		sizeof run->cpus.bits +
		text_size(config->apparmor_profile) + text_size(config->selinux_label) + supervise_size(&s);
	m = run->execve.data = malloc(size);
	if (m == NULL) {
		supervise_done(&s);
		return out_of_memory(err);
	}
	wire_begin(b, m, size, CORDON_MSG_EXECVE, sizeof *m);
	m->apparmor = wire_put_string(b, config->apparmor_profile);
	m->selinux = wire_put_string(b, config->selinux_label);
	m->supervision = supervise_put(b, &s);
	supervise_done(&s);
	run->supervised = s.active;
	run->engine = s.active ? s.head.engine : CORDON_ENGINE_AUTO;
	run->has_path_policy = s.active && (s.head.flags & CORDON_SUPERVISOR_FILES) != 0;
	run->asks_about_paths = run->has_path_policy && s.head.outside == CORDON_DECISION_ASK;
	return 0;
}

static int prepare_execve(struct cordon_run *run, const struct cordon_container_config *config, const struct cordon_command *command,
			  struct cordon_error *err)
{
	struct target targets[CORDON_EXECVE_FDS_MAX];
	uint32_t numbers[CORDON_EXECVE_FDS_MAX], ntargets = sort_targets(run, command, targets);
	struct rlimits rlimits = { .n = 0 };
	struct cordon_msg_execve *m;
	struct wire_buf b;
	int rc = begin_execve(run, config, command, &b, err);

	if (rc < 0)
		return rc;
	m = run->execve.data;
	rc = collect_fds(run, command, targets, ntargets, m, err);
	if (rc < 0)
		return rc;
	add_limits(&rlimits, &run->limits, cgroup_controllers(run->group));
	for (uint32_t i = 0; i < command->nrlimits; i++)
		rlimits.all[rlimits.n++] = (struct cordon_execve_rlimit){
			command->rlimits[i].resource, (int32_t)i, command->rlimits[i].soft, command->rlimits[i].hard,
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

int run_send(struct cordon_run *run, const struct run_message *message, uint32_t nfds, struct cordon_error *err)
{
	int rc = container_send(run->container, message->data, message->size, run->fds, nfds, err);

	if (rc == 0)
		run->expected_id = run->container->last_id;
	return rc;
}

int run_send_execve(struct cordon_run *run, struct cordon_error *err)
{
	int rc;

	cgroup_give(run->group, run->container->ids.host_init_uid);
	rc = run_send(run, &run->execve, run->nfds, err);

	run_release_fds(run);
	free(run->execve.data);
	run->execve.data = NULL;
	run->stage = RUN_RUNNING;
	run->deadline_ns = run->limits.wall_time_ns == CORDON_UNLIMITED
				   ? UINT64_MAX
				   : clock_ns() + RUN_SETUP_NS + run->limits.wall_time_ns + RUN_GRACE_NS;
	return rc;
}

int run_prepare_items(struct run_message *message, enum cordon_msg_type type, const char *base, const struct cordon_file *files,
		      uint32_t n, struct cordon_error *err)
{
	size_t size = sizeof(struct cordon_msg_items) + n * sizeof(struct cordon_item) + 64;
	struct cordon_item *out = calloc(n, sizeof *out);
	struct cordon_msg_items *m;
	struct wire_buf b;
	char path[4096];
	int rc = 0;

	for (uint32_t i = 0; i < n; i++)
		size += strlen(base) + strlen(files[i].path) + (files[i].text != NULL ? strlen(files[i].text) : 0) + 32;
	m = message->data = malloc(size);
	if (m == NULL || out == NULL) {
		free(out);
		return out_of_memory(err);
	}
	wire_begin(&b, m, size, type, sizeof *m);
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		bool absolute = files[i].path[0] == '/';

		if (!str_concat(path, sizeof path, absolute ? "" : base, absolute ? "" : "/", files[i].path))
			rc = error_refuse(err, (int32_t)i, "file path", files[i].path, "too long");
		out[i].path = wire_put_string(&b, path);
		out[i].text = wire_put_string(&b, files[i].text);
		out[i].flags = files[i].flags;
		out[i].mode = files[i].mode;
		if ((files[i].flags & CORDON_ITEM_CREATE) != 0 && files[i].mode == 0)
			out[i].mode = 0644;
	}
	m->nitems = n;
	m->items = wire_put(&b, out, n * sizeof *out);
	free(out);
	if (rc == 0 && wire_end(&b) < 0)
		rc = error_refuse(err, CORDON_NO_INDEX, "files", "size", "at most 8 MiB of names");
	message->size = (uint32_t)b.used;
	return rc;
}

/* ---- copies ---- */

/* Opens the host's file, or copies the bytes. *ret_mode = the permission bits of the new file. */
static int take_copy_in(struct run_copy_in *copy, const struct cordon_copy_in *item, int32_t index, uint32_t *ret_mode,
			struct cordon_error *err)
{
	int mode;

	copy->fd = -1;
	*ret_mode = item->mode != 0 ? item->mode : 0644;
	if (item->path == NULL) {
		copy->data = malloc(item->data_len > 0 ? item->data_len : 1);
		if (copy->data == NULL)
			return out_of_memory(err);
		if (item->data_len > 0)
			memcpy(copy->data, item->data, item->data_len);
		copy->len = item->data_len;
		return 0;
	}
	copy->fd = (int)sys(__NR_openat, AT_FDCWD, item->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (copy->fd < 0)
		return error_set(err, -copy->fd, CORDON_STEP_COPY_IN, index, item->path);
	mode = fd_mode(copy->fd);
	if (mode < 0 || !S_ISREG(mode))
		return error_refuse(err, index, "copy_in path", item->path, "must be a regular file");
	if (item->mode == 0)
		*ret_mode = (uint32_t)mode & 0777;
	return 0;
}

static int prepare_copy_in(struct cordon_run *run, const struct cordon_command *command, struct run_message *message,
			   struct cordon_error *err)
{
	struct cordon_file *files = calloc(command->ncopy_in, sizeof *files);
	int rc = 0;

	run->copy_in = calloc(command->ncopy_in, sizeof *run->copy_in);
	if (files == NULL || run->copy_in == NULL)
		rc = out_of_memory(err);
	for (uint32_t i = 0; i < command->ncopy_in && rc == 0; i++) {
		files[i] = (struct cordon_file){ .path = command->copy_in[i].name, .flags = CORDON_ITEM_CREATE };
		run->ncopy_in = i + 1;
		rc = take_copy_in(&run->copy_in[i], &command->copy_in[i], (int32_t)i, &files[i].mode, err);
	}
	if (rc == 0)
		rc = run_prepare_items(message, CORDON_MSG_OPEN, command->work_dir != NULL ? command->work_dir : "", files,
				       command->ncopy_in, err);
	free(files);
	return rc;
}

static int prepare_copy_out(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	struct cordon_file *files = calloc(command->ncopy_out, sizeof *files);
	int rc = 0;

	run->copy_out = calloc(command->ncopy_out, sizeof *run->copy_out);
	run->copied = calloc(command->ncopy_out, sizeof *run->copied);
	if (files == NULL || run->copy_out == NULL || run->copied == NULL)
		rc = out_of_memory(err);
	for (uint32_t i = 0; i < command->ncopy_out && rc == 0; i++) {
		const struct cordon_copy_out *item = &command->copy_out[i];

		files[i] = (struct cordon_file){ .path = item->name };
		run->ncopy_out = i + 1;
		run->copy_out[i] = (struct run_copy_out){ .limit = item->limit_bytes, .flags = item->flags };
		if (item->path != NULL && (run->copy_out[i].path = strdup(item->path)) == NULL)
			rc = out_of_memory(err);
	}
	if (rc == 0)
		rc = run_prepare_items(&run->fetch, CORDON_MSG_OPEN, command->work_dir != NULL ? command->work_dir : "", files,
				       command->ncopy_out, err);
	free(files);
	return rc;
}

/* ---- opening ---- */

static void watch(struct cordon_run *run, int fd, enum run_source source)
{
	run->watches[source] = (struct pollfd){ .fd = fd, .events = POLLIN };
}

static void watch_memory(struct cordon_run *run)
{
	short events = 0;
	int fd = cgroup_oom_fd(run->group, &events);

	run->watches[RUN_SOURCE_OOM] = (struct pollfd){ .fd = fd, .events = events };
}

static int open_cancel(struct cordon_run *run, struct cordon_error *err)
{
	run->cancel_fd = (int)sys(__NR_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (run->cancel_fd < 0)
		return error_set(err, -run->cancel_fd, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	watch(run, run->cancel_fd, RUN_SOURCE_CANCEL);
	return 0;
}

static int open_streams(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	for (int i = 0; i < 3; i++) {
		int rc = stream_open(&run->streams[i], &command->stdio[i], i, &run->streams[1], err);

		if (rc < 0)
			return rc;
		if (command->stdio[i].kind == CORDON_STDIO_FORWARD)
			run->streams[i].limit = run->limits.output_bytes;
		if (i > 0)
			watch(run, run->streams[i].read_fd, i == 1 ? RUN_SOURCE_STDOUT : RUN_SOURCE_STDERR);
	}
	return 0;
}

static int open_sync(struct cordon_run *run, struct cordon_error *err)
{
	int pair[2], rc = socket_pair(pair);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	run->sync_fd = pair[0];
	run->sync_far = pair[1];
	watch(run, run->sync_fd, RUN_SOURCE_SYNC);
	return 0;
}

void run_group_limits(const struct cordon_limits *limits, const struct cpus *cpus, bool kept, struct cgroup_limits *ret)
{
	struct cordon_controller controller = { 0 };

	if (cpus != NULL && cpus->words > 0)
		cgroup_controller_find(CGROUP_CPUSET, &controller);
	*ret = (struct cgroup_limits){
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, ...) .field = limits->field,
#include "cordon/limits.def"
		.cpuset = controller.usable != 0 ? cpus : NULL,
		.want = CGROUP_BIT(CGROUP_IO) | (kept ? CGROUP_BIT(CGROUP_FREEZER) : 0),
	};
}

int run_group_open(const struct cgroup_limits *limits, uint64_t require, struct cgroup **ret_group, uint64_t *ret_layers,
		   struct cordon_error *err)
{
	static const enum cordon_layer layers[] = {	/* that every run of a container has */
		[CGROUP_MEMORY] = CORDON_LAYER_CGROUP_MEMORY,
		[CGROUP_PIDS] = CORDON_LAYER_CGROUP_PIDS,
		[CGROUP_CPU] = CORDON_LAYER_CGROUP_CPU,
	};
	struct cgroup *group = NULL;
	int rc = cgroup_open(limits, &group, err);
	uint32_t controllers;

	if (rc < 0)
		return rc;
	controllers = cgroup_controllers(group);
	for (uint32_t i = 0; i < ARRAY_LEN(layers); i++) {
		if ((controllers & 1u << i) != 0) {
			*ret_layers |= CORDON_LAYER_BIT(layers[i]);
		} else if ((require & CORDON_LAYER_BIT(layers[i])) != 0) {
			cgroup_free(group);
			return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, cordon_layer_name(layers[i]));
		}
	}
	*ret_group = group;
	return 0;
}

int run_resolve_seccomp(struct cordon_container_config *config, struct cordon_error *err)
{
	const struct cordon_seccomp *policy = config->seccomp_policy;
	int rc = 0;

	if (config->namespaces == CORDON_NAMESPACES_NONE)
		rc = seccomp_shared(config->network == CORDON_NETWORK_HOST, &policy, err);
	else if (config->seccomp_kind == CORDON_SECCOMP_DEFAULT)
		return cordon_seccomp_default(CORDON_ARCH_NATIVE, &config->seccomp_bpf, &config->seccomp_len, err);
	else if (config->seccomp_kind == CORDON_SECCOMP_BPF)
		return 0;
	config->seccomp_bpf = NULL;
	config->seccomp_len = 0;
	if (rc == 0 && config->seccomp_kind != CORDON_SECCOMP_NONE)
		config->seccomp_bpf = cordon_seccomp_program(policy, &config->seccomp_len);
	return rc;
}

/* What this command asks of its group, which may be none. */
static int check_group(struct cordon_run *run, const struct cgroup_limits *limits, uint64_t require, struct cordon_error *err)
{
	int rc = cgroup_check(run->group, limits, err);

	if (rc < 0)
		return rc;
	if (limits->cpuset != NULL && (cgroup_controllers(run->group) & CGROUP_BIT(CGROUP_CPUSET)) != 0)
		run->layers |= CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET);
	else if ((require & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET)) != 0)
		return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, cordon_layer_name(CORDON_LAYER_CGROUP_CPUSET));
	return 0;
}

/* What a command needs on this side, before anything is started for it. */
static int prepare(struct cordon_run *run, const struct cordon_command *command, struct run_message *open, struct cordon_error *err)
{
	int rc;

	run->limits = limits_settle(&command->limits);
	rc = run->cpus.words > 0 ? machine_check_cpus(&run->cpus, err) : 0;
	if (rc == 0)
		rc = open_cancel(run, err);
	if (rc == 0)
		rc = open_streams(run, command, err);
	if (rc == 0 && command->ncopy_in > 0)
		rc = prepare_copy_in(run, command, open, err);
	if (rc == 0 && command->ncopy_out > 0)
		rc = prepare_copy_out(run, command, err);
	if (rc == 0 && command->sync != 0)
		rc = open_sync(run, err);
	return rc;
}

/* Sends the first command. */
static int send_first(struct cordon_run *run, struct run_message *open, struct cordon_error *err)
{
	watch(run, run->container->socket, RUN_SOURCE_SOCKET);
	watch_memory(run);
	run->deadline_ns = clock_ns() + RUN_SETUP_NS;
	return open->data == NULL ? run_send_execve(run, err) : run_send(run, open, 0, err);
}

static int start(struct cordon_run *run, const struct cordon_container_config *config, struct cordon_error *err)
{
	int rc = container_start(&run->own, config, cgroup_inits_fd(run->group), err);

	if (rc == 0 && (config->require & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID)) != 0 && !run->own.ids.own)
		rc = error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, cordon_layer_name(CORDON_LAYER_OWN_UID));
	if (rc == 0)
		rc = container_conf(&run->own, config, false, err);
	run->layers |= run->own.layers;
	return rc;
}

static int open_own(struct cordon_run *run, const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_error *err)
{
	struct cordon_container_config resolved = *config;
	struct run_message open = { NULL, 0 };
	struct cgroup_limits limits;
	int rc = run_resolve_seccomp(&resolved, err);

	if (rc == 0)
		rc = prepare(run, command, &open, err);
	run_group_limits(&run->limits, &run->cpus, false, &limits);
	if (rc == 0 && config->use_cgroup == CORDON_CGROUP_AUTO)
		rc = run_group_open(&limits, config->require, &run->group, &run->layers, err);
	if (rc == 0)
		rc = check_group(run, &limits, config->require, err);
	if (rc == 0)
		rc = prepare_execve(run, &resolved, command, err);
	if (rc == 0)
		rc = start(run, &resolved, err);
	if (rc == 0)
		rc = send_first(run, &open, err);
	free(open.data);
	return rc;
}

/* The kept container's group with this run's limits. One that still holds memory of the run before, whose files are being freed
 * behind it, is replaced: that memory would count against this run. */
static int renew_group(struct cordon_run *run, const struct cgroup_limits *limits, struct cordon_error *err)
{
	struct cordon_container *kept = run->kept;
	uint64_t layers = 0;
	int rc;

	if (!kept->grouped)
		return 0;
	/* No group: the one before could not be replaced. */
	rc = kept->group != NULL ? cgroup_begin(kept->group, limits, &run->before) : -EAGAIN;
	if (rc < 0) {
		cgroup_free(kept->group);
		kept->group = NULL;
		rc = run_group_open(limits, kept->config.require, &kept->group, &layers, err);
		run->before = (struct cgroup_usage){ 0 };
	}
	run->group = kept->group;
	return rc;
}

static int open_kept(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	struct run_message open = { NULL, 0 };
	struct cgroup_limits limits;
	int rc = prepare(run, command, &open, err);

	run_group_limits(&run->limits, &run->cpus, true, &limits);
	run->layers = run->kept->layers;
	run->paused_before_ns = atomic_load(&run->kept->paused_ns);
	if (rc == 0)
		rc = renew_group(run, &limits, err);
	if (rc == 0)
		rc = check_group(run, &limits, run->kept->config.require, err);
	if (rc == 0)
		rc = prepare_execve(run, &run->kept->config, command, err);
	if (rc == 0) {
		container_run_begins(run->kept);
		sched_host_pin_init(run->kept->base.pid, &run->kept->cpu);
		rc = send_first(run, &open, err);
	}
	free(open.data);
	if (rc < 0 && err->step == CORDON_STEP_INIT_GONE)
		container_break(run->kept, err);
	return rc;
}

static struct cordon_run *run_new(struct cordon_container *kept, const struct cpus *cpus)
{
	struct cordon_run *run = calloc(1, sizeof *run);

	if (run == NULL)
		return NULL;
	if (kept == NULL)
		use_begin();	/* a kept container does so itself */
	run->open_ns = clock_ns();
	run->oom_due_ns = UINT64_MAX;
	run->epoll_fd = run->cancel_fd = run->sync_fd = run->sync_far = -1;
	for (uint32_t i = 0; i < RUN_SOURCES; i++)
		run->watches[i].fd = -1;
	run->kept = kept;
	run->cpus = *cpus;
	run->container = kept != NULL ? &kept->base : &run->own;
	container_init(&run->own);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_init(&run->streams[i]);
	return run;
}

int cordon_run_open(const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_run **ret_run, struct cordon_error *err)
{
	struct cordon_run *run;
	struct cpus cpus;
	int rc = validate_config(config, err);

	if (rc == 0)
		rc = validate_command(command, &cpus, err);
	if (rc == 0)
		rc = validate_together(config, command, err);
	if (rc == 0)
		rc = machine_check(config, err);
	if (rc < 0)
		return rc;
	run = run_new(NULL, &cpus);
	if (run == NULL)
		return out_of_memory(err);
	rc = open_own(run, config, command, err);
	if (rc < 0) {
		cordon_run_free(run);
		return rc;
	}
	*ret_run = run;
	return 0;
}

int cordon_container_run_open(struct cordon_container *kept, const struct cordon_command *command, uint32_t flags,
			      struct cordon_run **ret_run, struct cordon_error *err)
{
	struct cordon_run *run;
	struct cpus cpus;
	int rc = validate_command(command, &cpus, err);

	if (rc == 0)
		rc = validate_together(&kept->config, command, err);
	if (rc == 0 && (flags & ~(uint32_t)CORDON_RUN_RESET) != 0)
		rc = error_refuse(err, CORDON_NO_INDEX, "flags", "unknown bit", "is none of enum cordon_run_flag");
	if (rc == 0)
		rc = container_may_use(kept, err);
	if (rc < 0)
		return rc;
	run = run_new(kept, &cpus);
	if (run == NULL)
		return out_of_memory(err);
	run->flags = flags;
	kept->busy = true;
	rc = open_kept(run, command, err);
	if (rc < 0) {
		cordon_run_free(run);
		return rc;
	}
	*ret_run = run;
	return 0;
}
