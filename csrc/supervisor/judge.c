/* One stopped call: what the policies say of it.
 *
 * Theory of operation. Questions in order, the first refusal is the answer: the whole seccomp policy, the rules by number, the path policy, and in a run
 * without namespaces whom a signal is for. Each looks at what the program's memory held at the stop; what it holds later is Landlock's
 * and open.c's matter. A path that can't be read or resolved is the program's problem: it gets the errno that the kernel would give. */
#include "supervisor/supervisor.h"

#include <linux/audit.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <linux/time.h>
#include "base/base.h"

#ifdef __x86_64__
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#else
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

#define ASK_DEFAULT_NS NSEC_PER_SEC
#define RENAME_EXCHANGE_FLAG (1 << 1)	/* linux/fs.h, which does not go with a libc's headers */

enum question_state { QUESTION_NONE, QUESTION_ASKED, QUESTION_ANSWERED };

/* One supervisor judges one call at a time. */
static struct {
	char text[PATH_SIZE];
	struct resolved resolved[2];
} scratch;

static void answer_errno(struct answer *a, int32_t err)
{
	*a = (struct answer){ CORDON_DECISION_ERRNO, err };
}

static bool refused(const struct answer *a)
{
	return a->decision != CORDON_DECISION_ALLOW;
}

/* ---- the question to the host ---- */

static bool wait_for_answer(struct supervisor *sv)
{
	struct supervisor_question *q = &sv->question;
	uint64_t deadline = clock_ns() + (sv->ask_timeout_ns != 0 ? sv->ask_timeout_ns : ASK_DEFAULT_NS);
	uint32_t asked = QUESTION_ASKED;

	while (__atomic_load_n(&q->state, __ATOMIC_ACQUIRE) == QUESTION_ASKED) {
		uint64_t now = clock_ns();
		struct __kernel_timespec left;

		if (now >= deadline)
			/* Taken back, unless the answer has just come. */
			return !__atomic_compare_exchange_n(&q->state, &asked, QUESTION_NONE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
		left = (struct __kernel_timespec){ (int64_t)((deadline - now) / NSEC_PER_SEC), (int64_t)((deadline - now) % NSEC_PER_SEC) };
		(void)sys(__NR_futex, &q->state, FUTEX_WAIT, QUESTION_ASKED, &left, NULL, 0);
	}
	return true;
}

/* Fails with err where nobody answers in time. */
static void ask(struct supervisor *sv, const struct stop *s, uint32_t access, uint32_t npaths, int32_t err, struct answer *a)
{
	struct supervisor_question *q = &sv->question;
	int wake_fd = sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_wake : sv->wake_fd;
	uint64_t one = 1;

	q->serial++;
	q->stop = *s;
	q->access = access;
	q->npaths = npaths;
	for (uint32_t i = 0; i < npaths; i++)
		bytes_copy(q->paths[i], scratch.resolved[i].path, scratch.resolved[i].len + 1);
	__atomic_store_n(&q->state, QUESTION_ASKED, __ATOMIC_RELEASE);
	(void)sys(__NR_write, wake_fd, &one, sizeof one);
	if (wait_for_answer(sv)) {
		*a = q->answer;
		__atomic_store_n(&q->state, QUESTION_NONE, __ATOMIC_RELEASE);
		return;
	}
	supervisor_event(sv, CORDON_EVENT_UNANSWERED, s, err, npaths > 0 ? scratch.resolved[0].path : NULL);
	answer_errno(a, err);
}

/* Carries a policy's decision out, with its event. */
static void decide(struct supervisor *sv, const struct stop *s, uint32_t decision, int32_t err, enum cordon_event_kind kind,
		   const char *path, struct answer *a)
{
	*a = (struct answer){ decision, err };
	if (decision == CORDON_DECISION_ERRNO)
		supervisor_event(sv, kind, s, err, path);
	else if (decision == CORDON_DECISION_KILL)
		supervisor_event(sv, kind, s, -1, path);
}

/* ---- the seccomp policy ---- */

static void judge_truth(struct supervisor *sv, const struct stop *s, struct answer *a)
{
	uint32_t verdict = bpf_run(sv->truth, sv->ntruth, s);
	int32_t err = (int32_t)(verdict & SECCOMP_RET_DATA);

	switch (verdict & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return;
	case SECCOMP_RET_ERRNO:
		if ((sv->flags & CORDON_SUPERVISOR_AUDIT) != 0)
			supervisor_event(sv, CORDON_EVENT_SYSCALL, s, err, NULL);
		answer_errno(a, err);
		return;
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		ask(sv, s, 0, 0, EPERM, a);
		decide(sv, s, a->decision, a->err, CORDON_EVENT_SYSCALL, NULL, a);
		return;
	default:
		decide(sv, s, CORDON_DECISION_KILL, 0, CORDON_EVENT_SYSCALL, NULL, a);
	}
}

/* ---- the path policy ---- */

int judge_open_flags(const struct call *call, const struct stop *s, struct open_how *ret)
{
	uint64_t size = s->args[3];
	char byte;
	int rc;

	*ret = (struct open_how){ 0 };
	if (call->paths[0].flags < 0) {
		*ret = (struct open_how){ .flags = O_CREAT | O_WRONLY | O_TRUNC, .mode = s->args[1] & 07777 };
		return 0;
	}
	if (call->flags_in_memory == 0) {
		ret->flags = s->args[call->paths[0].flags] & 0xffffffff;
		ret->mode = (ret->flags & (O_CREAT | __O_TMPFILE)) != 0 ? s->args[call->paths[0].flags + 1] & 07777 : 0;
		return 0;
	}
	if (size < sizeof *ret)
		return -EINVAL;
	rc = target_read(s->tid, s->args[2], ret, sizeof *ret);
	for (uint64_t at = sizeof *ret; rc == 0 && at < size; at++) {	/* what this version does not know must be zero: as the kernel */
		if (at >= 4096)
			return -E2BIG;
		rc = target_read(s->tid, s->args[2] + at, &byte, 1);
		if (rc == 0 && byte != 0)
			return -E2BIG;
	}
	return rc;
}

static uint32_t open_access(uint64_t flags)
{
	static const uint32_t modes[] = {
		CORDON_ACCESS_READ, CORDON_ACCESS_WRITE, CORDON_ACCESS_READ | CORDON_ACCESS_WRITE, CORDON_ACCESS_READ | CORDON_ACCESS_WRITE,
	};
	uint32_t access;

	if ((flags & O_PATH) != 0)
		return CORDON_ACCESS_STAT;
	access = modes[flags & O_ACCMODE] | CORDON_ACCESS_STAT;
	return (flags & (O_CREAT | O_TRUNC | __O_TMPFILE)) != 0 ? access | CORDON_ACCESS_WRITE : access;
}

/* What path i of a call names, by its flags. */
struct named {
	int dirfd;
	bool follow, empty_ok;
	bool by_text;		/* take_text will do */
	uint32_t access;
};

static int name_of(const struct call *call, const struct call_path *p, const struct stop *s, struct named *ret)
{
	uint64_t flags = p->flags >= 0 && call->kind != CALL_OPEN ? s->args[p->flags] : 0;
	struct open_how how;
	int rc;

	*ret = (struct named){
		.dirfd = p->dirfd >= 0 ? (int)s->args[p->dirfd] : AT_FDCWD,
		.follow = p->follow == CALL_FOLLOW || (p->follow == CALL_FOLLOW_UNLESS && (flags & AT_SYMLINK_NOFOLLOW) == 0) ||
			  (p->follow == CALL_FOLLOW_IF && (flags & AT_SYMLINK_FOLLOW) != 0),
		.empty_ok = (flags & AT_EMPTY_PATH) != 0 || p->itself == CALL_ITSELF_EMPTY,
		.access = p->access,
	};
	if (call->kind != CALL_OPEN)
		return 0;
	rc = judge_open_flags(call, s, &how);
	if (rc < 0)
		return rc;
	if ((how.resolve & RESOLVE_IN_ROOT) != 0)	/* gives absolute paths another meaning */
		return -ENOSYS;
	ret->follow = (how.flags & O_NOFOLLOW) == 0 && (how.flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL);
	ret->access = open_access(how.flags);
	return 0;
}

/* NULL in place of a path: the descriptor itself, for calls that know that. */
static bool is_itself(const struct call_path *p, const struct stop *s, const struct named *n)
{
	return s->args[p->path] == 0 && (p->itself == CALL_ITSELF_NULL || (p->itself == CALL_ITSELF_FLAG && n->empty_ok));
}

/* Whether text is absolute and has nothing in it that would have to be taken out. */
static bool is_plain(const char *text, size_t len)
{
	if (text[0] != '/' || text[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] == '/' && (text[i + 1] == '/' || (text[i + 1] == '.' && (text[i + 2] == '/' || text[i + 2] == '\0' ||
											 text[i + 2] == '.'))))
			return false;
	return true;
}

/* An open that the supervisor does itself: if the kernel finds no link on the way, the text is the path; if it finds one, judge_again. */
static bool take_text(const struct supervisor *sv, const struct named *n, int len, struct resolved *r)
{
	if (!is_plain(scratch.text, (size_t)len) || (n->access & ~policy_access(&sv->policy, scratch.text, (size_t)len)) != 0)
		return false;
	bytes_copy(r->path, scratch.text, (size_t)len + 1);
	r->len = (uint32_t)len;
	r->exists = true;
	r->anonymous = r->magic = false;
	r->self = 0;
	return true;
}

/* 0 with *r, 1 where there is nothing to judge, or the errno for the program. */
static int locate(struct supervisor *sv, const struct call_path *p, const struct stop *s, const struct named *n, struct resolved *r)
{
	int proc_fd = sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_proc : sv->proc_fd;
	int len;

	r->len = 0;
	if (is_itself(p, s, n))
		scratch.text[0] = '\0', len = 0;
	else
		len = target_path(s->tid, s->args[p->path], scratch.text);
	if (len < 0)
		return len;
	/* What the program has open already, it may look at. */
	if (len == 0 && (n->access & ~(uint32_t)CORDON_ACCESS_STAT) == 0 && (n->empty_ok || is_itself(p, s, n)))
		return 1;
	if (n->by_text && len > 0 && take_text(sv, n, len, r))
		return 0;
	return resolve(proc_fd, s->tid, n->dirfd, scratch.text, n->follow, n->empty_ok || is_itself(p, s, n), r);
}

/* Whether the program may learn the errno of a path that can't be resolved: not where the policy gives nothing of what it says. */
static bool may_learn(const struct supervisor *sv, const char *text, int err)
{
	size_t len = str_len(text);

	if (err == -EFAULT || err == -ENAMETOOLONG || err == -ESRCH || err == -EBADF || text[0] != '/')
		return true;
	while (len > 1 && text[len - 1] == '/')
		len--;
	return policy_access(&sv->policy, text, len) != 0;
}

static int32_t outside_errno(const struct supervisor *sv)
{
	return sv->outside == CORDON_DECISION_ERRNO ? sv->outside_errno : EACCES;
}

/* Before the program runs there is nothing to end: a place where it was looked for in vain. */
static void outside(struct supervisor *sv, const struct stop *s, uint32_t access, uint32_t npaths, const char *path, struct answer *a)
{
	bool set_up = __atomic_load_n(&sv->executed, __ATOMIC_ACQUIRE) == 0;

	if (sv->outside == CORDON_DECISION_KILL && set_up) {
		answer_errno(a, EACCES);
		return;
	}
	if (sv->outside != CORDON_DECISION_ASK) {
		decide(sv, s, sv->outside, sv->outside_errno, CORDON_EVENT_PATH, path, a);
		return;
	}
	ask(sv, s, access, npaths, outside_errno(sv), a);
	if (refused(a))
		decide(sv, s, a->decision, a->err, CORDON_EVENT_PATH, path, a);
}

/* Renames and links: both names may be written, but what moves must not get out of a rule's hold by it. */
static void judge_move(struct supervisor *sv, const struct call *call, const struct stop *s, struct answer *a)
{
	const struct resolved *from = &scratch.resolved[0], *to = &scratch.resolved[1];
	bool moves = str_starts(call->name, "rename") || str_starts(call->name, "link");
	bool both = str_eq(call->name, "renameat2") && (s->args[4] & RENAME_EXCHANGE_FLAG) != 0;

	if (!moves)
		return;
	if (policy_may_move(&sv->policy, from->path, from->len, to->path, to->len) &&
	    (!both || policy_may_move(&sv->policy, to->path, to->len, from->path, from->len)))
		return;
	outside(sv, s, CORDON_ACCESS_WRITE, 2, from->path, a);
}

static void judge_path(struct supervisor *sv, const struct call *call, uint32_t i, const struct stop *s, bool by_text, struct answer *a)
{
	const struct call_path *p = &call->paths[i];
	struct resolved *r = &scratch.resolved[i];
	struct named n;
	int rc = name_of(call, p, s, &n);

	n.by_text = by_text && call->kind == CALL_OPEN;
	if (rc == 0)
		rc = locate(sv, p, s, &n, r);
	if (rc > 0)
		return;
	if (rc < 0 && rc != -ENOSYS && rc != -EINVAL && rc != -E2BIG && !may_learn(sv, scratch.text, rc)) {
		decide(sv, s, sv->outside == CORDON_DECISION_KILL ? CORDON_DECISION_KILL : CORDON_DECISION_ERRNO, outside_errno(sv),
		       CORDON_EVENT_PATH, scratch.text, a);
	} else if (rc < 0) {
		answer_errno(a, -rc);
	} else if (!r->anonymous && (n.access & ~policy_access(&sv->policy, r->path, r->len)) != 0) {
		outside(sv, s, n.access, i + 1, r->path, a);
	}
}

static void judge_files(struct supervisor *sv, const struct stop *s, bool by_text, struct answer *a, struct resolved **opened)
{
	const struct call *call = call_find(s->nr);

	if (call == NULL)
		return;
	if (call->kind == CALL_REFUSED) {
		decide(sv, s, CORDON_DECISION_ERRNO, EPERM, CORDON_EVENT_PATH, NULL, a);
		return;
	}
	for (uint32_t i = 0; i < ARRAY_LEN(call->paths) && !refused(a); i++)
		if (call->paths[i].access != 0)
			judge_path(sv, call, i, s, by_text, a);
	if (!refused(a) && call->paths[1].access != 0)
		judge_move(sv, call, s, a);
	if (!refused(a) && call->kind == CALL_OPEN && opened != NULL)
		*opened = &scratch.resolved[0];
}

/* ---- rules by number ---- */

static const struct cordon_supervision_call *rule_find(const struct supervisor *sv, long nr, uint32_t *ret_index)
{
	uint32_t low = 0, high = sv->ncalls;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (sv->calls[middle].syscall < nr)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_index = low;
	return low < sv->ncalls && sv->calls[low].syscall == nr ? &sv->calls[low] : NULL;
}

/* What the call names, for a question; nothing where a path can't be resolved. */
static uint32_t gather_paths(struct supervisor *sv, const struct stop *s, uint32_t *ret_access)
{
	const struct call *call = call_find(s->nr);
	uint32_t n = 0;

	for (uint32_t i = 0; call != NULL && i < ARRAY_LEN(call->paths) && call->paths[i].access != 0; i++) {
		struct named named;

		if (name_of(call, &call->paths[i], s, &named) != 0 || locate(sv, &call->paths[i], s, &named, &scratch.resolved[i]) != 0)
			break;
		*ret_access |= named.access;
		n++;
	}
	return n;
}

static void judge_rule(struct supervisor *sv, const struct stop *s, struct answer *a)
{
	uint32_t i;
	const struct cordon_supervision_call *rule = rule_find(sv, s->nr, &i);

	if (rule == NULL || rule->decision == CORDON_DECISION_ALLOW)
		return;
	if (sv->remaining[i] > 0) {
		sv->remaining[i]--;
		return;
	}
	if (rule->decision == CORDON_DECISION_ASK) {
		uint32_t access = 0, npaths = gather_paths(sv, s, &access);

		ask(sv, s, access, npaths, EPERM, a);
		decide(sv, s, a->decision, a->err, CORDON_EVENT_SYSCALL, NULL, a);
	} else {
		decide(sv, s, rule->decision, rule->err, CORDON_EVENT_SYSCALL, NULL, a);
	}
}

static void audit(struct supervisor *sv, const struct stop *s)
{
	switch (s->nr) {
	case __NR_setuid:
	case __NR_setgid:
	case __NR_setreuid:
	case __NR_setregid:
	case __NR_setresuid:
	case __NR_setresgid:
	case __NR_setgroups:
	case __NR_setfsuid:
	case __NR_setfsgid:
	case __NR_capset:
		supervisor_event(sv, CORDON_EVENT_PRIVILEGE, s, 0, NULL);
		break;
	default:
		break;
	}
}

/* ---- signals, in a run without namespaces ---- */

static void judge_signal(struct supervisor *sv, const struct stop *s, struct answer *a)
{
	int32_t pid = (int32_t)s->args[0];
	bool ours;

	switch (s->nr) {
	case __NR_kill:
		ours = pid == 0 || (pid > 0 ? tracee_is_ours(pid) : pid != -1 && tracee_is_ours(-pid));
		break;
	case __NR_tkill:
	case __NR_tgkill:
	case __NR_rt_sigqueueinfo:
	case __NR_rt_tgsigqueueinfo:
	case __NR_pidfd_open:
		ours = pid > 0 && tracee_is_ours(pid);
		break;
	case __NR_pidfd_send_signal:	/* a descriptor that came from elsewhere may mean anybody */
		ours = false;
		break;
	default:
		return;
	}
	if (!ours)
		decide(sv, s, CORDON_DECISION_ERRNO, EPERM, CORDON_EVENT_SYSCALL, NULL, a);
}

/* ---- all of it ---- */

/* Calls of Cordon's own child between its filters and the program. */
static bool is_set_up(long nr)
{
	switch (nr) {
	case __NR_seccomp:
	case __NR_landlock_restrict_self:
	case __NR_rt_sigprocmask:
	case __NR_clock_gettime:
	case __NR_nanosleep:
	case __NR_exit_group:
	case __NR_execve:
	case __NR_execveat:
		return true;
	default:
		return false;
	}
}

void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved **opened)
{
	bool executed = __atomic_load_n(&sv->executed, __ATOMIC_ACQUIRE) != 0;
	bool set_up = !executed && s->tid == sv->main_tid && is_set_up(s->nr);

	*ret = (struct answer){ CORDON_DECISION_ALLOW, 0 };
	if (supervisor_counts(sv) && s->nr >= 0 && s->nr < CORDON_SUPERVISION_COUNTS)
		(executed ? sv->counts : sv->setup_counts)[s->nr]++;
	if (s->arch != NATIVE_ARCH)
		decide(sv, s, CORDON_DECISION_KILL, 0, CORDON_EVENT_SYSCALL, NULL, ret);
	if (!refused(ret) && sv->ntruth > 0 && !set_up)
		judge_truth(sv, s, ret);
	if (!refused(ret) && !set_up)
		judge_rule(sv, s, ret);
	if (!refused(ret) && (sv->flags & CORDON_SUPERVISOR_AUDIT) != 0)
		audit(sv, s);
	if (!refused(ret) && sv->own_tree)
		judge_signal(sv, s, ret);
	if (!refused(ret) && (sv->flags & CORDON_SUPERVISOR_FILES) != 0)
		judge_files(sv, s, opened != NULL, ret, opened);
}

void judge_again(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved **opened)
{
	*ret = (struct answer){ CORDON_DECISION_ALLOW, 0 };
	judge_files(sv, s, false, ret, opened);
}
