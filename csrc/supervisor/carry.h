/* SPDX-License-Identifier: Apache-2.0 */
/* carry: makes calls for the program. */
#ifndef CORDON_SUPERVISOR_CARRY_H
#define CORDON_SUPERVISOR_CARRY_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/judged.h"
#include "supervisor/supervisor.h"

/* Makes a call that was allowed, with its effects and results in the program's memory. *ret is ERRNO, with 0 and the
 * value if the call succeeds; or what the judgement of a link that was found says. Never waits for the program; false
 * if the result comes later, from connects_look. listener and id: of the notification, so that nothing has an effect
 * after the call was interrupted; listener is -1 under ptrace. */
bool carry(struct supervisor *sv, const struct stop *s, struct judged *judged, int listener, uint64_t id,
	   struct answer *ret);

#endif
