/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/base.h"
#include "host/pipe.h"

#define BUFFER_BYTES 65536 /* a pipe's own size: one read empties it */
#define PAGE_BYTES 4096
#define DRAIN_ROUNDS 64	   /* a bound in case something outside the sandboxes writes into the pipe */

struct relay {
	struct relay_end in, out; /* fd -1 = closed */
	bool proxy, over;
	int failure; /* of a write, if it was not the reader's leaving */
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
	r->in = (struct relay_end){ fds[0], RELAY_PIPE };
	ret_ends[0] = fds[1];
	rc = pipe_open(0444, fds);
	if (rc < 0) {
		fd_close(&ret_ends[0]);
		return rc;
	}
	ret_ends[1] = fds[0];
	r->out = (struct relay_end){ fds[1], RELAY_PIPE };
	/* Of our ends only: each end has flags of its own. */
	(void)sys(__NR_fcntl, r->in.fd, F_SETFL, O_NONBLOCK);
	(void)sys(__NR_fcntl, r->out.fd, F_SETFL, O_NONBLOCK);
	return 0;
}

int relay_open(const struct cordon_pipe *pipe, struct relay **ret, int ret_ends[2])
{
	struct relay *r = calloc(1, sizeof *r);
	int rc = -ENOMEM;

	if (r == NULL)
		return rc;
	r->in.fd = r->out.fd = -1;
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

int relay_join(struct relay_end in, struct relay_end out, uint64_t limit, struct relay **ret)
{
	struct relay *r = calloc(1, sizeof *r);

	if (r == NULL) {
		fd_close(&in.fd);
		fd_close(&out.fd);
		return -ENOMEM;
	}
	r->in = in;
	r->out = out;
	r->limit = limit;
	*ret = r;
	return 0;
}

/* ---- the two sides ---- */

static bool is_socket(enum relay_end_kind kind)
{
	return kind == RELAY_PAIR || kind == RELAY_SOCKET;
}

/* A copy of our end keeps the pair open, so the end of one direction has to be said. */
static void close_end(struct relay_end *end, int how)
{
	if (end->fd >= 0 && end->kind == RELAY_PAIR)
		(void)sys(__NR_shutdown, end->fd, how);
	fd_close(&end->fd);
}

static void close_in(struct relay *r)
{
	close_end(&r->in, SHUT_RD);
}

static void close_out(struct relay *r)
{
	close_end(&r->out, SHUT_WR);
}

static long read_end(const struct relay_end *end, void *data, size_t len)
{
	return is_socket(end->kind) ? sys(__NR_recvfrom, end->fd, data, len, MSG_DONTWAIT, NULL, NULL)
				    : sys(__NR_read, end->fd, data, len);
}

/* To read nothing is the end of a stream, but an empty datagram is not. */
static bool is_datagram(const struct relay_end *end)
{
	int type = 0;
	uint32_t size = sizeof type;

	return is_socket(end->kind) && sys(__NR_getsockopt, end->fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	       type == SOCK_DGRAM;
}

/* Where poll(2) sees room in a pipe there is room for a page. */
static long write_end(const struct relay_end *end, const void *data, size_t len)
{
	if (is_socket(end->kind))
		return sys(__NR_sendto, end->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	return fd_write_quietly(end->fd, data, end->kind == RELAY_SHARED ? (size_t)u64_min(len, PAGE_BYTES) : len);
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
		close_in(r); /* so that total is never read past the limit again */
	}
}

/* Reads into the empty buffer, once. False where nothing came. */
static bool fill(struct relay *r)
{
	long n = read_end(&r->in, r->buffer, sizeof r->buffer);

	if (n == -EAGAIN || n == -EINTR || (n == 0 && is_datagram(&r->in)))
		return false;
	if (n <= 0) {
		close_in(r);
		return false;
	}
	take(r, (size_t)n);
	return true;
}

/* Nobody reads any more. What the writer had said by then is in its pipe, and belongs to the record. */
static void reader_gone(struct relay *r)
{
	close_out(r);
	drop(r);
	if (r->in.fd >= 0)
		(void)fill(r);
	drop(r);
	if (!r->proxy)
		close_in(r);
}

static void flush(struct relay *r)
{
	do {
		long n = write_end(&r->out, r->buffer + r->start, r->len);

		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n < 0) {
			r->failure = n == -EPIPE ? 0 : (int)n;
			reader_gone(r);
			return;
		}
		r->start += (size_t)n;
		r->len -= (size_t)n;
	} while (r->len > 0 && r->out.kind == RELAY_READY);
}

/* ---- the owner's loop ---- */

/* An end that is asked for nothing would still tell its hang-up again and again, so it is left out. One that is always
 * ready is not asked: the other one is, also while there is nothing to write. */
void relay_watch(const struct relay *r, struct pollfd fds[2])
{
	bool supply = r->len > 0 || (r->in.kind == RELAY_READY && r->in.fd >= 0);

	fds[0] = (struct pollfd){ r->len == 0 && r->in.kind != RELAY_READY ? r->in.fd : -1, POLLIN, 0 };
	/* POLLERR and POLLHUP, no reader, come unasked. */
	fds[1] = (struct pollfd){ r->out.kind != RELAY_READY ? r->out.fd : -1, supply ? POLLOUT : 0, 0 };
}

void relay_step(struct relay *r, const struct pollfd fds[2])
{
	if ((fds[1].revents & (POLLERR | POLLHUP)) != 0) {
		reader_gone(r);
		return;
	}
	if (fds[0].revents != 0 || (r->len == 0 && r->in.fd >= 0 && r->in.kind == RELAY_READY && fds[1].revents != 0))
		(void)fill(r);
	if (r->out.fd < 0)
		drop(r);
	else if (r->len > 0)
		flush(r);
	if (r->len == 0 && r->in.fd < 0)
		close_out(r);
}

/* Waits until there is room for what is in the buffer; false when the time is over. */
static bool wait_for_room(const struct relay *r, uint64_t until_ns)
{
	struct pollfd p = { r->out.fd, POLLOUT, 0 };
	uint64_t now = clock_ns();

	return now < until_ns && poll(&p, 1, (int)((until_ns - now) / NSEC_PER_MSEC) + 1) != 0;
}

void relay_settle(struct relay *r, uint64_t most_ns)
{
	uint64_t until_ns = clock_ns() + most_ns;

	while (r->out.fd >= 0 && (r->len > 0 || (r->in.fd >= 0 && fill(r)))) {
		flush(r);
		if (r->len > 0 && !wait_for_room(r, until_ns))
			break;
	}
}

void relay_limit(struct relay *r, uint64_t limit)
{
	r->limit = u64_max(limit, r->total);
}

uint64_t relay_total(const struct relay *r)
{
	return r->total;
}

int relay_failure(const struct relay *r)
{
	return r->failure;
}

void relay_finish(struct relay *r)
{
	close_out(r);
	drop(r);
	for (int i = 0; i < DRAIN_ROUNDS && r->in.fd >= 0 && fill(r); i++)
		drop(r);
	drop(r);
	close_in(r);
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
	close_in(r);
	close_out(r);
	free(r->record);
	free(r);
}
