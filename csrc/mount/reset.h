/* SPDX-License-Identifier: Apache-2.0 */
/* reset: makes the writable parts of a root fresh again. */
#ifndef CORDON_MOUNT_RESET_H
#define CORDON_MOUNT_RESET_H

#include <stdbool.h>
#include "cordon/error.h"
#include "mount/build.h"

/* Records the state of every tmpfs, and keeps a descriptor of each bind that lies in one. To be called after
 * pivot_root. 0 or -errno with *b->err. */
int mount_track(struct build *b);

/* Whether every tmpfs of the plan is as it was after mount_root. */
bool mount_is_untouched(struct mount_plan *plan);

/* Makes every tmpfs of the plan as it was after mount_root. No program may run. 0 or -errno with *err (RESET, detail =
 * target); after an error the sandbox must not be used again. */
int mount_reset(struct mount_plan *plan, struct cordon_error *err);

#endif
