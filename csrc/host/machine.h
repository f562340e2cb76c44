/* SPDX-License-Identifier: Apache-2.0 */
/* machine: checks that the kernel supports a request, by asking the kernel, before anything is started. Any thread. */
#ifndef CORDON_HOST_MACHINE_H
#define CORDON_HOST_MACHINE_H

#include <stdbool.h>
#include "cordon/container.h"
#include "cordon/error.h"
#include "cpus/cpus.h"

/* 0 if the kernel supports the labels and the Landlock layer of a valid config, else -errno with *err (LABEL,
 * LAYER). */
int machine_check(const struct cordon_container_config *config, struct cordon_error *err);

/* 0 if the calling thread may run on each of cpus, else -errno with *err (VALIDATE). */
int machine_check_cpus(const struct cpus *cpus, struct cordon_error *err);

bool machine_has_landlock(void);
bool machine_has_landlock_ports(void);	/* ABI 4 */
bool machine_has_notify(void);	/* SECCOMP_RET_USER_NOTIF */
bool machine_has_ptrace(void);	/* neither Yama nor a surrounding filter refuses ptrace(2) */

#endif
