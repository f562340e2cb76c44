/* SPDX-License-Identifier: Apache-2.0 */
/* layer: the independent walls of a sandbox, as bits: what a caller requires or prefers, and what was really active in a run. */
#ifndef CORDON_LAYER_H
#define CORDON_LAYER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_layer {
	CORDON_LAYER_USER_NS = 0,
	CORDON_LAYER_MOUNT_NS = 1,
	CORDON_LAYER_PID_NS = 2,
	CORDON_LAYER_NET_NS = 3,
	CORDON_LAYER_IPC_NS = 4,
	CORDON_LAYER_UTS_NS = 5,
	CORDON_LAYER_CGROUP_NS = 6,
	CORDON_LAYER_PIVOT_ROOT = 7,
	CORDON_LAYER_PROC = 8,			/* the sandbox has a /proc of its own pid namespace (not possible where the surrounding
						   container masks its own) */
	CORDON_LAYER_NO_NEW_PRIVS = 9,
	CORDON_LAYER_CAPABILITIES = 10,		/* every capability set of the program is empty, and stays so */
	CORDON_LAYER_SECCOMP = 11,
	CORDON_LAYER_LANDLOCK = 12,
	CORDON_LAYER_OWN_UID = 13,		/* on the host the program's uid is nobody else's: not the caller's, not init's */
	CORDON_LAYER_CGROUP_MEMORY = 14,
	CORDON_LAYER_CGROUP_PIDS = 15,
	CORDON_LAYER_CGROUP_CPU = 16,		/* CPU time is counted (and limited) over the whole tree by the kernel's controller */
	CORDON_LAYER_SUPERVISOR = 17,		/* calls are decided one by one: supervisor.h */
	CORDON_LAYER_CGROUP_CPUSET = 18,	/* the command's CPUs are kept by the kernel's controller */
	CORDON_LAYER_COUNT
};

#define CORDON_LAYER_BIT(layer) (UINT64_C(1) << (layer))

/* "user-ns", "seccomp", "cgroup-memory" ...; NULL for a number that is none. Static storage. */
const char *cordon_layer_name(uint32_t layer);

#ifdef __cplusplus
}
#endif
#endif
