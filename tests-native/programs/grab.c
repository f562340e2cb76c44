/* SPDX-License-Identifier: Apache-2.0 */
/* grab FD [MS]: tries to get from an open descriptor to the file behind it, in every way that a program has: opened
 * again, changed, mapped, linked, locked. Prints "name=0" or "name=errno" for each way, then "held", and keeps its
 * locks for MS milliseconds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

static int report, fd;

static void say(const char *way, long rc)
{
	dprintf(report, "%s=%d\n", way, rc < 0 ? errno : 0);
}

/* Writes through a second descriptor, and leaves it open. */
static void open_again(const char *way, const char *format, int flags)
{
	char path[64];
	int again;

	snprintf(path, sizeof path, format, fd, (int)getpid());
	again = open(path, flags | O_NONBLOCK | O_CLOEXEC);
	say(way, again < 0 ? -1 : write(again, "PWNED\n", 6));
	if (again >= 0) {
		(void)ftruncate(again, 0);
		(void)fchmod(again, 0666);
	}
}

static void change(void)
{
	const struct timespec times[2] = { { 1, 0 }, { 1, 0 } };
	char link[64];
	int attributes = FS_NODUMP_FL | FS_NOATIME_FL;
	struct file_handle {
		unsigned int bytes;
		int type;
		unsigned char data[128];
	} handle = { .bytes = 128 };
	int mount_id;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	say("fchmod", fchmod(fd, 04777));
	say("chmod", chmod(link, 04777));
	say("fchown", fchown(fd, getuid(), getgid()));
	say("futimens", futimens(fd, times));
	say("utimensat", utimensat(AT_FDCWD, link, NULL, 0));
	say("fsetxattr", fsetxattr(fd, "user.pwned", "1", 1, 0));
	say("setxattr", setxattr(link, "user.pwned", "1", 1, 0));
	say("setflags", ioctl(fd, FS_IOC_SETFLAGS, &attributes));
	say("ftruncate", ftruncate(fd, 0));
	say("truncate", truncate(link, 0));
	say("fallocate", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
	say("link", linkat(AT_FDCWD, link, AT_FDCWD, "/w/linked", AT_SYMLINK_FOLLOW));
	say("link_empty", linkat(fd, "", AT_FDCWD, "/w/linked2", AT_EMPTY_PATH));
	say("handle", syscall(SYS_name_to_handle_at, fd, "", &handle, &mount_id, AT_EMPTY_PATH));
	say("parent", openat(fd, "..", O_PATH));
}

static void map(void)
{
	char *shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	say("map_write", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	say("map_read", shared == MAP_FAILED ? -1 : 0);
	if (shared != MAP_FAILED)
		say("protect", mprotect(shared, 4096, PROT_READ | PROT_WRITE));
}

static void lock(void)
{
	struct flock record = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	say("flock", flock(fd, LOCK_EX | LOCK_NB));
	say("record", fcntl(fd, F_SETLK, &record));
	say("ofd", fcntl(fd, F_OFD_SETLK, &record));
	say("lease_read", fcntl(fd, F_SETLEASE, F_RDLCK));
	say("lease_write", fcntl(fd, F_SETLEASE, F_WRLCK));
	say("notify", fcntl(fd, F_NOTIFY, DN_ACCESS));
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return 2;
	fd = atoi(argv[1]);
	report = fd == 1 ? 2 : 1;
	say("nonblock", fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK | O_APPEND));
	open_again("reopen_rw", "/proc/self/fd/%d", O_RDWR);
	open_again("reopen_w", "/dev/fd/%d", O_WRONLY);
	open_again("reopen_append", "/proc/thread-self/fd/%d", O_RDWR | O_APPEND);
	open_again("reopen_trunc", "/proc/self/fd/%d", O_WRONLY | O_TRUNC);
	open_again("reopen_pid", "/proc/%2$d/fd/%1$d", O_RDWR);
	change();
	map();
	lock();
	dprintf(report, "held\n");
	usleep((useconds_t)(argc > 2 ? atoi(argv[2]) : 0) * 1000);
	return 0;
}
