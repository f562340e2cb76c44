/* SPDX-License-Identifier: Apache-2.0 */
/* interrupted: makes argv[1] rounds of calls in the working directory while a signal comes 5,000 times a second, whose
 * handler has no SA_RESTART. Prints for each call how often it failed with EINTR ("name=N") and, as "other", with
 * another errno than it may. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define PERIOD_US 200

enum call { OPEN, STAT, MKDIR, RENAME, RMDIR, ACCESS, READLINK, CHDIR, UNLINK,
	    FORK, VFORK, THREAD, EXEC, AFFINITY, OTHER, CALLS };

static const char *const names[CALLS] = {
	"open", "stat", "mkdir", "rename", "rmdir", "access", "readlink", "chdir", "unlink", "fork", "vfork", "thread",
	"exec", "affinity", "other",
};

static volatile sig_atomic_t ticks;
static long interrupted[CALLS], made;

static void on_tick(int sig)
{
	(void)sig;
	ticks++;
}

/* err: 0, or the errno of a call that failed. */
static bool note(enum call call, int err)
{
	made++;
	if (err != 0)
		interrupted[err == EINTR ? call : OTHER]++;
	if (err != 0 && err != EINTR)
		(void)fprintf(stderr, "%s: %s\n", names[call], strerror(err));
	return err == 0;
}

#define NOTE(call, expression) note((call), (expression) < 0 ? errno : 0)

static void reap(pid_t pid, enum call call)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		note(call, WEXITSTATUS(status) == EINTR ? EINTR : EIO);
}

static void files(void)
{
	struct stat st;
	char text[16];
	int fd = open("file", O_CREAT | O_RDWR, 0644);

	(void)NOTE(OPEN, fd);
	while (fd < 0 && errno == EINTR)
		fd = open("file", O_CREAT | O_RDWR, 0644);
	if (fd >= 0)
		(void)close(fd);
	(void)NOTE(STAT, stat("file", &st));
	(void)NOTE(ACCESS, access("file", R_OK));
	(void)NOTE(READLINK, readlink("link", text, sizeof text));
	(void)NOTE(CHDIR, chdir("."));
	if (NOTE(MKDIR, mkdir("one", 0755)) && NOTE(RENAME, rename("one", "two")))
		(void)NOTE(RMDIR, rmdir("two"));
	while (rmdir("one") < 0 && errno == EINTR)
		;
	while (rmdir("two") < 0 && errno == EINTR)
		;
	(void)NOTE(UNLINK, unlink("file"));
	while (unlink("file") < 0 && errno == EINTR)
		;
}

static void *nothing(void *arg)
{
	return arg;
}

static void tasks(char *self)
{
	char *const argv[] = { self, NULL };
	cpu_set_t cpus;
	pthread_t thread;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (NOTE(FORK, pid))
		reap(pid, FORK);
	pid = vfork();
	if (pid == 0)
		_exit(0);
	if (NOTE(VFORK, pid))
		reap(pid, VFORK);
	pid = fork();
	if (pid == 0) {
		(void)execv(self, argv);
		_exit(errno);
	}
	if (pid > 0)
		reap(pid, EXEC);
	if (note(THREAD, pthread_create(&thread, NULL, nothing, NULL)))
		(void)pthread_join(thread, NULL);
	(void)NOTE(AFFINITY, sched_getaffinity(0, sizeof cpus, &cpus));
}

int main(int argc, char **argv)
{
	const struct itimerval period = { { 0, PERIOD_US }, { 0, PERIOD_US } }, off = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = on_tick };
	long rounds = argc > 1 ? atol(argv[1]) : 0;

	if (rounds == 0)	/* what it executes itself */
		return 0;
	(void)symlink("file", "link");
	(void)sigaction(SIGALRM, &action, NULL);
	(void)setitimer(ITIMER_REAL, &period, NULL);
	for (long i = 0; i < rounds; i++) {
		files();
		if (i % 16 == 0)
			tasks(argv[0]);
	}
	(void)setitimer(ITIMER_REAL, &off, NULL);
	for (int i = 0; i < CALLS; i++)
		(void)printf("%s=%ld\n", names[i], interrupted[i]);
	(void)printf("made=%ld\nticks=%ld\n", made, (long)ticks);
	return 0;
}
