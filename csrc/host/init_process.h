/* SPDX-License-Identifier: Apache-2.0 */
/* init_process: start cordon-init in its namespaces, talk to it, end it.
 *
 * I1  One that is half started is torn down: init_process_stop works on any state after init_process_init.
 * I2  init is killed and waited for by its pidfd: no other child of the JVM is ever touched. A host that reaps any
 *     child of its own with waitpid(-1) may reap init first; the wait then ends with ECHILD, which says the same.
 *     A sidecar is not our child but that of the init that made it, which reaps it; its pidfd says when it has ended.
 * I3  After init_process_stop no process of the sandbox is left, because a pid namespace dies with its pid 1. Without
 *     namespaces init ends the process tree itself, at the end of its socket, and is killed only where it does not. */
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
	int32_t pid;		/* 0 for a sidecar that has not spoken yet */
	uint32_t last_id;	/* of the last command sent */
	bool no_namespaces;
	bool sidecar;
	struct ids ids;
	uint64_t layers;	/* that hold from the clone on */
};

#define INIT_SETUP_NS (60 * NSEC_PER_SEC)	/* for a set-up that hangs, on a dead network mount, say */

/* A command that is made before it is sent. */
struct init_message {
	void *data;	/* of the heap */
	uint32_t size;
};

static inline void init_message_free(struct init_message *message)
{
	free(message->data);
}

/* For one that is freed at the end of its block. */
#define AUTO_MESSAGE __attribute__((cleanup(init_message_free)))

void init_process_init(struct init_process *p);

/* Starts init, in the group of cgroup_fd where that is no -1, and writes its id maps.
 * 0 or -errno with *err; then *p is as after init_process_init. */
int init_process_start(struct init_process *p, const struct cordon_container_config *config, int cgroup_fd,
		       struct cordon_error *err);

/* Takes the socket of a sidecar that base has made with its last command, whose id is that of its first message. The
 * caller sets the pidfd. */
void init_process_adopt(struct init_process *p, const struct init_process *base, int socket);

/* Sends CONF. keep: for more than one run, and init answers; else it answers only where it fails. 0 or -errno with
 * *err. */
int init_process_conf(struct init_process *p, const struct cordon_container_config *config, bool keep,
		      struct cordon_error *err);

/* Both, and refuses one without ids of its own where config requires them. 0 or -errno with *err. */
int init_process_open(struct init_process *p, const struct cordon_container_config *config, int cgroup_fd, bool keep,
		      struct cordon_error *err);

/* Gives a finished message the next id and sends it. 0 or -errno with *err (INIT_GONE where init's end is closed). */
int init_process_send(struct init_process *p, void *msg, uint32_t size, const int *fds, uint32_t nfds,
		      struct cordon_error *err);

/* Receives one message from init, and from nobody else; the arguments are socket_recv's. 0 with *msg, -EAGAIN with
 * nothing, or -errno with *err (INIT_GONE, PROTOCOL): then nothing that init says can be relied on. */
int init_process_recv(struct init_process *p, bool wait, void *buffer, struct socket_msg *msg,
		      struct cordon_error *err);

/* Sends a command that is only a head. 0 or -errno with *err. */
int init_process_command(struct init_process *p, enum cordon_msg_type type, uint32_t flags, struct cordon_error *err);

/* Kills init, waits until it is gone, and closes. */
void init_process_stop(struct init_process *p);

#endif
