/* SPDX-License-Identifier: Apache-2.0 */
/* carry: makes calls for the program.
 *
 * Theory of operation. The names of a call were read once and judged. Here each is pinned: the object that it names, or
 * the directory in which a name is made or removed, is opened by the path that was judged and without following a link.
 * If there is a link, it is judged where that leads, and pinned again. Then the call is made on the pins, by the
 * supervisor, which has the program's ids and mounts and no capability; so the kernel decides the rest, and finds the
 * errors that it would find for the program. A row of the table says which function makes which call.
 * I1  What was pinned is what was judged: the program can exchange links, directories and the text in its memory, but
 *     not what a descriptor refers to. A directory that is moved after it was pinned has been moved by a call that the
 *     policy allowed (policy_may_move).
 * I2  Effects come after the kernel has confirmed that the call still waits, and so do writes to the program's memory.
 * I3  Nothing here waits: neither for the program nor for another process.
 * Landlock does not hold the supervisor. What it refuses the program beyond the path policy is refused here: devices
 * (carry_name.c), ports and abstract sockets (carry_socket.c). */
#include "supervisor/carry.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include "base/base.h"
#include "supervisor/carry_change.h"
#include "supervisor/carry_look.h"
#include "supervisor/carry_name.h"
#include "supervisor/carry_socket.h"
#include "supervisor/carry_watch.h"
#include "supervisor/carry_xattr.h"
#include "supervisor/carrying.h"
#include "supervisor/judge_files.h"
#include "supervisor/notify_answer.h"
#include "supervisor/question.h"
#include "supervisor/target.h"

#define LINK_ATTEMPTS 4

/* How a call is made. */
struct carrier {
	int64_t (*make)(struct carrying *c);
	bool attributes;	/* it only looks at attributes, which every process may see in /proc */
};

static const struct carrier carriers[CARRY_KINDS] = {
	[CARRY_STAT] = { carry_stat, true },
	[CARRY_STATX] = { carry_statx, true },
	[CARRY_ACCESS] = { carry_access, true },
	[CARRY_READLINK] = { carry_readlink, false },
	[CARRY_STATFS] = { carry_statfs, true },
	[CARRY_CHMOD] = { carry_chmod, false },
	[CARRY_CHMOD2] = { carry_chmod2, false },
	[CARRY_CHOWN] = { carry_chown, false },
	[CARRY_TRUNCATE] = { carry_truncate, false },
	[CARRY_UTIME] = { carry_utime, false },
	[CARRY_UTIMES] = { carry_utimes, false },
	[CARRY_UTIMENS] = { carry_utimens, false },
	[CARRY_SETXATTR] = { carry_setxattr, false },
	[CARRY_GETXATTR] = { carry_getxattr, false },
	[CARRY_LISTXATTR] = { carry_listxattr, false },
	[CARRY_REMOVEXATTR] = { carry_removexattr, false },
	[CARRY_SETXATTRAT] = { carry_setxattrat, false },
	[CARRY_GETXATTRAT] = { carry_getxattrat, false },
	[CARRY_LISTXATTRAT] = { carry_listxattrat, false },
	[CARRY_REMOVEXATTRAT] = { carry_removexattrat, false },
	[CARRY_GETATTR] = { carry_getattr, false },
	[CARRY_SETATTR] = { carry_setattr, false },
	[CARRY_UNLINK] = { carry_unlink, false },
	[CARRY_RMDIR] = { carry_rmdir, false },
	[CARRY_MKDIR] = { carry_mkdir, false },
	[CARRY_MKNOD] = { carry_mknod, false },
	[CARRY_SYMLINK] = { carry_symlink, false },
	[CARRY_LINK] = { carry_link, false },
	[CARRY_RENAME] = { carry_rename, false },
	[CARRY_WATCH] = { carry_watch, false },
	[CARRY_CONNECT] = { carry_connect, false },
};

/* ---- Pins ---- */

static int pin_name(struct carrying *c, struct carrying_place *p, const struct resolved *r)
{
	p->fd = p->dir = pin_parent(supervisor_proc_fd(c->sv), c->s->tid, r);
	p->path = r->name;
	p->empty = 0;
	return p->fd < 0 ? p->fd : 0;
}

/* A descriptor of the program's is not opened where its link does: attributes are looked at all the time. */
static int pin_descriptor(struct carrying *c, struct carrying_place *p, const struct resolved *r)
{
	p->dir = supervisor_proc_fd(c->sv);
	p->path = p->link;
	p->empty = 0;
	bytes_copy(p->link, r->link, str_len(r->link) + 1);
	if (c->judged->call->carry != CARRY_READLINK)
		return 0;
	p->fd = (int)sys(__NR_openat, p->dir, p->link, O_PATH | O_CLOEXEC, 0);
	return p->fd == -ENOENT ? -EBADF : p->fd < 0 ? p->fd : 0;
}

static int pin_file(struct carrying *c, struct carrying_place *p, const struct resolved *r, bool follow)
{
	int proc_fd = supervisor_proc_fd(c->sv);

	/* What a magic link leads to may be a link itself. */
	p->fd = p->dir = pin_object(proc_fd, c->s->tid, r, follow && !r->magic ? 0 : O_NOFOLLOW);
	if (p->fd < 0)
		return p->fd;
	if (pin_is_closed(c->sv, p->fd, r, carriers[c->judged->call->carry].attributes))
		return -EACCES;
	p->path = "";
	p->empty = AT_EMPTY_PATH;
	pin_link(p->link, p->fd);
	return 0;
}

static int pin_place(struct carrying *c, uint32_t i)
{
	const struct call_path *path = &c->judged->call->paths[i];
	const struct resolved *r = &c->judged->paths[i];

	if (path->follow == CALL_NAME)
		return pin_name(c, &c->at[i], r);
	if (r->descriptor)
		return pin_descriptor(c, &c->at[i], r);
	return pin_file(c, &c->at[i], r, r->follow);
}

/* 0, -errno or PIN_AGAIN. */
static int pin_all(struct carrying *c)
{
	int rc = 0;

	for (uint32_t i = 0; rc == 0 && i < c->judged->npaths; i++)
		rc = pin_place(c, i);
	return rc;
}

static void unpin_all(struct carrying *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->at); i++)
		fd_close(&c->at[i].fd);
}

/* ---- The call ---- */

static void begin(struct carrying *c, struct supervisor *sv, const struct stop *s, uint64_t id,
		  const struct judged *judged)
{
	const struct call_path *path = &judged->call->paths[0];

	c->sv = sv;
	c->s = s;
	c->id = id;
	c->judged = judged;
	c->flags = path->flags >= 0 ? (uint32_t)s->args[path->flags] : 0;
	if (path->follow == CALL_FOLLOW_UNLESS)
		c->flags &= ~(uint32_t)(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);
	c->rest = &s->args[path->path + 1];
	for (size_t i = 0; i < ARRAY_LEN(c->at); i++)
		c->at[i].fd = -1;
	c->len = 0;
}

static bool still_waits(int listener, uint64_t id)
{
	return listener < 0 || notify_is_valid(listener, id);
}

/* The call follows the link of a descriptor of the program's; if there is no link, there is no descriptor. */
static bool is_link_only(const struct carrying *c)
{
	return c->judged->npaths > 0 && c->judged->paths[0].descriptor && c->at[0].fd < 0;
}

/* The call's result, -errno, PIN_AGAIN or CARRY_LATER. */
static int64_t make(struct carrying *c, int listener)
{
	int64_t rc = pin_all(c);

	if (rc == 0)
		rc = still_waits(listener, c->id) ? carriers[c->judged->call->carry].make(c) : -ESRCH;
	if (rc == -ENOENT && is_link_only(c))
		rc = -EBADF;
	if (rc >= 0 && c->len > 0 && still_waits(listener, c->id))
		rc = target_write(c->s->tid, c->address, c->data, c->len) < 0 ? -EFAULT : rc;
	unpin_all(c);
	return rc;
}

bool carry(struct supervisor *sv, const struct stop *s, struct judged *judged, int listener, uint64_t id,
	   struct answer *ret)
{
	int64_t rc = PIN_AGAIN;

	(void)answer_settle(ret, CORDON_DECISION_ALLOW, 0);
	for (int i = 0; rc == PIN_AGAIN && i < LINK_ATTEMPTS; i++) {
		struct carrying c;

		if (i > 0)
			judge_files_again(sv, s, ret, judged);
		if (ret->decision != CORDON_DECISION_ALLOW)
			return true;
		begin(&c, sv, s, id, judged);
		rc = make(&c, listener);
	}
	/* A program that keeps exchanging links in its path gets ELOOP in the end. */
	(void)answer_refuse(ret, rc == PIN_AGAIN ? ELOOP : rc < 0 ? (int32_t)-rc : 0);
	ret->value = rc > 0 ? rc : 0;
	return rc != CARRY_LATER;
}
