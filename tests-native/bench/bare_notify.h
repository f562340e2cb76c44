/* SPDX-License-Identifier: Apache-2.0 */
/* bare_notify: the minimum cost of an open by seccomp_unotify(2), to compare with the supervisor's: RECV,
 * process_vm_readv, openat, ADDFD with SEND, close; with synchronous wake-ups if the kernel has them. Exits on a
 * failure of the kernel. */
#ifndef CORDON_BENCH_BARE_NOTIFY_H
#define CORDON_BENCH_BARE_NOTIFY_H

#include <stdint.h>

/* openat and close of path in a child of this process, so many times, each open made by this process. ns for all. */
uint64_t bare_notify_pairs(const char *path, uint32_t pairs);

/* The same with both processes pinned to one CPU. */
uint64_t bare_notify_pinned_pairs(const char *path, uint32_t pairs);

/* Pinned, and the child told to go on with its open itself, without a look at it: less than this no stopped open can
 * cost. */
uint64_t bare_notify_continued_pairs(const char *path, uint32_t pairs);

#endif
