/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "error/error.h"
#include "host/memfd.h"
#include "host/pipe.h"
#include "reopen/reopen.h"

#define CHUNK 32768
#define READ_ROUNDS 32		/* per call, so that one stream cannot starve the other */
#define CAPACITY_FIRST 4096

void stream_init(struct stream *s)
{
	memset(s, 0, sizeof *s);
	s->child_fd = s->read_fd = s->forward_fd = -1;
}

/* Of the run's own: flags and locks are those of the open file. */
static int open_null(struct stream *s, const struct stream *all, int number, struct cordon_error *err)
{
	for (int i = 0; i < number; i++)
		if (all[i].kind == CORDON_STDIO_NULL) {
			s->child_fd = all[i].child_fd;
			s->borrowed = true;
			return 0;
		}
	s->child_fd = (int)sys(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);
	return s->child_fd < 0 ? error_set(err, -s->child_fd, CORDON_STEP_OPEN_FILE, number, "/dev/null") : 0;
}

static int take_given(struct stream *s, int fd, const struct given_set *given, int number)
{
	if (fd < 0)
		return fd;
	s->child_fd = fd;
	s->borrowed = true;
	s->relay = pumps_output(&given->pumps, number);
	return 0;
}

/* A sealed memfd: no thread is needed to fill a pipe, and the program cannot write to it. */
static int open_bytes(struct stream *s, const struct cordon_stdio *spec, struct cordon_error *err)
{
	int rc;

	s->child_fd = rc = memfd_begin("stdin");
	if (rc >= 0)
		rc = fd_write_full(s->child_fd, spec->data, spec->data_len);
	if (rc >= 0)
		rc = memfd_seal(s->child_fd);
	return rc < 0 ? error_set(err, -rc, CORDON_STEP_MEMFD, 0, NULL) : 0;
}

static int open_pipe(struct stream *s, const struct cordon_stdio *spec, int number, struct cordon_error *err)
{
	int fds[2], rc = pipe_open(0222, fds);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_PIPE, number, NULL);
	s->read_fd = fds[0];
	s->child_fd = fds[1];
	(void)sys(__NR_fcntl, s->read_fd, F_SETFL, O_NONBLOCK);	/* only for our end: each end has its own flags */
	s->limit = spec->limit_bytes;
	s->forward_fd = spec->kind == CORDON_STDIO_FORWARD ? spec->fd : -1;
	return 0;
}

static int open_live(struct stream *s, int number, struct live *live, struct cordon_error *err)
{
	int rc = live_pipe(live, number, &s->ours, &s->child_fd);

	return rc < 0 ? error_set(err, -rc, rc == -ENOMEM ? CORDON_STEP_MEMORY : CORDON_STEP_PIPE, number, NULL) : 0;
}

/* An ordinary user's program owns the terminal, whose mode is for others on the host. */
static void keep_mode(struct stream *s)
{
	int anew = reopen_private(s->child_fd, O_RDWR);

	if (anew < 0)
		return;
	fd_close(&s->child_fd);
	s->child_fd = anew;
}

int stream_open_terminal(struct stream s[3], struct live *live, bool foreign, struct cordon_error *err)
{
	int rc = live_terminal(live, &s[0].ours, &s[1].ours, &s[0].child_fd);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_TERMINAL, CORDON_NO_INDEX, "/dev/ptmx");
	if (!foreign)
		keep_mode(&s[0]);
	for (int i = 0; i < 3; i++) {
		s[i].kind = CORDON_STDIO_STREAM;
		s[i].child_fd = s[0].child_fd;
		s[i].borrowed = i > 0;
	}
	return 0;
}

int stream_open(struct stream *s, const struct cordon_stdio *spec, int number, const struct stream *all,
		struct live *live, struct given_set *given, struct cordon_error *err)
{
	s->kind = spec->kind;
	switch ((enum cordon_stdio_kind)spec->kind) {
	case CORDON_STDIO_NULL:
		return open_null(s, all, number, err);
	case CORDON_STDIO_FILE:
		return take_given(s, given_file(given, spec->path, number, err), given, number);
	case CORDON_STDIO_FD:
		return take_given(s, given_fd(given, spec->fd, number, err), given, number);
	case CORDON_STDIO_STDOUT:
		s->child_fd = all[1].child_fd;
		s->borrowed = true;
		return 0;
	case CORDON_STDIO_BYTES:
		return open_bytes(s, spec, err);
	case CORDON_STDIO_CAPTURE:
	case CORDON_STDIO_FORWARD:
		return open_pipe(s, spec, number, err);
	case CORDON_STDIO_STREAM:
		return open_live(s, number, live, err);
	}
	return error_set(err, EINVAL, CORDON_STEP_OPEN_FILE, number, NULL);
}

void stream_close_child(struct stream *s)
{
	if (s->borrowed)
		s->child_fd = -1;
	else
		fd_close(&s->child_fd);
}

/* Keeps what is within the limit. False if out of memory. */
static bool keep(struct stream *s, const unsigned char *data, size_t len)
{
	uint64_t room = s->limit - s->len;
	size_t n = (size_t)u64_min(len, room);

	if (n == 0)
		return true;
	if (n > s->capacity - s->len) {
		uint64_t capacity = u64_max(s->capacity * 2, u64_max(s->len + n, CAPACITY_FIRST));
		unsigned char *grown;

		capacity = u64_min(capacity, s->limit);
		grown = realloc(s->data, capacity);
		if (grown == NULL)
			return false;
		s->data = grown;
		s->capacity = capacity;
	}
	memcpy(s->data + s->len, data, n);
	s->len += n;
	return true;
}

/* If the reader is gone, the program is not stopped: the rest is discarded. */
static void forward(struct stream *s, const unsigned char *data, size_t len)
{
	len = (size_t)u64_min(len, s->limit - s->len);
	s->len += len;
	while (s->forward_fd >= 0 && len > 0) {
		long n = fd_write_quietly(s->forward_fd, data, len);

		if (n == -EAGAIN) {
			struct pollfd p = { s->forward_fd, POLLOUT, 0 };

			(void)poll(&p, 1, -1);
		} else if (n < 0 && n != -EINTR) {
			s->forward_fd = -1;
		} else if (n > 0) {
			data += n;
			len -= (size_t)n;
		}
	}
}

int stream_read(struct stream *s)
{
	unsigned char chunk[CHUNK];

	for (int i = 0; i < READ_ROUNDS && s->read_fd >= 0; i++) {
		long n = sys(__NR_read, s->read_fd, chunk, sizeof chunk);

		if (n == -EINTR)
			continue;
		if (n == -EAGAIN)
			return 1;
		if (n <= 0) {
			fd_close(&s->read_fd);
			break;
		}
		s->total += (uint64_t)n;
		if (s->kind == CORDON_STDIO_FORWARD)
			forward(s, chunk, (size_t)n);
		else if (!keep(s, chunk, (size_t)n))
			return -ENOMEM;
	}
	return s->read_fd >= 0;
}

int stream_drain(struct stream *s)
{
	uint64_t before;
	int rc;

	if (s->read_fd < 0)
		return 0;
	do {
		before = s->total;
		rc = stream_read(s);
	} while (rc == 1 && s->total != before);
	return rc < 0 ? rc : 0;
}

void stream_output(const struct stream *s, struct cordon_output *ret)
{
	*ret = (struct cordon_output){
		.data = s->kind == CORDON_STDIO_CAPTURE ? (s->data != NULL ? s->data : (const void *)"") : NULL,
		.len = s->kind == CORDON_STDIO_CAPTURE ? s->len : 0,
		.total = s->relay == NULL ? s->total : 0,	/* a file has what the program has written */
		.truncated = (s->kind == CORDON_STDIO_CAPTURE || s->kind == CORDON_STDIO_FORWARD) && s->total > s->len,
	};
}

void stream_done(struct stream *s)
{
	stream_close_child(s);
	fd_close(&s->read_fd);
	cordon_stream_free(s->ours);
	s->ours = NULL;
	free(s->data);
	s->data = NULL;
}
