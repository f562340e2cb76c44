/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/carry_change.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/resource.h>
#include <linux/signal.h>
#include <linux/stat.h>
#include <linux/time_types.h>
#include "base/base.h"
#include "calls/numbers.h"
#include "supervisor/target.h"

#define FILE_ATTR_SIZE_MAX 4096	/* PAGE_SIZE: E2BIG above */
#define USEC_PER_SEC 1000000
#define NSEC_PER_USEC 1000

int64_t carry_chmod(struct carrying *c)
{
	return sys(__NR_fchmodat, supervisor_proc_fd(c->sv), c->at[0].link, c->rest[0]);
}

int64_t carry_chmod2(struct carrying *c)
{
	const struct carrying_place *p = &c->at[0];

	return sys(__NR_fchmodat2, p->dir, p->path, c->rest[0], c->flags | p->empty);
}

int64_t carry_chown(struct carrying *c)
{
	const struct carrying_place *p = &c->at[0];

	return sys(__NR_fchownat, p->dir, p->path, c->rest[0], c->rest[1], c->flags | p->empty);
}

/* ---- truncate ---- */

/* The limit is the program's, and so is the signal (inode_newsize_ok). */
static int keep_limit(const struct carrying *c, int64_t length, uint64_t size)
{
	struct rlimit64 limit;
	int32_t tgid;

	if ((uint64_t)length <= size || sys(__NR_prlimit64, c->s->tid, RLIMIT_FSIZE, NULL, &limit) < 0 ||
	    (uint64_t)length <= limit.rlim_cur)
		return 0;
	tgid = target_tgid(supervisor_proc_fd(c->sv), c->s->tid);
	if (tgid > 0)
		(void)sys(__NR_tgkill, tgid, c->s->tid, SIGXFSZ);
	return -EFBIG;
}

/* Through a descriptor: truncate(2) would wait for the holder of a lease, which may be the program. */
int64_t carry_truncate(struct carrying *c)
{
	AUTO_CLOSE int fd = -1;
	int64_t length = (int64_t)c->rest[0];
	struct statx st;
	long rc;

	if (length < 0)
		return -EINVAL;
	rc = sys(__NR_statx, c->at[0].fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_SIZE, &st);
	if (rc < 0)
		return rc;
	if (mode_is(st.stx_mode, MODE_DIRECTORY))
		return -EISDIR;
	if (!mode_is(st.stx_mode, MODE_FILE))
		return -EINVAL;
	fd = pin_reopen(supervisor_proc_fd(c->sv), c->at[0].fd, O_WRONLY | O_NONBLOCK | O_LARGEFILE | O_CLOEXEC, 0);
	if (fd < 0)
		return fd;
	rc = keep_limit(c, length, st.stx_size);
	return rc < 0 ? rc : sys(__NR_ftruncate, fd, length);
}

/* ---- Times ---- */

static int64_t set_times(struct carrying *c, const struct __kernel_timespec *times)
{
	const struct carrying_place *p = &c->at[0];

	return sys(__NR_utimensat, p->dir, p->path, times, c->flags | p->empty);
}

/* struct utimbuf */
int64_t carry_utime(struct carrying *c)
{
	struct __kernel_timespec times[2] = { { 0, 0 }, { 0, 0 } };
	int64_t seconds[2];
	int rc;

	if (c->rest[0] == 0)
		return set_times(c, NULL);
	rc = target_read(c->s->tid, c->rest[0], seconds, sizeof seconds);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(times); i++)
		times[i].tv_sec = seconds[i];
	return set_times(c, times);
}

/* struct timeval[2] */
int64_t carry_utimes(struct carrying *c)
{
	struct __kernel_timespec times[2];
	int64_t values[2][2];
	int rc;

	if (c->rest[0] == 0)
		return set_times(c, NULL);
	rc = target_read(c->s->tid, c->rest[0], values, sizeof values);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		if (values[i][1] < 0 || values[i][1] >= USEC_PER_SEC)
			return -EINVAL;
		times[i] = (struct __kernel_timespec){ values[i][0], values[i][1] * NSEC_PER_USEC };
	}
	return set_times(c, times);
}

int64_t carry_utimens(struct carrying *c)
{
	struct __kernel_timespec times[2];
	int rc;

	if (c->rest[0] == 0)
		return set_times(c, NULL);
	rc = target_read(c->s->tid, c->rest[0], times, sizeof times);
	return rc < 0 ? rc : set_times(c, times);
}

/* ---- The rest ---- */

int64_t carry_setattr(struct carrying *c)
{
	static unsigned char buf[FILE_ATTR_SIZE_MAX];
	uint64_t size = c->rest[1];
	int rc = size <= sizeof buf ? target_read(c->s->tid, c->rest[0], buf, size) : 0;

	return rc < 0 ? rc : sys(__NR_file_setattr, supervisor_proc_fd(c->sv), c->at[0].link, buf, size, c->flags);
}
