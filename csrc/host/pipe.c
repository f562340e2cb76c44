/* SPDX-License-Identifier: Apache-2.0 */
#include "host/pipe.h"

#include <linux/fcntl.h>
#include "base/base.h"

int pipe_open(uint32_t mode, int ret_fds[2])
{
	long rc = sys(__NR_pipe2, ret_fds, O_CLOEXEC);

	if (rc < 0)
		return (int)rc;
	(void)sys(__NR_fchmod, ret_fds[0], mode);	/* if this is refused, programs cannot open it again */
	return 0;
}
