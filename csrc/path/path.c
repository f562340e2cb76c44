/* SPDX-License-Identifier: Apache-2.0 */
#include "path/path.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"

static int open_strict_at(int dir, const char *path, uint64_t flags, uint64_t mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)sys(__NR_openat2, dir, path, &how, sizeof how);
}

static int open_strict(const char *path, uint64_t flags, uint64_t mode)
{
	return open_strict_at(AT_FDCWD, path, flags, mode);
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
	AUTO_CLOSE int found = open_strict(path, O_PATH, 0), fd = -1;
	int rc = found < 0 ? found : require_regular(found);

	if (rc < 0)
		return rc;
	fd = open_strict(path, O_RDONLY | O_NOCTTY | O_NONBLOCK, 0);
	rc = fd < 0 ? fd : require_regular(fd);	/* a program may have put another one in its place */
	return rc < 0 ? rc : fd_take(&fd);
}

/* What is made from here on belongs to the program from its first moment: a chown(2) by name could meet what the program
 * has put in its place. init keeps its capabilities (SECBIT_NO_SETUID_FIXUP). */
struct owner {
	long uid, gid;
};

static struct owner own_as(uint32_t uid, uint32_t gid)
{
	struct owner before;

	before.gid = sys(__NR_setfsgid, gid);
	before.uid = sys(__NR_setfsuid, uid);
	return before;
}

static void own_as_before(struct owner before)
{
	(void)sys(__NR_setfsuid, before.uid);
	(void)sys(__NR_setfsgid, before.gid);
}

/* The directory name of at, made where it is missing. */
static int enter(int at, const char *name)
{
	int dir = open_strict_at(at, name, O_PATH | O_DIRECTORY, 0);
	long rc;

	if (dir != -ENOENT)
		return dir;
	rc = sys(__NR_mkdirat, at, name, 0755);
	return rc < 0 && rc != -EEXIST ? (int)rc : open_strict_at(at, name, O_PATH | O_DIRECTORY, 0);
}

/* The directory that is to hold path, with the missing ones on the way made, and path's last component. Each is entered
 * from the one before, so that a program that moves them leads nowhere. A descriptor or -errno. */
static int enter_parents(const char *path, const char **ret_name)
{
	int at = open_strict("/", O_PATH | O_DIRECTORY, 0);
	char name[NAME_MAX + 1];

	while (at >= 0) {
		AUTO_CLOSE int before = at;
		const char *slash;

		while (*path == '/')
			path++;
		slash = str_find(path, '/');
		if (slash == NULL) {
			*ret_name = path;
			return fd_take(&before);
		}
		if ((size_t)(slash - path) >= sizeof name)
			return -ENAMETOOLONG;
		bytes_copy(name, path, (size_t)(slash - path));
		name[slash - path] = '\0';
		at = enter(before, name);
		path = slash;
	}
	return at;
}

int path_create(const char *path, uint32_t mode, uint32_t uid, uint32_t gid)
{
	struct owner before = own_as(uid, gid);
	const char *name;
	AUTO_CLOSE int parent = enter_parents(path, &name);
	int fd = parent < 0 ? parent : open_strict_at(parent, name, O_WRONLY | O_CREAT | O_EXCL, mode);

	own_as_before(before);
	return fd;
}

/* The directory that holds path, and path's last component. A descriptor or -errno. */
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
	struct owner before = own_as(uid, gid);
	const char *name;
	AUTO_CLOSE int parent = open_parent(path, &name);
	long rc = parent < 0 ? parent : sys(__NR_symlinkat, text, parent, name);

	own_as_before(before);
	return (int)rc;
}

/* unlink, or rmdir where it is a directory. */
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

/* Moves the directory name of dir up into top, under a name of its own. */
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

/* Empties dir: what is no directory or an empty one goes at once, the others move up into top. *ret_removed counts.
 * -ETIMEDOUT where a program makes more than goes. */
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
				continue;	/* its turn comes when it is opened */
			if (rc < 0 && rc != -ENOENT)	/* a program may remove it, too */
				return rc;
			++*ret_removed;
		}
	}
}

/* Opens the next directory in top, of which nothing else is left; -ENOENT where top is empty. */
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

/* Flattens the tree into its top directory level by level: a hostile depth costs neither stack, nor descriptors, nor paths. */
int path_delete_tree(const char *path, uint64_t until_ns)
{
	AUTO_CLOSE int top = open_strict(path, O_RDONLY | O_DIRECTORY, 0);
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
