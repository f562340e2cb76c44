/* SPDX-License-Identifier: Apache-2.0 */
/* init_process: starts cordon-init in its namespaces, talks to it, ends it.
 *
 * I1  init_process_stop works in any state after init_process_init, also after a start that failed.
 * I2  init is killed and waited for by its pidfd: other children of the JVM are never touched. A host that reaps any
 *     child with waitpid(-1) may reap init first; the wait then ends with ECHILD, which means the same. A sidecar is a
 *     child of the init that made it, which reaps it; its pidfd shows when it has ended.
 * I3  After init_process_stop no process of the sandbox is left, because a pid namespace ends with its pid 1. Without
 *     namespaces init itself ends the process tree at the end of its socket, and is killed only if it does not. */
#ifndef CORDON_HOST_INIT_PROCESS_H
#define CORDON_HOST_INIT_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include "base/base.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/protocol.h"
#include "host/ids.h"
#include "socket/socket.h"

struct init_process {
	int socket;
	int pidfd;
	int32_t pid;		/* 0 = a sidecar that has sent nothing yet */
	uint32_t last_id;	/* id of the last command sent */
	bool no_namespaces;
	bool sidecar;		/* not our child: I2 */
	struct ids ids;
	uint64_t layers;	/* layers that are active from the clone on */
};

#define INIT_SETUP_NS (60 * NSEC_PER_SEC)	/* longest time for a set-up, which may hang on a dead network mount */

/* A command that is built before it is sent. */
struct init_message {
	void *data;	/* on the heap */
	uint32_t size;
};

static inline void init_message_free(struct init_message *message)
{
	free(message->data);
}

/* Frees the message at the end of its block. */
#define AUTO_MESSAGE __attribute__((cleanup(init_message_free)))

void init_process_init(struct init_process *p);

/* Starts init, in the group of cgroup_fd unless that is -1, and writes its id maps. 0 or -errno with *err; then *p is
 * as after init_process_init. */
int init_process_start(struct init_process *p, const struct cordon_container_config *config, int cgroup_fd,
		       struct cordon_error *err);

/* Takes the socket of a sidecar that base has made with its last command; the first message of the sidecar has the id
 * of that command. The caller sets the pidfd. */
void init_process_adopt(struct init_process *p, const struct init_process *base, int socket);

/* Sends CONF. keep: for more than one run, and init answers; else it answers only on failure. 0 or -errno with *err. */
int init_process_conf(struct init_process *p, const struct cordon_container_config *config, bool keep,
		      struct cordon_error *err);

/* Both; refuses a sandbox that shares the caller's ids if config requires OWN_UID. 0 or -errno with *err. */
int init_process_open(struct init_process *p, const struct cordon_container_config *config, int cgroup_fd, bool keep,
		      struct cordon_error *err);

/* Gives a complete message the next id and sends it. 0 or -errno with *err (INIT_GONE if init's end is closed). */
int init_process_send(struct init_process *p, void *msg, uint32_t size, const int *fds, uint32_t nfds,
		      struct cordon_error *err);

/* Receives one message from init; refuses those of other senders. The arguments are those of socket_recv. 0 with *msg,
 * -EAGAIN without a message, or -errno with *err (INIT_GONE, PROTOCOL); then init must not be trusted any more. */
int init_process_recv(struct init_process *p, bool wait, void *buffer, struct socket_msg *msg,
		      struct cordon_error *err);

/* Sends a command without a tail. 0 or -errno with *err. */
int init_process_command(struct init_process *p, enum cordon_msg_type type, uint32_t flags, struct cordon_error *err);

/* Kills init, waits for its end, and closes all descriptors. */
void init_process_stop(struct init_process *p);

#endif
