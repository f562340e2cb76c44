/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a static program that does nothing but exit(0): an ELF header, one program header, three instructions. A
 * libc would cost more than everything that is measured with it. */
	.section .rodata, "a", %progbits
	.balign 16
	.globl bench_target_start
	.hidden bench_target_start
	.type bench_target_start, %object
bench_target_start:
	.byte 0x7f, 'E', 'L', 'F', 2, 1, 1, 0
	.quad 0
	.short 2			/* ET_EXEC */
#if defined(__x86_64__)
	.short 62			/* EM_X86_64 */
#else
	.short 183			/* EM_AARCH64 */
#endif
	.long 1
	.quad 0x400000 + (code - bench_target_start)	/* e_entry */
	.quad header - bench_target_start		/* e_phoff */
	.quad 0
	.long 0
	.short 64, 56, 1, 64, 0, 0
header:
	.long 1, 5			/* PT_LOAD, read and execute */
	.quad 0, 0x400000, 0x400000
	.quad bench_target_end - bench_target_start
	.quad bench_target_end - bench_target_start
	.quad 0x10000
code:
#if defined(__x86_64__)
	xor %edi, %edi
	mov $231, %eax			/* exit_group */
	syscall
#else
	mov x0, #0
	mov x8, #94			/* exit_group */
	svc #0
#endif
	.globl bench_target_end
	.hidden bench_target_end
	.type bench_target_end, %object
bench_target_end:
	.size bench_target_start, bench_target_end - bench_target_start
	.section .note.GNU-stack, "", %progbits
