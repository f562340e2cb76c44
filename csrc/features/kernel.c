/* SPDX-License-Identifier: Apache-2.0 */
#include "features/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/memfd.h>
#include <linux/seccomp.h>
#include "base/base.h"

/* Whether a call exists, from the errno for invalid arguments: EINVAL, EFAULT or EBADF if it does; ENOSYS if not, or
 * ENOSYS or EPERM from a surrounding seccomp filter, which answers before the kernel looks at the arguments. */
static bool call_is_there(long rc)
{
	return rc != -ENOSYS && rc != -EPERM && rc != -EACCES;
}

/* No descriptor or memory left says nothing about the call. */
static bool call_gives(long fd)
{
	return fd >= 0 || fd == -EMFILE || fd == -ENFILE || fd == -ENOMEM;
}

/* Before Linux 6.3 MFD_EXEC is unknown, and every memfd is executable. */
static bool memfd_exec_works(void)
{
	AUTO_CLOSE int fd = (int)sys(__NR_memfd_create, "cordon", MFD_CLOEXEC | MFD_EXEC);

	if (fd == -EINVAL)
		fd = (int)sys(__NR_memfd_create, "cordon", MFD_CLOEXEC);
	return call_gives(fd);
}

static bool pidfd_works(void)
{
	AUTO_CLOSE int fd = (int)sys(__NR_pidfd_open, sys(__NR_getpid), 0);

	return call_gives(fd);
}

static bool seccomp_action_is_there(uint32_t action)
{
	return sys(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

static uint64_t kernel_bits(void)
{
	const bool there[CORDON_KERNEL_COUNT] = {
		[CORDON_KERNEL_CLONE3] = call_is_there(sys(__NR_clone3, NULL, 0)),
		[CORDON_KERNEL_PIDFD] = pidfd_works(),
		[CORDON_KERNEL_OPENAT2] = call_is_there(sys(__NR_openat2, -1, NULL, NULL, 0)),
		[CORDON_KERNEL_CLOSE_RANGE] = call_is_there(sys(__NR_close_range, 1, 0, 0)),	/* first > last: closes
												   nothing */
		[CORDON_KERNEL_MOUNT_SETATTR] = call_is_there(sys(__NR_mount_setattr, -1, NULL, ~0U, NULL, 0)),
		[CORDON_KERNEL_OPEN_TREE] = call_is_there(sys(__NR_open_tree, -1, NULL, ~0U)),
		[CORDON_KERNEL_MEMFD_EXEC] = memfd_exec_works(),
		[CORDON_KERNEL_SECCOMP_FILTER] = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) == -EFAULT,
		[CORDON_KERNEL_SECCOMP_USER_NOTIF] = seccomp_action_is_there(SECCOMP_RET_USER_NOTIF),
		[CORDON_KERNEL_SECCOMP_KILL_PROCESS] = seccomp_action_is_there(SECCOMP_RET_KILL_PROCESS),
		[CORDON_KERNEL_SECCOMP_LOG] = seccomp_action_is_there(SECCOMP_RET_LOG),
	};
	uint64_t bits = 0;

	for (uint32_t i = 0; i < CORDON_KERNEL_COUNT; i++)
		bits |= (uint64_t)there[i] << i;
	return bits;
}

/* The decimal number in a sysctl's file; -1 if the kernel lacks it. */
static int64_t sysctl_read(const char *path)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
	char text[24];
	long len = fd >= 0 ? sys(__NR_read, fd, text, sizeof text - 1) : -1;
	int64_t value = 0;

	if (len <= 0)
		return -1;
	for (long i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

void features_probe_kernel(struct cordon_features *ret)
{
	long abi = sys(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	ret->kernel |= kernel_bits();
	ret->landlock_abi = abi > 0 ? (int32_t)abi : 0;
	ret->max_user_namespaces = sysctl_read("/proc/sys/user/max_user_namespaces");
	ret->userns_clone = (int32_t)sysctl_read("/proc/sys/kernel/unprivileged_userns_clone");
	ret->apparmor_userns = (int32_t)sysctl_read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns");
	ret->memfd_noexec = (int32_t)sysctl_read("/proc/sys/vm/memfd_noexec");
}
