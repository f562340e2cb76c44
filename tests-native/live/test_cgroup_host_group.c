/* SPDX-License-Identifier: Apache-2.0 */
/* The move into a host group, on a machine whose v2 hierarchy has the controllers: it makes a user slice or a container
 * usable, and leaves other groups alone.
 *
 * Each scenario is a new process, because a process looks for its groups once: this executable, in a group
 * cordon.<pid>.<name> that enables no controllers, made by the test below its own group. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cgroup/cgroup.h"
#include "cordon/command.h"
#include "support/groups.h"
#include "support/test.h"

#define MIB ((uint64_t)1 << 20)

/* ---- in the scenario's process ---- */

static void read_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, buf, size - 1) : -1;

	buf[n > 0 ? n : 0] = '\0';
	close(fd);
}

/* The last name of the group of pid. */
static const char *group_of(pid_t pid)
{
	static char text[512];
	char path[64], *slash;

	snprintf(path, sizeof path, "/proc/%d/cgroup", (int)pid);
	read_text(path, text, sizeof text);
	text[strcspn(text, "\n")] = '\0';
	slash = strrchr(text, '/');
	return slash != NULL ? slash + 1 : "";
}

static int touch_64_mib(void)
{
	volatile char *memory = mmap(NULL, 64 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (size_t i = 0; memory != MAP_FAILED && i < 64 * MIB; i += 4096)
		memory[i] = 1;
	return 0;
}

/* A group with a limit that holds. */
static void check_works(void)
{
	const struct cgroup_limits limits = group_limits(32 * MIB, 16);
	struct cgroup_usage usage = { 0 };
	struct cgroup *group = NULL;
	struct cordon_error err;
	char text[256];
	int fds[CGROUP_CONTROLLERS], status;
	uint32_t n;
	pid_t pid;

	if (cgroup_open(&limits, &group, &err) < 0)
		TEST_FAIL("%s", cordon_error_describe(&err, text, sizeof text));
	REQUIRE(group != NULL);
	CHECK_EQ(cgroup_version(group, CGROUP_MEMORY), CORDON_CGROUP_V2);
	CHECK_EQ(cgroup_version(group, CGROUP_PIDS), CORDON_CGROUP_V2);
	n = cgroup_procs_fds(group, fds, CGROUP_CONTROLLERS);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		const struct rlimit as = { 512 * MIB, 512 * MIB };

		if (setrlimit(RLIMIT_AS, &as) < 0)
			_exit(99);
		for (uint32_t i = 0; i < n; i++)
			if (write(fds[i], "0", 1) != 1)
				_exit(98);
		_exit(touch_64_mib());
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	CHECK_EQ(cgroup_usage(group, &usage), 0);
	CHECK(usage.oom_kills >= 1);
	cgroup_free(group);
}

static void check_leaf(pid_t pid, pid_t maker)
{
	char name[64];

	snprintf(name, sizeof name, "cordon.%d.host", (int)maker);
	CHECK_STR(group_of(pid), name);
}

static int run_again(const char *scenario)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		execl("/proc/self/exe", "test", scenario, NULL);
		_exit(127);
	}
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

/* Alone in its group: moved. A process that it starts makes its groups in the same place. */
static void alone(void)
{
	check_works();
	check_leaf(getpid(), getpid());
	CHECK_EQ(run_again("inside"), 0);
}

static void inside(void)
{
	char before[64];

	snprintf(before, sizeof before, "%s", group_of(getpid()));
	check_works();
	CHECK_STR(group_of(getpid()), before);
	CHECK(cgroup_controller_problem(CGROUP_MEMORY) == NULL);
}

static pid_t start_neighbour(void)
{
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		alarm(120);
		for (;;)
			pause();
	}
	return pid;
}

static void end_neighbour(pid_t pid)
{
	kill(pid, SIGKILL);
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
}

/* Another process is there, and the group is not our container's: no process is moved, and the reason is returned. */
static void not_alone(void)
{
	pid_t neighbour = start_neighbour();
	char before[64];
	const char *problem;

	snprintf(before, sizeof before, "%s", group_of(getpid()));
	problem = cgroup_controller_problem(CGROUP_MEMORY);
	CHECK(problem != NULL && strstr(problem, "other processes") != NULL);
	CHECK_STR(group_of(getpid()), before);
	CHECK_STR(group_of(neighbour), before);
	end_neighbour(neighbour);
}

/* The root of its cgroup namespace, as in Docker: all that is in it moves. */
static void container(void)
{
	pid_t neighbour = start_neighbour();

	REQUIRE(unshare(CLONE_NEWCGROUP | CLONE_NEWNS) == 0);
	REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	REQUIRE(umount2("/sys/fs/cgroup", MNT_DETACH) == 0);
	REQUIRE(mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) == 0);
	check_works();
	check_leaf(getpid(), getpid());
	check_leaf(neighbour, getpid());
	end_neighbour(neighbour);
}

/* The same with a read-only mount, Docker's usual one: not delegated. */
static void read_only(void)
{
	REQUIRE(unshare(CLONE_NEWCGROUP | CLONE_NEWNS) == 0);
	REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	REQUIRE(umount2("/sys/fs/cgroup", MNT_DETACH) == 0);
	REQUIRE(mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, NULL) == 0);
	REQUIRE(mount(NULL, "/sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	CHECK(cgroup_controller_problem(CGROUP_MEMORY) != NULL);
	CHECK_STR(group_of(getpid()), "");
}

static const struct {
	const char *name;
	void (*run)(void);
	bool inner;	/* started by another one */
} scenarios[] = {
	{ "alone", alone, false },         { "inside", inside, true },         { "not_alone", not_alone, false },
	{ "container", container, false }, { "read_only", read_only, false },
};

/* ---- in the test's process ---- */

static char home[600];

static bool has_controllers(void)
{
	char text[512], path[700];

	read_text("/proc/self/cgroup", text, sizeof text);
	if (strncmp(text, "0::", 3) != 0)
		return false;
	text[strcspn(text, "\n")] = '\0';
	snprintf(home, sizeof home, "/sys/fs/cgroup%s", text + 3);
	snprintf(path, sizeof path, "%s/cgroup.subtree_control", home);
	read_text(path, text, sizeof text);
	return strstr(text, "memory") != NULL && strstr(text, "pids") != NULL;
}

/* The directories of what was moved and of its maker are empty when the last janitor has gone. */
static bool remove_tree(const char *group, pid_t maker)
{
	char leaf[800];

	snprintf(leaf, sizeof leaf, "%s/cordon.%d.host", group, (int)maker);
	for (int i = 0; i < 500; i++) {
		(void)rmdir(leaf);
		if (rmdir(group) == 0)
			return true;
		usleep(20000);
	}
	return false;
}

static void run_scenario(const char *name)
{
	char group[700], procs[720];
	int ends[2], status, lock;
	pid_t pid;

	test_scenario(name);
	REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		char byte;

		close(ends[1]);
		if (read(ends[0], &byte, 1) == 1)
			execl("/proc/self/exe", "test", name, NULL);
		_exit(127);
	}
	snprintf(group, sizeof group, "%s/cordon.%d.%s", home, (int)getpid(), name);
	REQUIRE(mkdir(group, 0755) == 0);
	/* Else the first group of any other process would take it for a dead one's, with all that is in it. */
	lock = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(lock >= 0 && flock(lock, LOCK_SH) == 0);
	snprintf(procs, sizeof procs, "%s/cgroup.procs", group);
	{
		char text[16];
		int fd = open(procs, O_WRONLY | O_CLOEXEC), n = snprintf(text, sizeof text, "%d", (int)pid);

		REQUIRE(fd >= 0 && write(fd, text, (size_t)n) == n);
		close(fd);
	}
	REQUIRE(write(ends[1], "x", 1) == 1);
	close(ends[0]);
	close(ends[1]);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	if (status != 0)
		TEST_FAIL("%s: status %#x", name, (unsigned)status);
	if (!remove_tree(group, pid))
		TEST_FAIL("%s: groups are left", name);
	close(lock);
}

int main(int argc, char **argv)
{
	test_watch(0);
	for (size_t i = 0; argc == 2 && i < sizeof scenarios / sizeof scenarios[0]; i++)
		if (strcmp(argv[1], scenarios[i].name) == 0) {
			scenarios[i].run();
			return TEST_RESULT();
		}
	if (geteuid() != 0 || !has_controllers())
		SKIP("host group: no v2 group that enables memory and pids for its children");
	for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
		if (!scenarios[i].inner)
			run_scenario(scenarios[i].name);
	return TEST_RESULT();
}
