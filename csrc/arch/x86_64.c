/* SPDX-License-Identifier: Apache-2.0 */
#include "arch/arch.h"

#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/audit.h>
#include <linux/ptrace.h>
#include "base/base.h"

/* The child starts with rax = 0 and every other register as the parent had it, but on the new stack. It must not
 * return: its frame is on the parent's stack. */
#define CHILD_TAIL		\
	"test %%rax, %%rax\n\t"	\
	"jnz 1f\n\t"		\
	"xor %%ebp, %%ebp\n\t"	\
	"mov %[arg], %%rdi\n\t"	\
	"call *%[fn]\n\t"	\
	"hlt\n\t"		\
	"1:\n\t"

long arch_clone3(const struct arch_clone_args *args, size_t size, void (*fn)(void *), void *arg)
{
	register void (*r12)(void *) __asm__("r12") = fn;
	register void *r13 __asm__("r13") = arg;
	long ret;

	__asm__ volatile("syscall\n\t" CHILD_TAIL
			 : "=a"(ret)
			 : "a"((long)__NR_clone3), "D"(args), "S"(size), [fn] "r"(r12), [arg] "r"(r13)
			 : "rcx", "r11", "memory");
	return ret;
}

long arch_clone(const struct arch_clone_args *args, void (*fn)(void *), void *arg)
{
	register void (*r12)(void *) __asm__("r12") = fn;
	register void *r13 __asm__("r13") = arg;
	register long r10 __asm__("r10") = (long)args->child_tid;
	register long r8 __asm__("r8") = (long)args->tls;
	long ret;

	__asm__ volatile("syscall\n\t" CHILD_TAIL
			 : "=a"(ret)
			 : "a"((long)__NR_clone), "D"(args->flags | args->exit_signal),
			   "S"(args->stack + args->stack_size), "d"(args->pidfd), "r"(r10), "r"(r8), [fn] "r"(r12),
			   [arg] "r"(r13)
			 : "rcx", "r11", "memory");
	return ret;
}

const uint32_t arch_audit = AUDIT_ARCH_X86_64;

bool arch_call_is_native(uint32_t audit, long nr)
{
	/* x32's numbers begin at __X32_SYSCALL_BIT. -1 is not a call of any ABI. */
	return audit == AUDIT_ARCH_X86_64 && ((nr & __X32_SYSCALL_BIT) == 0 || nr == -1);
}

/* After the stop the kernel reads the number again, from orig_rax; a negative one is skipped and rax stays
 * (kernel/seccomp.c). */
long arch_call_skip(int32_t tid, int64_t result)
{
	long rc = sys(__NR_ptrace, PTRACE_POKEUSR, tid, offsetof(struct pt_regs, orig_rax), -1L);

	return rc < 0 ? rc : sys(__NR_ptrace, PTRACE_POKEUSR, tid, offsetof(struct pt_regs, rax), result);
}

/* On x86 the kernel provides no return path from a handler: the handler returns to SA_RESTORER. */
void arch_signal_return(void);
__asm__(".text\n"
	".hidden arch_signal_return\n"
	".globl arch_signal_return\n"
	".type arch_signal_return, @function\n"
	"arch_signal_return:\n\t"
	"mov $15, %eax\n\t"	/* __NR_rt_sigreturn */
	"syscall\n\t"
	"hlt\n"
	".size arch_signal_return, . - arch_signal_return\n");

_Static_assert(__NR_rt_sigreturn == 15, "arch_signal_return");

long arch_signal_handle(int sig, void (*handler)(int))
{
	const struct {	/* struct sigaction of the kernel */
		void (*handler)(int);
		unsigned long flags;
		void (*restorer)(void);
		uint64_t mask;
	} action = { handler, SA_RESTART | SA_RESTORER, arch_signal_return, 0 };

	return sys(__NR_rt_sigaction, sig, &action, NULL, sizeof action.mask);
}
