/* SPDX-License-Identifier: Apache-2.0 */
/* cordon_shutdown releases what the library keeps for the next sandbox, only while there is none, and everything works
 * afterwards.
 *
 * Each scenario is a new process, and is compared with what that process held before it used the library. */
#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "support/groups.h"
#include "support/supervised.h"

#define ROUNDS 20
#define THREADS 4
#define THREAD_ROUNDS 25
#define LEAF ".host"

static void run_ok(struct sandbox *s, const char *word)
{
	struct outcome o;

	sandbox_run(s, ARGV(SUBJECT, "echo", word), &o);
	CHECK_OK(&o);
	CHECK(strncmp(o.out, word, strlen(word)) == 0);
	outcome_done(&o);
}

static void run_plainly(void)
{
	struct sandbox s;

	sandbox_init(&s);
	run_ok(&s, "plain");
}

static void run_in_container(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_start(&k, ARGV(SUBJECT, "echo", "kept"), CORDON_RUN_RESET, &o);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

static void run_supervised(uint32_t seccomp_kind)
{
	struct supervised v;

	supervised_init(&v, CORDON_ENGINE_NOTIFY);
	supervised_files(&v);
	v.s.config.seccomp_kind = seccomp_kind;
	run_ok(&v.s, "supervised");
}

/* Everything that the library keeps something of. */
static void use_all(void)
{
	struct cordon_features features;
	struct cordon_error err;
	const void *program;
	uint32_t len;

	run_plainly();
	run_in_container();
	run_supervised(CORDON_SECCOMP_DEFAULT);
	run_supervised(CORDON_SECCOMP_NONE);
	MUST(cordon_features_probe(&features, &err), &err);
	MUST(cordon_seccomp_default(CORDON_ARCH_AARCH64, &program, &len, &err), &err);
}

static void shut_down(void)
{
	struct cordon_error err;

	MUST(cordon_shutdown(&err), &err);
}

/* A process that has ended may still be there for a moment, or until its parent asks for it. */
static bool has_ended(pid_t pid)
{
	uint64_t end = now_ns() + 10 * SEC;
	char path[64], state = 'R';

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	while (state != 'Z' && state != 'X' && now_ns() < end) {
		char *stat = file_read(path), *at = stat != NULL ? strrchr(stat, ')') : NULL;

		state = 'X';
		if (at != NULL)
			(void)sscanf(at + 1, " %c", &state);
		free(stat);
	}
	return state == 'Z' || state == 'X';
}

/* The leaf of v2, in which the process is (csrc/cgroup/subtree.h), stays. */
static long is_in_leaf(void)
{
	char *own = file_read("/proc/self/cgroup");
	bool found = own != NULL && strstr(own, LEAF "\n") != NULL;

	free(own);
	return found;
}

/* The scenario itself, in a process that has not used the library. */
static void round_after_round(void)
{
	long before = fds_of(getpid());
	size_t bytes;

	CHECK_EQ(janitor_of(getpid()), 0);
	CHECK_EQ(cgroups_of(getpid()), 0);
	bytes = mallinfo2().uordblks;
	for (int i = 0; i < ROUNDS; i++) {
		pid_t janitor;

		use_all();
		janitor = janitor_of(getpid());
		CHECK(fds_of(getpid()) > before);
		shut_down();
		CHECK_EQ(fds_of(getpid()), before);
		CHECK_EQ(janitor_of(getpid()), 0);
		CHECK(janitor == 0 || has_ended(janitor));
		CHECK_EQ(cgroups_of(getpid()), is_in_leaf());
		CHECK_EQ(mallinfo2().uordblks, bytes);
	}
}

/* glibc counts what a thread keeps for its next malloc(3) as in use, so it is not to keep any. */
static int counting_memory(const char *scenario, uid_t id)
{
	int status;

	REQUIRE(setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", 1) == 0);
	status = self_run(scenario, id);
	unsetenv("GLIBC_TUNABLES");
	return status;
}

static void descriptors_janitor_and_memory_go_back(void)
{
	CHECK_EQ(counting_memory("round_after_round", 0), 0);
}

static void descriptors_janitor_and_memory_go_back_without_root(void)
{
	if (getuid() != 0)
		SKIP_SCENARIO("root: cannot become another user");
	CHECK_EQ(counting_memory("round_after_round", ANOTHER_USER), 0);
}

/* What was never used, and what was given back already. */
static void shut_down_at_once_and_twice(void)
{
	long before = fds_of(getpid());

	shut_down();
	run_plainly();
	shut_down();
	shut_down();
	CHECK_EQ(fds_of(getpid()), before);
}

static void nothing_to_give_back_is_no_error(void)
{
	CHECK_EQ(self_run("shut_down_at_once_and_twice", 0), 0);
}

static void shut_down_with_open_ones(void)
{
	long before = fds_of(getpid());
	struct cordon_error err;
	struct outcome o, inside;
	struct sandbox s;
	struct kept k;
	long fds;

	sandbox_init(&s);
	s.command.sync = true;
	sandbox_open(&s, ARGV(SUBJECT, "echo", "x"), &o);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	fds = fds_of(getpid());
	MUST_FAIL(cordon_shutdown(&err), &err, CORDON_STEP_WAIT, EBUSY);
	CHECK_EQ(fds_of(getpid()), fds);

	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "x\n");
	MUST_FAIL(cordon_shutdown(&err), &err, CORDON_STEP_WAIT, EBUSY);
	outcome_done(&o);
	MUST_FAIL(cordon_shutdown(&err), &err, CORDON_STEP_WAIT, EBUSY);
	kept_run(&k, ARGV(SUBJECT, "echo", "y"), &inside);
	CHECK_OK(&inside);
	outcome_done(&inside);
	KEPT_CLOSE(&k);
	shut_down();
	CHECK_EQ(fds_of(getpid()), before);
}

static void refused_while_a_sandbox_is_open(void)
{
	CHECK_EQ(self_run("shut_down_with_open_ones", 0), 0);
}

/* A sandbox that could not be opened is none. */
static void shut_down_after_failures(void)
{
	struct cordon_error err;
	struct outcome o;
	struct sandbox s;
	struct kept k;

	sandbox_init(&s);
	s.mounts[0].source = "/no/such/source";
	sandbox_run(&s, ARGV(SUBJECT, "echo", "x"), &o);
	CHECK_ERROR(&o, CORDON_STEP_MOUNT_SOURCE, ENOENT);
	outcome_done(&o);
	sandbox_init(&k.s);
	k.s.mounts[0].source = "/no/such/source";
	CHECK_EQ(kept_open(&k, &err), -ENOENT);
	sandbox_init(&s);
	s.command.work_dir = NULL;
	s.command.argv = NULL;
	CHECK(cordon_run_open(&s.config, &s.command, &o.run, &err) < 0);
	shut_down();
}

static void failures_leave_nothing_open(void)
{
	CHECK_EQ(self_run("shut_down_after_failures", 0), 0);
}

static atomic_long shutdowns;
static atomic_int runners;

/* A run, then rest until the library was shut down: so each run meets a shutdown that is just over, or going on. */
static void *run_and_rest(void *arg)
{
	uintptr_t bad = 0;

	(void)arg;
	for (int i = 0; i < THREAD_ROUNDS; i++) {
		long seen;
		struct sandbox s;
		struct outcome o;

		sandbox_init(&s);
		sandbox_run(&s, ARGV(SUBJECT, "echo", "x"), &o);
		bad += !o.ran || strcmp(o.out, "x\n") != 0;
		outcome_done(&o);
		seen = atomic_load(&shutdowns);
		while (atomic_load(&shutdowns) == seen)
			sched_yield();
	}
	atomic_fetch_sub(&runners, 1);
	return (void *)bad;
}

static void shut_down_among_threads(void)
{
	long before = fds_of(getpid()), refused = 0;
	pthread_t threads[THREADS];

	atomic_store(&runners, THREADS);
	for (int i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&threads[i], NULL, run_and_rest, NULL) == 0);
	while (atomic_load(&runners) > 0) {
		struct cordon_error err;
		int rc = cordon_shutdown(&err);

		if (rc == 0)
			atomic_fetch_add(&shutdowns, 1);
		else if (rc == -EBUSY && err.err == EBUSY)
			refused++;
		else
			TEST_FAIL("shutdown: %d", rc);
		sched_yield();
	}
	for (int i = 0; i < THREADS; i++) {
		void *bad;

		pthread_join(threads[i], &bad);
		CHECK_EQ((uintptr_t)bad, 0);
	}
	CHECK(refused > 0);
	shut_down();
	CHECK_EQ(fds_of(getpid()), before);
	CHECK_EQ(janitor_of(getpid()), 0);
}

static void threads_may_open_meanwhile(void)
{
	CHECK_EQ(self_run("shut_down_among_threads", 0), 0);
}

/* What a child of fork(2) inherits is its parent's: closed in the child, and that is all. */
static void shut_down_in_a_child(void)
{
	pid_t janitor, child;
	int status;

	run_plainly();
	janitor = janitor_of(getpid());
	child = fork();
	REQUIRE(child >= 0);
	if (child == 0) {
		shut_down();
		run_plainly();
		shut_down();
		CHECK_EQ(janitor_of(getpid()), 0);
		_exit(TEST_RESULT());
	}
	REQUIRE(waitpid(child, &status, 0) == child);
	CHECK_EQ(status, 0);
	CHECK_EQ(janitor_of(getpid()), janitor);
	run_plainly();
	shut_down();
	CHECK_EQ(janitor_of(getpid()), 0);
}

static void a_child_leaves_its_parents_alone(void)
{
	CHECK_EQ(self_run("shut_down_in_a_child", 0), 0);
}

/* As pid 1 of a container, and any subreaper: the janitor is reparented to this process, and no other process would
 * wait for it. */
static void shut_down_as_a_subreaper(void)
{
	REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
	for (int i = 0; i < 3; i++) {
		run_plainly();
		CHECK_EQ(children_of(getpid()), janitor_of(getpid()) != 0);
		shut_down();
		CHECK_EQ(children_of(getpid()), 0);
	}
}

static void no_zombie_is_left_to_a_subreaper(void)
{
	CHECK_EQ(self_run("shut_down_as_a_subreaper", 0), 0);
}

/* The janitor was killed: no wait for it. */
static void shut_down_without_the_janitor(void)
{
	long before = fds_of(getpid());
	pid_t janitor;

	run_plainly();
	janitor = janitor_of(getpid());
	if (janitor != 0) {
		kill(janitor, SIGKILL);
		CHECK(has_ended(janitor));
	}
	shut_down();
	CHECK_EQ(fds_of(getpid()), before);
	run_plainly();
	CHECK_EQ(janitor_of(getpid()) != 0, janitor != 0);
	shut_down();
	CHECK_EQ(cgroups_of(getpid()), is_in_leaf());
}

static void a_janitor_that_was_killed_is_no_error(void)
{
	CHECK_EQ(self_run("shut_down_without_the_janitor", 0), 0);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(descriptors_janitor_and_memory_go_back),
		SCENARIO(descriptors_janitor_and_memory_go_back_without_root),
		SCENARIO(nothing_to_give_back_is_no_error),
		SCENARIO(refused_while_a_sandbox_is_open),
		SCENARIO(failures_leave_nothing_open),
		SCENARIO(threads_may_open_meanwhile),
		SCENARIO(a_child_leaves_its_parents_alone),
		SCENARIO(no_zombie_is_left_to_a_subreaper),
		SCENARIO(a_janitor_that_was_killed_is_no_error),
		SCENARIO_BY_NAME(round_after_round),
		SCENARIO_BY_NAME(shut_down_at_once_and_twice),
		SCENARIO_BY_NAME(shut_down_with_open_ones),
		SCENARIO_BY_NAME(shut_down_after_failures),
		SCENARIO_BY_NAME(shut_down_among_threads),
		SCENARIO_BY_NAME(shut_down_in_a_child),
		SCENARIO_BY_NAME(shut_down_as_a_subreaper),
		SCENARIO_BY_NAME(shut_down_without_the_janitor),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
