/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_output.h"

#include "base/base.h"
#include "host/live.h"
#include "host/stream.h"

/* Limits a forwarded stream to the limit of both streams together; the stream that is read next gets all that is
 * left. */
static void limit_forward(struct cordon_run *run, int number)
{
	struct stream *s = &run->streams[number];
	uint64_t other = run->streams[number == 1 ? 2 : 1].total, all = run->limits.output_total_bytes;

	if (s->kind == CORDON_STDIO_FORWARD)
		s->limit = u64_max(s->len, u64_min(run->limits.output_bytes, all - u64_min(other, all)));
}

bool run_output_over(struct cordon_run *run)
{
	uint64_t out, err;

	for (int i = 1; i < (int)ARRAY_LEN(run->streams); i++)
		if (run->streams[i].kind == CORDON_STDIO_STREAM)
			run->streams[i].total = live_total(run->live, i);
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
	return run->overflow != CORDON_CAUSE_NONE;
}

int run_output_read(struct cordon_run *run, int number)
{
	limit_forward(run, number);
	return stream_read(&run->streams[number]);
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
	for (int i = 1; i < (int)ARRAY_LEN(run->streams); i++) {
		int rc;

		limit_forward(run, i);
		rc = stream_drain(&run->streams[i]);
		if (rc < 0)
			return rc;
	}
	(void)run_output_over(run);	/* the program may have ended before its output was read */
	return 0;
}
