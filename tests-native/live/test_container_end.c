/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a container at a bad moment: init killed, a run given up, a host that frees it during a run. Every caller
 * gets an answer, and nothing is left. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include "base/base.h"
#include "support/sandbox.h"

#define DIRT "/programs/dirt"

static void ready(struct kept *k)
{
	sandbox_init(&k->s);
}

static void let_pass_us(unsigned us)
{
	const struct timespec t = { us / 1000000, (long)(us % 1000000) * 1000 };

	nanosleep(&t, NULL); /* a moment at random is under test */
}

/* The same numbers in every run of the test, so that a failure comes again. */
static unsigned random_number(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (unsigned)(x >> 11);
}

struct killer {
	pid_t pid;
	unsigned us;
};

static void *kill_later(void *arg)
{
	const struct killer *k = arg;

	let_pass_us(k->us);
	(void)kill(k->pid, SIGKILL);
	return NULL;
}

/* Every call of a container that is broken fails, at once. */
static void expect_broken(struct kept *k)
{
	const struct cordon_file file = { .path = "/w/x", .flags = CORDON_FILE_CREATE };
	uint64_t start = now_ns();
	struct cordon_error err, item;
	struct outcome o;
	int fd = -1;

	CHECK(cordon_container_ping(k->c, &err) < 0);
	CHECK(cordon_container_reset(k->c, &err) < 0);
	CHECK(cordon_container_open_files(k->c, &file, 1, &fd, &item, &err) < 0 && fd == -1);
	CHECK(cordon_container_delete_files(k->c, &file, 1, &item, &err) < 0);
	CHECK(cordon_container_pause(k->c, 1, &err) < 0);
	kept_run(k, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(o.rc < 0 && !o.ran);
	outcome_done(&o);
	CHECK(now_ns() - start < SEC);
}

/* So long that some runs come to their end before the kill, on a slow CPU, too. */
static void measure_some_runs(unsigned *ret_us)
{
	struct outcome o;
	struct kept k;
	uint64_t start;

	ready(&k);
	KEPT_OPEN(&k);
	start = now_ns();
	kept_start(&k, ARGV(DIRT, "everything"), CORDON_RUN_RESET, &o);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	start = now_ns() - start;
	KEPT_CLOSE(&k);
	*ret_us = (unsigned)u64_max(4 * start / 1000, *ret_us);
}

/* CORDON_TEST_KILLS: how many. */
static void init_killed_at_random_moments(void)
{
	long kills = number_from_env("CORDON_TEST_KILLS", 100), gone = 0, results = 0;
	unsigned longest_us = 8000;

	measure_some_runs(&longest_us);
	for (long i = 0; i < kills; i++) {
		struct cordon_copy_in in = { .name = "in", .data = "x", .data_len = 1 };
		struct cordon_error err;
		struct killer killer;
		pthread_t thread;
		struct outcome o;
		struct kept k;

		ready(&k);
		KEPT_OPEN(&k);
		killer = (struct killer){ cordon_container_pid(k.c), random_number() % longest_us };
		if (i % 4 == 3) {
			k.s.command.copy_in = &in;
			k.s.command.ncopy_in = 1;
		}
		REQUIRE(pthread_create(&thread, NULL, kill_later, &killer) == 0);
		for (int j = 0; j < 50; j++) {
			kept_start(&k, i % 2 ? ARGV(SUBJECT, "burn", "2") : ARGV(DIRT, "everything"), CORDON_RUN_RESET,
				   &o);
			outcome_wait(&o);
			if (o.ran) {
				CHECK(o.result->status == CORDON_STATUS_OK);
				results++;
			} else if (o.err.step == CORDON_STEP_INIT_GONE) {
				gone++;
			} else {
				TEST_FAIL("round %ld: %s", i, cordon_step_name(o.err.step));
			}
			outcome_done(&o);
			if (cordon_container_ping(k.c, &err) != 0)
				break;
		}
		pthread_join(thread, NULL);
		expect_broken(&k);
		KEPT_CLOSE(&k);
	}
	CHECK(gone > 0 && results > 0);
}
ROOTLESS(init_killed_at_random_moments)

/* The program's own pid, from the host: that is an answer too, and the container stays. */
static void a_program_killed_at_random_moments(void)
{
	struct cordon_error err;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 50; i++) {
		struct killer killer;
		pthread_t thread;
		struct outcome o;

		k.s.command.sync = 1;
		kept_start(&k, ARGV(DIRT, "everything"), CORDON_RUN_RESET, &o);
		CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
		killer = (struct killer){ cordon_run_pid(o.run), random_number() % 2000 };
		REQUIRE(pthread_create(&thread, NULL, kill_later, &killer) == 0);
		outcome_wait(&o);
		pthread_join(thread, NULL);
		/* At the sync point it has not run. */
		if (!o.ran ? o.err.step != CORDON_STEP_SYNC
			   : (o.result->status != CORDON_STATUS_OK &&
			      (o.result->status != CORDON_STATUS_SIGNALED || o.result->signal != SIGKILL))) {
			char text[2048];

			TEST_FAIL("%s", outcome_describe(&o, text, sizeof text));
		}
		outcome_done(&o);
		MUST(cordon_container_ping(k.c, &err), &err);
	}
	KEPT_CLOSE(&k);
}

static void a_run_that_is_freed_in_the_middle_breaks_the_container(void)
{
	for (int i = 0; i < 20; i++) {
		struct outcome o;
		struct kept k;

		ready(&k);
		k.s.command.sync = i % 4 == 1;
		KEPT_OPEN(&k);
		kept_start(&k, i % 2 ? ARGV(SUBJECT, "sleep", "60") : ARGV(DIRT, "serve"),
			   i % 3 == 0 ? CORDON_RUN_RESET : 0, &o);
		CHECK(o.run != NULL);
		if (i % 4 == 1)
			CHECK_EQ(cordon_run_wait(o.run), CORDON_RUN_SYNC);
		else
			let_pass_us(random_number() % 3000);
		cordon_run_free(o.run);
		o.run = NULL;
		outcome_wait(&o);
		outcome_done(&o);
		expect_broken(&k);
		KEPT_CLOSE(&k);
	}
}
ROOTLESS(a_run_that_is_freed_in_the_middle_breaks_the_container)

static void freeing_while_a_reset_runs_behind(void)
{
	for (int i = 0; i < 10; i++) {
		struct outcome o;
		struct kept k;

		ready(&k);
		KEPT_OPEN(&k);
		kept_start(&k, ARGV(SUBJECT, "files", "3000", "/w"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		KEPT_CLOSE(&k);
	}
}

/* init that is stopped from outside answers nothing: the caller gets an error after 5 s, not never. */
static void init_that_does_not_answer_is_given_up(void)
{
	struct cordon_error err;
	uint64_t start;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	CHECK_EQ(kill(cordon_container_pid(k.c), SIGSTOP), 0);
	start = now_ns();
	MUST_FAIL(cordon_container_ping(k.c, &err), &err, CORDON_STEP_INIT_TIMEOUT, ETIMEDOUT);
	CHECK(now_ns() - start >= 4900 * MS && now_ns() - start < 8 * SEC);
	expect_broken(&k);
	KEPT_CLOSE(&k);
}

static void init_killed_between_runs(void)
{
	struct cordon_error err;
	struct outcome o;

	for (int i = 0; i < 6; i++) {
		struct kept k;

		ready(&k);
		KEPT_OPEN(&k);
		kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		CHECK_EQ(kill(cordon_container_pid(k.c), SIGKILL), 0);
		switch (i % 3) {
		case 0:
			MUST_FAIL(cordon_container_ping(k.c, &err), &err, CORDON_STEP_INIT_GONE, err.err);
			break;
		case 1:
			MUST_FAIL(cordon_container_reset(k.c, &err), &err, CORDON_STEP_INIT_GONE, err.err);
			break;
		case 2:
			kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
			CHECK(!o.ran);
			CHECK_EQ(o.err.step, CORDON_STEP_INIT_GONE);
			outcome_done(&o);
			break;
		}
		expect_broken(&k);
		KEPT_CLOSE(&k);
	}
}

/* A signal that init would have to handle, from the host: nothing happens to it. */
static void signals_to_init_do_not_matter(void)
{
	const int signals[] = {
		SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGUSR1, SIGALRM, SIGCHLD, SIGXCPU, SIGRTMIN, SIGCONT
	};
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(signals); i++) {
		for (int j = 0; j < 20; j++)
			CHECK_EQ(kill(cordon_container_pid(k.c), signals[i]), 0);
		MUST(cordon_container_ping(k.c, &err), &err);
		kept_run(&k, ARGV(SUBJECT, "signals"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "blocked=0\nignored=0\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* A hundred containers come and go: each takes with it all that it had. */
static void many_containers_leave_nothing(void)
{
	struct leaks before, after;

	for (int i = 0; i < 100; i++) {
		struct outcome o;
		struct kept k;

		if (i == 5)
			leaks_take(&before);
		ready(&k);
		KEPT_OPEN(&k);
		kept_run(&k, ARGV(SUBJECT, "file", "4096", "/w/x"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		KEPT_CLOSE(&k);
	}
	leaks_take(&after);
	CHECK_EQ(after.fds, before.fds);
	CHECK_EQ(after.children, before.children);
	CHECK_EQ(after.mounts, before.mounts);
	CHECK_EQ(after.cgroups, before.cgroups);
}
ROOTLESS(many_containers_leave_nothing)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(init_killed_at_random_moments),
		SCENARIO(a_program_killed_at_random_moments),
		SCENARIO(a_run_that_is_freed_in_the_middle_breaks_the_container),
		SCENARIO(freeing_while_a_reset_runs_behind),
		SCENARIO(init_that_does_not_answer_is_given_up),
		SCENARIO(init_killed_between_runs),
		SCENARIO(signals_to_init_do_not_matter),
		SCENARIO(many_containers_leave_nothing),
		ROOTLESS_SCENARIO(init_killed_at_random_moments),
		ROOTLESS_SCENARIO(a_run_that_is_freed_in_the_middle_breaks_the_container),
		ROOTLESS_SCENARIO(many_containers_leave_nothing),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
