/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/init_process.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include "base/base.h"
#include "base/heap.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "host/bounds.h"
#include "image/image.h"
#include "sched/host.h"
#include "trace/trace.h"
#include "tree/tree.h"
#include "wire/wire.h"

#define CAP_BIT(cap) (UINT64_C(1) << (cap))

/* The capabilities that init needs in its own user namespace, where the kernel gives it a full set: mounts, names, ids,
 * ownership, signals to the program's uid, loopback, the bounds of what is counted per user, and to attach its
 * supervisor to a program with other ids and pin it to a CPU. */
#define INIT_CAPS                                                                                                  \
	(CAP_BIT(CAP_CHOWN) | CAP_BIT(CAP_DAC_OVERRIDE) | CAP_BIT(CAP_DAC_READ_SEARCH) | CAP_BIT(CAP_FOWNER) |      \
	 CAP_BIT(CAP_KILL) | CAP_BIT(CAP_SETGID) | CAP_BIT(CAP_SETUID) | CAP_BIT(CAP_SETPCAP) |                    \
	 CAP_BIT(CAP_NET_ADMIN) | CAP_BIT(CAP_SYS_ADMIN) | CAP_BIT(CAP_SYS_PTRACE) | CAP_BIT(CAP_SYS_NICE) | \
	 CAP_BIT(CAP_SYS_RESOURCE))

#define END_MS 5000		/* time for init to end a process tree itself */

void init_process_init(struct init_process *p)
{
	memset(p, 0, sizeof *p);
	p->socket = p->pidfd = -1;
}

/* The namespaces of the clone, and their layers. */
static void plan_namespaces(struct init_process *p, uint32_t network, struct child_plan *plan)
{
	plan->clone_flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
	plan->ambient_caps = INIT_CAPS;
	p->layers = CORDON_LAYER_BIT(CORDON_LAYER_USER_NS) | CORDON_LAYER_BIT(CORDON_LAYER_MOUNT_NS) |
		    CORDON_LAYER_BIT(CORDON_LAYER_PID_NS) | CORDON_LAYER_BIT(CORDON_LAYER_IPC_NS) |
		    CORDON_LAYER_BIT(CORDON_LAYER_UTS_NS) | CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_NS);
	if (network != CORDON_NETWORK_HOST) {
		plan->clone_flags |= CLONE_NEWNET;
		p->layers |= CORDON_LAYER_BIT(CORDON_LAYER_NET_NS);
	}
}

static int spawn(struct init_process *p, uint32_t network, int cgroup_fd, int socket, struct cordon_error *err)
{
	static const char *const argv[] = { "cordon-init", NULL };
	static const char *const envp[] = { NULL };
	const struct child_fd fds[] = { { socket, 0 } };
	struct child_plan plan = {
		.argv = argv,
		.envp = envp,
		.fds = fds,
		.nfds = ARRAY_LEN(fds),
		.new_session = true,
		.cgroup_fd = cgroup_fd,
		.sync_fd = -1,
	};
	int rc;

	p->layers = 0;
	if (!p->no_namespaces)
		plan_namespaces(p, network, &plan);
	plan.exec_fd = image_fd(err);
	if (plan.exec_fd < 0)
		return plan.exec_fd;
	rc = forkexec_start(&plan, &p->pidfd, &p->pid, err);
	if (rc == 0)
		TRACE(p->pid, "start", TRACE_INT("namespaces", !p->no_namespaces), TRACE_INT("group", cgroup_fd >= 0));
	if (rc < 0 && err->step == CORDON_STEP_EXECVE)
		err->step = CORDON_STEP_START_INIT;
	return rc;
}

int init_process_start(struct init_process *p, const struct cordon_container_config *config, int cgroup_fd,
		       struct cordon_error *err)
{
	AUTO_CLOSE int far_end = -1;
	int pair[2], rc;

	p->no_namespaces = config->namespaces == CORDON_NAMESPACES_NONE;
	rc = p->no_namespaces ? ids_share(config, &p->ids, err) : ids_choose(config, &p->ids, err);
	if (rc < 0)
		return rc;
	rc = socket_pair(pair);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL);
	p->socket = pair[0];
	far_end = pair[1];
	rc = spawn(p, config->network, cgroup_fd, far_end, err);
	if (rc == 0 && !p->no_namespaces) {
		rc = ids_write_maps(&p->ids, p->pid, err);
		TRACE(p->pid, "step", TRACE_WORD("maps"), TRACE_INT("rc", rc));
	}
	if (rc < 0)
		init_process_stop(p);
	return rc;
}

void init_process_adopt(struct init_process *p, const struct init_process *base, int socket)
{
	*p = *base;
	p->socket = socket;
	p->pidfd = -1;
	p->pid = 0;
	p->sidecar = true;
}

int init_process_send(struct init_process *p, void *msg, uint32_t size, const int *fds, uint32_t nfds,
		      struct cordon_error *err)
{
	struct cordon_msg *head = msg;
	int rc;

	head->id = ++p->last_id;
	trace_message(p->pid, "send", head, size, nfds);
	rc = socket_send(p->socket, msg, size, fds, nfds);

	if (rc == -EPIPE || rc == -ECONNRESET)
		return error_set(err, -rc, CORDON_STEP_INIT_GONE, CORDON_NO_INDEX, NULL);
	if (rc == -EMSGSIZE)
		return error_refuse(err, CORDON_NO_INDEX, "request", "size", "at most 8 MiB and 250 descriptors");
	return rc < 0 ? error_set(err, -rc, CORDON_STEP_SOCKET, CORDON_NO_INDEX, NULL) : 0;
}

int init_process_recv(struct init_process *p, bool wait, void *buffer, struct socket_msg *msg, struct cordon_error *err)
{
	int rc = socket_recv(p->socket, wait, buffer, msg);

	/* Only the init that made a sidecar had the other end of its socket before, and that init sends nothing there.
	 * So the first message is the sidecar's, and tells its pid. */
	if (rc == 0 && p->sidecar && p->pid == 0)
		p->pid = msg->sender_pid;
	if (rc == 0 && msg->sender_pid != p->pid) {
		socket_msg_done(msg);
		rc = -EPERM;
	}
	if (rc == 0)
		trace_message(p->pid, "recv", msg->data, msg->size, msg->nfds);
	if (rc == -EPIPE)
		return error_set(err, ECONNRESET, CORDON_STEP_INIT_GONE, CORDON_NO_INDEX, NULL);
	if (rc < 0 && rc != -EAGAIN)
		return error_set(err, -rc, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, NULL);
	return rc;
}

int init_process_command(struct init_process *p, enum cordon_msg_type type, uint32_t flags, struct cordon_error *err)
{
	struct cordon_msg command = {
		.version = CORDON_PROTOCOL_VERSION, .type = (uint16_t)type, .flags = flags, .size = sizeof command,
	};

	return init_process_send(p, &command, sizeof command, NULL, 0, err);
}

/* Opens the source of bind i with the caller's rights. *ret_fd is -1 for an optional source that does not exist. */
static int open_bind(const struct cordon_container_config *config, uint32_t i, int *ret_fd, struct cordon_error *err)
{
	const struct cordon_mount *m = &config->mounts[i];
	uint32_t flags = (m->flags & CORDON_MOUNT_RW) != 0 ? TREE_RW : 0;
	struct cordon_error problem;
	int fd;

	if ((m->flags & CORDON_MOUNT_NOEXEC) != 0)
		flags |= TREE_NOEXEC;
	fd = tree_open(m->source, flags, (int32_t)i, &problem);
	if (fd < 0 && !(fd == -ENOENT && (m->flags & CORDON_MOUNT_OPTIONAL) != 0)) {
		*err = problem;
		return fd;
	}
	*ret_fd = fd < 0 ? -1 : fd;
	return 0;
}

struct conf_build {
	const struct cordon_container_config *config;
	struct wire_buf wire;
	struct cordon_conf_mount *mounts;
	uint32_t nmounts;
	int fds[CORDON_MSG_FDS_MAX];
	uint32_t nfds;
};

static void conf_build_done(struct conf_build *b)
{
	for (uint32_t i = 0; i < b->nfds; i++)
		fd_close(&b->fds[i]);
	free(b->mounts);
}

#define AUTO_CONF __attribute__((cleanup(conf_build_done)))

static int add_mount(struct conf_build *b, bool copy_mounts, uint32_t i, struct cordon_error *err)
{
	const struct cordon_mount *m = &b->config->mounts[i];
	struct cordon_conf_mount *out = &b->mounts[b->nmounts];

	*out = (struct cordon_conf_mount){
		.type = m->type, .flags = m->flags, .size_bytes = m->size_bytes, .inodes = m->inodes, .mode = m->mode,
		.fd = -1, .index = (int32_t)i,
	};
	if (m->type == CORDON_MOUNT_PROC && (b->config->require & CORDON_LAYER_BIT(CORDON_LAYER_PROC)) != 0)
		out->flags &= ~(uint32_t)CORDON_MOUNT_OPTIONAL;
	if (m->type == CORDON_MOUNT_BIND && copy_mounts) {
		int fd = -1, rc;

		if (b->nfds == CORDON_MSG_FDS_MAX - 1)	/* one slot is left for the memfd of a big message */
			return error_refuse(err, (int32_t)i, "mounts", "too many binds", "at most 249");
		rc = open_bind(b->config, i, &fd, err);
		if (rc < 0 || fd < 0)
			return rc;
		out->fd = (int32_t)b->nfds;
		b->fds[b->nfds++] = fd;
	} else {
		out->source = wire_put_string(&b->wire, m->source);
	}
	out->target = wire_put_string(&b->wire, m->target);
	b->nmounts++;
	return 0;
}

static size_t conf_size(const struct cordon_container_config *config)
{
	size_t size = sizeof(struct cordon_msg_conf) + config->seccomp_len + 1024;

	for (uint32_t i = 0; i < config->nmounts; i++) {
		const struct cordon_mount *m = &config->mounts[i];

		size += sizeof(struct cordon_conf_mount) + strlen(m->target) + 32;
		if (m->source != NULL)
			size += strlen(m->source);
	}
	for (uint32_t i = 0; config->init_command != NULL && config->init_command[i] != NULL; i++)
		size += strlen(config->init_command[i]) + 1;
	return size;
}

static int build_conf(struct conf_build *b, const struct ids *ids, struct cordon_error *err)
{
	const struct cordon_container_config *config = b->config;
	struct cordon_msg_conf *conf = (struct cordon_msg_conf *)b->wire.data;

	for (uint32_t i = 0; i < config->nmounts; i++) {
		int rc = add_mount(b, ids->copy_mounts, i, err);

		if (rc < 0)
			return rc;
	}
	conf->nmounts = b->nmounts;
	conf->mounts = wire_put(&b->wire, b->mounts, b->nmounts * sizeof *b->mounts);
	if (config->namespaces == CORDON_NAMESPACES_NONE) {
		conf->flags = CORDON_CONF_NO_NAMESPACES;
	} else {
		conf->hostname = wire_put_string(&b->wire, config->hostname != NULL ? config->hostname : "cordon");
		conf->domainname =
			wire_put_string(&b->wire, config->domainname != NULL ? config->domainname : "cordon");
	}
	conf->seccomp = wire_put(&b->wire, config->seccomp_bpf, config->seccomp_len);
	conf->flags |= ids->own ? CORDON_CONF_SET_GROUPS | CORDON_CONF_SET_IDS : 0;
	if (config->network == CORDON_NETWORK_LOOPBACK)
		conf->flags |= CORDON_CONF_LOOPBACK;
	if (config->seccomp_kind != CORDON_SECCOMP_DEFAULT)	/* the default policy refuses keyctl(2) */
		conf->flags |= CORDON_CONF_KEYRINGS;
	conf->init_command = wire_put_strings(&b->wire, config->init_command, &conf->ninit_command);
	conf->init_uid = ids->init_uid;
	conf->init_gid = ids->init_gid;
	conf->uid = ids->uid;
	conf->gid = ids->gid;
	if (config->namespaces != CORDON_NAMESPACES_NONE)
		bounds_of_user(config->seccomp_kind == CORDON_SECCOMP_DEFAULT, conf->user_max);
	if ((config->require & CORDON_LAYER_BIT(CORDON_LAYER_USER_BOUNDS)) != 0)
		conf->flags |= CORDON_CONF_NEED_BOUNDS;
	return wire_end(&b->wire) < 0 ? error_refuse(err, CORDON_NO_INDEX, "mounts", "size", "at most 8 MiB") : 0;
}

/* Where binds have taken every place but that of a big message, init writes no lines: what a sandbox may have does not
 * depend on a trace. */
static void add_trace(struct conf_build *b, const struct init_process *p, struct cordon_msg_conf *conf, uint32_t *nfds)
{
	if (!trace_is_on() || b->nfds == CORDON_MSG_FDS_MAX - 1)
		return;
	b->fds[b->nfds] = trace_fd();
	*nfds = b->nfds + 1;	/* and not b->nfds: it is borrowed */
	conf->flags |= CORDON_CONF_TRACE;
	conf->trace_pid = p->pid;
}

static void set_conf_flags(struct cordon_msg_conf *conf, const struct cordon_container_config *config, bool keep)
{
	if (!sched_host_is_on())
		conf->flags |= CORDON_CONF_NO_SCHEDULING;
	if (!keep) {
		conf->head.flags = CORDON_MSG_QUIET;
		return;
	}
	conf->flags |= CORDON_CONF_KEEP | (config->shared != 0 ? CORDON_CONF_SHARED : 0);
	/* With a loopback a reset may need a new network namespace, which the policy refuses. Without namespaces every
	 * run has a supervisor and filters of its own. */
	if (config->seccomp_kind == CORDON_SECCOMP_DEFAULT && config->network != CORDON_NETWORK_LOOPBACK &&
	    config->namespaces == CORDON_NAMESPACES_ALL)
		conf->flags |= CORDON_CONF_INHERIT;
}

int init_process_conf(struct init_process *p, const struct cordon_container_config *config, bool keep,
		      struct cordon_error *err)
{
	AUTO_CONF struct conf_build b = { .config = config };
	size_t size = conf_size(config);
	AUTO_FREE void *message = malloc(size);
	uint32_t nfds;
	int rc;

	b.mounts = calloc(config->nmounts + (size_t)1, sizeof *b.mounts);
	if (message == NULL || b.mounts == NULL)
		/* Their attributes free them, which clang does not know. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	wire_begin(&b.wire, message, size, CORDON_MSG_CONF, sizeof(struct cordon_msg_conf));
	rc = build_conf(&b, &p->ids, err);
	if (rc < 0)
		return rc;
	set_conf_flags(message, config, keep);
	nfds = b.nfds;
	add_trace(&b, p, message, &nfds);
	return init_process_send(p, message, (uint32_t)b.wire.used, b.fds, nfds, err);
}

int init_process_open(struct init_process *p, const struct cordon_container_config *config, int cgroup_fd, bool keep,
		      struct cordon_error *err)
{
	int rc = init_process_start(p, config, cgroup_fd, err);

	if (rc < 0)
		return rc;
	if ((config->require & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID)) != 0 && !p->ids.own)
		return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX,
				 cordon_layer_name(CORDON_LAYER_OWN_UID));
	return init_process_conf(p, config, keep, err);
}

/* Without namespaces the program's processes do not die with init; the end of the socket makes init end them first. */
static void let_end(struct init_process *p)
{
	struct pollfd watch = { p->pidfd, POLLIN, 0 };
	uint64_t until = clock_ns() + END_MS * NSEC_PER_MSEC, now;

	fd_close(&p->socket);
	while ((now = clock_ns()) < until && poll(&watch, 1, (int)((until - now) / NSEC_PER_MSEC) + 1) < 0 &&
	       errno == EINTR)
		;
}

/* Waits until init and every process of its pid namespace has ended. */
static void wait_for_end(struct init_process *p)
{
	struct pollfd watch = { p->pidfd, POLLIN, 0 };

	if (p->sidecar)
		while (poll(&watch, 1, -1) < 0 && errno == EINTR)
			;
	else
		while (sys(__NR_waitid, P_PIDFD, p->pidfd, NULL, WEXITED | __WALL, NULL) == -EINTR)
			;
}

void init_process_stop(struct init_process *p)
{
	if (p->pidfd >= 0)
		TRACE(p->pid, "stop", TRACE_TEXT("by", p->no_namespaces ? "end-of-socket" : "kill"));
	if (p->pidfd >= 0 && p->no_namespaces)
		let_end(p);
	if (p->pidfd >= 0) {
		(void)sys(__NR_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);	/* ESRCH: it has ended already */
		wait_for_end(p);
	}
	fd_close(&p->pidfd);
	fd_close(&p->socket);
}
