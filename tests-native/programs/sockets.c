/* SPDX-License-Identifier: Apache-2.0 */
/* sockets: does what its arguments name, one after the other, and prints "argument=errno", 0 for success. "name:port"
 * uses a port of the loopback interface. Sockets stay open, so later arguments can use those that listen.
 *
 *   serve bind connect connect6 (IPv4's address in IPv6)   udp (a datagram to port)
 *   sendto sendmsg sendmmsg setsockopt (a first packet with data: TCP Fast Open)
 *   listen (without bind)   abstract (a connection to its own abstract socket)
 *   unix netlink packet vsock mptcp smc sctp udplite icmp (socket(2) alone)   pair uring */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/in.h>
#include <linux/io_uring.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define SMC_PROTOCOL 256	/* IPPROTO_SMC, Linux 6.11 */

static struct sockaddr_in address;
static const char data[] = "data";

static const struct made {
	const char *name;
	int family, type, protocol;
} made[] = {
	{ "unix", AF_UNIX, SOCK_STREAM, 0 },
	{ "netlink", AF_NETLINK, SOCK_RAW, 0 },
	{ "packet", AF_PACKET, SOCK_DGRAM, 0 },
	{ "vsock", AF_VSOCK, SOCK_STREAM, 0 },
	{ "tcp", AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP },
	{ "tcp6", AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0 },
	{ "udp", AF_INET, SOCK_DGRAM, IPPROTO_UDP },
	{ "udp6", AF_INET6, SOCK_DGRAM, 0 },
	{ "mptcp", AF_INET, SOCK_STREAM, IPPROTO_MPTCP },
	{ "mptcp6", AF_INET6, SOCK_STREAM, IPPROTO_MPTCP },
	{ "smc", AF_INET, SOCK_STREAM, SMC_PROTOCOL },
	{ "sctp", AF_INET, SOCK_STREAM, IPPROTO_SCTP },
	{ "udplite", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE },
	{ "icmp", AF_INET, SOCK_DGRAM, IPPROTO_ICMP },
};

static long bound(int fd)
{
	int yes = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	return bind(fd, (struct sockaddr *)&address, sizeof address);
}

static long connect6(void)
{
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6, .sin6_port = address.sin_port };

	inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
	return connect(socket(AF_INET6, SOCK_STREAM, 0), (struct sockaddr *)&mapped, sizeof mapped);
}

static long first_packet(const char *name, int fd)
{
	struct iovec iov = { (void *)data, sizeof data };
	struct mmsghdr message = {
		.msg_hdr = { .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &iov, .msg_iovlen = 1 },
	};
	int yes = 1;

	if (strcmp(name, "sendto") == 0)
		return sendto(fd, data, sizeof data, MSG_FASTOPEN, (struct sockaddr *)&address, sizeof address);
	if (strcmp(name, "sendmsg") == 0)
		return sendmsg(fd, &message.msg_hdr, MSG_FASTOPEN);
	if (strcmp(name, "sendmmsg") == 0)
		return sendmmsg(fd, &message, 1, MSG_FASTOPEN);
	setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &yes, sizeof yes);
	return connect(fd, (struct sockaddr *)&address, sizeof address);
}

static long with_port(const char *name)
{
	int fd = socket(AF_INET, strcmp(name, "udp") == 0 ? SOCK_DGRAM : SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	if (strcmp(name, "serve") == 0)
		return bound(fd) < 0 ? -1 : listen(fd, 8);
	if (strcmp(name, "bind") == 0)
		return bound(fd);
	if (strcmp(name, "connect") == 0)
		return connect(fd, (struct sockaddr *)&address, sizeof address);
	if (strcmp(name, "connect6") == 0)
		return connect6();
	if (strcmp(name, "udp") == 0)
		return sendto(fd, data, sizeof data, 0, (struct sockaddr *)&address, sizeof address);
	return first_packet(name, fd);
}

static long connect_abstract(void)
{
	const struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0cordon-test-sockets" };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(listener, (const struct sockaddr *)&name, sizeof name) < 0 || listen(listener, 1) < 0)
		return -1;
	return connect(socket(AF_UNIX, SOCK_STREAM, 0), (const struct sockaddr *)&name, sizeof name);
}

static long without_port(const char *name)
{
	struct io_uring_params params = { 0 };
	int pair[2];

	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++)
		if (strcmp(name, made[i].name) == 0)
			return socket(made[i].family, made[i].type, made[i].protocol);
	if (strcmp(name, "listen") == 0)
		return listen(socket(AF_INET, SOCK_STREAM, 0), 8);
	if (strcmp(name, "abstract") == 0)
		return connect_abstract();
	if (strcmp(name, "pair") == 0)
		return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	if (strcmp(name, "uring") == 0)
		return syscall(__NR_io_uring_setup, 1, &params);
	errno = EINVAL;
	return -1;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		char name[64];
		char *colon;
		long ret;

		snprintf(name, sizeof name, "%s", argv[i]);
		colon = strchr(name, ':');
		if (colon != NULL) {
			*colon = '\0';
			address = (struct sockaddr_in){ .sin_family = AF_INET,
							.sin_port = htons((uint16_t)atoi(colon + 1)),
							.sin_addr = { htonl(INADDR_LOOPBACK) } };
		}
		ret = colon != NULL ? with_port(name) : without_port(name);
		printf("%s=%d\n", argv[i], ret < 0 ? errno : 0);
	}
	return 0;
}
