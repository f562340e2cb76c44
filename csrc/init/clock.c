/* SPDX-License-Identifier: Apache-2.0 */
/* clock: CPU times of processes, and their units. */
#include "init/init.h"

#include <linux/resource.h>
#include <linux/time.h>
#include "base/base.h"

static uint64_t read_clock(long clock)
{
	struct __kernel_timespec ts = { 0, 0 };

	(void)sys(__NR_clock_gettime, clock, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t init_own_cpu_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* The CPU clock of a process: the complement of its pid above three bits for CPUCLOCK_SCHED
 * (clock_getcpuclockid(3)). */
uint64_t init_process_cpu_ns(int32_t pid)
{
	return read_clock((long)((~(uint32_t)pid << 3) | 2));
}

uint64_t init_timeval_ns(const struct __kernel_old_timeval *tv)
{
	return (uint64_t)tv->tv_sec * NSEC_PER_SEC + (uint64_t)tv->tv_usec * 1000;
}
