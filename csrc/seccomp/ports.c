/* SPDX-License-Identifier: Apache-2.0 */
/* ports: the filter beside a port policy. Landlock decides bind(2) and connect(2) of TCP sockets, by port, and nothing
 * else (landlock(7)).
 *
 * The filter refuses what remains: a socket of another protocol or family that reaches the same network (MPTCP and SMC
 * can talk to TCP peers); a TCP socket turned into one of SMC's (TCP_ULP, Linux 5.17: ENOENT, so that programs that ask
 * for "tls" go on without); a first packet with data, which connects without connect(2) (tcp(7), MSG_FASTOPEN;
 * TCP_FASTOPEN_CONNECT does call it); listen(2) without bind(2), on a port that the kernel picks; io_uring, whose
 * sockets no filter sees.
 * I1  Calls that are not named here are allowed: the run's own policy is loaded as well.
 * I2  For sockets it is the opposite: protocols and families that are not named are refused. */
#include "seccomp/ports.h"

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

static const struct seccomp_rule common_rules[] = {
	IF("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX)), IF("socket", SECCOMP_RET_ALLOW, INT_IS(0, AF_NETLINK)),
	LET(AF_INET, SOCK_STREAM, 0), LET(AF_INET, SOCK_STREAM, IPPROTO_TCP),
	LET(AF_INET6, SOCK_STREAM, 0), LET(AF_INET6, SOCK_STREAM, IPPROTO_TCP),
	IF("socketpair", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX)), RULE("socketpair", REFUSED),
	NO_FASTOPEN("sendto", 3), NO_FASTOPEN("sendmsg", 2), NO_FASTOPEN("sendmmsg", 3),
	IF_BOTH("setsockopt", SECCOMP_RET_ERRNO | ENOENT, INT_IS(1, IPPROTO_TCP), INT_IS(2, TCP_ULP)),
	ABSENT("io_uring_setup"), ABSENT("io_uring_enter"), ABSENT("io_uring_register"),
};

static const struct seccomp_rule udp_rules[] = {
	LET(AF_INET, SOCK_DGRAM, 0), LET(AF_INET, SOCK_DGRAM, IPPROTO_UDP),
	LET(AF_INET6, SOCK_DGRAM, 0), LET(AF_INET6, SOCK_DGRAM, IPPROTO_UDP),
};

static const struct seccomp_rule no_socket = RULE("socket", REFUSED), no_listen = RULE("listen", REFUSED);

#define RULES_MAX (ARRAY_LEN(common_rules) + ARRAY_LEN(udp_rules) + 2)

static size_t join_rules(bool can_bind, bool udp, struct seccomp_rule rules[RULES_MAX])
{
	size_t n = ARRAY_LEN(common_rules);

	memcpy(rules, common_rules, sizeof common_rules);
	if (udp) {
		memcpy(&rules[n], udp_rules, sizeof udp_rules);
		n += ARRAY_LEN(udp_rules);
	}
	rules[n++] = no_socket;
	if (!can_bind)
		rules[n++] = no_listen;
	return n;
}

static int ports_compile(bool can_bind, bool udp, struct cordon_seccomp **ret, struct cordon_error *err)
{
	struct seccomp_rule rules[RULES_MAX];
	struct seccomp_policy policy = {
		.known = SECCOMP_RET_ALLOW, .unknown = SECCOMP_RET_ALLOW, .rules = rules,
		.nrules = join_rules(can_bind, udp, rules),
	};

	return seccomp_rules_new(&policy, CORDON_ARCH_NATIVE, ret, err);
}

int seccomp_ports(bool can_bind, bool udp, const struct cordon_seccomp **ret, struct cordon_error *err)
{
	static seccomp_kept kept[2][2];
	seccomp_kept *mine = &kept[can_bind][udp];
	struct cordon_seccomp *fresh;
	int rc = 0;

	*ret = atomic_load_explicit(mine, memory_order_acquire);
	if (*ret == NULL && (rc = ports_compile(can_bind, udp, &fresh, err)) == 0)
		*ret = seccomp_keep(mine, fresh);
	return rc;
}
