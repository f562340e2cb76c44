/* SPDX-License-Identifier: Apache-2.0 */
/* storm KIND [MOST]...: takes as much of each kind of resource as the kernel gives, or MOST, and prints "KIND=N", the
 * number of pieces. Then, with "hold" as the last word, keeps everything until standard input ends. The kinds are those
 * that the kernel counts per user: see take below. "pid1" queues signals to process 1. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PIECES_MAX 200000
#define INSTANCES_MAX 256
#define FILES 4000
#define SEGMENT 65536

static int take_instance(long i)
{
	(void)i;
	return inotify_init1(IN_CLOEXEC);
}

/* Each instance has a watch of its own for the same file. */
static int take_watch(long i)
{
	static int instances[INSTANCES_MAX], ninstances;
	char name[64];

	if (i % FILES == 0) {
		if (ninstances == INSTANCES_MAX || (instances[ninstances] = inotify_init1(IN_CLOEXEC)) < 0)
			return -1;
		ninstances++;
	}
	snprintf(name, sizeof name, "%ld", i % FILES);
	if (i < FILES)
		close(open(name, O_CREAT | O_WRONLY, 0600));
	return inotify_add_watch(instances[ninstances - 1], name, IN_DELETE_SELF);
}

static int queue(pid_t pid)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	info.si_code = SI_QUEUE;
	return (int)syscall(SYS_rt_sigqueueinfo, pid, SIGRTMIN + 1, &info);
}

static int take_signal(long i)
{
	sigset_t set;

	(void)i;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return queue(getpid());
}

static int take_pid1(long i)
{
	(void)i;
	return queue(1);
}

static int take_timer(long i)
{
	timer_t timer;

	(void)i;
	return timer_create(CLOCK_MONOTONIC, NULL, &timer);
}

static int take_queue(long i)
{
	char name[64];

	snprintf(name, sizeof name, "/storm-%d-%ld", (int)getpid(), i);
	return mq_open(name, O_CREAT | O_RDWR | O_EXCL, 0600, NULL);
}

static int take_locked(long i)
{
	int id = shmget(IPC_PRIVATE, SEGMENT, 0600);

	(void)i;
	if (id < 0)
		return -1;
	if (shmctl(id, SHM_LOCK, NULL) == 0 && shmat(id, NULL, 0) != (void *)-1)
		return shmctl(id, IPC_RMID, NULL);
	shmctl(id, IPC_RMID, NULL);
	return -1;
}

static const struct {
	const char *kind;
	int (*take)(long i);
} all[] = {
	{ "instances", take_instance },
	{ "watches", take_watch },
	{ "signals", take_signal },
	{ "pid1", take_pid1 },
	{ "timers", take_timer },
	{ "queues", take_queue },
	{ "locked", take_locked },
};

static void storm(const char *kind, long most)
{
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		long n = 0;

		if (strcmp(all[i].kind, kind) != 0)
			continue;
		while (n < most && all[i].take(n) >= 0)
			n++;
		printf("%s=%ld\n", kind, n);
		return;
	}
	_exit(9);
}

int main(int argc, char **argv)
{
	char dir[] = "/tmp/stormXXXXXX", byte;

	if (!mkdtemp(dir) || chdir(dir) != 0)
		return 8;
	for (int i = 1; i < argc && strcmp(argv[i], "hold") != 0; i++) {
		bool has_most = i + 1 < argc && argv[i + 1][0] >= '0' && argv[i + 1][0] <= '9';

		storm(argv[i], has_most ? atol(argv[i + 1]) : PIECES_MAX);
		i += has_most;
	}
	puts("done");
	fflush(stdout);
	if (argc > 1 && strcmp(argv[argc - 1], "hold") == 0)
		while (read(0, &byte, 1) > 0)
			;
	/* What has a name outlives its maker, where nothing else cleans up. */
	for (long i = 0; i < FILES; i++) {
		char name[64];

		snprintf(name, sizeof name, "%ld", i);
		unlink(name);
		snprintf(name, sizeof name, "/storm-%d-%ld", (int)getpid(), i);
		mq_unlink(name);
	}
	rmdir(dir);
	return 0;
}
