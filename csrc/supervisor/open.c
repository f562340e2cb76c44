/* SPDX-License-Identifier: Apache-2.0 */
/* open: opens files for the program.
 *
 * Theory of operation. A path without links was judged, and that path is opened by an openat2(2) that follows no links:
 * so the object is the one that was judged, whatever the program does to the path meanwhile. Most paths have no links,
 * so judge first passes on the path as the program wrote it, and links are resolved only if the kernel finds one
 * (OPEN_AGAIN).
 * I1  No open blocks: all use O_NONBLOCK, which is removed afterwards. FIFOs that must wait do so in fifo.c.
 * I2  No terminal becomes the supervisor's controlling terminal.
 * I3  The kernel makes no O_PATH descriptor for another process. The program gets an ordinary one for reading, of a
 *     file or directory that it may read; it has no other way to an O_PATH descriptor. */
#include "supervisor/open.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"
#include "supervisor/pin.h"
#include "supervisor/target.h"

#define CREATES ((uint64_t)(O_CREAT | __O_TMPFILE))
/* These need a directory descriptor; the open here is absolute. */
#define RESOLVE_UNKNOWN ((uint64_t)(RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_NO_XDEV))
#define FIELD_TTY_NR 7	/* proc_pid_stat(5) */
#define TTY_MAJOR 5	/* with minor 0: "the controlling terminal" (Documentation/admin-guide/devices.txt) */

static uint64_t flags_here(const struct asked_open *o)
{
	return o->flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
}

static int open_anonymous(int proc_fd, int32_t tid, const struct resolved *r, const struct asked_open *o)
{
	AUTO_CLOSE int object = pin_object(proc_fd, tid, r, 0);

	return object < 0 ? object
			  : pin_reopen(proc_fd, object, flags_here(o) & ~(uint64_t)(O_CREAT | O_EXCL), o->mode);
}

/* I3 */
static int open_for_path(const struct supervisor *sv, int32_t tid, const struct resolved *r, const struct asked_open *o)
{
	int proc_fd = supervisor_proc_fd(sv);
	AUTO_CLOSE int object = pin_object(proc_fd, tid, r, o->flags & (O_DIRECTORY | O_NOFOLLOW));
	int mode = object < 0 ? object : fd_mode(object);

	if (mode < 0)
		return mode;
	if (mode_is((uint32_t)mode, MODE_LINK))
		return -ELOOP;
	if (!mode_is((uint32_t)mode, MODE_DIRECTORY) && !mode_is((uint32_t)mode, MODE_FILE))
		return -EACCES;
	if (pin_is_closed(sv, object, r, false))
		return -EACCES;
	return pin_reopen(proc_fd, object, O_RDONLY | O_NONBLOCK | O_CLOEXEC | (o->flags & O_DIRECTORY), 0);
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
			return pin_reopen(proc_fd, object, flags_here(o) & ~(uint64_t)(O_CREAT | O_EXCL), 0);
	}
	return -ENXIO;
}

/* ENXIO: a FIFO without a reader, a terminal that is not the supervisor's, or a missing device. */
static int open_without_peer(int proc_fd, int32_t tid, const struct resolved *r, struct asked_open *o)
{
	AUTO_CLOSE int object = pin_object(proc_fd, tid, r, 0);
	struct statx st;
	long rc;

	if (object < 0)
		return object;
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

/* An umask of its own, and not only a mode without its bits: a directory with a default ACL ignores the umask. */
static int open_without_links(int proc_fd, int32_t tid, const struct resolved *r, const struct asked_open *o)
{
	const struct open_how how = { .flags = flags_here(o), .mode = o->mode, .resolve = o->resolve };
	bool creates = (o->flags & CREATES) != 0;
	int fd;

	if (creates)
		target_take_umask(proc_fd, tid);
	fd = pin_open(proc_fd, tid, r, &how);
	if (creates)
		target_drop_umask();
	if (fd != -ELOOP)
		return fd;
	if (r->lexical)
		return (o->resolve & RESOLVE_NO_SYMLINKS) != 0 ? -ELOOP : OPEN_AGAIN;
	return (o->flags & O_NOFOLLOW) == 0 ? OPEN_AGAIN : -ELOOP;
}

static int open_now(const struct supervisor *sv, int32_t tid, const struct resolved *r, struct asked_open *o)
{
	int proc_fd = supervisor_proc_fd(sv);
	int fd = r->anonymous ? open_anonymous(proc_fd, tid, r, o) : open_without_links(proc_fd, tid, r, o);

	if (fd == -ENXIO && !r->anonymous)
		return open_without_peer(proc_fd, tid, r, o);
	if (fd < 0)
		return fd;
	if (pin_is_closed(sv, fd, r, false)) {
		(void)sys(__NR_close, fd);
		return -EACCES;
	}
	return finish(fd, r->anonymous, o);
}

int open_for(struct supervisor *sv, const struct stop *s, struct resolved *r, uint32_t *ret_fd_flags)
{
	struct asked_open *o = &r->open;
	int fd;

	*ret_fd_flags = (uint32_t)(o->flags & O_CLOEXEC);
	if ((o->resolve & RESOLVE_UNKNOWN) != 0 || ((o->resolve & RESOLVE_NO_SYMLINKS) != 0 && !r->lexical))
		return -ENOSYS;
	if (r->magic && (o->resolve & RESOLVE_NO_MAGICLINKS) != 0)
		return -ELOOP;
	if ((o->flags & O_PATH) == 0)
		return open_now(sv, s->tid, r, o);
	fd = open_for_path(sv, s->tid, r, o);
	return fd < 0 ? fd : finish(fd, true, o);
}
