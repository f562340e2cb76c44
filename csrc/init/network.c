/* SPDX-License-Identifier: Apache-2.0 */
/* network: the network namespace: brings lo up, and makes a new one if a program left TCP connections in it. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/if.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <sys/socket.h>
#include "base/base.h"
#include "error/error.h"

#define TCP 6	/* IPPROTO_TCP, netinet/in.h */

int init_loopback_up(struct cordon_error *err)
{
	struct ifreq request = { .ifr_name = "lo" };
	AUTO_CLOSE int fd = (int)sys(__NR_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	long rc = fd;

	if (rc >= 0)
		rc = sys(__NR_ioctl, fd, SIOCGIFFLAGS, &request);
	request.ifr_flags |= IFF_UP;
	if (rc >= 0)
		rc = sys(__NR_ioctl, fd, SIOCSIFFLAGS, &request);
	return rc < 0 ? error_set(err, (int)-rc, CORDON_STEP_LOOPBACK, CORDON_NO_INDEX, NULL) : 0;
}

/* Whether there is a TCP socket of the family, by sock_diag(7): after a program's end, sockets that stay for a minute
 * in TIME_WAIT. If the kernel cannot say, yes. */
static bool has_tcp(unsigned char family)
{
	struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 request;
	} ask = {
		.head = { .nlmsg_len = sizeof ask, .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
		.request = { .sdiag_family = family, .sdiag_protocol = TCP, .idiag_states = ~0U },
	};
	_Alignas(8) unsigned char answer[8192];
	AUTO_CLOSE int fd = (int)sys(__NR_socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	long n = fd < 0 ? fd : sys(__NR_sendto, fd, &ask, sizeof ask, 0, NULL, 0);

	if (n >= 0)
		n = sys(__NR_recvfrom, fd, answer, sizeof answer, 0, NULL, NULL);
	return n < (long)sizeof(struct nlmsghdr) || ((const struct nlmsghdr *)answer)->nlmsg_type != NLMSG_DONE;
}

int init_reset_network(struct init *init, struct cordon_error *err)
{
	long rc;

	if (!init->loopback || (!has_tcp(AF_INET) && !has_tcp(AF_INET6)))
		return 0;
	rc = sys(__NR_unshare, CLONE_NEWNET);
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_RESET, CORDON_NO_INDEX, "network namespace");
	return init_loopback_up(err);
}
