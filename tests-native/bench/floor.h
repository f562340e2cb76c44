/* SPDX-License-Identifier: Apache-2.0 */
/* floor: what the kernel alone needs for a run, to compare with our numbers.
 *
 * floor_exec   clone3(CLONE_VM|CLONE_VFORK), exec, wait: no sandbox at all.
 * floor_shot   the parts of a one-shot run and nothing else: the same namespaces, id maps, mounts, pivot_root, names
 *              and ids, two execs (floor_init, then the program), and reaping both. No protocol, checks, control
 *              groups, rlimits, seccomp, supervision or captured output. floor_init.c is the other half. */
#ifndef CORDON_BENCH_FLOOR_H
#define CORDON_BENCH_FLOOR_H

#include <stdbool.h>
#include <stdint.h>
#include "cordon/container.h"

#define FLOOR_MOUNTS_MAX 48

struct floor_shot {
	bool network;			/* a network namespace of its own */
	int init_fd;
	/* argv of floor_init: its name, the program, then kind, source and target of each mount */
	const char *argv[2 + 3 * FLOOR_MOUNTS_MAX + 1];
};

/* Runs the file at path to its end. Ends the process where it fails, as the other one. */
void floor_exec(const char *path);

/* Prepares runs of program (a path inside the sandbox) with a mount plan, whose strings are borrowed. */
void floor_shot_init(struct floor_shot *shot, const struct cordon_mount *mounts, uint32_t nmounts, const char *program,
		     bool network);

/* lap_ns: the start (until floor_init has executed and has its ids), the rest. */
void floor_shot_run(const struct floor_shot *shot, uint64_t lap_ns[2]);

#endif
