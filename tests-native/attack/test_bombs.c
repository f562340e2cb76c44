/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that try to use up everything: each is stopped by its limit, the result shows it, and the next run is not
 * affected. */
#define _GNU_SOURCE
#include <errno.h>
#include "support/sandbox.h"

static void next_run_is_fine(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "echo", "fine"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "fine\n");
	outcome_done(&o);
}

/* Each process of the bomb forks for ever; 32 of them are all there can be. */
static void fork_bomb(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.processes = 32;
	s.command.limits.wall_time_ns = 1 * SEC;
	s.command.limits.cpu_time_ns = 1 * SEC;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "b() { b | b & }; b; sleep 30"), &o);
	CHECK(o.ran);
	CHECK(o.result->wall_time_ns < 6 * SEC);
	CHECK(o.result->cpu_time_ns < 6 * SEC);
	outcome_done(&o);
	next_run_is_fine();
}

/* Its processes end at once and leave orphans all the time. */
static void orphan_storm(void)
{
	struct sandbox s;
	struct outcome o;
	char text[2048], count[16];

	snprintf(count, sizeof count, "%ld", test_rounds(3000));
	sandbox_init(&s);
	s.command.limits.processes = 16;
	s.command.limits.cpu_time_ns = 30 * SEC;
	s.command.limits.wall_time_ns = 60 * SEC;
	sandbox_run(&s, ARGV(SUBJECT, "orphans", count), &o);
	/* With room for 16 a fork may fail for a moment while init reaps; it must not fail for good, nor hang. */
	CHECK(o.ran);
	if (o.result->status != CORDON_STATUS_OK && text_number(o.out, "fork", -1) != EAGAIN)
		TEST_FAIL("%s", outcome_describe(&o, text, sizeof text));
	outcome_done(&o);
	next_run_is_fine();
}

static void memory_bomb_of_many_processes(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.memory_bytes = 48 * MIB;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "for i in 1 2 3 4 5 6; do /programs/subject alloc 30 & done; wait"), &o);
	CHECK(o.ran);
	if (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) {
		CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
		CHECK(o.result->memory_peak_bytes <= 50 * MIB);
	}
	outcome_done(&o);
	next_run_is_fine();
}

/* All writable places together hold no more than they were given. */
static void disk_bomb(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_mount_find(&s, "/w")->size_bytes = 4 * MIB;
	sandbox_mount_find(&s, "/tmp")->size_bytes = 4 * MIB;
	sandbox_mount_find(&s, "/dev")->size_bytes = 4 * MIB;
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "for d in /w /tmp /dev/shm /dev / /proc /usr /etc; do for i in 1 2 3; "
			 "do head -c 20000000 /dev/zero > $d/f$i; done; done "
			 "2>/dev/null; cat /w/f* /tmp/f* /dev/shm/f* | wc -c"),
		    &o);
	CHECK(o.ran);
	CHECK(strtol(o.out, NULL, 10) <= (long)(12 * MIB));
	outcome_done(&o);
	next_run_is_fine();
}

/* Both streams at full speed from many processes: memory of the host stays bounded by what is kept. */
static void output_bomb(void)
{
	struct sandbox s;
	struct outcome o;
	uint64_t before = rss_bytes();

	sandbox_init(&s);
	s.command.limits.output_bytes = 50 * MIB;
	s.command.stdio[1].limit_bytes = 100000;
	s.command.stdio[2].limit_bytes = 100000;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "yes & yes >&2 & yes & yes >&2 & wait"), &o);
	CHECK(o.ran && o.result->status == CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED);
	CHECK_EQ(o.result->output[0].len, 100000);
	CHECK_EQ(o.result->output[0].truncated, 1);
	CHECK(rss_bytes() < before + 4 * MIB);
	outcome_done(&o);
	next_run_is_fine();
}

/* 5,000 nested directories and a long name: the end of the run does not walk them. */
static void deep_tree(void)
{
	struct sandbox s;
	struct outcome o;
	uint64_t start;

	sandbox_init(&s);
	s.command.limits.wall_time_ns = 10 * SEC;
	start = now_ns();
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "i=0; while [ $i -lt $((5000 / $0)) ]; do mkdir d && cd -P d || break; i=$((i+1)); done; "
			 "echo made",
			 test_divisor()),
		    &o);
	CHECK(o.ran);
	CHECK(now_ns() - start < 12 * SEC);
	outcome_done(&o);
	next_run_is_fine();
}

/* A process that stops itself, and one that waits for ever for a lock, end with the run. */
static void stopped_and_deaf_children_end(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.wall_time_ns = 1 * SEC;
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "(trap '' HUP INT TERM XCPU; while :; do sleep 100; done) & kill -STOP $$; sleep 100"),
		    &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK(o.result->wall_time_ns < 3 * SEC);
	outcome_done(&o);
	next_run_is_fine();
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(fork_bomb),	 SCENARIO(orphan_storm), SCENARIO(memory_bomb_of_many_processes),
		SCENARIO(disk_bomb),	 SCENARIO(output_bomb),	 SCENARIO(deep_tree),
		SCENARIO(stopped_and_deaf_children_end),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
