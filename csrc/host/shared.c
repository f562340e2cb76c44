/* SPDX-License-Identifier: Apache-2.0 */
#include "host/shared.h"

#include <errno.h>
#include <linux/futex.h>
#include "base/base.h"
#include "error/error.h"

/* libpthread, with its mutexes, is not linked. The three states are those of U. Drepper, "Futexes Are Tricky". */
enum lock_state {
	LOCK_FREE,
	LOCK_HELD,
	LOCK_AWAITED,
};

void shared_enter(struct shared *shared)
{
	uint32_t state = LOCK_FREE;

	if (atomic_compare_exchange_strong(&shared->lock, &state, LOCK_HELD))
		return;
	while (atomic_exchange(&shared->lock, LOCK_AWAITED) != LOCK_FREE)
		(void)sys(__NR_futex, &shared->lock, FUTEX_WAIT_PRIVATE, LOCK_AWAITED, NULL, NULL, 0);
}

void shared_leave(struct shared *shared)
{
	if (atomic_exchange(&shared->lock, LOCK_FREE) == LOCK_AWAITED)
		(void)sys(__NR_futex, &shared->lock, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void flag_enter(struct shared *shared)
{
	while (atomic_flag_test_and_set(&shared->flag))
		(void)sys(__NR_sched_yield);
}

static void flag_leave(struct shared *shared)
{
	atomic_flag_clear(&shared->flag);
}

int shared_run_begins(struct shared *shared, struct cordon_error *err)
{
	bool closed, resetting;

	flag_enter(shared);
	closed = shared->closed;
	resetting = shared->resetting;
	if (!closed && !resetting)
		shared->nruns++;
	flag_leave(shared);
	if (closed)
		return error_set(err, ECONNRESET, CORDON_STEP_INIT_GONE, CORDON_NO_INDEX, "the container has ended");
	return resetting ? error_set(err, EBUSY, CORDON_STEP_WAIT, CORDON_NO_INDEX, "reset") : 0;
}

void shared_run_ends(struct shared *shared)
{
	flag_enter(shared);
	shared->nruns--;
	flag_leave(shared);
}

int shared_reset_begins(struct shared *shared, struct cordon_error *err)
{
	bool busy;

	flag_enter(shared);
	busy = shared->nruns > 0 || shared->resetting;
	if (!busy)
		shared->resetting = true;
	flag_leave(shared);
	return busy ? error_set(err, EBUSY, CORDON_STEP_WAIT, CORDON_NO_INDEX, "a run of the shared container") : 0;
}

void shared_reset_ends(struct shared *shared)
{
	flag_enter(shared);
	shared->resetting = false;
	flag_leave(shared);
}

void shared_close(struct shared *shared)
{
	flag_enter(shared);
	shared->closed = true;
	flag_leave(shared);
}

bool shared_is_closed(struct shared *shared)
{
	bool closed;

	flag_enter(shared);
	closed = shared->closed;
	flag_leave(shared);
	return closed;
}
