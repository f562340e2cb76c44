/* SPDX-License-Identifier: Apache-2.0 */
/* default: the built-in policy. Every known call is allowed except the ones below. Its compiled form is kept.
 *
 * The program has no capabilities, no_new_privs, and its own namespaces, so the kernel itself refuses most of these
 * calls; the filter keeps the program away from the kernel code behind them, where vulnerabilities have been found. One
 * group, one reason. EPERM is what an unprivileged caller expects. ENOSYS is for calls that a libc or runtime tries
 * first and can do without. If both would do, the errno of the adjacent numbers is used: ranges with one verdict load
 * faster. Calls that Linux 5.10 no longer has (create_module, _sysctl ...) are named only if they join two ranges.
 *
 * Compare: moby's profiles/seccomp/default.json; seccomp(2) on what a filter can see. */
#include "seccomp/notation.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/inotify.h>
#include <sys/socket.h>

#include "base/base.h"
#include "error/error.h"
#include "use/use.h"

/* Flags that make new namespaces. CLONE_NEWTIME is not among them: its bit is part of clone's exit signal; only clone3
 * and unshare take it. CLONE_UNTRACED would let a child escape its tracer. */
#define CLONE_REFUSED                                                                                              \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET |  \
	 CLONE_UNTRACED)

#define LISTENER_FLAG 8u			/* SECCOMP_FILTER_FLAG_NEW_LISTENER, linux/seccomp.h, Linux 5.0 */
#define PERSONALITY_QUERY 0xffffffffu		/* personality(2) */
/* linux/personality.h: PER_LINUX32, UNAME26 and ADDR_NO_RANDOMIZE. */
#define PERSONALITY_ALLOWED (0x0000008u | 0x0020000u | 0x0040000u)
#define TIOCSTI_REQUEST 0x5412u			/* asm-generic/ioctls.h: the same on both CPUs */
#define TIOCLINUX_REQUEST 0x541cu
#define TIOCSETD_REQUEST 0x5423u
#define UNSHARE_ALLOWED (CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)

/* AF_INET and AF_INET6 differ in one bit, NETLINK_ROUTE and NETLINK_SOCK_DIAG as well: one condition for both. */
#define IS_INET MASKED(0, 0xffffffffu & ~(uint32_t)(AF_INET ^ AF_INET6), AF_INET & AF_INET6)
#define IS_ROUTE_OR_DIAG MASKED(2, 0xffffffffu & ~(uint32_t)NETLINK_SOCK_DIAG, NETLINK_ROUTE)
#define INET_SOCKET(type, protocol)                                                                                \
	IF_ALL_THREE("socket", SECCOMP_RET_ALLOW, IS_INET, MASKED(1, SOCK_TYPE_BITS, type), INT_IS(2, protocol))

static const struct seccomp_rule rules[] = {
	/* The mount tree keeps the program in its root. libmount falls back from the new calls to mount(2), which
	 * returns EPERM. */
	DENY("mount"), DENY("umount2"), DENY("pivot_root"), DENY("chroot"), DENY("mount_setattr"),
	ABSENT("open_tree"), ABSENT("move_mount"), ABSENT("fsopen"), ABSENT("fsconfig"), ABSENT("fsmount"),
	ABSENT("fspick"),

	/* No new namespaces: a user namespace would give all capabilities again. clone3's flags are in memory, where a
	 * filter cannot look; glibc and musl fall back to clone. What threads share they may stop to share; unshare
	 * looks at all 64 bits. */
	IF("unshare", SECCOMP_RET_ALLOW, MASKED(0, ~(uint64_t)UNSHARE_ALLOWED, 0)), DENY("unshare"),
	DENY("setns"), ABSENT("clone3"),
	IF("clone", SECCOMP_RET_ALLOW, MASKED(0, CLONE_REFUSED, 0)), DENY("clone"),

	/* Other processes' memory, descriptors and registers. Without own-uid, cordon-init has the program's uid. */
	DENY("ptrace"), DENY("process_vm_readv"), DENY("process_vm_writev"), DENY("kcmp"), DENY("pidfd_getfd"),
	DENY("process_madvise"),
	/* A pipe in core_pattern gets no dump if RLIMIT_CORE is 1 (core(5)), which is what a program without core files
	 * has; it gets one if the program lowers that to 0. So this limit stays as it is. Programs that turn dumps off
	 * expect that to succeed; one that also asks for the limit before would not be told it. */
	IF("setrlimit", SECCOMP_RET_ERRNO | 0, INT_IS(0, RLIMIT_CORE)),
	IF("prlimit64", SECCOMP_RET_ALLOW, IS(2, 0)),
	IF_BOTH("prlimit64", SECCOMP_RET_ERRNO | 0, INT_IS(1, RLIMIT_CORE), IS(3, 0)),
	IF("prlimit64", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, RLIMIT_CORE)),
	/* Limits of another process, such as cordon-init: prlimit(2) only requires the same uid. They may be read. */
	IF("prlimit64", SECCOMP_RET_ALLOW, INT_IS(0, 0)), DENY("prlimit64"),

	/* Would slow cordon-init (pid 1) down, so that limits are enforced late: the kernel only requires the same uid.
	 * setpriority may name a single process, not a user or group, and ioprio_set the caller. */
	IF("sched_setaffinity", SECCOMP_RET_ERRNO | EPERM, INT_IS(0, 1)),
	IF("sched_setattr", SECCOMP_RET_ERRNO | EPERM, INT_IS(0, 1)),
	IF("sched_setparam", SECCOMP_RET_ERRNO | EPERM, INT_IS(0, 1)),
	IF("sched_setscheduler", SECCOMP_RET_ERRNO | EPERM, INT_IS(0, 1)),
	IF_BOTH("setpriority", SECCOMP_RET_ERRNO | EPERM, INT_IS(0, PRIO_PROCESS), INT_IS(1, 1)),
	IF("setpriority", SECCOMP_RET_ALLOW, INT_IS(0, PRIO_PROCESS)), DENY("setpriority"),
	IF_BOTH("ioprio_set", SECCOMP_RET_ALLOW, INT_IS(0, IOPRIO_WHO_PROCESS), INT_IS(1, 0)), DENY("ioprio_set"),

	/* Keyrings are separated only by user namespaces, and keep their keys from run to run (keyrings(7)). */
	DENY("add_key"), DENY("request_key"), DENY("keyctl"),

	/* Large subsystems that exploits often use. libuv and others do without io_uring after ENOSYS. */
	DENY("bpf"), DENY("perf_event_open"), DENY("userfaultfd"),
	ABSENT("io_uring_setup"), ABSENT("io_uring_enter"), ABSENT("io_uring_register"),

	/* System administration: kernel image and modules, power, swap, quota, accounting, I/O ports, kernel log. */
	DENY("kexec_load"), DENY("kexec_file_load"), DENY("init_module"), DENY("finit_module"), DENY("delete_module"),
	DENY("create_module"), DENY("get_kernel_syms"), DENY("query_module"),
	DENY("reboot"), DENY("swapon"), DENY("swapoff"), DENY("acct"), DENY("quotactl"), DENY("quotactl_fd"),
	DENY("nfsservctl"), DENY("iopl"), DENY("ioperm"), DENY("vhangup"), DENY("syslog"), DENY("lookup_dcookie"),

	/* The system's clock and names. adjtimex and clock_adjtime stay allowed: they tell how well the clock is
	 * synchronized, and the kernel refuses to set it. */
	DENY("settimeofday"), DENY("clock_settime"), DENY("sethostname"), DENY("setdomainname"),

	/* File handles open files past every mount; fanotify sees other processes' accesses. */
	DENY("name_to_handle_at"), DENY("open_by_handle_at"), DENY("fanotify_init"), DENY("fanotify_mark"),

	/* What others read in directories that are shared, such as /usr/bin. Watchers for changes ask for none of these
	 * events. */
	IF("inotify_add_watch", SECCOMP_RET_ERRNO | EPERM, MASKED(2, IN_ACCESS, IN_ACCESS)),
	IF("inotify_add_watch", SECCOMP_RET_ERRNO | EPERM, MASKED(2, IN_OPEN, IN_OPEN)),
	IF("inotify_add_watch", SECCOMP_RET_ERRNO | EPERM, MASKED(2, IN_CLOSE_NOWRITE, IN_CLOSE_NOWRITE)),
	NO_LEASES,

	/* Memory placement, also of other processes. get_mempolicy stays allowed: libnuma uses it to detect NUMA, and
	 * the JVM goes on if there is none. */
	DENY("mbind"), DENY("set_mempolicy"), DENY("set_mempolicy_home_node"), DENY("migrate_pages"),
	DENY("move_pages"),

	/* Segments for 16-bit programs: CVE-2014-9322 and others. */
	DENY("modify_ldt"),

	/* A listener of the program's own outranks RET_TRACE, and can continue a call past a tracer's policy
	 * (seccomp(2)). Other filters only restrict the program further. */
	IF("seccomp", SECCOMP_RET_ALLOW, MASKED(1, LISTENER_FLAG, 0)), DENY("seccomp"),

	/* Query, plain Linux, what setarch(8) sets for uname(2), and ADDR_NO_RANDOMIZE, which ThreadSanitizer sets. The
	 * other flags bring back unsafe mappings of old systems (page 0, executable data). */
	IF("personality", SECCOMP_RET_ALLOW, MASKED(0, 0xffffffffu & ~PERSONALITY_ALLOWED, 0)),
	IF("personality", SECCOMP_RET_ALLOW, INT_IS(0, PERSONALITY_QUERY)), DENY("personality"),

	/* Input faked into the caller's terminal (CVE-2017-5226). */
	IF("ioctl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, TIOCSTI_REQUEST)),
	IF("ioctl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, TIOCLINUX_REQUEST)),

	/* Line disciplines: the kernel loads drivers for serial devices that no program here has (CVE-2017-2636). */
	IF("ioctl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, TIOCSETD_REQUEST)),

	/* Mainly against AF_VSOCK, which network namespaces do not separate and which reaches the hypervisor
	 * (vsock(7)). Other rare families and protocols (MPTCP, UDP-Lite, SCTP, DCCP, L2TP, SMC; netfilter, generic
	 * netlink, crypto) are the least reviewed kernel code, whose modules socket(2) loads. EPROTONOSUPPORT is what a
	 * kernel without them answers, so that Go's listeners go on with TCP. Netlink is used by getaddrinfo and by
	 * Node's networkInterfaces (ROUTE), ss and libudev. */
	IF("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX)),
	INET_SOCKET(SOCK_STREAM, 0), INET_SOCKET(SOCK_STREAM, IPPROTO_TCP),
	INET_SOCKET(SOCK_DGRAM, 0), INET_SOCKET(SOCK_DGRAM, IPPROTO_UDP),
	INET_SOCKET(SOCK_DGRAM, IPPROTO_ICMP), INET_SOCKET(SOCK_DGRAM, IPPROTO_ICMPV6),
	/* What the kernel answers without CAP_NET_RAW. */
	IF_BOTH("socket", SECCOMP_RET_ERRNO | EPERM, IS_INET, MASKED(1, SOCK_TYPE_BITS, SOCK_RAW)),
	IF("socket", SECCOMP_RET_ERRNO | EPROTONOSUPPORT, IS_INET),
	IF_BOTH("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_NETLINK), IS_ROUTE_OR_DIAG),
	IF_BOTH("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_NETLINK), INT_IS(2, NETLINK_KOBJECT_UEVENT)),
	IF("socket", SECCOMP_RET_ERRNO | EPROTONOSUPPORT, INT_IS(0, AF_NETLINK)),
	RULE("socket", SECCOMP_RET_ERRNO | EAFNOSUPPORT),

	/* As the kernel answers, but that makes two sockets first. */
	IF("socketpair", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX)),
	IF("socketpair", SECCOMP_RET_ERRNO | EOPNOTSUPP, IS_INET),
	IF("socketpair", SECCOMP_RET_ERRNO | EOPNOTSUPP, INT_IS(0, AF_NETLINK)),
	RULE("socketpair", SECCOMP_RET_ERRNO | EAFNOSUPPORT),
};

const struct seccomp_policy seccomp_default_policy = {
	.known = SECCOMP_RET_ALLOW,
	.unknown = SECCOMP_RET_ERRNO | ENOSYS,
	.rules = rules,
	.nrules = ARRAY_LEN(rules),
};

int seccomp_default(uint32_t arch, const struct cordon_seccomp **ret_seccomp, struct cordon_error *err)
{
	static seccomp_kept cache[CORDON_ARCH_AARCH64 + 1];
	struct cordon_seccomp *fresh;
	int rc = 0;

	if (arch >= ARRAY_LEN(cache))
		return error_set(err, EINVAL, CORDON_STEP_SECCOMP_COMPILE, CORDON_NO_INDEX, "arch");
	*ret_seccomp = atomic_load_explicit(&cache[arch], memory_order_acquire);
	if (*ret_seccomp == NULL && (rc = seccomp_rules_new(&seccomp_default_policy, arch, &fresh, err)) == 0)
		*ret_seccomp = seccomp_keep(&cache[arch], fresh);
	return rc;
}

int cordon_seccomp_default(uint32_t arch, const void **ret_bpf, uint32_t *ret_len, struct cordon_error *err)
{
	const struct cordon_seccomp *seccomp = NULL;
	int rc;

	use_begin();
	rc = seccomp_default(arch, &seccomp, err);
	use_end();
	if (rc == 0)
		*ret_bpf = cordon_seccomp_program(seccomp, ret_len);
	return rc;
}
