/* SPDX-License-Identifier: Apache-2.0 */
/* A run with an init that is this process, at the other end of its socket: questions and answers, the tail of FINISHED,
 * the reset after it, and what a hostile init may send. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/base.h"
#include "host/run_state.h"
#include "socket/socket.h"
#include "test.h"

#define EXECVE_ID 7

static _Alignas(8) unsigned char message[CORDON_MSG_INLINE_MAX];

/* As cordon_run_open leaves it when the EXECVE is sent. *ret_far = init's end. */
static struct cordon_run *run_new(int *ret_far)
{
	struct cordon_run *run = calloc(1, sizeof *run);
	int pair[2];

	REQUIRE(run != NULL && socket_pair(pair) == 0);
	run->epoll_fd = run->sync_fd = run->sync_far = -1;
	for (uint32_t i = 0; i < RUN_SOURCES; i++)
		run->watches[i].fd = -1;
	run->init = &run->own_init;
	init_process_init(&run->own_init);
	run->own_init.socket = pair[0];
	run->own_init.pid = getpid();
	for (uint32_t i = 0; i < ARRAY_LEN(run->streams); i++)
		stream_init(&run->streams[i]);
	run->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	run->watches[RUN_SOURCE_WAKE] = (struct pollfd){ run->wake_fd, POLLIN, 0 };
	run->watches[RUN_SOURCE_SOCKET] = (struct pollfd){ pair[0], POLLIN, 0 };
	run->limits = (struct cordon_limits){
		.cpu_time_ns = CORDON_UNLIMITED, .wall_time_ns = CORDON_UNLIMITED, .memory_bytes = CORDON_UNLIMITED,
		.output_bytes = CORDON_UNLIMITED,
	};
	run->expected_id = EXECVE_ID;
	run->deadline_ns = UINT64_MAX;
	run->stage = RUN_RUNNING;
	run->supervised = run->has_path_policy = true;
	run->engine = CORDON_ENGINE_PTRACE;
	run->supervised = true;
	*ret_far = pair[1];
	return run;
}

static void run_end(struct cordon_run *run, int far)
{
	cordon_run_free(run);
	close(far);
}

static void send_built(int far, struct wire_buf *b)
{
	int size = wire_end(b);

	REQUIRE(size > 0);
	((struct cordon_msg *)message)->id = EXECVE_ID;
	REQUIRE(socket_send(far, message, (uint32_t)size, NULL, 0) == 0);
}

static void ask(int far, uint64_t serial, const char *const *paths)
{
	struct cordon_msg_ask *m = (struct cordon_msg_ask *)message;
	struct wire_buf b;

	wire_begin(&b, message, sizeof message, CORDON_MSG_ASK, sizeof *m);
	m->serial = serial;
	m->syscall = (int32_t)serial + 100;
	m->args[5] = serial;
	m->access = paths != NULL ? CORDON_ACCESS_READ : 0;
	m->paths = wire_put_strings(&b, paths, &m->npaths);
	send_built(far, &b);
}

/* nevents with the serial as number; the violation is one of them. */
static void finish(int far, uint32_t kind, uint32_t nevents, int32_t violation, uint64_t layers)
{
	static const uint64_t counts[CORDON_SUPERVISION_COUNTS] = { [9] = 4 };
	struct cordon_msg_finished *m = (struct cordon_msg_finished *)message;
	static struct cordon_event events[CORDON_EVENTS_MAX];
	struct wire_buf b;

	wire_begin(&b, message, sizeof message, CORDON_MSG_FINISHED, sizeof *m);
	for (uint32_t i = 0; i < nevents; i++)
		events[i] = (struct cordon_event){ .kind = kind, .syscall = (int32_t)i + 40, .err = -1 };
	m->exit_code = -1;
	m->signal = SIGKILL;
	m->layers = layers | CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR);	/* which init that obeys always has */
	m->engine = CORDON_ENGINE_PTRACE;
	m->nevents = nevents;
	m->events_total = nevents + 2;
	m->events = wire_put(&b, events, nevents * sizeof *events);
	m->counts = wire_put(&b, counts, sizeof counts);
	m->violation = violation;
	send_built(far, &b);
}

/* What the host has answered; serial 0 = nothing. */
static struct cordon_msg_answer answered(int far)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	struct cordon_msg_answer answer = { .serial = 0 };
	const struct cordon_msg_answer *got;
	struct socket_msg msg;
	const char *field;

	if (socket_recv(far, false, buffer, &msg) < 0)
		return answer;
	CHECK_EQ(((const struct cordon_msg *)msg.data)->type, CORDON_MSG_ANSWER);
	if (wire_answer_decode(msg.data, msg.size, msg.nfds, &got, &field) == 0)
		answer = *got;
	else
		TEST_FAIL("answer: %s", field);
	socket_msg_done(&msg);
	return answer;
}

#define CHECK_ANSWER(far, want_serial, want_decision, want_err)                                                    \
	do {                                                                                                       \
		struct cordon_msg_answer a_ = answered(far);                                                       \
		CHECK_EQ(a_.serial, want_serial);                                                                  \
		CHECK_EQ(a_.decision, want_decision);                                                              \
		CHECK_EQ(a_.err, want_err);                                                                        \
	} while (0)

static void check_failed(struct cordon_run *run, enum cordon_step step)
{
	const struct cordon_result *result;
	struct cordon_error err = { 0 };

	CHECK_EQ(cordon_run_step(run), CORDON_RUN_DONE);
	CHECK(cordon_run_question(run) == NULL);
	CHECK(cordon_run_result(run, &result, &err) < 0);
	CHECK_EQ(err.step, step);
}

static void test_question(void)
{
	static const char *const paths[] = { "/a", "/b c", NULL };
	const struct cordon_question *q;
	struct cordon_run *run;
	int far;

	run = run_new(&far);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_PENDING);
	CHECK(cordon_run_question(run) == NULL);
	cordon_run_answer(run, CORDON_DECISION_ALLOW, 0);	/* to nothing */
	CHECK_ANSWER(far, 0, 0, 0);
	ask(far, 1, paths);
	CHECK_EQ(cordon_run_wait(run), CORDON_RUN_ASK);
	q = cordon_run_question(run);
	REQUIRE(q != NULL && q->npaths == 2);
	CHECK_EQ(q->syscall, 101);
	CHECK_EQ(q->args[5], 1);
	CHECK_STR(q->paths[1], "/b c");
	CHECK_EQ(cordon_run_wait(run), CORDON_RUN_ASK);		/* still */
	CHECK(cordon_run_question(run) == q);
	cordon_run_answer(run, CORDON_DECISION_ALLOW, 5);	/* an errno that ALLOW has no use for */
	CHECK_ANSWER(far, 1, CORDON_DECISION_ALLOW, 0);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_PENDING);
	cordon_run_answer(run, CORDON_DECISION_ALLOW, 0);	/* twice */
	CHECK_ANSWER(far, 0, 0, 0);
	ask(far, 3, NULL);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_ASK);
	CHECK(cordon_run_question(run) != q && cordon_run_question(run)->npaths == 0);
	cordon_run_answer(run, CORDON_DECISION_ERRNO, ENOENT);
	CHECK_ANSWER(far, 3, CORDON_DECISION_ERRNO, ENOENT);
	run_end(run, far);
}

/* What is no answer refuses. */
static void test_bad_answers(void)
{
	const struct {
		uint32_t decision;
		int32_t err;
	} bad[] = { { CORDON_DECISION_ASK, 0 },
		    { 77, 0 },
		    { CORDON_DECISION_ERRNO, 0 },
		    { CORDON_DECISION_ERRNO, 4096 },
		    { CORDON_DECISION_ERRNO, -1 } };
	struct cordon_run *run;
	int far;

	run = run_new(&far);
	for (uint32_t i = 0; i < ARRAY_LEN(bad); i++) {
		ask(far, 2 * i + 1, NULL);
		CHECK_EQ(cordon_run_step(run), CORDON_RUN_ASK);
		cordon_run_answer(run, bad[i].decision, bad[i].err);
		CHECK_ANSWER(far, 2 * i + 1, CORDON_DECISION_ERRNO, EPERM);
	}
	run_end(run, far);
}

/* init gives a question up in time, which a slow caller does not know: its answer goes to the question that it saw. */
static void test_late_answer(void)
{
	struct cordon_run *run;
	int far;

	run = run_new(&far);
	ask(far, 1, NULL);
	ask(far, 3, NULL);
	ask(far, 5, NULL);
	for (int i = 0; i < 4; i++) {
		CHECK_EQ(cordon_run_step(run), CORDON_RUN_ASK);
		/* one at a time: other events come in between */
		CHECK_EQ(run->last_serial, i < 3 ? 2 * i + 1 : 5);
	}
	CHECK_EQ(cordon_run_question(run)->syscall, 101);
	cordon_run_answer(run, CORDON_DECISION_ALLOW, 0);
	CHECK_ANSWER(far, 1, CORDON_DECISION_ALLOW, 0);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_ASK);
	CHECK_EQ(cordon_run_question(run)->syscall, 105);
	cordon_run_answer(run, CORDON_DECISION_KILL, 0);
	CHECK_ANSWER(far, 5, CORDON_DECISION_KILL, 0);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_PENDING);
	run_end(run, far);
}

static void test_hostile_questions(void)
{
	struct cordon_run *run;
	int far;

	run = run_new(&far);
	ask(far, 3, NULL);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_ASK);
	ask(far, 3, NULL);	/* the same again: an answer would not know which */
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	run->supervised = false;
	ask(far, 1, NULL);
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	run->stage = RUN_FETCHING;
	ask(far, 1, NULL);
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	run->expected_id++;
	ask(far, 1, NULL);
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	run->own_init.pid++;		/* a message of another process */
	ask(far, 1, NULL);
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);
}

static void say_long(int far, uint32_t more)
{
	struct wire_buf b;

	wire_begin(&b, message, sizeof message, CORDON_MSG_LONG, sizeof(struct cordon_msg) + more);
	send_built(far, &b);
}

/* init is this process, which is under SCHED_RR for a moment where it may be. */
static void test_long_run(void)
{
	const int ordinary = sched_getscheduler(0);
	const struct sched_param none = { 0 };
	struct cordon_run *run;
	int far;

	run = run_new(&far);
	run->limits.cpu_time_ns = NSEC_PER_SEC;
	say_long(far, 0);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_PENDING);
	CHECK_EQ(sched_getscheduler(0), run->raised ? SCHED_RR | SCHED_RESET_ON_FORK : ordinary);
	CHECK(sched_setscheduler(0, ordinary, &none) == 0 || !run->raised);
	say_long(far, 0);	/* again: a flood, then */
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	say_long(far, 0);	/* without a CPU limit there is nothing to raise init for */
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	run->limits.cpu_time_ns = NSEC_PER_SEC;
	say_long(far, 8);
	check_failed(run, CORDON_STEP_PROTOCOL);
	CHECK_EQ(sched_getscheduler(0), ordinary);
	run_end(run, far);
}

/* An init that asks and never reads: the host neither waits for room nor forgets its deadline. */
static void test_init_that_does_not_read(void)
{
	struct cordon_run *run;
	uint64_t serial = 0;
	int far;

	run = run_new(&far);
	alarm(20);
	while (run->stage != RUN_DONE && serial < 100000) {
		ask(far, ++serial, NULL);
		CHECK_EQ(cordon_run_step(run), CORDON_RUN_ASK);
		cordon_run_answer(run, CORDON_DECISION_ALLOW, 0);
	}
	alarm(0);
	CHECK(serial < 100000);
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);

	run = run_new(&far);
	run->deadline_ns = clock_ns();
	ask(far, 1, NULL);
	check_failed(run, CORDON_STEP_INIT_TIMEOUT);
	run_end(run, far);
}

/* A cancel closes the question: waiting goes on to the end, and what is asked later is not seen. */
static void test_cancel(void)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	const struct cordon_result *result;
	struct cordon_error err;
	struct cordon_run *run;
	struct socket_msg msg;
	int far;

	run = run_new(&far);
	ask(far, 1, NULL);
	CHECK_EQ(cordon_run_wait(run), CORDON_RUN_ASK);
	cordon_run_cancel(run);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_PENDING);
	CHECK(cordon_run_question(run) == NULL);
	REQUIRE(socket_recv(far, false, buffer, &msg) == 0);
	CHECK_EQ(((const struct cordon_msg *)msg.data)->type, CORDON_MSG_KILL);
	socket_msg_done(&msg);
	ask(far, 3, NULL);
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_PENDING);
	finish(far, CORDON_EVENT_SYSCALL, 0, -1, 0);
	CHECK_EQ(cordon_run_wait(run), CORDON_RUN_DONE);
	REQUIRE(cordon_run_result(run, &result, &err) == 0);
	CHECK_EQ(result->signal, SIGKILL);
	run_end(run, far);
}

static const struct cordon_result *result_of(struct cordon_run *run)
{
	const struct cordon_result *result;
	struct cordon_error err;

	REQUIRE(cordon_run_wait(run) == CORDON_RUN_DONE);
	REQUIRE(cordon_run_result(run, &result, &err) == 0);
	return result;
}

static void test_end_with_a_question(void)
{
	const struct cordon_result *result;
	struct cordon_run *run;
	int far;

	run = run_new(&far);
	ask(far, 1, NULL);
	CHECK_EQ(cordon_run_wait(run), CORDON_RUN_ASK);
	finish(far, CORDON_EVENT_PATH, 3, 1, CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY));
	CHECK_EQ(cordon_run_step(run), CORDON_RUN_DONE);
	CHECK(cordon_run_question(run) == NULL);
	cordon_run_answer(run, CORDON_DECISION_ALLOW, 0);
	memset(message, 0xff, sizeof message);	/* what the result says is its own */
	result = result_of(run);
	CHECK_EQ(result->status, CORDON_STATUS_ACCESS_DENIED);
	CHECK_EQ(result->syscall, 41);
	CHECK(result->violation == &result->events[1]);
	CHECK_EQ(result->nevents, 3);
	CHECK_EQ(result->events_total, 5);
	CHECK_EQ(result->events[2].syscall, 42);
	CHECK_EQ(result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	CHECK_EQ(result->engine, CORDON_ENGINE_PTRACE);
	CHECK(result->counts != NULL && result->counts[9] == 4 && result->setup_counts == NULL);
	CHECK_EQ(result->ncounts, CORDON_SUPERVISION_COUNTS);
	run_end(run, far);
}

static void test_statuses(void)
{
	const uint32_t kinds[] = { CORDON_EVENT_SYSCALL, CORDON_EVENT_UNANSWERED, CORDON_EVENT_SUPERVISOR };
	const struct cordon_result *result;
	struct cordon_run *run;
	int far;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		run = run_new(&far);
		finish(far, kinds[i], 1, 0, 0);
		result = result_of(run);
		CHECK_EQ(result->status, CORDON_STATUS_DISALLOWED_SYSCALL);
		CHECK_EQ(result->syscall, 40);
		CHECK_EQ(result->file_policy, CORDON_FILE_POLICY_ADVISORY);
		run_end(run, far);
	}
	run = run_new(&far);	/* events alone end nothing */
	run->has_path_policy = false;
	finish(far, CORDON_EVENT_SYSCALL, 2, -1, 0);
	result = result_of(run);
	CHECK_EQ(result->status, CORDON_STATUS_SIGNALED);
	CHECK(result->violation == NULL && result->syscall == -1 && result->nevents == 2);
	CHECK_EQ(result->file_policy, CORDON_FILE_POLICY_NONE);
	run_end(run, far);
	run = run_new(&far);	/* what the host itself ended the program for comes first */
	run->overflow = CORDON_CAUSE_STDOUT;
	finish(far, CORDON_EVENT_SYSCALL, 1, 0, 0);
	CHECK_EQ(result_of(run)->status, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED);
	run_end(run, far);
	run = run_new(&far);
	finish(far, CORDON_EVENT_SYSCALL, 1, 1, 0);	/* no such event */
	check_failed(run, CORDON_STEP_PROTOCOL);
	run_end(run, far);
}

/* The type of the next message that init has, or 0. */
static uint16_t next_type(int far)
{
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
	struct socket_msg msg;
	uint16_t type;

	if (socket_recv(far, false, buffer, &msg) < 0)
		return 0;
	type = ((const struct cordon_msg *)msg.data)->type;
	socket_msg_done(&msg);
	return type;
}

/* Without namespaces a reset would remove the caller's own IPC objects. */
static void test_reset(void)
{
	for (uint32_t namespaces = CORDON_NAMESPACES_ALL; namespaces <= CORDON_NAMESPACES_NONE; namespaces++) {
		struct cordon_container kept = { .config.namespaces = namespaces, .cpu = -1 };
		struct cordon_run *run;
		int far;

		run = run_new(&far);
		kept.init = run->own_init;
		init_process_init(&run->own_init);
		run->kept = &kept;
		run->init = &kept.init;
		run->flags = CORDON_RUN_RESET;
		finish(far, CORDON_EVENT_SYSCALL, 0, -1, 0);
		CHECK_EQ(cordon_run_wait(run), CORDON_RUN_DONE);
		CHECK_EQ(next_type(far), namespaces == CORDON_NAMESPACES_ALL ? CORDON_MSG_RESET : 0);
		cordon_run_free(run);
		init_process_stop(&kept.init);
		close(far);
	}
}

int main(void)
{
	test_question();
	test_bad_answers();
	test_late_answer();
	test_hostile_questions();
	test_long_run();
	test_init_that_does_not_read();
	test_cancel();
	test_end_with_a_question();
	test_statuses();
	test_reset();
	return TEST_RESULT();
}
