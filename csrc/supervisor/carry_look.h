/* SPDX-License-Identifier: Apache-2.0 */
/* carry_look: calls that look at a file. Each returns the call's result or -errno. */
#ifndef CORDON_SUPERVISOR_CARRY_LOOK_H
#define CORDON_SUPERVISOR_CARRY_LOOK_H

#include "supervisor/carrying.h"

int64_t carry_stat(struct carrying *c);
int64_t carry_statx(struct carrying *c);
int64_t carry_access(struct carrying *c);
int64_t carry_readlink(struct carrying *c);
int64_t carry_statfs(struct carrying *c);
int64_t carry_getattr(struct carrying *c);

#endif
