/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/borrow.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include "base/base.h"
#include "supervisor/target.h"

#define THREAD O_EXCL	/* PIDFD_THREAD, Linux 6.9: a thread may have descriptors of its own */

static int open_task(int proc_fd, int32_t tid)
{
	int fd = (int)sys(__NR_pidfd_open, tid, THREAD);

	if (fd == -EINVAL)
		fd = (int)sys(__NR_pidfd_open, target_tgid(proc_fd, tid), 0);
	return fd;
}

int borrow(int proc_fd, int32_t tid, int fd)
{
	AUTO_CLOSE int task = open_task(proc_fd, tid);
	int rc;

	if (task < 0)
		return task;
	rc = (int)sys(__NR_pidfd_getfd, task, fd, 0);
	if (rc == -EPERM && target_privilege(true)) {	/* the program is not dumpable */
		rc = (int)sys(__NR_pidfd_getfd, task, fd, 0);
		(void)target_privilege(false);
	}
	return rc;
}
