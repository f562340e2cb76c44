/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/host_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include "base/base.h"

int host_tree_open(const char *path)
{
	long rc = sys(__NR_mkdirat, AT_FDCWD, path, 0755);

	if (rc < 0 && rc != -EEXIST)
		return (int)rc;
	return (int)sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
}

static int enter(int dir, const char *name)
{
	long rc = sys(__NR_mkdirat, dir, name, 0755);

	if (rc < 0 && rc != -EEXIST)
		return (int)rc;
	return (int)sys(__NR_openat, dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

static int create(int dir, const char *name, bool replace)
{
	long rc = replace ? sys(__NR_unlinkat, dir, name, 0) : 0;

	if (rc < 0 && rc != -ENOENT)
		return (int)rc;
	return (int)sys(__NR_openat, dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}

/* Copies the name at *path, and moves *path behind it and its slash. */
static int take_name(const char **path, char name[NAME_MAX + 1])
{
	size_t len = strcspn(*path, "/");

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(name, *path, len);
	name[len] = '\0';
	*path += len + ((*path)[len] == '/');
	return 0;
}

int host_tree_create(int dir, const char *name, bool replace)
{
	AUTO_CLOSE int owned = -1;
	char part[NAME_MAX + 1];
	int rc = take_name(&name, part);

	while (rc == 0 && *name != '\0') {
		int next = enter(owned >= 0 ? owned : dir, part);

		fd_close(&owned);
		if (next < 0)
			return next;
		owned = next;
		rc = take_name(&name, part);
	}
	return rc < 0 ? rc : create(owned >= 0 ? owned : dir, part, replace);
}
