/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/memfd.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include "base/base.h"

int memfd_begin(const char *name)
{
	return (int)sys(__NR_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

int memfd_seal(int fd)
{
	long rc = sys(__NR_fcntl, fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);

	if (rc >= 0)
		rc = sys(__NR_lseek, fd, 0, SEEK_SET);
	return rc < 0 ? (int)rc : 0;
}
