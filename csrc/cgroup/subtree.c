/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/subtree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/controller.h"
#include "cgroup/dir.h"
#include "cgroup/file.h"
#include "cgroup/name.h"
#include "cgroup/v2.h"

#define PASSES 100	/* the processes there may fork meanwhile */

/* The controllers for which processes are moved; the others are enabled with them. */
#define NEEDED (CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS) | CGROUP_BIT(CGROUP_QUOTA))

/* The controllers in cgroup.controllers that are not in cgroup.subtree_control, 1 << enum cgroup_controller. */
static uint32_t held_back(int dirfd)
{
	char own[512], below[512];
	uint32_t controllers = 0;

	if (cgroup_file_read(dirfd, "cgroup.controllers", own, sizeof own) < 0 ||
	    cgroup_file_read(dirfd, "cgroup.subtree_control", below, sizeof below) < 0)
		return 0;
	for (uint32_t c = 0; c < CGROUP_CONTROLLERS; c++)
		if (cgroup_v2_names[c] != NULL && cgroup_text_has_word(own, cgroup_v2_names[c]) &&
		    !cgroup_text_has_word(below, cgroup_v2_names[c]))
			controllers |= CGROUP_BIT(c);
	return controllers;
}

/* Enables them one by one, so that one that is refused does not affect the others. Only for a group without processes,
 * or the root of the hierarchy: otherwise the kernel would accept the threaded ones, cpu and pids, and make the group
 * the root of a threaded subtree, after which it refuses memory. */
static void hand_on(int dirfd, uint32_t controllers)
{
	char text[32];

	for (uint32_t c = 0; c < CGROUP_CONTROLLERS; c++)
		if ((controllers & CGROUP_BIT(c)) != 0 && str_concat(text, sizeof text, "+", cgroup_v2_names[c], ""))
			(void)file_write_at(dirfd, "cgroup.subtree_control", text);	/* held_back reads the
											   outcome */
}

/* The root of the hierarchy may hold processes as well, and has no cgroup.type. */
static bool is_occupied(int dirfd)
{
	char text[32];

	return sys(__NR_faccessat, dirfd, "cgroup.type", 0) == 0 &&
	       cgroup_file_read(dirfd, "cgroup.procs", text, sizeof text) == 0 && text[0] != '\0';
}

/* Reads the pid at the start of *text, and moves *text to the next line, or to NULL at the end. 0 stands for a process
 * that our pid namespace does not show. */
static uint64_t next_pid(const char **text)
{
	uint64_t pid = 0;

	for (; **text >= '0' && **text <= '9'; (*text)++)
		pid = pid * 10 + (uint64_t)(**text - '0');
	*text = **text == '\n' ? *text + 1 : NULL;
	return pid;
}

/* Why the processes of the group must not be moved, or NULL. */
static const char *stay(int dirfd, bool namespace_root)
{
	AUTO_CLOSE int procs = (int)sys(__NR_openat, dirfd, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
	AUTO_CLOSE int control = (int)sys(__NR_openat, dirfd, "cgroup.subtree_control", O_WRONLY | O_CLOEXEC, 0);
	char *text = cgroup_file_slurp(dirfd, "cgroup.procs");
	uint64_t own = (uint64_t)sys(__NR_getpid);
	const char *problem = NULL;

	if (procs < 0 || control < 0)
		problem = "the group of this process is not delegated to it: it may not write cgroup.procs and "
			  "cgroup.subtree_control there";
	else if (text == NULL)
		problem = "the processes of the group can't be listed";
	for (const char *p = text; p != NULL && *p != '\0' && problem == NULL;) {
		uint64_t pid = next_pid(&p);

		if (pid == 0)
			problem = "the group of this process holds processes of another pid namespace";
		else if (pid != own && !namespace_root)
			problem = "the group of this process also holds other processes; it must hold none to enable "
				  "controllers for groups below it";
	}
	free(text);
	return problem;
}

/* Moves the processes of the group at from until none is left there. 0 or -errno. */
static int move_all(int from, int to_procs)
{
	for (int pass = 0; pass < PASSES; pass++) {
		char *text = cgroup_file_slurp(from, "cgroup.procs");
		bool empty = text != NULL && *text == '\0';
		long rc = text != NULL ? 0 : -EIO;

		for (const char *p = text; p != NULL && *p != '\0' && rc >= 0;) {
			char buf[24];
			const char *pid = u64_text(buf, sizeof buf, next_pid(&p));

			rc = sys(__NR_write, to_procs, pid, strlen(pid));
			if (rc == -ESRCH)	/* it has ended meanwhile */
				rc = 0;
		}
		free(text);
		if (rc < 0 || empty)
			return rc < 0 ? (int)rc : 0;
	}
	return -EBUSY;
}

static const char *move_to_host_group(int dirfd, uint32_t controllers, int *ret_host_fd)
{
	char name[CGROUP_NAME_MAX];
	AUTO_CLOSE int host = -1, procs = -1, back = -1;

	cgroup_name_host(name);
	back = (int)sys(__NR_openat, dirfd, "cgroup.procs", O_WRONLY | O_CLOEXEC, 0);
	cgroup_dir_remove_stale(dirfd);
	host = back < 0 ? back : cgroup_dir_make(dirfd, name, "cgroup.procs", &procs);
	if (host < 0)
		return "no group could be made below the one of this process";
	if (move_all(dirfd, procs) == 0)
		hand_on(dirfd, controllers);
	if (held_back(dirfd) != controllers) {
		*ret_host_fd = fd_take(&host);
		return NULL;
	}
	(void)move_all(host, back);
	cgroup_dir_remove(dirfd, name);
	return "the processes of this process's group could not be moved out of it";
}

const char *cgroup_subtree_enable(int dirfd, bool namespace_root, int *ret_host_fd)
{
	uint32_t controllers = held_back(dirfd);
	const char *problem;

	*ret_host_fd = -1;
	if (controllers == 0)
		return NULL;
	if (!is_occupied(dirfd)) {
		hand_on(dirfd, controllers);
		return (held_back(dirfd) & NEEDED) == 0
			       ? NULL
			       : "cgroup.subtree_control of this process's group can't be written";
	}
	if ((controllers & NEEDED) == 0)	/* the others are not a reason to move processes */
		return NULL;
	problem = stay(dirfd, namespace_root);
	return problem != NULL ? problem : move_to_host_group(dirfd, controllers, ret_host_fd);
}
