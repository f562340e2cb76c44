/* SPDX-License-Identifier: Apache-2.0 */
/* other_abi: one getpid through a foreign system call ABI. Exit 0: it was answered; 2: no such ABI here. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
#ifdef __x86_64__
	long ret;

	if (argc > 1 && strcmp(argv[1], "i386") == 0)
		__asm__ volatile("int $0x80" : "=a"(ret) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
	else
		ret = syscall(0x40000000L | SYS_getpid);
	printf("ret=%ld\n", ret);
	return 0;
#else
	(void)argc;
	(void)argv;
	return 2;
#endif
}
