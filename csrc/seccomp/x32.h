/* SPDX-License-Identifier: Apache-2.0 */
/* x32: the numbers of x86_64's third ABI (arch/x86/include/uapi/asm/unistd.h). */
#ifndef CORDON_SECCOMP_X32_H
#define CORDON_SECCOMP_X32_H

#define X32_FIRST 0x40000000u
#define NEGATIVE_FIRST 0x80000000u	/* as unsigned numbers: not x32, although x32's bit is set */

#endif
