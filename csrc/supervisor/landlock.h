/* SPDX-License-Identifier: Apache-2.0 */
/* landlock: the path and port policies as a Landlock ruleset. Any thread; but for landlock_abi and landlock_ruleset,
 * which ask the kernel, pure functions. */
#ifndef CORDON_SUPERVISOR_LANDLOCK_H
#define CORDON_SUPERVISOR_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/landlock.h>
#include "cordon/error.h"
#include "cordon/protocol.h"

/* What linux/landlock.h of our build machines lacks, with the ABI that brought it. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)		/* 2 */
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)	/* 3 */
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)	/* 4 */
#endif
#ifndef LANDLOCK_ACCESS_NET_CONNECT_TCP
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)	/* 4 */
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)	/* 5 */
#endif
#ifndef LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)	/* 6 */
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)		/* 6 */
#endif

#define LANDLOCK_ABI_REFER 2
#define LANDLOCK_ABI_TRUNCATE 3
#define LANDLOCK_ABI_NET 4
#define LANDLOCK_ABI_IOCTL_DEV 5
#define LANDLOCK_ABI_SCOPE 6	/* 7 brought flags for the audit log, no rights */

/* What a rule is put on. Landlock's rules on a directory hold for everything below it, always. */
enum landlock_place {
	LANDLOCK_PLACE_FILE,		/* what is no directory: the file itself, under all its names */
	LANDLOCK_PLACE_TREE,		/* a directory, meant with what is in it */
	LANDLOCK_PLACE_DIRECTORY,	/* a directory, meant alone */
	LANDLOCK_PLACE_NEW_FILE,	/* the directory of a name that is missing, which is meant alone */
	LANDLOCK_PLACE_NEW_TREE,	/* the directory of a name that is missing, which is meant with its contents */
	LANDLOCK_PLACE_PROC,		/* /proc, for a rule about the asking process's own directory there */
};

/* The kernel's ABI, >= 1; or -EOPNOTSUPP where it has no Landlock, was started without it, or somebody around us
 * forbids it. */
int landlock_abi(void);

/* The LANDLOCK_ACCESS_FS_* bits that a ruleset of ours handles under an ABI >= 1: what no rule gives is then
 * refused. */
uint64_t landlock_handled(int abi);

/* The LANDLOCK_ACCESS_NET_* bits that enum cordon_port_access bits mean. */
uint64_t landlock_net_rights(uint32_t access);

/* The LANDLOCK_SCOPE_* bits of a ruleset of ours. */
uint64_t landlock_scopes(int abi);

/* The rights that enum cordon_access bits mean for a place: a subset of landlock_handled(abi), and of what the kernel
 * takes for the place. 0: there is nothing that Landlock could give. */
uint64_t landlock_rights(uint32_t access, enum landlock_place place, int abi);

/* What a ruleset is to hold. Without files every path stays as it is, without nets every port. */
struct landlock_orders {
	bool files, nets;
	const struct cordon_supervision_path *paths;
	uint32_t npaths;
	const char *(*path_of)(void *arg, uint32_t i);
	void *arg;				/* path_of's */
	const struct cordon_port_rule *ports;
	uint32_t nports;
};

/* A ruleset that gives what the policy's rules give, as far as this kernel's Landlock can say it (Landlock has no
 * rule that takes away, and no rule for the entries of a directory alone: there it gives more, and the supervisor is
 * what narrows it). The paths are resolved as they stand; one that does not exist has no rule, except that a rule
 * with WRITE for a missing name gives making files to its directory. Also where the ABI has it: signals and abstract
 * sockets are kept within the sandbox (LANDLOCK_SCOPE_*). The ruleset's descriptor (close-on-exec), or -errno with
 * *err (LANDLOCK); -EOPNOTSUPP without *err where the kernel has no Landlock, or none that knows ports where nets is
 * set. */
int landlock_ruleset(const struct landlock_orders *orders, struct cordon_error *err);

#endif
