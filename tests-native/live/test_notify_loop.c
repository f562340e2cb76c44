/* SPDX-License-Identifier: Apache-2.0 */
/* supervise_notify with the kernel, the judge, the opens and the policy: everything of the supervisor except init.
 *
 * The test's second process is pid 1 of a pid namespace and plays cordon-init. For each scenario it forks a child that
 * plays the vfork child: it starts the supervisor, takes the program's ids, loads a filter with a listener, and
 * executes this file again, which is then the program. The program reports what it sees by its exit status; init's side
 * is checked afterwards. Everything is done twice: by root with other ids for the program, and in a user namespace with
 * one id. A scenario that takes too long is ended with its namespace. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/arch.h"
#include "base/base.h"
#include "calls/calls.h"
#include "supervisor/notify.h"
#include "supervisor/policy.h"
#include "supervisor/resolve.h"
#include "test.h"

#define ANSWER_LIMIT_S 60
#define RACE_LIMIT_NS (8 * NSEC_PER_SEC)
#define PROGRAM_ID 54321
#define SHARED_FD 60
#define WAIT_KILLABLE (1UL << 5)	/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19 */
#define FILTER_MAX 1024

static char top[PATH_MAX];	/* the test's directory: work (all is allowed but work/denied), denied, cell */

/* Seen by everybody. */
static struct world {
	struct supervisor sv;
	uint32_t flag;			/* the scenario's: program to init's side */
	uint32_t ended;			/* 1 = the program has come to its end, 2 = it may go */
	uint32_t supervisor_pid;
	bool own_ids, killable;
} * w;

static char exe[PATH_MAX];	/* this file */
static struct sock_filter filter[FILTER_MAX];
static uint16_t nfilter;

static const char *in_top(const char *format, ...)
{
	static __thread char buf[8][PATH_MAX];
	static __thread int turn;
	char *p = buf[turn++ % 8];
	va_list ap;
	int n = snprintf(p, sizeof buf[0], "%s/", top);

	va_start(ap, format);
	(void)vsnprintf(p + n, sizeof buf[0] - (size_t)n, format, ap);
	va_end(ap);
	return p;
}

#define T in_top

static void write_file(const char *path, const char *contents)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0644);

	REQUIRE(fd >= 0 && write(fd, contents, strlen(contents)) == (ssize_t)strlen(contents));
	close(fd);
}

/* ---- What the program does ---- */

static int failing(long rc)
{
	return rc < 0 ? errno : 0;
}

/* The first byte of a file, or -errno. */
static int first_byte(const char *path)
{
	char byte = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (read(fd, &byte, 1) != 1)
		byte = 0;
	close(fd);
	return byte;
}

static void program_identity(void)
{
	struct stat st;
	int fd;

	umask(027);
	fd = open(T("work/new"), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0666);
	REQUIRE(fd >= 0 && fstat(fd, &st) == 0);
	CHECK_EQ(st.st_uid, getuid());
	CHECK_EQ(st.st_gid, getgid());
	CHECK_EQ(st.st_mode & 07777, 0640);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	CHECK_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND), O_RDWR);
	close(fd);
	CHECK_EQ(failing(open(T("work/new"), O_CREAT | O_EXCL | O_RDWR, 0666)), EEXIST);
	fd = open(T("work/new"), O_WRONLY | O_APPEND | O_NONBLOCK);
	CHECK_EQ(fcntl(fd, F_GETFD), 0);
	CHECK_EQ(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND), O_WRONLY | O_NONBLOCK | O_APPEND);
	CHECK_EQ(write(fd, "text", 4), 4);
	close(fd);
	umask(0);
	fd = open(T("work"), O_TMPFILE | O_RDWR, 0604);
	REQUIRE(fd >= 0 && fstat(fd, &st) == 0);
	CHECK_EQ(st.st_mode & 07777, 0604);
	CHECK_EQ(linkat(fd, "", AT_FDCWD, T("work/linked"), AT_EMPTY_PATH) == 0 || errno == ENOENT, 1);
	close(fd);
	fd = creat(T("work/new"), 0600);
	REQUIRE(fd >= 0 && fstat(fd, &st) == 0);
	CHECK_EQ(st.st_size, 0);
	CHECK_EQ(st.st_mode & 07777, 0640);
	close(fd);
	fd = open(T("work/new"), O_PATH | O_CLOEXEC);
	/* An ordinary one: the supervisor cannot give away one with O_PATH. */
	CHECK(fd >= 0 && (fcntl(fd, F_GETFL) & (O_PATH | O_ACCMODE)) == O_RDONLY);
	CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	fd = open(T("work/sub"), O_PATH | O_DIRECTORY);
	CHECK(fd >= 0 && faccessat(fd, "deep", F_OK, 0) == 0);
	close(fd);
	CHECK_EQ(failing(open(T("work/link"), O_PATH | O_NOFOLLOW)), ELOOP);
	CHECK_EQ(failing(open(T("denied/file"), O_PATH)), EACCES);
}

static void program_errors(void)
{
	struct rlimit limit = { 16, 16 }, old;
	int fds[32], n = 0, error;

	CHECK_EQ(failing(open(T("work/none"), O_RDONLY)), ENOENT);
	CHECK_EQ(failing(open(T("work/none/x"), O_RDONLY)), ENOENT);
	CHECK_EQ(failing(open(T("work/file/x"), O_RDONLY)), ENOTDIR);
	CHECK_EQ(failing(open(T("work/file/"), O_RDONLY)), ENOTDIR);
	CHECK_EQ(failing(open(T("work/none/"), O_CREAT | O_WRONLY, 0600)), EISDIR);
	CHECK_EQ(failing(open(T("work"), O_WRONLY)), EISDIR);
	CHECK_EQ(failing(open(T("work/file"), O_RDONLY | O_DIRECTORY)), ENOTDIR);
	CHECK_EQ(failing(open(T("work/link"), O_RDONLY | O_NOFOLLOW)), ELOOP);
	CHECK_EQ(failing(open(T("work/round"), O_RDONLY)), ELOOP);
	CHECK_EQ(failing(open(T("work/link"), O_CREAT | O_EXCL | O_WRONLY, 0600)), EEXIST);
	CHECK_EQ(failing(open("", O_RDONLY)), ENOENT);
	CHECK_EQ(failing(open((const char *)8, O_RDONLY)), EFAULT);
	CHECK_EQ(failing(openat(99, "file", O_RDONLY)), EBADF);
	CHECK_EQ(first_byte(T("work/link")), 'a');
	CHECK_EQ(first_byte(T("work/sub/../file")), 'a');
	CHECK_EQ(first_byte(T("work//./file")), 'a');
	CHECK_EQ(first_byte(T("to-work/file")), 'a');
	CHECK_EQ(first_byte(T("work/secret")), -EACCES);	/* by its mode */
	REQUIRE(getrlimit(RLIMIT_NOFILE, &old) == 0);
	limit.rlim_max = old.rlim_max;
	REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	while (n < 32 && (fds[n] = open(T("work/file"), O_RDONLY)) >= 0)
		n++;
	error = errno;
	REQUIRE(n < 32);
	CHECK_EQ(error, EMFILE);
	while (n > 0)
		close(fds[--n]);
	(void)setrlimit(RLIMIT_NOFILE, &old);
}

static void program_relative(void)
{
	int dir = open(T("work/sub"), O_RDONLY | O_DIRECTORY), fd;

	REQUIRE(dir >= 0);
	fd = openat(dir, "deep", O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
	fd = openat(dir, "../file", O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
	fd = openat(dir, "made", O_CREAT | O_WRONLY, 0600);
	CHECK(fd >= 0 && access(T("work/sub/made"), F_OK) == 0);
	close(fd);
	CHECK_EQ(failing(openat(dir, "../denied", O_RDONLY)), EACCES);
	REQUIRE(chdir(T("work/sub")) == 0);
	CHECK_EQ(first_byte("deep"), 'd');
	REQUIRE(rename(T("work/sub"), T("work/renamed")) == 0);
	CHECK_EQ(first_byte("deep"), 'd');
	CHECK_EQ(first_byte("./../renamed/deep"), 'd');
	fd = openat(dir, "deep", O_RDONLY);
	CHECK(fd >= 0);
	close(fd);
	REQUIRE(rename(T("work/renamed"), T("work/sub")) == 0);
	REQUIRE(fchdir(dir) == 0);
	CHECK_EQ(first_byte("deep"), 'd');
	close(dir);
}

static int32_t opener;	/* the thread that opens next */

static void *open_reader(void *arg)
{
	char c = 0;
	int fd;

	__atomic_store_n(&opener, (int32_t)sys(__NR_gettid), __ATOMIC_RELEASE);
	fd = open(arg, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (void *)(intptr_t)-errno;
	if ((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 || read(fd, &c, 1) != 1)
		c = 0;
	close(fd);
	return (void *)(intptr_t)c;
}

static void *open_writer(void *arg)
{
	ssize_t n;
	int fd;

	__atomic_store_n(&opener, (int32_t)sys(__NR_gettid), __ATOMIC_RELEASE);
	fd = open(arg, O_WRONLY | O_CLOEXEC);
	n = fd < 0 ? -errno : write(fd, "f", 1);

	close(fd);
	return (void *)(intptr_t)n;
}

static void on_usr1(int sig)
{
	(void)sig;
}

/* Until the thread sleeps in its stopped open, so that this end is the first. */
static void await_asleep(int32_t tid)
{
	char path[64], text[256];
	const char *state = NULL;

	snprintf(path, sizeof path, "/proc/%d/stat", tid);
	for (int i = 0; i < 30000 && (state == NULL || state[2] != 'S'); i++) {
		usleep(1000);
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, text, sizeof text - 1);

		close(fd);
		text[n > 0 ? n : 0] = '\0';
		state = strrchr(text, ')');
	}
}

/* One that ends while it waits. */
static void killed_reader(const char *path)
{
	int ends[2];
	int32_t tid;
	pid_t child;

	REQUIRE(pipe(ends) == 0);
	child = fork();
	if (child == 0) {
		tid = (int32_t)sys(__NR_gettid);
		(void)!write(ends[1], &tid, sizeof tid);
		_exit((int)(intptr_t)open_reader((void *)path));
	}
	REQUIRE(child > 0 && read(ends[0], &tid, sizeof tid) == sizeof tid);
	await_asleep(tid);
	CHECK(kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child);
	close(ends[0]);
	close(ends[1]);
}

static void program_fifo(void)
{
	struct sigaction action = { .sa_handler = on_usr1 };
	pthread_t reader, writer;
	char *path = strdup(T("work/fifo"));
	void *got;
	int fd, other;
	int32_t tid;

	REQUIRE(mkfifo(path, 0600) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
	for (int order = 0; order < 2; order++) {
		REQUIRE(pthread_create(order == 0 ? &reader : &writer, NULL, order == 0 ? open_reader : open_writer,
				       path) == 0);
		while ((tid = __atomic_exchange_n(&opener, 0, __ATOMIC_ACQ_REL)) == 0)
			sched_yield();
		await_asleep(tid);
		REQUIRE(pthread_create(order == 0 ? &writer : &reader, NULL, order == 0 ? open_writer : open_reader,
				       path) == 0);
		pthread_join(reader, &got);
		CHECK_EQ((intptr_t)got, 'f');
		pthread_join(writer, &got);
		CHECK_EQ((intptr_t)got, 1);
	}
	/* A signal ends the wait, and nothing is left behind. */
	REQUIRE(pthread_create(&reader, NULL, open_reader, path) == 0);
	for (got = NULL; pthread_tryjoin_np(reader, &got) != 0; usleep(1000))
		(void)pthread_kill(reader, SIGUSR1);
	CHECK_EQ((intptr_t)got, -EINTR);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	CHECK(fd >= 0);
	close(fd);
	CHECK_EQ(failing(open(path, O_WRONLY | O_NONBLOCK)), ENXIO);
	killed_reader(path);
	CHECK_EQ(failing(open(path, O_WRONLY | O_NONBLOCK)), ENXIO);
	fd = open(path, O_RDWR);
	CHECK(fd >= 0);
	CHECK_EQ(write(fd, "x", 1), 1);
	other = open(path, O_RDONLY);	/* there is a writer, and its byte stays where it is */
	CHECK(other >= 0);
	CHECK_EQ((intptr_t)open_reader(path), 'x');
	close(fd);
	close(other);
	unlink(path);
}

static void program_proc(void)
{
	char text[4096], path[64];
	int fd = open(T("work/file"), O_RDWR), again;
	ssize_t n;
	int ends[2];

	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY);
	CHECK(again >= 0 && read(again, text, 1) == 1 && text[0] == 'a');
	close(again);
	close(fd);
	fd = open("/proc/self/status", O_RDONLY);
	n = read(fd, text, sizeof text - 1);
	REQUIRE(n > 0);
	text[n] = '\0';
	snprintf(path, sizeof path, "\nPid:\t%d\n", getpid());
	CHECK(strstr(text, path) != NULL);
	close(fd);
	snprintf(path, sizeof path, "/proc/%d/maps", getpid());
	CHECK(first_byte(path) > 0);
	CHECK(first_byte("/proc/thread-self/comm") > 0);
	CHECK_EQ(first_byte("/proc/1/maps"), -EACCES);
	CHECK_EQ(first_byte("/proc/1/environ"), -EACCES);
	CHECK_EQ(first_byte("/proc/1/task/1/maps"), -EACCES);
	CHECK(first_byte("/proc/1/status") > 0);
	for (const char *const *name = (const char *const[]){ "maps", "mem", "fd", "environ", "auxv", "stat", NULL };
	     *name; name++) {
		snprintf(path, sizeof path, "/proc/%u/%s", w->supervisor_pid, *name);
		CHECK_EQ(first_byte(path), -EACCES);
	}
	fd = open("/proc", O_RDONLY | O_DIRECTORY);
	snprintf(path, sizeof path, "%u/maps", w->supervisor_pid);
	CHECK_EQ(failing(openat(fd, path, O_RDONLY)), EACCES);
	close(fd);
	REQUIRE(pipe(ends) == 0 && write(ends[1], "p", 1) == 1);
	snprintf(path, sizeof path, "/proc/self/fd/%d", ends[0]);
	CHECK_EQ(first_byte(path), 'p');
	REQUIRE(write(ends[1], "q", 1) == 1 && dup2(ends[0], 0) == 0);
	CHECK_EQ(first_byte("/dev/stdin"), 'q');
	close(ends[0]);
	close(ends[1]);
	CHECK_EQ(failing(open("/dev/tty", O_RDWR)), ENXIO);
	fd = open("/dev/null", O_RDWR);
	CHECK(fd >= 0);
	close(fd);
}

static void *open_many(void *arg)
{
	intptr_t bad = 0;
	const char *path = T("work/t%d", (int)(intptr_t)arg);

	for (long i = test_rounds(2000); i > 0; i--)
		bad += first_byte(path) != 'A' + (int)(intptr_t)arg;
	return (void *)bad;
}

static void program_threads(void)
{
	pthread_t threads[4];
	void *bad;

	for (intptr_t i = 0; i < 4; i++) {
		write_file(T("work/t%d", (int)i), (char[]){ (char)('A' + i), '\0' });
		REQUIRE(pthread_create(&threads[i], NULL, open_many, (void *)i) == 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &bad);
		CHECK_EQ((intptr_t)bad, 0);
	}
}

static void program_many(void)
{
	const char *path = T("work/file"), *link = T("work/link"), *denied = T("denied/file");
	long rounds = test_rounds(100000);
	int bad = 0;

	for (long i = 0; i < rounds; i++) {
		int fd = open(i % 16 == 0 ? link : path, O_RDONLY);

		bad += fd < 0;
		close(fd);
		if (i % 50 == 0)
			bad += first_byte(denied) != -EACCES;
	}
	CHECK_EQ(bad, 0);
}

/* A signal must not take a call back that has been made already: its second try would find the file. */
static void program_signals(void)
{
	struct sigaction action = { .sa_handler = on_usr1, .sa_flags = SA_RESTART };
	const struct itimerval often = { { 0, 150 }, { 0, 150 } }, never = { { 0, 0 }, { 0, 0 } };
	const char *path = T("work/once");
	int failures = 0;

	REQUIRE(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
	for (long i = test_rounds(5000); i > 0; i--) {
		int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

		failures += fd < 0;
		close(fd);
		(void)unlink(path);
	}
	(void)setitimer(ITIMER_REAL, &never, NULL);
	if (w->killable)
		CHECK_EQ(failures, 0);
}

/* ---- Races ---- */

static char racy[PATH_MAX];
static uint32_t race_over;

static void *flip_buffer(void *arg)
{
	char *at = racy + strlen(racy) - 6;

	(void)arg;
	while (!__atomic_load_n(&race_over, __ATOMIC_RELAXED)) {
		memcpy(at, "denied", 6);
		__asm__ volatile("" ::: "memory");
		memcpy(at, "allows", 6);
		__asm__ volatile("" ::: "memory");
	}
	return NULL;
}

static void *flip_link(void *arg)
{
	const char *denied = T("work/to-denied"), *allowed = T("work/to-allows");
	const char *to_denied = T("work/denied"), *to_allowed = T("work/allows");

	(void)arg;
	while (!__atomic_load_n(&race_over, __ATOMIC_RELAXED)) {
		(void)symlink(to_denied, denied);
		(void)rename(denied, racy);
		(void)symlink(to_allowed, allowed);
		(void)rename(allowed, racy);
	}
	return NULL;
}

static void *flip_directory(void *arg)
{
	const char *real = T("work/real"), *link = T("work/via");

	(void)arg;
	while (!__atomic_load_n(&race_over, __ATOMIC_RELAXED)) {
		(void)syscall(SYS_renameat2, AT_FDCWD, real, AT_FDCWD, link, RENAME_EXCHANGE);
	}
	return NULL;
}

/* On one CPU each try waits for the other thread's time slice. */
static long race_rounds(long usual)
{
	return test_rounds(usual) / (sysconf(_SC_NPROCESSORS_ONLN) == 1 ? 20 : 1);
}

/* Where other programs use the CPUs, each try waits for the other thread's time slice as well: so there is an end by
 * time, too. */
static void race(void *(*flip)(void *), long opens)
{
	uint64_t end = clock_ns() + RACE_LIMIT_NS;
	int denied = 0, allowed = 0;
	long tries = 0;
	pthread_t thread;

	race_over = 0;
	REQUIRE(pthread_create(&thread, NULL, flip, NULL) == 0);
	for (; tries < opens && clock_ns() < end; tries++) {
		int byte = first_byte(racy);

		denied += byte == 'S';
		allowed += byte == 'a';
	}
	__atomic_store_n(&race_over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	CHECK_EQ(denied, 0);
	CHECK(allowed > 0);
	fprintf(stderr, "race: %ld opens, %d of the allowed file, %d of the denied one\n", tries, allowed, denied);
}

static void program_swap(void)
{
	snprintf(racy, sizeof racy, "%s", T("work/allows"));
	race(flip_buffer, race_rounds(300000));
}

static void program_links(void)
{
	snprintf(racy, sizeof racy, "%s", T("work/racy"));
	(void)symlink(T("work/allows"), racy);
	race(flip_link, race_rounds(30000));
	snprintf(racy, sizeof racy, "%s", T("work/real/allows"));
	REQUIRE(mkdir(T("work/real"), 0755) == 0 && symlink(T("denied"), T("work/via")) == 0);
	write_file(racy, "a");
	race(flip_directory, race_rounds(30000));
}

/* A FIFO is no way to have the program do an open itself, with a path that changes after the judgement. */
static void *flip_fifo(void *arg)
{
	char *at = racy + strlen(racy) - 6;

	(void)arg;
	while (!__atomic_load_n(&race_over, __ATOMIC_RELAXED)) {
		memcpy(at, "denied", 6);
		__asm__ volatile("" ::: "memory");
		memcpy(at, "queued", 6);
		__asm__ volatile("" ::: "memory");
	}
	return NULL;
}

static void program_fifo_swap(void)
{
	uint64_t end = clock_ns() + RACE_LIMIT_NS;
	pthread_t thread;
	int denied = 0, queued = 0, keep;

	snprintf(racy, sizeof racy, "%s", T("work/queued"));
	REQUIRE(mkfifo(racy, 0600) == 0);
	keep = open(racy, O_RDWR | O_CLOEXEC);
	REQUIRE(keep >= 0);
	race_over = 0;
	REQUIRE(pthread_create(&thread, NULL, flip_fifo, NULL) == 0);
	for (long i = race_rounds(50000); i > 0 && clock_ns() < end; i--) {
		char byte = 0;
		int fd = open(racy, O_RDONLY | O_CLOEXEC);
		struct stat st;

		if (fd < 0)
			continue;
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode))
			queued++;
		else
			denied += read(fd, &byte, 1) == 1 && byte == 'S';
		close(fd);
	}
	__atomic_store_n(&race_over, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	close(keep);
	unlink(T("work/queued"));
	CHECK_EQ(denied, 0);
	CHECK(queued > 0);
}

/* ---- Decisions ---- */

static void program_denied(void)
{
	struct stat st;
	int fd;

	CHECK_EQ(first_byte(T("denied/file")), -EACCES);
	CHECK_EQ(first_byte(T("work/denied")), -EACCES);
	CHECK_EQ(first_byte(T("work/to-denied-file")), -EACCES);
	CHECK_EQ(failing(stat(T("work/denied"), &st)), EACCES);
	CHECK_EQ(failing(stat(T("denied/none"), &st)), EACCES);		/* whether it is there is not told */
	CHECK_EQ(failing(stat(T("work/to-denied-dir/none"), &st)), EACCES);
	CHECK_EQ(failing(stat(T("work/to-denied-dir/none/none"), &st)), EACCES);
	CHECK_EQ(failing(open(T("work/to-denied-dir/none/none"), O_RDONLY)), EACCES);
	CHECK_EQ(failing(open(T("denied/new"), O_CREAT | O_WRONLY, 0600)), EACCES);
	CHECK_EQ(failing(rename(T("work/denied"), T("work/x"))), EACCES);
	CHECK_EQ(failing(link(T("work/denied"), T("work/x"))), EACCES);
	CHECK_EQ(failing(rename(T("work/file"), T("denied/x"))), EACCES);
	CHECK_EQ(failing(rename(T("work/guarded"), T("work/unguarded"))), EACCES);	/* a rule lies below */
	CHECK_EQ(failing(chdir(T("denied"))), EACCES);
	CHECK_EQ(failing(truncate(T("work/denied"), 0)), EACCES);
	CHECK_EQ(failing(chmod(T("readable/file"), 0600)), EACCES);
	CHECK_EQ(first_byte(T("readable/file")), 'r');
	CHECK_EQ(failing(open(T("readable/file"), O_RDONLY | O_TRUNC)), EACCES);
	CHECK_EQ(failing(open(T("readable/file"), O_RDWR)), EACCES);
	CHECK_EQ(failing(open(T("readable/new"), O_CREAT | O_RDONLY, 0600)), EACCES);
	CHECK_EQ(failing(execl(T("readable/file"), "x", NULL)), EACCES);
	CHECK_EQ(failing(chroot(T("work"))), EPERM);
	fd = open(T("readable/file"), O_RDONLY);
	REQUIRE(fd >= 0);
	CHECK_EQ(fstat(fd, &st), 0);
	CHECK_EQ(failing(fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH)), EACCES);
	CHECK_EQ(failing(futimens(fd, NULL)), EACCES);
	CHECK_EQ(failing(syscall(SYS_execveat, fd, "", NULL, NULL, AT_EMPTY_PATH)), EACCES);
	close(fd);
}

static long open2(const char *path, struct open_how how, size_t size)
{
	static unsigned char buf[8192];

	memset(buf, 0, sizeof buf);
	memcpy(buf, &how, sizeof how);
	if (size > 10000)
		buf[sizeof how] = 1, size -= 10000;
	return syscall(SYS_openat2, AT_FDCWD, path, buf, size);
}

static void program_openat2(void)
{
	const struct open_how read_only = { .flags = O_RDONLY | O_CLOEXEC };
	const size_t size = sizeof read_only;
	long fd = open2(T("work/file"), read_only, size);

	CHECK(fd >= 0);
	close((int)fd);
	fd = open2(T("work/file"), read_only, size + 8);
	CHECK(fd >= 0);
	close((int)fd);
	CHECK_EQ(failing(open2(T("work/file"), read_only, size - 1)), EINVAL);
	CHECK_EQ(failing(open2(T("work/file"), read_only, size + 8 + 10000)), E2BIG);
	CHECK_EQ(failing(open2(T("work/file"), read_only, 8192)), E2BIG);
	CHECK_EQ(failing(open2(T("work/file"), (struct open_how){ .flags = UINT64_C(1) << 40 }, size)), EINVAL);
	CHECK_EQ(failing(open2(T("work/file"), (struct open_how){ .mode = 0600 }, size)), EINVAL);
	CHECK_EQ(failing(open2(T("work/link"), (struct open_how){ .resolve = RESOLVE_NO_SYMLINKS }, size)), ELOOP);
	CHECK_EQ(failing(open2(T("work/file"), (struct open_how){ .resolve = RESOLVE_BENEATH }, size)), ENOSYS);
	CHECK_EQ(failing(open2("/denied/file", (struct open_how){ .resolve = RESOLVE_IN_ROOT }, size)), ENOSYS);
	CHECK_EQ(failing(open2(T("denied/file"), read_only, size)), EACCES);
}

/* The notify filter stops these; the policy filter answers uname with "done", sethostname with 77; getppid may be
 * called twice; times asks. */
static void program_rules(void)
{
	struct utsname name = { .sysname = "untouched" };
	struct tms tms;

	CHECK_EQ(syscall(SYS_uname, &name), 0);
	CHECK_STR(name.sysname, "untouched");
	CHECK_EQ(failing(syscall(SYS_sethostname, "x", 1)), 77);
	CHECK_EQ(syscall(SYS_getppid), 1);
	CHECK_EQ(syscall(SYS_getppid), 1);
	CHECK_EQ(failing(syscall(SYS_getppid)), 78);
	CHECK_EQ(failing(syscall(SYS_getppid)), 78);
	CHECK(syscall(SYS_times, &tms) > 0);		/* answers in turn: ALLOW, ERRNO 79, none */
	CHECK_EQ(failing(syscall(SYS_times, &tms)), 79);
	CHECK_EQ(failing(syscall(SYS_times, &tms)), EPERM);
}

static void program_kill(void)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	(void)first_byte(T("denied/file"));
	_exit(99);
}

static void program_orphaned(void)
{
	CHECK_EQ(first_byte(T("work/file")), 'a');
	__atomic_store_n(&w->flag, 1, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &w->flag, FUTEX_WAKE, 1);
	while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 1)
		(void)syscall(SYS_futex, &w->flag, FUTEX_WAIT, 1, NULL);
	CHECK_EQ(first_byte(T("work/file")), -ENOSYS);
}

/* ---- init's side ---- */

static void check_calm(void)
{
	CHECK_EQ(w->sv.killed, 0);
}

static void check_denied(void)
{
	check_calm();
	CHECK(w->sv.events_total >= w->sv.nevents && w->sv.nevents > 10);
	CHECK_EQ(w->sv.events[0].kind, CORDON_EVENT_PATH);
	CHECK_EQ(w->sv.events[0].err, EACCES);
	CHECK(w->sv.events[0].path_len == strlen(T("denied/file")) &&
	      memcmp(w->sv.events[0].path, T("denied/file"), w->sv.events[0].path_len) == 0);
}

static void check_killed(void)
{
	uint64_t count = 0;

	CHECK_EQ(w->sv.killed, 1);
	REQUIRE(w->sv.violation >= 0 && w->sv.violation < (int32_t)w->sv.nevents);
	CHECK_EQ(w->sv.events[w->sv.violation].kind, CORDON_EVENT_PATH);
	CHECK_EQ(w->sv.events[w->sv.violation].err, -1);
	CHECK(read(w->sv.wake_fd, &count, sizeof count) == sizeof count);
}

static void check_rules(void)
{
	const uint32_t kinds[] = { CORDON_EVENT_SYSCALL, CORDON_EVENT_SYSCALL, CORDON_EVENT_SYSCALL,
				   CORDON_EVENT_SYSCALL, CORDON_EVENT_UNANSWERED };
	const int32_t errors[] = { 0, 77, 78, 79, EPERM };

	check_calm();
	CHECK_EQ(w->sv.events_total, 6);	/* one comes twice */
	REQUIRE(w->sv.nevents == ARRAY_LEN(kinds));
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CHECK_EQ(w->sv.events[i].kind, kinds[i]);
		CHECK_EQ(w->sv.events[i].err, errors[i]);
	}
}

/* The host and init of program_rules: two answers, and none to the third question. Only that one has little time, as
 * this process may be slow. */
static void answer_questions(void)
{
	const struct answer answers[] = { { .decision = CORDON_DECISION_ALLOW },
					  { .decision = CORDON_DECISION_ERRNO, .err = 79 } };
	struct supervisor_question *q = &w->sv.question;

	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct pollfd wake = { .fd = w->sv.wake_fd, .events = POLLIN };
		uint32_t asked = 1;
		uint64_t count;

		REQUIRE(poll(&wake, 1, 5000) == 1 && read(w->sv.wake_fd, &count, sizeof count) == sizeof count);
		CHECK_EQ(__atomic_load_n(&q->state, __ATOMIC_ACQUIRE), 1);
		CHECK_EQ(q->stop.nr, SYS_times);
		if (i + 1 == ARRAY_LEN(answers))
			w->sv.ask_timeout_ns = 50 * NSEC_PER_MSEC;
		q->answer = answers[i];
		REQUIRE(__atomic_compare_exchange_n(&q->state, &asked, 2, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
		(void)syscall(SYS_futex, &q->state, FUTEX_WAKE, 1);
	}
}

/* After its last descriptor is closed there is no listener. */
static void end_supervisor(void)
{
	while (__atomic_load_n(&w->flag, __ATOMIC_ACQUIRE) == 0)
		(void)syscall(SYS_futex, &w->flag, FUTEX_WAIT, 0, NULL);
	REQUIRE(kill(w->sv.pid, SIGKILL) == 0 && waitpid(w->sv.pid, NULL, __WALL) == w->sv.pid);
	w->sv.pid = 0;
	__atomic_store_n(&w->flag, 2, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &w->flag, FUTEX_WAKE, 1);
}

static uint64_t pair_ns(const char *path, int n)
{
	uint64_t start = clock_ns();

	for (int i = 0; i < n; i++) {
		long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);

		REQUIRE(fd >= 0);
		(void)sys(__NR_close, (int)fd);
	}
	return (clock_ns() - start) / (uint64_t)n;
}

/* For people; bench_supervisor measures properly. */
static void program_speed(void)
{
	REQUIRE(chdir(T("work")) == 0);
	(void)pair_ns(T("work/file"), 1000);
	fprintf(stderr, "openat + close: %" PRIu64 " ns absolute, %" PRIu64 " ns relative, %" PRIu64 " ns by a link\n",
		pair_ns(T("work/file"), (int)test_rounds(20000)), pair_ns("file", (int)test_rounds(5000)),
		pair_ns(T("work/link"), (int)test_rounds(5000)));
}

static const struct scenario {
	const char *name;
	void (*program)(void);
	void (*beside)(void);	/* init's, while the program runs; NULL = nothing */
	void (*check)(void);	/* init's, afterwards */
	uint32_t outside;
	bool killed;
	bool interruptible;	/* as before Linux 5.19 */
} scenarios[] = {
	{ "identity", program_identity, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "errors", program_errors, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "relative", program_relative, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "fifo", program_fifo, NULL, check_calm, CORDON_DECISION_ERRNO, false, true },
	{ "signals", program_signals, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "proc", program_proc, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "threads", program_threads, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "many", program_many, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "swap", program_swap, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "links", program_links, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "fifo-swap", program_fifo_swap, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "denied", program_denied, NULL, check_denied, CORDON_DECISION_ERRNO, false, false },
	{ "openat2", program_openat2, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "rules", program_rules, answer_questions, check_rules, CORDON_DECISION_ERRNO, false, false },
	{ "kill", program_kill, NULL, check_killed, CORDON_DECISION_KILL, true, false },
	{ "orphaned", program_orphaned, end_supervisor, check_calm, CORDON_DECISION_ERRNO, false, false },
	{ "speed", program_speed, NULL, check_calm, CORDON_DECISION_ERRNO, false, false },
};

/* ---- Running a scenario ---- */

static void stop_number(long nr)
{
	filter[nfilter++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)nr, 0, 1);
	filter[nfilter++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
}

static void make_filter(void)
{
	nfilter = 0;
	filter[nfilter++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < ncalls; i++)
		if (calls[i].nr >= 0 && (calls[i].purposes & CALL_FILE) != 0)
			stop_number(calls[i].nr);
	stop_number(SYS_uname);
	stop_number(SYS_sethostname);
	stop_number(SYS_getppid);
	stop_number(SYS_times);
	filter[nfilter++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	REQUIRE(nfilter < FILTER_MAX);
}

static const struct sock_filter policy_filter[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_uname, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sethostname, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static void rule(const char *path, uint32_t scope, uint32_t access)
{
	static struct resolved r;

	REQUIRE(resolve_rule(path, &r) == 0);
	REQUIRE(policy_add(&w->sv.policy, r.path, r.len, scope, access, 0) == 0);
}

static void make_policy(void)
{
	const uint32_t all = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_STAT;
	const uint32_t use = CORDON_ACCESS_READ | CORDON_ACCESS_EXEC;
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	REQUIRE(n > 0);
	exe[n] = '\0';
	policy_clear(&w->sv.policy);
	for (const char *const *dir = (const char *const[]){ "/usr", "/lib", "/lib64", "/etc", "/proc", NULL }; *dir;
	     dir++)
		rule(*dir, CORDON_PATH_TREE, use);
	rule("/dev", CORDON_PATH_TREE, all);
	rule(exe, CORDON_PATH_ONLY, use);
	rule(T("work"), CORDON_PATH_TREE, all);
	rule(T("work/denied"), CORDON_PATH_ONLY, 0);
	rule(T("work/guarded/denied"), CORDON_PATH_TREE, 0);
	rule(T("readable"), CORDON_PATH_TREE, CORDON_ACCESS_READ);
}

static void make_tree(void)
{
	REQUIRE(mkdir(T("work"), 0777) == 0 && chmod(T("work"), 0777) == 0);
	REQUIRE(mkdir(T("work/sub"), 0777) == 0 && chmod(T("work/sub"), 0777) == 0);
	REQUIRE(mkdir(T("work/guarded"), 0777) == 0 && mkdir(T("denied"), 0755) == 0 &&
		mkdir(T("readable"), 0755) == 0);
	write_file(T("work/file"), "a");
	write_file(T("work/allows"), "a");
	write_file(T("work/denied"), "S");
	write_file(T("work/guarded/denied"), "S");
	write_file(T("work/sub/deep"), "d");
	write_file(T("work/secret"), "S");
	write_file(T("denied/file"), "S");
	write_file(T("denied/allows"), "S");
	write_file(T("readable/file"), "r");
	REQUIRE(chmod(T("work/file"), 0666) == 0 && chmod(T("work/secret"), 0) == 0 &&
		chmod(T("readable/file"), 0777) == 0);
	if (w->own_ids)
		REQUIRE(chown(T("work/file"), PROGRAM_ID, PROGRAM_ID) == 0 &&
			chown(T("readable/file"), PROGRAM_ID, PROGRAM_ID) == 0);
	REQUIRE(symlink("file", T("work/link")) == 0 && symlink("round", T("work/round")) == 0);
	REQUIRE(symlink("../denied", T("work/to-denied-dir")) == 0 && symlink("denied", T("work/to-denied-file")) == 0);
	REQUIRE(symlink("work", T("to-work")) == 0);
}

static void world_reset(const struct scenario *s)
{
	static struct cordon_supervision_call rules[2];
	int wake = w->sv.wake_fd, proc = w->sv.proc_fd;

	memset(&w->sv, 0, offsetof(struct supervisor, policy));
	w->flag = w->ended = 0;
	w->sv.engine = CORDON_ENGINE_NOTIFY;
	w->sv.scheduling = true;
	w->sv.flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_AUDIT;
	w->sv.outside = s->outside;
	w->sv.outside_errno = EACCES;
	w->sv.ask_timeout_ns = ANSWER_LIMIT_S * NSEC_PER_SEC;
	w->sv.set_ids = w->own_ids;
	w->sv.uid = w->sv.gid = PROGRAM_ID;
	w->sv.proc_fd = proc;
	w->sv.wake_fd = wake;
	w->sv.listener = -1;
	w->sv.violation = -1;
	w->sv.policy_filter = policy_filter;
	w->sv.policy_len = ARRAY_LEN(policy_filter);
	rules[SYS_getppid > SYS_times] = (struct cordon_supervision_call){
		.syscall = SYS_getppid, .decision = CORDON_DECISION_ERRNO, .err = 78, .limit = 2
	};
	rules[SYS_getppid < SYS_times] =
		(struct cordon_supervision_call){ .syscall = SYS_times, .decision = CORDON_DECISION_ASK };
	w->sv.calls = rules;
	w->sv.ncalls = ARRAY_LEN(rules);
	w->sv.remaining[SYS_getppid > SYS_times] = 2;
}

static void supervisor_main(void *arg)
{
	supervise_notify(arg);
}

static void take_ids(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2] = { { 0 }, { 0 } };

	if (w->own_ids)
		REQUIRE(sys(__NR_setgroups, 0, NULL) == 0 &&
			sys(__NR_setresgid, PROGRAM_ID, PROGRAM_ID, PROGRAM_ID) == 0 &&
			sys(__NR_setresuid, PROGRAM_ID, PROGRAM_ID, PROGRAM_ID) == 0);
	REQUIRE(sys(__NR_capset, &header, data) == 0);
}

/* What the vfork child does: all raw system calls once the filter is there. */
static _Noreturn void be_child(const struct scenario *s)
{
	const struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_FILES | CLONE_PARENT,
		.stack = (uintptr_t)w->sv.stack,
		.stack_size = sizeof w->sv.stack,
	};
	const struct sock_fprog program = { nfilter, filter };
	char *const argv[] = { "program", (char *)s->name, top, NULL };
	long listener;

	w->sv.main_tid = (int32_t)sys(__NR_getpid);
	w->sv.pid = (int32_t)arch_clone(&args, supervisor_main, &w->sv);
	w->supervisor_pid = (uint32_t)w->sv.pid;
	REQUIRE(w->sv.pid > 0);
	w->sv.parked_proc = (int)sys(__NR_fcntl, w->sv.proc_fd, F_DUPFD_CLOEXEC, 100);
	w->sv.parked_wake = (int)sys(__NR_fcntl, w->sv.wake_fd, F_DUPFD_CLOEXEC, 100);
	take_ids();
	REQUIRE(sys(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	listener = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER,
		       SECCOMP_FILTER_FLAG_NEW_LISTENER | (s->interruptible ? 0 : WAIT_KILLABLE), &program);
	w->killable = listener >= 0 && !s->interruptible;
	if (listener == -EINVAL)
		listener = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	__atomic_store_n(&w->sv.listener, (int32_t)listener, __ATOMIC_RELEASE);
	(void)sys(__NR_execve, exe, argv, environ);
	sys(__NR_exit_group, 98);
	__builtin_unreachable();
}

static uint32_t descriptors_of(pid_t pid)
{
	char path[64];
	uint32_t n = 0;

	for (int fd = 0; fd < 1024; fd++) {
		struct stat st;

		snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, fd);
		n += lstat(path, &st) == 0;
	}
	return n;
}

static long long status_number(pid_t pid, const char *name, int base)
{
	char path[64], text[4096], *at;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%d/status", pid);
	f = fopen(path, "re");
	REQUIRE(f != NULL);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	at = strstr(text, name);
	return at != NULL ? (long long)strtoull(at + strlen(name), NULL, base) : -1;
}

/* I1 of supervisor.h, from outside, while the program is still there. */
static void check_supervisor(void)
{
	/* The last call was answered before its file is closed. */
	for (int i = 0; i < 30000 && descriptors_of(w->sv.pid) != 3; i++)
		usleep(1000);
	CHECK_EQ(descriptors_of(w->sv.pid), 3);
	CHECK_EQ(status_number(w->sv.pid, "\nCapEff:\t", 16) & ~(1LL << CAP_SYS_NICE), 0);
	CHECK_EQ(status_number(w->sv.pid, "\nCapInh:\t", 16), 0);
	CHECK_EQ(status_number(w->sv.pid, "\nCapAmb:\t", 16), 0);
	CHECK_EQ(status_number(w->sv.pid, "\nCapPrm:\t", 16) & ~(1LL << CAP_SYS_PTRACE | 1LL << CAP_SYS_NICE), 0);
	if (w->own_ids) {
		CHECK_EQ(status_number(w->sv.pid, "\nUid:\t", 10), PROGRAM_ID);
		CHECK_EQ(status_number(w->sv.pid, "\nGid:\t", 10), PROGRAM_ID);
	}
}

static void look_at_the_end(void)
{
	while (__atomic_load_n(&w->ended, __ATOMIC_ACQUIRE) == 0)
		(void)syscall(SYS_futex, &w->ended, FUTEX_WAIT, 0, NULL);
	if (w->sv.pid > 0)
		check_supervisor();
	__atomic_store_n(&w->ended, 2, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &w->ended, FUTEX_WAKE, 1);
}

/* "seccomp: interrupt SECCOMP_IOCTL_NOTIF_RECV when all users have exited". */
static bool ends_by_itself(void)
{
	struct utsname names;
	int major, minor;

	REQUIRE(uname(&names) == 0 && sscanf(names.release, "%d.%d", &major, &minor) == 2);
	return major > 6 || (major == 6 && minor >= 11);
}

/* Reaps what the program left; with the last task that has its filter the supervisor ends by itself. */
static void check_finished(void)
{
	int status, its_status = -1;
	pid_t pid;

	if (w->sv.pid > 0 && !ends_by_itself())
		REQUIRE(kill(w->sv.pid, SIGKILL) == 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0)
		if (pid == w->sv.pid)
			its_status = status;
	if (w->sv.pid == 0 || !ends_by_itself())
		return;
	CHECK_EQ(its_status, 0);
	CHECK_EQ(__atomic_load_n(&w->sv.state, __ATOMIC_ACQUIRE), SUPERVISOR_DONE);
}

static void run(const struct scenario *s)
{
	int status = -1;
	pid_t pid;

	world_reset(s);
	test_scenario(s->name);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0)
		be_child(s);
	while (__atomic_load_n(&w->sv.listener, __ATOMIC_ACQUIRE) < 0 && waitpid(pid, NULL, WNOHANG) == 0)
		sched_yield();
	if (s->beside != NULL)
		s->beside();
	if (!s->killed)
		look_at_the_end();
	REQUIRE(waitpid(pid, &status, 0) == pid);
	if (s->killed ? !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL : status != 0)
		TEST_FAIL("%s: the program's status is %#x", s->name, status);
	s->check();
	check_finished();
	CHECK(waitpid(-1, NULL, __WALL) < 0 && errno == ECHILD);
}

static bool chosen(const char *name, char **names)
{
	bool found = *names == NULL;

	for (; *names != NULL; names++)
		found |= strcmp(name, *names) == 0;
	return found;
}

static int be_init(char **names)
{
	int shared = memfd_create("world", MFD_CLOEXEC);
	bool own_ids = geteuid() == 0;

	REQUIRE(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
		SKIP("procfs in a user namespace");
	REQUIRE(dup2(shared, SHARED_FD) == SHARED_FD && ftruncate(SHARED_FD, sizeof *w) == 0);
	w = mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
	REQUIRE(w != MAP_FAILED);
	w->own_ids = own_ids;
	w->sv.proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	w->sv.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	make_filter();
	make_tree();
	make_policy();
	test_watch(0);	/* of all scenarios: ends pid 1, and with it the namespace */
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
		int before = test_failures;

		if (!chosen(scenarios[i].name, names))
			continue;
		run(&scenarios[i]);
		fprintf(stderr, "%s, %s: %s\n", scenarios[i].name, own_ids ? "own ids" : "one id",
			test_failures == before ? "passed" : "FAILED");
	}
	return TEST_RESULT();
}

static _Noreturn void be_program(char **argv)
{
	snprintf(top, sizeof top, "%s", argv[2]);
	w = mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED, SHARED_FD, 0);
	REQUIRE(w != MAP_FAILED);
	close(SHARED_FD);
	__atomic_store_n(&w->sv.executed, 1, __ATOMIC_RELEASE);
	for (size_t i = 0; i < ARRAY_LEN(scenarios); i++)
		if (strcmp(scenarios[i].name, argv[1]) == 0)
			scenarios[i].program();
	__atomic_store_n(&w->ended, 1, __ATOMIC_RELEASE);
	(void)syscall(SYS_futex, &w->ended, FUTEX_WAKE, 1);
	while (__atomic_load_n(&w->ended, __ATOMIC_ACQUIRE) == 1)
		(void)syscall(SYS_futex, &w->ended, FUTEX_WAIT, 1, NULL);
	/* Without exit handlers: a sanitizer's makes calls that the filter stops. */
	_exit(TEST_RESULT());
}

static void map_id(const char *file, unsigned id)
{
	char text[64];
	int fd = open(file, O_WRONLY | O_CLOEXEC), n = snprintf(text, sizeof text, "%u %u 1", id, id);

	REQUIRE(fd >= 0 && write(fd, text, (size_t)n) == n);
	close(fd);
}

static int wait_status(pid_t pid)
{
	int status = -1;

	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* In new namespaces: as root as they are, else with one id in a user namespace. */
static int run_all(char **names)
{
	unsigned uid = geteuid(), gid = getegid();
	pid_t pid;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS | (uid != 0 ? CLONE_NEWUSER : 0)) != 0)
		SKIP("user namespaces");
	if (uid != 0) {
		write_file("/proc/self/setgroups", "deny");
		map_id("/proc/self/uid_map", uid);
		map_id("/proc/self/gid_map", gid);
	}
	pid = fork();
	if (pid == 0)
		_exit(be_init(names));
	return wait_status(pid);
}

int main(int argc, char **argv)
{
	int status, worst = 0;
	pid_t pid;

	if (argc == 3 && strcmp(argv[0], "program") == 0)
		be_program(argv);
	for (int as_root = 1; as_root >= 0; as_root--) {
		if (as_root && geteuid() != 0)
			continue;
		snprintf(top, sizeof top, "/tmp/cordon-notify-XXXXXX");
		REQUIRE(mkdtemp(top) != NULL && chmod(top, 0755) == 0);
		if (!as_root && geteuid() == 0)
			REQUIRE(chown(top, PROGRAM_ID, PROGRAM_ID) == 0);
		pid = fork();
		if (pid == 0) {
			if (!as_root && geteuid() == 0)
				REQUIRE(setgroups(0, NULL) == 0 && setresgid(PROGRAM_ID, PROGRAM_ID, PROGRAM_ID) == 0 &&
					setresuid(PROGRAM_ID, PROGRAM_ID, PROGRAM_ID) == 0);
			(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
			_exit(run_all(argv + 1));
		}
		status = wait_status(pid);
		pid = fork();
		if (pid == 0)
			(void)execlp("rm", "rm", "-rf", top, NULL);
		CHECK_EQ(wait_status(pid), 0);
		worst = status == 1 || worst == 1 ? 1 : status != 0 ? status : worst;
	}
	return test_failures ? 1 : worst;
}
