/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of a result are right, and each says where it came from; how much CPU and which CPUs a program gets. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include "support/sandbox.h"

#define TINY "/programs/tiny_static"
#define TOLERANCE_BYTES (3 * MIB / 10)
#define TRIES 24	/* the batches of one CPU differ by up to 256 KiB from run to run */
#define TMPFS_MAGIC 0x01021994	/* linux/magic.h */

static void waiting_is_voluntary(void)
{
	struct sandbox s;
	struct outcome none, naps;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "naps", "0"), &none);
	sandbox_run(&s, ARGV(SUBJECT, "naps", "50"), &naps);
	CHECK_OK(&none);
	CHECK_OK(&naps);
	CHECK(naps.result->voluntary_switches >= 50);
	CHECK(naps.result->voluntary_switches >= none.result->voluntary_switches + 45);
	CHECK(none.result->voluntary_switches < 50);
	outcome_done(&none);
	outcome_done(&naps);
}

/* Two that want one CPU take it from each other, also where the parent is the one that waits for them. */
static void losing_the_cpu_is_involuntary(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.cpuset = "0";
	sandbox_run(&s, ARGV(SUBJECT, "burn-threads", "300"), &o);
	CHECK_OK(&o);
	CHECK(o.result->involuntary_switches >= 5);
	outcome_done(&o);
}

static void touched_pages_are_minor_faults(void)
{
	struct sandbox s;
	struct outcome few, many;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "pages", "1"), &few);
	sandbox_run(&s, ARGV(SUBJECT, "pages", "2001"), &many);
	CHECK_OK(&few);
	CHECK_OK(&many);
	CHECK(many.result->minor_faults - few.result->minor_faults >= 1990 &&
	      many.result->minor_faults - few.result->minor_faults <= 2100);
	CHECK_EQ(many.result->major_faults, 0);
	outcome_done(&few);
	outcome_done(&many);
}

static void a_childs_numbers_are_the_runs(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/sh", "-c", SUBJECT " naps 50; " SUBJECT " pages 2000 & wait"), &o);
	CHECK_OK(&o);
	CHECK(o.result->voluntary_switches >= 50);
	CHECK(o.result->minor_faults >= 2000);
	outcome_done(&o);
}

/* ---- processes ---- */

static void check_refusals(const struct outcome *o, bool hit)
{
	bool counted = o->ran && (o->result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_PIDS)) != 0;

	CHECK_OK(o);
	CHECK_EQ(text_number(o->out, "errno", -1), hit ? EAGAIN : 0);
	CHECK_EQ(o->result->refusal_source != CORDON_SOURCE_NONE, counted);
	if (counted)	/* the subject tries no further after the first */
		CHECK_EQ(o->result->process_refusals, hit);
}

static void refused_processes_are_counted(void)
{
	struct sandbox s;
	struct outcome o;

	for (int hit = 0; hit < 2; hit++) {
		sandbox_init(&s);
		s.command.limits.processes = 16;
		sandbox_run(&s, ARGV(SUBJECT, "forks", hit ? "100" : "5"), &o);
		check_refusals(&o, hit);
		outcome_done(&o);
	}
}

/* The group stays, and with it the kernel's count. */
static void each_run_of_a_container_has_its_own_refusals(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	k.s.command.limits.processes = 16;
	REQUIRE(kept_open(&k, &err) == 0);
	for (int i = 0; i < 6; i++) {
		bool hit = i % 3 == 0;

		kept_run(&k, ARGV(SUBJECT, "forks", hit ? "100" : "5"), &o);
		check_refusals(&o, hit);
		outcome_done(&o);
	}
	CHECK(kept_close(&k));
}

/* ---- memory ---- */

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* How far the result is from what the program has touched, or, by rusage, from what it says. */
static int64_t small_memory_error(struct sandbox *s)
{
	struct outcome o;
	int64_t expected = 1536 * 1024, error;

	sandbox_run(s, ARGV(TINY, "1536"), &o);
	CHECK_OK(&o);
	if (s->config.use_cgroup == CORDON_CGROUP_OFF)
		CHECK_EQ(o.result->memory_source, CORDON_SOURCE_RUSAGE);
	if (o.result->memory_source == CORDON_SOURCE_RUSAGE)
		expected = text_number(o.out, "hwm_kib", -1) * 1024;
	error = distance((int64_t)o.result->memory_peak_bytes, expected);
	outcome_done(&o);
	return error;
}

/* Most of a small static program is its file's pages, which are charged to the group that reads them first. A group
 * counts those, and page tables. It charges memory in batches of 64 pages for each CPU, so the program gets one CPU;
 * and as the batches vary, this takes the best of some runs. The first run reads the file in. */
static void small_memory_is_exact(uint32_t use_cgroup)
{
	struct sandbox s;
	int64_t least = INT64_MAX;

	sandbox_init(&s);
	s.config.use_cgroup = use_cgroup;
	s.command.cpuset = "0";
	for (int i = 0; i < TRIES && least > (int64_t)TOLERANCE_BYTES; i++) {
		int64_t error = small_memory_error(&s);

		fprintf(stderr, "     1.5 MiB: off by %lld KiB\n", (long long)error / 1024);
		least = error < least ? error : least;
	}
	if (least > (int64_t)TOLERANCE_BYTES)
		TEST_FAIL("%lld bytes off", (long long)least);
}

static void small_memory_by_rusage(void)
{
	small_memory_is_exact(CORDON_CGROUP_OFF);
}

static void small_memory_by_the_group(void)
{
	small_memory_is_exact(CORDON_CGROUP_AUTO);
}

/* ---- without any controller ---- */

static void without_controllers_everything_is_rusage(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.use_cgroup = CORDON_CGROUP_OFF;
	sandbox_run(&s, ARGV(SUBJECT, "naps", "50"), &o);
	CHECK_OK(&o);
	CHECK(o.result->voluntary_switches >= 50);
	CHECK_EQ(o.result->cpu_source, CORDON_SOURCE_RUSAGE);
	CHECK_EQ(o.result->memory_source, CORDON_SOURCE_RUSAGE);
	CHECK_EQ(o.result->io_source, CORDON_SOURCE_RUSAGE);
	CHECK(o.result->process_source == CORDON_SOURCE_NONE && o.result->process_peak == 0);
	CHECK(o.result->throttled_source == CORDON_SOURCE_NONE && o.result->throttled_ns == 0);
	CHECK(o.result->refusal_source == CORDON_SOURCE_NONE && o.result->process_refusals == 0);
	outcome_done(&o);
}

static void without_a_controller_a_rate_and_a_weight_are_refused(void)
{
	static const char *const details[] = { "cpu_rate: 500: ", "cpu_weight: 50: " };
	struct sandbox s;
	struct outcome o;

	for (size_t i = 0; i < LENGTH(details); i++) {
		sandbox_init(&s);
		s.config.use_cgroup = CORDON_CGROUP_OFF;
		if (i == 0)
			s.command.limits.cpu_rate = 500;
		else
			s.command.limits.cpu_weight = 50;
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK(!o.ran && o.err.step == CORDON_STEP_VALIDATE);
		CHECK(strncmp(o.err.detail, details[i], strlen(details[i])) == 0);
		outcome_done(&o);
	}
}

/* ---- files ---- */

/* A directory on a file system that is no tmpfs, writable for anybody. False where there is none. */
static bool disk_open(char path[64], struct sandbox *s)
{
	static const char *const places[] = { "/var/tmp", "/tmp" };
	struct statfs fs;

	for (size_t i = 0; i < LENGTH(places); i++) {
		if (statfs(places[i], &fs) != 0 || fs.f_type == TMPFS_MAGIC)
			continue;
		snprintf(path, 64, "%s/cordon-numbers-XXXXXX", places[i]);
		REQUIRE(mkdtemp(path) != NULL && chmod(path, 0777) == 0);
		sandbox_mount(s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, path, "/disk");
		return true;
	}
	return false;
}

/* Out of the page cache, so that it has to be read again. */
static void forget(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0 && fsync(fd) == 0 && posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0);
	close(fd);
}

static void bytes_of_a_real_file_system_are_counted(void)
{
	struct sandbox s;
	struct outcome o;
	char path[64], file[80];

	sandbox_init(&s);
	if (!disk_open(path, &s))
		SKIP_SCENARIO("disk: no file system with a block device to write to");
	snprintf(file, sizeof file, "%s/f", path);
	sandbox_run(&s, ARGV(SUBJECT, "disk", "write", "/disk/f", "4194304"), &o);
	CHECK_OK(&o);
	CHECK(o.result->io_source != CORDON_SOURCE_NONE);
	CHECK(o.result->written_bytes >= 4 * MIB && o.result->written_bytes < 5 * MIB);
	outcome_done(&o);
	forget(file);
	sandbox_run(&s, ARGV(SUBJECT, "disk", "read", "/disk/f", "4194304"), &o);
	CHECK_OK(&o);
	CHECK(o.result->read_bytes >= 4 * MIB && o.result->read_bytes < 6 * MIB);
	CHECK(o.result->written_bytes < 1 * MIB);
	outcome_done(&o);
	unlink(file);
	rmdir(path);
}

static void a_tmpfs_is_no_disk(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "disk", "write", "/tmp/f", "4194304"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->written_bytes, 0);
	outcome_done(&o);
}

/* ---- output ---- */

#define FLOOD_BOTH "head -c 60000 /dev/zero; head -c 60000 /dev/zero >&2"

static void both_streams_share_the_total(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.output_bytes = 100000;
	s.command.limits.output_total_bytes = 120000;
	sandbox_run(&s, ARGV("/bin/sh", "-c", FLOOD_BOTH), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	s.command.limits.output_total_bytes = 119999;
	/* a byte more than allowed, and it may have ended before that is seen */
	sandbox_run(&s, ARGV("/bin/sh", "-c", FLOOD_BOTH), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_OUTPUT_TOTAL);
	CHECK_EQ(o.result->output[0].total, 60000);
	outcome_done(&o);
	sandbox_run(&s, ARGV("/bin/sh", "-c", FLOOD_BOTH "; exec sleep 60"), &o);	/* and is ended for it */
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_OUTPUT_TOTAL);
	CHECK(o.result->wall_time_ns < 5 * SEC);
	outcome_done(&o);
	s.command.limits.output_bytes = 50000;
	sandbox_run(&s, ARGV("/bin/sh", "-c", FLOOD_BOTH), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_STDOUT);
	outcome_done(&o);
}

/* Not a byte more reaches the caller's descriptors. */
static void forwarded_streams_share_the_total(void)
{
	struct sandbox s;
	struct outcome o;
	char path[] = "/tmp/cordon-forward-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC | O_APPEND);
	struct stat st;

	REQUIRE(fd >= 0);
	unlink(path);
	sandbox_init(&s);
	s.command.limits.output_total_bytes = 100000;
	for (int i = 1; i <= 2; i++) {
		s.command.stdio[i].kind = CORDON_STDIO_FORWARD;
		s.command.stdio[i].fd = fd;
	}
	sandbox_run(&s, ARGV("/bin/sh", "-c", FLOOD_BOTH), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_OUTPUT_TOTAL);
	CHECK(fstat(fd, &st) == 0 && st.st_size == 100000);
	outcome_done(&o);
	close(fd);
}

/* ---- CPUs ---- */

static void the_program_has_its_cpus(uint32_t use_cgroup)
{
	struct sandbox s;
	struct outcome o;
	bool kept;

	sandbox_init(&s);
	s.config.use_cgroup = use_cgroup;
	s.command.cpuset = "0";
	sandbox_run(&s, ARGV(SUBJECT, "cpus"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "may_count", -1), 1);
	CHECK_EQ(text_number(o.out, "may_first", -1), 0);
	CHECK_EQ(text_number(o.out, "ran_count", -1), 1);
	CHECK_EQ(text_number(o.out, "ran_first", -1), 0);
	kept = o.ran && (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET)) != 0;
	if (use_cgroup == CORDON_CGROUP_OFF)
		CHECK(!kept);
	CHECK_EQ(text_number(o.out, "widen", -1), 0);
	if (kept) {	/* asking for all is no error: it gets those of all that it may have (sched_setaffinity(2)) */
		CHECK_EQ(text_number(o.out, "then_count", -1), 1);
		CHECK_EQ(text_number(o.out, "then_first", -1), 0);
	}
	outcome_done(&o);
}

static void by_the_cpuset_controller(void)
{
	the_program_has_its_cpus(CORDON_CGROUP_AUTO);
}

static void by_affinity_alone(void)
{
	the_program_has_its_cpus(CORDON_CGROUP_OFF);
}

static void required_cpus_are_kept_or_nothing_runs(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);	/* nothing to keep */
	CHECK(!o.ran && o.err.step == CORDON_STEP_LAYER);
	outcome_done(&o);
	s.command.cpuset = "0";
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(o.ran ? (o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET)) != 0
		    : o.err.step == CORDON_STEP_LAYER);
	outcome_done(&o);
	s.config.use_cgroup = CORDON_CGROUP_OFF;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_LAYER);
	outcome_done(&o);
}

static void cpus_that_are_not_the_callers_are_refused(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.cpuset = "0,8191";
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_VALIDATE);
	CHECK(o.err.detail_len > 14 && memcmp(o.err.detail, "cpuset: 0,8191", 14) == 0);
	outcome_done(&o);
}

/* This machine has no controller for a rate. */
static bool rate_is_refused(const struct outcome *o)
{
	return !o->ran && o->err.detail_len > 10 && memcmp(o->err.detail, "cpu_rate: ", 10) == 0;
}

#define SKIP_RATE "cpu-rate: no cpu controller that this process can use"

static void half_a_cpu_takes_twice_as_long(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_rate = 500;
	sandbox_run(&s, ARGV(SUBJECT, "burn", "400"), &o);
	if (rate_is_refused(&o)) {
		outcome_done(&o);
		SKIP_SCENARIO(SKIP_RATE);
	}
	CHECK_OK(&o);
	if (o.result->wall_time_ns < 700 * MS)
		TEST_FAIL("%.0f ms of wall time", (double)o.result->wall_time_ns / 1e6);
	CHECK(o.result->throttled_source == CORDON_SOURCE_CGROUP_V1 ||
	      o.result->throttled_source == CORDON_SOURCE_CGROUP_V2);
	CHECK(o.result->cpu_time_ns >= 390 * MS && o.result->cpu_time_ns < 600 * MS);
	outcome_done(&o);
}

/* So little that also a machine with more to do than CPUs has it to give: else there is nothing to hold back. */
#define SLOW 50

static void what_is_held_back_is_counted(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_rate = SLOW;
	sandbox_run(&s, ARGV(SUBJECT, "burn", "40"), &o);
	if (rate_is_refused(&o)) {
		outcome_done(&o);
		SKIP_SCENARIO(SKIP_RATE);
	}
	CHECK_OK(&o);
	if (o.result->throttled_ns < 100 * MS || o.result->throttled_ns > o.result->wall_time_ns)
		TEST_FAIL("%.0f ms throttled in %.0f ms", (double)o.result->throttled_ns / 1e6,
			  (double)o.result->wall_time_ns / 1e6);
	outcome_done(&o);
}

/* The rate is the tree's. */
static void two_threads_share_the_rate(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_rate = 500;
	/* both together: getrusage(2) is the process's */
	sandbox_run(&s, ARGV(SUBJECT, "burn-threads", "400"), &o);
	if (rate_is_refused(&o)) {
		outcome_done(&o);
		SKIP_SCENARIO(SKIP_RATE);
	}
	CHECK_OK(&o);
	CHECK(o.result->wall_time_ns >= 700 * MS);
	outcome_done(&o);
}

static void a_rate_is_one_runs_alone(void)
{
	static const uint64_t rates[] = { CORDON_UNLIMITED, SLOW, CORDON_UNLIMITED };
	struct kept k;
	struct outcome o;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(rates); i++) {
		k.s.command.limits.cpu_rate = rates[i];
		kept_run(&k, ARGV(SUBJECT, "burn", "40"), &o);
		if (rate_is_refused(&o)) {
			outcome_done(&o);
			KEPT_CLOSE(&k);
			SKIP_SCENARIO(SKIP_RATE);
		}
		CHECK_OK(&o);
		if (rates[i] == CORDON_UNLIMITED)
			CHECK_EQ(o.result->throttled_ns, 0);
		else
			CHECK(o.result->throttled_ns >= 50 * MS);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* Two programs on one CPU at the same time, ended by their wall-clock limits: the ratio of their CPU times. 0 without a
 * controller for weights. */
static double times_more(struct kept k[2], uint64_t first, uint64_t second)
{
	const uint64_t weights[] = { first, second };
	struct outcome o[2];
	double cpu[2] = { 0 };

	for (size_t i = 0; i < LENGTH(o); i++) {
		k[i].s.command.limits.cpu_weight = weights[i];
		kept_start(&k[i], ARGV(SUBJECT, "burn", "60000"), 0, &o[i]);
	}
	for (size_t i = 0; i < LENGTH(o); i++) {
		outcome_wait(&o[i]);
		if (o[i].ran) {
			CHECK_STATUS(&o[i], CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
			cpu[i] = (double)o[i].result->cpu_time_ns;
		} else if (o[i].err.detail_len <= 12 || memcmp(o[i].err.detail, "cpu_weight: ", 12) != 0) {
			TEST_FAIL("%.*s", (int)o[i].err.detail_len, o[i].err.detail);
		}
		outcome_done(&o[i]);
	}
	return cpu[1] > 0 ? cpu[0] / cpu[1] : 0;
}

static void a_weight_shares_a_busy_cpu(void)
{
	struct kept k[2];
	double more;

	for (size_t i = 0; i < LENGTH(k); i++) {
		sandbox_init(&k[i].s);
		k[i].s.command.limits.wall_time_ns = 600 * MS;
		k[i].s.command.cpuset = "0";
		KEPT_OPEN(&k[i]);
	}
	more = times_more(k, 1000, CORDON_CPU_WEIGHT);
	if (more == 0) {
		KEPT_CLOSE(&k[0]);
		KEPT_CLOSE(&k[1]);
		SKIP_SCENARIO(SKIP_RATE);
	}
	if (more < 5 || more > 20)
		TEST_FAIL("ten times the weight: %.2f times the time", more);
	more = times_more(k, 10, CORDON_CPU_WEIGHT);
	if (more > 1. / 5)
		TEST_FAIL("a tenth of the weight: %.2f times the time", more);
	/* The groups are those of before. */
	more = times_more(k, CORDON_CPU_WEIGHT, CORDON_CPU_WEIGHT);
	if (more < .5 || more > 2)
		TEST_FAIL("the same weight: %.2f times the time", more);
	KEPT_CLOSE(&k[0]);
	KEPT_CLOSE(&k[1]);
}

static void the_most_processes_at_once(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "forks", "10"), &o);
	CHECK_OK(&o);
	if (o.ran && o.result->process_source == CORDON_SOURCE_NONE) {
		CHECK_EQ(o.result->process_peak, 0);
		outcome_done(&o);
		SKIP_SCENARIO("pids-peak: this kernel has none, or there is no pids controller");
	}
	CHECK_EQ(o.result->process_peak, 11);
	outcome_done(&o);
}

/* In a kept container each command has its own. */
static void cpus_change_from_run_to_run(void)
{
	static const char *const lists[] = { "0", NULL, "0" };
	cpu_set_t own;
	struct kept k;
	struct outcome o;

	REQUIRE(sched_getaffinity(0, sizeof own, &own) == 0);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(lists); i++) {
		k.s.command.cpuset = lists[i];
		kept_run(&k, ARGV(SUBJECT, "cpus"), &o);
		CHECK_OK(&o);
		CHECK_EQ(text_number(o.out, "may_count", -1), lists[i] != NULL ? 1 : CPU_COUNT(&own));
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(waiting_is_voluntary),
		SCENARIO(losing_the_cpu_is_involuntary),
		SCENARIO(touched_pages_are_minor_faults),
		SCENARIO(a_childs_numbers_are_the_runs),
		SCENARIO(refused_processes_are_counted),
		SCENARIO(each_run_of_a_container_has_its_own_refusals),
		SCENARIO(small_memory_by_rusage),
		SCENARIO(small_memory_by_the_group),
		SCENARIO(without_controllers_everything_is_rusage),
		SCENARIO(without_a_controller_a_rate_and_a_weight_are_refused),
		SCENARIO(bytes_of_a_real_file_system_are_counted),
		SCENARIO(a_tmpfs_is_no_disk),
		SCENARIO(both_streams_share_the_total),
		SCENARIO(forwarded_streams_share_the_total),
		SCENARIO(by_the_cpuset_controller),
		SCENARIO(by_affinity_alone),
		SCENARIO(cpus_that_are_not_the_callers_are_refused),
		SCENARIO(half_a_cpu_takes_twice_as_long),
		SCENARIO(what_is_held_back_is_counted),
		SCENARIO(two_threads_share_the_rate),
		SCENARIO(a_rate_is_one_runs_alone),
		SCENARIO(a_weight_shares_a_busy_cpu),
		SCENARIO(the_most_processes_at_once),
		SCENARIO(required_cpus_are_kept_or_nothing_runs),
		SCENARIO(cpus_change_from_run_to_run),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
