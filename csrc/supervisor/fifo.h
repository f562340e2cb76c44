/* SPDX-License-Identifier: Apache-2.0 */
/* fifo: opens of FIFOs that wait for the other end. */
#ifndef CORDON_SUPERVISOR_FIFO_H
#define CORDON_SUPERVISOR_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#define FIFO_WAITS_MAX 64

struct fifo_wait {
	uint64_t id;
	int fd;			/* a reading end, or an O_PATH descriptor */
	bool writer;
	uint32_t fd_flags;
	uint64_t flags;
	uint64_t inode;
	uint32_t major, minor;
};

/* The opens of one run that wait. Initialize with zeros; the descriptors end with the supervisor. */
struct fifo_waits {
	uint32_t n;
	struct fifo_wait all[FIFO_WAITS_MAX];
};

/* Lets a blocking open of a FIFO (open_for's OPEN_LATER) wait for its other end, as in the kernel, while the loop goes
 * on. The open is not passed to the kernel, because a thread of the program could change the path after the judgement.
 * Takes ownership of fd: a reading or writing end opened with O_NONBLOCK, or an O_PATH descriptor. flags are the
 * program's. */
void fifo_take(struct fifo_waits *waits, int listener, uint64_t id, int proc_fd, int fd, uint64_t flags,
	       uint32_t fd_flags);

/* To be called before each open: closes the ends whose call was interrupted, so that no open finds them as its reader
 * or writer. */
void fifo_forget(struct fifo_waits *waits, int listener);

#endif
