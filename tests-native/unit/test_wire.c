/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder accepts what the encoder makes. It refuses every truncation, spans outside the message, missing and
 * surplus terminators, unknown flags, a wrong number of descriptors, and a contradictory supervision. */
#include <errno.h>
#include "base/base.h"
#include "cordon/container.h"
#include "test.h"
#include "wire/wire.h"

static _Alignas(8) unsigned char message[65536];

static uint32_t make_conf(void)
{
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	struct cordon_conf_mount mounts[2] = {
		{ .type = CORDON_MOUNT_BIND, .fd = 0, .index = 0 },
		{ .type = CORDON_MOUNT_SYMLINK, .fd = -1, .index = 1 },
	};
	const uint64_t program[3] = { 1, 2, 3 };
	struct wire_buf b;
	int rc;

	wire_begin(&b, message, sizeof message, CORDON_MSG_CONF, sizeof *m);
	mounts[0].target = wire_put_string(&b, "/usr");
	mounts[1].source = wire_put_string(&b, "usr/bin");
	mounts[1].target = wire_put_string(&b, "/bin");
	m->nmounts = 2;
	m->mounts = wire_put(&b, mounts, sizeof mounts);
	m->hostname = wire_put_string(&b, "box");
	m->seccomp = wire_put(&b, program, sizeof program);
	rc = wire_end(&b);
	REQUIRE(rc > 0);
	return (uint32_t)rc;
}

static int decode_conf(uint32_t size, uint32_t nfds)
{
	struct wire_conf conf;
	const char *field = NULL;
	int rc = wire_conf_decode(message, size, nfds, &conf, &field);

	if (rc < 0)
		CHECK(field != NULL);
	return rc;
}

static void test_conf_round_trip(void)
{
	uint32_t size = make_conf();
	struct wire_conf conf;
	const char *field;

	CHECK_EQ(wire_head_check(message, size), 0);
	REQUIRE(wire_conf_decode(message, size, 1, &conf, &field) == 0);
	CHECK_EQ(conf.msg->nmounts, 2);
	CHECK_STR(wire_string(message, conf.mounts[1].source), "usr/bin");
	CHECK_STR(conf.hostname, "box");
	CHECK(conf.domainname == NULL);
	CHECK_EQ(conf.nseccomp, 3);
}

static void test_conf_refuses(void)
{
	uint32_t size = make_conf();
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	struct cordon_conf_mount *mount;

	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(decode_conf(cut, 1), -EPROTO);
	CHECK_EQ(decode_conf(size, 0), -EPROTO);	/* the bind's descriptor did not come */
	m->flags = 1u << 31;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->user_max[0] = 16;
	CHECK_EQ(decode_conf(size, 1), 0);
	m->user_max[1] = (uint32_t)INT32_MAX + 1;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->mounts.off = UINT32_MAX - 7;	/* off + len wraps */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->mounts.off++;	/* unaligned */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->nmounts = UINT32_MAX;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->hostname.len--;	/* no terminator */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	message[m->hostname.off] = '\0';	/* one in the middle */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->seccomp.len = 23;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	mount = (struct cordon_conf_mount *)(message + m->mounts.off);
	mount->type = CORDON_MOUNT_SYMLINK + 1;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	mount->type = CORDON_MOUNT_BIND;
	mount->fd = -1;		/* a bind with neither descriptor nor source */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
}

static uint32_t make_execve(uint32_t flags, uint32_t nprocs)
{
	static const char *const argv[] = { "prog", "", "arg", NULL };
	static const char *const envp[] = { "A=1", NULL };
	const uint32_t targets[] = { 0, 1, 2, 9 };
	const struct cordon_execve_rlimit rlimit = { 4, -1, 0, 0 };
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_buf b;
	int rc;

	wire_begin(&b, message, sizeof message, CORDON_MSG_EXECVE, sizeof *m);
	m->flags = flags;
	m->nfds = 4;
	m->nprocs = nprocs;
	m->targets = wire_put(&b, targets, sizeof targets);
	m->nrlimits = 1;
	m->rlimits = wire_put(&b, &rlimit, sizeof rlimit);
	m->argv = wire_put_strings(&b, argv, &m->argc);
	m->envp = wire_put_strings(&b, envp, &m->envc);
	m->work_dir = wire_put_string(&b, "/w");
	rc = wire_end(&b);
	REQUIRE(rc > 0);
	return (uint32_t)rc;
}

static int decode_execve(uint32_t size, uint32_t nfds, struct wire_execve *e)
{
	const char *field;

	return wire_execve_decode(message, size, nfds, e, &field);
}

static void test_execve(void)
{
	uint32_t size = make_execve(CORDON_EXECVE_SYNC_FD | CORDON_EXECVE_CPU_FD, 3);
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_execve e;

	REQUIRE(decode_execve(size, 9, &e) == 0);
	CHECK_EQ(e.exec_fd, -1);
	CHECK_EQ(e.sync_fd, 4);
	CHECK_EQ(e.cpu_fd, 5);
	CHECK_EQ(e.group_fd, -1);
	CHECK_EQ(e.procs, 6);
	CHECK_EQ(m->argc, 3);
	CHECK_STR(e.argv, "prog");
	CHECK_STR(e.work_dir, "/w");
	CHECK_EQ(decode_execve(size, 8, &e), -EPROTO);
	CHECK_EQ(decode_execve(size, 10, &e), -EPROTO);
	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(decode_execve(cut, 9, &e), -EPROTO);
	m->argc = 4;
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	m->argc = 0;
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	m->argc = 3;
	((uint32_t *)(message + m->targets.off))[1] = 0;	/* not ascending */
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	((uint32_t *)(message + m->targets.off))[1] = 1;
	((uint32_t *)(message + m->targets.off))[3] = 1024;
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	size = make_execve(CORDON_EXECVE_CPU_FD | CORDON_EXECVE_GROUP_FD, 1);
	REQUIRE(decode_execve(size, 7, &e) == 0);
	CHECK_EQ(e.cpu_fd, 4);
	CHECK_EQ(e.group_fd, 5);
	CHECK_EQ(e.procs, 6);
	size = make_execve(CORDON_EXECVE_GROUP_FD, 0);	/* nothing to join by where it is refused */
	CHECK_EQ(decode_execve(size, 5, &e), -EPROTO);
}

static void test_execve_limits(void)
{
	uint32_t size = make_execve(0, 0);
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_execve e;

#define CORDON_LIMIT(field, ...)
#define CORDON_INIT_LIMIT(field, name, kind, usual, least, most, none)                                             \
	m->limits.field = (most);                                                                                  \
	CHECK_EQ(decode_execve(size, 4, &e), 0);                                                                   \
	m->limits.field = (uint64_t)(most) + 1;                                                                    \
	CHECK_EQ(decode_execve(size, 4, &e), -EPROTO);                                                             \
	m->limits.field = CORDON_UNLIMITED;                                                                        \
	CHECK_EQ(decode_execve(size, 4, &e), 0);
#include "cordon/limits.def"
}

static void test_execve_cpus(void)
{
	static const uint64_t cpus[CORDON_CPUS_MAX / 64 + 1] = { 0, 2 };
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_execve e;
	struct wire_buf b;
	uint32_t size;

	size = make_execve(0, 0);
	REQUIRE(decode_execve(size, 4, &e) == 0);
	CHECK(e.cpus == NULL && e.ncpu_words == 0);
	b = (struct wire_buf){ message, sizeof message, size, false };
	m->cpus = wire_put(&b, cpus, sizeof cpus);
	size = (uint32_t)wire_end(&b);
	CHECK_EQ(decode_execve(size, 4, &e), -EPROTO);	/* more than there can be */
	m->cpus.len = sizeof cpus - 8;
	REQUIRE(decode_execve(size, 4, &e) == 0);
	CHECK(e.ncpu_words == CORDON_CPUS_MAX / 64 && e.cpus[1] == 2);
	m->cpus.len = 8;	/* none of them */
	CHECK_EQ(decode_execve(size, 4, &e), -EPROTO);
	m->cpus.len = 12;
	CHECK_EQ(decode_execve(size, 4, &e), -EPROTO);
	m->cpus.len = 16;
	CHECK_EQ(decode_execve(size, 4, &e), 0);
	m->cpus.off += 4;
	CHECK_EQ(decode_execve(size, 4, &e), -EPROTO);
	m->cpus.off = size - 8;
	CHECK_EQ(decode_execve(size, 4, &e), -EPROTO);
}

static void test_conf_without_namespaces(void)
{
	const uint32_t refused[] = { CORDON_CONF_LOOPBACK, CORDON_CONF_INHERIT, CORDON_CONF_KEYRINGS,
				     CORDON_CONF_NEED_BOUNDS };
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	uint32_t size = make_conf();

	m->flags = CORDON_CONF_NO_NAMESPACES;	/* with mounts and a name */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	m->nmounts = 0;
	m->mounts = (struct cordon_span){ 0, 0 };
	CHECK_EQ(decode_conf(size, 0), -EPROTO);
	m->hostname = (struct cordon_span){ 0, 0 };
	CHECK_EQ(decode_conf(size, 0), 0);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		m->flags = CORDON_CONF_NO_NAMESPACES | refused[i];
		CHECK_EQ(decode_conf(size, 0), -EPROTO);
	}
	m->flags = CORDON_CONF_NO_NAMESPACES | CORDON_CONF_KEEP | CORDON_CONF_NO_SCHEDULING;
	CHECK_EQ(decode_conf(size, 0), 0);
	m->user_max[0] = 1;
	CHECK_EQ(decode_conf(size, 0), -EPROTO);
	m->user_max[0] = 0;
	m->flags |= CORDON_CONF_SHARED;
	CHECK_EQ(decode_conf(size, 0), -EPROTO);
	m->flags = CORDON_CONF_SHARED;	/* for one run */
	CHECK_EQ(decode_conf(size, 0), -EPROTO);
	m->flags |= CORDON_CONF_KEEP;
	CHECK_EQ(decode_conf(size, 0), 0);
	m->flags |= CORDON_CONF_NEED_BOUNDS << 1;	/* above the last flag */
	CHECK_EQ(decode_conf(size, 0), -EPROTO);
}

static void test_conf_trace(void)
{
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	uint32_t size = make_conf();

	m->trace_pid = 7;	/* without the flag */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	m->flags = CORDON_CONF_TRACE;
	CHECK_EQ(decode_conf(size, 2), 0);
	CHECK_EQ(decode_conf(size, 1), -EPROTO);	/* the last descriptor is the trace's, and not the bind's */
	CHECK_EQ(decode_conf(size, 0), -EPROTO);
	m->trace_pid = 0;
	CHECK_EQ(decode_conf(size, 2), -EPROTO);
	m->trace_pid = -7;
	CHECK_EQ(decode_conf(size, 2), -EPROTO);
	m->flags = 0;
	m->trace_pid = 0;
	CHECK_EQ(decode_conf(size, 1), 0);
}

/* ---- supervision ---- */

/* Where make_supervised has put what tests change. */
static struct cordon_supervision *sv;
static struct cordon_supervision_path *sv_paths;
static struct cordon_supervision_call *sv_calls;
static struct cordon_port_rule *sv_ports;

static uint32_t make_supervised(void)
{
	static const char *const argv[] = { "prog", NULL };
	const uint32_t targets[] = { 0, 1, 2 };
	const uint64_t bpf[] = { 6, 0x7fff000000000006 };
	struct cordon_supervision_path paths[2] = {
		{ .scope = CORDON_PATH_TREE, .access = CORDON_ACCESS_READ | CORDON_ACCESS_EXEC },
		{ .scope = CORDON_PATH_ONLY, .access = 0 },
	};
	const struct cordon_supervision_call calls[] = {
		{ .syscall = 3, .decision = CORDON_DECISION_ALLOW, .limit = UINT64_MAX },
		{ .syscall = 41, .decision = CORDON_DECISION_ERRNO, .err = 4095, .limit = 2 },
		{ .syscall = CORDON_SUPERVISION_COUNTS - 1, .decision = CORDON_DECISION_ASK },
	};
	const struct cordon_port_rule ports[] = {
		{ 0, CORDON_PORT_BIND }, { 65535, CORDON_PORT_BIND | CORDON_PORT_CONNECT },
	};
	struct cordon_supervision s = {
		.engine = CORDON_ENGINE_PTRACE,
		.flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_AUDIT |
			 CORDON_SUPERVISOR_PORTS | CORDON_SUPERVISOR_UDP,
		.outside = CORDON_DECISION_ERRNO, .outside_errno = EACCES, .ask_timeout_ns = 7, .npaths = 2,
		.ncalls = 3, .nports = 2,
	};
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_buf b;
	int rc;

	wire_begin(&b, message, sizeof message, CORDON_MSG_EXECVE, sizeof *m);
	m->nfds = 3;
	m->targets = wire_put(&b, targets, sizeof targets);
	m->argv = wire_put_strings(&b, argv, &m->argc);
	m->apparmor = wire_put_string(&b, "box");
	m->selinux = wire_put_string(&b, "u:r:t:s0");
	paths[0].path = wire_put_string(&b, "/usr");
	paths[1].path = wire_put_string(&b, "/usr/secret");
	s.paths = wire_put(&b, paths, sizeof paths);
	s.calls = wire_put(&b, calls, sizeof calls);
	s.ports = wire_put(&b, ports, sizeof ports);
	s.beside = wire_put(&b, bpf, 8);
	s.notify_filter = wire_put(&b, bpf, 8);
	s.filter = wire_put(&b, bpf, 16);
	s.policy_filter = wire_put(&b, bpf, 16);
	m->supervision = wire_put(&b, &s, sizeof s);
	rc = wire_end(&b);
	REQUIRE(rc > 0);
	sv = (void *)(message + m->supervision.off);
	sv_paths = (void *)(message + sv->paths.off);
	sv_calls = (void *)(message + sv->calls.off);
	sv_ports = (void *)(message + sv->ports.off);
	return (uint32_t)rc;
}

static void test_supervision_round_trip(void)
{
	uint32_t size = make_supervised();
	struct wire_execve e;

	REQUIRE(decode_execve(size, 3, &e) == 0);
	CHECK_STR(e.apparmor, "box");
	CHECK_STR(e.selinux, "u:r:t:s0");
	CHECK(e.supervision == sv && e.paths == sv_paths && e.calls == sv_calls && e.ports == sv_ports);
	CHECK_STR(wire_string(message, e.paths[1].path), "/usr/secret");
	CHECK_EQ(e.notify_len, 1);
	CHECK_EQ(e.filter_len, 2);
	CHECK_EQ(e.policy_len, 2);
	CHECK(e.beside != NULL && e.beside_len == 1);
	CHECK_EQ(*(const uint64_t *)e.notify_filter, 6);
	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(decode_execve(cut, 3, &e), -EPROTO);
	sv->filter = sv->policy_filter = (struct cordon_span){ 0, 0 };
	REQUIRE(decode_execve(size, 3, &e) == 0);
	CHECK(e.filter == NULL && e.filter_len == 0 && e.policy_filter == NULL && e.policy_len == 0);
	make_execve(0, 0);
	REQUIRE(decode_execve(((struct cordon_msg *)message)->size, 4, &e) == 0);
	CHECK(e.supervision == NULL && e.paths == NULL && e.calls == NULL && e.notify_filter == NULL &&
	      e.apparmor == NULL);
}

/* Each: a good message, one change, refused. */
#define REFUSED(change)                                                                                            \
	do {                                                                                                       \
		uint32_t size_ = make_supervised();                                                                \
		struct wire_execve e_;                                                                             \
		change;                                                                                            \
		if (decode_execve(size_, 3, &e_) != -EPROTO)                                                       \
			TEST_FAIL("taken: %s", #change);                                                           \
	} while (0)

static void test_supervision_spans(void)
{
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;

	REFUSED(m->supervision.len -= 8);
	REFUSED(m->supervision.len *= 2);
	REFUSED(m->supervision.off += 4);
	REFUSED(m->supervision.off = UINT32_MAX - 7);
	REFUSED(m->supervision.len = 0);
	REFUSED(m->apparmor.len--);
	REFUSED(m->apparmor.len = 1; message[m->apparmor.off] = '\0');	/* present, but empty */
	REFUSED(sv->npaths = UINT32_MAX);
	REFUSED(sv->npaths = 1);
	REFUSED(sv->paths.off += 8);
	REFUSED(sv->npaths = CORDON_SUPERVISION_PATHS_MAX + 1; sv->paths.off = 0; sv->paths.len = sv->npaths * 16);
	REFUSED(sv->ncalls = 4);
	REFUSED(sv->ncalls = 0);
	REFUSED(sv->ncalls = CORDON_SUPERVISION_CALLS_MAX + 1; sv->calls.off = 0; sv->calls.len = sv->ncalls * 24);
	REFUSED(sv->notify_filter.len = 4);
	REFUSED(sv->notify_filter.off += 4);
	REFUSED(sv->filter.off = m->head.size; sv->filter.len = 8);
	REFUSED(sv->policy_filter.off = 0; sv->policy_filter.len = (CORDON_SECCOMP_MAX + 1) * 8);
	REFUSED(sv->notify_filter = ((struct cordon_span){ 0, 0 }));
	REFUSED(sv->nports = 1);
	REFUSED(sv->nports = CORDON_SUPERVISION_PORTS_MAX + 1; sv->ports.off = 0; sv->ports.len = sv->nports * 8);
	REFUSED(sv->beside.off += 4);
	REFUSED(sv->beside = ((struct cordon_span){ 0, 0 }));
}

static void test_supervision_meaning(void)
{
	REFUSED(sv->engine = CORDON_ENGINE_AUTO);
	REFUSED(sv->engine = CORDON_ENGINE_KERNEL + 1);
	REFUSED(sv->engine = CORDON_ENGINE_NOTIFY);	/* RECORD needs ptrace */
	REFUSED(sv->flags |= 1u << 5);
	REFUSED(sv->flags &= ~(uint32_t)CORDON_SUPERVISOR_FILES);	/* but paths */
	/* but ports and their filter */
	REFUSED(sv->flags &= ~(uint32_t)(CORDON_SUPERVISOR_PORTS | CORDON_SUPERVISOR_UDP));
	REFUSED(sv->flags &= ~(uint32_t)CORDON_SUPERVISOR_PORTS; sv->nports = 0;
		sv->ports = sv->beside = ((struct cordon_span){ 0, 0 }));
	REFUSED(sv->enforce = 2);
	REFUSED(sv->enforce = 1; sv->flags &= ~(uint32_t)CORDON_SUPERVISOR_FILES; sv->npaths = 0);
	REFUSED(sv_ports[1].port = 65536);
	REFUSED(sv_ports[0].access = 0);
	REFUSED(sv_ports[0].access = 4);
	REFUSED(sv->outside = CORDON_DECISION_ALLOW; sv->outside_errno = 0);
	REFUSED(sv->outside = CORDON_DECISION_ASK + 1; sv->outside_errno = 0);
	REFUSED(sv->outside = CORDON_DECISION_KILL);	/* with an errno */
	REFUSED(sv->outside_errno = 0);
	REFUSED(sv->outside_errno = 4096);
	REFUSED(sv->outside_errno = -1);
	REFUSED(sv_paths[0].scope = CORDON_PATH_ONLY + 1);
	REFUSED(sv_paths[1].access = 1u << 4);
	REFUSED(message[sv_paths[0].path.off] = 'u');
	REFUSED(message[sv_paths[0].path.off + 2] = '\0');
	REFUSED(sv_paths[1].path = ((struct cordon_span){ 0, 0 }));
	REFUSED(sv_calls[1].syscall = 3);
	REFUSED(sv_calls[0].syscall = -1);
	REFUSED(sv_calls[2].syscall = CORDON_SUPERVISION_COUNTS);
	REFUSED(sv_calls[0].decision = CORDON_DECISION_ASK + 1);
	REFUSED(sv_calls[0].err = 1);
	REFUSED(sv_calls[1].err = 0);
	REFUSED(sv_calls[1].err = 4096);
	REFUSED(sv_calls[2].reserved = 1);
}

/* init keeps paths in buffers of PATH_MAX bytes. */
static void test_supervision_path_length(void)
{
	static char path[WIRE_PATH_MAX + 1];
	struct wire_execve e;

	for (size_t len = WIRE_PATH_MAX - 1; len <= WIRE_PATH_MAX; len++) {
		struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
		struct wire_buf b = { message, sizeof message, make_supervised(), false };

		memset(path, '/', len);
		path[len] = '\0';
		sv_paths[1].path = wire_put_string(&b, path);
		REQUIRE(wire_end(&b) > 0);
		CHECK_EQ(decode_execve(m->head.size, 3, &e), len < WIRE_PATH_MAX ? 0 : -EPROTO);
		sv_paths[1].path = sv_paths[0].path;
		m->selinux = wire_put_string(&b, path);
		REQUIRE(wire_end(&b) > 0);
		CHECK_EQ(decode_execve(m->head.size, 3, &e), len < WIRE_LABEL_MAX ? 0 : -EPROTO);
	}
}

/* KERNEL: a filter of the caller's perhaps, and nothing that would have to be asked. */
static void test_supervision_kernel(void)
{
	const uint32_t flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_PORTS;
	const struct cordon_span none = { 0, 0 };
	struct wire_execve e;
	uint32_t size;

	REFUSED(sv->engine = CORDON_ENGINE_KERNEL; sv->flags = flags);
	REFUSED(sv->engine = CORDON_ENGINE_KERNEL; sv->flags = flags; sv->notify_filter = sv->calls = none;
		sv->ncalls = 0);
	REFUSED(sv->engine = CORDON_ENGINE_KERNEL; sv->flags = flags; sv->notify_filter = sv->policy_filter = none);
	size = make_supervised();
	sv->engine = CORDON_ENGINE_KERNEL;
	sv->flags = flags;
	sv->notify_filter = sv->policy_filter = sv->calls = none;
	sv->ncalls = 0;
	CHECK_EQ(decode_execve(size, 3, &e), 0);
}

/* ---- questions and the end ---- */

static void test_signal(void)
{
	struct cordon_msg_signal m = { .signals = 1 };
	uint64_t signals = 0;
	const char *field;

	REQUIRE(wire_signal_decode(&m, sizeof m, 0, &signals, &field) == 0);
	CHECK_EQ(signals, 1);
	CHECK_EQ(wire_signal_decode(&m, sizeof m - 1, 0, &signals, &field), -EPROTO);
	CHECK_EQ(wire_signal_decode(&m, sizeof m + 8, 0, &signals, &field), -EPROTO);
	CHECK_EQ(wire_signal_decode(&m, sizeof m, 1, &signals, &field), -EPROTO);
	m.signals = 0;
	CHECK_EQ(wire_signal_decode(&m, sizeof m, 0, &signals, &field), -EPROTO);
}

static void test_sidecar(void)
{
	struct cordon_msg m[2] = { { .type = CORDON_MSG_SIDECAR } };
	const char *field;

	CHECK_EQ(wire_sidecar_decode(m, sizeof m[0], 1, &field), 0);
	CHECK_EQ(wire_sidecar_decode(m, sizeof m[0], 0, &field), -EPROTO);
	CHECK_STR(field, "descriptors");
	CHECK_EQ(wire_sidecar_decode(m, sizeof m[0], 2, &field), -EPROTO);
	CHECK_EQ(wire_sidecar_decode(m, sizeof m[0] + 8, 1, &field), -EPROTO);
	CHECK_STR(field, "size");
	CHECK_EQ(wire_sidecar_decode(m, sizeof m[0] - 1, 1, &field), -EPROTO);
}

static void test_answer(void)
{
	struct cordon_msg_answer good = { .serial = 5, .decision = CORDON_DECISION_ERRNO, .err = EPERM }, m = good;
	const struct cordon_msg_answer *answer;
	const char *field;

	REQUIRE(wire_answer_decode(&m, sizeof m, 0, &answer, &field) == 0);
	CHECK_EQ(answer->serial, 5);
	CHECK_EQ(wire_answer_decode(&m, sizeof m - 1, 0, &answer, &field), -EPROTO);
	CHECK_EQ(wire_answer_decode(&m, sizeof m + 8, 0, &answer, &field), -EPROTO);
	CHECK_EQ(wire_answer_decode(&m, sizeof m, 1, &answer, &field), -EPROTO);
	for (int err = -1; err <= 4096; err += 4097 / 3) {	/* -1, 1364, 2729, 4094 */
		m.err = err;
		CHECK_EQ(wire_answer_decode(&m, sizeof m, 0, &answer, &field), err < 1 ? -EPROTO : 0);
	}
	m.err = 4096;
	CHECK_EQ(wire_answer_decode(&m, sizeof m, 0, &answer, &field), -EPROTO);
	m = good;
	m.decision = CORDON_DECISION_KILL;	/* with an errno */
	CHECK_EQ(wire_answer_decode(&m, sizeof m, 0, &answer, &field), -EPROTO);
	m.err = 0;
	CHECK_EQ(wire_answer_decode(&m, sizeof m, 0, &answer, &field), 0);
	m.decision = CORDON_DECISION_ASK;
	CHECK_EQ(wire_answer_decode(&m, sizeof m, 0, &answer, &field), -EPROTO);
}

static uint32_t make_ask(size_t path_len)
{
	static char long_path[WIRE_PATH_MAX + 8];
	const char *paths[] = { "/a", long_path, NULL };
	struct cordon_msg_ask *m = (struct cordon_msg_ask *)message;
	struct wire_buf b;

	memset(long_path, '/', path_len);
	long_path[path_len] = '\0';
	wire_begin(&b, message, sizeof message, CORDON_MSG_ASK, sizeof *m);
	m->serial = 9;
	m->access = CORDON_ACCESS_WRITE;
	m->paths = wire_put_strings(&b, paths, &m->npaths);
	return (uint32_t)wire_end(&b);
}

static void test_ask(void)
{
	struct cordon_msg_ask *m = (struct cordon_msg_ask *)message;
	uint32_t size = make_ask(WIRE_PATH_MAX - 1);
	struct wire_ask ask;

	REQUIRE(wire_ask_decode(message, size, 0, &ask) == 0);
	CHECK_STR(ask.paths[0], "/a");
	CHECK_EQ(strlen(ask.paths[1]), WIRE_PATH_MAX - 1);
	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(wire_ask_decode(message, cut, 0, &ask), -EPROTO);
	CHECK_EQ(wire_ask_decode(message, size, 1, &ask), -EPROTO);
	m->access = 1u << 4;
	CHECK_EQ(wire_ask_decode(message, size, 0, &ask), -EPROTO);
	m->access = 0;
	m->npaths = 1;
	CHECK_EQ(wire_ask_decode(message, size, 0, &ask), -EPROTO);
	m->npaths = 3;
	CHECK_EQ(wire_ask_decode(message, size, 0, &ask), -EPROTO);
	m->npaths = 0;
	CHECK_EQ(wire_ask_decode(message, size, 0, &ask), -EPROTO);
	m->paths = (struct cordon_span){ 0, 0 };
	REQUIRE(wire_ask_decode(message, size, 0, &ask) == 0);
	CHECK(ask.paths[0] == NULL && ask.paths[1] == NULL);
	size = make_ask(WIRE_PATH_MAX);
	CHECK_EQ(wire_ask_decode(message, size, 0, &ask), -EPROTO);
}

static uint32_t make_finished(uint32_t nevents, bool counts)
{
	static const uint64_t numbers[CORDON_SUPERVISION_COUNTS] = { [3] = 7 };
	static struct cordon_event events[CORDON_EVENTS_MAX + 1];
	struct cordon_msg_finished *m = (struct cordon_msg_finished *)message;
	struct wire_buf b;

	wire_begin(&b, message, sizeof message, CORDON_MSG_FINISHED, sizeof *m);
	m->nevents = nevents;
	m->events_total = nevents + 5;
	m->events = wire_put(&b, events, nevents * sizeof *events);
	if (counts) {
		m->counts = wire_put(&b, numbers, sizeof numbers);
		m->setup_counts = wire_put(&b, numbers, sizeof numbers);
	}
	m->violation = -1;
	return (uint32_t)wire_end(&b);
}

static void test_finished(void)
{
	struct cordon_msg_finished *m = (struct cordon_msg_finished *)message;
	uint32_t size = make_finished(CORDON_EVENTS_MAX, true);
	struct cordon_event *events = (void *)(message + m->events.off);
	struct wire_finished f;

	CHECK(size <= CORDON_MSG_INLINE_MAX);	/* the largest one needs no memfd */
	REQUIRE(wire_finished_decode(message, size, &f) == 0);
	CHECK(f.events == events && f.counts[3] == 7 && f.setup_counts[3] == 7);
	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(wire_finished_decode(message, cut, &f), -EPROTO);
	m->violation = CORDON_EVENTS_MAX - 1;
	CHECK_EQ(wire_finished_decode(message, size, &f), 0);
	m->violation = CORDON_EVENTS_MAX;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	m->violation = -2;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	m->violation = -1;
	m->sent = 1;	/* but no signal */
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	m->signal = 31;
	CHECK_EQ(wire_finished_decode(message, size, &f), 0);
	m->sent = 2;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	m->sent = 0;
	m->events_total = CORDON_EVENTS_MAX - 1;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	m->events_total = UINT64_MAX;
	m->counts.len -= 8;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	m->counts = (struct cordon_span){ 0, 0 };
	REQUIRE(wire_finished_decode(message, size, &f) == 0);
	CHECK(f.counts == NULL && f.setup_counts != NULL);
	events[63].path_len = CORDON_EVENT_PATH_MAX;
	CHECK_EQ(wire_finished_decode(message, size, &f), 0);
	events[63].path_len++;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	events[63].path_len = 0;
	events[0].kind = CORDON_EVENT_COUNT;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	size = make_finished(CORDON_EVENTS_MAX + 1, false);
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
	size = make_finished(0, false);
	REQUIRE(wire_finished_decode(message, size, &f) == 0);
	CHECK(f.events == NULL && f.counts == NULL && f.setup_counts == NULL);
	m->violation = 0;
	CHECK_EQ(wire_finished_decode(message, size, &f), -EPROTO);
}

static void test_head(void)
{
	struct cordon_msg head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_PING, 0, sizeof head, 7 };

	CHECK_EQ(wire_head_check(&head, sizeof head), 0);
	CHECK_EQ(wire_head_check(&head, sizeof head - 1), -EPROTO);
	CHECK_EQ(wire_head_check(&head, sizeof head + 1), -EPROTO);
	head.version++;
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
	head.version--;
	head.flags = 1u << 7;
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
	head.flags = CORDON_MSG_FROZEN;	/* a PAUSE's alone */
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
	head.type = CORDON_MSG_PAUSE;
	CHECK_EQ(wire_head_check(&head, sizeof head), 0);
	head.type = CORDON_MSG_PING;
	head.flags = CORDON_MSG_BIG;
	head.size = CORDON_MSG_BIG_MAX + 1;
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
}

static void test_encoder_overflow(void)
{
	struct wire_buf b;

	wire_begin(&b, message, 64, CORDON_MSG_OK, 16);
	(void)wire_put(&b, message, 40);
	CHECK(!b.overflow);
	(void)wire_put(&b, message, 9);
	CHECK(b.overflow);
	CHECK_EQ(wire_end(&b), -EMSGSIZE);
}

int main(void)
{
	test_head();
	test_conf_round_trip();
	test_conf_refuses();
	test_conf_without_namespaces();
	test_conf_trace();
	test_execve();
	test_execve_limits();
	test_execve_cpus();
	test_supervision_round_trip();
	test_supervision_spans();
	test_supervision_meaning();
	test_supervision_path_length();
	test_supervision_kernel();
	test_answer();
	test_signal();
	test_sidecar();
	test_ask();
	test_finished();
	test_encoder_overflow();
	return TEST_RESULT();
}
