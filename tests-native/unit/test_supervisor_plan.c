/* SPDX-License-Identifier: Apache-2.0 */
/* From the caller's supervisor to the EXECVE's tail and back through the decoder: engines, rules by number, filters,
 * required layers. */
#include <errno.h>
#include <linux/seccomp.h>
#include "base/base.h"
#include "bpf.h"
#include "calls/calls.h"
#include "host/filter.h"
#include "host/machine.h"
#include "host/supervisor_plan.h"
#include "seccomp/seccomp.h"
#include "test.h"

static struct cordon_container_config config;
static struct cordon_command command;
static struct cordon_supervisor supervisor;
static _Alignas(8) unsigned char message[4 << 20];

static void begin(void)
{
	struct cordon_error err;

	cordon_container_config_init(&config);
	REQUIRE(filter_resolve(&config, &err) == 0);
	cordon_command_init(&command);
	supervisor = (struct cordon_supervisor){ 0 };
	command.supervisor = &supervisor;
}

/* Through the wire, as init gets it. */
static struct wire_execve travel(struct supervisor_plan *s)
{
	static const char *const argv[] = { "prog", NULL };
	size_t size = sizeof(struct cordon_msg_execve) + 16 + supervisor_plan_size(s);
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	const char *field = "";
	struct wire_execve e;
	struct wire_buf b;

	REQUIRE(size <= sizeof message);
	wire_begin(&b, message, size, CORDON_MSG_EXECVE, sizeof *m);
	m->argv = wire_put_strings(&b, argv, &m->argc);
	m->supervision = supervisor_plan_put(&b, s);
	REQUIRE(wire_end(&b) > 0);
	if (wire_execve_decode(message, m->head.size, 0, &e, &field) != 0) {
		TEST_FAIL("refused: %s", field);
		exit(1);
	}
	supervisor_plan_done(s);
	return e;
}

static struct wire_execve resolve(void)
{
	static struct supervisor_plan s;
	struct cordon_error err = { 0 };
	int rc = supervisor_plan_make(&config, &command, &s, &err);

	if (rc != 0) {
		TEST_FAIL("rc %d, step %d, %.*s", rc, err.step, (int)err.detail_len, err.detail);
		exit(1);
	}
	return travel(&s);
}

static int resolve_fails(enum cordon_step step)
{
	static struct supervisor_plan s;
	struct cordon_error err = { 0 };
	int rc = supervisor_plan_make(&config, &command, &s, &err);

	CHECK_EQ(err.step, step);
	return rc;
}

/* AUTO in the answer: cordon-init chooses. */
static void test_engines(void)
{
	static const struct supervisor_plan_kernel both = { true, true }, notify = { true, false },
						   ptrace = { false, true }, none = { false, false };

	cordon_container_config_init(&config);
	supervisor = (struct cordon_supervisor){ 0 };
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &both), CORDON_ENGINE_PTRACE);
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &notify), CORDON_ENGINE_NOTIFY);
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &ptrace), CORDON_ENGINE_PTRACE);
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &none), CORDON_ENGINE_PTRACE);
	supervisor.flags = CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_FILES;
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &both), CORDON_ENGINE_PTRACE);
	supervisor.flags = CORDON_SUPERVISOR_FILES;
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &both), CORDON_ENGINE_AUTO);
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &notify), CORDON_ENGINE_NOTIFY);
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &ptrace), CORDON_ENGINE_PTRACE);
	config.namespaces = CORDON_NAMESPACES_NONE;
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &both), CORDON_ENGINE_PTRACE);
	config.namespaces = CORDON_NAMESPACES_ALL;
	supervisor.engine = CORDON_ENGINE_NOTIFY;	/* asked for: not replaced */
	CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &ptrace), CORDON_ENGINE_NOTIFY);
}

/* AUTO takes no supervisor for a policy that mounts hold alone, and only for such a one; else init chooses. */
static void test_mounts_alone(void)
{
	static const struct supervisor_plan_kernel kernel = { true, true };
	const uint32_t all = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_EXEC;
	struct cordon_path_rule rules[] = {
		{ "/", CORDON_PATH_TREE, all },
		{ "/a", CORDON_PATH_TREE, 0 },
		{ "/a/b", CORDON_PATH_TREE, all | CORDON_ACCESS_STAT },
	};
	const struct cordon_supervisor mounts = {
		.flags = CORDON_SUPERVISOR_FILES, .paths = rules, .npaths = ARRAY_LEN(rules),
		.outside = CORDON_DECISION_ERRNO, .outside_errno = EACCES,
	};

#define ENGINE(expected, ...)                                                                                      \
	do {                                                                                                       \
		cordon_container_config_init(&config);                                                             \
		supervisor = mounts;                                                                               \
		__VA_ARGS__;                                                                                       \
		CHECK_EQ(supervisor_plan_engine(&config, &supervisor, &kernel), CORDON_ENGINE_##expected);            \
	} while (0)
	ENGINE(KERNEL, (void)0);
	ENGINE(KERNEL, supervisor.flags |= CORDON_SUPERVISOR_PORTS);
	ENGINE(AUTO, supervisor.flags |= CORDON_SUPERVISOR_AUDIT);
	ENGINE(PTRACE, supervisor.flags |= CORDON_SUPERVISOR_RECORD);
	ENGINE(AUTO, supervisor.outside = CORDON_DECISION_KILL);
	ENGINE(AUTO, supervisor.outside = CORDON_DECISION_ASK);
	ENGINE(AUTO, supervisor.outside_errno = ENOENT);
	ENGINE(AUTO, supervisor.nsyscalls = 1);
	ENGINE(AUTO, config.require = CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR));
	ENGINE(PTRACE, config.namespaces = CORDON_NAMESPACES_NONE);
	ENGINE(AUTO, supervisor.paths++, supervisor.npaths--);	/* nothing is allowed around them */
	rules[2].access = CORDON_ACCESS_READ;
	ENGINE(AUTO, (void)0);
	rules[2].access = 0;
	rules[2].scope = CORDON_PATH_ENTRIES;
	ENGINE(AUTO, (void)0);
}

static void test_none(void)
{
	struct wire_execve e;

	begin();
	command.supervisor = NULL;
	e = resolve();
	CHECK(e.supervision == NULL);
}

static void test_rules(void)
{
	static const struct cordon_syscall_rule rules[] = {
		{ "write", CORDON_DECISION_ALLOW, 0, UINT64_MAX }, { "read", CORDON_DECISION_ERRNO, 5, 7 },
		{ "socket", CORDON_DECISION_KILL, 99, 0 }, { "openat", CORDON_DECISION_ASK, 99, 0 },
	};
	struct wire_execve e;

	begin();
	supervisor.engine = CORDON_ENGINE_PTRACE;
	supervisor.syscalls = rules;
	supervisor.nsyscalls = ARRAY_LEN(rules);
	e = resolve();
	REQUIRE(e.supervision != NULL && e.supervision->ncalls == ARRAY_LEN(rules));
	CHECK_EQ(e.supervision->ask_timeout_ns, NSEC_PER_SEC);
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		int32_t nr = cordon_syscall_number(rules[i].syscall, CORDON_ARCH_NATIVE);
		bool found = false;

		for (uint32_t k = 0; k < e.supervision->ncalls; k++)
			if (e.calls[k].syscall == nr) {
				found = true;
				CHECK_EQ(e.calls[k].decision, rules[i].decision);
				CHECK_EQ(e.calls[k].err, rules[i].decision == CORDON_DECISION_ERRNO ? 5 : 0);
				CHECK_EQ(e.calls[k].limit, rules[i].limit);
			}
		CHECK(found);
	}
	CHECK(e.notify_filter != NULL && e.filter == NULL);
}

/* What a program answers for a call with arguments of 0. */
static uint32_t answer(const void *program, uint32_t len, const char *name)
{
	const struct seccomp_data data = {
		.nr = cordon_syscall_number(name, CORDON_ARCH_NATIVE), .arch = seccomp_audit_arch(CORDON_ARCH_NATIVE),
	};
	size_t bad;

	REQUIRE(bpf_valid(program, len, &bad));
	return bpf_run(program, len, &data, NULL);
}

#define STOPS(e, name) (answer((e).notify_filter, (e).notify_len, (name)) == SECCOMP_RET_TRACE)

static bool is_stopped_for(const struct call *c, uint32_t purposes)
{
	return c->nr >= 0 && (c->purposes & purposes) != 0;
}

/* has_policy: it may refuse some of them by itself, and have others stopped. */
static void check_stops(struct wire_execve e, uint32_t action, uint32_t purposes, bool has_policy)
{
	for (int32_t nr = 0; nr < CORDON_SUPERVISION_COUNTS; nr++) {
		const struct call *c = call_find(nr);
		bool wanted = c != NULL && is_stopped_for(c, purposes);
		char name[64];
		uint32_t said;

		if (cordon_syscall_name(nr, CORDON_ARCH_NATIVE, name, sizeof name) == 0)
			continue;
		said = answer(e.notify_filter, e.notify_len, name);
		if (has_policy ? wanted && said == SECCOMP_RET_ALLOW : wanted != (said == action))
			TEST_FAIL("%s for %#x: answered with %#x", name, purposes, said);
	}
}

static void test_files(void)
{
	static const struct cordon_path_rule paths[] = {
		{ "/usr", CORDON_PATH_TREE, CORDON_ACCESS_READ }, { "/tmp/x", CORDON_PATH_ONLY, 0 },
	};
	struct wire_execve e;

	begin();
	supervisor = (struct cordon_supervisor){
		.engine = CORDON_ENGINE_PTRACE, .flags = CORDON_SUPERVISOR_FILES, .paths = paths, .npaths = 2,
		.outside = CORDON_DECISION_KILL, .outside_errno = EACCES, .ask_timeout_ns = 5,
	};
	e = resolve();
	CHECK_EQ(e.supervision->outside, CORDON_DECISION_KILL);
	CHECK_EQ(e.supervision->outside_errno, 0);
	CHECK_EQ(e.supervision->ask_timeout_ns, 5);
	REQUIRE(e.supervision->npaths == 2);
	CHECK_STR(wire_string(message, e.paths[1].path), "/tmp/x");
	CHECK_EQ(e.paths[1].scope, CORDON_PATH_ONLY);
	for (size_t i = 0; i < ncalls; i++)
		if (is_stopped_for(&calls[i], CALL_FILE) && !STOPS(e, calls[i].name) &&
		    answer(e.notify_filter, e.notify_len, calls[i].name) == SECCOMP_RET_ALLOW)
			TEST_FAIL("%s is not stopped", calls[i].name);
	CHECK(STOPS(e, "openat") && answer(e.notify_filter, e.notify_len, "mount") == (SECCOMP_RET_ERRNO | EPERM));
	CHECK(!STOPS(e, "read") && !STOPS(e, "kill") && !STOPS(e, "setuid"));
	supervisor.flags |= CORDON_SUPERVISOR_AUDIT;
	e = resolve();
	CHECK(STOPS(e, "setuid") && STOPS(e, "capset") && STOPS(e, "mount") && !STOPS(e, "read"));
	CHECK(e.policy_filter != NULL);
	supervisor.flags |= CORDON_SUPERVISOR_RECORD;
	e = resolve();
	CHECK(STOPS(e, "read") && STOPS(e, "getpid"));
	if (machine_has_notify()) {
		supervisor.flags = CORDON_SUPERVISOR_FILES;
		supervisor.engine = CORDON_ENGINE_NOTIFY;
		e = resolve();
		CHECK_EQ(answer(e.notify_filter, e.notify_len, "openat"), SECCOMP_RET_USER_NOTIF);
	}
}

static void test_no_namespaces(void)
{
	static const char *const stopped[] = {
		"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_send_signal",
		"openat", "execve",
	};
	struct cordon_error err;
	struct wire_execve e;

	begin();
	config.namespaces = CORDON_NAMESPACES_NONE;
	REQUIRE(filter_resolve(&config, &err) == 0);
	supervisor.flags = CORDON_SUPERVISOR_FILES;
	supervisor.outside = CORDON_DECISION_KILL;
	e = resolve();
	CHECK_EQ(e.supervision->engine, CORDON_ENGINE_PTRACE);
	for (size_t i = 0; i < ARRAY_LEN(stopped); i++)
		CHECK(STOPS(e, stopped[i]));
	CHECK_EQ(answer(e.notify_filter, e.notify_len, "shmget"), SECCOMP_RET_ERRNO | EPERM);
	CHECK_EQ(answer(e.notify_filter, e.notify_len, "mount"), SECCOMP_RET_ERRNO | EPERM);
	CHECK_EQ(answer(e.notify_filter, e.notify_len, "socket"), SECCOMP_RET_ERRNO | EACCES);
	CHECK_EQ(answer(config.seccomp_bpf, config.seccomp_len / 8, "socket"), SECCOMP_RET_ERRNO | EACCES);
	config.network = CORDON_NETWORK_HOST;
	e = resolve();
	CHECK_EQ(answer(e.notify_filter, e.notify_len, "socket"), SECCOMP_RET_ERRNO | EAFNOSUPPORT);	/* family 0 */
}

static void test_finished_programs(void)
{
	static const struct sock_filter own[] = { { BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | 77 } };
	static const struct cordon_syscall_rule rule = { "getpid", CORDON_DECISION_KILL, 0, 0 };
	struct cordon_error err;
	struct wire_execve e;

	begin();
	supervisor.engine = CORDON_ENGINE_PTRACE;
	supervisor.syscalls = &rule;
	supervisor.nsyscalls = 1;
	config.seccomp_kind = CORDON_SECCOMP_BPF;
	config.seccomp_bpf = own;
	config.seccomp_len = sizeof own;
	REQUIRE(filter_resolve(&config, &err) == 0);
	e = resolve();
	CHECK(e.filter_len == 1 && memcmp(e.filter, own, sizeof own) == 0 && e.policy_filter == NULL);
	CHECK(STOPS(e, "getpid") && !STOPS(e, "mount"));
	config.seccomp_kind = CORDON_SECCOMP_NONE;
	REQUIRE(filter_resolve(&config, &err) == 0);
	e = resolve();
	CHECK(e.filter == NULL && e.policy_filter == NULL && STOPS(e, "getpid"));
	supervisor.flags = CORDON_SUPERVISOR_FILES;
	supervisor.outside = CORDON_DECISION_KILL;
	e = resolve();
	for (size_t i = 0; i < ncalls; i++)	/* with no policy that would refuse some of them */
		if (is_stopped_for(&calls[i], CALL_FILE) && !STOPS(e, calls[i].name))
			TEST_FAIL("%s is not stopped", calls[i].name);
}

/* Under every engine and for every reason: what is stopped is what the supervisor has a use for (unit/test_judge.c),
 * and nothing else. */
static void test_purposes(void)
{
	static const struct {
		uint32_t engine, flags;
		bool own_tree;
	} orders[] = {
		{ CORDON_ENGINE_PTRACE, 0, false },
		{ CORDON_ENGINE_PTRACE, CORDON_SUPERVISOR_FILES, false },
		{ CORDON_ENGINE_PTRACE, CORDON_SUPERVISOR_AUDIT, false },
		{ CORDON_ENGINE_PTRACE, CORDON_SUPERVISOR_FILES, true },
		{ CORDON_ENGINE_PTRACE, CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_AUDIT, true },
		{ CORDON_ENGINE_NOTIFY, 0, false },
		{ CORDON_ENGINE_NOTIFY, CORDON_SUPERVISOR_FILES, false },
		{ CORDON_ENGINE_NOTIFY, CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_AUDIT, false },
	};

	for (size_t o = 0; o < ARRAY_LEN(orders); o++) {
		uint32_t purposes = calls_purposes(orders[o].engine, orders[o].flags, orders[o].own_tree);
		bool notify = orders[o].engine == CORDON_ENGINE_NOTIFY;
		uint32_t action = notify ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE;

		if (notify && !machine_has_notify())
			continue;
		begin();
		config.seccomp_kind = orders[o].own_tree ? CORDON_SECCOMP_DEFAULT : CORDON_SECCOMP_NONE;
		config.namespaces = orders[o].own_tree ? CORDON_NAMESPACES_NONE : CORDON_NAMESPACES_ALL;
		supervisor.engine = orders[o].engine;
		supervisor.flags = orders[o].flags;
		supervisor.outside = CORDON_DECISION_KILL;
		check_stops(resolve(), action, purposes, orders[o].own_tree);
	}
}

/* The ports and the filter beside them, under an engine that is asked and under one that is not. */
static void test_ports(void)
{
	static const struct cordon_port_rule ports[] = { { 443, CORDON_PORT_CONNECT }, { 0, CORDON_PORT_BIND } };
	static const uint32_t engines[] = { CORDON_ENGINE_PTRACE, CORDON_ENGINE_KERNEL };
	struct wire_execve e;

	begin();
	supervisor.flags = CORDON_SUPERVISOR_PORTS;
	supervisor.ports = ports;
	if (!machine_has_landlock_ports()) {
		CHECK_EQ(resolve_fails(CORDON_STEP_LANDLOCK), -ENOTSUP);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		supervisor.engine = engines[i];
		supervisor.nports = 2;
		e = resolve();
		REQUIRE(e.supervision->nports == 2);
		CHECK(memcmp(e.ports, ports, sizeof ports) == 0);
		CHECK_EQ(answer(e.beside, e.beside_len, "listen"), SECCOMP_RET_ALLOW);
		CHECK_EQ(answer(e.beside, e.beside_len, "socket"), SECCOMP_RET_ERRNO | EACCES);	/* family 0 */
		supervisor.nports = 1;
		e = resolve();
		CHECK_EQ(answer(e.beside, e.beside_len, "listen"), SECCOMP_RET_ERRNO | EACCES);
	}
	config.require = CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK);
	e = resolve();
	CHECK(e.supervision != NULL);
	supervisor.flags = supervisor.nports = 0;
	CHECK_EQ(resolve_fails(CORDON_STEP_LAYER), -ENOTSUP);
}

/* A policy that kills brings a supervisor with it, one that does not brings none. */
/* Where nothing may be written and no call is judged, no attribute may be changed either. */
static void test_beside_a_path_policy(void)
{
	struct cordon_path_rule paths[] = { { "/usr", CORDON_PATH_TREE, CORDON_ACCESS_READ } };
	static const uint32_t engines[] = { CORDON_ENGINE_PTRACE, CORDON_ENGINE_KERNEL };

	for (size_t i = 0; i < ARRAY_LEN(engines); i++) {
		bool alone = engines[i] == CORDON_ENGINE_KERNEL;
		struct wire_execve e;

		if (alone && !machine_has_landlock())
			continue;
		begin();
		supervisor.engine = engines[i];
		supervisor.flags = CORDON_SUPERVISOR_FILES;
		supervisor.outside = CORDON_DECISION_KILL;
		supervisor.paths = paths;
		supervisor.npaths = 1;
		paths[0].access = CORDON_ACCESS_READ;
		e = resolve();
		CHECK_EQ(answer(e.beside, e.beside_len, "fchmod"),
			 alone ? SECCOMP_RET_ERRNO | EACCES : SECCOMP_RET_ALLOW);
		CHECK_EQ(answer(e.beside, e.beside_len, "socket"), SECCOMP_RET_ALLOW);
		paths[0].access = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE;
		e = resolve();
		CHECK_EQ(answer(e.beside, e.beside_len, "fchmod"), SECCOMP_RET_ALLOW);
	}
	begin();
	supervisor.engine = CORDON_ENGINE_PTRACE;
	CHECK(resolve().beside == NULL);
}

static void test_policy_that_kills(void)
{
	const struct cordon_seccomp_rule rule = { "getpid", SECCOMP_RET_KILL_PROCESS, 0, NULL };
	struct cordon_seccomp_policy policy = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | ENOSYS, &rule, 1, 0 };
	struct cordon_seccomp *kills, *mild;
	struct cordon_error err;
	struct wire_execve e;

	REQUIRE(cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &kills, &err) == 0);
	policy.nrules = 0;
	REQUIRE(cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &mild, &err) == 0);
	begin();
	command.supervisor = NULL;
	config.seccomp_kind = CORDON_SECCOMP_POLICY;
	config.seccomp_policy = kills;
	REQUIRE(filter_resolve(&config, &err) == 0);
	CHECK_EQ(answer(config.seccomp_bpf, config.seccomp_len / 8, "getpid"), SECCOMP_RET_KILL_PROCESS);
	e = resolve();
	REQUIRE(e.supervision != NULL);
	CHECK_EQ(e.supervision->flags, 0);
	CHECK(answer(e.notify_filter, e.notify_len, "getpid") ==
	      (e.supervision->engine == CORDON_ENGINE_NOTIFY ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE));
	CHECK_EQ(answer(e.policy_filter, e.policy_len, "getpid"), SECCOMP_RET_KILL_PROCESS);
	CHECK_EQ(answer(e.notify_filter, e.notify_len, "uname"), SECCOMP_RET_ALLOW);
	config.seccomp_policy = mild;
	REQUIRE(filter_resolve(&config, &err) == 0);
	e = resolve();
	CHECK(e.supervision == NULL);
	cordon_seccomp_free(kills);
	cordon_seccomp_free(mild);
}

static void test_layers(void)
{
	struct wire_execve e;

	begin();
	command.supervisor = NULL;
	config.require = CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR);
	CHECK_EQ(resolve_fails(CORDON_STEP_LAYER), -ENOTSUP);
	config.require = CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK);
	CHECK_EQ(resolve_fails(CORDON_STEP_LAYER), -ENOTSUP);
	command.supervisor = &supervisor;	/* without a path policy */
	CHECK_EQ(resolve_fails(CORDON_STEP_LAYER), -ENOTSUP);
	config.require = CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR);
	e = resolve();
	CHECK(e.supervision != NULL && e.supervision->enforce == 0);
	config.require = CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY);
	CHECK_EQ(resolve_fails(CORDON_STEP_LAYER), -ENOTSUP);
	supervisor.flags = CORDON_SUPERVISOR_FILES;
	supervisor.outside = CORDON_DECISION_KILL;
	e = resolve();
	CHECK(e.supervision != NULL && e.supervision->enforce == 1);	/* init finds out */
	supervisor.flags = 0;
	supervisor.engine = CORDON_ENGINE_KERNEL;
	config.require = CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR);
	CHECK_EQ(resolve_fails(CORDON_STEP_LAYER), -ENOTSUP);
	config.require = 0;
	supervisor.flags = CORDON_SUPERVISOR_FILES;
	supervisor.outside = CORDON_DECISION_ERRNO;
	supervisor.outside_errno = EACCES;
	if (machine_has_landlock()) {
		e = resolve();
		CHECK(e.supervision != NULL && e.notify_filter == NULL && e.filter != NULL && e.policy_filter == NULL);
	} else {
		CHECK_EQ(resolve_fails(CORDON_STEP_LANDLOCK), -ENOTSUP);
	}
}

/* The largest request has room: 1024 paths of 4095 bytes fit the 8 MiB of a message. */
static void test_most(void)
{
	static struct cordon_path_rule paths[CORDON_SUPERVISION_PATHS_MAX];
	static char path[1024];
	struct wire_execve e;

	begin();
	memset(path, '/', sizeof path - 1);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		paths[i] = (struct cordon_path_rule){ path, CORDON_PATH_TREE, CORDON_ACCESS_WRITE };
	supervisor = (struct cordon_supervisor){
		.engine = CORDON_ENGINE_PTRACE, .flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_RECORD,
		.paths = paths,
		.npaths = ARRAY_LEN(paths), .outside = CORDON_DECISION_KILL,
	};
	e = resolve();
	CHECK_EQ(e.supervision->npaths, CORDON_SUPERVISION_PATHS_MAX);
}

int main(void)
{
	test_engines();
	test_mounts_alone();
	test_none();
	test_rules();
	test_files();
	test_no_namespaces();
	test_finished_programs();
	test_purposes();
	test_ports();
	test_beside_a_path_policy();
	test_policy_that_kills();
	test_layers();
	test_most();
	return TEST_RESULT();
}
