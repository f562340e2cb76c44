/* SPDX-License-Identifier: Apache-2.0 */
/* Pausing, cancelling and terminals of a run in a kept container. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include "support/supervised.h"

#define DIRT "/programs/dirt"

static void ready(struct kept *k)
{
	sandbox_init(&k->s);
}

/* The time itself is under test, or something must be seen not to happen. */
static void let_pass(unsigned ms)
{
	const struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&t, NULL);
}

/* Starts argv, whose first output comes when it is at work; it goes to a pipe whose reading end is *ret. */
static void start_and_hear(struct kept *k, const char *const *argv, int *ret, struct outcome *o)
{
	char byte;
	int p[2];

	REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	k->s.command.stdio[1].kind = CORDON_STDIO_FD;
	k->s.command.stdio[1].fd = p[1];
	kept_start(k, argv, 0, o);
	CHECK(o->run != NULL);
	close(p[1]);
	CHECK(o->run && run_until_readable(o->run, p[0]) && read(p[0], &byte, 1) == 1);
	*ret = p[0];
}

/* Whether the group of process p is frozen: by v1's freezer ('1'), by v2's ('2'), or not (0). */
static char frozen(pid_t p)
{
	char path[700], *groups, *line, *rest, *text, version = 0;
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	snprintf(path, sizeof path, "/proc/%d/cgroup", (int)p);
	groups = file_read(path);
	for (line = groups ? strtok_r(groups, "\n", &rest) : NULL; line && !version;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *freezer = strstr(line, ":freezer:");

		for (size_t i = 0; i < LENGTH(mounts) && !version; i++) {
			if (freezer)
				snprintf(path, sizeof path, "/sys/fs/cgroup/freezer%s/freezer.state", freezer + 9);
			else if (strncmp(line, "0::", 3) == 0)
				snprintf(path, sizeof path, "%s%s/cgroup.events", mounts[i], line + 3);
			else
				break;
			text = file_read(path);
			if (text && strstr(text, freezer ? "FROZEN" : "frozen 1"))
				version = freezer ? '1' : '2';
			free(text);
		}
	}
	free(groups);
	return version;
}

struct below {
	pid_t first;
	int processes, stopped;
	long ticks; /* of CPU time */
};

struct process {
	pid_t pid, parent;
	char state;
	long ticks;
};

/* False where it is gone. */
static bool look_at(pid_t pid, struct process *ret)
{
	char path[64], *stat, *at;
	long user, system;
	bool found;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	stat = file_read(path);
	at = stat ? strrchr(stat, ')') : NULL;
	found = at && sscanf(at + 1, " %c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &ret->state, &ret->parent,
			     &user, &system) == 4;
	free(stat);
	ret->pid = pid;
	ret->ticks = found ? user + system : 0;
	return found;
}

/* All that there are, as the listing has them. */
static size_t look_at_all(struct process *ret, size_t max)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	size_t n = 0;

	REQUIRE(d != NULL);
	while (n < max && (e = readdir(d)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
			n += look_at((pid_t)atoi(e->d_name), &ret[n]);
	closedir(d);
	REQUIRE(n < max);
	return n;
}

/* Every process of the container whose init is pid. Their numbers say nothing: other tests start processes, too. */
static struct below look_below(pid_t pid)
{
	static struct process all[32768];
	static pid_t found[256];
	struct below below = { 0 };
	size_t n = look_at_all(all, LENGTH(all)), nfound = 1;

	found[0] = pid;
	for (size_t f = 0; f < nfound; f++)
		for (size_t i = 0; i < n && nfound < LENGTH(found); i++) {
			if (all[i].parent != found[f])
				continue;
			found[nfound++] = all[i].pid;
			below.first = found[1];
			below.processes++;
			below.stopped += all[i].state == 'T' || frozen(all[i].pid);
			below.ticks += all[i].ticks;
		}
	return below;
}

static long ticks_below(pid_t pid)
{
	return look_below(pid).ticks;
}

static void pause_now(struct kept *k, int pause)
{
	struct cordon_error err;

	MUST(cordon_container_pause(k->c, pause, &err), &err);
}

/* Until init has done what it was told: each process of the run is stopped. */
static bool stands_still(struct kept *k)
{
	for (uint64_t end = now_ns() + 5 * SEC; now_ns() < end; let_pass(5)) {
		struct below below = look_below(cordon_container_pid(k->c));

		if (below.processes > 0 && below.stopped == below.processes)
			return true;
	}
	return false;
}

/* Burns until there is something on stdin: it does not end before the pause, however late that comes. */
#define BURN_UNTIL_TOLD "exec 3<&0; read x <&3 & echo ready; while kill -0 $! 2>/dev/null; do :; done"

static void a_paused_run_uses_no_cpu_and_its_clock_stands(void)
{
	uint64_t start;
	struct outcome o;
	struct kept k;
	long before;
	int out, in[2];

	REQUIRE(pipe2(in, O_CLOEXEC) == 0);
	ready(&k);
	k.s.command.stdio[0].kind = CORDON_STDIO_FD;
	k.s.command.stdio[0].fd = in[0];
	KEPT_OPEN(&k);
	start = now_ns();
	start_and_hear(&k, ARGV("/bin/sh", "-c", BURN_UNTIL_TOLD), &out, &o);
	let_pass(100);
	pause_now(&k, 1);
	CHECK(stands_still(&k));
	before = ticks_below(cordon_container_pid(k.c));
	let_pass(1000);
	CHECK_EQ(ticks_below(cordon_container_pid(k.c)), before);
	CHECK_EQ(cordon_run_step(o.run), CORDON_RUN_PENDING);
	pause_now(&k, 0);
	CHECK_EQ(write(in[1], "\n", 1), 1);
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK(o.result->wall_time_ns >= 90 * MS && o.result->wall_time_ns + SEC < now_ns() - start);
	outcome_done(&o);
	close(out);
	close(in[0]);
	close(in[1]);
	KEPT_CLOSE(&k);
}
ROOTLESS(a_paused_run_uses_no_cpu_and_its_clock_stands)

static void a_pause_reaches_every_process_of_the_run(void)
{
	struct outcome o;
	struct kept k;
	int out;

	ready(&k);
	k.s.command.limits.cpu_time_ns = 30 * SEC;
	KEPT_OPEN(&k);
	start_and_hear(&k, ARGV(DIRT, "crowd", "1"), &out, &o);
	for (int i = 0; i < 3; i++) {
		pause_now(&k, 1);
		CHECK(stands_still(&k));
		pause_now(&k, 0);
		let_pass(20);
	}
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	close(out);
	KEPT_CLOSE(&k);
}

static void the_limits_hold_after_a_pause(void)
{
	struct outcome o;
	struct kept k;
	int out;

	ready(&k);
	k.s.command.limits.wall_time_ns = 2500 * MS;	/* above twice the idle limit: when it is found at the latest */
	k.s.command.limits.idle_time_ns = SEC;
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		if (i == 1)
			k.s.command.limits.idle_time_ns = CORDON_UNLIMITED;
		start_and_hear(&k, ARGV(SUBJECT, "sleep", "60"), &out, &o);
		pause_now(&k, 1);
		let_pass(2000);
		CHECK_EQ(cordon_run_step(o.run), CORDON_RUN_PENDING);
		pause_now(&k, 0);
		outcome_wait(&o);
		CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, i == 0 ? CORDON_CAUSE_IDLE : CORDON_CAUSE_WALL);
		CHECK(o.result->wall_time_ns < 4 * SEC);	/* on a busy machine, too */
		outcome_done(&o);
		close(out);
	}
	KEPT_CLOSE(&k);
}

/* Behind init's limits stands the host's own deadline, which must wait as well. */
static void a_pause_longer_than_the_hosts_deadline(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	k.s.command.limits.wall_time_ns = 100 * MS;
	k.s.command.sync = 1;
	KEPT_OPEN(&k);
	kept_start(&k, ARGV(SUBJECT, "exit", "0"), 0, &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	pause_now(&k, 1);
	cordon_run_release(o.run, 1);
	for (uint64_t end = now_ns() + 5600 * MS; now_ns() < end && cordon_run_step(o.run) != CORDON_RUN_DONE;)
		let_pass(50);
	pause_now(&k, 0);
	outcome_wait(&o);
	if (!o.ran)
		TEST_FAIL("after 5.6 s of pause: step %s", cordon_step_name(o.err.step));
	outcome_done(&o);
	MUST(cordon_container_ping(k.c, &err), &err);
	KEPT_CLOSE(&k);
}

/* The cancel ends the pause, and with it nothing but the run. */
static void cancelling_after_a_long_pause_leaves_the_container(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	k.s.command.limits.wall_time_ns = SEC;	/* the pause comes before it is over */
	k.s.command.sync = 1;
	KEPT_OPEN(&k);
	kept_start(&k, ARGV(SUBJECT, "sleep", "60"), 0, &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	cordon_run_release(o.run, 1);
	pause_now(&k, 1);
	for (uint64_t end = now_ns() + 6300 * MS; now_ns() < end && cordon_run_step(o.run) != CORDON_RUN_DONE;)
		let_pass(50);
	cordon_run_cancel(o.run);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	outcome_done(&o);
	MUST(cordon_container_ping(k.c, &err), &err);
	KEPT_CLOSE(&k);
}

static void pausing_nothing_does_nothing(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 200; i++) {
		pause_now(&k, i % 3 != 0);
		if (i % 20 == 0)
			MUST(cordon_container_ping(k.c, &err), &err);
	}
	/* Not even the run that comes next. */
	kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	pause_now(&k, 1);
	MUST(cordon_container_reset(k.c, &err), &err);
	kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

/* init reads nothing before the program runs, here for as long as the caller likes: what does not fit between must be
 * an error. */
static void pausing_without_end_at_the_sync_point(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;
	int rc = 0;

	ready(&k);
	k.s.command.sync = 1;
	KEPT_OPEN(&k);
	kept_start(&k, ARGV(SUBJECT, "echo", "x"), 0, &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	for (int i = 0; i < 2000; i++)
		pause_now(&k, 0);
	for (int i = 0; i < 2000 && rc == 0; i++)
		rc = cordon_container_pause(k.c, i % 2 == 0, &err);
	CHECK_EQ(rc, -ETIMEDOUT);
	CHECK_EQ(err.step, CORDON_STEP_INIT_TIMEOUT);
	cordon_run_release(o.run, 1);
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "x\n");
	outcome_done(&o);
	MUST(cordon_container_ping(k.c, &err), &err);
	KEPT_CLOSE(&k);
}

static void a_run_that_is_paused_can_be_cancelled(void)
{
	struct outcome o;
	struct kept k;
	int out;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 5; i++) {
		start_and_hear(&k, ARGV(SUBJECT, "sleep", "60"), &out, &o);
		pause_now(&k, 1);
		if (i % 2)
			CHECK(stands_still(&k));
		cordon_run_cancel(o.run);
		outcome_wait(&o);
		CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
		outcome_done(&o);
		close(out);
	}
	k.s.command.stdio[1].kind = CORDON_STDIO_CAPTURE;
	kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

/* Until process pid has become the program. */
static bool executes(pid_t pid)
{
	bool is = false;
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
	for (uint64_t end = now_ns() + 5 * SEC; now_ns() < end && !is; let_pass(1)) {
		char *comm = file_read(path);

		is = comm && strcmp(comm, "subject\n") == 0;
		free(comm);
	}
	return is;
}

/* By a signal from outside, as an administrator does it. */
static void a_run_that_is_paused_can_be_killed_from_the_host(void)
{
	struct outcome o;
	struct kept k;
	char frozen_by;
	pid_t pid;

	ready(&k);
	k.s.command.sync = 1;
	KEPT_OPEN(&k);
	kept_start(&k, ARGV(SUBJECT, "burn", "4000"), 0, &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	pid = cordon_run_pid(o.run);
	cordon_run_release(o.run, 1);
	CHECK(executes(pid));	/* a freezer would stop it before, too */
	pause_now(&k, 1);
	CHECK(stands_still(&k));
	frozen_by = frozen(pid);
	CHECK(pid > 0 && kill(pid, SIGKILL) == 0);
	if (frozen_by == '1')	/* takes no signal before it thaws */
		pause_now(&k, 0);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, SIGKILL);
	outcome_done(&o);
	k.s.command.sync = 0;
	kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

/* Each continues all the others without end. SIGSTOP would never catch them all; a freezer takes no notice. */
static void a_program_cannot_thaw_itself(void)
{
	static const char script[] = "echo ready; for i in 1 2 3; do (while :; do kill -CONT -1; done) & done; "
				     "while :; do kill -CONT -1; done";
	struct outcome o;
	struct kept k;
	long before;
	int out;

	ready(&k);
	k.s.command.limits.cpu_time_ns = 30 * SEC;
	KEPT_OPEN(&k);
	start_and_hear(&k, ARGV("/bin/sh", "-c", script), &out, &o);
	/* Until it has used a CPU, for which it may have to wait. */
	for (int i = 0; i < 100 && ticks_below(cordon_container_pid(k.c)) <= 0; i++)
		let_pass(200);
	pause_now(&k, 1);
	let_pass(200);
	if (frozen(look_below(cordon_container_pid(k.c)).first) == 0 && !stands_still(&k)) {
		cordon_run_cancel(o.run);
		outcome_wait(&o);
		outcome_done(&o);
		close(out);
		KEPT_CLOSE(&k);
		SKIP_SCENARIO("no freezer");
	}
	before = ticks_below(cordon_container_pid(k.c));
	let_pass(500);
	CHECK_EQ(ticks_below(cordon_container_pid(k.c)), before);
	CHECK(before > 0);
	cordon_run_cancel(o.run);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	outcome_done(&o);
	close(out);
	KEPT_CLOSE(&k);
}

/* On v1 a frozen process does not die: the end of the container thaws it. */
static void a_container_can_be_freed_while_its_run_is_paused(void)
{
	struct outcome o;
	struct kept k;
	int out;

	ready(&k);
	KEPT_OPEN(&k);
	start_and_hear(&k, ARGV(SUBJECT, "sleep", "60"), &out, &o);
	pause_now(&k, 1);
	CHECK(stands_still(&k));
	outcome_done(&o);	/* in the middle: that breaks the container */
	close(out);
	KEPT_CLOSE(&k);
	/* And where init dies under it. */
	KEPT_OPEN(&k);
	start_and_hear(&k, ARGV(SUBJECT, "sleep", "60"), &out, &o);
	pause_now(&k, 1);
	CHECK(stands_still(&k));
	CHECK_EQ(kill(cordon_container_pid(k.c), SIGKILL), 0);
	outcome_wait(&o);
	CHECK_EQ(o.err.step, CORDON_STEP_INIT_GONE);
	outcome_done(&o);
	close(out);
	KEPT_CLOSE(&k);
}

/* A stopped call may be frozen while its supervisor decides it: it is decided again, or the answer waits. */
static void a_supervised_run_can_be_paused(uint32_t engine)
{
	static struct supervised v;
	static struct kept k;
	struct cordon_error err;
	struct outcome o;
	char opens[16];
	int pauses = 0;
	long ns;

	snprintf(opens, sizeof opens, "%ld", test_rounds(40000));
	supervised_init(&v, engine);
	supervised_files(&v);
	v.s.command.limits.cpu_time_ns = 60 * SEC;
	k.s = v.s;
	k.s.command.supervisor = &v.supervisor;
	k.s.config.mounts = k.s.mounts;
	MUST(kept_open(&k, &err), &err);
	kept_start(&k, ARGV("/programs/opens", opens, "/programs/opens"), 0, &o);
	CHECK(o.run != NULL);
	for (; o.run && cordon_run_step(o.run) == CORDON_RUN_PENDING; pauses++) {
		pause_now(&k, 1);
		let_pass(5);
		pause_now(&k, 0);
		let_pass(3);
	}
	CHECK(pauses > 3);
	outcome_wait(&o);
	CHECK_OK(&o);
	ns = text_number(o.out, "ns", 0);
	CHECK(ns > 0);
	outcome_done(&o);
	CHECK(kept_close(&k));
}
BOTH_ENGINES(a_supervised_run_can_be_paused)

struct pauser {
	struct cordon_container *c;
	int stop;
};

static void *pause_all_the_time(void *arg)
{
	struct pauser *p = arg;
	struct cordon_error err;

	for (int i = 0; !__atomic_load_n(&p->stop, __ATOMIC_ACQUIRE); i++) {
		if (cordon_container_pause(p->c, i % 2 == 0, &err) != 0)
			return "failed";
		let_pass(1);
	}
	return cordon_container_pause(p->c, 0, &err) == 0 ? NULL : "failed";
}

/* Any thread may pause, at any moment: also while a run starts or ends. */
static void pausing_from_another_thread_at_any_moment(void)
{
	struct outcome o;
	struct pauser p;
	pthread_t thread;
	void *said;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	p = (struct pauser){ k.c, 0 };
	REQUIRE(pthread_create(&thread, NULL, pause_all_the_time, &p) == 0);
	for (long i = test_rounds(200); i > 0; i--) {
		kept_start(&k, i % 2 ? ARGV(SUBJECT, "echo", "x") : ARGV(DIRT, "everything"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	__atomic_store_n(&p.stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, &said);
	CHECK(said == NULL);
	KEPT_CLOSE(&k);
}

/* -- cancelling -- */

static void a_run_can_be_cancelled_at_every_stage(void)
{
	struct cordon_copy_in in = { .name = "in", .data = "x", .data_len = 1 };
	struct cordon_copy_out fetch = { .name = "in", .limit_bytes = 10 };
	struct cordon_error err;
	struct outcome o;
	struct kept k;
	int cancelled = 0;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 60; i++) {
		k.s.command.copy_in = &in;
		k.s.command.copy_out = &fetch;
		k.s.command.ncopy_in = k.s.command.ncopy_out = i % 3 == 2;
		k.s.command.sync = i % 3 == 1;
		kept_start(&k, i % 2 ? ARGV(SUBJECT, "burn", "5") : ARGV(SUBJECT, "exit", "0"), CORDON_RUN_RESET, &o);
		CHECK(o.run != NULL);
		if (i % 3 == 1)
			CHECK_EQ(cordon_run_wait(o.run), CORDON_RUN_SYNC);
		else
			for (int steps = 0; steps < i / 6; steps++) {
				(void)cordon_run_step(o.run);
				let_pass(1);
			}
		cordon_run_cancel(o.run);
		cordon_run_cancel(o.run);
		outcome_wait(&o);
		if (!o.ran)
			TEST_FAIL("round %d: step %s", i, cordon_step_name(o.err.step));
		CHECK(o.result->status == CORDON_STATUS_CANCELLED || o.result->status == CORDON_STATUS_OK);
		cancelled += o.result->status == CORDON_STATUS_CANCELLED;
		cordon_run_cancel(o.run); /* too late, and harmless */
		outcome_done(&o);
		/* In the middle of a copy the container ends with the run; else it goes on. */
		if (cordon_container_ping(k.c, &err) != 0) {
			CHECK(i % 3 == 2);
			KEPT_CLOSE(&k);
			KEPT_OPEN(&k);
		}
		k.s.command.sync = k.s.command.ncopy_in = k.s.command.ncopy_out = 0;
		kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	CHECK(cancelled > 20);
	KEPT_CLOSE(&k);
}
ROOTLESS(a_run_can_be_cancelled_at_every_stage)

static void stopping_at_the_sync_point_leaves_it_usable(void)
{
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 10; i++) {
		k.s.command.sync = 1;
		kept_start(&k, ARGV(SUBJECT, "exit", "0"), 0, &o);
		CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
		if (i % 2)
			CHECK_EQ(kill(cordon_run_pid(o.run), SIGKILL), 0);
		cordon_run_release(o.run, i % 2);
		outcome_wait(&o);
		if (i % 2 == 0)
			CHECK_EQ(o.err.step, CORDON_STEP_SYNC);
		CHECK(!o.ran || o.result->status == CORDON_STATUS_SIGNALED);
		outcome_done(&o);
		k.s.command.sync = 0;
		kept_run(&k, ARGV(SUBJECT, "echo", "x"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* -- terminals -- */

static void open_terminal(int *ret_master, int *ret_slave)
{
	struct termios raw;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	REQUIRE(*ret_master >= 0 && grantpt(*ret_master) == 0 && unlockpt(*ret_master) == 0);
	*ret_slave = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	REQUIRE(*ret_slave >= 0 && tcgetattr(*ret_slave, &raw) == 0);
	raw.c_lflag &= (tcflag_t)~ECHO;
	raw.c_oflag &= (tcflag_t)~OPOST;
	REQUIRE(tcsetattr(*ret_slave, TCSANOW, &raw) == 0);
}

static void use_terminal(struct kept *k, int slave)
{
	k->s.command.terminal = 1;
	for (int i = 0; i < 3; i++) {
		k->s.command.stdio[i].kind = CORDON_STDIO_FD;
		k->s.command.stdio[i].fd = slave;
	}
}

/* What the program said on the terminal, up to a line that starts with last. */
static void hear(int master, const char *last, char *text, size_t size)
{
	struct pollfd p = { .fd = master, .events = POLLIN };
	size_t len = 0;

	text[0] = '\0';
	while (len + 1 < size && !strstr(text, last) && poll(&p, 1, 5000) == 1) {
		ssize_t n = read(master, text + len, size - 1 - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		text[len] = '\0';
	}
}

static void a_terminal_is_the_programs_own(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 99 };
	char text[1024];
	struct outcome o;
	struct kept k;
	int master, slave;

	open_terminal(&master, &slave);
	ready(&k);
	KEPT_OPEN(&k);
	/* Twice: the session of the first run must let go of it. */
	for (int i = 0; i < 2; i++) {
		use_terminal(&k, slave);
		kept_run(&k, ARGV(DIRT, "tty"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		hear(master, "fg=", text, sizeof text);
		CHECK_STR(text, "isatty=111\ndev_tty=1\nsid=1\nfg=1\n");
		REQUIRE(ioctl(master, TIOCSWINSZ, &size) == 0);
		kept_run(&k, ARGV("/bin/sh", "-c", "stty size; ps -o tty= 2> /dev/null | head -0"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		hear(master, "\n", text, sizeof text);
		CHECK_STR(text, "33 99\n");
		/* And without one there is none. */
		sandbox_init(&k.s);
		kept_run(&k, ARGV(DIRT, "tty"), &o);
		CHECK_OK(&o);
		CHECK_EQ(text_number(o.out, "isatty", -1), 0);
		CHECK_EQ(text_number(o.out, "dev_tty", -1), 0);
		CHECK_EQ(text_number(o.out, "sid", -1), 0);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
	/* The terminal belongs to no session now; the caller's own one has not been touched. */
	CHECK(tcgetsid(master) == -1 || tcgetsid(master) == 0);
	close(slave);
	close(master);
}
ROOTLESS(a_terminal_is_the_programs_own)

static void a_control_c_interrupts_the_program(void)
{
	char text[256];
	struct outcome o;
	struct kept k;
	int master, slave;

	open_terminal(&master, &slave);
	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 4; i++) {
		use_terminal(&k, slave);
		kept_start(&k, i % 2 ? ARGV(DIRT, "interrupt") : ARGV(SUBJECT, "sleep", "60"), CORDON_RUN_RESET, &o);
		CHECK(o.run && run_until_readable(o.run, master));
		hear(master, "ready\n", text, sizeof text);
		CHECK_STR(text, "ready\n");
		CHECK_EQ(write(master, "\x03", 1), 1);
		outcome_wait(&o);
		if (i % 2) {
			CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
			CHECK_EQ(o.result->exit_code, 42);
		} else {
			CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
			CHECK_EQ(o.result->signal, SIGINT);
		}
		outcome_done(&o);
		if (i == 3)
			break;
		CHECK_EQ(tcflush(slave, TCIOFLUSH), 0);
	}
	KEPT_CLOSE(&k);
	close(slave);
	close(master);
}
ROOTLESS(a_control_c_interrupts_the_program)

/* A terminal that hangs up in the middle is the program's SIGHUP, and nothing to init. */
static void a_terminal_that_hangs_up(void)
{
	struct cordon_error err;
	char text[256];
	struct outcome o;
	struct kept k;
	int master, slave;

	open_terminal(&master, &slave);
	ready(&k);
	KEPT_OPEN(&k);
	use_terminal(&k, slave);
	kept_start(&k, ARGV(SUBJECT, "sleep", "60"), 0, &o);
	CHECK(o.run && run_until_readable(o.run, master));
	hear(master, "ready\n", text, sizeof text);
	close(slave);
	close(master);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->signal, SIGHUP);
	outcome_done(&o);
	MUST(cordon_container_ping(k.c, &err), &err);
	KEPT_CLOSE(&k);
}

/* As for a run of its own, so for the Unshare runner. */
static void a_terminal_in_a_run_of_its_own(void)
{
	char text[256];
	struct outcome o;
	struct kept k;
	int master, slave;

	open_terminal(&master, &slave);
	ready(&k);
	use_terminal(&k, slave);
	sandbox_run(&k.s, ARGV(DIRT, "tty"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	hear(master, "fg=", text, sizeof text);
	CHECK_STR(text, "isatty=111\ndev_tty=1\nsid=1\nfg=1\n");
	k.s.command.stdio[0].kind = CORDON_STDIO_NULL;
	sandbox_run(&k.s, ARGV(DIRT, "tty"), &o);
	CHECK_ERROR(&o, CORDON_STEP_TERMINAL, ENOTTY);
	outcome_done(&o);
	close(slave);
	close(master);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_paused_run_uses_no_cpu_and_its_clock_stands),
		SCENARIO(a_pause_reaches_every_process_of_the_run),
		SCENARIO(the_limits_hold_after_a_pause),
		SCENARIO(a_pause_longer_than_the_hosts_deadline),
		SCENARIO(pausing_nothing_does_nothing),
		SCENARIO(pausing_without_end_at_the_sync_point),
		SCENARIO(a_run_that_is_paused_can_be_cancelled),
		SCENARIO(cancelling_after_a_long_pause_leaves_the_container),
		BOTH_SCENARIOS(a_supervised_run_can_be_paused),
		SCENARIO(a_program_cannot_thaw_itself),
		SCENARIO(a_container_can_be_freed_while_its_run_is_paused),
		SCENARIO(a_run_that_is_paused_can_be_killed_from_the_host),
		SCENARIO(pausing_from_another_thread_at_any_moment),
		SCENARIO(a_run_can_be_cancelled_at_every_stage),
		SCENARIO(stopping_at_the_sync_point_leaves_it_usable),
		SCENARIO(a_terminal_is_the_programs_own),
		SCENARIO(a_control_c_interrupts_the_program),
		SCENARIO(a_terminal_that_hangs_up),
		SCENARIO(a_terminal_in_a_run_of_its_own),
		ROOTLESS_SCENARIO(a_paused_run_uses_no_cpu_and_its_clock_stands),
		ROOTLESS_SCENARIO(a_run_can_be_cancelled_at_every_stage),
		ROOTLESS_SCENARIO(a_terminal_is_the_programs_own),
		ROOTLESS_SCENARIO(a_control_c_interrupts_the_program),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
