/* SPDX-License-Identifier: Apache-2.0 */
/* carry_name: calls that make, remove or move names. Each returns the call's result or -errno. */
#ifndef CORDON_SUPERVISOR_CARRY_NAME_H
#define CORDON_SUPERVISOR_CARRY_NAME_H

#include "supervisor/carrying.h"

int64_t carry_unlink(struct carrying *c);
int64_t carry_rmdir(struct carrying *c);
int64_t carry_mkdir(struct carrying *c);
int64_t carry_mknod(struct carrying *c);
int64_t carry_symlink(struct carrying *c);
int64_t carry_link(struct carrying *c);
int64_t carry_rename(struct carrying *c);

#endif
