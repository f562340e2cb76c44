/* SPDX-License-Identifier: Apache-2.0 */
/* The default policy, row by row, for both CPUs; other ABIs and unknown numbers; which calls the kernel can cache. */
#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>

#include "base/base.h"
#include "bpf.h"
#include "cordon/seccomp.h"
#include "seccomp_rows.h"
#include "test.h"

static const struct cpu {
	enum row_cpu bit;
	uint32_t arch, audit, foreign_audit;
	const char *name;
} cpus[] = {
	{ X86_64, CORDON_ARCH_X86_64, AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, "x86_64" },
	{ AARCH64, CORDON_ARCH_AARCH64, AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, "aarch64" },
};

static const struct sock_filter *program;
static size_t length;

static int number_of(const struct cpu *cpu, const char *syscall)
{
	return seccomp_syscall_resolve_name_arch(cpu->audit, syscall);
}

static void check_long_rows(const struct cpu *cpu)
{
	for (size_t i = 0; i < ARRAY_LEN(seccomp_long_rows); i++) {
		const struct seccomp_long_row *row = &seccomp_long_rows[i];
		struct seccomp_data data = { .nr = number_of(cpu, row->syscall), .arch = cpu->audit };
		uint32_t got;

		REQUIRE(data.nr >= 0);
		memcpy(data.args, row->args, sizeof row->args);
		got = bpf_run(program, length, &data, NULL);
		if (got != row->expect)
			TEST_FAIL("%s %s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %#x, not %#x",
				  cpu->name, row->syscall, row->args[0], row->args[1], row->args[2], row->args[3], got,
				  row->expect);
	}
}

static uint32_t verdict(uint32_t audit, uint32_t nr, uint64_t a0, uint64_t a1)
{
	struct seccomp_data data = { .nr = (int)nr, .arch = audit, .args = { a0, a1 } };

	return bpf_run(program, length, &data, NULL);
}

static void check_rows(const struct cpu *cpu)
{
	for (size_t i = 0; i < ARRAY_LEN(seccomp_rows); i++) {
		const struct seccomp_row *row = &seccomp_rows[i];
		int nr = number_of(cpu, row->syscall);
		uint32_t got;

		if (!(row->cpu & cpu->bit))
			continue;
		REQUIRE(nr >= 0);
		got = verdict(cpu->audit, (uint32_t)nr, row->a0, row->a1);
		if (got != row->expect)
			TEST_FAIL("%s %s(%#" PRIx64 ", %#" PRIx64 "): %#x, not %#x", cpu->name, row->syscall, row->a0,
				  row->a1, got, row->expect);
	}
}

static void check_numbers(const struct cpu *cpu)
{
	static const uint32_t unknown[] = {
		400, 457, 500, 1023, 1024, 5000, 0x3fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
	};
	static const uint32_t x32[] = { 0x40000000, 0x40000000 | 39, 0x40000000 | 520, 0x7fffffff };

	for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
		CHECK_EQ(verdict(cpu->audit, unknown[i], 0, 0), ERRNO(ENOSYS));
	for (size_t i = 0; i < ARRAY_LEN(x32); i++)
		CHECK_EQ(verdict(cpu->audit, x32[i], 0, 0), cpu->bit == X86_64 ? KILL : ERRNO(ENOSYS));
	for (uint32_t nr = 0; nr < 600; nr++)
		CHECK_EQ(verdict(cpu->foreign_audit, nr, 0, 0), KILL);
	CHECK_EQ(verdict(cpu->foreign_audit, 0xffffffff, 0, 0), KILL);
	CHECK_EQ(verdict(0, 0, 0, 0), KILL);
}

/* A call that is allowed for all arguments must be seen so by the kernel when it loads the program. */
static void check_cacheable(const struct cpu *cpu)
{
	static const char *const calls[] = {
		"read", "write", "futex", "mmap", "openat", "close", "getppid", "epoll_pwait",
	};

	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		CHECK(bpf_const_allow(program, length, cpu->audit, number_of(cpu, calls[i])));
	CHECK(!bpf_const_allow(program, length, cpu->audit, number_of(cpu, "ioctl")));
}

static void check_cpu(const struct cpu *cpu)
{
	struct cordon_error err;
	const void *bpf, *again;
	uint32_t bytes;
	size_t bad;

	REQUIRE(cordon_seccomp_default(cpu->arch, &bpf, &bytes, &err) == 0);
	program = bpf;
	length = bytes / sizeof *program;
	CHECK_EQ(bytes % sizeof *program, 0);
	CHECK(bpf_valid(program, length, &bad));
	printf("%s: %zu instructions\n", cpu->name, length);
	CHECK(length <= 180);	/* each costs every run: see compile.c */

	CHECK_EQ(cordon_seccomp_default(cpu->arch, &again, &bytes, &err), 0);
	CHECK(again == bpf);
	check_rows(cpu);
	check_long_rows(cpu);
	check_numbers(cpu);
	check_cacheable(cpu);
}

int main(void)
{
	struct cordon_error err;
	const void *bpf;
	uint32_t bytes;

	for (size_t i = 0; i < ARRAY_LEN(cpus); i++)
		check_cpu(&cpus[i]);
	CHECK_EQ(cordon_seccomp_default(CORDON_ARCH_NATIVE, &bpf, &bytes, &err), 0);
	CHECK_EQ(cordon_seccomp_default(3, &bpf, &bytes, &err), -EINVAL);
	CHECK_EQ(err.step, CORDON_STEP_SECCOMP_COMPILE);
	return TEST_RESULT();
}
