/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of a supervised run: what notify_filter returns, for random policies, names and flags (seed printed, or
 * argv[1]). */
#include <linux/audit.h>
#include <pthread.h>

#include "base/base.h"
#include "bpf.h"
#include "seccomp/seccomp.h"
#include "seccomp_random.h"
#include "test.h"

#define SEED UINT64_C(20260101)
#define NAMES 6

static struct random_rules rules;
static char names[NAMES][40];
static const char *name_list[NAMES];

/* The lower, the more restrictive. */
static int rank(uint32_t action)
{
	static const uint32_t order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
	};

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (order[i] == (action & SECCOMP_RET_ACTION_FULL))
			return (int)i;
	return -1;
}

/* As the contract says it, from the policy's own verdict. */
static uint32_t expected(const struct seccomp_stops *stops, const struct random_cpu *cpu,
			 const struct random_call *call, uint32_t verdict)
{
	int kind = rank(verdict);
	bool is_errno = kind == rank(SECCOMP_RET_ERRNO);
	bool stopped = stops->all;

	for (uint32_t i = 0; i < stops->nnames; i++)
		stopped = stopped || cordon_syscall_number(stops->names[i], cpu->arch) == call->data.nr;
	if (is_errno)
		return stops->audit ? stops->action : verdict;
	if (kind != rank(SECCOMP_RET_ALLOW) && kind != rank(SECCOMP_RET_LOG))
		return stops->action;
	return stopped ? stops->action : verdict;
}

static void check_programs(const struct seccomp_programs *p, const struct seccomp_stops *stops,
			   const struct random_cpu *cpu, const struct cordon_seccomp *seccomp)
{
	bool carried = false;

	for (int i = 0; i < 2000 && test_failures < 20; i++) {
		struct random_call call = random_call(&rules, cpu);
		uint32_t policy, notify;

		if (i % 8 == 0 && stops->nnames > 0)
			call.data.nr = cordon_syscall_number(stops->names[random_below(stops->nnames)], cpu->arch);
		policy = cordon_seccomp_verdict(seccomp, call.data.nr, call.args);
		notify = program_run(p->notify_filter, p->notify_len, &call);
		if (notify != expected(stops, cpu, &call, policy))
			TEST_FAIL("%s %d: notify_filter %#x, policy %#x", cpu->name, call.data.nr, notify, policy);
		if (p->policy_len > 0)
			CHECK_EQ(program_run(p->policy_filter, p->policy_len, &call), policy);
		carried = carried || (rank(policy) < rank(SECCOMP_RET_LOG) &&
				      (stops->audit || rank(policy) != rank(SECCOMP_RET_ERRNO)));
		call.data.arch = AUDIT_ARCH_I386;
		CHECK_EQ(program_run(p->notify_filter, p->notify_len, &call), SECCOMP_RET_KILL_PROCESS);
	}
	CHECK(!carried || p->policy_len > 0);
}

static struct seccomp_stops random_stops(const struct random_cpu *cpu)
{
	for (size_t i = 0; i < NAMES; i++) {
		random_name(cpu, names[i]);
		name_list[i] = names[i];
	}
	return (struct seccomp_stops){ .action = random_below(2) ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE | 3,
				       .all = random_below(6) == 0, .audit = random_below(2), .names = name_list,
				       .nnames = random_below(NAMES + 1) };
}

static void check_random(const struct random_cpu *cpu)
{
	for (int round = 0; round < 40; round++) {
		struct cordon_seccomp *seccomp;
		struct cordon_error err;

		random_policy(&rules, cpu, 30, 3, 3);
		REQUIRE(cordon_seccomp_new(&rules.policy, cpu->arch, &seccomp, &err) == 0);
		for (int i = 0; i < 3; i++) {
			struct seccomp_stops stops = random_stops(cpu);
			struct seccomp_programs p, again;

			REQUIRE(seccomp_split(seccomp, &stops, &p, &err) == 0);
			check_programs(&p, &stops, cpu, seccomp);
			REQUIRE(seccomp_split(seccomp, &stops, &again, &err) == 0);
			CHECK(again.notify_filter == p.notify_filter && again.policy_filter == p.policy_filter &&
			      p.owned == NULL);
		}
		cordon_seccomp_free(seccomp);
	}
}

/* More sets than are kept: the rest is the caller's, and the first ones stay. */
static void check_bound(void)
{
	struct seccomp_programs first, p;
	struct cordon_error err;

	for (uint32_t i = 0; i < SECCOMP_CACHE_MAX + 4; i++) {
		struct seccomp_stops stops = { .action = SECCOMP_RET_TRACE | i };

		REQUIRE(seccomp_split(NULL, &stops, i == 0 ? &first : &p, &err) == 0);
		CHECK_EQ(i > 0 && p.owned != NULL, i >= SECCOMP_CACHE_MAX);
		if (i > 0)
			seccomp_programs_free(&p);
	}
	REQUIRE(seccomp_split(NULL, &(struct seccomp_stops){ .action = SECCOMP_RET_TRACE }, &p, &err) == 0);
	CHECK(p.notify_filter == first.notify_filter && p.policy_len == 0 && p.policy_filter == NULL);
}

static struct cordon_seccomp *shared;

static void *ask(void *unused)
{
	(void)unused;
	for (uint32_t i = 0; i < 64; i++) {
		struct seccomp_stops stops = { .action = SECCOMP_RET_TRACE | i % 40 };
		struct seccomp_programs p;
		struct cordon_error err;
		struct random_call call = { .data = { .nr = cordon_syscall_number("reboot", CORDON_ARCH_X86_64),
						      .arch = AUDIT_ARCH_X86_64 } };

		if (seccomp_split(shared, &stops, &p, &err) != 0 ||
		    program_run(p.notify_filter, p.notify_len, &call) != stops.action)
			return &shared;
		seccomp_programs_free(&p);
	}
	return NULL;
}

static void check_threads(void)
{
	static const struct cordon_seccomp_rule kill = { "reboot", SECCOMP_RET_KILL_PROCESS, 0, NULL };
	struct cordon_seccomp_policy policy = { SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, &kill, 1, 0 };
	struct cordon_error err;
	pthread_t threads[4];

	REQUIRE(cordon_seccomp_new(&policy, CORDON_ARCH_X86_64, &shared, &err) == 0);
	CHECK(seccomp_kills(shared));
	CHECK(!seccomp_kills(NULL));
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		REQUIRE(pthread_create(&threads[i], NULL, ask, NULL) == 0);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
		void *failed;

		REQUIRE(pthread_join(threads[i], &failed) == 0);
		CHECK(failed == NULL);
	}
	cordon_seccomp_free(shared);
}

static void check_names(void)
{
	static const char *const unknown[] = { "read", "no_such_call" };
	struct seccomp_stops stops = { .action = SECCOMP_RET_TRACE, .names = unknown, .nnames = 2 };
	struct seccomp_programs p;
	struct cordon_error err;

	CHECK_EQ(seccomp_split(NULL, &stops, &p, &err), -22);
	CHECK_EQ(err.index, 1);
	CHECK(err.detail_len == 12 && memcmp(err.detail, "no_such_call", 12) == 0);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;

	printf("seed %" PRIu64 "\n", seed);
	random_seed(seed);
	for (size_t i = 0; i < ARRAY_LEN(random_cpus); i++)
		check_random(&random_cpus[i]);
	check_bound();
	check_threads();
	check_names();
	return TEST_RESULT();
}
