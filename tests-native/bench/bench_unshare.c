/* SPDX-License-Identifier: Apache-2.0 */
/* bench_unshare: one-shot runs of the library, compared with their floors.
 *
 * --no-cgroups hides the control groups from the library (in a mount namespace without them). */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/base.h"
#include "bench/ended.h"
#include "bench/floor.h"
#include "bench/measure.h"
#include "sandbox.h"
#include "test.h"

struct shot {
	struct sandbox sandbox;
	const char *argv[2];
};

static void exec_run(struct measured *m)
{
	floor_exec(m->arg);
}

static void floor_run(struct measured *m)
{
	floor_shot_run(m->arg, m->lap_ns);
}

static void cordon_run(struct measured *m)
{
	struct shot *shot = m->arg;
	const struct cordon_result *result;
	struct cordon_error err;
	struct cordon_run *run;
	uint64_t begin = clock_ns(), opened, done;

	shot->sandbox.command.argv = shot->argv;
	if (cordon_run_open(&shot->sandbox.config, &shot->sandbox.command, &run, &err) != 0)
		die_of(&err);
	opened = clock_ns();
	(void)cordon_run_wait(run);
	done = clock_ns();
	result = ended_well(run);
	m->lap_ns[3] = result->setup_time_ns;
	m->lap_ns[4] = result->wall_time_ns;
	cordon_run_free(run);
	m->lap_ns[0] = opened - begin;
	m->lap_ns[1] = done - opened;
	m->lap_ns[2] = clock_ns() - done;
}

static void shot_init(struct shot *shot, const char *program, uint32_t seccomp, uint32_t network, uint32_t stdio)
{
	sandbox_init(&shot->sandbox);
	shot->argv[0] = program;
	shot->sandbox.config.seccomp_kind = seccomp;
	shot->sandbox.config.network = network;
	for (int i = 1; i < 3; i++)
		shot->sandbox.command.stdio[i].kind = stdio;
}

/* Innermost first, as long as there is one. */
static void hide_cgroups(void)
{
	char line[4096], target[1024];
	bool found = true;

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		measure_die("a mount namespace without control groups", errno);
	while (found) {
		FILE *mounts = fopen("/proc/self/mounts", "re");

		found = false;
		while (mounts != NULL && !found && fgets(line, sizeof line, mounts) != NULL)
			if (sscanf(line, "%*s %1023s", target) == 1 &&
			    (strstr(line, " cgroup ") || strstr(line, " cgroup2 ")))
				found = umount2(target, MNT_DETACH) == 0;
		if (mounts != NULL)
			fclose(mounts);
	}
}

#define LAPS { "open", "wait", "free", "(call to exec)", "(exec to end)" }

int main(int argc, char **argv)
{
	static struct floor_shot floor_net, floor_host;
	static struct shot plain_host, plain, filtered, capturing, dynamic;
	static char tiny_path[4096];
	struct measured tiny = { "floor: exec + wait of tiny", "floorExecTiny", .run = exec_run, .arg = tiny_path };
	struct measured bin_true = {
		"floor: exec + wait of /bin/true", "floorExecTrue", .run = exec_run, .arg = (void *)"/bin/true",
	};
	struct measured shot_host = { "floor: one-shot, no network namespace", "floorHostNet", .run = floor_run,
				      .arg = &floor_host, .laps = { "start", "rest" } };
	struct measured shot_net = { "floor: one-shot, all seven namespaces", "floor", .run = floor_run,
				     .arg = &floor_net, .laps = { "start", "rest" } };
	struct measured c_host = { "cordon: host's network, no seccomp", "cordonHostNet", .run = cordon_run,
				   .arg = &plain_host, .laps = LAPS, .floor = &shot_host, .base = &shot_host };
	struct measured c_net = { "cordon: network none, no seccomp", "cordonPlain", .run = cordon_run, .arg = &plain,
				  .laps = LAPS, .floor = &shot_net, .base = &shot_net };
	struct measured c_filter = { "cordon: network none, default seccomp", "cordonSeccomp", .run = cordon_run,
				     .arg = &filtered, .laps = LAPS, .floor = &shot_net, .base = &c_net };
	struct measured c_capture = { "cordon: the same, stdout and stderr captured", "cordonCapture",
				      .run = cordon_run, .arg = &capturing, .laps = LAPS, .floor = &shot_net,
				      .base = &c_filter };
	struct measured c_true = { "cordon: network none, default seccomp, /bin/true", "cordonTrue", .run = cordon_run,
				   .arg = &dynamic, .laps = LAPS, .floor = &shot_net, .base = &c_filter };
	struct measured *const all[] = {
		&tiny, &bin_true, &shot_host, &shot_net, &c_host, &c_net, &c_filter, &c_capture, &c_true,
	};
	struct measure_options options;
	bool cgroups = true;

	measure_options_read(&options, argc, argv);
	for (uint32_t i = 0; i < options.nrest; i++) {
		if (strcmp(options.rest[i], "--no-cgroups") != 0)
			measure_die("an option other than --no-cgroups and those of every benchmark", EINVAL);
		cgroups = false;
	}
	if (geteuid() != 0)
		SKIP("root: the one-shot floor writes id maps for two ids");
	if (!cgroups)
		hide_cgroups();
	(void)setenv("CORDON_TEST_PROGRAMS", measure_programs(), 1);
	(void)snprintf(tiny_path, sizeof tiny_path, "%s/tiny_nolibc", measure_programs());
	shot_init(&plain_host, "/programs/tiny_nolibc", CORDON_SECCOMP_NONE, CORDON_NETWORK_HOST, CORDON_STDIO_NULL);
	shot_init(&plain, "/programs/tiny_nolibc", CORDON_SECCOMP_NONE, CORDON_NETWORK_NONE, CORDON_STDIO_NULL);
	shot_init(&filtered, "/programs/tiny_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_NETWORK_NONE, CORDON_STDIO_NULL);
	shot_init(&capturing, "/programs/tiny_nolibc", CORDON_SECCOMP_DEFAULT, CORDON_NETWORK_NONE,
		  CORDON_STDIO_CAPTURE);
	shot_init(&dynamic, "/bin/true", CORDON_SECCOMP_DEFAULT, CORDON_NETWORK_NONE, CORDON_STDIO_NULL);
	floor_shot_init(&floor_host, plain.sandbox.mounts, plain.sandbox.config.nmounts, "/programs/tiny_nolibc",
			false);
	floor_shot_init(&floor_net, plain.sandbox.mounts, plain.sandbox.config.nmounts, "/programs/tiny_nolibc", true);
	measure_all(&options, cgroups ? "unshare" : "unshare without control groups", all, ARRAY_LEN(all));
	return 0;
}
