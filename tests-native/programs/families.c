/* SPDX-License-Identifier: Apache-2.0 */
/* What of the network a program gets. Prints "name=N" lines:
 *   families sockets              how many kinds of sockets can be made, how many pairs, and what else leads there
 *   families pair                 whether connected pairs work, also to pass a descriptor
 *   families send FD ADDRESS      sends to ADDRESS, a path or "@name", by each call, through FD and through pairs
 *   families connect PATH         connects to a socket */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define FAMILIES 64
#define TYPES 12
#define PROTOCOLS 300

static void told(const char *name, long rc)
{
	printf("%s=%d\n", name, rc < 0 ? errno : 0);
}

static void sockets(void)
{
	long made = 0, pairs = 0;
	uint64_t params[15] = { 0 };

	for (int family = 0; family < FAMILIES; family++)
		for (int type = 0; type < TYPES; type++)
			for (int protocol = 0; protocol < PROTOCOLS; protocol += protocol < 20 ? 1 : 7) {
				int fd = socket(family, type | (protocol & 1 ? SOCK_CLOEXEC : SOCK_NONBLOCK), protocol);

				made += fd >= 0;
				if (fd >= 0)
					close(fd);
				fd = (int)syscall(SYS_socket, (1L << 32) | family, (1L << 32) | type, protocol);
				made += fd >= 0;
				if (fd >= 0)
					close(fd);
			}
	for (int family = 0; family < FAMILIES; family++)
		for (int type = 0; type < TYPES; type++) {
			int pair[2];

			if (socketpair(family, type, 0, pair) != 0)
				continue;
			pairs++;
			close(pair[0]);
			close(pair[1]);
		}
	printf("sockets=%ld\npairs=%ld\n", made, pairs);
	told("io_uring", syscall(SYS_io_uring_setup, 8, params));
	told("mq_open", syscall(SYS_mq_open, "cordon", O_RDWR | O_CREAT, 0600, NULL));
	told("msgget", syscall(SYS_msgget, 1, 0600));
	told("pidfd_getfd", syscall(SYS_pidfd_getfd, 0, 0, 0));
}

static long pass_descriptor(int to, int from)
{
	char byte = 'x', control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct iovec io = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control,
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int fd = 0;

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(to, &msg, 0) == 1 ? recvmsg(from, &msg, 0) : -1;
}

static void pair(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET };

	for (size_t i = 0; i < 2; i++) {
		int fds[2] = { -1, -1 };
		char text[4] = "";

		told("pair", socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, fds));
		told("write", write(fds[0], "abc", 3));
		told("read", read(fds[1], text, 3));
		told("pass", pass_descriptor(fds[0], fds[1]));
		told("shutdown", shutdown(fds[0], SHUT_WR));
	}
}

static socklen_t address(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof *a);
	a->sun_family = AF_UNIX;
	snprintf(a->sun_path, sizeof a->sun_path, "%s", path);
	if (path[0] == '@')
		a->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
}

/* Where it is sent must not be decided by an address. */
static void send_by(int fd, const char *path)
{
	struct sockaddr_un a;
	socklen_t len = address(&a, path);
	struct iovec io = { "x", 1 };
	struct mmsghdr msg = { .msg_hdr = { .msg_name = &a, .msg_namelen = len, .msg_iov = &io, .msg_iovlen = 1 } };
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	(void)connect(fd, &none, sizeof none);
	told("connect", connect(fd, (struct sockaddr *)&a, len));
	told("bind", bind(fd, (struct sockaddr *)&a, sizeof a.sun_family));
	(void)sendto(fd, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&a, len);
	(void)sendmsg(fd, &msg.msg_hdr, MSG_DONTWAIT);
	(void)sendmmsg(fd, &msg, 1, MSG_DONTWAIT);
}

int main(int argc, char **argv)
{
	struct sockaddr_un a;
	socklen_t len;

	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "sockets") == 0) {
		sockets();
	} else if (argc > 1 && strcmp(argv[1], "pair") == 0) {
		pair();
	} else if (argc > 3 && strcmp(argv[1], "send") == 0) {
		int fds[2];

		send_by(atoi(argv[2]), argv[3]);
		for (int type = 1; type < TYPES; type++)
			if (socketpair(AF_UNIX, type, 0, fds) == 0)
				send_by(fds[0], argv[3]);
	} else if (argc > 2 && strcmp(argv[1], "connect") == 0) {
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		len = address(&a, argv[2]);
		told("connect", fd < 0 ? -1 : connect(fd, (struct sockaddr *)&a, len));
	} else {
		return 2;
	}
	return 0;
}
