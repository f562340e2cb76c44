/* SPDX-License-Identifier: Apache-2.0 */
/* run_open: checks a request, prepares its run, and sends the first command. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include "base/base.h"
#include "cordon/runner.h"
#include "error/error.h"
#include "host/container.h"
#include "host/filter.h"
#include "host/ids.h"
#include "host/init_process.h"
#include "host/limits.h"
#include "host/live.h"
#include "host/machine.h"
#include "host/run_copy.h"
#include "host/run_execve.h"
#include "host/run_group.h"
#include "host/run_state.h"
#include "host/validate.h"
#include "sched/host.h"
#include "socket/socket.h"
#include "trace/trace.h"

static int out_of_memory(struct cordon_error *err)
{
	return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
}

static void watch_memory(struct cordon_run *run)
{
	short events = 0;
	int fd = cgroup_oom_fd(run->group, &events);

	run->watches[RUN_SOURCE_OOM] = (struct pollfd){ .fd = fd, .events = events };
}

static int open_wake(struct cordon_run *run, struct cordon_error *err)
{
	run->wake_fd = (int)sys(__NR_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (run->wake_fd < 0)
		return error_set(err, -run->wake_fd, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	run_watch(run, run->wake_fd, RUN_SOURCE_WAKE);
	return 0;
}

static int open_live(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	bool wanted = false;
	int rc;

	for (int i = 0; i < 3; i++)
		wanted |= command->stdio[i].kind == CORDON_STDIO_STREAM;
	if (!wanted)
		return 0;
	rc = live_open(&run->limits, run->wake_fd, &run->live);
	if (rc < 0)
		return error_set(err, -rc, rc == -ENOMEM ? CORDON_STEP_MEMORY : CORDON_STEP_SOCKET, CORDON_NO_INDEX,
				 NULL);
	return command->terminal != 0 ? stream_open_terminal(run->streams, run->live, run->given.foreign, err) : 0;
}

/* The descriptors of the caller's beyond the standard streams, and what all of the caller's files need of the host. */
static int open_further(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	if (command->nfds > 0 && (run->further = calloc(command->nfds, sizeof *run->further)) == NULL)
		return out_of_memory(err);
	for (uint32_t i = 0; i < command->nfds; i++) {
		run->further[i] = given_fd(&run->given, command->fds[i].fd, command->fds[i].target, err);
		if (run->further[i] < 0)
			return run->further[i];
	}
	run_watch(run, run->given.pumps.epoll_fd, RUN_SOURCE_PUMPS);
	return 0;
}

static int open_streams(struct cordon_run *run, const struct cordon_container_config *config,
			const struct cordon_command *command, struct cordon_error *err)
{
	int rc;

	run->given.foreign = ids_are_foreign(config);
	rc = open_live(run, command, err);
	for (int i = 0; i < 3 && rc == 0; i++) {
		if (run->streams[i].child_fd >= 0)	/* a terminal's */
			continue;
		rc = stream_open(&run->streams[i], &command->stdio[i], i, run->streams, run->live, &run->given, err);
		if (rc < 0)
			return rc;
		if (command->stdio[i].kind == CORDON_STDIO_FORWARD)
			run->streams[i].limit = run->limits.output_bytes;
		if (i > 0)
			run_watch(run, run->streams[i].read_fd, i == 1 ? RUN_SOURCE_STDOUT : RUN_SOURCE_STDERR);
	}
	return rc == 0 ? open_further(run, command, err) : rc;
}

static int open_sync(struct cordon_run *run, struct cordon_error *err)
{
	int pair[2], rc = socket_pair(pair);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	run->sync_fd = pair[0];
	run->sync_far = pair[1];
	run_watch(run, run->sync_fd, RUN_SOURCE_SYNC);
	return 0;
}

/* Prepares what a command needs in the host, before a process is started. */
static int prepare(struct cordon_run *run, const struct cordon_container_config *config,
		   const struct cordon_command *command, struct init_message *open, struct cordon_error *err)
{
	int rc;

	run->limits = limits_settle(&command->limits);
	if (run->cpus.words > 0) {
		rc = machine_check_cpus(&run->cpus, err);
		if (rc < 0)
			return rc;
	}
	rc = open_wake(run, err);
	if (rc < 0)
		return rc;
	rc = open_streams(run, config, command, err);
	if (rc < 0)
		return rc;
	if (command->ncopy_in > 0) {
		rc = run_copy_prepare_in(run, command, open, err);
		if (rc < 0)
			return rc;
	}
	if (command->ncopy_out > 0) {
		rc = fetch_open(command->copy_out, command->ncopy_out,
				command->work_dir != NULL ? command->work_dir : "", &run->fetch, err);
		if (rc < 0)
			return rc;
	}
	return command->sync != 0 ? open_sync(run, err) : 0;
}

/* Sends the first command. */
static int send_first(struct cordon_run *run, struct init_message *open, struct cordon_error *err)
{
	run_watch(run, run->init->socket, RUN_SOURCE_SOCKET);
	watch_memory(run);
	run_deadline_set(run, clock_ns() + INIT_SETUP_NS);
	return open->data == NULL ? run_execve_send(run, err) : run_send(run, open, 0, err);
}

static int open_own(struct cordon_run *run, const struct cordon_container_config *config,
		    const struct cordon_command *command, struct cordon_error *err)
{
	struct cordon_container_config resolved = *config;
	AUTO_MESSAGE struct init_message open = { NULL, 0 };
	struct cgroup_limits limits;
	int rc = filter_resolve(&resolved, err);

	if (rc < 0)
		return rc;
	rc = prepare(run, &resolved, command, &open, err);
	if (rc < 0)
		return rc;
	run_group_limits(&run->limits, &run->cpus, false, &limits);
	if (config->use_cgroup == CORDON_CGROUP_AUTO) {
		rc = run_group_open(&limits, config->require, &run->group, &run->layers, err);
		if (rc < 0)
			return rc;
	}
	rc = run_group_check(run->group, &limits, config->require, &run->layers, err);
	if (rc < 0)
		return rc;
	rc = run_execve_prepare(run, &resolved, command, err);
	if (rc < 0)
		return rc;
	run->without_namespaces = config->namespaces == CORDON_NAMESPACES_NONE;
	rc = init_process_open(&run->own_init, &resolved, cgroup_inits_fd(run->group), false, err);
	if (rc < 0)
		return rc;
	run->layers |= run->own_init.layers;
	return send_first(run, &open, err);
}

/* Sets this run's limits in the kept container's group. The group is replaced if it still holds memory of the previous
 * run (whose files are still being freed), which would count against this run. */
static int renew_group(struct cordon_run *run, const struct cgroup_limits *limits, struct cordon_error *err)
{
	struct cordon_container *kept = run->kept;
	uint64_t layers = 0;
	int rc;

	if (!kept->grouped)
		return 0;
	/* no group: the previous one could not be replaced */
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
	AUTO_MESSAGE struct init_message open = { NULL, 0 };
	struct cordon_container *kept = run->kept;
	struct cgroup_limits limits;
	int rc = prepare(run, &kept->config, command, &open, err);

	if (rc < 0)
		return rc;
	run_group_limits(&run->limits, &run->cpus, true, &limits);
	run->layers = kept->layers;
	run->paused_before_ns = atomic_load(&kept->paused_ns);
	rc = renew_group(run, &limits, err);
	if (rc < 0)
		return rc;
	rc = run_group_check(run->group, &limits, kept->config.require, &run->layers, err);
	if (rc < 0)
		return rc;
	rc = run_execve_prepare(run, &kept->config, command, err);
	if (rc < 0)
		return rc;
	container_run_begins(kept);
	sched_host_pin_init(kept->init.pid, &kept->cpu);
	rc = send_first(run, &open, err);
	if (rc < 0 && err->step == CORDON_STEP_INIT_GONE)
		container_break(kept, err);
	return rc;
}

int cordon_run_open(const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_run **ret_run, struct cordon_error *err)
{
	struct cordon_run *run;
	struct cpus cpus;
	int rc = validate_config(config, err);

	if (rc < 0)
		return rc;
	rc = validate_command(command, &cpus, err);
	if (rc < 0)
		return rc;
	rc = validate_together(config, command, err);
	if (rc < 0)
		return rc;
	if (config->shared != 0)
		return error_refuse(err, CORDON_NO_INDEX, "shared", "1", "only for a container that is kept");
	rc = machine_check(config, err);
	if (rc < 0)
		return rc;
	run = run_state_new(NULL, &cpus);
	if (run == NULL)
		return out_of_memory(err);
	rc = open_own(run, config, command, err);
	if (rc < 0) {
		trace_error(run->init->pid, "refused", err);
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

	if (rc < 0)
		return rc;
	rc = validate_together(&kept->config, command, err);
	if (rc < 0)
		return rc;
	if ((flags & ~(uint32_t)CORDON_RUN_RESET) != 0)
		return error_refuse(err, CORDON_NO_INDEX, "flags", "unknown bit", "is not an enum cordon_run_flag");
	if (kept->shared != NULL && (flags & CORDON_RUN_RESET) != 0)
		return error_refuse(err, CORDON_NO_INDEX, "flags", "RESET",
				    "not for a shared container, where others may run");
	rc = container_take(kept, err);
	if (rc < 0)
		return rc;
	run = run_state_new(kept, &cpus);
	if (run == NULL) {
		container_let_go(kept);
		return out_of_memory(err);
	}
	run->flags = flags;
	rc = open_kept(run, command, err);
	if (rc < 0) {
		trace_error(run->init->pid, "refused", err);
		cordon_run_free(run);
		return rc;
	}
	*ret_run = run;
	return 0;
}
