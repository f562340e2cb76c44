/* SPDX-License-Identifier: Apache-2.0 */
#include "mount/target.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"

static int open_in_root(int root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_PATH | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)sys(__NR_openat2, root, path, &how, sizeof how);
}

int target_find(int root, const char *target)
{
	return open_in_root(root, target, 0);
}

int target_is_directory(int fd)
{
	int mode = fd_mode(fd);

	return mode < 0 ? mode : S_ISDIR(mode);
}

/* Opens the directory named by the first len bytes of path, which is created if it is missing; replaces *dir. */
static int step_into(int root, const char *path, size_t len, size_t name_start, int *dir)
{
	char prefix[PATH_MAX];
	int fd;

	if (len >= sizeof prefix)
		return -ENAMETOOLONG;
	bytes_copy(prefix, path, len);
	prefix[len] = '\0';
	fd = open_in_root(root, prefix, O_DIRECTORY);
	if (fd == -ENOENT) {
		long rc = sys(__NR_mkdirat, *dir, prefix + name_start, 0755);

		if (rc < 0)
			return (int)rc;
		fd = open_in_root(root, prefix, O_DIRECTORY);
	}
	if (fd < 0)
		return fd;
	fd_close(dir);
	*dir = fd;
	return 0;
}

int target_parent(int root, const char *target, const char **ret_name)
{
	AUTO_CLOSE int dir = open_in_root(root, "/", O_DIRECTORY);
	size_t start = 0;

	if (dir < 0)
		return dir;
	for (;;) {
		size_t end;
		int rc;

		while (target[start] == '/')
			start++;
		for (end = start; target[end] != '\0' && target[end] != '/'; end++)
			;
		if (target[end] == '\0')
			break;
		rc = step_into(root, target, end, start, &dir);
		if (rc < 0)
			return rc;
		start = end;
	}
	if (target[start] == '\0')
		return -EBUSY;	/* "/", or a path that ends in a slash */
	*ret_name = target + start;
	return fd_take(&dir);
}

int target_make(int root, const char *target, enum target_kind kind)
{
	AUTO_CLOSE int parent = -1;
	const char *name;
	long rc;
	int fd;

	fd = open_in_root(root, target, kind == TARGET_DIRECTORY ? O_DIRECTORY : 0);
	if (fd != -ENOENT)
		return fd;
	parent = target_parent(root, target, &name);
	if (parent < 0)
		return parent;
	if (kind == TARGET_DIRECTORY) {
		rc = sys(__NR_mkdirat, parent, name, 0755);
	} else {
		rc = sys(__NR_openat, parent, name, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
		if (rc >= 0)
			rc = sys(__NR_close, rc);
	}
	return rc < 0 ? (int)rc : open_in_root(root, target, 0);
}
