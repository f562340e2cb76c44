/* SPDX-License-Identifier: Apache-2.0 */
/* A pinned task is unpinned when it makes a call that could show its set of CPUs or pass it on: each call of the table
 * that is stopped for that, and no other. Without libc's headers, because the module is written with the kernel's. */
#include "sched/supervisor.c"	/* its state is its own: NOLINT(bugprone-suspicious-include) */
#include "cordon/protocol.h"

#define NO_TASK INT32_MAX	/* above every pid: what is set for it changes nothing */

static int failures;

static void fail(long nr, const char *what)
{
	char text[96], number[24];

	failures++;
	(void)str_concat(text, sizeof text, u64_text(number, sizeof number, (uint64_t)nr), what, "\n");
	(void)sys(__NR_write, 2, text, str_len(text));
}

static bool unpins(long nr)
{
	pair.on = true;
	pair.tid = NO_TASK;
	pair.run = 0;
	pair.task_pinned = true;
	sched_supervisor_stopped(NO_TASK, nr);
	return !pair.task_pinned;
}

int main(void)
{
	int found = 0;

	for (long nr = 0; nr < CORDON_SUPERVISION_COUNTS; nr++) {
		const struct call *c = call_find(nr);
		bool reveals = c != NULL && (c->purposes & (CALL_CPU | CALL_BIRTH | CALL_EXEC)) != 0;

		if (unpins(nr) != reveals)
			fail(nr, reveals ? ": the task stays pinned for it" : ": the task is unpinned for it");
		found += reveals;
	}
	if (found < 6)
		fail(found, " calls reveal the set");
	return failures != 0;
}
