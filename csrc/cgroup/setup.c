/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/setup.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include "base/base.h"
#include "cgroup/dir.h"
#include "cgroup/guard.h"
#include "cgroup/stem.h"

enum { LOCK_FREE, LOCK_HELD, LOCK_AWAITED };

/* Guards the first use; afterwards the two flags are read without it. A futex, because the library may not need
 * pthread. */
static _Atomic uint32_t setup_lock = LOCK_FREE;

static struct cgroup_homes homes_found = { .leaf_fd = -1 };
static atomic_bool homes_ready;

/* The process that the janitor waits for: after fork(2) the child needs one of its own. */
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

/* Whether as many descriptors are to be had as the look-up needs at once. A controller that was not seen for want of them
 * must not be taken for one that is not there. */
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

int cgroup_setup_homes(const struct cgroup_homes **ret_homes)
{
	int rc = 0;

	if (!atomic_load_explicit(&homes_ready, memory_order_acquire)) {
		setup_enter();
		if (!atomic_load(&homes_ready))
			rc = spare_descriptors();
		if (rc == 0 && !atomic_load(&homes_ready)) {
			cgroup_homes_find(&homes_found);
			atomic_store_explicit(&homes_ready, true, memory_order_release);
		}
		setup_leave();
	}
	*ret_homes = &homes_found;
	return rc;
}

int cgroup_setup_guard(const struct cgroup_homes *homes, struct cordon_error *err)
{
	long pid = sys(__NR_getpid);
	int rc = 0;

	if (atomic_load_explicit(&guarded_pid, memory_order_acquire) == pid)
		return 0;
	setup_enter();
	if (atomic_load(&guarded_pid) != pid) {
		for (uint32_t i = 0; i < homes->n; i++)
			cgroup_dir_remove_stale(homes->home[i].own_fd);
		rc = cgroup_guard_start(homes, err);
		for (uint32_t i = 0; rc == 0 && i < homes->n; i++)
			if (homes->home[i].ops->version == CORDON_CGROUP_V2)
				cgroup_stem_make(&homes_found.home[i]);
		if (rc == 0)
			atomic_store_explicit(&guarded_pid, pid, memory_order_release);
	}
	setup_leave();
	return rc;
}

/* The locks go with the descriptors: then the janitor, which is told last, can remove the stem. */
void cgroup_setup_release(void)
{
	setup_enter();
	cgroup_homes_close(&homes_found);
	atomic_store(&homes_ready, false);
	cgroup_guard_end();
	atomic_store(&guarded_pid, 0);
	setup_leave();
}
