/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/setup.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/guard.h"
#include "cgroup/parent.h"

enum { LOCK_FREE, LOCK_HELD, LOCK_AWAITED };

/* Held during the first use; later calls read the two flags without it. A futex, because the library does not link
 * pthread. */
static _Atomic uint32_t setup_lock = LOCK_FREE;

static struct cgroup_hierarchies hierarchies_found = { .host_fd = -1 };
static atomic_bool hierarchies_ready;

/* The process that the janitor was started for: after fork(2) the child needs one of its own. */
static _Atomic long guarded_pid;

static void setup_enter(void)
{
	uint32_t seen = LOCK_FREE;

	if (atomic_compare_exchange_strong(&setup_lock, &seen, LOCK_HELD))
		return;
	while (atomic_exchange(&setup_lock, LOCK_AWAITED) != LOCK_FREE)
		(void)sys(__NR_futex, &setup_lock, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, LOCK_AWAITED, NULL);
}

static void setup_leave(void)
{
	if (atomic_exchange(&setup_lock, LOCK_FREE) == LOCK_AWAITED)
		(void)sys(__NR_futex, &setup_lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

/* Checks that enough descriptors are free for the search. Otherwise a controller whose files could not be opened would
 * be taken for a missing one. */
static int spare_descriptors(void)
{
	int ends[4][2], n = 0, rc = 0;

	while (n < 4 && rc >= 0) {
		rc = (int)sys(__NR_pipe2, ends[n], O_CLOEXEC);
		n += rc >= 0;
	}
	for (int i = 0; i < n; i++) {
		fd_close(&ends[i][0]);
		fd_close(&ends[i][1]);
	}
	return rc < 0 ? rc : 0;
}

int cgroup_setup_find(const struct cgroup_hierarchies **ret_hierarchies)
{
	int rc = 0;

	if (!atomic_load_explicit(&hierarchies_ready, memory_order_acquire)) {
		setup_enter();
		if (!atomic_load(&hierarchies_ready))
			rc = spare_descriptors();
		if (rc == 0 && !atomic_load(&hierarchies_ready)) {
			cgroup_hierarchies_find(&hierarchies_found);
			atomic_store_explicit(&hierarchies_ready, true, memory_order_release);
		}
		setup_leave();
	}
	*ret_hierarchies = &hierarchies_found;
	return rc;
}

int cgroup_setup_start(const struct cgroup_hierarchies *hierarchies, struct cordon_error *err)
{
	long pid = sys(__NR_getpid);
	int rc = 0;

	if (atomic_load_explicit(&guarded_pid, memory_order_acquire) == pid)
		return 0;
	setup_enter();
	if (atomic_load(&guarded_pid) != pid) {
		for (uint32_t i = 0; i < hierarchies->n; i++)
			cgroup_dir_remove_stale(hierarchies->items[i].own_fd);
		rc = cgroup_guard_start(hierarchies, err);
		for (uint32_t i = 0; rc == 0 && i < hierarchies->n; i++)
			if (hierarchies->items[i].ops->version == CORDON_CGROUP_V2)
				cgroup_parent_make(&hierarchies_found.items[i]);
		if (rc == 0)
			atomic_store_explicit(&guarded_pid, pid, memory_order_release);
	}
	setup_leave();
	return rc;
}

/* Closing the descriptors releases the locks, so the janitor, which is ended last, can remove the parent group. */
void cgroup_setup_release(void)
{
	setup_enter();
	cgroup_hierarchies_close(&hierarchies_found);
	atomic_store(&hierarchies_ready, false);
	cgroup_guard_end();
	atomic_store(&guarded_pid, 0);
	setup_leave();
}
