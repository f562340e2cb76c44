/* SPDX-License-Identifier: Apache-2.0 */
/* resolve: resolves a path of the program to the file that it means.
 *
 * Theory of operation. A path consists of text that is resolved (ret->path: no links, no dots) and text that is not yet
 * (rest). First one openat2(2) asks the kernel whether there is any symbolic link in the path: usually there is none,
 * and the answer is the text without its dots. Otherwise each component is opened with O_NOFOLLOW from a descriptor of
 * its directory; a link's text is put before the rest, and the kernel is asked again about the whole. ".." removes a
 * component of the text and opens the result again. The answer is text, never a descriptor. It had no links when it was
 * looked at; the caller opens it with RESOLVE_NO_SYMLINKS, so a link that the program puts there meanwhile gives an
 * error. The supervisor's "/proc/self" is not the program's. So the directory of the program's process is entered by
 * number from proc_fd; the kernel follows the magic links in it to the object, not by their text, so their text is used
 * only if it leads to the same object.
 * I1  Every descriptor is O_PATH: no open can block or have an effect.
 * I2  rest is right-aligned in its buffer, so a link's text is put before it without moving it. */
#include "supervisor/resolve.h"

#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"
#include "supervisor/target.h"

#define LINKS_MAX 40	/* the kernel's limit */
#define PROC_ROOT_INODE 1	/* include/linux/proc_ns.h */
#define DELETED " (deleted)"

/* Results of the parts: the walk goes on, or the answer is there. Errors are negative. */
#define GO_ON 0
#define SETTLED 1

struct walk {
	int proc_fd;
	int32_t tid, tgid;	/* tgid: 0 until it is needed */
	bool follow;
	bool rule;		/* a path of a rule: no process belongs to it, and it need not exist */
	int dir;		/* a descriptor of ret->path; -1 before the walk by components begins */
	uint32_t self;		/* length of the part of ret->path that is the directory of the program's process; 0 =
				   none */
	uint32_t links;
	uint32_t rest_at;
	struct resolved *ret;	/* during the walk path[0..len) is valid, and "" is the root */
	char rest[PATH_SIZE];
	char text[PATH_SIZE];	/* scratch: a link's text, or a path to open */
};

struct component {
	char name[NAME_SIZE];
	uint32_t len;
	bool last;		/* only slashes follow */
	bool slash;		/* one does */
};

/* ---- text ---- */

static int put_before_rest(struct walk *w, const char *text, size_t len)
{
	if (len > w->rest_at)
		return -ENAMETOOLONG;
	w->rest_at -= (uint32_t)len;
	bytes_copy(w->rest + w->rest_at, text, len);
	return 0;
}

static void cut(struct walk *w, uint32_t len)
{
	w->ret->len = len;
	w->ret->path[len] = '\0';
	if (len < w->self)
		w->self = 0;
}

static int append(struct walk *w, const char *name, size_t len)
{
	struct resolved *r = w->ret;

	if (len + 1 >= PATH_SIZE - r->len)
		return -ENAMETOOLONG;
	r->path[r->len] = '/';
	bytes_copy(r->path + r->len + 1, name, len);
	cut(w, r->len + 1 + (uint32_t)len);
	return 0;
}

/* Removes the last component; "/" stays. */
static void pop(struct walk *w)
{
	uint32_t len = w->ret->len;

	while (len > 0 && w->ret->path[--len] != '/')
		;
	cut(w, len);
}

static int settle(struct walk *w, bool exists)
{
	struct resolved *r = w->ret;

	if (r->len == 0)
		bytes_copy(r->path, "/", r->len = 1);
	r->path[r->len] = '\0';
	r->self = w->self;
	r->exists = exists;
	return SETTLED;
}

static bool is_dot(const char *name, size_t len)
{
	return len == 1 && name[0] == '.';
}

static bool is_dot_dot(const char *name, size_t len)
{
	return len == 2 && name[0] == '.' && name[1] == '.';
}

/* A decimal number as procfs writes it. */
static bool is_number(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] < '0' || name[i] > '9')
			return false;
	return len > 0;
}

/* Finds the component at text + *at, after any slashes; its length, 0 at the end. */
static size_t component_at(const char *text, size_t *at)
{
	size_t len = 0;

	while (text[*at] == '/')
		++*at;
	while (text[*at + len] != '\0' && text[*at + len] != '/')
		len++;
	return len;
}

/* Appends text, without "." and "..", without asking the kernel. */
static int append_lexically(struct walk *w, const char *text)
{
	size_t len, at = 0;
	int rc = 0;

	for (; rc == 0 && (len = component_at(text, &at)) > 0; at += len) {
		if (is_dot_dot(text + at, len))
			pop(w);
		else if (!is_dot(text + at, len))
			rc = append(w, text + at, len);
	}
	return rc;
}

/* ---- descriptors ---- */

static int open_plain(int dirfd, const char *path, uint64_t flags)
{
	return fd_open_link_free(dirfd, path, flags | O_PATH, 0);
}

static bool on_procfs(int fd)
{
	struct statfs fs;

	return sys(__NR_fstatfs, fd, &fs) == 0 && (unsigned long)fs.f_type == PROC_SUPER_MAGIC;
}

static bool is_proc_root(int fd)
{
	struct statx st;

	return on_procfs(fd) && sys(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_INO, &st) == 0 &&
	       st.stx_ino == PROC_ROOT_INODE;
}

/* Reads the text of a magic link or an ordinary one, with its NUL; its length or -errno. */
static long read_link(int dirfd, const char *name, char buf[PATH_SIZE])
{
	long n = sys(__NR_readlinkat, dirfd, name, buf, PATH_SIZE);

	if (n == -EACCES && target_privilege(true)) {
		n = sys(__NR_readlinkat, dirfd, name, buf, PATH_SIZE);
		(void)target_privilege(false);
	}
	if (n == PATH_SIZE)
		return -ENAMETOOLONG;
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/* The object that a magic link leads to. */
static long stat_object(int dirfd, const char *name, struct statx *ret)
{
	const unsigned what = STATX_TYPE | STATX_INO | STATX_NLINK | STATX_MNT_ID;
	long rc = sys(__NR_statx, dirfd, name, AT_STATX_DONT_SYNC, what, ret);

	if (rc == -EACCES && target_privilege(true)) {
		rc = sys(__NR_statx, dirfd, name, AT_STATX_DONT_SYNC, what, ret);
		(void)target_privilege(false);
	}
	return rc;
}

/* 1 if text is a path of object in this root; 0 if not: the object was deleted, came from outside by a descriptor, or
 * never had a path. -errno if that cannot be found out: a program may close its own directories to hide a path, or
 * reach the file through a mount of its own, where other rules apply. */
static int has_place(const char *text, const struct statx *object)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC;
	struct statx st;
	long rc;

	if (text[0] != '/')
		return 0;
	rc = sys(__NR_statx, AT_FDCWD, text, flags, STATX_INO | STATX_MNT_ID, &st);
	if (rc < 0)
		return rc == -ENOENT || rc == -ENOTDIR ? 0 : (int)rc;
	if (st.stx_ino != object->stx_ino || st.stx_dev_major != object->stx_dev_major ||
	    st.stx_dev_minor != object->stx_dev_minor)
		return 0;
	return (st.stx_mask & object->stx_mask & STATX_MNT_ID) && st.stx_mnt_id != object->stx_mnt_id ? -EACCES : 1;
}

static bool is_deleted(const char *text)
{
	size_t len = str_len(text), tail = sizeof DELETED - 1;

	return text[0] == '/' && len > tail && str_eq(text + len - tail, DELETED);
}

/* ---- the whole path at once ---- */

/* Properties of a text for shortcut. */
struct traits {
	bool dot_dot, number, ends_in_dot;
	size_t last, last_len;	/* its last component */
};

static struct traits traits_of(const char *text)
{
	struct traits t = { 0 };
	size_t len;

	for (size_t at = 0; (len = component_at(text, &at)) > 0; at += len) {
		t.dot_dot |= is_dot_dot(text + at, len);
		t.number |= is_number(text + at, len);
		t.ends_in_dot = is_dot(text + at, len);
		t.last = at;
		t.last_len = len;
	}
	return t;
}

static int settle_text(struct walk *w, bool exists)
{
	int rc;

	cut(w, 0);
	rc = append_lexically(w, w->text);
	return rc < 0 ? rc : settle(w, exists);
}

/* The last component is missing, or one before it. */
static int shortcut_missing(struct walk *w, const struct traits *t)
{
	AUTO_CLOSE int parent = -1;
	char first = w->text[t->last];

	if (t->ends_in_dot)
		return -ENOENT;
	w->text[t->last] = '\0';
	parent = open_plain(AT_FDCWD, w->text, O_DIRECTORY);
	w->text[t->last] = first;
	if (parent == -ELOOP)
		return GO_ON;
	if (parent == -ENOENT)
		(void)settle_text(w, false);
	if (parent < 0)
		return parent;
	if (t->last_len >= NAME_SIZE)
		return -ENAMETOOLONG;
	return t->number && on_procfs(parent) ? GO_ON : settle_text(w, false);
}

/* Settles the path if it has no symbolic link. Process directories are left to the walk: one may be the program's own.
 * ".." may be resolved in the text only if the component before it exists. */
static int shortcut(struct walk *w)
{
	size_t used = w->ret->len, rest_len = PATH_SIZE - 1 - w->rest_at;
	AUTO_CLOSE int fd = -1;
	struct traits t;

	if (w->self != 0 || used + 1 + rest_len >= PATH_SIZE + (w->rest[w->rest_at] == '/'))
		return GO_ON;
	bytes_copy(w->text, w->ret->path, used);
	if (w->rest[w->rest_at] != '/')
		w->text[used++] = '/';
	bytes_copy(w->text + used, w->rest + w->rest_at, rest_len + 1);
	t = traits_of(w->text);
	fd = open_plain(AT_FDCWD, w->text, w->follow ? 0 : O_NOFOLLOW);
	if (fd >= 0)
		return t.number && on_procfs(fd) ? GO_ON : settle_text(w, true);
	if (fd == -ELOOP || w->rule)
		return GO_ON;
	if (fd == -ENOENT)
		return t.dot_dot ? GO_ON : shortcut_missing(w, &t);
	if (fd == -EACCES)
		(void)settle_text(w, false);
	return fd;
}

/* ---- component by component ---- */

static int move_to(struct walk *w, int fd)
{
	if (fd < 0)
		return fd;
	fd_close(&w->dir);
	w->dir = fd;
	return GO_ON;
}

/* "<tgid>" and the text after it in ret->path, as a path from proc_fd. */
static bool own_path(const struct walk *w, char *buf, size_t size)
{
	char number[24];

	return str_concat(buf, size, u64_text(number, sizeof number, (uint64_t)w->tgid), w->ret->path + w->self, "");
}

/* Opens ret->path anew. */
static int reopen(struct walk *w)
{
	if (w->ret->len == 0)
		return move_to(w, open_plain(AT_FDCWD, "/", O_DIRECTORY));
	if (w->self == 0)
		return move_to(w, open_plain(AT_FDCWD, w->ret->path, O_DIRECTORY));
	if (!own_path(w, w->text, sizeof w->text))
		return -ENAMETOOLONG;
	return move_to(w, open_plain(w->proc_fd, w->text, O_DIRECTORY));
}

static bool next_component(struct walk *w, struct component *c, int *ret_error)
{
	size_t at = w->rest_at, len = component_at(w->rest, &at);

	*ret_error = len >= NAME_SIZE ? -ENAMETOOLONG : 0;
	if (len == 0 || *ret_error != 0)
		return false;
	bytes_copy(c->name, w->rest + at, len);
	c->name[len] = '\0';
	c->len = (uint32_t)len;
	at += len;
	w->rest_at = (uint32_t)at;
	c->slash = w->rest[at] == '/';
	c->last = component_at(w->rest, &at) == 0;
	return true;
}

/* Begins the walk: in the last directory if there is no link before it (a link as the last component is the most common
 * case); else in ret->path. */
static int enter(struct walk *w)
{
	const char *rest = w->rest + w->rest_at;
	struct traits t = traits_of(rest);
	int fd, rc;

	if (w->ret->len > 0 || t.dot_dot || t.number || t.last <= 1)
		return reopen(w);
	bytes_copy(w->text, rest, t.last);
	w->text[t.last] = '\0';
	fd = open_plain(AT_FDCWD, w->text, O_DIRECTORY);
	if (fd < 0)
		return reopen(w);
	w->rest_at += (uint32_t)t.last;
	rc = append_lexically(w, w->text);
	if (rc < 0)
		fd_close(&fd);
	return rc < 0 ? rc : move_to(w, fd);
}

/* Replaces a link by its text. */
static int replace(struct walk *w, const char *text, size_t len)
{
	int rc;

	if (len == 0)
		return -ENOENT;
	rc = put_before_rest(w, text, len);
	if (rc < 0)
		return rc;
	if (text[0] == '/') {
		cut(w, 0);
		rc = shortcut(w);
		return rc == GO_ON ? enter(w) : rc;
	}
	return shortcut(w);
}

/* ---- the program's own process ---- */

static int know_tgid(struct walk *w)
{
	if (w->tgid == 0)
		w->tgid = target_tgid(w->proc_fd, w->tid);
	return w->tgid < 0 ? w->tgid : 0;
}

static bool names_number(const struct component *c, int32_t number)
{
	char text[24];

	return str_eq(c->name, u64_text(text, sizeof text, (uint64_t)number));
}

/* "self" and "thread-self" in ret->path, for the asking thread. */
static int enter_own(struct walk *w, bool thread)
{
	char number[24];
	int rc = append(w, "self", 4);

	if (rc < 0)
		return rc;
	w->self = w->ret->len;
	if (thread) {
		const char *tid = u64_text(number, sizeof number, (uint64_t)w->tid);

		rc = append(w, "task", 4);
		if (rc == 0)
			rc = append(w, tid, str_len(tid));
		if (rc < 0)
			return rc;
	}
	rc = reopen(w);
	return rc < 0 ? rc : SETTLED;
}

/* Enters the directory of the asking process if c names it; SETTLED if the path is done. A rule's path ends there. */
static int own_process(struct walk *w, const struct component *c)
{
	bool self = str_eq(c->name, "self"), thread = str_eq(c->name, "thread-self");
	int rc;

	if (!self && !thread && !is_number(c->name, c->len))
		return GO_ON;
	if (c->last && !c->slash && !w->follow && (self || thread))
		return GO_ON;	/* the link itself */
	if (!is_proc_root(w->dir))
		return GO_ON;
	if (w->rule)
		return self || thread ? -ENOENT : GO_ON;
	rc = know_tgid(w);
	if (rc < 0)
		return rc;
	return self || thread || names_number(c, w->tgid) ? enter_own(w, thread) : GO_ON;
}

static int set_link(struct walk *w, const char *name)
{
	char dir[sizeof w->ret->link];

	if (!own_path(w, dir, sizeof dir) || !str_concat(w->ret->link, sizeof w->ret->link, dir, "/", name))
		return -ENAMETOOLONG;
	w->ret->magic = true;
	return 0;
}

/* Whether an object without a path may be used through its link. Not a file that has lost this name but has others: the
 * rules for those are unknown. */
static bool is_anonymous(const char *text, const struct statx *object)
{
	return !is_deleted(text) || object->stx_nlink == 0 || mode_is(object->stx_mode, MODE_DIRECTORY);
}

/* Follows cwd, exe, root, fd/N, map_files/..., ns/... of the program's own process; w->text is the link's text. */
static int through_magic(struct walk *w, const struct component *c)
{
	bool end = c->last && !c->slash;
	struct statx object;
	int rc = (int)stat_object(w->dir, c->name, &object);

	if (rc == 0 && !end && !mode_is(object.stx_mode, MODE_DIRECTORY))
		rc = -ENOTDIR;
	if (rc == 0 && end)
		rc = set_link(w, c->name);
	if (rc == 0)
		rc = has_place(w->text, &object);
	if (rc < 0)
		return rc;
	if (end)
		w->follow = false;	/* the kernel followed it to the end; the object may itself be a link, if the
					   program opened one */
	if (rc > 0)
		return replace(w, w->text, str_len(w->text));
	if (!end)
		return is_deleted(w->text) ? -ENOENT : -EACCES;
	if (!is_anonymous(w->text, &object))
		return -EACCES;
	rc = append(w, c->name, c->len);
	w->ret->anonymous = true;
	return rc < 0 ? rc : settle(w, true);
}

static bool is_magic(int dir, const char *name)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	int fd = (int)sys(__NR_openat2, dir, name, &how, sizeof how);
	bool magic = fd == -ELOOP;

	fd_close(&fd);
	return magic;
}

static int through_link(struct walk *w, const struct component *c, int fd)
{
	long n = read_link(fd, "", w->text);

	if (n < 0)
		return (int)n;
	if (++w->links > LINKS_MAX)
		return -ELOOP;
	if (w->ret->magic)
		return -EACCES;	/* after a magic link: its text had no link a moment ago */
	if (on_procfs(fd)) {
		if (w->self != 0)
			return through_magic(w, c);
		if (is_magic(w->dir, c->name))
			return -EACCES;	/* another process's */
	}
	return replace(w, w->text, (size_t)n);
}

/* Keeps the part of a path that does not exist, or cannot be entered, beginning with c. */
static int keep_rest(struct walk *w, const struct component *c)
{
	int rc = append_lexically(w, c->name);

	if (rc == 0)
		rc = append_lexically(w, w->rest + w->rest_at);
	return rc < 0 ? rc : settle(w, false);
}

static int step(struct walk *w, const struct component *c)
{
	AUTO_CLOSE int fd = -1;
	int mode, rc;

	if (is_dot(c->name, c->len))
		return GO_ON;
	if (is_dot_dot(c->name, c->len)) {
		pop(w);
		return reopen(w);
	}
	rc = own_process(w, c);
	if (rc != GO_ON)
		return rc == SETTLED ? GO_ON : rc;
	fd = (int)sys(__NR_openat, w->dir, c->name, O_PATH | O_NOFOLLOW | O_CLOEXEC, 0);
	mode = fd < 0 ? fd : fd_mode(fd);
	if (mode == -ENOENT && c->last && !w->rule) {
		rc = append(w, c->name, c->len);
		return rc < 0 ? rc : settle(w, false);
	}
	if (mode == -EACCES || (mode == -ENOENT && !w->rule))
		(void)keep_rest(w, c);
	if (mode < 0)
		return mode;
	if (mode_is(mode, MODE_LINK) && (!c->last || c->slash || w->follow))
		return through_link(w, c, fd);
	if (!mode_is(mode, MODE_DIRECTORY) && (!c->last || c->slash))
		return -ENOTDIR;
	rc = append(w, c->name, c->len);
	return rc < 0 ? rc : move_to(w, fd_take(&fd));
}

static int walk(struct walk *w)
{
	struct component c;
	int rc = shortcut(w), error;

	if (rc == GO_ON)
		rc = enter(w);
	while (rc == GO_ON) {
		if (!next_component(w, &c, &error)) {
			rc = error < 0 ? error : settle(w, true);
			break;
		}
		rc = step(w, &c);
		if (w->rule && (rc == -ENOENT || rc == -ENOTDIR))
			rc = keep_rest(w, &c);
	}
	fd_close(&w->dir);
	return rc < 0 ? rc : 0;
}

/* ---- where it begins ---- */

/* Leaves the arrays uninitialized. */
static void begin(struct walk *w, int proc_fd, int32_t tid, bool follow, struct resolved *ret)
{
	w->rule = false;
	w->proc_fd = proc_fd;
	w->tid = tid;
	w->tgid = 0;
	w->follow = follow;
	w->dir = -1;
	w->self = 0;
	w->links = 0;
	w->rest_at = PATH_SIZE - 1;
	w->rest[w->rest_at] = '\0';
	w->ret = ret;
	ret->exists = ret->anonymous = ret->magic = ret->lexical = ret->descriptor = false;
	ret->link[0] = '\0';
	ret->self = ret->dir_len = 0;
	ret->name[0] = '\0';
	cut(w, 0);
}

/* Reads the magic link of dirfd: its text and its object. 0 or -errno. */
static int read_base(struct walk *w, int dirfd, const char *name, struct statx *ret)
{
	char tid[24];
	long rc;

	(void)str_concat(w->ret->link, sizeof w->ret->link, u64_text(tid, sizeof tid, (uint64_t)w->tid), "/", name);
	rc = read_link(w->proc_fd, w->ret->link, w->text);
	if (rc >= 0)
		rc = stat_object(w->proc_fd, w->ret->link, ret);
	return rc == -ENOENT && dirfd >= 0 ? -EBADF : (int)rc;
}

/* Such a path still leads to a directory that has been removed. */
static bool only_dots(const char *text)
{
	size_t len, at = 0;

	for (; (len = component_at(text, &at)) > 0; at += len)
		if (!is_dot(text + at, len))
			return false;
	return true;
}

/* Puts the directory that the path is relative to before it. itself: there is no path; the object is that of dirfd.
 * SETTLED if that has no path. */
static int begin_at(struct walk *w, int dirfd, bool itself)
{
	char number[24], name[32] = "cwd";
	struct statx object;
	int rc;

	if (dirfd < 0 && dirfd != AT_FDCWD)
		return -EBADF;
	if (dirfd >= 0)
		(void)str_concat(name, sizeof name, "fd/", u64_text(number, sizeof number, (uint64_t)dirfd), "");
	rc = read_base(w, dirfd, name, &object);
	if (rc == 0 && !itself && !mode_is(object.stx_mode, MODE_DIRECTORY))
		rc = -ENOTDIR;
	if (rc == 0)
		rc = has_place(w->text, &object);
	if (rc < 0)
		return rc;
	if (rc > 0) {
		w->ret->link[0] = '\0';
		rc = itself ? 0 : put_before_rest(w, "/", 1);
		return rc < 0 ? rc : put_before_rest(w, w->text, str_len(w->text));
	}
	if (!itself && !is_deleted(w->text))
		return -EACCES;
	if (!itself && !only_dots(w->rest + w->rest_at))
		return -ENOENT;
	if (!is_anonymous(w->text, &object))
		return -EACCES;
	w->ret->anonymous = w->ret->magic = true;
	(void)str_concat(w->ret->path, PATH_SIZE, "/proc/self/", name, "");
	w->ret->len = (uint32_t)str_len(w->ret->path);
	return settle(w, true);
}

int resolve(int proc_fd, int32_t tid, int dirfd, const char *path, bool follow, bool empty_ok, struct resolved *ret)
{
	size_t len = str_len(path);
	struct walk w;
	int rc;

	begin(&w, proc_fd, tid, follow && len > 0, ret);
	if (len == 0 && !empty_ok)
		return -ENOENT;
	rc = put_before_rest(&w, path, len);
	if (rc == 0 && path[0] != '/')
		rc = begin_at(&w, dirfd, len == 0);
	if (rc != GO_ON)
		return rc < 0 ? rc : 0;
	return walk(&w);
}

int resolve_rule(const char *path, struct resolved *ret)
{
	size_t len = str_len(path);
	struct walk w;
	int rc;

	if (path[0] != '/')
		return -EINVAL;
	begin(&w, -1, 0, true, ret);
	w.rule = true;
	rc = put_before_rest(&w, path, len);
	return rc < 0 ? rc : walk(&w);
}
