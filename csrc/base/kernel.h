/* Kernel constants that the headers of our oldest build machine do not have. Each names the uapi header it comes from. */
#ifndef CORDON_BASE_KERNEL_H
#define CORDON_BASE_KERNEL_H

/* linux/memfd.h, Linux 6.3 */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

#ifndef MNT_DETACH	/* linux/fs.h of the kernel's own tree only */
#define MNT_DETACH 2
#endif

#ifndef SIG_SETMASK
#define SIG_SETMASK 2
#endif

/* linux/wait.h: __WALL also sees children with another exit signal than SIGCHLD. */
#define WAIT_ALL 0x40000000
#define WNOHANG_ALL (WAIT_ALL | 1)

/* asm-generic/mman-common.h, whose path through linux/mman.h differs between releases of the headers. */
#define MAP_PRIVATE_ANON 0x22

#endif
