/* SPDX-License-Identifier: Apache-2.0 */
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
	/* The type is checked before the file is opened: opening a device or a FIFO can have effects. */
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

/* Opens the directory of path; *ret_name = path's last component. A descriptor or -errno. */
static int open_parent(const char *path, const char **ret_name)
{
	char prefix[PATH_MAX];
	size_t len = str_len(path);

	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len >= sizeof prefix)
		return -ENAMETOOLONG;
	if (len == 0 || path[len] == '\0')
		return -EINVAL;
	bytes_copy(prefix, path, len);
	prefix[len] = '\0';
	*ret_name = path + len;
	return open_strict(prefix, O_PATH | O_DIRECTORY, 0);
}

int path_symlink(const char *path, const char *text, uint32_t uid, uint32_t gid)
{
	const char *name;
	AUTO_CLOSE int parent = open_parent(path, &name);
	long rc = parent < 0 ? parent : sys(__NR_symlinkat, text, parent, name);

	if (rc >= 0)
		rc = sys(__NR_fchownat, parent, name, uid, gid, AT_SYMLINK_NOFOLLOW);
	return (int)rc;
}

/* unlink, or rmdir for a directory. */
static long remove_entry(int parent, const char *name)
{
	long rc = sys(__NR_unlinkat, parent, name, 0);

	return rc == -EISDIR ? sys(__NR_unlinkat, parent, name, AT_REMOVEDIR) : rc;
}

int path_delete(const char *path)
{
	const char *name;
	AUTO_CLOSE int parent = open_parent(path, &name);

	return parent < 0 ? parent : (int)remove_entry(parent, name);
}

/* Moves directory name from dir to top, under a unique name. */
static long hoist(int dir, const char *name, int top, uint64_t *counter)
{
	char text[24], unique[48];
	long rc;

	do {
		(void)str_concat(unique, sizeof unique, ".cordon-", u64_text(text, sizeof text, (*counter)++), "");
		rc = sys(__NR_renameat2, dir, name, top, unique, 1 /* RENAME_NOREPLACE, linux/fs.h */);
	} while (rc == -EEXIST);
	return rc;
}

/* Empties dir: removes files and empty directories, moves the others to top. Adds to *ret_removed. */
static long empty_directory(int dir, int top, uint64_t *counter, uint64_t *ret_removed)
{
	_Alignas(8) char buffer[16384];
	long n;

	for (;;) {
		n = sys(__NR_getdents64, dir, buffer, sizeof buffer);
		if (n <= 0)
			return n;
		for (long at = 0; at < n;) {
			const struct linux_dirent64 *entry = (const struct linux_dirent64 *)(buffer + at);
			long rc;

			at += entry->d_reclen;
			if (str_is_dots(entry->d_name))
				continue;
			rc = remove_entry(dir, entry->d_name);
			if (rc == -ENOTEMPTY && dir != top)
				rc = hoist(dir, entry->d_name, top, counter);
			else if (rc == -ENOTEMPTY)
				continue;	/* it is emptied later, when it is opened */
			if (rc < 0)
				return rc;
			++*ret_removed;
		}
	}
}

/* Opens the next directory in top, which holds only directories by now; -ENOENT if top is empty. */
static int next_directory(int top, char *ret_name, size_t size)
{
	_Alignas(8) char buffer[4096];
	long n = sys(__NR_lseek, top, 0, 0);

	while (n >= 0 && (n = sys(__NR_getdents64, top, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < n;) {
			const struct linux_dirent64 *entry = (const struct linux_dirent64 *)(buffer + at);

			at += entry->d_reclen;
			if (str_is_dots(entry->d_name))
				continue;
			if (!str_concat(ret_name, size, entry->d_name, "", ""))
				return -ENAMETOOLONG;
			return (int)sys(__NR_openat, top, ret_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
		}
	}
	return n < 0 ? (int)n : -ENOENT;
}

/* Moves the subdirectories up into the top directory, level by level, so that depth costs no stack, descriptors or path
 * length. */
int path_delete_tree(const char *path)
{
	AUTO_CLOSE int top = open_strict(path, O_RDONLY | O_DIRECTORY, 0);
	uint64_t counter = 0, removed = 0;
	char name[256];
	long rc;

	if (top == -ENOTDIR || top == -ELOOP)
		return path_delete(path);
	rc = top < 0 ? top : empty_directory(top, top, &counter, &removed);
	while (rc >= 0) {
		AUTO_CLOSE int dir = next_directory(top, name, sizeof name);

		if (dir == -ENOENT)
			return path_delete(path);
		rc = dir < 0 ? dir : empty_directory(dir, top, &counter, &removed);
		if (rc >= 0)
			rc = sys(__NR_unlinkat, top, name, AT_REMOVEDIR);
	}
	return (int)rc;
}
