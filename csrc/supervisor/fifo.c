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

#define WAITING_MAX 64
#define SPLICE_NONBLOCK 2	/* SPLICE_F_NONBLOCK, in no uapi header */

struct waiting {
	uint64_t id;
	int fd;			/* a reading end, or an O_PATH descriptor */
	bool writer;
	uint32_t fd_flags;
	uint64_t flags;
	uint64_t inode;
	uint32_t major, minor;
};

static struct waiting waiting[WAITING_MAX];
static uint32_t nwaiting;

static void forget(uint32_t i)
{
	waiting[i] = waiting[--nwaiting];
}

static void deliver(int listener, const struct waiting *w, int fd)
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

static int open_writing_end(int proc_fd, const struct waiting *w)
{
	char path[40], pid[24], number[24];

	(void)str_concat(path, sizeof path, u64_text(pid, sizeof pid, (uint64_t)sys(__NR_getpid)), "/fd/",
			 u64_text(number, sizeof number, (uint64_t)w->fd));
	return (int)sys(__NR_openat, proc_fd, path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
}

static bool same_fifo(const struct waiting *a, const struct waiting *b)
{
	return a->inode == b->inode && a->major == b->major && a->minor == b->minor;
}

/* Completes the opens of writers that now have a reader. */
static bool let_writers_go(int listener, int proc_fd, const struct waiting *fifo)
{
	bool any = false;

	for (uint32_t i = nwaiting; i-- > 0;) {
		struct waiting w = waiting[i];
		int fd;

		if (!w.writer || !same_fifo(&w, fifo))
			continue;
		fd = open_writing_end(proc_fd, &w);
		if (fd == -ENXIO)
			continue;
		(void)sys(__NR_close, w.fd);
		forget(i);
		any = true;
		if (fd < 0)
			notify_answer(listener, w.id, -fd);
		else
			deliver(listener, &w, fd);
	}
	return any;
}

static void let_readers_go(int listener, const struct waiting *fifo)
{
	for (uint32_t i = nwaiting; i-- > 0;) {
		struct waiting w = waiting[i];

		if (w.writer || !same_fifo(&w, fifo))
			continue;
		forget(i);
		deliver(listener, &w, w.fd);
	}
}

static bool wait_for_peer(int listener, const struct waiting *w)
{
	if (nwaiting < WAITING_MAX) {
		waiting[nwaiting++] = *w;
		return true;
	}
	(void)sys(__NR_close, w->fd);
	notify_answer(listener, w->id, ENFILE);
	return false;
}

void fifo_take(int listener, uint64_t id, int proc_fd, int fd, uint64_t flags, uint32_t fd_flags)
{
	struct waiting w = { .id = id, .fd = fd, .flags = flags, .fd_flags = fd_flags };
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
		(void)wait_for_peer(listener, &w);
		return;
	}
	if (how == O_RDONLY) {
		bool any = has_writer(fd);

		if (!wait_for_peer(listener, &w))
			return;
		if (let_writers_go(listener, proc_fd, &w) || any)
			let_readers_go(listener, &w);
		return;
	}
	if (how == O_RDWR)
		(void)let_writers_go(listener, proc_fd, &w);
	deliver(listener, &w, fd);
	let_readers_go(listener, &w);
}

void fifo_forget(int listener)
{
	for (uint32_t i = nwaiting; i-- > 0;) {
		if (notify_is_valid(listener, waiting[i].id))
			continue;
		(void)sys(__NR_close, waiting[i].fd);
		forget(i);
	}
}
