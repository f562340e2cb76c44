/* SPDX-License-Identifier: Apache-2.0 */
/* CORDON_SCHEDULING=off turns off every measure of csrc/sched. A process of this test has a seccomp filter, which the
 * host's thread, cordon-init and the supervisor inherit: it hands the calls that change CPUs, policies and nice values
 * to a thread that counts them by the name of the process, or it ends the process. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include "support/supervised.h"

#define SWITCH "CORDON_SCHEDULING"
#define OPENS "2000"

enum {
	HOST,
	INIT,		/* and the vfork child */
	SUPERVISOR,
	PROCESSES,
};

struct counts {
	unsigned cpus, policy, nice;
};

static struct counts counts[PROCESSES];
static int listener = -1;

/* For calls that change CPUs, a policy or a nice value; the rest is allowed. Returns what seccomp(2) does. */
static int filter_enter(uint32_t action, unsigned flags)
{
	static const int calls[] = {
		SYS_sched_setaffinity, SYS_sched_setscheduler, SYS_sched_setattr, SYS_sched_setparam, SYS_setpriority,
	};
	struct sock_filter code[LENGTH(calls) + 3];
	struct sock_fprog program = { LENGTH(code), code };

	code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < LENGTH(calls); i++)
		code[i + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], LENGTH(calls) - i, 0);
	code[LENGTH(calls) + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[LENGTH(calls) + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, action);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

static struct counts *counts_of(uint32_t pid)
{
	char path[64], *name;
	struct counts *ret;

	snprintf(path, sizeof path, "/proc/%u/comm", pid);
	name = file_read(path);
	REQUIRE(name != NULL);
	ret = &counts[HOST];
	if (strcmp(name, "cordon-init\n") == 0)
		ret = &counts[INIT];
	else if (strcmp(name, "cordon-super\n") == 0)
		ret = &counts[SUPERVISOR];
	free(name);
	return ret;
}

static void *count(void *arg)
{
	(void)arg;
	for (;;) {
		struct seccomp_notif call = { 0 };
		struct seccomp_notif_resp answer = { .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };
		struct counts *c;

		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0) {
			REQUIRE(errno == EINTR || errno == ENOENT);	/* it has ended meanwhile */
			continue;
		}
		c = counts_of(call.pid);
		if (call.data.nr == SYS_sched_setaffinity)
			c->cpus++;
		else if (call.data.nr == SYS_setpriority)
			c->nice++;
		else
			c->policy++;
		answer.id = call.id;
		REQUIRE(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0 || errno == ENOENT);
	}
	return NULL;
}

/* From now on the calls of this thread, and of what it starts, are counted. False where that can't be had. */
static bool count_start(void)
{
	pthread_t thread;

	listener = filter_enter(SECCOMP_RET_USER_NOTIF, SECCOMP_FILTER_FLAG_NEW_LISTENER);
	return listener >= 0 && pthread_create(&thread, NULL, count, NULL) == 0;
}

/* The cordon-init that this thread has started, or -1. */
static pid_t init_pid(void)
{
	char *children = file_read("/proc/thread-self/children"), *at = children;
	pid_t found = -1;

	for (long pid; at != NULL && (pid = strtol(at, &at, 10)) > 0;) {
		char path[64], *name;

		snprintf(path, sizeof path, "/proc/%ld/comm", pid);
		name = file_read(path);
		if (name != NULL && strcmp(name, "cordon-init\n") == 0)
			found = (pid_t)pid;
		free(name);
	}
	free(children);
	return found;
}

/* Short runs, and one that is so long that its limit of CPU time is looked at. policy is what init has in between. */
static void run_kept(int policy, bool own_cpus)
{
	struct cordon_error err;
	cpu_set_t ours, inits;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	REQUIRE(kept_open(&k, &err) == 0);
	for (int i = 0; i < 3; i++) {
		kept_run(&k, ARGV("/bin/true"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	CHECK_EQ(sched_getscheduler(init_pid()), policy);
	kept_run(&k, ARGV("/bin/sh", "-c", "i=0; while [ $i -lt 20000 ]; do i=$((i + 1)); done"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	CHECK_EQ(sched_getscheduler(init_pid()), policy);
	if (own_cpus) {
		REQUIRE(sched_getaffinity(0, sizeof ours, &ours) == 0);
		REQUIRE(sched_getaffinity(init_pid(), sizeof inits, &inits) == 0);
		CHECK(CPU_EQUAL(&ours, &inits));
	}
	CHECK(kept_close(&k));
}

static void supervise(uint32_t engine, struct outcome *ret)
{
	struct supervised v;

	supervised_init(&v, engine);
	supervised_files(&v);
	sandbox_run(&v.s, ARGV("/programs/opens", OPENS, "/programs/opens"), ret);
}

static void run_supervised(uint32_t engine)
{
	struct outcome o;

	supervise(engine, &o);
	CHECK_OK(&o);
	outcome_done(&o);
}

static void run_limited(void)
{
	int own = getpriority(PRIO_PROCESS, 0), level = own < 14 ? own + 5 : 19;
	struct sandbox s;
	struct outcome o;
	char expected[64];

	sandbox_init(&s);
	s.command.limits.nice = (uint64_t)level;
	s.command.cpuset = "0";
	sandbox_run(&s, ARGV("/bin/sh", "-c", "nice; grep Cpus_allowed_list /proc/self/status"), &o);
	CHECK_OK(&o);
	(void)snprintf(expected, sizeof expected, "%d\nCpus_allowed_list:\t0\n", level);
	CHECK_OUT(&o, expected);
	outcome_done(&o);
}

/* ---- Each in a process of its own ---- */

static void counted_on(void)
{
	if (!count_start())
		SKIP_SCENARIO("seccomp listener");
	run_kept(SCHED_BATCH, false);
	CHECK(counts[HOST].cpus > 0);
	CHECK(counts[HOST].policy > 0);	/* whether it may or not */
	CHECK(counts[INIT].cpus > 0);
	CHECK(counts[INIT].policy > 0);
	CHECK_EQ(counts[SUPERVISOR].cpus + counts[SUPERVISOR].policy, 0);
	run_supervised(CORDON_ENGINE_PTRACE);
	CHECK(counts[SUPERVISOR].cpus > 0);
}

static void counted_off(void)
{
	if (!count_start())
		SKIP_SCENARIO("seccomp listener");
	run_kept(SCHED_OTHER, true);
	run_supervised(CORDON_ENGINE_PTRACE);
	for (int i = 0; i < PROCESSES; i++) {
		CHECK_EQ(counts[i].cpus, 0);
		CHECK_EQ(counts[i].policy, 0);
		CHECK_EQ(counts[i].nice, 0);
	}
	run_limited();
	CHECK_EQ(counts[INIT].cpus, 1);
	CHECK_EQ(counts[INIT].nice, 1);
	CHECK_EQ(counts[INIT].policy, 0);
	CHECK_EQ(counts[HOST].cpus + counts[HOST].policy + counts[HOST].nice, 0);
}

/* A second listener can't be had beside that of the engine, so a call ends its process here. */
static void killed_off(void)
{
	REQUIRE(filter_enter(SECCOMP_RET_KILL_PROCESS, 0) == 0);
	run_supervised(CORDON_ENGINE_NOTIFY);
}

static void killed_on(void)
{
	struct outcome o;

	REQUIRE(filter_enter(SECCOMP_RET_KILL_PROCESS, 0) == 0);
	supervise(CORDON_ENGINE_NOTIFY, &o);
	CHECK(!o.ran);	/* there is no supervisor any more */
	outcome_done(&o);
}

static int in_process(const char *scenario, const char *value)
{
	int rc;

	REQUIRE(setenv(SWITCH, value, 1) == 0);
	rc = self_run(scenario, 0);
	REQUIRE(unsetenv(SWITCH) == 0);
	return rc;
}

/* ---- Scenarios ---- */

static void every_measure_is_taken(void)
{
	if (sched_getscheduler(0) != SCHED_OTHER)
		SKIP_SCENARIO("SCHED_OTHER: this test runs under another policy");
	CHECK_EQ(in_process("counted_on", ""), 0);
	CHECK_EQ(in_process("counted_on", "OFF"), 0);	/* no other word than off */
}

static void no_measure_is_taken_when_off(void)
{
	if (sched_getscheduler(0) != SCHED_OTHER)
		SKIP_SCENARIO("SCHED_OTHER: this test runs under another policy");
	CHECK_EQ(in_process("counted_off", "off"), 0);
}

static void notify_makes_no_call_when_off(void)
{
	CHECK_EQ(in_process("killed_off", "off"), 0);
	CHECK_EQ(in_process("killed_on", "on"), 0);
}

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = {
		SCENARIO(every_measure_is_taken),
		SCENARIO(no_measure_is_taken_when_off),
		SCENARIO(notify_makes_no_call_when_off),
		{ "counted_on", counted_on, true },
		{ "counted_off", counted_off, true },
		{ "killed_off", killed_off, true },
		{ "killed_on", killed_on, true },
	};

	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
