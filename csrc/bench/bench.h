/* SPDX-License-Identifier: Apache-2.0 */
/* bench: what the kernel alone asks for a run, measured in the process that asks the same of the library.
 *
 * For "cordon bench", which must show each figure beside its floor on the user's own machine; tests-native/bench measures more, and
 * from a small process. None of this is used by a run. */
#ifndef CORDON_BENCH_INTERNAL_H
#define CORDON_BENCH_INTERNAL_H

#include <stdint.h>

/* A sealed, close-on-exec memfd with a program of three instructions: exit(0). Made once, kept until cordon_shutdown,
 * borrowed by the caller. Any thread. A descriptor, or -errno. */
int bench_target(void);

/* clone3(CLONE_VM|CLONE_VFORK), exec of the target, wait: n times; samples_ns is sorted. 0 or -errno. Any thread. */
int bench_floor(uint32_t n, uint64_t *samples_ns);

/* What a one-shot run is made of and nothing else: the namespaces, an id map, a root with /usr, the devices, /proc, /tmp and /w
 * (BenchCommand's plan is the same), pivot_root, two execs, and the reaping of both. No checks, limits, filter or supervision. */
int bench_one_shot(uint32_t n, uint64_t *samples_ns);

#endif
