/* The counters of both versions, read from files with the texts of real kernels: any machine can run this. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cgroup/file.h"
#include "cgroup/version.h"
#include "cordon/command.h"
#include "support/test.h"

#define ALL (CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS) | CGROUP_BIT(CGROUP_CPU))

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
		"memory.max", "memory.swap.max", "memory.oom.group", "memory.events", "memory.peak", "memory.current", "pids.max", "cpu.stat",
		"cgroup.controllers", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.swappiness",
		"memory.max_usage_in_bytes", "memory.usage_in_bytes", "memory.oom_control", "cpuacct.usage", "cpuacct.usage_user", "cpuacct.usage_sys",
		"long",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		(void)unlinkat(dirfd_, names[i], 0);
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
	put("cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnice_usec 0\nnr_periods 0\n");
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, ALL, &usage), 0);
	CHECK(usage.has_memory && usage.has_cpu);
	CHECK_EQ(usage.oom_kills, 3);
	CHECK_EQ(usage.memory_peak_bytes, 20971520);
	CHECK_EQ(usage.cpu_ns, 1500000);
	CHECK_EQ(usage.user_ns, 1000000);
	CHECK_EQ(usage.system_ns, 500000);
}

/* Before Linux 5.19 there is no peak; the kernel's count of kills is there all the same. */
static void test_v2_without_peak(void)
{
	struct cgroup_usage usage = { 0 };

	put("memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 1\n");
	put("memory.current", "8192\n");
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, CGROUP_BIT(CGROUP_MEMORY), &usage), 0);
	CHECK(!usage.has_memory && !usage.has_cpu);
	CHECK_EQ(usage.oom_kills, 1);
	put("memory.events", "nothing\n");
	CHECK_EQ(cgroup_v2_ops.usage(dirfd_, CGROUP_BIT(CGROUP_MEMORY), &usage), -EPROTO);
}

static void test_v2_limits(void)
{
	const struct cgroup_limits limits = { .memory_bytes = 67108864, .processes = 32 };
	struct cordon_error err = { 0 };

	put("memory.max", "");
	put("memory.swap.max", "");
	put("memory.oom.group", "");
	put("pids.max", "");
	CHECK_EQ(cgroup_v2_ops.limit(dirfd_, ALL, &limits, &err), 0);
	CHECK_EQ(err.step, CORDON_STEP_NONE);
	check_text("memory.max", "67108864");
	check_text("memory.swap.max", "0");
	check_text("memory.oom.group", "1");
	check_text("pids.max", "32");
	unlinkat(dirfd_, "memory.swap.max", 0);	/* a kernel without swap */
	CHECK_EQ(cgroup_v2_ops.limit(dirfd_, ALL, &limits, &err), 0);
	unlinkat(dirfd_, "pids.max", 0);
	CHECK_EQ(cgroup_v2_ops.limit(dirfd_, ALL, &limits, &err), -ENOENT);
	CHECK_EQ(err.step, CORDON_STEP_CGROUP_LIMIT);
	CHECK(err.detail_len == 8 && memcmp(err.detail, "pids.max", 8) == 0);
}

static void test_v2_offers(void)
{
	put("cgroup.controllers", "cpuset cpu io memory\n");
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_MEMORY));
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_PIDS));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_CPU));
	put("cgroup.controllers", "memory_x pids\n");
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_MEMORY));
	CHECK(cgroup_v2_ops.offers(dirfd_, CGROUP_PIDS));
	put("cgroup.controllers", "");
	CHECK(!cgroup_v2_ops.offers(dirfd_, CGROUP_MEMORY));
}

/* The exact time in the proportion of the ticks. */
static void test_v1_usage(void)
{
	struct cgroup_usage usage = { 0 };

	put("memory.max_usage_in_bytes", "1048576\n");
	put("memory.usage_in_bytes", "4096\n");
	put("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
	put("cpuacct.usage", "9000001\n");
	put("cpuacct.usage_user", "8000000\n");
	put("cpuacct.usage_sys", "4000000\n");
	CHECK_EQ(cgroup_v1_ops.usage(dirfd_, ALL, &usage), 0);
	CHECK_EQ(usage.memory_peak_bytes, 1048576);
	CHECK_EQ(usage.memory_bytes, 4096);
	CHECK_EQ(usage.oom_kills, 2);
	CHECK_EQ(usage.cpu_ns, 9000001);
	CHECK_EQ(usage.user_ns, 6000000);
	CHECK_EQ(usage.system_ns, 3000001);
	put("cpuacct.usage_user", "0\n");	/* shorter than a tick */
	put("cpuacct.usage_sys", "0\n");
	CHECK_EQ(cgroup_v1_ops.usage(dirfd_, CGROUP_BIT(CGROUP_CPU), &usage), 0);
	CHECK_EQ(usage.user_ns, 9000001);
	CHECK_EQ(usage.system_ns, 0);
}

static void test_v1_limits_without_swap_accounting(void)
{
	const struct cgroup_limits limits = { .memory_bytes = 4096, .processes = CORDON_UNLIMITED };
	struct cordon_error err = { 0 };

	put("memory.limit_in_bytes", "");
	CHECK_EQ(cgroup_v1_ops.limit(dirfd_, ALL, &limits, &err), 0);
	check_text("memory.limit_in_bytes", "4096");
	put("memory.memsw.limit_in_bytes", "");
	put("memory.swappiness", "");
	CHECK_EQ(cgroup_v1_ops.limit(dirfd_, ALL, &limits, &err), 0);
	check_text("memory.memsw.limit_in_bytes", "4096");
	check_text("memory.swappiness", "0");
}

int main(void)
{
	void (*const tests[])(void) = { test_text,     test_long_file,  test_v2_usage, test_v2_without_peak,
					test_v2_limits, test_v2_offers, test_v1_usage, test_v1_limits_without_swap_accounting };

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
