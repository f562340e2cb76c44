/* SPDX-License-Identifier: Apache-2.0 */
/* nested_userns: becomes root of its own user and mount namespace, if the sandbox allows it, and tries to break the
 * sandbox from there. Prints "name=errno", 0 for success. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *name, long rc)
{
	printf("%s=%d\n", name, rc < 0 ? errno : 0);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

int main(void)
{
	char map[64];
	int uid = (int)getuid();
	long rc = unshare(CLONE_NEWUSER | CLONE_NEWNS);

	say("unshare", rc);
	if (rc < 0)
		return 0;
	(void)write_text("/proc/self/setgroups", "deny");	/* not needed for the attack */
	snprintf(map, sizeof map, "0 %d 1", uid);
	say("uid_map", write_text("/proc/self/uid_map", map));
	say("tmpfs", mount("none", "/tmp", "tmpfs", 0, NULL));
	say("remount_usr_rw", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL));
	say("write_usr", open("/usr/cordon-test-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	say("remount_suid", mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NODEV, NULL));
	say("remount_proc_rw",
	    mount(NULL, "/proc", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL));
	say("umount_usr", umount2("/usr", MNT_DETACH));
	say("umount_mask", umount2("/usr/share", MNT_DETACH));
	say("remount_root_rw", mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV, NULL));
	say("write_root", open("/cordon-test-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	return 0;
}
