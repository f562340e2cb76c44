/* SPDX-License-Identifier: Apache-2.0 */
#include "path/path.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include "base/base.h"

#define NAME_BYTES 256	/* of one component, with its NUL: NAME_MAX is 255 on every file system of Linux */

static int open_strict(const char *path, uint64_t flags)
{
	return fd_open_link_free(AT_FDCWD, path, flags, 0);
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
	/* The type is checked before the file is opened: opening a device or a FIFO can have effects. It is checked
	 * again after that: a program may have put another file in its place. */
	AUTO_CLOSE int found = open_strict(path, O_PATH);
	AUTO_CLOSE int fd = -1;
	int rc = found < 0 ? found : require_regular(found);

	if (rc < 0)
		return rc;
	fd = open_strict(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
	rc = fd < 0 ? fd : require_regular(fd);
	return rc < 0 ? rc : fd_take(&fd);
}

int path_open_directory(const char *path)
{
	return open_strict(path, O_RDONLY | O_DIRECTORY);
}

/* Gives a file that init has just created to uid:gid, by its descriptor. A program may have put another file in its
 * place; that one is not init's. 0 or -errno. */
static int give(int fd, uint32_t type, uint32_t uid, uint32_t gid)
{
	struct statx st;
	long rc = sys(__NR_statx, fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_TYPE | STATX_UID, &st);

	if (rc < 0)
		return (int)rc;
	if ((st.stx_mode & S_IFMT) != type || st.stx_uid != (uint32_t)sys(__NR_geteuid))
		return -EEXIST;
	return (int)sys(__NR_fchownat, fd, "", uid, gid, AT_EMPTY_PATH);
}

static int make_directory(int parent, const char *name, uint32_t uid, uint32_t gid)
{
	AUTO_CLOSE int fd = -1;
	int rc = (int)sys(__NR_mkdirat, parent, name, 0755);

	if (rc < 0)
		return rc;
	fd = fd_open_link_free(parent, name, O_PATH | O_DIRECTORY, 0);
	rc = fd < 0 ? fd : give(fd, S_IFDIR, uid, gid);
	return rc < 0 ? rc : fd_take(&fd);
}

/* Copies the next component of *path, and moves *path behind it and its slashes. The length, or -errno. */
static int next_name(const char **path, char name[NAME_BYTES])
{
	int len = 0;

	while ((*path)[len] != '\0' && (*path)[len] != '/')
		len++;
	if (len >= NAME_BYTES)
		return -ENAMETOOLONG;
	bytes_copy(name, *path, (size_t)len);
	name[len] = '\0';
	*path += len;
	while (**path == '/')
		++*path;
	return len;
}

/* Opens the directory of path, each component in the one before; ret_name = path's last component. make creates missing
 * directories. A descriptor or -errno. */
static int open_parent(const char *path, bool make, uint32_t uid, uint32_t gid, char ret_name[NAME_BYTES])
{
	AUTO_CLOSE int dir = open_strict("/", O_PATH | O_DIRECTORY);
	int rc = dir;

	while (*path == '/')
		path++;
	while (rc >= 0) {
		int next;

		rc = next_name(&path, ret_name);
		if (rc == 0)
			return -EINVAL;
		if (rc < 0 || *path == '\0')
			break;
		next = fd_open_link_free(dir, ret_name, O_PATH | O_DIRECTORY, 0);
		if (next == -ENOENT && make)
			next = make_directory(dir, ret_name, uid, gid);
		fd_close(&dir);
		dir = rc = next;
	}
	return rc < 0 ? rc : fd_take(&dir);
}

int path_create(const char *path, uint32_t mode, bool replace, uint32_t uid, uint32_t gid)
{
	char name[NAME_BYTES];
	AUTO_CLOSE int parent = open_parent(path, true, uid, gid, name);
	AUTO_CLOSE int fd = -1;
	long rc = parent;

	if (rc >= 0 && replace) {
		rc = sys(__NR_unlinkat, parent, name, 0);
		if (rc == -ENOENT)
			rc = 0;
	}
	if (rc < 0)
		return (int)rc;
	fd = fd_open_link_free(parent, name, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (fd < 0)
		return fd;
	rc = sys(__NR_fchown, fd, uid, gid);
	return rc < 0 ? (int)rc : fd_take(&fd);
}

int path_symlink(const char *path, const char *text, uint32_t uid, uint32_t gid)
{
	char name[NAME_BYTES];
	AUTO_CLOSE int parent = open_parent(path, false, uid, gid, name);
	AUTO_CLOSE int link = -1;
	long rc = parent < 0 ? parent : sys(__NR_symlinkat, text, parent, name);

	if (rc < 0)
		return (int)rc;
	link = (int)sys(__NR_openat, parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	return link < 0 ? link : give(link, S_IFLNK, uid, gid);
}

/* unlink, or rmdir for a directory. */
static long remove_entry(int parent, const char *name)
{
	long rc = sys(__NR_unlinkat, parent, name, 0);

	return rc == -EISDIR ? sys(__NR_unlinkat, parent, name, AT_REMOVEDIR) : rc;
}

int path_delete(const char *path)
{
	char name[NAME_BYTES];
	AUTO_CLOSE int parent = open_parent(path, false, 0, 0, name);

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

/* Empties dir: removes files and empty directories, moves the others to top. Adds to *ret_removed. -ETIMEDOUT if a
 * program makes more than is removed. */
static long empty_directory(int dir, int top, uint64_t until_ns, uint64_t *counter, uint64_t *ret_removed)
{
	_Alignas(8) char buffer[16384];
	long n;

	for (;;) {
		if (clock_ns() >= until_ns)
			return -ETIMEDOUT;
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
			if (rc < 0 && rc != -ENOENT)	/* a program may have removed it */
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
int path_delete_tree(const char *path, uint64_t until_ns)
{
	AUTO_CLOSE int top = open_strict(path, O_RDONLY | O_DIRECTORY);
	uint64_t counter = 0, removed = 0;
	char name[256];
	long rc;

	if (top == -ENOTDIR || top == -ELOOP)
		return path_delete(path);
	rc = top < 0 ? top : empty_directory(top, top, until_ns, &counter, &removed);
	while (rc >= 0) {
		AUTO_CLOSE int dir = next_directory(top, name, sizeof name);

		if (dir == -ENOENT)
			return path_delete(path);
		rc = dir < 0 ? dir : empty_directory(dir, top, until_ns, &counter, &removed);
		if (rc >= 0)
			rc = sys(__NR_unlinkat, top, name, AT_REMOVEDIR);
	}
	return (int)rc;
}
