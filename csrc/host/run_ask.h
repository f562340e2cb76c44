/* SPDX-License-Identifier: Apache-2.0 */
/* run_ask: the questions of a run's supervisor, and the caller's answers. */
#ifndef CORDON_HOST_RUN_ASK_H
#define CORDON_HOST_RUN_ASK_H

#include "host/run_state.h"
#include "socket/socket.h"

/* Takes the question in an ASK. An ASK while another question is open means that init has given up that one because of
 * its time-out, which a slow caller may not have noticed. An ASK after a cancel was sent before init read the KILL. */
void run_ask_take(struct cordon_run *run, const struct socket_msg *msg);

/* The question that the caller sees, or NULL. */
const struct run_question *run_ask_open(const struct cordon_run *run);

#endif
