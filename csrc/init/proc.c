/* SPDX-License-Identifier: Apache-2.0 */
/* proc: a procfs of the program's pid namespace, which its root need not have. */
#include "init/init.h"

#include <linux/fcntl.h>
#include <linux/mount.h>
#include "base/base.h"
#include "error/error.h"

static int mount_proc(void *arg)
{
	int *fd = arg;
	long context = sys(__NR_fsopen, "proc", FSOPEN_CLOEXEC), rc;

	if (context < 0)
		return (int)context;
	rc = sys(__NR_fsconfig, (int)context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (rc >= 0)
		rc = sys(__NR_fsmount, (int)context, FSMOUNT_CLOEXEC,
			 MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	(void)sys(__NR_close, (int)context);
	if (rc < 0)
		return (int)rc;
	*fd = (int)rc;
	return 0;
}

int init_proc_fd(struct init *init, struct cordon_error *err)
{
	long rc = 0;

	if (init->proc_fd >= 0)
		return 0;
	if (init->no_namespaces)
		rc = init->proc_fd = (int)sys(__NR_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	else
		rc = init_privileged_call(mount_proc, &init->proc_fd);
	return rc < 0 ? error_set(err, (int)-rc, CORDON_STEP_SUPERVISOR, CORDON_NO_INDEX, "/proc") : 0;
}
