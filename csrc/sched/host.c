/* SPDX-License-Identifier: Apache-2.0 */
#include "sched/host.h"

#include <linux/sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum {
	SWITCH_UNREAD,
	SWITCH_ON,
	SWITCH_OFF,
};

bool sched_host_is_on(void)
{
	static atomic_int position;
	int now = atomic_load_explicit(&position, memory_order_relaxed);

	if (now == SWITCH_UNREAD) {
		const char *text = getenv("CORDON_SCHEDULING");

		now = text != NULL && strcmp(text, "off") == 0 ? SWITCH_OFF : SWITCH_ON;
		atomic_store_explicit(&position, now, memory_order_relaxed);
	}
	return now == SWITCH_ON;
}

static long pin(int32_t tid, int32_t cpu)
{
	struct sched_cpus one;

	sched_cpus_one(&one, cpu);
	return sched_cpus_set(tid, &one);
}

void sched_host_pin_init(int32_t init_pid, int32_t *cpu)
{
	int32_t here = sched_host_is_on() ? sched_current_cpu() : -1;

	if (here >= 0 && here != *cpu && pin(init_pid, here) == 0)
		*cpu = here;
}

void sched_host_unpin_init(int32_t init_pid, const struct sched_cpus *own, int32_t *cpu)
{
	if (*cpu >= 0 && own->size > 0)
		(void)sched_cpus_set(init_pid, own);
	*cpu = -1;
}

void sched_host_unpin_init_alone(int32_t init_pid, int32_t *cpu)
{
	struct sched_cpus own;

	(void)sched_cpus_get(0, &own);
	sched_host_unpin_init(init_pid, &own, cpu);
}

void sched_host_pin_caller(struct sched_cpus *own)
{
	int32_t here = sched_current_cpu();

	if (!sched_cpus_get(0, own) || here < 0 || pin(0, here) != 0)
		own->size = 0;
}

void sched_host_unpin_caller(struct sched_cpus *own)
{
	if (own->size > 0)
		(void)sched_cpus_set(0, own);
	own->size = 0;
}

bool sched_host_raise_init(int32_t init_pid)
{
	int priority = 1;	/* the least */

	/* If the host runs under another policy, that was chosen for init as well. */
	return sched_host_is_on() && sys(__NR_sched_getscheduler, 0) == SCHED_NORMAL &&
	       sys(__NR_sched_setscheduler, init_pid, SCHED_RR | SCHED_RESET_ON_FORK, &priority) == 0;
}

void sched_host_lower_init(int32_t init_pid)
{
	sched_attr_set(init_pid, SCHED_BATCH, 0, 0);
}
