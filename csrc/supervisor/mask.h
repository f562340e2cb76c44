/* SPDX-License-Identifier: Apache-2.0 */
/* mask: plans the mounts of a run that take away what its path policy takes away. Pure functions. */
#ifndef CORDON_SUPERVISOR_MASK_H
#define CORDON_SUPERVISOR_MASK_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/policy.h"

#define MASK_NONE UINT16_MAX

/* What is at a rule's path when the run starts. */
enum mask_file {
	MASK_FILE_DIRECTORY,
	MASK_FILE_OTHER,
	MASK_FILE_MISSING,
	MASK_FILE_NEVER,	/* missing, and nothing inside the sandbox can make it: the directory above is
				   read-only */
};

enum mask_kind {
	MASK_EMPTY,		/* an empty directory or file of mode 0 */
	MASK_WAYS,		/* a directory that can only be searched, down to the trees that are allowed below */
	MASK_TREE,		/* the tree itself, with attrs */
	MASK_LEVEL,		/* MASK_TREE, with an empty directory on each of its directories */
	MASK_PIN,		/* the directory itself, so that it cannot be renamed: a mask lies below it */
};

enum mask_attr {
	MASK_RDONLY = 1 << 0,
	MASK_NOEXEC = 1 << 1,
};

/* One mount. Its path is that of the policy's entry. */
struct mask {
	uint16_t slot;		/* of the entry */
	uint16_t above;		/* index of the nearest mask above that is not a PIN; MASK_NONE = none. What it covers
				   holds this one's tree */
	uint8_t kind;		/* enum mask_kind */
	uint8_t attrs;		/* enum mask_attr; TREE and LEVEL */
	bool directory;
	bool listable;		/* LEVEL: its directories may be listed */
	bool needed;		/* another mask's above is this one */
	int16_t rule;		/* for errors; -1 = none */
};

/* What is known of a policy's entry during the planning. */
struct mask_state {
	uint8_t own;		/* access that Landlock grants for the entry's own rules; in that form EXEC has READ */
	uint8_t granted;	/* and for those above it too */
	uint8_t access[3];	/* by the policy: to the path, to its entries, and to all below them */
	uint8_t attrs;
	uint8_t kind;		/* enum mask_kind, valid with masked */
	bool hidden;		/* below an EMPTY or WAYS that hides it */
	bool masked;		/* has a mask of its own */
	bool way;		/* a directory in a WAYS */
	bool listable;
	uint16_t cover;		/* number of the nearest entry, itself included, with a mask that is not a PIN; or
				   MASK_NONE */
	uint16_t mask;		/* index of its own mask */
};

struct mask_plan {
	uint32_t n;
	struct mask masks[POLICY_ENTRIES_MAX];	/* those above come first */
	/* enum cordon_access bits that stay open against the policy: by Landlock, whose rules only allow, in spite of
	 * the masks; without Landlock; and at a missing path, should it be made while the program runs. */
	uint32_t over, without, later;
	struct mask_state states[POLICY_ENTRIES_MAX];	/* by the entry's number */
};

/* Fills in *ret. files has the enum mask_file of each rule. mounts: masks can be made; else nothing is masked, and what
 * masks would hold counts as open. shared: other programs may write to the sandbox's files meanwhile. */
void mask_plan(const struct policy *p, const uint8_t *files, bool mounts, bool shared, struct mask_plan *ret);

/* Whether what the policy says depends on what the rules' paths are: if not, files may be DIRECTORY for all. Fills in
 * *ret. */
bool mask_plan_asks(const struct policy *p, const uint8_t *files, struct mask_plan *ret);

/* The path of the entry in slot: not NUL-terminated, and "" for the root. */
static inline const char *mask_path(const struct policy *p, uint32_t slot, uint32_t *ret_len)
{
	*ret_len = p->slots[slot].len;
	return p->text + p->slots[slot].text;
}

/* Whether masks hide a resolved path, so that it cannot be told whether it exists. */
bool mask_hides(const struct policy *p, const struct mask_plan *plan, const char *path, uint32_t len);

/* The facts that decide whether a path policy is enforced. */
struct mask_facts {
	uint32_t engine;	/* enum cordon_engine */
	bool landlock;
	bool asks;		/* the caller may allow any path */
};

/* Whether every rule of the policy is held: by masks and Landlock, or because the supervisor carries the call out
 * itself. */
bool mask_enforced(const struct mask_plan *plan, const struct mask_facts *facts);

#endif
