/* SPDX-License-Identifier: Apache-2.0 */
#include "host/placement.h"

#include <string.h>

static int32_t current_cpu(void)
{
	uint32_t cpu = 0;

	if (sys(__NR_getcpu, &cpu, NULL, NULL) < 0 || cpu >= PLACEMENT_WORDS * 64)
		return -1;
	return (int32_t)cpu;
}

static long pin(int32_t pid, int32_t cpu)
{
	uint64_t cpus[PLACEMENT_WORDS];
	size_t words = (size_t)cpu / 64 + 1;

	memset(cpus, 0, words * sizeof cpus[0]);
	cpus[cpu / 64] = UINT64_C(1) << (cpu % 64);
	return sys(__NR_sched_setaffinity, pid, words * sizeof cpus[0], cpus);
}

void placement_lead(int32_t init_pid, int32_t *cpu)
{
	int32_t here = current_cpu();

	if (here >= 0 && here != *cpu && pin(init_pid, here) == 0)
		*cpu = here;
}

void placement_release(int32_t init_pid, const struct placement *own, int32_t *cpu)
{
	if (*cpu >= 0 && own->held)
		(void)sys(__NR_sched_setaffinity, init_pid, own->size, own->cpus);
	*cpu = -1;
}

/* False where the kernel does not say. */
static bool read_own(struct placement *own)
{
	long size = sys(__NR_sched_getaffinity, 0, sizeof own->cpus, own->cpus);

	own->size = size > 0 ? (uint32_t)size : 0;
	return size > 0;
}

void placement_part(int32_t init_pid, int32_t *cpu)
{
	struct placement own;

	own.held = read_own(&own);
	placement_release(init_pid, &own, cpu);
}

void placement_stay(struct placement *own)
{
	int32_t here = current_cpu();

	own->held = read_own(own) && here >= 0 && pin(0, here) == 0;
}

void placement_leave(struct placement *own)
{
	if (own->held)
		(void)sys(__NR_sched_setaffinity, 0, own->size, own->cpus);
	own->held = false;
}
