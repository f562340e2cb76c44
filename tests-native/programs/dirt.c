/* SPDX-License-Identifier: Apache-2.0 */
/* dirt: leaves things behind on purpose, and shows what the next program can see of them. Its first argument says what
 * to do.
 *
 * Everything is bounded. It prints "name=value" lines; a value is 0, an errno, or a number. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static char **words; /* after the verb */

static long number(int i)
{
	return words[i] ? strtol(words[i], NULL, 10) : 0;
}

static int say(const char *name, long rc)
{
	printf("%s=%d\n", name, rc < 0 ? errno : 0);
	return 0;
}

static int make(const char *path, int mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, mode);

	return fd < 0 ? -1 : close(fd);
}

/* -- trees -- */

/* DIR LEVELS: a chain of directories, far longer than any path, with a locked one beside it now and then. */
static int do_deep(void)
{
	if (chdir(words[0]) != 0)
		return 1;
	for (long i = 0; i < number(1); i++) {
		if (i % 1000 == 7 &&
		    (mkdir("locked", 0700) != 0 || make("locked/file", 0) != 0 || chmod("locked", 0) != 0))
			return 2;
		if (mkdir("d", 0700) != 0 || chdir("d") != 0) {
			printf("made=%ld\nerrno=%d\n", i, errno);
			return 3;
		}
	}
	printf("made=%ld\n", number(1));
	return 0;
}

/* DIR: names that no sane program gives. */
static int do_names(void)
{
	static const char *const names[] = { "new\nline", "\xff\xfe\x80", "\x1b[2J",   " ",   "-rf",
					     "*",	  ".cordon-0",	  ".cordon-1", "...", "\x01" };
	char longest[256];

	if (chdir(words[0]) != 0)
		return 1;
	memset(longest, 'n', 255);
	longest[255] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (mkdir(names[i], 0700) != 0 || chdir(names[i]) != 0 || make(names[i], 0600) != 0 ||
		    mkdir(".cordon-2", 0700) != 0 || make(".cordon-2/x", 0600) != 0 || mkdir(longest, 0700) != 0 ||
		    chmod(longest, 0) != 0 || chdir("..") != 0 || chmod(names[i], 0) != 0)
			return 2;
	return symlink("/usr", "to-usr") != 0 || symlink("..", "up") != 0 || mkfifo("fifo", 0) != 0;
}

/* DIR N: N directories with a file in each. */
static int do_wide(void)
{
	char name[64];

	if (chdir(words[0]) != 0)
		return 1;
	for (long i = 0; i < number(1); i++) {
		snprintf(name, sizeof name, "w%ld", i);
		if (mkdir(name, 0700) != 0)
			return 2;
		snprintf(name, sizeof name, "w%ld/f", i);
		if (make(name, 0) != 0)
			return 3;
		snprintf(name, sizeof name, "w%ld", i);
		if (i % 3 == 0 && chmod(name, 0) != 0)
			return 4;
	}
	return 0;
}

/* DIR MODE */
static int do_chmod(void)
{
	return chmod(words[0], (mode_t)strtoul(words[1], NULL, 8)) != 0;
}

/* DIR: marks on a directory itself. A kernel without one of them is no failure. */
static int do_mark(void)
{
	const struct timespec old[2] = { { 12345, 0 }, { 12345, 0 } };

	say("xattr", setxattr(words[0], "user.left", "x", 1, 0));
	return utimensat(AT_FDCWD, words[0], old, 0) != 0;
}

static int do_marks(void)
{
	struct stat st;
	char text[64];
	ssize_t n = getxattr(words[0], "user.left", text, sizeof text);

	if (stat(words[0], &st) != 0)
		return 1;
	printf("xattr=%d\nold=%d\nmode=%o\nuid=%d\nlinks=%d\n", n >= 0, st.st_mtime == 12345, st.st_mode & 07777,
	       (int)st.st_uid, (int)st.st_nlink);
	return 0;
}

/* DIR: files without a name, sent to a socket from which they will never be received. */
static int do_inflight(void)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * 2)];
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int pair[2], fds[2];

	fds[0] = open(words[0], O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fds[0] < 0 || ftruncate(fds[0], 1 << 20) != 0 || write(fds[0], "left", 4) != 4 ||
	    socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) != 0)
		return 1;
	fds[1] = pair[1];
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fds);
	memcpy(CMSG_DATA(c), fds, sizeof fds);
	return sendmsg(pair[0], &h, 0) != 1;
}

/* Nested mounts: moves the directories on the way to /w/data/in away and puts others in their place. */
static int do_replace_nested(void)
{
	if (rename("/w/data", "/w/gone") != 0) {
		printf("rename=%d\n", errno);
		return 1;
	}
	return mkdir("/w/data", 0755) != 0 || mkdir("/w/data/in", 0755) != 0 || make("/w/data/in/hostile", 0644) != 0;
}

/* PATH...: which mount each path is on, by a number that is never given out again (Linux 6.8; -1 on older ones). */
static int do_mounts(void)
{
	for (int i = 0; words[i]; i++) {
		struct statx st;

		memset(&st, 0, sizeof st);
		if (syscall(SYS_statx, AT_FDCWD, words[i], 0, 0x4000u /* STATX_MNT_ID_UNIQUE */, &st) != 0)
			return 1;
		/* stx_mnt_id: in the 18th 64-bit word, whatever the header knows of it. */
		printf("%s=%lld\n", words[i], (st.stx_mask & 0x4000u) ? ((const long long *)&st)[18] : -1);
	}
	return 0;
}

/* -- objects of the IPC namespace -- */

#define KEY 0x0c04d04

static int do_ipc_make(void)
{
	struct {
		long type;
		char text[8];
	} message = { 1, "left" };
	struct mq_attr attr = { .mq_maxmsg = 1, .mq_msgsize = 8 };
	int shm = shmget(KEY, 1 << 20, IPC_CREAT | 0600), sem = semget(KEY, 3, IPC_CREAT | 0600),
	    msg = msgget(KEY, IPC_CREAT | 0600);
	char *memory = shm < 0 ? (char *)-1 : shmat(shm, NULL, 0);
	int posix;

	say("shm", shm);
	say("sem", sem);
	say("msg", msg);
	if (memory == (char *)-1)
		return 1;
	strcpy(memory, "left by the run before");
	if (semctl(sem, 1, SETVAL, 7) != 0 || msgsnd(msg, &message, 8, 0) != 0)
		return 2;
	for (int i = 0; i < 50; i++) {
		char name[64];
		mqd_t q;

		if (shmget(IPC_PRIVATE, 4096, 0) < 0 || semget(IPC_PRIVATE, 1, 0) < 0 || msgget(IPC_PRIVATE, 0) < 0)
			return 3;
		snprintf(name, sizeof name, "/.left-%d-%0*d", i, i, 0);
		q = mq_open(name, O_CREAT | O_RDWR, 0, &attr);
		if (q != (mqd_t)-1)
			mq_close(q);
		else if (errno != EMFILE && errno != ENOSPC)
			return 4;
	}
	say("mq", mq_open("/left", O_CREAT | O_RDWR, 0600, &attr));
	posix = shm_open("/left", O_CREAT | O_RDWR, 0);
	say("posix_shm", posix);
	return 0;
}

static int do_ipc_see(void)
{
	struct shm_info shm;
	struct seminfo sem;
	struct msginfo msg;

	say("shm", shmget(KEY, 0, 0));
	say("sem", semget(KEY, 0, 0));
	say("msg", msgget(KEY, 0));
	say("mq", mq_open("/left", O_RDWR));
	say("mq_other", mq_open("/.left-0-0", O_RDWR));
	say("posix_shm", shm_open("/left", O_RDWR, 0));
	if (shmctl(0, SHM_INFO, (struct shmid_ds *)&shm) < 0 || semctl(0, 0, SEM_INFO, &sem) < 0 ||
	    msgctl(0, MSG_INFO, (struct msqid_ds *)&msg) < 0)
		return 1;
	printf("objects=%d\n", shm.used_ids + sem.semusz + msg.msgpool);
	return 0;
}

/* -- keys -- */

static long keyctl(int command, long a, long b, long c, long d)
{
	return syscall(SYS_keyctl, command, a, b, c, d);
}

static const struct {
	const char *name;
	int ring;
} rings[] = {
	{ "session", KEY_SPEC_SESSION_KEYRING },
	{ "user", KEY_SPEC_USER_KEYRING },
	{ "user_session", KEY_SPEC_USER_SESSION_KEYRING },
};

static int do_keys_make(void)
{
	for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++)
		say(rings[i].name, syscall(SYS_add_key, "user", "left", "secret", 6, rings[i].ring));
	return 0;
}

/* FIRST: the same, and the keyrings from that one on can no longer be written to, so they cannot be cleared; they can
 * be read. */
static int do_keys_lock(void)
{
	do_keys_make();
	for (size_t i = (size_t)number(0); i < sizeof rings / sizeof rings[0]; i++) {
		char name[64];

		snprintf(name, sizeof name, "%s_locked", rings[i].name);
		say(name, keyctl(KEYCTL_SETPERM, rings[i].ring, 0x1b1b0000, 0,
				 0)); /* view, read, search, link; no write, no setattr */
	}
	return 0;
}

static int do_keys_revoke(void)
{
	say("revoke", keyctl(KEYCTL_REVOKE, KEY_SPEC_SESSION_KEYRING, 0, 0, 0));
	return 0;
}

static int do_keys_see(void)
{
	for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++)
		printf("%s=%d\n", rings[i].name,
		       keyctl(KEYCTL_SEARCH, rings[i].ring, (long)"user", (long)"left", 0) >= 0);
	/* A ring that works is part of being fresh. */
	for (size_t i = 0; i < sizeof rings / sizeof rings[0]; i++) {
		char name[64];
		long key = syscall(SYS_add_key, "user", "probe", "x", 1, rings[i].ring);

		snprintf(name, sizeof name, "%s_usable", rings[i].name);
		printf("%s=%d\n", name, key >= 0);
	}
	return 0;
}

/* -- sockets -- */

static struct sockaddr_un abstract_name(socklen_t *len)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	memcpy(un.sun_path + 1, "left", 4);
	*len = offsetof(struct sockaddr_un, sun_path) + 5;
	return un;
}

/* A daemon in a session of its own listens on an abstract name and on a TCP port. */
static int do_serve(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(4321),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int local = socket(AF_UNIX, SOCK_STREAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len;
	struct sockaddr_un un = abstract_name(&len);

	if (bind(local, (struct sockaddr *)&un, len) != 0 || listen(local, 5) != 0 ||
	    bind(tcp, (struct sockaddr *)&in, sizeof in) != 0 || listen(tcp, 5) != 0)
		return 1;
	if (fork() == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		for (int sig = 1; sig < 32; sig++)
			signal(sig, SIG_IGN);
		poll(NULL, 0, 600000);
		_exit(0);
	}
	return 0;
}

static int do_reach(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(4321),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int local = socket(AF_UNIX, SOCK_STREAM, 0), tcp = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len;
	struct sockaddr_un un = abstract_name(&len);

	say("abstract", connect(local, (struct sockaddr *)&un, len));
	say("tcp", connect(tcp, (struct sockaddr *)&in, sizeof in));
	return 0;
}

/* A connection to ourselves whose server side closes first: the kernel remembers its port for a minute. */
static int do_tcp(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_port = htons(4321),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0), one;

	say("bind", bind(server, (struct sockaddr *)&in, sizeof in));
	if (listen(server, 5) != 0 || connect(client, (struct sockaddr *)&in, sizeof in) != 0)
		return 1;
	one = accept(server, NULL, NULL);
	close(one);
	close(client);
	return one < 0;
}

/* Brings lo up, as an init command does. */
static int do_lo_up(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0)
		return 1;
	request.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &request) != 0;
}

/* -- init -- */

/* Everything that slows, stops or looks at another process of the same user, tried on each thread and helper of init
 * that there could be. Only success is printed. */
static int do_hurt(void)
{
	const struct rlimit none = { 0, 0 };
	const struct sched_param param = { 0 };
	pid_t self = getpid();
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	for (pid_t pid = 1; pid < self && pid < 200; pid++) {
		char path[64];

		if (prlimit(pid, RLIMIT_NOFILE, &none, NULL) == 0)
			printf("prlimit(%d)\n", (int)pid);
		if (setpriority(PRIO_PROCESS, (id_t)pid, 19) == 0)
			printf("setpriority(%d)\n", (int)pid);
		if (sched_setscheduler(pid, SCHED_IDLE, &param) == 0)
			printf("sched_setscheduler(%d)\n", (int)pid);
		if (sched_setaffinity(pid, sizeof one, &one) == 0)
			printf("sched_setaffinity(%d)\n", (int)pid);
		if (syscall(SYS_ioprio_set, 1, pid, 3 << 13) == 0)
			printf("ioprio_set(%d)\n", (int)pid);
		if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0)
			printf("ptrace(%d)\n", (int)pid);
		for (int task = 0; task < 2; task++) {
			snprintf(path, sizeof path, task ? "/proc/1/task/%d/status" : "/proc/%d/mem", (int)pid);
			if (open(path, O_RDONLY | O_CLOEXEC) >= 0)
				printf("%s\n", path);
		}
		for (int sig = 1; sig < 65; sig++) {
			(void)kill(pid, sig);
			(void)syscall(SYS_tkill, pid, sig);
			(void)syscall(SYS_tgkill, 1, pid, sig);
		}
	}
	signal(SIGTERM, SIG_IGN);
	/* Own helpers that init may have at this moment. Not SIGKILL: that ends this process too. */
	(void)kill(-1, SIGTERM);
	return 0;
}

/* Kills everything that it may, itself last. */
static int do_killall(void)
{
	(void)kill(-1, SIGKILL);
	return 0; /* Linux spares the caller */
}

/* -- terminals -- */

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	interrupted = sig;
}

static int do_tty(void)
{
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);

	printf("isatty=%d%d%d\ndev_tty=%d\nsid=%d\nfg=%d\n", isatty(0), isatty(1), tty >= 0 && isatty(tty), tty >= 0,
	       getsid(0) == getpid(), tcgetpgrp(0) == getpgid(0));
	return 0;
}

static int do_interrupt(void)
{
	struct sigaction a = { .sa_handler = on_interrupt };

	sigaction(SIGINT, &a, NULL);
	if (write(1, "ready\n", 6) != 6)
		return 2;
	while (!interrupted)
		if (poll(NULL, 0, 10000) == 0)
			return 3;
	return 42;
}

/* -- time -- */

/* SECONDS: a crowd of burners, so that a pause must reach all of them. */
static int do_crowd(void)
{
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			setsid();
			alarm((unsigned)number(0));
			for (;;)
				;
		}
	if (write(1, "ready\n", 6) != 6)
		return 2;
	while (wait(NULL) > 0)
		;
	return 0;
}

/* A tree, a daemon, shared memory and an output, all at once: for runs that are to leave as much as they can. */
static int do_everything(void)
{
	int id = shmget(IPC_PRIVATE, 4096, 0600);

	if (mkdir("a", 0700) != 0 || make("a/b", 0) != 0 || make("c", 0600) != 0 || chmod("a", 0) != 0 || id < 0)
		return 1;
	for (int i = 0; i < 5; i++)
		if (fork() == 0) {
			setsid();
			if (fork() != 0)
				_exit(0);
			poll(NULL, 0, 600000);
			_exit(0);
		}
	return 0;
}

static const struct {
	const char *name;
	int (*run)(void);
} verbs[] = {
	{ "deep", do_deep },
	{ "names", do_names },
	{ "wide", do_wide },
	{ "chmod", do_chmod },
	{ "mark", do_mark },
	{ "marks", do_marks },
	{ "inflight", do_inflight },
	{ "replace-nested", do_replace_nested },
	{ "mounts", do_mounts },
	{ "ipc-make", do_ipc_make },
	{ "ipc-see", do_ipc_see },
	{ "keys-make", do_keys_make },
	{ "keys-lock", do_keys_lock },
	{ "keys-revoke", do_keys_revoke },
	{ "keys-see", do_keys_see },
	{ "serve", do_serve },
	{ "reach", do_reach },
	{ "tcp", do_tcp },
	{ "lo-up", do_lo_up },
	{ "hurt", do_hurt },
	{ "killall", do_killall },
	{ "tty", do_tty },
	{ "interrupt", do_interrupt },
	{ "crowd", do_crowd },
	{ "everything", do_everything },
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
