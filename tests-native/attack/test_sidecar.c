/* SPDX-License-Identifier: Apache-2.0 */
/* A hostile program in one sidecar of a shared container, against the run in another one and against the inits. What
 * one process may do to another one of its user through files and IPC is by intent (cordon/runner.h); what ends, stops
 * or counts a run is not for a program to touch. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include "support/sandbox.h"

#define NEIGHBOUR "/programs/neighbour"
#define ROUNDS 12
#define NUMBERS 3000 /* that the neighbour tries in a round, by 200 system calls each */
#define KINDS_OF_ENDS 3 /* of a bomb */

/* The neighbour's victim: forks all the time, and notices if a child or it was touched. */
#define VICTIM                                                                                                     \
	"n=0; echo up >/w/up; "                                                                                    \
	"while [ ! -e /w/go ]; do "                                                                                \
	"/bin/true || exit 9; (exit 7); [ $? = 7 ] || exit 8; n=$((n+1)); sleep 0.002; done; "                     \
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

static void make_file(struct pair *p, const char *path)
{
	const struct cordon_file go = { .path = path, .flags = CORDON_FILE_CREATE };
	struct cordon_error error, err;
	int fd = -1;

	MUST(cordon_container_open_files(p->bad, &go, 1, &fd, &error, &err), &err);
	if (fd >= 0)
		close(fd);
}

static void wait_for_file(struct pair *p, const char *path)
{
	const struct cordon_file file = { .path = path };
	uint64_t end = now_ns() + 10 * SEC;
	struct cordon_error error, err;
	int fd = -1;

	while (fd < 0 && now_ns() < end)
		MUST(cordon_container_open_files(p->k.c, &file, 1, &fd, &error, &err), &err);
	CHECK(fd >= 0);
	if (fd >= 0)
		close(fd);
}

/* The victim has run on, to its own end, and both inits are those that there were. */
static void pair_close(struct pair *p)
{
	struct cordon_error err;
	struct outcome o;

	CHECK_EQ(cordon_run_step(p->victim.run), CORDON_RUN_PENDING);
	make_file(p, "/w/go");
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
	for (long left = test_rounds(ROUNDS * NUMBERS); left > 0; left -= NUMBERS) {
		start_in(&p.k, p.bad, ARGV(NEIGHBOUR, "reach"), &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "inits=0 others=some\n"); /* the victim is seen, and no init */
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
	long rounds = test_rounds(100 * ROUNDS) / 100;
	struct outcome o;
	struct pair p;

	if (!pair_open(&p, CORDON_SECCOMP_NONE))
		return;
	for (long i = 0; i < rounds || i < KINDS_OF_ENDS; i++) {
		const struct timespec moment = { 0, i * 12000000 };

		/* They may stop each other for ever. */
		p.k.s.command.limits.wall_time_ns = i % KINDS_OF_ENDS == 0 ? 60 * MS : SEC;
		start_in(&p.k, p.bad, ARGV(NEIGHBOUR, "bomb"), &o);
		if (i % KINDS_OF_ENDS == 1) {
			nanosleep(&moment, NULL);
			cordon_run_cancel(o.run);
		}
		outcome_wait(&o);
		CHECK(o.ran &&
		      (o.result->status == CORDON_STATUS_SIGNALED || o.result->status == CORDON_STATUS_CANCELLED ||
		       o.result->status == CORDON_STATUS_TIME_LIMIT_EXCEEDED));
		outcome_done(&o);
		CHECK_EQ(children_of(p.inits[1]), 0);
	}
	pair_close(&p);
}

/* Each command for a file goes well on the real one, or is refused; nothing is made through a link, and nothing but a
 * regular file comes out. */
static void files_while_a_program_swaps_what_is_on_the_way(void)
{
	uint64_t end;
	long made = 0, refused = 0, opened = 0;
	struct cordon_error error, err;
	struct outcome o;
	struct pair p;

	if (!pair_open(&p, CORDON_SECCOMP_DEFAULT))
		return;
	start_in(&p.k, p.bad, ARGV(NEIGHBOUR, "swap"), &o);
	wait_for_file(&p, "/w/ready");
	end = now_ns() + 2 * SEC;
	for (long i = 0; now_ns() < end; i++) {
		char path[64];
		const struct cordon_file file = { .path = path, .flags = CORDON_FILE_CREATE }, f = { .path = "/w/f" };
		const struct cordon_file link = { .path = path, .text = "text" };
		struct stat st;
		int fd = -1;

		snprintf(path, sizeof path, "/w/d/%ld/a/b", i % 200);
		MUST(cordon_container_open_files(p.k.c, &file, 1, &fd, &error, &err), &err);
		made += fd >= 0;
		refused += fd < 0;
		if (fd >= 0)
			close(fd);
		snprintf(path, sizeof path, "/w/d/l%ld", i);
		MUST(cordon_container_symlink_files(p.k.c, &link, 1, &error, &err), &err);
		MUST(cordon_container_open_files(p.k.c, &f, 1, &fd, &error, &err), &err);
		if (fd >= 0) {
			CHECK(fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
			opened++;
			close(fd);
		}
		if (i % 50 == 49) {
			const struct cordon_file tree = { .path = path, .flags = CORDON_FILE_TREE };

			snprintf(path, sizeof path, "/w/d/%ld", i % 200);
			MUST(cordon_container_delete_files(p.k.c, &tree, 1, &error, &err), &err);
		}
	}
	CHECK(made > 0);
	CHECK(refused > 0);
	CHECK(opened > 0);
	make_file(&p, "/w/stop");
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	start_in(&p.k, p.bad, ARGV("/bin/sh", "-c", "ls -A /tmp/trap; find /w /tmp ! -user 1000; ls -A /tmp"), &o);
	outcome_wait(&o);
	CHECK_OUT(&o, "trap\n");
	outcome_done(&o);
	pair_close(&p);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_program_reaches_nothing_of_another_sidecar),
		SCENARIO(nor_without_a_filter),
		SCENARIO(a_fork_bomb_ends_alone),
		SCENARIO(files_while_a_program_swaps_what_is_on_the_way),
		ROOTLESS_SCENARIO(a_program_reaches_nothing_of_another_sidecar),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
