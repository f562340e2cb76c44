/* SPDX-License-Identifier: Apache-2.0 */
/* swap: tries every call that takes a path on a denied file, while a thread swaps the path between an allowed name and
 * the denied one. swap TRIES ALLOWED DENIED SPARE: ALLOWED and DENIED differ in one character, SPARE is a free name in
 * an allowed directory. Each try of each call is one more. Prints what was won: "call=N", N > 0, and "tries=N". What
 * changes the denied file and leaves no trace here (unlink, truncate, chmod) is to be looked at from outside. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECRET 's'	/* the first byte of the denied file; the allowed one begins with something else */

static char name[128], spare[128];
static const char *allowed, *denied;
static size_t at;
static volatile int done;

static void *flip(void *arg)
{
	volatile char *p = name + at;

	(void)arg;
	while (!done) {
		*p = denied[at];
		for (volatile int i = 0; i < 40; i++)
			;
		*p = allowed[at];
		for (volatile int i = 0; i < 40; i++)
			;
	}
	return NULL;
}

static int secret_in(int fd)
{
	char c = 0;
	int won = fd >= 0 && pread(fd, &c, 1, 0) == 1 && c == SECRET;

	if (fd >= 0)
		close(fd);
	return won;
}

static int secret_at(const char *path)
{
	return secret_in(open(path, O_RDONLY));
}

/* So that a call for the allowed name succeeds. */
static void make_allowed(void)
{
	close(open(allowed, O_CREAT | O_WRONLY, 0644));
}

static int try_open(void)
{
	return secret_in((int)syscall(SYS_openat, AT_FDCWD, name, O_RDONLY, 0));
}

static int try_openat2(void)
{
	struct open_how how = { .flags = O_RDONLY };

	return secret_in((int)syscall(SYS_openat2, AT_FDCWD, name, &how, sizeof how));
}

static int try_write(void)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR, 0);
	char c = 0;
	int won = fd >= 0 && pread(fd, &c, 1, 0) == 1 && c == SECRET;

	if (fd >= 0)
		close(fd);
	return won;
}

static int try_path(void)
{
	int fd = (int)syscall(SYS_openat, AT_FDCWD, name, O_PATH, 0);
	char own[32];
	int won;

	(void)snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
	won = fd >= 0 && secret_at(own);
	if (fd >= 0)
		close(fd);
	return won;
}

static int try_rename(void)
{
	make_allowed();
	unlink(spare);
	return syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, spare, 0) == 0 && secret_at(spare);
}

static int try_exchange(void)
{
	int won;

	make_allowed();
	close(open(spare, O_CREAT | O_WRONLY, 0644));
	won = syscall(SYS_renameat2, AT_FDCWD, name, AT_FDCWD, spare, 2) == 0 && secret_at(spare);
	return won;
}

static int try_link(void)
{
	make_allowed();
	unlink(spare);
	return syscall(SYS_linkat, AT_FDCWD, name, AT_FDCWD, spare, 0) == 0 && secret_at(spare);
}

static int try_unlink(void)
{
	make_allowed();
	(void)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
	return 0;
}

static int try_truncate(void)
{
	make_allowed();
	(void)syscall(SYS_truncate, name, 0L);
	return 0;
}

static int try_chmod(void)
{
	make_allowed();
	(void)syscall(SYS_fchmodat, AT_FDCWD, name, 0777);
	return 0;
}

static int try_symlink(void)
{
	(void)syscall(SYS_symlinkat, "s", AT_FDCWD, name);
	return 0;
}

static int try_mkdir(void)
{
	(void)syscall(SYS_mkdirat, AT_FDCWD, name, 0755);
	return 0;
}

/* The denied file is longer than any allowed one. */
static int try_stat(void)
{
	struct stat st;

	return fstatat(AT_FDCWD, name, &st, 0) == 0 && st.st_size > 6;
}

static int try_xattr(void)
{
	(void)syscall(SYS_setxattr, name, "user.won", "1", 1L, 0);
	return 0;
}

/* "<denied>.run" is a script that leaves 42. */
static int try_exec(void)
{
	static char script[sizeof name + 8];
	int status = 0;
	pid_t pid;

	(void)snprintf(script, sizeof script, "%s.run", denied);
	pid = vfork();
	if (pid == 0) {
		script[at] = name[at];
		execl(script, script, (char *)NULL);
		_exit(1);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 42;
}

/* "<denied>.sock" is a socket of a process that has ended. */
static int try_connect(void)
{
	static struct sockaddr_un a;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), won;

	a.sun_family = AF_UNIX;
	(void)snprintf(a.sun_path, sizeof a.sun_path, "%.90s.sock", denied);
	a.sun_path[at] = name[at];
	won = connect(fd, (const struct sockaddr *)&a, sizeof a) == 0 || errno == ECONNREFUSED;
	close(fd);
	return won;
}

static const struct {
	const char *name;
	int (*call)(void);
	int share;	/* of the tries, one in this many: those that start processes are slow */
} calls[] = {
	{ "open", try_open, 1 }, { "openat2", try_openat2, 1 }, { "write", try_write, 1 }, { "path", try_path, 1 },
	{ "rename", try_rename, 1 }, { "exchange", try_exchange, 1 }, { "link", try_link, 1 },
	{ "unlink", try_unlink, 1 }, { "truncate", try_truncate, 1 }, { "chmod", try_chmod, 1 },
	{ "symlink", try_symlink, 1 }, { "mkdir", try_mkdir, 1 }, { "stat", try_stat, 1 }, { "xattr", try_xattr, 1 },
	{ "exec", try_exec, 20 }, { "connect", try_connect, 1 },
};

int main(int argc, char **argv)
{
	long tries, total = 0;
	pthread_t thread;

	if (argc != 5)
		return 2;
	tries = strtol(argv[1], NULL, 10);
	allowed = argv[2];
	denied = argv[3];
	(void)snprintf(spare, sizeof spare, "%s", argv[4]);
	(void)snprintf(name, sizeof name, "%s", allowed);
	while (allowed[at] == denied[at])
		at++;
	if (pthread_create(&thread, NULL, flip, NULL) != 0)
		return 3;
	for (size_t c = 0; c < sizeof calls / sizeof calls[0]; c++) {
		long won = 0;

		for (long i = 0; i < tries / calls[c].share; i++, total++)
			won += calls[c].call();
		if (won > 0)
			printf("%s=%ld\n", calls[c].name, won);
		unlink(allowed);
		rmdir(allowed);
	}
	done = 1;
	pthread_join(thread, NULL);
	printf("tries=%ld\n", total);
	return 0;
}
