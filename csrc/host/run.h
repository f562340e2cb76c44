/* SPDX-License-Identifier: Apache-2.0 */
/* run: one run of one program, as a state machine that never blocks.
 *
 * Theory of operation. run_open.c checks the request, makes the group (run_group.c), starts init (init_process.c) and
 * sends it CONF together with the next command, so that a plain run costs one round trip. run.c then reacts to events:
 * replies of init, output of the program, the sync point, cancelling, a deadline. run_end.c ends the run, and
 * outcome.c turns init's facts and the group's counters into a result. All of them work on run_state.h.
 *   OPENING   copy_in: waits for ITEMS, copies, sends EXECVE            -> RUNNING   (open_reply)
 *   RUNNING   waits for FINISHED or ERROR                               -> FETCHING, DONE   (finished, run_fail)
 *             an ASK opens a question (run_ask_take), which cordon_run_answer closes; all else goes on meanwhile
 *             a process that the kernel killed for memory ends the run, whichever it was (look_for_oom)
 *   FETCHING  copy_out: waits for ITEMS, copies                         -> DONE      (open_reply)
 *   DONE      init is gone, the group is removed, nothing changes any more
 * I1  The first error wins; tearing down never overwrites it.
 * I2  init is treated as hostile: each reply is decoded with bounds, its sender is checked, and a deadline stands
 *     behind every answer that is due. */
#ifndef CORDON_HOST_RUN_H
#define CORDON_HOST_RUN_H

#include "host/run_state.h"

/* Another thread than the one that began it waits for the run, in a loop. Before that, by the thread that hands it
 * over. */
void run_hand_over(struct cordon_run *run);

#endif
