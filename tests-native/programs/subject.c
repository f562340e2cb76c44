/* SPDX-License-Identifier: Apache-2.0 */
/* subject: the program that the tests run; its first argument says what to do, once.
 *
 * Everything is bounded, so that it also ends outside a sandbox. It prints what a test compares as "name=value". */
#define _GNU_SOURCE
#include <dirent.h>
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
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char **words;	/* after the verb */

static long number(int i)
{
	return words[i] ? strtol(words[i], NULL, 10) : 0;
}

static double cpu_seconds(int system_only)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)u.ru_stime.tv_sec + (double)u.ru_stime.tv_usec / 1e6 +
	       (system_only ? 0 : (double)u.ru_utime.tv_sec + (double)u.ru_utime.tv_usec / 1e6);
}

static void ready(void)
{
	if (write(1, "ready\n", 6) != 6)
		_exit(9);
}

static int do_exit(void)
{
	return (int)number(0);
}

static int do_abort(void)
{
	abort();
}

static int do_raise(void)
{
	return raise((int)number(0));
}

static int do_killself(void)
{
	return kill(getpid(), (int)number(0));
}

static int do_segv(void)
{
	volatile int *nowhere = (volatile int *)(uintptr_t)number(0);

	return *nowhere;
}

static int do_sleep(void)
{
	ready();
	for (unsigned left = (unsigned)number(0); left;)
		left = sleep(left);
	return 0;
}

static void burn(double seconds)
{
	volatile unsigned x = 0;

	while (cpu_seconds(0) < seconds)
		for (int i = 0; i < 100000; i++)
			x += (unsigned)i;
}

static int do_burn(void)
{
	burn((double)number(0) / 1000);
	return 0;
}

static int do_burn_deaf(void)
{
	signal(SIGXCPU, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	return do_burn();
}

static void *burn_thread(void *unused)
{
	(void)unused;
	do_burn();
	return NULL;
}

static int do_burn_threads(void)
{
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		if (pthread_create(&t[i], NULL, burn_thread, NULL) != 0)
			return 1;
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	return 0;
}

/* A child burns; "nowait": the parent learns of its end from a pipe and never waits for it. */
static int do_burn_child(void)
{
	int p[2], nowait = words[1] && strcmp(words[1], "nowait") == 0;
	char c;
	pid_t pid;

	if (pipe(p) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		close(p[0]);
		_exit(do_burn());
	}
	close(p[1]);
	if (read(p[0], &c, 1) != 0)
		return 2;
	return nowait ? 0 : waitpid(pid, NULL, 0) != pid;
}

static int do_system_time(void)
{
	static char block[1 << 20];
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 1;
	while (cpu_seconds(1) < (double)number(0) / 1000)
		if (read(fd, block, sizeof block) != (ssize_t)sizeof block)
			return 2;
	printf("system_ms=%ld\n", (long)(cpu_seconds(1) * 1000));
	return 0;
}

static void touch(size_t bytes)
{
	volatile char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		printf("mmap=%d\n", errno);
		exit(5);
	}
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
}

static int do_alloc(void)
{
	touch((size_t)number(0) << 20);
	puts("done");
	return 0;
}

static int do_alloc_grandchild(void)
{
	pid_t child = fork();

	if (child == 0) {
		pid_t grandchild = fork();

		if (grandchild == 0)
			_exit(do_alloc());
		waitpid(grandchild, NULL, 0);
		_exit(0);
	}
	waitpid(child, NULL, 0);
	return 0;
}

/* Several children that together hold the bytes at one time. */
static int do_alloc_tree(void)
{
	int p[2];
	char c;

	if (pipe(p) != 0)
		return 1;
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			touch(((size_t)number(0) << 20) / 4);
			if (write(p[1], "x", 1) == 1)
				sleep(2);
			_exit(0);
		}
	close(p[1]);	/* where one is killed, the end of the others is the end of the file */
	for (int i = 0; i < 4; i++)
		if (read(p[0], &c, 1) != 1)
			return 2;
	return 0;
}

static int do_flood(void)
{
	static char block[65536];
	int fd = (int)number(0);

	memset(block, 'x', sizeof block);
	for (long long left = strtoll(words[1], NULL, 10); left > 0;) {
		size_t n = left < (long long)sizeof block ? (size_t)left : sizeof block;
		ssize_t done = write(fd, block, n);

		if (done < 0)
			return 3;
		left -= done;
	}
	return 0;
}

static int do_file(void)
{
	int fd = open(words[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0) {
		printf("errno=%d\n", errno);
		return 1;
	}
	for (long left = number(0); left > 0; left -= 4096) {
		static char block[4096];

		if (write(fd, block, sizeof block) < 0) {
			printf("errno=%d\n", errno);
			return 2;
		}
	}
	return 0;
}

static int do_files(void)
{
	char path[64];

	for (long i = 0; i < number(0); i++) {
		int fd;

		snprintf(path, sizeof path, "%s/f%ld", words[1], i);
		fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0) {
			printf("made=%ld\nerrno=%d\n", i, errno);
			return 1;
		}
		close(fd);
	}
	return 0;
}

static int do_cat(void)
{
	static char block[65536];
	ssize_t n;

	while ((n = read(0, block, sizeof block)) > 0)
		for (ssize_t at = 0; at < n;) {
			ssize_t done = write(1, block + at, (size_t)(n - at));

			if (done < 0)
				return 1;
			at += done;
		}
	return n < 0;
}

static int do_echo(void)
{
	for (int i = 0; words[i]; i++)
		printf("%s\n", words[i]);
	return 0;
}

static int do_both(void)
{
	if (write(1, "out\n", 4) != 4 || write(2, "err\n", 4) != 4 || write(1, "out2\n", 5) != 5)
		return 1;
	return 0;
}

/* Writes a word to a descriptor. */
static int do_say(void)
{
	return write((int)number(0), words[1], strlen(words[1])) != (ssize_t)strlen(words[1]);
}

static int do_hear(void)
{
	char text[256];
	ssize_t n = read((int)number(0), text, sizeof text);

	if (n < 0) {
		printf("errno=%d\n", errno);
		return 1;
	}
	return write(1, text, (size_t)n) != n;
}

static int do_env(void)
{
	for (char **e = environ; *e; e++)
		printf("%s\n", *e);
	return 0;
}

static int do_sizes(void)
{
	size_t env = 0, nenv = 0, nargs = 0, args = 0;

	for (char **e = environ; *e; e++, nenv++)
		env += strlen(*e) + 1;
	for (; words[nargs]; nargs++)
		args += strlen(words[nargs]) + 1;
	printf("env_bytes=%zu\nenv_count=%zu\nargs_bytes=%zu\nargs_count=%zu\n", env, nenv, args, nargs);
	return 0;
}

/* Tries every number instead of listing /proc, which a sandbox may not have. */
static int do_fds(void)
{
	for (int fd = 0; fd < 2000; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d\n", fd);
	return 0;
}

static int do_cwd(void)
{
	char path[4096];

	puts(getcwd(path, sizeof path) ? path : "?");
	return 0;
}

static int do_show(void)
{
	int fd = open(words[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		printf("errno=%d\n", errno);
		return 1;
	}
	return dup2(fd, 0) < 0 ? 1 : do_cat();
}

static int do_list(void)
{
	DIR *d = opendir(words[0]);
	struct dirent *e;

	if (!d) {
		printf("errno=%d\n", errno);
		return 1;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			puts(e->d_name);
	return 0;
}

static int do_stat(void)
{
	struct stat st;

	for (int i = 0; words[i]; i++) {
		if (lstat(words[i], &st) != 0)
			printf("%s errno=%d\n", words[i], errno);
		else
			printf("%s mode=%o uid=%u gid=%u size=%lld\n", words[i], st.st_mode, st.st_uid, st.st_gid,
			       (long long)st.st_size);
	}
	return 0;
}

static long pids_count(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	long n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] >= '1' && e->d_name[0] <= '9';
	if (d)
		closedir(d);
	return n;
}

/* Leaves orphans that end at once, and waits until at most 4 pids are in use or 5 s are over: init gives no notice when
 * it reaps, so there is no event to wait for. */
static int do_orphans(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	long pids = 0;

	for (long i = 0; i < number(0); i++) {
		pid_t pid = fork();

		if (pid < 0) {
			printf("fork=%d\n", errno);
			return 1;
		}
		if (pid == 0) {
			if (fork() == 0)
				_exit(0);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	for (int i = 0; i < 500; i++) {
		pids = pids_count();
		if (pids <= 4)
			break;
		nanosleep(&pause, NULL);
	}
	printf("pids=%ld\n", pids);
	return 0;
}

/* Leaves a daemon behind: the run must end, and the daemon with it. */
static int do_daemon(void)
{
	if (fork() == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		signal(SIGTERM, SIG_IGN);
		sleep(600);
		_exit(0);
	}
	return 0;
}

/* At most this many forks succeed; the bomb is bounded by its own argument, whatever the sandbox does. */
static int do_forks(void)
{
	long made = 0;

	for (long i = 0; i < number(0); i++) {
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		if (pid < 0) {
			printf("made=%ld\nerrno=%d\n", made, errno);
			return 0;
		}
		made++;
	}
	printf("made=%ld\nerrno=0\n", made);
	return 0;
}

static int do_threads(void)
{
	return do_burn_threads() ? 1 : puts("threads") < 0;
}

static int do_limits(void)
{
	static const struct {
		const char *name;
		int resource;
	} list[] = { { "stack", RLIMIT_STACK }, { "nofile", RLIMIT_NOFILE }, { "core", RLIMIT_CORE },
		     { "fsize", RLIMIT_FSIZE }, { "as", RLIMIT_AS },	     { "memlock", RLIMIT_MEMLOCK },
		     { "nice", RLIMIT_NICE } };

	for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
		struct rlimit r;

		getrlimit(list[i].resource, &r);
		printf("%s=%lld\n%s_hard=%lld\n", list[i].name, (long long)r.rlim_cur, list[i].name,
		       (long long)r.rlim_max);
	}
	return 0;
}

/* Field 19 of proc_pid_stat(5), which comes 16 words behind the name. */
static int own_nice(void)
{
	char text[1024], *word = NULL, *rest = NULL;
	FILE *f = fopen("/proc/self/stat", "r");

	if (f == NULL)
		return -100;
	if (fgets(text, sizeof text, f) != NULL)
		rest = strrchr(text, ')');
	for (int i = 0; rest != NULL && i <= 17; i++)
		word = strtok(i == 0 ? rest : NULL, " ");
	fclose(f);
	return word != NULL ? atoi(word) : -100;
}

/* Its nice value and that of a child. */
static int do_nice(void)
{
	pid_t pid;

	printf("nice=%d\n", own_nice());
	if (fflush(stdout) != 0)
		return 1;
	pid = fork();
	if (pid == 0) {
		printf("child_nice=%d\n", own_nice());
		exit(0);
	}
	return pid < 0 || waitpid(pid, NULL, 0) != pid;
}

/* What it has of its host that is no privilege. */
static int do_inherited(void)
{
	mode_t mask = umask(0);
	struct sched_param param;
	char text[16] = "";
	cpu_set_t cpus;
	FILE *f = fopen("/proc/self/oom_score_adj", "r");

	if (f == NULL || fgets(text, sizeof text, f) == NULL || sched_getparam(0, &param) != 0 ||
	    sched_getaffinity(0, sizeof cpus, &cpus) != 0)
		return 1;
	fclose(f);
	printf("nice=%d\npolicy=%d\npriority=%d\n", own_nice(), sched_getscheduler(0), param.sched_priority);
	printf("slack=%d\nioprio=%ld\n", prctl(PR_GET_TIMERSLACK), syscall(SYS_ioprio_get, 1, 0));
	printf("umask=%o\noom=%d\ncpus=%d\n", mask, atoi(text), CPU_COUNT(&cpus));
	return 0;
}

/* Objects that a copy-out must refuse. */
static int do_odd_files(void)
{
	if (symlink("/proc/self/status", "link") != 0 || mkfifo("fifo", 0666) != 0 || mkdir("directory", 0755) != 0)
		return 1;
	if (symlink("/usr", "linkdir") != 0 || symlink("directory", "link2") != 0)
		return 2;
	return system("echo inside > directory/plain") != 0;
}

/* State that a child of a JVM must not inherit. */
static int do_signals(void)
{
	sigset_t blocked;
	int ignored = 0, nblocked = 0;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	for (int sig = 1; sig < 65; sig++) {
		struct sigaction a;

		nblocked += sigismember(&blocked, sig) == 1;
		if (sigaction(sig, NULL, &a) == 0)
			ignored += a.sa_handler != SIG_DFL;
	}
	printf("blocked=%d\nignored=%d\n", nblocked, ignored);
	return 0;
}

static int do_ids(void)
{
	printf("uid=%d\neuid=%d\ngid=%d\negid=%d\ngroups=%d\npid=%d\nppid=%d\nsid=%d\npgid=%d\numask=%d\n",
	       (int)getuid(), (int)geteuid(), (int)getgid(), (int)getegid(), getgroups(0, NULL), (int)getpid(),
	       (int)getppid(), (int)getsid(0), (int)getpgid(0), (int)umask(022));
	return 0;
}

/* So many waits for time to pass. */
static int do_naps(void)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (long i = 0; i < number(0); i++)
		nanosleep(&nap, NULL);
	return 0;
}

/* So many pages, each by a fault of its own. */
static int do_pages(void)
{
	size_t bytes = (size_t)number(0) * 4096;
	volatile char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || madvise((void *)(uintptr_t)p, bytes, MADV_NOHUGEPAGE) != 0)
		return 1;
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	return 0;
}

/* A file on a real file system: written, or read where it is there. */
static int do_disk(void)
{
	static char block[65536];
	int in = strcmp(words[0], "read") == 0;
	int fd = open(words[1], in ? O_RDONLY | O_CLOEXEC : O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0) {
		printf("errno=%d\n", errno);
		return 1;
	}
	for (long left = number(2); left > 0; left -= (long)sizeof block)
		if ((in ? read(fd, block, sizeof block) : write(fd, block, sizeof block)) != (ssize_t)sizeof block)
			return 2;
	return 0;
}

static cpu_set_t cpus_seen;
static pthread_mutex_t cpus_lock = PTHREAD_MUTEX_INITIALIZER;

static void *cpus_thread(void *unused)
{
	(void)unused;
	for (int i = 0; i < 200; i++) {
		int cpu = sched_getcpu();

		pthread_mutex_lock(&cpus_lock);
		CPU_SET(cpu, &cpus_seen);
		pthread_mutex_unlock(&cpus_lock);
		for (volatile int spin = 0; spin < 20000; spin++)
			;
	}
	return NULL;
}

static void cpus_print(const char *name, const cpu_set_t *set)
{
	printf("%s_count=%d\n%s_first=", name, CPU_COUNT(set), name);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, set)) {
			printf("%d\n", cpu);
			return;
		}
	puts("-1");
}

/* Where it may run, where its threads do run, and whether it may choose other CPUs. */
static int do_cpus(void)
{
	cpu_set_t set, all;
	pthread_t t[3];

	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return 1;
	cpus_print("may", &set);
	for (int i = 0; i < 3; i++)
		if (pthread_create(&t[i], NULL, cpus_thread, NULL) != 0)
			return 2;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	cpus_print("ran", &cpus_seen);
	memset(&all, 0xff, sizeof all);
	printf("widen=%d\n", sched_setaffinity(0, sizeof all, &all) == 0 ? 0 : errno);
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		return 3;
	cpus_print("then", &set);
	return 0;
}

static void print_core_limit(const char *what, int rc)
{
	struct rlimit now = { 0, 0 };

	getrlimit(RLIMIT_CORE, &now);
	printf("%s=%d limit=%lld\n", what, rc == 0 ? 0 : errno, (long long)now.rlim_cur);
}

/* Turns core dumps off, in every way there is. With "abort" it ends like that. */
static int do_no_core(void)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit before;

	print_core_limit("setrlimit", setrlimit(RLIMIT_CORE, &none));
	print_core_limit("prlimit", prlimit(0, RLIMIT_CORE, &none, NULL));
	print_core_limit("own pid", prlimit(getpid(), RLIMIT_CORE, &none, NULL));
	print_core_limit("and before", prlimit(0, RLIMIT_CORE, &none, &before));
	print_core_limit("direct", (int)syscall(SYS_setrlimit, RLIMIT_CORE, &none));
	fflush(stdout);
	if (words[0] != NULL && strcmp(words[0], "abort") == 0)
		abort();
	return 0;
}

/* What core_pattern names: reads the dump, and adds a line to the file. */
static int do_took(void)
{
	char buffer[65536];
	FILE *f = fopen(words[0], "a");

	while (read(0, buffer, sizeof buffer) > 0)
		;
	return f == NULL || fputs("dump\n", f) < 0 || fclose(f) != 0;
}

/* Sends itself a signal, in a way that has a name. */
static int do_send(void)
{
	const char *how = words[0];
	int signal = (int)number(1);
	pid_t pid = getpid();
	siginfo_t info = { .si_signo = signal, .si_code = SI_QUEUE };

	if (strcmp(how, "kill") == 0)
		return kill(pid, signal);
	if (strcmp(how, "group") == 0)
		return kill(0, signal);
	if (strcmp(how, "raise") == 0)
		return raise(signal);
	if (strcmp(how, "tgkill") == 0)
		return (int)syscall(SYS_tgkill, pid, pid, signal);
	if (strcmp(how, "tkill") == 0)
		return (int)syscall(SYS_tkill, pid, signal);
	if (strcmp(how, "sigqueue") == 0)
		return sigqueue(pid, signal, (union sigval){ .sival_int = 1 });
	if (strcmp(how, "rt_tgsigqueueinfo") == 0)
		return (int)syscall(SYS_rt_tgsigqueueinfo, pid, pid, signal, &info);
	if (strcmp(how, "child") == 0) {
		if (fork() == 0)
			_exit(kill(getppid(), signal));
		pause();
	}
	return 99;
}

static void caught(int signal)
{
	(void)signal;
}

/* Sends itself the first signal, which it handles, and is then ended by a limit: of a file's size. */
static int do_send_and_exceed(void)
{
	static char block[65536];
	int fd = open(words[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (signal((int)number(0), caught) == SIG_ERR || raise((int)number(0)) != 0 ||
	    signal((int)number(0), SIG_DFL) == SIG_ERR)
		return 98;
	while (write(fd, block, sizeof block) > 0)
		;
	return 97;
}

/* Past the limit without having written to it: by seek, or by length. */
static int do_beyond(void)
{
	int fd = open(words[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (strcmp(words[0], "seek") == 0)
		return pwrite(fd, "x", 1, number(1)) == 1 ? 0 : 1;
	return ftruncate(fd, number(1)) == 0 ? 0 : 1;
}

static const struct {
	const char *name;
	int (*run)(void);
} verbs[] = {
	{ "exit", do_exit },
	{ "abort", do_abort },
	{ "raise", do_raise },
	{ "killself", do_killself },
	{ "segv", do_segv },
	{ "sleep", do_sleep },
	{ "burn", do_burn },
	{ "burn-deaf", do_burn_deaf },
	{ "burn-threads", do_burn_threads },
	{ "burn-child", do_burn_child },
	{ "system-time", do_system_time },
	{ "alloc", do_alloc },
	{ "alloc-grandchild", do_alloc_grandchild },
	{ "alloc-tree", do_alloc_tree },
	{ "flood", do_flood },
	{ "file", do_file },
	{ "files", do_files },
	{ "cat", do_cat },
	{ "echo", do_echo },
	{ "both", do_both },
	{ "say", do_say },
	{ "hear", do_hear },
	{ "env", do_env },
	{ "sizes", do_sizes },
	{ "fds", do_fds },
	{ "cwd", do_cwd },
	{ "show", do_show },
	{ "list", do_list },
	{ "stat", do_stat },
	{ "orphans", do_orphans },
	{ "daemon", do_daemon },
	{ "forks", do_forks },
	{ "threads", do_threads },
	{ "limits", do_limits },
	{ "nice", do_nice },
	{ "inherited", do_inherited },
	{ "odd-files", do_odd_files },
	{ "signals", do_signals },
	{ "ids", do_ids },
	{ "naps", do_naps },
	{ "pages", do_pages },
	{ "disk", do_disk },
	{ "cpus", do_cpus },
	{ "no-core", do_no_core },
	{ "took", do_took },
	{ "send", do_send },
	{ "send-and-exceed", do_send_and_exceed },
	{ "beyond", do_beyond },
};

int main(int argc, char **argv)
{
	int status = 100;

	if (argc < 2)
		return 101;
	words = argv + 2;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, argv[1]) == 0)
			status = verbs[i].run();
	if (fflush(stdout) != 0)
		status = 102;
	return status;
}
