/* SPDX-License-Identifier: Apache-2.0 */
/* A program without core files leaves no dump: neither a file, nor one through a pipe in core_pattern, which the kernel
 * writes although RLIMIT_CORE is 0 (core(5)). core_pattern is the whole machine's, so only a guest's is changed. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "support/sandbox.h"

#define PATTERN "/proc/sys/kernel/core_pattern"
#define DUMPS "/tmp/cordon-test-dumps"

static void write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	REQUIRE(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* How many dumps the program that core_pattern names has taken. */
static size_t dumps(void)
{
	char *text = file_read(DUMPS);
	size_t n = 0;

	for (const char *c = text; c != NULL && *c != '\0'; c++)
		n += *c == '\n';
	free(text);
	return n;
}

static void run_to_a_signal(struct sandbox *s, const char *const *argv)
{
	struct outcome o;

	sandbox_run(s, argv, &o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	outcome_done(&o);
}

static void every_way_to_crash(struct sandbox *s)
{
	run_to_a_signal(s, ARGV(SUBJECT, "abort"));
	run_to_a_signal(s, ARGV(SUBJECT, "segv"));
	run_to_a_signal(s, ARGV(SUBJECT, "killself", "3"));
	run_to_a_signal(s, ARGV(SUBJECT, "no-core", "abort"));
	run_to_a_signal(s, ARGV("/bin/sh", "-c", "ulimit -c 0; exec /programs/subject abort"));
}

static void crash_in_a_kept_container(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV(SUBJECT, i == 0 ? "abort" : "no-core", "abort"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

static void a_pipe_gets_no_dump(void)
{
	struct cordon_rlimit none = { .resource = RLIMIT_CORE, .soft = 0, .hard = 0 };
	char pattern[128], *before;
	struct sandbox s;

	if (geteuid() != 0 || access("/vm/settings", F_OK) != 0)
		SKIP_SCENARIO("core_pattern: of the whole machine, and changed in a guest only");
	before = file_read(PATTERN);
	REQUIRE(before != NULL);
	snprintf(pattern, sizeof pattern, "|%s/subject took " DUMPS, getenv("CORDON_TEST_PROGRAMS"));
	(void)unlink(DUMPS);
	write_text(PATTERN, pattern);
	sandbox_init(&s);
	every_way_to_crash(&s);
	crash_in_a_kept_container();
	s.command.rlimits = &none;
	s.command.nrlimits = 1;
	run_to_a_signal(&s, ARGV(SUBJECT, "abort"));
	s.command.nrlimits = 0;
	/* The same with a limit is dumped: so the pipe works, and what went into it before has arrived. */
	s.command.limits.core_bytes = MIB;
	run_to_a_signal(&s, ARGV(SUBJECT, "abort"));
	for (int i = 0; i < 100 && dumps() == 0; i++)
		usleep(100000);
	usleep(500000);
	CHECK_EQ(dumps(), 1);
	write_text(PATTERN, before);
	free(before);
	(void)unlink(DUMPS);
}

/* Programs that turn dumps off go on, and those that ask are told the truth. */
static void a_program_may_turn_dumps_off(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "no-core"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "setrlimit=0 limit=1\nprlimit=0 limit=1\nown pid=0 limit=1\nand before=1 limit=1\n"
		      "direct=0 limit=1\n");
	outcome_done(&o);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "ulimit -c 0 && ulimit -c"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "0\n");
	outcome_done(&o);
}

/* Whatever the caller asks for with an rlimit of its own. */
static void an_rlimit_of_zero_is_the_same(void)
{
	struct cordon_rlimit none = { .resource = RLIMIT_CORE, .soft = 0, .hard = 0 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.rlimits = &none;
	s.command.nrlimits = 1;
	sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "core", -2), 1);
	CHECK_EQ(text_number(o.out, "core_hard", -2), 1);
	outcome_done(&o);
	s.command.nrlimits = 0;
	s.command.limits.core_bytes = 4 * MIB;
	sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
	CHECK_EQ(text_number(o.out, "core", -2), (long)(4 * MIB));
	outcome_done(&o);
}

static void check_limit(struct kept *k, const char *what, uint64_t core_bytes, long want)
{
	struct outcome o;

	k->s.command.limits.core_bytes = core_bytes;
	kept_run(k, ARGV(SUBJECT, "limits"), &o);
	CHECK_OK(&o);
	if (text_number(o.out, "core", -2) != want)
		TEST_FAIL("%s: core limit %ld, not %ld", what, text_number(o.out, "core", -2), want);
	outcome_done(&o);
}

/* Its programs inherit a filter that keeps the limit, so init has to have the right one. */
static void runs_of_a_kept_container_have_the_limit_asked_for(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	check_limit(&k, "first", 0, 1);
	check_limit(&k, "with dumps", 4 * MIB, (long)(4 * MIB));
	check_limit(&k, "again without", 0, 1);
	kept_run(&k, ARGV(SUBJECT, "no-core"), &o);
	CHECK_OUT(&o, "setrlimit=0 limit=1\nprlimit=0 limit=1\nown pid=0 limit=1\nand before=1 limit=1\n"
		      "direct=0 limit=1\n");
	outcome_done(&o);
	check_limit(&k, "after a program that wanted none", 0, 1);
	KEPT_CLOSE(&k);
}

ROOTLESS(runs_of_a_kept_container_have_the_limit_asked_for)
ROOTLESS(a_program_may_turn_dumps_off)
ROOTLESS(an_rlimit_of_zero_is_the_same)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_pipe_gets_no_dump),
		SCENARIO(a_program_may_turn_dumps_off),
		ROOTLESS_SCENARIO(a_program_may_turn_dumps_off),
		SCENARIO(runs_of_a_kept_container_have_the_limit_asked_for),
		ROOTLESS_SCENARIO(runs_of_a_kept_container_have_the_limit_asked_for),
		SCENARIO(an_rlimit_of_zero_is_the_same),
		ROOTLESS_SCENARIO(an_rlimit_of_zero_is_the_same),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
