/* SPDX-License-Identifier: Apache-2.0 */
/* A kept container: many programs one after the other, each with its own limits and numbers, independent of the
 * previous one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "support/sandbox.h"

#define DIRT "/programs/dirt"

static void expect_ok(struct kept *k, const char *const *argv, const char *out)
{
	struct outcome o;

	kept_run(k, argv, &o);
	CHECK_OK(&o);
	if (out)
		CHECK_OUT(&o, out);
	outcome_done(&o);
}

static void open_ping_run_run_free(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	CHECK(cordon_container_pid(k.c) > 0 && kill(cordon_container_pid(k.c), 0) == 0);
	MUST(cordon_container_ping(k.c, &err), &err);
	expect_ok(&k, ARGV(SUBJECT, "echo", "one"), "one\n");
	kept_run(&k, ARGV(SUBJECT, "exit", "3"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 3);
	outcome_done(&o);
	kept_run(&k, ARGV(SUBJECT, "raise", "6"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, 6);
	outcome_done(&o);
	MUST(cordon_container_ping(k.c, &err), &err);
	expect_ok(&k, ARGV(SUBJECT, "both"), "out\nout2\n");
	KEPT_CLOSE(&k);
}
ROOTLESS(open_ping_run_run_free)

static void a_container_without_a_run_is_freed(void)
{
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	KEPT_CLOSE(&k);
	cordon_container_free(NULL);
}

static void the_layers_are_those_of_a_run_of_its_own(void)
{
	struct outcome kept, own;
	struct kept k;

	sandbox_init(&k.s);
	sandbox_run(&k.s, ARGV(SUBJECT, "show", "/proc/self/status"), &own);
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV(SUBJECT, "show", "/proc/self/status"), &kept);
		CHECK_OK(&kept);
		CHECK_EQ(kept.result->layers, own.result->layers);
		CHECK_EQ(kept.result->layers & CORDON_LAYERS_DEFAULT, CORDON_LAYERS_DEFAULT);
		CHECK_EQ(kept.result->memory_source, own.result->memory_source);
		CHECK_EQ(status_field(kept.out, "Seccomp", 10), 2);
		CHECK_EQ(status_field(kept.out, "NoNewPrivs", 10), 1);
		CHECK_EQ(status_field(kept.out, "CapBnd", 16), 0);
		CHECK_EQ(status_field(kept.out, "CapPrm", 16), 0);
		CHECK_EQ(status_field(kept.out, "CapAmb", 16), 0);
		outcome_done(&kept);
	}
	outcome_done(&own);
	KEPT_CLOSE(&k);
}
ROOTLESS(the_layers_are_those_of_a_run_of_its_own)

/* CORDON_TEST_RUNS: how many. */
static void many_runs_leak_nothing(void)
{
	long runs = number_from_env("CORDON_TEST_RUNS", 2000), fds = 0, children = 0;
	uint64_t rss = 0, init_rss = 0;
	struct leaks before, after;
	char path[64], text[32], want[32];
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	snprintf(path, sizeof path, "/proc/%d/status", (int)cordon_container_pid(k.c));
	for (long i = 0; i < runs; i++) {
		if (i == 100 || i == runs - 1) {
			char *status = file_read(path);
			uint64_t now = status ? (uint64_t)status_field(status, "VmRSS", 10) * 1024 : 0;

			leaks_take(i == 100 ? &before : &after);
			CHECK(settles(cordon_container_pid(k.c), i == 100 ? 64 : fds, i == 100 ? 64 : children));
			if (i == 100) {
				fds = fds_of(cordon_container_pid(k.c));
				children = children_of(cordon_container_pid(k.c));
				rss = rss_bytes();
				init_rss = now;
			} else {
				CHECK(now <= init_rss + 64 * 1024);
				CHECK(rss_bytes() <= rss + MIB);
			}
			free(status);
		}
		snprintf(text, sizeof text, "%ld", i);
		snprintf(want, sizeof want, "%ld\n", i);
		kept_start(&k, ARGV(SUBJECT, "echo", text), i % 8 == 7 ? CORDON_RUN_RESET : 0, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, want);
		outcome_done(&o);
	}
	CHECK_EQ(after.fds, before.fds);
	CHECK_EQ(after.children, before.children);
	CHECK_EQ(after.mounts, before.mounts);
	CHECK_EQ(after.cgroups, before.cgroups);
	KEPT_CLOSE(&k);
}

/* -- building -- */

static void a_bad_mount_source_fails_the_build(void)
{
	struct cordon_error err;
	struct kept k;

	sandbox_init(&k.s);
	sandbox_mount(&k.s, CORDON_MOUNT_BIND, 0, "/no/such/thing", "/x");
	CHECK_EQ(kept_open(&k, &err), -ENOENT);
	CHECK_EQ(err.step, CORDON_STEP_MOUNT_SOURCE);
	CHECK_EQ(err.index, (int)k.s.config.nmounts - 1);
	CHECK(k.c == NULL);
}
ROOTLESS(a_bad_mount_source_fails_the_build)

static void a_bad_mount_target_fails_the_build(void)
{
	struct cordon_error err;
	struct kept k;

	sandbox_init(&k.s);
	sandbox_mount(&k.s, CORDON_MOUNT_TMPFS, 0, NULL, "/proc/self/x");
	CHECK(kept_open(&k, &err) < 0);
	CHECK_EQ(err.step, CORDON_STEP_MOUNT_TARGET);
	CHECK_EQ(err.index, (int)k.s.config.nmounts - 1);
	CHECK_EQ(err.origin, CORDON_AT_INIT);
}

static void a_layer_that_is_missing_fails_the_build(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.network = CORDON_NETWORK_HOST;
	k.s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_NET_NS);
	CHECK(kept_open(&k, &err) < 0);
	CHECK_EQ(err.step, CORDON_STEP_LAYER);
	/* What a supervisor brings is asked of each command. */
	sandbox_init(&k.s);
	k.s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR);
	KEPT_OPEN(&k);
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_LAYER, ENOTSUP);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

static void an_init_command_that_fails_says_why(void)
{
	struct cordon_error err;
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.init_command = ARGV("/bin/sh", "-c", "echo first; echo the reason >&2; exit 4");
	CHECK(kept_open(&k, &err) < 0);
	CHECK_EQ(err.step, CORDON_STEP_INIT_COMMAND);
	CHECK(err.detail_len >= 11 && memmem(err.detail, err.detail_len, "the reason", 10) != NULL);
}
ROOTLESS(an_init_command_that_fails_says_why)

/* The end of a long output is kept, not its beginning; a flood does not stop it. */
static void an_init_command_that_floods_keeps_the_end(void)
{
	struct cordon_error err;
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.init_command =
		ARGV("/bin/sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x; echo the end; kill -9 $$");
	CHECK(kept_open(&k, &err) < 0);
	CHECK_EQ(err.step, CORDON_STEP_INIT_COMMAND);
	CHECK(memmem(err.detail, err.detail_len, "xthe end", 8) != NULL);
}

static void an_init_command_that_is_missing_fails(void)
{
	struct cordon_error err;
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.init_command = ARGV("/no/such/program");
	CHECK_EQ(kept_open(&k, &err), -ENOENT);
	CHECK_EQ(err.step, CORDON_STEP_EXECVE);
}

static void lo_is_up(const char *const *command)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.init_command = command;
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV("/programs/probe", "net"), &o);
		CHECK_OK(&o);
		CHECK_EQ(text_number(o.out, "connect_local", 0), ECONNREFUSED);
		CHECK_EQ(text_number(o.out, "connect_out", 0), ENETUNREACH);
		outcome_done(&o);
		/* Its capabilities were the command's alone. */
		kept_run(&k, ARGV(DIRT, "lo-up"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

static void an_init_command_of_ours_brings_lo_up(void)
{
	lo_is_up(ARGV(DIRT, "lo-up"));
}
ROOTLESS(an_init_command_of_ours_brings_lo_up)

static void ip_as_init_command_brings_lo_up(void)
{
	if (access("/usr/sbin/ip", X_OK) != 0)
		SKIP_SCENARIO("iproute: there is no ip");
	lo_is_up(ARGV("/usr/sbin/ip", "link", "set", "lo", "up"));
}

/* What an init command leaves running, or written in a tmpfs, is no program's. */
static void what_an_init_command_leaves_does_not_meet_a_program(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.init_command = ARGV("/bin/sh", "-c", "sleep 300 > /dev/null 2>&1 &");
	if (kept_open(&k, &err) != 0) {
		TEST_FAIL("no container: step %s", cordon_step_name(err.step));
		return;
	}
	expect_ok(&k, ARGV(SUBJECT, "exit", "0"), NULL);
	kept_run(&k, ARGV("/bin/sh", "-c", "true"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}

/* -- one at a time -- */

static void a_second_run_is_refused_and_the_first_unharmed(void)
{
	const struct cordon_file file = { .path = "/w/x", .flags = CORDON_FILE_CREATE };
	struct cordon_error err, item;
	struct outcome first, second;
	struct kept k;
	int fd = 99;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_start(&k, ARGV("/bin/sh", "-c", "echo first; sleep 0.2; echo done"), 0, &first);
	CHECK(first.run != NULL);
	kept_start(&k, ARGV(SUBJECT, "echo", "second"), 0, &second);
	CHECK_EQ(second.rc, -EBUSY);
	outcome_wait(&second);
	CHECK_ERROR(&second, CORDON_STEP_WAIT, EBUSY);
	outcome_done(&second);
	MUST_FAIL(cordon_container_ping(k.c, &err), &err, CORDON_STEP_WAIT, EBUSY);
	MUST_FAIL(cordon_container_reset(k.c, &err), &err, CORDON_STEP_WAIT, EBUSY);
	MUST_FAIL(cordon_container_open_files(k.c, &file, 1, &fd, &item, &err), &err, CORDON_STEP_WAIT, EBUSY);
	MUST_FAIL(cordon_container_delete_files(k.c, &file, 1, &item, &err), &err, CORDON_STEP_WAIT, EBUSY);
	outcome_wait(&first);
	CHECK_OK(&first);
	CHECK_OUT(&first, "first\ndone\n");
	/* Done, not freed: still one too many. */
	kept_start(&k, ARGV(SUBJECT, "echo", "second"), 0, &second);
	CHECK_EQ(second.rc, -EBUSY);
	outcome_wait(&second);
	outcome_done(&second);
	outcome_done(&first);
	expect_ok(&k, ARGV(SUBJECT, "echo", "third"), "third\n");
	KEPT_CLOSE(&k);
}

static void unknown_flags_are_refused(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_start(&k, ARGV(SUBJECT, "exit", "0"), 1u << 7, &o);
	outcome_wait(&o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&o);
	expect_ok(&k, ARGV(SUBJECT, "exit", "0"), NULL);
	KEPT_CLOSE(&k);
}

/* -- errors -- */

static void run_errors_leave_it_usable(void)
{
	static const struct cordon_copy_in twice[] = { { .name = "a", .data = "x", .data_len = 1 },
						       { .name = "a", .data = "x", .data_len = 1 } };
	static const struct cordon_copy_in readonly = { .name = "/usr/x", .data = "x", .data_len = 1 };
	static const struct cordon_rlimit too_high = { .resource = RLIMIT_NICE, .soft = 40, .hard = 40 };
	static const char *const fine[] = { SUBJECT, "exit", "0", NULL };
	static const char *const programs[3][2] = { { "/no/such/program", NULL },
						    { "no-such-program-in-the-path", NULL },
						    { "/usr", NULL } };
	struct cordon_error err;
	struct outcome o;
	struct kept k;
	int script;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	script = open(getenv("CORDON_TEST_PROGRAMS"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int i = 0; i < 9; i++) {
		struct cordon_command *c = &k.s.command, good = *c;
		const char *const *argv = i < 3 ? programs[i] : fine;
		int step = CORDON_STEP_EXECVE, errnum = ENOENT;

		switch (i) {
		case 2:
			errnum = EACCES;
			break;
		case 3:
			c->work_dir = "/no/such/dir";
			step = CORDON_STEP_WORK_DIR;
			break;
		case 4:
			c->rlimits = &too_high;
			c->nrlimits = 1;
			step = CORDON_STEP_RLIMIT;
			errnum = EPERM;
			break;
		case 5:
			c->copy_in = twice;
			c->ncopy_in = 2;
			step = CORDON_STEP_COPY_IN;
			errnum = EEXIST;
			break;
		case 6:
			c->copy_in = &readonly;
			c->ncopy_in = 1;
			step = CORDON_STEP_COPY_IN;
			errnum = EROFS;
			break;
		case 7:
			c->terminal = 1; /* stdin is /dev/null */
			step = CORDON_STEP_TERMINAL;
			errnum = ENOTTY;
			break;
		case 8:
			c->exec_fd = script;
			errnum = EACCES;
			break;
		}
		kept_run(&k, argv, &o);
		CHECK_ERROR(&o, step, errnum);
		outcome_done(&o);
		*c = good;
		MUST(cordon_container_ping(k.c, &err), &err);
		MUST(cordon_container_reset(k.c, &err), &err);
		expect_ok(&k, ARGV(SUBJECT, "echo", "fine"), "fine\n");
	}
	close(script);
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}
ROOTLESS(run_errors_leave_it_usable)

/* The caller has run out of descriptors: each call that needs one more fails at another place. */
static void a_caller_without_descriptors_keeps_its_container(void)
{
	static const char *const long_env[] = { "PATH=/bin", NULL };
	struct rlimit old, few;
	struct cordon_error err;
	struct outcome o;
	struct kept k;
	int failed = 0;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	k.s.command.envp = long_env;
	for (rlim_t n = 3; n < 40; n++) {
		char big[40000];

		memset(big, 'x', sizeof big - 1);
		big[sizeof big - 1] = '\0';
		few.rlim_cur = n;
		REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
		kept_start(&k, n % 2 ? ARGV(SUBJECT, "echo", "fine") : ARGV(SUBJECT, "echo", "fine", big), 0, &o);
		REQUIRE(setrlimit(RLIMIT_NOFILE, &old) == 0);
		failed += o.run == NULL;
		outcome_wait(&o);
		if (o.ran)
			CHECK_OK(&o);
		else
			CHECK_EQ(o.err.err, EMFILE);
		outcome_done(&o);
		if (cordon_container_ping(k.c, &err) != 0) {
			char text[512];

			TEST_FAIL("with %d descriptors the container broke: %s", (int)n,
				  cordon_error_describe(&err, text, sizeof text));
			KEPT_CLOSE(&k);
			KEPT_OPEN(&k);
		}
		/* The limits must not have got lost with the group. */
		kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_OK(&o);
		CHECK_EQ(o.result->memory_source != CORDON_SOURCE_RUSAGE,
			 (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) != 0);
		outcome_done(&o);
	}
	CHECK(failed > 0);
	KEPT_CLOSE(&k);
}

static void a_caller_without_descriptors_gets_no_container(void)
{
	struct rlimit old, few;
	struct leaks before, after;
	int failed = 0;

	REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	leaks_take(&before);
	for (rlim_t n = 3; n < 60; n += 2) {
		struct cordon_error err;
		struct kept k;
		int rc;

		sandbox_init(&k.s);
		few.rlim_cur = n;
		REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
		rc = kept_open(&k, &err);
		REQUIRE(setrlimit(RLIMIT_NOFILE, &old) == 0);
		if (rc == 0) {
			KEPT_CLOSE(&k);
			continue;
		}
		failed++;
		CHECK(err.step != CORDON_STEP_NONE && err.step != CORDON_STEP_INIT_TIMEOUT);
	}
	CHECK(failed > 5);
	leaks_take(&after);
	CHECK_EQ(after.fds, before.fds);
	CHECK_EQ(after.children, before.children);
	CHECK_EQ(after.mounts, before.mounts);
	CHECK_EQ(after.cgroups, before.cgroups);
}

/* In a fresh process: the very first use of the library fails for want of descriptors. That must not decide about
 * control groups for the life of the process. */
static void first_use_without_descriptors(void)
{
	struct rlimit old, few;
	struct outcome o;
	struct kept k;

	REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	few.rlim_cur = (rlim_t)number_from_env("CORDON_TEST_FEW", 4);
	sandbox_init(&k.s);
	REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
	sandbox_run(&k.s, ARGV(SUBJECT, "exit", "0"), &o);
	REQUIRE(setrlimit(RLIMIT_NOFILE, &old) == 0);
	outcome_done(&o);
	sandbox_run(&k.s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	CHECK((o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) != 0);
	outcome_done(&o);
}

static void a_first_use_without_descriptors_is_not_remembered(void)
{
	struct sandbox s;
	struct outcome o;
	bool has_memory;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	has_memory = (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) != 0;
	outcome_done(&o);
	if (!has_memory)
		SKIP_SCENARIO("cgroup-memory: no controller");
	for (int n = 3; n < 24; n++) {
		char text[16];

		snprintf(text, sizeof text, "%d", n);
		setenv("CORDON_TEST_FEW", text, 1);
		if (self_run("first_use_without_descriptors", 0) != 0) {
			TEST_FAIL("after a first use with %d descriptors", n);
			break;
		}
	}
	unsetenv("CORDON_TEST_FEW");
}

/* Files that the run before left are charged to the group, which is then replaced: where that fails, the run fails, and
 * the next one has its limits again. */
static void a_group_that_can_not_be_replaced_is_not_forgotten(void)
{
	struct rlimit old, few;
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
	few = old;
	for (rlim_t n = 8; n < 40; n++) {
		kept_run(&k, ARGV(SUBJECT, "file", "8000000", "/w/left"), &o);
		CHECK_OK(&o);
		if (!o.ran || !(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY))) {
			outcome_done(&o);
			KEPT_CLOSE(&k);
			SKIP_SCENARIO("cgroup-memory: no controller");
		}
		outcome_done(&o);
		few.rlim_cur = n;
		REQUIRE(setrlimit(RLIMIT_NOFILE, &few) == 0);
		kept_start(&k, ARGV(SUBJECT, "exit", "0"), CORDON_RUN_RESET, &o);
		REQUIRE(setrlimit(RLIMIT_NOFILE, &old) == 0);
		outcome_wait(&o);
		outcome_done(&o);
		if (cordon_container_ping(k.c, &err) != 0) {
			char text[512];

			TEST_FAIL("with %d descriptors the container broke: %s", (int)n,
				  cordon_error_describe(&err, text, sizeof text));
			KEPT_CLOSE(&k);
			KEPT_OPEN(&k);
		}
		k.s.command.limits.memory_bytes = 32 * MIB;
		kept_run(&k, ARGV(SUBJECT, "alloc", "100"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
		k.s.command.limits.memory_bytes = 256 * MIB;
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* -- limits -- */

static void each_run_has_its_own_memory_limit(void)
{
	static const struct {
		uint64_t limit;
		const char *mib;
		bool enough;
	} list[] = {
		{ 64 * MIB, "40", true },	   { 64 * MIB, "200", false },	     { 16 * MIB, "40", false },
		{ CORDON_UNLIMITED, "100", true }, { 64 * MIB, "200", false },	     { 128 * MIB, "100", true },
		{ 16 * MIB, "8", true },	   { CORDON_UNLIMITED, "40", true }, { 16 * MIB, "40", false },
		{ 64 * MIB, "40", true },
	};
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(list); i++) {
		k.s.command.limits.memory_bytes = list[i].limit;
		kept_run(&k, ARGV(SUBJECT, "alloc", list[i].mib), &o);
		if (list[i].enough) {
			CHECK_OK(&o);
			CHECK_EQ(o.result->oom_kills, 0);
		} else if (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) {
			CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
			CHECK(o.result->oom_kills >= 1);
			CHECK(o.result->memory_peak_bytes <= list[i].limit + MIB);
		} else {
			CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_RSS);
		}
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(each_run_has_its_own_memory_limit)

/* Of go-sandbox: a grandchild that the OOM killer ends is not a normal end. */
static void an_oom_of_a_grandchild_is_seen_and_not_inherited(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	k.s.command.limits.memory_bytes = 64 * MIB;
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV(SUBJECT, "alloc-grandchild", "200"), &o);
		if (!o.ran || !(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY))) {
			outcome_done(&o);
			KEPT_CLOSE(&k);
			SKIP_SCENARIO("cgroup-memory: no controller");
		}
		CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
		outcome_done(&o);
		kept_run(&k, ARGV(SUBJECT, "alloc", "20"), &o);
		CHECK_OK(&o);
		CHECK_EQ(o.result->oom_kills, 0);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

static void numbers_are_not_inherited(void)
{
	struct outcome o;
	struct kept k;
	double first = 0;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	/* The first run that reads the program's file pays for all pages that are read ahead. */
	kept_run(&k, ARGV("/programs/tiny_static", "0"), &o);
	outcome_done(&o);
	for (int i = 0; i < 4; i++) {
		double peak;
		long own;

		kept_run(&k, ARGV("/programs/tiny_static", i == 2 ? "20480" : "0"), &o);
		CHECK_OK(&o);
		own = text_number(o.out, "hwm_kib", -1);
		peak = (double)o.result->memory_peak_bytes / 1024;
		/* The group's number counts no page that another program brought into memory first. */
		if (i == 0)
			first = peak;
		if (i != 2 && (peak > first + 512 || peak > (double)own + 512))
			TEST_FAIL("run %d: peak %.0f KiB, first %.0f, own %ld", i, peak, first, own);
		if (i == 2)
			CHECK(peak >= 20480 - 512);
		CHECK(o.result->cpu_time_ns < 200 * MS);
		outcome_done(&o);
		kept_start(&k, ARGV(SUBJECT, "alloc", "60"), i == 1 ? CORDON_RUN_RESET : 0, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		/* What is left of the run before, and goes while this one runs, makes the number a little smaller. */
		if (o.result->memory_peak_bytes < 60 * MIB - MIB / 2 || o.result->memory_peak_bytes >= 70 * MIB)
			TEST_FAIL("run %d: 60 MiB are %.2f MiB", i, (double)o.result->memory_peak_bytes / (double)MIB);
		outcome_done(&o);
		kept_run(&k, ARGV(SUBJECT, "burn", "250"), &o);
		CHECK_OK(&o);
		CHECK(o.result->cpu_time_ns >= 240 * MS && o.result->cpu_time_ns < 400 * MS);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(numbers_are_not_inherited)

/* 50 MiB of files are charged to the run's group until they are freed, which a reset does behind the caller's back. */
static void files_of_the_run_before_do_not_count(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	k.s.command.limits.memory_bytes = 64 * MIB;
	KEPT_OPEN(&k);
	for (int i = 0; i < 5; i++) {
		kept_start(&k, ARGV(SUBJECT, "file", "50000000", "/w/big"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		kept_run(&k, ARGV(SUBJECT, "alloc", "40"), &o);
		CHECK_OK(&o);
		CHECK(o.result->memory_peak_bytes >= 40 * MIB && o.result->memory_peak_bytes < 45 * MIB);
		outcome_done(&o);
	}
	/* Without a reset the files are there, and are not the next run's. */
	kept_run(&k, ARGV(SUBJECT, "file", "50000000", "/w/big"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	kept_run(&k, ARGV("/programs/tiny_static", "0"), &o);
	CHECK_OK(&o);
	CHECK(o.result->memory_peak_bytes < 3 * MIB);
	outcome_done(&o);
	kept_run(&k, ARGV(SUBJECT, "stat", "/w/big"), &o);
	CHECK(strstr(o.out, "size=5000") != NULL);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

static void each_run_has_its_own_number_of_processes(void)
{
	static const struct {
		uint64_t limit;
		long made;
	} list[] = { { 10, 9 }, { 5, 4 }, { 64, 40 }, { 5, 4 }, { CORDON_UNLIMITED, 40 }, { 3, 2 } };
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(list); i++) {
		k.s.command.limits.processes = list[i].limit;
		kept_run(&k, ARGV(SUBJECT, "forks", "40"), &o);
		CHECK_OK(&o);
		if (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_PIDS))
			CHECK_EQ(text_number(o.out, "made", -1), list[i].made);
		else
			CHECK(text_number(o.out, "made", -1) <= list[i].made);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(each_run_has_its_own_number_of_processes)

static void each_run_has_its_own_time(void)
{
	struct cordon_limits usual;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	usual = k.s.command.limits;
	for (int i = 0; i < 2; i++) {
		k.s.command.limits.cpu_time_ns = 200 * MS;
		kept_run(&k, ARGV(SUBJECT, "burn", "20000"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
		CHECK(o.result->cpu_time_ns >= 200 * MS && o.result->cpu_time_ns < 400 * MS);
		outcome_done(&o);
		kept_run(&k, ARGV(SUBJECT, "burn-child", "20000", "nowait"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
		outcome_done(&o);
		/* Within the limit although three such runs together are not. */
		for (int j = 0; j < 3; j++) {
			kept_run(&k, ARGV(SUBJECT, "burn", "100"), &o);
			CHECK_OK(&o);
			outcome_done(&o);
		}
		k.s.command.limits = usual;
		k.s.command.limits.wall_time_ns = 200 * MS;
		kept_run(&k, ARGV(SUBJECT, "sleep", "60"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		CHECK(o.result->wall_time_ns >= 200 * MS && o.result->wall_time_ns < SEC);
		outcome_done(&o);
		k.s.command.limits = usual;
		k.s.command.limits.idle_time_ns = 150 * MS;
		kept_run(&k, ARGV(SUBJECT, "sleep", "60"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_IDLE);
		outcome_done(&o);
		k.s.command.limits = usual;
		kept_run(&k, ARGV(SUBJECT, "burn", "300"), &o);
		CHECK_OK(&o);
		CHECK(o.result->wall_time_ns >= 290 * MS);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(each_run_has_its_own_time)

static void each_run_has_its_own_output_limit(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		k.s.command.limits.output_bytes = 100000;
		kept_run(&k, ARGV(SUBJECT, "flood", i == 1 ? "2" : "1", "1000000000"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
			     i == 1 ? CORDON_CAUSE_STDERR : CORDON_CAUSE_STDOUT);
		outcome_done(&o);
		kept_run(&k, ARGV(SUBJECT, "file", "1000000", "/w/big"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_FILE);
		outcome_done(&o);
		k.s.command.limits.output_bytes = 64 * MIB;
		kept_run(&k, ARGV(SUBJECT, "flood", "1", "1000000"), &o);
		CHECK_OK(&o);
		CHECK_EQ(o.result->output[0].total, 1000000);
		outcome_done(&o);
		expect_ok(&k, ARGV(SUBJECT, "file", "1000000", "/w/big"), NULL);
	}
	KEPT_CLOSE(&k);
}

/* Work dir, environment, ids, signals and rlimits of a program do not stick to init. */
static void nothing_of_a_run_sticks(void)
{
	static const struct cordon_rlimit few = { .resource = RLIMIT_NOFILE, .soft = 17, .hard = 17 };
	struct outcome o;
	struct kept k;
	char *first;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_run(&k,
		 ARGV("/bin/sh", "-c",
		      "/programs/subject limits; /programs/subject signals; /programs/subject env | sort; pwd; umask"),
		 &o);
	CHECK_OK(&o);
	first = strdup(o.out);
	outcome_done(&o);
	k.s.command.rlimits = &few;
	k.s.command.nrlimits = 1;
	k.s.command.work_dir = "/tmp";
	k.s.command.limits.stack_bytes = 2 * MIB;
	k.s.command.limits.core_bytes = 1;
	k.s.command.envp = ARGV("OTHER=1");
	expect_ok(&k, ARGV("/bin/sh", "-c", "umask 0777; ulimit -n 10; trap '' 1 2 3; cd /; true"), NULL);
	sandbox_init(&k.s);
	kept_run(&k,
		 ARGV("/bin/sh", "-c",
		      "/programs/subject limits; /programs/subject signals; /programs/subject env | sort; pwd; umask"),
		 &o);
	CHECK_OK(&o);
	CHECK_STR(o.out, first);
	outcome_done(&o);
	free(first);
	KEPT_CLOSE(&k);
}

/* -- the holes of go-sandbox, part 4 -- */

/* Item 13. */
static void large_requests_work_and_too_large_ones_are_refused(void)
{
	static char big[40000], huge[5 << 20];
	static const char *args[3100], *env[] = { big, "PATH=/usr/bin:/bin", NULL }, *huge_env[] = { huge, NULL };
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	memset(big, 'x', sizeof big - 1);
	memcpy(big, "BIG=", 4);	/* its end is that of the x: NOLINT(bugprone-not-null-terminated-result) */
	memset(huge, 'x', sizeof huge - 1);
	memcpy(huge, "HUGE=", 5);
	args[0] = SUBJECT;
	args[1] = "sizes";
	for (int i = 2; i < 3002; i++)
		args[i] = "an argument of some length";
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		k.s.command.envp = env;
		kept_run(&k, args, &o);
		CHECK_OK(&o);
		CHECK_EQ(text_number(o.out, "env_bytes", 0), sizeof big + strlen(env[1]) + 1);
		CHECK_EQ(text_number(o.out, "args_count", 0), 3000);
		outcome_done(&o);
		k.s.command.envp = huge_env;
		kept_run(&k, ARGV(SUBJECT, "sizes"), &o);
		CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
		outcome_done(&o);
		/* Within the protocol, beyond what execve(2) takes. */
		huge[3 << 20] = '\0';
		kept_run(&k, ARGV(SUBJECT, "sizes"), &o);
		huge[3 << 20] = 'x';
		CHECK_ERROR(&o, CORDON_STEP_EXECVE, E2BIG);
		outcome_done(&o);
		MUST(cordon_container_ping(k.c, &err), &err);
	}
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}

/* Item 16. */
static void orphans_are_reaped_while_the_program_runs(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV(SUBJECT, "orphans", "300"), &o);
		CHECK_OK(&o);
		CHECK(text_number(o.out, "pids", 999) <= 4);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

static void daemons_end_with_their_run(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 20; i++) {
		kept_run(&k, ARGV(DIRT, "serve"), &o);
		CHECK_OK(&o);
		CHECK_EQ(children_of(cordon_container_pid(k.c)), 0);
		outcome_done(&o);
		kept_run(&k, ARGV(DIRT, "reach"), &o);
		CHECK_EQ(text_number(o.out, "abstract", 0), ECONNREFUSED);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* -- what a command can carry -- */

static void copies_sync_points_and_exec_by_fd_work(void)
{
	struct cordon_copy_in in = { .name = "deep/in", .data = "hello", .data_len = 5, .mode = 0600 };
	struct cordon_copy_out out[2] = { { .name = "out", .limit_bytes = 100 },
					  { .name = "none", .limit_bytes = 1, .flags = CORDON_COPY_OPTIONAL } };
	char path[4096];
	struct outcome o;
	struct kept k;
	int program;

	snprintf(path, sizeof path, "%s/subject", getenv("CORDON_TEST_PROGRAMS"));
	program = open(path, O_RDONLY | O_CLOEXEC);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 10; i++) {
		k.s.command.copy_in = &in;
		k.s.command.ncopy_in = 1;
		k.s.command.copy_out = out;
		k.s.command.ncopy_out = 2;
		k.s.command.sync = 1;
		kept_start(&k, ARGV("/bin/sh", "-ec", "cat deep/in > out; stat -c %U%a deep/in"),
			   i % 2 ? CORDON_RUN_RESET : 0, &o);
		CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC && cordon_run_pid(o.run) > 0);
		CHECK_EQ(cordon_run_step(o.run), CORDON_RUN_SYNC);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK(o.ran && o.result->ncopied == 2 && o.result->copied[0].len == 5 &&
		      memcmp(o.result->copied[0].data, "hello", 5) == 0);
		outcome_done(&o);
		sandbox_init(&k.s);
		k.s.command.exec_fd = program;
		expect_ok(&k, ARGV("by fd", "echo", "fd"), "fd\n");
		k.s.command.exec_fd = -1;
		if (i % 2 == 0) {
			struct cordon_error err;

			MUST(cordon_container_reset(k.c, &err), &err);
		}
	}
	close(program);
	KEPT_CLOSE(&k);
}

static void a_copy_in_that_is_refused_in_the_middle_leaves_it_usable(void)
{
	struct cordon_copy_in in[3] = { { .name = "a", .data = "x", .data_len = 1 },
					{ .name = "a/b", .data = "x", .data_len = 1 },
					{ .name = "c", .data = "x", .data_len = 1 } };
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	sandbox_mount_find(&k.s, "/w")->size_bytes = 65536;
	KEPT_OPEN(&k);
	k.s.command.copy_in = in;
	k.s.command.ncopy_in = 3;
	kept_start(&k, ARGV(SUBJECT, "exit", "0"), CORDON_RUN_RESET, &o);
	outcome_wait(&o);
	CHECK_ERROR(&o, CORDON_STEP_COPY_IN, ENOTDIR);
	CHECK_EQ(o.err.index, 1);
	outcome_done(&o);
	/* More than fits. */
	static char much[200000];
	in[0].data = much;
	in[0].data_len = sizeof much;
	k.s.command.ncopy_in = 1;
	kept_start(&k, ARGV(SUBJECT, "exit", "0"), CORDON_RUN_RESET, &o);
	outcome_wait(&o);
	CHECK_ERROR(&o, CORDON_STEP_COPY_IN, ENOSPC);
	outcome_done(&o);
	k.s.command.ncopy_in = 0;
	expect_ok(&k, ARGV(SUBJECT, "list", "/w"), "");
	KEPT_CLOSE(&k);
}

static void other_kinds_of_container(void)
{
	struct outcome o;
	struct kept k;

	for (int i = 0; i < 4; i++) {
		sandbox_init(&k.s);
		if (i == 0)
			k.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
		if (i == 1)
			k.s.config.network = CORDON_NETWORK_LOOPBACK;
		if (i == 2) {
			k.s.config.network = CORDON_NETWORK_HOST;
			k.s.config.require &= ~CORDON_LAYER_BIT(CORDON_LAYER_NET_NS);
		}
		if (i == 3)
			k.s.config.use_cgroup = CORDON_CGROUP_OFF;
		KEPT_OPEN(&k);
		for (int j = 0; j < 2; j++) {
			kept_start(&k, ARGV(SUBJECT, "show", "/proc/self/status"), CORDON_RUN_RESET, &o);
			outcome_wait(&o);
			CHECK_OK(&o);
			CHECK_EQ(status_field(o.out, "Seccomp", 10), i == 0 ? 0 : 2);
			if (i == 3)
				CHECK_EQ(o.result->memory_source, CORDON_SOURCE_RUSAGE);
			outcome_done(&o);
			kept_run(&k, ARGV("/programs/probe", "net"), &o);
			CHECK_OK(&o);
			if (i != 2)
				CHECK_EQ(text_number(o.out, "connect_local", 0), i == 1 ? ECONNREFUSED : ENETUNREACH);
			outcome_done(&o);
		}
		KEPT_CLOSE(&k);
	}
}
ROOTLESS(other_kinds_of_container)

static void check_nice(struct kept *k, long expected)
{
	struct outcome o;

	kept_run(k, ARGV(SUBJECT, "nice"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "nice", -99), expected);
	CHECK_EQ(text_number(o.out, "child_nice", -99), expected);
	outcome_done(&o);
}

/* init changes its policy for a run that is no short one, and so may the host: back again it is as nice as before. */
static void programs_are_as_nice_as_their_host(void)
{
	int own = getpriority(PRIO_PROCESS, 0), level = own < 16 ? own + 3 : 19;
	struct kept k;
	struct outcome o;

	REQUIRE(setpriority(PRIO_PROCESS, 0, level) == 0);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	check_nice(&k, level);
	kept_run(&k, ARGV(SUBJECT, "burn", "100"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	check_nice(&k, level);
	KEPT_CLOSE(&k);
	(void)setpriority(PRIO_PROCESS, 0, own);	/* root's to do; without it this process does nothing else */
}

ROOTLESS(programs_are_as_nice_as_their_host)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(open_ping_run_run_free),
		SCENARIO(a_container_without_a_run_is_freed),
		SCENARIO(the_layers_are_those_of_a_run_of_its_own),
		SCENARIO(many_runs_leak_nothing),
		SCENARIO(programs_are_as_nice_as_their_host),
		ROOTLESS_SCENARIO(programs_are_as_nice_as_their_host),
		SCENARIO(a_bad_mount_source_fails_the_build),
		SCENARIO(a_bad_mount_target_fails_the_build),
		SCENARIO(a_layer_that_is_missing_fails_the_build),
		SCENARIO(an_init_command_that_fails_says_why),
		SCENARIO(an_init_command_that_floods_keeps_the_end),
		SCENARIO(an_init_command_that_is_missing_fails),
		SCENARIO(an_init_command_of_ours_brings_lo_up),
		SCENARIO(ip_as_init_command_brings_lo_up),
		SCENARIO(what_an_init_command_leaves_does_not_meet_a_program),
		SCENARIO(a_second_run_is_refused_and_the_first_unharmed),
		SCENARIO(unknown_flags_are_refused),
		SCENARIO(run_errors_leave_it_usable),
		SCENARIO(a_caller_without_descriptors_keeps_its_container),
		SCENARIO(a_caller_without_descriptors_gets_no_container),
		SCENARIO(a_group_that_can_not_be_replaced_is_not_forgotten),
		SCENARIO(a_first_use_without_descriptors_is_not_remembered),
		SCENARIO_BY_NAME(first_use_without_descriptors),
		SCENARIO(each_run_has_its_own_memory_limit),
		SCENARIO(an_oom_of_a_grandchild_is_seen_and_not_inherited),
		SCENARIO(numbers_are_not_inherited),
		SCENARIO(files_of_the_run_before_do_not_count),
		SCENARIO(each_run_has_its_own_number_of_processes),
		SCENARIO(each_run_has_its_own_time),
		SCENARIO(each_run_has_its_own_output_limit),
		SCENARIO(nothing_of_a_run_sticks),
		SCENARIO(large_requests_work_and_too_large_ones_are_refused),
		SCENARIO(orphans_are_reaped_while_the_program_runs),
		SCENARIO(daemons_end_with_their_run),
		SCENARIO(copies_sync_points_and_exec_by_fd_work),
		SCENARIO(a_copy_in_that_is_refused_in_the_middle_leaves_it_usable),
		SCENARIO(other_kinds_of_container),
		ROOTLESS_SCENARIO(open_ping_run_run_free),
		ROOTLESS_SCENARIO(the_layers_are_those_of_a_run_of_its_own),
		ROOTLESS_SCENARIO(a_bad_mount_source_fails_the_build),
		ROOTLESS_SCENARIO(an_init_command_that_fails_says_why),
		ROOTLESS_SCENARIO(an_init_command_of_ours_brings_lo_up),
		ROOTLESS_SCENARIO(run_errors_leave_it_usable),
		ROOTLESS_SCENARIO(each_run_has_its_own_memory_limit),
		ROOTLESS_SCENARIO(numbers_are_not_inherited),
		ROOTLESS_SCENARIO(each_run_has_its_own_number_of_processes),
		ROOTLESS_SCENARIO(each_run_has_its_own_time),
		ROOTLESS_SCENARIO(other_kinds_of_container),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
