/* SPDX-License-Identifier: Apache-2.0 */
/* judge: what happens with a stopped call. */
#ifndef CORDON_SUPERVISOR_JUDGE_H
#define CORDON_SUPERVISOR_JUDGE_H

#include "supervisor/resolve.h"
#include "supervisor/supervisor.h"

/* Decides about s; notes events, counts, and asks the host where it must (blocks for the answer, at most for the
 * time-out). Where the call is CALL_OPEN and allowed, and opened is not NULL, *opened is what it leads to. */
void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened);

/* After OPEN_AGAIN, for the call that was judged last: follows the links of its path and decides anew about that. */
void judge_links(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened);

#endif
