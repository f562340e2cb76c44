/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel counts per user: one sandbox takes all that it can get, and a second one and the caller's own
 * processes still get theirs. Every sandbox counts against the caller's user, as root as well, whose programs have uids
 * of their own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include "host/bounds.h"
#include "support/sandbox.h"

#define STORM "/programs/storm"

/* The counted resources, and what others must still get of each while a sandbox holds all that it can. */
static const struct resource {
	const char *kind, *enough;
	long least;
} resources[] = {
	{ "instances", "16", 16 },
	{ "watches", "1000", 1000 },
	{ "signals", "500", 500 },
	{ "timers", "500", 500 },
	{ "queues", "1", 1 },
	{ "locked", "1", 1 },
};

static long host_number(const char *path)
{
	char *text = file_read(path);
	long n = text ? strtol(text, NULL, 10) : -1;

	free(text);
	return n;
}

/* A run that holds all that it got, until it is let go. */
struct storm {
	struct outcome o;
	int in, out;		/* our ends of its streams */
	char text[512];
};

static void storm_streams(struct sandbox *s, int in[2], int out[2])
{
	REQUIRE(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	s->command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = in[0] };
	s->command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = out[1] };
	s->command.limits.open_files = 1024;	/* more than the kernel gives a user of inotify instances */
}

/* Reads its report. */
static void storm_begun(struct storm *st, int in[2], int out[2])
{
	size_t len = 0;

	st->in = in[1];
	st->out = out[0];
	close(in[0]);
	close(out[1]);
	while (st->o.run && !strstr(st->text, "done\n") && run_until_readable(st->o.run, st->out)) {
		ssize_t n = read(st->out, st->text + len, sizeof st->text - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		st->text[len] = '\0';
	}
	CHECK(strstr(st->text, "done\n") != NULL);
}

static void storm_begin(struct storm *st, struct sandbox *s, struct kept *k, const char *const *argv)
{
	int in[2], out[2];

	memset(st->text, 0, sizeof st->text);
	storm_streams(s, in, out);
	if (k)
		kept_start(k, argv, 0, &st->o);
	else
		sandbox_open(s, argv, &st->o);
	storm_begun(st, in, out);
}

static void storm_end(struct storm *st)
{
	close(st->in);
	outcome_wait(&st->o);
	CHECK_OK(&st->o);
	outcome_done(&st->o);
	close(st->out);
}

/* A process of the caller's own takes some of a kind. */
static long caller_takes(const char *kind, const char *most)
{
	char path[4096], text[64] = "";
	int out[2];
	pid_t pid;

	snprintf(path, sizeof path, "%s/storm", getenv("CORDON_TEST_PROGRAMS"));
	REQUIRE(pipe2(out, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0) {
		dup2(out[1], 1);
		execl(path, "storm", kind, most, NULL);
		_exit(127);
	}
	close(out[1]);
	(void)!read(out[0], text, sizeof text - 1);
	close(out[0]);
	waitpid(pid, NULL, 0);
	return text_number(text, kind, -1);
}

static void sandbox_takes(const struct resource *r)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.open_files = 1024;
	sandbox_run(&s, ARGV(STORM, r->kind, r->enough), &o);
	CHECK_OK(&o);
	if (text_number(o.out, r->kind, -1) < r->least)
		TEST_FAIL("a second sandbox gets too little: %s", o.out);
	outcome_done(&o);
}

static void others_get_theirs(const struct resource *r, const struct storm *st)
{
	long n = caller_takes(r->kind, r->enough);

	if (text_number(st->text, r->kind, -1) < r->least)
		TEST_FAIL("the sandbox itself gets too little: %s", st->text);
	if (n < r->least)
		TEST_FAIL("the caller's own process gets %ld %s beside a sandbox with %s", n, r->kind, st->text);
	sandbox_takes(r);
}

static void a_storm_leaves_the_others_theirs(void)
{
	for (size_t i = 0; i < LENGTH(resources); i++) {
		struct sandbox s;
		struct storm st;

		sandbox_init(&s);
		storm_begin(&st, &s, NULL, ARGV(STORM, resources[i].kind, "hold"));
		others_get_theirs(&resources[i], &st);
		storm_end(&st);
	}
}
ROOTLESS(a_storm_leaves_the_others_theirs)

static void a_storm_in_a_kept_container_does_too(void)
{
	struct cordon_error err;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(resources); i++) {
		struct storm st;

		storm_begin(&st, &k.s, &k, ARGV(STORM, resources[i].kind, "hold"));
		others_get_theirs(&resources[i], &st);
		storm_end(&st);
		MUST(cordon_container_reset(k.c, &err), &err);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(a_storm_in_a_kept_container_does_too)

/* Blocked signals would wait in pid 1 for ever, beyond the reset, and count against the caller's user. */
static void signals_to_init_do_not_stay(void)
{
	const uint64_t child = UINT64_C(1) << (SIGCHLD - 1);
	char path[64], *status;
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	snprintf(path, sizeof path, "/proc/%d/status", (int)cordon_container_pid(k.c));
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV(STORM, "pid1", "20000", "signals"), &o);
		CHECK_OK(&o);
		/* As many as without the first, and the first without an error, or refused where the uid differs. */
		CHECK_EQ(text_number(o.out, "pid1", -1), getuid() == 0 ? 0 : 20000);
		CHECK(text_number(o.out, "signals", -1) >= 500);
		outcome_done(&o);
		status = file_read(path);
		CHECK_EQ(status_field(status, "ShdPnd", 16) & ~child, 0);
		CHECK_EQ(status_field(status, "SigPnd", 16) & ~child, 0);
		CHECK_EQ(status_field(status, "SigBlk", 16), child);
		free(status);
		MUST(cordon_container_reset(k.c, &err), &err);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(signals_to_init_do_not_stay)

/* One thread of a kept container's init is another task, with a queue of its own: a signal for it is dropped too. */
static void every_thread_of_init_drops_them(void)
{
	char path[64], *status;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_run(&k,
		 ARGV("/bin/sh", "-c",
		      "for sig in USR1 USR2 TERM HUP CONT CHLD; do for id in 1 2 3; do kill -$sig $id; done; done"),
		 &o);
	CHECK(o.ran);
	outcome_done(&o);
	for (pid_t task = cordon_container_pid(k.c), last = task + 8; task < last; task++) {
		snprintf(path, sizeof path, "/proc/%d/task/%d/status", (int)cordon_container_pid(k.c), (int)task);
		status = file_read(path);
		if (status)
			CHECK_EQ(status_field(status, "SigPnd", 16) & ~(UINT64_C(1) << (SIGCHLD - 1)), 0);
		free(status);
	}
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}
ROOTLESS(every_thread_of_init_drops_them)

static long inside_number(struct sandbox *s, const char *name)
{
	char path[128];
	struct outcome o;
	long n;

	snprintf(path, sizeof path, "/proc/sys/user/%s", name);
	sandbox_run(s, ARGV(SUBJECT, "show", path), &o);
	CHECK_OK(&o);
	n = strtol(o.out, NULL, 10);
	outcome_done(&o);
	return n;
}

/* What each file of /proc/sys/user holds inside. Under the default policy only what it lets the program take. */
static void the_bounds_are_those_of_the_table(void)
{
	static const struct {
		const char *name;
		long most, share, least;
		bool always;
	} rows[] = {
#define IS_ALWAYS true
#define IS_FILTERED false
#define CORDON_USER_MAX(name, most, share, least, when) { "max_" #name, most, share, least, IS_##when },
#include "cordon/bounds.def"
	};
	struct sandbox s;

	for (size_t i = 0; i < LENGTH(rows); i++) {
		char path[128];
		long host, want;

		snprintf(path, sizeof path, "/proc/sys/user/%s", rows[i].name);
		host = host_number(path);
		if (host < 0)
			continue;	/* this kernel does not count it */
		want = (long)bounds_part((uint64_t)host, (uint64_t)rows[i].most, (uint64_t)rows[i].share,
					 (uint64_t)rows[i].least);
		sandbox_init(&s);
		s.config.seccomp_kind = CORDON_SECCOMP_NONE;
		CHECK_EQ(inside_number(&s, rows[i].name), want);
		sandbox_init(&s);
		if (rows[i].always)
			CHECK_EQ(inside_number(&s, rows[i].name), want);
	}
}
ROOTLESS(the_bounds_are_those_of_the_table)

static void no_program_raises_them(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "chmod 666 /proc/sys/user/max_inotify_instances 2>/dev/null; "
			 "echo 100 > /proc/sys/user/max_inotify_instances || echo refused; "
			 "ulimit -i 100000 || echo refused; ulimit -q 8000000 || echo refused"),
		    &o);
	CHECK(o.ran);
	CHECK(strncmp(o.out, "refused\n", 8) == 0);
	outcome_done(&o);
	sandbox_run(&s, ARGV("/bin/bash", "-c", "ulimit -i 100000 || echo refused"), &o);
	CHECK_OUT(&o, "refused\n");
	outcome_done(&o);
}
ROOTLESS(no_program_raises_them)

/* The caller's own word about a resource is the last one. */
static void a_commands_own_rlimit_replaces_a_bound(void)
{
	struct cordon_rlimit own = { .resource = RLIMIT_SIGPENDING, .soft = 1500, .hard = 1500 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.rlimits = &own;
	s.command.nrlimits = 1;
	sandbox_run(&s, ARGV("/bin/bash", "-c", "ulimit -i"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "1500\n");
	outcome_done(&o);
}

static void a_part_is_never_more_than_the_whole(void)
{
	CHECK_EQ(bounds_part(128, 16, 8, 2), 16);
	CHECK_EQ(bounds_part(100000, 16, 8, 2), 16);
	CHECK_EQ(bounds_part(64, 16, 8, 2), 8);
	CHECK_EQ(bounds_part(8, 16, 8, 2), 2);
	CHECK_EQ(bounds_part(1, 16, 8, 2), 1);
	CHECK_EQ(bounds_part(0, 16, 8, 2), 0);
	CHECK_EQ(bounds_part(UINT64_MAX, 1024, 8, 64), 1024);
}

/* As an ordinary user of it, without the capabilities that its maker has. */
static bool in_a_namespace_with(const char *name, const char *value)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct none[2] = { { 0, 0, 0 }, { 0, 0, 0 } };
	char map[64], path[64];
	unsigned int uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWUSER) != 0)
		return false;
	snprintf(map, sizeof map, "%u %u 1", uid, uid);
	if (!file_write("/proc/self/uid_map", map, strlen(map)))
		return false;
	(void)file_write("/proc/self/setgroups", "deny", 4);
	snprintf(map, sizeof map, "%u %u 1", gid, gid);
	snprintf(path, sizeof path, "/proc/sys/user/%s", name);
	return file_write("/proc/self/gid_map", map, strlen(map)) && file_write(path, value, strlen(value)) &&
	       syscall(SYS_capset, &header, none) == 0;
}

/* A host that gives its users little: by name only, as it changes the namespace of this process. */
static void where_the_host_gives_little(void)
{
	struct sandbox s;
	struct outcome o;

	if (!in_a_namespace_with("max_inotify_instances", "24"))
		SKIP_SCENARIO("unshare: no user namespace");
	sandbox_init(&s);
	CHECK_EQ(inside_number(&s, "max_inotify_instances"), 3);
	sandbox_run(&s, ARGV(STORM, "instances"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "instances", -1), 3);
	outcome_done(&o);
	CHECK(caller_takes("instances", "20") == 20);
}

static void a_host_that_gives_little_is_not_emptied(void)
{
	CHECK_EQ(self_run("where_the_host_gives_little", ANOTHER_USER), 0);
}

static const struct scenario scenarios[] = {
	SCENARIO(a_part_is_never_more_than_the_whole),
	SCENARIO(the_bounds_are_those_of_the_table),
	ROOTLESS_SCENARIO(the_bounds_are_those_of_the_table),
	SCENARIO(a_storm_leaves_the_others_theirs),
	ROOTLESS_SCENARIO(a_storm_leaves_the_others_theirs),
	SCENARIO(a_storm_in_a_kept_container_does_too),
	ROOTLESS_SCENARIO(a_storm_in_a_kept_container_does_too),
	SCENARIO(signals_to_init_do_not_stay),
	ROOTLESS_SCENARIO(signals_to_init_do_not_stay),
	SCENARIO(every_thread_of_init_drops_them),
	ROOTLESS_SCENARIO(every_thread_of_init_drops_them),
	SCENARIO(no_program_raises_them),
	ROOTLESS_SCENARIO(no_program_raises_them),
	SCENARIO(a_commands_own_rlimit_replaces_a_bound),
	SCENARIO(a_host_that_gives_little_is_not_emptied),
	SCENARIO_BY_NAME(where_the_host_gives_little),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
