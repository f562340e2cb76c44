/* SPDX-License-Identifier: Apache-2.0 */
/* Two programs connected by stdin and stdout: whatever one of them does, both results come, no process waits for ever,
 * and nothing is left. Each scenario runs with plain pipes and with the host in between.
 *
 * Which one ended first is checked only if the other one takes its time: two inits measure the two ends, and the
 * reaction to the first end may be over before the first init gets a CPU. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include "support/sandbox.h"

#define TALK "/programs/talk"

static const uint64_t records[] = { 0, 4096 };

enum { A_TO_B, B_TO_A };	/* the indices of the pipes */

struct two {
	struct sandbox s[2];
	struct outcome o[2];
	struct cordon_wiring *wiring;
	int first;
};

static void two_init(struct two *t)
{
	memset(t, 0, sizeof *t);
	t->first = -1;
	for (int i = 0; i < 2; i++)
		sandbox_init(&t->s[i]);
}

static void wall_limit(struct two *t, uint64_t a_ns, uint64_t b_ns)
{
	t->s[0].command.limits.wall_time_ns = a_ns;
	t->s[1].command.limits.wall_time_ns = b_ns;
}

static bool two_open(struct two *t, uint64_t record_bytes, const char *const *a, const char *const *b)
{
	struct cordon_error err;

	REQUIRE(cordon_wiring_open(2, &t->wiring, &err) == 0);
	for (uint32_t i = 0; i < 2; i++) {
		const struct cordon_pipe pipe = {
			.from_run = i, .from_fd = 1, .to_run = 1 - i, .to_fd = 0,
			.limit_bytes = CORDON_UNLIMITED, .record_bytes = record_bytes,
		};

		CHECK_EQ(cordon_wiring_pipe(t->wiring, &pipe, NULL, &err), (int)i);
	}
	for (uint32_t i = 0; i < 2; i++) {
		t->s[i].command.stdio[0].kind = t->s[i].command.stdio[1].kind = CORDON_STDIO_NULL;
		CHECK_EQ(cordon_wiring_command(t->wiring, i, &t->s[i].command, &err), 0);
	}
	sandbox_open(&t->s[0], a, &t->o[0]);
	sandbox_open(&t->s[1], b, &t->o[1]);
	cordon_wiring_started(t->wiring);
	CHECK(t->o[0].run && t->o[1].run);
	return t->o[0].run && t->o[1].run;
}

static void two_wait(struct two *t)
{
	if (t->o[0].run && t->o[1].run) {
		cordon_wiring_wait(t->wiring, (struct cordon_run *const[]){ t->o[0].run, t->o[1].run });
		t->first = (int)cordon_wiring_order(t->wiring)[0];
		CHECK_EQ(cordon_wiring_order(t->wiring)[1], 1 - t->first);
	}
	for (int i = 0; i < 2; i++)
		outcome_wait(&t->o[i]);
}

static void two_run(struct two *t, uint64_t record_bytes, const char *const *a, const char *const *b)
{
	(void)two_open(t, record_bytes, a, b);
	two_wait(t);
}

static void two_done(struct two *t)
{
	cordon_wiring_free(t->wiring);
	for (int i = 0; i < 2; i++)
		outcome_done(&t->o[i]);
}

static void check_record(const struct two *t, uint32_t pipe, const char *want, uint64_t want_total)
{
	struct cordon_traffic got;

	cordon_wiring_traffic(t->wiring, pipe, &got);
	CHECK_EQ(got.total, want_total);
	if (got.len != strlen(want) || (got.len > 0 && memcmp(got.data, want, got.len) != 0))
		TEST_FAIL("pipe %u: \"%.*s\", not \"%s\"", pipe, (int)got.len, (const char *)got.data, want);
}

static void guess_the_number(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV(TALK, "interactor", "11"), ARGV(TALK, "solver", "1", "100"));
		CHECK_OK(&t.o[0]);
		CHECK_OK(&t.o[1]);
		CHECK_EQ(text_number(t.o[0].errout, "guesses", -2), 7);
		CHECK_EQ(text_number(t.o[1].errout, "found", -2), 11);
		CHECK_EQ(t.first, 0);
		if (records[i] != 0) {
			check_record(&t, A_TO_B, "<\n<\n<\n>\n>\n>\n=\n", 14);
			check_record(&t, B_TO_A, "50\n25\n12\n6\n9\n10\n11\n", 19);
		} else {
			struct cordon_traffic none = { &t, 1, 1, 1 };

			cordon_wiring_traffic(t.wiring, A_TO_B, &none);
			CHECK(none.data == NULL && none.len == 0 && none.total == 0 && none.dropped == 0);
		}
		two_done(&t);
	}
}

static void the_end_of_the_reader_ends_the_writer(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV("/usr/bin/yes"), ARGV(SUBJECT, "exit", "3"));
		CHECK_STATUS(&t.o[0], CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
		CHECK_EQ(t.o[0].result->signal, SIGPIPE);
		CHECK_STATUS(&t.o[1], CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
		two_done(&t);
	}
}

/* The descriptor alone: the program itself goes on. */
static void a_reader_that_closes_its_side_ends_the_writer(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV("/usr/bin/yes"), ARGV("/bin/sh", "-c", "exec <&-; sleep 0.5"));
		CHECK_STATUS(&t.o[0], CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
		CHECK_EQ(t.o[0].result->signal, SIGPIPE);
		CHECK_OK(&t.o[1]);
		CHECK_EQ(t.first, 0);
		two_done(&t);
	}
}

/* A writer learns it with the first write after the reader has gone, also when it wrote nothing before. */
static void the_first_write_to_nobody_fails(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i],
			ARGV("/bin/sh", "-c", "cat; trap '' PIPE; sleep 0.5; echo 2>/dev/null || echo refused >&2"),
			ARGV(SUBJECT, "exit", "0"));
		CHECK_OK(&t.o[0]);
		CHECK_STR(t.o[0].errout, "refused\n");
		CHECK_EQ(t.first, 1);
		two_done(&t);
	}
}

static void the_end_of_the_writer_is_the_end_of_the_file(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV(SUBJECT, "exit", "0"), ARGV(TALK, "count", "0"));
		CHECK_OK(&t.o[0]);
		CHECK_OK(&t.o[1]);
		CHECK_STR(t.o[1].errout, "bytes=0\n");
		two_done(&t);
	}
}

/* Less and more than the two pipes and the buffer hold together, for a reader that starts late. In the first case the
 * writer is gone long before, and its hang-up must not keep the host busy. */
static void the_last_bytes_reach_a_slow_reader(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} sizes[] = { { "150000", 150000 }, { "300000", 300000 } };

	for (size_t i = 0; i < 2 * LENGTH(records); i++) {
		uint64_t bytes = sizes[i / 2].bytes, record = records[i % 2];
		clock_t before = clock();
		struct cordon_traffic got;
		char want[32];
		struct two t;

		two_init(&t);
		two_run(&t, record, ARGV(SUBJECT, "flood", "1", sizes[i / 2].text), ARGV(TALK, "count", "500"));
		CHECK(clock() - before < CLOCKS_PER_SEC / 5);
		CHECK_OK(&t.o[0]);
		CHECK_OK(&t.o[1]);
		snprintf(want, sizeof want, "bytes=%llu\n", (unsigned long long)bytes);
		CHECK_STR(t.o[1].errout, want);
		cordon_wiring_traffic(t.wiring, A_TO_B, &got);
		CHECK_EQ(got.total, record != 0 ? bytes : 0);
		CHECK_EQ(got.len, record);
		CHECK(got.len == 0 ||
		      (((const char *)got.data)[0] == 'x' && ((const char *)got.data)[got.len - 1] == 'x'));
		two_done(&t);
	}
}

static void a_flood_into_a_program_that_does_not_read(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;
		uint64_t before = rss_bytes();

		two_init(&t);
		wall_limit(&t, 20 * SEC, 700 * MS);
		two_run(&t, records[i], ARGV("/usr/bin/yes"), ARGV("/bin/sleep", "15"));
		CHECK_STATUS(&t.o[0], CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
		CHECK_EQ(t.o[0].result->signal, SIGPIPE);
		CHECK_STATUS(&t.o[1], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		/* Throttled, not read and dropped. */
		CHECK(t.o[0].result->cpu_time_ns < 300 * MS);
		CHECK(rss_bytes() < before + 2 * MIB);
		two_done(&t);
	}
}

static void both_flood_and_nobody_reads(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		wall_limit(&t, 500 * MS, 10 * SEC);
		two_run(&t, records[i], ARGV("/usr/bin/yes"),
			ARGV("/bin/sh", "-c", "trap '' PIPE; yes 2>/dev/null; sleep 0.5"));
		CHECK_STATUS(&t.o[0], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		CHECK_OK(&t.o[1]);
		CHECK_EQ(t.first, 0);
		two_done(&t);
	}
}

static void a_flood_does_not_hold_up_the_other_direction(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV("/bin/sh", "-c", "yes & cat >&2"),
			ARGV("/bin/sh", "-c", "sleep 0.3; echo hello; sleep 0.3; echo again"));
		CHECK_OK(&t.o[0]);
		CHECK_STR(t.o[0].errout, "hello\nagain\n");
		CHECK_OK(&t.o[1]);
		two_done(&t);
	}
}

/* A program that writes all before it reads anything has a deadlock of its own with one that answers at once. */
static void a_flood_that_nobody_drains_meets_the_limit(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		wall_limit(&t, 600 * MS, 20 * SEC);
		two_run(&t, records[i],
			ARGV("/bin/sh", "-c", "/programs/subject flood 1 100000000; exec cat >/dev/null"),
			ARGV("/bin/cat"));
		CHECK_STATUS(&t.o[0], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		CHECK(t.o[1].ran);
		two_done(&t);
	}
}

static void a_flood_that_is_read_is_passed_on_whole(void)
{
	static char want[1001];
	struct two t;
	uint64_t before = rss_bytes();

	memset(want, 'x', 1000);
	two_init(&t);
	two_run(&t, 1000, ARGV("/bin/sh", "-c", "/programs/subject flood 1 100000000 & exec /programs/talk count 0"),
		ARGV("/usr/bin/head", "-c", "100000000"));
	CHECK_OK(&t.o[0]);
	CHECK_OK(&t.o[1]);
	CHECK_STR(t.o[0].errout, "bytes=100000000\n");
	check_record(&t, A_TO_B, want, 100000000);
	check_record(&t, B_TO_A, want, 100000000);
	CHECK(rss_bytes() < before + 2 * MIB);
	two_done(&t);
}

static void both_wait_for_each_other(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;
		uint64_t start = now_ns();

		two_init(&t);
		wall_limit(&t, 10 * SEC, 400 * MS);
		two_run(&t, records[i], ARGV(TALK, "count", "0"), ARGV(TALK, "count", "0"));
		CHECK_STATUS(&t.o[1], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		CHECK_OK(&t.o[0]);	/* the end of b is its end of file */
		CHECK_EQ(t.first, 1);
		CHECK(now_ns() - start < 3 * SEC);
		two_done(&t);
	}
}

/* Bytes written after the reader has ended. */
static void the_record_has_what_nobody_read(void)
{
	struct two t;

	two_init(&t);
	two_run(&t, 4, ARGV(SUBJECT, "say", "1", "hello"), ARGV("/bin/sh", "-c", "sleep 0.5; printf abc"));
	CHECK_OK(&t.o[0]);
	check_record(&t, A_TO_B, "hell", 5);
	/* The first to write after the reader's end is refused. */
	check_record(&t, B_TO_A, "", 0);
	two_done(&t);
}

static void streams_can_be_opened_again_by_their_names(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV("/bin/sh", "-c", "echo ping >/dev/stdout; exec >&-; cat </dev/stdin >&2"),
			ARGV("/bin/sh", "-c", "cat </dev/stdin >/dev/stdout"));
		CHECK_OK(&t.o[0]);
		CHECK_OK(&t.o[1]);
		CHECK_STR(t.o[0].errout, "ping\n");
		two_done(&t);
	}
}

static void *cancel_later(void *run)
{
	const struct timespec pause = { .tv_nsec = 200000000 };	/* both have begun to wait for each other */

	nanosleep(&pause, NULL);
	cordon_run_cancel(run);
	return NULL;
}

static void cancelling_one_from_another_thread(void)
{
	for (size_t i = 0; i < LENGTH(records); i++)
		for (int which = 0; which < 2; which++) {
			struct two t;
			pthread_t thread;

			two_init(&t);
			REQUIRE(two_open(&t, records[i], ARGV(TALK, "count", "0"), ARGV(TALK, "count", "0")));
			REQUIRE(pthread_create(&thread, NULL, cancel_later, t.o[which].run) == 0);
			two_wait(&t);
			pthread_join(thread, NULL);
			CHECK_STATUS(&t.o[which], CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
			CHECK_OK(&t.o[1 - which]);
			CHECK_EQ(t.first, which);
			two_done(&t);
		}
}

static void a_sandbox_that_fails_is_an_end_too(void)
{
	for (size_t i = 0; i < LENGTH(records); i++) {
		const struct cordon_copy_in copy = { .name = "/proc/no/such", .data = "x", .data_len = 1 };
		struct two t;

		two_init(&t);
		two_run(&t, records[i], ARGV("/no/such/program"), ARGV(TALK, "count", "0"));
		CHECK_ERROR(&t.o[0], CORDON_STEP_EXECVE, ENOENT);
		CHECK_OK(&t.o[1]);
		CHECK_EQ(t.first, 0);
		two_done(&t);

		/* Before its program has got the descriptors. */
		two_init(&t);
		t.s[1].command.copy_in = &copy;
		t.s[1].command.ncopy_in = 1;
		two_run(&t, records[i], ARGV(TALK, "count", "0"), ARGV(SUBJECT, "exit", "0"));
		CHECK(!t.o[1].ran);
		CHECK_EQ(t.o[1].err.step, CORDON_STEP_COPY_IN);
		CHECK_OK(&t.o[0]);
		CHECK_EQ(t.first, 1);
		two_done(&t);
	}
}

static void a_sync_point_that_nobody_serves_is_refused(void)
{
	struct two t;

	two_init(&t);
	t.s[0].command.sync = 1;
	two_run(&t, 0, ARGV(SUBJECT, "exit", "0"), ARGV(TALK, "count", "0"));
	CHECK(!t.o[0].ran);
	CHECK_EQ(t.o[0].err.step, CORDON_STEP_SYNC);
	CHECK_OK(&t.o[1]);
	two_done(&t);

	two_init(&t);
	t.s[0].command.sync = 1;
	REQUIRE(two_open(&t, 0, ARGV(SUBJECT, "exit", "0"), ARGV(TALK, "count", "0")));
	CHECK_EQ(cordon_run_wait(t.o[0].run), CORDON_RUN_SYNC);
	cordon_run_release(t.o[0].run, 1);
	two_wait(&t);
	CHECK_OK(&t.o[0]);
	CHECK_OK(&t.o[1]);
	two_done(&t);
}

static void many_pairs(void)
{
	for (int i = 0; i < 60; i++) {
		struct two t;

		two_init(&t);
		two_run(&t, records[i % 2], ARGV(TALK, "interactor", "77"), ARGV(TALK, "solver", "1", "100"));
		CHECK_OK(&t.o[0]);
		CHECK_OK(&t.o[1]);
		CHECK_EQ(t.first, 0);
		two_done(&t);
	}
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(guess_the_number),
		SCENARIO(the_end_of_the_reader_ends_the_writer),
		SCENARIO(a_reader_that_closes_its_side_ends_the_writer),
		SCENARIO(the_first_write_to_nobody_fails),
		SCENARIO(the_end_of_the_writer_is_the_end_of_the_file),
		SCENARIO(the_last_bytes_reach_a_slow_reader),
		SCENARIO(a_flood_into_a_program_that_does_not_read),
		SCENARIO(both_flood_and_nobody_reads),
		SCENARIO(a_flood_does_not_hold_up_the_other_direction),
		SCENARIO(a_flood_that_nobody_drains_meets_the_limit),
		SCENARIO(a_flood_that_is_read_is_passed_on_whole),
		SCENARIO(both_wait_for_each_other),
		SCENARIO(the_record_has_what_nobody_read),
		SCENARIO(streams_can_be_opened_again_by_their_names),
		SCENARIO(cancelling_one_from_another_thread),
		SCENARIO(a_sandbox_that_fails_is_an_end_too),
		SCENARIO(a_sync_point_that_nobody_serves_is_refused),
		SCENARIO(many_pairs),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
