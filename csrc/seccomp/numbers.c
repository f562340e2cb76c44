/* SPDX-License-Identifier: Apache-2.0 */
/* numbers: names and numbers of system calls: libseccomp's, and newer ones.
 *
 * The distribution's libseccomp is older than the kernels that Cordon runs on. The calls that it lacks are listed here,
 * from the kernel's scripts/syscall.tbl and arch/x86/entry/syscalls/syscall_64.tbl; from 424 on both CPUs have the same
 * numbers. libseccomp's lookups are pure functions over constant tables: any thread. */
#include "seccomp/seccomp.h"

#include <errno.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define NOWHERE (-1)

static const struct newer {
	const char *name;
	int16_t x86_64, aarch64;
} newer[] = {
	{ "uretprobe", 335, NOWHERE },
	{ "uprobe", 336, NOWHERE },
	{ "cachestat", 451, 451 },
	{ "fchmodat2", 452, 452 },
	{ "map_shadow_stack", 453, 453 },
	{ "futex_wake", 454, 454 },
	{ "futex_wait", 455, 455 },
	{ "futex_requeue", 456, 456 },
	{ "statmount", 457, 457 },
	{ "listmount", 458, 458 },
	{ "lsm_get_self_attr", 459, 459 },
	{ "lsm_set_self_attr", 460, 460 },
	{ "lsm_list_modules", 461, 461 },
	{ "mseal", 462, 462 },
	{ "setxattrat", 463, 463 },
	{ "getxattrat", 464, 464 },
	{ "listxattrat", 465, 465 },
	{ "removexattrat", 466, 466 },
	{ "open_tree_attr", 467, 467 },
	{ "file_getattr", 468, 468 },
	{ "file_setattr", 469, 469 },
	{ "listns", 470, 470 },
	{ "rseq_slice_yield", 471, 471 },
	{ "riscv_hwprobe", NOWHERE, NOWHERE },	/* named in profiles that serve every CPU */
};

static int32_t newer_number(const struct newer *call, uint32_t audit_arch)
{
	return audit_arch == SCMP_ARCH_X86_64 ? call->x86_64 : call->aarch64;
}

uint32_t seccomp_audit_arch(uint32_t arch)
{
	/* libseccomp's architecture tokens are the kernel's AUDIT_ARCH numbers. */
	switch (arch) {
	case CORDON_ARCH_NATIVE:
		return seccomp_arch_native();
	case CORDON_ARCH_X86_64:
		return SCMP_ARCH_X86_64;
	case CORDON_ARCH_AARCH64:
		return SCMP_ARCH_AARCH64;
	default:
		return 0;
	}
}

bool seccomp_number(const char *name, uint32_t audit_arch, int32_t *ret_number)
{
	int nr = seccomp_syscall_resolve_name_arch(audit_arch, name);

	if (nr != __NR_SCMP_ERROR) {
		/* Negative: libseccomp's pseudo number for a call that only other CPUs have. */
		*ret_number = nr >= 0 && nr < SECCOMP_NUMBERS_MAX ? nr : -1;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(newer); i++) {
		if (str_eq(newer[i].name, name)) {
			*ret_number = newer_number(&newer[i], audit_arch);
			return true;
		}
	}
	return false;
}

static const struct newer *newer_find(int32_t number, uint32_t audit_arch)
{
	for (size_t i = 0; i < ARRAY_LEN(newer); i++)
		if (number >= 0 && newer_number(&newer[i], audit_arch) == number)
			return &newer[i];
	return NULL;
}

bool seccomp_known(int32_t number, uint32_t audit_arch, bool with_newer)
{
	char *name = seccomp_syscall_resolve_num_arch(audit_arch, number);
	bool known = name != NULL;

	free(name);
	return known || (with_newer && newer_find(number, audit_arch) != NULL);
}

int32_t cordon_syscall_number(const char *name, uint32_t arch)
{
	uint32_t audit_arch = seccomp_audit_arch(arch);
	int32_t number;

	return audit_arch != 0 && seccomp_number(name, audit_arch, &number) ? number : -1;
}

uint32_t cordon_syscall_name(int32_t number, uint32_t arch, char *buf, uint32_t size)
{
	uint32_t audit_arch = seccomp_audit_arch(arch);
	const struct newer *call = newer_find(number, audit_arch);
	/* libseccomp takes negative numbers for pseudo numbers. */
	char *found = audit_arch == 0 || number < 0 ? NULL : seccomp_syscall_resolve_num_arch(audit_arch, number);
	const char *name = found != NULL ? found : call != NULL && audit_arch != 0 ? call->name : "";
	uint32_t len = (uint32_t)str_len(name);

	if (len < size)
		memcpy(buf, name, len + 1);
	free(found);
	return len;
}
