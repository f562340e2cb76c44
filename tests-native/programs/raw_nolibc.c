/* SPDX-License-Identifier: Apache-2.0 */
/* raw: the smallest program: no libc, no interpreter; writes one word and exits with 7. */
#include <asm/unistd.h>

static long call(long nr, long a, long b, long c)
{
	long ret;
#if defined(__x86_64__)
	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
#else
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	ret = x0;
#endif
	return ret;
}

void _start(void);

void _start(void)
{
	static const char word[] = "raw\n";

	call(__NR_write, 1, (long)word, 4);
	for (;;)
		call(__NR_exit_group, 7, 0, 0);
}
