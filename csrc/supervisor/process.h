/* SPDX-License-Identifier: Apache-2.0 */
/* process: the supervisor's own process: drops privileges, ends the run or itself. */
#ifndef CORDON_SUPERVISOR_PROCESS_H
#define CORDON_SUPERVISOR_PROCESS_H

#include <stdint.h>
#include "supervisor/supervisor.h"

/* Drops what the supervisor does not need: closes every descriptor except keep[0..nkeep), takes the program's ids for
 * files. */
void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep);

/* Kills every process of the run and stores the last event as the reason. */
void supervisor_kill(struct supervisor *sv);

/* Ends the supervisor's process: no task is left, and none can come. It ends itself, because init would have to wake it
 * to end it. */
_Noreturn void supervisor_finish(struct supervisor *sv);

#endif
