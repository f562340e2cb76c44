/* SPDX-License-Identifier: Apache-2.0 */
/* bounds: how much of what the kernel counts per user one sandbox may hold (cordon/bounds.def). Any thread. */
#ifndef CORDON_HOST_BOUNDS_H
#define CORDON_HOST_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/protocol.h"

/* The bound for a resource of which the host has this much. */
uint64_t bounds_part(uint64_t host, uint64_t most, uint64_t share, uint64_t least);

/* Fills in the values of the files in /proc/sys/user; 0 = not to be written. filtered: the default seccomp policy holds
 * in the sandbox. */
void bounds_of_user(bool filtered, uint32_t ret[CORDON_USER_MAXES]);

#endif
