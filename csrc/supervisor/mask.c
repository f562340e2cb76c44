/* SPDX-License-Identifier: Apache-2.0 */
/* mask: plans the mounts of a run.
 *
 * Theory of operation. Landlock's rules only allow, and what a supervisor judges by its name can have another name when
 * the kernel looks. So what a rule takes away below what another one gives is taken away by mounts in a mount namespace
 * of the run. The entries of the policy are visited from the root down. Each knows what the policy gives at its path,
 * to its entries and below, and what Landlock gives there: the sum of all rules above. Where Landlock gives more, a
 * mask takes it away, as far as a mount can say it:
 *   nothing is left                 the tree is hidden; allowed trees below it are bound into the hiding directory
 *   WRITE is taken away             the tree is read-only
 *   EXEC is taken away              the tree is noexec, so it has no "#!" interpreter and no ELF loader either
 *   nothing is left below the       each directory in it is hidden, if no more can be made
 *   entries of a directory
 * What no mount can say is kept in plan->over: READ is taken away while something else is left, or a directory alone.
 * I1  A tree comes from below the masks above it: a tree that may be written can lie in one that may not.
 * I2  A directory above a mask cannot be renamed, so the path stays masked: the kernel refuses to rename or remove a
 *     mount point (EBUSY), and each directory between is one (PIN). Where nothing can be written it is left out.
 * I3  Masks are by path, as rules are: another name of a masked file (a hard link, another bind) has its own rule. */
#include "supervisor/mask.h"

#include "base/base.h"
#include "cordon/supervisor.h"

#define NOWHERE UINT32_MAX
#define R CORDON_ACCESS_READ
#define W CORDON_ACCESS_WRITE
#define X CORDON_ACCESS_EXEC
#define RWX (R | W | X)
#define BIT(scope) (1u << (scope))

enum { SELF, ENTRIES, BELOW };

struct visit {
	const struct policy *policy;
	const uint8_t *files;
	bool mounts, shared;
	struct mask_plan *plan;
};

/* Whether e's path is path, or with below lies below it. */
static bool is_at(const struct policy *p, const struct policy_entry *e, const char *path, bool below)
{
	const char *text = p->text + e->text;
	size_t len = str_len(path);

	if (e->len < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] != path[i])
			return false;
	return e->len == len || (below && text[len] == '/');
}

static bool is_of_process(const struct policy *p, const struct policy_entry *e)
{
	const char *text = p->text + e->text;
	const size_t proc = sizeof "/proc/" - 1;

	return is_at(p, e, "/proc/self", true) || is_at(p, e, "/proc/thread-self", true) ||
	       (e->len > proc && is_at(p, e, "/proc", true) && text[proc] >= '0' && text[proc] <= '9');
}

static struct mask_state *state_at(const struct visit *v, uint32_t slot)
{
	return &v->plan->states[v->policy->slots[slot].number];
}

static enum mask_file file_of(const struct visit *v, const struct policy_entry *e)
{
	return e->rule >= 0 ? (enum mask_file)v->files[e->rule] : MASK_FILE_DIRECTORY;
}

/* ---- what Landlock grants (supervisor/landlock.c) ---- */

static uint32_t landlock_form(uint32_t access)
{
	return (access & RWX) | ((access & X) != 0 ? R : 0);
}

static uint32_t own_grant(const struct visit *v, const struct policy_entry *e)
{
	enum mask_file file = file_of(v, e);
	uint32_t grant = 0;

	if (file == MASK_FILE_MISSING || file == MASK_FILE_NEVER)
		return 0;
	if ((e->has & BIT(CORDON_PATH_TREE)) != 0)
		grant |= landlock_form(e->tree);
	if ((e->has & BIT(CORDON_PATH_ENTRIES)) != 0)
		grant |= landlock_form(e->entries);
	if ((e->has & BIT(CORDON_PATH_ONLY)) != 0)
		grant |= file == MASK_FILE_DIRECTORY ? e->only & R : landlock_form(e->only);
	return grant;
}

/* Each rule's own part. A rule about /proc/self is put on /proc. */
static void note_grants(const struct visit *v)
{
	const struct policy *p = v->policy;

	for (uint32_t i = 0; i < p->nentries; i++) {
		const struct policy_entry *e = &p->slots[p->used[i]];
		struct mask_state *s = &v->plan->states[i];

		*s = (struct mask_state){ .own = (uint8_t)own_grant(v, e), .cover = MASK_NONE, .mask = MASK_NONE };
		if ((s->own & R) != 0 && (is_at(p, e, "/proc/self", false) || is_at(p, e, "/proc/thread-self", false)))
			state_at(v, e->parent)->own |= R;
	}
}

/* ---- the parts of an entry's state ---- */

static void inherit(struct mask_state *s, const struct mask_state *above)
{
	s->access[SELF] = above->access[ENTRIES];
	s->access[ENTRIES] = s->access[BELOW] = above->access[BELOW];
	s->granted = above->granted;
	s->attrs = above->attrs;
	s->hidden = above->hidden;
	s->cover = above->cover;
}

static void apply_rules(struct mask_state *s, const struct policy_entry *e)
{
	if ((e->has & BIT(CORDON_PATH_TREE)) != 0)
		s->access[SELF] = s->access[ENTRIES] = s->access[BELOW] = e->tree;
	if ((e->has & BIT(CORDON_PATH_ENTRIES)) != 0)
		s->access[SELF] = s->access[ENTRIES] = e->entries;
	if ((e->has & BIT(CORDON_PATH_ONLY)) != 0)
		s->access[SELF] = e->only;
}

/* A directory is not executed. */
static uint32_t meant(const struct mask_state *s, int depth, bool directory)
{
	return depth == SELF && directory ? s->access[SELF] | X : s->access[depth];
}

static uint32_t over_at(const struct mask_state *s, int depth, bool directory)
{
	return s->granted & RWX & ~meant(s, depth, directory);
}

static uint32_t over_anywhere(const struct mask_state *s, bool directory)
{
	uint32_t over = over_at(s, SELF, directory);

	return directory ? over | over_at(s, ENTRIES, true) | over_at(s, BELOW, true) : over;
}

static bool gives_nothing(const struct mask_state *s, bool directory)
{
	return s->access[SELF] == 0 && (!directory || (s->access[ENTRIES] == 0 && s->access[BELOW] == 0));
}

static uint32_t given(const struct mask_state *s, bool directory)
{
	return directory ? s->access[SELF] | s->access[ENTRIES] | s->access[BELOW] : s->access[SELF];
}

/* Not the root, and nothing that each process has for itself. */
static bool can_be_masked(const struct visit *v, const struct policy_entry *e)
{
	return v->mounts && e->len > 0 && !is_of_process(v->policy, e);
}

/* ---- one entry ---- */

static void put_mask(struct mask_state *s, enum mask_kind kind, const struct policy_entry *e)
{
	s->masked = true;
	s->kind = (uint8_t)kind;
	s->cover = e->number;
}

/* The hiding mask above becomes a way to the entry. */
static void open_way(const struct visit *v, uint32_t slot, uint16_t cover)
{
	const struct policy_entry *slots = v->policy->slots;

	for (uint32_t at = slots[slot].parent; slots[at].number != cover; at = slots[at].parent)
		state_at(v, at)->way = true;
	v->plan->states[cover].kind = MASK_WAYS;
}

/* A rule whose path is missing. One that gives WRITE is put on the directory above by Landlock, where it also holds for
 * other names. One that takes away has nothing to cover yet. */
static void visit_missing(const struct visit *v, const struct policy_entry *e, const struct mask_state *above,
			  struct mask_state *s)
{
	struct mask_plan *plan = v->plan;
	uint32_t over = over_anywhere(s, true),
		 gains = landlock_form(s->access[SELF] | s->access[ENTRIES] | s->access[BELOW]);
	bool writable = (above->granted & W) != 0 && (above->attrs & MASK_RDONLY) == 0;

	if ((gains & W) != 0 && e->len > 0)
		plan->over |= gains & ~(uint32_t)(above->access[ENTRIES] & above->access[BELOW]);
	if (s->hidden || file_of(v, e) == MASK_FILE_NEVER || !(writable || v->shared))
		return;
	plan->later |= over != 0 ? over : gives_nothing(s, true) && above->access[BELOW] != 0 ? CORDON_ACCESS_STAT : 0u;
}

/* Whether the directories in e can be hidden one by one: none has a rule of its own, and no more can be made. */
static bool is_level(const struct visit *v, const struct policy_entry *e, const struct mask_state *s, uint32_t attrs)
{
	return s->access[BELOW] == 0 && !e->above && ((attrs & MASK_RDONLY) != 0) && !v->shared;
}

static void visit_visible(const struct visit *v, uint32_t slot, bool directory, struct mask_state *s)
{
	const struct policy_entry *e = &v->policy->slots[slot];
	uint32_t over = over_anywhere(s, directory), attrs = 0;
	bool level = false, was_hidden = s->hidden;
	uint16_t cover = s->cover;

	if (can_be_masked(v, e)) {
		if ((over & W) != 0 && (given(s, directory) & W) == 0)
			attrs |= MASK_RDONLY;
		if ((over & X) != 0 && (given(s, directory) & X) == 0)
			attrs |= MASK_NOEXEC;
		over &= ~((attrs & MASK_RDONLY ? W : 0u) | (attrs & MASK_NOEXEC ? X : 0u));
		level = directory && over_at(s, BELOW, true) != 0 && is_level(v, e, s, attrs);
		if (level)
			over = (over_at(s, SELF, true) | over_at(s, ENTRIES, true)) & over;
		if (level || was_hidden || attrs != s->attrs)
			put_mask(s, level ? MASK_LEVEL : MASK_TREE, e);
		s->attrs = (uint8_t)attrs;
		s->hidden = false;
		s->listable = (s->access[ENTRIES] & R) != 0;
		if (was_hidden)
			open_way(v, slot, cover);
	}
	v->plan->over |= over;
	v->plan->without |=
		RWX &
		~(uint32_t)(meant(s, SELF, directory) & (directory ? s->access[ENTRIES] & s->access[BELOW] : RWX)) &
		~((attrs & MASK_RDONLY ? W : 0u) | (attrs & MASK_NOEXEC ? X : 0u));
}

static void visit_rule(const struct visit *v, uint32_t slot, const struct mask_state *above, struct mask_state *s)
{
	const struct policy_entry *e = &v->policy->slots[slot];
	enum mask_file file = file_of(v, e);
	bool directory = file == MASK_FILE_DIRECTORY;

	apply_rules(s, e);
	s->granted |= s->own;
	if (file == MASK_FILE_MISSING || file == MASK_FILE_NEVER) {
		visit_missing(v, e, above, s);
		return;
	}
	/* A denied /proc has a grant of its own if /proc/self is allowed, which has no place of its own. */
	if (!gives_nothing(s, directory) || !can_be_masked(v, e) || s->own != 0) {
		visit_visible(v, slot, directory, s);
		return;
	}
	/* What is denied where nothing is given needs no mask. */
	if (s->hidden || (above->granted == 0 && above->access[BELOW] == 0 && above->access[ENTRIES] == 0))
		return;
	s->hidden = true;
	s->attrs = 0;
	put_mask(s, MASK_EMPTY, e);
}

/* ---- the whole ---- */

/* I2 */
static void pin(const struct visit *v, uint32_t slot)
{
	const struct policy_entry *slots = v->policy->slots;

	for (uint32_t at = slots[slot].parent; at != NOWHERE && slots[at].parent != NOWHERE; at = slots[at].parent) {
		const struct mask_state *above = state_at(v, slots[at].parent);
		struct mask_state *s = state_at(v, at);

		if (s->masked || s->hidden || (above->granted & W) == 0 || (above->attrs & MASK_RDONLY) != 0)
			continue;
		s->masked = true;
		s->kind = MASK_PIN;
	}
}

static void list_masks(const struct visit *v)
{
	struct mask_plan *plan = v->plan;

	for (uint32_t i = 0; i < v->policy->nentries; i++) {
		uint16_t slot = v->policy->used[i];
		const struct policy_entry *e = &v->policy->slots[slot];
		struct mask_state *s = &plan->states[i];
		uint16_t above;

		if (!s->masked)
			continue;
		above = state_at(v, e->parent)->cover;
		if (above != MASK_NONE) {
			above = plan->states[above].mask;
			plan->masks[above].needed |= s->kind != MASK_PIN && s->kind != MASK_EMPTY;
		}
		s->mask = (uint16_t)plan->n;
		plan->masks[plan->n++] = (struct mask){
			.slot = slot, .above = above, .kind = s->kind, .attrs = s->attrs,
			.directory = file_of(v, e) == MASK_FILE_DIRECTORY, .listable = s->listable, .rule = e->rule,
		};
	}
}

void mask_plan(const struct policy *p, const uint8_t *files, bool mounts, bool shared, struct mask_plan *ret)
{
	const struct visit v = { p, files, mounts, shared, ret };
	const struct mask_state outside = { .cover = MASK_NONE };

	ret->n = 0;
	ret->over = ret->later = 0;
	ret->without = p->full ? RWX : 0;
	note_grants(&v);
	for (uint32_t i = 0; i < p->nentries; i++) {
		uint32_t slot = p->used[i];
		const struct policy_entry *e = &p->slots[slot];
		const struct mask_state *above = e->parent == NOWHERE ? &outside : state_at(&v, e->parent);
		struct mask_state *s = &ret->states[i];

		inherit(s, above);
		if (e->has != 0)
			visit_rule(&v, slot, above, s);
		else
			s->granted |= s->own;
		if (e->parent == NOWHERE && e->has == 0)
			ret->without = RWX;	/* nothing is said of what has no rule */
	}
	for (uint32_t i = 0; i < p->nentries; i++)
		if (ret->states[i].masked && ret->states[i].kind != MASK_PIN)
			pin(&v, p->used[i]);
	list_masks(&v);
}

bool mask_plan_asks(const struct policy *p, const uint8_t *files, struct mask_plan *ret)
{
	mask_plan(p, files, true, true, ret);
	return ret->n > 0 || ret->over != 0 || ret->later != 0;
}

bool mask_hides(const struct policy *p, const struct mask_plan *plan, const char *path, uint32_t len)
{
	return plan->n > 0 && plan->states[policy_nearest(p, path, len)].hidden;
}

/* Under NOTIFY the supervisor makes the opens, and what else names files, itself; not an exec. Under PTRACE the kernel
 * makes an open that was allowed, and looks at the name again. */
bool mask_enforced(const struct mask_plan *plan, const struct mask_facts *facts)
{
	uint32_t open = facts->landlock ? plan->over : plan->without;

	if (facts->asks)
		return false;
	if (facts->engine == CORDON_ENGINE_NOTIFY)
		return (open & X) == 0;
	return open == 0 && plan->later == 0;
}
