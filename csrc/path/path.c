#include "path/path.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"

static int open_strict(const char *path, uint64_t flags, uint64_t mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)sys(__NR_openat2, AT_FDCWD, path, &how, sizeof how);
}

static int require_regular(int fd)
{
	int mode = fd_mode(fd);

	if (mode < 0)
		return mode;
	return S_ISREG(mode) ? 0 : -EINVAL;
}

int path_open_read(const char *path)
{
	/* The type is looked at before the file is opened: opening a device or a FIFO can have effects. */
	AUTO_CLOSE int found = open_strict(path, O_PATH, 0);
	int rc = found < 0 ? found : require_regular(found);

	return rc < 0 ? rc : open_strict(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
}

static int make_parents(const char *path, uint32_t uid, uint32_t gid)
{
	char prefix[PATH_MAX];

	for (size_t i = 1; path[i] != '\0'; i++) {
		AUTO_CLOSE int dir = -1;
		long rc;

		if (i >= sizeof prefix)
			return -ENAMETOOLONG;
		if (path[i] != '/')
			continue;
		bytes_copy(prefix, path, i);
		prefix[i] = '\0';
		dir = open_strict(prefix, O_PATH | O_DIRECTORY, 0);
		if (dir != -ENOENT) {
			if (dir < 0)
				return dir;
			continue;
		}
		rc = sys(__NR_mkdirat, AT_FDCWD, prefix, 0755);
		if (rc >= 0)
			rc = sys(__NR_fchownat, AT_FDCWD, prefix, uid, gid, AT_SYMLINK_NOFOLLOW);
		if (rc < 0)
			return (int)rc;
	}
	return 0;
}

int path_create(const char *path, uint32_t mode, uint32_t uid, uint32_t gid)
{
	AUTO_CLOSE int fd = -1;
	long rc = make_parents(path, uid, gid);

	if (rc < 0)
		return (int)rc;
	fd = open_strict(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0)
		return fd;
	rc = sys(__NR_fchown, fd, uid, gid);
	return rc < 0 ? (int)rc : fd_take(&fd);
}
