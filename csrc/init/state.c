/* SPDX-License-Identifier: Apache-2.0 */
/* The state of init, and its name. */
#include "init/init.h"

static const char *name_of(enum init_state state)
{
	static const char *const names[] = {
		[INIT_STATE_INIT] = "INIT", [INIT_STATE_READY] = "READY", [INIT_STATE_RUNNING] = "RUNNING",
		[INIT_STATE_PAUSED] = "PAUSED",
	};

	return names[state];
}

void init_state_set(struct init *init, enum init_state state)
{
	INIT_TRACE("state", TRACE_WORD(name_of(state)), TRACE_TEXT("from", name_of(init->state)));
	init->state = state;
}
