/* SPDX-License-Identifier: Apache-2.0 */
/* filter: the seccomp filter of a sandbox. */
#ifndef CORDON_HOST_FILTER_H
#define CORDON_HOST_FILTER_H

#include "cordon/container.h"
#include "cordon/error.h"

/* Sets seccomp_bpf and seccomp_len to the program of config's filter, for CONF. Borrowed from the library or the
 * policy. 0 or -errno with *err. */
int filter_resolve(struct cordon_container_config *config, struct cordon_error *err);

#endif
