/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/parent.h"

#include <linux/errno.h>
#include "base/base.h"

/* The last component of path, and the slashes after it. "/" has none: from = to = 0. */
struct last {
	size_t from, to, len;
};

static struct last last_of(const char *path)
{
	struct last l = { .len = str_len(path) };

	for (l.to = l.len; l.to > 0 && path[l.to - 1] == '/'; l.to--)
		;
	for (l.from = l.to; l.from > 0 && path[l.from - 1] != '/'; l.from--)
		;
	return l;
}

static void set_name(struct resolved *r, const char *name, size_t len, bool slash)
{
	bytes_copy(r->name, name, len);
	if (slash)
		r->name[len++] = '/';
	r->name[len] = '\0';
}

static int add_name(struct resolved *r, const char *name, size_t len)
{
	r->dir_len = r->len;
	if (r->len == 1)	/* "/" */
		r->len = 0;
	if (r->len + 1 + len >= PATH_SIZE)
		return -ENAMETOOLONG;
	r->path[r->len] = '/';
	bytes_copy(r->path + r->len + 1, name, len);
	r->len += (uint32_t)len + 1;
	r->path[r->len] = '\0';
	return 0;
}

int parent_resolve(int proc_fd, int32_t tid, int dirfd, const char *path, struct resolved *ret)
{
	static char dir[PATH_SIZE];
	struct last l = last_of(path);
	const char *name = path + l.from;
	size_t len = l.to - l.from;
	bool dots;
	int rc;

	if (l.len == 0)
		return -ENOENT;
	bytes_copy(dir, path, l.from);
	dir[l.from] = '\0';
	rc = resolve(proc_fd, tid, dirfd, len == 0 ? "/" : l.from == 0 ? "." : dir, true, false, ret);
	if (rc < 0)
		return rc;
	if (!ret->exists)
		return -ENOENT;
	if (len >= NAME_SIZE)
		return -ENAMETOOLONG;
	ret->dir_len = ret->len;
	if (len == 0) {
		set_name(ret, "/", 1, false);
		return 0;
	}
	dots = (len == 1 || (len == 2 && name[1] == '.')) && name[0] == '.';
	set_name(ret, name, len, l.to < l.len);
	/* No name that could be made or removed: the kernel says so without a look at what it means. */
	return dots ? 0 : add_name(ret, name, len);
}

bool parent_of(struct resolved *r)
{
	struct last l = last_of(r->path);

	if (l.to - l.from >= NAME_SIZE)
		return false;
	r->dir_len = l.from > 1 ? (uint32_t)l.from - 1 : 1;
	set_name(r, r->path + l.from, l.to - l.from, false);
	return true;
}
