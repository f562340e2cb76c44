/* SPDX-License-Identifier: Apache-2.0 */
/* Many containers at once, each with its own thread, and in each a sequence of programs of all kinds: every status is
 * right, every run finds a fresh container, and nothing is left. CORDON_TEST_THREADS, CORDON_TEST_THREAD_RUNS: how
 * many. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include "support/sandbox.h"

#define DIRT "/programs/dirt"
#define THREADS_MAX 64

struct kind {
	const char *argv[6];
	int status, cause;
	const char *out;
};

static const struct kind kinds[] = {
	{ { SUBJECT, "echo", "x" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "x\n" },
	{ { SUBJECT, "exit", "7" }, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE, "" },
	{ { SUBJECT, "abort" }, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE, "" },
	{ { SUBJECT, "segv", "0" }, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE, "" },
	{ { SUBJECT, "sleep", "60" }, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL, NULL },
	{ { SUBJECT, "daemon" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { DIRT, "serve" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { SUBJECT, "flood", "1", "100000000" }, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_STDOUT, NULL },
	{ { DIRT, "deep", "/w", "500" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "made=500\n" },
	{ { DIRT, "wide", "/tmp", "300" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { DIRT, "names", "/w" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { DIRT, "ipc-make" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "shm=0\nsem=0\nmsg=0\nmq=0\nposix_shm=0\n" },
	{ { DIRT, "everything" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { DIRT, "chmod", "/w", "0" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { DIRT, "ipc-see" },
	  CORDON_STATUS_OK,
	  CORDON_CAUSE_NONE,
	  "shm=2\nsem=2\nmsg=2\nmq=2\nmq_other=2\nposix_shm=2\nobjects=0\n" },
	{ { SUBJECT, "list", "/w" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { SUBJECT, "list", "/tmp" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { SUBJECT, "list", "/dev/shm" }, CORDON_STATUS_OK, CORDON_CAUSE_NONE, "" },
	{ { "/no/such/program" }, CORDON_STATUS_NONE, 0, NULL },
	{ { SUBJECT, "alloc", "200" }, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED, CORDON_CAUSE_OOM, NULL },
};

struct worker {
	struct kept k;
	unsigned number;
	long runs;
	char failed[3000]; /* the first failure: a counter of the test's is one thread's */
};

static bool is_right(const struct kind *kind, const struct outcome *o)
{
	if (kind->status == CORDON_STATUS_NONE)
		return !o->ran && o->err.step == CORDON_STEP_EXECVE;
	if (!o->ran || o->err_touched)
		return false;
	if (kind->cause == CORDON_CAUSE_OOM && o->result->memory_source == CORDON_SOURCE_RUSAGE)
		return o->result->status == CORDON_STATUS_MEMORY_LIMIT_EXCEEDED;
	return o->result->status == (uint32_t)kind->status && o->result->cause == (uint32_t)kind->cause &&
	       (!kind->out || strcmp(o->out, kind->out) == 0);
}

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned seed = w->number + 1;

	for (long i = 0; i < w->runs && !w->failed[0]; i++) {
		const struct kind *kind = &kinds[(unsigned)rand_r(&seed) % LENGTH(kinds)];
		struct cordon_limits *limits = &w->k.s.command.limits;
		struct outcome o;

		limits->wall_time_ns = kind->cause == CORDON_CAUSE_WALL ? 50 * MS : 30 * SEC;
		limits->memory_bytes = kind->cause == CORDON_CAUSE_OOM ? 32 * MIB : 128 * MIB;
		limits->output_bytes = MIB;
		kept_start(&w->k, kind->argv, CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		if (!is_right(kind, &o)) {
			char text[2048];

			snprintf(w->failed, sizeof w->failed, "thread %u run %ld, %s %s: %s", w->number, i,
				 kind->argv[0], kind->argv[1] ? kind->argv[1] : "",
				 outcome_describe(&o, text, sizeof text));
		}
		outcome_done(&o);
	}
	return NULL;
}

static void threads_with_programs_of_all_kinds(void)
{
	static struct worker workers[THREADS_MAX];
	long threads = number_from_env("CORDON_TEST_THREADS", 8), runs = number_from_env("CORDON_TEST_THREAD_RUNS", 60);
	pthread_t ids[THREADS_MAX];

	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	for (long i = 0; i < threads; i++) {
		struct worker *w = &workers[i];

		memset(w, 0, sizeof *w);
		w->number = (unsigned)i;
		w->runs = runs;
		sandbox_init(&w->k.s);
		KEPT_OPEN(&w->k);
	}
	for (long i = 0; i < threads; i++)
		REQUIRE(pthread_create(&ids[i], NULL, work, &workers[i]) == 0);
	for (long i = 0; i < threads; i++) {
		pthread_join(ids[i], NULL);
		if (workers[i].failed[0])
			TEST_FAIL("%s", workers[i].failed);
		CHECK(settles(cordon_container_pid(workers[i].k.c), 64, 0));
		KEPT_CLOSE(&workers[i].k);
	}
}
ROOTLESS(threads_with_programs_of_all_kinds)

static void *open_and_close(void *arg)
{
	struct worker *w = arg;

	for (int i = 0; i < 15 && !w->failed[0]; i++) {
		struct cordon_error err;
		struct outcome o;

		sandbox_init(&w->k.s);
		if (kept_open(&w->k, &err) != 0) {
			snprintf(w->failed, sizeof w->failed, "open: %s", cordon_step_name(err.step));
			break;
		}
		kept_run(&w->k, ARGV(SUBJECT, "echo", "x"), &o);
		if (!is_right(&kinds[0], &o))
			snprintf(w->failed, sizeof w->failed, "run: %s", cordon_step_name(o.err.step));
		outcome_done(&o);
		if (!kept_close(&w->k))
			snprintf(w->failed, sizeof w->failed, "init is still there");
	}
	return NULL;
}

static void containers_are_made_and_freed_by_threads(void)
{
	static struct worker workers[8];
	pthread_t ids[LENGTH(workers)];

	memset(workers, 0, sizeof workers);
	for (size_t i = 0; i < LENGTH(workers); i++)
		REQUIRE(pthread_create(&ids[i], NULL, open_and_close, &workers[i]) == 0);
	for (size_t i = 0; i < LENGTH(workers); i++) {
		pthread_join(ids[i], NULL);
		if (workers[i].failed[0])
			TEST_FAIL("%s", workers[i].failed);
	}
}
ROOTLESS(containers_are_made_and_freed_by_threads)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(threads_with_programs_of_all_kinds),
		SCENARIO(containers_are_made_and_freed_by_threads),
		ROOTLESS_SCENARIO(threads_with_programs_of_all_kinds),
		ROOTLESS_SCENARIO(containers_are_made_and_freed_by_threads),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
