/* SPDX-License-Identifier: Apache-2.0 */
/* Compares the caller's own policies, for both CPUs, on pseudo-random calls (seed printed, or argv[1]), with
 * libseccomp's program for the same rules, and where libseccomp 2.5.4 is wrong with a direct evaluation of the rules:
 * - it loses rules, or gives the action of one to the arguments of another, if a call has several rules that share
 * comparisons of more than one condition (it may not even end), so several rules have at most one condition each here;
 * - two rules with NE, or with an order, on one argument: the high half is decided by another rule than the low
 * half. */
#include <linux/audit.h>

#include "base/base.h"
#include "bpf.h"
#include "seccomp_random.h"
#include "test.h"

#define SEED UINT64_C(20260101)
#define CALLS 2000

static struct random_rules rules;
static struct program theirs;

static struct cordon_seccomp *compile(const struct cordon_seccomp_policy *policy, const struct random_cpu *cpu)
{
	struct cordon_seccomp *seccomp;
	struct cordon_error err;
	char text[256];
	uint32_t bytes;
	const void *bpf;
	size_t bad;

	if (cordon_seccomp_new(policy, cpu->arch, &seccomp, &err) != 0) {
		TEST_FAIL("%s: %s", cpu->name, cordon_error_describe(&err, text, sizeof text));
		exit(1);
	}
	bpf = cordon_seccomp_program(seccomp, &bytes);
	REQUIRE(bpf_valid(bpf, bytes / sizeof(struct sock_filter), &bad));
	return seccomp;
}

static bool is_about(const struct random_cpu *cpu, uint32_t rule, int nr)
{
	return cordon_syscall_number(rules.rules[rule].syscall, cpu->arch) == nr;
}

/* What an operator shares with others of its kind; 0 = nothing that matters here. */
static int op_kind(const struct cordon_seccomp_rule *rule)
{
	switch (rule->args[0].op) {
	case CORDON_SECCOMP_NE:
		return 1;
	case CORDON_SECCOMP_EQ: case CORDON_SECCOMP_MASKED_EQ:
		return 0;
	default:
		return 2;
	}
}

static bool libseccomp_errs(const struct random_cpu *cpu, int nr)
{
	const struct cordon_seccomp_rule *list = rules.rules;

	for (uint32_t i = 0; i < rules.policy.nrules; i++)
		for (uint32_t k = 0; k < i && is_about(cpu, i, nr); k++)
			if (is_about(cpu, k, nr) && list[i].nargs > 0 && list[k].nargs > 0 && op_kind(&list[i]) != 0 &&
			    op_kind(&list[i]) == op_kind(&list[k]) && list[i].args[0].index == list[k].args[0].index)
				return true;
	return false;
}

/* A mask of 0 asks nothing, also to libseccomp. */
static bool is_unconditional(const struct cordon_seccomp_rule *rule)
{
	for (uint32_t i = 0; i < rule->nargs; i++)
		if (rule->args[i].op != CORDON_SECCOMP_MASKED_EQ || rule->args[i].value != 0)
			return false;
	return true;
}

/* Reads the rules: the verdict is that of the first unconditional rule, else of a rule that holds, else the default. */
static bool is_justified(const struct random_cpu *cpu, const struct random_call *call, uint32_t verdict)
{
	bool any = false, found = false;

	for (uint32_t i = 0; i < rules.policy.nrules; i++)
		if (is_about(cpu, i, call->data.nr) && is_unconditional(&rules.rules[i]))
			return verdict == rules.rules[i].action;
	for (uint32_t i = 0; i < rules.policy.nrules; i++) {
		if (!is_about(cpu, i, call->data.nr) || !rule_holds(&rules.rules[i], call->args))
			continue;
		any = true;
		found = found || verdict == rules.rules[i].action;
	}
	return any ? found : verdict == rules.policy.default_action;
}

/* Returns the number of calls where libseccomp's program was compared. */
static unsigned check_calls(const struct random_cpu *cpu, bool with_libseccomp)
{
	struct cordon_seccomp *seccomp = compile(&rules.policy, cpu);
	unsigned compared = 0;
	uint32_t bytes;
	const void *bpf = cordon_seccomp_program(seccomp, &bytes);

	for (long i = test_rounds(CALLS); i > 0 && test_failures < 20; i--) {
		struct random_call call = random_call(&rules, cpu);
		uint32_t got = program_run(bpf, bytes, &call), want = got;

		if (with_libseccomp && !libseccomp_errs(cpu, call.data.nr)) {
			want = bpf_run(theirs.insns, theirs.len, &call.data, NULL);
			compared++;
		}
		if (got != want || !is_justified(cpu, &call, got))
			TEST_FAIL("%s %d (%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %#x, libseccomp %#x", cpu->name,
				  call.data.nr, call.args[0], call.args[1], call.args[2], got, want);
		CHECK_EQ(cordon_seccomp_verdict(seccomp, call.data.nr, call.args), got);
		call.data.arch = AUDIT_ARCH_I386;
		CHECK_EQ(program_run(bpf, bytes, &call), SECCOMP_RET_KILL_PROCESS);
	}
	cordon_seccomp_free(seccomp);
	return compared;
}

static void check_random(const struct random_cpu *cpu, uint32_t each, uint32_t nargs, bool with_libseccomp)
{
	uint32_t refused;
	unsigned compared = 0;

	for (int round = 0; round < 12; round++) {
		random_policy(&rules, cpu, 30, each, nargs);
		if (with_libseccomp)
			libseccomp_program(&rules, cpu, &theirs, &refused);
		compared += check_calls(cpu, with_libseccomp);
	}
	printf("%s: up to %u rules of %u conditions: %u of %ld calls compared\n", cpu->name, each, nargs, compared,
	       12 * test_rounds(CALLS));
	CHECK(!with_libseccomp || compared > 12 * test_rounds(CALLS) / 3);
}

/* ---- lists ---- */

static void add_rule(const char *name, uint32_t action, const struct cordon_seccomp_arg *arg)
{
	uint32_t i = rules.policy.nrules++;

	snprintf(rules.names[i], sizeof rules.names[i], "%s", name);
	rules.rules[i] = (struct cordon_seccomp_rule){ rules.names[i], action, arg != NULL, rules.args[i] };
	if (arg != NULL)
		rules.args[i][0] = *arg;
}

static void begin(uint32_t action)
{
	rules.policy = (struct cordon_seccomp_policy){
		.default_action = action, .unknown_action = action, .rules = rules.rules,
	};
}

/* Most known calls are allowed, some under conditions as Docker's and Podman's profiles have them. */
static void allow_list(const struct random_cpu *cpu, uint32_t default_action)
{
	static const struct {
		const char *name;
		struct cordon_seccomp_arg arg;
	} conditions[] = {
		{ "personality", { 0, CORDON_SECCOMP_EQ, 0, 0 } }, { "personality", { 0, CORDON_SECCOMP_EQ, 8, 0 } },
		{ "personality", { 0, CORDON_SECCOMP_EQ, 0x20000, 0 } },
		{ "personality", { 0, CORDON_SECCOMP_EQ, 0x20008, 0 } },
		{ "personality", { 0, CORDON_SECCOMP_EQ, 0xffffffff, 0 } },
		{ "socket", { 0, CORDON_SECCOMP_NE, 40, 0 } },
		{ "clone", { 0, CORDON_SECCOMP_MASKED_EQ, 0x7e020000, 0 } },
		{ "ioctl", { 1, CORDON_SECCOMP_NE, 0x5412, 0 } }, { "dup3", { 0, CORDON_SECCOMP_LT, 1024, 0 } },
		{ "kill", { 1, CORDON_SECCOMP_LE, 31, 0 } },
		{ "prlimit64", { 0, CORDON_SECCOMP_GE, UINT64_C(1) << 33, 0 } },
		{ "socketpair", { 0, CORDON_SECCOMP_GT, 0xffffffff, 0 } },
	};

	begin(default_action);
	for (int nr = 0; nr <= 450; nr++) {
		char name[40];
		bool conditional = nr % 19 == 4;

		for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
			conditional = conditional || cordon_syscall_number(conditions[i].name, cpu->arch) == nr;
		/* libseccomp 2.5.4 does not know 335, 336 and what comes after 450. */
		if (cordon_syscall_name(nr, cpu->arch, name, sizeof name) > 0 && !conditional && nr != 335 && nr != 336)
			add_rule(name, SECCOMP_RET_ALLOW, NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++)
		add_rule(conditions[i].name, SECCOMP_RET_ALLOW, &conditions[i].arg);
}

static void check_lists(const struct random_cpu *cpu)
{
	static const char *const strict[] = {
		"read", "write", "close", "fstat", "mmap", "mprotect", "munmap", "brk", "rt_sigaction",
		"rt_sigprocmask", "ioctl", "pread64", "execve", "exit", "exit_group", "futex", "openat", "newfstatat",
		"lseek", "getrandom", "prlimit64", "rseq", "set_robust_list", "set_tid_address", "getpid", "gettid",
		"clock_gettime", "readlinkat", "getcwd", "uname",
	};
	struct cordon_seccomp *seccomp;
	uint64_t start, end;
	uint32_t refused, bytes;

	allow_list(cpu, SECCOMP_RET_ERRNO | 1);
	libseccomp_program(&rules, cpu, &theirs, &refused);
	start = clock_ns();
	seccomp = compile(&rules.policy, cpu);
	end = clock_ns();
	cordon_seccomp_program(seccomp, &bytes);
	printf("%s: allow list of %u rules: %zu instructions, libseccomp's %zu, %.2f ms\n", cpu->name,
	       rules.policy.nrules, bytes / sizeof(struct sock_filter), theirs.len, (double)(end - start) / 1e6);
	CHECK(bytes / sizeof(struct sock_filter) < theirs.len);
	cordon_seccomp_free(seccomp);
	CHECK_EQ(check_calls(cpu, true) > test_rounds(CALLS) / 2, true);

	begin(SECCOMP_RET_KILL_PROCESS);
	for (size_t i = 0; i < ARRAY_LEN(strict); i++)
		add_rule(strict[i], SECCOMP_RET_ALLOW, NULL);
	libseccomp_program(&rules, cpu, &theirs, &refused);
	seccomp = compile(&rules.policy, cpu);
	cordon_seccomp_program(seccomp, &bytes);
	printf("%s: strict list: %zu instructions, libseccomp's %zu\n", cpu->name, bytes / sizeof(struct sock_filter),
	       theirs.len);
	cordon_seccomp_free(seccomp);
	CHECK_EQ(check_calls(cpu, true), test_rounds(CALLS));
}

/* Two thirds of all calls have conditions and actions of their own, under every default action. */
static void check_large(const struct random_cpu *cpu)
{
	static const uint32_t defaults[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO | 4095,
		SECCOMP_RET_USER_NOTIF, SECCOMP_RET_TRACE | 65535, SECCOMP_RET_LOG, SECCOMP_RET_ALLOW,
	};

	for (size_t round = 0; round < ARRAY_LEN(defaults); round++) {
		struct cordon_seccomp *seccomp;
		uint64_t start, end;
		uint32_t bytes;

		random_policy(&rules, cpu, 230, 3, 2);
		rules.policy.default_action = rules.policy.unknown_action = defaults[round];
		start = clock_ns();
		seccomp = compile(&rules.policy, cpu);
		end = clock_ns();
		cordon_seccomp_program(seccomp, &bytes);
		printf("%s: %u rules, default %#x: %zu instructions, %.2f ms\n", cpu->name, rules.policy.nrules,
		       defaults[round], bytes / sizeof(struct sock_filter), (double)(end - start) / 1e6);
		CHECK(bytes / sizeof(struct sock_filter) <= BPF_MAXINSNS);
		cordon_seccomp_free(seccomp);
		check_calls(cpu, false);
	}
}

/* ---- what libseccomp does not do ---- */

static void check_numbers(void)
{
	char name[8] = "x";

	CHECK_EQ(cordon_syscall_number("getxattrat", CORDON_ARCH_X86_64), 464);
	CHECK_EQ(cordon_syscall_number("mseal", CORDON_ARCH_AARCH64), 462);
	CHECK_EQ(cordon_syscall_number("uretprobe", CORDON_ARCH_X86_64), 335);
	CHECK_EQ(cordon_syscall_number("uretprobe", CORDON_ARCH_AARCH64), -1);
	CHECK_EQ(cordon_syscall_number("read", CORDON_ARCH_AARCH64), 63);
	CHECK_EQ(cordon_syscall_number("open", CORDON_ARCH_AARCH64), -1);
	CHECK_EQ(cordon_syscall_number("no_such_call", CORDON_ARCH_X86_64), -1);
	CHECK_EQ(cordon_syscall_name(462, CORDON_ARCH_X86_64, name, sizeof name), 5);
	CHECK_STR(name, "mseal");
	CHECK_EQ(cordon_syscall_name(464, CORDON_ARCH_X86_64, name, sizeof name), 10);	/* does not fit */
	CHECK_EQ(cordon_syscall_name(-1, CORDON_ARCH_X86_64, name, sizeof name), 0);
	CHECK_EQ(cordon_syscall_name(1000, CORDON_ARCH_X86_64, name, sizeof name), 0);
	CHECK_EQ(cordon_syscall_name(1, 9, name, sizeof name), 0);
}

static void check_twice(void)
{
	static const struct cordon_seccomp_arg args[] = {
		{ 2, CORDON_SECCOMP_GE, 10, 0 }, { 2, CORDON_SECCOMP_LT, UINT64_C(1) << 40, 0 },
	};
	struct cordon_seccomp_rule list[] = {
		{ "mseal", SECCOMP_RET_ERRNO | 4095, 2, args }, { "open", SECCOMP_RET_ERRNO | 2, 0, NULL },
		{ "riscv_hwprobe", SECCOMP_RET_ERRNO | 2, 0, NULL },
	};
	struct cordon_seccomp_policy policy = { SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, list, 3, 0 };
	struct cordon_seccomp *seccomp = compile(&policy, &random_cpus[1]);
	static const struct {
		uint64_t value;
		uint32_t verdict;
	} rows[] = {
		{ 9, SECCOMP_RET_ALLOW }, { 10, SECCOMP_RET_ERRNO | 4095 },
		{ (UINT64_C(1) << 40) - 1, SECCOMP_RET_ERRNO | 4095 }, { UINT64_C(1) << 40, SECCOMP_RET_ALLOW },
		{ 0, SECCOMP_RET_ALLOW },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint64_t value[6] = { [2] = rows[i].value };

		CHECK_EQ(cordon_seccomp_verdict(seccomp, 462, value), rows[i].verdict);
	}
	CHECK_EQ(cordon_seccomp_verdict(seccomp, 463, (uint64_t[6]){ 0 }), SECCOMP_RET_ALLOW);
	CHECK_EQ(cordon_seccomp_verdict(seccomp, 5000, (uint64_t[6]){ 0 }), SECCOMP_RET_USER_NOTIF);
	CHECK_EQ(cordon_seccomp_verdict(seccomp, -1, (uint64_t[6]){ 0 }), SECCOMP_RET_USER_NOTIF);
	cordon_seccomp_free(seccomp);
	cordon_seccomp_free(NULL);
	CHECK_EQ(cordon_seccomp_verdict(NULL, 5000, (uint64_t[6]){ 0 }), SECCOMP_RET_ERRNO | 38);
}

static void refused(const struct cordon_seccomp_policy *policy, int32_t index, const char *detail)
{
	struct cordon_seccomp *seccomp;
	struct cordon_error err;

	CHECK_EQ(cordon_seccomp_new(policy, CORDON_ARCH_X86_64, &seccomp, &err), -22);
	CHECK_EQ(err.step, CORDON_STEP_SECCOMP_COMPILE);
	CHECK_EQ(err.index, index);
	if (err.detail_len != strlen(detail) || memcmp(err.detail, detail, err.detail_len) != 0)
		TEST_FAIL("\"%.*s\", not \"%s\"", (int)err.detail_len, err.detail, detail);
}

static void check_refusals(void)
{
	struct cordon_seccomp_arg arg = { 6, CORDON_SECCOMP_EQ, 0, 0 };
	struct cordon_seccomp_rule list[] = {
		{ "read", SECCOMP_RET_ALLOW, 0, NULL }, { "no_such_call", SECCOMP_RET_ALLOW, 0, NULL },
	};
	struct cordon_seccomp_policy policy = { SECCOMP_RET_ALLOW, SECCOMP_RET_ALLOW, list, 2, 0 };

	refused(&policy, 1, "no_such_call");
	list[1] = (struct cordon_seccomp_rule){ "read", SECCOMP_RET_ALLOW, 1, &arg };
	refused(&policy, 1, "index: 6: 0 to 5");
	arg = (struct cordon_seccomp_arg){ 0, 8, 0, 0 };
	refused(&policy, 1, "op: 8: not an enum cordon_seccomp_op");
	list[1] = (struct cordon_seccomp_rule){ "read", SECCOMP_RET_ERRNO | 4096, 0, NULL };
	refused(&policy, 1, "action: 331776: an errno is 0 to 4095");
	list[1].action = SECCOMP_RET_ALLOW | 1;
	refused(&policy, 1, "action: 2147418113: this action has no data");
	list[1].action = 0x12340000;
	refused(&policy, 1, "action: 305397760: not an action of linux/seccomp.h");
	list[1] = (struct cordon_seccomp_rule){ "read", SECCOMP_RET_ALLOW, 7, &arg };
	refused(&policy, 1, "nargs: 7: at most 6");
	policy.reserved = 1;
	list[1].nargs = 0;
	refused(&policy, -1, "reserved: 1: must be 0");
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;

	printf("seed %" PRIu64 "\n", seed);
	for (size_t i = 0; i < ARRAY_LEN(random_cpus); i++) {
		random_seed(seed);
		check_random(&random_cpus[i], 1, 6, true);
		check_random(&random_cpus[i], 4, 1, true);
		check_random(&random_cpus[i], 4, 4, false);
		check_lists(&random_cpus[i]);
		check_large(&random_cpus[i]);
	}
	check_numbers();
	check_twice();
	check_refusals();
	return TEST_RESULT();
}
