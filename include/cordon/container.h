/* SPDX-License-Identifier: Apache-2.0 */
/* container: the configuration of a sandbox: its root, names, ids, network and layers. */
#ifndef CORDON_CONTAINER_H
#define CORDON_CONTAINER_H

#include <stdint.h>
#include "cordon/layer.h"
#include "cordon/seccomp.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_mount_type {
	CORDON_MOUNT_BIND = 1,		/* source (absolute, on the host) with all its submounts; read-only without
					   CORDON_MOUNT_RW */
	CORDON_MOUNT_TMPFS = 2,		/* writable, owned by the program's user; limited by size_bytes and inodes */
	CORDON_MOUNT_PROC = 3,		/* the proc of the sandbox's pid namespace, read-only */
	CORDON_MOUNT_DEV = 4,		/* null zero full random urandom tty; links fd stdin stdout stderr; shm (a tmpfs
					   of size_bytes) */
	CORDON_MOUNT_MASK = 5,		/* target becomes an empty read-only directory or file; a missing target is
					   skipped */
	CORDON_MOUNT_SYMLINK = 6,	/* a symbolic link at target; source is its text */
};

enum cordon_mount_flag {
	CORDON_MOUNT_RW = 1 << 0,	/* BIND: writable */
	CORDON_MOUNT_NOEXEC = 1 << 1,
	CORDON_MOUNT_OPTIONAL = 1 << 2,	/* BIND: skipped if the source does not exist. PROC: skipped if the kernel
					   refuses it because the surrounding container masks its own /proc */
};

/* One mount, made in the order given. Missing parents are created (mode 0755). All mounts are nosuid and nodev. A
 * target is absolute inside the sandbox, without "." or "..", and is resolved inside the new root: a symbolic link
 * never leads out of it. */
struct cordon_mount {
	uint32_t type;			/* enum cordon_mount_type */
	uint32_t flags;			/* enum cordon_mount_flag */
	const char *source;		/* BIND and SYMLINK only, else NULL */
	const char *target;
	uint64_t size_bytes;		/* TMPFS and DEV (for shm); 0 = 64 MiB */
	uint64_t inodes;		/* TMPFS and DEV; 0 = 65536 */
	uint32_t mode;			/* TMPFS: permission bits of its root; 0 = 0755 */
	uint32_t reserved;		/* 0 */
};

enum cordon_network {
	CORDON_NETWORK_NONE = 0,	/* a network namespace with no interface up; without namespaces no sockets but
					   connected pairs */
	CORDON_NETWORK_LOOPBACK = 1,	/* a network namespace with only lo up */
	CORDON_NETWORK_HOST = 2,	/* the host's network: no network namespace */
};

enum cordon_seccomp_kind {
	CORDON_SECCOMP_DEFAULT = 0,	/* the built-in policy, see seccomp.h */
	CORDON_SECCOMP_NONE = 1,
	CORDON_SECCOMP_BPF = 2,		/* a compiled program: seccomp_bpf */
	CORDON_SECCOMP_POLICY = 3,	/* seccomp_policy. If it has an action that kills, each run gets a supervisor,
					   which reports the call in the result */
};

enum cordon_cgroup_use {
	CORDON_CGROUP_AUTO = 0,		/* a group in every usable controller that is needed */
	CORDON_CGROUP_OFF = 1,		/* no group: limits and numbers come from rlimits and rusage */
};

enum cordon_namespaces {
	CORDON_NAMESPACES_ALL = 0,
	CORDON_NAMESPACES_NONE = 1,	/* no namespaces: the program runs among the caller's processes, in the caller's
					   root and with the caller's uid. Every command must have a supervisor with a
					   path policy and an engine other than KERNEL. For users who cannot create user
					   namespaces. No mounts, names, ids or init command */
};

struct cordon_container_config {
	const struct cordon_mount *mounts;
	uint32_t nmounts;
	uint32_t network;		/* enum cordon_network */
	const char *hostname;		/* NULL = "cordon" */
	const char *domainname;		/* NULL = "cordon" */
	uint32_t uid, gid;		/* the program's ids inside the sandbox */
	uint32_t host_uid, host_gid;	/* the program's ids on the host; 0 = as root ids that no other process on the
					   host uses, else the caller's. Other values need root. uid 0 of the host is
					   never mapped */
	uint32_t seccomp_kind;		/* enum cordon_seccomp_kind */
	uint32_t seccomp_len;		/* bytes, a multiple of 8 */
	const void *seccomp_bpf;	/* struct sock_filter[], for the machine's native audit architecture */
	const char *const *init_command;	/* NULL = none; a program inside the sandbox, run once with init's
						   capabilities when the root is ready; if it fails, the container fails
						   with its output as detail */
	const struct cordon_seccomp *seccomp_policy;	/* POLICY: borrowed; must outlive the container and its runs */
	uint32_t use_cgroup;		/* enum cordon_cgroup_use */
	uint32_t namespaces;		/* enum cordon_namespaces */
	const char *apparmor_profile;	/* exec label of the program; NULL = none. Refused (step LABEL) if the kernel
					   lacks the LSM */
	const char *selinux_label;
	uint32_t shared;		/* cordon_container_open only. 1 = several commands can run at the same time:
					   one in the container and one in each sidecar (runner.h) */
	uint64_t require;		/* CORDON_LAYER_BITs: if one of these layers is not available, the run is
					   refused (step LAYER) before anything starts */
};

/* The layers that are required by default. */
#define CORDON_LAYERS_DEFAULT                                                                                      \
	(CORDON_LAYER_BIT(CORDON_LAYER_USER_NS) | CORDON_LAYER_BIT(CORDON_LAYER_MOUNT_NS) |                         \
	 CORDON_LAYER_BIT(CORDON_LAYER_PID_NS) | CORDON_LAYER_BIT(CORDON_LAYER_IPC_NS) |                            \
	 CORDON_LAYER_BIT(CORDON_LAYER_UTS_NS) | CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_NS) |                         \
	 CORDON_LAYER_BIT(CORDON_LAYER_PIVOT_ROOT) | CORDON_LAYER_BIT(CORDON_LAYER_NO_NEW_PRIVS) |                  \
	 CORDON_LAYER_BIT(CORDON_LAYER_CAPABILITIES))

/* Fills *config with the defaults: no mounts, no network, ids 1000, the default seccomp policy,
 * CORDON_LAYERS_DEFAULT. */
void cordon_container_config_init(struct cordon_container_config *config);

#ifdef __cplusplus
}
#endif
#endif
