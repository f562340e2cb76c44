/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/arch.h"

#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/elf.h>
#include <linux/ptrace.h>
#include <linux/uio.h>
#include "base/base.h"

/* The child starts with x0 = 0 and every other register as the parent had it, but on the new stack. It must not return:
 * its frame is on the parent's stack. */
#define CHILD_TAIL		\
	"cbnz x0, 1f\n\t"	\
	"mov x29, xzr\n\t"	\
	"mov x0, %[arg]\n\t"	\
	"blr %[fn]\n\t"		\
	"brk #1\n\t"		\
	"1:\n\t"

long arch_clone3(const struct arch_clone_args *args, size_t size, void (*fn)(void *), void *arg)
{
	register long x8 __asm__("x8") = __NR_clone3;
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)size;
	register void (*x19)(void *) __asm__("x19") = fn;
	register void *x20 __asm__("x20") = arg;

	__asm__ volatile("svc 0\n\t" CHILD_TAIL
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), [fn] "r"(x19), [arg] "r"(x20)
			 : "memory");
	return x0;
}

long arch_clone(const struct arch_clone_args *args, void (*fn)(void *), void *arg)
{
	register long x8 __asm__("x8") = __NR_clone;
	register long x0 __asm__("x0") = (long)(args->flags | args->exit_signal);
	register long x1 __asm__("x1") = (long)(args->stack + args->stack_size);
	register long x2 __asm__("x2") = (long)args->pidfd;
	register long x3 __asm__("x3") = (long)args->tls;
	register long x4 __asm__("x4") = (long)args->child_tid;
	register void (*x19)(void *) __asm__("x19") = fn;
	register void *x20 __asm__("x20") = arg;

	__asm__ volatile("svc 0\n\t" CHILD_TAIL
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), [fn] "r"(x19), [arg] "r"(x20)
			 : "memory");
	return x0;
}

const uint32_t arch_audit = AUDIT_ARCH_AARCH64;

bool arch_call_is_native(uint32_t audit, long nr)
{
	(void)nr;	/* unlike x86_64 with x32, one ABI per architecture */
	return audit == AUDIT_ARCH_AARCH64;
}

static long set_registers(int32_t tid, unsigned int set, void *value, size_t len)
{
	struct iovec part = { value, len };	/* from the start of the register set */

	return sys(__NR_ptrace, PTRACE_SETREGSET, tid, set, &part);
}

/* After the stop the kernel reads the number again; -1 is skipped, and x0, the first of the general registers, stays
 * (arch/arm64/kernel/syscall.c). */
long arch_call_skip(int32_t tid, int64_t result)
{
	int nr = -1;
	long rc = set_registers(tid, NT_ARM_SYSTEM_CALL, &nr, sizeof nr);

	return rc < 0 ? rc : set_registers(tid, NT_PRSTATUS, &result, sizeof result);
}

/* Without SA_RESTORER the handler returns to the vDSO. */
long arch_signal_handle(int sig, void (*handler)(int))
{
	const struct {	/* struct sigaction of the kernel */
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { handler, SA_RESTART, NULL, 0 };

	return sys(__NR_rt_sigaction, sig, &action, NULL, sizeof action.mask);
}
