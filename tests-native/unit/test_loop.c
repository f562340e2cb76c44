/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop with runs that consist of an eventfd and a state: many threads that add runs, deadlines, the sync
 * point, questions, closing. */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/base.h"
#include "host/loop.h"
#include "test.h"

#define THREADS 4
#define RUNS 300		/* for each thread */

struct cordon_run {
	int fd;
	atomic_int state;
	uint64_t deadline_ns;	/* 0 = none; then done */
	int steps, returned;
	struct cordon_question questions[2];
	int question;		/* the one that is open in state ASK */
};

int cordon_run_fd(struct cordon_run *run)
{
	return run->fd;
}

int64_t cordon_run_timeout_ns(const struct cordon_run *run)
{
	uint64_t now = clock_ns();

	if (run->deadline_ns == 0)
		return -1;
	return run->deadline_ns <= now ? 0 : (int64_t)(run->deadline_ns - now);
}

enum cordon_run_state cordon_run_step(struct cordon_run *run)
{
	uint64_t count;

	run->steps++;
	if (read(run->fd, &count, sizeof count) < 0 && run->deadline_ns != 0 && run->deadline_ns <= clock_ns())
		return CORDON_RUN_DONE;
	return (enum cordon_run_state)atomic_load(&run->state);
}

const struct cordon_question *cordon_run_question(const struct cordon_run *run)
{
	return &run->questions[run->question];
}

static void run_init(struct cordon_run *run)
{
	memset(run, 0, sizeof *run);
	run->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	REQUIRE(run->fd >= 0);
}

static void run_signal(struct cordon_run *run, enum cordon_run_state state)
{
	uint64_t one = 1;

	atomic_store(&run->state, (int)state);
	REQUIRE(write(run->fd, &one, sizeof one) == sizeof one);
}

static struct loop *loop;
static struct cordon_run runs[THREADS][RUNS];

/* Where no descriptor is watched. */
static struct cordon_run *next(uint64_t idle_ns)
{
	uint64_t token;
	struct cordon_run *run = loop_next(loop, idle_ns, &token);

	CHECK_EQ(token, 0);
	return run;
}

static void *add_runs(void *arg)
{
	struct cordon_run *mine = arg;

	for (int i = 0; i < RUNS; i++) {
		run_init(&mine[i]);
		if (i % 3 == 0)
			run_signal(&mine[i], CORDON_RUN_DONE);	/* done before it is added */
		CHECK_EQ(loop_add(loop, &mine[i]), 0);
		if (i % 3 == 1)
			run_signal(&mine[i], CORDON_RUN_DONE);
	}
	for (int i = 2; i < RUNS; i += 3)
		run_signal(&mine[i], CORDON_RUN_DONE);
	return NULL;
}

static void check_many(void)
{
	pthread_t threads[THREADS];

	for (size_t t = 0; t < THREADS; t++)
		REQUIRE(pthread_create(&threads[t], NULL, add_runs, runs[t]) == 0);
	for (int i = 0; i < THREADS * RUNS; i++) {
		struct cordon_run *run = next(LOOP_NEVER);

		REQUIRE(run);
		CHECK_EQ(++run->returned, 1);
		CHECK_EQ(atomic_load(&run->state), CORDON_RUN_DONE);
	}
	for (size_t t = 0; t < THREADS; t++)
		REQUIRE(pthread_join(threads[t], NULL) == 0);
	for (size_t t = 0; t < THREADS; t++)
		for (size_t i = 0; i < RUNS; i++)
			close(runs[t][i].fd);
}

#define SOON_NS (20 * NSEC_PER_MSEC)

/* Of several deadlines the nearest ends the wait. The next one comes near only after that, by an event: where this
 * thread had no CPU for a while, both would be over, and their order is not defined. */
static void check_deadlines(void)
{
	static const size_t order[] = { 1, 2, 0 };
	struct cordon_run timed[4];
	uint64_t start, far = clock_ns() + 3600 * NSEC_PER_SEC;

	for (size_t i = 0; i < ARRAY_LEN(timed); i++) {
		run_init(&timed[i]);
		if (i < ARRAY_LEN(order))
			timed[i].deadline_ns = far + i * NSEC_PER_SEC;
		REQUIRE(loop_add(loop, &timed[i]) == 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct cordon_run *run = &timed[order[i]];

		start = clock_ns();
		run->deadline_ns = start + SOON_NS;
		run_signal(run, CORDON_RUN_PENDING);
		CHECK(next(LOOP_NEVER) == run);
		CHECK(clock_ns() - start >= SOON_NS);
	}
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		CHECK(timed[i].steps < 12);	/* rounding down would spin */
	run_signal(&timed[3], CORDON_RUN_DONE);
	CHECK(next(LOOP_NEVER) == &timed[3]);
	for (size_t i = 0; i < ARRAY_LEN(timed); i++)
		close(timed[i].fd);
}

static void check_sync(void)
{
	struct cordon_run run, other;

	run_init(&run);
	run_init(&other);
	run_signal(&run, CORDON_RUN_SYNC);
	CHECK_EQ(loop_add(loop, &run), 0);
	CHECK(next(LOOP_NEVER) == &run);
	CHECK_EQ(loop_add(loop, &run), 0);	/* it is still in */
	CHECK_EQ(loop_add(loop, &other), 0);
	run_signal(&other, CORDON_RUN_DONE);
	CHECK(next(LOOP_NEVER) == &other);	/* the sync point is reported once */
	run_signal(&run, CORDON_RUN_DONE);
	CHECK(next(LOOP_NEVER) == &run);
	CHECK_EQ(loop_add(loop, &run), 0);	/* out of the loop: may be added again */
	CHECK(next(LOOP_NEVER) == &run);
	close(run.fd);
	close(other.fd);
}

static void check_ask(void)
{
	struct cordon_run run, other;

	run_init(&run);
	run_init(&other);
	CHECK_EQ(loop_add(loop, &run), 0);
	run_signal(&run, CORDON_RUN_ASK);
	CHECK(next(LOOP_NEVER) == &run);
	CHECK_EQ(loop_add(loop, &other), 0);
	run_signal(&run, CORDON_RUN_ASK);	/* an event of the run, but no new question */
	run_signal(&other, CORDON_RUN_DONE);
	CHECK(next(LOOP_NEVER) == &other);
	run.question = 1;			/* answered, and the next one came at once */
	run_signal(&run, CORDON_RUN_ASK);
	CHECK(next(LOOP_NEVER) == &run);
	run.question = 0;			/* it was there before the answer: no event tells of it */
	CHECK(next(LOOP_NEVER) == &run);
	atomic_store(&run.state, CORDON_RUN_PENDING);	/* answered; later another one in the same place */
	close(other.fd);
	run_init(&other);
	run_signal(&other, CORDON_RUN_DONE);
	CHECK_EQ(loop_add(loop, &other), 0);
	CHECK(next(LOOP_NEVER) == &other);
	close(other.fd);
	run_signal(&run, CORDON_RUN_ASK);
	CHECK(next(LOOP_NEVER) == &run);
	run_signal(&run, CORDON_RUN_DONE);
	CHECK(next(LOOP_NEVER) == &run);
	close(run.fd);
}

/* Idle is a loop without a run, not one whose runs have nothing to say. */
static void check_idle(void)
{
	struct cordon_run run;
	uint64_t start = clock_ns();

	CHECK(next(20 * NSEC_PER_MSEC) == NULL);
	CHECK(clock_ns() - start >= 20 * NSEC_PER_MSEC);
	run_init(&run);
	start = clock_ns();
	run.deadline_ns = start + 60 * NSEC_PER_MSEC;
	CHECK_EQ(loop_add(loop, &run), 0);	/* an idle loop is not a closed one */
	CHECK(next(1) == &run);
	CHECK(clock_ns() - start >= 60 * NSEC_PER_MSEC);
	CHECK(next(1) == NULL);
	close(run.fd);
}

/* A descriptor that is watched is told once for each time, beside runs; one that is not watched any more is not
 * told. */
static void check_watch(void)
{
	struct cordon_run run;
	uint64_t token;
	int ends[2];
	char byte;

	REQUIRE(pipe(ends) == 0);
	run_init(&run);
	CHECK_EQ(loop_add(loop, &run), 0);
	CHECK_EQ(loop_watch(loop, ends[0], POLLIN, LOOP_TOKEN_MAX), 0);
	REQUIRE(write(ends[1], "ab", 2) == 2);
	CHECK(loop_next(loop, LOOP_NEVER, &token) == NULL);
	CHECK_EQ(token, LOOP_TOKEN_MAX);
	run_signal(&run, CORDON_RUN_DONE);	/* the second byte is there before it is asked for */
	CHECK(next(LOOP_NEVER) == &run);
	CHECK_EQ(loop_watch(loop, ends[0], POLLIN, 7), 0);
	CHECK(loop_next(loop, LOOP_NEVER, &token) == NULL);
	CHECK_EQ(token, 7);
	REQUIRE(read(ends[0], &byte, 1) == 1 && read(ends[0], &byte, 1) == 1);
	CHECK_EQ(loop_watch(loop, ends[0], POLLIN, 8), 0);
	loop_unwatch(loop, ends[0]);
	close(ends[1]);
	CHECK(next(1) == NULL);
	close(ends[0]);
	CHECK_EQ(loop_watch(loop, ends[0], POLLIN, 9), -9);	/* EBADF */
	close(run.fd);
}

static void *close_later(void *arg)
{
	usleep(20000);
	loop_close(arg);
	return NULL;
}

static void check_close(void)
{
	struct cordon_run pending, closed = { .fd = -1 };
	pthread_t thread;

	run_init(&pending);
	CHECK_EQ(loop_add(loop, &pending), 0);
	REQUIRE(pthread_create(&thread, NULL, close_later, loop) == 0);
	CHECK(next(LOOP_NEVER) == NULL);
	CHECK(next(LOOP_NEVER) == NULL);
	REQUIRE(pthread_join(thread, NULL) == 0);
	CHECK_EQ(loop_add(loop, &closed), -9);	/* EBADF, which the adding thread must see */
	loop_free(loop);
	loop_free(NULL);
	close(pending.fd);
}

/* 1200 descriptors are more than what a process usually may have open. */
static void need_descriptors(void)
{
	struct rlimit limit;

	REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

int main(void)
{
	need_descriptors();
	struct cordon_error err;

	REQUIRE(loop_open(&loop, &err) == 0);
	check_many();
	check_deadlines();
	check_sync();
	check_ask();
	check_idle();
	check_watch();
	check_close();
	return TEST_RESULT();
}
