#include "arch/arch.h"

#include <asm/unistd.h>

/* The child starts with rax = 0 and every other register as the parent had it, but on the new stack. It must not return:
 * its frame is on the parent's stack. */
#define CHILD_TAIL                                                                                                         \
	"test %%rax, %%rax\n\t"                                                                                            \
	"jnz 1f\n\t"                                                                                                       \
	"xor %%ebp, %%ebp\n\t"                                                                                             \
	"mov %[arg], %%rdi\n\t"                                                                                            \
	"call *%[fn]\n\t"                                                                                                  \
	"hlt\n\t"                                                                                                          \
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
