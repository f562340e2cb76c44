/* SPDX-License-Identifier: Apache-2.0 */
#include "mount/filesystem.h"

#include <linux/errno.h>
#include <linux/mount.h>
#include "base/base.h"

#define DEFAULT_SIZE_BYTES (UINT64_C(64) << 20)
#define DEFAULT_INODES 65536

static long set_number(int fs, const char *key, uint64_t value)
{
	char text[24];

	return sys(__NR_fsconfig, fs, FSCONFIG_SET_STRING, key, u64_text(text, sizeof text, value), 0);
}

static long set_octal(int fs, const char *key, uint32_t value)
{
	char text[16];
	char *p = text + sizeof text;

	*--p = '\0';
	do {
		*--p = (char)('0' + (value & 7));
		value >>= 3;
	} while (value != 0);
	return sys(__NR_fsconfig, fs, FSCONFIG_SET_STRING, key, p, 0);
}

static int create(int fs, uint64_t attrs)
{
	long rc = sys(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);

	if (rc < 0)
		return (int)rc;
	return (int)sys(__NR_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | attrs);
}

int filesystem_tmpfs(const struct filesystem_tmpfs *options)
{
	AUTO_CLOSE int fs = (int)sys(__NR_fsopen, "tmpfs", FSOPEN_CLOEXEC);
	long rc;

	if (fs < 0)
		return fs;
	rc = set_number(fs, "size", options->size_bytes != 0 ? options->size_bytes : DEFAULT_SIZE_BYTES);
	if (rc >= 0)
		rc = set_number(fs, "nr_inodes", options->inodes != 0 ? options->inodes : DEFAULT_INODES);
	if (rc >= 0)
		rc = set_octal(fs, "mode", options->mode);
	if (rc >= 0 && options->owned)
		rc = set_number(fs, "uid", options->uid);
	if (rc >= 0 && options->owned)
		rc = set_number(fs, "gid", options->gid);
	return rc < 0 ? (int)rc : create(fs, options->attrs);
}

int filesystem_proc(void)
{
	AUTO_CLOSE int fs = (int)sys(__NR_fsopen, "proc", FSOPEN_CLOEXEC);

	if (fs < 0)
		return fs;
	/* Hides processes that the program may not trace, init among them; per mount since Linux 5.8, ignored by older
	 * kernels. */
	(void)sys(__NR_fsconfig, fs, FSCONFIG_SET_STRING, "hidepid", "invisible", 0);
	return create(fs, MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY);
}
