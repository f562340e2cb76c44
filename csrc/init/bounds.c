/* SPDX-License-Identifier: Apache-2.0 */
/* bounds: writes the limits of the sandbox's user namespace (cordon/bounds.def).
 *
 * A file in /proc/sys/user is that of the opener's namespace, in any procfs; writing needs CAP_SYS_RESOURCE
 * there, which the program does not have. The host's /proc does, as long as it is visible, unless a container engine
 * has made its /proc/sys read-only; then a procfs of our own may. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include "base/base.h"
#include "error/error.h"
#include "wire/wire.h"

static const char *const files[CORDON_USER_MAXES] = {
#define CORDON_USER_MAX(name, most, share, least, when) "sys/user/max_" #name,
#include "cordon/bounds.def"
};

/* A kernel that does not count a resource per user has no file for it; one that counts none has no directory. */
static long write_file(int proc, const char *file, uint32_t value)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, proc, file, O_WRONLY | O_CLOEXEC, 0);
	char buf[24];
	const char *number = u64_text(buf, sizeof buf, value);

	if (fd == -ENOENT)
		return sys(__NR_faccessat, proc, "sys/user", 0);
	return fd < 0 ? fd : sys(__NR_write, fd, number, str_len(number));
}

static bool write_files(int proc, const uint32_t values[CORDON_USER_MAXES])
{
	for (uint32_t i = 0; i < CORDON_USER_MAXES; i++)
		if (values[i] != 0 && write_file(proc, files[i], values[i]) < 0)
			return false;
	return true;
}

int init_bounds(struct init *init, const struct cordon_msg_conf *m, struct cordon_error *err)
{
	AUTO_CLOSE int proc = (int)sys(__NR_openat, AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	struct cordon_error unused;

	init->bounded = (proc >= 0 && write_files(proc, m->user_max)) ||
			(init_proc_fd(init, &unused) == 0 && write_files(init->proc_fd, m->user_max));
	if (!init->bounded && (m->flags & CORDON_CONF_NEED_BOUNDS) != 0)
		return error_set(err, EOPNOTSUPP, CORDON_STEP_LAYER, CORDON_NO_INDEX, "user-bounds");
	return 0;
}
