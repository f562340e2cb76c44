/* SPDX-License-Identifier: Apache-2.0 */
/* setup: what this process does once for all its groups: find their homes, start the janitor before the first group,
 * and take both back at the end. */
#ifndef CORDON_CGROUP_SETUP_H
#define CORDON_CGROUP_SETUP_H

#include "cgroup/home.h"
#include "cordon/error.h"

/* The homes, looked for at the first call that succeeds; static storage. Any thread. 0, or -errno where descriptors are
 * short: then nothing is known yet, and *ret_homes may be empty. */
int cgroup_setup_homes(const struct cgroup_homes **ret_homes);

/* Before a group is made: at the first call of a process, removes what dead ones left, starts the janitor, and makes
 * the stem. 0, or -errno with *err. Any thread. */
int cgroup_setup_guard(const struct cgroup_homes *homes, struct cordon_error *err);

/* cgroup_release. */
void cgroup_setup_release(void);

#endif
