/* SPDX-License-Identifier: Apache-2.0 */
/* pair: two programs that talk to each other through pipes, such as an interactor and a solution.
 *
 * Open the pair, pass its four descriptors to the two commands as CORDON_STDIO_FD, open both runs (in two sandboxes of
 * any runner), then call cordon_pair_started and cordon_pair_wait. The commands may use stderr and limits as they like.
 * I1  Whatever one program does (floods, does not read, ends, closes its side), the other one and the host are not
 *     blocked, and the host uses no more memory than the record and 64 KiB per direction.
 * I2  With and without a record a pair behaves like two pipes: a reader gets end of file after the last byte, a writer
 *     whose reader is gone gets SIGPIPE or EPIPE, and a writer that is faster than the reader waits.
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

/* Makes the pipes. record_bytes 0: two plain pipes, which cost the host nothing. Otherwise the host copies the data and
 * keeps the first record_bytes of each direction; memory is allocated as it is filled. ret_fds (indexed by enum
 * cordon_pair_fd) are close-on-exec and owned by the pair. 0, or -errno with *err (steps PIPE, MEMORY) and nothing left
 * over. */
int cordon_pair_open(uint64_t record_bytes, struct cordon_pair **ret_pair, int ret_fds[4], struct cordon_error *err);

/* Closes ret_fds, so that only the programs hold them and each sees the other's end. Call it when both runs are open,
 * or will not be opened; cordon_pair_wait does it as well. */
void cordon_pair_started(struct cordon_pair *pair);

/* Drives both runs until they are done; blocks. Runs with a sync point must be past it (cordon_run_wait,
 * cordon_run_release): a run that reaches it in here is stopped and ends with the error SYNC. A question
 * (CORDON_RUN_ASK) is answered with EPERM. Another thread may cancel either run meanwhile.
 *
 * Returns 0 if a's program ended first, 1 if b's did: by their end times if both ran, else by which run was done first.
 * Each end time is measured in its own sandbox, so of two ends within a fraction of a millisecond the later one may
 * appear to be the first. */
int cordon_pair_wait(struct cordon_pair *pair, struct cordon_run *a, struct cordon_run *b);

/* The record of one direction (enum cordon_pair_direction), after cordon_pair_wait: the first *ret_len bytes of the
 * *ret_total bytes written, valid until cordon_pair_free. NULL, 0 and 0 without a record. */
void cordon_pair_record(const struct cordon_pair *pair, int direction, const void **ret_data, uint64_t *ret_len,
			uint64_t *ret_total);

/* Closes what is open and frees the pair; the runs are not touched. Accepts NULL. */
void cordon_pair_free(struct cordon_pair *pair);

#ifdef __cplusplus
}
#endif
#endif
