/* SPDX-License-Identifier: Apache-2.0 */
/* shield: the filter that keeps a program from the processes that supervise it. Pure functions. */
#ifndef CORDON_SUPERVISOR_SHIELD_H
#define CORDON_SUPERVISOR_SHIELD_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>

#define SHIELD_MAX 256
#define SHIELD_TASKS 3

/* Numbers in the program's pid namespace. */
struct shield_orders {
	int32_t tasks[SHIELD_TASKS];	/* the supervisor, cordon-init and its thread; 0 = none */
	int32_t group;		/* their process group; 0 = it has no number there */
	bool signals;		/* no Landlock domain keeps signals inside (LANDLOCK_SCOPE_SIGNAL) */
};

/* Writes a seccomp filter to program and returns its length. It refuses with EPERM the calls by which a process sets
 * the scheduling, priority or limits of another one, if they name these processes, their group or all of a user's
 * processes. With signals also those that send signals there or to all, and those that name the receiver in memory or
 * by a descriptor. All other calls are allowed. */
uint16_t shield_program(const struct shield_orders *orders, struct sock_filter program[SHIELD_MAX]);

#endif
