/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_request.h"

#include <errno.h>
#include "base/base.h"
#include "error/error.h"
#include "host/container.h"
#include "host/init_process.h"
#include "host/run_end.h"
#include "host/run_output.h"
#include "trace/trace.h"

#define SIGNAL_MAX 64

static void wake(struct cordon_run *run)
{
	uint64_t one = 1;

	(void)sys(__NR_write, run->wake_fd, &one, sizeof one);
}

static void cancel(struct cordon_run *run)
{
	if (run->cancelled)
		return;
	TRACE(run->init->pid, "cancel", TRACE_TEXT("by", "caller"));
	run->cancelled = true;
	run->nquestions = 0;
	if (run->stage != RUN_RUNNING) {
		run_fail_with(run, ECANCELED, CORDON_STEP_WAIT);	/* during a copy: this ends the container as
									   well */
		return;
	}
	/* A child at the sync point suspends init; the end of its socket lets both continue. */
	run_close_sync(run);
	run_kill(run);
}

static void send_signals(struct cordon_run *run, uint64_t signals)
{
	struct cordon_msg_signal message = {
		.head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_SIGNAL, CORDON_MSG_QUIET, sizeof message, 0 },
		.signals = signals,
	};
	struct cordon_error ignored;	/* if init has ended, the socket reports it */

	(void)init_process_send(run->init, &message, sizeof message, NULL, 0, &ignored);
}

static void send_pause(struct cordon_run *run, bool pause)
{
	struct cordon_error ignored;

	(void)init_process_command(run->init, pause ? CORDON_MSG_PAUSE : CORDON_MSG_RESUME, CORDON_MSG_QUIET, &ignored);
	if (pause)
		run->paused_at_ns = clock_ns();
	else
		run->paused_ns += clock_ns() - run->paused_at_ns;
	run->paused = pause;
}

void run_request_send(struct cordon_run *run)
{
	bool pause = atomic_load(&run->pause_asked);

	if (run->stage != RUN_RUNNING || run->cancelled || run->sync_fd >= 0)
		return;
	if (atomic_load(&run->signals) == 0 && pause == run->paused)
		return;
	if (!run_has_room(run)) {	/* init reads between the events of a run; now it does not */
		run_fail_with(run, ENOBUFS, CORDON_STEP_PROTOCOL);
		return;
	}
	if (pause != run->paused)
		send_pause(run, pause);
	if (atomic_load(&run->signals) != 0)
		send_signals(run, atomic_exchange(&run->signals, 0));
}

void run_request_take(struct cordon_run *run)
{
	uint64_t count;

	(void)sys(__NR_read, run->wake_fd, &count, sizeof count);
	if (atomic_load(&run->cancel_asked)) {
		cancel(run);
		return;
	}
	if (run->stage == RUN_RUNNING && run->live != NULL && run_output_over(run))
		run_kill(run);
	run_request_send(run);
}

void cordon_run_cancel(struct cordon_run *run)
{
	atomic_store(&run->cancel_asked, true);
	wake(run);
}

int cordon_run_signal(struct cordon_run *run, int signal)
{
	if (signal < 1 || signal > SIGNAL_MAX)
		return -EINVAL;
	(void)atomic_fetch_or(&run->signals, UINT64_C(1) << (signal - 1));
	wake(run);
	return 0;
}

int cordon_run_pause(struct cordon_run *run, int pause, struct cordon_error *err)
{
	if (run->kept != NULL)
		return cordon_container_pause(run->kept, pause, err);
	if (run->without_namespaces)
		return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, "a pause needs namespaces");
	atomic_store(&run->pause_asked, pause != 0);
	wake(run);
	return 0;
}
