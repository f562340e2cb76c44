/* SPDX-License-Identifier: Apache-2.0 */
/* kernel: parts of the kernel's ABI that the headers of our build machines lack, or define only sometimes. */
#ifndef CORDON_BASE_KERNEL_H
#define CORDON_BASE_KERNEL_H

#include <stdint.h>

/* getdents64(2); in no uapi header. */
struct linux_dirent64 {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type;
	char d_name[];
};

/* linux/memfd.h, Linux 6.3 */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#ifndef MNT_DETACH	/* linux/fs.h of the kernel's own tree only */
#define MNT_DETACH 2
#endif

#ifndef SIG_SETMASK
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2
#endif

/* linux/wait.h: __WALL also sees children with another exit signal than SIGCHLD. */
#define WAIT_ALL 0x40000000
#define WNOHANG_ALL (WAIT_ALL | 1)

/* asm-generic/mman-common.h, whose path through linux/mman.h differs between releases of the headers. */
#define MAP_PRIVATE_ANON 0x22

#endif
