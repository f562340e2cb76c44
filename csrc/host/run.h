/* SPDX-License-Identifier: Apache-2.0 */
/* run: one run of one program, as a state machine that never blocks.
 *
 * Theory of operation. run_open.c checks the request, makes the group (run_group.c), starts init (init_process.c) and
 * sends it CONF together with the next command, so a plain run needs one round trip. run.c then handles events: replies
 * of init, output of the program, the sync point, a cancel, a deadline. run_end.c ends the run, and outcome.c turns
 * init's facts and the group's counters into a result. All of them work on run_state.h.
 *   OPENING   copy_in: waits for ITEMS, copies, sends EXECVE            -> RUNNING   (open_reply)
 *   RUNNING   waits for FINISHED or ERROR                               -> FETCHING, DONE   (finished, run_fail)
 *             an ASK opens a question (run_ask_take), which cordon_run_answer closes; other events go on meanwhile
 *             an OOM kill of any process of the run ends the run (look_for_oom)
 *   FETCHING  copy_out: waits for ITEMS, copies                         -> DONE      (open_reply)
 *   DONE      init has ended, the group is removed, nothing changes any more
 * I1  The first error wins; later ones, from ending the run, never replace it.
 * I2  init is treated as hostile: each reply is decoded with bounds, its sender is checked, and every answer that is
 *     due has a deadline. */
#ifndef CORDON_HOST_RUN_H
#define CORDON_HOST_RUN_H

#include "host/run_state.h"

/* Prepares the run to be waited for by another thread, in a loop. To be called before that, by the thread that opened
 * it. */
void run_hand_over(struct cordon_run *run);

#endif
