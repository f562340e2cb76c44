#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "base/base.h"
#include "cordon/seccomp.h"
#include "error/error.h"
#include "host/run.h"
#include "host/validate.h"
#include "socket/socket.h"
#include "wire/wire.h"

#define PROCS_FDS_MAX 4

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

static void add_limits(struct rlimits *r, const struct cordon_limits *l, uint32_t controllers)
{
	bool has_memory = (controllers & 1u << CGROUP_MEMORY) != 0;

	add_rlimit(r, RLIMIT_CORE, l->core_bytes);
	add_rlimit(r, RLIMIT_FSIZE, l->output_bytes);
	add_rlimit(r, RLIMIT_NOFILE, l->open_files);
	add_rlimit(r, RLIMIT_STACK, has_memory ? l->stack_bytes : u64_min(l->stack_bytes, FALLBACK_STACK_BYTES));
	if (!has_memory && l->memory_bytes <= INT64_MAX / FALLBACK_DATA_FACTOR)
		add_rlimit(r, RLIMIT_DATA, u64_max(l->memory_bytes * FALLBACK_DATA_FACTOR,
						   l->memory_bytes + FALLBACK_DATA_MIN_BYTES));
	if ((controllers & 1u << CGROUP_PIDS) == 0)
		add_rlimit(r, RLIMIT_NPROC, l->processes);
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

static int dup_fd(int fd, int index, struct cordon_error *err)
{
	int copy = (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? error_set(err, -copy, CORDON_STEP_DUP_FD, index, NULL) : copy;
}

/* Fills run->fds: files, executable, sync socket, CPU file, cgroup.procs files. The caller's descriptors are duplicated, because
 * the message may be sent after cordon_run_open has returned. */
static int collect_fds(struct cordon_run *run, const struct cordon_command *command, const struct target *targets,
		       uint32_t ntargets, int *sync_far, struct cordon_msg_execve *m, struct cordon_error *err)
{
	int procs[PROCS_FDS_MAX], fd;

	run->fds = calloc(CORDON_EXECVE_FDS_MAX + 3 + PROCS_FDS_MAX, sizeof *run->fds);
	if (run->fds == NULL)
		return out_of_memory(err);
	for (uint32_t i = 0; i < ntargets; i++) {
		fd = dup_fd(targets[i].fd, (int)targets[i].number, err);
		if (fd < 0)
			return fd;
		run->fds[run->nfds++] = fd;
		run->nowned = run->nfds;
	}
	m->nfds = ntargets;
	if (command->exec_fd >= 0) {
		fd = dup_fd(command->exec_fd, CORDON_NO_INDEX, err);
		if (fd < 0)
			return fd;
		run->fds[run->nfds++] = fd;
		run->nowned = run->nfds;
		m->flags |= CORDON_EXECVE_EXEC_FD;
	}
	if (*sync_far >= 0) {
		run->fds[run->nfds++] = fd_take(sync_far);
		run->nowned = run->nfds;
		m->flags |= CORDON_EXECVE_SYNC_FD;
	}
	fd = cgroup_cpu_fd(run->group);
	if (fd >= 0) {
		run->fds[run->nfds++] = fd;
		m->flags |= CORDON_EXECVE_CPU_FD;
		if (cgroup_version(run->group, CGROUP_CPU) == CORDON_CGROUP_V2)
			m->flags |= CORDON_EXECVE_CPU_USEC;
	}
	m->nprocs = cgroup_procs_fds(run->group, procs, PROCS_FDS_MAX);
	for (uint32_t i = 0; i < m->nprocs; i++)
		run->fds[run->nfds++] = procs[i];
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

static int check_strings(const struct cordon_command *command, struct cordon_error *err)
{
	if (strings_size(command->argv) + strings_size(command->envp) > CORDON_MSG_BIG_MAX / 2)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "size", "at most 4 MiB together");
	if (strings_count(command->argv) > CORDON_EXECVE_STRINGS_MAX || strings_count(command->envp) > CORDON_EXECVE_STRINGS_MAX)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "count", "at most 131072 each");
	return 0;
}

static int prepare_execve(struct cordon_run *run, const struct cordon_command *command, int *sync_far, struct cordon_error *err)
{
	struct target targets[CORDON_EXECVE_FDS_MAX];
	uint32_t numbers[CORDON_EXECVE_FDS_MAX], ntargets = sort_targets(run, command, targets);
	const char *work_dir = command->work_dir != NULL ? command->work_dir : "/";
	struct rlimits rlimits = { .n = 0 };
	struct cordon_msg_execve *m;
	struct wire_buf b;
	size_t size;
	int rc = check_strings(command, err);

	if (rc < 0)
		return rc;
	size = sizeof *m + sizeof numbers + sizeof rlimits.all + strings_size(command->argv) + strings_size(command->envp) +
	       strlen(work_dir) + 128;
	m = run->execve.data = malloc(size);
	if (m == NULL)
		return out_of_memory(err);
	wire_begin(&b, m, size, CORDON_MSG_EXECVE, sizeof *m);
	rc = collect_fds(run, command, targets, ntargets, sync_far, m, err);
	if (rc < 0)
		return rc;
	add_limits(&rlimits, &command->limits, cgroup_controllers(run->group));
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
	m->work_dir = wire_put_string(&b, work_dir);
	m->cpu_time_ns = command->limits.cpu_time_ns;
	m->wall_time_ns = command->limits.wall_time_ns;
	m->idle_time_ns = command->limits.idle_time_ns;
	rc = wire_end(&b);
	if (rc < 0)
		return error_refuse(err, CORDON_NO_INDEX, "argv, envp", "size", "at most 4 MiB together");
	run->execve.size = (uint32_t)rc;
	return 0;
}

int run_send_execve(struct cordon_run *run, struct cordon_error *err)
{
	int rc = container_send(&run->container, run->execve.data, run->execve.size, run->fds, run->nfds, err);

	for (uint32_t i = 0; i < run->nowned; i++)
		fd_close(&run->fds[i]);
	run->nowned = 0;
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_close_child(&run->streams[i]);
	free(run->execve.data);
	run->execve.data = NULL;
	run->stage = RUN_RUNNING;
	run->deadline_ns = run->limits.wall_time_ns == CORDON_UNLIMITED
				   ? UINT64_MAX
				   : clock_ns() + RUN_SETUP_NS + run->limits.wall_time_ns + RUN_GRACE_NS;
	return rc;
}

/* An OPEN for n names, each made absolute by the work dir. */
static int prepare_open(struct run_message *message, const char *work_dir, uint32_t n, const char *(*name)(const void *, uint32_t),
			const void *names, const struct cordon_open_item *items, struct cordon_error *err)
{
	size_t size = sizeof(struct cordon_msg_open) + n * sizeof *items + 64;
	struct cordon_open_item *out = calloc(n, sizeof *out);
	struct cordon_msg_open *m;
	struct wire_buf b;
	char path[4096];
	int rc = 0;

	for (uint32_t i = 0; i < n; i++)
		size += strlen(work_dir) + strlen(name(names, i)) + 16;
	m = message->data = malloc(size);
	if (m == NULL || out == NULL) {
		free(out);
		return out_of_memory(err);
	}
	wire_begin(&b, m, size, CORDON_MSG_OPEN, sizeof *m);
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		const char *s = name(names, i);
		bool absolute = s[0] == '/';

		out[i] = items[i];
		if (!str_concat(path, sizeof path, absolute ? "" : work_dir, absolute ? "" : "/", s))
			rc = error_refuse(err, (int32_t)i, "copy name", s, "too long");
		out[i].path = wire_put_string(&b, path);
	}
	m->nitems = n;
	m->items = wire_put(&b, out, n * sizeof *out);
	free(out);
	if (rc == 0 && wire_end(&b) < 0)
		rc = error_refuse(err, CORDON_NO_INDEX, "copy", "size", "at most 8 MiB of names");
	message->size = (uint32_t)b.used;
	return rc;
}

/* ---- copies ---- */

static const char *copy_in_name(const void *items, uint32_t i)
{
	return ((const struct cordon_copy_in *)items)[i].name;
}

static const char *copy_out_name(const void *items, uint32_t i)
{
	return ((const struct cordon_copy_out *)items)[i].name;
}

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
	struct cordon_open_item *items = calloc(command->ncopy_in, sizeof *items);
	int rc = 0;

	run->copy_in = calloc(command->ncopy_in, sizeof *run->copy_in);
	if (items == NULL || run->copy_in == NULL)
		rc = out_of_memory(err);
	for (uint32_t i = 0; i < command->ncopy_in && rc == 0; i++) {
		items[i].flags = CORDON_OPEN_CREATE;
		run->ncopy_in = i + 1;
		rc = take_copy_in(&run->copy_in[i], &command->copy_in[i], (int32_t)i, &items[i].mode, err);
	}
	if (rc == 0)
		rc = prepare_open(message, command->work_dir != NULL ? command->work_dir : "", command->ncopy_in, copy_in_name,
				  command->copy_in, items, err);
	free(items);
	return rc;
}

static int prepare_copy_out(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	struct cordon_open_item *items = calloc(command->ncopy_out, sizeof *items);
	int rc = 0;

	run->copy_out = calloc(command->ncopy_out, sizeof *run->copy_out);
	run->copied = calloc(command->ncopy_out, sizeof *run->copied);
	if (items == NULL || run->copy_out == NULL || run->copied == NULL)
		rc = out_of_memory(err);
	for (uint32_t i = 0; i < command->ncopy_out && rc == 0; i++) {
		const struct cordon_copy_out *item = &command->copy_out[i];

		run->ncopy_out = i + 1;
		run->copy_out[i] = (struct run_copy_out){ .limit = item->limit_bytes, .flags = item->flags };
		if (item->path != NULL && (run->copy_out[i].path = strdup(item->path)) == NULL)
			rc = out_of_memory(err);
	}
	if (rc == 0)
		rc = prepare_open(&run->fetch, command->work_dir != NULL ? command->work_dir : "", command->ncopy_out,
				  copy_out_name, command->copy_out, items, err);
	free(items);
	return rc;
}

/* ---- opening ---- */

static int open_epoll(struct cordon_run *run, struct cordon_error *err)
{
	int rc = run->epoll_fd = (int)sys(__NR_epoll_create1, EPOLL_CLOEXEC);

	if (rc >= 0)
		rc = run->cancel_fd = (int)sys(__NR_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (rc >= 0)
		rc = run_watch(run, run->cancel_fd, RUN_SOURCE_CANCEL);
	return rc < 0 ? error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL) : 0;
}

static int open_streams(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	int rc = 0;

	for (int i = 0; i < 3 && rc == 0; i++) {
		rc = stream_open(&run->streams[i], &command->stdio[i], i, &run->streams[1], err);
		if (command->stdio[i].kind == CORDON_STDIO_FORWARD)
			run->streams[i].limit = run->limits.output_bytes;
		if (rc == 0 && run->streams[i].read_fd >= 0)
			rc = run_watch(run, run->streams[i].read_fd, RUN_SOURCE_STDOUT + (uint32_t)i - 1);
	}
	return rc;
}

static int open_sync(struct cordon_run *run, int *ret_far, struct cordon_error *err)
{
	int pair[2], rc = socket_pair(pair);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	run->sync_fd = pair[0];
	*ret_far = pair[1];
	return run_watch(run, run->sync_fd, RUN_SOURCE_SYNC);
}

static int open_group(struct cordon_run *run, const struct cordon_container_config *config, struct cordon_error *err)
{
	static const enum cordon_layer layers[CGROUP_CONTROLLERS] = {
		[CGROUP_MEMORY] = CORDON_LAYER_CGROUP_MEMORY,
		[CGROUP_PIDS] = CORDON_LAYER_CGROUP_PIDS,
		[CGROUP_CPU] = CORDON_LAYER_CGROUP_CPU,
	};
	const struct cgroup_limits limits = { run->limits.memory_bytes, run->limits.processes };
	int rc = cgroup_open(&limits, &run->group, err);
	uint32_t controllers;

	if (rc < 0)
		return rc;
	controllers = cgroup_controllers(run->group);
	for (uint32_t i = 0; i < CGROUP_CONTROLLERS; i++) {
		if ((controllers & 1u << i) != 0)
			run->layers |= CORDON_LAYER_BIT(layers[i]);
		else if ((config->require & CORDON_LAYER_BIT(layers[i])) != 0)
			return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, cordon_layer_name(layers[i]));
	}
	return 0;
}

/* The filter of config in the form in which CONF carries it. */
static int resolve_seccomp(struct cordon_container_config *config, struct cordon_error *err)
{
	if (config->seccomp_kind == CORDON_SECCOMP_DEFAULT)
		return cordon_seccomp_default(CORDON_ARCH_NATIVE, &config->seccomp_bpf, &config->seccomp_len, err);
	if (config->seccomp_kind == CORDON_SECCOMP_NONE) {
		config->seccomp_bpf = NULL;
		config->seccomp_len = 0;
	}
	return 0;
}

static int start(struct cordon_run *run, const struct cordon_container_config *config, struct cordon_error *err)
{
	int rc = container_start(&run->container, config, err);

	if (rc == 0 && (config->require & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID)) != 0 && !run->container.ids.own)
		rc = error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, cordon_layer_name(CORDON_LAYER_OWN_UID));
	if (rc == 0)
		rc = run_watch(run, run->container.socket, RUN_SOURCE_SOCKET);
	if (rc == 0)
		rc = container_conf(&run->container, config, err);
	run->layers |= run->container.layers;
	return rc;
}

static int open_run(struct cordon_run *run, const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_error *err)
{
	struct cordon_container_config resolved = *config;
	struct run_message open = { NULL, 0 };
	AUTO_CLOSE int sync_far = -1;
	int rc;

	run->limits = command->limits;
	rc = resolve_seccomp(&resolved, err);
	if (rc == 0)
		rc = open_epoll(run, err);
	if (rc == 0)
		rc = open_streams(run, command, err);
	if (rc == 0 && command->ncopy_in > 0)
		rc = prepare_copy_in(run, command, &open, err);
	if (rc == 0 && command->ncopy_out > 0)
		rc = prepare_copy_out(run, command, err);
	if (rc == 0 && command->sync != 0)
		rc = open_sync(run, &sync_far, err);
	if (rc == 0)
		rc = open_group(run, config, err);
	if (rc == 0)
		rc = prepare_execve(run, command, &sync_far, err);
	if (rc == 0)
		rc = start(run, &resolved, err);
	run->deadline_ns = clock_ns() + RUN_SETUP_NS;
	if (rc == 0)
		rc = command->ncopy_in > 0 ? container_send(&run->container, open.data, open.size, NULL, 0, err)
					   : run_send_execve(run, err);
	free(open.data);
	return rc;
}

int cordon_run_open(const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_run **ret_run, struct cordon_error *err)
{
	uint64_t open_ns = clock_ns();
	struct cordon_run *run;
	int rc = validate_config(config, err);

	if (rc == 0)
		rc = validate_command(command, err);
	if (rc < 0)
		return rc;
	run = calloc(1, sizeof *run);
	if (run == NULL)
		return out_of_memory(err);
	run->open_ns = open_ns;
	run->epoll_fd = run->cancel_fd = run->sync_fd = -1;
	container_init(&run->container);
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_init(&run->streams[i]);
	rc = open_run(run, config, command, err);
	if (rc < 0) {
		cordon_run_free(run);
		return rc;
	}
	*ret_run = run;
	return 0;
}
