/* SPDX-License-Identifier: Apache-2.0 */
/* filter: the seccomp filter of a sandbox. */
#ifndef CORDON_HOST_FILTER_H
#define CORDON_HOST_FILTER_H

#include "cordon/container.h"
#include "cordon/error.h"

/* The filter of config as a program in seccomp_bpf and seccomp_len, which CONF carries; the library's, or the policy's.
 * 0 or -errno with *err. */
int filter_resolve(struct cordon_container_config *config, struct cordon_error *err);

#endif
