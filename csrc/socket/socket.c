/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "socket/socket.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <linux/mman.h>
#include <sys/socket.h>
#include "base/base.h"
#include "error/error.h"
#include "wire/wire.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* asm/mman-common.h; linux/mman.h reaches it, but glibc's headers for the same names differ between releases. */
#ifndef MAP_PRIVATE
#define MAP_PRIVATE 2
#endif

union control {
	struct cmsghdr align;
	unsigned char bytes[CMSG_SPACE(sizeof(int) * CORDON_MSG_FDS_MAX) + CMSG_SPACE(sizeof(struct ucred))];
};

int socket_pair(int ret_fds[2])
{
	int fds[2], on = 1;
	long rc = sys(__NR_socketpair, AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds);

	if (rc < 0)
		return (int)rc;
	for (int i = 0; i < 2 && rc >= 0; i++)
		rc = sys(__NR_setsockopt, fds[i], SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	if (rc < 0) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return (int)rc;
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

static int send_datagram(int fd, const void *msg, uint32_t size, const int *fds, uint32_t nfds)
{
	union control control;
	struct iovec iov = { (void *)(uintptr_t)msg, size };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	long n;

	if (nfds > CORDON_MSG_FDS_MAX)
		return -EMSGSIZE;
	if (nfds > 0) {
		bytes_zero(&control, CMSG_SPACE(sizeof(int) * nfds));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		bytes_copy(CMSG_DATA(&control.align), fds, sizeof(int) * nfds);
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
	}
	do
		n = sys(__NR_sendmsg, fd, &h, MSG_NOSIGNAL);
	while (n == -EINTR);
	return n < 0 ? (int)n : 0;
}

static int send_big(int fd, const void *msg, uint32_t size, const int *fds, uint32_t nfds)
{
	struct cordon_msg head = *(const struct cordon_msg *)msg;
	int all[CORDON_MSG_FDS_MAX];
	AUTO_CLOSE int memfd = -1;
	long rc;

	if (size > CORDON_MSG_BIG_MAX || nfds >= CORDON_MSG_FDS_MAX)
		return -EMSGSIZE;
	memfd = (int)sys(__NR_memfd_create, "cordon-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memfd < 0)
		return memfd;
	rc = fd_write_full(memfd, msg, size);
	if (rc == 0)
		rc = sys(__NR_fcntl, memfd, F_ADD_SEALS, SEALS);
	if (rc < 0)
		return (int)rc;
	all[0] = memfd;
	for (uint32_t i = 0; i < nfds; i++)
		all[i + 1] = fds[i];
	head.flags |= CORDON_MSG_BIG;
	return send_datagram(fd, &head, sizeof head, all, nfds + 1);
}

int socket_send(int fd, const void *msg, uint32_t size, const int *fds, uint32_t nfds)
{
	return size > CORDON_MSG_INLINE_MAX ? send_big(fd, msg, size, fds, nfds)
					    : send_datagram(fd, msg, size, fds, nfds);
}

/* Takes descriptors and credentials out of the control data. False without credentials. */
static bool take_control(struct msghdr *h, struct socket_msg *msg)
{
	bool credentials = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
		size_t len = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS) {
			msg->nfds = (uint32_t)(len / sizeof(int));
			bytes_copy(msg->fds, CMSG_DATA(c), msg->nfds * sizeof(int));
		} else if (c->cmsg_type == SCM_CREDENTIALS && len >= sizeof(struct ucred)) {
			struct ucred cred;

			bytes_copy(&cred, CMSG_DATA(c), sizeof cred);
			msg->sender_pid = cred.pid;
			credentials = true;
		}
	}
	return credentials;
}

/* Replaces a head with CORDON_MSG_BIG by the message in its memfd. */
static int open_big(struct socket_msg *msg)
{
	const struct cordon_msg *head = msg->data;
	uint32_t size = head->size;
	long seals, end, map;
	int memfd;

	if (msg->nfds == 0)
		return -EPROTO;
	memfd = msg->fds[0];
	seals = sys(__NR_fcntl, memfd, F_GET_SEALS);
	end = sys(__NR_lseek, memfd, 0, 2);
	if (seals < 0 || (seals & SEALS) != SEALS || end != (long)size || size < sizeof *head)
		return -EPROTO;
	map = sys(__NR_mmap, NULL, size, PROT_READ, MAP_PRIVATE, memfd, 0);
	if (error_is(map))
		return (int)map;
	msg->mapping = (void *)map;
	msg->data = msg->mapping;
	msg->size = size;
	fd_close(&msg->fds[0]);
	msg->nfds--;
	for (uint32_t i = 0; i < msg->nfds; i++)
		msg->fds[i] = msg->fds[i + 1];
	head = msg->data;
	return (head->flags & CORDON_MSG_BIG) == 0 ? wire_head_check(head, size) : -EPROTO;
}

int socket_recv(int fd, bool wait, void *buffer, struct socket_msg *msg)
{
	union control control;
	struct iovec iov = { buffer, CORDON_MSG_INLINE_MAX };
	struct msghdr h = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control,
	};
	bool good;
	long n;
	int rc;

	/* ECONNRESET: the peer closed its end with unread data, for example a late answer. It is reported once, before
	 * the messages that the peer had sent. */
	do
		n = sys(__NR_recvmsg, fd, &h, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
	while (n == -EINTR || n == -ECONNRESET);
	if (n < 0)
		return (int)n;
	msg->data = buffer;
	msg->size = (uint32_t)n;
	msg->nfds = 0;
	msg->mapping = NULL;
	good = take_control(&h, msg);
	if (n == 0 && msg->nfds == 0)
		return -EPIPE;
	rc = -EPROTO;
	if (good && (h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
		rc = wire_head_check(buffer, msg->size);
	if (rc == 0 && (((const struct cordon_msg *)buffer)->flags & CORDON_MSG_BIG) != 0)
		rc = open_big(msg);
	if (rc < 0)
		socket_msg_done(msg);
	return rc;
}

void socket_msg_done(struct socket_msg *msg)
{
	for (uint32_t i = 0; i < msg->nfds; i++)
		fd_close(&msg->fds[i]);
	msg->nfds = 0;
	if (msg->mapping != NULL)
		(void)sys(__NR_munmap, msg->mapping, msg->size);
	msg->mapping = NULL;
}
