/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown: releases what the library keeps for later sandboxes. */
#ifndef CORDON_SHUTDOWN_H
#define CORDON_SHUTDOWN_H

#include "cordon/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Releases what earlier sandboxes left for later ones: descriptors, the janitor process, compiled filters (also that of
 * cordon_seccomp_default), and the parent group of v2. Waits at most 3 s for the end of the janitor. The library can be
 * used afterwards; the next sandbox sets everything up again. A host group cordon.<pid>.host of v2 stays as long as
 * this process is in it (docs/internals/cgroup-v2.md). Any thread. If another thread opens a sandbox meanwhile, it
 * waits, or this call fails with -EBUSY. Policies of cordon_seccomp_new belong to the caller and stay. 0, or -EBUSY
 * with *err (step WAIT) while a run or container is not freed or another thread is in a call; then nothing has
 * changed. */
int cordon_shutdown(struct cordon_error *err);

#ifdef __cplusplus
}
#endif
#endif
