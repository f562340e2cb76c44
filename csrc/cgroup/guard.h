/* SPDX-License-Identifier: Apache-2.0 */
/* guard: the janitor of this process, which removes its groups when it has died (csrc/janitor).
 *
 * A socket joins the two. Its end on our side tells the janitor to begin: closed by the kernel when we die, shut down
 * when it is to end before that. Its end on the janitor's side tells us that it has ended.
 * One thread at a time. */
#ifndef CORDON_CGROUP_GUARD_H
#define CORDON_CGROUP_GUARD_H

#include "cgroup/home.h"
#include "cordon/error.h"

/* Starts the janitor for the groups in homes. A janitor that a parent had before fork(2) is left to it.
 * 0, or -errno with *err. */
int cgroup_guard_start(const struct cgroup_homes *homes, struct cordon_error *err);

/* Has the janitor remove what nobody has locked, and waits until it has ended, at most 3 s. Does nothing where there is
 * none. */
void cgroup_guard_end(void);

#endif
