/* SPDX-License-Identifier: Apache-2.0 */
/* bare_ptrace: the minimum cost of a stop by ptrace, to compare with the supervisor's: wait4, PTRACE_GET_SYSCALL_INFO,
 * PTRACE_CONT.
 *
 * Its parts also serve to measure other tracers: the same filter, the same calls. They exit on a failure of the
 * kernel. */
#ifndef CORDON_BENCH_BARE_PTRACE_H
#define CORDON_BENCH_BARE_PTRACE_H

#include <stdint.h>
#include <linux/filter.h>

#define BARE_FILTER_MAX 32

/* A filter that returns SECCOMP_RET_TRACE for `count` (at most 15) system call numbers, whatever ABI they are of, and
 * ALLOW for all others. The number of instructions in ret. */
uint16_t bare_filter(const long *numbers, uint32_t count, struct sock_filter ret[BARE_FILTER_MAX]);

/* Loads a filter into the calling thread, with no_new_privs. */
void bare_load(const struct sock_filter *filter, uint16_t len);

/* openat and close of path, so many times. ns for all. */
uint64_t bare_pairs(const char *path, uint32_t pairs);

/* bare_pairs in a child of which this process traces each openat. */
uint64_t bare_ptrace_pairs(const char *path, uint32_t pairs);

/* The same, and each path is read from the child's memory. */
uint64_t bare_ptrace_reading_pairs(const char *path, uint32_t pairs);

#endif
