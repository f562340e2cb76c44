/* SPDX-License-Identifier: Apache-2.0 */
/* try: what needs a process to try it in. */
#ifndef CORDON_FEATURES_TRY_H
#define CORDON_FEATURES_TRY_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"

struct features_tried {
	int32_t namespace_err[7];	/* as in struct cordon_features */
	int32_t id_maps_err;		/* mapping another id than the caller's into a user namespace */
	int32_t together_err;		/* every namespace that works alone, in one clone(2) */
	int32_t pivot_root_err;		/* the three in a process that has them all */
	int32_t proc_err;
	int32_t ptrace_err;
};

/* privileged: the caller has CAP_SYS_ADMIN, and can have namespaces without a user namespace.
 * 0, or -errno with *err where no process could be started. */
int features_try(bool privileged, struct features_tried *ret, struct cordon_error *err);

#endif
