/* runner: run one command in a fresh sandbox (the Unshare runner), blocking or event by event.
 *
 * A run is owned by one thread at a time; cordon_run_cancel alone may be called by any other while the run is not freed.
 * The simplest use: cordon_run_open, cordon_run_wait, cordon_run_result, cordon_run_free. */
#ifndef CORDON_RUNNER_H
#define CORDON_RUNNER_H

#include <stdint.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/result.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cordon_run;

enum cordon_run_state {
	CORDON_RUN_PENDING = 0,
	CORDON_RUN_SYNC = 1,	/* command.sync: the program's process waits before exec; cordon_run_pid, then cordon_run_release */
	CORDON_RUN_DONE = 2,	/* cordon_run_result has the result or the error; nothing of the sandbox is left */
};

/* Checks both, starts the sandbox and returns while it runs. Borrows nothing after the call except the descriptors in
 * command->stdio of kind FORWARD, until the run is done.
 * Returns 0 with *ret_run set, or -errno with *err set and nothing left over. */
int cordon_run_open(const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_run **ret_run, struct cordon_error *err);

/* A descriptor that polls readable when cordon_run_step has something to do. Owned by the run. */
int cordon_run_fd(const struct cordon_run *run);

/* Nanoseconds after which cordon_run_step must be called even if the descriptor is quiet; -1 = never. */
int64_t cordon_run_timeout_ns(const struct cordon_run *run);

/* Does what there is to do and returns the state; blocks only in writing to a FORWARD descriptor. */
enum cordon_run_state cordon_run_step(struct cordon_run *run);

/* Blocks until the state is SYNC or DONE, and returns it. */
enum cordon_run_state cordon_run_wait(struct cordon_run *run);

/* At the sync point: the program's pid on the host. Else 0. */
int32_t cordon_run_pid(const struct cordon_run *run);

/* Ends the sync point: go != 0 lets the program run, 0 stops it; the run then ends with error SYNC. */
void cordon_run_release(struct cordon_run *run, int go);

/* Kills everything in the sandbox; the result's status is CANCELLED where it was still running. Any thread, any time. */
void cordon_run_cancel(struct cordon_run *run);

/* After DONE. Returns 0 with *ret_result set (owned by the run, valid until cordon_run_free), or -errno with *err set:
 * the sandbox failed or the program could not be executed. */
int cordon_run_result(const struct cordon_run *run, const struct cordon_result **ret_result, struct cordon_error *err);

/* Ends the run if it still runs, and frees it. Accepts NULL. */
void cordon_run_free(struct cordon_run *run);

#ifdef __cplusplus
}
#endif
#endif
