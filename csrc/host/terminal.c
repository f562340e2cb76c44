/* SPDX-License-Identifier: Apache-2.0 */
#include "host/terminal.h"

#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include "base/base.h"

/* The slave is opened through the master, so that no devpts need be mounted where the caller expects it (TIOCGPTPEER,
 * Linux 4.13). */
int terminal_open(int flags, int *ret_master, int *ret_slave)
{
	AUTO_CLOSE int master = (int)sys(__NR_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC | flags);
	int unlocked = 0;
	long rc = master;

	if (rc >= 0)
		rc = sys(__NR_ioctl, master, TIOCSPTLCK, &unlocked);
	if (rc >= 0)
		rc = sys(__NR_ioctl, master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (rc < 0)
		return (int)rc;
	*ret_slave = (int)rc;
	*ret_master = fd_take(&master);
	return 0;
}
