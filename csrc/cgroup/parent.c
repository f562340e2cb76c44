/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/parent.h"

#include <stdbool.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/name.h"
#include "cgroup/subtree.h"

/* Makes a group in dirfd. Returns its descriptor, which holds the lock, or -errno. */
static int make(const struct cgroup_hierarchy *h, int dirfd)
{
	char name[CGROUP_NAME_MAX];
	AUTO_CLOSE int procs = -1;

	return cgroup_dir_make_next(dirfd, h->ops->join_file, name, &procs);
}

/* On a failure the janitor removes what was made. */
void cgroup_parent_make(struct cgroup_hierarchy *h)
{
	AUTO_CLOSE int parent = -1, inits = -1;
	int none;

	if (h->inits_fd >= 0)
		fd_close(&h->dirfd);
	fd_close(&h->inits_fd);
	h->dirfd = h->own_fd;
	parent = make(h, h->own_fd);
	if (parent < 0 || cgroup_subtree_enable(parent, false, &none) != NULL ||
	    sys(__NR_fchmodat, parent, "cgroup.procs", 0666) < 0)
		return;
	inits = make(h, parent);
	if (inits < 0)
		return;
	h->dirfd = fd_take(&parent);
	h->inits_fd = fd_take(&inits);
}
