/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stem.h"

#include <stdbool.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/leaf.h"
#include "cgroup/name.h"

/* Its descriptor, which holds its lock, or -errno. */
static int make(const struct cgroup_home *home, int dirfd)
{
	char name[CGROUP_NAME_MAX];
	AUTO_CLOSE int procs = -1;

	return cgroup_dir_make_next(dirfd, home->ops->join_file, name, &procs);
}

/* Whatever fails: what was made is the janitor's to remove. */
void cgroup_stem_make(struct cgroup_home *home)
{
	AUTO_CLOSE int stem = -1, inits = -1;
	int none;

	if (home->inits_fd >= 0)
		fd_close(&home->dirfd);
	fd_close(&home->inits_fd);
	home->dirfd = home->own_fd;
	stem = make(home, home->own_fd);
	if (stem < 0 || cgroup_leaf_prepare(stem, false, &none) != NULL || sys(__NR_fchmodat, stem, "cgroup.procs", 0666) < 0)
		return;
	inits = make(home, stem);
	if (inits < 0)
		return;
	home->dirfd = fd_take(&stem);
	home->inits_fd = fd_take(&inits);
}
