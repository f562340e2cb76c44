/* SPDX-License-Identifier: Apache-2.0 */
/* judge_files: decides a call that names files by the path policy.
 *
 * Theory of operation. Each path argument is read from the program's memory once. The text that was read is judged, and
 * what it names is what the supervisor then works on (carry.c, open.c). Most paths have no links: if the policy allows
 * the text as it stands, the call is allowed without a look at the file system; if there is a link after all, opening
 * it without links says so, and judge_files_again follows it. Where the kernel makes the call, links are followed at
 * once.
 * I1  Nothing is read from the program twice.
 * I2  If a path leads nowhere, the program gets the reason only if it may stat the last existing directory: otherwise
 *     it would learn which files exist.
 * One thread uses this file, so the large buffers are static. */
#include "supervisor/judge_files.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/inotify.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/socket.h>
#include "base/base.h"
#include "calls/calls.h"
#include "supervisor/events.h"
#include "supervisor/memory.h"
#include "supervisor/parent.h"
#include "supervisor/pin.h"
#include "supervisor/policy.h"
#include "supervisor/question.h"
#include "supervisor/setup.h"
#include "supervisor/target.h"

/* The flags that open(2) knows; it ignores others (VALID_OPEN_FLAGS of the kernel), and openat2(2) refuses them. */
#define OPEN_FLAGS                                                                                                 \
	((uint64_t)(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | FASYNC |  \
		    O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH |           \
		    __O_TMPFILE))
#define OPEN_PATH_FLAGS ((uint64_t)(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC))
#define OPEN_HOW_SIZE_MAX 4096	/* PAGE_SIZE: E2BIG above */
#define PERMISSIONS 07777u

#define AF_UNIX 1		/* sys/socket.h is libc's */
#define FAMILY_SIZE sizeof(__kernel_sa_family_t)
#define RENAME_EXCHANGE (1u << 1)	/* linux/fs.h, which conflicts with libc's headers */

/* The access that a call wants to one of its paths, and what is read from the program for it. */
struct wanted {
	uint64_t address;
	uint32_t access;
	int dirfd;
	bool follow, name;
	bool null_is_itself, empty_is_itself;
	bool itself;			/* there is no path; the descriptor itself is meant */
	char text[PATH_SIZE];
};

static struct wanted wanted[JUDGED_PATHS];	/* of the call that was judged last */
static struct judged scratch;			/* if the kernel makes the call */

/* ---- Paths ---- */

static bool follows(uint8_t how, uint32_t flags)
{
	switch (how) {
	case CALL_NOFOLLOW:
	case CALL_NAME:
		return false;
	case CALL_FOLLOW_UNLESS:
		return (flags & AT_SYMLINK_NOFOLLOW) == 0;
	case CALL_FOLLOW_IF:
		return (flags & AT_SYMLINK_FOLLOW) != 0;
	case CALL_FOLLOW_OPEN:
		return (flags & O_NOFOLLOW) == 0 && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	case CALL_FOLLOW_WATCH:
		return (flags & IN_DONT_FOLLOW) == 0;
	default:
		return true;
	}
}

static bool has_at_flags(const struct call_path *p)
{
	return p->follow == CALL_FOLLOW_UNLESS || p->follow == CALL_FOLLOW_IF;
}

static void want(struct wanted *w, const struct stop *s, const struct call_path *p)
{
	uint32_t flags = p->flags >= 0 ? (uint32_t)s->args[p->flags] : 0;
	bool flag = has_at_flags(p) && (flags & AT_EMPTY_PATH) != 0;

	w->address = s->args[p->path];
	w->access = p->access;
	w->dirfd = p->dirfd >= 0 ? (int32_t)s->args[p->dirfd] : AT_FDCWD;
	w->follow = follows(p->follow, flags);
	w->name = p->follow == CALL_NAME;
	w->empty_is_itself = flag || p->itself == CALL_ITSELF_EMPTY;
	w->null_is_itself = flag || (p->itself == CALL_ITSELF_NULL && w->dirfd != AT_FDCWD);
	w->itself = false;
	if (p->itself == CALL_ITSELF_ALWAYS) {
		w->address = 0;
		w->null_is_itself = true;
	}
}

/* Into w->text. 0 or -errno. */
static int read_text(const struct stop *s, struct wanted *w)
{
	int len = 0;

	if (w->address == 0 && w->null_is_itself)
		w->text[0] = '\0';
	else
		len = target_path(s->tid, w->address, w->text);
	w->itself = len == 0 && (w->empty_is_itself || w->address == 0);
	return len < 0 ? len : 0;
}

/* Resolves w->text into r. */
static int look_up(const struct supervisor *sv, const struct stop *s, const struct wanted *w, struct resolved *r)
{
	if (w->name)
		return parent_resolve(supervisor_proc_fd(sv), s->tid, w->dirfd, w->text, r);
	return resolve(supervisor_proc_fd(sv), s->tid, w->dirfd, w->text, w->follow, w->itself, r);
}

/* Removes the last component; false if there is none. "a" becomes ".", "/a" becomes "/". */
static bool cut_last(char *path)
{
	size_t len = str_len(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	if (len == 0 || str_eq(path, "."))
		return false;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0)
		path[len++] = '.';
	path[len] = '\0';
	return true;
}

/* I2: whether the program may stat the longest part of the text that exists. */
static bool may_know(const struct supervisor *sv, const struct stop *s, const struct wanted *w)
{
	static char part[PATH_SIZE];
	static struct resolved r;

	bytes_copy(part, w->text, str_len(w->text) + 1);
	while (cut_last(part))
		if (resolve(supervisor_proc_fd(sv), s->tid, w->dirfd, part, true, false, &r) == 0)
			return (policy_access(&sv->policy, r.path, r.len) & CORDON_ACCESS_STAT) != 0;
	return true;	/* the directory that the path is relative to is missing: EBADF */
}

static bool may_use(const struct supervisor *sv, const struct resolved *r, uint32_t access)
{
	return r->anonymous || (policy_access(&sv->policy, r->path, r->len) & access) == access;
}

/* path: the one that is refused; paths: all paths of the call. */
static bool outside(struct supervisor *sv, const struct stop *s, uint32_t access, const char *path,
		    const struct resolved *const *paths, uint32_t npaths, struct answer *ret)
{
	switch (sv->outside) {
	case CORDON_DECISION_ASK:
		question_paths(sv, access, paths, npaths);
		return question_ask(sv, s, CORDON_EVENT_PATH, ret);
	case CORDON_DECISION_KILL:
		/* Before the exec there is no program to end: a PATH entry in which it was looked for. */
		if (setup_has_call(sv, s))
			return answer_refuse(ret, EACCES);
		supervisor_event(sv, CORDON_EVENT_PATH, s, -1, path);
		return answer_settle(ret, CORDON_DECISION_KILL, 0);
	default:
		supervisor_event(sv, CORDON_EVENT_PATH, s, question_refusal(sv), path);
		return answer_refuse(ret, question_refusal(sv));
	}
}

/* The text leads nowhere, because of err. The host is not asked: it could allow nothing. What a mask hides is judged by
 * its name. */
static bool nowhere(struct supervisor *sv, const struct stop *s, const struct wanted *w, int err,
		    const struct resolved *r, struct answer *ret)
{
	if (supervisor_is_out_of_memory(sv, err))
		return answer_refuse(ret, err);
	if ((err == EACCES || err == ENOENT) && r->len > 0 && !may_use(sv, r, w->access) &&
	    mask_hides(&sv->policy, &sv->masks, r->path, r->len))
		return outside(sv, s, w->access, r->path, &r, 1, ret);
	if (may_know(sv, s, w))
		return answer_refuse(ret, err);
	err = question_refusal(sv);
	supervisor_event(sv, CORDON_EVENT_PATH, s, err, w->text);
	return answer_refuse(ret, err);
}

/* Both paths may be written; this checks whether the file may have its new name. An anonymous file (O_TMPFILE) has no
 * old one. */
static bool may_move(const struct supervisor *sv, const struct stop *s, const struct resolved *from,
		     const struct resolved *to)
{
	bool exchange = s->nr == __NR_renameat2 && (s->args[4] & RENAME_EXCHANGE) != 0;

	if (from->anonymous)
		return true;
	return policy_may_move(&sv->policy, from->path, from->len, to->path, to->len) &&
	       (!exchange || policy_may_move(&sv->policy, to->path, to->len, from->path, from->len));
}

/* False for numbers, which may name a process in /proc, possibly the program's own. */
static bool is_plain(const char *name, size_t len)
{
	bool number = true;

	if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
		return false;
	for (size_t i = 0; i < len && number; i++)
		number = name[i] >= '0' && name[i] <= '9';
	return !number;
}

/* If the text is absolute, and means what it says unless a component is a symbolic link, copies it to r->path with
 * single slashes. */
static bool take_text(const struct wanted *w, struct resolved *r)
{
	uint32_t len = 0;
	size_t n;

	if (w->text[0] != '/')
		return false;
	for (const char *p = w->text; *p == '/'; p += n) {
		while (*p == '/')
			p++;
		for (n = 0; p[n] != '\0' && p[n] != '/'; n++)
			;
		if (n == 0 || !is_plain(p, n))
			return false;
		r->path[len] = '/';
		bytes_copy(r->path + len + 1, p, n);
		len += (uint32_t)n + 1;
	}
	r->path[len] = '\0';
	r->len = len;
	r->exists = true;
	r->anonymous = r->magic = r->descriptor = false;
	r->self = 0;
	return true;
}

/* Whether the policy allows the text as it stands. */
static bool allows_text(const struct supervisor *sv, const struct wanted *w, struct resolved *r)
{
	r->lexical = take_text(w, r) && may_use(sv, r, w->access) && (!w->name || parent_of(r));
	return r->lexical;
}

static bool makes_name(const struct call *c, const struct resolved *r)
{
	if (c->kind == CALL_OPEN)
		return (r->open.flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL);
	return c->carry == CARRY_MKDIR || c->carry == CARRY_MKNOD || c->carry == CARRY_SYMLINK ||
	       c->carry == CARRY_LINK;
}

/* A name that exists cannot be made, whatever the policy says about making it; the kernel sees that first, too. */
static bool exists_already(struct supervisor *sv, const struct stop *s, const struct call *c, const struct resolved *r)
{
	AUTO_CLOSE int fd = -1;

	if (!makes_name(c, r) || sv->outside != CORDON_DECISION_ERRNO || !may_use(sv, r, CORDON_ACCESS_STAT))
		return false;
	fd = pin_object(supervisor_proc_fd(sv), s->tid, r, O_NOFOLLOW);
	return fd >= 0;
}

/* The descriptor's own attributes: the program has the file open already. */
static bool is_open_already(const struct wanted *w)
{
	return w->itself && w->access == CORDON_ACCESS_STAT;
}

/* What was read into wanted[0..n), into judged. lexical: texts may be taken as they stand. */
static bool judge_wanted(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
			 struct judged *j, bool lexical)
{
	const struct resolved *paths[JUDGED_PATHS];
	const struct resolved *refused = NULL;
	uint32_t access = 0;

	for (uint32_t i = 0; i < j->npaths; i++) {
		struct wanted *w = &wanted[i];
		struct resolved *r = &j->paths[i];
		int rc = 0;

		paths[i] = r;
		r->follow = w->follow;
		if (is_open_already(w)) {
			pin_itself(r, s->tid, w->dirfd);
			continue;
		}
		if (!lexical || !allows_text(sv, w, r))
			rc = look_up(sv, s, w, r);
		if (rc < 0)
			return nowhere(sv, s, w, -rc, r, ret);
		access |= w->access;
		if (!may_use(sv, r, w->access) && refused == NULL)
			refused = r;
	}
	if (refused == NULL && c->kind == CALL_MOVE && !may_move(sv, s, paths[0], paths[1]))
		refused = paths[0];
	if (refused != NULL && refused == paths[j->npaths - 1] && exists_already(sv, s, c, refused))
		return answer_refuse(ret, EEXIST);
	return refused == NULL || outside(sv, s, access, refused->path, paths, j->npaths, ret);
}

/* The attributes of a descriptor that is in a register, and not in memory: no thread can change what is meant. */
static bool is_fixed(const struct wanted *w)
{
	return is_open_already(w) && w->address == 0;
}

/* Else AT_FDCWD would mean the working directory. */
static bool lacks_descriptor(const struct call_path *p, const struct wanted *w)
{
	return p->itself == CALL_ITSELF_ALWAYS && w->dirfd < 0;
}

static bool judge_paths(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
			struct judged *j, bool carried)
{
	j->npaths = 0;
	for (size_t i = 0; i < ARRAY_LEN(c->paths) && c->paths[i].access != 0; i++) {
		struct wanted *w = &wanted[j->npaths++];
		int rc;

		want(w, s, &c->paths[i]);
		rc = lacks_descriptor(&c->paths[i], w) ? -EBADF : read_text(s, w);
		if (rc < 0)
			return answer_refuse(ret, -rc);
	}
	if (is_fixed(&wanted[0]))
		return true;
	if (!judge_wanted(sv, s, c, ret, j, carried))
		return false;
	if (carried)
		j->call = c;
	return true;
}

/* ---- Addresses of sockets ---- */

/* Copies the address, and its path into w->text. 1 if it has one, 0 if not, or -errno. */
static int read_address(const struct stop *s, struct judged *j, struct wanted *w)
{
	uint64_t len = (uint32_t)s->args[2];
	__kernel_sa_family_t family = 0;
	size_t n;
	int rc;

	if (len > JUDGED_ADDRESS_SIZE)	/* negative ones as well */
		return -EINVAL;
	rc = target_read(s->tid, w->address, j->address, len);
	if (rc < 0)
		return rc;
	j->address_len = (uint32_t)len;
	if (len <= FAMILY_SIZE)
		return 0;
	bytes_copy(&family, j->address, sizeof family);
	if (family != AF_UNIX || j->address[FAMILY_SIZE] == '\0')
		return 0;
	for (n = 0; n < len - FAMILY_SIZE && j->address[FAMILY_SIZE + n] != '\0'; n++)
		w->text[n] = (char)j->address[FAMILY_SIZE + n];
	w->text[n] = '\0';
	return 1;
}

static bool judge_address(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
			  struct judged *j, bool carried)
{
	int rc;

	want(&wanted[0], s, &c->paths[0]);
	rc = read_address(s, j, &wanted[0]);
	if (rc < 0)
		return answer_refuse(ret, -rc);
	j->npaths = (uint32_t)rc;
	if (rc > 0 && !judge_wanted(sv, s, c, ret, j, carried))
		return false;
	if (carried)
		j->call = c;
	return true;
}

/* ---- Opens ---- */

static int read_how(const struct stop *s, struct asked_open *ret)
{
	static unsigned char bytes[OPEN_HOW_SIZE_MAX];
	uint64_t size = s->args[3];
	struct open_how how;
	int rc;

	if (size < sizeof how)
		return -EINVAL;
	if (size > sizeof bytes)
		return -E2BIG;
	rc = target_read(s->tid, s->args[2], bytes, size);
	if (rc < 0)
		return rc;
	for (uint64_t i = sizeof how; i < size; i++)
		if (bytes[i] != 0)
			return -E2BIG;
	bytes_copy(&how, bytes, sizeof how);
	ret->flags = how.flags;
	ret->mode = how.mode;
	ret->resolve = how.resolve;
	return (how.flags & ~OPEN_FLAGS) != 0 ? -EINVAL : 0;
}

/* Makes an open_how from the registers, as the kernel does (build_open_how). */
static void read_registers(const struct stop *s, const struct call *c, struct asked_open *ret)
{
	int8_t at = c->paths[0].flags;

	if (at < 0) {	/* creat */
		ret->flags = O_CREAT | O_WRONLY | O_TRUNC;
		at = 0;
	} else {
		ret->flags = s->args[at] & OPEN_FLAGS;
	}
	ret->mode = s->args[at + 1] & PERMISSIONS;
	ret->resolve = 0;
	if ((ret->flags & O_PATH) != 0)
		ret->flags &= OPEN_PATH_FLAGS;
	if ((ret->flags & (O_CREAT | __O_TMPFILE)) == 0)
		ret->mode = 0;
}

static uint32_t access_of_open(uint64_t flags)
{
	uint32_t access = CORDON_ACCESS_STAT;

	if ((flags & O_PATH) != 0)
		return access;
	if ((flags & O_ACCMODE) != O_WRONLY)
		access |= CORDON_ACCESS_READ;
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & (O_TRUNC | O_CREAT | __O_TMPFILE)) != 0)
		access |= CORDON_ACCESS_WRITE;
	return access;
}

static void want_open(struct wanted *w, const struct stop *s, const struct call *c, const struct asked_open *o)
{
	want(w, s, &c->paths[0]);
	w->access = o->access;
	w->follow = follows(CALL_FOLLOW_OPEN, (uint32_t)o->flags);
}

static int read_open(const struct stop *s, const struct call *c, struct asked_open *ret)
{
	int rc = 0;

	if (c->flags_in_memory)
		rc = read_how(s, ret);
	else
		read_registers(s, c, ret);
	ret->access = access_of_open(ret->flags);
	return rc;
}

/* RESOLVE_IN_ROOT gives the same text another meaning. */
static bool judge_open(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
		       struct judged *j, bool carried)
{
	struct asked_open *o = &j->paths[0].open;
	struct wanted *w = &wanted[0];
	size_t len;
	int rc = read_open(s, c, o);

	if (rc < 0)
		return answer_refuse(ret, -rc);
	if ((o->resolve & RESOLVE_IN_ROOT) != 0)
		return answer_refuse(ret, ENOSYS);
	if (carried && (o->flags & O_PATH) != 0)	/* open.c: it becomes an ordinary one */
		o->access |= CORDON_ACCESS_READ;
	want_open(w, s, c, o);
	rc = read_text(s, w);
	if (rc < 0)
		return answer_refuse(ret, -rc);
	len = str_len(w->text);
	if ((o->flags & O_CREAT) != 0 && len > 0 && w->text[len - 1] == '/')
		return answer_refuse(ret, EISDIR);
	j->npaths = 1;
	if (!judge_wanted(sv, s, c, ret, j, carried))
		return false;
	if (carried)
		j->call = c;
	return true;
}

/* ---- The whole ---- */

/* Which calls the supervisor makes. Under ptrace it cannot give the program a descriptor. */
static bool carries(const struct supervisor *sv, const struct call *c)
{
	return c->kind == CALL_OPEN ? sv->engine == CORDON_ENGINE_NOTIFY : c->carry != CARRY_NOT;
}

/* unshare(2) that only stops sharing descriptors, or the working directory and umask: those are the asking thread's own
 * in any case. Its flags are in a register. */
static bool makes_no_namespace(const struct stop *s)
{
	return s->nr == __NR_unshare && (s->args[0] & ~(uint64_t)(CLONE_FS | CLONE_FILES | CLONE_SYSVSEM)) == 0;
}

bool judge_files(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
		 struct judged *judged)
{
	bool carried = judged != NULL && carries(sv, c);
	struct judged *j = judged != NULL ? judged : &scratch;

	switch (c->kind) {
	case CALL_REFUSED:
		if (makes_no_namespace(s))
			return true;
		supervisor_event(sv, CORDON_EVENT_PATH, s, EPERM, NULL);
		return answer_refuse(ret, EPERM);
	case CALL_OPEN:
		return judge_open(sv, s, c, ret, j, carried);
	case CALL_ADDRESS:
		return judge_address(sv, s, c, ret, j, carried);
	default:
		return judge_paths(sv, s, c, ret, j, carried);
	}
}

void judge_files_again(struct supervisor *sv, const struct stop *s, struct answer *ret, struct judged *judged)
{
	(void)answer_settle(ret, CORDON_DECISION_ALLOW, 0);
	(void)judge_wanted(sv, s, judged->call, ret, judged, false);
}

/* Reads one path of a call into w. False if it names no file. */
static bool read_path(const struct stop *s, const struct call *c, size_t i, struct wanted *w)
{
	want(w, s, &c->paths[i]);
	if (c->kind == CALL_ADDRESS)
		return read_address(s, &scratch, w) > 0;
	if (c->kind == CALL_OPEN) {
		struct asked_open *o = &scratch.paths[0].open;

		if (read_open(s, c, o) < 0)
			return false;
		want_open(w, s, c, o);
	}
	return read_text(s, w) == 0;
}

bool judge_files_ask(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	const struct call *c = call_find(s->nr);
	const struct resolved *paths[JUDGED_PATHS];
	uint32_t n = 0, access = 0;

	for (size_t i = 0; c != NULL && i < ARRAY_LEN(c->paths); i++) {
		struct wanted *w = &wanted[n];

		if (c->paths[i].access == 0 || !read_path(s, c, i, w) || look_up(sv, s, w, &scratch.paths[n]) < 0)
			continue;
		access |= w->access;
		paths[n] = &scratch.paths[n];
		n++;
	}
	question_paths(sv, access, paths, n);
	return question_ask(sv, s, CORDON_EVENT_SYSCALL, ret);
}
