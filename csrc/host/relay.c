/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "host/pipe.h"

#define BUFFER_BYTES 65536 /* a pipe's own size: one read empties it */
#define DRAIN_ROUNDS 64	   /* a bound in case something outside the sandboxes writes into the pipe */

struct relay {
	int in_fd, out_fd; /* our ends, non-blocking; -1 = closed */
	bool proxy, over;
	size_t start, len;     /* of what is in buffer */
	unsigned char *record; /* NULL = none */
	uint64_t record_max, limit, total, dropped;
	unsigned char buffer[BUFFER_BYTES];
};

/* ---- opening ---- */

static int open_pipes(struct relay *r, int ret_ends[2])
{
	int fds[2], rc = pipe_open(0222, fds);

	if (rc < 0)
		return rc;
	r->in_fd = fds[0];
	ret_ends[0] = fds[1];
	rc = pipe_open(0444, fds);
	if (rc < 0) {
		fd_close(&ret_ends[0]);
		return rc;
	}
	ret_ends[1] = fds[0];
	r->out_fd = fds[1];
	/* Of our ends only: each end has flags of its own. */
	(void)sys(__NR_fcntl, r->in_fd, F_SETFL, O_NONBLOCK);
	(void)sys(__NR_fcntl, r->out_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

int relay_open(const struct cordon_pipe *pipe, struct relay **ret, int ret_ends[2])
{
	struct relay *r = calloc(1, sizeof *r);
	int rc = -ENOMEM;

	if (r == NULL)
		return rc;
	r->in_fd = r->out_fd = -1;
	r->proxy = (pipe->flags & CORDON_PIPE_PROXY) != 0;
	r->limit = pipe->limit_bytes;
	r->record_max = pipe->record_bytes;
	if (r->record_max > 0)
		r->record = malloc(r->record_max);
	if (r->record_max == 0 || r->record != NULL)
		rc = open_pipes(r, ret_ends);
	if (rc < 0) {
		relay_free(r);
		return rc;
	}
	*ret = r;
	return 0;
}

/* ---- forwarding ---- */

static void drop(struct relay *r)
{
	r->dropped += r->len;
	r->len = 0;
}

/* Counts and keeps n bytes that were read; what is over the limit stays behind. */
static void take(struct relay *r, size_t n)
{
	size_t passed = (size_t)u64_min(n, r->limit - r->total);

	if (r->total < r->record_max)
		memcpy(r->record + r->total, r->buffer, (size_t)u64_min(passed, r->record_max - r->total));
	r->total += n;
	r->dropped += n - passed;
	r->start = 0;
	r->len = passed;
	if (passed < n) {
		r->over = true;
		fd_close(&r->in_fd); /* so that total is never read past the limit again */
	}
}

/* Reads into the empty buffer, once. False where nothing came. */
static bool fill(struct relay *r)
{
	long n = sys(__NR_read, r->in_fd, r->buffer, sizeof r->buffer);

	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n <= 0) {
		fd_close(&r->in_fd);
		return false;
	}
	take(r, (size_t)n);
	return true;
}

/* Nobody reads any more. What the writer had said by then is in its pipe, and belongs to the record. */
static void reader_gone(struct relay *r)
{
	fd_close(&r->out_fd);
	drop(r);
	if (r->in_fd >= 0)
		(void)fill(r);
	drop(r);
	if (!r->proxy)
		fd_close(&r->in_fd);
}

static void flush(struct relay *r)
{
	long n = fd_write_quietly(r->out_fd, r->buffer + r->start, r->len);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n < 0) {
		reader_gone(r);
		return;
	}
	r->start += (size_t)n;
	r->len -= (size_t)n;
}

/* ---- the owner's loop ---- */

/* An end that is asked for nothing would still tell its hang-up again and again, so it is left out. */
void relay_watch(const struct relay *r, struct pollfd fds[2])
{
	fds[0] = (struct pollfd){ r->len == 0 ? r->in_fd : -1, POLLIN, 0 };
	fds[1] = (struct pollfd){ r->out_fd, r->len > 0 ? POLLOUT : 0, 0 }; /* POLLERR, no reader, comes unasked */
}

void relay_step(struct relay *r, const struct pollfd fds[2])
{
	if ((fds[1].revents & POLLERR) != 0) {
		reader_gone(r);
		return;
	}
	if (fds[0].revents != 0)
		(void)fill(r);
	if (r->out_fd < 0)
		drop(r);
	else if (r->len > 0)
		flush(r);
	if (r->len == 0 && r->in_fd < 0)
		fd_close(&r->out_fd);
}

void relay_finish(struct relay *r)
{
	fd_close(&r->out_fd);
	drop(r);
	for (int i = 0; i < DRAIN_ROUNDS && r->in_fd >= 0 && fill(r); i++)
		drop(r);
	drop(r);
	fd_close(&r->in_fd);
}

bool relay_is_over(const struct relay *r)
{
	return r->over;
}

void relay_traffic(const struct relay *r, struct cordon_traffic *ret)
{
	*ret = (struct cordon_traffic){
		.data = r->record,
		.len = u64_min(u64_min(r->total, r->limit), r->record_max),
		.total = r->total,
		.dropped = r->dropped,
	};
}

void relay_free(struct relay *r)
{
	if (r == NULL)
		return;
	fd_close(&r->in_fd);
	fd_close(&r->out_fd);
	free(r->record);
	free(r);
}
