/* SPDX-License-Identifier: Apache-2.0 */
/* Streams that the caller uses while the program runs: pipes and terminals, limits, signals, pauses, and all kinds of
 * ends. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include "support/sandbox.h"

#define SH(script) ARGV("/bin/sh", "-c", script)
#define PIPE_BYTES 65536

/* A run with all its streams. */
struct live_run {
	struct sandbox s;
	struct outcome o;
	struct cordon_stream *in, *out, *err;
	char text[4096];		/* what live_expect has read and not taken */
};

static void live_init(struct live_run *l)
{
	memset(l, 0, sizeof *l);
	sandbox_init(&l->s);
	l->s.command.stdio[0].kind = l->s.command.stdio[1].kind = CORDON_STDIO_STREAM;
}

static void live_take(struct live_run *l)
{
	if (l->o.run == NULL)
		return;
	l->in = cordon_run_stream(l->o.run, 0);
	l->out = cordon_run_stream(l->o.run, 1);
	l->err = cordon_run_stream(l->o.run, 2);
	CHECK(cordon_run_stream(l->o.run, 1) == NULL);	/* once */
}

static bool live_open(struct live_run *l, const char *const *argv)
{
	sandbox_open(&l->s, argv, &l->o);
	live_take(l);
	if (l->in == NULL || l->out == NULL)
		TEST_FAIL("no streams");
	return l->in != NULL && l->out != NULL;
}

static void live_close(struct cordon_stream **stream)
{
	cordon_stream_free(*stream);
	*stream = NULL;
}

static void live_done(struct live_run *l)
{
	live_close(&l->in);
	live_close(&l->out);
	live_close(&l->err);
	outcome_done(&l->o);
}

/* Serves the run until the stream has something to say, and reads it: as cordon_stream_read, never -EAGAIN but after 10
 * s. */
static long live_read(struct live_run *l, struct cordon_stream *stream, void *data, size_t len)
{
	long n = cordon_stream_read(stream, data, len);
	uint64_t end = now_ns() + 10 * SEC;

	while (n == -EAGAIN && now_ns() < end) {
		(void)run_until_readable(l->o.run, cordon_stream_fd(stream));
		n = cordon_stream_read(stream, data, len);
	}
	return n;
}

/* Reads until the text has come, or the end; takes all up to it. */
static bool live_expect(struct live_run *l, struct cordon_stream *stream, const char *want)
{
	size_t len = strlen(l->text);
	char *found;
	long n = 1;

	while ((found = strstr(l->text, want)) == NULL && n > 0 && len < sizeof l->text - 1) {
		n = live_read(l, stream, l->text + len, sizeof l->text - 1 - len);
		len += n > 0 ? (size_t)n : 0;
		l->text[len] = '\0';
	}
	if (found == NULL)
		TEST_FAIL("\"%s\" did not come, but \"%s\" and %ld", want, l->text, n);
	else
		memmove(l->text, found + strlen(want), strlen(found + strlen(want)) + 1);
	return found != NULL;
}

/* Reads to the end: how much. */
static uint64_t live_drain(struct live_run *l, struct cordon_stream *stream)
{
	static char chunk[PIPE_BYTES];
	uint64_t total = 0;
	long n;

	while ((n = live_read(l, stream, chunk, sizeof chunk)) > 0)
		total += (uint64_t)n;
	CHECK_EQ(n, 0);
	return total;
}

static void write_text(struct cordon_stream *stream, const char *text)
{
	CHECK_EQ(cordon_stream_write(stream, text, strlen(text)), (long)strlen(text));
}

/* ---- pipes ---- */

static void what_is_written_comes_back(void)
{
	struct live_run l;
	char byte;

	live_init(&l);
	if (live_open(&l, SH("cat"))) {
		CHECK_EQ(cordon_stream_read(l.out, &byte, 1), -EAGAIN);
		write_text(l.in, "one\n");
		(void)live_expect(&l, l.out, "one\n");
		write_text(l.in, "two\n");
		(void)live_expect(&l, l.out, "two\n");
		live_close(&l.in);
		CHECK_EQ(live_read(&l, l.out, &byte, 1), 0);
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	CHECK_EQ(l.o.result->output[0].total, 8);
	CHECK(l.o.result->output[0].data == NULL);
	live_done(&l);
}

static void both_outputs_are_apart(void)
{
	struct live_run l;

	live_init(&l);
	l.s.command.stdio[2].kind = CORDON_STDIO_STREAM;
	if (live_open(&l, SH("echo out; echo err >&2; read x; echo $x >&2"))) {
		(void)live_expect(&l, l.out, "out\n");
		(void)live_expect(&l, l.err, "err\n");
		write_text(l.in, "in\n");
		(void)live_expect(&l, l.err, "in\n");
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	CHECK_EQ(l.o.result->output[0].total, 4);
	CHECK_EQ(l.o.result->output[1].total, 7);
	live_done(&l);
}

static void merged_output_is_in_order(void)
{
	struct live_run l;

	live_init(&l);
	l.s.command.stdio[2].kind = CORDON_STDIO_STDOUT;
	if (live_open(&l, SH("for i in 1 2 3; do echo o$i; echo e$i >&2; done"))) {
		CHECK(l.err == NULL);
		(void)live_expect(&l, l.out, "o1\ne1\no2\ne2\no3\ne3\n");
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	live_done(&l);
}

static void output_outlives_the_run(void)
{
	struct live_run l;
	char text[16] = "";

	live_init(&l);
	if (live_open(&l, SH("echo last"))) {
		outcome_wait(&l.o);
		CHECK_OK(&l.o);
		cordon_run_free(l.o.run);
		l.o.run = NULL;
		CHECK_EQ(cordon_stream_read(l.out, text, sizeof text - 1), 5);
		CHECK_STR(text, "last\n");
		CHECK_EQ(cordon_stream_read(l.out, text, sizeof text), 0);
		CHECK_EQ(cordon_stream_write(l.in, "x", 1), -EPIPE);
	}
	live_done(&l);
}

/* The pipe is all that is held: a program whose reader does not read waits, and so does a caller whose program does
 * not. */
static void slow_sides_wait(void)
{
	static char data[PIPE_BYTES];
	struct live_run l;
	uint64_t rss = rss_bytes();
	long n = 0, total = 0;

	live_init(&l);
	l.s.command.limits.wall_time_ns = 500 * MS;
	if (live_open(&l, ARGV(SUBJECT, "flood", "1", "100000000"))) {
		while ((n = cordon_stream_write(l.in, data, sizeof data)) > 0)
			total += n;
		CHECK_EQ(n, -EAGAIN);
		CHECK(total >= 4096 && total <= 16 * PIPE_BYTES);
		outcome_wait(&l.o);
		CHECK_STATUS(&l.o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		CHECK_EQ(l.o.result->output[0].total, 0);	/* it was not read */
		CHECK(live_drain(&l, l.out) <= PIPE_BYTES);
		CHECK(rss_bytes() < rss + 8 * MIB);
	}
	live_done(&l);
}

static void the_output_limit_ends_run_and_stream(void)
{
	struct live_run l;

	live_init(&l);
	l.s.command.limits.output_bytes = 100000;
	if (live_open(&l, ARGV(SUBJECT, "flood", "1", "1000000000")))
		CHECK_EQ(live_drain(&l, l.out), 100000);
	outcome_wait(&l.o);
	CHECK_STATUS(&l.o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_STDOUT);
	CHECK(l.o.result->output[0].total > 100000);
	live_done(&l);
}

static void the_total_counts_both(void)
{
	struct live_run l;
	uint64_t out, err;

	live_init(&l);
	l.s.command.stdio[2].kind = CORDON_STDIO_STREAM;
	l.s.command.limits.output_total_bytes = 50000;
	if (live_open(&l, SH("head -c 40000 /dev/zero; head -c 40000 /dev/zero >&2; sleep 20"))) {
		out = 0;
		while (out < 40000) {
			char chunk[4096];
			long n = live_read(&l, l.out, chunk, sizeof chunk);

			REQUIRE(n > 0);
			out += (uint64_t)n;
		}
		err = live_drain(&l, l.err);
		CHECK_EQ(out + err, 50000);
	}
	outcome_wait(&l.o);
	CHECK_STATUS(&l.o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_OUTPUT_TOTAL);
	live_done(&l);
}

/* init may still have its copies for a moment after the program has started. */
static long write_until_refused(struct live_run *l)
{
	uint64_t end = now_ns() + 10 * SEC;
	long n;

	do {
		n = cordon_stream_write(l->in, "x", 1);
		(void)cordon_run_step(l->o.run);
	} while (n == 1 && now_ns() < end);
	return n;
}

/* Each side may leave at any time, and none is harmed by the other's leaving. */
static void a_closed_side_is_noticed(void)
{
	struct live_run l;

	live_init(&l);
	if (live_open(&l, ARGV(SUBJECT, "flood", "1", "1000000000")))
		live_close(&l.out);
	outcome_wait(&l.o);
	CHECK(l.o.ran && l.o.result->status == CORDON_STATUS_SIGNALED && l.o.result->signal == SIGPIPE);
	live_done(&l);

	live_init(&l);
	if (live_open(&l, SH("exec <&-; echo closed; read x; sleep 20"))) {
		(void)live_expect(&l, l.out, "closed\n");
		CHECK_EQ(write_until_refused(&l), -EPIPE);
		cordon_run_cancel(l.o.run);
	}
	outcome_wait(&l.o);
	CHECK_STATUS(&l.o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	live_done(&l);
}

/* The program's own flags and its size of the pipe change nothing for the caller but how much fits. */
static void a_program_plays_with_its_ends(void)
{
	struct live_run l;
	uint64_t total = 0;

	live_init(&l);
	if (live_open(&l, ARGV("/usr/bin/python3", "-c",
			       "import fcntl, os\n"
			       "fcntl.fcntl(1, fcntl.F_SETFL, os.O_NONBLOCK | os.O_APPEND)\n"
			       "fcntl.fcntl(0, fcntl.F_SETFL, os.O_NONBLOCK)\n"
			       "fcntl.fcntl(1, 1031, 4096)\n"
			       "os.write(1, b'ready\\n')\n"
			       "sent = 0\n"
			       "try:\n"
			       "  while True: sent += os.write(1, b'x' * 4096)\n"
			       "except BlockingIOError: pass\n"
			       "fcntl.fcntl(0, fcntl.F_SETFL, 0)\n"
			       "os.read(0, 1)\n"
			       "fcntl.fcntl(1, fcntl.F_SETFL, 0)\n"
			       "os.write(1, b'end')\n"))) {
		CHECK_EQ(live_read(&l, l.out, l.text, strlen("ready\n")), (long)strlen("ready\n"));
		write_text(l.in, "x");
		total = live_drain(&l, l.out);
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	CHECK(total >= strlen("end") && total + strlen("ready\n") == l.o.result->output[0].total);
	live_done(&l);
}

static void streams_may_be_freed_first_or_never_taken(void)
{
	struct live_run l;

	live_init(&l);
	if (live_open(&l, SH("cat >/dev/null"))) {
		live_close(&l.in);
		live_close(&l.out);
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	live_done(&l);

	live_init(&l);
	sandbox_open(&l.s, SH("sleep 20"), &l.o);
	REQUIRE(l.o.run);
	cordon_run_free(l.o.run);
	l.o.run = NULL;
	outcome_done(&l.o);
}

/* ---- waiting ---- */

static void *wake_later(void *stream)
{
	usleep(20000);
	cordon_stream_wake(stream);
	return NULL;
}

static void a_wait_is_woken(void)
{
	struct live_run l;
	pthread_t thread;

	live_init(&l);
	if (live_open(&l, SH("read x"))) {
		REQUIRE(pthread_create(&thread, NULL, wake_later, l.out) == 0);
		CHECK_EQ(cordon_stream_wait(l.out), 0);
		REQUIRE(pthread_join(thread, NULL) == 0);
		cordon_stream_wake(l.out);	/* one that comes before the wait is not lost */
		CHECK_EQ(cordon_stream_wait(l.out), 0);
		CHECK_EQ(cordon_stream_wait(l.in), 0);	/* there is room */
		live_close(&l.in);
		CHECK_EQ(cordon_stream_wait(l.out), 0);	/* the end */
	}
	outcome_wait(&l.o);
	live_done(&l);
}

/* ---- signals and pauses ---- */

static void a_signal_reaches_the_program(void)
{
	struct live_run l;

	live_init(&l);
	if (live_open(
		    &l,
		    SH("trap 'echo term; exit 7' TERM; trap 'echo usr' USR1; echo ready; while :; do read x; done"))) {
		(void)live_expect(&l, l.out, "ready\n");
		CHECK_EQ(cordon_run_signal(l.o.run, 0), -EINVAL);
		CHECK_EQ(cordon_run_signal(l.o.run, 65), -EINVAL);
		CHECK_EQ(cordon_run_signal(l.o.run, SIGUSR1), 0);
		write_text(l.in, "\n");
		(void)live_expect(&l, l.out, "usr\n");
		CHECK_EQ(cordon_run_signal(l.o.run, SIGTERM), 0);
		write_text(l.in, "\n");
		(void)live_expect(&l, l.out, "term\n");
	}
	outcome_wait(&l.o);
	CHECK(l.o.ran && l.o.result->exit_code == 7);
	live_done(&l);
}

/* The first process alone gets it, and one that is over gets nothing. */
static void a_signal_is_for_the_first_process(void)
{
	struct live_run l;

	live_init(&l);
	if (live_open(&l, SH("sh -c 'echo ready; exec sleep 20' & wait"))) {
		(void)live_expect(&l, l.out, "ready\n");
		CHECK_EQ(cordon_run_signal(l.o.run, SIGKILL), 0);
	}
	outcome_wait(&l.o);
	CHECK(l.o.ran && l.o.result->status == CORDON_STATUS_SIGNALED && l.o.result->signal == SIGKILL);
	if (l.o.run != NULL)
		CHECK_EQ(cordon_run_signal(l.o.run, SIGKILL), 0);
	live_done(&l);
}

/* One that is asked for before the program is there comes when it is. */
static void a_signal_waits_for_the_program(void)
{
	struct live_run l;

	live_init(&l);
	l.s.command.sync = 1;
	if (live_open(&l, SH("sleep 20"))) {
		CHECK_EQ(cordon_run_wait(l.o.run), CORDON_RUN_SYNC);
		CHECK_EQ(cordon_run_signal(l.o.run, SIGTERM), 0);
		(void)cordon_run_step(l.o.run);
		cordon_run_release(l.o.run, 1);
	}
	outcome_wait(&l.o);
	CHECK(l.o.ran && l.o.result->status == CORDON_STATUS_SIGNALED && l.o.result->signal == SIGTERM);
	live_done(&l);
}

/* A paused program does not answer; the wall-clock limit stands still for it. */
static void pause_and_answer(struct live_run *l, int (*pause)(struct live_run *, int))
{
	struct pollfd p = { cordon_stream_fd(l->out), POLLIN, 0 };
	uint64_t until;

	write_text(l->in, "a\n");
	(void)live_expect(l, l->out, "a\n");
	CHECK_EQ(pause(l, 1), 0);
	until = now_ns() + 1500 * MS;
	while (now_ns() < until) {
		(void)cordon_run_step(l->o.run);
		(void)poll(NULL, 0, 10);
	}
	write_text(l->in, "b\n");
	for (int i = 0; i < 20; i++) {
		(void)cordon_run_step(l->o.run);
		CHECK_EQ(poll(&p, 1, 10), 0);
	}
	CHECK_EQ(pause(l, 0), 0);
	(void)live_expect(l, l->out, "b\n");
	live_close(&l->in);
}

static int pause_by_run(struct live_run *l, int pause)
{
	struct cordon_error err;

	return cordon_run_pause(l->o.run, pause, &err);
}

static void a_pause_stops_a_sandbox_of_its_own(void)
{
	struct live_run l;

	live_init(&l);
	l.s.command.limits.wall_time_ns = 1200 * MS;
	if (live_open(&l, SH("cat")))
		pause_and_answer(&l, pause_by_run);
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	live_done(&l);
}

static void a_cancel_ends_a_pause(void)
{
	struct live_run l;

	live_init(&l);
	if (live_open(&l, SH("echo ready; cat"))) {
		(void)live_expect(&l, l.out, "ready\n");
		CHECK_EQ(pause_by_run(&l, 1), 0);
		(void)cordon_run_step(l.o.run);
		cordon_run_cancel(l.o.run);
	}
	outcome_wait(&l.o);
	CHECK_STATUS(&l.o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	live_done(&l);
}

static void a_container_has_live_runs(void)
{
	struct live_run l;
	struct kept k;

	live_init(&l);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		k.s.command.stdio[0].kind = k.s.command.stdio[1].kind = CORDON_STDIO_STREAM;
		k.s.command.limits.wall_time_ns = 1200 * MS;
		kept_start(&k, SH("cat"), CORDON_RUN_RESET, &l.o);
		live_take(&l);
		if (l.in != NULL && l.out != NULL)
			pause_and_answer(&l, pause_by_run);
		outcome_wait(&l.o);
		CHECK_OK(&l.o);
		live_done(&l);
	}
	KEPT_CLOSE(&k);
}

/* ---- terminals ---- */

static void terminal_init(struct live_run *l)
{
	live_init(l);
	l->s.command.terminal = 1;
	l->s.command.stdio[2].kind = CORDON_STDIO_STDOUT;
}

static void a_terminal_is_one(void)
{
	struct live_run l;

	terminal_init(&l);
	if (live_open(&l, ARGV("/usr/bin/python3", "-u", "-c",
			       "import os, signal\n"
			       "signal.signal(signal.SIGWINCH, lambda *given: print('size', *os.get_terminal_size()))\n"
			       "print('tty', os.isatty(0) and os.isatty(1) and os.isatty(2), *os.get_terminal_size())\n"
			       "line = ''\n"
			       "while line != 'end':\n"
			       "  line = input()\n"
			       "  print('got', line)\n"))) {
		(void)live_expect(&l, l.out, "tty True 0 0");
		CHECK_EQ(cordon_stream_resize(l.in, 33, 77), 0);
		/* A signal that comes just before Python reads is handled when the read has returned. */
		write_text(l.in, "word\n");
		(void)live_expect(&l, l.out, "size 77 33");
		write_text(l.in, "end\n");
		(void)live_expect(&l, l.out, "got end");
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	live_done(&l);
}

static void keys_are_signals_at_a_terminal(void)
{
	struct live_run l;

	terminal_init(&l);
	if (live_open(&l, SH("trap 'echo caught' INT; echo ready; read x; echo after; cat; echo end"))) {
		(void)live_expect(&l, l.out, "ready");
		write_text(l.in, "\003");
		write_text(l.in, "\n");
		(void)live_expect(&l, l.out, "caught");
		write_text(l.in, "line");
		CHECK_EQ(cordon_stream_end(l.in), 0);
		(void)live_expect(&l, l.out, "end");
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	live_done(&l);
}

static void a_closed_terminal_hangs_up(void)
{
	struct live_run l;

	terminal_init(&l);
	if (live_open(&l, SH("echo ready; read x; sleep 20"))) {
		(void)live_expect(&l, l.out, "ready");
		live_close(&l.in);
		live_close(&l.out);
	}
	outcome_wait(&l.o);
	CHECK(l.o.ran && l.o.result->status == CORDON_STATUS_SIGNALED && l.o.result->signal == SIGHUP);
	live_done(&l);
}

static void pipes_have_no_size(void)
{
	struct live_run l;

	live_init(&l);
	if (live_open(&l, SH("cat"))) {
		CHECK_EQ(cordon_stream_resize(l.in, 1, 1), -ENOTTY);
		CHECK_EQ(cordon_stream_end(l.in), 0);
		live_close(&l.in);
	}
	outcome_wait(&l.o);
	CHECK_OK(&l.o);
	live_done(&l);
}

/* ---- ends ---- */

/* At every moment of a run: before it starts, while it starts, while it talks. */
static void a_cancel_at_any_moment_leaves_nothing(void)
{
	static const char line[] = "line\n";
	struct live_run l;

	for (int i = 0; i < 60; i++) {
		live_init(&l);
		if (i % 3 == 0)
			terminal_init(&l);
		if (!live_open(&l, SH("while read x; do echo $x; done")))
			break;
		for (int j = 0; j < i % 20; j++) {
			char text[64];

			(void)cordon_stream_write(l.in, line, sizeof line - 1);
			(void)cordon_run_step(l.o.run);
			(void)cordon_stream_read(l.out, text, sizeof text);
		}
		cordon_run_cancel(l.o.run);
		if (i % 2 == 0)
			live_close(&l.out);
		outcome_wait(&l.o);
		if (l.out != NULL || l.o.result->status != CORDON_STATUS_SIGNALED)	/* by SIGPIPE, SIGHUP */
			CHECK_STATUS(&l.o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
		live_done(&l);
	}
}

static void half_a_terminal_is_refused(void)
{
	struct live_run l;

	terminal_init(&l);
	l.s.command.stdio[1].kind = CORDON_STDIO_CAPTURE;
	sandbox_run(&l.s, SH("true"), &l.o);
	CHECK_ERROR(&l.o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&l.o);
	terminal_init(&l);
	l.s.command.stdio[2].kind = CORDON_STDIO_STREAM;
	sandbox_run(&l.s, SH("true"), &l.o);
	CHECK_ERROR(&l.o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&l.o);
}

static const struct scenario list[] = {
	SCENARIO(what_is_written_comes_back),
	SCENARIO(both_outputs_are_apart),
	SCENARIO(merged_output_is_in_order),
	SCENARIO(output_outlives_the_run),
	SCENARIO(slow_sides_wait),
	SCENARIO(the_output_limit_ends_run_and_stream),
	SCENARIO(the_total_counts_both),
	SCENARIO(a_closed_side_is_noticed),
	SCENARIO(a_program_plays_with_its_ends),
	SCENARIO(streams_may_be_freed_first_or_never_taken),
	SCENARIO(a_wait_is_woken),
	SCENARIO(a_signal_reaches_the_program),
	SCENARIO(a_signal_is_for_the_first_process),
	SCENARIO(a_signal_waits_for_the_program),
	SCENARIO(a_pause_stops_a_sandbox_of_its_own),
	SCENARIO(a_cancel_ends_a_pause),
	SCENARIO(a_container_has_live_runs),
	SCENARIO(a_terminal_is_one),
	SCENARIO(keys_are_signals_at_a_terminal),
	SCENARIO(a_closed_terminal_hangs_up),
	SCENARIO(pipes_have_no_size),
	SCENARIO(a_cancel_at_any_moment_leaves_nothing),
	SCENARIO(half_a_terminal_is_refused),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, list, LENGTH(list));
}
