/* SPDX-License-Identifier: Apache-2.0 */
#include "sched/sched.h"

#include <linux/errno.h>
#include <linux/sched/types.h>

bool sched_cpus_get(int32_t tid, struct sched_cpus *ret)
{
	long size = sys(__NR_sched_getaffinity, tid, sizeof ret->bits, ret->bits);

	ret->size = size > 0 ? (uint32_t)size : 0;
	return size > 0;
}

long sched_cpus_set(int32_t tid, const struct sched_cpus *cpus)
{
	return cpus->size > 0 ? sys(__NR_sched_setaffinity, tid, cpus->size, cpus->bits) : -EINVAL;
}

uint32_t sched_cpus_count(const struct sched_cpus *cpus)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < cpus->size / 8; i++)
		n += (uint32_t)__builtin_popcountll(cpus->bits[i]);
	return n;
}

void sched_cpus_one(struct sched_cpus *ret, int32_t cpu)
{
	size_t words = (size_t)cpu / 64 + 1;

	ret->size = (uint32_t)(words * sizeof ret->bits[0]);
	bytes_zero(ret->bits, ret->size);
	ret->bits[cpu / 64] = UINT64_C(1) << (cpu % 64);
}

int32_t sched_current_cpu(void)
{
	uint32_t cpu = 0;

	if (sys(__NR_getcpu, &cpu, NULL, NULL) < 0 || cpu >= CORDON_CPUS_MAX)
		return -1;
	return (int32_t)cpu;
}

long sched_policy_set(int policy)
{
	int priority = 0;

	return sys(__NR_sched_setscheduler, 0, policy, &priority);
}

void sched_attr_set(int32_t tid, uint32_t policy, uint64_t flags, uint64_t slice_ns)
{
	struct sched_attr attr = {
		.size = sizeof attr, .sched_policy = policy, .sched_flags = flags, .sched_nice = nice_of(tid),
		.sched_runtime = slice_ns,
	};

	(void)sys(__NR_sched_setattr, tid, &attr, 0);
}
