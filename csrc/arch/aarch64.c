#include "arch/arch.h"

#include <asm/unistd.h>

/* The child starts with x0 = 0 and every other register as the parent had it, but on the new stack. It must not return:
 * its frame is on the parent's stack. */
#define CHILD_TAIL                                                                                                         \
	"cbnz x0, 1f\n\t"                                                                                                  \
	"mov x29, xzr\n\t"                                                                                                 \
	"mov x0, %[arg]\n\t"                                                                                               \
	"blr %[fn]\n\t"                                                                                                    \
	"brk #1\n\t"                                                                                                       \
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
