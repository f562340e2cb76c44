/* SPDX-License-Identifier: Apache-2.0 */
/* judge: decides a stopped call.
 *
 * Theory of operation. judge asks one authority after the other; each either settles the answer or leaves it to the
 * next: the seccomp policy (policy_filter), the caller's rules by number, and the purposes for which the call is
 * stopped (calls/calls.h): targets of signals, the path policy (judge_files.c). An authority may ask the host
 * (question.c); if the host allows the call, the next authority is asked. */
#include "supervisor/judge.h"

#include <linux/errno.h>
#include <linux/seccomp.h>
#include "arch/arch.h"
#include "base/base.h"
#include "calls/calls.h"
#include "supervisor/bpf.h"
#include "supervisor/events.h"
#include "supervisor/judge_files.h"
#include "supervisor/question.h"
#include "supervisor/setup.h"
#include "supervisor/tracees.h"

static void count(struct supervisor *sv, const struct stop *s, bool executed)
{
	if (s->nr < 0 || s->nr >= CORDON_SUPERVISION_COUNTS)
		return;
	if (executed)
		sv->counts[s->nr]++;
	else
		sv->setup_counts[s->nr]++;
}

/* ---- The seccomp policy, and the rules by number ---- */

static bool end_for_call(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	supervisor_event(sv, CORDON_EVENT_SYSCALL, s, -1, NULL);
	return answer_settle(ret, CORDON_DECISION_KILL, 0);
}

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
		return answer_refuse(ret, err);
	case SECCOMP_RET_TRACE:
	case SECCOMP_RET_USER_NOTIF:
		return judge_files_ask(sv, s, ret);
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
		return answer_refuse(ret, rule->err);
	case CORDON_DECISION_ASK:
		return judge_files_ask(sv, s, ret);
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
		return answer_refuse(ret, ENOSYS);
	}
	return ours || answer_refuse(ret, EPERM);
}

/* ---- What is counted per user, where there is no user namespace ---- */

enum {
#define CORDON_USER_MAX(name, most, share, least, when) most_##name = most,
#include "cordon/bounds.def"
};

/* Counts what was taken, not what is held: a descriptor that is on its way to another process is nowhere. */
static bool keep_part(struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	bool watch = s->nr == __NR_inotify_add_watch;
	uint32_t *taken = watch ? &sv->watches : &sv->instances;

	if (*taken >= (watch ? (uint32_t)most_inotify_watches : (uint32_t)most_inotify_instances))
		return answer_refuse(ret, watch ? ENOSPC : EMFILE);
	(*taken)++;
	return true;
}

/* ---- The whole ---- */

/* Judges the purposes of the call. CPU, BIRTH and EXEC matter only to sched/supervisor.c. */
static void judge_purposes(struct supervisor *sv, const struct stop *s, struct answer *ret, struct judged *judged)
{
	const struct call *c = call_find(s->nr);
	uint32_t purposes = c != NULL ? c->purposes & calls_purposes(sv->engine, sv->flags, sv->own_tree) : 0;

	if ((purposes & CALL_PRIVILEGE) != 0)
		supervisor_event(sv, CORDON_EVENT_PRIVILEGE, s, 0, NULL);
	if ((purposes & CALL_SIGNAL) != 0 && !keep_signals(s, c, ret))
		return;
	if ((purposes & CALL_USER) != 0 && !keep_part(sv, s, ret))
		return;
	if ((purposes & CALL_FILE) != 0)
		(void)judge_files(sv, s, c, ret, judged);
}

void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct judged *judged)
{
	bool executed = __atomic_load_n(&sv->executed, __ATOMIC_ACQUIRE) != 0;
	bool setup = setup_has_call(sv, s);

	(void)answer_settle(ret, CORDON_DECISION_ALLOW, 0);
	if (judged != NULL)
		judged->call = NULL;
	if (supervisor_counts(sv))
		count(sv, s, executed);
	if (s->arch != arch_audit) {	/* the filters kill these; its numbers mean other calls */
		(void)end_for_call(sv, s, ret);
		return;
	}
	if (!setup && (!obey_policy(sv, s, ret) || !obey_rules(sv, s, ret)))
		return;
	judge_purposes(sv, s, ret, judged);
}
