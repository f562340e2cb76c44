/* bare_notify: the least that an open by seccomp user notification costs: receive, read the path, open, put the descriptor there and answer. */
#ifndef CORDON_BENCH_BARE_NOTIFY_H
#define CORDON_BENCH_BARE_NOTIFY_H

#include <stdint.h>

/* openat and close of path, so many times, in a child for which this process opens. ns for all, as the child counts. Ends the process where
 * it fails. */
uint64_t bare_notify_pairs(const char *path, uint32_t pairs);

#endif
