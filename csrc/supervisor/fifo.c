/* SPDX-License-Identifier: Apache-2.0 */
/* fifo: opens of FIFOs that wait for the other end.
 *
 * Theory of operation. A blocking open of one end waits until the other end is opened. All opens of the program come
 * through the supervisor, so it keeps what the kernel would keep: a reading end, already open here, waits for a writer;
 * a writing end, which the kernel does not open without a reader, waits as an O_PATH descriptor of the FIFO. Each new
 * end completes the opens that wait for it. See fifo_open in fs/pipe.c, fifo(7). */
#include "supervisor/fifo.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include "base/base.h"
#include "supervisor/notify_answer.h"

#define SPLICE_NONBLOCK 2	/* SPLICE_F_NONBLOCK, in no uapi header */

static void forget(struct fifo_waits *waits, uint32_t i)
{
	waits->all[i] = waits->all[--waits->n];
}

static void deliver(int listener, const struct fifo_wait *w, int fd)
{
	(void)sys(__NR_fcntl, fd, F_SETFL, w->flags & (O_APPEND | O_DIRECT | O_NOATIME | FASYNC));
	notify_deliver(listener, w->id, fd, w->fd_flags);
}

/* tee(2) consumes nothing, and tells "no data yet" from "no writer". */
static bool has_writer(int reading_end)
{
	int ends[2];
	long n;

	if (sys(__NR_pipe2, ends, O_CLOEXEC) < 0)
		return true;	/* else the program would wait for ever */
	n = sys(__NR_tee, reading_end, ends[1], 1, SPLICE_NONBLOCK);
	(void)sys(__NR_close, ends[0]);
	(void)sys(__NR_close, ends[1]);
	return n != 0;
}

static int open_writing_end(int proc_fd, const struct fifo_wait *w)
{
	char path[40], pid[24], number[24];

	(void)str_concat(path, sizeof path, u64_text(pid, sizeof pid, (uint64_t)sys(__NR_getpid)), "/fd/",
			 u64_text(number, sizeof number, (uint64_t)w->fd));
	return (int)sys(__NR_openat, proc_fd, path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
}

static bool same_fifo(const struct fifo_wait *a, const struct fifo_wait *b)
{
	return a->inode == b->inode && a->major == b->major && a->minor == b->minor;
}

/* Completes the opens of writers that now have a reader. */
static bool let_writers_go(struct fifo_waits *waits, int listener, int proc_fd, const struct fifo_wait *fifo)
{
	bool any = false;

	for (uint32_t i = waits->n; i-- > 0;) {
		struct fifo_wait w = waits->all[i];
		int fd;

		if (!w.writer || !same_fifo(&w, fifo))
			continue;
		fd = open_writing_end(proc_fd, &w);
		if (fd == -ENXIO)
			continue;
		(void)sys(__NR_close, w.fd);
		forget(waits, i);
		any = true;
		if (fd < 0)
			notify_answer(listener, w.id, -fd);
		else
			deliver(listener, &w, fd);
	}
	return any;
}

static void let_readers_go(struct fifo_waits *waits, int listener, const struct fifo_wait *fifo)
{
	for (uint32_t i = waits->n; i-- > 0;) {
		struct fifo_wait w = waits->all[i];

		if (w.writer || !same_fifo(&w, fifo))
			continue;
		forget(waits, i);
		deliver(listener, &w, w.fd);
	}
}

static bool wait_for_peer(struct fifo_waits *waits, int listener, const struct fifo_wait *w)
{
	if (waits->n < FIFO_WAITS_MAX) {
		waits->all[waits->n++] = *w;
		return true;
	}
	(void)sys(__NR_close, w->fd);
	notify_answer(listener, w->id, ENFILE);
	return false;
}

void fifo_take(struct fifo_waits *waits, int listener, uint64_t id, int proc_fd, int fd, uint64_t flags,
	       uint32_t fd_flags)
{
	struct fifo_wait w = { .id = id, .fd = fd, .flags = flags, .fd_flags = fd_flags };
	uint64_t how = flags & O_ACCMODE;
	bool path_only = (sys(__NR_fcntl, fd, F_GETFL, 0) & O_PATH) != 0;
	struct statx st;

	if (sys(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_INO, &st) < 0) {
		(void)sys(__NR_close, fd);
		notify_answer(listener, id, EIO);
		return;
	}
	w.inode = st.stx_ino;
	w.major = st.stx_dev_major;
	w.minor = st.stx_dev_minor;
	w.writer = how == O_WRONLY;
	if (w.writer && path_only) {
		(void)wait_for_peer(waits, listener, &w);
		return;
	}
	if (how == O_RDONLY) {
		bool any = has_writer(fd);

		if (!wait_for_peer(waits, listener, &w))
			return;
		if (let_writers_go(waits, listener, proc_fd, &w) || any)
			let_readers_go(waits, listener, &w);
		return;
	}
	if (how == O_RDWR)
		(void)let_writers_go(waits, listener, proc_fd, &w);
	deliver(listener, &w, fd);
	let_readers_go(waits, listener, &w);
}

void fifo_forget(struct fifo_waits *waits, int listener)
{
	for (uint32_t i = waits->n; i-- > 0;) {
		if (notify_is_valid(listener, waits->all[i].id))
			continue;
		(void)sys(__NR_close, waits->all[i].fd);
		forget(waits, i);
	}
}
