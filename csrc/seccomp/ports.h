/* SPDX-License-Identifier: Apache-2.0 */
/* ports: refuses what Landlock's rules for TCP ports do not cover (cordon/supervisor.h, PORTS). */
#ifndef CORDON_SECCOMP_PORTS_H
#define CORDON_SECCOMP_PORTS_H

#include <stdbool.h>
#include "cordon/error.h"
#include "cordon/seccomp.h"

/* can_bind: some port may be bound. Compiled once for this machine and kept until cordon_shutdown. Any thread. 0 with
 * *ret borrowed until then, or -errno with *err (MEMORY, SECCOMP_COMPILE). */
int seccomp_ports(bool can_bind, bool udp, const struct cordon_seccomp **ret, struct cordon_error *err);

#endif
