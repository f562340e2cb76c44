/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "error/error.h"
#include "host/init_process.h"
#include "host/run_end.h"
#include "wire/wire.h"

static void keep_question(struct run_question *q, const struct wire_ask *ask)
{
	q->serial = ask->msg->serial;
	q->question = (struct cordon_question){
		.syscall = ask->msg->syscall, .pid = ask->msg->pid, .ip = ask->msg->ip, .access = ask->msg->access,
		.npaths = ask->msg->npaths,
	};
	memcpy(q->question.args, ask->msg->args, sizeof q->question.args);
	for (uint32_t i = 0; i < ask->msg->npaths; i++) {
		memcpy(q->paths[i], ask->paths[i], strlen(ask->paths[i]) + 1);
		q->question.paths[i] = q->paths[i];
	}
}

void run_ask_take(struct cordon_run *run, const struct socket_msg *msg)
{
	struct wire_ask ask;

	if (!run->supervised || wire_ask_decode(msg->data, msg->size, msg->nfds, &ask) < 0 ||
	    ask.msg->serial <= run->last_serial) {
		run_fail_with(run, EPROTO, CORDON_STEP_PROTOCOL);
		return;
	}
	run->last_serial = ask.msg->serial;
	if (run->cancelled)
		return;
	if (run->questions == NULL && (run->questions = calloc(2, sizeof *run->questions)) == NULL) {
		run_fail_with(run, ENOMEM, CORDON_STEP_MEMORY);
		return;
	}
	if (run->nquestions == 0)
		run->open_question ^= 1;	/* not the slot of the previous one: loop.c tells them apart by
						   address */
	keep_question(&run->questions[run->nquestions == 0 ? run->open_question : run->open_question ^ 1], &ask);
	run->nquestions = run->nquestions == 0 ? 1 : 2;
}

const struct run_question *run_ask_open(const struct cordon_run *run)
{
	return run->stage == RUN_RUNNING && run->nquestions > 0 ? &run->questions[run->open_question] : NULL;
}

static void send_answer(struct cordon_run *run, uint64_t serial, uint32_t decision, int32_t errnum)
{
	struct cordon_msg_answer answer = {
		.head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_ANSWER, CORDON_MSG_QUIET, sizeof answer, 0 },
		.serial = serial,
		.decision = decision,
		.err = errnum,
	};
	struct cordon_error ignored;	/* if init has ended, the socket reports it */

	(void)init_process_send(run->init, &answer, sizeof answer, NULL, 0, &ignored);
}

const struct cordon_question *cordon_run_question(const struct cordon_run *run)
{
	const struct run_question *q = run_ask_open(run);

	return q != NULL ? &q->question : NULL;
}

void cordon_run_answer(struct cordon_run *run, uint32_t decision, int32_t err)
{
	const struct run_question *q = run_ask_open(run);
	uint64_t serial;

	if (q == NULL)
		return;
	serial = q->serial;
	if (--run->nquestions > 0)
		run->open_question ^= 1;
	if (!run_has_room(run)) {	/* init reads between the events of a run, so otherwise the send could block */
		run_fail_with(run, ENOBUFS, CORDON_STEP_PROTOCOL);
		return;
	}
	if (decision == CORDON_DECISION_ALLOW || decision == CORDON_DECISION_KILL)
		send_answer(run, serial, decision, 0);
	else	/* any other value refuses */
		send_answer(run, serial, CORDON_DECISION_ERRNO,
			    decision == CORDON_DECISION_ERRNO && err >= 1 && err <= CORDON_ERRNO_MAX ? err : EPERM);
}
