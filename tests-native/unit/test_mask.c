/* SPDX-License-Identifier: Apache-2.0 */
/* Which mounts hold a path policy, and whether something is left that nothing holds: by tables, and for random policies
 * against what the policy says of each path. */
#include <stdio.h>
#include <stdlib.h>
#include "base/base.h"
#include "cordon/supervisor.h"
#include "supervisor/mask.h"
#include "support/test.h"

#define R CORDON_ACCESS_READ
#define W CORDON_ACCESS_WRITE
#define S CORDON_ACCESS_STAT
#define X CORDON_ACCESS_EXEC
#define ALL (R | W | X)
#define TREE CORDON_PATH_TREE
#define RULES_MAX 8

struct rule {
	const char *path;
	uint32_t scope, access;
	enum mask_file file;
};

struct row {
	struct rule rules[RULES_MAX];
	const char *masks;		/* "hide /a, tree /a/b ro" */
	/* enforced under KERNEL, NOTIFY, PTRACE; and with KERNEL without Landlock */
	bool kernel, notify, ptrace, alone;
};

static struct policy policy;
static struct mask_plan plan;
static uint8_t files[1024];

static void add(const struct rule *rule, uint32_t i)
{
	REQUIRE(policy_add(&policy, rule->path, strlen(rule->path), rule->scope, rule->access, (int16_t)i) == 0);
	files[i] = (uint8_t)rule->file;
}

static void put_mask(char *text, size_t size, const struct mask *m)
{
	static const char *const kinds[] = { "hide", "ways", "tree", "level", "pin" };
	size_t at = strlen(text);
	uint32_t len;
	const char *path = mask_path(&policy, m->slot, &len);

	(void)snprintf(text + at, size - at, "%s%s %.*s%s%s", at > 0 ? ", " : "", kinds[m->kind], (int)len, path,
		       (m->attrs & MASK_RDONLY) != 0 ? " ro" : "", (m->attrs & MASK_NOEXEC) != 0 ? " noexec" : "");
}

static bool enforced(uint32_t engine, bool landlock, bool asks)
{
	const struct mask_facts facts = { engine, landlock, asks };

	return mask_enforced(&plan, &facts);
}

static void check_row(const struct row *row, const char *name)
{
	char text[1024] = "";

	policy_clear(&policy);
	for (uint32_t i = 0; i < RULES_MAX && row->rules[i].path != NULL; i++)
		add(&row->rules[i], i);
	mask_plan(&policy, files, true, false, &plan);
	for (uint32_t i = 0; i < plan.n; i++)
		put_mask(text, sizeof text, &plan.masks[i]);
	if (strcmp(text, row->masks) != 0)
		TEST_FAIL("%s: masks are \"%s\", not \"%s\"", name, text, row->masks);
	if (enforced(CORDON_ENGINE_KERNEL, true, false) != row->kernel ||
	    enforced(CORDON_ENGINE_NOTIFY, true, false) != row->notify ||
	    enforced(CORDON_ENGINE_PTRACE, true, false) != row->ptrace ||
	    enforced(CORDON_ENGINE_KERNEL, false, false) != row->alone)
		TEST_FAIL("%s: over %u without %u later %u", name, plan.over, plan.without, plan.later);
	CHECK(!enforced(CORDON_ENGINE_NOTIFY, true, true));
}

#define NO_MASK ""
#define ROW(name, ...) { #name, { __VA_ARGS__ } }
#define RULES(...) .rules = { __VA_ARGS__ }
#define HELD .kernel = true, .notify = true, .ptrace = true

#pragma GCC diagnostic ignored "-Wmissing-field-initializers"	/* a directory, if a rule does not say */

static void test_rows(void)
{
	static const struct {
		const char *name;
		struct row row;
	} rows[] = {
		ROW(only allowed, RULES({ "/usr", TREE, R | X }, { "/w", TREE, ALL }, { "/usr/x", TREE, ALL }),
		    .masks = NO_MASK, HELD),
		ROW(deny alone, RULES({ "/", TREE, ALL }, { "/a", TREE, 0 }), .masks = "hide /a", HELD, .alone = true),
		ROW(a file, RULES({ "/", TREE, ALL }, { "/a", TREE, 0, MASK_FILE_OTHER }),
		    .masks = "hide /a", HELD, .alone = true),
		ROW(pins, RULES({ "/", TREE, ALL }, { "/a/b/c", TREE, 0 }),
		    .masks = "pin /a, pin /a/b, hide /a/b/c", HELD,
		    .alone = true),
		ROW(no pins where nothing is written, RULES({ "/", TREE, R | X }, { "/w", TREE, ALL },
			  { "/a/b", TREE, 0 }),
		    .masks = "hide /a/b", HELD),
		ROW(pins up to what is written, RULES({ "/", TREE, R | X }, { "/w", TREE, ALL },
			  { "/w/a/b", TREE, R | X }),
		    .masks = "pin /w/a, tree /w/a/b ro", HELD),
		ROW(denied where nothing is given, RULES({ "/usr", TREE, R }, { "/a", TREE, 0 }),
		    .masks = NO_MASK, HELD),
		ROW(hidden where attributes are given, RULES({ "/", TREE, S }, { "/a", TREE, 0 }),
		    .masks = "hide /a", HELD),
		ROW(nested, RULES({ "/", TREE, ALL }, { "/a", TREE, 0 }, { "/a/b/c", TREE, ALL },
			  { "/a/b/c/d", TREE, 0 }, { "/a/b/c/d/e", TREE, R | X }),
		    .masks = "ways /a, tree /a/b/c, ways /a/b/c/d, tree /a/b/c/d/e ro", HELD, .alone = true),
		ROW(twice denied, RULES({ "/", TREE, ALL }, { "/a", TREE, 0 }, { "/a/b", TREE, 0 }),
		    .masks = "hide /a", HELD,
		    .alone = true),
		ROW(in any order, RULES({ "/a/b", TREE, ALL }, { "/a", TREE, 0 }, { "/", TREE, ALL }),
		    .masks = "ways /a, tree /a/b", HELD, .alone = true),
		ROW(read-only, RULES({ "/", TREE, ALL }, { "/a", TREE, R | X }),
		    .masks = "tree /a ro", HELD, .alone = true),
		ROW(writable in read-only, RULES({ "/", TREE, ALL }, { "/a", TREE, R | X }, { "/a/b", TREE, ALL }),
		    .masks = "tree /a ro, tree /a/b", HELD, .alone = true),
		ROW(read-only in read-only, RULES({ "/", TREE, ALL }, { "/a", TREE, R | X }, { "/a/b", TREE, R | X }),
		    .masks = "tree /a ro", HELD, .alone = true),
		ROW(noexec, RULES({ "/", TREE, ALL }, { "/a", TREE, R | W }),
		    .masks = "tree /a noexec", HELD, .alone = true),
		ROW(both, RULES({ "/", TREE, ALL }, { "/a", TREE, R }),
		    .masks = "tree /a ro noexec", HELD, .alone = true),
		ROW(the sum of what is above, RULES({ "/", TREE, W }, { "/a", TREE, R }, { "/a/b", TREE, R | W }),
		    .masks = "tree /a ro, tree /a/b", HELD),
		ROW(no reading, RULES({ "/", TREE, ALL }, { "/a", TREE, W | X }), .masks = NO_MASK, .notify = true),
		ROW(attributes alone, RULES({ "/", TREE, R }, { "/a", TREE, S }), .masks = NO_MASK, .notify = true),
		ROW(attributes and no program, RULES({ "/", TREE, R | X }, { "/a", TREE, S }),
		    .masks = "tree /a noexec", .notify = true),
		ROW(execute without read, RULES({ "/a", TREE, X }), .masks = NO_MASK, .notify = true),
		ROW(entries, RULES({ "/", TREE, R | W }, { "/a", TREE, 0 }, { "/a", CORDON_PATH_ENTRIES, R }),
		    .masks = "level /a ro", HELD),
		ROW(writable entries, RULES({ "/", TREE, R | W }, { "/a", TREE, 0 },
			  { "/a", CORDON_PATH_ENTRIES, R | W }),
		    .masks = NO_MASK, .notify = true),
		ROW(entries and a rule below, RULES({ "/", TREE, R | W }, { "/a", TREE, 0 },
			  { "/a", CORDON_PATH_ENTRIES, R }, { "/a/b/c", TREE, R }),
		    .masks = "tree /a ro", .notify = true),
		ROW(entries above nothing, RULES({ "/a", CORDON_PATH_ENTRIES, R }), .masks = NO_MASK, .notify = true),
		ROW(programs among entries, RULES({ "/a", CORDON_PATH_ENTRIES, R | X }), .masks = NO_MASK),
		ROW(only a file, RULES({ "/", TREE, R | W }, { "/a", CORDON_PATH_ONLY, R, MASK_FILE_OTHER }),
		    .masks = "tree /a ro", HELD),
		ROW(only a directory, RULES({ "/", TREE, R | W }, { "/a", CORDON_PATH_ONLY, 0 }),
		    .masks = NO_MASK, .notify = true),
		ROW(a listing, RULES({ "/a", CORDON_PATH_ONLY, R }), .masks = NO_MASK, .notify = true),
		ROW(missing and writable, RULES({ "/", TREE, ALL }, { "/a", TREE, 0, MASK_FILE_MISSING }),
		    .masks = NO_MASK,
		    .notify = true),
		ROW(missing and never made, RULES({ "/", TREE, ALL }, { "/a", TREE, 0, MASK_FILE_NEVER }),
		    .masks = NO_MASK, HELD,
		    .alone = true),
		ROW(missing and not writable, RULES({ "/", TREE, R }, { "/a", TREE, 0, MASK_FILE_MISSING }),
		    .masks = NO_MASK, HELD),
		ROW(missing in what is read-only, RULES({ "/", TREE, ALL }, { "/a", TREE, R | X },
			  { "/a/b", TREE, 0, MASK_FILE_MISSING }),
		    .masks = "tree /a ro", HELD, .alone = true),
		ROW(missing and hidden, RULES({ "/", TREE, ALL }, { "/a", TREE, 0 },
			  { "/a/b", TREE, R, MASK_FILE_MISSING }),
		    .masks = "hide /a", HELD, .alone = true),
		ROW(to be made, RULES({ "/a", TREE, R }, { "/a/b", TREE, R | W, MASK_FILE_MISSING }),
		    .masks = NO_MASK, .notify = true),
		ROW(to be made where more is, RULES({ "/a", TREE, ALL }, { "/a/b", TREE, R | W, MASK_FILE_NEVER }),
		    .masks = NO_MASK, HELD),
		ROW(of the process, RULES({ "/", TREE, R | X }, { "/proc/self/maps", TREE, 0 }), .masks = NO_MASK),
		ROW(of a process, RULES({ "/", TREE, R }, { "/proc/17/maps", TREE, 0 }),
		    .masks = NO_MASK, .notify = true),
		ROW(like it, RULES({ "/", TREE, R }, { "/proc/selfish", TREE, 0 }, { "/process/1", TREE, 0 }),
		    .masks = "hide /proc/selfish, hide /process/1", HELD),
		ROW(what /proc/self gives, RULES({ "/proc/self", TREE, R }, { "/proc/sys", TREE, 0 }),
		    .masks = "hide /proc/sys", HELD),
		ROW(all but /proc/self, RULES({ "/", TREE, R }, { "/proc", TREE, 0 }, { "/proc/self", TREE, R }),
		    .masks = NO_MASK,
		    .notify = true),
		ROW(nothing, RULES({ "/", TREE, 0 }), .masks = NO_MASK, HELD),
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		check_row(&rows[i].row, rows[i].name);
}

/* Without mounts and in a shared container less is held. */
static void test_places(void)
{
	static const struct rule rules[] = { { "/", TREE, ALL, MASK_FILE_DIRECTORY },
					     { "/a", TREE, 0, MASK_FILE_DIRECTORY },
					     { "/b", TREE, R, MASK_FILE_MISSING },
					     { "/", TREE, R, MASK_FILE_DIRECTORY },
					     { "/a", TREE, 0, MASK_FILE_MISSING } };

	policy_clear(&policy);
	add(&rules[0], 0);
	add(&rules[1], 1);
	mask_plan(&policy, files, false, false, &plan);
	CHECK_EQ(plan.n, 0);
	CHECK(!enforced(CORDON_ENGINE_KERNEL, true, false) && !enforced(CORDON_ENGINE_PTRACE, true, false));
	CHECK(!enforced(CORDON_ENGINE_NOTIFY, true, false));	/* an exec */
	policy_clear(&policy);
	add(&rules[3], 0);
	add(&rules[4], 1);
	mask_plan(&policy, files, true, false, &plan);
	CHECK(enforced(CORDON_ENGINE_PTRACE, true, false));
	mask_plan(&policy, files, true, true, &plan);
	CHECK(!enforced(CORDON_ENGINE_PTRACE, true, false));	/* another program may make it */
}

/* ---- random policies ---- */

static uint64_t random_state;

static uint32_t below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

/* What is at a path under the masks: the access that the kernel leaves of grant, which may be more than Landlock
 * gives. */
static uint32_t left_by_masks(const char *path)
{
	uint32_t left = ALL, len;
	bool hidden = false;

	for (uint32_t i = 0; i < plan.n; i++) {
		const struct mask *m = &plan.masks[i];
		const char *at = mask_path(&policy, m->slot, &len);

		if (m->kind == MASK_PIN || strncmp(path, at, len) != 0 || (path[len] != '/' && path[len] != '\0'))
			continue;
		if (m->kind == MASK_EMPTY || m->kind == MASK_WAYS) {
			hidden = true;
		} else {
			hidden = false;	/* its own tree, from below those above */
			left = ALL & ~((m->attrs & MASK_RDONLY ? W : 0u) | (m->attrs & MASK_NOEXEC ? X : 0u));
		}
	}
	return hidden ? 0 : left;
}

static uint32_t granted(const struct rule *rules, uint32_t n, const char *path)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++) {
		size_t len = strcmp(rules[i].path, "/") == 0 ? 0 : strlen(rules[i].path);

		if (strncmp(rules[i].path, path, len) == 0 && (path[len] == '/' || path[len] == '\0'))
			sum |= rules[i].access | (rules[i].access & X ? R : 0);
	}
	return sum & ALL;
}

/* Of what is said to be enforced nothing is open: at no path do Landlock and the masks together leave more than the
 * policy gives. And masks take away nothing that it gives. */
static void test_random(void)
{
	static const uint32_t accesses[] = { 0, 0, R, R | X, R | W, ALL, ALL, W, X, S };
	static char paths[12][64];
	struct rule rules[12];

	random_state = 7;
	for (int round = 0; round < 20000; round++) {
		uint32_t n = 1 + below(ARRAY_LEN(paths));

		policy_clear(&policy);
		for (uint32_t i = 0; i < n; i++) {
			paths[i][0] = '\0';
			for (uint32_t depth = below(5); depth > 0; depth--)
				(void)snprintf(paths[i] + strlen(paths[i]), 8, "/%c", (char)('a' + below(2)));
			for (uint32_t j = 0; j < i; j++)	/* a path has one rule */
				if (strcmp(rules[j].path, paths[i]) == 0 ||
				    (paths[i][0] == '\0' && rules[j].path[1] == '\0'))
					(void)snprintf(paths[i], sizeof paths[i], "/z%u", i);
			rules[i] = (struct rule){
				paths[i][0] != '\0' ? paths[i] : "/", TREE, accesses[below(ARRAY_LEN(accesses))],
				MASK_FILE_DIRECTORY,
			};
			add(&rules[i], i);
		}
		mask_plan(&policy, files, true, false, &plan);
		for (uint32_t i = 0; i < 64; i++) {
			char path[32] = "";
			uint32_t says, is;

			for (uint32_t depth = 1 + below(6); depth > 0; depth--)
				(void)snprintf(path + strlen(path), 8, "/%c", (char)('a' + below(3)));
			says = policy_access(&policy, path, strlen(path)) & ALL;
			is = left_by_masks(path);
			if ((says & ~is) != 0)
				TEST_FAIL("round %d: %s has %u of %u", round, path, is, says);
			if ((granted(rules, n, path) & is & ~says & ~plan.over) != 0)
				TEST_FAIL("round %d: %s has %u, not %u", round, path, is, says);
			if ((is & ~says & ~plan.without) != 0)
				TEST_FAIL("round %d: without Landlock %s has %u, not %u", round, path, is, says);
		}
	}
}

int main(void)
{
	test_rows();
	test_places();
	test_random();
	return TEST_RESULT();
}
