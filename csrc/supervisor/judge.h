/* SPDX-License-Identifier: Apache-2.0 */
/* judge: decides a stopped call. */
#ifndef CORDON_SUPERVISOR_JUDGE_H
#define CORDON_SUPERVISOR_JUDGE_H

#include "supervisor/judged.h"
#include "supervisor/supervisor.h"

/* Decides s; records events, counts, and asks the host if it must (blocks for the answer, at most for the time-out). If
 * the call is allowed and the supervisor should make it, *judged says what it is about. judged is NULL if the kernel
 * makes all calls. */
void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct judged *judged);

#endif
