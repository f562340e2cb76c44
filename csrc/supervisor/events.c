/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/events.h"

#include "base/base.h"

static bool same_event(const struct cordon_event *a, const struct cordon_event *b)
{
	if (a->kind != b->kind || a->syscall != b->syscall || a->err != b->err || a->path_len != b->path_len)
		return false;
	for (uint32_t i = 0; i < a->path_len; i++)
		if (a->path[i] != b->path[i])
			return false;
	return true;
}

/* init reads the events when the program has ended, and the supervisor may still be running then: a slot is complete
 * before it is counted. */
void supervisor_event(struct supervisor *sv, enum cordon_event_kind kind, const struct stop *s, int32_t err,
		      const char *path)
{
	struct cordon_event e = {
		.kind = (uint32_t)kind, .syscall = (int32_t)s->nr, .err = err, .pid = s->tid, .ip = s->ip,
		.arch = s->arch,
	};
	uint32_t n = sv->nevents;

	e.path_len = path != NULL ? (uint32_t)u64_min(str_len(path), sizeof e.path) : 0;
	bytes_copy(e.path, path, e.path_len);
	bytes_copy(e.args, s->args, sizeof e.args);
	sv->events_total++;
	if (n > 0 && same_event(&sv->events[n - 1], &e))
		return;
	e.time_ns = clock_ns();
	if (n == CORDON_EVENTS_MAX)
		n--;
	bytes_copy(&sv->events[n], &e, sizeof e);
	__atomic_store_n(&sv->nevents, n + 1, __ATOMIC_RELEASE);
}

bool supervisor_counts(const struct supervisor *sv)
{
	return (sv->flags & CORDON_SUPERVISOR_RECORD) != 0 || sv->ncalls > 0;
}
