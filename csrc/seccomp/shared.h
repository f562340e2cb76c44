/* SPDX-License-Identifier: Apache-2.0 */
/* shared: two more policies of Cordon's own, compiled once for this machine and kept until cordon_shutdown. */
#ifndef CORDON_SECCOMP_SHARED_H
#define CORDON_SECCOMP_SHARED_H

#include <stdbool.h>
#include "cordon/error.h"
#include "cordon/seccomp.h"

/* For a program without namespaces of its own: the default policy, without what reaches other processes of the same user.
 * network: sockets as in the default policy; else none but unnamed pairs. Any thread.
 * 0 with *ret borrowed for ever, or -errno with *err (MEMORY, SECCOMP_COMPILE). */
int seccomp_shared(bool network, const struct cordon_seccomp **ret, struct cordon_error *err);

/* Allows every call of the machine's own ABI: under a supervisor that has no policy beside it. Likewise. */
int seccomp_allow_all(const struct cordon_seccomp **ret, struct cordon_error *err);

#endif
