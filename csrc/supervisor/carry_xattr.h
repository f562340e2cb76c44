/* SPDX-License-Identifier: Apache-2.0 */
/* carry_xattr: extended attributes. Each returns the call's result or -errno. */
#ifndef CORDON_SUPERVISOR_CARRY_XATTR_H
#define CORDON_SUPERVISOR_CARRY_XATTR_H

#include "supervisor/carrying.h"

int64_t carry_setxattr(struct carrying *c);
int64_t carry_getxattr(struct carrying *c);
int64_t carry_listxattr(struct carrying *c);
int64_t carry_removexattr(struct carrying *c);
int64_t carry_setxattrat(struct carrying *c);
int64_t carry_getxattrat(struct carrying *c);
int64_t carry_listxattrat(struct carrying *c);
int64_t carry_removexattrat(struct carrying *c);

#endif
