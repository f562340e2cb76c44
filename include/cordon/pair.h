/* SPDX-License-Identifier: Apache-2.0 */
/* pair: two programs that talk to each other through pipes, an interactor and a solution say.
 *
 * Open the pair, give its four descriptors to the two commands as CORDON_STDIO_FD, open both runs (in two sandboxes, of any
 * runner), then cordon_pair_started and cordon_pair_wait. What else the commands have (stderr, limits) is their own affair.
 * I1  Whatever one program does, floods, never reads, ends or closes its side, the other one and the host get on, and no more
 *     memory is used than the record and 64 KiB for each direction.
 * I2  Both forms behave like two pipes: who reads gets the end of file after the last byte, who writes to a reader that is
 *     gone gets SIGPIPE or EPIPE, and who is faster than the reader waits.
 *
 * A pair is used by one thread at a time. */
#ifndef CORDON_PAIR_H
#define CORDON_PAIR_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/runner.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cordon_pair;

enum cordon_pair_fd {
	CORDON_PAIR_A_STDIN = 0,
	CORDON_PAIR_A_STDOUT = 1,
	CORDON_PAIR_B_STDIN = 2,
	CORDON_PAIR_B_STDOUT = 3,
};

enum cordon_pair_direction {
	CORDON_PAIR_A_TO_B = 0,
	CORDON_PAIR_B_TO_A = 1,
};

/* Makes the pipes. record_bytes 0: two plain ones, which cost the host nothing. Else the host stands between and keeps the
 * first record_bytes of each direction; memory is taken as it is filled.
 * ret_fds (enum cordon_pair_fd) are close-on-exec and stay the pair's.
 * Returns 0, or -errno with *err set (steps PIPE, MEMORY) and nothing left over. */
int cordon_pair_open(uint64_t record_bytes, struct cordon_pair **ret_pair, int ret_fds[4], struct cordon_error *err);

/* Closes ret_fds: from now on only the programs hold them, so that the end of one is seen by the other. To be called when both
 * runs are open, or when they will not be; cordon_pair_wait does it too. */
void cordon_pair_started(struct cordon_pair *pair);

/* Drives both runs until they are done; blocks. A run with a sync point must be past it (cordon_run_wait, cordon_run_release):
 * one that reaches it in here is stopped, and ends with the error SYNC. A question (CORDON_RUN_ASK) is refused with EPERM. Another
 * thread may cancel either run meanwhile.
 * Returns 0 where a's program ended first, 1 where b's did: by the clock where both ran (each end is measured in its own
 * sandbox: an end that is the answer to the other's within a fraction of a millisecond may seem to be the first), else by which
 * run was done first. */
int cordon_pair_wait(struct cordon_pair *pair, struct cordon_run *a, struct cordon_run *b);

/* What was said in one direction (enum cordon_pair_direction), after cordon_pair_wait: the first *ret_len bytes, valid until
 * cordon_pair_free, of *ret_total that the writer wrote. NULL, 0 and 0 without a record. */
void cordon_pair_record(const struct cordon_pair *pair, int direction, const void **ret_data, uint64_t *ret_len,
			uint64_t *ret_total);

/* Closes what is open and frees it; the runs are not touched. Accepts NULL. */
void cordon_pair_free(struct cordon_pair *pair);

#ifdef __cplusplus
}
#endif
#endif
