/* SPDX-License-Identifier: Apache-2.0 */
/* Many runs, one after the other and at once, leave nothing behind: no descriptor, process, mount, group or memory. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/resource.h>
#include "support/sandbox.h"

#define RUNS 1000
#define THREADS 8
#define RUNS_PER_THREAD 50
/* Room for the allocator's own habits; a leak of a page in each of the 1,000 runs would be 4 MB. */
#define GROWTH_MAX_BYTES (3 * MIB)

static bool one_run(int i)
{
	struct sandbox s;
	struct outcome o;
	bool good;

	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_BYTES;
	s.command.stdio[0].data = "input";
	s.command.stdio[0].data_len = 5;
	s.command.sync = i % 5 == 4;
	switch (i % 4) {
	case 0:
		sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
		good = o.ran && o.result->status == CORDON_STATUS_OK && strcmp(o.out, "input") == 0;
		break;
	case 1:
		sandbox_run(&s, ARGV(SUBJECT, "daemon"), &o);
		good = o.ran && o.result->status == CORDON_STATUS_OK;
		break;
	case 2:
		sandbox_run(&s, ARGV("/no/such/program"), &o);
		good = !o.ran && o.err.step == CORDON_STEP_EXECVE;
		break;
	default:
		s.mounts[0].source = "/no/such/source";
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		good = !o.ran && o.err.step == CORDON_STEP_MOUNT_SOURCE;
		break;
	}
	if (!good) {
		char text[1024];

		TEST_FAIL("run %d: %s", i, outcome_describe(&o, text, sizeof text));
	}
	outcome_done(&o);
	return good;
}

/* CORDON_TEST_RUNS: how many. */
static void a_thousand_runs_in_a_row(void)
{
	long runs = number_from_env("CORDON_TEST_RUNS", RUNS);
	uint64_t before = 0, after;

	for (int i = 0; i < runs; i++) {
		if (i == 100)
			before = rss_bytes();	/* the allocator and the library are warm */
		if (!one_run(i))
			break;
	}
	after = rss_bytes();
	if (after > before + GROWTH_MAX_BYTES)
		TEST_FAIL("grew from %llu to %llu bytes", (unsigned long long)before, (unsigned long long)after);
}

static void *many_runs(void *arg)
{
	uintptr_t bad = 0;

	/* TEST_FAIL's counter is not atomic; what counts is that it is not zero. */
	for (int i = 0; i < RUNS_PER_THREAD; i++)
		bad += !one_run(i + (int)(intptr_t)arg);
	return (void *)bad;
}

static void eight_threads_at_once(void)
{
	pthread_t t[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&t[i], NULL, many_runs, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++) {
		void *bad;

		pthread_join(t[i], &bad);
		CHECK_EQ((uintptr_t)bad, 0);
	}
}

/* Outputs of eight runs at once must not be mixed up, nor one thread's end be another's. */
static void *own_output(void *arg)
{
	char word[32];
	uintptr_t bad = 0;

	for (int i = 0; i < 20; i++) {
		struct sandbox s;
		struct outcome o;

		snprintf(word, sizeof word, "%d-%d", (int)(intptr_t)arg, i);
		sandbox_init(&s);
		sandbox_run(&s, ARGV(SUBJECT, "echo", word), &o);
		bad += !o.ran || strncmp(o.out, word, strlen(word)) != 0 || o.result->output[0].len != strlen(word) + 1;
		outcome_done(&o);
	}
	return (void *)bad;
}

static void runs_at_once_keep_their_own_output(void)
{
	pthread_t t[THREADS];

	for (intptr_t i = 0; i < THREADS; i++)
		REQUIRE(pthread_create(&t[i], NULL, own_output, (void *)i) == 0);
	for (int i = 0; i < THREADS; i++) {
		void *bad;

		pthread_join(t[i], &bad);
		CHECK_EQ((uintptr_t)bad, 0);
	}
}

/* A library that is out of descriptors says so, and gives back those it had. */
static void running_out_of_descriptors_is_an_error(void)
{
	struct rlimit old, low;
	struct leaks before, after;
	bool ran_once = false, failed_once = false;

	REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
	leaks_take(&before);
	for (rlim_t n = 3; n < 60; n++) {
		struct sandbox s;
		struct outcome o;

		low = old;
		low.rlim_cur = n;
		sandbox_init(&s);
		REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		REQUIRE(setrlimit(RLIMIT_NOFILE, &old) == 0);
		ran_once |= o.ran;
		failed_once |= !o.ran;
		CHECK(o.ran || o.err.step != CORDON_STEP_NONE);
		outcome_done(&o);
	}
	CHECK(ran_once && failed_once);
	leaks_take(&after);
	CHECK_EQ(after.fds, before.fds);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_thousand_runs_in_a_row),
		SCENARIO(eight_threads_at_once),
		SCENARIO(runs_at_once_keep_their_own_output),
		SCENARIO(running_out_of_descriptors_is_an_error),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
