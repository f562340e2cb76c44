/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown: gives back what the library keeps for the next sandbox. */
#ifndef CORDON_SHUTDOWN_H
#define CORDON_SHUTDOWN_H

#include "cordon/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Releases what the first sandboxes set up for those after them: every descriptor, the janitor process, the memory of
 * compiled filters (cordon_seccomp_default's is gone), and on v2 the control group that the groups of sandboxes lay in.
 * Waits until the janitor has ended, at most 3 s. Everything works afterwards, and is set up anew by the next sandbox.
 * A group cordon.<pid>.host of v2 stays as long as this process is in it (docs/internals/cgroup-v2.md).
 * Any thread. A sandbox that another thread opens meanwhile waits for the end of the release, or has this call refused.
 * Policies of cordon_seccomp_new are the caller's and stay.
 * 0, or -EBUSY with *err (step WAIT) while a run or container is not freed, or another thread is in a call that needs
 * what is kept; then nothing has changed. */
int cordon_shutdown(struct cordon_error *err);

#ifdef __cplusplus
}
#endif
#endif
