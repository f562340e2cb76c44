/* SPDX-License-Identifier: Apache-2.0 */
/* policy: rules by resolved path; the longest path decides. Pure functions. */
#ifndef CORDON_SUPERVISOR_POLICY_H
#define CORDON_SUPERVISOR_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICY_TEXT_SIZE 262144
#define POLICY_ENTRIES_MAX (POLICY_SLOTS / 4 * 3)
#define POLICY_SLOTS 8192	/* power of two, at least four per rule: each rule's ancestors have entries as well */

struct policy_entry {
	uint32_t hash;
	uint32_t text, len;	/* in policy.text; the root has length 0 */
	uint32_t parent;	/* slot of the directory above */
	uint8_t tree, entries, only;	/* access of the rule with this scope on this path; valid if its bit in has is
					   set */
	uint8_t has;		/* 1 << enum cordon_path_scope */
	bool on_the_way;	/* a directory above a rule with access */
	bool above;		/* a directory above any rule */
	int16_t rule;		/* the last rule that named it */
	uint16_t number;	/* its place in used */
};

/* All zeros at the start. */
struct policy {
	uint32_t used_text, nentries;
	bool full;
	/* The slots in use, a directory before what is in it: clearing all 8192 would double the cost of a policy. */
	uint16_t used[POLICY_ENTRIES_MAX];
	struct policy_entry slots[POLICY_SLOTS];
	char text[POLICY_TEXT_SIZE];
};

void policy_clear(struct policy *p);

/* Adds a rule for a resolved path ("/", "/usr/lib": absolute, no trailing or double slash). 0 or -ENOSPC. */
int policy_add(struct policy *p, const char *path, size_t len, uint32_t scope, uint32_t access, int16_t rule);

/* The access (enum cordon_access bits, with those they include) to a resolved path. */
uint32_t policy_access(const struct policy *p, const char *path, size_t len);

/* The number of the longest entry on the way to a resolved path, itself included. There is at least one rule. */
uint16_t policy_nearest(const struct policy *p, const char *path, size_t len);

/* Whether the file at from (or a directory with its contents) may get the name to. Not if a rule lies below it, which
 * would lose its effect, and not if the file would gain reading, writing or executing at its new place. For rename and
 * link, when both paths have WRITE; for RENAME_EXCHANGE in both directions. */
bool policy_may_move(const struct policy *p, const char *from, size_t from_len, const char *to, size_t to_len);

#endif
