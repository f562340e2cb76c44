/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that a supervisor makes for the program have the same results and errors as without it. */
#include <linux/landlock.h>
#include <sys/syscall.h>
#include "support/supervised.h"

#define SEMANTICS "/programs/semantics"

static void run_semantics(struct supervised *v, struct outcome *o)
{
	sandbox_run(&v->s, ARGV(SEMANTICS), o);
	CHECK_OK(o);
}

static void allow_all(struct supervised *v, uint32_t engine)
{
	supervised_init(v, engine);
	supervised_path(v, "/", CORDON_PATH_TREE, ACCESS_RW | CORDON_ACCESS_EXEC);
}

/* Every line that differs. */
static uint32_t compare(char *plain, char *supervised)
{
	char *at[2] = { NULL, NULL }, *a = strtok_r(plain, "\n", &at[0]), *b = strtok_r(supervised, "\n", &at[1]);
	uint32_t lines = 0;

	for (; a != NULL || b != NULL; a = strtok_r(NULL, "\n", &at[0]), b = strtok_r(NULL, "\n", &at[1])) {
		if (a == NULL || b == NULL || strcmp(a, b) != 0)
			TEST_FAIL("not \"%s\" but \"%s\"", a != NULL ? a : "(end)", b != NULL ? b : "(end)");
		lines += a != NULL;
	}
	return lines;
}

static void same_results(uint32_t engine)
{
	struct supervised plain, v;
	struct outcome a, b;

	supervised_init(&plain, engine);
	plain.s.command.supervisor = NULL;
	run_semantics(&plain, &a);
	allow_all(&v, engine);
	run_semantics(&v, &b);
	CHECK(compare(a.out, b.out) > 300);
	CHECK_EQ(b.result->nevents, 0);
	outcome_done(&a);
	outcome_done(&b);
}
BOTH_ENGINES(same_results)

static void results_are_the_same(void)
{
	same_results_notify();
	same_results_ptrace();
}
ROOTLESS(results_are_the_same)

/* Landlock would refuse those of others, and whose one is is not known before it is connected to. */
static void abstract_sockets_of_others(uint32_t engine)
{
	bool scoped = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 6;
	struct supervised v;
	struct outcome o;

	for (int host = 0; host < 2; host++) {
		allow_all(&v, engine);
		v.s.config.network = host ? CORDON_NETWORK_HOST : CORDON_NETWORK_NONE;
		sandbox_run(&v.s, ARGV("/programs/sockets", "abstract"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, host && scoped ? "abstract=1\n" : "abstract=0\n");
		outcome_done(&o);
	}
}
BOTH_ENGINES(abstract_sockets_of_others)

static const struct scenario scenarios[] = {
	BOTH_SCENARIOS(same_results),
	BOTH_SCENARIOS(abstract_sockets_of_others),
	ROOTLESS_SCENARIO(results_are_the_same),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
