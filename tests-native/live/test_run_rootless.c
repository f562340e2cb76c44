/* SPDX-License-Identifier: Apache-2.0 */
/* The same sandbox for an unprivileged user, and inside a container that masks its own /proc: fewer layers are
 * available there, and the result shows it. Each scenario is this program again, as another user. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "support/sandbox.h"

#define NOBODY_IN_PARTICULAR 65533

static void rootless_statuses(void)
{
	static const struct {
		const char *verb, *arg;
		uint32_t status;
		int signal;
	} list[] = {
		{ "exit", "0", CORDON_STATUS_OK, 0 },
		{ "exit", "3", CORDON_STATUS_NONZERO_EXIT, 0 },
		{ "abort", "", CORDON_STATUS_SIGNALED, 6 },
		{ "raise", "15", CORDON_STATUS_SIGNALED, 15 },
		{ "segv", "0", CORDON_STATUS_SIGNALED, 11 },
		{ "killself", "9", CORDON_STATUS_SIGNALED, 9 },
	};

	for (size_t i = 0; i < LENGTH(list); i++) {
		struct sandbox s;
		struct outcome o;

		sandbox_init(&s);
		sandbox_run(&s, ARGV(SUBJECT, list[i].verb, list[i].arg), &o);
		CHECK_STATUS(&o, list[i].status, CORDON_CAUSE_NONE);
		CHECK_EQ(o.result->signal, list[i].signal);
		outcome_done(&o);
	}
}

static void rootless_limits(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_time_ns = 300 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "burn", "20000"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "burn-child", "20000", "nowait"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	outcome_done(&o);
	sandbox_init(&s);
	s.command.limits.wall_time_ns = 300 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	outcome_done(&o);
	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "burn-child", "1000", "nowait"), &o);
	CHECK_OK(&o);
	CHECK(o.result->cpu_time_ns >= 990 * MS && o.result->cpu_time_ns < 1800 * MS);
	outcome_done(&o);
	/* The parent only waits: what the living child uses must be seen, or the tree looks idle. */
	s.command.limits.idle_time_ns = 700 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "burn-child", "1600"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
}

/* Without a controller either an allocation fails (RLIMIT_DATA, the program's own affair) or the peak resident size
 * tells. */
static void rootless_memory(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.memory_bytes = 64 * MIB;
	sandbox_run(&s, ARGV(SUBJECT, "alloc", "200"), &o);
	CHECK(o.ran && o.result->status != CORDON_STATUS_OK);
	if (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) {
		CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	} else {
		CHECK_EQ(o.result->memory_source, CORDON_SOURCE_RUSAGE);
		if (o.result->memory_peak_bytes >= 70 * MIB && o.result->status != CORDON_STATUS_MEMORY_LIMIT_EXCEEDED)
			CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_RSS);
	}
	outcome_done(&o);
}

static void rootless_isolation(void)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "show", "/proc/self/status"), &o);
	CHECK_OK(&o);
	for (size_t i = 0; i < LENGTH(sets); i++)
		CHECK_EQ(status_field(o.out, sets[i], 16), 0);
	CHECK_EQ(status_field(o.out, "NoNewPrivs", 10), 1);
	CHECK_EQ(status_field(o.out, "Seccomp", 10), 2);
	CHECK_EQ(o.result->layers & CORDON_LAYERS_DEFAULT, CORDON_LAYERS_DEFAULT);
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_PROC));
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_USER_BOUNDS));
	CHECK(!(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID)));
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "stat", "/root", "/home", "/etc/shadow", "/var"), &o);
	CHECK_OK(&o);
	CHECK(strstr(o.out, "mode=") == NULL);
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "fds"), &o);
	CHECK_OUT(&o, "0\n1\n2\n");
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "file", "4096", "/w/mine"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	sandbox_run(&s, ARGV("/programs/probe", "net"), &o);
	CHECK_EQ(text_number(o.out, "connect_local", 0), ENETUNREACH);
	outcome_done(&o);
}

static void rootless_own_uid_is_refused_when_required(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && o.run == NULL);
	CHECK_EQ(o.err.step, CORDON_STEP_LAYER);
	CHECK(o.err.detail_len == strlen("own-uid") && memcmp(o.err.detail, "own-uid", o.err.detail_len) == 0);
	outcome_done(&o);
	sandbox_init(&s);
	s.config.host_uid = 12345;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	outcome_done(&o);
}

static void map_one_id(const char *file, uint32_t outside)
{
	char text[32];
	int len = snprintf(text, sizeof text, "0 %u 1", outside);

	REQUIRE(file_write(file, text, (size_t)len));
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { { 0 }, { 0 } };

	REQUIRE(syscall(SYS_capset, &head, none) == 0);
}

static void run_is_refused_for_want_of(const char *capability)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_UID_MAP, EPERM);
	CHECK(memmem(o.err.detail, o.err.detail_len, capability, strlen(capability)) != NULL);
	outcome_done(&o);
}

/* As `unshare -r`: root there, with every capability and a single id. */
static void enter_namespace_of_one_id(void)
{
	uint32_t uid = getuid(), gid = getgid();

	REQUIRE(unshare(CLONE_NEWUSER) == 0);
	REQUIRE(file_write("/proc/self/setgroups", "deny", strlen("deny")));
	map_one_id("/proc/self/uid_map", uid);
	map_one_id("/proc/self/gid_map", gid);
	REQUIRE(geteuid() == 0);
}

static void root_of_one_id(void)
{
	enter_namespace_of_one_id();
	rootless_statuses();
	rootless_isolation();
	rootless_own_uid_is_refused_when_required();
}

/* As root in `bwrap --unshare-all`: the kernel refuses to map 0 without that capability (user_namespaces(7)). */
static void root_of_one_id_without_capabilities(void)
{
	enter_namespace_of_one_id();
	drop_capabilities();
	run_is_refused_for_want_of("CAP_SETFCAP");
}

/* The machine's root cannot be given away like that: all its files would be the program's. */
static void root_of_all_ids_without_capabilities(void)
{
	drop_capabilities();
	REQUIRE(geteuid() == 0);
	run_is_refused_for_want_of("CAP_SETUID and CAP_SETGID");
}

static void rootless_copy_and_stdio(void)
{
	struct cordon_copy_in in = { .name = "a/in", .data = "in", .data_len = 2 };
	struct cordon_copy_out out = { .name = "b/out", .limit_bytes = 100 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	s.command.copy_out = &out;
	s.command.ncopy_out = 1;
	sandbox_run(&s, ARGV("/bin/sh", "-ec", "mkdir b; cat a/in > b/out; echo done; chmod 000 b/out b"), &o);
	CHECK(o.ran && (o.result->status == CORDON_STATUS_OK || o.result->status == CORDON_STATUS_FILE_ERROR));
	CHECK_OUT(&o, "done\n");
	outcome_done(&o);
	sandbox_run(&s, ARGV("/bin/sh", "-ec", "mkdir b; cat a/in > b/out"), &o);
	CHECK_OK(&o);
	CHECK(o.ran && o.result->copied[0].len == 2);
	outcome_done(&o);
}

static void rootless_hundred_runs(void)
{
	struct sandbox s;
	struct outcome o;
	struct leaks before, after;

	for (int i = 0; i < 101; i++) {
		if (i == 1)
			leaks_take(&before);
		sandbox_init(&s);
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	leaks_take(&after);
	CHECK_EQ(after.fds, before.fds);
	CHECK_EQ(after.children, before.children);
	CHECK_EQ(after.mounts, before.mounts);
}

/* As a container engine does: parts of /proc are covered, and the kernel then refuses a new proc in a user namespace
 * below, because it would show them. */
static void masked_container(void)
{
	static const char *const masked[] = { "/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug",
					      "/proc/interrupts" };
	int done = 0;

	REQUIRE(unshare(CLONE_NEWNS) == 0);
	REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	for (size_t i = 0; i < LENGTH(masked); i++)
		done += mount("/dev/null", masked[i], NULL, MS_BIND, NULL) == 0;
	REQUIRE(done > 0);
	REQUIRE(mount("/proc/sys", "/proc/sys", NULL, MS_BIND, NULL) == 0 &&
		mount(NULL, "/proc/sys", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	CHECK_EQ(self_run("inside_masked_container", NOBODY_IN_PARTICULAR), 0);
}

static void inside_masked_container(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_mount_find(&s, "/proc")->flags = CORDON_MOUNT_OPTIONAL;
	sandbox_run(&s, ARGV(SUBJECT, "echo", "no proc"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "no proc\n");
	CHECK(!(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_PROC)));
	CHECK(!(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_USER_BOUNDS)));	/* /proc/sys is read-only */
	CHECK_EQ(o.result->layers & CORDON_LAYERS_DEFAULT, CORDON_LAYERS_DEFAULT);
	outcome_done(&o);

	/* What is there instead must not be the outer proc. */
	sandbox_run(&s, ARGV(SUBJECT, "list", "/proc"), &o);
	CHECK(o.ran);
	CHECK(strstr(o.out, "self") == NULL && strstr(o.out, "1\n") == NULL);
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "fds"), &o);
	CHECK_OUT(&o, "0\n1\n2\n");
	outcome_done(&o);

	s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_PROC);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK_EQ(o.err.step, CORDON_STEP_LAYER);
	outcome_done(&o);

	s.config.require = CORDON_LAYERS_DEFAULT | CORDON_LAYER_BIT(CORDON_LAYER_USER_BOUNDS);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_LAYER, EOPNOTSUPP);
	outcome_done(&o);

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK(o.err.step == CORDON_STEP_MOUNT || o.err.step == CORDON_STEP_LAYER);
	outcome_done(&o);
}

static bool can_become_another_user(void)
{
	return getuid() == 0;
}

#define AS_USER(scenario)                                                                                          \
	static void scenario##_as_a_user(void)                                                                     \
	{                                                                                                          \
		if (!can_become_another_user())                                                                    \
			SKIP_SCENARIO("root: cannot become another user");                                         \
		CHECK_EQ(self_run(#scenario, NOBODY_IN_PARTICULAR), 0);                                            \
	}

AS_USER(rootless_statuses)
AS_USER(rootless_limits)
AS_USER(rootless_memory)
AS_USER(rootless_isolation)
AS_USER(rootless_own_uid_is_refused_when_required)
AS_USER(rootless_copy_and_stdio)
AS_USER(rootless_hundred_runs)
AS_USER(root_of_one_id)
AS_USER(root_of_one_id_without_capabilities)

static void root_maps_itself_alone(void)
{
	if (!can_become_another_user())
		SKIP_SCENARIO("root: the other users have had theirs");
	CHECK_EQ(self_run("root_of_one_id", 0), 0);
	CHECK_EQ(self_run("root_of_one_id_without_capabilities", 0), 0);
}

static void root_without_capabilities(void)
{
	if (!can_become_another_user())
		SKIP_SCENARIO("root: cannot drop root's capabilities");
	CHECK_EQ(self_run("root_of_all_ids_without_capabilities", 0), 0);
}

static void a_container_with_a_masked_proc(void)
{
	if (!can_become_another_user())
		SKIP_SCENARIO("root: cannot mask a /proc");
	CHECK_EQ(self_run("masked_container", 0), 0);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(rootless_statuses_as_a_user),
		SCENARIO(rootless_limits_as_a_user),
		SCENARIO(rootless_memory_as_a_user),
		SCENARIO(rootless_isolation_as_a_user),
		SCENARIO(rootless_own_uid_is_refused_when_required_as_a_user),
		SCENARIO(rootless_copy_and_stdio_as_a_user),
		SCENARIO(rootless_hundred_runs_as_a_user),
		SCENARIO(root_of_one_id_as_a_user),
		SCENARIO(root_of_one_id_without_capabilities_as_a_user),
		SCENARIO(root_maps_itself_alone),
		SCENARIO(root_without_capabilities),
		SCENARIO(a_container_with_a_masked_proc),
		SCENARIO_BY_NAME(rootless_statuses),
		SCENARIO_BY_NAME(rootless_limits),
		SCENARIO_BY_NAME(rootless_memory),
		SCENARIO_BY_NAME(rootless_isolation),
		SCENARIO_BY_NAME(rootless_own_uid_is_refused_when_required),
		SCENARIO_BY_NAME(rootless_copy_and_stdio),
		SCENARIO_BY_NAME(rootless_hundred_runs),
		SCENARIO_BY_NAME(root_of_one_id),
		SCENARIO_BY_NAME(root_of_one_id_without_capabilities),
		SCENARIO_BY_NAME(root_of_all_ids_without_capabilities),
		SCENARIO_BY_NAME(masked_container),
		SCENARIO_BY_NAME(inside_masked_container),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
