/* SPDX-License-Identifier: Apache-2.0 */
/* try: probes that need a process of their own: namespaces, id maps, mounts, ptrace. */
#ifndef CORDON_FEATURES_TRY_H
#define CORDON_FEATURES_TRY_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/error.h"

struct features_tried {
	int32_t namespace_err[7];	/* as in struct cordon_features */
	int32_t id_maps_err;		/* of mapping an id other than the caller's into a user namespace */
	int32_t together_err;		/* of all namespaces that work alone, in one clone(2) */
	int32_t pivot_root_err;		/* the next four are tried in a process that has all of them */
	int32_t proc_err;
	int32_t user_max_err;		/* of opening a file of /proc/sys/user for writing, in the caller's proc */
	int32_t ptrace_err;
};

/* privileged: the caller has CAP_SYS_ADMIN and needs no user namespace for the others. 0, or -errno with *err if no
 * process could be started. */
int features_try(bool privileged, struct features_tried *ret, struct cordon_error *err);

#endif
