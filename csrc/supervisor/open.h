/* SPDX-License-Identifier: Apache-2.0 */
/* open: opens files for the program. */
#ifndef CORDON_SUPERVISOR_OPEN_H
#define CORDON_SUPERVISOR_OPEN_H

#include <stdint.h>
#include "supervisor/resolve.h"
#include "supervisor/supervisor.h"

/* Makes an open that was allowed; never blocks. Returns a descriptor of the supervisor's (close-on-exec), with
 * *ret_fd_flags (O_CLOEXEC or 0) for the program's, or
 * - -errno for the program,
 * - OPEN_AGAIN: the path has symbolic links, so judge_links must decide,
 * - OPEN_LATER: pass r->open.fifo, which the caller now owns, to fifo_take,
 * - OPEN_BY_ITSELF: let the kernel make the call, as it does not accept an O_PATH descriptor from another process. */
#define OPEN_BY_ITSELF (-4096)
#define OPEN_AGAIN (-4097)
#define OPEN_LATER (-4098)
int open_for(struct supervisor *sv, const struct stop *s, struct resolved *r, uint32_t *ret_fd_flags);

#endif
