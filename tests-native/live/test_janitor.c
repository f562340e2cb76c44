/* SPDX-License-Identifier: Apache-2.0 */
/* A host process that is killed, also with programs in its groups, leaves no group behind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "base/base.h"
#include "cgroup/cgroup.h"
#include "cordon/command.h"
#include "support/groups.h"
#include "support/test.h"

#define GROUPS 20
#define MEMORY_BYTES (64 << 20)
#define PROCESSES 8
#define DEADLINE_NS NSEC_PER_SEC

/* A program in the group that outlives its host by 200 ms, so that the janitor meets a busy group. Returns when it is
 * in the group and has closed its copies of the host's descriptors, which would keep the host's pipe open. No program
 * that Cordon starts has any. */
static void program_start(const struct cgroup *group)
{
	int fds[CGROUP_CONTROLLERS], ready[2];
	uint32_t n = cgroup_procs_fds(group, fds, CGROUP_CONTROLLERS);
	char byte;

	if (pipe2(ready, O_CLOEXEC) != 0)
		_exit(95);
	if (fork() != 0) {
		close(ready[1]);
		if (read(ready[0], &byte, 1) != 0)
			_exit(94);
		close(ready[0]);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		if (write(fds[i], "0", 1) != 1)
			_exit(98);
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	_exit(0);
}

static _Noreturn void host_main(int ready_fd, bool with_program)
{
	const struct cgroup_limits limits = group_limits(MEMORY_BYTES, PROCESSES);

	for (int i = 0; i < GROUPS; i++) {
		struct cgroup *group = NULL;
		struct cordon_error err;

		if (cgroup_open(&limits, &group, &err) < 0 || group == NULL)
			_exit(97);
		if (with_program && i == 0)
			program_start(group);
	}
	if (write(ready_fd, "x", 1) != 1)
		_exit(96);
	for (;;)
		pause();
}

/* Ends with how, then the pipe's end shows whether anything still holds what the host had open. */
static void test_host_ends(int how, bool with_program)
{
	uint64_t start;
	int ends[2], status;
	char byte;
	pid_t pid;

	REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		host_main(ends[1], with_program);
	close(ends[1]);
	REQUIRE(read(ends[0], &byte, 1) == 1);
	CHECK(cgroups_of(pid) >= GROUPS);
	kill(pid, how);
	start = clock_ns();
	REQUIRE(waitpid(pid, &status, 0) == pid);
	/* The janitor must hold nothing of the host's: a reader of the host's output would wait for it. */
	CHECK_EQ(poll(&(struct pollfd){ .fd = ends[0], .events = POLLIN }, 1, 100), 1);
	CHECK_EQ(read(ends[0], &byte, 1), 0);
	while (cgroups_of(pid) > 0 && clock_ns() - start < DEADLINE_NS)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	CHECK_EQ(cgroups_of(pid), 0);
	close(ends[0]);
}

static int fds_of(pid_t pid)
{
	char path[64];
	DIR *dir;
	int count = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	REQUIRE(dir != NULL);
	for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* The signal of a terminal or a service manager reaches the janitor too, which has to live longer than the host. Nor is
 * it a child that the host's own waitpid(-1) could meet. */
static void test_janitor_is_apart(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	const struct cgroup_limits limits = group_limits(MEMORY_BYTES, PROCESSES);
	struct cgroup *group = NULL;
	struct cordon_error err;
	char path[64], cwd[256] = "";
	pid_t janitor;

	REQUIRE(cgroup_open(&limits, &group, &err) == 0);
	janitor = janitor_of(getpid());
	REQUIRE(janitor > 0);
	CHECK(getsid(janitor) != getsid(0));
	CHECK(fds_of(janitor) <= 1 + CGROUP_CONTROLLERS);
	snprintf(path, sizeof path, "/proc/%d/cwd", (int)janitor);
	CHECK_EQ(readlink(path, cwd, sizeof cwd - 1), 1);
	CHECK_STR(cwd, "/");
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		kill(janitor, signals[i]);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	CHECK_EQ(janitor_of(getpid()), janitor);
	CHECK_EQ(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	CHECK_EQ(errno, ECHILD);
	cgroup_free(group);
}

int main(void)
{
	struct cordon_controller memory;

	cgroup_controller_find(CGROUP_MEMORY, &memory);
	if (!memory.usable)
		SKIP("cgroup: no usable memory controller");
	test_host_ends(SIGKILL, false);
	test_host_ends(SIGKILL, true);
	test_host_ends(SIGTERM, false);
	test_janitor_is_apart();
	return TEST_RESULT();
}
