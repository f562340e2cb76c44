/* SPDX-License-Identifier: Apache-2.0 */
/* question: asks the host about a call, and what an answer is made of. */
#ifndef CORDON_SUPERVISOR_QUESTION_H
#define CORDON_SUPERVISOR_QUESTION_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/resolve.h"
#include "supervisor/supervisor.h"

/* Sets *ret. True if the call is allowed so far. */
bool answer_settle(struct answer *ret, enum cordon_decision decision, int32_t err);

/* The call fails with err. False. */
bool answer_refuse(struct answer *ret, int32_t err);

/* The errno for a path that lacks access. */
int32_t question_refusal(const struct supervisor *sv);

/* Fills in the question's paths, and the access that is wanted to them. */
void question_paths(struct supervisor *sv, uint32_t access, const struct resolved *const *paths, uint32_t npaths);

/* Asks the host about s, and waits for the answer, at most for the time-out. The paths are filled in. kind: PATH or
 * SYSCALL, for the event if the call is refused. True if it is allowed. */
bool question_ask(struct supervisor *sv, const struct stop *s, enum cordon_event_kind kind, struct answer *ret);

#endif
