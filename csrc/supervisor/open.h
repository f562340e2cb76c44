/* SPDX-License-Identifier: Apache-2.0 */
/* open: opens files for the program. */
#ifndef CORDON_SUPERVISOR_OPEN_H
#define CORDON_SUPERVISOR_OPEN_H

#include <stdint.h>
#include "supervisor/pin.h"
#include "supervisor/resolve.h"
#include "supervisor/supervisor.h"

/* Makes an open that was allowed; never blocks. Returns a descriptor of the supervisor's (close-on-exec), with
 * *ret_fd_flags (O_CLOEXEC or 0) for the program's, or
 * - -errno for the program,
 * - OPEN_AGAIN: the path has symbolic links, so judge_files_again must decide,
 * - OPEN_LATER: pass r->open.fifo, which the caller now owns, to fifo_take.
 * An open with O_PATH gives an ordinary descriptor for reading. */
#define OPEN_AGAIN PIN_AGAIN
#define OPEN_LATER (-4098)
int open_for(struct supervisor *sv, const struct stop *s, struct resolved *r, uint32_t *ret_fd_flags);

#endif
