/* SPDX-License-Identifier: Apache-2.0 */
/* open: opens files for the program.
 *
 * Theory of operation. A path without links was judged, and that path is opened by an openat2(2) that follows no links:
 * so the object is the one that was judged, whatever the program does to the path meanwhile. Most paths have no links,
 * so judge first passes on the path as the program wrote it, and links are resolved only if the kernel finds one
 * (OPEN_AGAIN).
 * I1  No open blocks: all use O_NONBLOCK, which is removed afterwards. FIFOs that must wait do so in fifo.c.
 * I2  No terminal becomes the supervisor's controlling terminal.
 * I3  The supervisor shares init's memory, and the kernel lets a process read its own /proc/<pid>. So files in the
 *     /proc directories of these two are not opened, except those that every process may read. */
#include "supervisor/open.h"

#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"
#include "supervisor/target.h"

#define PROC_SELF "/proc/self"
#define CREATES ((uint64_t)(O_CREAT | __O_TMPFILE))
/* These need a directory descriptor; the open here is absolute. */
#define RESOLVE_UNKNOWN ((uint64_t)(RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV))
#define FIELD_TTY_NR 7	/* proc_pid_stat(5) */
#define TTY_MAJOR 5	/* with minor 0: "the controlling terminal" (Documentation/admin-guide/devices.txt) */

static uint64_t flags_here(const struct asked_open *o)
{
	return o->flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
}

static int open_text(const char *path, uint64_t flags, uint64_t mode, uint64_t resolve_flags)
{
	struct open_how how = {
		.flags = flags, .mode = mode,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | (resolve_flags & RESOLVE_CACHED),
	};

	return (int)sys(__NR_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* ---- Descriptors by their links in /proc ---- */

/* Opens the object of the supervisor's descriptor again. */
static int reopen(int proc_fd, int object, uint64_t flags, uint64_t mode)
{
	char dir[40], pid[24], number[24];

	(void)str_concat(dir, sizeof dir, u64_text(pid, sizeof pid, (uint64_t)sys(__NR_getpid)), "/fd/",
			 u64_text(number, sizeof number, (uint64_t)object));
	return (int)sys(__NR_openat, proc_fd, dir, flags, mode);
}

/* Since the judgement the program may have put an object with a path there. So the link's target is pinned by a
 * descriptor and looked at again. */
static int open_anonymous(int proc_fd, const struct resolved *r, const struct asked_open *o)
{
	static struct resolved now;
	AUTO_CLOSE int object = (int)sys(__NR_openat, proc_fd, r->link, O_PATH | O_CLOEXEC, 0);
	int rc;

	if (object < 0)
		return object;
	rc = resolve(proc_fd, (int32_t)sys(__NR_getpid), object, "", true, true, &now);
	if (rc < 0)
		return rc;
	if (!now.anonymous)
		return OPEN_AGAIN;
	return reopen(proc_fd, object, flags_here(o) & ~(uint64_t)(O_CREAT | O_EXCL), o->mode);
}

/* ---- /proc ---- */

/* Translates a path in "/proc/self" to the program's own number, in its own mount of proc. False if it is no such
 * path. */
static bool own_path(int proc_fd, int32_t tid, const char *path, char buf[PATH_SIZE])
{
	const char *rest = path + sizeof PROC_SELF - 1;
	char number[24];
	int32_t tgid;

	if (!str_starts(path, PROC_SELF) || (*rest != '/' && *rest != '\0'))
		return false;
	tgid = target_tgid(proc_fd, tid);
	return tgid > 0 && str_concat(buf, PATH_SIZE, "/proc/", u64_text(number, sizeof number, (uint64_t)tgid), rest);
}

/* Files of another process that are the same for every reader. */
static bool is_public(const char *rest)
{
	static const char *const names[] = { "", "/", "/status", "/statm", "/comm", "/cmdline", "/cgroup" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(rest, names[i]))
			return true;
	return false;
}

/* Whether name, a number, is the pid of a process or thread that shares our memory. */
static bool is_ours(int proc_fd, const char *name, size_t len)
{
	int64_t number = 0;
	int32_t tgid;

	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9' || number > INT32_MAX / 10 - 1)
			return false;
		number = number * 10 + (name[i] - '0');
	}
	if (len == 0 || number == 0)
		return false;
	tgid = target_tgid(proc_fd, (int32_t)number);
	return tgid == sys(__NR_getpid) || tgid == sys(__NR_getppid);
}

/* I3 */
static bool is_closed(int proc_fd, int fd, const char *path)
{
	struct statfs fs;
	size_t len;

	for (const char *p = path; *p == '/'; p += len) {
		p++;
		for (len = 0; p[len] != '\0' && p[len] != '/'; len++)
			;
		if (len == 0 || p[0] < '0' || p[0] > '9' || !is_ours(proc_fd, p, len))
			continue;
		if (sys(__NR_fstatfs, fd, &fs) < 0 || (unsigned long)fs.f_type == PROC_SUPER_MAGIC)
			return !is_public(p + len);
	}
	return false;
}

/* ---- What may block ---- */

/* The device number of the program's controlling terminal, as stat(2) encodes it; 0 = it has none. */
static uint32_t terminal_of(int proc_fd, int32_t tid)
{
	char buf[STAT_SIZE];
	const char *stat = target_stat(proc_fd, tid, buf);

	return stat != NULL ? (uint32_t)target_stat_field(stat, FIELD_TTY_NR) : 0;
}

static bool is_terminal(const struct statx *st, uint32_t terminal)
{
	uint32_t number = (st->stx_rdev_minor & 0xff) | st->stx_rdev_major << 8 | (st->stx_rdev_minor & ~0xffu) << 12;

	return mode_is(st->stx_mode, MODE_DEVICE) && number == terminal;
}

/* "/dev/tty" is the controlling terminal of the process that opens it. The program's own terminal is looked for among
 * its first descriptors. */
static int open_terminal(int proc_fd, int32_t tid, const struct asked_open *o)
{
	uint32_t terminal = terminal_of(proc_fd, tid);

	for (uint64_t i = 0; terminal != 0 && i <= 2; i++) {
		char path[40], number[24], n[24];
		AUTO_CLOSE int object = -1;
		struct statx st;

		(void)str_concat(path, sizeof path, u64_text(number, sizeof number, (uint64_t)tid), "/fd/",
				 u64_text(n, sizeof n, i));
		object = (int)sys(__NR_openat, proc_fd, path, O_PATH | O_CLOEXEC, 0);
		if (object >= 0 && sys(__NR_statx, object, "", AT_EMPTY_PATH, STATX_TYPE, &st) == 0 &&
		    is_terminal(&st, terminal))
			return reopen(proc_fd, object, flags_here(o) & ~(uint64_t)(O_CREAT | O_EXCL), 0);
	}
	return -ENXIO;
}

/* ENXIO: a FIFO without a reader, a terminal that is not the supervisor's, or a missing device. */
static int open_without_peer(int proc_fd, int32_t tid, const char *path, struct asked_open *o)
{
	AUTO_CLOSE int object = open_text(path, O_PATH | O_CLOEXEC, 0, 0);
	struct statx st;
	long rc;

	if (object < 0)
		return object == -ELOOP ? OPEN_AGAIN : object;
	rc = sys(__NR_statx, object, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (rc < 0)
		return (int)rc;
	if (mode_is(st.stx_mode, MODE_DEVICE) && st.stx_rdev_major == TTY_MAJOR && st.stx_rdev_minor == 0)
		return open_terminal(proc_fd, tid, o);
	if (!mode_is(st.stx_mode, MODE_FIFO) || (o->flags & O_NONBLOCK) != 0)
		return -ENXIO;
	o->fifo = fd_take(&object);
	return OPEN_LATER;
}

/* I1: removes O_NONBLOCK unless the program asked for it. Only a pipe has a size. */
static int finish(int fd, bool anonymous, struct asked_open *o)
{
	if ((o->flags & O_NONBLOCK) != 0)
		return fd;
	if (!anonymous && sys(__NR_fcntl, fd, F_GETPIPE_SZ, 0) >= 0) {
		o->fifo = fd;
		return OPEN_LATER;
	}
	(void)sys(__NR_fcntl, fd, F_SETFL, o->flags & (O_APPEND | O_DIRECT | O_NOATIME | FASYNC));
	return fd;
}

/* ---- The whole ---- */

/* Links in the path, or as its last component. */
static int with_links(int proc_fd, int32_t tid, const struct resolved *r, uint64_t mode)
{
	static char buf[PATH_SIZE];
	const struct asked_open *o = &r->open;
	int fd = -ELOOP;

	if (o->lexical)
		return (o->resolve & RESOLVE_NO_SYMLINKS) != 0 ? -ELOOP : OPEN_AGAIN;
	if (own_path(proc_fd, tid, r->path, buf))
		fd = open_text(buf, flags_here(o), mode, o->resolve);
	return fd == -ELOOP && (o->flags & O_NOFOLLOW) == 0 ? OPEN_AGAIN : fd;
}

int open_for(struct supervisor *sv, const struct stop *s, struct resolved *r, uint32_t *ret_fd_flags)
{
	struct asked_open *o = &r->open;
	int proc_fd = supervisor_proc_fd(sv), fd;
	uint64_t mode = o->mode;

	*ret_fd_flags = (uint32_t)(o->flags & O_CLOEXEC);
	if ((o->flags & O_PATH) != 0)
		return OPEN_BY_ITSELF;
	if ((o->resolve & RESOLVE_UNKNOWN) != 0 || ((o->resolve & RESOLVE_NO_SYMLINKS) != 0 && !o->lexical))
		return -ENOSYS;
	if (r->magic && (o->resolve & RESOLVE_NO_MAGICLINKS) != 0)
		return -ELOOP;
	if ((o->flags & CREATES) != 0)
		mode &= ~(uint64_t)target_umask(proc_fd, s->tid);
	fd = r->anonymous ? open_anonymous(proc_fd, r, o) : open_text(r->path, flags_here(o), mode, o->resolve);
	if (fd == -ELOOP && !r->anonymous)
		fd = with_links(proc_fd, s->tid, r, mode);
	if (fd == -ENXIO && !r->anonymous)
		return open_without_peer(proc_fd, s->tid, r->path, o);
	if (fd < 0)
		return fd;
	if (!o->lexical && !r->anonymous && is_closed(proc_fd, fd, r->path)) {
		(void)sys(__NR_close, fd);
		return -EACCES;
	}
	return finish(fd, r->anonymous, o);
}
