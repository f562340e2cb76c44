/* SPDX-License-Identifier: Apache-2.0 */
/* controller: what a group can limit or count. */
#ifndef CORDON_CGROUP_CONTROLLER_H
#define CORDON_CGROUP_CONTROLLER_H

#include <stdint.h>

enum cgroup_controller {
	CGROUP_MEMORY = 0,
	CGROUP_PIDS = 1,
	CGROUP_CPU = 2,		/* CPU time: cpuacct, cpu.stat */
	CGROUP_QUOTA = 3,	/* cpu */
	CGROUP_CPUSET = 4,
	CGROUP_IO = 5,		/* io, blkio: counting only */
	CGROUP_FREEZER = 6,
	CGROUP_CONTROLLERS
};

#define CGROUP_BIT(controller) (UINT32_C(1) << (controller))

#endif
