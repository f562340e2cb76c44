/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/process.h"

#include <linux/prctl.h>
#include <linux/signal.h>
#include "base/base.h"
#include "supervisor/privilege.h"

/* A supervisor that still has privileges it should have dropped must not serve the program. */
static _Noreturn void fail(struct supervisor *sv, long rc)
{
	__atomic_store_n(&sv->failure, (int32_t)-rc, __ATOMIC_RELEASE);
	for (;;)
		sys(__NR_exit_group, 1);
}

static void check(struct supervisor *sv, long rc)
{
	if (rc < 0)
		fail(sv, rc);
}

/* The next descriptor to keep, >= from, or -1. */
static int next_kept(const int *keep, uint32_t nkeep, int from)
{
	int next = -1;

	for (uint32_t i = 0; i < nkeep; i++)
		if (keep[i] >= from && (next < 0 || keep[i] < next))
			next = keep[i];
	return next;
}

static void close_others(struct supervisor *sv, const int *keep, uint32_t nkeep)
{
	int from = 0, next;

	for (; (next = next_kept(keep, nkeep, from)) >= 0; from = next + 1)
		if (next > from)
			check(sv, sys(__NR_close_range, from, next - 1, 0));
	check(sv, sys(__NR_close_range, from, ~0U, 0));
}

void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep)
{
	close_others(sv, keep, nkeep);
	/* No new session: init's has no terminal, and making one costs milliseconds if each session gets a scheduling
	 * group (sched(7), autogroup). */
	check(sv, privilege_drop(sv));
	check(sv, sys(__NR_fchdir, supervisor_proc_fd(sv)));	/* see carrying_place.link */
	(void)sys(__NR_umask, 0);
	(void)sys(__NR_prctl, PR_SET_NAME, "cordon-super", 0, 0, 0);	/* for people only */
}

/* kill(-1) skips its caller and pid 1. If init is not pid 1, it would reach all processes of the user. */
void supervisor_kill(struct supervisor *sv)
{
	uint64_t one = 1;

	sv->violation = (int32_t)sv->nevents - 1;
	__atomic_store_n(&sv->killed, 1, __ATOMIC_RELEASE);
	(void)sys(__NR_write, supervisor_wake_fd(sv), &one, sizeof one);
	if (!sv->own_tree && sys(__NR_getppid) == 1) {
		(void)sys(__NR_kill, -1, SIGKILL);
		return;
	}
	for (;;)	/* kills the tracees; under notify init sees the end */
		sys(__NR_exit_group, 1);
}

void supervisor_finish(struct supervisor *sv)
{
	__atomic_store_n(&sv->state, SUPERVISOR_DONE, __ATOMIC_RELEASE);
	for (;;)
		sys(__NR_exit_group, 0);
}
