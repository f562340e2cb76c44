/* SPDX-License-Identifier: Apache-2.0 */
/* The reported memory is the program's, however large the process that starts it: max-rss is inherited over vfork and
 * exec, so a plain rusage reports the size of the caller. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include "support/sandbox.h"

#define TINY "/programs/tiny_static"
#define UNPRIVILEGED 65533
#define TOLERANCE_BYTES (3 * MIB / 10)

static volatile char *ballast;

static void make_this_process_big(void)
{
	size_t bytes = 300 * MIB;

	ballast = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE((void *)ballast != MAP_FAILED);
	for (size_t i = 0; i < bytes; i += 4096)
		ballast[i] = 1;
	REQUIRE(rss_bytes() > 290 * MIB);
}

static void tiny_run(const char *kib, struct outcome *o)
{
	struct sandbox s;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(TINY, kib), o);
	CHECK_OK(o);
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

static void tiny_program_of_a_big_host_is_tiny(void)
{
	struct outcome o;

	make_this_process_big();
	tiny_run("700", &o);
	CHECK(o.result->memory_peak_bytes > 700 * 1024 && o.result->memory_peak_bytes < 3 * MIB);
	if (o.result->memory_source == CORDON_SOURCE_RUSAGE)
		CHECK(distance((int64_t)o.result->memory_peak_bytes, text_number(o.out, "hwm_kib", -1) * 1024) <=
		      (int64_t)TOLERANCE_BYTES);
	outcome_done(&o);
	munmap((void *)(uintptr_t)ballast, 300 * MIB);
}

/* The kernel kills the child alone (v1) or all (v2): the run ends either way, and not at its wall-clock limit. */
static void a_child_out_of_memory_ends_the_run(void)
{
	static const char script[] = "/programs/subject alloc 200; exec /programs/subject sleep 60";
	struct outcome o;
	struct sandbox s;
	struct kept k;

	sandbox_init(&s);
	s.command.limits.memory_bytes = 64 * MIB;
	s.command.limits.wall_time_ns = 20 * SEC;
	sandbox_run(&s, ARGV("/bin/sh", "-c", script), &o);
	if (o.ran && o.result->memory_source == CORDON_SOURCE_RUSAGE) {
		outcome_done(&o);
		SKIP_SCENARIO("no memory controller");
	}
	CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	CHECK(o.result->wall_time_ns < 10 * SEC);
	outcome_done(&o);
	/* Run after run in one group, where each must hear of its own only. */
	sandbox_init(&k.s);
	k.s.command.limits = s.command.limits;
	KEPT_OPEN(&k);
	for (int i = 0; i < 6; i++) {
		kept_run(&k, i % 2 ? ARGV(SUBJECT, "echo", "x") : ARGV("/bin/sh", "-c", script), &o);
		if (i % 2)
			CHECK_OK(&o);
		else
			CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
		CHECK(o.result->wall_time_ns < 10 * SEC);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* The group's counter also sees page tables and charges in batches of 64 pages, so only the difference is exact. */
static void what_is_touched_is_what_is_counted(void)
{
	struct outcome a, b;
	int64_t more;

	make_this_process_big();
	tiny_run("1024", &a);
	tiny_run("21504", &b);
	more = (int64_t)b.result->memory_peak_bytes - (int64_t)a.result->memory_peak_bytes;
	if (distance(more, (int64_t)(20 * MIB)) > (int64_t)(2 * TOLERANCE_BYTES))
		TEST_FAIL("20 MiB more are counted as %.2f MiB", (double)more / (double)MIB);
	outcome_done(&a);
	outcome_done(&b);
	munmap((void *)(uintptr_t)ballast, 300 * MIB);
}

/* An unprivileged user has no cgroup of its own here, so the number is from rusage. */
static void unprivileged_tiny_program_of_a_big_host(void)
{
	struct outcome o;
	long hwm;

	make_this_process_big();
	tiny_run("700", &o);
	hwm = text_number(o.out, "hwm_kib", -1);
	CHECK(hwm > 1000 && hwm < 3000);
	if (o.result->memory_source == CORDON_SOURCE_RUSAGE &&
	    distance((int64_t)o.result->memory_peak_bytes, hwm * 1024) > (int64_t)TOLERANCE_BYTES)
		TEST_FAIL("the program says %.2f MiB, the result %.2f MiB", (double)hwm / 1024,
			  (double)o.result->memory_peak_bytes / (double)MIB);
	outcome_done(&o);
}

static void rusage_of_a_big_unprivileged_host_is_right(void)
{
	if (getuid() != 0)
		SKIP_SCENARIO("root: cannot become another user");
	CHECK_EQ(self_run("unprivileged_tiny_program_of_a_big_host", UNPRIVILEGED), 0);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_child_out_of_memory_ends_the_run),
		SCENARIO(tiny_program_of_a_big_host_is_tiny),
		SCENARIO(what_is_touched_is_what_is_counted),
		SCENARIO(rusage_of_a_big_unprivileged_host_is_right),
		SCENARIO_BY_NAME(unprivileged_tiny_program_of_a_big_host),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
