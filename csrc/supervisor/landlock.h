/* SPDX-License-Identifier: Apache-2.0 */
/* landlock: makes a Landlock ruleset from the path and port policies. Any thread. Except landlock_abi and
 * landlock_ruleset, which ask the kernel, the functions are pure. */
#ifndef CORDON_SUPERVISOR_LANDLOCK_H
#define CORDON_SUPERVISOR_LANDLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/landlock.h>
#include "cordon/error.h"
#include "cordon/protocol.h"

/* Constants that linux/landlock.h of our build machines lacks, with the ABI that added each. */
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
#define LANDLOCK_ABI_SCOPE 6	/* 7 added flags for the audit log, no rights */

/* The file that a rule is put on. A Landlock rule on a directory always covers everything below it. */
enum landlock_place {
	LANDLOCK_PLACE_FILE,		/* not a directory: the file itself, under all its names */
	LANDLOCK_PLACE_TREE,		/* a directory and its contents */
	LANDLOCK_PLACE_DIRECTORY,	/* a directory alone */
	LANDLOCK_PLACE_NEW_FILE,	/* the directory of a missing name; the rule means the name alone */
	LANDLOCK_PLACE_NEW_TREE,	/* the directory of a missing name; the rule means it with its contents */
	LANDLOCK_PLACE_PROC,		/* /proc, for a rule about the asking process's own directory */
};

/* The kernel's Landlock ABI, >= 1; or -EOPNOTSUPP if the kernel has no Landlock or disables it at boot, or a
 * surrounding seccomp filter forbids it. */
int landlock_abi(void);

/* The LANDLOCK_ACCESS_FS_* bits that our rulesets handle under an ABI >= 1: they are refused without a rule. */
uint64_t landlock_handled(int abi);

/* The LANDLOCK_ACCESS_NET_* bits for enum cordon_port_access bits. */
uint64_t landlock_net_rights(uint32_t access);

/* The LANDLOCK_SCOPE_* bits of our rulesets. */
uint64_t landlock_scopes(int abi);

/* The rights for enum cordon_access bits at a place: a subset of landlock_handled(abi), and of what the kernel accepts
 * for the place. 0: no Landlock rule is needed. */
uint64_t landlock_rights(uint32_t access, enum landlock_place place, int abi);

/* What a ruleset restricts. Without files all paths are allowed, without nets all ports. With neither it
 * only keeps signals inside, which every ruleset does. */
struct landlock_orders {
	bool files, nets;
	const struct cordon_supervision_path *paths;
	uint32_t npaths;
	const char *(*path_of)(void *arg, uint32_t i);
	void *arg;				/* argument of path_of */
	const struct cordon_port_rule *ports;
	uint32_t nports;
	bool widened;				/* out: a rule about a missing name holds for its directory */
};

/* Makes a ruleset that allows what the policy allows, as far as Landlock can express it. Landlock has no rule that
 * takes access away, and none for the direct entries of a directory only: there the ruleset allows more, and the
 * supervisor refuses the rest. Paths are resolved now. A path that does not exist has no rule, except that a WRITE rule
 * for a missing name allows its directory to make files. If the ABI has it, signals and abstract sockets are restricted
 * to the sandbox (LANDLOCK_SCOPE_*). Returns a descriptor (close-on-exec), or -errno with *err (LANDLOCK); -EOPNOTSUPP
 * without *err if the kernel has no Landlock, with nets no port rules, or with neither no LANDLOCK_SCOPE_SIGNAL. */
int landlock_ruleset(struct landlock_orders *orders, struct cordon_error *err);

#endif
