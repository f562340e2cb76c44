/* SPDX-License-Identifier: Apache-2.0 */
/* process: the supervisor's own process: it gives up rights, and ends the run or itself. */
#ifndef CORDON_SUPERVISOR_PROCESS_H
#define CORDON_SUPERVISOR_PROCESS_H

#include <stdint.h>
#include "supervisor/supervisor.h"

/* Gives up what the supervisor does not need: closes every descriptor but keep[0..n), takes the program's ids for
 * files. */
void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep);

/* Ends every process of the run and remembers the last event as the reason. */
void supervisor_kill(struct supervisor *sv);

/* Ends the supervisor's process: no task is left to watch, and none can come. By itself, as init would have to wake
 * it to end it. */
_Noreturn void supervisor_finish(struct supervisor *sv);

#endif
