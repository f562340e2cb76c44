/* SPDX-License-Identifier: Apache-2.0 */
/* Parses lists of CPUs to sets, and writes sets as the shortest lists. */
#include "base/base.h"
#include "cpus/cpus.h"
#include "test.h"

static void check_good(const char *text, uint64_t first_word, uint32_t words, const char *shortest)
{
	struct cpus cpus, again;
	char list[CPUS_LIST_MAX];

	if (!cpus_parse(text, &cpus)) {
		TEST_FAIL("\"%s\" taken for no list", text);
		return;
	}
	CHECK_EQ(cpus.bits[0], first_word);
	CHECK_EQ(cpus.words, words);
	CHECK(cpus_list(&cpus, list, sizeof list));
	CHECK_STR(list, shortest);
	CHECK(strlen(list) <= strlen(text));
	CHECK(!cpus_list(&cpus, list, strlen(shortest)) && cpus_list(&cpus, list, strlen(shortest) + 1));
	CHECK(cpus_parse(shortest, &again) && cpus_same(&cpus, &again));
}

static void check_bad(void)
{
	static const char *const bad[] = {
		"", "\n", "a", "1,", ",1", "1-", "-1", "3-1", "1 2", "0-3:1/2", "all", "N", "8192",
		"99999999999999999999", "1\n2", "0x1", "0\n",
	};
	struct cpus cpus;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (cpus_parse(bad[i], &cpus))
			TEST_FAIL("\"%s\" taken for a list", bad[i]);
}

static void check_sets(void)
{
	struct cpus few, many, none = { 0 };
	char list[CPUS_LIST_MAX];

	REQUIRE(cpus_parse("1,64", &few) && cpus_parse("0-2,64,200", &many));
	CHECK(cpus_within(&few, &many) && !cpus_within(&many, &few) && !cpus_same(&few, &many));
	CHECK(cpus_within(&none, &few) && !cpus_within(&few, &none) && cpus_same(&few, &few));
	CHECK(!cpus_list(&none, list, sizeof list));
}

int main(void)
{
	check_good("0", 1, 1, "0");
	check_good("0-3,7", 0x8f, 1, "0-3,7");
	check_good("7,0-3,2-4", 0x9f, 1, "0-4,7");
	check_good("0,1,2", 7, 1, "0-2");
	check_good("63,64-8191", UINT64_C(1) << 63, 128, "63-8191");
	check_good("63,65", UINT64_C(1) << 63, 2, "63,65");
	check_bad();
	check_sets();
	return TEST_RESULT();
}
