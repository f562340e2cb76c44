/* SPDX-License-Identifier: Apache-2.0 */
/* The sync point: between set-up and exec the caller has the program's pid, may act on it, and decides whether it
 * runs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include "support/sandbox.h"

static bool same_namespace(pid_t pid, const char *name)
{
	char a[64], b[64], x[64] = "", y[64] = "";

	snprintf(a, sizeof a, "/proc/%d/ns/%s", (int)pid, name);
	snprintf(b, sizeof b, "/proc/self/ns/%s", name);
	if (readlink(a, x, sizeof x - 1) < 0 || readlink(b, y, sizeof y - 1) < 0)
		TEST_FAIL("%s: %s", a, strerror(errno));
	return strcmp(x, y) == 0;
}

static bool synced(struct sandbox *s, struct outcome *o, const char *const *argv)
{
	s->command.sync = 1;
	sandbox_open(s, argv, o);
	return o->run && cordon_run_wait(o->run) == CORDON_RUN_SYNC;
}

static void the_pid_is_alive_and_in_its_namespaces(void)
{
	static const char *const namespaces[] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup" };
	struct sandbox s;
	struct outcome o;
	pid_t pid;

	sandbox_init(&s);
	CHECK(synced(&s, &o, ARGV(SUBJECT, "ids")));
	pid = o.run ? cordon_run_pid(o.run) : 0;
	CHECK(pid > 0 && kill(pid, 0) == 0);
	for (size_t i = 0; pid > 0 && i < LENGTH(namespaces); i++)
		if (same_namespace(pid, namespaces[i]))
			TEST_FAIL("%s namespace is the host's", namespaces[i]);
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK(o.run && cordon_run_pid(o.run) == 0);
	outcome_done(&o);
}

/* The pid is the program's, not a helper's: what is set on it holds for the program. */
static void what_the_caller_sets_holds_for_the_program(void)
{
	struct rlimit r = { 33, 33 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	CHECK(synced(&s, &o, ARGV(SUBJECT, "limits")));
	if (o.run)
		CHECK_EQ(prlimit(cordon_run_pid(o.run), RLIMIT_NOFILE, &r, NULL), 0);
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "nofile", -1), 33);
	outcome_done(&o);
}

static void a_cgroup_of_the_caller_can_be_joined(void)
{
	char own[4096] = "", dir[4300] = "", procs[4400], *text = file_read("/proc/self/cgroup"), pid[16];
	char *line = text ? strstr(text, ":pids:") : NULL;
	struct sandbox s;
	struct outcome o;
	FILE *f;

	if (line)
		(void)sscanf(line, ":pids:%4095s", own);
	free(text);
	snprintf(dir, sizeof dir, "/sys/fs/cgroup/pids%s/cordon-test-%d", own, (int)getpid());
	if (!line || mkdir(dir, 0755) != 0)
		SKIP_SCENARIO("cgroup-v1-pids: cannot make a group to test with");
	sandbox_init(&s);
	CHECK(synced(&s, &o, ARGV("/bin/sh", "-c", "cat /proc/self/cgroup")));
	snprintf(procs, sizeof procs, "%s/cgroup.procs", dir);
	snprintf(pid, sizeof pid, "%d", o.run ? (int)cordon_run_pid(o.run) : 0);
	f = fopen(procs, "we");
	CHECK(f && fputs(pid, f) >= 0 && fclose(f) == 0);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	CHECK_EQ(rmdir(dir), 0);
}

static void the_time_at_the_sync_point_is_not_the_programs(void)
{
	const struct timespec pause = { .tv_nsec = 700000000 };	/* the time itself is under test */
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.wall_time_ns = 500 * MS;
	CHECK(synced(&s, &o, ARGV(SUBJECT, "exit", "0")));
	nanosleep(&pause, NULL);
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK(o.result->wall_time_ns < 500 * MS);
	outcome_done(&o);
}

static void stopping_is_the_error_sync_and_nothing_runs(void)
{
	char dir[] = "/tmp/cordon-test-XXXXXX", file[64];
	struct sandbox s;
	struct outcome o;
	pid_t pid;

	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	sandbox_init(&s);
	sandbox_mount(&s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, dir, "/rw");
	CHECK(synced(&s, &o, ARGV(SUBJECT, "file", "1", "/rw/ran")));
	pid = o.run ? cordon_run_pid(o.run) : 0;
	if (o.run) {
		cordon_run_release(o.run, 0);
		CHECK_EQ(cordon_run_wait(o.run), CORDON_RUN_DONE);
	}
	outcome_wait(&o);
	CHECK(!o.ran && o.rc < 0);
	CHECK_EQ(o.err.step, CORDON_STEP_SYNC);
	CHECK(pid > 0 && kill(pid, 0) == -1 && errno == ESRCH);
	outcome_done(&o);
	snprintf(file, sizeof file, "%s/ran", dir);
	CHECK(access(file, F_OK) != 0);
	unlink(file);
	rmdir(dir);
}

static void killing_it_at_the_sync_point_is_an_error(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	CHECK(synced(&s, &o, ARGV(SUBJECT, "exit", "0")));
	if (o.run) {
		CHECK_EQ(kill(cordon_run_pid(o.run), SIGKILL), 0);
		cordon_run_release(o.run, 1);
	}
	outcome_wait(&o);
	/* It never ran, or its end is told as what it was; never OK, never a limit. */
	CHECK(!o.ran || (o.result->status == CORDON_STATUS_SIGNALED && o.result->signal == SIGKILL));
	outcome_done(&o);
}

static void errors_before_the_sync_point_skip_it(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.work_dir = "/no/such/dir";
	CHECK(!synced(&s, &o, ARGV(SUBJECT, "exit", "0")));
	outcome_wait(&o);
	CHECK_ERROR(&o, CORDON_STEP_WORK_DIR, ENOENT);
	outcome_done(&o);
}

static void exec_errors_follow_the_sync_point(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	CHECK(synced(&s, &o, ARGV("/no/such/program")));
	outcome_wait(&o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, ENOENT);
	outcome_done(&o);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(the_pid_is_alive_and_in_its_namespaces),
		SCENARIO(what_the_caller_sets_holds_for_the_program),
		SCENARIO(a_cgroup_of_the_caller_can_be_joined),
		SCENARIO(the_time_at_the_sync_point_is_not_the_programs),
		SCENARIO(stopping_is_the_error_sync_and_nothing_runs),
		SCENARIO(killing_it_at_the_sync_point_is_an_error),
		SCENARIO(errors_before_the_sync_point_skip_it),
		SCENARIO(exec_errors_follow_the_sync_point),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
