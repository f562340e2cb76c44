/* SPDX-License-Identifier: Apache-2.0 */
/* The filter beside a policy. Of ports: every socket that is not named is refused, and every other call is allowed. Of
 * paths: every request that changes an inode through any descriptor is refused. */
#include <errno.h>
#include <linux/btrfs.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/in.h>
#include <linux/msdos_fs.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include "base/base.h"
#include "bpf.h"
#include "seccomp/beside.h"
#include "seccomp/seccomp.h"
#include "test.h"

#define HIGH (UINT64_C(1) << 32)	/* a bit that the kernel ignores in an int argument */
#define FAMILIES 64
#define TYPES 16
#define PROTOCOLS 512

static const struct cordon_seccomp *policy;

static uint32_t verdict(const char *name, const uint64_t args[6])
{
	struct seccomp_data data = {
		.nr = cordon_syscall_number(name, CORDON_ARCH_NATIVE), .arch = seccomp_audit_arch(CORDON_ARCH_NATIVE),
	};

	memcpy(data.args, args, sizeof data.args);
	return bpf_run(policy->program, policy->bytes / sizeof *policy->program, &data, NULL);
}

#define VERDICT(name, ...) verdict((name), (const uint64_t[6]){ __VA_ARGS__ })

static bool is_let(uint32_t family, uint32_t type, uint32_t protocol, bool udp)
{
	if (family == AF_UNIX || family == AF_NETLINK)
		return true;
	if (family != AF_INET && family != AF_INET6)
		return false;
	if (type == SOCK_STREAM)
		return protocol == 0 || protocol == IPPROTO_TCP;
	return udp && type == SOCK_DGRAM && (protocol == 0 || protocol == IPPROTO_UDP);
}

static void check_sockets(bool udp)
{
	for (uint32_t family = 0; family < FAMILIES; family++)
		for (uint32_t type = 0; type < TYPES; type++)
			for (uint32_t protocol = 0; protocol < PROTOCOLS; protocol++) {
				uint32_t want = is_let(family, type, protocol, udp) ? SECCOMP_RET_ALLOW
										    : SECCOMP_RET_ERRNO | EACCES;

				CHECK_EQ(VERDICT("socket", family, type, protocol), want);
				CHECK_EQ(VERDICT("socket", family | HIGH, type | SOCK_CLOEXEC | SOCK_NONBLOCK | HIGH,
						 protocol | HIGH),
					 want);
			}
	for (uint32_t family = 0; family < FAMILIES; family++)
		CHECK_EQ(VERDICT("socketpair", family, SOCK_STREAM),
			 family == AF_UNIX ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EACCES);
}

static void check_others(bool can_bind)
{
	const uint32_t no_fastopen = SECCOMP_RET_ERRNO | EOPNOTSUPP;

	CHECK_EQ(VERDICT("sendto", 3, 0, 0, MSG_FASTOPEN), no_fastopen);
	CHECK_EQ(VERDICT("sendto", 3, 0, 0, MSG_FASTOPEN | MSG_NOSIGNAL | HIGH), no_fastopen);
	CHECK_EQ(VERDICT("sendto", 3, 0, MSG_FASTOPEN, MSG_NOSIGNAL), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("sendmsg", 3, 0, MSG_FASTOPEN), no_fastopen);
	CHECK_EQ(VERDICT("sendmsg", 3, 0, MSG_DONTWAIT), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("sendmmsg", 3, 0, 1, MSG_FASTOPEN), no_fastopen);
	CHECK_EQ(VERDICT("sendmmsg", 3, 0, MSG_FASTOPEN, 0), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("setsockopt", 3, IPPROTO_TCP, TCP_ULP), SECCOMP_RET_ERRNO | ENOENT);
	CHECK_EQ(VERDICT("setsockopt", 3, IPPROTO_TCP | HIGH, TCP_ULP | HIGH), SECCOMP_RET_ERRNO | ENOENT);
	CHECK_EQ(VERDICT("setsockopt", 3, IPPROTO_TCP, TCP_NODELAY), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("setsockopt", 3, SOL_SOCKET, TCP_ULP), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("io_uring_setup", 1), SECCOMP_RET_ERRNO | ENOSYS);
	CHECK_EQ(VERDICT("listen", 3, 8), can_bind ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | EACCES);
	CHECK_EQ(VERDICT("connect", 3), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("bind", 3), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("mount", 3), SECCOMP_RET_ALLOW);
	CHECK_EQ(VERDICT("execve", 3), SECCOMP_RET_ALLOW);
}

/* By the headers, where the build machine has them. */
static const uint64_t changing[] = {
	FS_IOC_SETFLAGS, FS_IOC_SETVERSION, FS_IOC32_SETFLAGS, FS_IOC32_SETVERSION, FS_IOC_FSSETXATTR,
	FS_IOC_SETFSLABEL, FIFREEZE, FITRIM, FS_IOC_SET_ENCRYPTION_POLICY, FS_IOC_ADD_ENCRYPTION_KEY,
	FS_IOC_ENABLE_VERITY, FAT_IOCTL_SET_ATTRIBUTES, BTRFS_IOC_SUBVOL_CREATE, BTRFS_IOC_SUBVOL_CREATE_V2,
	BTRFS_IOC_SNAP_CREATE_V2,
	BTRFS_IOC_SNAP_DESTROY, BTRFS_IOC_SUBVOL_SETFLAGS, BTRFS_IOC_SET_RECEIVED_SUBVOL, BTRFS_IOC_DEFRAG,
	_IO('f', 9), _IO('f', 17), _IOW(0xbc, 16, char[16]), _IO(0xf5, 18), _IOW(0x97, 2, char[40]),
};

static const uint64_t looking[] = {
	FS_IOC_GETFLAGS, FS_IOC32_GETFLAGS, FS_IOC_GETVERSION, FS_IOC_FSGETXATTR, FS_IOC_FIEMAP, FICLONE, FICLONERANGE,
	FIDEDUPERANGE, FIONREAD, FIONBIO, FIOCLEX, FIOQSIZE, TCGETS, TCSETS, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP,
	BLKGETSIZE64, FAT_IOCTL_GET_ATTRIBUTES,
};

static const char *const freezing[] = {
	"chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "setxattr", "lsetxattr",
	"fsetxattr", "setxattrat", "removexattr", "lremovexattr", "fremovexattr", "removexattrat", "utime", "utimes",
	"futimesat", "utimensat", "file_setattr",
};

static void check_files(void)
{
	struct seccomp_beside what = { .files = true };
	struct cordon_error err;

	for (int frozen = 0; frozen < 2; frozen++) {
		what.frozen = frozen;
		REQUIRE(seccomp_beside(&what, &policy, &err) == 0);
		for (size_t i = 0; i < ARRAY_LEN(changing); i++) {
			CHECK_EQ(VERDICT("ioctl", 3, changing[i]), SECCOMP_RET_ERRNO | EPERM);
			CHECK_EQ(VERDICT("ioctl", 3, changing[i] | HIGH), SECCOMP_RET_ERRNO | EPERM);
		}
		for (size_t i = 0; i < ARRAY_LEN(looking); i++)
			CHECK_EQ(VERDICT("ioctl", 3, looking[i]), SECCOMP_RET_ALLOW);
		for (size_t i = 0; i < ARRAY_LEN(freezing); i++)
			if (cordon_syscall_number(freezing[i], CORDON_ARCH_NATIVE) >= 0)
				CHECK_EQ(VERDICT(freezing[i], 3),
					 frozen ? SECCOMP_RET_ERRNO | EACCES : SECCOMP_RET_ALLOW);
		CHECK_EQ(VERDICT("socket", AF_VSOCK), SECCOMP_RET_ALLOW);
		CHECK_EQ(VERDICT("open", 3), SECCOMP_RET_ALLOW);
	}
}

/* A supervisor cannot see which socket a message names. */
static void check_datagrams(void)
{
	static const char *const makers[] = { "socket", "socketpair" };
	struct cordon_error err;

	for (int ports = 0; ports < 2; ports++) {
		const struct seccomp_beside what = { .files = true, .judged = true, .ports = ports };

		REQUIRE(seccomp_beside(&what, &policy, &err) == 0);
		for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
			const uint64_t flags = SOCK_CLOEXEC | SOCK_NONBLOCK | HIGH;

			CHECK_EQ(VERDICT(makers[i], AF_UNIX, SOCK_DGRAM), SECCOMP_RET_ERRNO | EACCES);
			CHECK_EQ(VERDICT(makers[i], AF_UNIX | HIGH, SOCK_DGRAM | flags), SECCOMP_RET_ERRNO | EACCES);
			CHECK_EQ(VERDICT(makers[i], AF_UNIX, SOCK_RAW), SECCOMP_RET_ERRNO | EACCES);
			CHECK_EQ(VERDICT(makers[i], AF_UNIX, SOCK_STREAM | flags), SECCOMP_RET_ALLOW);
			CHECK_EQ(VERDICT(makers[i], AF_UNIX, SOCK_SEQPACKET), SECCOMP_RET_ALLOW);
		}
		CHECK_EQ(VERDICT("socket", AF_INET, SOCK_DGRAM, 0),
			 ports ? SECCOMP_RET_ERRNO | EACCES : SECCOMP_RET_ALLOW);
	}
}

int main(void)
{
	const struct cordon_seccomp *again;
	struct cordon_error err;
	size_t bad;

	for (int can_bind = 0; can_bind < 2; can_bind++)
		for (int udp = 0; udp < 2; udp++) {
			const struct seccomp_beside what = { .ports = true, .can_bind = can_bind, .udp = udp };

			REQUIRE(seccomp_beside(&what, &policy, &err) == 0);
			REQUIRE(seccomp_beside(&what, &again, &err) == 0);
			CHECK(policy == again);
			CHECK(bpf_valid(policy->program, policy->bytes / sizeof *policy->program, &bad));
			check_sockets(udp);
			check_others(can_bind);
		}
	check_files();
	check_datagrams();
	return TEST_RESULT();
}
