/* SPDX-License-Identifier: Apache-2.0 */
/* wiring: any number of programs that talk to each other through pipes: an interactor and a solution, a manager and
 * several contestants, a ring.
 *
 * Open the wiring for a number of runs, describe its pipes (cordon_wiring_pipe), give each command its ends
 * (cordon_wiring_command), open the runs, of any runner, each in a sandbox of its own or in a handle of a shared
 * container, then cordon_wiring_started and cordon_wiring_wait. What is wrong with a pipe or a command is refused
 * before anything is started. What else the commands have (other descriptors, limits) is their own affair.
 * I1  Whatever one program does, floods, never reads, ends or closes its side, the others and the host get on. No more
 *     memory is used than the records and 64 KiB for each pipe that the host passes on.
 * I2  Every pipe behaves like one of the kernel's: who reads gets the end of file after the last byte, who is faster
 *     than the reader waits, and who writes to a reader that is gone gets SIGPIPE or EPIPE, unless the pipe is a PROXY.
 *
 * A wiring is used by one thread at a time. */
#ifndef CORDON_WIRING_H
#define CORDON_WIRING_H

#include <stdint.h>
#include "cordon/command.h"
#include "cordon/error.h"
#include "cordon/runner.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CORDON_WIRING_RUNS_MAX 1024
#define CORDON_WIRING_PIPES_MAX 4096

struct cordon_wiring;

enum cordon_pipe_flag {
	CORDON_PIPE_PROXY = 1 << 0, /* no SIGPIPE for the writer: what it writes when no reader is left is dropped */
};

/* A descriptor is 0 to 1023, and is the end of one pipe at most. */
struct cordon_pipe {
	uint32_t from_run; /* who writes: its index */
	int32_t from_fd;   /* and by which descriptor */
	uint32_t to_run;   /* who reads; may be the same */
	int32_t to_fd;
	uint64_t limit_bytes;  /* CORDON_UNLIMITED, or: a writer that writes more ends with OUTPUT_LIMIT_EXCEEDED, cause
				  PIPE. The reader gets these bytes and then the end of file */
	uint64_t record_bytes; /* the first bytes that are kept; memory is taken as it is filled */
	uint32_t flags;	       /* enum cordon_pipe_flag */
	uint32_t reserved;     /* 0 */
};

/* What went through a pipe. All zeros for one without limit, record and PROXY: it is the kernel's alone, and costs the
 * host nothing. */
struct cordon_traffic {
	const void *data; /* the first len bytes, valid until cordon_wiring_free; NULL without a record */
	uint64_t len;
	uint64_t total;	  /* what the writer wrote, as far as it was read */
	uint64_t dropped; /* of total: what was not passed on, because no reader was left or the limit was reached */
};

/* For nruns runs, 1 to CORDON_WIRING_RUNS_MAX. 0 with *ret, or -errno with *err (steps VALIDATE, MEMORY). */
int cordon_wiring_open(uint32_t nruns, struct cordon_wiring **ret, struct cordon_error *err);

/* Makes a pipe. Returns its index, which counts from 0. ret_fds (NULL = not asked for) gets the programs' ends, the
 * writer's first; they are close-on-exec and stay the wiring's.
 * -errno with *err (VALIDATE, PIPE, MEMORY; index = the pipe's) and the wiring as it was. */
int cordon_wiring_pipe(struct cordon_wiring *wiring, const struct cordon_pipe *pipe, int ret_fds[2],
		       struct cordon_error *err);

/* Puts the ends of all pipes of run into its command: once for each run, when all pipes are made. Where a pipe has
 * descriptor 0, 1 or 2, the command's stdio must be of kind NULL. command->fds is replaced by a list of the wiring's,
 * valid until cordon_wiring_free, with the command's own in it. 0, or -errno with *err (VALIDATE, MEMORY) and the
 * command as it was. */
int cordon_wiring_command(struct cordon_wiring *wiring, uint32_t run, struct cordon_command *command,
			  struct cordon_error *err);

/* Closes the programs' ends: from now on only the programs hold them, so that the end of one is seen by the others. To
 * be called when all runs are open, or will not be; cordon_wiring_wait does it too. */
void cordon_wiring_started(struct cordon_wiring *wiring);

/* Drives the runs until all are done; blocks. NULL stands for one that could not be opened. A run with a sync point
 * must be past it (cordon_run_wait, cordon_run_release): one that reaches it in here is stopped, and ends with the
 * error SYNC. A question (CORDON_RUN_ASK) is refused with EPERM. Another thread may cancel any run meanwhile. Once for
 * each wiring. */
void cordon_wiring_wait(struct cordon_wiring *wiring, struct cordon_run *const *runs);

/* After cordon_wiring_wait: the indices of all runs in the order in which their programs ended, until
 * cordon_wiring_free. Each end is measured in its own sandbox: one that is the answer to another within a fraction of a
 * millisecond may seem to be the earlier. */
const uint32_t *cordon_wiring_order(const struct cordon_wiring *wiring);

/* After cordon_wiring_wait: what went through a pipe. */
void cordon_wiring_traffic(const struct cordon_wiring *wiring, uint32_t pipe, struct cordon_traffic *ret);

/* Closes what is open and frees it; the runs are not touched. Accepts NULL. */
void cordon_wiring_free(struct cordon_wiring *wiring);

#ifdef __cplusplus
}
#endif
#endif
