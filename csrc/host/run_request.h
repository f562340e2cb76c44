/* SPDX-License-Identifier: Apache-2.0 */
/* run_request: requests of other threads to a run: cancel, signal, pause.
 *
 * Other threads store their request in the run and wake its own thread, the only one that talks to init. Signals and
 * pauses are held back until the program is started, because init does not read at the sync point. */
#ifndef CORDON_HOST_RUN_REQUEST_H
#define CORDON_HOST_RUN_REQUEST_H

#include "host/run_state.h"

/* Handles the requests since the last call. By the run's own thread. */
void run_request_take(struct cordon_run *run);

/* Sends init the signals and pauses that were held back. By the run's own thread, when the program may have started. */
void run_request_send(struct cordon_run *run);

#endif
