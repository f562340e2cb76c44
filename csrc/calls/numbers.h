/* SPDX-License-Identifier: Apache-2.0 */
/* numbers: system call numbers that the headers of our oldest build machine (Linux 6.1) lack. From 424 on both CPUs
 * have the same ones. Only for calls.c: a number here does not mean that the kernel has the call. */
#ifndef CORDON_CALLS_NUMBERS_H
#define CORDON_CALLS_NUMBERS_H

#include <asm/unistd.h>

#ifndef __NR_fchmodat2
#define __NR_fchmodat2 452
#endif
#ifndef __NR_statmount
#define __NR_statmount 457
#endif
#ifndef __NR_listmount
#define __NR_listmount 458
#endif
#ifndef __NR_setxattrat
#define __NR_setxattrat 463
#endif
#ifndef __NR_getxattrat
#define __NR_getxattrat 464
#endif
#ifndef __NR_listxattrat
#define __NR_listxattrat 465
#endif
#ifndef __NR_removexattrat
#define __NR_removexattrat 466
#endif
#ifndef __NR_open_tree_attr
#define __NR_open_tree_attr 467
#endif
#ifndef __NR_file_getattr
#define __NR_file_getattr 468
#endif
#ifndef __NR_file_setattr
#define __NR_file_setattr 469
#endif

/* Calls that newer kernels have removed: their headers may have dropped the names. */
#ifdef __x86_64__
#ifndef __NR_lookup_dcookie
#define __NR_lookup_dcookie 212
#endif
#ifndef __NR_nfsservctl
#define __NR_nfsservctl 180
#endif
#ifndef __NR_uselib
#define __NR_uselib 134
#endif
#else
#ifndef __NR_lookup_dcookie
#define __NR_lookup_dcookie 18
#endif
#ifndef __NR_nfsservctl
#define __NR_nfsservctl 42
#endif
#endif

#endif
