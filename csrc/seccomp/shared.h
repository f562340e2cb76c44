/* SPDX-License-Identifier: Apache-2.0 */
/* shared: the policies of runs without namespaces, compiled once for this machine and kept until cordon_shutdown. */
#ifndef CORDON_SECCOMP_SHARED_H
#define CORDON_SECCOMP_SHARED_H

#include <stdbool.h>
#include "cordon/error.h"
#include "cordon/seccomp.h"

/* For a program without namespaces of its own: the default policy, and refuses what reaches other processes of the same
 * user. network: sockets as in the default policy; else only unnamed pairs. Any thread. 0 with *ret borrowed until
 * cordon_shutdown, or -errno with *err (MEMORY, SECCOMP_COMPILE). */
int seccomp_shared(bool network, const struct cordon_seccomp **ret, struct cordon_error *err);

/* Allows every call of the native ABI: for a supervised run without a policy. Otherwise as above. */
int seccomp_allow_all(const struct cordon_seccomp **ret, struct cordon_error *err);

#endif
