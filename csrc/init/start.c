/* SPDX-License-Identifier: Apache-2.0 */
/* start: the entry point, instead of a libc's: glibc reads the CPU's features at start-up, which costs more than all of
 * init. */
#include "base/base.h"
#include "init/init.h"
#include "janitor/janitor.h"

_Noreturn void start_c(long *stack);

#if defined(__x86_64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, @function\n"
	"_start:\n\t"
	"xor %ebp, %ebp\n\t"
	"mov %rsp, %rdi\n\t"
	"and $-16, %rsp\n\t"
	"call start_c\n\t"
	"hlt\n");
#elif defined(__aarch64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, %function\n"
	"_start:\n\t"
	"mov x29, xzr\n\t"
	"mov x30, xzr\n\t"
	"mov x0, sp\n\t"
	"and sp, x0, #-16\n\t"
	"bl start_c\n\t"
	"brk #1\n");
#endif

/* stack: argc and argv, as the kernel passes them (execve(2)). */
_Noreturn void start_c(long *stack)
{
	int argc = (int)stack[0];
	const char *const *argv = (const char *const *)(stack + 1);

	if (argc > 0 && str_eq(argv[0], "cordon-janitor"))
		janitor_main(argc, argv);
	init_main();
}
