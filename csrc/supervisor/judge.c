/* SPDX-License-Identifier: Apache-2.0 */
/* judge: decides a stopped call.
 *
 * Theory of operation. judge asks one authority after the other; each either settles the answer or leaves it to the
 * next: the seccomp policy (policy_filter), the caller's rules by number, and the purposes for which the call is
 * stopped (calls/calls.h): targets of signals, the path policy. An authority may ask the host (ask); if the host allows
 * the call, the next authority is asked. A question is a futex and a serial. The supervisor writes the question, sets
 * state from 0 to 1 and wakes init; init sends it to the host, and after the answer sets state to 2. After a time-out
 * the supervisor takes the question back, 1 to 0, and a late answer has no effect.
 * I1  A path is read from the program's memory once for each argument. The text that was read is judged and, for an
 *     open under notify, opened.
 * I2  If a path leads nowhere, the program gets the reason only if it may stat the last existing directory: otherwise
 *     it would learn which files exist.
 * One thread uses this file, so the large buffers are static. */
#include "supervisor/judge.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <linux/time_types.h>
#include "arch/arch.h"
#include "base/base.h"
#include "calls/calls.h"
#include "supervisor/bpf.h"
#include "supervisor/events.h"
#include "supervisor/policy.h"
#include "supervisor/target.h"
#include "supervisor/tracees.h"

/* The flags that open(2) knows; it ignores others (VALID_OPEN_FLAGS of the kernel), and openat2(2) refuses them. */
#define OPEN_FLAGS                                                                                                         \
	((uint64_t)(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | FASYNC | O_DIRECT |  \
		    O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | O_PATH | __O_TMPFILE))
#define OPEN_PATH_FLAGS ((uint64_t)(O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC))
#define OPEN_HOW_SIZE_MAX 4096	/* PAGE_SIZE: E2BIG above */
#define PERMISSIONS 07777u

static char text[PATH_SIZE];		/* the last path as the program wrote it */
static struct resolved found[2];	/* the files that the call's paths name */

static bool settle(struct answer *ret, enum cordon_decision decision, int32_t err)
{
	*ret = (struct answer){ (uint32_t)decision, err };
	return decision == CORDON_DECISION_ALLOW;
}

static bool refuse(struct answer *ret, int32_t err)
{
	return settle(ret, CORDON_DECISION_ERRNO, err);
}

static int32_t refusal_of_paths(const struct supervisor *sv)
{
	return sv->outside == CORDON_DECISION_ERRNO && sv->outside_errno > 0 ? sv->outside_errno : EACCES;
}

/* ---- The question ---- */

/* Waits for the answer. False after the time-out; then a late answer has no effect. */
static bool wait_answer(struct supervisor_question *q, uint64_t timeout_ns)
{
	uint64_t until = clock_ns() + timeout_ns, now;
	uint32_t asked = QUESTION_ASKED;

	while (__atomic_load_n(&q->state, __ATOMIC_ACQUIRE) == QUESTION_ASKED && (now = clock_ns()) < until) {
		struct __kernel_timespec left = { (int64_t)((until - now) / NSEC_PER_SEC), (int64_t)((until - now) % NSEC_PER_SEC) };

		(void)sys(__NR_futex, &q->state, FUTEX_WAIT, QUESTION_ASKED, &left);
	}
	return !__atomic_compare_exchange_n(&q->state, &asked, QUESTION_NONE, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE);
}

/* The question's paths are filled in. kind: PATH or SYSCALL, for the event if the call is refused. */
static bool ask(struct supervisor *sv, const struct stop *s, enum cordon_event_kind kind, struct answer *ret)
{
	struct supervisor_question *q = &sv->question;
	const char *path = q->npaths > 0 ? q->paths[0] : NULL;
	uint64_t one = 1;

	q->stop = *s;
	q->serial = (q->serial | 1) + 2;	/* odd, so never 0, which init reads as "no question yet" */
	__atomic_store_n(&q->state, QUESTION_ASKED, __ATOMIC_RELEASE);
	(void)sys(__NR_write, supervisor_wake_fd(sv), &one, sizeof one);
	if (!wait_answer(q, sv->ask_timeout_ns)) {
		int32_t err = kind == CORDON_EVENT_PATH ? refusal_of_paths(sv) : EPERM;

		supervisor_event(sv, CORDON_EVENT_UNANSWERED, s, err, path);
		return refuse(ret, err);
	}
	*ret = q->answer;
	__atomic_store_n(&q->state, QUESTION_NONE, __ATOMIC_RELEASE);
	if (ret->decision == CORDON_DECISION_ALLOW)
		return settle(ret, CORDON_DECISION_ALLOW, 0);
	if (ret->decision != CORDON_DECISION_ERRNO)
		ret->decision = CORDON_DECISION_KILL;
	supervisor_event(sv, kind, s, ret->decision == CORDON_DECISION_KILL ? -1 : ret->err, path);
	return false;
}

static void question_paths(struct supervisor *sv, uint32_t access, const struct resolved *const *paths, uint32_t npaths)
{
	struct supervisor_question *q = &sv->question;

	q->access = access;
	q->npaths = npaths;
	for (uint32_t i = 0; i < npaths; i++)
		bytes_copy(q->paths[i], paths[i]->path, paths[i]->len + 1);
}

/* ---- Set-up ---- */

static void count(struct supervisor *sv, const struct stop *s, bool executed)
{
	if (s->nr < 0 || s->nr >= CORDON_SUPERVISION_COUNTS)
		return;
	if (executed)
		sv->counts[s->nr]++;
	else
		sv->setup_counts[s->nr]++;
}

/* Whether the thread still has the memory of init and the supervisor, that is, has not executed. init sets executed
 * only when it runs again, so until then this looks: a value written here is read through tid. The program cannot know
 * the value. */
static bool has_our_memory(int32_t tid)
{
	static uint64_t mark, seen;

	if (sys(__NR_getrandom, &mark, sizeof mark, 0) != sizeof mark)
		return false;
	seen = ~mark;
	return target_read(tid, (uint64_t)(uintptr_t)&mark, &seen, sizeof seen) == 0 && seen == mark;
}

/* A call of the vfork child, between the filters and its exec. */
static bool is_setup(const struct supervisor *sv, const struct stop *s)
{
	if (s->tid != sv->main_tid || __atomic_load_n(&sv->executed, __ATOMIC_ACQUIRE) != 0)
		return false;
	switch (s->nr) {
	case __NR_seccomp:
	case __NR_nanosleep:
	case __NR_exit_group:
	case __NR_execve:
	case __NR_execveat:
		return has_our_memory(s->tid);
	default:
		return false;
	}
}

/* ---- The seccomp policy, and the rules by number ---- */

static bool end_for_call(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	supervisor_event(sv, CORDON_EVENT_SYSCALL, s, -1, NULL);
	return settle(ret, CORDON_DECISION_KILL, 0);
}

static bool ask_for_call(struct supervisor *sv, const struct stop *s, struct answer *ret);

static bool obey_policy(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	uint32_t verdict = sv->policy_len > 0 ? bpf_run(sv->policy_filter, sv->policy_len, s) : SECCOMP_RET_ALLOW;
	int32_t err = (int32_t)(verdict & SECCOMP_RET_DATA);

	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return true;
	case SECCOMP_RET_ERRNO:
		if (err > CORDON_ERRNO_MAX)	/* as the kernel does */
			err = CORDON_ERRNO_MAX;
		if ((sv->flags & CORDON_SUPERVISOR_AUDIT) != 0)
			supervisor_event(sv, CORDON_EVENT_SYSCALL, s, err, NULL);
		return refuse(ret, err);
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return ask_for_call(sv, s, ret);
	default:
		return end_for_call(sv, s, ret);
	}
}

static int64_t find_rule(const struct supervisor *sv, long nr)
{
	uint32_t from = 0, to = sv->ncalls;

	while (from < to) {
		uint32_t middle = from + (to - from) / 2;

		if (sv->calls[middle].syscall == nr)
			return middle;
		if (sv->calls[middle].syscall < nr)
			from = middle + 1;
		else
			to = middle;
	}
	return -1;
}

static bool obey_rules(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	const struct cordon_supervision_call *rule;
	int64_t at = find_rule(sv, s->nr);

	if (at < 0)
		return true;
	rule = &sv->calls[at];
	if (sv->remaining[at] > 0) {
		sv->remaining[at]--;
		return true;
	}
	switch (rule->decision) {
	case CORDON_DECISION_ALLOW:
		return true;
	case CORDON_DECISION_ERRNO:
		supervisor_event(sv, CORDON_EVENT_SYSCALL, s, rule->err, NULL);
		return refuse(ret, rule->err);
	case CORDON_DECISION_ASK:
		return ask_for_call(sv, s, ret);
	default:
		return end_for_call(sv, s, ret);
	}
}

/* ---- Signals, where there is no pid namespace ---- */

/* A process group has its leader's pid: groups stay within a session, and the program has its own. */
static bool may_kill(int32_t pid)
{
	if (pid == 0)
		return true;
	if (pid == -1 || pid == INT32_MIN)
		return false;
	return tracee_is_ours(pid < 0 ? -pid : pid);
}

static bool keep_signals(const struct stop *s, const struct call *c, struct answer *ret)
{
	bool ours = false;

	switch (c->target) {
	case CALL_TARGET_GROUP:
		ours = may_kill((int32_t)s->args[0]);
		break;
	case CALL_TARGET_FIRST:
		ours = tracee_is_ours((int32_t)s->args[0]);
		break;
	case CALL_TARGET_SECOND:
		ours = tracee_is_ours((int32_t)s->args[1]);
		break;
	default:	/* HIDDEN */
		return refuse(ret, ENOSYS);
	}
	return ours || refuse(ret, EPERM);
}

/* ---- Paths ---- */

/* The access that a call wants to one of its paths. */
struct wanted {
	uint64_t address;
	uint32_t access;
	int dirfd;
	bool follow;
	bool null_is_itself, empty_is_itself;
	bool itself;		/* out: there is no path; the descriptor itself is meant */
};

static bool follows(uint8_t how, uint32_t flags)
{
	switch (how) {
	case CALL_NOFOLLOW:
		return false;
	case CALL_FOLLOW_UNLESS:
		return (flags & AT_SYMLINK_NOFOLLOW) == 0;
	case CALL_FOLLOW_IF:
		return (flags & AT_SYMLINK_FOLLOW) != 0;
	case CALL_FOLLOW_OPEN:
		return (flags & O_NOFOLLOW) == 0 && (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	default:
		return true;
	}
}

static struct wanted wanted_of(const struct stop *s, const struct call_path *p)
{
	uint32_t flags = p->flags >= 0 ? (uint32_t)s->args[p->flags] : 0;
	bool flag = (flags & AT_EMPTY_PATH) != 0;

	return (struct wanted){
		.address = s->args[p->path], .access = p->access,
		.dirfd = p->dirfd >= 0 ? (int32_t)s->args[p->dirfd] : AT_FDCWD,
		.follow = follows(p->follow, flags),
		.empty_is_itself = flag || p->itself == CALL_ITSELF_EMPTY,
		.null_is_itself = flag || p->itself == CALL_ITSELF_NULL,
	};
}

/* Into text. 0 or -errno. */
static int read_text(const struct stop *s, struct wanted *w)
{
	int len = 0;

	if (w->address == 0 && w->null_is_itself)
		text[0] = '\0';
	else
		len = target_path(s->tid, w->address, text);
	w->itself = len == 0 && (w->empty_is_itself || w->address == 0);
	return len < 0 ? len : 0;
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

/* I2: whether the program may stat the longest part of text that exists. */
static bool may_know(const struct supervisor *sv, const struct stop *s, int dirfd)
{
	static char part[PATH_SIZE];
	static struct resolved r;

	bytes_copy(part, text, str_len(text) + 1);
	while (cut_last(part))
		if (resolve(supervisor_proc_fd(sv), s->tid, dirfd, part, true, false, &r) == 0)
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
		return ask(sv, s, CORDON_EVENT_PATH, ret);
	case CORDON_DECISION_KILL:
		/* Before the exec there is no program to end: a PATH entry in which it was looked for. */
		if (is_setup(sv, s))
			return refuse(ret, EACCES);
		supervisor_event(sv, CORDON_EVENT_PATH, s, -1, path);
		return settle(ret, CORDON_DECISION_KILL, 0);
	default:
		supervisor_event(sv, CORDON_EVENT_PATH, s, refusal_of_paths(sv), path);
		return refuse(ret, refusal_of_paths(sv));
	}
}

/* text leads nowhere, because of err. The host is not asked: it could allow nothing. What a mask hides is judged by its
 * name. */
static bool nowhere(struct supervisor *sv, const struct stop *s, const struct wanted *w, int err,
		    const struct resolved *r, struct answer *ret)
{
	if ((err == EACCES || err == ENOENT) && r->len > 0 && !may_use(sv, r, w->access) &&
	    mask_hides(&sv->policy, &sv->masks, r->path, r->len))
		return outside(sv, s, w->access, r->path, &r, 1, ret);
	if (may_know(sv, s, w->dirfd))
		return refuse(ret, err);
	err = refusal_of_paths(sv);
	supervisor_event(sv, CORDON_EVENT_PATH, s, err, text);
	return refuse(ret, err);
}

#define RENAME_EXCHANGE (1u << 1)	/* linux/fs.h, which conflicts with libc's headers */

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

static bool judge_paths(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret)
{
	const struct resolved *paths[ARRAY_LEN(found)];
	uint32_t n = 0, access = 0;
	const char *refused = NULL;

	for (size_t i = 0; i < ARRAY_LEN(c->paths); i++) {
		struct wanted w;
		int rc;

		if (c->paths[i].access == 0)
			continue;
		w = wanted_of(s, &c->paths[i]);
		rc = read_text(s, &w);
		if (rc < 0)
			return refuse(ret, -rc);
		if (w.itself && w.access == CORDON_ACCESS_STAT)	/* fstat(2): the program has the file open already */
			continue;
		rc = resolve(supervisor_proc_fd(sv), s->tid, w.dirfd, text, w.follow, w.itself, &found[n]);
		if (rc < 0)
			return nowhere(sv, s, &w, -rc, &found[n], ret);
		access |= w.access;
		if (!may_use(sv, &found[n], w.access) && refused == NULL)
			refused = found[n].path;
		paths[n] = &found[n];
		n++;
	}
	if (refused == NULL && n == 2 && c->kind == CALL_MOVE && !may_move(sv, s, paths[0], paths[1]))
		refused = paths[0]->path;
	return refused == NULL || outside(sv, s, access, refused, paths, n, ret);
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

/* If text is absolute, and means what it says unless a component is a symbolic link, copies it to r->path with single
 * slashes. */
static bool take_text(struct resolved *r)
{
	uint32_t len = 0;
	size_t n;

	if (text[0] != '/')
		return false;
	for (const char *p = text; *p == '/'; p += n) {
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
	r->anonymous = r->magic = false;
	return true;
}

/* Follows the links in text into r and judges the result. */
static bool judge_resolved(struct supervisor *sv, const struct stop *s, const struct wanted *w, struct resolved *r,
			   struct answer *ret)
{
	const struct resolved *paths[] = { r };
	int rc = resolve(supervisor_proc_fd(sv), s->tid, w->dirfd, text, w->follow, false, r);

	r->open.lexical = false;
	if (rc < 0)
		return nowhere(sv, s, w, -rc, r, ret);
	return may_use(sv, r, w->access) || outside(sv, s, w->access, r->path, paths, 1, ret);
}

static struct wanted wanted_of_open(const struct stop *s, const struct call *c, const struct asked_open *o)
{
	const struct call_path *p = &c->paths[0];

	return (struct wanted){
		.address = s->args[p->path], .access = o->access,
		.dirfd = p->dirfd >= 0 ? (int32_t)s->args[p->dirfd] : AT_FDCWD,
		.follow = follows(CALL_FOLLOW_OPEN, (uint32_t)o->flags),
	};
}

/* opened is NULL if the kernel makes the open. RESOLVE_IN_ROOT gives the same text another meaning. */
static bool judge_open(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
		       struct resolved *opened)
{
	struct resolved *r = opened != NULL ? opened : &found[0];
	struct asked_open *o = &r->open;
	struct wanted w;
	size_t len;
	int rc = 0;

	if (c->flags_in_memory)
		rc = read_how(s, o);
	else
		read_registers(s, c, o);
	if (rc < 0)
		return refuse(ret, -rc);
	if ((o->resolve & RESOLVE_IN_ROOT) != 0)
		return refuse(ret, ENOSYS);
	o->access = access_of_open(o->flags);
	w = wanted_of_open(s, c, o);
	rc = read_text(s, &w);
	if (rc < 0)
		return refuse(ret, -rc);
	len = str_len(text);
	if ((o->flags & O_CREAT) != 0 && len > 0 && text[len - 1] == '/')
		return refuse(ret, EISDIR);
	/* The kernel makes an O_PATH open. With openat2 it would read the flags again from memory, where O_PATH may
	 * have been removed by then. */
	if (opened != NULL && c->flags_in_memory && (o->flags & O_PATH) != 0)
		return refuse(ret, ENOSYS);
	o->lexical = opened != NULL && (o->flags & O_PATH) == 0 && take_text(r) && may_use(sv, r, o->access);
	return o->lexical || judge_resolved(sv, s, &w, r, ret);
}

void judge_links(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened)
{
	struct wanted w = wanted_of_open(s, call_find(s->nr), &opened->open);

	(void)settle(ret, CORDON_DECISION_ALLOW, 0);
	(void)judge_resolved(sv, s, &w, opened, ret);
}

/* ---- The whole ---- */

/* The question also has the call's paths, if they exist. */
static bool ask_for_call(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	const struct call *c = call_find(s->nr);
	const struct resolved *paths[ARRAY_LEN(found)];
	uint32_t n = 0, access = 0;

	for (size_t i = 0; c != NULL && i < ARRAY_LEN(c->paths); i++) {
		struct wanted w;

		if (c->paths[i].access == 0)
			continue;
		w = wanted_of(s, &c->paths[i]);
		if (c->kind == CALL_OPEN) {
			struct asked_open *o = &found[n].open;

			if (!c->flags_in_memory)
				read_registers(s, c, o);
			else if (read_how(s, o) < 0)
				continue;
			o->access = access_of_open(o->flags);
			w = wanted_of_open(s, c, o);
		}
		if (read_text(s, &w) < 0 ||
		    resolve(supervisor_proc_fd(sv), s->tid, w.dirfd, text, w.follow, w.itself, &found[n]) < 0)
			continue;
		access |= w.access;
		paths[n] = &found[n];
		n++;
	}
	question_paths(sv, access, paths, n);
	return ask(sv, s, CORDON_EVENT_SYSCALL, ret);
}

static bool judge_files(struct supervisor *sv, const struct stop *s, const struct call *c, struct answer *ret,
			struct resolved *opened)
{
	switch (c->kind) {
	case CALL_REFUSED:
		supervisor_event(sv, CORDON_EVENT_PATH, s, EPERM, NULL);
		return refuse(ret, EPERM);
	case CALL_OPEN:
		return judge_open(sv, s, c, ret, opened);
	default:
		return judge_paths(sv, s, c, ret);
	}
}

/* Judges the purposes of the call. CPU, BIRTH and EXEC matter only to sched/supervisor.c. */
static void judge_purposes(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened)
{
	const struct call *c = call_find(s->nr);
	uint32_t purposes = c != NULL ? c->purposes & calls_purposes(sv->engine, sv->flags, sv->own_tree) : 0;

	if ((purposes & CALL_PRIVILEGE) != 0)
		supervisor_event(sv, CORDON_EVENT_PRIVILEGE, s, 0, NULL);
	if ((purposes & CALL_SIGNAL) != 0 && !keep_signals(s, c, ret))
		return;
	if ((purposes & CALL_FILE) != 0)
		(void)judge_files(sv, s, c, ret, opened);
}

void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened)
{
	bool executed = __atomic_load_n(&sv->executed, __ATOMIC_ACQUIRE) != 0;
	bool setup = is_setup(sv, s);

	(void)settle(ret, CORDON_DECISION_ALLOW, 0);
	if (supervisor_counts(sv))
		count(sv, s, executed);
	if (s->arch != arch_audit) {	/* the filters kill these; its numbers mean other calls */
		(void)end_for_call(sv, s, ret);
		return;
	}
	if (!setup && (!obey_policy(sv, s, ret) || !obey_rules(sv, s, ret)))
		return;
	judge_purposes(sv, s, ret, opened);
}
