/* SPDX-License-Identifier: Apache-2.0 */
/* resolve: resolves a path of the program to the file that it means. */
#ifndef CORDON_SUPERVISOR_RESOLVE_H
#define CORDON_SUPERVISOR_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

#define NAME_SIZE 256		/* including the NUL */

struct resolved {
	char path[PATH_SIZE];	/* absolute, as the program sees it */
	uint32_t len;
	bool exists;		/* false: the last component is missing (its directory exists) */
	/* The object has no path: a pipe, a socket, a deleted or anonymous file that the program has open
	 * (/proc/self/fd/N). path is then that of the magic link. */
	bool anonymous;
	/* The path ends in a magic link of the program's own process, which was followed; link is that link's path
	 * relative to proc, "<tgid>/fd/3". */
	bool magic;
	char link[64];
	/* there is no path: link leads to the object of a descriptor of the program's (pin.h) */
	bool descriptor;
	/* length of the part of path that is the "/proc/self" of the asking process; 0 = none */
	uint32_t self;
	bool follow;		/* the path was to be followed to its end (judge_files.c) */
	bool lexical;		/* path is what the program wrote, allowed as text; links were not looked for */
	/* For a path that ends in a name (parent.h): its directory is path[0..dir_len), and the name is as the program
	 * wrote it, with a slash if one followed. */
	uint32_t dir_len;
	char name[NAME_SIZE + 1];
	struct asked_open {	/* filled in by judge for open_for, not used by resolve */
		uint64_t flags, mode, resolve;	/* as in struct open_how; read once, as the program can change its
						   memory */
		uint32_t access;
		int fifo;		/* OPEN_LATER: a descriptor of the FIFO */
	} open;
};

/* Resolves path for thread tid: from the root if it is absolute, else from dirfd (AT_FDCWD or a descriptor of the
 * program's). follow: also follow a symbolic link as the last component. proc_fd is a procfs of the program's pid
 * namespace. 0 with *ret, or the errno for the program: ENOENT (a directory in the path is missing), ENOTDIR, ELOOP,
 * EACCES, EBADF, ENAMETOOLONG. An empty path is ENOENT, or with empty_ok (AT_EMPTY_PATH) the object of dirfd itself.
 * After EACCES and ENOENT ret->path has what the text says of the rest, for what a mask hides. */
int resolve(int proc_fd, int32_t tid, int dirfd, const char *path, bool follow, bool empty_ok, struct resolved *ret);

/* Resolves a path of the policy; called by init at the start of a run. Resolves as much of path as exists and keeps the
 * rest. 0 or -errno. */
int resolve_rule(const char *path, struct resolved *ret);

#endif
