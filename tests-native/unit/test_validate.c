/* SPDX-License-Identifier: Apache-2.0 */
/* Invalid requests for a supervisor, a policy or a sandbox without namespaces are refused before anything is started,
 * with the field's name in the detail. */
#include <errno.h>
#include <limits.h>
#include "base/base.h"
#include "cordon/protocol.h"
#include "host/machine.h"
#include "host/validate.h"
#include "test.h"

static struct cordon_path_rule paths[2];
static struct cordon_syscall_rule syscalls[2];
static struct cpus cpus_;
static struct cordon_port_rule ports[2];
static struct cordon_supervisor supervisor;
static struct cordon_command command;
static struct cordon_container_config config;

static void begin(void)
{
	static const char *const argv[] = { "/bin/true", NULL };

	paths[0] = (struct cordon_path_rule){ "/usr", CORDON_PATH_TREE, CORDON_ACCESS_READ | CORDON_ACCESS_EXEC };
	paths[1] = (struct cordon_path_rule){ "/", CORDON_PATH_ONLY, 0 };
	syscalls[0] = (struct cordon_syscall_rule){ "socket", CORDON_DECISION_ERRNO, 4095, 3 };
	syscalls[1] = (struct cordon_syscall_rule){ "openat", CORDON_DECISION_ASK, 0, 0 };
	ports[0] = (struct cordon_port_rule){ 0, CORDON_PORT_BIND };
	ports[1] = (struct cordon_port_rule){ 65535, CORDON_PORT_BIND | CORDON_PORT_CONNECT };
	supervisor = (struct cordon_supervisor){
		.flags = CORDON_SUPERVISOR_FILES, .paths = paths, .npaths = 2, .syscalls = syscalls, .nsyscalls = 2,
		.outside = CORDON_DECISION_ERRNO, .outside_errno = EACCES,
	};
	cordon_command_init(&command);
	command.argv = argv;
	command.supervisor = &supervisor;
	cordon_container_config_init(&config);
}

static bool is_refusal(int rc, const struct cordon_error *err, const char *field)
{
	size_t len = strlen(field);

	return rc == -EINVAL && err->err == 0 && err->step == CORDON_STEP_VALIDATE && err->detail_len > len &&
	       memcmp(err->detail, field, len) == 0 && err->detail[len] == ':';
}

#define REFUSED_BY(call, field, change)                                                                            \
	do {                                                                                                       \
		struct cordon_error err_ = { 0 };                                                                  \
		int rc_;                                                                                           \
		begin();                                                                                           \
		change;                                                                                            \
		rc_ = (call);                                                                                      \
		if (!is_refusal(rc_, &err_, field))                                                                \
			TEST_FAIL("%s: rc %d step %d \"%.*s\"", #change, rc_, err_.step, (int)err_.detail_len,     \
				  err_.detail);                                                                    \
	} while (0)
#define COMMAND_REFUSED(field, change) REFUSED_BY(validate_command(&command, &cpus_, &err_), field, change)
#define CONFIG_REFUSED(field, change) REFUSED_BY(validate_config(&config, &err_), field, change)
#define TOGETHER_REFUSED(field, change) REFUSED_BY(validate_together(&config, &command, &err_), field, change)

#define TAKEN_BY(call, change)                                                                                     \
	do {                                                                                                       \
		struct cordon_error err_ = { 0 };                                                                  \
		begin();                                                                                           \
		change;                                                                                            \
		if ((call) != 0)                                                                                   \
			TEST_FAIL("%s: step %d \"%.*s\"", #change, err_.step, (int)err_.detail_len, err_.detail);  \
	} while (0)
#define COMMAND_TAKEN(change) TAKEN_BY(validate_command(&command, &cpus_, &err_), change)
#define CONFIG_TAKEN(change) TAKEN_BY(validate_config(&config, &err_), change)

static void test_engine(void)
{
	COMMAND_TAKEN((void)0);
	COMMAND_TAKEN(supervisor.engine = CORDON_ENGINE_NOTIFY);
	COMMAND_TAKEN(supervisor.engine = CORDON_ENGINE_PTRACE;
		      supervisor.flags |= CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_AUDIT);
	COMMAND_TAKEN(supervisor.flags |= CORDON_SUPERVISOR_RECORD);
	COMMAND_REFUSED("supervisor engine", supervisor.engine = CORDON_ENGINE_KERNEL + 1);
	COMMAND_REFUSED("supervisor flags", supervisor.flags |= 1u << 5);
	COMMAND_REFUSED("supervisor engine", supervisor.engine = CORDON_ENGINE_NOTIFY;
			supervisor.flags |= CORDON_SUPERVISOR_RECORD);
	COMMAND_TAKEN(supervisor.engine = CORDON_ENGINE_KERNEL; supervisor.nsyscalls = 0);
	COMMAND_REFUSED("supervisor syscalls", supervisor.engine = CORDON_ENGINE_KERNEL);
	COMMAND_REFUSED("supervisor flags", supervisor.engine = CORDON_ENGINE_KERNEL; supervisor.nsyscalls = 0;
			supervisor.flags |= CORDON_SUPERVISOR_RECORD);
	COMMAND_REFUSED("supervisor flags", supervisor.engine = CORDON_ENGINE_KERNEL; supervisor.nsyscalls = 0;
			supervisor.flags |= CORDON_SUPERVISOR_AUDIT);
	COMMAND_REFUSED("supervisor outside", supervisor.engine = CORDON_ENGINE_KERNEL; supervisor.nsyscalls = 0;
			supervisor.outside = CORDON_DECISION_KILL);
	COMMAND_REFUSED("supervisor ask_timeout_ns", supervisor.ask_timeout_ns = UINT64_MAX);
}

static void test_paths(void)
{
	static char path[PATH_MAX + 2];

	COMMAND_REFUSED("supervisor path", paths[0].path = NULL);
	COMMAND_REFUSED("supervisor path", paths[0].path = "");
	COMMAND_REFUSED("supervisor path", paths[0].path = "usr");
	COMMAND_REFUSED("supervisor path", paths[1].path = "/usr/../etc");
	COMMAND_REFUSED("supervisor path", paths[1].path = "/.");
	COMMAND_TAKEN(paths[1].path = "/...");
	memset(path, '/', sizeof path - 1);
	COMMAND_REFUSED("supervisor path", paths[0].path = path + 1);	/* 4096 bytes */
	COMMAND_TAKEN(paths[0].path = path + 2);
	COMMAND_REFUSED("supervisor path scope", paths[0].scope = CORDON_PATH_ONLY + 1);
	COMMAND_REFUSED("supervisor path access", paths[0].access = 1u << 4);
	COMMAND_REFUSED("supervisor paths", supervisor.flags = 0);
	COMMAND_REFUSED("supervisor paths", supervisor.npaths = CORDON_SUPERVISION_PATHS_MAX + 1);
	COMMAND_REFUSED("supervisor outside", supervisor.outside = CORDON_DECISION_ALLOW);
	COMMAND_REFUSED("supervisor outside", supervisor.outside = CORDON_DECISION_ASK + 1);
	COMMAND_TAKEN(supervisor.outside = CORDON_DECISION_ASK; supervisor.outside_errno = 0);
	COMMAND_REFUSED("err", supervisor.outside_errno = 0);
	COMMAND_TAKEN(supervisor.flags = 0; supervisor.npaths = 0; supervisor.outside = 0;
		      supervisor.outside_errno = 0);
}

#define WITH_PORTS(change)                                                                                         \
	supervisor.flags |= CORDON_SUPERVISOR_PORTS; supervisor.ports = ports; supervisor.nports = 2; change

static void test_ports(void)
{
	COMMAND_TAKEN(WITH_PORTS((void)0));
	COMMAND_TAKEN(WITH_PORTS(supervisor.flags |= CORDON_SUPERVISOR_UDP));
	COMMAND_TAKEN(WITH_PORTS(supervisor.nports = 0));
	COMMAND_TAKEN(WITH_PORTS(supervisor.engine = CORDON_ENGINE_KERNEL; supervisor.flags = CORDON_SUPERVISOR_PORTS;
				 supervisor.nsyscalls = supervisor.npaths = 0));
	COMMAND_REFUSED("supervisor ports", WITH_PORTS(supervisor.flags = CORDON_SUPERVISOR_FILES));
	COMMAND_REFUSED("supervisor flags", supervisor.flags |= CORDON_SUPERVISOR_UDP);
	COMMAND_REFUSED("supervisor ports", WITH_PORTS(supervisor.nports = CORDON_SUPERVISION_PORTS_MAX + 1));
	COMMAND_REFUSED("supervisor port", WITH_PORTS(ports[1].port = 65536));
	COMMAND_REFUSED("supervisor port", WITH_PORTS(ports[0].access = CORDON_PORT_CONNECT));	/* to port 0 */
	COMMAND_REFUSED("supervisor port access", WITH_PORTS(ports[1].access = 0));
	COMMAND_REFUSED("supervisor port access", WITH_PORTS(ports[1].access = 4));
}

static void test_syscalls(void)
{
	COMMAND_REFUSED("supervisor syscall", syscalls[0].syscall = NULL);
	COMMAND_REFUSED("supervisor syscall", syscalls[0].syscall = "opnat");
	COMMAND_REFUSED("supervisor syscall", syscalls[0].syscall = "openat");	/* twice */
	COMMAND_TAKEN(syscalls[0].syscall = "open");		/* aarch64 lacks it */
	COMMAND_REFUSED("supervisor syscall decision", syscalls[1].decision = CORDON_DECISION_ASK + 1);
	COMMAND_REFUSED("err", syscalls[0].err = 0);
	COMMAND_REFUSED("err", syscalls[0].err = 4096);
	COMMAND_REFUSED("err", syscalls[0].err = INT32_MIN);
	COMMAND_TAKEN(syscalls[0].decision = CORDON_DECISION_ALLOW; syscalls[0].err = 0;
		      syscalls[0].limit = UINT64_MAX);
	COMMAND_REFUSED("supervisor syscalls", supervisor.nsyscalls = CORDON_SUPERVISION_CALLS_MAX + 1);
}

static void test_policy(void)
{
	CONFIG_TAKEN((void)0);
	CONFIG_REFUSED("seccomp_policy", config.seccomp_kind = CORDON_SECCOMP_POLICY);
	CONFIG_REFUSED("seccomp_kind", config.seccomp_kind = CORDON_SECCOMP_POLICY + 1);
	CONFIG_TAKEN(config.seccomp_kind = CORDON_SECCOMP_POLICY;
		     config.seccomp_policy =
			     (const struct cordon_seccomp *)(const void *)&config); /* only looked at when used */
	CONFIG_TAKEN(config.require |=
		     CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK) | CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR));
	CONFIG_REFUSED("require", config.require |= CORDON_LAYER_BIT(CORDON_LAYER_COUNT));
}

static void test_numbers(void)
{
	static const char *const lists[] = { "",     ",",      "0,",	      ",0",   "0-", "-1",      "1-0", "0--1",
					     "8192", "0-8192", "99999999999", "0 ,1", "a",  "0-3:1/2", "0\n" };
	char list[] = "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
		      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
		      "0000000000000000000000000000000000000000000000000000000000000000";

	COMMAND_REFUSED("cpu_rate", command.limits.cpu_rate = 9);
	COMMAND_REFUSED("cpu_rate", command.limits.cpu_rate = 8192001);
	COMMAND_REFUSED("cpu_rate", command.limits.cpu_rate = 0);
	COMMAND_REFUSED("output_total_bytes", command.limits.output_total_bytes = 0);
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
		COMMAND_REFUSED("cpuset", command.cpuset = lists[i]);
	COMMAND_TAKEN(command.cpuset = "0-1,3,8191");
	CHECK(cpus_.words == CORDON_CPUS_MAX / 64 && cpus_.bits[0] == 0xb);
	COMMAND_TAKEN(command.cpuset = NULL);
	CHECK_EQ(cpus_.words, 0);
	COMMAND_REFUSED("cpuset", command.cpuset = list);	/* 256 bytes */
	COMMAND_TAKEN(command.cpuset = list + 1);
	COMMAND_TAKEN(command.limits.cpu_rate = 10);
	COMMAND_REFUSED("cpu_weight", command.limits.cpu_weight = 0);
	COMMAND_REFUSED("cpu_weight", command.limits.cpu_weight = 10001);
	COMMAND_TAKEN(command.limits.cpu_weight = CORDON_UNLIMITED);
	COMMAND_TAKEN(command.limits.cpu_weight = 1);
	COMMAND_TAKEN(command.limits.cpu_weight = 10000);
}

static void without(void)
{
	config.namespaces = CORDON_NAMESPACES_NONE;
}

static void test_no_namespaces(void)
{
	static const struct cordon_mount mount = { .type = CORDON_MOUNT_TMPFS, .target = "/tmp" };
	static const char *const init_command[] = { "/bin/true", NULL };
	const uint32_t layers[] = { CORDON_LAYER_NET_NS, CORDON_LAYER_OWN_UID, CORDON_LAYER_PROC,
				    CORDON_LAYER_USER_BOUNDS };

	CONFIG_TAKEN(without());	/* with the layers that are required by default */
	CONFIG_TAKEN(without(); config.network = CORDON_NETWORK_HOST);
	CONFIG_REFUSED("namespaces", config.namespaces = CORDON_NAMESPACES_NONE + 1);
	CONFIG_REFUSED("mounts", without(); config.mounts = &mount; config.nmounts = 1);
	CONFIG_REFUSED("hostname", without(); config.hostname = "box");
	CONFIG_REFUSED("domainname", without(); config.domainname = "box");
	CONFIG_REFUSED("init_command", without(); config.init_command = init_command);
	CONFIG_REFUSED("network", without(); config.network = CORDON_NETWORK_LOOPBACK);
	CONFIG_REFUSED("seccomp_kind", without(); config.seccomp_kind = CORDON_SECCOMP_NONE);
	CONFIG_REFUSED("shared", without(); config.shared = 1);
	CONFIG_TAKEN(config.shared = 1);
	CONFIG_REFUSED("shared", config.shared = 2);
	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		struct cordon_error err = { 0 };

		begin();
		without();
		config.require |= CORDON_LAYER_BIT(layers[i]);
		CHECK_EQ(validate_config(&config, &err), -ENOTSUP);
		CHECK_EQ(err.step, CORDON_STEP_LAYER);
	}
}

static void out(const char *name, const char *path, uint32_t flags, uint32_t most)
{
	static struct cordon_copy_out item;

	item = (struct cordon_copy_out){ .name = name, .path = path, .limit_bytes = 1, .flags = flags, .most = most };
	command.copy_out = &item;
	command.ncopy_out = 1;
}

static void test_copy_out(void)
{
	const uint32_t optional = CORDON_COPY_OPTIONAL | CORDON_COPY_TRUNCATE, pattern = CORDON_COPY_PATTERN;

	COMMAND_TAKEN(out("a*", NULL, 0, 0));
	COMMAND_TAKEN(out("a", "/h", optional, 0));
	COMMAND_TAKEN(out("a*", NULL, pattern | optional, 1));
	COMMAND_TAKEN(out("/a/*", "/h", pattern | CORDON_COPY_REPLACE, CORDON_COPY_FILES_MAX));
	COMMAND_REFUSED("copy_out name", out("", NULL, 0, 0));
	COMMAND_REFUSED("copy_out name", out("../*", NULL, pattern, 1));
	COMMAND_REFUSED("copy_out most", out("a", NULL, 0, 1));
	COMMAND_REFUSED("copy_out most", out("a*", NULL, pattern, 0));
	COMMAND_REFUSED("copy_out most", out("a*", NULL, pattern, CORDON_COPY_FILES_MAX + 1));
	COMMAND_REFUSED("copy_out flags", out("a", "/h", CORDON_COPY_REPLACE, 0));
	COMMAND_REFUSED("copy_out flags", out("a*", NULL, pattern | CORDON_COPY_REPLACE, 1));
	COMMAND_REFUSED("copy_out flags", out("a", NULL, 1 << 4, 0));
}

static void test_command_without_namespaces(void)
{
	TAKEN_BY(validate_together(&config, &command, &err_), command.supervisor = NULL);	/* in a usual sandbox */
	TAKEN_BY(validate_together(&config, &command, &err_), without());
	TAKEN_BY(validate_together(&config, &command, &err_), without(); supervisor.engine = CORDON_ENGINE_PTRACE);
	TOGETHER_REFUSED("supervisor", without(); command.supervisor = NULL);
	TOGETHER_REFUSED("supervisor", without(); supervisor.flags = CORDON_SUPERVISOR_RECORD);
	TOGETHER_REFUSED("supervisor engine", without(); supervisor.engine = CORDON_ENGINE_NOTIFY);
	TOGETHER_REFUSED("supervisor engine", without(); supervisor.engine = CORDON_ENGINE_KERNEL);
	TOGETHER_REFUSED("copy_in", without(); command.ncopy_in = 1);
	TOGETHER_REFUSED("copy_out", without(); command.ncopy_out = 1);
}

static bool readable(const char *path)
{
	FILE *f = fopen(path, "re");

	return f != NULL && fclose(f) == 0;
}

static void test_labels(void)
{
	struct cordon_error err = { 0 };

	CONFIG_REFUSED("apparmor_profile", config.apparmor_profile = "");
	CONFIG_REFUSED("selinux_label", config.selinux_label = "");
	CONFIG_TAKEN(config.apparmor_profile = "box"; config.selinux_label = "u:r:t:s0");
	begin();
	CHECK_EQ(machine_check(&config, &err), 0);
	if (!readable("/sys/kernel/security/lsm") && !readable("/sys/fs/selinux/enforce")) {
		config.selinux_label = "u:r:t:s0";
		CHECK_EQ(machine_check(&config, &err), -EINVAL);
		CHECK_EQ(err.step, CORDON_STEP_LABEL);
		CHECK(err.detail_len > 23 && memcmp(err.detail, "selinux_label: u:r:t:s0", 23) == 0);
	}
	if (!readable("/sys/kernel/security/lsm") && !readable("/sys/module/apparmor/parameters/enabled")) {
		config.apparmor_profile = "box";
		CHECK_EQ(machine_check(&config, &err), -EINVAL);
		CHECK_EQ(err.step, CORDON_STEP_LABEL);
		CHECK(err.detail_len > 21 && memcmp(err.detail, "apparmor_profile: box", 21) == 0);
	}
}

int main(void)
{
	test_numbers();
	test_engine();
	test_paths();
	test_ports();
	test_syscalls();
	test_policy();
	test_no_namespaces();
	test_copy_out();
	test_command_without_namespaces();
	test_labels();
	return TEST_RESULT();
}
