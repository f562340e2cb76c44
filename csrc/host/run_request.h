/* SPDX-License-Identifier: Apache-2.0 */
/* run_request: what other threads ask of a run: to cancel, to signal, to pause.
 *
 * They write what they want into the run and wake its own thread, which alone speaks with init. Signals and pauses are
 * held back until the program is started: at the sync point init does not read. */
#ifndef CORDON_HOST_RUN_REQUEST_H
#define CORDON_HOST_RUN_REQUEST_H

#include "host/run_state.h"

/* Does what was asked since the last time. By the run's own thread. */
void run_request_take(struct cordon_run *run);

/* Tells init about signals and pauses that were held back. By the run's own thread, when the program may have started. */
void run_request_send(struct cordon_run *run);

#endif
