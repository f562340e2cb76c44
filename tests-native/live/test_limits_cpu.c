/* SPDX-License-Identifier: Apache-2.0 */
/* CPU time is counted to the millisecond for every way of using it, and a limit on it ends the program soon after it is
 * reached. (That each limit exists, and its status: test_run_limits.c.) */
#define _GNU_SOURCE
#include <limits.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include "support/sandbox.h"

#define BURN "/programs/burn"

/* What a process costs after it has looked at its own clock is in no number of its own. How much that is depends on the
 * machine: the same processes with next to nothing to do show it. */
#define TOLERANCE_US 1000
#define END_MAX_US 10000

/* The machine is not ours alone: a CPU may be taken away from init by another of the host's processes for some slices.
 * The numbers of a machine that is idle are in docs/performance.md. */
#define OVERSHOOT_MAX (40 * MS)
#define CLOSE_MAX (10 * MS)

static uint32_t use_cgroup;

static void burn_sandbox(struct sandbox *s)
{
	sandbox_init(s);
	s->config.use_cgroup = use_cgroup;
	s->command.limits.cpu_time_ns = 20 * SEC;
}

/* What the program says of itself, and how much more the result says. */
static long compare(const char *verb, const char *ms, const char *n)
{
	struct sandbox s;
	struct outcome o;
	long own, counted;

	burn_sandbox(&s);
	sandbox_run(&s, ARGV(BURN, verb, ms, n), &o);
	CHECK_OK(&o);
	own = text_number(o.out, "cpu_us", -1);
	counted = (long)(o.result->cpu_time_ns / 1000);
	fprintf(stderr, "     %-8s %s ms x %s: own %ld us, counted %ld us (%+ld), %s\n", verb, ms, n, own, counted,
		counted - own, cordon_source_name(o.result->cpu_source));
	CHECK(own >= strtol(ms, NULL, 10) * 1000);
	CHECK_EQ(o.result->cpu_time_ns, o.result->user_time_ns + o.result->system_time_ns);
	outcome_done(&o);
	return counted - own;
}

/* Where the machine is itself a guest, time that its host takes away in the middle of an end counts as the program's.
 * That only ever adds, and only now and then: what is counted twice or by mistake is there each time. */
#define ATTEMPTS 5

static long least_more(const char *verb, const char *ms, const char *n, long enough)
{
	long least = LONG_MAX;

	for (int i = 0; i < ATTEMPTS && least > enough; i++) {
		long more = compare(verb, ms, n);

		if (more < -TOLERANCE_US)
			TEST_FAIL("%s: %ld us less than the program says", verb, -more);
		least = more < least ? more : least;
	}
	return least;
}

static void is_counted(const char *verb, const char *ms, const char *n, long processes)
{
	long ends = least_more(verb, "1", n, 0), most = ends + TOLERANCE_US + ends / 2;

	CHECK(ends < processes * END_MAX_US);
	if (least_more(verb, ms, n, most) > most)
		TEST_FAIL("%s: more than %ld us above what the program says, in each of %d runs", verb, most, ATTEMPTS);
}

static void all_are_counted(void)
{
	is_counted("one", "200", "1", 1);
	is_counted("waited", "50", "4", 5);
	is_counted("unwaited", "50", "4", 5);
	is_counted("daemons", "50", "4", 9);
	is_counted("chain", "30", "5", 6);
	is_counted("threads", "50", "6", 1);
	is_counted("kernel", "1000", "1", 1);
}

/* ---- what comes after the limit ---- */

#define LIMIT (60 * MS)
#define REPETITIONS_MAX 1000

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool limited_run(struct kept *k, const char *verb, const char *n, uint64_t *ret_over, uint32_t *ret_source)
{
	struct outcome o;
	bool good;

	/* For ever, as far as the limit is concerned: 10 s. */
	if (k->c != NULL)
		kept_run(k, ARGV(BURN, verb, "10000", n), &o);
	else
		sandbox_run(&k->s, ARGV(BURN, verb, "10000", n), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	good = o.ran && o.result->cpu_time_ns >= LIMIT;
	*ret_over = o.result->cpu_time_ns - LIMIT;
	*ret_source = o.result->cpu_source;
	if (!good)
		TEST_FAIL("%s: %.3f ms of CPU at a limit of %.0f ms", verb, (double)o.result->cpu_time_ns / 1e6,
			  LIMIT / 1e6);
	outcome_done(&o);
	return good;
}

/* How late a process is that waits for a timer, as init does, at the worst of some tries: nothing where a CPU is idle,
 * and what others leave where they use them all. */
static uint64_t lateness_ns(void)
{
	const struct timespec pause = { 0, 2000000 };
	uint64_t worst = 0;

	for (int i = 0; i < 15; i++) {
		uint64_t start = now_ns(), late;

		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		late = now_ns() - start - 2 * MS;
		worst = late > worst ? late : worst;
	}
	return worst;
}

/* The CPU time that a program can use meanwhile. */
static uint64_t lateness_cpu_ns(void)
{
	return lateness_ns() * (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
}

/* Where init may be urgent (sched/host.h) and what it reads is exact to a tick: a group's counter, or the clocks of
 * processes that live. Not all of the runs: another's time slice may hit them. */
static void check_end(const char *verb, const uint64_t *over, size_t n, uint32_t source, uint64_t close_ns,
		      uint64_t late_ns)
{
	bool exact = source != CORDON_SOURCE_RUSAGE || strncmp(verb, "spin", 4) == 0;

	if (exact && geteuid() == 0)
		CHECK(over[n / 4] <= close_ns + late_ns);
	CHECK(over[n / 2] <= OVERSHOOT_MAX + late_ns);
}

static void ends_soon(struct kept *k, const char *verb, const char *n, uint64_t end_ns)
{
	static uint64_t over[REPETITIONS_MAX];
	size_t repetitions = (size_t)number_from_env("CORDON_TEST_REPETITIONS", 5);
	uint32_t source = CORDON_SOURCE_NONE;
	uint64_t late = lateness_cpu_ns(), later;

	repetitions = repetitions > REPETITIONS_MAX ? REPETITIONS_MAX : repetitions;
	for (size_t i = 0; i < repetitions; i++)
		if (!limited_run(k, verb, n, &over[i], &source))
			return;
	qsort(over, repetitions, sizeof over[0], by_value);
	fprintf(stderr, "     %-16s x %s: over by p50 %.2f, p99 %.2f, max %.2f ms\n", verb, n,
		(double)over[repetitions / 2] / 1e6, (double)over[repetitions * 99 / 100] / 1e6,
		(double)over[repetitions - 1] / 1e6);
	later = lateness_cpu_ns();	/* others come and go */
	check_end(verb, over, repetitions, source, CLOSE_MAX + strtoul(n, NULL, 10) * end_ns,
		  later > late ? later : late);
}

/* What killed processes still need for their ends comes after the end of the run, and is the machine's. */
static void all_end_soon(struct kept *k)
{
	uint64_t end_ns = (uint64_t)least_more("one", "1", "1", 0) * 1000;
	static const char *const verbs[][2] = {
		{ "spin", "1" }, { "spin", "8" }, { "spin_threads", "8" }, { "spin_with_pauses", "1" },
		{ "storm", "1" }, { "storm", "3" }, { "late_child", "1" },
	};

	for (size_t i = 0; i < LENGTH(verbs); i++)
		ends_soon(k, verbs[i][0], verbs[i][1], end_ns);
	if (use_cgroup != CORDON_CGROUP_OFF)
		ends_soon(k, "storm_ignored", "1", end_ns);
}

static void limits_end_soon(bool kept)
{
	struct kept k = { .c = NULL };

	burn_sandbox(&k.s);
	k.s.command.limits.cpu_time_ns = LIMIT;
	if (kept)
		KEPT_OPEN(&k);
	all_end_soon(&k);
	if (kept)
		KEPT_CLOSE(&k);
}

static void in_groups(void)
{
	use_cgroup = CORDON_CGROUP_AUTO;
}

static void without_groups(void)
{
	use_cgroup = CORDON_CGROUP_OFF;
}

static void all_cpu_time_is_counted(void)
{
	in_groups();
	all_are_counted();
}

static void all_cpu_time_is_counted_without_groups(void)
{
	without_groups();
	all_are_counted();
}

/* The kernel reaps the children itself: only a group has their time. */
static void a_group_counts_children_of_a_parent_that_ignores_them(void)
{
	struct sandbox s;
	struct outcome o;
	uint32_t source;

	in_groups();
	burn_sandbox(&s);
	sandbox_run(&s, ARGV(BURN, "one", "1"), &o);
	CHECK_OK(&o);
	source = o.result->cpu_source;
	outcome_done(&o);
	if (source == CORDON_SOURCE_RUSAGE)
		SKIP_SCENARIO("cgroup-cpu: no counter of CPU time that this process can use");
	is_counted("ignored", "50", "4", 5);
}

static void a_limit_ends_a_one_shot_run_soon(void)
{
	in_groups();
	limits_end_soon(false);
}

static void a_limit_ends_a_run_in_a_container_soon(void)
{
	in_groups();
	limits_end_soon(true);
}

/* In the same words as burn's. */
static const char *own_policy(void)
{
	static char text[128];
	uint32_t attr[16] = { 0 };

	if (syscall(SYS_sched_getattr, 0, attr, sizeof attr, 0) == 0)
		(void)snprintf(text, sizeof text, "policy=%u flags=%u nice=%u priority=%u slice=%u\n", attr[1], attr[2],
			       attr[4], attr[5], attr[6]);
	return text;
}

static void program_has_own_policy(struct kept *k)
{
	struct outcome o;

	kept_run(k, ARGV(BURN, "policy", "0"), &o);
	CHECK(strncmp(o.out, own_policy(), strlen(own_policy())) == 0);
	outcome_done(&o);
}

/* init's policy changes with each long run: sched/init.h, sched/host.h. */
static void programs_have_the_callers_policy(void)
{
	struct kept k;
	uint32_t source;
	uint64_t over;

	burn_sandbox(&k.s);
	k.s.command.limits.cpu_time_ns = LIMIT;
	KEPT_OPEN(&k);
	program_has_own_policy(&k);
	for (int i = 0; i < 3; i++) {
		(void)limited_run(&k, "spin", "2", &over, &source);
		program_has_own_policy(&k);
	}
	KEPT_CLOSE(&k);
}

static void programs_have_the_callers_policy_in_groups(void)
{
	in_groups();
	programs_have_the_callers_policy();
}

static void programs_have_the_callers_policy_without_groups(void)
{
	without_groups();
	programs_have_the_callers_policy();
}

/* What makes init urgent must not meet it in the middle of starting the program, which would keep the urgency
 * (sched/host.h): so the start comes at different times after the request, most of them later than any run is called
 * long. The kernel's own view of it: a real-time task has a negative priority there, whatever its policy says. */
static void a_slow_start_makes_no_program_urgent(void)
{
	int own = getpriority(PRIO_PROCESS, 0);
	char pause[32];
	struct sandbox s;
	struct outcome o;

	if (geteuid() != 0)
		SKIP_SCENARIO("taking a nice value back needs privileges");
	CHECK(setpriority(PRIO_PROCESS, 0, 5) == 0);	/* from whatever it is */
	for (int i = 0; i < 20; i++) {
		burn_sandbox(&s);
		(void)snprintf(pause, sizeof pause, "sleep 0.%03d", i);
		s.config.init_command = ARGV("/bin/sh", "-c", pause);
		sandbox_run(&s, ARGV("/bin/sh", "-c", "set -- $(cat /proc/self/stat); echo ${18} ${19}"), &o);
		CHECK_OK(&o);
		if (strcmp(o.out, "25 5\n") != 0)
			TEST_FAIL("%s: priority and nice value: %s", pause, o.out);
		outcome_done(&o);
	}
	CHECK(setpriority(PRIO_PROCESS, 0, own) == 0);
}

static void a_limit_ends_a_one_shot_run_without_groups_soon(void)
{
	without_groups();
	limits_end_soon(false);
}

static void a_limit_ends_a_run_in_a_container_without_groups_soon(void)
{
	without_groups();
	limits_end_soon(true);
}
ROOTLESS(a_limit_ends_a_one_shot_run_without_groups_soon)

/* They are not counted there, and no check can find them all. The wall-clock limit ends such a program. */
static void the_wall_limit_ends_what_no_counter_sees(void)
{
	struct sandbox s;
	struct outcome o;

	without_groups();
	burn_sandbox(&s);
	s.command.limits.cpu_time_ns = 300 * MS;
	s.command.limits.wall_time_ns = 1 * SEC;
	sandbox_run(&s, ARGV(BURN, "storm_ignored", "10000"), &o);
	CHECK(o.ran && o.result->status == CORDON_STATUS_TIME_LIMIT_EXCEEDED);
	CHECK(o.result->wall_time_ns < 2 * SEC + 10 * lateness_ns());
	outcome_done(&o);
}

/* ---- time that passes is not time that is used ---- */

static void a_second_of_rest(void)
{
	struct sandbox s;
	struct outcome r, b;
	uint64_t more;

	burn_sandbox(&s);
	s.command.limits.cpu_time_ns = 100 * MS;
	sandbox_run(&s, ARGV(BURN, "rest", "0"), &b);
	sandbox_run(&s, ARGV(BURN, "rest", "1000"), &r);
	CHECK_OK(&b);
	CHECK_OK(&r);
	more = r.result->cpu_time_ns > b.result->cpu_time_ns ? r.result->cpu_time_ns - b.result->cpu_time_ns : 0;
	fprintf(stderr, "     a second of rest: %.3f ms more than none\n", (double)more / 1e6);
	CHECK(text_number(r.out, "cpu_us", -1) < 20000);
	CHECK(more < 5 * MS);	/* 1 ms and the noise of two starts */
	CHECK(r.result->wall_time_ns >= 1 * SEC);
	outcome_done(&b);
	outcome_done(&r);
}

static void rest_is_no_cpu_time(void)
{
	in_groups();
	a_second_of_rest();
}

static void rest_is_no_cpu_time_without_groups(void)
{
	without_groups();
	a_second_of_rest();
}

/* From the same clock that the result is made of, so a busy machine makes it no longer than init is late. */
static void a_wall_limit_ends_a_run_soon(void)
{
	struct sandbox s;
	struct outcome o;
	uint64_t over[9], late = lateness_ns(), later;

	in_groups();
	burn_sandbox(&s);
	s.command.limits.wall_time_ns = 50 * MS;
	for (size_t i = 0; i < LENGTH(over); i++) {
		sandbox_run(&s, ARGV(BURN, i % 2 != 0 ? "rest" : "spin", "5000", "4"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
		CHECK(o.result->wall_time_ns >= 50 * MS);
		over[i] = o.result->wall_time_ns - 50 * MS;
		outcome_done(&o);
	}
	qsort(over, LENGTH(over), sizeof over[0], by_value);
	fprintf(stderr, "     wall: over by p50 %.2f, max %.2f ms\n", (double)over[LENGTH(over) / 2] / 1e6,
		(double)over[LENGTH(over) - 1] / 1e6);
	later = lateness_ns();
	CHECK(over[LENGTH(over) / 2] <= OVERSHOOT_MAX + (later > late ? later : late));
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(all_cpu_time_is_counted),
		SCENARIO(all_cpu_time_is_counted_without_groups),
		SCENARIO(a_group_counts_children_of_a_parent_that_ignores_them),
		SCENARIO(a_limit_ends_a_one_shot_run_soon),
		SCENARIO(a_limit_ends_a_run_in_a_container_soon),
		SCENARIO(programs_have_the_callers_policy_in_groups),
		SCENARIO(programs_have_the_callers_policy_without_groups),
		SCENARIO(a_slow_start_makes_no_program_urgent),
		SCENARIO(a_limit_ends_a_one_shot_run_without_groups_soon),
		SCENARIO(a_limit_ends_a_run_in_a_container_without_groups_soon),
		ROOTLESS_SCENARIO(a_limit_ends_a_one_shot_run_without_groups_soon),
		SCENARIO(the_wall_limit_ends_what_no_counter_sees),
		SCENARIO(rest_is_no_cpu_time),
		SCENARIO(rest_is_no_cpu_time_without_groups),
		SCENARIO(a_wall_limit_ends_a_run_soon),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
