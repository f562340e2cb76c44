/* SPDX-License-Identifier: Apache-2.0 */
/* socket: one protocol message in or out, with descriptors and credentials.
 *
 * I1  A receive closes every descriptor that it does not hand out, on every path.
 * I2  What does not fit a datagram travels in a sealed memfd; the receiver maps it only when it can no longer change. */
#ifndef CORDON_SOCKET_H
#define CORDON_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/protocol.h"

/* A seqpacket pair, both ends close-on-exec and with SO_PASSCRED, so that the kernel attaches the sender's credentials to
 * every message. 0 or -errno. */
int socket_pair(int ret_fds[2]);

/* Sends msg (size bytes, complete) with nfds descriptors (borrowed). Blocks until the peer has room. 0 or -errno. */
int socket_send(int fd, const void *msg, uint32_t size, const int *fds, uint32_t nfds);

struct socket_msg {
	const void *data;		/* head checked; in buffer, or a mapping of its own */
	uint32_t size;
	uint32_t nfds;
	int fds[CORDON_MSG_FDS_MAX];	/* owned by this until taken: set a slot to -1 to keep the descriptor */
	int32_t sender_pid;		/* in the receiver's pid namespace; 0 = outside it */
	void *mapping;
};

/* Receives one message; buffer holds CORDON_MSG_INLINE_MAX bytes, 8-byte aligned, and lives as long as msg->data is used.
 * 0 with *msg to be given to socket_msg_done; -EPIPE at the end; -EAGAIN where !wait and nothing is there; -EPROTO for a message
 * that is truncated, without credentials, with too many descriptors or a bad head: it is thrown away. */
int socket_recv(int fd, bool wait, void *buffer, struct socket_msg *msg);

/* Closes what is left of the descriptors and unmaps. */
void socket_msg_done(struct socket_msg *msg);

#endif
