/* SPDX-License-Identifier: Apache-2.0 */
/* A program in a kept container attacks init, on which the next program depends: by limits, priorities, signals, and
 * through what it leaves in the work dir. With a uid of its own and without. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include "support/sandbox.h"

#define DIRT "/programs/dirt"

static void ready(struct kept *k)
{
	sandbox_init(&k->s);
}

/* The limits that matter most, niceness and policy of every thread of init, as text. Not its CPUs: the host moves init.
 */
static char *state_of_init(pid_t pid)
{
	char *text = malloc(65536), path[64], *part;
	int len = 0, tasks = 0;

	snprintf(path, sizeof path, "/proc/%d/limits", (int)pid);
	part = file_read(path);
	for (char *save = NULL, *line = strtok_r(part, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strncmp(line, "Max open files", 14) == 0 || strncmp(line, "Max nice", 8) == 0)
			len += snprintf(text + len, (size_t)(65536 - len), "%s\n", line);
	free(part);
	for (pid_t task = pid; task < pid + 50 && tasks < 3; task++) {
		char *stat;

		snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, (int)task);
		stat = file_read(path);
		if (!stat)
			continue;
		free(stat);
		tasks++;
		errno = 0;
		len += snprintf(text + len, (size_t)(65536 - len), "task %d nice %d policy %d\n", tasks,
				getpriority(PRIO_PROCESS, (id_t)task), sched_getscheduler(task));
	}
	return text;
}

static void expect_like_new(struct kept *k, const char *before)
{
	char *after = state_of_init(cordon_container_pid(k->c)), fine[64];
	struct cordon_error err;
	struct outcome o;

	CHECK_STR(after, before);
	free(after);
	MUST(cordon_container_ping(k->c, &err), &err);
	MUST(cordon_container_reset(k->c, &err), &err);
	kept_run(k, ARGV("/bin/sh", "-c", "nice; ulimit -n; echo x > /w/x; cat /w/x; ls -A /w"), &o);
	CHECK_OK(&o);
	/* the caller's nice value */
	(void)snprintf(fine, sizeof fine, "%d\n256\nx\nx\n", getpriority(PRIO_PROCESS, 0));
	CHECK_OUT(&o, fine);
	outcome_done(&o);
}

/* Also its threads and helpers: each has a pid that a program may name. */
static void nothing_that_a_program_does_to_init_stays(void)
{
	struct outcome o;
	struct kept k;
	char *before;

	ready(&k);
	KEPT_OPEN(&k);
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	outcome_done(&o);
	before = state_of_init(cordon_container_pid(k.c));
	for (int i = 0; i < 3; i++) {
		/* A helper is there as well while a large tree is freed. */
		kept_start(&k, ARGV(SUBJECT, "files", "5000", "/w"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		outcome_done(&o);
		kept_run(&k, ARGV(DIRT, "hurt"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "");
		outcome_done(&o);
		expect_like_new(&k, before);
	}
	free(before);
	KEPT_CLOSE(&k);
}
ROOTLESS(nothing_that_a_program_does_to_init_stays)

/* Without the filter only the uid stands between: with a uid of its own that is enough. */
static void without_a_filter_a_uid_of_its_own_is_enough(void)
{
	struct outcome o;
	struct kept k;
	char *before;

	if (getuid() != 0)
		SKIP_SCENARIO("root: a program has no uid of its own");
	ready(&k);
	k.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	KEPT_OPEN(&k);
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	outcome_done(&o);
	before = state_of_init(cordon_container_pid(k.c));
	for (int i = 0; i < 3; i++) {
		kept_run(&k, ARGV(DIRT, "hurt"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "");
		outcome_done(&o);
		expect_like_new(&k, before);
	}
	free(before);
	KEPT_CLOSE(&k);
}

/* Neither filter nor uid: a program may then hurt init, and the caller gets errors; but no wrong result, and no hang.
 */
static void without_a_filter_and_a_uid_the_caller_still_gets_answers(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;
	uint64_t start = now_ns();

	ready(&k);
	k.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	KEPT_OPEN(&k);
	kept_run(&k, ARGV(DIRT, "hurt"), &o);
	CHECK(o.ran || o.err.step != CORDON_STEP_NONE);
	outcome_done(&o);
	(void)cordon_container_ping(k.c, &err);
	kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
	if (o.ran) {
		CHECK_OK(&o);
		CHECK_OUT(&o, "x\n");
	}
	outcome_done(&o);
	(void)cordon_container_reset(k.c, &err);
	/* each answer has a deadline; the runs' wall-clock limits are longer than this */
	CHECK(now_ns() - start < 60 * SEC);
	KEPT_CLOSE(&k);
}
ROOTLESS(without_a_filter_and_a_uid_the_caller_still_gets_answers)

static const char *const refused[][2] = {
	{ "mounts", "mount_setattr" },	{ "namespaces", "unshare_user" },
	{ "namespaces", "clone_user" }, { "namespaces", "clone3_user" },
	{ "namespaces", "setns" },	{ "kernel", "keyctl" },
	{ "kernel", "add_key" },	{ "kernel", "bpf" },
	{ "kernel", "perf" },		{ "kernel", "io_uring" },
	{ "kernel", "userfaultfd" },	{ "kernel", "vsock" },
	{ "kernel", "ptrace_attach" },	{ "kernel", "ptrace_seize" },
	{ "kernel", "process_vm" },	{ "kernel", "sethostname" },
	{ "kernel", "tiocsti" },	{ "pid1", "pid1_mem" },
	{ "pid1", "pid1_maps" },	{ "pid1", "pid1_fd" },
	{ "pid1", "pid1_prlimit" },	{ "pid1", "pid1_ptrace" },
	{ "pid1", "pid1_pidfd_getfd" }, { "pid1", "pid1_affinity" },
	{ "pid1", "pid1_root" },	{ "pid1", "pid1_ns" },
	{ "rights", "setuid0" },	{ "rights", "setgroups" },
	{ "rights", "capset" },		{ "rights", "rlimit_raise" },
	{ "files", "write_usr" },	{ "files", "write_root" },
	{ "files", "write_programs" },	{ "files", "write_sysrq" },
};

/* Item 10: the filter that a program inherits from init refuses what the one that it loads itself does. */
static void the_surface_of_every_run_is_the_small_one(void)
{
	static const char *const groups[] = { "mounts", "namespaces", "kernel", "pid1", "rights", "files" };
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++)
		for (size_t g = 0; g < LENGTH(groups); g++) {
			kept_start(&k, ARGV("/programs/probe", groups[g]), i == 1 ? CORDON_RUN_RESET : 0, &o);
			outcome_wait(&o);
			CHECK_OK(&o);
			for (size_t r = 0; r < LENGTH(refused); r++)
				if (strcmp(refused[r][0], groups[g]) == 0 && text_number(o.out, refused[r][1], 0) == 0)
					TEST_FAIL("run %d: %s is allowed, or was not tried", i, refused[r][1]);
			outcome_done(&o);
		}
	KEPT_CLOSE(&k);
}
ROOTLESS(the_surface_of_every_run_is_the_small_one)

/* Signals that reach init's user, or do not: pid 1 takes none from inside. */
static void signals_to_init_change_nothing(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		kept_run(&k, ARGV("/programs/probe", "pid1-signals"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		MUST(cordon_container_ping(k.c, &err), &err);
		kept_run(&k,
			 ARGV("/bin/sh", "-c",
			      "for s in 1 2 3 9 15 17 18 19 24 34 64; do kill -$s 1 2 3 4 2> /dev/null; done; echo "
			      "fine"),
			 &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "fine\n");
		outcome_done(&o);
		MUST(cordon_container_reset(k.c, &err), &err);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(signals_to_init_change_nothing)

/* Item 8: a work dir without rights survived a reset, and the next run could not write. */
static void a_locked_work_dir_is_open_again(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 4; i++) {
		kept_start(&k, ARGV("/bin/sh", "-c", "chmod 000 /w /tmp /dev/shm"), i % 2 ? CORDON_RUN_RESET : 0, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		if (i % 2 == 0)
			MUST(cordon_container_reset(k.c, &err), &err);
		kept_run(&k,
			 ARGV("/bin/sh", "-ec",
			      "echo x > /w/x; echo x > /tmp/x; echo x > /dev/shm/x; rm /w/x /tmp/x /dev/shm/x; stat -c "
			      "%a /w"),
			 &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "755\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(a_locked_work_dir_is_open_again)

/* A work dir that the program locked, without a reset: the next run starts, or fails at its own step, and a reset mends
 * it. */
static void a_locked_work_dir_does_not_break_the_container(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	kept_run(&k, ARGV("/bin/sh", "-c", "chmod 000 /w"), &o);
	outcome_done(&o);
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	if (!o.ran)
		CHECK_ERROR(&o, CORDON_STEP_WORK_DIR, EACCES);
	outcome_done(&o);
	MUST(cordon_container_reset(k.c, &err), &err);
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

/* A program that fills every table it can reach; the container is as good as new after it. */
static void a_bomb_in_every_run(void)
{
	static const char *const scripts[] = {
		"bomb() { bomb | bomb & }; bomb",
		"while :; do (setsid sleep 100 &) ; done",
		"exec 2> /dev/null; while :; do echo x >> /w/$$.$RANDOM; sh -c 'kill -9 $$'; done",
		"trap '' TERM HUP INT; while :; do :; done & while :; do :; done",
		"head -c 300000000 /dev/zero > /w/a; head -c 300000000 /dev/zero > /tmp/a; head -c 300000000 /dev/zero "
		"> /dev/shm/a; sleep 100",
	};
	struct outcome o;
	struct kept k;

	ready(&k);
	k.s.command.limits.processes = 30;
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(scripts) * 2; i++) {
		k.s.command.limits.wall_time_ns = 300 * MS;
		k.s.command.limits.cpu_time_ns = SEC;
		k.s.command.limits.memory_bytes = 100 * MIB;
		kept_start(&k, ARGV("/bin/sh", "-c", scripts[i / 2]), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK(o.ran);
		CHECK_EQ(children_of(cordon_container_pid(k.c)), 0);
		outcome_done(&o);
		k.s.command.limits.wall_time_ns = 20 * SEC;
		kept_run(&k,
			 ARGV("/bin/sh", "-c",
			      "ls -A /w /tmp /dev/shm | grep -v : | grep -c .; echo x > /w/x && rm /w/x"),
			 &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "0\n");
		outcome_done(&o);
	}
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}
ROOTLESS(a_bomb_in_every_run)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(nothing_that_a_program_does_to_init_stays),
		SCENARIO(without_a_filter_a_uid_of_its_own_is_enough),
		SCENARIO(without_a_filter_and_a_uid_the_caller_still_gets_answers),
		SCENARIO(the_surface_of_every_run_is_the_small_one),
		SCENARIO(signals_to_init_change_nothing),
		SCENARIO(a_locked_work_dir_is_open_again),
		SCENARIO(a_locked_work_dir_does_not_break_the_container),
		SCENARIO(a_bomb_in_every_run),
		ROOTLESS_SCENARIO(nothing_that_a_program_does_to_init_stays),
		ROOTLESS_SCENARIO(without_a_filter_and_a_uid_the_caller_still_gets_answers),
		ROOTLESS_SCENARIO(the_surface_of_every_run_is_the_small_one),
		ROOTLESS_SCENARIO(signals_to_init_change_nothing),
		ROOTLESS_SCENARIO(a_locked_work_dir_is_open_again),
		ROOTLESS_SCENARIO(a_bomb_in_every_run),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
