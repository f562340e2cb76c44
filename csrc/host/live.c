/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/live.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include "base/base.h"
#include "host/pipe.h"
#include "host/terminal.h"

#define EFD_FLAGS (O_CLOEXEC | O_NONBLOCK)	/* EFD_CLOEXEC | EFD_NONBLOCK, sys/eventfd.h */
#define END_OF_FILE 4				/* ^D, the VEOF of a new terminal */

struct live {
	atomic_uint references;
	int wake_fd;
	uint64_t limit, total_limit;
	_Atomic uint64_t total[2];	/* bytes read of stdout and stderr */
};

struct cordon_stream {
	struct live *live;
	int number;
	int fd;				/* non-blocking */
	bool terminal;
	bool in_line;			/* stdin of a terminal: the last byte written did not end a line */
	_Atomic int wake_fd;		/* created by the first wait; -1 = none */
	atomic_bool woken;
};

/* ---- the account ---- */

int live_open(const struct cordon_limits *limits, int wake_fd, struct live **ret)
{
	struct live *live = calloc(1, sizeof *live);

	if (live == NULL)
		return -ENOMEM;
	live->wake_fd = (int)sys(__NR_fcntl, wake_fd, F_DUPFD_CLOEXEC, 0);
	if (live->wake_fd < 0) {
		int rc = live->wake_fd;

		free(live);
		return rc;
	}
	atomic_init(&live->references, 1);
	live->limit = limits->output_bytes;
	live->total_limit = limits->output_total_bytes;
	*ret = live;
	return 0;
}

void live_release(struct live *live)
{
	if (live == NULL || atomic_fetch_sub(&live->references, 1) != 1)
		return;
	fd_close(&live->wake_fd);
	free(live);
}

uint64_t live_total(const struct live *live, int number)
{
	return number == 1 || number == 2 ? atomic_load(&live->total[number - 1]) : 0;
}

/* Counts n bytes of a stream. Returns how many of them the caller may have; the rest is beyond a limit, and the run is
 * told. */
static size_t account(struct live *live, int number, size_t n)
{
	uint64_t before = atomic_fetch_add(&live->total[number - 1], n), other = live_total(live, 3 - number), one = 1;
	uint64_t all = live->total_limit - u64_min(other, live->total_limit);
	uint64_t most = u64_min(live->limit, all), room = most - u64_min(before, most);

	if (n <= room)
		return n;
	(void)sys(__NR_write, live->wake_fd, &one, sizeof one);
	return (size_t)room;
}

/* ---- opening ---- */

static struct cordon_stream *stream_new(struct live *live, int number, int fd, bool terminal)
{
	struct cordon_stream *stream = calloc(1, sizeof *stream);

	if (stream == NULL)
		return NULL;
	atomic_fetch_add(&live->references, 1);
	stream->live = live;
	stream->number = number;
	stream->fd = fd;
	stream->terminal = terminal;
	atomic_init(&stream->wake_fd, -1);
	return stream;
}

int live_pipe(struct live *live, int number, struct cordon_stream **ret, int *ret_child_fd)
{
	int fds[2], ours = number == 0 ? 1 : 0;
	int rc = pipe_open(number == 0 ? 0444 : 0222, fds);

	if (rc < 0)
		return rc;
	*ret = stream_new(live, number, fds[ours], false);
	if (*ret == NULL) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return -ENOMEM;
	}
	(void)sys(__NR_fcntl, fds[ours], F_SETFL, O_NONBLOCK);	/* only for our end: each end has its own flags */
	*ret_child_fd = fds[ours ^ 1];
	return 0;
}

/* Opens the master as two descriptors, each to be closed. They are one open file, so O_NONBLOCK is of both. */
static int open_master(int ret_fds[2], int *ret_child_fd)
{
	int rc = terminal_open(O_NONBLOCK, &ret_fds[0], ret_child_fd);

	if (rc < 0)
		return rc;
	ret_fds[1] = (int)sys(__NR_fcntl, ret_fds[0], F_DUPFD_CLOEXEC, 0);
	if (ret_fds[1] >= 0)
		return 0;
	fd_close(&ret_fds[0]);
	fd_close(ret_child_fd);
	return ret_fds[1];
}

int live_terminal(struct live *live, struct cordon_stream **ret_in, struct cordon_stream **ret_out, int *ret_child_fd)
{
	int fds[2], rc = open_master(fds, ret_child_fd);

	if (rc < 0)
		return rc;
	*ret_in = stream_new(live, 0, fds[0], true);
	*ret_out = *ret_in != NULL ? stream_new(live, 1, fds[1], true) : NULL;
	if (*ret_out != NULL)
		return 0;
	if (*ret_in != NULL)
		cordon_stream_free(*ret_in);
	else
		fd_close(&fds[0]);
	*ret_in = NULL;
	fd_close(&fds[1]);
	fd_close(ret_child_fd);
	return -ENOMEM;
}

/* ---- use ---- */

long cordon_stream_read(struct cordon_stream *stream, void *data, size_t len)
{
	long n;

	if (stream->number == 0)
		return -EBADF;
	do
		n = sys(__NR_read, stream->fd, data, len);
	while (n == -EINTR);
	if (n == -EIO && stream->terminal)	/* no process has the slave open */
		return 0;
	return n > 0 ? (long)account(stream->live, stream->number, (size_t)n) : n;
}

long cordon_stream_write(struct cordon_stream *stream, const void *data, size_t len)
{
	long n;

	if (stream->number != 0)
		return -EBADF;
	if (len == 0)
		return 0;
	do
		n = fd_write_quietly(stream->fd, data, len);
	while (n == -EINTR);
	if (stream->terminal && n == -EIO)
		return -EPIPE;
	if (n > 0)
		stream->in_line = ((const char *)data)[n - 1] != '\n';
	return n;
}

int cordon_stream_end(struct cordon_stream *stream)
{
	static const char end[] = { END_OF_FILE, END_OF_FILE };
	long n;

	if (!stream->terminal || stream->number != 0)
		return 0;
	/* In the middle of a line the first ^D ends the line, and the second one the input (termios(3), VEOF). */
	n = fd_write_quietly(stream->fd, end, stream->in_line ? 2 : 1);
	return n < 0 ? (int)n : 0;
}

/* The descriptor that wakes a wait, or -errno. */
static int waker(struct cordon_stream *stream)
{
	int fd = atomic_load(&stream->wake_fd);

	if (fd >= 0)
		return fd;
	fd = (int)sys(__NR_eventfd2, 0, EFD_FLAGS);
	if (fd >= 0)
		atomic_store(&stream->wake_fd, fd);
	return fd;
}

int cordon_stream_wait(struct cordon_stream *stream)
{
	int wake_fd = waker(stream);
	struct pollfd fds[] = { { stream->fd, stream->number == 0 ? POLLOUT : POLLIN, 0 }, { wake_fd, POLLIN, 0 } };
	uint64_t count;
	bool woken;

	if (wake_fd < 0)
		return wake_fd;
	/* Checked after the descriptor was stored: a wake before that is seen here, a later one by poll(2). */
	woken = atomic_exchange(&stream->woken, false);
	if (!woken) {
		(void)poll(fds, ARRAY_LEN(fds), -1);
		woken = fds[1].revents != 0;
	}
	if (woken) {
		(void)sys(__NR_read, wake_fd, &count, sizeof count);
		atomic_store(&stream->woken, false);
	}
	return 0;
}

void cordon_stream_wake(struct cordon_stream *stream)
{
	uint64_t one = 1;
	int fd;

	atomic_store(&stream->woken, true);
	fd = atomic_load(&stream->wake_fd);
	if (fd >= 0)
		(void)sys(__NR_write, fd, &one, sizeof one);
}

int cordon_stream_fd(const struct cordon_stream *stream)
{
	return stream->fd;
}

int cordon_stream_resize(struct cordon_stream *stream, uint16_t rows, uint16_t columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return stream->terminal ? (int)sys(__NR_ioctl, stream->fd, TIOCSWINSZ, &size) : -ENOTTY;
}

void cordon_stream_free(struct cordon_stream *stream)
{
	int wake_fd;

	if (stream == NULL)
		return;
	wake_fd = atomic_load(&stream->wake_fd);
	fd_close(&wake_fd);
	fd_close(&stream->fd);
	live_release(stream->live);
	free(stream);
}
