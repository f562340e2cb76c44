/* SPDX-License-Identifier: Apache-2.0 */
/* resolve: which file a path of the program means. */
#ifndef CORDON_SUPERVISOR_RESOLVE_H
#define CORDON_SUPERVISOR_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

struct resolved {
	char path[PATH_SIZE];	/* absolute as the program sees it */
	uint32_t len;
	bool exists;		/* false: the last component is not there (its directory is) */
	/* What the path leads to has no path: a pipe, a socket, a deleted or anonymous file that the program has open
	 * already (/proc/self/fd/N). path is then the magic link's own. */
	bool anonymous;
	/* The path ends in a magic link of the program's own process, which was followed; link holds its path relative
	 * to proc, "<tgid>/fd/3". */
	bool magic;
	char link[64];
	struct asked_open {	/* judge's, for open_for; resolve leaves it alone */
		uint64_t flags, mode, resolve;	/* of struct open_how: read once, the program can change its memory */
		uint32_t access;
		bool lexical;		/* path is what the program wrote, allowed as it stands; links not looked for */
		int fifo;		/* OPEN_LATER: a descriptor of it */
	} open;
};

/* What path means for thread tid: from root where it is absolute, else from dirfd (AT_FDCWD or a descriptor of the
 * program's). follow: a symbolic link at the end as well. proc_fd is a procfs of the program's pid namespace. 0 with
 * *ret; or the errno that the program would get: ENOENT (a directory on the way is missing), ENOTDIR, ELOOP, EACCES,
 * EBADF, ENAMETOOLONG. An empty path is ENOENT unless empty_ok (AT_EMPTY_PATH): then it is dirfd's object itself. */
int resolve(int proc_fd, int32_t tid, int dirfd, const char *path, bool follow, bool empty_ok, struct resolved *ret);

/* For the policy's own paths, at the start of a run, by init: as much of path as exists is resolved, the rest is
 * kept. 0 or -errno. */
int resolve_rule(const char *path, struct resolved *ret);

#endif
