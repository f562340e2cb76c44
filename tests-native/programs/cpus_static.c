/* SPDX-License-Identifier: Apache-2.0 */
/* cpus: what a program can see of being pinned to a CPU by its supervisor while its calls are stopped.
 *
 * Its CPUs are those of Cpus_allowed_list in /proc/thread-self/status, which is opened before and read without a stop.
 * Prints one line: whether it was pinned during a burst of opens, and unpinned while it computed; then how often it (by
 * sched_getaffinity), a child, a thread or an executed program saw other CPUs than at first; and whether its own choice
 * was kept. With arguments it is the executed program, and answers by its exit status. It is static, because a dynamic
 * loader's opens are a burst as well. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPENS 64
#define ROUNDS 50
#define SECONDS 20

/* of a descriptor that the executed program gets: opening one is a stop of its own */
static char *self, status_number[16];

static int status_open(void)
{
	int fd = open("/proc/thread-self/status", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		_exit(70);
	return fd;
}

static void list_read(int fd, char list[64])
{
	static __thread char text[8192];
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	const char *at;

	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "Cpus_allowed_list:");
	if (at == NULL || sscanf(at, "Cpus_allowed_list: %63s", list) != 1)
		_exit(71);
}

static int is_list(int fd, const char *list)
{
	char now[64];

	list_read(fd, now);
	return strcmp(now, list) == 0;
}

static void burst(void)
{
	for (int i = 0; i < OPENS; i++)
		close(open("/etc/passwd", O_RDONLY | O_CLOEXEC));
}

static time_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static int becomes_bound(int fd, const char *list)
{
	for (time_t end = now() + SECONDS; now() < end;) {
		burst();
		if (!is_list(fd, list))
			return 1;
	}
	return 0;
}

static int becomes_free(int fd, const char *list)
{
	for (time_t end = now() + SECONDS; now() < end;)
		if (is_list(fd, list))
			return 1;
	return 0;
}

static int count(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : -1;
}

static int ended_badly(pid_t pid)
{
	int status;

	return pid < 0 || waitpid(pid, &status, 0) != pid || status != 0;
}

static int child_sees(const char *list)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(is_list(status_open(), list) ? 0 : 1);
	return ended_badly(pid);
}

static void *thread_sees(void *list)
{
	return is_list(status_open(), list) ? NULL : list;
}

static void *thread_executes(void *list)
{
	burst();
	(void)execl(self, self, list, status_number, NULL);
	_exit(72);
}

static int executed_sees(char *list, int by_thread)
{
	pthread_t t;
	pid_t pid = fork();

	if (pid != 0)
		return ended_badly(pid);
	(void)snprintf(status_number, sizeof status_number, "%d", dup(status_open()));
	if (by_thread && pthread_create(&t, NULL, thread_executes, list) == 0)
		(void)pthread_join(t, NULL);
	(void)thread_executes(list);
	return 1;
}

static int own_choice_stays(const cpu_set_t *all)
{
	int stays = 1;

	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		cpu_set_t one;

		if (!CPU_ISSET(cpu, all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		burst();
		stays &= sched_setaffinity(0, sizeof one, &one) == 0;
		burst();
		stays &= count() == 1 && sched_getcpu() == cpu && sched_setaffinity(0, sizeof *all, all) == 0;
	}
	burst();
	return stays && count() == CPU_COUNT(all);
}

int main(int argc, char **argv)
{
	int fd, seen = 0, born = 0, threads = 0, executed = 0, cpus, bound, freed;
	cpu_set_t all;
	char list[64];

	self = argv[0];
	if (argc > 2)
		return is_list(atoi(argv[2]), argv[1]) ? 0 : 1;
	fd = status_open();
	cpus = count();
	if (sched_getaffinity(0, sizeof all, &all) != 0)
		return 73;
	list_read(fd, list);
	bound = becomes_bound(fd, list);
	freed = becomes_free(fd, list);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_t t;
		void *saw = list;

		burst();
		seen += count() != cpus;
		burst();
		born += child_sees(list);
		burst();
		threads +=
			pthread_create(&t, NULL, thread_sees, list) != 0 || pthread_join(t, &saw) != 0 || saw != NULL;
		executed += executed_sees(list, i % 2);
	}
	printf("bound=%d freed=%d seen=%d born=%d threads=%d executed=%d own=%d\n", bound, freed, seen, born, threads,
	       executed, own_choice_stays(&all));
	return 0;
}
