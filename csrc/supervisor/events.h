/* SPDX-License-Identifier: Apache-2.0 */
/* events: records events for the result. */
#ifndef CORDON_SUPERVISOR_EVENTS_H
#define CORDON_SUPERVISOR_EVENTS_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

/* Records an event. If there are too many, the first ones are kept, and the last one. */
void supervisor_event(struct supervisor *sv, enum cordon_event_kind kind, const struct stop *s, int32_t err,
		      const char *path);

/* Whether calls are counted: RECORD, or rules by number. */
bool supervisor_counts(const struct supervisor *sv);

#endif
