/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile program in one sidecar of a shared container, against the run in another one and against the inits. What
 * one process may do to another one of its user through files and IPC is by intent (cordon/runner.h); what ends, stops
 * or counts a run is not for a program to touch. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include "support/sandbox.h"

#define NEIGHBOUR "/programs/neighbour"
#define ROUNDS 12

/* The neighbour's victim: forks all the time, and notices if a child or it was touched. */
#define VICTIM                                                                                                     \
	"n=0; echo up >/w/up; while [ ! -e /w/go ]; do /bin/true || exit 9; (exit 7); [ $? = 7 ] || exit 8; n=$((n+1)); sleep 0.002; done; "     \
	"[ $n -gt 0 ] && nice && echo whole"

struct pair {
	struct kept k;
	struct cordon_container *bad;
	struct outcome victim;
	pid_t inits[2];
};

static void start_in(struct kept *k, struct cordon_container *c, const char *const *argv, struct outcome *o)
{
	struct cordon_container *own = k->c;

	k->c = c;
	kept_start(k, argv, 0, o);
	k->c = own;
}

static bool pair_open(struct pair *p, uint32_t seccomp)
{
	struct cordon_error err;
	struct outcome o;
	char text[512];

	sandbox_init(&p->k.s);
	p->k.s.config.shared = 1;
	p->k.s.config.seccomp_kind = seccomp;
	p->k.s.command.limits.processes = 24;
	p->k.s.command.limits.cpu_time_ns = 60 * SEC;
	p->k.s.command.limits.wall_time_ns = 100 * SEC;
	if (kept_open(&p->k, &err) != 0 || cordon_container_sidecar(p->k.c, &p->bad, &err) != 0) {
		TEST_FAIL("no container: %s", cordon_error_describe(&err, text, sizeof text));
		return false;
	}
	p->inits[0] = cordon_container_pid(p->k.c);
	p->inits[1] = cordon_container_pid(p->bad);
	start_in(&p->k, p->k.c, ARGV("/bin/sh", "-c", VICTIM), &p->victim);
	start_in(&p->k, p->bad, ARGV("/bin/sh", "-c", "while [ ! -s /w/up ]; do sleep 0.01; done"), &o);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	return true;
}

/* The victim has run on, to its own end, and both inits are those that there were. */
static void pair_close(struct pair *p)
{
	struct cordon_file go = { .path = "/w/go", .flags = CORDON_FILE_CREATE };
	struct cordon_error error, err;
	struct outcome o;
	int fd = -1;

	CHECK_EQ(cordon_run_step(p->victim.run), CORDON_RUN_PENDING);
	MUST(cordon_container_open_files(p->bad, &go, 1, &fd, &error, &err), &err);
	close(fd);
	outcome_wait(&p->victim);
	CHECK_OK(&p->victim);
	CHECK_OUT(&p->victim, "0\nwhole\n");
	outcome_done(&p->victim);
	MUST(cordon_container_ping(p->k.c, &err), &err);
	MUST(cordon_container_ping(p->bad, &err), &err);
	CHECK_EQ(cordon_container_pid(p->k.c), p->inits[0]);
	CHECK_EQ(cordon_container_pid(p->bad), p->inits[1]);
	start_in(&p->k, p->bad, ARGV("/bin/sh", "-c", "echo still here"), &o);
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "still here\n");
	outcome_done(&o);
	cordon_container_free(p->bad);
	KEPT_CLOSE(&p->k);
}

static void reach(uint32_t seccomp)
{
	struct outcome o;
	struct pair p;

	if (!pair_open(&p, seccomp))
		return;
	for (int i = 0; i < ROUNDS; i++) {
		start_in(&p.k, p.bad, ARGV(NEIGHBOUR, "reach"), &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "inits=0 others=some\n");	/* the victim is seen, and no init */
		outcome_done(&o);
	}
	pair_close(&p);
}

static void a_program_reaches_nothing_of_another_sidecar(void)
{
	reach(CORDON_SECCOMP_DEFAULT);
}
ROOTLESS(a_program_reaches_nothing_of_another_sidecar)

/* It is the pid namespace that separates them, and not the filter. */
static void nor_without_a_filter(void)
{
	reach(CORDON_SECCOMP_NONE);
}

/* It ends itself, or init ends it, at any moment. */
static void a_fork_bomb_ends_alone(void)
{
	struct outcome o;
	struct pair p;

	if (!pair_open(&p, CORDON_SECCOMP_NONE))
		return;
	for (int i = 0; i < ROUNDS; i++) {
		const struct timespec moment = { 0, (long)i * 12000000 };

		/* They may stop each other for ever. */
		p.k.s.command.limits.wall_time_ns = i % 3 == 0 ? 60 * MS : SEC;
		start_in(&p.k, p.bad, ARGV(NEIGHBOUR, "bomb"), &o);
		if (i % 3 == 1) {
			nanosleep(&moment, NULL);
			cordon_run_cancel(o.run);
		}
		outcome_wait(&o);
		CHECK(o.ran && (o.result->status == CORDON_STATUS_SIGNALED || o.result->status == CORDON_STATUS_CANCELLED ||
				o.result->status == CORDON_STATUS_TIME_LIMIT_EXCEEDED));
		outcome_done(&o);
		CHECK_EQ(children_of(p.inits[1]), 0);
	}
	pair_close(&p);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_program_reaches_nothing_of_another_sidecar),
		SCENARIO(nor_without_a_filter),
		SCENARIO(a_fork_bomb_ends_alone),
		ROOTLESS_SCENARIO(a_program_reaches_nothing_of_another_sidecar),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
