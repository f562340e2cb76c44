/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pattern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"

#define NO_CHARACTER 0x110000u /* and above: a byte that is no UTF-8 */

/* A state is a set: bit i is set if part i is to be matched next, bit nparts if all are. */
struct pattern {
	char *directory;
	const char *parts[PATTERN_PARTS_MAX]; /* from the first with a wildcard on; in text */
	uint32_t nparts;
	char text[];
};

/* ---- characters ---- */

/* The character at *s, which is moved behind it: a code point, or for what is no UTF-8 a number for one byte. */
static uint32_t take_character(const char **s)
{
	const unsigned char *c = (const unsigned char *)*s;
	int more = c[0] >= 0xf0 && c[0] < 0xf8 ? 3 : c[0] >= 0xe0 ? 2 : c[0] >= 0xc0 ? 1 : 0;
	uint32_t value = more == 0 ? c[0] : c[0] & (0x3fu >> more);

	if ((c[0] >= 0x80 && c[0] < 0xc0) || c[0] >= 0xf8)
		more = -1;
	for (int i = 1; i <= more; i++) {
		if ((c[i] & 0xc0) != 0x80)
			more = -1;
		value = value << 6 | (c[i] & 0x3fu);
	}
	*s += more < 0 ? 1 : more + 1;
	return more < 0 ? NO_CHARACTER + c[0] : value;
}

static bool is_wild(char c)
{
	return c == '*' || c == '?' || c == '[';
}

/* The bracket that ends the set at p, or NULL. A bracket that comes first is one of the set's characters. */
static const char *set_end(const char *p)
{
	p++;
	if (*p == '!' || *p == '^')
		p++;
	if (*p == ']')
		p++;
	while (*p != ']' && *p != '\0')
		p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
	return *p == ']' ? p : NULL;
}

static uint32_t take_quoted(const char **p)
{
	if ((*p)[0] == '\\' && (*p)[1] != '\0')
		++*p;
	return take_character(p);
}

/* Moves *p behind the set. */
static bool set_has(const char **p, uint32_t c)
{
	const char *end = set_end(*p), *at = *p + 1;
	bool negated = *at == '!' || *at == '^', found = false;

	at += negated;
	while (at < end) {
		uint32_t low = take_quoted(&at), high = low;

		if (at[0] == '-' && at + 1 < end) {
			at++;
			high = take_quoted(&at);
		}
		found = found || (c >= low && c <= high);
	}
	*p = end + 1;
	return found != negated;
}

/* Whether c is matched by what stands at *p, which is no '*', and moves *p behind it. */
static bool matches_one(const char **p, uint32_t c)
{
	if (**p == '\0')
		return false;
	if (**p == '[')
		return set_has(p, c);
	if (**p == '?') {
		++*p;
		return true;
	}
	return take_quoted(p) == c;
}

/* Only the last '*' is tried again, with one more character: the time is the product of both lengths at most. */
static bool matches(const char *p, const char *name)
{
	const char *after_star = NULL, *retry = NULL;

	if (name[0] == '.' && p[p[0] == '\\'] != '.')
		return false;
	while (*name != '\0') {
		const char *next_p = p, *next_name = name;

		if (*p == '*') {
			after_star = ++p;
			retry = name;
		} else if (matches_one(&next_p, take_character(&next_name))) {
			p = next_p;
			name = next_name;
		} else if (after_star != NULL) {
			(void)take_character(&retry);
			p = after_star;
			name = retry;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

/* ---- reading a pattern ---- */

static const char *problem_of(const char *part)
{
	if (*part == '\0' || str_is_dots(part))
		return "must not hold an empty part, '.' or '..'";
	while (*part != '\0') {
		if (*part == '[') {
			part = set_end(part);
			if (part == NULL)
				return "has a '[' without a ']'";
		} else if (*part == '\\') {
			part++;
			if (*part == '\0')
				return "ends in a '\\'";
		}
		part++;
	}
	return NULL;
}

static bool has_wildcard(const char *part)
{
	for (; *part != '\0' && !is_wild(*part); part++)
		part += *part == '\\';
	return *part != '\0';
}

/* Appends a name without its backslashes. */
static void append(char *path, const char *part)
{
	size_t at = strlen(path);

	if (at > 0 && path[at - 1] != '/')
		path[at++] = '/';
	for (; *part != '\0'; part++) {
		part += *part == '\\';
		path[at++] = *part;
	}
	path[at] = '\0';
}

/* Cuts the text at its slashes. A set has no slash: it ends with the part. */
static const char *split(struct pattern *p)
{
	bool fixed = true;
	char *part = p->text + (p->text[0] == '/'), *slash;

	if (part != p->text)
		memcpy(p->directory, "/", sizeof "/");
	do {
		const char *problem;

		slash = strchr(part, '/');
		if (slash != NULL)
			*slash = '\0';
		problem = problem_of(part);
		if (problem != NULL)
			return problem;
		fixed = fixed && slash != NULL && !has_wildcard(part);
		if (fixed)
			append(p->directory, part);
		else if (p->nparts == PATTERN_PARTS_MAX)
			return "has more than 60 parts";
		else
			p->parts[p->nparts++] = part;
		part = slash != NULL ? slash + 1 : NULL;
	} while (slash != NULL);
	return NULL;
}

int pattern_parse(const char *text, struct pattern **ret, const char **ret_problem)
{
	size_t size = strlen(text) + 1;
	struct pattern *p = calloc(1, sizeof *p + size);

	if (p == NULL)
		return -ENOMEM;
	p->directory = calloc(1, size);
	if (p->directory == NULL) {
		pattern_free(p);
		return -ENOMEM;
	}
	memcpy(p->text, text, size);
	*ret_problem = split(p);
	if (*ret_problem != NULL) {
		pattern_free(p);
		return -EINVAL;
	}
	*ret = p;
	return 0;
}

const char *pattern_directory(const struct pattern *p)
{
	return p->directory;
}

void pattern_free(struct pattern *p)
{
	if (p != NULL)
		free(p->directory);
	free(p);
}

/* ---- matching ---- */

static bool is_any(const struct pattern *p, uint32_t part)
{
	return strcmp(p->parts[part], "**") == 0;
}

/* "**" may stand for no directory at all. */
static uint64_t with_skipped(const struct pattern *p, uint64_t state)
{
	for (uint32_t i = 0; i < p->nparts; i++)
		if ((state >> i & 1) != 0 && is_any(p, i))
			state |= UINT64_C(2) << i;
	return state;
}

uint64_t pattern_begin(const struct pattern *p)
{
	return with_skipped(p, 1);
}

uint64_t pattern_step(const struct pattern *p, uint64_t state, const char *name)
{
	uint64_t next = 0;

	for (uint32_t i = 0; i < p->nparts; i++) {
		if ((state >> i & 1) == 0)
			continue;
		if (is_any(p, i))
			next |= name[0] != '.' ? UINT64_C(1) << i : 0;
		else if (matches(p->parts[i], name))
			next |= UINT64_C(2) << i;
	}
	return with_skipped(p, next);
}

bool pattern_is_match(const struct pattern *p, uint64_t state)
{
	return (state >> p->nparts & 1) != 0;
}

bool pattern_goes_on(const struct pattern *p, uint64_t state)
{
	return (state & ((UINT64_C(1) << p->nparts) - 1)) != 0;
}
