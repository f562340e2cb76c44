/* SPDX-License-Identifier: Apache-2.0 */
/* setup: the calls before there is a program. */
#ifndef CORDON_SUPERVISOR_SETUP_H
#define CORDON_SUPERVISOR_SETUP_H

#include <stdbool.h>
#include "supervisor/supervisor.h"

/* Whether it is a call of the vfork child, between the filters and its exec. */
bool setup_has_call(const struct supervisor *sv, const struct stop *s);

#endif
