/* SPDX-License-Identifier: Apache-2.0 */
/* features: what this machine offers. Found by trying each feature, not from the kernel's version. */
#ifndef CORDON_FEATURES_H
#define CORDON_FEATURES_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/layer.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_cgroup_version {
	CORDON_CGROUP_NONE = 0,
	CORDON_CGROUP_V1 = 1,
	CORDON_CGROUP_V2 = 2,
};

/* A controller as seen from this process. */
struct cordon_controller {
	uint32_t version;		/* enum cordon_cgroup_version: where it is mounted */
	uint32_t usable;		/* nonzero: Cordon can make groups under it */
	char path[256];			/* the directory in which Cordon makes its groups; empty if there is none */
	char problem[160];		/* why it is not usable; empty if it is */
};

enum cordon_kernel_feature {
	CORDON_KERNEL_CLONE3 = 0,
	CORDON_KERNEL_PIDFD = 1,
	CORDON_KERNEL_OPENAT2 = 2,
	CORDON_KERNEL_CLOSE_RANGE = 3,
	CORDON_KERNEL_MOUNT_SETATTR = 4,
	CORDON_KERNEL_OPEN_TREE = 5,
	CORDON_KERNEL_MEMFD_EXEC = 6,
	CORDON_KERNEL_SECCOMP_FILTER = 7,
	CORDON_KERNEL_SECCOMP_USER_NOTIF = 8,
	CORDON_KERNEL_SECCOMP_KILL_PROCESS = 9,
	CORDON_KERNEL_SECCOMP_LOG = 10,
	CORDON_KERNEL_PTRACE = 11,
	CORDON_KERNEL_COUNT
};

struct cordon_features {
	char release[65];		/* uname -r */
	char machine[65];		/* uname -m */
	uint8_t root;			/* the caller has CAP_SYS_ADMIN and may write id maps for other ids */
	uint8_t proc_mountable;		/* proc can be mounted in a new pid namespace */
	uint64_t kernel;		/* 1 << enum cordon_kernel_feature */
	uint64_t layers;		/* CORDON_LAYER_BITs that a run can have on this machine */
	int32_t landlock_abi;		/* 0 = none */
	int32_t namespace_err[7];	/* user mount pid net ipc uts cgroup: 0, or the errno of trying it (together
					   with a user namespace if the caller is not root) */
	int64_t max_user_namespaces;	/* user.max_user_namespaces, -1 = no such file */
	int32_t userns_clone;		/* kernel.unprivileged_userns_clone (Debian), -1 = no such file */
	int32_t apparmor_userns;	/* kernel.apparmor_restrict_unprivileged_userns (Ubuntu), -1 = no such file */
	int32_t memfd_noexec;		/* vm.memfd_noexec, -1 = no such file */
	struct cordon_controller memory, pids;
	struct cordon_controller cpu;	/* usable: it counts CPU time, and takes cpu_rate and cpu_weight */
};

const char *cordon_kernel_feature_name(uint32_t feature);

/* Tries every feature and fills *ret. Starts short-lived child processes and leaves nothing behind. Any thread. 0 or
 * -errno with *err. */
int cordon_features_probe(struct cordon_features *ret, struct cordon_error *err);

#ifdef __cplusplus
}
#endif
#endif
