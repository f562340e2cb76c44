/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_rows: what the default policy must answer, one row for each call; run in the interpreter for both CPUs, and,
 * if the call is refused on this machine's CPU, in the kernel. */
#ifndef CORDON_TEST_SECCOMP_ROWS_H
#define CORDON_TEST_SECCOMP_ROWS_H

#include <errno.h>
#include <linux/seccomp.h>
#include <stdint.h>

enum row_cpu { X86_64 = 1, AARCH64 = 2, BOTH = X86_64 | AARCH64 };

struct seccomp_row {
	enum row_cpu cpu;
	const char *syscall;
	uint64_t a0, a1;
	uint32_t expect;
};

#define ALLOW SECCOMP_RET_ALLOW
#define ERRNO(e) (SECCOMP_RET_ERRNO | (e))
#define KILL SECCOMP_RET_KILL_PROCESS
#define HIGH (UINT64_C(1) << 32)	/* the half of an int argument that the kernel does not look at */

static const struct seccomp_row seccomp_rows[] = {
	/* cpu     syscall                 a0            a1            expect */
	{ BOTH,    "read",                 0,            0,            ALLOW },
	{ BOTH,    "execve",               0,            0,            ALLOW },
	{ BOTH,    "execveat",             0,            0,            ALLOW },
	{ BOTH,    "openat2",              0,            0,            ALLOW },
	{ BOTH,    "faccessat2",           0,            0,            ALLOW },
	{ BOTH,    "close_range",          3,            ~UINT64_C(0), ALLOW },
	{ BOTH,    "pidfd_open",           0,            0,            ALLOW },
	{ BOTH,    "pidfd_send_signal",    0,            0,            ALLOW },
	{ BOTH,    "futex",                0,            0,            ALLOW },
	{ BOTH,    "rseq",                 0,            0,            ALLOW },
	{ BOTH,    "membarrier",           0,            0,            ALLOW },
	{ BOTH,    "memfd_create",         0,            0,            ALLOW },
	{ BOTH,    "landlock_restrict_self", 0,          0,            ALLOW },
	{ BOTH,    "get_mempolicy",        0,            0,            ALLOW },
	{ BOTH,    "setuid",               0,            0,            ALLOW },
	{ BOTH,    "prctl",                0,            0,            ALLOW },
	{ BOTH,    "mlockall",             0,            0,            ALLOW },
	{ X86_64,  "open",                 0,            0,            ALLOW },
	{ X86_64,  "fork",                 0,            0,            ALLOW },
	{ X86_64,  "vfork",                0,            0,            ALLOW },
	{ X86_64,  "arch_prctl",           0,            0,            ALLOW },

	{ BOTH,    "mount",                0,            0,            ERRNO(EPERM) },
	{ BOTH,    "umount2",              0,            0,            ERRNO(EPERM) },
	{ BOTH,    "pivot_root",           0,            0,            ERRNO(EPERM) },
	{ BOTH,    "chroot",               0,            0,            ERRNO(EPERM) },
	{ BOTH,    "mount_setattr",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "open_tree",            0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "move_mount",           0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "fsopen",               0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "fsconfig",             0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "fsmount",              0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "fspick",               0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "unshare",              0,            0,            ALLOW },
	{ BOTH,    "unshare",              0x200,        0,            ALLOW },	/* CLONE_FS */
	{ BOTH,    "unshare",              0x400,        0,            ALLOW },	/* CLONE_FILES */
	{ BOTH,    "unshare",              0x600,        0,            ALLOW },
	{ BOTH,    "unshare",              0x40000,      0,            ALLOW },	/* CLONE_SYSVSEM */
	{ BOTH,    "unshare",              0x00020000,   0,            ERRNO(EPERM) },	/* CLONE_NEWNS */
	{ BOTH,    "unshare",              0x02000000,   0,            ERRNO(EPERM) },	/* CLONE_NEWCGROUP */
	{ BOTH,    "unshare",              0x04000000,   0,            ERRNO(EPERM) },	/* CLONE_NEWUTS */
	{ BOTH,    "unshare",              0x08000000,   0,            ERRNO(EPERM) },	/* CLONE_NEWIPC */
	{ BOTH,    "unshare",              0x10000000,   0,            ERRNO(EPERM) },	/* CLONE_NEWUSER */
	{ BOTH,    "unshare",              0x20000000,   0,            ERRNO(EPERM) },	/* CLONE_NEWPID */
	{ BOTH,    "unshare",              0x40000000,   0,            ERRNO(EPERM) },	/* CLONE_NEWNET */
	{ BOTH,    "unshare",              0x80,         0,            ERRNO(EPERM) },	/* CLONE_NEWTIME */
	{ BOTH,    "unshare",              0x10000600,   0,            ERRNO(EPERM) },
	{ BOTH,    "unshare",              HIGH | 0x600, 0,            ERRNO(EPERM) },
	{ BOTH,    "setns",                0,            0,            ERRNO(EPERM) },
	{ BOTH,    "clone3",               0,            0,            ERRNO(ENOSYS) },	/* glibc falls back to clone */
	{ BOTH,    "clone",                17,           0,            ALLOW },		/* SIGCHLD: fork */
	{ BOTH,    "clone",                0x3d0f00,     0,            ALLOW },		/* pthread_create */
	{ BOTH,    "clone",                0x1200011,    0,            ALLOW },		/* fork of glibc */
	{ BOTH,    "clone",                0x4111,       0,            ALLOW },		/* posix_spawn */
	{ BOTH,    "clone",                0x00020011,   0,            ERRNO(EPERM) },	/* CLONE_NEWNS */
	{ BOTH,    "clone",                0x02000011,   0,            ERRNO(EPERM) },	/* CLONE_NEWCGROUP */
	{ BOTH,    "clone",                0x04000011,   0,            ERRNO(EPERM) },	/* CLONE_NEWUTS */
	{ BOTH,    "clone",                0x08000011,   0,            ERRNO(EPERM) },	/* CLONE_NEWIPC */
	{ BOTH,    "clone",                0x10000011,   0,            ERRNO(EPERM) },	/* CLONE_NEWUSER */
	{ BOTH,    "clone",                0x20000011,   0,            ERRNO(EPERM) },	/* CLONE_NEWPID */
	{ BOTH,    "clone",                0x40000011,   0,            ERRNO(EPERM) },	/* CLONE_NEWNET */
	{ BOTH,    "clone",                0x00800011,   0,            ERRNO(EPERM) },	/* CLONE_UNTRACED */
	{ BOTH,    "clone",                HIGH | 0x10000011, 0,       ERRNO(EPERM) },
	{ BOTH,    "clone",                HIGH | 17,    0,            ALLOW },

	{ BOTH,    "ptrace",               0,            0,            ERRNO(EPERM) },
	{ BOTH,    "process_vm_readv",     0,            0,            ERRNO(EPERM) },
	{ BOTH,    "process_vm_writev",    0,            0,            ERRNO(EPERM) },
	{ BOTH,    "kcmp",                 0,            0,            ERRNO(EPERM) },
	{ BOTH,    "pidfd_getfd",          0,            0,            ERRNO(EPERM) },
	{ BOTH,    "process_madvise",      0,            0,            ERRNO(EPERM) },
	{ BOTH,    "sched_setaffinity",    0,            0,            ALLOW },
	{ BOTH,    "sched_setaffinity",    2,            0,            ALLOW },
	{ BOTH,    "sched_setaffinity",    1,            0,            ERRNO(EPERM) },
	{ BOTH,    "sched_setscheduler",   HIGH | 1,     0,            ERRNO(EPERM) },
	{ BOTH,    "sched_setparam",       1,            0,            ERRNO(EPERM) },
	{ BOTH,    "sched_setattr",        1,            0,            ERRNO(EPERM) },
	{ BOTH,    "setpriority",          0,            0,            ALLOW },
	{ BOTH,    "setpriority",          0,            77,           ALLOW },
	{ BOTH,    "setpriority",          0,            1,            ERRNO(EPERM) },
	{ BOTH,    "setpriority",          HIGH,         HIGH | 1,     ERRNO(EPERM) },
	{ BOTH,    "setpriority",          1,            0,            ERRNO(EPERM) },	/* PRIO_PGRP */
	{ BOTH,    "setpriority",          2,            0,            ERRNO(EPERM) },	/* PRIO_USER */
	{ BOTH,    "ioprio_set",           1,            0,            ALLOW },		/* IOPRIO_WHO_PROCESS */
	{ BOTH,    "ioprio_set",           HIGH | 1,     HIGH,         ALLOW },
	{ BOTH,    "ioprio_set",           1,            1,            ERRNO(EPERM) },
	{ BOTH,    "ioprio_set",           1,            77,           ERRNO(EPERM) },
	{ BOTH,    "ioprio_set",           2,            0,            ERRNO(EPERM) },	/* IOPRIO_WHO_PGRP */
	{ BOTH,    "ioprio_set",           3,            0,            ERRNO(EPERM) },	/* IOPRIO_WHO_USER */
	{ BOTH,    "ioprio_set",           0,            0,            ERRNO(EPERM) },

	{ BOTH,    "add_key",              0,            0,            ERRNO(EPERM) },
	{ BOTH,    "request_key",          0,            0,            ERRNO(EPERM) },
	{ BOTH,    "keyctl",               0,            0,            ERRNO(EPERM) },
	{ BOTH,    "bpf",                  0,            0,            ERRNO(EPERM) },
	{ BOTH,    "perf_event_open",      0,            0,            ERRNO(EPERM) },
	{ BOTH,    "userfaultfd",          0,            0,            ERRNO(EPERM) },
	{ BOTH,    "io_uring_setup",       0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "io_uring_enter",       0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "io_uring_register",    0,            0,            ERRNO(ENOSYS) },
	{ BOTH,    "kexec_load",           0,            0,            ERRNO(EPERM) },
	{ BOTH,    "kexec_file_load",      0,            0,            ERRNO(EPERM) },
	{ BOTH,    "init_module",          0,            0,            ERRNO(EPERM) },
	{ BOTH,    "finit_module",         0,            0,            ERRNO(EPERM) },
	{ BOTH,    "delete_module",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "reboot",               0,            0,            ERRNO(EPERM) },
	{ BOTH,    "swapon",               0,            0,            ERRNO(EPERM) },
	{ BOTH,    "swapoff",              0,            0,            ERRNO(EPERM) },
	{ BOTH,    "acct",                 0,            0,            ERRNO(EPERM) },
	{ BOTH,    "quotactl",             0,            0,            ERRNO(EPERM) },
	{ BOTH,    "quotactl_fd",          0,            0,            ERRNO(EPERM) },
	{ X86_64,  "iopl",                 0,            0,            ERRNO(EPERM) },
	{ X86_64,  "ioperm",               0,            0,            ERRNO(EPERM) },
	{ X86_64,  "modify_ldt",           0,            0,            ERRNO(EPERM) },
	{ BOTH,    "vhangup",              0,            0,            ERRNO(EPERM) },
	{ BOTH,    "syslog",               0,            0,            ERRNO(EPERM) },
	{ BOTH,    "lookup_dcookie",       0,            0,            ERRNO(EPERM) },
	{ BOTH,    "settimeofday",         0,            0,            ERRNO(EPERM) },
	{ BOTH,    "clock_settime",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "clock_adjtime",        0,            0,            ALLOW },	/* the kernel refuses to set */
	{ BOTH,    "adjtimex",             0,            0,            ALLOW },
	{ BOTH,    "sethostname",          0,            0,            ERRNO(EPERM) },
	{ BOTH,    "setdomainname",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "name_to_handle_at",    0,            0,            ERRNO(EPERM) },
	{ BOTH,    "open_by_handle_at",    0,            0,            ERRNO(EPERM) },
	{ BOTH,    "fanotify_init",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "mbind",                0,            0,            ERRNO(EPERM) },
	{ BOTH,    "set_mempolicy",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "migrate_pages",        0,            0,            ERRNO(EPERM) },
	{ BOTH,    "move_pages",           0,            0,            ERRNO(EPERM) },

	{ BOTH,    "seccomp",              0,            0,            ALLOW },
	{ BOTH,    "seccomp",              1,            1,            ALLOW },		/* SET_MODE_FILTER, TSYNC */
	{ BOTH,    "seccomp",              1,            8,            ERRNO(EPERM) },	/* NEW_LISTENER */
	{ BOTH,    "seccomp",              1,            9,            ERRNO(EPERM) },
	{ BOTH,    "personality",          0,            0,            ALLOW },
	{ BOTH,    "personality",          0x40000,      0,            ALLOW },
	{ BOTH,    "personality",          0xffffffff,   0,            ALLOW },
	{ BOTH,    "personality",          ~UINT64_C(0), 0,            ALLOW },
	{ BOTH,    "personality",          0x400000,     0,            ERRNO(EPERM) },	/* READ_IMPLIES_EXEC */
	{ BOTH,    "personality",          0x100000,     0,            ERRNO(EPERM) },	/* MMAP_PAGE_ZERO */
	{ BOTH,    "personality",          HIGH | 0x100000, 0,         ERRNO(EPERM) },
	{ BOTH,    "personality",          8,            0,            ALLOW },	/* PER_LINUX32 */
	{ BOTH,    "personality",          0x20000,      0,            ALLOW },	/* UNAME26 */
	{ BOTH,    "personality",          0x20008,      0,            ALLOW },
	{ BOTH,    "personality",          0x40008,      0,            ALLOW },
	{ BOTH,    "personality",          0x800008,     0,            ERRNO(EPERM) },	/* ADDR_LIMIT_32BIT */
	{ BOTH,    "personality",          1,            0,            ERRNO(EPERM) },
	{ BOTH,    "personality",          9,            0,            ERRNO(EPERM) },
	{ BOTH,    "ioctl",                0,            0x5401,       ALLOW },		/* TCGETS: isatty */
	{ BOTH,    "ioctl",                0,            0x5412,       ERRNO(EPERM) },	/* TIOCSTI */
	{ BOTH,    "ioctl",                0,            HIGH | 0x5412, ERRNO(EPERM) },	/* CVE-2019-10063 */
	{ BOTH,    "ioctl",                0,            0x541c,       ERRNO(EPERM) },	/* TIOCLINUX */
	{ BOTH,    "ioctl",                0,            0x5423,       ERRNO(EPERM) },	/* TIOCSETD */
	{ BOTH,    "ioctl",                0,            HIGH | 0x5423, ERRNO(EPERM) },
	{ BOTH,    "ioctl",                0,            0x5424,       ALLOW },	/* TIOCGETD */
	{ BOTH,    "ioctl",                0x5412,       0,            ALLOW },
	{ BOTH,    "fcntl",                0,            1024,         ERRNO(EPERM) },	/* F_SETLEASE */
	{ BOTH,    "fcntl",                0,            HIGH | 1024,  ERRNO(EPERM) },
	{ BOTH,    "fcntl",                0,            1025,         ALLOW },		/* F_GETLEASE */
	{ BOTH,    "fcntl",                0,            1026,         ERRNO(EPERM) },	/* F_NOTIFY */
	{ BOTH,    "fcntl",                0,            1040,         ERRNO(EPERM) },	/* F_SETDELEG */
	{ BOTH,    "fcntl",                1024,         6,            ALLOW },		/* F_SETLK */
	{ BOTH,    "socket",               1,            1,            ALLOW },		/* AF_UNIX */
	{ BOTH,    "socket",               0,            1,            ERRNO(EAFNOSUPPORT) },
	{ BOTH,    "socket",               17,           3,            ERRNO(EAFNOSUPPORT) },	/* AF_PACKET */
	{ BOTH,    "socket",               38,           5,            ERRNO(EAFNOSUPPORT) },	/* AF_ALG */
	{ BOTH,    "socket",               40,           1,            ERRNO(EAFNOSUPPORT) },	/* AF_VSOCK */
	{ BOTH,    "socket",               HIGH | 40,    1,            ERRNO(EAFNOSUPPORT) },
	{ BOTH,    "socketpair",           1,            1,            ALLOW },
	{ BOTH,    "socketpair",           30,           5,            ERRNO(EAFNOSUPPORT) },	/* AF_TIPC */
	{ BOTH,    "socketpair",           2,            1,            ERRNO(EOPNOTSUPP) },
	{ BOTH,    "socketpair",           10,           1,            ERRNO(EOPNOTSUPP) },
	{ BOTH,    "socketpair",           16,           3,            ERRNO(EOPNOTSUPP) },
};

/* Those of which more arguments count. */
struct seccomp_long_row {
	const char *syscall;
	uint64_t args[4];
	uint32_t expect;
};

#define POINTER 0x7f0000000000u
#define LOW_POINTER UINT64_C(0x7f0100000000)	/* whose lower half is 0 */

static const struct seccomp_long_row seccomp_long_rows[] = {
	/* syscall      family, type, protocol                  expect */
	{ "socket",     { 2, 1, 0 },                            ALLOW },	/* AF_INET, SOCK_STREAM */
	{ "socket",     { 2, 1, 6 },                            ALLOW },
	{ "socket",     { 2, 2, 0 },                            ALLOW },	/* SOCK_DGRAM */
	{ "socket",     { 2, 2, 17 },                           ALLOW },
	{ "socket",     { 2, 2, 1 },                            ALLOW },	/* ping without root: IPPROTO_ICMP */
	{ "socket",     { 10, 1, 0 },                           ALLOW },	/* AF_INET6 */
	{ "socket",     { 10, 1, 6 },                           ALLOW },
	{ "socket",     { 10, 2, 0 },                           ALLOW },
	{ "socket",     { 10, 2, 17 },                          ALLOW },
	{ "socket",     { 10, 2, 58 },                          ALLOW },	/* IPPROTO_ICMPV6 */
	{ "socket",     { 2, 0x80801, 0 },                      ALLOW },	/* SOCK_CLOEXEC | SOCK_NONBLOCK */
	{ "socket",     { HIGH | 2, HIGH | 1, HIGH | 6 },       ALLOW },
	{ "socket",     { 2, 1, 262 },                          ERRNO(EPROTONOSUPPORT) },	/* IPPROTO_MPTCP */
	{ "socket",     { 10, 1, 262 },                         ERRNO(EPROTONOSUPPORT) },
	{ "socket",     { 10, 0x80801, HIGH | 262 },            ERRNO(EPROTONOSUPPORT) },
	{ "socket",     { 2, 2, 136 },                          ERRNO(EPROTONOSUPPORT) },	/* IPPROTO_UDPLITE */
	{ "socket",     { 10, 2, 136 },                         ERRNO(EPROTONOSUPPORT) },
	{ "socket",     { HIGH | 10, HIGH | 2, HIGH | 136 },    ERRNO(EPROTONOSUPPORT) },
	{ "socket",     { 2, 1, 132 },                          ERRNO(EPROTONOSUPPORT) },	/* IPPROTO_SCTP */
	{ "socket",     { 2, 5, 0 },                            ERRNO(EPROTONOSUPPORT) },	/* SCTP's */
	{ "socket",     { 10, 5, 132 },                         ERRNO(EPROTONOSUPPORT) },
	{ "socket",     { 2, 6, 33 },                           ERRNO(EPROTONOSUPPORT) },	/* DCCP */
	{ "socket",     { 2, 2, 115 },                          ERRNO(EPROTONOSUPPORT) },	/* L2TP */
	{ "socket",     { 2, 1, 256 },                          ERRNO(EPROTONOSUPPORT) },	/* SMC */
	{ "socket",     { 2, 10, 0 },                           ERRNO(EPROTONOSUPPORT) },	/* SOCK_PACKET */
	{ "socket",     { 2, 3, 1 },                            ERRNO(EPERM) },		/* SOCK_RAW, IPPROTO_ICMP */
	{ "socket",     { 10, 3, 255 },                         ERRNO(EPERM) },
	{ "socket",     { 16, 3, 0 },                           ALLOW },	/* AF_NETLINK, NETLINK_ROUTE */
	{ "socket",     { 16, 2, 4 },                           ALLOW },	/* NETLINK_SOCK_DIAG */
	{ "socket",     { 16, 0x80003, 15 },                    ALLOW },	/* NETLINK_KOBJECT_UEVENT */
	{ "socket",     { 16, 3, HIGH },                        ALLOW },
	{ "socket",     { 16, 3, 2 },                           ERRNO(EPROTONOSUPPORT) },	/* NETLINK_USERSOCK */
	{ "socket",     { 16, 3, 6 },                           ERRNO(EPROTONOSUPPORT) },	/* NETLINK_XFRM */
	{ "socket",     { 16, 3, 9 },                           ERRNO(EPROTONOSUPPORT) },	/* NETLINK_AUDIT */
	{ "socket",     { 16, 3, 11 },                          ERRNO(EPROTONOSUPPORT) },	/* NETLINK_CONNECTOR */
	{ "socket",     { 16, 3, 12 },                          ERRNO(EPROTONOSUPPORT) },	/* NETLINK_NETFILTER */
	{ "socket",     { 16, 2, 16 },                          ERRNO(EPROTONOSUPPORT) },	/* NETLINK_GENERIC */
	{ "socket",     { HIGH | 16, 3, HIGH | 16 },            ERRNO(EPROTONOSUPPORT) },
	{ "socket",     { 16, 3, 21 },                          ERRNO(EPROTONOSUPPORT) },	/* NETLINK_CRYPTO */
	/*              pid, resource, new, old */
	{ "prlimit64",  { 0, 7, POINTER },                      ALLOW },	/* RLIMIT_NOFILE */
	{ "prlimit64",  { HIGH, 7, POINTER },                   ALLOW },	/* pid 0 for the kernel */
	{ "prlimit64",  { 1, 7, POINTER },                      ERRNO(EPERM) },
	{ "prlimit64",  { HIGH | 1, 7, POINTER },               ERRNO(EPERM) },
	{ "prlimit64",  { 77, 7, LOW_POINTER },                 ERRNO(EPERM) },
	{ "prlimit64",  { 77, 7, 0, POINTER },                  ALLOW },
	{ "prlimit64",  { 1, 4, 0, POINTER },                   ALLOW },	/* RLIMIT_CORE */
	{ "prlimit64",  { 0, 4, POINTER },                      ERRNO(0) },
	{ "prlimit64",  { 0, HIGH | 4, LOW_POINTER },           ERRNO(0) },
	{ "prlimit64",  { 0, 4, POINTER, POINTER },             ERRNO(EPERM) },
	{ "prlimit64",  { 0, 4, POINTER, LOW_POINTER },         ERRNO(EPERM) },
	{ "prlimit64",  { 77, 4, POINTER, POINTER },            ERRNO(EPERM) },
	{ "setrlimit",  { 4, POINTER },                         ERRNO(0) },
	{ "setrlimit",  { HIGH | 4, POINTER },                  ERRNO(0) },
	{ "setrlimit",  { 7, POINTER },                         ALLOW },
};

#endif
