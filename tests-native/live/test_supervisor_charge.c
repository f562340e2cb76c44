/* SPDX-License-Identifier: Apache-2.0 */
/* What a supervisor uses for its program counts for the run: CPU time for its number and its limit, the kernel's memory
 * for its peak and its limit. As root and as an ordinary user, who may have no groups; once and in a container that is
 * kept. */
#define _GNU_SOURCE
#include "support/supervised.h"

#define AMPLIFY "/programs/amplify"
#define FILES "65000"
#define FILES_LIMIT (16 * MIB)

static void setup(struct supervised *v, uint32_t engine)
{
	supervised_init(v, engine);
	supervised_files(v);
	sandbox_mount_find(&v->s, "/w")->size_bytes = 512 * MIB;
	sandbox_mount_find(&v->s, "/w")->inodes = 200000;
}

static bool is_grouped(const struct outcome *o)
{
	return o->ran && (o->result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) != 0;
}

static void its_cpu_time_counts(uint32_t engine)
{
	struct supervised v;
	struct outcome o;
	uint64_t own;

	setup(&v, engine);
	v.s.command.limits.cpu_time_ns = v.s.command.limits.wall_time_ns = 20 * SEC;
	sandbox_run(&v.s, ARGV(AMPLIFY, "links", "0.5"), &o);
	CHECK_OK(&o);
	own = (uint64_t)text_number(o.out, "own_ms", 0) * MS;
	(void)fprintf(stderr, "program %ld ms, in all %ld ms\n", (long)(own / MS), (long)(o.result->cpu_time_ns / MS));
	CHECK(text_number(o.out, "calls", 0) > 0 && own > 0);
	CHECK(o.result->cpu_time_ns > own * 2);
	outcome_done(&o);
}
BOTH_ENGINES(its_cpu_time_counts)
ROOTLESS(its_cpu_time_counts_notify)
ROOTLESS(its_cpu_time_counts_ptrace)

static void its_cpu_time_is_limited(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	setup(&v, engine);
	v.s.command.limits.cpu_time_ns = 200 * MS;
	v.s.command.limits.wall_time_ns = 20 * SEC;
	sandbox_run(&v.s, ARGV(AMPLIFY, "links", "15"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	CHECK(o.result->cpu_time_ns >= 200 * MS);
	outcome_done(&o);
}
BOTH_ENGINES(its_cpu_time_is_limited)
ROOTLESS(its_cpu_time_is_limited_notify)
ROOTLESS(its_cpu_time_is_limited_ptrace)

/* The CPU time of a run that follows starts at zero. */
static void a_later_run_pays_for_itself_alone(uint32_t engine)
{
	struct supervised v;
	struct kept k;
	struct outcome o;
	uint64_t first;

	setup(&v, engine);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	k.s.command.supervisor = &v.supervisor;
	kept_run(&k, ARGV(AMPLIFY, "links", "0.5"), &o);
	CHECK_OK(&o);
	first = o.result->cpu_time_ns;
	outcome_done(&o);
	kept_run(&k, ARGV("/bin/true"), &o);
	CHECK_OK(&o);
	CHECK(o.result->cpu_time_ns < first);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}
BOTH_ENGINES(a_later_run_pays_for_itself_alone)

static void its_memory_is_limited(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	setup(&v, engine);
	v.s.command.limits.memory_bytes = FILES_LIMIT;
	v.s.command.limits.cpu_time_ns = v.s.command.limits.wall_time_ns = 60 * SEC;
	sandbox_run(&v.s, ARGV(AMPLIFY, "files", FILES), &o);
	if (!is_grouped(&o)) {
		outcome_done(&o);
		SKIP_SCENARIO("cgroup-memory: no memory controller that this process can use");
	}
	(void)fprintf(stderr, "peak %ld KiB, %s", (long)(o.result->memory_peak_bytes >> 10), o.out);
	CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	CHECK(o.result->memory_peak_bytes >= FILES_LIMIT * 9 / 10);
	CHECK(o.result->memory_peak_bytes <= FILES_LIMIT * 2 + MIB);
	CHECK(o.result->violation == NULL);
	outcome_done(&o);
}
BOTH_ENGINES(its_memory_is_limited)

/* The container is still good: the supervisor shares its memory with cordon-init, which an OOM kill would end as
 * well. */
static void a_kept_container_survives_that(uint32_t engine)
{
	struct supervised v;
	struct kept k;
	struct outcome o;

	setup(&v, engine);
	sandbox_init(&k.s);
	sandbox_mount_find(&k.s, "/w")->size_bytes = 512 * MIB;
	sandbox_mount_find(&k.s, "/w")->inodes = 200000;
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		k.s.command.supervisor = &v.supervisor;
		k.s.command.limits.memory_bytes = FILES_LIMIT;
		k.s.command.limits.cpu_time_ns = k.s.command.limits.wall_time_ns = 60 * SEC;
		kept_start(&k, ARGV(AMPLIFY, "files", FILES), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		if (is_grouped(&o))
			CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
		outcome_done(&o);
		kept_run(&k, ARGV("/bin/sh", "-c", ": > one && echo fine"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "fine\n");
		CHECK(o.result->memory_peak_bytes < 8 * MIB);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
BOTH_ENGINES(a_kept_container_survives_that)

static const struct scenario scenarios[] = {
	BOTH_SCENARIOS(its_cpu_time_counts),
	ROOTLESS_SCENARIO(its_cpu_time_counts_notify),
	ROOTLESS_SCENARIO(its_cpu_time_counts_ptrace),
	BOTH_SCENARIOS(its_cpu_time_is_limited),
	ROOTLESS_SCENARIO(its_cpu_time_is_limited_notify),
	ROOTLESS_SCENARIO(its_cpu_time_is_limited_ptrace),
	BOTH_SCENARIOS(a_later_run_pays_for_itself_alone),
	BOTH_SCENARIOS(its_memory_is_limited),
	BOTH_SCENARIOS(a_kept_container_survives_that),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
