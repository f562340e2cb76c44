/* SPDX-License-Identifier: Apache-2.0 */
/* layer: the independent layers of isolation of a sandbox, as bits: those that a caller requires, and those that were
 * active in a run. */
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
	CORDON_LAYER_PROC = 8,			/* /proc shows the sandbox's own pid namespace (refused by the kernel if
						   the surrounding container masks its own /proc) */
	CORDON_LAYER_NO_NEW_PRIVS = 9,
	CORDON_LAYER_CAPABILITIES = 10,		/* all capability sets of the program are empty and stay empty */
	CORDON_LAYER_SECCOMP = 11,
	CORDON_LAYER_LANDLOCK = 12,
	CORDON_LAYER_OWN_UID = 13,		/* no other process on the host has the program's uid: not the caller,
						   not cordon-init */
	CORDON_LAYER_CGROUP_MEMORY = 14,
	CORDON_LAYER_CGROUP_PIDS = 15,
	CORDON_LAYER_CGROUP_CPU = 16,		/* a controller counts the CPU time of all processes together */
	CORDON_LAYER_SUPERVISOR = 17,		/* single system calls are decided by a supervisor (supervisor.h) */
	CORDON_LAYER_CGROUP_CPUSET = 18,	/* a controller enforces the command's CPUs */
	CORDON_LAYER_USER_BOUNDS = 19,		/* what the kernel counts per user is bounded for the sandbox
						   (bounds.def); missing if no proc can be written to that shows
						   /proc/sys/user */
	CORDON_LAYER_PATH_POLICY = 20,		/* every rule of the path policy is enforced (supervisor.h) */
	CORDON_LAYER_COUNT
};

#define CORDON_LAYER_BIT(layer) (UINT64_C(1) << (layer))

/* "user-ns", "seccomp", "cgroup-memory" ...; NULL for an unknown number. Static storage. */
const char *cordon_layer_name(uint32_t layer);

#ifdef __cplusplus
}
#endif
#endif
