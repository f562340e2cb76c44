/* SPDX-License-Identifier: Apache-2.0 */
/* Limits on processes and output; each reason to end a program has its own status, however it arises. (One process
 * each: test_run_limits.c, test_run_status.c. What bombs leave behind: attack/test_bombs.c. Pauses:
 * test_container_pause.c.) */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include "support/sandbox.h"

#define BURN "/programs/burn"
#define EAT "/programs/eat"

static bool has_layer(const struct outcome *o, enum cordon_layer layer)
{
	return o->ran && (o->result->layers & CORDON_LAYER_BIT(layer)) != 0;
}

/* ---- processes ---- */

static void process_limit(const char *verb, uint32_t use_cgroup)
{
	struct sandbox s;
	struct outcome o;
	long made;

	sandbox_init(&s);
	s.config.use_cgroup = use_cgroup;
	s.command.limits.processes = 20;
	sandbox_run(&s, ARGV(BURN, verb, "1", "60"), &o);
	CHECK(o.ran);
	made = text_number(o.out, "made", -1);
	if (made < 16 || made > 20 || text_number(o.out, "errno", -1) != EAGAIN)
		TEST_FAIL("%s: %ld made at a limit of 20, errno %ld", verb, made, text_number(o.out, "errno", -1));
	outcome_done(&o);
}

static void threads_are_processes(void)
{
	process_limit("many_threads", CORDON_CGROUP_AUTO);
}

static void threads_are_processes_without_groups(void)
{
	process_limit("many_threads", CORDON_CGROUP_OFF);
}

static void processes_and_their_threads_count_together(void)
{
	process_limit("many_of_both", CORDON_CGROUP_AUTO);
}

/* From the wall-clock limit on: every process of it has to be killed and reaped. */
static void fork_bomb(uint32_t use_cgroup)
{
	struct sandbox s;
	struct outcome o;
	uint64_t start;

	sandbox_init(&s);
	s.config.use_cgroup = use_cgroup;
	s.command.limits.processes = 200;
	s.command.limits.wall_time_ns = 1 * SEC;
	s.command.limits.cpu_time_ns = 60 * SEC;
	start = now_ns();
	sandbox_run(&s, ARGV(BURN, "bomb", "20000"), &o);
	start = now_ns() - start;
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	fprintf(stderr, "     bomb: %.0f ms after exec, all in all %.0f ms\n", (double)o.result->wall_time_ns / 1e6,
		(double)start / 1e6);
	CHECK(o.result->wall_time_ns < 2 * SEC);
	CHECK(start < o.result->wall_time_ns + o.result->setup_time_ns + 1 * SEC);
	outcome_done(&o);
}

static void a_fork_bomb_is_cleaned_up_within_a_second(void)
{
	fork_bomb(CORDON_CGROUP_AUTO);
}

static void a_fork_bomb_without_groups_is_cleaned_up_within_a_second(void)
{
	fork_bomb(CORDON_CGROUP_OFF);
}

/* ---- output ---- */

static int null_fd(void)
{
	return open("/dev/null", O_WRONLY | O_CLOEXEC);
}

/* Forwarded output is read by Cordon, so the limit holds as for captured output; nothing beyond it comes through. */
static void forwarded_output_is_limited(void)
{
	struct sandbox s;
	struct outcome o;
	int fd = null_fd();

	for (int i = 1; i < 3; i++) {
		sandbox_init(&s);
		s.command.limits.output_bytes = 100000;
		s.command.stdio[i].kind = CORDON_STDIO_FORWARD;
		s.command.stdio[i].fd = fd;
		sandbox_run(&s, ARGV(SUBJECT, "flood", i == 1 ? "1" : "2", "1000000000"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
			     i == 1 ? CORDON_CAUSE_STDOUT : CORDON_CAUSE_STDERR);
		outcome_done(&o);
	}
	close(fd);
}

/* The host writes the file, and the limit is the one of the stream: decision 031. */
static void output_to_a_file_is_limited(void)
{
	char path[] = "/tmp/cordon-test-XXXXXX";
	struct sandbox s;
	struct outcome o;
	int fd = mkstemp(path);

	CHECK(fd >= 0);
	for (int i = 1; i < 3; i++) {
		sandbox_init(&s);
		s.command.limits.output_bytes = 100000;
		s.command.stdio[i].kind = CORDON_STDIO_FILE;
		s.command.stdio[i].path = path;
		sandbox_run(&s, ARGV(SUBJECT, "flood", i == 1 ? "1" : "2", "1000000000"), &o);
		CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED,
			     i == 1 ? CORDON_CAUSE_STDOUT : CORDON_CAUSE_STDERR);
		CHECK_EQ(lseek(fd, 0, SEEK_END), 100000);
		outcome_done(&o);
	}
	close(fd);
	unlink(path);
}

static void each_stream_has_a_limit_of_its_own(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.output_bytes = 100000;
	sandbox_run(
		&s,
		ARGV("/bin/sh", "-c",
		     "/programs/subject flood 1 100000 && /programs/subject flood 2 100000 && /programs/subject file "
		     "98304 /w/f"),
		&o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->output[0].total, 100000);
	CHECK_EQ(o.result->output[1].total, 100000);
	outcome_done(&o);
}

/* ---- one status for each reason ---- */

static void cancel_of(const char *const *argv, uint32_t use_cgroup)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.use_cgroup = use_cgroup;
	s.command.sync = 1;
	sandbox_open(&s, argv, &o);
	CHECK(o.run != NULL && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	if (o.run != NULL) {
		cordon_run_release(o.run, 1);
		cordon_run_cancel(o.run);
	}
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	outcome_done(&o);
}

/* Under a CPU limit that it would reach, and with children. */
static void a_cancel_is_no_time_limit(void)
{
	cancel_of(ARGV(BURN, "spin", "10000", "4"), CORDON_CGROUP_AUTO);
	cancel_of(ARGV(BURN, "spin", "10000", "4"), CORDON_CGROUP_OFF);
	cancel_of(ARGV(BURN, "storm", "10000", "2"), CORDON_CGROUP_AUTO);
}

static void reason(const char *script, uint64_t cpu_ns, uint64_t wall_ns, uint32_t status, uint32_t cause)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.cpu_time_ns = cpu_ns;
	s.command.limits.wall_time_ns = wall_ns;
	s.command.limits.memory_bytes = 64 * MIB;
	sandbox_run(&s, ARGV("/bin/sh", "-c", script), &o);
	if (status == CORDON_STATUS_MEMORY_LIMIT_EXCEEDED && o.ran && !has_layer(&o, CORDON_LAYER_CGROUP_MEMORY)) {
		outcome_done(&o);
		SKIP_SCENARIO("cgroup-memory: no memory controller that this process can use");
	}
	CHECK_STATUS(&o, status, cause);
	CHECK(o.ran && (o.result->oom_kills > 0) == (cause == CORDON_CAUSE_OOM));
	outcome_done(&o);
}

/* SIGKILL by the kernel is no limit of ours to guess at: the group's own counter tells. */
static void killed_for_memory_is_no_time_limit(void)
{
	reason("exec /programs/eat mmap 131072", 5 * SEC, 10 * SEC, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED,
	       CORDON_CAUSE_OOM);
}

/* The shell hides the death of its child and exits with 0. */
static void a_grandchild_killed_for_memory_is_not_ok(void)
{
	reason("(/programs/eat mmap 131072; true); true", 5 * SEC, 10 * SEC, CORDON_STATUS_MEMORY_LIMIT_EXCEEDED,
	       CORDON_CAUSE_OOM);
}

static void burning_next_to_memory_is_a_time_limit(void)
{
	reason("/programs/eat mmap 40000 >/dev/null; exec /programs/burn one 10000", 300 * MS, 10 * SEC,
	       CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
}

static void sleeping_is_the_wall_limit(void)
{
	reason("/programs/burn one 100; exec sleep 60", 5 * SEC, 500 * MS, CORDON_STATUS_TIME_LIMIT_EXCEEDED,
	       CORDON_CAUSE_WALL);
}

static void a_kill_from_inside_is_none(void)
{
	reason("/programs/burn one 100; kill -KILL $$", 5 * SEC, 10 * SEC, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(threads_are_processes),
		SCENARIO(threads_are_processes_without_groups),
		SCENARIO(processes_and_their_threads_count_together),
		SCENARIO(a_fork_bomb_is_cleaned_up_within_a_second),
		SCENARIO(a_fork_bomb_without_groups_is_cleaned_up_within_a_second),
		SCENARIO(forwarded_output_is_limited),
		SCENARIO(output_to_a_file_is_limited),
		SCENARIO(each_stream_has_a_limit_of_its_own),
		SCENARIO(a_cancel_is_no_time_limit),
		SCENARIO(killed_for_memory_is_no_time_limit),
		SCENARIO(a_grandchild_killed_for_memory_is_not_ok),
		SCENARIO(burning_next_to_memory_is_a_time_limit),
		SCENARIO(sleeping_is_the_wall_limit),
		SCENARIO(a_kill_from_inside_is_none),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
