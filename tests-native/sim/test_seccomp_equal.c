/* SPDX-License-Identifier: Apache-2.0 */
/* Compares our programs with other sources of the same verdicts, on pseudo-random calls (fixed seed, or argv[1]):  -
 * the default policy with libseccomp's own program for the same rules, written again as refusals, because libseccomp
 * has no order of rules, and two of its calls with functions;  - random policies without overlap with libseccomp;  -
 * random policies with every operator and overlap, up to jumps over more than 255 instructions, with a direct
 * evaluation of the rules. */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "bpf.h"
#include "cordon/seccomp.h"
#include "seccomp/seccomp.h"
#include "test.h"

#define NUMBERS 470		/* a few above the last known call */
#define SEED UINT64_C(20260101)
#define LOW UINT64_C(0xffffffff)

struct program {
	struct sock_filter insns[CORDON_SECCOMP_MAX];
	size_t len;
};

static const struct cpu {
	uint32_t arch, audit;
	const char *name;
} cpus[] = {
	{ CORDON_ARCH_X86_64, AUDIT_ARCH_X86_64, "x86_64" },
	{ CORDON_ARCH_AARCH64, AUDIT_ARCH_AARCH64, "aarch64" },
};

static uint64_t random_state;

/* splitmix64 */
static uint64_t random_u64(void)
{
	uint64_t z = random_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static uint32_t random_below(uint32_t n)
{
	return (uint32_t)(random_u64() % n);
}

/* Mostly values at which a rule of some policy changes its mind, some of them with upper bits. */
static uint64_t random_value(void)
{
	static const uint64_t interesting[] = {
		0, 1, 2, 3, 4, 8, 9, 10, 11, 15, 16, 17, 18, 24, 26, 31, 32, 38, 40, 0x11,
		0x20000, 0x20008, 0x40000, 0x40008, 0x400000, 0x5411, 0x5412, 0x5413, 0x541c, 0x541d,
		0x800000, 0x1200011, 0x2000000, 0x3d0f00, 0x7e020000, 0xfffbffff,
		0x10000000, 0x20000000, 0x40000000, 0x80000000, 0xffffffff,
	};
	uint64_t v = interesting[random_below(ARRAY_LEN(interesting))];

	switch (random_below(8)) {
	case 0:
		return random_u64();
	case 1:
		return v | UINT64_C(1) << (32 + random_below(32));
	case 2:
		return v ^ UINT64_C(1) << random_below(32);
	case 3:
		return v | UINT64_C(0xffffffff00000000);
	default:
		return v;
	}
}

static struct seccomp_data random_call(const struct cpu *cpu, uint32_t nr)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = cpu->audit, .instruction_pointer = random_u64() };

	for (size_t i = 0; i < ARRAY_LEN(data.args); i++)
		data.args[i] = random_value();
	return data;
}

static bool is_known(const struct cpu *cpu, uint32_t nr)
{
	char *name = seccomp_syscall_resolve_num_arch(cpu->audit, (int)nr);

	free(name);
	return name != NULL;
}

static int number_of(const struct cpu *cpu, const char *syscall)
{
	return seccomp_syscall_resolve_name_arch(cpu->audit, syscall);
}

static void compile(const struct seccomp_policy *policy, const struct cpu *cpu, struct program *p)
{
	struct cordon_error err;
	size_t bad;

	REQUIRE(seccomp_compile(policy, cpu->arch, p->insns, &p->len, &err) == 0);
	REQUIRE(bpf_valid(p->insns, p->len, &bad));
}

/* ---- libseccomp ---- */

static scmp_filter_ctx context_new(const struct cpu *cpu, uint32_t known)
{
	scmp_filter_ctx ctx = seccomp_init(known);

	REQUIRE(ctx);
	(void)seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE);
	REQUIRE(seccomp_arch_add(ctx, cpu->audit) == 0);
	REQUIRE(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) == 0);
	return ctx;
}

static void context_export(scmp_filter_ctx ctx, struct program *p)
{
	FILE *file = tmpfile();
	size_t bad;

	REQUIRE(file);
	REQUIRE(seccomp_export_bpf(ctx, fileno(file)) == 0);
	rewind(file);
	p->len = fread(p->insns, sizeof *p->insns, ARRAY_LEN(p->insns), file);
	REQUIRE(p->len > 0 && p->len < ARRAY_LEN(p->insns));
	REQUIRE(bpf_valid(p->insns, p->len, &bad));
	fclose(file);
	seccomp_release(ctx);
}

/* libseccomp takes numbers of the machine's own CPU and translates them. */
static void refuse(scmp_filter_ctx ctx, const struct cpu *cpu, const char *syscall, uint32_t action, unsigned n,
		   const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(syscall);

	if (number_of(cpu, syscall) >= 0 && seccomp_rule_add_array(ctx, action, nr, n, args) != 0)
		TEST_FAIL("libseccomp refuses a rule for %s", syscall);
}

static void refuse_masked(scmp_filter_ctx ctx, const struct cpu *cpu, const char *syscall, uint32_t action,
			  unsigned arg, uint64_t mask, uint64_t value)
{
	refuse(ctx, cpu, syscall, action, 1, &SCMP_CMP64(arg, SCMP_CMP_MASKED_EQ, mask, value));
}

/* Refuses every low half that has one of these bits. */
static void refuse_bits(scmp_filter_ctx ctx, const struct cpu *cpu, const char *syscall, uint32_t action, unsigned arg,
			uint32_t bits)
{
	for (unsigned i = 0; i < 32; i++)
		if (bits & (1u << i))
			refuse_masked(ctx, cpu, syscall, action, arg, 1u << i, 1u << i);
}

static void refuse_pairs(scmp_filter_ctx ctx, const struct cpu *cpu)
{
	for (unsigned family = 0; family < 32; family++) {
		bool known = family == 2 || family == 10 || family == 16;

		if (family != 1)	/* EOPNOTSUPP, EAFNOSUPPORT */
			refuse_masked(ctx, cpu, "socketpair", SCMP_ACT_ERRNO(known ? 95 : 97), 0, LOW, family);
	}
	refuse_bits(ctx, cpu, "socketpair", SCMP_ACT_ERRNO(97), 0, 0xffffffe0);
}

/* All low halves with a bit other than 0x60008 but 0xffffffff: such a bit is set, and some bit is not. */
static void refuse_personalities(scmp_filter_ctx ctx, const struct cpu *cpu)
{
	for (unsigned set = 0; set < 32; set++)
		for (unsigned clear = 0; clear < 32; clear++)
			if (set != 3 && set != 17 && set != 18 && clear != set)
				refuse_masked(ctx, cpu, "personality", SCMP_ACT_ERRNO(1), 0, 1u << set | 1u << clear,
					      1u << set);
}

static void refuse_conditionally(scmp_filter_ctx ctx, const struct cpu *cpu)
{
	static const char *const sched[] = { "sched_setaffinity", "sched_setattr", "sched_setparam",
					     "sched_setscheduler" };
	static const uint32_t leases[] = { 1024, 1026, 1040 };
	const uint32_t eperm = SCMP_ACT_ERRNO(1);
	const struct scmp_arg_cmp init_priority[] = {
		SCMP_A0_64(SCMP_CMP_MASKED_EQ, LOW, 0), SCMP_A1_64(SCMP_CMP_MASKED_EQ, LOW, 1),
	};

	refuse_bits(ctx, cpu, "clone", eperm, 0, 0x7e820000);
	refuse_bits(ctx, cpu, "seccomp", eperm, 1, 8);
	refuse_bits(ctx, cpu, "inotify_add_watch", eperm, 2, 0x31);
	for (size_t i = 0; i < ARRAY_LEN(leases); i++)
		refuse_masked(ctx, cpu, "fcntl", eperm, 1, LOW, leases[i]);
	refuse_masked(ctx, cpu, "ioctl", eperm, 1, LOW, 0x5412);
	refuse_masked(ctx, cpu, "ioctl", eperm, 1, LOW, 0x541c);
	refuse_masked(ctx, cpu, "ioctl", eperm, 1, LOW, 0x5423);
	refuse_masked(ctx, cpu, "setrlimit", SCMP_ACT_ERRNO(0), 0, LOW, RLIMIT_CORE);
	for (unsigned i = 0; i < 64; i++)
		if ((UINT64_C(1) << i & 0x40600) == 0)
			refuse_masked(ctx, cpu, "unshare", eperm, 0, UINT64_C(1) << i, UINT64_C(1) << i);
	for (size_t i = 0; i < ARRAY_LEN(sched); i++)
		refuse_masked(ctx, cpu, sched[i], eperm, 0, LOW, 1);
	refuse(ctx, cpu, "setpriority", eperm, 2, init_priority);
	refuse_bits(ctx, cpu, "setpriority", eperm, 0, 0xffffffff);
	refuse_bits(ctx, cpu, "ioprio_set", eperm, 0, 0xfffffffe);
	refuse_masked(ctx, cpu, "ioprio_set", eperm, 0, 1, 0);
	refuse_bits(ctx, cpu, "ioprio_set", eperm, 1, 0xffffffff);
	refuse_pairs(ctx, cpu);
	refuse_personalities(ctx, cpu);
}

/* ---- calls whose rules would be thousands of libseccomp's, which has no order ---- */

static uint32_t socket_verdict(const uint64_t args[6])
{
	uint32_t family = (uint32_t)args[0], type = (uint32_t)args[1] & 0xf, protocol = (uint32_t)args[2];

	switch (family) {
	case AF_UNIX:
		return SECCOMP_RET_ALLOW;
	case AF_NETLINK:
		return protocol == NETLINK_ROUTE || protocol == NETLINK_SOCK_DIAG || protocol == NETLINK_KOBJECT_UEVENT
			       ? SECCOMP_RET_ALLOW
			       : SECCOMP_RET_ERRNO | EPROTONOSUPPORT;
	case AF_INET:
	case AF_INET6:
		if (type == SOCK_RAW)
			return SECCOMP_RET_ERRNO | EPERM;
		if (type == SOCK_STREAM && (protocol == 0 || protocol == IPPROTO_TCP))
			return SECCOMP_RET_ALLOW;
		if (type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP || protocol == IPPROTO_ICMP ||
					   protocol == IPPROTO_ICMPV6))
			return SECCOMP_RET_ALLOW;
		return SECCOMP_RET_ERRNO | EPROTONOSUPPORT;
	default:
		return SECCOMP_RET_ERRNO | EAFNOSUPPORT;
	}
}

static uint32_t prlimit_verdict(const uint64_t args[6])
{
	if (args[2] == 0)
		return SECCOMP_RET_ALLOW;
	if ((uint32_t)args[1] == RLIMIT_CORE)
		return SECCOMP_RET_ERRNO | (args[3] == 0 ? 0 : EPERM);
	return (uint32_t)args[0] == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EPERM;
}

static const struct {
	const char *syscall;
	uint32_t (*verdict)(const uint64_t args[6]);
} by_hand[] = { { "socket", socket_verdict }, { "prlimit64", prlimit_verdict } };

static void check_by_hand(const struct cpu *cpu, const struct program *ours)
{
	for (size_t i = 0; i < ARRAY_LEN(by_hand); i++)
		for (int rounds = 0; rounds < 40000; rounds++) {
			struct seccomp_data data = random_call(cpu, (uint32_t)number_of(cpu, by_hand[i].syscall));
			uint64_t args[6];
			uint32_t got, want;

			/* Small numbers in all arguments are rare otherwise. */
			for (size_t a = 0; a < 4 && rounds % 4 != 0; a++)
				data.args[a] = random_below(rounds % 2 != 0 ? 18 : 3);
			memcpy(args, data.args, sizeof args);
			got = bpf_run(ours->insns, ours->len, &data, NULL);
			want = by_hand[i].verdict(args);
			if (got != want)
				TEST_FAIL("%s %s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %#x, not %#x",
					  cpu->name, by_hand[i].syscall, args[0], args[1], args[2], args[3], got, want);
		}
}

static bool is_by_hand(const char *syscall)
{
	for (size_t i = 0; i < ARRAY_LEN(by_hand); i++)
		if (strcmp(by_hand[i].syscall, syscall) == 0)
			return true;
	return false;
}

static bool is_conditional(const struct seccomp_policy *policy, const char *syscall)
{
	for (size_t i = 0; i < policy->nrules; i++)
		if (str_eq(policy->rules[i].syscall, syscall) && policy->rules[i].nargs > 0)
			return true;
	return false;
}

static void default_by_libseccomp(const struct cpu *cpu, struct program *p)
{
	const struct seccomp_policy *policy = &seccomp_default_policy;
	scmp_filter_ctx ctx = context_new(cpu, SCMP_ACT_ALLOW);

	for (size_t i = 0; i < policy->nrules; i++)
		if (!is_conditional(policy, policy->rules[i].syscall))
			refuse(ctx, cpu, policy->rules[i].syscall, policy->rules[i].action, 0, NULL);
	refuse_conditionally(ctx, cpu);
	context_export(ctx, p);
}

/* ---- comparing ---- */

static void compare_call(const struct cpu *cpu, const struct program *ours, const struct program *theirs, uint32_t nr)
{
	struct seccomp_data data = random_call(cpu, nr);
	uint32_t a = bpf_run(ours->insns, ours->len, &data, NULL);
	uint32_t b = bpf_run(theirs->insns, theirs->len, &data, NULL);

	if (a != b)
		TEST_FAIL("%s nr %u (%#llx, %#llx): %#x, libseccomp %#x", cpu->name, nr, data.args[0], data.args[1], a,
			  b);
}

static void check_default(const struct cpu *cpu)
{
	static struct program ours, theirs;
	struct seccomp_data foreign = { .nr = 1, .arch = AUDIT_ARCH_I386 };

	compile(&seccomp_default_policy, cpu, &ours);
	default_by_libseccomp(cpu, &theirs);
	printf("%s: %zu instructions, libseccomp's %zu\n", cpu->name, ours.len, theirs.len);
	for (uint32_t nr = 0; nr < NUMBERS && test_failures < 20; nr++) {
		struct seccomp_data data = random_call(cpu, nr);
		char *name = seccomp_syscall_resolve_num_arch(cpu->audit, (int)nr);
		int rounds = name != NULL && is_conditional(&seccomp_default_policy, name) ? 4000 : 20;

		if (name == NULL)
			CHECK_EQ(bpf_run(ours.insns, ours.len, &data, NULL), SECCOMP_RET_ERRNO | 38);
		while (name != NULL && !is_by_hand(name) && rounds-- > 0)
			compare_call(cpu, &ours, &theirs, nr);
		free(name);
	}
	check_by_hand(cpu, &ours);
	CHECK_EQ(bpf_run(ours.insns, ours.len, &foreign, NULL), bpf_run(theirs.insns, theirs.len, &foreign, NULL));
	for (uint32_t nr = 0x40000000; nr < 0x40000000 + 600 && cpu->arch == CORDON_ARCH_X86_64; nr++)
		compare_call(cpu, &ours, &theirs, nr);
}

/* ---- random policies ---- */

#define RANDOM_RULES_MAX 1200

static struct seccomp_rule random_rules[RANDOM_RULES_MAX];
static char *random_names[NUMBERS];

static uint32_t random_action(void)
{
	static const uint32_t actions[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO | 1, SECCOMP_RET_ERRNO | 2,
		SECCOMP_RET_ERRNO | 13, SECCOMP_RET_TRACE | 7, SECCOMP_RET_LOG,
	};

	return actions[random_below(ARRAY_LEN(actions))];
}

/* One rule without condition, or up to four values of one argument: libseccomp needs no order for these. */
static size_t random_disjoint(struct seccomp_rule *rules, const char *syscall)
{
	uint32_t arg = random_below(6), n = random_below(5);
	uint64_t value = random_value();

	if (n == 0) {
		rules[0] = (struct seccomp_rule){ .syscall = syscall, .action = random_action() };
		return 1;
	}
	for (uint32_t i = 0; i < n; i++, value += 1 + (random_below(3) * LOW))
		rules[i] = (struct seccomp_rule){ .syscall = syscall, .action = random_action(), .nargs = 1,
						  .args = { { .index = arg, .op = SECCOMP_OP_EQ, .value = value } } };
	return n;
}

static size_t random_overlapping(struct seccomp_rule *rules, const char *syscall)
{
	uint32_t n = 1 + random_below(4);

	for (uint32_t i = 0; i < n; i++) {
		rules[i] = (struct seccomp_rule){
			.syscall = syscall, .action = random_action(), .nargs = random_below(3),
		};
		for (uint32_t k = 0; k < rules[i].nargs; k++) {
			uint64_t mask = random_below(2) ? random_value() : LOW;

			rules[i].args[k] = (struct seccomp_arg){ .index = random_below(2),
								 .op = 1 + random_below(3),
								 .value = random_value(),
								 .mask = mask };
			if (random_below(4))
				rules[i].args[k].value &= mask;
		}
	}
	return n;
}

static struct seccomp_policy random_policy(const struct cpu *cpu, uint32_t percent,
					   size_t (*make)(struct seccomp_rule *, const char *))
{
	size_t n = 0;

	for (uint32_t nr = 0; nr < NUMBERS; nr++) {
		free(random_names[nr]);
		random_names[nr] = seccomp_syscall_resolve_num_arch(cpu->audit, (int)nr);
		if (random_names[nr] != NULL && random_below(100) < percent && n + 4 <= RANDOM_RULES_MAX)
			n += make(&random_rules[n], random_names[nr]);
	}
	return (struct seccomp_policy){
		.known = SECCOMP_RET_ALLOW, .unknown = SECCOMP_RET_ERRNO | 38, .rules = random_rules, .nrules = n
	};
}

static bool arg_fits(const struct seccomp_arg *arg, const struct seccomp_data *data)
{
	uint64_t v = data->args[arg->index];

	if (arg->op == SECCOMP_OP_EQ)
		return v == arg->value;
	if (arg->op == SECCOMP_OP_NE)
		return v != arg->value;
	return (v & arg->mask) == arg->value;
}

/* The rules as the header says them. */
static uint32_t plain_verdict(const struct seccomp_policy *policy, const struct cpu *cpu,
			      const struct seccomp_data *data)
{
	if (!is_known(cpu, (uint32_t)data->nr))
		return policy->unknown;
	for (size_t i = 0; i < policy->nrules; i++) {
		const struct seccomp_rule *rule = &policy->rules[i];
		bool fits = str_eq(rule->syscall, random_names[data->nr]);

		for (uint32_t k = 0; k < rule->nargs; k++)
			fits = fits && arg_fits(&rule->args[k], data);
		if (fits)
			return rule->action;
	}
	return policy->known;
}

static void policy_by_libseccomp(const struct seccomp_policy *policy, const struct cpu *cpu, struct program *p)
{
	scmp_filter_ctx ctx = context_new(cpu, policy->known);

	for (size_t i = 0; i < policy->nrules; i++) {
		const struct seccomp_rule *rule = &policy->rules[i];
		struct scmp_arg_cmp arg = SCMP_CMP64(rule->args[0].index, SCMP_CMP_EQ, rule->args[0].value);

		refuse(ctx, cpu, rule->syscall, rule->action, rule->nargs, &arg);
	}
	context_export(ctx, p);
}

/* Half of the calls take an argument's value out of a rule, else most random values would fit none. */
static void aim(const struct seccomp_policy *policy, struct seccomp_data *data)
{
	const struct seccomp_rule *rule = &policy->rules[random_below((uint32_t)policy->nrules)];

	for (size_t i = 0; i < policy->nrules && !str_eq(rule->syscall, random_names[data->nr]); i++)
		rule = &policy->rules[i];
	for (uint32_t k = 0; k < rule->nargs; k++)
		if (random_below(2))
			data->args[rule->args[k].index] = rule->args[k].value | (random_u64() & ~rule->args[k].mask);
}

static void check_random(const struct cpu *cpu, uint32_t percent, bool disjoint)
{
	struct seccomp_policy policy = random_policy(cpu, percent, disjoint ? random_disjoint : random_overlapping);
	static struct program ours, theirs;

	if (policy.nrules == 0)
		return;
	compile(&policy, cpu, &ours);
	if (disjoint)
		policy_by_libseccomp(&policy, cpu, &theirs);
	for (uint32_t nr = 0; nr < NUMBERS && test_failures < 20; nr++)
		for (int round = 0; random_names[nr] != NULL && round < 12; round++) {
			struct seccomp_data data = random_call(cpu, nr);
			uint32_t got, want;

			aim(&policy, &data);
			got = bpf_run(ours.insns, ours.len, &data, NULL);
			want = disjoint ? bpf_run(theirs.insns, theirs.len, &data, NULL)
					: plain_verdict(&policy, cpu, &data);
			if (got != want)
				TEST_FAIL("%s %u%% %s (%#llx, %#llx): %#x, not %#x", cpu->name, percent,
					  random_names[nr], data.args[0], data.args[1], got, want);
		}
}

/* What the compiler must refuse. */
static void check_refusals(void)
{
	static struct program p;
	struct cordon_error err;
	struct seccomp_rule rule = { .syscall = "no_such_call", .action = SECCOMP_RET_ALLOW };
	struct seccomp_policy policy = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | 38, &rule, 1 };

	CHECK_EQ(seccomp_compile(&policy, CORDON_ARCH_X86_64, p.insns, &p.len, &err), -22);
	CHECK_EQ(err.step, CORDON_STEP_SECCOMP_COMPILE);
	CHECK_EQ(err.index, 0);
	CHECK(err.detail_len == 12 && memcmp(err.detail, "no_such_call", 12) == 0);
	rule = (struct seccomp_rule){ .syscall = "read", .nargs = 1, .args = { { .index = 6, .op = SECCOMP_OP_EQ } } };
	CHECK_EQ(seccomp_compile(&policy, CORDON_ARCH_X86_64, p.insns, &p.len, &err), -22);
	rule = (struct seccomp_rule){ .syscall = "read", .nargs = 3 };
	CHECK_EQ(seccomp_compile(&policy, CORDON_ARCH_X86_64, p.insns, &p.len, &err), -22);
	CHECK_EQ(seccomp_compile(&policy, 9, p.insns, &p.len, &err), -22);
	rule = (struct seccomp_rule){ .syscall = "open", .action = SECCOMP_RET_ERRNO | 1 };
	CHECK_EQ(seccomp_compile(&policy, CORDON_ARCH_AARCH64, p.insns, &p.len, &err), 0);
}

int main(int argc, char **argv)
{
	random_state = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;
	printf("seed %" PRIu64 "\n", random_state);
	for (size_t i = 0; i < ARRAY_LEN(cpus); i++) {
		check_default(&cpus[i]);
		for (uint32_t round = 0; round < 24; round++)
			check_random(&cpus[i], 2 + 4 * round, round % 2);
	}
	check_refusals();
	return TEST_RESULT();
}
