/* SPDX-License-Identifier: Apache-2.0 */
/* carry_watch: inotify_add_watch, on the program's own descriptor. Returns the call's result or -errno. */
#ifndef CORDON_SUPERVISOR_CARRY_WATCH_H
#define CORDON_SUPERVISOR_CARRY_WATCH_H

#include "supervisor/carrying.h"

int64_t carry_watch(struct carrying *c);

#endif
