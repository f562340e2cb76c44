/* SPDX-License-Identifier: Apache-2.0 */
/* What a program has of its host that is no privilege: nice value, policy, CPUs, umask, timer slack, I/O priority and
 * oom_score_adj. The table of docs/reference/limits.md, in one run and in every run of a container. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "support/sandbox.h"

#define RUNS 40
#define LONG_RUN "i=0; while [ $i -lt 6000 ]; do i=$((i + 1)); done; exec /programs/subject inherited"
#define SLACK_NS 123456
#define IOPRIO_BEST_EFFORT_6 (2 << 13 | 6)
#define OOM_ADJ 300

struct host {
	int nice, policy, cpus;
};

static void set_oom_adj(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	REQUIRE(fd >= 0 && dprintf(fd, "%d", OOM_ADJ) > 0);
	close(fd);
}

/* Only what needs no privilege. */
static void be_odd(struct host *ret, int policy)
{
	const struct sched_param none = { 0 };
	cpu_set_t cpus;

	REQUIRE(sched_getaffinity(0, sizeof cpus, &cpus) == 0);
	for (int i = CPU_SETSIZE - 1; CPU_COUNT(&cpus) > 1; i--)
		CPU_CLR(i, &cpus);
	REQUIRE(sched_setaffinity(0, sizeof cpus, &cpus) == 0);
	REQUIRE(setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) < 10 ? 10 : 19) == 0);
	REQUIRE(sched_setscheduler(0, policy, &none) == 0);
	REQUIRE(prctl(PR_SET_TIMERSLACK, SLACK_NS) == 0);
	REQUIRE(syscall(SYS_ioprio_set, 1, 0, IOPRIO_BEST_EFFORT_6) == 0);
	umask(077);
	set_oom_adj();
	*ret = (struct host){ getpriority(PRIO_PROCESS, 0), policy, 1 };
}

static void check_inherited(const struct host *h, const struct outcome *o, int run)
{
	char expected[160];

	CHECK_OK(o);
	(void)snprintf(expected, sizeof expected,
		       "nice=%d\npolicy=%d\npriority=0\nslack=%d\nioprio=%d\numask=22\noom=%d\ncpus=%d\n", h->nice,
		       h->policy, SLACK_NS, IOPRIO_BEST_EFFORT_6, OOM_ADJ, h->cpus);
	if (strcmp(o->out, expected) != 0)
		TEST_FAIL("run %d: %s", run, o->out);
}

/* Every second run is a long one, in which cordon-init's own policy changes. */
static void in_every_run(const struct host *h, bool with_cpu_limit)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	if (!with_cpu_limit)
		k.s.command.limits.cpu_time_ns = CORDON_UNLIMITED;
	REQUIRE(kept_open(&k, &err) == 0);
	for (int i = 0; i < RUNS; i++) {
		if (i % 2 == 0)
			kept_run(&k, ARGV(SUBJECT, "inherited"), &o);
		else
			kept_run(&k, ARGV("/bin/sh", "-c", LONG_RUN), &o);
		check_inherited(h, &o, i);
		outcome_done(&o);
	}
	CHECK(kept_close(&k));
}

static void in_one_run(const struct host *h)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "inherited"), &o);
	check_inherited(h, &o, -1);
	outcome_done(&o);
}

static void in_runs(int policy)
{
	struct host h;

	be_odd(&h, policy);
	in_one_run(&h);
	in_every_run(&h, true);
	in_every_run(&h, false);
}

static void of_an_odd_host(void)
{
	in_runs(SCHED_OTHER);
}

static void of_a_host_in_the_background(void)
{
	in_runs(SCHED_IDLE);
}

/* A host of a higher priority than usual passes that on as well. */
static void of_a_host_that_others_wait_for(void)
{
	struct sandbox s;
	struct outcome o;
	struct kept k;
	struct cordon_error err;

	if (setpriority(PRIO_PROCESS, 0, -5) != 0)
		SKIP_SCENARIO("CAP_SYS_NICE: this process cannot raise its priority");
	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "inherited"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "nice", -100), -5);
	outcome_done(&o);
	sandbox_init(&k.s);
	REQUIRE(kept_open(&k, &err) == 0);
	for (int i = 0; i < RUNS; i++) {
		kept_run(&k, i % 2 == 0 ? ARGV(SUBJECT, "inherited") : ARGV("/bin/sh", "-c", LONG_RUN), &o);
		CHECK_OK(&o);
		if (text_number(o.out, "nice", -100) != -5)
			TEST_FAIL("run %d: %s", i, o.out);
		outcome_done(&o);
	}
	CHECK(kept_close(&k));
}

/* Each in a process of its own: a priority that was given up cannot be had back without a privilege. */
static void as(const char *scenario, uid_t id)
{
	if (id != 0 && getuid() != 0)
		SKIP_SCENARIO("root: cannot become another user");
	CHECK_EQ(self_run(scenario, id), 0);
}

#define IN_A_PROCESS(f, name, id) \
	static void name(void)    \
	{                         \
		as(#f, id);       \
	}
#define NOBODY_IN_PARTICULAR 65533

IN_A_PROCESS(of_an_odd_host, the_same_in_every_run, 0)
IN_A_PROCESS(of_an_odd_host, the_same_in_every_run_without_root, NOBODY_IN_PARTICULAR)
IN_A_PROCESS(of_a_host_in_the_background, the_same_in_the_background, 0)
IN_A_PROCESS(of_a_host_in_the_background, the_same_in_the_background_without_root, NOBODY_IN_PARTICULAR)
IN_A_PROCESS(of_a_host_that_others_wait_for, the_same_with_a_raised_priority, 0)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(the_same_in_every_run),
		SCENARIO(the_same_in_every_run_without_root),
		SCENARIO(the_same_in_the_background),
		SCENARIO(the_same_in_the_background_without_root),
		SCENARIO(the_same_with_a_raised_priority),
		SCENARIO_BY_NAME(of_an_odd_host),
		SCENARIO_BY_NAME(of_a_host_in_the_background),
		SCENARIO_BY_NAME(of_a_host_that_others_wait_for),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
