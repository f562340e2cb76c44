/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/carry_look.h"

#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include "base/base.h"
#include "calls/numbers.h"
#include "supervisor/target.h"

#define FILE_ATTR_SIZE_MAX 4096	/* PAGE_SIZE: E2BIG above */

/* The attributes of what a descriptor of a program that is not dumpable leads to need a capability. */
static bool with_privilege(int64_t rc)
{
	return rc == -EACCES && target_privilege(true);
}

/* The kernel does not look at the flags if there is no path. */
static bool knows_flags(const struct carrying *c)
{
	return c->at[0].empty == 0 || (c->flags & ~(uint32_t)(AT_NO_AUTOMOUNT | AT_STATX_SYNC_TYPE)) == 0;
}

int64_t carry_stat(struct carrying *c)
{
	static struct stat buf;
	const struct carrying_place *p = &c->at[0];
	uint32_t flags = c->flags | p->empty;
	long rc = knows_flags(c) ? sys(__NR_newfstatat, p->dir, p->path, &buf, flags) : -EINVAL;

	if (p->empty == 0 && with_privilege(rc)) {
		rc = sys(__NR_newfstatat, p->dir, p->path, &buf, flags);
		(void)target_privilege(false);
	}
	return carrying_give(c, c->rest[0], &buf, sizeof buf, rc);
}

int64_t carry_statx(struct carrying *c)
{
	static struct statx buf;
	const struct carrying_place *p = &c->at[0];
	uint32_t flags = c->flags | p->empty;
	long rc = knows_flags(c) ? sys(__NR_statx, p->dir, p->path, flags, c->rest[1], &buf) : -EINVAL;

	if (p->empty == 0 && with_privilege(rc)) {
		rc = sys(__NR_statx, p->dir, p->path, flags, c->rest[1], &buf);
		(void)target_privilege(false);
	}
	return carrying_give(c, c->rest[2], &buf, sizeof buf, rc);
}

int64_t carry_access(struct carrying *c)
{
	const struct carrying_place *p = &c->at[0];

	return sys(__NR_faccessat2, p->dir, p->path, c->rest[0], c->flags | p->empty);
}

/* ---- readlink ---- */

static bool is_on_procfs(int fd)
{
	struct statfs fs;

	return sys(__NR_fstatfs, fd, &fs) == 0 && (unsigned long)fs.f_type == PROC_SUPER_MAGIC;
}

static bool ends_in(const char *path, const char *name)
{
	size_t len = str_len(path), tail = str_len(name);

	return len >= tail && str_eq(path + len - tail, name);
}

/* "/proc/self" and "/proc/thread-self" have another text for each task. 0 if r is neither. */
static long read_self(const struct carrying *c, const struct resolved *r, char *buf, size_t size)
{
	char tgid[24], tid[24];
	bool thread = ends_in(r->path, "/thread-self");
	int32_t number;

	if (r->self != 0 || (!thread && !ends_in(r->path, "/self")) || !is_on_procfs(c->at[0].fd))
		return 0;
	number = target_tgid(supervisor_proc_fd(c->sv), c->s->tid);
	if (number < 0)
		return number;
	(void)str_concat(buf, size, u64_text(tgid, sizeof tgid, (uint64_t)number), thread ? "/task/" : "",
			 thread ? u64_text(tid, sizeof tid, (uint64_t)c->s->tid) : "");
	return (long)str_len(buf);
}

int64_t carry_readlink(struct carrying *c)
{
	static char buf[PATH_SIZE];
	const struct resolved *r = &c->judged->paths[0];
	int size = (int)c->rest[1];
	long n;

	if (size <= 0)
		return -EINVAL;
	n = sys(__NR_readlinkat, c->at[0].fd, "", buf, sizeof buf);
	if (n == -ENOENT && !r->descriptor)
		return -EINVAL;	/* no link: the kernel's answer to an empty path is another one */
	if (n >= 0 && !r->descriptor) {
		long own = read_self(c, r, buf, sizeof buf);

		n = own != 0 ? own : n;
	}
	if (r->self != 0 && with_privilege(n)) {	/* its own links in a process that is not dumpable */
		n = sys(__NR_readlinkat, c->at[0].fd, "", buf, sizeof buf);
		(void)target_privilege(false);
	}
	if (n > size)
		n = size;
	return carrying_give(c, c->rest[0], buf, n > 0 ? (size_t)n : 0, n);
}

/* ---- The rest ---- */

int64_t carry_statfs(struct carrying *c)
{
	static struct statfs buf;

	return carrying_give(c, c->rest[0], &buf, sizeof buf, sys(__NR_statfs, c->at[0].link, &buf));
}

int64_t carry_getattr(struct carrying *c)
{
	static unsigned char buf[FILE_ATTR_SIZE_MAX];
	uint64_t size = c->rest[1];
	long rc = sys(__NR_file_getattr, supervisor_proc_fd(c->sv), c->at[0].link, buf, size, c->flags);

	return carrying_give(c, c->rest[0], buf, (size_t)u64_min(size, sizeof buf), rc);
}
