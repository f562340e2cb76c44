/* SPDX-License-Identifier: Apache-2.0 */
/* beside: the filter that is loaded beside a path or port policy (cordon/supervisor.h, FILES and PORTS): it refuses
 * what neither Landlock nor a supervisor can judge. */
#ifndef CORDON_SECCOMP_BESIDE_H
#define CORDON_SECCOMP_BESIDE_H

#include <stdbool.h>
#include "cordon/error.h"
#include "cordon/seccomp.h"

struct seccomp_beside {
	bool ports;		/* a port policy */
	bool can_bind;		/* some port may be bound */
	bool udp;
	bool files;		/* a path policy */
	bool frozen;		/* which gives writing nowhere, and no supervisor judges calls */
	bool judged;		/* a supervisor judges calls */
};

/* Compiled once for this machine and kept until cordon_shutdown. Any thread. 0 with *ret borrowed until then, or -errno
 * with *err (MEMORY, SECCOMP_COMPILE). */
int seccomp_beside(const struct seccomp_beside *what, const struct cordon_seccomp **ret, struct cordon_error *err);

#endif
