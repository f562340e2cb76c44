/* SPDX-License-Identifier: Apache-2.0 */
/* bench_floor: what the kernel alone needs: exec without a sandbox, the parts of a one-shot run, a message and its
 * answer. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "sandbox.h"
#include "test.h"

#define MESSAGE_BYTES 256

static void exec_run(struct measured *m)
{
	floor_exec(m->arg);
}

static void shot_run(struct measured *m)
{
	floor_shot_run(m->arg, m->lap_ns);
}

/* The far end answers until its socket ends. */
static int echo_start(void)
{
	char message[MESSAGE_BYTES];
	int pair[2];
	ssize_t n;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		measure_die("socketpair", errno);
	pid = fork();
	if (pid < 0)
		measure_die("fork", errno);
	if (pid > 0) {
		close(pair[1]);
		return pair[0];
	}
	close(pair[0]);
	while ((n = read(pair[1], message, sizeof message)) > 0)
		if (write(pair[1], message, (size_t)n) != n)
			break;
	_exit(0);
}

static void echo_run(struct measured *m)
{
	const int *fd = m->arg;
	char message[MESSAGE_BYTES] = { 0 };

	if (write(*fd, message, sizeof message) != sizeof message ||
	    read(*fd, message, sizeof message) != sizeof message)
		measure_die("seqpacket", errno);
}

/* Started here, so that it is where its caller is: on one CPU where that one is pinned. */
static void echo_fresh_run(struct measured *m)
{
	static int fd = -1;
	static cpu_set_t placed;
	cpu_set_t now;

	(void)sched_getaffinity(0, sizeof now, &now);
	if (fd < 0 || !CPU_EQUAL(&placed, &now)) {
		if (fd >= 0)
			close(fd);
		fd = echo_start();
		placed = now;
	}
	m->arg = &fd;
	echo_run(m);
}

int main(int argc, char **argv)
{
	static struct sandbox s;
	static struct floor_shot with_net, without_net;
	static char tiny_path[4096];
	struct measured tiny = { "exec + wait: tiny", "execTiny", .run = exec_run, .arg = tiny_path };
	struct measured dynamic = { "exec + wait: /bin/true", "execTrue", .run = exec_run, .arg = (void *)"/bin/true",
				    .base = &tiny };
	struct measured plain = { "one-shot, no network namespace: tiny",
				  "oneShotHostNet",
				  .run = shot_run,
				  .arg = &without_net,
				  .laps = { "start", "rest" },
				  .base = &tiny };
	struct measured net = { "one-shot, all seven namespaces: tiny",
				"oneShot",
				.run = shot_run,
				.arg = &with_net,
				.laps = { "start", "rest" },
				.base = &plain };
	struct measured echo = { "seqpacket round trip, 256 bytes", "seqpacket", .run = echo_fresh_run };
	struct measured *const all[] = { &tiny, &dynamic, &plain, &net, &echo };
	struct measure_options options;

	measure_options_read(&options, argc, argv);
	if (geteuid() != 0)
		SKIP("root: the one-shot floor writes id maps for two ids");
	(void)setenv("CORDON_TEST_PROGRAMS", measure_programs(), 1);
	(void)snprintf(tiny_path, sizeof tiny_path, "%s/tiny_nolibc", measure_programs());
	sandbox_init(&s);
	floor_shot_init(&without_net, s.mounts, s.config.nmounts, "/programs/tiny_nolibc", false);
	floor_shot_init(&with_net, s.mounts, s.config.nmounts, "/programs/tiny_nolibc", true);
	(void)signal(SIGCHLD, SIG_DFL);
	measure_all(&options, "floor", all, ARRAY_LEN(all));
	return 0;
}
