/* SPDX-License-Identifier: Apache-2.0 */
/* policy: rules by resolved path.
 *
 * Theory of operation. Each rule's path and every directory above it has an entry in one hash table, so the entries
 * form a tree. A lookup hashes the path byte by byte from its beginning; at each slash it looks for the entry of that
 * directory. The last rule on the way that covers the path is the longest one. If a directory has no entry, nothing
 * below it has one, and the search ends. An entry is compared by its parent and its last component only, so all
 * comparisons of a lookup together are as long as the path. The entries of one rule share one copy of its text. */
#include "supervisor/policy.h"

#include <linux/errno.h>
#include "base/base.h"
#include "cordon/supervisor.h"

#define NOWHERE UINT32_MAX
#define HASH_START 2166136261u	/* FNV-1a */
#define HASH_PRIME 16777619u
#define BIT(scope) (1u << (scope))

/* How far a lookup has come. */
struct cursor {
	uint32_t slot;		/* the entry of path[0..end), or NOWHERE */
	uint32_t hash;
	uint32_t end;
};

static bool is_free(const struct policy_entry *e)
{
	return e->has == 0 && !e->above;
}

void policy_clear(struct policy *p)
{
	/* The texts need no clearing: no entry refers to them. */
	for (uint32_t i = 0; i < p->nentries; i++)
		p->slots[p->used[i]] = (struct policy_entry){ 0 };
	p->used_text = 0;
	p->nentries = 0;
	p->full = false;
}

/* Moves to the end of the next component and hashes it. path[c.end] is '/'. */
static void advance(struct cursor *c, const char *path, size_t len)
{
	do {
		c->hash = (c->hash ^ (unsigned char)path[c->end]) * HASH_PRIME;
		c->end++;
	} while (c->end < len && path[c->end] != '/');
}

static bool same_tail(const struct policy *p, const struct policy_entry *e, const char *path, uint32_t start,
		      uint32_t end)
{
	for (uint32_t i = start; i < end; i++)
		if (p->text[e->text + i] != path[i])
			return false;
	return true;
}

/* The slot of path[0..c.end), whose directory is parent and whose last component begins at start; a free slot if there
 * is none. */
static uint32_t probe(const struct policy *p, const struct cursor *c, uint32_t parent, const char *path, uint32_t start)
{
	uint32_t slot = c->hash % POLICY_SLOTS;

	for (;; slot = (slot + 1) % POLICY_SLOTS) {
		const struct policy_entry *e = &p->slots[slot];

		if (is_free(e))
			return slot;
		if (e->hash == c->hash && e->len == c->end && e->parent == parent &&
		    same_tail(p, e, path, start, c->end))
			return slot;
	}
}

/* The root is looked up like other paths, as an empty text. */
static struct cursor begin(const struct policy *p)
{
	struct cursor c = { .hash = HASH_START };

	c.slot = probe(p, &c, NOWHERE, "", 0);
	return c;
}

static bool step(const struct policy *p, struct cursor *c, const char *path, size_t len)
{
	uint32_t start = c->end;

	advance(c, path, len);
	c->slot = probe(p, c, c->slot, path, start);
	return !is_free(&p->slots[c->slot]);
}

/* ---- adding ---- */

/* The length in the form of the entries: "/" is empty. */
static size_t trimmed(const char *path, size_t len)
{
	return len == 1 && path[0] == '/' ? 0 : len;
}

/* Makes the entry at c if it is new. *text is the offset of the path in p->text, NOWHERE before it is copied. */
static struct policy_entry *ensure(struct policy *p, const struct cursor *c, uint32_t parent, const char *path,
				   size_t len, uint32_t *text)
{
	struct policy_entry *e = &p->slots[c->slot];

	if (!is_free(e))
		return e;
	if (*text == NOWHERE) {
		if (len > POLICY_TEXT_SIZE - p->used_text)
			return NULL;
		*text = p->used_text;
		bytes_copy(p->text + *text, path, len);
		p->used_text += (uint32_t)len;
	}
	if (p->nentries == POLICY_ENTRIES_MAX)
		return NULL;
	*e = (struct policy_entry){
		.hash = c->hash, .text = *text, .len = c->end, .parent = parent, .rule = -1,
		.number = (uint16_t)p->nentries,
	};
	p->used[p->nentries++] = (uint16_t)c->slot;
	return e;
}

static void set_rule(struct policy_entry *e, uint32_t scope, uint32_t access, int16_t rule)
{
	uint8_t bits = (uint8_t)access;

	if (scope == CORDON_PATH_TREE)
		e->tree = bits;
	else if (scope == CORDON_PATH_ENTRIES)
		e->entries = bits;
	else
		e->only = bits;
	e->has |= (uint8_t)BIT(scope);
	e->rule = rule;
}

int policy_add(struct policy *p, const char *path, size_t len, uint32_t scope, uint32_t access, int16_t rule)
{
	struct cursor c = begin(p);
	uint32_t text = NOWHERE, parent = NOWHERE;

	len = trimmed(path, len);
	for (;;) {
		struct policy_entry *e = ensure(p, &c, parent, path, len, &text);

		if (e == NULL) {
			p->full = true;
			return -ENOSPC;
		}
		if (c.end == len) {
			set_rule(e, scope, access, rule);
			return 0;
		}
		e->above = true;
		e->on_the_way |= access != 0;
		parent = c.slot;
		(void)step(p, &c, path, len);
	}
}

/* ---- asking ---- */

/* The access that e's rules give to a path depth components below it; false if none covers it. */
static bool covers(const struct policy_entry *e, uint32_t depth, uint32_t *ret)
{
	if (depth == 0 && (e->has & BIT(CORDON_PATH_ONLY)))
		*ret = e->only;
	else if (depth <= 1 && (e->has & BIT(CORDON_PATH_ENTRIES)))
		*ret = e->entries;
	else if (e->has & BIT(CORDON_PATH_TREE))
		*ret = e->tree;
	else
		return false;
	return true;
}

/* The number of components of path after end; 2 stands for two or more. */
static uint32_t depth_below(const char *path, size_t len, uint32_t end)
{
	uint32_t depth = 0;

	for (size_t i = end; i < len && depth < 2; i++)
		depth += path[i] == '/';
	return depth;
}

/* The access with more components added to path. *ret_entry is path's own entry, or NULL. */
static uint32_t access_below(const struct policy *p, const char *path, size_t len, uint32_t more,
			     const struct policy_entry **ret_entry)
{
	struct cursor c = begin(p);
	const struct policy_entry *e = &p->slots[c.slot];
	uint32_t access = 0;
	bool there = !is_free(e);

	*ret_entry = NULL;
	len = trimmed(path, len);
	while (there) {
		(void)covers(e, depth_below(path, len, c.end) + more, &access);
		if (c.end == len) {
			*ret_entry = e;
			break;
		}
		there = step(p, &c, path, len);
		e = &p->slots[c.slot];
	}
	if (access & (CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_EXEC))
		access |= CORDON_ACCESS_STAT;
	return access;
}

uint32_t policy_access(const struct policy *p, const char *path, size_t len)
{
	const struct policy_entry *own;
	uint32_t access;

	if (p->full)
		return 0;
	access = access_below(p, path, len, 0, &own);
	return own != NULL && own->on_the_way ? access | CORDON_ACCESS_STAT : access;
}

uint16_t policy_nearest(const struct policy *p, const char *path, size_t len)
{
	struct cursor c = begin(p);
	uint16_t number = 0;

	len = trimmed(path, len);
	for (bool there = !is_free(&p->slots[c.slot]); there; there = c.end < len && step(p, &c, path, len))
		number = p->slots[c.slot].number;
	return number;
}

/* A file that can be read can be copied, so executing is no gain then. */
static bool gains(uint32_t from, uint32_t to)
{
	const uint32_t contents = CORDON_ACCESS_READ | CORDON_ACCESS_EXEC;

	return (!(from & CORDON_ACCESS_READ) && (to & ~from & contents) != 0) ||
	       (to & ~from & CORDON_ACCESS_WRITE) != 0;
}

bool policy_may_move(const struct policy *p, const char *from, size_t from_len, const char *to, size_t to_len)
{
	const struct policy_entry *from_entry, *to_entry;

	if (p->full)
		return false;
	/* The directory, its direct entries and everything deeper may have different access; all deeper levels have the
	 * same. */
	for (uint32_t more = 0; more <= 2; more++) {
		uint32_t before = access_below(p, from, from_len, more, &from_entry);
		uint32_t after = access_below(p, to, to_len, more, &to_entry);

		if (gains(before, after))
			return false;
	}
	return !(from_entry != NULL && from_entry->above) && !(to_entry != NULL && to_entry->above);
}
