/* SPDX-License-Identifier: Apache-2.0 */
/* Limits apply to the whole process tree; each has its own status and cause when it ends a program. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "support/sandbox.h"

static bool has_cgroup(const struct outcome *o, enum cordon_layer layer)
{
	return (o->result->layers & CORDON_LAYER_BIT(layer)) != 0;
}

static void sleeping_past_the_wall_limit(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.wall_time_ns = 300 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK(o.result->wall_time_ns >= 300 * MS && o.result->wall_time_ns < 1500 * MS);
	CHECK(o.result->cpu_time_ns < 300 * MS);
	CHECK_OUT(&o, "ready\n");
	outcome_done(&o);
}

static void cpu_limit(const char *const *argv)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_time_ns = 300 * MS;
	sandbox_run(&s, argv, &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	if (o.result->cpu_time_ns < 300 * MS || o.result->cpu_time_ns >= 1000 * MS)
		TEST_FAIL("%.3f s of CPU (from %s) at a limit of 0.3 s", (double)o.result->cpu_time_ns / 1e9,
			  cordon_source_name(o.result->cpu_source));
	outcome_done(&o);
}

static void burning_past_the_cpu_limit(void)
{
	cpu_limit(ARGV(SUBJECT, "burn", "20000"));
}

static void ignoring_sigxcpu_does_not_help(void)
{
	cpu_limit(ARGV(SUBJECT, "burn-deaf", "20000"));
}

static void two_threads_share_the_cpu_limit(void)
{
	cpu_limit(ARGV(SUBJECT, "burn-threads", "20000"));
}

static void a_waited_child_is_under_the_cpu_limit(void)
{
	cpu_limit(ARGV(SUBJECT, "burn-child", "20000"));
}

static void a_child_that_nobody_waits_for_is_under_the_cpu_limit(void)
{
	cpu_limit(ARGV(SUBJECT, "burn-child", "20000", "nowait"));
}

static void kernel_time_is_under_the_cpu_limit(void)
{
	cpu_limit(ARGV(SUBJECT, "system-time", "20000"));
}

static void cpu_time_counts(const char *const *argv)
{
	struct sandbox s;
	struct outcome o;
	uint64_t sum;

	sandbox_init(&s);
	sandbox_run(&s, argv, &o);
	CHECK_OK(&o);
	CHECK(o.result->cpu_time_ns >= 990 * MS && o.result->cpu_time_ns < 1800 * MS);
	sum = o.result->user_time_ns + o.result->system_time_ns;
	/* The cgroup's user and system are in ticks of 10 ms on v1. */
	CHECK(sum + 100 * MS > o.result->cpu_time_ns && sum < o.result->cpu_time_ns + 100 * MS);
	outcome_done(&o);
}

static void one_second_of_user_time_is_counted(void)
{
	cpu_time_counts(ARGV(SUBJECT, "burn", "1000"));
}

static void one_second_in_a_waited_child_is_counted(void)
{
	cpu_time_counts(ARGV(SUBJECT, "burn-child", "1000"));
}

static void one_second_in_a_child_that_nobody_waits_for_is_counted(void)
{
	cpu_time_counts(ARGV(SUBJECT, "burn-child", "1000", "nowait"));
}

static void one_second_of_system_time_is_counted(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_time_ns = 10 * SEC;
	sandbox_run(&s, ARGV(SUBJECT, "system-time", "1000"), &o);
	CHECK_OK(&o);
	CHECK(text_number(o.out, "system_ms", -1) >= 1000);
	CHECK(o.result->cpu_time_ns >= 990 * MS);
	CHECK(o.result->system_time_ns >= 850 * MS);
	outcome_done(&o);
}

static void doing_nothing_is_idle(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.idle_time_ns = 500 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "sleep", "60"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_IDLE);
	CHECK(o.result->wall_time_ns >= 500 * MS && o.result->wall_time_ns < 2500 * MS);
	outcome_done(&o);
}

static void working_is_not_idle(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.idle_time_ns = 700 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "burn", "1600"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
}

/* The parent does nothing but wait. */
static void a_working_child_is_not_idle(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.idle_time_ns = 700 * MS;
	sandbox_run(&s, ARGV(SUBJECT, "burn-child", "1600"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
}

static void memory_limit(const char *const *argv)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.memory_bytes = 64 * MIB;
	sandbox_run(&s, argv, &o);
	if (o.ran && !has_cgroup(&o, CORDON_LAYER_CGROUP_MEMORY)) {
		outcome_done(&o);
		SKIP_SCENARIO("cgroup-memory: no memory controller that this process can use");
	}
	CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
	CHECK(o.result->oom_kills >= 1);
	CHECK(o.result->memory_source == CORDON_SOURCE_CGROUP_V1 || o.result->memory_source == CORDON_SOURCE_CGROUP_V2);
	CHECK(o.result->memory_peak_bytes >= 60 * MIB && o.result->memory_peak_bytes <= 66 * MIB);
	outcome_done(&o);
}

static void more_memory_than_allowed_is_oom(void)
{
	memory_limit(ARGV(SUBJECT, "alloc", "200"));
}

static void a_grandchild_killed_for_memory_is_oom(void)
{
	memory_limit(ARGV(SUBJECT, "alloc-grandchild", "200"));
}

static void children_share_the_memory_limit(void)
{
	memory_limit(ARGV(SUBJECT, "alloc-tree", "120"));
}

/* tmpfs pages belong to the program that wrote them. */
static void files_in_tmpfs_count_as_memory(void)
{
	memory_limit(ARGV(SUBJECT, "file", "209715200", "/tmp/big"));
}

static void memory_below_the_limit_is_ok(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.memory_bytes = 64 * MIB;
	sandbox_run(&s, ARGV(SUBJECT, "alloc", "40"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->oom_kills, 0);
	CHECK(o.result->memory_peak_bytes >= 40 * MIB && o.result->memory_peak_bytes <= 44 * MIB);
	outcome_done(&o);
}

/* It runs, or the limit is killed for, or what is refused names the limit; a step of the set-up does not help. */
static bool check_named(const struct outcome *o, const char *field, uint64_t limit)
{
	char expected[64];

	(void)snprintf(expected, sizeof expected, "%s: %llu: ", field, (unsigned long long)limit);
	if (o->ran)
		return false;
	if (o->err.step != CORDON_STEP_VALIDATE || o->err.err != 0 || o->err.detail_len < strlen(expected) ||
	    memcmp(o->err.detail, expected, strlen(expected)) != 0)
		TEST_FAIL("step %u, errno %d, not %s", o->err.step, o->err.err, expected);
	return true;
}

static const uint64_t too_little[] = { 1, 4096, 8192, 16384, 32768, 65536, 98304, 131072, 262144 };

static void too_little_memory_names_the_limit(void)
{
	struct sandbox s;
	struct outcome o;
	bool group;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	group = has_cgroup(&o, CORDON_LAYER_CGROUP_MEMORY);
	outcome_done(&o);
	for (size_t i = 0; i < LENGTH(too_little); i++) {
		sandbox_init(&s);
		s.command.limits.memory_bytes = too_little[i];
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		if (!check_named(&o, "memory_bytes", too_little[i]) && group && i < 2)
			CHECK_STATUS(&o, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM);
		outcome_done(&o);
	}
}

/* The container stays as it is, and its next run has the memory that it asks for. */
static void too_little_memory_does_not_harm_a_container(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	REQUIRE(kept_open(&k, &err) == 0);
	for (size_t i = 0; i < LENGTH(too_little); i++) {
		k.s.command.limits.memory_bytes = too_little[i];
		kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
		(void)check_named(&o, "memory_bytes", too_little[i]);
		outcome_done(&o);
		k.s.command.limits.memory_bytes = 64 * MIB;
		kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	CHECK(kept_close(&k));
}

static void too_little_stack_names_the_limit(void)
{
	static const uint64_t sizes[] = { 1, 4096, 8192, 65536 };
	struct sandbox s;
	struct outcome o;

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		sandbox_init(&s);
		s.command.limits.stack_bytes = sizes[i];
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		if (!check_named(&o, "stack_bytes", sizes[i]) && o.result->status != CORDON_STATUS_SIGNALED)
			CHECK_OK(&o);
		outcome_done(&o);
	}
}

/* With a hard limit of 32 MiB, which is given up for good. */
static void stack_below_a_hard_limit(void)
{
	const struct rlimit low = { 8 * MIB, 32 * MIB };
	struct sandbox s;
	struct outcome o;

	REQUIRE(setrlimit(RLIMIT_STACK, &low) == 0);
	for (uint32_t use = 0; use < 2; use++) {
		const uint32_t cgroup = use == 0 ? CORDON_CGROUP_AUTO : CORDON_CGROUP_OFF;

		sandbox_init(&s);
		s.config.use_cgroup = cgroup;
		s.command.limits.stack_bytes = 64 * MIB;
		sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
		CHECK(check_named(&o, "stack_bytes", 64 * MIB));
		outcome_done(&o);
		s.command.limits.stack_bytes = 32 * MIB;
		sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
		CHECK_OK(&o);
		CHECK_EQ(text_number(o.out, "stack", -1), 32 * MIB);
		outcome_done(&o);
		sandbox_init(&s);	/* a default */
		s.config.use_cgroup = cgroup;
		sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
		CHECK_OK(&o);
		CHECK(text_number(o.out, "stack", -1) == 32 * MIB || text_number(o.out, "stack", -1) == 8 * MIB);
		outcome_done(&o);
	}
}

static void a_stack_that_cannot_be_had_is_refused(void)
{
	CHECK_EQ(self_run("stack_below_a_hard_limit", 0), 0);
}

static void a_stack_that_is_asked_for_is_had_without_controllers(void)
{
	static const uint64_t sizes[] = { 4 * MIB, 64 * MIB, 100 * MIB };
	struct rlimit own;
	struct sandbox s;
	struct outcome o;

	REQUIRE(getrlimit(RLIMIT_STACK, &own) == 0);
	if (own.rlim_max < 100 * MIB)
		SKIP_SCENARIO("stack: the hard limit of this process is too low");
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		sandbox_init(&s);
		s.config.use_cgroup = CORDON_CGROUP_OFF;
		s.command.limits.stack_bytes = sizes[i];
		sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
		CHECK_OK(&o);
		CHECK_EQ(text_number(o.out, "stack", -1), sizes[i]);
		outcome_done(&o);
	}
}

static void output_limit(const char *fd, uint32_t cause)
{
	struct sandbox s;
	struct outcome o;
	int i = fd[0] - '1';

	sandbox_init(&s);
	s.command.limits.output_bytes = 100000;
	s.command.stdio[1 + i].limit_bytes = 5000;
	sandbox_run(&s, ARGV(SUBJECT, "flood", fd, "1000000000"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, cause);
	CHECK_EQ(o.result->output[i].len, 5000);
	CHECK_EQ(o.result->output[i].truncated, 1);
	CHECK(o.result->output[i].total >= 100000);
	CHECK_EQ(o.result->output[1 - i].len, 0);
	CHECK_EQ(o.result->output[1 - i].truncated, 0);
	CHECK_EQ(strspn(i ? o.errout : o.out, "x"), 5000);
	outcome_done(&o);
}

static void flooding_stdout_ends_with_partial_output_kept(void)
{
	output_limit("1", CORDON_CAUSE_STDOUT);
}

static void flooding_stderr_ends_with_partial_output_kept(void)
{
	output_limit("2", CORDON_CAUSE_STDERR);
}

static void output_at_the_limit_is_ok(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.output_bytes = 100000;
	sandbox_run(&s, ARGV(SUBJECT, "flood", "1", "100000"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->output[0].len, 100000);
	CHECK_EQ(o.result->output[0].truncated, 0);
	outcome_done(&o);
}

static void partial_output_is_kept_at_a_time_limit(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.wall_time_ns = 300 * MS;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo before; sleep 60"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK_OUT(&o, "before\n");
	outcome_done(&o);
}

static void a_file_longer_than_the_output_limit(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.output_bytes = 1 * MIB;
	sandbox_run(&s, ARGV(SUBJECT, "file", "50000000", "/tmp/big"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_FILE);
	outcome_done(&o);
}

/* Refused forks are the program's business: it may end as it likes. */
static void more_processes_than_allowed_fail_with_eagain(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.processes = 16;
	sandbox_run(&s, ARGV(SUBJECT, "forks", "200"), &o);
	CHECK_OK(&o);
	CHECK(text_number(o.out, "made", -1) >= 10);
	CHECK(text_number(o.out, "made", 999) <= 16);
	CHECK_EQ(text_number(o.out, "errno", -1), EAGAIN);
	outcome_done(&o);
}

/* Where each sandbox counts for itself, one that is full does not starve another. */
static void two_full_sandboxes_do_not_starve_each_other(void)
{
	struct sandbox s, t;
	struct outcome o, p;

	sandbox_init(&s);
	sandbox_init(&t);
	s.command.limits.processes = 40;
	t.command.limits.processes = 20;
	s.command.limits.wall_time_ns = 2 * SEC;
	sandbox_open(&s,
		     ARGV("/bin/sh", "-c",
			  "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; "
			  "do sleep 30 & done; wait"),
		     &o);
	sandbox_run(&t, ARGV(SUBJECT, "forks", "10"), &p);
	CHECK_OK(&p);
	CHECK_EQ(text_number(p.out, "made", -1), 10);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	outcome_done(&o);
	outcome_done(&p);
}

static void rlimits_are_what_was_asked_for(void)
{
	struct cordon_rlimit extra = { .resource = RLIMIT_MEMLOCK, .soft = 4096, .hard = 8192 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.stack_bytes = 8 * MIB;
	s.command.limits.open_files = 77;
	s.command.limits.output_bytes = 3 * MIB;
	s.command.rlimits = &extra;
	s.command.nrlimits = 1;
	sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "stack", -2), (long)(8 * MIB));
	CHECK_EQ(text_number(o.out, "nofile", -2), 77);
	CHECK_EQ(text_number(o.out, "nofile_hard", -2), 77);
	CHECK_EQ(text_number(o.out, "core", -2), 1);	/* no core file, and no dump to a pipe (core(5)) */
	CHECK_EQ(text_number(o.out, "core_hard", -2), 1);
	CHECK_EQ(text_number(o.out, "fsize", -2), (long)(3 * MIB));
	CHECK_EQ(text_number(o.out, "as", -2), -1);	/* never limited: it breaks JVM, Node, Go */
	CHECK_EQ(text_number(o.out, "memlock", -2), 4096);
	CHECK_EQ(text_number(o.out, "memlock_hard", -2), 8192);
	outcome_done(&o);
}

/* expected: what was asked for. A program is never less nice than its host. */
static void check_nice(const struct outcome *o, long expected)
{
	long own = getpriority(PRIO_PROCESS, 0);

	if (expected < own)
		expected = own;
	CHECK_OK(o);
	CHECK_EQ(text_number(o->out, "nice", -99), expected);
	CHECK_EQ(text_number(o->out, "child_nice", -99), expected);
}

static void a_program_is_as_nice_as_asked(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.nice = 19;
	sandbox_run(&s, ARGV(SUBJECT, "nice"), &o);
	check_nice(&o, 19);
	outcome_done(&o);
	s.command.limits.nice = CORDON_UNLIMITED;
	sandbox_run(&s, ARGV(SUBJECT, "nice"), &o);
	check_nice(&o, 0);
	outcome_done(&o);
}

ROOTLESS(a_program_is_as_nice_as_asked)

/* Each run of a container has its own, also after one that is no short one, for which init changes its policy. */
static void niceness_ends_with_its_run(void)
{
	static const uint64_t levels[] = { 7, 0, 1, 12, 0 };
	struct kept k;
	struct outcome o;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(levels); i++) {
		k.s.command.limits.nice = levels[i];
		kept_run(&k, ARGV(SUBJECT, "nice"), &o);
		check_nice(&o, (long)levels[i]);
		outcome_done(&o);
		kept_run(&k, ARGV(SUBJECT, "burn", "20"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

ROOTLESS(niceness_ends_with_its_run)

/* Nor is a program less nice than its host. And it can't take it back where it may raise its priority otherwise. */
static void niceness_is_only_added(void)
{
	int before = getpriority(PRIO_PROCESS, 0);
	struct rlimit own = { 40, 40 };
	struct sandbox s;
	struct outcome o;

	if (getuid() != 0)
		SKIP_SCENARIO("root: cannot lower a nice value again");
	(void)setrlimit(RLIMIT_NICE, &own);
	REQUIRE(getrlimit(RLIMIT_NICE, &own) == 0);
	sandbox_init(&s);
	s.command.limits.nice = 4;
	sandbox_run(&s, ARGV(SUBJECT, "limits"), &o);
	CHECK_EQ(text_number(o.out, "nice", -2), own.rlim_max < 16 ? (long)own.rlim_max : 16);
	CHECK_EQ(text_number(o.out, "nice_hard", -2), own.rlim_max < 16 ? (long)own.rlim_max : 16);
	outcome_done(&o);
	REQUIRE(setpriority(PRIO_PROCESS, 0, 6) == 0);
	sandbox_run(&s, ARGV(SUBJECT, "nice"), &o);
	check_nice(&o, 6);
	outcome_done(&o);
	REQUIRE(setpriority(PRIO_PROCESS, 0, before) == 0);
}

static void unlimited_is_possible(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	memset(&s.command.limits, 0xff, sizeof s.command.limits);
	s.command.limits.core_bytes = 0;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(sleeping_past_the_wall_limit),
		SCENARIO(burning_past_the_cpu_limit),
		SCENARIO(ignoring_sigxcpu_does_not_help),
		SCENARIO(two_threads_share_the_cpu_limit),
		SCENARIO(a_waited_child_is_under_the_cpu_limit),
		SCENARIO(a_child_that_nobody_waits_for_is_under_the_cpu_limit),
		SCENARIO(kernel_time_is_under_the_cpu_limit),
		SCENARIO(one_second_of_user_time_is_counted),
		SCENARIO(one_second_in_a_waited_child_is_counted),
		SCENARIO(one_second_in_a_child_that_nobody_waits_for_is_counted),
		SCENARIO(one_second_of_system_time_is_counted),
		SCENARIO(doing_nothing_is_idle),
		SCENARIO(working_is_not_idle),
		SCENARIO(a_working_child_is_not_idle),
		SCENARIO(more_memory_than_allowed_is_oom),
		SCENARIO(a_grandchild_killed_for_memory_is_oom),
		SCENARIO(children_share_the_memory_limit),
		SCENARIO(files_in_tmpfs_count_as_memory),
		SCENARIO(memory_below_the_limit_is_ok),
		SCENARIO(too_little_memory_names_the_limit),
		SCENARIO(too_little_memory_does_not_harm_a_container),
		SCENARIO(too_little_stack_names_the_limit),
		SCENARIO(a_stack_that_cannot_be_had_is_refused),
		SCENARIO(a_stack_that_is_asked_for_is_had_without_controllers),
		SCENARIO_BY_NAME(stack_below_a_hard_limit),
		SCENARIO(flooding_stdout_ends_with_partial_output_kept),
		SCENARIO(flooding_stderr_ends_with_partial_output_kept),
		SCENARIO(output_at_the_limit_is_ok),
		SCENARIO(partial_output_is_kept_at_a_time_limit),
		SCENARIO(a_file_longer_than_the_output_limit),
		SCENARIO(more_processes_than_allowed_fail_with_eagain),
		SCENARIO(two_full_sandboxes_do_not_starve_each_other),
		SCENARIO(rlimits_are_what_was_asked_for),
		SCENARIO(a_program_is_as_nice_as_asked),
		ROOTLESS_SCENARIO(a_program_is_as_nice_as_asked),
		SCENARIO(niceness_ends_with_its_run),
		ROOTLESS_SCENARIO(niceness_ends_with_its_run),
		SCENARIO(niceness_is_only_added),
		SCENARIO(unlimited_is_possible),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
