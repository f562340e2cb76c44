/* SPDX-License-Identifier: Apache-2.0 */
/* scenarios: what scenarios_selftest.sh runs, to see what becomes of one that hangs and of one that is skipped. */
#include <unistd.h>
#include "support/sandbox.h"

static void passes(void)
{
}

static void hangs(void)
{
	for (;;)
		pause();
}

static void hangs_in_a_child(void)
{
	CHECK_EQ(self_run("hangs", 0), 0);
}

static void is_skipped(void)
{
	SKIP_SCENARIO("a-word: nothing is missing");
}

static void is_skipped_in_a_child(void)
{
	CHECK_EQ(self_run("is_skipped", 0), 0);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO_BY_NAME(passes),
		SCENARIO_BY_NAME(hangs),
		SCENARIO_BY_NAME(hangs_in_a_child),
		SCENARIO_BY_NAME(is_skipped),
		SCENARIO_BY_NAME(is_skipped_in_a_child),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
