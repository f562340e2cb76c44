/* SPDX-License-Identifier: Apache-2.0 */
/* question: asks the host about a call.
 *
 * Theory of operation. A question is a futex and a serial. The supervisor writes the question, sets state from 0 to 1
 * and wakes init; init sends it to the host, and after the answer sets state to 2. After a time-out the supervisor
 * takes the question back, 1 to 0, and a late answer has no effect. */
#include "supervisor/question.h"

#include <linux/errno.h>
#include <linux/futex.h>
#include <linux/time_types.h>
#include "base/base.h"
#include "supervisor/events.h"

bool answer_settle(struct answer *ret, enum cordon_decision decision, int32_t err)
{
	*ret = (struct answer){ .decision = (uint32_t)decision, .err = err };
	return decision == CORDON_DECISION_ALLOW;
}

bool answer_refuse(struct answer *ret, int32_t err)
{
	return answer_settle(ret, CORDON_DECISION_ERRNO, err);
}

int32_t question_refusal(const struct supervisor *sv)
{
	return sv->outside == CORDON_DECISION_ERRNO && sv->outside_errno > 0 ? sv->outside_errno : EACCES;
}

/* Waits for the answer. False after the time-out; then a late answer has no effect. */
static bool wait_answer(struct supervisor_question *q, uint64_t timeout_ns)
{
	uint64_t until = clock_ns() + timeout_ns, now;
	uint32_t asked = QUESTION_ASKED;

	while (__atomic_load_n(&q->state, __ATOMIC_ACQUIRE) == QUESTION_ASKED && (now = clock_ns()) < until) {
		struct __kernel_timespec left = {
			(int64_t)((until - now) / NSEC_PER_SEC), (int64_t)((until - now) % NSEC_PER_SEC),
		};

		(void)sys(__NR_futex, &q->state, FUTEX_WAIT, QUESTION_ASKED, &left);
	}
	return !__atomic_compare_exchange_n(&q->state, &asked, QUESTION_NONE, false, __ATOMIC_ACQ_REL,
					    __ATOMIC_ACQUIRE);
}

bool question_ask(struct supervisor *sv, const struct stop *s, enum cordon_event_kind kind, struct answer *ret)
{
	struct supervisor_question *q = &sv->question;
	const char *path = q->npaths > 0 ? q->paths[0] : NULL;
	uint64_t one = 1;

	q->stop = *s;
	q->serial = (q->serial | 1) + 2;	/* odd, so never 0, which init reads as "no question yet" */
	__atomic_store_n(&q->state, QUESTION_ASKED, __ATOMIC_RELEASE);
	(void)sys(__NR_write, supervisor_wake_fd(sv), &one, sizeof one);
	if (!wait_answer(q, sv->ask_timeout_ns)) {
		int32_t err = kind == CORDON_EVENT_PATH ? question_refusal(sv) : EPERM;

		supervisor_event(sv, CORDON_EVENT_UNANSWERED, s, err, path);
		return answer_refuse(ret, err);
	}
	*ret = q->answer;
	__atomic_store_n(&q->state, QUESTION_NONE, __ATOMIC_RELEASE);
	if (ret->decision == CORDON_DECISION_ALLOW)
		return answer_settle(ret, CORDON_DECISION_ALLOW, 0);
	if (ret->decision != CORDON_DECISION_ERRNO)
		ret->decision = CORDON_DECISION_KILL;
	supervisor_event(sv, kind, s, ret->decision == CORDON_DECISION_KILL ? -1 : ret->err, path);
	return false;
}

void question_paths(struct supervisor *sv, uint32_t access, const struct resolved *const *paths, uint32_t npaths)
{
	struct supervisor_question *q = &sv->question;

	q->access = access;
	q->npaths = npaths;
	for (uint32_t i = 0; i < npaths; i++)
		bytes_copy(q->paths[i], paths[i]->path, paths[i]->len + 1);
}
