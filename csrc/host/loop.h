/* SPDX-License-Identifier: Apache-2.0 */
/* loop: drives many runs on one thread, for the asynchronous API. */
#ifndef CORDON_HOST_LOOP_H
#define CORDON_HOST_LOOP_H

#include "cordon/error.h"
#include "cordon/runner.h"

struct loop;

/* Makes a loop. 0 with *ret_loop, or -errno with *err (steps MEMORY, WAIT). */
int loop_open(struct loop **ret_loop, struct cordon_error *err);

/* Adds a run to the loop. Until loop_next returns it as DONE, only the loop's thread may use it (except
 * cordon_run_cancel), and it must not be freed while loop_next may be called. Adding a run again does nothing. Any
 * thread, until loop_free. 0 or -errno. */
int loop_add(struct loop *loop, struct cordon_run *run);

/* Watches another descriptor once: when one of events (poll(2)) occurs on fd, or an error, loop_next returns token,
 * which is from 1 to LOOP_TOKEN_MAX. Call it again for the next event, and loop_unwatch before fd is closed. Any
 * thread, until loop_free. 0 or -errno. */
int loop_watch(struct loop *loop, int fd, short events, uint64_t token);

/* Stops watching the descriptor. An event that has occurred may still be returned. */
void loop_unwatch(struct loop *loop, int fd);

#define LOOP_TOKEN_MAX (UINT64_MAX >> 1)
#define LOOP_NEVER UINT64_MAX

/* Blocks until a run has reached SYNC or ASK, or is DONE, which removes it from the loop, and returns the run. NULL
 * with *ret_token set if a watched descriptor is ready; NULL and 0 after loop_close, or if no run was in the loop for
 * idle_ns. A run at SYNC or ASK is returned once for each and stays in the loop: the thread releases or answers it and
 * calls loop_next again. */
struct cordon_run *loop_next(struct loop *loop, uint64_t idle_ns, uint64_t *ret_token);

/* Makes loop_next return NULL, now and in later calls. Any thread, until loop_free. */
void loop_close(struct loop *loop);

/* Frees the loop, but not the runs in it. Accepts NULL. */
void loop_free(struct loop *loop);

#endif
