/* SPDX-License-Identifier: Apache-2.0 */
/* privilege: the supervisor's ids and capabilities. */
#ifndef CORDON_SUPERVISOR_PRIVILEGE_H
#define CORDON_SUPERVISOR_PRIVILEGE_H

#include <stdbool.h>
#include "supervisor/supervisor.h"

/* Takes the program's ids for files, and drops the capabilities that the supervisor does not need. 0 or -errno; then it
 * must not serve the program. */
long privilege_drop(const struct supervisor *sv);

/* Takes the program's ids as effective ones as well, or puts the supervisor's own back: for a call that shows them to
 * others (SO_PEERCRED). The saved ids stay. 0 or -errno; then it must not serve the program any longer. */
long privilege_show_ids(const struct supervisor *sv, bool program);

#endif
