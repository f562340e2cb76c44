/* SPDX-License-Identifier: Apache-2.0 */
/* judge: decides a stopped call. */
#ifndef CORDON_SUPERVISOR_JUDGE_H
#define CORDON_SUPERVISOR_JUDGE_H

#include "supervisor/resolve.h"
#include "supervisor/supervisor.h"

/* Decides s; records events, counts, and asks the host if it must (blocks for the answer, at most for the time-out). If
 * the call is a CALL_OPEN that is allowed, and opened is not NULL, *opened is the file that it opens. */
void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened);

/* After OPEN_AGAIN, for the call that was judged last: follows the symbolic links in its path and decides about the
 * resulting path. */
void judge_links(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened);

#endif
