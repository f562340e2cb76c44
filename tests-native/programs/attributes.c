/* SPDX-License-Identifier: Apache-2.0 */
/* Changes the attributes of files in every way that there is.
 *   attributes try FILE           of a file that may only be read: prints "name=errno" of each way, 0 where it worked
 *   attributes own FILE           of a file that it makes itself: likewise
 *   attributes race FILE OWN N    N times of OWN, while a thread puts FILE into its place, by descriptor and by name;
 *                                 FILE and OWN have the same length */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <utime.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif
#define NR_SETXATTRAT 463
#define NR_REMOVEXATTRAT 466
#define NR_FILE_SETATTR 469
#define VERITY_REQUEST 0x40806685u	/* FS_IOC_ENABLE_VERITY */

struct xattr_args_ {
	uint64_t value;
	uint32_t size, flags;
};

struct file_attr_ {
	uint64_t xflags;
	uint32_t extsize, nextents, projid, cowextsize;
};

static const struct timespec times[2] = { { 1000, 0 }, { 2000, 0 } };
static const char attribute[] = "user.cordon";

static void told(const char *name, long rc)
{
	printf("%s=%d\n", name, rc < 0 ? errno : 0);
}

static long set_flags(int fd)
{
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return -1;
	flags ^= FS_NODUMP_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static long set_project(int fd)
{
	struct fsxattr attr;

	if (ioctl(fd, FS_IOC_FSGETXATTR, &attr) < 0)
		return -1;
	attr.fsx_xflags ^= FS_XFLAG_NODUMP;
	return ioctl(fd, FS_IOC_FSSETXATTR, &attr);
}

static long set_verity(int fd)
{
	uint64_t arg[16] = { 1 };	/* a version that no kernel knows: EINVAL where the request gets through */

	return ioctl(fd, VERITY_REQUEST, arg);
}

static void by_descriptor(const char *name, int fd, const char *link)
{
	struct xattr_args_ args = { (uintptr_t) "x", 1, 0 };
	struct file_attr_ attr = { .xflags = FS_XFLAG_NODUMP };
	char what[64];

#define TRY(call, rc) \
	do { \
		snprintf(what, sizeof what, "%s_%s", name, call); \
		told(what, (rc)); \
	} while (0)
	TRY("fchmod", fchmod(fd, 0666));
	TRY("fchmodat2", syscall(SYS_fchmodat2, fd, "", 0666, AT_EMPTY_PATH));
	TRY("fchown", fchown(fd, getuid(), getgid()));
	TRY("fchownat", fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH));
	TRY("futimens", syscall(SYS_utimensat, fd, NULL, times, 0));
	TRY("utimensat_empty", syscall(SYS_utimensat, fd, "", times, AT_EMPTY_PATH));
	TRY("fsetxattr", fsetxattr(fd, attribute, "1", 1, 0));
	TRY("fremovexattr", fremovexattr(fd, attribute));
	TRY("setxattrat", syscall(NR_SETXATTRAT, fd, "", AT_EMPTY_PATH, attribute, &args, sizeof args));
	TRY("removexattrat", syscall(NR_REMOVEXATTRAT, fd, "", AT_EMPTY_PATH, attribute));
	TRY("file_setattr", syscall(NR_FILE_SETATTR, fd, "", &attr, sizeof attr, AT_EMPTY_PATH));
	TRY("setflags", set_flags(fd));
	TRY("fssetxattr", set_project(fd));
	TRY("verity", set_verity(fd));
	TRY("link_chmod", chmod(link, 0666));
	TRY("link_utimensat", utimensat(AT_FDCWD, link, times, 0));
	TRY("link_setxattr", setxattr(link, attribute, "1", 1, 0));
#ifdef SYS_futimesat
	TRY("futimesat", syscall(SYS_futimesat, fd, NULL, NULL));
#endif
}

static void by_name(const char *name, const char *path, int dir, const char *relative)
{
	struct xattr_args_ args = { (uintptr_t) "x", 1, 0 };
	struct file_attr_ attr = { .xflags = FS_XFLAG_NODUMP };
	struct timeval tv[2] = { { 1000, 0 }, { 2000, 0 } };
	struct utimbuf old = { 1000, 2000 };
	char what[64];

	TRY("chmod", chmod(path, 0666));
	TRY("fchmodat", fchmodat(dir, relative, 0666, 0));
	TRY("fchmodat2", syscall(SYS_fchmodat2, dir, relative, 0666, AT_SYMLINK_NOFOLLOW));
	TRY("chown", chown(path, getuid(), getgid()));
	if (strcmp(name, "symlink") != 0)	/* the link is its own */
		TRY("lchown", lchown(path, getuid(), getgid()));
	TRY("fchownat", fchownat(dir, relative, getuid(), getgid(), 0));
	TRY("utimensat", utimensat(dir, relative, times, 0));
	TRY("utimes", utimes(path, tv));
	TRY("utime", utime(path, &old));
	TRY("setxattr", setxattr(path, attribute, "1", 1, 0));
	TRY("lsetxattr", lsetxattr(path, attribute, "1", 1, 0));
	TRY("removexattr", removexattr(path, attribute));
	TRY("setxattrat", syscall(NR_SETXATTRAT, dir, relative, 0, attribute, &args, sizeof args));
	TRY("file_setattr", syscall(NR_FILE_SETATTR, dir, relative, &attr, sizeof attr, 0));
}

static void all_ways(const char *path)
{
	char link[64], copy[4096], *slash;
	int fd = open(path, O_RDONLY), handle = open(path, O_PATH), dir;

	snprintf(copy, sizeof copy, "%s", path);
	slash = strrchr(copy, '/');
	if (fd < 0 || handle < 0 || !slash) {
		printf("open=%d\n", errno);
		return;
	}
	*slash = '\0';
	dir = open(copy, O_RDONLY | O_DIRECTORY);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	by_descriptor("read", fd, link);
	snprintf(link, sizeof link, "/proc/self/fd/%d", handle);
	by_descriptor("path", handle, link);
	by_name("name", path, dir < 0 ? AT_FDCWD : dir, dir < 0 ? path : slash + 1);
	snprintf(copy + strlen(copy), sizeof copy - strlen(copy), "/.//./%s", slash + 1);
	by_name("dots", path, AT_FDCWD, path);
	if (symlink(path, "link") == 0) {
		by_name("symlink", "link", AT_FDCWD, "link");
		unlink("link");
	}
}

/* ---- race ---- */

static int flipped, own_fd, other_fd;
static char name[4096];
static const char *names[2];
static volatile int over;

static void *flip(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; !over; i++) {
		dup2((i & 1) != 0 ? other_fd : own_fd, flipped);
		memcpy(name, names[i & 1], strlen(names[0]));
	}
	return NULL;
}

static int race(const char *forbidden, const char *own, long n)
{
	struct xattr_args_ args = { (uintptr_t) "x", 1, 0 };
	pthread_t thread;

	names[0] = own;
	names[1] = forbidden;
	own_fd = open(own, O_RDONLY);
	other_fd = open(forbidden, O_RDONLY);
	flipped = dup(own_fd);
	if (own_fd < 0 || other_fd < 0 || strlen(own) != strlen(forbidden))
		return 3;
	strcpy(name, own);
	pthread_create(&thread, NULL, flip, NULL);
	for (long i = 0; i < n; i++) {
		fchmod(flipped, 0666);
		fchown(flipped, getuid(), getgid());
		fsetxattr(flipped, attribute, "1", 1, 0);
		syscall(SYS_utimensat, flipped, NULL, times, 0);
		syscall(SYS_fchmodat2, flipped, "", 0666, AT_EMPTY_PATH);
		syscall(NR_SETXATTRAT, flipped, "", AT_EMPTY_PATH, attribute, &args, sizeof args);
		chmod(name, 0666);
		chown(name, getuid(), getgid());
		utimensat(AT_FDCWD, name, times, 0);
		setxattr(name, attribute, "1", 1, 0);
		set_flags(flipped);
	}
	over = 1;
	pthread_join(thread, NULL);
	puts("over");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 4 && strcmp(argv[1], "race") == 0)
		return race(argv[2], argv[3], atol(argv[4]));
	if (argc > 2 && strcmp(argv[1], "own") == 0)
		close(open(argv[2], O_CREAT | O_WRONLY, 0600));
	else if (argc < 3 || strcmp(argv[1], "try") != 0)
		return 2;
	all_ways(argv[2]);
	return 0;
}
