/* SPDX-License-Identifier: Apache-2.0 */
/* The filter of a port policy: every socket that is not named is refused, and every other call is allowed. */
#include <errno.h>
#include <linux/in.h>
#include <linux/seccomp.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "base/base.h"
#include "bpf.h"
#include "seccomp/ports.h"
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

int main(void)
{
	const struct cordon_seccomp *again;
	struct cordon_error err;
	size_t bad;

	for (int can_bind = 0; can_bind < 2; can_bind++)
		for (int udp = 0; udp < 2; udp++) {
			REQUIRE(seccomp_ports(can_bind, udp, &policy, &err) == 0);
			REQUIRE(seccomp_ports(can_bind, udp, &again, &err) == 0);
			CHECK(policy == again);
			CHECK(bpf_valid(policy->program, policy->bytes / sizeof *policy->program, &bad));
			check_sockets(udp);
			check_others(can_bind);
		}
	return TEST_RESULT();
}
