/* SPDX-License-Identifier: Apache-2.0 */
/* kernel: probes in this process: system calls, seccomp actions, Landlock, sysctls. */
#ifndef CORDON_FEATURES_KERNEL_H
#define CORDON_FEATURES_KERNEL_H

#include "cordon/features.h"

/* Fills the fields of *ret that it probes. */
void features_probe_kernel(struct cordon_features *ret);

#endif
