/* SPDX-License-Identifier: Apache-2.0 */
/* Groups on the machine's own controllers, v1 or v2: limits are enforced, the kernel's counters are right, nothing is
 * left over.
 *
 * Every child joins a group with limits and has an RLIMIT_AS as well, so that a broken limit cannot harm the
 * machine. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/base.h"
#include "cgroup/cgroup.h"
#include "cordon/command.h"
#include "support/groups.h"
#include "support/test.h"

#define MIB ((uint64_t)1 << 20)
#define MS UINT64_C(1000000)

/* 128 MiB, 16 processes */
static struct cgroup_limits usual, with_freezer;

static struct cgroup *group_open(const struct cgroup_limits *limits)
{
	struct cgroup *group = NULL;
	struct cordon_error err;
	char text[256];

	if (cgroup_open(limits, &group, &err) < 0)
		TEST_FAIL("%s", cordon_error_describe(&err, text, sizeof text));
	REQUIRE(group != NULL);
	return group;
}

/* Shared with the children: CPU time that a process of the group had used before it joined, and when its child had
 * ended. */
static struct cpu_marks {
	uint64_t before_ns, child_ns;
} * cpu_marks;

static uint64_t cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

/* Runs fn in a child inside group; its status of wait(2). */
static int run_in(const struct cgroup *group, int (*fn)(void), struct rusage *ret_usage)
{
	int fds[CGROUP_CONTROLLERS], status = -1;
	uint32_t n = cgroup_procs_fds(group, fds, CGROUP_CONTROLLERS);
	struct rusage usage;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		const struct rlimit as = { 512 * MIB, 512 * MIB };

		if (!test_sanitized && setrlimit(RLIMIT_AS, &as) < 0)
			_exit(99);
		for (uint32_t i = 0; i < n; i++)
			if (write(fds[i], "0", 1) != 1)
				_exit(98);
		cpu_marks->before_ns = cpu_now();
		_exit(fn());
	}
	REQUIRE(wait4(pid, &status, 0, ret_usage != NULL ? ret_usage : &usage) == pid);
	return status;
}

static struct cgroup_usage usage_of(struct cgroup *group)
{
	struct cgroup_usage usage = { 0 };

	CHECK_EQ(cgroup_usage(group, &usage), 0);
	return usage;
}

/* What is left of a process's groups below the directories of every controller. */
static long groups_left(pid_t pid)
{
	long left = 0;

	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		struct cordon_controller controller;

		cgroup_controller_find((enum cgroup_controller)c, &controller);
		left += controller.usable ? cgroups_in_use(controller.path, pid) : 0;
	}
	return left;
}

static int touch(size_t size)
{
	volatile char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return 97;
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 1;
	return 0;
}

static int touch_20_mib(void)
{
	return touch(20 * MIB);
}

static int touch_64_mib(void)
{
	return touch(64 * MIB);
}

static void test_memory_limit_is_reached(void)
{
	const struct cgroup_limits limits = group_limits(32 * MIB, 16);
	struct cgroup *group = group_open(&limits);
	int status = run_in(group, touch_64_mib, NULL);
	struct cgroup_usage usage = usage_of(group);

	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK(usage.has_memory);
	CHECK(usage.oom_kills >= 1);	/* v2 counts the process that it chose once more as a member of the group */
	CHECK(usage.memory_peak_bytes <= 32 * MIB);
	CHECK(usage.memory_peak_bytes > 31 * MIB);
	cgroup_free(group);
}

/* Above the 20 MiB: page tables and the kernel's own share, and up to 64 pages that each CPU charges in advance. */
static void test_memory_peak(void)
{
	struct cgroup *group = group_open(&usual);
	struct cgroup_usage usage;

	CHECK_EQ(run_in(group, touch_20_mib, NULL), 0);
	usage = usage_of(group);
	CHECK_EQ(usage.oom_kills, 0);
	if (usage.memory_peak_bytes < 20 * MIB || usage.memory_peak_bytes > 21 * MIB)
		TEST_FAIL("peak of 20 MiB is %" PRIu64 " bytes", usage.memory_peak_bytes);
	cgroup_free(group);
}

/* The number of processes that it could start: those end at once when it does. */
static int fork_to_the_limit(void)
{
	int ends[2], n = 0;
	char byte;

	if (pipe(ends) < 0)
		return 96;
	for (; n < 50; n++) {
		pid_t pid = fork();

		if (pid < 0)
			break;
		if (pid == 0) {
			close(ends[1]);
			_exit(read(ends[0], &byte, 1) != 0);
		}
	}
	if (errno != EAGAIN)
		return 95;
	close(ends[1]);
	for (int i = 0; i < n; i++)
		wait(NULL);
	return n;
}

static void test_process_limit(void)
{
	const struct cgroup_limits limits = group_limits(128 * MIB, 4);
	struct cgroup *group = group_open(&limits);
	int status = run_in(group, fork_to_the_limit, NULL);

	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 3);
	cgroup_free(group);
}

static int burn(uint64_t ns)
{
	for (volatile unsigned n = 0; cpu_now() < ns;)
		for (int i = 0; i < 100000; i++)
			n++;
	return 0;
}

static int burn_user(void)
{
	return burn(120 * MS);
}

static int burn_system(void)
{
	static char buf[1 << 20];
	int fd = open("/dev/zero", O_RDONLY);

	while (cpu_now() < 120 * MS)
		if (read(fd, buf, sizeof buf) != (ssize_t)sizeof buf)
			return 94;
	return 0;
}

/* A child that is not waited for: rusage would miss it. */
static int burn_unreaped(void)
{
	pid_t pid = fork();

	signal(SIGCHLD, SIG_IGN);
	if (pid == 0) {
		burn_user();
		cpu_marks->child_ns = cpu_now();
		_exit(0);
	}
	while (wait(NULL) > 0)
		;
	return errno == ECHILD ? 0 : 93;
}

static void check_near(int line, uint64_t ns, uint64_t expected_ns, uint64_t margin_ns)
{
	if (ns + margin_ns < expected_ns || ns > expected_ns + margin_ns)
		TEST_FAIL("line %d: %" PRIu64 " us of CPU, not %" PRIu64, line, ns / 1000, expected_ns / 1000);
}

static uint64_t timeval_ns(struct timeval t)
{
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_usec * 1000;
}

static uint64_t cpu_text_ns(const struct cgroup *group, const char *text)
{
	static const char key[] = "usage_usec ";

	if (cgroup_version(group, CGROUP_CPU) == CORDON_CGROUP_V1)
		return strtoull(text, NULL, 10);
	CHECK(strncmp(text, key, strlen(key)) == 0);
	return strtoull(text + strlen(key), NULL, 10) * 1000;
}

/* The kernel's rusage of the same process is the measure, without what it used before it joined. */
static void test_cpu_time(int (*burn)(void), bool mostly_system)
{
	struct cgroup *group = group_open(&usual);
	struct cgroup_usage usage;
	struct rusage rusage;
	char text[32] = "";

	CHECK_EQ(run_in(group, burn, &rusage), 0);
	usage = usage_of(group);
	CHECK(usage.has_cpu);
	check_near(__LINE__, usage.cpu_ns,
		   timeval_ns(rusage.ru_utime) + timeval_ns(rusage.ru_stime) - cpu_marks->before_ns, 5 * MS);
	/* v2 gives each in whole microseconds */
	check_near(__LINE__, usage.user_ns + usage.system_ns, usage.cpu_ns, 2000);
	CHECK((usage.system_ns > usage.user_ns) == mostly_system);
	CHECK(pread(cgroup_cpu_fd(group), text, sizeof text - 1, 0) > 0);
	check_near(__LINE__, cpu_text_ns(group, text), usage.cpu_ns, MS);
	cgroup_free(group);
}

static void test_cpu_time_of_unreaped(void)
{
	struct cgroup *group = group_open(&usual);

	CHECK_EQ(run_in(group, burn_unreaped, NULL), 0);
	/* the parent's own share is not known */
	check_near(__LINE__, usage_of(group).cpu_ns, cpu_marks->child_ns + 30 * MS, 32 * MS);
	cgroup_free(group);
}

/* More than the kernel can number (pids.max then wants "max"), so this is refused after the directories are there. */
static void test_refused_limit_leaves_nothing(void)
{
	const struct cgroup_limits limits = group_limits(128 * MIB, UINT64_C(1) << 40);
	struct cgroup *group = NULL;
	struct cordon_error err = { 0 };

	CHECK_EQ(cgroup_open(&limits, &group, &err), -EINVAL);
	CHECK(group == NULL);
	CHECK_EQ(err.err, EINVAL);
	CHECK_EQ(err.step, CORDON_STEP_CGROUP_LIMIT);
	CHECK_EQ(err.detail_len, strlen("pids.max"));
	CHECK_EQ(groups_left(getpid()), 0);
}

/* The last number in use, from the listing. */
static int last_number(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int pid, n, last = -1;

	REQUIRE(dir != NULL);
	while ((entry = readdir(dir)) != NULL)
		if (sscanf(entry->d_name, "cordon.%d.%d", &pid, &n) == 2 && pid == getpid() && n > last)
			last = n;
	closedir(dir);
	return last;
}

/* As another process makes a group: locked, else the first group of any process removes it (cgroup/dir.h). Returns its
 * descriptor. */
static int make_locked(const char *path)
{
	int fd;

	REQUIRE(mkdir(path, 0755) == 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(fd >= 0 && flock(fd, LOCK_SH) == 0);
	return fd;
}

/* Another process's groups with the next names, in one hierarchy only: neither used nor removed. */
static void test_name_collision(void)
{
	struct cordon_controller memory;
	struct cgroup *first = group_open(&usual), *second;
	char taken[2][800];
	const char *place;
	int number, fds[2];

	cgroup_controller_find(CGROUP_MEMORY, &memory);
	place = cgroups_place(memory.path, getpid());
	number = last_number(place);
	REQUIRE(number >= 0);
	for (int i = 0; i < 2; i++) {
		snprintf(taken[i], sizeof taken[i], "%s/cordon.%d.%d", place, (int)getpid(), number + 1 + i);
		fds[i] = make_locked(taken[i]);
	}
	second = group_open(&usual);
	CHECK_EQ(last_number(place), number + 3);
	CHECK_EQ(run_in(second, touch_20_mib, NULL), 0);
	cgroup_free(second);
	cgroup_free(first);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(rmdir(taken[i]), 0);
		close(fds[i]);
	}
	CHECK_EQ(groups_left(getpid()), 0);
}

/* The first group of a process takes away what dead ones left, and leaves alone what a living one holds, whatever its
 * pid. */
static void test_stale_groups(void)
{
	struct cordon_controller memory;
	char dead[320], held[320];
	int status, fd;
	pid_t pid;

	cgroup_controller_find(CGROUP_MEMORY, &memory);
	snprintf(dead, sizeof dead, "%s/cordon.%d.dead", memory.path, (int)getpid());
	snprintf(held, sizeof held, "%s/cordon.%d.held", memory.path, (int)getpid());
	REQUIRE(mkdir(dead, 0755) == 0);
	fd = make_locked(held);
	pid = fork();
	if (pid == 0) {
		test_failures = 0;
		cgroup_free(group_open(&usual));
		_exit(TEST_RESULT());
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	CHECK(access(dead, F_OK) < 0);
	CHECK(access(held, F_OK) == 0);
	CHECK_EQ(rmdir(held), 0);
	close(fd);
}

/* A process that has been killed but not reaped keeps its group busy: freeing waits for it. */
static void test_free_waits_for_the_dying(void)
{
	struct cgroup *group = group_open(&usual);
	int fds[CGROUP_CONTROLLERS], ends[2];
	uint32_t n = cgroup_procs_fds(group, fds, CGROUP_CONTROLLERS);
	char byte;
	pid_t pid;

	REQUIRE(pipe(ends) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		for (uint32_t i = 0; i < n; i++)
			if (write(fds[i], "0", 1) != 1)
				_exit(98);
		if (write(ends[1], "x", 1) != 1)
			_exit(97);
		pause();
		_exit(0);
	}
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	kill(pid, SIGKILL);
	cgroup_free(group);
	CHECK_EQ(groups_left(getpid()), 0);
	CHECK(waitpid(pid, NULL, 0) == pid);
	close(ends[0]);
	close(ends[1]);
}

static void test_without_limits(void)
{
	struct cgroup *group = group_open(&cgroup_no_limits);

	CHECK_EQ(run_in(group, touch_64_mib, NULL), 0);
	CHECK_EQ(usage_of(group).oom_kills, 0);
	cgroup_free(group);
}

/* -- what is there where the machine has it -- */

static bool has(enum cgroup_controller controller)
{
	struct cordon_controller found;

	cgroup_controller_find(controller, &found);
	CHECK((cgroup_controller_problem(controller) == NULL) == (found.usable != 0));
	return found.usable != 0;
}

static uint64_t wall_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 * MS + (uint64_t)t.tv_nsec;
}

static int burn_little(void)
{
	return burn(40 * MS);
}

/* A twentieth of a CPU, which a busy machine has to give, too; else nothing is held back. 40 ms of work take at least
 * 600 ms, because the last of 8 shares begins in the eighth period. */
static void test_cpu_rate(void)
{
	struct cgroup_limits limits = usual;
	struct cgroup *group;
	struct cgroup_usage usage;
	uint64_t start = wall_now();

	limits.cpu_rate = 50;
	group = group_open(&limits);
	CHECK_EQ(run_in(group, burn_little, NULL), 0);
	usage = usage_of(group);
	CHECK(wall_now() - start >= 600 * MS);
	CHECK(usage.has_throttled && usage.throttled_ns >= 100 * MS);
	cgroup_free(group);
	CHECK_EQ(groups_left(getpid()), 0);
}

static cpu_set_t allowed;

static int report_cpus(void)
{
	cpu_set_t own, all;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		CPU_SET(cpu, &all);
	/* It can't get them back. */
	if (sched_setaffinity(0, sizeof all, &all) < 0 || sched_getaffinity(0, sizeof own, &own) < 0)
		return 92;
	return CPU_EQUAL(&own, &allowed) ? 0 : 91;
}

static void test_cpuset(void)
{
	struct cgroup_limits limits = usual;
	struct cgroup *group;
	struct cpus cpus;
	char list[16];
	int last = 0;

	REQUIRE(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed))
			last = cpu;
	CPU_ZERO(&allowed);
	CPU_SET(last, &allowed);
	snprintf(list, sizeof list, "%d", last);
	REQUIRE(cpus_parse(list, &cpus));
	limits.cpuset = &cpus;
	group = group_open(&limits);
	memset(&cpus, 0xff, sizeof cpus);	/* it was borrowed */
	CHECK_EQ(run_in(group, report_cpus, NULL), 0);
	cgroup_free(group);
	CHECK_EQ(groups_left(getpid()), 0);
}

static void check_refused(int line, const struct cgroup_limits *limits, const char *detail)
{
	struct cordon_error err = { 0 };
	struct cgroup *group = NULL;
	int rc = cgroup_open(limits, &group, &err);

	if (rc >= 0 || group != NULL || err.step != CORDON_STEP_CGROUP_LIMIT ||
	    strncmp(err.detail, detail, strlen(detail)) != 0)
		TEST_FAIL("line %d: %d, step %u, %.*s", line, rc, err.step, (int)err.detail_len, err.detail);
	CHECK_EQ(groups_left(getpid()), 0);
}

static void test_refused_values(void)
{
	struct cgroup_limits limits = usual;
	struct cpus cpus;

	limits.cpu_rate = 0;
	check_refused(__LINE__, &limits, "cpu_rate: 0: ");
	limits.cpu_rate = 8192001;
	check_refused(__LINE__, &limits, "cpu_rate: 8192001: ");
	limits = usual;
	limits.cpu_weight = 10001;
	check_refused(__LINE__, &limits, "cpu_weight: 10001: ");
	limits = usual;
	limits.cpuset = &cpus;
	REQUIRE(cpus_parse("8191", &cpus));	/* no such CPU here: the kernel's refusal on v1, ours on v2 */
	check_refused(__LINE__, &limits, has(CGROUP_CPUSET) ? "cpuset.cpus" : "cpuset: 8191: ");
	REQUIRE(cpus_parse("0,8191", &cpus));
	check_refused(__LINE__, &limits, has(CGROUP_CPUSET) ? "cpuset.cpus" : "cpuset: 0,8191: ");
}

static void test_process_peak(void)
{
	struct cgroup *group = group_open(&usual);
	struct cgroup_usage usage;

	CHECK_EQ(WEXITSTATUS(run_in(group, fork_to_the_limit, NULL)), 15);
	usage = usage_of(group);
	if (usage.has_pids_peak)
		CHECK_EQ(usage.pids_peak, 16);
	cgroup_free(group);
}

static bool kernel_is_at_least(int major, int minor)
{
	int got[2] = { 0 };
	struct utsname name;

	REQUIRE(uname(&name) == 0 && sscanf(name.release, "%d.%d", &got[0], &got[1]) == 2);
	return got[0] > major || (got[0] == major && got[1] >= minor);
}

/* A kept group gets what the next run asks for, and loses what it does not. */
static void test_begin(void)
{
	struct cgroup_limits limits = usual;
	struct cgroup *group = group_open(&usual);
	struct cgroup_usage before, usage;
	struct cpus cpus;
	int status;

	CHECK_EQ(run_in(group, touch_20_mib, NULL), 0);
	limits.memory_bytes = 32 * MIB;
	if (cgroup_begin(group, &limits, &before) < 0) {
		CHECK_EQ(cgroup_version(group, CGROUP_MEMORY), CORDON_CGROUP_V2);
		CHECK(!kernel_is_at_least(6, 12));	/* from there on the peak can be started anew */
		cgroup_free(group);
		return;
	}
	status = run_in(group, touch_64_mib, NULL);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	usage = usage_of(group);
	cgroup_usage_since(&usage, &before);
	CHECK(usage.oom_kills >= 1);
	CHECK_EQ(cgroup_begin(group, &cgroup_no_limits, &before), 0);
	CHECK_EQ(run_in(group, touch_64_mib, NULL), 0);
	usage = usage_of(group);
	cgroup_usage_since(&usage, &before);
	CHECK_EQ(usage.oom_kills, 0);
	CHECK(usage.memory_peak_bytes >= 63 * MIB && usage.memory_peak_bytes < 70 * MIB);
	REQUIRE(cpus_parse("0", &cpus));
	limits.cpuset = &cpus;
	CHECK_EQ(cgroup_begin(group, &limits, &before),
		 has(CGROUP_CPUSET) && (cgroup_controllers(group) & CGROUP_BIT(CGROUP_CPUSET)) != 0 ? 0 : -EAGAIN);
	cgroup_free(group);
	CHECK_EQ(groups_left(getpid()), 0);
}

/* -- the freezer -- */

/* Counts into a pipe for ever and continues only itself: SIGCONT does not thaw it. */
static pid_t start_ticker(const struct cgroup *group, int *ret_ticks)
{
	int fds[CGROUP_CONTROLLERS], ends[2];
	uint32_t n = cgroup_procs_fds(group, fds, CGROUP_CONTROLLERS);
	char byte;
	pid_t pid;

	REQUIRE(pipe2(ends, O_CLOEXEC | O_NONBLOCK) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		alarm(60);
		for (uint32_t i = 0; i < n; i++)
			if (write(fds[i], "0", 1) != 1)
				_exit(98);
		/* As a program has it: a descriptor of the group would hold its lock (cgroup/dir.h). */
		if (dup2(ends[1], 3) != 3 || close_range(4, ~0u, 0) < 0)
			_exit(97);
		for (;;) {
			(void)!write(3, "x", 1);
			kill(getpid(), SIGCONT);
			usleep(1000);
		}
	}
	close(ends[1]);
	for (struct pollfd p = { ends[0], POLLIN, 0 }; poll(&p, 1, 10000) != 1;)
		;
	CHECK_EQ(read(ends[0], &byte, 1), 1);
	*ret_ticks = ends[0];
	return pid;
}

static bool ticks(int fd, int wait_ms)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char rest[4096];

	while (read(fd, rest, sizeof rest) > 0)
		;
	return poll(&p, 1, wait_ms) == 1 && (p.revents & POLLIN) != 0;
}

static void test_freezer(void)
{
	struct cgroup *group = group_open(&with_freezer);
	int fd, quiet = 0;
	pid_t pid = start_ticker(group, &fd);

	CHECK(ticks(fd, 10000));
	CHECK_EQ(cgroup_freeze(group, true), 0);
	for (int i = 0; i < 100 && quiet < 3; i++)
		quiet = ticks(fd, 100) ? 0 : quiet + 1;
	CHECK_EQ(quiet, 3);
	CHECK_EQ(cgroup_freeze(group, false), 0);
	CHECK(ticks(fd, 10000));
	/* What is killed while it is frozen goes with its group, at the latest. */
	CHECK_EQ(cgroup_freeze(group, true), 0);
	kill(pid, SIGKILL);
	cgroup_free(group);
	CHECK_EQ(groups_left(getpid()), 0);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	close(fd);
}

/* A host that dies with a frozen program: the janitor thaws it, and it can die. */
static void test_frozen_orphans(void)
{
	int ends[2], fd = -1;
	pid_t pids[2], host;

	REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
	host = fork();
	REQUIRE(host >= 0);
	if (host == 0) {
		struct cgroup *group = group_open(&with_freezer);

		pids[0] = start_ticker(group, &fd);
		pids[1] = cgroup_freeze(group, true);
		kill(pids[0], SIGKILL);
		_exit(write(ends[1], pids, sizeof pids) != sizeof pids);
	}
	CHECK_EQ(waitpid(host, NULL, 0), host);
	CHECK_EQ(read(ends[0], pids, sizeof pids), (ssize_t)sizeof pids);
	CHECK_EQ(pids[1], 0);
	for (int i = 0; i < 500 && groups_left(host) > 0; i++)
		usleep(20000);
	CHECK_EQ(groups_left(host), 0);
	close(ends[0]);
	close(ends[1]);
}

/* -- out of memory -- */

static int wait_for_a_victim(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(touch_64_mib());
	alarm(60);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		return 90;
	return 0;
}

/* The notice comes by the descriptor, also where the main process lives on (v1), and not twice for one kill. */
static void test_oom_notice(void)
{
	struct cgroup_limits limits = usual;
	struct cgroup_usage before;
	struct cgroup *group;
	struct pollfd p = { 0 };
	bool killed = false;

	limits.memory_bytes = 32 * MIB;
	group = group_open(&limits);
	p.fd = cgroup_oom_fd(group, &p.events);
	CHECK(p.fd >= 0);
	REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	before = usage_of(group);
	CHECK(poll(&p, 1, 0) == 0 || !cgroup_oom_killed(group, &before));
	CHECK_EQ(poll(&p, 1, 0), 0);
	run_in(group, wait_for_a_victim, NULL);
	for (int i = 0; i < 100 && !killed; i++)
		killed = poll(&p, 1, 10000) == 1 && cgroup_oom_killed(group, &before);
	CHECK(killed);
	while (wait(NULL) > 0)	/* the victim, which on v2 still counts itself: an orphan by now */
		;
	CHECK_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
	before = usage_of(group);
	CHECK(!cgroup_oom_killed(group, &before));
	/* v2 tells of each line of the file, some of them later */
	for (int i = 0; i < 10 && poll(&p, 1, 100) != 0; i++)
		CHECK(!cgroup_oom_killed(group, &before));
	CHECK_EQ(poll(&p, 1, 100), 0);
	cgroup_free(group);
}

/* -- cgroup.kill -- */

static void test_free_kills_what_stays(void)
{
	struct cgroup *group = group_open(&usual);
	int fd, status;
	pid_t pid = start_ticker(group, &fd);
	struct cordon_controller memory;
	const char *place;
	char path[800];

	cgroup_controller_find(CGROUP_MEMORY, &memory);
	place = cgroups_place(memory.path, getpid());
	snprintf(path, sizeof path, "%s/cordon.%d.%d/cgroup.kill", place, (int)getpid(), last_number(place));
	if (access(path, F_OK) < 0) {
		kill(pid, SIGKILL);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		cgroup_free(group);
	} else {
		cgroup_free(group);
		CHECK_EQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	}
	CHECK_EQ(groups_left(getpid()), 0);
	close(fd);
}

static void test_null_group(void)
{
	struct cgroup_usage usage;
	short events;
	int fd;

	CHECK_EQ(cgroup_controllers(NULL), 0);
	CHECK_EQ(cgroup_procs_fds(NULL, &fd, 1), 0);
	CHECK_EQ(cgroup_cpu_fd(NULL), -1);
	CHECK_EQ(cgroup_version(NULL, CGROUP_MEMORY), CORDON_CGROUP_NONE);
	CHECK_EQ(cgroup_usage(NULL, &usage), 0);
	CHECK(!usage.has_memory && !usage.has_cpu);
	CHECK_EQ(cgroup_oom_fd(NULL, &events), -1);
	cgroup_free(NULL);
}

int main(void)
{
	cpu_marks = mmap(NULL, sizeof *cpu_marks, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	REQUIRE(cpu_marks != MAP_FAILED);
	usual = with_freezer = group_limits(128 * MIB, 16);
	with_freezer.want = CGROUP_BIT(CGROUP_FREEZER);
	test_null_group();
	for (int c = 0; c <= CGROUP_CPU; c++) {
		struct cordon_controller controller;

		cgroup_controller_find((enum cgroup_controller)c, &controller);
		CHECK((cgroup_controller_problem((enum cgroup_controller)c) == NULL) == (controller.usable != 0));
		if (!controller.usable)
			SKIP("cgroup: no usable memory, pids and cpu controllers");
	}
	CHECK_EQ(groups_left(getpid()), 0);
	test_memory_limit_is_reached();
	test_memory_peak();
	test_process_limit();
	test_cpu_time(burn_user, false);
	test_cpu_time(burn_system, true);
	test_cpu_time_of_unreaped();
	test_refused_limit_leaves_nothing();
	test_name_collision();
	test_stale_groups();
	test_free_waits_for_the_dying();
	test_without_limits();
	test_refused_values();
	test_process_peak();
	test_begin();
	test_oom_notice();
	test_free_kills_what_stays();
	if (has(CGROUP_QUOTA))
		test_cpu_rate();
	if (has(CGROUP_CPUSET))
		test_cpuset();
	if (has(CGROUP_FREEZER)) {
		test_freezer();
		test_frozen_orphans();
	}
	CHECK_EQ(groups_left(getpid()), 0);
	return TEST_RESULT();
}
