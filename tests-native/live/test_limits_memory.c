/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of every kind is limited, the peak is what the program used, and a program just below the limit is not
 * disturbed. (Private memory in children and grandchildren: test_run_limits.c. A program of 1.5 MB started by a large
 * host: test_run_memory.c.) */
#define _GNU_SOURCE
#include <unistd.h>
#include "support/sandbox.h"

#define EAT "/programs/eat"
#define LIMIT_KIB 65536L
/* the program itself, the kernel's part of it and the batches in which the kernel counts */
#define PROGRAM_KIB 2048L

static const char *kib(char text[24], long n)
{
	snprintf(text, 24, "%ld", n);
	return text;
}

static void eat_sandbox(struct sandbox *s, uint64_t limit)
{
	sandbox_init(s);
	s->command.limits.memory_bytes = limit;
	s->command.limits.output_bytes = 512 * MIB;	/* a file's length is under that one */
	sandbox_mount_find(s, "/tmp")->size_bytes = 512 * MIB;
	sandbox_mount_find(s, "/dev")->size_bytes = 512 * MIB;
}

static bool has_group(const struct outcome *o)
{
	return o->ran && (o->result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_MEMORY)) != 0;
}

#define NO_GROUP "cgroup-memory: no memory controller that this process can use"

/* Half as much again as the limit. */
static void over_the_limit(const char *verb, long limit_kib)
{
	struct sandbox s;
	struct outcome o;
	char text[24];

	eat_sandbox(&s, (uint64_t)limit_kib << 10);
	sandbox_run(&s, ARGV(EAT, verb, kib(text, limit_kib * 3 / 2)), &o);
	if (o.ran && !has_group(&o)) {
		outcome_done(&o);
		SKIP_SCENARIO(NO_GROUP);
	}
	fprintf(stderr, "     %-8s over %ld KiB: peak %.2f MiB, %u killed\n", verb, limit_kib,
		(double)o.result->memory_peak_bytes / MIB, o.result->oom_kills);
	CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	CHECK(o.result->memory_peak_bytes >= ((uint64_t)limit_kib << 10) * 9 / 10);
	CHECK(o.result->memory_peak_bytes <= ((uint64_t)limit_kib << 10) + MIB);
	outcome_done(&o);
}

#define OVER(verb, limit)                                                                                          \
	static void verb##_over_the_limit(void)                                                                    \
	{                                                                                                          \
		over_the_limit(#verb, limit);                                                                      \
	}
OVER(malloc, LIMIT_KIB)
OVER(mmap, LIMIT_KIB)
OVER(shared, LIMIT_KIB)
OVER(shm, LIMIT_KIB)
OVER(memfd, LIMIT_KIB)
OVER(file, LIMIT_KIB)
OVER(files, LIMIT_KIB)
OVER(children, LIMIT_KIB)
/* An unprivileged user has 64 MiB of them (pipe-user-pages-soft). */
OVER(pipes, LIMIT_KIB / 2)

static void below_the_limit(const char *verb, long limit_kib)
{
	struct sandbox s;
	struct outcome o;
	char text[24];

	eat_sandbox(&s, (uint64_t)limit_kib << 10);
	sandbox_run(&s, ARGV(EAT, verb, kib(text, limit_kib * 95 / 100 - PROGRAM_KIB)), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->oom_kills, 0);
	outcome_done(&o);
}

static void ninety_five_percent_are_ok(void)
{
	static const char *const verbs[] = { "malloc", "mmap", "shared", "shm", "memfd", "file", "files", "children" };

	for (size_t i = 0; i < LENGTH(verbs); i++)
		below_the_limit(verbs[i], LIMIT_KIB);
	below_the_limit("pipes", LIMIT_KIB / 2);
}

static void peak_is_right(uint32_t use_cgroup, const char *verb, long mib)
{
	struct sandbox s;
	struct outcome o;
	int64_t own, peak, room;
	char text[24];

	eat_sandbox(&s, 512 * MIB);
	s.config.use_cgroup = use_cgroup;
	sandbox_run(&s, ARGV(EAT, verb, kib(text, mib * 1024)), &o);
	CHECK_OK(&o);
	/* A group does not count the C library's pages, which were there before; a resident size does. */
	own = text_number(o.out, o.result->memory_source == CORDON_SOURCE_RUSAGE ? "hwm_kib" : "anon_kib", -1) * 1024;
	peak = (int64_t)o.result->memory_peak_bytes;
	room = own / 100 + (int64_t)MIB;
	fprintf(stderr, "     %-8s %3ld MiB: own %.2f MiB, peak %.2f MiB (%+.2f), %s\n", verb, mib, (double)own / MIB,
		(double)peak / MIB, (double)(peak - own) / MIB, cordon_source_name(o.result->memory_source));
	CHECK(own >= mib * (int64_t)MIB);
	if (peak < own - room || peak > own + room)
		TEST_FAIL("%s of %ld MiB: the program says %.2f MiB, the result %.2f MiB", verb, mib, (double)own / MIB,
			  (double)peak / MIB);
	outcome_done(&o);
}

static void peaks_are_right(uint32_t use_cgroup)
{
	static const long sizes[] = { 16, 64, 200 };

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		peak_is_right(use_cgroup, "malloc", sizes[i]);
		peak_is_right(use_cgroup, "mmap", sizes[i]);
		peak_is_right(use_cgroup, "shared", sizes[i]);
	}
}

static void the_peak_is_what_was_used(void)
{
	peaks_are_right(CORDON_CGROUP_AUTO);
}

static void the_peak_is_what_was_used_without_groups(void)
{
	peaks_are_right(CORDON_CGROUP_OFF);
}
ROOTLESS(the_peak_is_what_was_used_without_groups)

/* The peak of a kept container's second run is its own. */
static void a_small_run_after_a_big_one_is_small(void)
{
	struct kept k;
	struct outcome big, small;

	eat_sandbox(&k.s, 256 * MIB);
	KEPT_OPEN(&k);
	kept_run(&k, ARGV(EAT, "mmap", "131072"), &big);
	CHECK_OK(&big);
	CHECK(big.result->memory_peak_bytes >= 128 * MIB && big.result->memory_peak_bytes <= 131 * MIB);
	outcome_done(&big);
	kept_run(&k, ARGV(EAT, "mmap", "8192"), &small);
	CHECK_OK(&small);
	/* The kernel charges 64 pages for each CPU ahead: what the big run leaves of those is taken off, although the
	 * small one may use it. */
	CHECK(small.result->memory_peak_bytes >= 8 * MIB - MIB / 2 && small.result->memory_peak_bytes <= 11 * MIB);
	outcome_done(&small);
	KEPT_CLOSE(&k);
}

/* The verdict of the peak, after the end. */
static void over_the_limit_without_groups(const char *verb)
{
	struct sandbox s;
	struct outcome o;

	eat_sandbox(&s, 64 * MIB);
	s.config.use_cgroup = CORDON_CGROUP_OFF;
	sandbox_run(&s, ARGV(EAT, verb, "98304"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_RSS);
	outcome_done(&o);
}

static void resident_memory_is_judged_without_groups(void)
{
	over_the_limit_without_groups("malloc");
	over_the_limit_without_groups("mmap");
	over_the_limit_without_groups("shared");
	over_the_limit_without_groups("shm");
}
ROOTLESS(resident_memory_is_judged_without_groups)

/* Both reserve many times what they use: a limit on addresses would end them. With groups: test_run_programs.c. */
static void a_virtual_machine_starts(const char *const *argv, const char *want)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.use_cgroup = CORDON_CGROUP_OFF;
	sandbox_run(&s, argv, &o);
	CHECK_OK(&o);
	CHECK(strstr(o.out, want) != NULL);
	fprintf(stderr, "     %s: peak %.1f MiB of 256\n", argv[0], (double)o.result->memory_peak_bytes / MIB);
	outcome_done(&o);
}

static void java_starts_under_256_mib_without_groups(void)
{
	if (access("/usr/bin/java", X_OK) != 0)
		SKIP_SCENARIO("java: not on this machine");
	a_virtual_machine_starts(ARGV("/usr/bin/java", "--version"), "OpenJDK");
}

static void node_starts_under_256_mib_without_groups(void)
{
	if (access("/usr/bin/node", X_OK) != 0)
		SKIP_SCENARIO("node: not on this machine");
	a_virtual_machine_starts(ARGV("/usr/bin/node", "-e", "console.log('hello')"), "hello\n");
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(malloc_over_the_limit),
		SCENARIO(mmap_over_the_limit),
		SCENARIO(shared_over_the_limit),
		SCENARIO(shm_over_the_limit),
		SCENARIO(memfd_over_the_limit),
		SCENARIO(file_over_the_limit),
		SCENARIO(files_over_the_limit),
		SCENARIO(children_over_the_limit),
		SCENARIO(pipes_over_the_limit),
		SCENARIO(ninety_five_percent_are_ok),
		SCENARIO(the_peak_is_what_was_used),
		SCENARIO(the_peak_is_what_was_used_without_groups),
		ROOTLESS_SCENARIO(the_peak_is_what_was_used_without_groups),
		SCENARIO(a_small_run_after_a_big_one_is_small),
		SCENARIO(resident_memory_is_judged_without_groups),
		ROOTLESS_SCENARIO(resident_memory_is_judged_without_groups),
		SCENARIO(java_starts_under_256_mib_without_groups),
		SCENARIO(node_starts_under_256_mib_without_groups),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
