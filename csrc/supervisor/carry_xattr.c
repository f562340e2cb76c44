/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/carry_xattr.h"

#include <linux/errno.h>
#include <linux/limits.h>
#include "base/base.h"
#include "calls/numbers.h"
#include "supervisor/target.h"

#define ARGS_SIZE_MAX 4096	/* PAGE_SIZE: E2BIG above */

/* linux/xattr.h, Linux 6.13 */
struct xattr_args {
	uint64_t value;
	uint32_t size;
	uint32_t flags;
};

static unsigned char value[CARRYING_BUFFER_SIZE];
static char name[XATTR_NAME_MAX + 1];

/* As import_xattr_name of the kernel. */
static int read_name(const struct carrying *c, uint64_t address)
{
	int len = target_text(c->s->tid, address, name, sizeof name);

	if (len == 0 || len == -ENAMETOOLONG)
		return -ERANGE;
	return len < 0 ? len : 0;
}

/* A value that is too long is for the kernel to refuse: it does not read it. */
static int read_value(const struct carrying *c, uint64_t address, uint64_t size)
{
	return size <= sizeof value ? target_read(c->s->tid, address, value, size) : 0;
}

/* The size with which the kernel fills value; without a size it only says how long the result would be. */
static uint64_t size_here(uint64_t size)
{
	return u64_min(size, sizeof value);
}

static int64_t give_value(struct carrying *c, uint64_t address, uint64_t size, int64_t rc)
{
	return carrying_give(c, address, value, size == 0 || rc < 0 ? 0 : (size_t)rc, rc);
}

int64_t carry_setxattr(struct carrying *c)
{
	int rc = read_name(c, c->rest[0]);

	if (rc == 0)
		rc = read_value(c, c->rest[1], c->rest[2]);
	return rc < 0 ? rc : sys(__NR_setxattr, c->at[0].link, name, value, c->rest[2], c->rest[3]);
}

int64_t carry_getxattr(struct carrying *c)
{
	uint64_t size = c->rest[2];
	int rc = read_name(c, c->rest[0]);

	if (rc < 0)
		return rc;
	return give_value(c, c->rest[1], size, sys(__NR_getxattr, c->at[0].link, name, value, size_here(size)));
}

int64_t carry_listxattr(struct carrying *c)
{
	uint64_t size = c->rest[1];

	return give_value(c, c->rest[0], size, sys(__NR_listxattr, c->at[0].link, value, size_here(size)));
}

int64_t carry_removexattr(struct carrying *c)
{
	int rc = read_name(c, c->rest[0]);

	return rc < 0 ? rc : sys(__NR_removexattr, c->at[0].link, name);
}

/* ---- With a directory ---- */

/* Copies the struct of the call, which may be of a newer kernel and so larger. The kernel refuses a size that it does
 * not know without reading. */
static int read_args(const struct carrying *c, unsigned char buf[ARGS_SIZE_MAX], struct xattr_args *ret)
{
	uint64_t size = c->rest[3];
	int rc = 0;

	*ret = (struct xattr_args){ 0 };
	if (size <= ARGS_SIZE_MAX)
		rc = target_read(c->s->tid, c->rest[2], buf, size);
	if (rc == 0 && size >= sizeof *ret && size <= ARGS_SIZE_MAX)
		bytes_copy(ret, buf, sizeof *ret);
	return rc;
}

static int64_t with_args(struct carrying *c, long nr, unsigned char buf[ARGS_SIZE_MAX], struct xattr_args args)
{
	args.value = (uint64_t)(uintptr_t)value;
	bytes_copy(buf, &args, sizeof args);
	return sys(nr, supervisor_proc_fd(c->sv), c->at[0].link, c->flags, name, buf, c->rest[3]);
}

int64_t carry_setxattrat(struct carrying *c)
{
	static unsigned char buf[ARGS_SIZE_MAX];
	struct xattr_args args;
	int rc = read_name(c, c->rest[1]);

	if (rc == 0)
		rc = read_args(c, buf, &args);
	if (rc == 0)
		rc = read_value(c, args.value, args.size);
	return rc < 0 ? rc : with_args(c, __NR_setxattrat, buf, args);
}

int64_t carry_getxattrat(struct carrying *c)
{
	static unsigned char buf[ARGS_SIZE_MAX];
	struct xattr_args args;
	uint64_t address, size;
	int rc = read_name(c, c->rest[1]);

	if (rc == 0)
		rc = read_args(c, buf, &args);
	if (rc < 0)
		return rc;
	address = args.value;
	size = args.size;
	args.size = (uint32_t)size_here(size);
	return give_value(c, address, size, with_args(c, __NR_getxattrat, buf, args));
}

int64_t carry_listxattrat(struct carrying *c)
{
	uint64_t size = c->rest[2];

	return give_value(
		c, c->rest[1], size,
		sys(__NR_listxattrat, supervisor_proc_fd(c->sv), c->at[0].link, c->flags, value, size_here(size)));
}

int64_t carry_removexattrat(struct carrying *c)
{
	int rc = read_name(c, c->rest[1]);

	return rc < 0 ? rc : sys(__NR_removexattrat, supervisor_proc_fd(c->sv), c->at[0].link, c->flags, name);
}
