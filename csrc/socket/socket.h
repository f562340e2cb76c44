/* SPDX-License-Identifier: Apache-2.0 */
/* socket: sends or receives one protocol message, with descriptors and credentials.
 *
 * I1  A receive closes every descriptor that it does not return, also on errors.
 * I2  A message that does not fit a datagram travels in a sealed memfd; the receiver maps it only when it is sealed. */
#ifndef CORDON_SOCKET_H
#define CORDON_SOCKET_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/protocol.h"

/* Makes a seqpacket pair; both ends are close-on-exec and have SO_PASSCRED, so that the kernel attaches the sender's
 * credentials to every message. 0 or -errno. */
int socket_pair(int ret_fds[2]);

/* Sends msg (size bytes, complete) with nfds descriptors (borrowed). Blocks while the peer's queue is full. 0 or
 * -errno. */
int socket_send(int fd, const void *msg, uint32_t size, const int *fds, uint32_t nfds);

struct socket_msg {
	const void *data;		/* with a checked head; in buffer, or in mapping */
	uint32_t size;
	uint32_t nfds;
	int fds[CORDON_MSG_FDS_MAX];	/* owned by this struct; to take a descriptor, set its slot to -1 */
	int32_t sender_pid;		/* in the receiver's pid namespace; 0 = outside it */
	void *mapping;
};

/* Receives one message. buffer has CORDON_MSG_INLINE_MAX bytes, 8-byte aligned, and must live as long as msg->data is
 * used. 0 with *msg, for socket_msg_done; -EPIPE at the end; -EAGAIN if !wait and there is no message; -EPROTO for a
 * message that is truncated, has no credentials, too many descriptors or a bad head, which is discarded. */
int socket_recv(int fd, bool wait, void *buffer, struct socket_msg *msg);

/* Closes the descriptors that were not taken, and unmaps. */
void socket_msg_done(struct socket_msg *msg);

#endif
