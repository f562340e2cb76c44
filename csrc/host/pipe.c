/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include "base/base.h"

int pipe_open(uint32_t mode, int ret_fds[2])
{
	long rc = sys(__NR_pipe2, ret_fds, O_CLOEXEC);

	if (rc < 0)
		return (int)rc;
	(void)sys(__NR_fchmod, ret_fds[0], mode); /* refused: as before, such an opening fails */
	return 0;
}

long pipe_write_quietly(int fd, const void *data, size_t len)
{
	const uint64_t pipe_set = UINT64_C(1) << (SIGPIPE - 1);
	const struct timespec none = { 0, 0 };
	uint64_t saved = 0, pending = 0;
	long n;

	(void)sys(__NR_rt_sigprocmask, SIG_BLOCK, &pipe_set, &saved, sizeof saved);
	(void)sys(__NR_rt_sigpending, &pending, sizeof pending);
	n = sys(__NR_write, fd, data, len);
	if (n == -EPIPE && (pending & pipe_set) == 0)
		while (sys(__NR_rt_sigtimedwait, &pipe_set, NULL, &none, sizeof pipe_set) == -EINTR)
			;
	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &saved, NULL, sizeof saved);
	return n;
}
