/* SPDX-License-Identifier: Apache-2.0 */
/* carry_socket: connect, on the program's own socket.
 *
 * Theory of operation. Another thread can exchange both the address and the socket behind a descriptor's number. So the
 * address was copied, and the socket is fetched, and all connections are made here, of all families: if some were left
 * to the kernel, a thread could exchange them for another one after the look. A path is reached through the link of a
 * pinned file. Landlock does not hold the supervisor, so its rules for ports and for abstract sockets are kept here. */
#include "supervisor/carry_socket.h"

#include <asm/socket.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/nsfs.h>
#include <linux/time_types.h>
#include "base/base.h"
#include "supervisor/borrow.h"
#include "supervisor/connects.h"
#include "supervisor/landlock.h"

/* sys/socket.h is libc's. */
#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define FAMILY_SIZE sizeof(__kernel_sa_family_t)
#define SIN6_LEN_RFC2133 24

static int option(int fd, int name)
{
	int value = 0, len = sizeof value;
	int rc = (int)sys(__NR_getsockopt, fd, SOL_SOCKET, name, &value, &len);

	return rc < 0 ? rc : value;
}

/* ---- What Landlock refuses the program ---- */

static bool may_use_port(const struct supervisor *sv, uint16_t port)
{
	for (uint32_t i = 0; i < sv->nports; i++)
		if (sv->ports[i].port == port && (sv->ports[i].access & CORDON_PORT_CONNECT) != 0)
			return true;
	return false;
}

/* hook_socket_connect of Landlock, for TCP. */
static int keep_ports(const struct carrying *c, int fd, uint32_t family)
{
	const struct judged *j = c->judged;
	uint16_t port = 0;

	if ((c->sv->flags & CORDON_SUPERVISOR_PORTS) == 0 || option(fd, SO_TYPE) != SOCK_STREAM ||
	    option(fd, SO_PROTOCOL) != IPPROTO_TCP)
		return 0;
	if (family == AF_INET && j->address_len >= sizeof(struct sockaddr_in))
		bytes_copy(&port, j->address + offsetof(struct sockaddr_in, sin_port), sizeof port);
	else if (family == AF_INET6 && j->address_len >= SIN6_LEN_RFC2133)
		bytes_copy(&port, j->address + offsetof(struct sockaddr_in6, sin6_port), sizeof port);
	else
		return family == AF_INET || family == AF_INET6 ? -EINVAL : 0;
	port = (uint16_t)(port >> 8 | port << 8);
	return may_use_port(c->sv, port) ? 0 : -EACCES;
}

/* Whether the network is the sandbox's own: its user namespace owns it then. */
static bool has_own_network(int proc_fd)
{
	AUTO_CLOSE int net = (int)sys(__NR_openat, proc_fd, "self/ns/net", O_RDONLY | O_CLOEXEC, 0), user = -1;

	user = net < 0 ? net : (int)sys(__NR_ioctl, net, NS_GET_USERNS, 0);
	return user >= 0;
}

/* LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET refuses sockets of processes outside. Whose an abstract socket is cannot be seen
 * before the connection, so where others share the network all of them are refused. */
static int keep_abstract(const struct carrying *c)
{
	const struct judged *j = c->judged;

	if (j->address_len <= FAMILY_SIZE || j->address[FAMILY_SIZE] != '\0')
		return 0;
	if (landlock_abi() < LANDLOCK_ABI_SCOPE || has_own_network(supervisor_proc_fd(c->sv)))
		return 0;
	return -EPERM;
}

/* ---- The connection ---- */

/* The address, with the pinned file in the place of the path. */
static void set_address(const struct carrying *c, struct connecting *ret)
{
	const struct judged *j = c->judged;
	uint32_t len = j->npaths > 0 ? (uint32_t)str_len(c->at[0].link) + 1 : 0;

	bytes_copy(ret->address, j->address, j->address_len);
	bytes_copy(ret->address + FAMILY_SIZE, c->at[0].link, len);
	ret->address_len = len > 0 ? (uint32_t)FAMILY_SIZE + len : j->address_len;
}

static uint64_t deadline_of(int fd)
{
	struct __kernel_old_timeval t = { 0, 0 };
	int len = sizeof t;
	long rc = sys(__NR_getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO_OLD, &t, &len);

	if (rc < 0 || (t.tv_sec == 0 && t.tv_usec == 0))
		return UINT64_MAX;
	return clock_ns() + (uint64_t)t.tv_sec * NSEC_PER_SEC + (uint64_t)t.tv_usec * 1000;
}

static int64_t begin_connecting(struct carrying *c, struct connecting *w, bool blocks)
{
	int rc = connects_try(c->sv, w);

	if (!blocks || (rc != -EAGAIN && rc != -EINPROGRESS && rc != -EALREADY))
		return rc;
	w->err = -rc;
	rc = connects_try(c->sv, w);	/* to this machine: it is there already */
	if (rc != -EAGAIN && rc != -EINPROGRESS && rc != -EALREADY)
		return rc;
	w->until_ns = deadline_of(w->fd);
	w->file = c->at[0].fd;
	if (!connects_add(w))
		return -EAGAIN;
	w->fd = c->at[0].fd = -1;	/* connects has them now */
	return CARRY_LATER;
}

int64_t carry_connect(struct carrying *c)
{
	struct connecting w = { .s = *c->s, .id = c->id, .file = -1 };
	__kernel_sa_family_t family = AF_UNSPEC;
	int domain, rc = 0;
	int64_t result;
	bool blocks;

	w.fd = borrow(supervisor_proc_fd(c->sv), c->s->tid, (int)c->s->args[0]);
	if (w.fd < 0)
		return w.fd;
	domain = option(w.fd, SO_DOMAIN);
	if (c->judged->address_len >= FAMILY_SIZE)
		bytes_copy(&family, c->judged->address, sizeof family);
	if (domain < 0)
		rc = domain;
	else if (domain == AF_UNIX)
		rc = keep_abstract(c);
	else
		rc = keep_ports(c, w.fd, family);
	set_address(c, &w);
	blocks = (sys(__NR_fcntl, w.fd, F_GETFL, 0) & O_NONBLOCK) == 0 &&
		 (domain != AF_UNIX || option(w.fd, SO_TYPE) != SOCK_DGRAM);
	result = rc < 0 ? rc : begin_connecting(c, &w, blocks);
	fd_close(&w.fd);
	return result;
}
