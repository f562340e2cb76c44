/* SPDX-License-Identifier: Apache-2.0 */
/* The process that uses the library is killed with SIGKILL while a program runs: within a second no process of the
 * sandbox and no control group is left. This program kills itself. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include "support/groups.h"
#include "support/sandbox.h"

#define DESCENDANTS_MAX 64

/* The victims: they tell on descriptor 3 that the program runs, and are killed. */
static void victim(const char *const *program, bool sync)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[1].kind = CORDON_STDIO_FD;
	s.command.stdio[1].fd = 3;
	s.command.limits.wall_time_ns = 100 * SEC;
	s.command.sync = sync;
	sandbox_open(&s, program, &o);
	if (o.run && sync && cordon_run_wait(o.run) == CORDON_RUN_SYNC && write(3, "ready\n", 6) == 6)
		pause();
	outcome_wait(&o);
	_exit(1);
}

static void victim_with_a_sleeper(void)
{
	victim(ARGV(SUBJECT, "sleep", "90"), false);
}

static void victim_with_a_family(void)
{
	victim(ARGV("/bin/sh", "-c",
		    "trap '' HUP INT TERM; (setsid sleep 90 &) ; (sleep 90 &); "
		    "(while :; do :; done) & /programs/subject sleep 90"),
	       false);
}

static void victim_at_the_sync_point(void)
{
	victim(ARGV(SUBJECT, "sleep", "90"), true);
}

static pid_t parent_of(pid_t pid)
{
	char path[64], *stat, *at;
	int parent = 0;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	stat = file_read(path);
	at = stat ? strrchr(stat, ')') : NULL;
	if (!at || sscanf(at + 1, " %*c %d", &parent) != 1)
		parent = 0;
	free(stat);
	return parent;
}

/* pidfds, because a pid might be another process's when we look again. */
static int descendants(pid_t ancestor, struct pollfd *ret, int max)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (d && n < max && (e = readdir(d))) {
		pid_t pid = (pid_t)atoi(e->d_name), p = pid;

		while (p > 1 && p != ancestor)
			p = parent_of(p);
		if (pid <= 1 || p != ancestor || pid == ancestor)
			continue;
		ret[n].fd = (int)syscall(SYS_pidfd_open, pid, 0);
		ret[n].events = POLLIN;
		n += ret[n].fd >= 0;
	}
	if (d)
		closedir(d);
	return n;
}

static void kill_in_the_middle_of(const char *scenario)
{
	const struct timespec pause_time = { .tv_nsec = 5000000 };
	struct pollfd left[DESCENDANTS_MAX];
	uint64_t end;
	char text[8];
	int p[2], n, running;
	pid_t pid;

	REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		/* Should this test die, its victim must not stay. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (dup2(p[1], 3) != 3)
			_exit(2);
		if (p[1] == 3)
			(void)fcntl(3, F_SETFD, 0);	/* cannot fail on an open descriptor */
		execl("/proc/self/exe", "victim", scenario, (char *)NULL);
		_exit(127);
	}
	close(p[1]);
	CHECK_EQ(read(p[0], text, sizeof text), 6);
	n = descendants(pid, left, DESCENDANTS_MAX);
	CHECK(n >= 2);	/* cordon-init and the program */
	CHECK_EQ(kill(pid, SIGKILL), 0);
	end = now_ns() + SEC;
	CHECK_EQ(waitpid(pid, NULL, 0), pid);
	for (running = n; running > 0 && now_ns() < end;) {
		running = 0;
		for (int i = 0; i < n; i++)
			running += poll(&left[i], 1, 0) == 0;
		if (running)
			nanosleep(&pause_time, NULL);	/* until all of several descriptors are readable */
	}
	CHECK_EQ(running, 0);
	/* The kernel does not notify about a removed directory. */
	while (cgroups_of(pid) != 0 && now_ns() < end)
		nanosleep(&pause_time, NULL);
	CHECK_EQ(cgroups_of(pid), 0);
	for (int i = 0; i < n; i++)
		close(left[i].fd);
	/* The pipe's last writer was in the sandbox: end of file proves that it has ended, whatever its parent was. */
	{
		struct pollfd hup = { .fd = p[0], .events = POLLIN };

		while (poll(&hup, 1, 1000) == 1 && read(p[0], text, sizeof text) > 0)
			;
		CHECK(hup.revents & POLLHUP);
	}
	close(p[0]);
}

static void killed_while_a_program_sleeps(void)
{
	kill_in_the_middle_of("victim_with_a_sleeper");
}

static void killed_while_a_family_runs(void)
{
	kill_in_the_middle_of("victim_with_a_family");
}

static void killed_at_the_sync_point(void)
{
	kill_in_the_middle_of("victim_at_the_sync_point");
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(killed_while_a_program_sleeps),
		SCENARIO(killed_while_a_family_runs),
		SCENARIO(killed_at_the_sync_point),
		SCENARIO_BY_NAME(victim_with_a_sleeper),
		SCENARIO_BY_NAME(victim_with_a_family),
		SCENARIO_BY_NAME(victim_at_the_sync_point),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
