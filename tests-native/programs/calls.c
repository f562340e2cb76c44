/* SPDX-License-Identifier: Apache-2.0 */
/* calls: makes system calls by name and prints the result of each: "name=0" or "name=errno". Calls are separated by
 * ",".
 *
 * A path "-" is a null pointer, "LONG" is 4096 bytes without a NUL, "@N" before a path means relative to descriptor N,
 * which "dir" opened. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static char **words;	/* of the call, after its name; NULL-terminated */
static int dir_fd = AT_FDCWD;

static const char *long_path(void)
{
	char *map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		_exit(9);
	memset(map, 'a', 3 * 4096 - 1);
	map[0] = '/';
	return map;
}

static const char *path(int i)
{
	const char *word = words[i];

	if (word == NULL || strcmp(word, "-") == 0)
		return NULL;
	if (strcmp(word, "LONG") == 0)
		return long_path();
	return word[0] == '@' ? word + 1 : word;
}

/* The directory that path i is relative to. */
static int dir(int i)
{
	return words[i] != NULL && words[i][0] == '@' ? dir_fd : AT_FDCWD;
}

static long number(int i)
{
	return words[i] != NULL ? strtol(words[i], NULL, 0) : 0;
}

static long closed(long fd)
{
	if (fd >= 0)
		close((int)fd);
	return fd < 0 ? -1 : 0;
}

static long call_dir(void)
{
	dir_fd = open(path(0), O_RDONLY | O_DIRECTORY);
	return dir_fd;
}

/* Shows what is in it: what the program could really read. */
static long call_read(void)
{
	long fd = syscall(SYS_openat, dir(0), path(0), O_RDONLY, 0), n;
	char text[256];

	if (fd < 0)
		return -1;
	n = read((int)fd, text, sizeof text - 1);
	close((int)fd);
	if (n < 0)
		return -1;
	text[n] = '\0';
	printf("text=%s\n", strtok(text, "\n"));
	return 0;
}

static long call_openat(void)
{
	return closed(syscall(SYS_openat, dir(0), path(0), (int)number(1), 0600));
}

static long call_openat2(void)
{
	struct open_how how = { .flags = (uint64_t)number(1), .resolve = (uint64_t)number(2) };

	return closed(syscall(SYS_openat2, dir(0), path(0), &how, sizeof how));
}

static long call_create(void)
{
	return closed(syscall(SYS_openat, dir(0), path(0), O_WRONLY | O_CREAT | O_EXCL, 0640));
}

static long call_stat(void)
{
	struct stat st;

	return fstatat(dir(0), path(0), &st, 0);
}

static long call_lstat(void)
{
	struct stat st;

	return fstatat(dir(0), path(0), &st, AT_SYMLINK_NOFOLLOW);
}

static long call_statx(void)
{
	struct statx stx;

	return syscall(SYS_statx, dir(0), path(0), 0, STATX_MODE, &stx);
}

static long call_access(void)
{
	return syscall(SYS_faccessat, dir(0), path(0), R_OK);
}

static long call_readlink(void)
{
	char text[256];

	return readlinkat(dir(0), path(0), text, sizeof text) < 0 ? -1 : 0;
}

static long call_unlink(void)
{
	return unlinkat(dir(0), path(0), 0);
}

static long call_rmdir(void)
{
	return unlinkat(dir(0), path(0), AT_REMOVEDIR);
}

static long call_rename(void)
{
	return renameat(dir(0), path(0), dir(1), path(1));
}

static long call_link(void)
{
	return linkat(dir(0), path(0), dir(1), path(1), 0);
}

static long call_symlink(void)
{
	return symlinkat(path(0), dir(1), path(1));
}

static long call_mkdir(void)
{
	return mkdirat(dir(0), path(0), 0755);
}

static long call_mkfifo(void)
{
	return mknodat(dir(0), path(0), S_IFIFO | 0600, 0);
}

static long call_chmod(void)
{
	return syscall(SYS_fchmodat, dir(0), path(0), 0600);
}

static long call_fchmodat2(void)
{
	return syscall(SYS_fchmodat2, dir(0), path(0), 0600, 0);
}

static long call_chown(void)
{
	return fchownat(dir(0), path(0), getuid(), getgid(), 0);
}

static long call_truncate(void)
{
	return truncate(path(0), 0);
}

static long call_utimes(void)
{
	return utimensat(dir(0), path(0), NULL, 0);
}

static long call_setxattr(void)
{
	return syscall(SYS_setxattr, path(0), "user.x", "y", 1, 0);
}

static long call_getxattr(void)
{
	char text[16];

	return syscall(SYS_getxattr, path(0), "user.x", text, sizeof text);
}

static long call_inotify(void)
{
	int fd = inotify_init1(0);
	long rc = inotify_add_watch(fd, path(0), IN_MODIFY);

	close(fd);
	return rc < 0 ? -1 : 0;
}

static long call_chdir(void)
{
	return chdir(path(0));
}

static long call_chroot(void)
{
	return chroot(path(0));
}

/* The child's exit status, or -1 with the errno of its execve. */
static long call_exec(void)
{
	int status, error = 0, out[2];
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) != 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		execve(path(0), (char *const[]){ words[0], NULL }, (char *const[]){ NULL });
		error = errno;
		if (write(out[1], &error, sizeof error) != sizeof error)
			_exit(9);
		_exit(127);
	}
	close(out[1]);
	if (read(out[0], &error, sizeof error) != sizeof error)
		error = 0;
	close(out[0]);
	waitpid(pid, &status, 0);
	errno = error;
	return error != 0 ? -1 : WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
}

static long call_socket(void)
{
	return closed(socket((int)number(0), SOCK_STREAM, 0));
}

static long call_getppid(void)
{
	return syscall(SYS_getppid) < 0 ? -1 : 0;
}

static long call_kill(void)
{
	return kill((pid_t)number(0), (int)number(1));
}

static long call_setuid(void)
{
	return setuid((uid_t)number(0));
}

static struct sockaddr_un address(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	(void)snprintf(a.sun_path, sizeof a.sun_path, "%s", path(0));
	return a;
}

static long call_connect(void)
{
	struct sockaddr_un a = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc = connect(fd, (const struct sockaddr *)&a, sizeof a);

	close(fd);
	return rc;
}

/* The socket stays, with a listener. */
static long call_listen(void)
{
	struct sockaddr_un a = address();
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), rc = bind(fd, (const struct sockaddr *)&a, sizeof a);

	return rc == 0 ? listen(fd, 5) : rc;
}

/* A script at path 1 whose interpreter is path 0. */
static long call_script(void)
{
	char **own = words;
	int fd = open(path(1), O_WRONLY | O_CREAT | O_TRUNC, 0755);
	long rc;

	if (fd < 0)
		return -1;
	(void)dprintf(fd, "#!%s\n", path(0));
	close(fd);
	words++;
	rc = call_exec();
	words = own;
	return rc;
}

/* Until stdin has a byte: the test goes on first. */
static long call_wait(void)
{
	char byte;

	return read(0, &byte, 1) == 1 ? 0 : -1;
}

static const struct {
	const char *name;
	long (*call)(void);
} calls[] = {
	{ "dir", call_dir }, { "read", call_read }, { "openat", call_openat }, { "openat2", call_openat2 },
	{ "create", call_create }, { "stat", call_stat }, { "lstat", call_lstat }, { "statx", call_statx },
	{ "access", call_access }, { "readlink", call_readlink }, { "unlink", call_unlink }, { "rmdir", call_rmdir },
	{ "rename", call_rename }, { "link", call_link }, { "symlink", call_symlink }, { "mkdir", call_mkdir },
	{ "mkfifo", call_mkfifo }, { "chmod", call_chmod }, { "fchmodat2", call_fchmodat2 }, { "chown", call_chown },
	{ "truncate", call_truncate }, { "utimes", call_utimes }, { "setxattr", call_setxattr },
	{ "getxattr", call_getxattr }, { "inotify", call_inotify }, { "chdir", call_chdir }, { "chroot", call_chroot },
	{ "exec", call_exec }, { "socket", call_socket }, { "getppid", call_getppid }, { "kill", call_kill },
	{ "setuid", call_setuid }, { "wait", call_wait }, { "connect", call_connect }, { "listen", call_listen },
	{ "script", call_script },
};

static void make(const char *name)
{
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		long rc;

		if (strcmp(calls[i].name, name) != 0)
			continue;
		errno = 0;
		rc = calls[i].call();
		printf("%s=%ld\n", name, rc < 0 ? (long)errno : calls[i].call == call_dir ? 0 : rc);
		fflush(stdout);
		return;
	}
	printf("%s is no call\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc;) {
		int end = i;

		while (end < argc && strcmp(argv[end], ",") != 0)
			end++;
		argv[end] = NULL;
		words = argv + i + 1;
		make(argv[i]);
		i = end + 1;
	}
	return 0;
}
