/* SPDX-License-Identifier: Apache-2.0 */
/* tiny: what a benchmark runs: no libc, no interpreter, one system call. */
#include "base/syscall.h"

void _start(void);

void _start(void)
{
	for (;;)
		sys(__NR_exit_group, 0);
}
