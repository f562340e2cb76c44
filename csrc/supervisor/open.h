/* SPDX-License-Identifier: Apache-2.0 */
/* open: opens on the program's behalf. */
#ifndef CORDON_SUPERVISOR_OPEN_H
#define CORDON_SUPERVISOR_OPEN_H

#include <stdint.h>
#include "supervisor/resolve.h"
#include "supervisor/supervisor.h"

/* Does an open of an allowed path for the program; never blocks. A descriptor of the supervisor's (close-on-exec)
 * with *ret_fd_flags (O_CLOEXEC or 0) for the program's; or -errno that the program gets; or OPEN_AGAIN: there are
 * links on the way, so that judge_links must decide; or OPEN_LATER: r->open.fifo, the caller's now, goes to
 * fifo_take; or OPEN_BY_ITSELF: the program does it, as the kernel takes no O_PATH descriptor from another process. */
#define OPEN_BY_ITSELF (-4096)
#define OPEN_AGAIN (-4097)
#define OPEN_LATER (-4098)
int open_for(struct supervisor *sv, const struct stop *s, struct resolved *r, uint32_t *ret_fd_flags);

#endif
