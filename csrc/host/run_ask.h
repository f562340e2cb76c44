/* SPDX-License-Identifier: Apache-2.0 */
/* run_ask: the questions of a run's supervisor, and the caller's answers. */
#ifndef CORDON_HOST_RUN_ASK_H
#define CORDON_HOST_RUN_ASK_H

#include "host/run_state.h"
#include "socket/socket.h"

/* Takes the question in an ASK. One that comes while another is open means that init has given that one up: its time
 * is over, as a caller may be slow without knowing. One that comes after a cancel crossed the KILL on the way. */
void run_ask_take(struct cordon_run *run, const struct socket_msg *msg);

/* The question that the caller sees, or NULL. */
const struct run_question *run_ask_open(const struct cordon_run *run);

#endif
