/* SPDX-License-Identifier: Apache-2.0 */
/* beside: the filter beside a path or port policy.
 *
 * Ports: Landlock decides bind(2) and connect(2) of TCP sockets, by port, and nothing else (landlock(7)). The filter
 * refuses what remains: a socket of another protocol or family that reaches the same network (MPTCP and SMC can talk to
 * TCP peers); a TCP socket turned into one of SMC's (TCP_ULP, Linux 5.17: ENOENT, so that programs that ask for "tls"
 * go on without); a first packet with data, which connects without connect(2) (tcp(7), MSG_FASTOPEN;
 * TCP_FASTOPEN_CONNECT does call it); listen(2) without bind(2), on a port that the kernel picks; io_uring, whose
 * sockets no filter sees.
 * Files: what changes an inode by a descriptor that is open for reading. File systems have requests of ioctl(2) for it,
 * which check the owner alone: flags, projects, versions, encryption, verity, subvolumes. Whole types of requests are
 * refused, as each file system has its own; what only looks, and the copies, whose target must be open for writing,
 * are let through. If no supervisor judges calls and the policy gives writing nowhere, so are the calls that change a
 * mode, an owner, times or extended attributes (frozen).
 * Where a supervisor judges paths there are no datagram sockets of the family unix: each message (sendto, sendmsg,
 * sendmmsg) can name another socket by its path, in memory.
 * I1  Calls that are not named here are allowed: the run's own policy is loaded as well.
 * I2  For sockets it is the opposite: protocols and families that are not named are refused. */
#include "seccomp/beside.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include "base/base.h"
#include "seccomp/notation.h"

#define REFUSED (SECCOMP_RET_ERRNO | EACCES)	/* as Landlock does */
#define LET(family, type, protocol)                                                                          \
	IF_ALL_THREE("socket", SECCOMP_RET_ALLOW, INT_IS(0, family), MASKED(1, SOCK_TYPE_BITS, type),        \
		     INT_IS(2, protocol))
#define NO_FASTOPEN(name, flags) IF(name, SECCOMP_RET_ERRNO | EOPNOTSUPP, MASKED(flags, MSG_FASTOPEN, MSG_FASTOPEN))

#define REQUEST(value) IF("ioctl", SECCOMP_RET_ALLOW, INT_IS(1, value))
#define NO_REQUEST(value) IF("ioctl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, value))
#define NO_REQUESTS(type) IF("ioctl", SECCOMP_RET_ERRNO | EPERM, MASKED(1, 0xff00u, (type) << 8))	/* _IOC_TYPE */

static const struct seccomp_rule port_rules[] = {
	IF("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX)), IF("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_NETLINK)),
	LET(AF_INET, SOCK_STREAM, 0), LET(AF_INET, SOCK_STREAM, IPPROTO_TCP),
	LET(AF_INET6, SOCK_STREAM, 0), LET(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	IF("socketpair", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX)), RULE("socketpair", REFUSED),
	NO_FASTOPEN("sendto", 3), NO_FASTOPEN("sendmsg", 2), NO_FASTOPEN("sendmmsg", 3),
	IF_BOTH("setsockopt", SECCOMP_RET_ERRNO | ENOENT, INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_ULP)),
	ABSENT("io_uring_setup"), ABSENT("io_uring_enter"), ABSENT("io_uring_register"),
};

/* The kernel makes a datagram socket of SOCK_RAW. */
#define NO_UNIX(name, type) IF_BOTH(name, REFUSED, INT_IS(0, AF_UNIX), MASKED(1, SOCK_TYPE_BITS, type))

static const struct seccomp_rule datagram_rules[] = {
	NO_UNIX("socket", SOCK_DGRAM), NO_UNIX("socket", SOCK_RAW),
	NO_UNIX("socketpair", SOCK_DGRAM), NO_UNIX("socketpair", SOCK_RAW),
};

static const struct seccomp_rule udp_rules[] = {
	LET(AF_INET, SOCK_DGRAM, 0), LET(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	LET(AF_INET6, SOCK_DGRAM, 0), LET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
};

static const struct seccomp_rule no_socket = RULE("socket", REFUSED), no_listen = RULE("listen", REFUSED);

/* linux/fs.h, fiemap.h, btrfs.h, msdos_fs.h and others, with the numbers of 64-bit programs and, where they differ, of
 * an int in place of a long. Types: "f" flags, encryption, verity; "X" XFS, projects; "v" versions; 0x94 btrfs; 0xbc
 * bcachefs; 0xf5 F2FS; 0x97 Ceph. */
static const struct seccomp_rule file_rules[] = {
	REQUEST(0x80086601u), REQUEST(0x80046601u),	/* FS_IOC_GETFLAGS */
	REQUEST(0xc020660bu),				/* FS_IOC_FIEMAP */
	REQUEST(0x80087601u), REQUEST(0x80047601u),	/* FS_IOC_GETVERSION */
	REQUEST(0x801c581fu),				/* FS_IOC_FSGETXATTR */
	REQUEST(0x40049409u), REQUEST(0x4020940du),	/* FICLONE, FICLONERANGE */
	REQUEST(0xc0189436u),				/* FIDEDUPERANGE */
	NO_REQUESTS(0x66u), NO_REQUESTS(0x58u), NO_REQUESTS(0x76u), NO_REQUESTS(0x94u), NO_REQUESTS(0xbcu),
	NO_REQUESTS(0xf5u), NO_REQUESTS(0x97u),
	NO_REQUEST(0x40047211u),			/* FAT_IOCTL_SET_ATTRIBUTES */
};

static const struct seccomp_rule frozen_rules[] = {
	RULE("chmod", REFUSED), RULE("fchmod", REFUSED), RULE("fchmodat", REFUSED), RULE("fchmodat2", REFUSED),
	RULE("chown", REFUSED), RULE("lchown", REFUSED), RULE("fchown", REFUSED), RULE("fchownat", REFUSED),
	RULE("setxattr", REFUSED), RULE("lsetxattr", REFUSED), RULE("fsetxattr", REFUSED), RULE("setxattrat", REFUSED),
	RULE("removexattr", REFUSED), RULE("lremovexattr", REFUSED), RULE("fremovexattr", REFUSED),
	RULE("removexattrat", REFUSED),
	RULE("utime", REFUSED), RULE("utimes", REFUSED), RULE("futimesat", REFUSED), RULE("utimensat", REFUSED),
	RULE("file_setattr", REFUSED),
};

#define RULES_MAX \
	(ARRAY_LEN(port_rules) + ARRAY_LEN(datagram_rules) + ARRAY_LEN(udp_rules) + 2 + ARRAY_LEN(file_rules) + \
	 ARRAY_LEN(frozen_rules))

struct rules {
	struct seccomp_rule all[RULES_MAX];
	size_t n;
};

static void add(struct rules *r, const struct seccomp_rule *rules, size_t n)
{
	memcpy(&r->all[r->n], rules, n * sizeof *rules);
	r->n += n;
}

static void join_rules(const struct seccomp_beside *what, struct rules *ret)
{
	ret->n = 0;
	if (what->files && what->judged)	/* first, as the port rules allow the family */
		add(ret, datagram_rules, ARRAY_LEN(datagram_rules));
	if (what->ports)
		add(ret, port_rules, ARRAY_LEN(port_rules));
	if (what->ports && what->udp)
		add(ret, udp_rules, ARRAY_LEN(udp_rules));
	if (what->ports)
		add(ret, &no_socket, 1);
	if (what->ports && !what->can_bind)
		add(ret, &no_listen, 1);
	if (what->files)
		add(ret, file_rules, ARRAY_LEN(file_rules));
	if (what->files && what->frozen)
		add(ret, frozen_rules, ARRAY_LEN(frozen_rules));
}

static int beside_compile(const struct seccomp_beside *what, struct cordon_seccomp **ret, struct cordon_error *err)
{
	struct rules rules;
	struct seccomp_policy policy = { .known = SECCOMP_RET_ALLOW, .unknown = SECCOMP_RET_ALLOW, .rules = rules.all };

	join_rules(what, &rules);
	policy.nrules = rules.n;
	return seccomp_rules_new(&policy, CORDON_ARCH_NATIVE, ret, err);
}

int seccomp_beside(const struct seccomp_beside *what, const struct cordon_seccomp **ret, struct cordon_error *err)
{
	static seccomp_kept kept[2][2][2][2][2][2];
	seccomp_kept *mine = &kept[what->ports][what->can_bind][what->udp][what->files][what->frozen][what->judged];
	struct cordon_seccomp *fresh;
	int rc = 0;

	*ret = atomic_load_explicit(mine, memory_order_acquire);
	if (*ret == NULL && (rc = beside_compile(what, &fresh, err)) == 0)
		*ret = seccomp_keep(mine, fresh);
	return rc;
}
