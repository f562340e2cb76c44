/* SPDX-License-Identifier: Apache-2.0 */
/* loop: drives many runs on one thread, for the asynchronous form. */
#ifndef CORDON_HOST_LOOP_H
#define CORDON_HOST_LOOP_H

#include "cordon/error.h"
#include "cordon/runner.h"

struct loop;

/* Makes a loop. 0 with *ret_loop set, or -errno with *err (steps MEMORY, WAIT). */
int loop_open(struct loop **ret_loop, struct cordon_error *err);

/* Hands a run to the loop: until loop_next returns it as DONE, only the loop's thread may use it (cordon_run_cancel
 * excepted), and it must not be freed while loop_next may still be called. Adding a run that is in the loop does nothing.
 * Any thread, until loop_free. 0 or -errno. */
int loop_add(struct loop *loop, struct cordon_run *run);

/* Waits once for another descriptor: until one of events (poll(2)) is true of fd, or it has failed. loop_next then has the
 * token, which is neither 0 nor above LOOP_TOKEN_MAX. To be called again for the next time, and before fd is closed loop_unwatch.
 * Any thread, until loop_free. 0 or -errno. */
int loop_watch(struct loop *loop, int fd, short events, uint64_t token);

/* Forgets the descriptor. An event that was on its way may still be returned. */
void loop_unwatch(struct loop *loop, int fd);

#define LOOP_TOKEN_MAX (UINT64_MAX >> 1)
#define LOOP_NEVER UINT64_MAX

/* Blocks until a run is DONE, which takes it out of the loop, or has reached SYNC or ASK, and returns it. NULL with *ret_token set
 * where a descriptor is ready; NULL and 0 once loop_close was called, or where no run was in the loop for idle_ns. A run at
 * SYNC or ASK is returned once for each and stays in the loop: the thread releases or answers it and calls loop_next again. */
struct cordon_run *loop_next(struct loop *loop, uint64_t idle_ns, uint64_t *ret_token);

/* Makes loop_next return NULL, now and from then on. Any thread, until loop_free. */
void loop_close(struct loop *loop);

/* Frees the loop, not the runs that are still in it. NULL is accepted. */
void loop_free(struct loop *loop);

#endif
