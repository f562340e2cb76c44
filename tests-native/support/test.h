/* SPDX-License-Identifier: Apache-2.0 */
/* test: the macros of a native test: a plain C program whose main ends with TEST_RESULT().
 *
 * A failed check prints file, line and values on stderr and the test continues, so that one run shows every failure.
 * REQUIRE ends the test at once if later lines depend on it. Exit status: 0 passed, 1 failed, 77 skipped (ctest's
 * SKIP_RETURN_CODE). A child process of a test must leave through _exit(TEST_RESULT()), because it has its own
 * counter. */
#ifndef CORDON_TEST_H
#define CORDON_TEST_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether a sanitizer watches this process: then it has terabytes of address space, and an allocator of its own. */
extern const bool test_sanitized;

extern int test_failures;

#define TEST_FAIL(...)                                                                                             \
	do {                                                                                                       \
		fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                    \
		fprintf(stderr, __VA_ARGS__);                                                                      \
		fputc('\n', stderr);                                                                               \
		test_failures++;                                                                                   \
	} while (0)

#define CHECK(cond)                                                                                                \
	do {                                                                                                       \
		if (!(cond))                                                                                       \
			TEST_FAIL("false: %s", #cond);                                                             \
	} while (0)

/* Integers of any type up to 64 bits; both sides are evaluated once and shown in decimal. */
#define CHECK_EQ(a, b)                                                                                             \
	do {                                                                                                       \
		int64_t test_a_ = (int64_t)(a), test_b_ = (int64_t)(b);                                            \
		if (test_a_ != test_b_)                                                                            \
			TEST_FAIL("%s is %" PRId64 ", not %s (%" PRId64 ")", #a, test_a_, #b, test_b_);            \
	} while (0)

#define CHECK_STR(a, b)                                                                                            \
	do {                                                                                                       \
		const char *test_a_ = (a), *test_b_ = (b);                                                         \
		if (test_a_ == NULL || test_b_ == NULL || strcmp(test_a_, test_b_) != 0)                           \
			TEST_FAIL("%s is \"%s\", not \"%s\"", #a, test_a_ ? test_a_ : "NULL",                      \
				  test_b_ ? test_b_ : "NULL");                                                     \
	} while (0)

#define REQUIRE(cond)                                                                                              \
	do {                                                                                                       \
		if (!(cond)) {                                                                                     \
			TEST_FAIL("required: %s", #cond);                                                          \
			exit(1);                                                                                   \
		}                                                                                                  \
	} while (0)

/* The scenario that runs from now on, which a hang and a skip name; NULL = none, the test is one. */
void test_scenario(const char *name);

/* Ends this process after so many seconds and prints the scenario that hangs: one that is killed from outside can't.
 * 0 = when the time that ctest or the guest gives the test is nearly over (CORDON_TEST_SECONDS, 300). */
void test_watch(unsigned seconds);

/* What is left of that, for a process of the test's own that must not outlive it; 0 = nothing was set. */
unsigned test_watch_left(void);

/* Sets $CORDON_TEST_PROGRAMS where it is not set (a test started by hand): beside the folder of the test's own file. */
void test_find_programs(void);

/* This machine cannot run the test; why names the missing feature. CORDON_MUST_WORK (a list of words, or "all") turns a
 * skip whose reason holds one of its words into a failure, so that CI notices when a feature disappears. */
#define SKIP(why) exit(test_skip(__FILE__, __LINE__, (why)))

/* Says so, also in the summary at the end of the test run (CORDON_TEST_SKIPPED). 77, or 1 where it must work. */
int test_skip(const char *file, int line, const char *why);

/* A number from the environment, or what is usual. */
static inline long number_from_env(const char *name, long usual)
{
	const char *text = getenv(name);
	long value = text ? strtol(text, NULL, 10) : 0;

	return value > 0 ? value : usual;
}

/* How often a long loop goes round: as often as usual, or by CORDON_TEST_DIVISOR fewer times, where the CPU is
 * emulated. */
static inline long test_rounds(long usual)
{
	long divisor = number_from_env("CORDON_TEST_DIVISOR", 1);

	return usual > divisor ? usual / divisor : usual;
}

/* The same for a script: a number to divide by. */
static inline const char *test_divisor(void)
{
	const char *text = getenv("CORDON_TEST_DIVISOR");

	return text ? text : "1";
}

#define TEST_RESULT() (test_failures ? 1 : 0)

#endif
