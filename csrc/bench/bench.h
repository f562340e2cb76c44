/* SPDX-License-Identifier: Apache-2.0 */
/* bench: measures what the kernel alone needs for a run, in the process that uses the library.
 *
 * For "cordon bench", which shows each figure beside its floor on the user's machine. tests-native/bench measures more,
 * from a small process. No run uses this. */
#ifndef CORDON_BENCH_INTERNAL_H
#define CORDON_BENCH_INTERNAL_H

#include <stdint.h>

/* A sealed, close-on-exec memfd with a program of three instructions, exit(0). Made once, kept until cordon_shutdown,
 * borrowed by the caller. Any thread. A descriptor, or -errno. */
int bench_target(void);

/* Measures clone3(CLONE_VM|CLONE_VFORK), exec of the target and wait, n times; samples_ns is sorted. 0 or -errno. Any
 * thread. */
int bench_floor(uint32_t n, uint64_t *samples_ns);

/* The same for the steps of a one-shot run: the namespaces, an id map, a root with /usr, the devices, /proc, /tmp and
 * /w (as BenchCommand's plan), pivot_root, two execs, and reaping both. Without checks, limits, filter or
 * supervision. */
int bench_one_shot(uint32_t n, uint64_t *samples_ns);

#endif
