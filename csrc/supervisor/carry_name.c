/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/carry_name.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include "base/base.h"
#include "supervisor/target.h"

int64_t carry_unlink(struct carrying *c)
{
	return sys(__NR_unlinkat, c->at[0].dir, c->at[0].path, c->flags);
}

int64_t carry_rmdir(struct carrying *c)
{
	return sys(__NR_unlinkat, c->at[0].dir, c->at[0].path, AT_REMOVEDIR);
}

int64_t carry_mkdir(struct carrying *c)
{
	long rc;

	target_take_umask(supervisor_proc_fd(c->sv), c->s->tid);
	rc = sys(__NR_mkdirat, c->at[0].dir, c->at[0].path, c->rest[0]);
	target_drop_umask();
	return rc;
}

/* A character device with number 0 is a whiteout of overlayfs and needs no capability. Landlock would refuse the
 * program every device (landlock.c). */
int64_t carry_mknod(struct carrying *c)
{
	long rc;

	if (mode_is((uint32_t)c->rest[0], MODE_DEVICE))
		return -EPERM;
	target_take_umask(supervisor_proc_fd(c->sv), c->s->tid);
	rc = sys(__NR_mknodat, c->at[0].dir, c->at[0].path, c->rest[0], c->rest[1]);
	target_drop_umask();
	return rc;
}

int64_t carry_symlink(struct carrying *c)
{
	static char target[PATH_SIZE];
	int len = target_path(c->s->tid, c->s->args[0], target);

	return len < 0 ? len : sys(__NR_symlinkat, target, c->at[0].dir, c->at[0].path);
}

int64_t carry_link(struct carrying *c)
{
	const uint32_t known = AT_SYMLINK_FOLLOW | AT_EMPTY_PATH;

	if ((c->flags & ~known) != 0)
		return -EINVAL;
	return sys(__NR_linkat, supervisor_proc_fd(c->sv), c->at[0].link, c->at[1].dir, c->at[1].path,
		   AT_SYMLINK_FOLLOW);
}

int64_t carry_rename(struct carrying *c)
{
	return sys(__NR_renameat2, c->at[0].dir, c->at[0].path, c->at[1].dir, c->at[1].path, c->flags);
}
