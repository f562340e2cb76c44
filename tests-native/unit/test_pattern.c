/* SPDX-License-Identifier: Apache-2.0 */
/* Which paths a pattern means: read as a search reads them, name by name from the pattern's own directory on. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include "base/base.h"
#include "host/pattern.h"
#include "test.h"

struct row {
	const char *pattern, *path;
	bool is_match;
};

static struct pattern *parse(const char *text)
{
	struct pattern *p = NULL;
	const char *problem = NULL;
	int rc = pattern_parse(text, &p, &problem);

	if (rc != 0)
		TEST_FAIL("\"%s\" refused: %s", text, problem != NULL ? problem : "");
	REQUIRE(rc == 0 && problem == NULL);
	return p;
}

/* A search goes into a directory only if it may hold a match, so a match must be found on the way. */
static bool means(const char *text, const char *path)
{
	struct pattern *p = parse(text);
	uint64_t state = pattern_begin(p);
	const char *at = pattern_directory(p);
	bool found = false, on = true;
	char *copy;

	if (!str_starts(path, at)) {
		pattern_free(p);
		return false;
	}
	copy = strdup(path + strlen(at) + (at[0] != '\0' && path[strlen(at)] == '/'));
	for (char *name = strtok(copy, "/"); name != NULL && on; name = strtok(NULL, "/")) {
		state = pattern_step(p, state, name);
		found = pattern_is_match(p, state);
		on = pattern_goes_on(p, state);
		if (!on && strtok(NULL, "/") != NULL)
			found = false;
	}
	free(copy);
	pattern_free(p);
	return found;
}

static void check_rows(void)
{
	static const struct row rows[] = {
		{ "a", "a", true },
		{ "a", "b", false },
		{ "a", "ab", false },
		{ "a", "a/a", false },
		{ "*", "a", true },
		{ "*", "a.b", true },
		{ "*", ".a", false },
		{ "*", "a/b", false },
		{ ".*", ".a", true },
		{ ".*", "a", false },
		{ "\\.*", ".a", true },
		{ "?a", ".a", false },
		{ "[.]a", ".a", false },
		{ "[!x]a", ".a", false },
		{ "*.o", "a.o", true },
		{ "*.o", ".o", false },
		{ "*.o", "a.o.c", false },
		{ "*.o", "o", false },
		{ "a*b*c", "abc", true },
		{ "a*b*c", "axxbyybzc", true },
		{ "a*b*c", "axxbyybz", false },
		{ "a**c", "abc", true },
		{ "a**c", "a/c", false },
		{ "?", "x", true },
		{ "?", "xy", false },
		{ "?", "\xc3\xa9", true },
		{ "??", "\xc3\xa9", false },
		{ "?", "\xff", true },
		{ "??", "\xff\xfe", true },
		{ "?", "\xe2\x82\xac", true },
		{ "?", "\xf0\x9f\x98\x80", true },
		{ "?", "\xe2\x82", false },
		{ "??", "\xe2\x82", true },
		{ "*\n*", "a\nb", true },
		{ "*", "\n", true },
		{ "*", "a b", true },
		{ "*", "\033[2J", true },
		{ "[abc]", "b", true },
		{ "[abc]", "d", false },
		{ "[!abc]", "d", true },
		{ "[^abc]", "a", false },
		{ "[a-c]x", "bx", true },
		{ "[a-c]x", "dx", false },
		{ "[]]", "]", true },
		{ "[!]]", "a", true },
		{ "[a-]", "-", true },
		{ "[-a]", "-", true },
		{ "[\\]a]", "a", true },
		{ "[\\]a]", "]", true },
		{ "[c-a]", "b", false },
		{ "[\xc3\xa0-\xc3\xaf]", "\xc3\xa9", true },
		{ "[\xc3\xa0-\xc3\xaf]", "\xc3\xbf", false },
		{ "[!a]", "\xff", true },
		{ "[\x01-\xf4\x8f\xbf\xbf]", "\xff", false },
		{ "\\*", "*", true },
		{ "\\*", "a", false },
		{ "a\\?", "a?", true },
		{ "\\[a]", "[a]", true },
		{ "{a,b}", "{a,b}", true },
		{ "{a,b}", "a", false },
		{ "d/*.o", "d/a.o", true },
		{ "d/*.o", "a.o", false },
		{ "d/*.o", "d/e/a.o", false },
		{ "d/*.o", "e/a.o", false },
		{ "*/*.o", "d/a.o", true },
		{ "*/x", "d/x", true },
		{ "*/x", ".d/x", false },
		{ "**", "a", true },
		{ "**", "a/b/c", true },
		{ "**", ".a", false },
		{ "**", "a/.b", false },
		{ "**", ".a/b", false },
		{ "**/*.o", "a.o", true },
		{ "**/*.o", "d/e/a.o", true },
		{ "**/*.o", "d/e/a.c", false },
		{ "d/**/*.o", "d/a.o", true },
		{ "d/**/*.o", "d/e/f/a.o", true },
		{ "d/**/*.o", "e/a.o", false },
		{ "d/**", "d/a", true },
		{ "d/**", "d", false },
		{ "**/e/**/a", "e/a", true },
		{ "**/e/**/a", "d/e/f/e/g/a", true },
		{ "**/e/**/a", "d/a", false },
		{ "**/**/**/a", "a", true },
		{ "**/**/**/a", "b/c/a", true },
		{ "**/.git/*", "a/.git/x", true },
		{ "/a/*", "/a/b", true },
		{ "/a/*", "a/b", false },
		{ "/*", "/a", true },
		{ "/*/b", "/a/b", true },
		{ "\\*/*", "*/a", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (means(rows[i].pattern, rows[i].path) != rows[i].is_match)
			TEST_FAIL("\"%s\" %s \"%s\"", rows[i].pattern, rows[i].is_match ? "does not mean" : "means",
				  rows[i].path);
}

static void check_directories(void)
{
	static const char *const rows[][2] = {
		{ "*", "" },   { "a", "" },   { "a/b", "a" },	{ "a/b/*", "a/b" },	    { "/a/b", "/a" },
		{ "/*", "/" }, { "/a", "/" }, { "a/*/b", "a" }, { "a\\*/\\[b/c", "a*/[b" }, { "**/a", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pattern *p = parse(rows[i][0]);

		CHECK_STR(pattern_directory(p), rows[i][1]);
		pattern_free(p);
	}
}

static void check_refused(const char *text)
{
	const char *problem = NULL;
	struct pattern *p = NULL;

	CHECK_EQ(pattern_parse(text, &p, &problem), -EINVAL);
	CHECK(p == NULL && problem != NULL);
}

static void check_bad(void)
{
	static const char *const bad[] = {
		"",  "/",  "//", "a//b", "a/",	"/a/", ".",	 "..",	  "./a", "a/../b", "*/..",
		"[", "a[", "[a", "[]",	 "[!]", "[^",  "a/[b/c", "[a\\]", "\\",	 "a\\",	   "a\\/\\",
	};
	char many[2 * PATTERN_PARTS_MAX + 2] = "*";

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		check_refused(bad[i]);
	for (int i = 1; i < PATTERN_PARTS_MAX; i++)
		strcat(many, "/*");
	pattern_free(parse(many));
	strcat(many, "/*");
	check_refused(many);
	pattern_free(NULL);
}

/* A program chooses its names so that a careless matcher takes for ever. */
static void check_time(void)
{
	char pattern[512] = "", name[256], deep[512] = "";
	struct timespec before, after;

	for (int i = 0; i < 100; i++)
		strcat(pattern, "*a");
	strcat(pattern, "b");
	memset(name, 'a', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &before);
	for (int i = 0; i < 100; i++)
		CHECK(!means(pattern, name));
	for (int i = 0; i < 100; i++)
		strcat(deep, "a/");
	strcat(deep, "c");
	CHECK(!means("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b", deep));
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK(after.tv_sec - before.tv_sec < 10);
}

int main(void)
{
	check_rows();
	check_directories();
	check_bad();
	check_time();
	return TEST_RESULT();
}
