/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_output.h"

#include "base/base.h"
#include "error/error.h"
#include "host/live.h"
#include "host/stream.h"

/* What stream number may pass on: the limit of both streams together leaves the stream that is read next all that is
 * left. */
static uint64_t room_for(const struct cordon_run *run, int number)
{
	uint64_t other = run->streams[number == 1 ? 2 : 1].total, all = run->limits.output_total_bytes;

	return u64_min(run->limits.output_bytes, all - u64_min(other, all));
}

static void limit_stream(struct cordon_run *run, int number)
{
	struct stream *s = &run->streams[number];

	if (s->kind == CORDON_STDIO_FORWARD)
		s->limit = u64_max(s->len, room_for(run, number));
	if (s->relay != NULL)
		relay_limit(s->relay, room_for(run, number));
}

static void count_streams(struct cordon_run *run)
{
	for (int i = 1; i < (int)ARRAY_LEN(run->streams); i++) {
		struct stream *s = &run->streams[i];

		if (s->kind == CORDON_STDIO_STREAM)
			s->total = live_total(run->live, i);
		else if (s->relay != NULL)
			s->total = relay_total(s->relay);
	}
}

/* Whether the program has written too much by one of its further descriptors. */
static bool is_further_over(const struct cordon_run *run)
{
	const struct pumps *p = &run->given.pumps;

	for (uint32_t i = 0; i < p->n; i++)
		if (p->all[i].output && p->all[i].number != 1 && p->all[i].number != 2 &&
		    run_is_over(relay_total(p->all[i].relay), run->limits.output_bytes))
			return true;
	return false;
}

bool run_output_over(struct cordon_run *run)
{
	uint64_t out, err;

	count_streams(run);
	out = run->streams[1].total;
	err = run->streams[2].total;
	if (run->overflow != CORDON_CAUSE_NONE)
		return false;
	if (run_is_over(out, run->limits.output_bytes))
		run->overflow = CORDON_CAUSE_STDOUT;
	else if (run_is_over(err, run->limits.output_bytes))
		run->overflow = CORDON_CAUSE_STDERR;
	else if (run_is_over(out + err, run->limits.output_total_bytes))
		run->overflow = CORDON_CAUSE_OUTPUT_TOTAL;
	else if (is_further_over(run))
		run->overflow = CORDON_CAUSE_FILE;
	return run->overflow != CORDON_CAUSE_NONE;
}

int run_output_read(struct cordon_run *run, int number)
{
	limit_stream(run, number);
	return stream_read(&run->streams[number]);
}

/* The relays of both streams share a limit, so each has what is left before it is read. */
static void limit_pump(struct cordon_run *run, const struct pump *pump)
{
	if (!pump->output)
		return;
	count_streams(run);
	if (pump->number == 1 || pump->number == 2)
		limit_stream(run, pump->number);
	else
		relay_limit(pump->relay, run->limits.output_bytes);
}

static void note_failures(struct cordon_run *run)
{
	const struct pumps *p = &run->given.pumps;

	for (uint32_t i = 0; i < p->n; i++) {
		int rc = p->all[i].output ? relay_failure(p->all[i].relay) : 0;

		if (rc < 0 && run->error.step == CORDON_STEP_NONE)
			error_set(&run->error, -rc, CORDON_STEP_OPEN_FILE, p->all[i].number, "write");
	}
}

void run_output_pump(struct cordon_run *run)
{
	struct pumps *p = &run->given.pumps;

	for (uint32_t i = 0; i < p->n; i++) {
		limit_pump(run, &p->all[i]);
		pumps_move(p, i);
	}
	pumps_wait(p);
	note_failures(run);
}

struct cordon_stream *cordon_run_stream(struct cordon_run *run, int number)
{
	struct cordon_stream *ours;

	if (number < 0 || number >= (int)ARRAY_LEN(run->streams))
		return NULL;
	ours = run->streams[number].ours;
	run->streams[number].ours = NULL;
	return ours;
}

int run_output_rest(struct cordon_run *run)
{
	struct pumps *p = &run->given.pumps;

	for (int i = 1; i < (int)ARRAY_LEN(run->streams); i++) {
		int rc;

		limit_stream(run, i);
		rc = stream_drain(&run->streams[i]);
		if (rc < 0)
			return rc;
	}
	for (uint32_t i = 0; i < p->n; i++) {
		limit_pump(run, &p->all[i]);
		pumps_finish(p, i);
	}
	note_failures(run);
	(void)run_output_over(run);	/* the program may have ended before its output was read */
	return 0;
}
