/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the counters of both versions from files with the texts of real kernels, so any machine can run this. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cgroup/cgroup.h"
#include "cgroup/file.h"
#include "cgroup/limits.h"
#include "cgroup/v1.h"
#include "cgroup/v2.h"
#include "cgroup/version.h"
#include "cordon/command.h"
#include "support/test.h"

#define USUAL (CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS) | CGROUP_BIT(CGROUP_CPU))
#define ALL (USUAL | CGROUP_BIT(CGROUP_QUOTA) | CGROUP_BIT(CGROUP_IO))

static char dir_path[] = "/tmp/cordon-test-XXXXXX";
static int dirfd_;

static void put(const char *name, const char *text)
{
	int fd = openat(dirfd_, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	REQUIRE(fd >= 0);
	REQUIRE(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void check_text(const char *name, const char *expected)
{
	char text[64] = "";

	CHECK_EQ(cgroup_file_read(dirfd_, name, text, sizeof text), 0);
	CHECK_STR(text, expected);
}

static void drop_all(void)
{
	static const char *const names[] = {
		"memory.max", "memory.swap.max", "memory.oom.group", "memory.events", "memory.peak", "memory.current",
		"pids.max", "cpu.stat", "cgroup.controllers", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes",
		"memory.swappiness", "memory.max_usage_in_bytes", "memory.usage_in_bytes", "memory.oom_control",
		"cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys", "long", "pids.peak", "pids.events",
		"io.stat", "cpu.max", "blkio.throttle.io_service_bytes", "cpu.cfs_quota_us", "cpu.cfs_period_us",
		"cpu.weight", "cpu.shares", "cpuset.cpus", "cpuset.cpus.effective",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlinkat(dirfd_, names[i], 0);
}

static int write_limits(const struct cgroup_version_ops *ops, uint32_t controllers, const struct cgroup_limits *limits,
			const struct cgroup_limits *before, struct cordon_error *err)
{
	const struct cgroup_hierarchy home = { .ops = ops, .controllers = controllers };

	return cgroup_limits_write(&home, dirfd_, limits, before, err);
}

static void test_text(void)
{
	uint64_t n = 7;

	CHECK(cgroup_text_u64("12\n", "", &n) && n == 12);
	CHECK(cgroup_text_u64("18446744073709551615", "", &n) && n == UINT64_MAX);
	n = 7;
	CHECK(!cgroup_text_u64("18446744073709551616\n", "", &n));
	CHECK(!cgroup_text_u64("max\n", "", &n));
	CHECK(!cgroup_text_u64("", "", &n));
	CHECK(!cgroup_text_u64("12x\n", "", &n));
	CHECK(!cgroup_text_u64("oom_kill_disable 1\nunder_oom 0\n", "oom_kill", &n));
	CHECK(!cgroup_text_u64("", "oom_kill", &n));
	CHECK_EQ(n, 7);
	CHECK(cgroup_text_u64("oom 3\noom_kill 2\n", "oom_kill", &n) && n == 2);
	CHECK(cgroup_text_u64("oom_kill 4", "oom_kill", &n) && n == 4);
}

static void test_long_file(void)
{
	size_t len = 100000;
	char *text = malloc(len + 1), *read;

	memset(text, 'x', len);
	text[len] = '\0';
	put("long", text);
	read = cgroup_file_slurp(dirfd_, "long");
	CHECK(read != NULL && strcmp(read, text) == 0);
	free(read);
	free(text);
	CHECK(cgroup_file_slurp(dirfd_, "none") == NULL);
}

static void test_v2_usage(void)
{
	struct cgroup_usage usage = { 0 };

	put("memory.events", "low 0\nhigh 0\nmax 57\noom 1\noom_kill 3\noom_group_kill 1\n");
	put("memory.peak", "20971520\n");
	put("memory.current", "4096\n");
	put("cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnice_usec 0\nnr_periods 0\nnr_throttled 0\n"
			"throttled_usec 70\n");
	put("pids.peak", "5\n");
	put("pids.events", "max 6\n");
	put("io.stat",
	    "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=7 dios=1\n252:0 rbytes=100 wbytes=1 rios=1 wios=1\n");
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, -1, ALL, &usage), 0);
	CHECK(usage.has_memory && usage.has_cpu);
	CHECK_EQ(usage.oom_kills, 3);
	CHECK_EQ(usage.memory_peak_bytes, 20971520);
	CHECK_EQ(usage.cpu_ns, 1500000);
	CHECK_EQ(usage.user_ns, 1000000);
	CHECK_EQ(usage.system_ns, 500000);
	CHECK(usage.has_throttled && usage.throttled_ns == 70000);
	CHECK(usage.has_pids_peak && usage.pids_peak == 5);
	CHECK(usage.has_pids_refused && usage.pids_refused == 6);
	CHECK(usage.has_io && usage.io_read_bytes == 4196 && usage.io_written_bytes == 8193);
}

/* Before Linux 5.19 there is no peak; the kernel's count of kills is there all the same. */
static void test_v2_without_peak(void)
{
	struct cgroup_usage usage = { 0 };

	put("memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\n");
	put("memory.current", "8192\n");
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, -1, CGROUP_BIT(CGROUP_MEMORY), &usage), 0);
	CHECK(!usage.has_memory && !usage.has_cpu);
	CHECK_EQ(usage.oom_kills, 1);
	put("memory.events", "nothing\n");
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, -1, CGROUP_BIT(CGROUP_MEMORY), &usage), -EPROTO);
}

/* Since Linux 6.12: the peak of one open file, which a write starts anew. An ordinary file takes the write, too. */
static void test_v2_peak_by_descriptor(void)
{
	struct cgroup_usage usage = { 0 };
	int fd;

	put("memory.events", "oom_kill 0\n");
	put("memory.current", "1\n");
	put("memory.peak", "5\n");
	fd = cgroup_v2_ops.open_peak(dirfd_);
	REQUIRE(fd >= 0);
	check_text("memory.peak", "0\n");
	unlinkat(dirfd_, "memory.peak", 0);	/* read through the descriptor, not by name */
	CHECK(pwrite(fd, "777\n", 4, 0) == 4);
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, fd, CGROUP_BIT(CGROUP_MEMORY), &usage), 0);
	CHECK(usage.has_memory && usage.memory_peak_bytes == 777);
	CHECK_EQ(cgroup_v2_ops.reset_peak(dirfd_, fd), 0);
	CHECK_EQ(cgroup_v2_ops.reset_peak(dirfd_, -1), -ENOTSUP);
	close(fd);
	CHECK_EQ(cgroup_v2_ops.open_peak(dirfd_), -1);	/* no such file: before Linux 5.19 */
}

static void test_v2_limits(void)
{
	const struct cgroup_limits limits = {
		.memory_bytes = 67108864, .processes = 32, .cpu_rate = 1500, .cpu_weight = 10,
	};
	struct cordon_error err = { 0 };

	put("memory.max", "");
	put("memory.swap.max", "");
	put("memory.oom.group", "");
	put("pids.max", "");
	put("cpu.max", "");
	put("cpu.weight", "");
	CHECK_EQ(write_limits(&cgroup_v2_ops, ALL, &limits, &cgroup_no_limits, &err), 0);
	CHECK_EQ(err.step, CORDON_STEP_NONE);
	check_text("memory.max", "67108864");
	check_text("memory.swap.max", "0");
	check_text("memory.oom.group", "1");
	check_text("pids.max", "32");
	check_text("cpu.max", "150000 100000");
	check_text("cpu.weight", "10");
	/* Back to none, as a kept group has it before a run without limits. Unlike the kernel's, these files keep the
	 * rest of a longer text. */
	put("memory.max", "");
	put("pids.max", "");
	put("cpu.max", "");
	put("cpu.weight", "");
	CHECK_EQ(write_limits(&cgroup_v2_ops, ALL, &cgroup_no_limits, &limits, &err), 0);
	check_text("memory.max", "max");
	check_text("pids.max", "max");
	check_text("cpu.max", "max 100000");
	check_text("cpu.weight", "100");
	unlinkat(dirfd_, "memory.swap.max", 0);	/* a kernel without swap */
	CHECK_EQ(write_limits(&cgroup_v2_ops, ALL, &limits, &cgroup_no_limits, &err), 0);
	unlinkat(dirfd_, "pids.max", 0);
	CHECK_EQ(write_limits(&cgroup_v2_ops, ALL, &limits, &cgroup_no_limits, &err), -ENOENT);
	CHECK_EQ(err.step, CORDON_STEP_CGROUP_LIMIT);
	CHECK(err.detail_len == 8 && memcmp(err.detail, "pids.max", 8) == 0);
}

static void test_v2_offers(void)
{
	put("cgroup.controllers", "cpuset cpu io memory\n");
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_MEMORY));
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_PIDS));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_CPU));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_QUOTA));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_CPUSET));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_IO));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_FREEZER));
	put("cgroup.controllers", "memory_x pids\n");
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_MEMORY));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_PIDS));
	put("cgroup.controllers", "cpuset memory\n");	/* cpu is no part of cpuset */
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_QUOTA));
	put("cgroup.controllers", "");
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_MEMORY));
}

/* The exact time in the proportion of the ticks. */
static void test_v1_usage(void)
{
	struct cgroup_usage usage = { 0 }, other = { 0 };

	put("memory.max_usage_in_bytes", "1048576\n");
	put("memory.usage_in_bytes", "4096\n");
	put("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
	put("cpuacct.usage", "9000001\n");
	put("cpuacct.usage_user", "8000000\n");
	put("cpuacct.usage_sys", "4000000\n");
	put("cpu.stat", "nr_periods 3\nnr_throttled 2\nthrottled_time 4711\n");
	put("pids.peak", "9\n");
	put("pids.events", "max 0\n");
	put("blkio.throttle.io_service_bytes",
	    "8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\n8:16 Read 1\n8:16 Write 2\nTotal 33\n");
	CHECK_EQ(cgroup_v1_ops.usage(dirfd_, -1, ALL, &usage), 0);
	CHECK_EQ(usage.memory_peak_bytes, 1048576);
	CHECK_EQ(usage.memory_bytes, 4096);
	CHECK_EQ(usage.oom_kills, 2);
	CHECK_EQ(usage.cpu_ns, 9000001);
	CHECK_EQ(usage.user_ns, 6000000);
	CHECK_EQ(usage.system_ns, 3000001);
	CHECK(usage.has_throttled && usage.throttled_ns == 4711);
	CHECK(usage.has_pids_peak && usage.pids_peak == 9);
	CHECK(usage.has_pids_refused && usage.pids_refused == 0);
	put("pids.events", "maximum 3\n");
	CHECK_EQ(cgroup_v1_ops.usage(dirfd_, -1, CGROUP_BIT(CGROUP_PIDS), &other), 0);
	CHECK(other.has_pids_peak && !other.has_pids_refused && other.pids_refused == 0);
	CHECK(usage.has_io && usage.io_read_bytes == 11 && usage.io_written_bytes == 22);
	put("cpuacct.usage_user", "0\n");	/* shorter than a tick */
	put("cpuacct.usage_sys", "0\n");
	CHECK_EQ(cgroup_v1_ops.usage(dirfd_, -1, CGROUP_BIT(CGROUP_CPU), &usage), 0);
	CHECK_EQ(usage.user_ns, 9000001);
	CHECK_EQ(usage.system_ns, 0);
}

/* Where no disk counts, there is nothing but a total. */
static void test_v1_offers(void)
{
	CHECK(cgroup_v1_ops.offers(dirfd_, CGROUP_MEMORY));
	CHECK(!cgroup_v1_ops.offers(dirfd_, CGROUP_IO));
	put("blkio.throttle.io_service_bytes", "Total 0\n");
	CHECK(!cgroup_v1_ops.offers(dirfd_, CGROUP_IO));
	put("blkio.throttle.io_service_bytes", "8:0 Read 0\n8:0 Write 0\nTotal 0\n");
	CHECK(cgroup_v1_ops.offers(dirfd_, CGROUP_IO));
}

static void check_rate(uint64_t rate, const char *quota, const char *period)
{
	struct cgroup_limits limits = cgroup_no_limits;
	struct cordon_error err = { 0 };

	limits.cpu_rate = rate;
	put("cpu.cfs_quota_us", "");
	put("cpu.cfs_period_us", "");
	CHECK_EQ(write_limits(&cgroup_v1_ops, CGROUP_BIT(CGROUP_QUOTA), &limits, &cgroup_no_limits, &err), 0);
	check_text("cpu.cfs_quota_us", quota);
	check_text("cpu.cfs_period_us", period);
}

/* The kernel wants a quota of 1 ms or more, in a period of 1 s or less. The files here keep what was longer before: so
 * "-1" is not seen. */
static void test_v1_rate(void)
{
	check_rate(2500, "250000", "100000");
	check_rate(10, "1000", "100000");
	check_rate(9, "9000", "1000000");
	check_rate(1, "1000", "1000000");
}

static void check_weight(uint64_t weight, uint64_t before, const char *shares)
{
	struct cgroup_limits limits = cgroup_no_limits, old = cgroup_no_limits;
	struct cordon_error err = { 0 };

	limits.cpu_weight = weight;
	old.cpu_weight = before;
	put("cpu.shares", "");
	CHECK_EQ(write_limits(&cgroup_v1_ops, CGROUP_BIT(CGROUP_QUOTA), &limits, &old, &err), 0);
	check_text("cpu.shares", shares);
}

static void test_v1_weight(void)
{
	check_weight(1, CORDON_CPU_WEIGHT, "10");
	check_weight(200, CORDON_CPU_WEIGHT, "2048");
	check_weight(10000, CORDON_CPU_WEIGHT, "102400");
	check_weight(CORDON_CPU_WEIGHT, 200, "1024");
}

static void test_every_limit_can_be_written(void)
{
	for (size_t i = 0; i < CGROUP_LIMITS; i++)
		CHECK(cgroup_v1_ops.limit[i] != NULL && cgroup_v2_ops.limit[i] != NULL);
}

static int limit_cpus(const struct cgroup_version_ops *ops, const char *list, const char *before)
{
	struct cpus cpus = { 0 }, old = { 0 };
	struct cordon_error err = { 0 };

	REQUIRE(list == NULL || cpus_parse(list, &cpus));
	REQUIRE(before == NULL || cpus_parse(before, &old));
	put("cpuset.cpus", "");
	return ops->limit_cpuset(dirfd_, list != NULL ? &cpus : NULL, before != NULL ? &old : NULL, &err);
}

static void test_v2_cpuset(void)
{
	put("cpuset.cpus.effective", "0-3,7\n");
	CHECK_EQ(limit_cpus(&cgroup_v2_ops, "7,0,1-3", NULL), 0);
	check_text("cpuset.cpus", "0-3,7");
	CHECK_EQ(limit_cpus(&cgroup_v2_ops, "0-3,7", "0,1,2,3,7"), 0);	/* it has them */
	check_text("cpuset.cpus", "");
	CHECK_EQ(limit_cpus(&cgroup_v2_ops, NULL, "0"), 0);
	check_text("cpuset.cpus", "\n");
	CHECK_EQ(limit_cpus(&cgroup_v2_ops, "0-4,7", NULL), -EINVAL);	/* the group above has fewer */
}

static void test_since(void)
{
	struct cgroup_usage before = {
		.oom_kills = 1, .cpu_ns = 10, .memory_bytes = 5, .pids_peak = 3, .throttled_ns = 1, .io_read_bytes = 2,
		.pids_refused = 2,
	};
	struct cgroup_usage usage = {
		.oom_kills = 3, .cpu_ns = 25, .memory_peak_bytes = 105, .has_pids_peak = true, .pids_peak = 3,
		.throttled_ns = 4, .io_read_bytes = 9, .has_pids_refused = true, .pids_refused = 7,
	};

	cgroup_usage_since(&usage, &before);
	CHECK_EQ(usage.oom_kills, 2);
	CHECK_EQ(usage.cpu_ns, 15);
	CHECK_EQ(usage.memory_peak_bytes, 100);
	CHECK_EQ(usage.throttled_ns, 3);
	CHECK_EQ(usage.io_read_bytes, 7);
	CHECK_EQ(usage.pids_refused, 5);
	CHECK(!usage.has_pids_peak);	/* may have been the run before's */
	usage = (struct cgroup_usage){ .has_pids_peak = true, .pids_peak = 4 };
	cgroup_usage_since(&usage, &before);
	CHECK(usage.has_pids_peak && usage.pids_peak == 4);
}

static void test_v1_limits_without_swap_accounting(void)
{
	struct cgroup_limits limits = cgroup_no_limits;
	struct cordon_error err = { 0 };

	limits.memory_bytes = 4096;
	put("memory.limit_in_bytes", "");
	CHECK_EQ(write_limits(&cgroup_v1_ops, ALL, &limits, &cgroup_no_limits, &err), 0);
	check_text("memory.limit_in_bytes", "4096");
	put("memory.memsw.limit_in_bytes", "");
	put("memory.swappiness", "");
	CHECK_EQ(write_limits(&cgroup_v1_ops, ALL, &limits, &cgroup_no_limits, &err), 0);
	check_text("memory.memsw.limit_in_bytes", "4096");
	check_text("memory.swappiness", "0");
}

int main(void)
{
	void (*const tests[])(void) = {
		test_text, test_long_file, test_v2_usage, test_v2_without_peak, test_v2_limits, test_v2_offers,
		test_v1_usage, test_v1_limits_without_swap_accounting, test_v1_weight, test_v1_offers, test_v1_rate,
		test_v2_cpuset, test_since, test_v2_peak_by_descriptor, test_every_limit_can_be_written,
	};

	REQUIRE(mkdtemp(dir_path) != NULL);
	dirfd_ = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(dirfd_ >= 0);
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		tests[i]();
		drop_all();
	}
	close(dirfd_);
	CHECK_EQ(rmdir(dir_path), 0);
	return TEST_RESULT();
}
