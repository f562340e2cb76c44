/* SPDX-License-Identifier: Apache-2.0 */
#include "use/use.h"

#include <linux/errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include "base/base.h"

#define STOPPED UINT32_MAX

/* The number of users, or STOPPED. A futex. */
static _Atomic uint32_t users;

static void await_resume(void)
{
	(void)sys(__NR_futex, &users, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, STOPPED, NULL);
}

void use_begin(void)
{
	uint32_t seen = atomic_load(&users);

	while (seen == STOPPED || !atomic_compare_exchange_weak(&users, &seen, seen + 1)) {
		if (seen == STOPPED) {
			await_resume();
			seen = atomic_load(&users);
		}
	}
}

void use_end(void)
{
	atomic_fetch_sub(&users, 1);
}

int use_stop(void)
{
	for (;;) {
		uint32_t seen = 0;

		if (atomic_compare_exchange_strong(&users, &seen, STOPPED))
			return 0;
		if (seen != STOPPED)
			return -EBUSY;
		await_resume();
	}
}

void use_resume(void)
{
	atomic_store(&users, 0);
	(void)sys(__NR_futex, &users, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT32_MAX);
}
