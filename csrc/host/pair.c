/* SPDX-License-Identifier: Apache-2.0 */
/* pair: two runs connected by pipes, with or without the host in between.
 *
 * Theory of operation. Without a record there are two pipes, and the kernel does everything. With a record there are
 * four: each direction is writer -> pipe -> host -> pipe -> reader, and cordon_pair_wait moves the bytes in the same
 * ppoll(2) that drives the runs. A direction is in one of three states:
 *   in_fd open, buffer empty    waits for bytes, and for the end of the reader (fill, sink_gone)
 *   buffer not empty            waits until the reader's pipe takes them; the writer's pipe fills up, and the writer
 *                               waits as with one pipe (flush)
 *   both descriptors closed     the end of the writer or of the reader was passed on
 * I1  The host never blocks in reads or writes, and each direction holds at most one buffer. So neither program can
 *     block the other one, or the runs' limits.
 * I2  The end of one side is passed on to the other at once, as with a single pipe: the reader's by closing in_fd, the
 *     writer's by closing out_fd after the last byte.
 * See pipe(7), poll(2). */
#define _GNU_SOURCE
#include "cordon/pair.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/base.h"
#include "error/error.h"
#include "host/run_state.h"

#define BUFFER_BYTES 65536	/* the size of a pipe: one read empties it */
#define DRAIN_ROUNDS 64		/* an upper bound, in case a process outside the sandboxes writes into the pipe */

struct direction {
	int in_fd, out_fd;		/* our ends, non-blocking; -1 = closed, or no record */
	size_t start, len;		/* of what is in buffer */
	unsigned char *record;		/* NULL = none */
	uint64_t record_max, total;
	unsigned char buffer[BUFFER_BYTES];
};

struct cordon_pair {
	int fds[4];			/* enum cordon_pair_fd: the programs' ends */
	struct direction directions[2];
};

/* ---- opening ---- */

/* mode: the permissions with which the programs, which have other uids, may open the pipe again by /dev/stdin and
 * /dev/stdout; other processes cannot reach it. */
static int open_pipe(uint32_t mode, int ret_fds[2])
{
	long rc = sys(__NR_pipe2, ret_fds, O_CLOEXEC);

	if (rc >= 0)
		(void)sys(__NR_fchmod, ret_fds[0], mode);	/* if refused, such an open fails */
	return (int)rc;
}

static int open_plain(int *write_end, int *read_end)
{
	int fds[2], rc = open_pipe(0666, fds);

	if (rc < 0)
		return rc;
	*read_end = fds[0];
	*write_end = fds[1];
	return 0;
}

static int open_recorded(struct direction *d, uint64_t record_bytes, int *write_end, int *read_end)
{
	int fds[2], rc;

	d->record_max = record_bytes;
	d->record = malloc(record_bytes);
	if (d->record == NULL)
		return -ENOMEM;
	rc = open_pipe(0222, fds);
	if (rc < 0)
		return rc;
	d->in_fd = fds[0];
	*write_end = fds[1];
	rc = open_pipe(0444, fds);
	if (rc < 0)
		return rc;
	*read_end = fds[0];
	d->out_fd = fds[1];
	/* Only for our ends: each end has its own flags. */
	(void)sys(__NR_fcntl, d->in_fd, F_SETFL, O_NONBLOCK);
	(void)sys(__NR_fcntl, d->out_fd, F_SETFL, O_NONBLOCK);
	return 0;
}

static int open_direction(struct cordon_pair *pair, int i, uint64_t record_bytes)
{
	int *write_end = &pair->fds[i == CORDON_PAIR_A_TO_B ? CORDON_PAIR_A_STDOUT : CORDON_PAIR_B_STDOUT];
	int *read_end = &pair->fds[i == CORDON_PAIR_A_TO_B ? CORDON_PAIR_B_STDIN : CORDON_PAIR_A_STDIN];

	return record_bytes == 0 ? open_plain(write_end, read_end)
				 : open_recorded(&pair->directions[i], record_bytes, write_end, read_end);
}

int cordon_pair_open(uint64_t record_bytes, struct cordon_pair **ret_pair, int ret_fds[4], struct cordon_error *err)
{
	struct cordon_pair *pair = calloc(1, sizeof *pair);
	int rc = 0;

	if (pair == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	for (int i = 0; i < 4; i++)
		pair->fds[i] = -1;
	for (int i = 0; i < 2; i++)
		pair->directions[i].in_fd = pair->directions[i].out_fd = -1;
	for (int i = 0; i < 2 && rc >= 0; i++)
		rc = open_direction(pair, i, record_bytes);
	if (rc < 0) {
		cordon_pair_free(pair);
		return error_set(err, -rc, rc == -ENOMEM ? CORDON_STEP_MEMORY : CORDON_STEP_PIPE, CORDON_NO_INDEX, NULL);
	}
	memcpy(ret_fds, pair->fds, sizeof pair->fds);
	*ret_pair = pair;
	return 0;
}

void cordon_pair_started(struct cordon_pair *pair)
{
	for (int i = 0; i < 4; i++)
		fd_close(&pair->fds[i]);
}

/* ---- forwarding ---- */

/* Reads once into the empty buffer. False if there was nothing. */
static bool fill(struct direction *d)
{
	long n = sys(__NR_read, d->in_fd, d->buffer, sizeof d->buffer);

	if (n == -EAGAIN || n == -EINTR)
		return false;
	if (n <= 0) {
		fd_close(&d->in_fd);
		return false;
	}
	if (d->total < d->record_max)
		memcpy(d->record + d->total, d->buffer, (size_t)u64_min((uint64_t)n, d->record_max - d->total));
	d->total += (uint64_t)n;
	d->start = 0;
	d->len = (size_t)n;
	return true;
}

/* The reader is gone. The bytes that the writer had written are in its pipe, and belong to the record. */
static void sink_gone(struct direction *d)
{
	fd_close(&d->out_fd);
	if (d->in_fd >= 0)
		(void)fill(d);
	d->len = 0;
	fd_close(&d->in_fd);
}

static void flush(struct direction *d)
{
	long n = fd_write_quietly(d->out_fd, d->buffer + d->start, d->len);

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n < 0) {
		sink_gone(d);
		return;
	}
	d->start += (size_t)n;
	d->len -= (size_t)n;
}

static void direction_step(struct direction *d, const struct pollfd *in, const struct pollfd *out)
{
	if ((out->revents & POLLERR) != 0) {
		sink_gone(d);
		return;
	}
	if (in->revents != 0)
		(void)fill(d);
	if (d->len > 0)
		flush(d);
	if (d->len == 0 && d->in_fd < 0)
		fd_close(&d->out_fd);
}

/* An end without events would still report its hang-up again and again, so it is left out. */
static void direction_watch(const struct direction *d, struct pollfd *in, struct pollfd *out)
{
	*in = (struct pollfd){ d->len == 0 ? d->in_fd : -1, POLLIN, 0 };
	*out = (struct pollfd){ d->out_fd, d->len > 0 ? POLLOUT : 0, 0 };	/* POLLERR (no reader) is always
										   reported */
}

/* Both runs are done, so there is no writer; bytes that were not read belong to the record. */
static void direction_finish(struct direction *d)
{
	fd_close(&d->out_fd);
	for (int i = 0; i < DRAIN_ROUNDS && d->in_fd >= 0 && fill(d); i++)
		;
	d->len = 0;
	fd_close(&d->in_fd);
}

/* ---- the two runs ---- */

struct drive {
	struct cordon_run *runs[2];
	bool ready[2], done[2];
	int first;		/* the run that was done first, or -1 */
};

static void run_done(struct drive *drive, int i)
{
	drive->done[i] = true;
	if (drive->first < 0)
		drive->first = i;
}

/* Steps the runs that are ready or whose deadline has come; returns the ns until the next deadline, or UINT64_MAX. */
static uint64_t drive_step(struct drive *drive)
{
	uint64_t nearest_ns = UINT64_MAX;

	for (int i = 0; i < 2; i++) {
		struct cordon_run *run = drive->runs[i];
		enum cordon_run_state state;

		if (drive->done[i])
			continue;
		if (drive->ready[i] || cordon_run_timeout_ns(run) == 0) {
			state = cordon_run_step(run);
			if (state == CORDON_RUN_SYNC)
				cordon_run_release(run, 0);
			while (cordon_run_question(run) != NULL)	/* questions cannot be answered here */
				cordon_run_answer(run, CORDON_DECISION_ERRNO, EPERM);
			if (state == CORDON_RUN_DONE) {
				run_done(drive, i);
				continue;
			}
		}
		nearest_ns = u64_min(nearest_ns, (uint64_t)cordon_run_timeout_ns(run));	/* -1 (never) becomes the
											   largest value */
	}
	return nearest_ns;
}

static void wait_events(struct cordon_pair *pair, struct drive *drive, uint64_t timeout_ns)
{
	struct timespec timeout = { (time_t)(timeout_ns / NSEC_PER_SEC), (long)(timeout_ns % NSEC_PER_SEC) };
	struct pollfd fds[6];

	for (int i = 0; i < 2; i++) {
		fds[i] = (struct pollfd){ drive->done[i] ? -1 : cordon_run_fd(drive->runs[i]), POLLIN, 0 };
		direction_watch(&pair->directions[i], &fds[2 + 2 * i], &fds[3 + 2 * i]);
	}
	/* EINTR (a signal of the JVM) leaves revents zero: an early wake-up. */
	(void)sys(__NR_ppoll, fds, ARRAY_LEN(fds), timeout_ns == UINT64_MAX ? NULL : &timeout, NULL, 0);
	for (int i = 0; i < 2; i++) {
		drive->ready[i] = fds[i].revents != 0;
		direction_step(&pair->directions[i], &fds[2 + 2 * i], &fds[3 + 2 * i]);
	}
}

/* When the program ended, by init's clock; 0 if that is unknown. */
static uint64_t end_ns(const struct cordon_run *run)
{
	return run->finished ? run->facts.start_ns + run->facts.wall_time_ns : 0;
}

int cordon_pair_wait(struct cordon_pair *pair, struct cordon_run *a, struct cordon_run *b)
{
	struct drive drive = { .runs = { a, b }, .ready = { true, true }, .first = -1 };

	cordon_pair_started(pair);
	for (;;) {
		uint64_t timeout_ns = drive_step(&drive);

		if (drive.done[0] && drive.done[1])
			break;
		wait_events(pair, &drive, timeout_ns);
	}
	for (int i = 0; i < 2; i++)
		direction_finish(&pair->directions[i]);
	/* Ending a sandbox may take longer than the other program needs to react to the end of the first. */
	if (end_ns(a) != 0 && end_ns(b) != 0 && end_ns(a) != end_ns(b))
		return end_ns(a) < end_ns(b) ? 0 : 1;
	return drive.first;
}

void cordon_pair_record(const struct cordon_pair *pair, int direction, const void **ret_data, uint64_t *ret_len,
			uint64_t *ret_total)
{
	const struct direction *d = &pair->directions[direction == CORDON_PAIR_A_TO_B ? 0 : 1];

	*ret_data = d->record;
	*ret_len = u64_min(d->total, d->record_max);
	*ret_total = d->total;
}

void cordon_pair_free(struct cordon_pair *pair)
{
	if (pair == NULL)
		return;
	cordon_pair_started(pair);
	for (int i = 0; i < 2; i++) {
		fd_close(&pair->directions[i].in_fd);
		fd_close(&pair->directions[i].out_fd);
		free(pair->directions[i].record);
	}
	free(pair);
}
