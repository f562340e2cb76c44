/* SPDX-License-Identifier: Apache-2.0 */
/* carry_change: calls that change a file or its attributes. Each returns the call's result or -errno. */
#ifndef CORDON_SUPERVISOR_CARRY_CHANGE_H
#define CORDON_SUPERVISOR_CARRY_CHANGE_H

#include "supervisor/carrying.h"

int64_t carry_chmod(struct carrying *c);
int64_t carry_chmod2(struct carrying *c);
int64_t carry_chown(struct carrying *c);
int64_t carry_truncate(struct carrying *c);
int64_t carry_utime(struct carrying *c);
int64_t carry_utimes(struct carrying *c);
int64_t carry_utimens(struct carrying *c);
int64_t carry_setattr(struct carrying *c);

#endif
