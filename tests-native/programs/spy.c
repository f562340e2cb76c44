/* SPDX-License-Identifier: Apache-2.0 */
/* spy FILE DIRECTORY: what a program can learn of others' use of a file and a directory that it shares with them, and
 * how it can hold them up. Prints "name=0" or "name=errno" for each way. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fanotify.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/syscall.h>
#include <unistd.h>

#define F_SETDELEG_COMMAND 1040	/* linux/fcntl.h, Linux 6.19 */

static void say(const char *way, const char *where, long rc)
{
	printf("%s%s=%d\n", way, where, rc < 0 ? errno : 0);
}

static void watch(const char *path, const char *where)
{
	static const struct {
		const char *name;
		uint32_t mask;
	} ways[] = {
		{ "open", IN_OPEN },		 { "access", IN_ACCESS },
		{ "close", IN_CLOSE_NOWRITE },	 { "all", IN_ALL_EVENTS },
		{ "mixed", IN_MODIFY | IN_OPEN }, { "flagged", IN_OPEN | IN_ONLYDIR | IN_MASK_ADD },
		{ "change", IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVE | IN_DELETE_SELF | IN_MOVE_SELF },
		{ "written", IN_CLOSE_WRITE },
	};
	int fd = inotify_init1(IN_CLOEXEC);

	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
		say(ways[i].name, where, inotify_add_watch(fd, path, ways[i].mask));
	/* The kernel looks at the low half only. */
	say("high", where, syscall(SYS_inotify_add_watch, fd, path, 1UL << 32 | IN_OPEN));
	close(fd);
}

int main(int argc, char **argv)
{
	int file, own;

	if (argc < 3)
		return 2;
	watch(argv[1], "_file");
	watch(argv[2], "_directory");
	file = open(argv[1], O_RDONLY | O_CLOEXEC);
	say("lease", "", fcntl(file, F_SETLEASE, F_RDLCK));
	say("lease", "_high", syscall(SYS_fcntl, file, 1UL << 32 | F_SETLEASE, F_RDLCK));
	say("delegation", "", fcntl(file, F_SETDELEG_COMMAND, F_RDLCK));
	say("note", "", fcntl(open(argv[2], O_RDONLY | O_CLOEXEC | O_DIRECTORY), F_NOTIFY, DN_ACCESS));
	say("fanotify", "", syscall(SYS_fanotify_init, FAN_CLASS_NOTIF | FAN_REPORT_FID, O_RDONLY));
	own = open("/tmp/own", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	say("own", "_flock", flock(own, LOCK_EX | LOCK_NB));
	say("own", "_watch", inotify_add_watch(inotify_init1(IN_CLOEXEC), "/tmp", IN_CREATE | IN_MODIFY));
	return 0;
}
