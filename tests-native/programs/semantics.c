/* SPDX-License-Identifier: Apache-2.0 */
/* semantics: makes calls that name files in the working directory, which is empty, and prints the call, result, errno
 * and what the result is worth to a program, one a line. What differs from run to run (inodes, times) is only compared
 * with itself. A supervisor that makes the calls must not change a line. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h>
#include <poll.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define SYS_setxattrat_ 463
#define SYS_getxattrat_ 464
#define SYS_listxattrat_ 465
#define SYS_removexattrat_ 466
#define SYS_file_getattr_ 468
#define BAD ((void *)8)

static char *page;	/* of two; the second one cannot be written or read */

static void line(const char *what, long rc, const char *detail)
{
	if (rc < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: %ld%s%s\n", what, rc, detail[0] ? " " : "", detail);
}

static const char *of_stat(const struct stat *st)
{
	static char buf[128];
	struct stat own;
	int fd = open("f", O_RDONLY),
	    same = fd >= 0 && fstat(fd, &own) == 0 && own.st_ino == st->st_ino && own.st_dev == st->st_dev;

	close(fd);
	snprintf(buf, sizeof buf, "mode=%o nlink=%lu size=%ld own=%d is-f=%d", (unsigned)st->st_mode,
		 (unsigned long)st->st_nlink, S_ISDIR(st->st_mode) ? 0L : (long)st->st_size,
		 st->st_uid == getuid() && st->st_gid == getgid(), same);
	return buf;
}

#define C(name, ...) line(#name "(" #__VA_ARGS__ ")", syscall(SYS_##name, __VA_ARGS__), "")
#define STAT(dirfd, path, flags)								\
	do {											\
		struct stat st_ = { 0 };							\
		long rc_ = syscall(SYS_newfstatat, dirfd, path, &st_, flags);			\
		line("newfstatat(" #dirfd ", " #path ", " #flags ")", rc_, of_stat(&st_));	\
	} while (0)
#define LINK(path, size)							\
	do {									\
		char buf_[PATH_MAX + 1] = "";					\
		long rc_ = syscall(SYS_readlinkat, AT_FDCWD, path, buf_, size);	\
		line("readlinkat(" #path ", " #size ")", rc_, buf_);		\
	} while (0)

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		_exit(20);
	close(fd);
}

static void looking(void)
{
	static char long_name[300], long_path[5000];
	struct statx stx;
	struct statfs fs = { 0 };
	int dir = open("d", O_RDONLY | O_DIRECTORY), file = open("f", O_RDWR), pipes[2] = { -1, -1 };

	memset(long_name, 'n', sizeof long_name - 1);
	memset(long_path, '/', sizeof long_path - 1);
	STAT(AT_FDCWD, "f", 0);
	STAT(AT_FDCWD, "./f", 0);
	STAT(AT_FDCWD, "d/../f", 0);
	STAT(AT_FDCWD, "f/", 0);
	STAT(AT_FDCWD, "f/.", 0);
	STAT(AT_FDCWD, "f/..", 0);
	STAT(AT_FDCWD, "d", 0);
	STAT(AT_FDCWD, "d/", 0);
	STAT(AT_FDCWD, "d/.", 0);
	STAT(AT_FDCWD, "", 0);
	STAT(AT_FDCWD, "/", 0);
	STAT(AT_FDCWD, "/..", 0);
	STAT(AT_FDCWD, "none", 0);
	STAT(AT_FDCWD, "none/x", 0);
	STAT(AT_FDCWD, "none/", 0);
	STAT(AT_FDCWD, "none/..", 0);
	STAT(AT_FDCWD, "l", 0);
	STAT(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "l/", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "ld", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "ld/", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "ld/.", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "ld/x", 0);
	STAT(AT_FDCWD, "ld/../f", 0);
	STAT(AT_FDCWD, "dangling", 0);
	STAT(AT_FDCWD, "dangling", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "loop", 0);
	STAT(AT_FDCWD, "loop", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "loop/x", AT_SYMLINK_NOFOLLOW);
	STAT(AT_FDCWD, "fifo", 0);
	STAT(AT_FDCWD, "shut/x", 0);
	STAT(AT_FDCWD, "shut", 0);
	STAT(AT_FDCWD, long_name, 0);
	STAT(AT_FDCWD, long_path, 0);
	STAT(AT_FDCWD, BAD, 0);
	STAT(AT_FDCWD, "f", 1 << 20);
	STAT(AT_FDCWD, "f", AT_STATX_DONT_SYNC);
	STAT(dir, "x", 0);
	STAT(dir, "../f", 0);
	STAT(dir, "", AT_EMPTY_PATH);
	STAT(file, "", AT_EMPTY_PATH);
	STAT(file, NULL, AT_EMPTY_PATH);
	STAT(file, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);
	STAT(file, "", 0);
	STAT(file, "x", 0);
	STAT(AT_FDCWD, "", AT_EMPTY_PATH);
	STAT(999, "", AT_EMPTY_PATH);
	STAT(999, "f", 0);
	STAT(-1, "f", 0);
	STAT(999, "/", 0);
	C(newfstatat, AT_FDCWD, "f", BAD, 0);
	C(newfstatat, AT_FDCWD, "none", BAD, 0);
	C(newfstatat, AT_FDCWD, "f", page + 4096 - 8, 0);
	C(newfstatat, AT_FDCWD, page + 4096 - 2, page, 0);
#ifdef SYS_stat
	C(stat, "f", page);
	C(stat, "l/", page);
	C(stat, BAD, page);
	C(lstat, "dangling", page);
	C(lstat, "f", NULL);
	C(access, "f", R_OK | W_OK);
	C(access, "f", X_OK);
	C(access, "l", F_OK);
	C(access, "f", 64);
	C(readlink, "l", page, 100);
	C(readlink, "f", page, 100);
#endif
	memset(&stx, 0, sizeof stx);
	C(statx, AT_FDCWD, "f", 0, STATX_BASIC_STATS, &stx);
	printf("statx: mode=%o size=%llu mask=%d\n", stx.stx_mode, (unsigned long long)stx.stx_size,
	       (stx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
	C(statx, AT_FDCWD, "f", 0, STATX__RESERVED, &stx);
	C(statx, AT_FDCWD, "f", AT_STATX_SYNC_TYPE, STATX_SIZE, &stx);
	C(statx, AT_FDCWD, "f", 0, STATX_SIZE, NULL);
	C(statx, file, "", AT_EMPTY_PATH, STATX_SIZE, &stx);
	C(statx, AT_FDCWD, "none", 0, STATX_SIZE, &stx);
	C(faccessat, AT_FDCWD, "f", R_OK);
	C(faccessat, dir, "../l", W_OK);
	C(faccessat, AT_FDCWD, "shut/x", F_OK);
	C(faccessat, AT_FDCWD, "readonly", W_OK);
	C(faccessat2, AT_FDCWD, "dangling", F_OK, AT_SYMLINK_NOFOLLOW);
	C(faccessat2, AT_FDCWD, "dangling", F_OK, 0);
	C(faccessat2, AT_FDCWD, "f", F_OK, AT_EACCESS);
	C(faccessat2, AT_FDCWD, "f", F_OK, 1);
	C(faccessat2, file, "", R_OK, AT_EMPTY_PATH);
	C(faccessat2, AT_FDCWD, "f", 1 << 9, 0);
	LINK("l", 100);
	LINK("l", 1);
	LINK("l", 0);
	LINK("l", -1);
	LINK("f", 100);
	LINK("d", 100);
	LINK("none", 100);
	LINK("l/", 100);
	LINK("ld/", 100);
	LINK("ld/back", 100);
	LINK("dangling", 100);
	LINK("loop", 100);
	LINK("", 100);
	C(readlinkat, AT_FDCWD, "l", BAD, 100);
	C(readlinkat, AT_FDCWD, "l", page + 4096, 100);
	C(readlinkat, file, "", page, 100);
	C(statfs, "f", &fs);
	printf("statfs: %lx %ld\n", (long)fs.f_type, (long)fs.f_bsize);
	C(statfs, "none", &fs);
	C(statfs, "l/", &fs);
	C(statfs, "f", BAD);
	if (pipe(pipes) == 0) {
		struct stat st;

		line("fstatat(pipe)", syscall(SYS_newfstatat, pipes[0], "", &st, AT_EMPTY_PATH),
		     S_ISFIFO(st.st_mode) ? "fifo" : "other");
		close(pipes[0]);
		close(pipes[1]);
	}
	close(dir);
	close(file);
}

/* What "self" is depends on who asks. */
static void about_itself(void)
{
	char path[64], text[256] = "", want[256];
	int fd = open("f", O_RDWR), hidden;
	struct stat a, b;
	long n;

	snprintf(want, sizeof want, "%d", getpid());
	n = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self", text, sizeof text - 1);
	printf("readlink /proc/self: %d\n", n > 0 && strncmp(text, want, (size_t)n) == 0);
	snprintf(want, sizeof want, "%d/task/%ld", getpid(), syscall(SYS_gettid));
	n = syscall(SYS_readlinkat, AT_FDCWD, "/proc/thread-self", text, sizeof text - 1);
	printf("readlink /proc/thread-self: %d\n", n > 0 && strncmp(text, want, (size_t)n) == 0);
	n = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", text, sizeof text - 1);
	printf("readlink /proc/self/exe: %.*s\n", (int)(n > 0 ? n : 0), text);
	n = syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/cwd", text, sizeof text - 1);
	printf("readlink /proc/self/cwd: %.*s\n", (int)(n > 0 ? n : 0), text);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	n = syscall(SYS_readlinkat, AT_FDCWD, path, text, sizeof text - 1);
	printf("readlink /proc/self/fd/N: %.*s\n", (int)(n > 0 ? n : 0), text);
	line("stat /proc/self/fd/N", syscall(SYS_newfstatat, AT_FDCWD, path, &a, 0), of_stat(&a));
	line("lstat /proc/self/fd/N", syscall(SYS_newfstatat, AT_FDCWD, path, &a, AT_SYMLINK_NOFOLLOW),
	     S_ISLNK(a.st_mode) ? "link" : "");
	line("chmod /proc/self/fd/N", syscall(SYS_fchmodat, AT_FDCWD, path, 0600), "");
	line("truncate /proc/self/fd/N", syscall(SYS_truncate, path, 3L), "");
	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	line("stat /dev/fd/N", syscall(SYS_newfstatat, AT_FDCWD, path, &a, 0), of_stat(&a));
	snprintf(path, sizeof path, "/proc/%d/fd/%d", getpid(), fd);
	line("access /proc/PID/fd/N", syscall(SYS_faccessat, AT_FDCWD, path, R_OK), "");
	snprintf(path, sizeof path, "/proc/self/fd/%d/x", fd);
	line("stat through a file's link", syscall(SYS_newfstatat, AT_FDCWD, path, &a, 0), "");
	STAT(AT_FDCWD, "/proc/self/cwd/f", 0);
	STAT(AT_FDCWD, "/proc/self/root/none", 0);
	STAT(AT_FDCWD, "/proc/thread-self/cwd/f", 0);
	n = syscall(SYS_newfstatat, AT_FDCWD, "/proc/self", &a, 0);
	snprintf(path, sizeof path, "/proc/%d", getpid());
	n |= syscall(SYS_newfstatat, AT_FDCWD, path, &b, 0);
	printf("/proc/self is it: %ld %d\n", n, a.st_ino == b.st_ino);
	C(newfstatat, AT_FDCWD, "/proc/1/maps", page, 0);
	C(newfstatat, AT_FDCWD, "/proc/self/fd/999", page, 0);
	C(faccessat, AT_FDCWD, "/proc/1/status", R_OK);
	C(mkdirat, AT_FDCWD, "/proc/self/new", 0700);
	C(unlinkat, AT_FDCWD, "/proc/self/status", 0);
	C(symlinkat, "x", AT_FDCWD, "/proc/new");
	/* A file without a name gets one. */
	hidden = open(".", O_TMPFILE | O_RDWR, 0600);
	snprintf(path, sizeof path, "/proc/self/fd/%d", hidden);
	line("stat a nameless file", syscall(SYS_newfstatat, AT_FDCWD, path, &a, 0), of_stat(&a));
	line("link a nameless file", syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW), "");
	line("link its link", syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, "named2", 0), "");
	STAT(AT_FDCWD, "named", 0);
	close(hidden);
	close(fd);
}

static void naming(void)
{
	static char long_name[300], near[4200];
	int dir = open("d", O_RDONLY | O_DIRECTORY);

	memset(long_name, 'm', 255);
	C(mkdirat, AT_FDCWD, long_name, 0700);
	C(unlinkat, AT_FDCWD, long_name, AT_REMOVEDIR);
	memset(long_name, 'm', 256);
	C(mkdirat, AT_FDCWD, long_name, 0700);
	for (size_t i = 0; i < 4094; i++)
		near[i] = i % 2 == 0 ? '.' : '/';
	strcpy(near + 4090, "/e1");
	C(mkdirat, AT_FDCWD, near, 0700);
	C(unlinkat, AT_FDCWD, near, AT_REMOVEDIR);
	umask(027);
	C(mkdirat, AT_FDCWD, "m", 07777);
	STAT(AT_FDCWD, "m", 0);
	umask(0);
	C(mkdirat, AT_FDCWD, "m/", 0700);
	C(mkdirat, AT_FDCWD, "m2/", 0777);
	C(mkdirat, AT_FDCWD, "m2/.", 0777);
	C(mkdirat, AT_FDCWD, "m2/..", 0777);
	C(mkdirat, AT_FDCWD, "m2/new/.", 0777);
	C(mkdirat, AT_FDCWD, ".", 0777);
	C(mkdirat, AT_FDCWD, "/", 0777);
	C(mkdirat, AT_FDCWD, "///", 0777);
	C(mkdirat, AT_FDCWD, "", 0777);
	C(mkdirat, AT_FDCWD, "f", 0777);
	C(mkdirat, AT_FDCWD, "f/x", 0777);
	C(mkdirat, AT_FDCWD, "none/x", 0777);
	C(mkdirat, AT_FDCWD, "l", 0777);
	C(mkdirat, AT_FDCWD, "dangling", 0777);
	C(mkdirat, AT_FDCWD, "dangling/", 0777);
	C(mkdirat, AT_FDCWD, "loop/x", 0777);
	C(mkdirat, AT_FDCWD, "ld/in", 0777);
	C(mkdirat, AT_FDCWD, "shut/x", 0777);
	C(mkdirat, AT_FDCWD, "shutw/x", 0777);
	C(mkdirat, AT_FDCWD, "shutw/there", 0777);
	C(mkdirat, AT_FDCWD, BAD, 0777);
	C(mkdirat, dir, "in2", 0777);
	C(mkdirat, 999, "in2", 0777);
	C(mkdirat, AT_FDCWD, "setgid/sub", 0755);
	STAT(AT_FDCWD, "setgid/sub", 0);
#ifdef SYS_mkdir
	C(mkdir, "old", 0750);
	C(rmdir, "old/");
	C(rmdir, "old");
#endif
	C(unlinkat, AT_FDCWD, "m2", 0);
	C(unlinkat, AT_FDCWD, "m2/", 0);
	C(unlinkat, AT_FDCWD, "f", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "f/", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "f/", 0);
	C(unlinkat, AT_FDCWD, "l/", 0);
	C(unlinkat, AT_FDCWD, "ld/", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "ld", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "m2/.", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "m2/..", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, ".", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "..", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "..", 0);
	C(unlinkat, AT_FDCWD, "/", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "/", 0);
	C(unlinkat, AT_FDCWD, "d", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "/proc", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "/dev/null", 0);
	C(unlinkat, AT_FDCWD, "none", 0);
	C(unlinkat, AT_FDCWD, "none/", 0);
	C(unlinkat, AT_FDCWD, "m2", 1);
	C(unlinkat, AT_FDCWD, "m2", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "shutw/there", 0);
	C(unlinkat, AT_FDCWD, "shutw/none", 0);
	C(mknodat, AT_FDCWD, "n", S_IFREG | 0640, 0);
	C(mknodat, AT_FDCWD, "n0", 0640, 0);
	C(mknodat, AT_FDCWD, "n1/", S_IFREG | 0640, 0);
	C(mknodat, AT_FDCWD, "p", S_IFIFO | 0666, 0);
	C(mknodat, AT_FDCWD, "s", S_IFSOCK | 0666, 0);
	C(mknodat, AT_FDCWD, "b", S_IFBLK | 0666, 0x100);
	C(mknodat, AT_FDCWD, "n", S_IFREG | 0640, 0);
	C(mknodat, AT_FDCWD, "x", S_IFDIR | 0640, 0);
	C(mknodat, AT_FDCWD, "x", 0170000, 0);
	STAT(AT_FDCWD, "n", 0);
	STAT(AT_FDCWD, "p", 0);
	C(symlinkat, "target", AT_FDCWD, "sl");
	C(symlinkat, "target", AT_FDCWD, "sl");
	C(symlinkat, "target", AT_FDCWD, "sl2/");
	C(symlinkat, "", AT_FDCWD, "sl2");
	C(symlinkat, "target", AT_FDCWD, "");
	C(symlinkat, "target", dir, "../sl3");
	C(symlinkat, BAD, AT_FDCWD, "sl4");
	C(symlinkat, "target", AT_FDCWD, "dangling");
	C(symlinkat, "target", AT_FDCWD, ".");
	C(symlinkat, near, AT_FDCWD, "slong");
	LINK("sl", 100);
	LINK("sl3", 100);
	C(linkat, AT_FDCWD, "f", AT_FDCWD, "hard", 0);
	STAT(AT_FDCWD, "hard", 0);
	C(linkat, AT_FDCWD, "f", AT_FDCWD, "hard", 0);
	C(linkat, AT_FDCWD, "f", AT_FDCWD, "hard2/", 0);
	C(linkat, AT_FDCWD, "f/", AT_FDCWD, "hard2", 0);
	C(linkat, AT_FDCWD, "d", AT_FDCWD, "hard2", 0);
	C(linkat, AT_FDCWD, "l", AT_FDCWD, "hl", 0);
	STAT(AT_FDCWD, "hl", AT_SYMLINK_NOFOLLOW);
	C(linkat, AT_FDCWD, "l", AT_FDCWD, "hl2", AT_SYMLINK_FOLLOW);
	STAT(AT_FDCWD, "hl2", AT_SYMLINK_NOFOLLOW);
	C(linkat, AT_FDCWD, "dangling", AT_FDCWD, "hl3", AT_SYMLINK_FOLLOW);
	C(linkat, AT_FDCWD, "none", AT_FDCWD, "hl3", 0);
	C(linkat, AT_FDCWD, "f", AT_FDCWD, "none/hl3", 0);
	C(linkat, AT_FDCWD, "f", AT_FDCWD, "/tmp/hl3", 0);
	C(linkat, AT_FDCWD, "f", AT_FDCWD, "hl3", 1);
	C(linkat, AT_FDCWD, "", AT_FDCWD, "hl3", 0);
#ifdef SYS_link
	C(link, "f", "oldlink");
	C(unlink, "oldlink");
	C(symlink, "f", "oldsym");
	C(unlink, "oldsym");
#endif
	close(dir);
}

static void moving(void)
{
	C(mkdirat, AT_FDCWD, "a", 0777);
	C(mkdirat, AT_FDCWD, "a/sub", 0777);
	C(mkdirat, AT_FDCWD, "b", 0777);
	write_file("x1", "1");
	write_file("x2", "22");
	C(renameat2, AT_FDCWD, "x1", AT_FDCWD, "x3", 0);
	C(renameat2, AT_FDCWD, "x1", AT_FDCWD, "x3", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "x3", RENAME_NOREPLACE);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "x3", RENAME_EXCHANGE);
	STAT(AT_FDCWD, "x2", 0);
	STAT(AT_FDCWD, "x3", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "none", RENAME_EXCHANGE);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "x3", RENAME_EXCHANGE | RENAME_NOREPLACE);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "x3", 64);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "a", 0);
	C(renameat2, AT_FDCWD, "a", AT_FDCWD, "x2", 0);
	C(renameat2, AT_FDCWD, "a", AT_FDCWD, "a/sub/in", 0);
	C(renameat2, AT_FDCWD, "a/sub", AT_FDCWD, "a", 0);
	C(renameat2, AT_FDCWD, "b", AT_FDCWD, "a", 0);
	C(renameat2, AT_FDCWD, "a", AT_FDCWD, "b", 0);
	C(renameat2, AT_FDCWD, "b/", AT_FDCWD, "a/", 0);
	C(renameat2, AT_FDCWD, "x2/", AT_FDCWD, "x4", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "x4/", 0);
	C(renameat2, AT_FDCWD, "ld/", AT_FDCWD, "x4", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, ".", 0);
	C(renameat2, AT_FDCWD, ".", AT_FDCWD, "x4", 0);
	C(renameat2, AT_FDCWD, "..", AT_FDCWD, "x4", 0);
	C(renameat2, AT_FDCWD, "/", AT_FDCWD, "x4", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "/", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "a/..", RENAME_NOREPLACE);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "/tmp/x2", 0);
	C(renameat2, AT_FDCWD, "/proc", AT_FDCWD, "x4", 0);
	C(renameat2, AT_FDCWD, "x2", AT_FDCWD, "x2", 0);
	C(renameat2, AT_FDCWD, "hard", AT_FDCWD, "f", 0);
	C(renameat2, AT_FDCWD, "l", AT_FDCWD, "moved-link", 0);
	LINK("moved-link", 100);
	C(renameat2, AT_FDCWD, "moved-link", AT_FDCWD, "l", 0);
	C(renameat, AT_FDCWD, "x2", AT_FDCWD, "x5");
	C(renameat, 999, "x2", AT_FDCWD, "x5");
	C(renameat, AT_FDCWD, "x5", AT_FDCWD, "");
	C(renameat, AT_FDCWD, "x5", AT_FDCWD, BAD);
#ifdef SYS_rename
	C(rename, "x5", "x6");
	C(rename, "x5", "x6");
#endif
	C(renameat2, AT_FDCWD, "sticky/of-other", AT_FDCWD, "sticky/x", 0);
}

static void changing(void)
{
	const struct timespec one[2] = { { 100, 1 }, { 200, 2 } }, omit[2] = { { 0, UTIME_OMIT }, { 0, UTIME_OMIT } },
			      half[2] = { { 0, UTIME_OMIT }, { 300, 3 } },
			      now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } }, bad[2] = { { 0, 1000000000 }, { 0, 0 } };
	struct rlimit small = { 100, RLIM_INFINITY }, old;
	int file = open("f", O_RDWR);
	struct stat st;

	C(fchmodat, AT_FDCWD, "f", 0644);
	C(fchmodat, AT_FDCWD, "l", 04755);
	STAT(AT_FDCWD, "f", 0);
	C(fchmodat, AT_FDCWD, "dangling", 0644);
	C(fchmodat, AT_FDCWD, "f/", 0644);
	C(fchmodat, AT_FDCWD, "d/", 0755);
	C(fchmodat, AT_FDCWD, "/dev/null", 0666);
	C(fchmodat2, AT_FDCWD, "f", 0600, 0);
	C(fchmodat2, AT_FDCWD, "l", 0600, AT_SYMLINK_NOFOLLOW);
	C(fchmodat2, file, "", 0644, AT_EMPTY_PATH);
	C(fchmodat2, AT_FDCWD, "f", 0600, 1);
	C(fchownat, AT_FDCWD, "f", getuid(), getgid(), 0);
	C(fchownat, AT_FDCWD, "f", -1, -1, 0);
	C(fchownat, AT_FDCWD, "l", getuid(), -1, AT_SYMLINK_NOFOLLOW);
	C(fchownat, AT_FDCWD, "dangling", getuid(), -1, 0);
	C(fchownat, AT_FDCWD, "f", 12345, -1, 0);
	C(fchownat, file, "", -1, getgid(), AT_EMPTY_PATH);
	C(fchownat, AT_FDCWD, "f", -1, -1, 1);
	C(truncate, "f", 10L);
	STAT(AT_FDCWD, "f", 0);
	C(truncate, "l", 5L);
	C(truncate, "f", -1L);
	C(truncate, "d", 0L);
	C(truncate, "fifo", 0L);
	C(truncate, "none", 0L);
	C(truncate, "dangling", 0L);
	C(truncate, "f/", 0L);
	C(truncate, "readonly", 0L);
	C(truncate, "/dev/null", 0L);
	C(truncate, "/proc/self/exe", 0L);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_FSIZE, &small);
	C(truncate, "f", 101L);
	C(truncate, "f", 100L);
	setrlimit(RLIMIT_FSIZE, &old);
	C(utimensat, AT_FDCWD, "f", one, 0);
	line("times", syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 0),
	     st.st_atim.tv_sec == 100 && st.st_mtim.tv_nsec == 2 ? "set" : "not");
	C(utimensat, AT_FDCWD, "f", half, 0);
	line("times", syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 0),
	     st.st_atim.tv_sec == 100 && st.st_mtim.tv_sec == 300 ? "set" : "not");
	C(utimensat, AT_FDCWD, "f", omit, 0);
	C(utimensat, AT_FDCWD, "f", now, 0);
	C(utimensat, AT_FDCWD, "f", NULL, 0);
	C(utimensat, AT_FDCWD, "f", bad, 0);
	C(utimensat, AT_FDCWD, "f", BAD, 0);
	C(utimensat, AT_FDCWD, "none", one, 0);
	C(utimensat, AT_FDCWD, "dangling", one, AT_SYMLINK_NOFOLLOW);
	C(utimensat, AT_FDCWD, "dangling", one, 0);
	C(utimensat, file, NULL, one, 0);
	C(utimensat, file, "", one, AT_EMPTY_PATH);
	C(utimensat, AT_FDCWD, NULL, one, 0);
	C(utimensat, AT_FDCWD, "f", one, 1);
	C(fchmod, file, 0640);
	C(fchmod, 999, 0640);
	C(fchown, file, getuid(), -1);
	C(fchown, file, 12345, -1);
	STAT(file, "", AT_EMPTY_PATH);
#ifdef SYS_utime
	C(utime, "f", ((long[]){ 5, 6 }));
	line("utime", syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 0),
	     st.st_atim.tv_sec == 5 && st.st_mtim.tv_sec == 6 ? "set" : "not");
	C(utime, "f", NULL);
	C(utime, "none", NULL);
	C(utimes, "f", ((struct timeval[]){ { 7, 70 }, { 8, 80 } }));
	line("utimes", syscall(SYS_newfstatat, AT_FDCWD, "f", &st, 0),
	     st.st_atim.tv_sec == 7 && st.st_mtim.tv_nsec == 80000 ? "set" : "not");
	C(utimes, "f", ((struct timeval[]){ { 7, 1000000 }, { 8, 80 } }));
	C(futimesat, AT_FDCWD, "l", ((struct timeval[]){ { 7, 70 }, { 8, 80 } }));
	C(futimesat, file, NULL, NULL);
	C(chmod, "f", 0644);
	C(chown, "f", -1, -1);
	C(lchown, "dangling", -1, -1);
#endif
	close(file);
}

struct xattr_args_ {
	uint64_t value;
	uint32_t size, flags;
};

static void attributes(void)
{
	static char big[70000], value[100];
	struct xattr_args_ args = { (uintptr_t)value, sizeof value, 0 };
	uint64_t attr[8] = { 0 };
	int file = open("f", O_RDONLY);
	/* u::rwx g::rwx o::rwx as a default: the umask does not count there. */
	static const unsigned char acl[] = { 2, 0, 0,	0,   1,	  0,   7,  0, 255, 255, 255, 255, 4,   0,
					     7, 0, 255, 255, 255, 255, 32, 0, 7,   0,	255, 255, 255, 255 };

	C(setxattr, "f", "user.a", "value", 5L, 0);
	C(setxattr, "f", "user.a", "value", 5L, 1);
	C(setxattr, "f", "user.b", "value", 5L, 2);
	C(setxattr, "f", "user.a", "value", 5L, 8);
	C(setxattr, "f", "", "value", 5L, 0);
	C(setxattr, "f", BAD, "value", 5L, 0);
	C(setxattr, "f", "user.a", BAD, 5L, 0);
	C(setxattr, "f", "user.a", big, 65537L, 0);
	C(setxattr, "f", "none.a", "value", 5L, 0);
	C(setxattr, "none", "user.a", "value", 5L, 0);
	C(lsetxattr, "l", "user.a", "value", 5L, 0);
	C(getxattr, "f", "user.a", value, 100L);
	C(getxattr, "f", "user.a", value, 0L);
	C(getxattr, "f", "user.a", value, 2L);
	C(getxattr, "f", "user.a", BAD, 100L);
	C(getxattr, "f", "user.none", value, 100L);
	C(getxattr, "l", "user.a", value, 100L);
	C(lgetxattr, "l", "user.a", value, 100L);
	printf("value: %.5s\n", value);
	C(listxattr, "f", value, 100L);
	C(listxattr, "f", NULL, 0L);
	C(llistxattr, "l", value, 100L);
	C(setxattrat_, AT_FDCWD, "f", 0, "user.at", &args, 16L);
	C(getxattrat_, AT_FDCWD, "f", 0, "user.at", &args, 16L);
	C(getxattrat_, AT_FDCWD, "f", 0, "user.at", &args, 8L);
	C(getxattrat_, AT_FDCWD, "f", 1, "user.at", &args, 16L);
	C(getxattrat_, AT_FDCWD, "none", 0, "user.at", &args, 16L);
	C(listxattrat_, AT_FDCWD, "f", 0, value, 100L);
	C(removexattrat_, AT_FDCWD, "f", 0, "user.at");
	C(removexattr, "f", "user.a");
	C(removexattr, "f", "user.a");
	C(fsetxattr, file, "user.f", "value", 5L, 0);
	C(fremovexattr, file, "user.f");
	C(fremovexattr, file, "user.f");
	C(fremovexattr, 999, "user.f");
	C(lremovexattr, "l", "user.a");
	C(file_getattr_, AT_FDCWD, "f", attr, 24L, 0);
	C(file_getattr_, AT_FDCWD, "f", attr, 8L, 0);
	C(file_getattr_, AT_FDCWD, "none", attr, 24L, 0);
	C(mkdirat, AT_FDCWD, "acl", 0755);
	C(setxattr, "acl", "system.posix_acl_default", acl, sizeof acl, 0);
	umask(077);
	C(mkdirat, AT_FDCWD, "acl/dir", 0777);
	C(mknodat, AT_FDCWD, "acl/node", S_IFREG | 0666, 0);
	line("open", open("acl/file", O_CREAT | O_WRONLY, 0666) >= 0 ? 0 : -1, "");
	STAT(AT_FDCWD, "acl/dir", 0);
	STAT(AT_FDCWD, "acl/node", 0);
	STAT(AT_FDCWD, "acl/file", 0);
	umask(022);
}

static void watching(void)
{
	char buf[4096];
	int in = inotify_init1(IN_NONBLOCK), other = open("f", O_RDONLY);

	C(inotify_add_watch, in, "d", IN_CREATE);
	C(inotify_add_watch, in, "d/.", IN_CREATE | IN_DELETE);
	C(inotify_add_watch, in, "l", IN_ATTRIB);
	C(inotify_add_watch, in, "l", IN_ATTRIB | IN_DONT_FOLLOW);
	C(inotify_add_watch, in, "dangling", IN_ATTRIB);
	C(inotify_add_watch, in, "dangling", IN_ATTRIB | IN_DONT_FOLLOW);
	C(inotify_add_watch, in, "f", IN_ATTRIB | IN_ONLYDIR);
	C(inotify_add_watch, in, "f", 0);
	C(inotify_add_watch, in, "none", IN_ATTRIB);
	C(inotify_add_watch, in, BAD, IN_ATTRIB);
	C(inotify_add_watch, other, "f", IN_ATTRIB);
	C(inotify_add_watch, 999, "f", IN_ATTRIB);
	C(mkdirat, AT_FDCWD, "d/watched", 0700);
	printf("event: %d\n", read(in, buf, sizeof buf) > 0);
	close(in);
	close(other);
}

static void of_directories(void)
{
	char kept[PATH_MAX];
	int dir;

	C(mkdirat, AT_FDCWD, "mv", 0777);
	C(mkdirat, AT_FDCWD, "mv/in", 0777);
	dir = open("mv/in", O_RDONLY | O_DIRECTORY);
	C(renameat, AT_FDCWD, "mv", AT_FDCWD, "mv2");
	C(mkdirat, dir, "after", 0777);
	STAT(AT_FDCWD, "mv2/in/after", 0);
	STAT(dir, "..", 0);
	C(unlinkat, dir, "after", AT_REMOVEDIR);
	C(unlinkat, AT_FDCWD, "mv2/in", AT_REMOVEDIR);
	STAT(dir, "x", 0);
	STAT(dir, ".", 0);
	STAT(dir, "", AT_EMPTY_PATH);
	C(mkdirat, dir, "x", 0777);
	C(unlinkat, dir, "x", 0);
	C(unlinkat, dir, ".", AT_REMOVEDIR);
	close(dir);
	if (getcwd(kept, sizeof kept) == NULL)
		_exit(21);
	C(mkdirat, AT_FDCWD, "gone", 0777);
	if (chdir("gone") != 0 || rmdir("../gone") != 0)
		_exit(22);
	STAT(AT_FDCWD, "x", 0);
	STAT(AT_FDCWD, ".", 0);
	C(mkdirat, AT_FDCWD, "x", 0777);
	C(symlinkat, "y", AT_FDCWD, "x");
	if (chdir(kept) != 0)
		_exit(23);
}

/* A thread with a working directory and umask of its own. */
static void *in_thread(void *arg)
{
	(void)arg;
	if (unshare(CLONE_FS) != 0) {
		printf("unshare: %s\n", strerrorname_np(errno));
		return NULL;
	}
	if (chdir("d") != 0)
		_exit(24);
	umask(0);
	STAT(AT_FDCWD, "x", 0);
	STAT(AT_FDCWD, "../f", 0);
	C(mkdirat, AT_FDCWD, "of-thread", 0777);
	STAT(AT_FDCWD, "of-thread", 0);
	STAT(AT_FDCWD, "/proc/thread-self/cwd/x", 0);
	return NULL;
}

static void *serve(void *arg)
{
	int listener = (int)(intptr_t)arg, fd = accept(listener, NULL, NULL);
	struct ucred cred;
	socklen_t len = sizeof cred;

	if (fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) == 0)
		printf("peer: %d\n", cred.uid == getuid() && cred.gid == getgid());
	if (fd >= 0 && write(fd, "s", 1) != 1)
		printf("no write\n");
	close(fd);
	return NULL;
}

static long connect_to(const char *path, socklen_t more)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char c = 0;
	long rc;

	memcpy(a.sun_path, path, strlen(path));
	rc = syscall(SYS_connect, fd, &a, (socklen_t)(sizeof a.sun_family + strlen(path) + more));
	if (rc == 0 && read(fd, &c, 1) != 1)
		c = 0;
	if (rc == 0)
		rc = c;
	close(fd);
	return rc;
}

static void sockets(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "socket" }, got = { 0 };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd, file = open("f", O_RDONLY);
	socklen_t len = sizeof got;
	pthread_t t;

	C(bind, listener, &a, sizeof a);
	C(bind, socket(AF_UNIX, SOCK_STREAM, 0), &a, sizeof a);
	getsockname(listener, (struct sockaddr *)&got, &len);
	printf("name: %s\n", got.sun_path);
	line("connect before listen", connect_to("socket", 1), "");
	if (listen(listener, 1) != 0)
		_exit(25);
	for (int i = 0; i < 2; i++) {
		pthread_create(&t, NULL, serve, (void *)(intptr_t)listener);
		line("connect", connect_to(i == 0 ? "socket" : "ls", (socklen_t)i), "");
		pthread_join(t, NULL);
	}
	line("connect to a file", connect_to("f", 1), "");
	line("connect to none", connect_to("none", 1), "");
	line("connect to a loop", connect_to("loop", 1), "");
	line("connect to a directory", connect_to("d", 1), "");
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	C(connect, 999, &a, sizeof a);
	C(connect, file, &a, sizeof a);
	C(connect, fd, BAD, sizeof a);
	C(connect, fd, &a, 200);
	C(connect, fd, &a, 0);
	C(connect, fd, &a, 1);
	C(connect, fd, &a, sizeof a);
	C(connect, fd, &a, sizeof a);
	printf("flags: %d\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	close(fd);
	for (int i = 0; i < 4; i++) {	/* the backlog becomes full */
		fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		C(connect, fd, &a, sizeof a);
	}
	close(listener);
	close(file);
}

static void on_alarm(int sig)
{
	(void)sig;
}

static void *drain(void *arg)
{
	usleep(100000);
	for (int i = 0; i < 3; i++)
		close(accept((int)(intptr_t)arg, NULL, NULL));
	return NULL;
}

/* A backlog that is full makes a blocking connect wait: for room, for its time-out, or for a signal. */
static void waiting(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "full" };
	const struct timeval soon = { 0, 100000 };
	const struct itimerval in_a_moment = { { 0, 0 }, { 0, 100000 } };
	struct sigaction action = { .sa_handler = on_alarm };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), fd;
	pthread_t t;

	if (bind(listener, (struct sockaddr *)&a, sizeof a) != 0 || listen(listener, 0) != 0 ||
	    sigaction(SIGALRM, &action, NULL) != 0)
		_exit(26);
	C(connect, socket(AF_UNIX, SOCK_STREAM, 0), &a, sizeof a);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
	C(connect, fd, &a, sizeof a);
	printf("blocks: %d\n", (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0);
	setitimer(ITIMER_REAL, &in_a_moment, NULL);
	C(connect, socket(AF_UNIX, SOCK_STREAM, 0), &a, sizeof a);
	pthread_create(&t, NULL, drain, (void *)(intptr_t)listener);
	C(connect, socket(AF_UNIX, SOCK_STREAM, 0), &a, sizeof a);
	C(connect, socket(AF_UNIX, SOCK_STREAM, 0), &a, sizeof a);
	pthread_join(t, NULL);
	close(listener);
}

/* The network of the sandbox: there is no listener, or this program is it. */
static void internet(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in none = { .sin_family = AF_UNSPEC };
	struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0semantics" };
	socklen_t len = sizeof a;
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0),
	    udp = socket(AF_INET, SOCK_DGRAM, 0);

	a.sin_port = htons(1);
	C(connect, fd, &a, sizeof a);
	C(connect, fd, &a, 4);
	C(connect, fd, &abstract, sizeof abstract);
	if (bind(listener, (struct sockaddr *)&(struct sockaddr_in){ .sin_family = AF_INET }, sizeof a) == 0 &&
	    listen(listener, 4) == 0 && getsockname(listener, (struct sockaddr *)&a, &len) == 0) {
		a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		C(connect, fd, &a, sizeof a);
		C(connect, fd, &a, sizeof a);
		C(connect, udp, &a, sizeof a);
		C(connect, udp, &none, sizeof none);
	}
	close(listener);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	C(bind, listener, &abstract, sizeof abstract);
	if (listen(listener, 4) != 0)
		_exit(27);
	C(connect, socket(AF_UNIX, SOCK_STREAM, 0), &abstract, sizeof abstract);
	C(connect, socket(AF_UNIX, SOCK_STREAM, 0), &abstract, 7);
	close(listener);
}

int main(void)
{
	pthread_t t;

	setvbuf(stdout, NULL, _IOLBF, 0);
	umask(022);
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || mprotect(page + 4096, 4096, PROT_NONE) != 0)
		return 9;
	memcpy(page + 4096 - 2, "ff", 2);
	write_file("f", "file");
	write_file("readonly", "x");
	if (mkdir("d", 0755) != 0 || symlink("f", "l") != 0 || symlink("d", "ld") != 0 ||
	    symlink("none", "dangling") != 0 || symlink("loop", "loop") != 0 || mkfifo("fifo", 0600) != 0 ||
	    mkdir("shut", 0755) != 0 || mkdir("shutw", 0755) != 0 || mkdir("setgid", 0755) != 0 ||
	    symlink("socket", "ls") != 0 || symlink("..", "d/back") != 0)
		return 10;
	write_file("d/x", "x");
	write_file("shut/x", "x");
	write_file("shutw/there", "x");
	if (chmod("shut", 0) != 0 || chmod("shutw", 0555) != 0 || chmod("setgid", 02777) != 0 ||
	    chmod("readonly", 0444) != 0)
		return 11;
	looking();
	about_itself();
	naming();
	moving();
	changing();
	attributes();
	watching();
	of_directories();
	pthread_create(&t, NULL, in_thread, NULL);
	pthread_join(t, NULL);
	sockets();
	internet();
	waiting();
	return 0;
}
