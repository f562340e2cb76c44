/* SPDX-License-Identifier: Apache-2.0 */
/* Shared containers: commands that run at the same time, each in a sidecar, with limits and a result of its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include "support/supervised.h"

#define DIRT "/programs/dirt"
#define SIDECARS 12

/* Says that it is there, and works until somebody makes /w/go. */
#define UNTIL_GO "echo up >/w/up; while [ ! -e /w/go ]; do sleep 0.01; done; "

static void ready(struct kept *k)
{
	sandbox_init(&k->s);
	k->s.config.shared = 1;
}

/* kept_start in another handle. */
static void start_in(struct kept *k, struct cordon_container *c, const char *const *argv, struct outcome *o)
{
	struct cordon_container *own = k->c;

	k->c = c;
	kept_start(k, argv, 0, o);
	k->c = own;
}

static void run_in(struct kept *k, struct cordon_container *c, const char *const *argv, struct outcome *o)
{
	start_in(k, c, argv, o);
	outcome_wait(o);
}

static struct cordon_container *sidecar(struct kept *k)
{
	struct cordon_container *c = NULL;
	struct cordon_error err;

	MUST(cordon_container_sidecar(k->c, &c, &err), &err);
	REQUIRE(c != NULL);
	return c;
}

/* Through c, as init does it. */
static bool file_is_there(struct cordon_container *c, const char *path)
{
	const struct cordon_file file = { .path = path };
	struct cordon_error error, err;
	int fd = -1;

	MUST(cordon_container_open_files(c, &file, 1, &fd, &error, &err), &err);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void file_make(struct cordon_container *c, const char *path)
{
	const struct cordon_file file = { .path = path, .flags = CORDON_FILE_CREATE };
	struct cordon_error error, err;
	int fd = -1;

	MUST(cordon_container_open_files(c, &file, 1, &fd, &error, &err), &err);
	CHECK(fd >= 0);
	if (fd >= 0)
		close(fd);
}

static void wait_for_file(struct cordon_container *c, const char *path)
{
	const struct timespec moment = { 0, 5000000 };
	uint64_t end = now_ns() + 20 * SEC;

	while (!file_is_there(c, path) && now_ns() < end)
		nanosleep(&moment, NULL);
	CHECK(file_is_there(c, path));
}

/* The init that makes those of all handles. */
static pid_t root_of(const struct kept *k)
{
	return cordon_container_pid(k->c);
}

/* ---- two at once ---- */

static void two_commands_run_at_the_same_time(void)
{
	struct cordon_container *c;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, k.c, ARGV("/bin/sh", "-c", UNTIL_GO "echo A; exit 3"), &a);
	wait_for_file(k.c, "/w/up");
	run_in(&k, c, ARGV("/bin/sh", "-c", "cat /w/up; echo B >&2"), &b);
	CHECK_OK(&b);
	CHECK_OUT(&b, "up\n");
	CHECK_STR(b.errout, "B\n");
	CHECK_EQ(cordon_run_step(a.run), CORDON_RUN_PENDING);
	outcome_done(&b);
	run_in(&k, c, ARGV("/bin/sh", "-c", "touch /w/go"), &b);
	CHECK_OK(&b);
	outcome_done(&b);
	outcome_wait(&a);
	CHECK_STATUS(&a, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(a.result->exit_code, 3);
	CHECK_OUT(&a, "A\n");
	outcome_done(&a);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}
ROOTLESS(two_commands_run_at_the_same_time)

static void files_go_in_and_out_while_programs_run(void)
{
	const struct cordon_file link = { .path = "/w/link", .text = "up" };
	const struct cordon_file gone = { .path = "/w/link" }, up = { .path = "/w/up" };
	struct cordon_container *c;
	struct cordon_error error, err;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, k.c, ARGV("/bin/sh", "-c", UNTIL_GO), &a);
	start_in(&k, c, ARGV("/bin/sh", "-c", UNTIL_GO), &b);
	for (int i = 0; i < 2; i++) {	/* through either handle */
		struct cordon_container *handle = i == 0 ? k.c : c;

		wait_for_file(handle, "/w/up");
		MUST(cordon_container_ping(handle, &err), &err);
		MUST(cordon_container_symlink_files(handle, &link, 1, &error, &err), &err);
		CHECK_EQ(error.step, CORDON_STEP_NONE);
		CHECK(!file_is_there(handle, "/w/link"));	/* a link is not followed */
		MUST(cordon_container_delete_files(handle, &gone, 1, &error, &err), &err);
		CHECK_EQ(error.step, CORDON_STEP_NONE);
	}
	MUST(cordon_container_delete_files(c, &up, 1, &error, &err), &err);
	CHECK(!file_is_there(k.c, "/w/up"));
	file_make(c, "/w/go");
	outcome_wait(&a);
	outcome_wait(&b);
	CHECK_OK(&a);
	CHECK_OK(&b);
	outcome_done(&a);
	outcome_done(&b);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

static void a_server_in_one_and_a_client_in_another(void)
{
	struct cordon_container *c;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	k.s.config.network = CORDON_NETWORK_LOOPBACK;
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, c, ARGV("/bin/sh", "-c", "exec 3>/w/log; " DIRT " serve; " UNTIL_GO), &a);
	wait_for_file(k.c, "/w/up");
	run_in(&k, k.c, ARGV(DIRT, "reach"), &b);
	CHECK_OK(&b);
	CHECK_OUT(&b, "abstract=0\ntcp=0\n");
	outcome_done(&b);
	run_in(&k, k.c, ARGV(DIRT, "ipc-make"), &b);
	CHECK_OK(&b);
	outcome_done(&b);
	file_make(k.c, "/w/go");
	outcome_wait(&a);
	CHECK_OK(&a);
	outcome_done(&a);
	/* The daemon has ended with its own run, and what is shared is still there. */
	run_in(&k, k.c, ARGV(DIRT, "reach"), &b);
	CHECK(strstr(b.out, "tcp=0") == NULL);
	outcome_done(&b);
	run_in(&k, c, ARGV(DIRT, "ipc-see"), &b);
	CHECK(strstr(b.out, "objects=0") == NULL);
	outcome_done(&b);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

/* The layers and numbers of a run do not depend on whether its container is shared. */
static void a_run_is_as_in_a_container_that_is_not_shared(void)
{
	static const char *const look[] = {
		"/bin/sh", "-c",
		"echo $$; cut -d' ' -f1,6 /proc/self/stat | grep -c . ; id -u; ls /proc/self/fd | wc -l; ls /w; "
		"grep -E '^(Cap|NoNewPrivs|Seccomp:|SigIgn|SigBlk)' /proc/self/status; "
		"sed 's/cordon.*//' /proc/self/cgroup; readlink /proc/self/ns/* | cut -d: -f1",
		NULL,
	};
	struct cordon_container *c;
	struct outcome alone, o;
	struct kept plain, k;

	ready(&plain);
	plain.s.config.shared = 0;
	KEPT_OPEN(&plain);
	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	kept_run(&plain, look, &alone);
	CHECK_OK(&alone);
	for (int i = 0; i < 4; i++) {
		run_in(&k, i % 2 == 0 ? k.c : c, look, &o);
		CHECK_OK(&o);
		if (i < 2)	/* the pids go on */
			CHECK_STR(o.out, alone.out);
		CHECK_EQ(o.result->layers, alone.result->layers);
		CHECK_EQ(o.result->memory_source, alone.result->memory_source);
		outcome_done(&o);
	}
	outcome_done(&alone);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
	KEPT_CLOSE(&plain);
}
ROOTLESS(a_run_is_as_in_a_container_that_is_not_shared)

/* ---- limits ---- */

static void limit_cpu(uint32_t use_cgroup)
{
	struct cordon_container *c;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	k.s.config.use_cgroup = use_cgroup;
	KEPT_OPEN(&k);
	c = sidecar(&k);
	k.s.command.limits.cpu_time_ns = 300 * MS;
	start_in(&k, c, ARGV(SUBJECT, "burn-child", "20000"), &a);
	k.s.command.limits.cpu_time_ns = 20 * SEC;
	start_in(&k, k.c, ARGV(SUBJECT, "burn", "700"), &b);
	outcome_wait(&a);
	outcome_wait(&b);
	CHECK_STATUS(&a, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	CHECK_OK(&b);
	CHECK(b.result->cpu_time_ns >= 600 * MS && b.result->cpu_time_ns < 5 * SEC);
	CHECK(a.result->cpu_time_ns < 3 * SEC);
	outcome_done(&a);
	outcome_done(&b);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

static void each_has_its_own_cpu_time(void)
{
	limit_cpu(CORDON_CGROUP_AUTO);
}

static void each_has_its_own_cpu_time_without_groups(void)
{
	limit_cpu(CORDON_CGROUP_OFF);
}

static void each_has_its_own_memory_and_clock(void)
{
	struct cordon_container *slow, *big;
	struct outcome a, b, o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	slow = sidecar(&k);
	big = sidecar(&k);
	start_in(&k, k.c, ARGV("/bin/sh", "-c", UNTIL_GO "echo here"), &o);
	k.s.command.limits.wall_time_ns = 200 * MS;
	start_in(&k, slow, ARGV("/bin/sh", "-c", "sleep 60 & sleep 60"), &a);
	k.s.command.limits.wall_time_ns = 20 * SEC;
	k.s.command.limits.memory_bytes = 32 * MIB;
	start_in(&k, big, ARGV(SUBJECT, "alloc", "200"), &b);
	outcome_wait(&b);
	outcome_wait(&a);
	CHECK_STATUS(&a, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK(b.ran && b.result->status == CORDON_STATUS_MEMORY_LIMIT_EXCEEDED);
	wait_for_file(k.c, "/w/up");
	file_make(k.c, "/w/go");
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "here\n");
	outcome_done(&a);
	outcome_done(&b);
	outcome_done(&o);
	cordon_container_free(big);
	cordon_container_free(slow);
	KEPT_CLOSE(&k);
}

/* A pause is one handle's. Without a group it is init's, by kill(-1). */
static void pause_one(uint32_t use_cgroup)
{
	struct cordon_container *c;
	struct cordon_error err;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	k.s.config.use_cgroup = use_cgroup;
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, c, ARGV("/bin/sh", "-c", UNTIL_GO), &a);
	wait_for_file(k.c, "/w/up");
	MUST(cordon_container_pause(c, 1, &err), &err);
	run_in(&k, k.c, ARGV("/bin/sh", "-c", "sleep 0.2; echo goes on"), &b);
	CHECK_OK(&b);
	CHECK_OUT(&b, "goes on\n");
	outcome_done(&b);
	file_make(k.c, "/w/go");
	run_in(&k, k.c, ARGV("/bin/sh", "-c", "sleep 0.2"), &b);
	CHECK_OK(&b);
	outcome_done(&b);
	CHECK_EQ(cordon_run_step(a.run), CORDON_RUN_PENDING);
	MUST(cordon_container_pause(c, 0, &err), &err);
	outcome_wait(&a);
	CHECK_OK(&a);
	outcome_done(&a);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

static void a_pause_is_of_one_run(void)
{
	pause_one(CORDON_CGROUP_AUTO);
}

static void a_pause_is_of_one_run_without_groups(void)
{
	pause_one(CORDON_CGROUP_OFF);
}

/* An engine in each of two, and its counts and events. */
static void supervised_at_once(uint32_t engine)
{
	struct cordon_container *c;
	struct outcome a, b;
	struct supervised v;
	struct kept k;

	supervised_init(&v, engine);
	supervised_files(&v);
	ready(&k);
	k.s.command.supervisor = v.s.command.supervisor;
	KEPT_OPEN(&k);
	c = sidecar(&k);
	for (int i = 0; i < 3; i++) {
		start_in(&k, c, ARGV("/bin/sh", "-c", "cat /proc/version; sleep 0.1; cat /w/none; echo a"), &a);
		start_in(&k, k.c, ARGV("/bin/sh", "-c", "for i in 1 2 3; do echo $i; /bin/true; done"), &b);
		outcome_wait(&b);
		outcome_wait(&a);
		CHECK_OUT(&a, "a\n");
		CHECK_OK(&b);
		CHECK_OUT(&b, "1\n2\n3\n");
		CHECK(event_find(&a, CORDON_EVENT_PATH) != NULL);
		CHECK(event_find(&b, CORDON_EVENT_PATH) == NULL);
		outcome_done(&a);
		outcome_done(&b);
	}
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}
BOTH_ENGINES(supervised_at_once)

/* ---- the end of one ---- */

/* Forks all the time, in sessions of its own, until the moment of its end. */
#define BUSY "while :; do (setsid sh -c 'sleep 0.05 & exit' &) ; /bin/true; done"

static void killing_one_at_any_moment_leaves_the_other(void)
{
	struct cordon_container *c;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	k.s.command.limits.processes = 300;
	start_in(&k, k.c,
		 ARGV("/bin/sh", "-c",
		      "n=0; "
		      "while [ ! -e /w/go ]; do n=$((n+1)); /bin/true || exit 1; (sleep 0.001); done; echo done"),
		 &b);
	for (unsigned i = 0; i < 60; i++) {
		const struct timespec moment = { 0, (long)(i * i) * 20000 };

		start_in(&k, c, ARGV("/bin/sh", "-c", BUSY), &a);
		nanosleep(&moment, NULL);
		if (a.run)
			cordon_run_cancel(a.run);
		outcome_wait(&a);
		CHECK_STATUS(&a, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
		outcome_done(&a);
		/* Nothing of it is left: its init has no child. */
		CHECK_EQ(children_of(cordon_container_pid(c)), 0);
	}
	CHECK_EQ(cordon_run_step(b.run), CORDON_RUN_PENDING);
	file_make(c, "/w/go");
	outcome_wait(&b);
	CHECK_OK(&b);
	CHECK_OUT(&b, "done\n");
	outcome_done(&b);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

/* The kernel kills a sidecar's init, say: its run ends with an error, and nothing else does. */
static void a_sidecar_that_dies_ends_alone(void)
{
	struct cordon_container *c, *next;
	struct cordon_error err;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, k.c, ARGV("/bin/sh", "-c", UNTIL_GO "echo whole"), &b);
	wait_for_file(k.c, "/w/up");
	start_in(&k, c, ARGV("/bin/sh", "-c", "sleep 60 & sleep 60"), &a);
	CHECK_EQ(kill(cordon_container_pid(c), SIGKILL), 0);
	outcome_wait(&a);
	CHECK_ERROR(&a, CORDON_STEP_INIT_GONE, ECONNRESET);
	outcome_done(&a);
	MUST_FAIL(cordon_container_ping(c, &err), &err, CORDON_STEP_INIT_GONE, ECONNRESET);
	start_in(&k, c, ARGV("/bin/true"), &a);
	CHECK_ERROR(&a, CORDON_STEP_INIT_GONE, ECONNRESET);
	outcome_done(&a);
	cordon_container_free(c);
	next = sidecar(&k);
	run_in(&k, next, ARGV("/bin/sh", "-c", "touch /w/go"), &a);
	CHECK_OK(&a);
	outcome_done(&a);
	outcome_wait(&b);
	CHECK_OK(&b);
	CHECK_OUT(&b, "whole\n");
	outcome_done(&b);
	cordon_container_free(next);
	KEPT_CLOSE(&k);
}

/* A run that is freed before its end takes its own handle along. */
static void a_run_that_is_given_up_ends_its_handle_alone(void)
{
	struct cordon_container *c;
	struct cordon_error err;
	struct outcome a, b;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, k.c, ARGV("/bin/sleep", "60"), &a);
	outcome_done(&a);
	MUST_FAIL(cordon_container_ping(k.c, &err), &err, CORDON_STEP_WAIT, ECANCELED);
	run_in(&k, c, ARGV("/bin/sh", "-c", "echo there"), &b);
	CHECK_OK(&b);
	CHECK_OUT(&b, "there\n");
	outcome_done(&b);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

/* ---- the end of all ---- */

static void every_call_fails(struct kept *k, struct cordon_container *c)
{
	const struct cordon_file file = { .path = "/w/x", .flags = CORDON_FILE_CREATE };
	struct cordon_container *more = NULL;
	struct cordon_error error, err;
	struct outcome o;
	int fd = -1;

	start_in(k, c, ARGV("/bin/true"), &o);
	CHECK_ERROR(&o, CORDON_STEP_INIT_GONE, ECONNRESET);
	outcome_done(&o);
	MUST_FAIL(cordon_container_ping(c, &err), &err, CORDON_STEP_INIT_GONE, ECONNRESET);
	MUST_FAIL(cordon_container_reset(c, &err), &err, CORDON_STEP_INIT_GONE, ECONNRESET);
	MUST_FAIL(cordon_container_open_files(c, &file, 1, &fd, &error, &err), &err, CORDON_STEP_INIT_GONE, ECONNRESET);
	CHECK(cordon_container_pause(c, 1, &err) < 0);
	CHECK(cordon_container_sidecar(c, &more, &err) < 0);
	CHECK(more == NULL);
}

/* Two sidecars that stay: one with a run, which may be paused, and one without. */
static void end_with(bool paused, bool killed)
{
	struct cordon_container *c, *idle;
	struct cordon_error err;
	struct outcome a;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	idle = sidecar(&k);
	start_in(&k, c, ARGV("/bin/sh", "-c", UNTIL_GO), &a);
	wait_for_file(k.c, "/w/up");
	if (paused)
		MUST(cordon_container_pause(c, 1, &err), &err);
	if (killed) {
		CHECK_EQ(kill(root_of(&k), SIGKILL), 0);
		if (paused)	/* v1 kills what is frozen only when it thaws */
			MUST(cordon_container_pause(c, 0, &err), &err);
	} else {
		cordon_container_free(k.c);
		k.c = NULL;
	}
	outcome_wait(&a);
	CHECK_ERROR(&a, CORDON_STEP_INIT_GONE, ECONNRESET);
	outcome_done(&a);
	every_call_fails(&k, c);
	cordon_container_free(c);
	if (!killed)
		every_call_fails(&k, idle);
	cordon_container_free(k.c);
	cordon_container_free(idle);
}

static void freeing_the_container_ends_its_sidecars(void)
{
	end_with(false, false);
}

static void freeing_the_container_ends_a_paused_sidecar(void)
{
	end_with(true, false);
}

static void the_end_of_the_first_init_is_the_end_of_all(void)
{
	end_with(false, true);
}

/* ---- many ---- */

static void many_sidecars_leave_nothing(void)
{
	struct cordon_container *c[SIDECARS];
	struct outcome o[SIDECARS];
	struct kept k;
	long fds;
	pid_t root;

	ready(&k);
	KEPT_OPEN(&k);
	root = root_of(&k);
	fds = fds_of(root);
	k.s.command.limits.memory_bytes = 32 * MIB;
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < SIDECARS; i++)
			c[i] = sidecar(&k);
		CHECK_EQ(children_of(root), SIDECARS + 1);
		for (int i = 0; i < SIDECARS; i++)
			start_in(&k, c[i],
				 ARGV("/bin/sh", "-c",
				      "[ $$ -lt 4 ] && echo new; sleep 60 & exit $((1 + $(ls /w | wc -l)))"),
				 &o[i]);
		for (int i = SIDECARS - 1; i >= 0; i--) {
			outcome_wait(&o[i]);
			CHECK_STATUS(&o[i], CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
			CHECK_EQ(o[i].result->exit_code, 1);
			CHECK_OUT(&o[i], "new\n");
			outcome_done(&o[i]);
		}
		for (int i = 0; i < SIDECARS; i++)
			cordon_container_free(c[(i * 5) % SIDECARS]);
		CHECK(settles(root, fds, 1));
	}
	KEPT_CLOSE(&k);
}

struct user {
	struct kept *k;
	struct cordon_container *c;
	pthread_t thread;
	int number, bad;
};

static void *use(void *arg)
{
	struct user *u = arg;
	struct cordon_command command = u->k->s.command;
	char text[16], want[24];
	const char *argv[] = { "/bin/sh", "-c", "echo $0; exit $0", text, NULL };

	command.argv = argv;
	for (int i = 0; i < 40; i++) {
		const struct cordon_file file = {
			.path = u->number % 2 ? "/w/odd" : "/w/even", .flags = CORDON_FILE_CREATE,
		};
		const struct cordon_result *result;
		struct cordon_run *run;
		struct cordon_error err, error;
		int fd = -1;

		snprintf(text, sizeof text, "%d", 1 + (u->number * 40 + i) % 100);
		snprintf(want, sizeof want, "%s\n", text);
		if (cordon_container_run_open(u->c, &command, 0, &run, &err) != 0) {
			u->bad++;
			continue;
		}
		if (i % 8 == 0 && (cordon_container_open_files(u->c, &file, 1, &fd, &error, &err) != 0 ||
				   cordon_container_ping(u->c, &err) != 0))
			u->bad++;
		if (fd >= 0)
			close(fd);
		cordon_run_wait(run);
		if (cordon_run_result(run, &result, &err) != 0 || result->exit_code != atoi(text) ||
		    result->output[0].len != strlen(want) || memcmp(result->output[0].data, want, strlen(want)) != 0)
			u->bad++;
		cordon_run_free(run);
	}
	return NULL;
}

static void each_handle_has_a_thread_of_its_own(void)
{
	struct user users[4];
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 4; i++) {
		users[i] = (struct user){ .k = &k, .c = i == 0 ? k.c : sidecar(&k), .number = i };
		REQUIRE(pthread_create(&users[i].thread, NULL, use, &users[i]) == 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(users[i].thread, NULL);
		CHECK_EQ(users[i].bad, 0);
	}
	for (int i = 1; i < 4; i++)
		cordon_container_free(users[i].c);
	KEPT_CLOSE(&k);
}

/* Runs one command after the other until the container has ended; sometimes paused, so that frozen ones must end,
 * too. */
static void *run_to_the_end(void *arg)
{
	struct user *u = arg;
	struct cordon_command command = u->k->s.command;
	const char *argv[] = { "/bin/sh", "-c", "(sleep 0.01); echo done", NULL };
	struct cordon_error err;
	struct cordon_run *run;

	command.argv = argv;
	for (int i = 0;; i++) {
		const struct cordon_result *result;
		int rc = cordon_container_run_open(u->c, &command, 0, &run, &err);

		if (rc == 0) {
			if (i % 3 == 0)
				(void)cordon_container_pause(u->c, 1, &err);
			if (i % 3 == 0)
				(void)cordon_container_pause(u->c, 0, &err);
			cordon_run_wait(run);
			rc = cordon_run_result(run, &result, &err);
			u->bad += rc == 0 && result->status != CORDON_STATUS_OK;
			cordon_run_free(run);
		}
		if (rc != 0 && err.err == EBUSY)	/* a reset was on its way */
			continue;
		if (rc != 0)
			break;
	}
	u->bad += err.step != CORDON_STEP_INIT_GONE;
	cordon_container_free(u->c);
	return NULL;
}

static void the_end_comes_at_any_moment(void)
{
	for (int round = 0; round < 6; round++) {
		const struct timespec moment = { 0, 20000000 * round };
		int resets = 0, busy = 0;
		struct cordon_error err;
		struct user users[3];
		struct kept k;

		ready(&k);
		KEPT_OPEN(&k);
		for (int i = 0; i < 3; i++) {
			users[i] = (struct user){ .k = &k, .c = sidecar(&k), .number = i };
			REQUIRE(pthread_create(&users[i].thread, NULL, run_to_the_end, &users[i]) == 0);
		}
		for (uint64_t end = now_ns() + 100 * MS; now_ns() < end;) {
			int rc = cordon_container_reset(k.c, &err);

			resets += rc == 0;
			busy += rc != 0 && err.step == CORDON_STEP_WAIT && err.err == EBUSY;
			if (rc != 0 && err.err != EBUSY)
				break;
		}
		CHECK(resets + busy > 0);
		nanosleep(&moment, NULL);
		KEPT_CLOSE(&k);
		for (int i = 0; i < 3; i++) {
			pthread_join(users[i].thread, NULL);
			CHECK_EQ(users[i].bad, 0);
		}
	}
}

/* ---- reset ---- */

static void a_reset_waits_for_nobody(void)
{
	struct cordon_container *c;
	struct cordon_error err;
	struct outcome a;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	c = sidecar(&k);
	start_in(&k, c, ARGV("/bin/sh", "-c", UNTIL_GO), &a);
	wait_for_file(k.c, "/w/up");
	MUST_FAIL(cordon_container_reset(k.c, &err), &err, CORDON_STEP_WAIT, EBUSY);
	CHECK(file_is_there(k.c, "/w/up"));
	file_make(k.c, "/w/go");
	outcome_wait(&a);
	CHECK_OK(&a);
	outcome_done(&a);
	MUST(cordon_container_reset(k.c, &err), &err);
	CHECK(!file_is_there(k.c, "/w/up"));
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

static void a_reset_is_of_all(uint32_t network)
{
	struct cordon_container *c;
	struct cordon_error err;
	struct outcome o;
	struct kept k;
	long fds, pid;

	ready(&k);
	k.s.config.network = network;
	KEPT_OPEN(&k);
	c = sidecar(&k);
	MUST(cordon_container_reset(k.c, &err), &err);
	fds = fds_of(root_of(&k));
	for (int i = 0; i < 6; i++) {
		struct cordon_container *one = i % 2 ? k.c : c, *other = i % 2 ? c : k.c;

		run_in(&k, one, ARGV(DIRT, "everything"), &o);
		outcome_done(&o);
		run_in(&k, other, ARGV("/bin/sh", "-c", "echo x >/w/x; echo x >/dev/shm/x; ls /w | grep -c ."), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		if (network == CORDON_NETWORK_LOOPBACK) {
			run_in(&k, one, ARGV(DIRT, "tcp"), &o);
			CHECK_OUT(&o, "bind=0\n");
			outcome_done(&o);
		}
		pid = cordon_container_pid(c);
		MUST(cordon_container_reset(i % 3 == 0 ? one : k.c, &err), &err);
		CHECK(cordon_container_pid(c) != pid);
		run_in(&k, one,
		       ARGV("/bin/sh", "-c",
			    "ls -A /w /dev/shm /tmp | grep -v : ; [ $$ -lt 4 ] && " DIRT " ipc-see | grep objects"),
		       &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "\n\nobjects=0\n");	/* and pids begin anew */
		outcome_done(&o);
		run_in(&k, other, ARGV(DIRT, "ipc-see"), &o);
		CHECK(strstr(o.out, "objects=0") != NULL);
		outcome_done(&o);
		if (network == CORDON_NETWORK_LOOPBACK) {
			run_in(&k, other, ARGV(DIRT, "tcp"), &o);
			CHECK_OUT(&o, "bind=0\n");
			outcome_done(&o);
			start_in(&k, other, ARGV("/bin/sh", "-c", DIRT " serve; " UNTIL_GO), &o);
			outcome_done(&o);	/* the handle ends */
			break;
		}
	}
	if (network != CORDON_NETWORK_LOOPBACK)
		CHECK(settles(root_of(&k), fds, 2));
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

static void a_reset_leaves_nothing_to_any_handle(void)
{
	a_reset_is_of_all(CORDON_NETWORK_NONE);
}

static void a_reset_renews_the_network_of_all(void)
{
	a_reset_is_of_all(CORDON_NETWORK_LOOPBACK);
}

/* ---- what is refused ---- */

static void what_does_not_go_together_is_refused(void)
{
	struct cordon_container *c, *more = NULL;
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	sandbox_run(&k.s, ARGV("/bin/true"), &o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&o);
	k.s.config.shared = 2;
	MUST_FAIL(kept_open(&k, &err), &err, CORDON_STEP_VALIDATE, 0);
	k.s.config.shared = 0;
	KEPT_OPEN(&k);
	MUST_FAIL(cordon_container_sidecar(k.c, &more, &err), &err, CORDON_STEP_VALIDATE, 0);
	KEPT_CLOSE(&k);
	k.s.config.shared = 1;
	KEPT_OPEN(&k);
	c = sidecar(&k);
	MUST_FAIL(cordon_container_sidecar(c, &more, &err), &err, CORDON_STEP_VALIDATE, 0);
	kept_start(&k, ARGV("/bin/true"), CORDON_RUN_RESET, &o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&o);
	start_in(&k, c, ARGV("/bin/sleep", "0.1"), &o);
	{
		struct outcome second;

		start_in(&k, c, ARGV("/bin/true"), &second);
		CHECK_ERROR(&second, CORDON_STEP_WAIT, EBUSY);
		outcome_done(&second);
	}
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	cordon_container_free(c);
	KEPT_CLOSE(&k);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(two_commands_run_at_the_same_time),
		SCENARIO(files_go_in_and_out_while_programs_run),
		SCENARIO(a_server_in_one_and_a_client_in_another),
		SCENARIO(a_run_is_as_in_a_container_that_is_not_shared),
		SCENARIO(each_has_its_own_cpu_time),
		SCENARIO(each_has_its_own_cpu_time_without_groups),
		SCENARIO(each_has_its_own_memory_and_clock),
		SCENARIO(a_pause_is_of_one_run),
		SCENARIO(a_pause_is_of_one_run_without_groups),
		BOTH_SCENARIOS(supervised_at_once),
		SCENARIO(killing_one_at_any_moment_leaves_the_other),
		SCENARIO(a_sidecar_that_dies_ends_alone),
		SCENARIO(a_run_that_is_given_up_ends_its_handle_alone),
		SCENARIO(freeing_the_container_ends_its_sidecars),
		SCENARIO(freeing_the_container_ends_a_paused_sidecar),
		SCENARIO(the_end_of_the_first_init_is_the_end_of_all),
		SCENARIO(many_sidecars_leave_nothing),
		SCENARIO(each_handle_has_a_thread_of_its_own),
		SCENARIO(the_end_comes_at_any_moment),
		SCENARIO(a_reset_waits_for_nobody),
		SCENARIO(a_reset_leaves_nothing_to_any_handle),
		SCENARIO(a_reset_renews_the_network_of_all),
		SCENARIO(what_does_not_go_together_is_refused),
		ROOTLESS_SCENARIO(two_commands_run_at_the_same_time),
		ROOTLESS_SCENARIO(a_run_is_as_in_a_container_that_is_not_shared),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
