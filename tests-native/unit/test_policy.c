/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the path policy with a reference that checks every rule for every path, on random rules and paths; and edge
 * cases. */
#include <errno.h>

#include "base/base.h"
#include "cordon/supervisor.h"
#include "supervisor/supervisor.h"
#include "support/test.h"

#define R CORDON_ACCESS_READ
#define W CORDON_ACCESS_WRITE
#define S CORDON_ACCESS_STAT
#define X CORDON_ACCESS_EXEC

static struct policy policy;

/* ---- the reference ---- */

struct rule {
	char path[256];
	uint32_t scope, access;
};

static struct rule rules[1024];
static size_t nrules;

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % n;
}

/* How many components path lies below top; -1 where it does not. */
static int components_below(const char *top, const char *path)
{
	size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top);
	int n = 0;

	if (strcmp(path, "/") == 0)
		path = "";
	if (strncmp(top, path, len) != 0 || (path[len] != '\0' && path[len] != '/'))
		return -1;
	for (path += len; *path != '\0'; path++)
		n += *path == '/';
	return n;
}

static int reference_covers(const struct rule *r, const char *path)
{
	int depth = components_below(r->path, path);

	if (depth < 0 || (r->scope == CORDON_PATH_ONLY && depth > 0) || (r->scope == CORDON_PATH_ENTRIES && depth > 1))
		return -1;
	return (int)(strcmp(r->path, "/") == 0 ? 0 : strlen(r->path)) * 4 + (int)r->scope;
}

static uint32_t reference(const char *path)
{
	uint32_t access = 0;
	int best = -1;

	for (size_t i = 0; i < nrules; i++) {
		int weight = reference_covers(&rules[i], path);

		if (weight > best) {
			best = weight;
			access = rules[i].access;
		}
	}
	if (access != 0)
		access |= S;
	for (size_t i = 0; i < nrules; i++)
		if (rules[i].access != 0 && components_below(path, rules[i].path) > 0)
			access |= S;
	return access;
}

/* Few names, one the beginning of another, so that paths meet. */
static void random_path(char *buf, size_t size, uint32_t depth)
{
	static const char *const names[] = { "a", "b", "ab", "aa", "long-name", "b." };
	size_t used = 0;

	for (uint32_t n = random_below(depth + 1); n > 0; n--)
		used += (size_t)snprintf(buf + used, size - used, "/%s", names[random_below(ARRAY_LEN(names))]);
	if (used == 0)
		snprintf(buf, size, "/");
}

static void random_rules(size_t wanted)
{
	policy_clear(&policy);
	nrules = 0;
	while (nrules < wanted) {
		struct rule *r = &rules[nrules];
		bool twice = false;

		random_path(r->path, sizeof r->path, 5);
		r->scope = random_below(3);
		r->access = random_below(3) == 0 ? 0 : random_below(16);
		for (size_t i = 0; i < nrules; i++)
			twice |= rules[i].scope == r->scope && strcmp(rules[i].path, r->path) == 0;
		if (twice)
			continue;
		CHECK_EQ(policy_add(&policy, r->path, strlen(r->path), r->scope, r->access, (int16_t)nrules), 0);
		nrules++;
	}
}

static void test_random(void)
{
	char path[256];

	for (int round = 0; round < 400 && test_failures < 20; round++) {
		random_state = (uint64_t)round * 7919 + 1;
		random_rules(random_below(40));
		for (int i = 0; i < 1000; i++) {
			uint32_t expected, got;

			random_path(path, sizeof path, 7);
			expected = reference(path);
			got = policy_access(&policy, path, strlen(path));
			if (got != expected)
				TEST_FAIL("round %d, %s: %#x, not %#x", round, path, got, expected);
		}
	}
}

/* ---- by hand ---- */

static void add(const char *path, uint32_t scope, uint32_t access)
{
	CHECK_EQ(policy_add(&policy, path, strlen(path), scope, access, 0), 0);
}

static uint32_t access_of(const char *path)
{
	return policy_access(&policy, path, strlen(path));
}

static void test_longest_decides(void)
{
	policy_clear(&policy);
	CHECK_EQ(access_of("/"), 0);
	CHECK_EQ(access_of("/usr"), 0);
	add("/usr", CORDON_PATH_TREE, R | X);
	add("/usr/secret", CORDON_PATH_TREE, 0);
	add("/usr/secret/way/open", CORDON_PATH_TREE, R);
	add("/out/result.txt", CORDON_PATH_ONLY, W);
	CHECK_EQ(access_of("/"), S);
	CHECK_EQ(access_of("/us"), 0);
	CHECK_EQ(access_of("/usr"), R | X | S);
	CHECK_EQ(access_of("/usrx"), 0);
	CHECK_EQ(access_of("/usr/lib/a/b/c/d"), R | X | S);
	CHECK_EQ(access_of("/usr/secret/key"), 0);
	CHECK_EQ(access_of("/usr/secret"), S);	/* on the way to what is open */
	CHECK_EQ(access_of("/usr/secret/way"), S);
	CHECK_EQ(access_of("/usr/secret/way/x"), 0);
	CHECK_EQ(access_of("/usr/secret/way/open/x"), R | S);
	CHECK_EQ(access_of("/usr/secrets"), R | X | S);
	CHECK_EQ(access_of("/out"), S);
	CHECK_EQ(access_of("/out/result.txt"), W | S);	/* which need not exist: it may be made */
	CHECK_EQ(access_of("/out/result.txt2"), 0);
	CHECK_EQ(access_of("/out/result.txt/x"), 0);
}

static void test_scopes_together(void)
{
	policy_clear(&policy);
	add("/d", CORDON_PATH_TREE, R);
	add("/d", CORDON_PATH_ENTRIES, R | W);
	add("/d", CORDON_PATH_ONLY, 0);
	add("/", CORDON_PATH_ENTRIES, S);
	CHECK_EQ(access_of("/d"), 0);
	CHECK_EQ(access_of("/d/x"), R | W | S);
	CHECK_EQ(access_of("/d/x/y"), R | S);
	CHECK_EQ(access_of("/e"), S);
	CHECK_EQ(access_of("/e/f"), 0);
	add("/d", CORDON_PATH_ONLY, X);	/* the last one counts */
	CHECK_EQ(access_of("/d"), X | S);
}

static bool may_move(const char *from, const char *to)
{
	return policy_may_move(&policy, from, strlen(from), to, strlen(to));
}

static void test_moves(void)
{
	policy_clear(&policy);
	add("/home", CORDON_PATH_TREE, R | W);
	add("/home/me/.ssh", CORDON_PATH_TREE, 0);
	add("/drop", CORDON_PATH_TREE, W);
	add("/flat", CORDON_PATH_ENTRIES, R | W);
	add("/bin", CORDON_PATH_TREE, R | W | X);
	CHECK(may_move("/home/a", "/home/b"));
	CHECK(!may_move("/home/me", "/home/you"));	/* .ssh would be open under its new name */
	CHECK(!may_move("/home/you", "/home/me"));
	CHECK(may_move("/home/me/.sshx", "/home/b"));
	CHECK(!may_move("/drop/x", "/home/x"));		/* gains reading */
	CHECK(may_move("/drop/x", "/drop/y"));
	CHECK(may_move("/home/x", "/drop/x"));
	CHECK(may_move("/home/x", "/bin/x"));		/* could be copied */
	CHECK(may_move("/flat/x", "/flat/y"));
	CHECK(!may_move("/flat/x", "/home/x"));		/* what is in it would gain */
	CHECK(may_move("/home/x", "/flat/x"));
}

static void test_full(void)
{
	char path[64];
	int rc = 0, i;

	policy_clear(&policy);
	for (i = 0; i < 10000 && rc == 0; i++) {
		snprintf(path, sizeof path, "/n%d", i);
		rc = policy_add(&policy, path, strlen(path), CORDON_PATH_TREE, R, 0);
	}
	CHECK_EQ(rc, -ENOSPC);
	CHECK(i > 4 * 1024);
	CHECK_EQ(access_of("/n1"), 0);	/* half a policy is none */
	CHECK(!may_move("/n1", "/n1"));
	policy_clear(&policy);
	add("/n1", CORDON_PATH_TREE, R);
	CHECK_EQ(access_of("/n1"), R | S);
}

/* As many rules as a run may have, at the depth that a usual one has. */
static void test_many(void)
{
	char path[PATH_SIZE];

	policy_clear(&policy);
	for (int i = 0; i < 1024; i++) {
		snprintf(path, sizeof path, "/opt/dir-%d/lib/part-%d/file", i % 32, i);
		CHECK_EQ(policy_add(&policy, path, strlen(path), CORDON_PATH_TREE, R, (int16_t)i), 0);
	}
	CHECK_EQ(access_of("/opt/dir-3/lib/part-995/file/x"), R | S);
	CHECK_EQ(access_of("/opt/dir-3/lib/part-996/file/x"), 0);
	CHECK_EQ(access_of("/opt/dir-3/lib"), S);
}

static void test_long(void)
{
	char path[PATH_SIZE];

	policy_clear(&policy);
	for (size_t i = 0; i < sizeof path - 1; i++)
		path[i] = i % 2 ? 'a' : '/';
	path[PATH_SIZE - 1] = '\0';
	CHECK_EQ(policy_add(&policy, path, 4094, CORDON_PATH_ONLY, W, 0), 0);
	CHECK_EQ(policy_access(&policy, path, 4094), W | S);
	CHECK_EQ(policy_access(&policy, path, 4092), S);
	CHECK_EQ(policy_access(&policy, path, 2), S);
	path[4000] = 'b';
	CHECK_EQ(policy_access(&policy, path, 4094), 0);
}

static void show_cost(void)
{
	static const char path[] = "/usr/lib/python3.11/site-packages/pkg/module/__init__.py";
	uint64_t start;
	uint32_t sum = 0;

	policy_clear(&policy);
	add("/usr/lib/python3.11", CORDON_PATH_TREE, R);
	add("/usr/lib/python3.11/site-packages/pkg", CORDON_PATH_TREE, R | X);
	start = clock_ns();
	for (int i = 0; i < 1000000; i++)
		sum += policy_access(&policy, path, sizeof path - 1);
	printf("a lookup of %zu bytes: %" PRIu64 " ns\n", sizeof path - 1, (clock_ns() - start) / 1000000);
	CHECK_EQ(sum, 1000000 * (R | X | S));
}

int main(void)
{
	test_random();
	test_longest_decides();
	test_scopes_together();
	test_moves();
	test_full();
	test_many();
	test_long();
	show_cost();
	return TEST_RESULT();
}
