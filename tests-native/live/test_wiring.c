/* SPDX-License-Identifier: Apache-2.0 */
/* Many programs wired together by pipes at any descriptors: whatever one of them does, all results come, nobody waits
 * for ever, and nothing is left. test_wiring_two.c has what two programs can do to each other by stdin and stdout. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include "support/sandbox.h"

#define TALK "/programs/talk"
#define NODES 20
#define SH(script) ARGV("/bin/sh", "-c", (script))

struct web {
	uint32_t n;
	struct sandbox s[NODES];
	struct outcome o[NODES];
	struct cordon_wiring *wiring;
	struct cordon_error err;
};

static struct web web; /* too large for a stack */

/* What a pipe can be, for scenarios in which that must make no difference. */
static const struct cordon_pipe kinds[] = {
	{ .limit_bytes = CORDON_UNLIMITED },
	{ .limit_bytes = CORDON_UNLIMITED, .record_bytes = 4096 },
	{ .limit_bytes = 1 << 20 },
	{ .limit_bytes = CORDON_UNLIMITED, .flags = CORDON_PIPE_PROXY },
	{ .limit_bytes = 1 << 20, .record_bytes = 4096, .flags = CORDON_PIPE_PROXY },
};

static struct web *web_init(uint32_t n)
{
	memset(&web, 0, sizeof web);
	web.n = n;
	for (uint32_t i = 0; i < n; i++)
		sandbox_init(&web.s[i]);
	REQUIRE(cordon_wiring_open(n, &web.wiring, &web.err) == 0);
	return &web;
}

/* Returns the pipe's index. */
static uint32_t web_pipe(struct web *w, const struct cordon_pipe *kind, uint32_t from, int from_fd, uint32_t to,
			 int to_fd)
{
	struct cordon_pipe pipe = *kind;
	int rc;

	pipe.from_run = from;
	pipe.from_fd = from_fd;
	pipe.to_run = to;
	pipe.to_fd = to_fd;
	if (from_fd <= 2)
		w->s[from].command.stdio[from_fd].kind = CORDON_STDIO_NULL;
	if (to_fd <= 2)
		w->s[to].command.stdio[to_fd].kind = CORDON_STDIO_NULL;
	rc = cordon_wiring_pipe(w->wiring, &pipe, NULL, &w->err);
	REQUIRE(rc >= 0);
	return (uint32_t)rc;
}

/* When all pipes are made. */
static void web_start(struct web *w, uint32_t i, const char *const *argv)
{
	REQUIRE(cordon_wiring_command(w->wiring, i, &w->s[i].command, &w->err) == 0);
	sandbox_open(&w->s[i], argv, &w->o[i]);
	CHECK(w->o[i].run != NULL);
}

static void web_wait(struct web *w)
{
	struct cordon_run *runs[NODES];

	for (uint32_t i = 0; i < w->n; i++)
		runs[i] = w->o[i].run;
	cordon_wiring_wait(w->wiring, runs);
	for (uint32_t i = 0; i < w->n; i++)
		if (runs[i] != NULL)
			outcome_wait(&w->o[i]);
}

static void web_done(struct web *w)
{
	cordon_wiring_free(w->wiring);
	for (uint32_t i = 0; i < w->n; i++)
		outcome_done(&w->o[i]);
}

static struct cordon_traffic traffic_of(const struct web *w, uint32_t pipe)
{
	struct cordon_traffic got;

	cordon_wiring_traffic(w->wiring, pipe, &got);
	return got;
}

static void check_traffic(const struct web *w, uint32_t pipe, const char *record, uint64_t total, uint64_t dropped)
{
	struct cordon_traffic got = traffic_of(w, pipe);

	CHECK_EQ(got.total, total);
	CHECK_EQ(got.dropped, dropped);
	if (got.len != strlen(record) || (got.len > 0 && memcmp(got.data, record, got.len) != 0))
		TEST_FAIL("pipe %u: \"%.*s\", not \"%s\"", pipe, (int)got.len, (const char *)got.data, record);
}

static void check_sigpipe(const struct outcome *o)
{
	CHECK_STATUS(o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o->result->signal, SIGPIPE);
}

/* ---- shapes ---- */

static void three_in_a_ring(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(3);

		for (uint32_t i = 0; i < 3; i++)
			web_pipe(w, &kinds[k], i, 1, (i + 1) % 3, 0);
		web_start(w, 0, SH("echo 1; read x; echo got $x >&2"));
		web_start(w, 1, SH("read x; echo $((x * 10 + 2))"));
		web_start(w, 2, SH("read x; echo $((x * 10 + 3))"));
		web_wait(w);
		for (uint32_t i = 0; i < 3; i++)
			CHECK_OK(&w->o[i]);
		CHECK_STR(w->o[0].errout, "got 123\n");
		if (kinds[k].record_bytes != 0) {
			check_traffic(w, 0, "1\n", 2, 0);
			check_traffic(w, 1, "12\n", 3, 0);
			check_traffic(w, 2, "123\n", 4, 0);
		}
		web_done(w);
	}
}

/* One manager, who speaks with each contestant by descriptors of its own. */
static void a_star_with_a_manager(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(4);

		for (uint32_t i = 1; i <= 3; i++) {
			web_pipe(w, &kinds[k], 0, (int)(2 * i + 1), i, 0);
			web_pipe(w, &kinds[k], i, 1, 0, (int)(2 * i + 2));
		}
		web_start(w, 0,
			  SH("echo 3 >&3; echo 5 >&5; echo 7 >&7; exec 3>&- 5>&- 7>&-;"
			     "read a <&4; read b <&6; read c <&8; echo $a $b $c"));
		for (uint32_t i = 1; i <= 3; i++)
			web_start(w, i, SH("while read x; do echo $((x * x)); done"));
		web_wait(w);
		for (uint32_t i = 0; i <= 3; i++)
			CHECK_OK(&w->o[i]);
		CHECK_OUT(&w->o[0], "9 25 49\n");
		web_done(w);
	}
}

static void pipes_beside_descriptors_of_the_commands_own(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(2);
		struct cordon_fd own = { -1, 7 };
		int fds[2];

		REQUIRE(pipe(fds) == 0 && write(fds[1], "own\n", 4) == 4);
		own.fd = fds[0];
		w->s[1].command.fds = &own;
		w->s[1].command.nfds = 1;
		web_pipe(w, &kinds[k], 0, 2, 1, 3);
		web_pipe(w, &kinds[k], 0, 1023, 1, 9);
		web_start(w, 0, SH("/programs/subject say 2 low; /programs/subject say 1023 high"));
		web_start(w, 1, SH("read a <&3; read b <&9; read c <&7; echo $a $b $c"));
		close(fds[0]);
		close(fds[1]);
		web_wait(w);
		CHECK_OK(&w->o[0]);
		CHECK_OK(&w->o[1]);
		CHECK_OUT(&w->o[1], "low high own\n");
		web_done(w);
	}
}

static void a_program_that_talks_to_itself(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(1);

		web_pipe(w, &kinds[k], 0, 3, 0, 4);
		web_start(w, 0, SH("echo me >&3; exec 3>&-; cat <&4"));
		web_wait(w);
		CHECK_OK(&w->o[0]);
		CHECK_OUT(&w->o[0], "me\n");
		web_done(w);
	}
}

static void twenty_nodes(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(NODES);
		bool seen[NODES] = { false };

		for (uint32_t i = 0; i < NODES; i++)
			web_pipe(w, &kinds[k], i, 1, (i + 1) % NODES, 0);
		web_start(w, 0, SH("echo 0; read x; echo $x >&2"));
		for (uint32_t i = 1; i < NODES; i++)
			web_start(w, i, SH("read x; echo $((x + 1))"));
		web_wait(w);
		for (uint32_t i = 0; i < NODES; i++)
			CHECK_OK(&w->o[i]);
		CHECK_STR(w->o[0].errout, "19\n");
		for (uint32_t i = 0; i < NODES; i++)
			seen[cordon_wiring_order(w->wiring)[i]] = true;
		for (uint32_t i = 0; i < NODES; i++)
			CHECK(seen[i]);
		web_done(w);
	}
}

static void kept_containers_and_sandboxes_of_their_own(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		static struct kept kept;
		struct web *w = web_init(2);

		sandbox_init(&kept.s);
		KEPT_OPEN(&kept);
		web_pipe(w, &kinds[k], 0, 1, 1, 0);
		web_pipe(w, &kinds[k], 1, 1, 0, 0);
		kept.s.command.stdio[0].kind = kept.s.command.stdio[1].kind = CORDON_STDIO_NULL;
		CHECK_EQ(cordon_wiring_command(w->wiring, 0, &kept.s.command, &w->err), 0);
		kept_start(&kept, SH("echo 20; read x; echo $x >&2"), 0, &w->o[0]);
		web_start(w, 1, SH("read x; echo $((x + 1))"));
		web_wait(w);
		CHECK_OK(&w->o[0]);
		CHECK_STR(w->o[0].errout, "21\n");
		CHECK_OK(&w->o[1]);
		web_done(w);
		KEPT_CLOSE(&kept);
	}
}

/* The container and its sidecars, with the files in common. */
static void several_in_one_shared_container(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		static const char *const scripts[] = {
			"echo text >/w/file; echo file; read x; echo $x >&2",
			"read name; cat /w/$name",
			"read x; echo $x; echo $x >&2; touch /w/end",
		};
		static struct kept kept;
		struct cordon_container *handles[LENGTH(scripts)];
		struct web *w = web_init(LENGTH(scripts));

		sandbox_init(&kept.s);
		kept.s.config.shared = 1;
		KEPT_OPEN(&kept);
		handles[0] = kept.c;
		for (uint32_t i = 1; i < w->n; i++)
			MUST(cordon_container_sidecar(kept.c, &handles[i], &w->err), &w->err);
		for (uint32_t i = 0; i < w->n; i++)
			web_pipe(w, &kinds[k], i, 1, (i + 1) % w->n, 0);
		for (uint32_t i = 0; i < w->n; i++) {
			kept.c = handles[i];
			kept.s.command.stdio[0].kind = kept.s.command.stdio[1].kind = CORDON_STDIO_NULL;
			kept.s.command.fds = NULL;
			kept.s.command.nfds = 0;
			MUST(cordon_wiring_command(w->wiring, i, &kept.s.command, &w->err), &w->err);
			kept_start(&kept, SH(scripts[i]), 0, &w->o[i]);
		}
		web_wait(w);
		for (uint32_t i = 0; i < w->n; i++)
			CHECK_OK(&w->o[i]);
		CHECK_STR(w->o[0].errout, "text\n");
		CHECK_STR(w->o[2].errout, "text\n");
		web_done(w);
		for (uint32_t i = 1; i < LENGTH(scripts); i++)
			cordon_container_free(handles[i]);
		kept.c = handles[0];
		kept.s.command.stdio[0].kind = CORDON_STDIO_NULL;
		kept.s.command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_CAPTURE, .limit_bytes = 100 };
		kept_run(&kept, SH("ls /w"), &w->o[0]);
		CHECK_OUT(&w->o[0], "end\nfile\n");
		outcome_done(&w->o[0]);
		KEPT_CLOSE(&kept);
	}
}

/* A flood in one is not the others' affair, and what ends one ends no other. */
static void ends_in_one_shared_container_are_each_its_own(void)
{
	static struct kept kept;
	struct cordon_container *sidecar = NULL, *own;
	struct web *w = web_init(2);

	sandbox_init(&kept.s);
	kept.s.config.shared = 1;
	KEPT_OPEN(&kept);
	MUST(cordon_container_sidecar(kept.c, &sidecar, &w->err), &w->err);
	own = kept.c;
	web_pipe(w, &kinds[2], 0, 1, 1, 0);
	kept.s.command.stdio[1].kind = CORDON_STDIO_NULL;
	MUST(cordon_wiring_command(w->wiring, 0, &kept.s.command, &w->err), &w->err);
	kept_start(&kept, SH("yes"), 0, &w->o[0]);
	kept.s.command.stdio[0].kind = CORDON_STDIO_NULL;
	kept.s.command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_CAPTURE, .limit_bytes = 100 };
	MUST(cordon_wiring_command(w->wiring, 1, &kept.s.command, &w->err), &w->err);
	kept.c = sidecar;
	kept_start(&kept, SH("wc -c"), 0, &w->o[1]);
	kept.c = own;
	web_wait(w);
	CHECK_STATUS(&w->o[0], CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_PIPE);
	CHECK_OK(&w->o[1]);
	CHECK_OUT(&w->o[1], "1048576\n");
	web_done(w);
	cordon_container_free(sidecar);
	KEPT_CLOSE(&kept);
}

/* ---- ends ---- */

static void the_order_of_ends(void)
{
	struct web *w = web_init(3);

	web_pipe(w, &kinds[0], 2, 1, 0, 0);
	web_pipe(w, &kinds[1], 0, 1, 1, 0);
	web_start(w, 0, SH("cat; sleep 0.3"));
	web_start(w, 1, SH("cat; sleep 0.3"));
	web_start(w, 2, SH("exit 3"));
	web_wait(w);
	CHECK_EQ(cordon_wiring_order(w->wiring)[0], 2);
	CHECK_EQ(cordon_wiring_order(w->wiring)[1], 0);
	CHECK_EQ(cordon_wiring_order(w->wiring)[2], 1);
	CHECK_STATUS(&w->o[2], CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	web_done(w);
}

/* One that cannot be opened, and one whose program is not there. */
static void a_run_that_is_none(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(3);

		web_pipe(w, &kinds[k], 0, 1, 1, 0);
		web_pipe(w, &kinds[k], 2, 1, 1, 3);
		web_start(w, 1, SH("cat; cat <&3; sleep 0.3; echo end"));
		web_start(w, 2, ARGV("/no/such/program"));
		web_wait(w);
		CHECK_OK(&w->o[1]);
		CHECK_OUT(&w->o[1], "end\n");
		CHECK_ERROR(&w->o[2], CORDON_STEP_EXECVE, ENOENT);
		CHECK_EQ(cordon_wiring_order(w->wiring)[0], 0);
		CHECK_EQ(cordon_wiring_order(w->wiring)[1], 2);
		web_done(w);
	}
}

/* The end of the file comes through, and SIGPIPE as well, but not through a proxy. The writer is told by a pipe of its
 * own that the reader's side is closed, of which the host may hear a moment later. */
static void a_side_that_closes(void)
{
	for (size_t k = 0; k < LENGTH(kinds); k++) {
		struct web *w = web_init(3);
		bool proxy = (kinds[k].flags & CORDON_PIPE_PROXY) != 0;

		web_pipe(w, &kinds[k], 0, 3, 1, 0);
		web_pipe(w, &kinds[k], 1, 1, 2, 0);
		web_pipe(w, &kinds[k], 1, 3, 0, 4);
		web_start(w, 0,
			  SH("echo first >&3; read x <&4;"
			     "for i in 1 2 3 4 5; do echo lost >&3; sleep 0.05; done; echo on"));
		web_start(w, 1, SH("read x; echo $x; exec <&- >&-; exec 3>&-; sleep 0.3"));
		web_start(w, 2, SH("cat"));
		web_wait(w);
		if (proxy) {
			CHECK_OK(&w->o[0]);
			CHECK_OUT(&w->o[0], "on\n");
		} else {
			check_sigpipe(&w->o[0]);
		}
		CHECK_OK(&w->o[1]);
		CHECK_OK(&w->o[2]);
		CHECK_OUT(&w->o[2], "first\n");
		web_done(w);
	}
}

/* Many more bytes than any buffer holds, all counted, and the first ones kept. */
static void a_proxy_outlives_its_reader(void)
{
	static const struct cordon_pipe proxy = {
		.limit_bytes = CORDON_UNLIMITED, .record_bytes = 6, .flags = CORDON_PIPE_PROXY
	};
	struct web *w = web_init(3);
	uint64_t before = rss_bytes();

	web_pipe(w, &proxy, 0, 1, 1, 0);
	web_pipe(w, &proxy, 0, 4, 2, 0);
	web_pipe(w, &kinds[0], 1, 1, 0, 5);
	web_pipe(w, &kinds[0], 2, 1, 0, 6);
	web_start(w, 0,
		  SH("cat <&5; cat <&6; sleep 0.3; /programs/subject flood 1 10000000;"
		     "printf ab >&4; printf cdefgh >&4; exit 7"));
	web_start(w, 1, ARGV(SUBJECT, "exit", "0"));
	web_start(w, 2, SH("exec <&-; kill -9 $$"));
	web_wait(w);
	CHECK_STATUS(&w->o[0], CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(w->o[0].result->exit_code, 7);
	CHECK_OK(&w->o[1]);
	CHECK_EQ(w->o[2].result->signal, SIGKILL);
	CHECK_EQ(cordon_wiring_order(w->wiring)[2], 0);
	check_traffic(w, 0, "xxxxxx", 10000000, 10000000);
	check_traffic(w, 1, "abcdef", 8, 8);
	CHECK(rss_bytes() < before + 2 * MIB);
	web_done(w);
}

static void a_proxy_whose_writer_dies(void)
{
	struct web *w = web_init(2);

	web_pipe(w, &kinds[4], 0, 1, 1, 0);
	web_start(w, 0, SH("printf 'the last words'; kill -9 $$"));
	web_start(w, 1, SH("cat; echo .; sleep 0.2"));
	web_wait(w);
	CHECK_EQ(w->o[0].result->signal, SIGKILL);
	CHECK_OK(&w->o[1]);
	CHECK_OUT(&w->o[1], "the last words.\n");
	check_traffic(w, 0, "the last words", 14, 0);
	web_done(w);
}

/* ---- limits and records ---- */

static struct cordon_pipe limited(uint64_t limit, uint64_t record)
{
	return (struct cordon_pipe){ .limit_bytes = limit, .record_bytes = record };
}

static void a_limit_is_exact(void)
{
	static const struct {
		const char *write;
		uint64_t total;
	} cases[] = { { "printf 1234567", 7 }, { "printf 12345678", 8 }, { "printf 123456789", 9 } };

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct web *w = web_init(2);
		struct cordon_pipe kind = limited(8, 100);
		uint64_t passed = cases[i].total < 8 ? cases[i].total : 8;
		char want[16];

		web_pipe(w, &kind, 0, 1, 1, 0);
		web_start(w, 0, SH(cases[i].write));
		web_start(w, 1, SH("cat"));
		web_wait(w);
		if (cases[i].total > 8)
			CHECK_STATUS(&w->o[0], CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_PIPE);
		else
			CHECK_OK(&w->o[0]);
		CHECK_OK(&w->o[1]);
		snprintf(want, sizeof want, "%.*s", (int)passed, "12345678");
		CHECK_OUT(&w->o[1], want);
		check_traffic(w, 0, want, cases[i].total, cases[i].total - passed);
		web_done(w);
	}
}

static void a_flood_ends_at_the_limit(void)
{
	struct web *w = web_init(2);
	struct cordon_pipe kind = limited(1000000, 5);

	web_pipe(w, &kind, 0, 1, 1, 0);
	web_start(w, 0, SH("trap '' PIPE; while :; do yes; done 2>/dev/null"));
	web_start(w, 1, ARGV(TALK, "count", "0"));
	web_wait(w);
	CHECK_STATUS(&w->o[0], CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_PIPE);
	CHECK_OK(&w->o[1]);
	CHECK_STR(w->o[1].errout, "bytes=1000000\n");
	CHECK_EQ(traffic_of(w, 0).len, 5);
	CHECK(traffic_of(w, 0).total > 1000000);
	web_done(w);
}

/* What is over the limit is in the writer's pipe until all are done: the reader never reads, and all buffers are
 * full. */
static void a_limit_holds_for_what_nobody_reads(void)
{
	static const struct {
		uint64_t limit;
		bool over;
	} cases[] = { { 180000, false }, { 179999, true } };

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct web *w = web_init(2);
		struct cordon_pipe kind = limited(cases[i].limit, 0);

		web_pipe(w, &kind, 0, 1, 1, 0);
		web_pipe(w, &kinds[0], 0, 3, 1, 3);
		web_start(w, 0, ARGV(SUBJECT, "flood", "1", "180000"));
		web_start(w, 1, SH("cat <&3; sleep 0.2"));
		web_wait(w);
		CHECK_EQ(cordon_wiring_order(w->wiring)[0], 0);
		if (cases[i].over)
			CHECK_STATUS(&w->o[0], CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_PIPE);
		else
			CHECK_OK(&w->o[0]);
		CHECK_EQ(traffic_of(w, 0).total, 180000);
		CHECK_OK(&w->o[1]);
		web_done(w);
	}
}

static void the_exact_bytes_are_recorded(void)
{
	static unsigned char want[3000];
	static const struct cordon_pipe kind = { .limit_bytes = CORDON_UNLIMITED, .record_bytes = 3000 };
	struct cordon_traffic got;
	struct web *w = web_init(2);

	for (size_t i = 0; i < sizeof want; i++)
		want[i] = (unsigned char)(i * 7 + i / 256);
	w->s[0].command.stdio[0] =
		(struct cordon_stdio){ .kind = CORDON_STDIO_BYTES, .data = want, .data_len = sizeof want };
	web_pipe(w, &kind, 0, 1, 1, 0);
	web_start(w, 0, SH("dd bs=7 status=none; printf more"));
	web_start(w, 1, ARGV("/usr/bin/cksum"));
	web_wait(w);
	CHECK_OK(&w->o[0]);
	CHECK_OK(&w->o[1]);
	got = traffic_of(w, 0);
	CHECK_EQ(got.len, sizeof want);
	CHECK_EQ(got.total, sizeof want + 4);
	CHECK(got.len == sizeof want && memcmp(got.data, want, sizeof want) == 0);
	web_done(w);
}

/* ---- hostile ---- */

/* Floods that are read, dropped and not read, beside two who play ball, and one whose time is limited. */
static void floods_hold_up_nobody(void)
{
	struct web *w = web_init(8);
	uint64_t start = now_ns(), before = rss_bytes();

	web_pipe(w, &kinds[1], 0, 1, 1, 0);
	web_pipe(w, &kinds[3], 2, 1, 3, 0);
	web_pipe(w, &kinds[1], 4, 1, 5, 0);
	web_pipe(w, &kinds[1], 6, 1, 7, 0);
	web_pipe(w, &kinds[1], 7, 1, 6, 0);
	w->s[0].command.limits.wall_time_ns = w->s[2].command.limits.wall_time_ns = 1000 * MS;
	web_start(w, 0, ARGV("/usr/bin/yes"));
	web_start(w, 1, SH("cat >/dev/null"));
	web_start(w, 2, ARGV("/usr/bin/yes"));
	web_start(w, 3, ARGV(SUBJECT, "exit", "0"));
	web_start(w, 4, ARGV("/usr/bin/yes"));
	web_start(w, 5, ARGV("/bin/sleep", "1"));
	web_start(w, 6, SH("i=0; while [ $i -lt 100 ]; do echo $i; read i; done; echo $i >&2"));
	web_start(w, 7, SH("while read i; do echo $((i + 1)); done"));
	web_wait(w);
	CHECK_STATUS(&w->o[0], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK_STATUS(&w->o[2], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK_OK(&w->o[3]);
	check_sigpipe(&w->o[4]);
	CHECK_OK(&w->o[5]);
	CHECK_OK(&w->o[6]);
	CHECK_STR(w->o[6].errout, "100\n");
	CHECK_OK(&w->o[7]);
	CHECK(traffic_of(w, 1).dropped > MIB);
	CHECK(now_ns() - start < 15 * SEC);
	CHECK(rss_bytes() < before + 2 * MIB);
	web_done(w);
}

struct cancelling {
	struct web *web;
	uint64_t pause_ns;
};

static void *cancel_all(void *argument)
{
	struct cancelling *c = argument;
	const struct timespec pause = { .tv_nsec = (long)c->pause_ns };

	nanosleep(&pause, NULL);
	for (uint32_t i = 0; i < c->web->n; i++)
		cordon_run_cancel(c->web->o[i].run);
	return NULL;
}

static void cancelled_at_many_moments(void)
{
	for (int i = 0; i < 24; i++) {
		const struct cordon_pipe *kind = &kinds[i % (int)LENGTH(kinds)];
		struct web *w = web_init(4);
		struct cancelling c = { w, (uint64_t)i * 3 * MS };
		pthread_t thread;

		for (uint32_t n = 0; n < 4; n++)
			web_pipe(w, kind, n, 1, (n + 1) % 4, 0);
		web_start(w, 0, SH("cat /dev/zero & cat >/dev/null; sleep 10"));
		for (uint32_t n = 1; n < 4; n++)
			web_start(w, n, SH("cat; sleep 10"));
		REQUIRE(pthread_create(&thread, NULL, cancel_all, &c) == 0);
		web_wait(w);
		pthread_join(thread, NULL);
		for (uint32_t n = 0; n < 4; n++)
			CHECK(w->o[n].ran && (w->o[n].result->status == CORDON_STATUS_CANCELLED ||
					      w->o[n].result->status == CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED));
		web_done(w);
	}
}

/* ---- refusals ---- */

#define REFUSED(call, w, want)                                                                                         \
	do {                                                                                                           \
		char text_[512];                                                                                       \
		MUST_FAIL((call), &(w)->err, CORDON_STEP_VALIDATE, 0);                                                 \
		(void)cordon_error_describe(&(w)->err, text_, sizeof text_);                                           \
		if (strstr(text_, (want)) == NULL)                                                                     \
			TEST_FAIL("\"%s\" is not in \"%s\"", (want), text_);                                           \
	} while (0)

static void pipes_that_are_refused(void)
{
	static const struct {
		struct cordon_pipe pipe;
		const char *want;
	} cases[] = {
		{ { .from_run = 2, .from_fd = 1, .to_run = 1 }, "pipe from_run: 2: is none of the wiring's runs" },
		{ { .from_run = 0, .from_fd = 1, .to_run = UINT32_MAX }, "pipe to_run: 4294967295: is none" },
		{ { .from_run = 0, .from_fd = -1, .to_run = 1 }, "pipe from_fd: -1: must be 0 to 1023" },
		{ { .from_run = 0, .from_fd = 5, .to_run = 1, .to_fd = 1024 }, "pipe to_fd: 1024: must be 0 to 1023" },
		{ { .from_run = 0, .from_fd = INT32_MIN, .to_run = 1 }, "pipe from_fd: -2147483648: must be" },
		{ { .from_run = 0, .from_fd = 3, .to_run = 1, .to_fd = 5 },
		  "pipe from_fd: 3: is the end of another pipe" },
		{ { .from_run = 0, .from_fd = 5, .to_run = 1, .to_fd = 4 },
		  "pipe to_fd: 4: is the end of another pipe" },
		{ { .from_run = 1, .from_fd = 4, .to_run = 0, .to_fd = 9 },
		  "pipe from_fd: 4: is the end of another pipe" },
		{ { .from_run = 0, .from_fd = 5, .to_run = 0, .to_fd = 5 },
		  "pipe to_fd: 5: is the other end of the same" },
		{ { .from_run = 0, .from_fd = 5, .to_run = 1, .to_fd = 6, .flags = 2 },
		  "pipe flags: 2: has an unknown bit" },
		{ { .from_run = 0, .from_fd = 5, .to_run = 1, .to_fd = 6, .reserved = 1 },
		  "pipe reserved: 1: must be 0" },
	};
	struct web *w = web_init(2);

	web_pipe(w, &kinds[0], 0, 3, 1, 4);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		REFUSED(cordon_wiring_pipe(w->wiring, &cases[i].pipe, NULL, &w->err), w, cases[i].want);
		CHECK_EQ(w->err.index, 1);
	}
	/* None of them was kept. */
	CHECK_EQ(web_pipe(w, &kinds[0], 0, 5, 1, 6), 1);
	web_done(w);
	web.n = 0;
	REFUSED(cordon_wiring_open(0, &w->wiring, &w->err), w, "runs: 0: must be 1 to 1024");
	REFUSED(cordon_wiring_open(1025, &w->wiring, &w->err), w, "runs: 1025: must be 1 to 1024");
}

static void commands_that_are_refused(void)
{
	struct web *w = web_init(2);
	struct cordon_command *command = &w->s[0].command;
	const struct cordon_fd own = { 0, 7 };

	for (int fd = 0; fd < 3; fd++)
		web_pipe(w, &kinds[0], 0, fd, 1, fd);
	web_pipe(w, &kinds[0], 0, 7, 1, 7);
	command->stdio[1].kind = CORDON_STDIO_CAPTURE;
	REFUSED(cordon_wiring_command(w->wiring, 0, command, &w->err), w,
		"stdio kind: 4: must be NULL where a pipe is");
	CHECK_EQ(w->err.index, 1);
	CHECK_EQ(command->stdio[0].kind, CORDON_STDIO_NULL);
	command->stdio[1].kind = CORDON_STDIO_NULL;
	command->stdio[2].kind = CORDON_STDIO_STDOUT;
	REFUSED(cordon_wiring_command(w->wiring, 0, command, &w->err), w,
		"stdio kind: 6: must be NULL where a pipe is");
	command->stdio[2].kind = CORDON_STDIO_NULL;
	command->fds = &own;
	command->nfds = 1;
	REFUSED(cordon_wiring_command(w->wiring, 0, command, &w->err), w, "fd target: 7: is the end of a pipe");
	CHECK(command->fds == &own && command->nfds == 1);
	REFUSED(cordon_wiring_command(w->wiring, 2, command, &w->err), w, "run: 2: is none of the wiring's runs");
	command->nfds = 0;
	CHECK_EQ(cordon_wiring_command(w->wiring, 0, command, &w->err), 0);
	CHECK_EQ(command->nfds, 1);
	CHECK_EQ(command->fds[0].target, 7);
	web_done(w);
}

static void a_wiring_that_is_not_used_leaves_nothing(void)
{
	struct cordon_pipe kind = { .from_fd = 1, .limit_bytes = CORDON_UNLIMITED, .record_bytes = UINT64_MAX };
	struct web *w = web_init(1);
	int fds[2] = { -7, -7 };

	/* More than there is, and an error that touches nothing else. */
	CHECK_EQ(cordon_wiring_pipe(w->wiring, &kind, fds, &w->err), -ENOMEM);
	CHECK(fds[0] == -7 && w->err.step == CORDON_STEP_MEMORY && w->err.index == 0);
	for (size_t k = 0; k < LENGTH(kinds); k++)
		web_pipe(w, &kinds[k], 0, (int)(2 * k), 0, (int)(2 * k + 1));
	kind.record_bytes = 1;
	kind.from_fd = 100;
	kind.to_fd = 101;
	CHECK_EQ(cordon_wiring_pipe(w->wiring, &kind, fds, &w->err), LENGTH(kinds));
	CHECK(fds[0] > 2 && fds[1] > 2);
	cordon_wiring_started(w->wiring);
	cordon_wiring_started(w->wiring);
	cordon_wiring_free(w->wiring);
	cordon_wiring_free(NULL);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(three_in_a_ring),
		SCENARIO(a_star_with_a_manager),
		SCENARIO(pipes_beside_descriptors_of_the_commands_own),
		SCENARIO(a_program_that_talks_to_itself),
		SCENARIO(twenty_nodes),
		SCENARIO(kept_containers_and_sandboxes_of_their_own),
		SCENARIO(several_in_one_shared_container),
		SCENARIO(ends_in_one_shared_container_are_each_its_own),
		SCENARIO(the_order_of_ends),
		SCENARIO(a_run_that_is_none),
		SCENARIO(a_side_that_closes),
		SCENARIO(a_proxy_outlives_its_reader),
		SCENARIO(a_proxy_whose_writer_dies),
		SCENARIO(a_limit_is_exact),
		SCENARIO(a_flood_ends_at_the_limit),
		SCENARIO(a_limit_holds_for_what_nobody_reads),
		SCENARIO(the_exact_bytes_are_recorded),
		SCENARIO(floods_hold_up_nobody),
		SCENARIO(cancelled_at_many_moments),
		SCENARIO(pipes_that_are_refused),
		SCENARIO(commands_that_are_refused),
		SCENARIO(a_wiring_that_is_not_used_leaves_nothing),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
