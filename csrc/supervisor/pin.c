/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/pin.h"

#include <asm/statfs.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/magic.h>
#include "base/base.h"
#include "supervisor/target.h"
#include "supervisor/tracees.h"

#define SELF "self"

/* ---- Without links ---- */

/* path[0..len), with the program's own number in the place of "self" if it is below that, in the program's own mount of
 * proc. False if it is too long. */
static bool put_text(int proc_fd, int32_t tid, const struct resolved *r, uint32_t len, char buf[PATH_SIZE])
{
	uint32_t at = 0;
	char number[24];
	int32_t tgid;
	const char *p;

	if (r->self != 0 && r->self <= len) {
		tgid = target_tgid(proc_fd, tid);
		if (tgid < 0)
			return false;
		p = u64_text(number, sizeof number, (uint64_t)tgid);
		at = r->self - (uint32_t)sizeof SELF + 1;
		if (at + str_len(p) + (len - r->self) >= PATH_SIZE)
			return false;
		bytes_copy(buf, r->path, at);
		bytes_copy(buf + at, p, str_len(p));
		at += (uint32_t)str_len(p);
		bytes_copy(buf + at, r->path + r->self, len - r->self);
		at += len - r->self;
	} else {
		bytes_copy(buf, r->path, len);
		at = len;
	}
	buf[at] = '\0';
	return true;
}

static int open_text(const char *path, const struct open_how *how)
{
	struct open_how plain = *how;

	plain.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | (how->resolve & RESOLVE_CACHED);
	return (int)sys(__NR_openat2, AT_FDCWD, path, &plain, sizeof plain);
}

int pin_open(int proc_fd, int32_t tid, const struct resolved *r, const struct open_how *how)
{
	static char text[PATH_SIZE];

	if (r->self == 0)
		return open_text(r->path, how);
	return put_text(proc_fd, tid, r, r->len, text) ? open_text(text, how) : -ENOENT;
}

/* Since the judgement the program may have put an object with a path there. So the link's target is pinned by a
 * descriptor and looked at again. */
static int pin_anonymous(int proc_fd, const struct resolved *r)
{
	static struct resolved now;
	AUTO_CLOSE int fd = (int)sys(__NR_openat, proc_fd, r->link, O_PATH | O_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return fd;
	rc = resolve(proc_fd, (int32_t)sys(__NR_getpid), fd, "", true, true, &now);
	if (rc < 0)
		return rc;
	return now.anonymous ? fd_take(&fd) : PIN_AGAIN;
}

int pin_object(int proc_fd, int32_t tid, const struct resolved *r, uint64_t flags)
{
	const struct open_how how = { .flags = flags | O_PATH | O_CLOEXEC };
	int fd = r->anonymous ? pin_anonymous(proc_fd, r) : pin_open(proc_fd, tid, r, &how);

	return fd == -ELOOP ? PIN_AGAIN : fd;
}

int pin_parent(int proc_fd, int32_t tid, const struct resolved *r)
{
	static char text[PATH_SIZE];
	const struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC };
	int fd;

	if (r->anonymous)	/* a directory that has been removed */
		return pin_anonymous(proc_fd, r);
	fd = put_text(proc_fd, tid, r, r->dir_len, text) ? open_text(text, &how) : -ENOENT;
	return fd == -ELOOP ? PIN_AGAIN : fd;
}

/* ---- By links in /proc ---- */

void pin_itself(struct resolved *ret, int32_t tid, int dirfd)
{
	char number[24], fd[24], name[PIN_LINK_SIZE] = "/cwd";

	if (dirfd != AT_FDCWD)
		(void)str_concat(name, sizeof name, "/fd/", u64_text(fd, sizeof fd, (uint64_t)(uint32_t)dirfd), "");
	(void)str_concat(ret->link, sizeof ret->link, u64_text(number, sizeof number, (uint64_t)tid), name, "");
	ret->path[0] = '\0';
	ret->len = 0;
	ret->descriptor = true;
}

void pin_link(char buf[PIN_LINK_SIZE], int fd)
{
	char pid[24], number[24];

	(void)str_concat(buf, PIN_LINK_SIZE, u64_text(pid, sizeof pid, (uint64_t)sys(__NR_getpid)), "/fd/",
			 u64_text(number, sizeof number, (uint64_t)fd));
}

int pin_reopen(int proc_fd, int fd, uint64_t flags, uint64_t mode)
{
	char link[PIN_LINK_SIZE];

	pin_link(link, fd);
	return (int)sys(__NR_openat, proc_fd, link, flags, mode);
}

/* ---- The processes that share our memory ---- */

/* Files of another process that are the same for every reader; of all others, the attributes are. */
static bool is_public(const char *rest, bool attributes)
{
	static const char *const names[] = { "", "/", "/status", "/statm", "/comm", "/cmdline", "/cgroup" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_eq(rest, names[i]))
			return true;
	return attributes && rest[0] == '/' && str_find(rest + 1, '/') == NULL;
}

/* Whether name, a number, is the pid of a process or thread whose directory is closed. */
static bool is_closed_to_it(const struct supervisor *sv, const char *name, size_t len)
{
	int64_t number = 0;
	int32_t tgid;

	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9' || number > INT32_MAX / 10 - 1)
			return false;
		number = number * 10 + (name[i] - '0');
	}
	if (len == 0 || number == 0)
		return false;
	tgid = target_tgid(supervisor_proc_fd(sv), (int32_t)number);
	if (tgid == sys(__NR_getpid) || tgid == sys(__NR_getppid))
		return true;
	return sv->own_tree && tgid > 0 && !tracee_is_ours(tgid);
}

bool pin_is_closed(const struct supervisor *sv, int fd, const struct resolved *r, bool attributes)
{
	struct statfs fs;
	size_t len;

	if (r->lexical || r->anonymous)	/* a text that is taken as it stands has no number in it */
		return false;
	for (const char *p = r->path; *p == '/'; p += len) {
		p++;
		for (len = 0; p[len] != '\0' && p[len] != '/'; len++)
			;
		if (len == 0 || p[0] < '0' || p[0] > '9' || !is_closed_to_it(sv, p, len))
			continue;
		if (sys(__NR_fstatfs, fd, &fs) < 0 || (unsigned long)fs.f_type == PROC_SUPER_MAGIC)
			return !is_public(p + len, attributes);
	}
	return false;
}
