/* SPDX-License-Identifier: Apache-2.0 */
/* given: files and descriptors of the caller's, made into such as a program may have.
 *
 * Theory of operation. A program never gets an open file of the host's: flags, position, locks and leases are those of
 * the open file, and by its link in /proc the file itself is in reach. What it gets instead:
 *   a regular file, to read    a sealed memfd with its bytes if it is small; else the file opened anew, through a
 *                              read-only mount of its own (reopen/reopen.h) if the program's uid could change it; where
 *                              neither is possible, a pipe
 *   a file, to write           a pipe, from which the host writes into the file
 *   a pipe or a terminal       opened anew
 *   a socket                   one end of a socket pair, from which and to which the host passes bytes
 *   /dev/null                  opened anew
 *   any other device           a pipe
 *   a directory, or a descriptor without bytes     refused
 * I1  The host copies as much as the program reads, and a bounded amount ahead.
 * I2  The same socket, or the same open file to write, given twice is one to the program as well: what it writes keeps
 *     its order. */
#ifndef CORDON_HOST_GIVEN_H
#define CORDON_HOST_GIVEN_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"
#include "host/pumps.h"

struct given;

struct given_set {
	struct given *all;
	uint32_t n;
	bool foreign;		/* the program has ids that own no file of the caller's */
	struct pumps pumps;
};

void given_init(struct given_set *set);

/* Opens a file for the program's descriptor number: 0 to read, 1 and 2 to write, which creates or empties it. Returns
 * the program's descriptor, borrowed from the set until given_release, or -errno with *err (OPEN_FILE; index =
 * number). */
int given_file(struct given_set *set, const char *path, int number, struct cordon_error *err);

/* The same for a descriptor of the caller's, which is borrowed (DUP_FD). */
int given_fd(struct given_set *set, int fd, int number, struct cordon_error *err);

/* Closes the program's descriptors. */
void given_release(struct given_set *set);

/* The program has ended: what it has read of the caller's files, by descriptors, has been read there as well. */
void given_finish(struct given_set *set);

void given_done(struct given_set *set);

#endif
