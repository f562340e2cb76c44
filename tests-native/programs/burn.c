/* SPDX-License-Identifier: Apache-2.0 */
/* burn: uses CPU time in every way, and prints how much: "cpu_us=N" is the sum over its processes, each read from its
 * own clock (CLOCK_PROCESS_CPUTIME_ID) as its last action. The cost of a process's end is not in it.
 *
 * usage: burn VERB MS [PROCESSES]. MS is the time of each process or thread. Endless verbs end after MS of wall
 * time. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PROCESSES_MAX 64

static uint64_t *spent;	/* one for each process, in memory that they share */
static long ms, processes;

static uint64_t clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void burn_on(clockid_t clock, long milliseconds)
{
	uint64_t end = clock_of(clock) + (uint64_t)milliseconds * 1000000u;
	volatile unsigned x = 0;

	while (clock_of(clock) < end)
		for (int i = 0; i < 20000; i++)
			x += (unsigned)i;
}

static void pause_ms(long milliseconds)
{
	const struct timespec t = { milliseconds / 1000, milliseconds % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void note(long slot)
{
	spent[slot] = clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static _Noreturn void child(long slot)
{
	burn_on(CLOCK_PROCESS_CPUTIME_ID, ms);
	note(slot);
	_exit(0);
}

/* The children have the pipe's far end until they end. */
static int wait_for_all(const int p[2])
{
	char c;

	close(p[1]);
	return read(p[0], &c, 1) != 0;
}

static int start(int twice)
{
	for (long i = 1; i <= processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid > 0)
			continue;
		if (!twice)
			child(i);
		setsid();
		pid = fork();
		if (pid == 0)
			child(i);
		note(i + processes);
		_exit(pid < 0);
	}
	return 0;
}

static int one(void)
{
	burn_on(CLOCK_PROCESS_CPUTIME_ID, ms);
	return 0;
}

static int waited(void)
{
	int bad = start(0);

	while (wait(NULL) > 0)
		;
	return bad;
}

static int unwaited(void)
{
	int p[2];

	return pipe2(p, O_CLOEXEC) != 0 || start(0) || wait_for_all(p);
}

static int ignored(void)
{
	signal(SIGCHLD, SIG_IGN);
	return unwaited();
}

static int daemons(void)
{
	int p[2], bad = pipe2(p, O_CLOEXEC) != 0 || start(1) || wait_for_all(p);

	while (wait(NULL) > 0)
		;
	return bad;
}

/* Each is the child of the one before, and waits for the next. */
static int chain(void)
{
	for (long i = 1; i <= processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			_exit(1);
		if (pid == 0)
			continue;
		if (i > 1) {
			burn_on(CLOCK_PROCESS_CPUTIME_ID, ms);
			waitpid(pid, NULL, 0);
			note(i - 1);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		return 0;
	}
	child(processes);
}

static void *thread(void *unused)
{
	burn_on(CLOCK_THREAD_CPUTIME_ID, ms);
	return unused;
}

static int threads(void)
{
	pthread_t t[PROCESSES_MAX];

	for (long i = 0; i < processes; i++)
		if (pthread_create(&t[i], NULL, thread, NULL) != 0)
			return 1;
	for (long i = 0; i < processes; i++)
		pthread_join(t[i], NULL);
	return 0;
}

static int kernel(void)
{
	static char block[1 << 16];
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	uint64_t end = clock_of(CLOCK_PROCESS_CPUTIME_ID) + (uint64_t)ms * 1000000u;

	while (clock_of(CLOCK_PROCESS_CPUTIME_ID) < end)
		if (read(fd, block, sizeof block) != (ssize_t)sizeof block)
			return 1;
	return 0;
}

/* ---- for ever, or MS of wall time ---- */

static uint64_t wall_end;

static int going(void)
{
	return clock_of(CLOCK_MONOTONIC) < wall_end;
}

static int spin(void)
{
	signal(SIGXCPU, SIG_IGN);
	for (long i = 1; i < processes; i++)
		if (fork() == 0)
			break;
	while (going())
		burn_on(CLOCK_PROCESS_CPUTIME_ID, 1);
	return 0;
}

static void *spin_thread(void *unused)
{
	while (going())
		burn_on(CLOCK_THREAD_CPUTIME_ID, 1);
	return unused;
}

static int spin_threads(void)
{
	pthread_t t;

	for (long i = 1; i < processes; i++)
		if (pthread_create(&t, NULL, spin_thread, NULL) != 0)
			return 1;
	spin_thread(NULL);
	return 0;
}

static int spin_with_pauses(void)
{
	while (going()) {
		burn_on(CLOCK_PROCESS_CPUTIME_ID, 3);
		pause_ms(2);
	}
	return 0;
}

/* Children of 5 ms, one after the other in each of the processes; "storm_ignored": without waiting for them. */
static int storm(void)
{
	for (long i = 1; i < processes; i++)
		if (fork() == 0)
			break;
	while (going()) {
		pid_t pid = fork();

		if (pid == 0) {
			burn_on(CLOCK_PROCESS_CPUTIME_ID, 5);
			_exit(0);
		}
		waitpid(pid, NULL, 0);	/* also where SIGCHLD is ignored: until the child has ended */
	}
	return 0;
}

static int storm_ignored(void)
{
	signal(SIGCHLD, SIG_IGN);
	return storm();
}

/* Many pids behind it, then one child that burns. */
static int late_child(void)
{
	for (long i = 0; i < 1500; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	if (fork() == 0)
		while (going())
			burn_on(CLOCK_PROCESS_CPUTIME_ID, 1);
	wait(NULL);
	return 0;
}

/* ---- as many as there may be ---- */

static void *pausing_thread(void *unused)
{
	pause_ms(2000);
	return unused;
}

static int stopped_at(long made, int why)
{
	printf("made=%ld\nerrno=%d\n", made, why);
	fflush(stdout);
	_exit(0);
}

static int many_threads(void)
{
	pthread_t t;

	for (long made = 1; made < processes; made++) {
		int rc = pthread_create(&t, NULL, pausing_thread, NULL);

		if (rc != 0)
			return stopped_at(made, rc);
	}
	return stopped_at(processes, 0);
}

/* Children and threads in turn. */
static int many_of_both(void)
{
	pthread_t t;

	for (long made = 1; made < processes; made++) {
		int rc = 0;

		if (made % 2 == 0) {
			rc = pthread_create(&t, NULL, pausing_thread, NULL);
		} else {
			pid_t pid = fork();

			if (pid == 0) {
				pause_ms(2000);
				_exit(0);
			}
			rc = pid < 0 ? errno : 0;
		}
		if (rc != 0)
			return stopped_at(made, rc);
	}
	return stopped_at(processes, 0);
}

/* Each of them forks for ever, and hears no signal that can be ignored. */
static int bomb(void)
{
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_IGN);
	while (going())
		if (fork() < 0)
			sched_yield();
	return 0;
}

static int rest(void)
{
	pause_ms(ms);
	return 0;
}

/* Its scheduling, as sched_getattr(2) tells: policy and flags, nice value, priority, and the time slice. */
static int policy(void)
{
	uint32_t attr[16] = { 0 };

	if (syscall(SYS_sched_getattr, 0, attr, sizeof attr, 0) != 0)
		return 66;
	printf("policy=%u flags=%u nice=%u priority=%u slice=%u\n", attr[1], attr[2], attr[4], attr[5], attr[6]);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} verbs[] = {
	{ "policy", policy },
	{ "one", one }, { "waited", waited }, { "unwaited", unwaited }, { "ignored", ignored }, { "daemons", daemons },
	{ "chain", chain }, { "threads", threads }, { "kernel", kernel }, { "spin", spin },
	{ "spin_threads", spin_threads }, { "spin_with_pauses", spin_with_pauses }, { "storm", storm },
	{ "storm_ignored", storm_ignored }, { "late_child", late_child }, { "rest", rest },
	{ "many_threads", many_threads }, { "many_of_both", many_of_both }, { "bomb", bomb },
};

static int verb_run(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return verbs[i].run();
	return 64;
}

int main(int argc, char **argv)
{
	size_t size = (2 * PROCESSES_MAX + 1) * sizeof *spent;
	uint64_t sum = 0;
	int rc;

	if (argc < 3)
		return 64;
	ms = strtol(argv[2], NULL, 10);
	processes = argc > 3 ? strtol(argv[3], NULL, 10) : 1;
	if (processes < 1 || processes > PROCESSES_MAX)
		return 64;
	wall_end = clock_of(CLOCK_MONOTONIC) + (uint64_t)ms * 1000000u;
	spent = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (spent == MAP_FAILED)
		return 65;
	rc = verb_run(argv[1]);
	for (long i = 1; i <= 2 * PROCESSES_MAX; i++)
		sum += spent[i];
	sum += clock_of(CLOCK_PROCESS_CPUTIME_ID);
	printf("cpu_us=%llu\n", (unsigned long long)(sum / 1000));
	return rc;
}
