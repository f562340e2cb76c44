/* SPDX-License-Identifier: Apache-2.0 */
/* bench_input: what it costs to give a file as standard input, by size: to a program that reads it, in a kept container
 * and in a sandbox of its own, and the same file read without a sandbox. Two builds are compared by their figures for
 * the same --n, taken in turn. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "bench/ended.h"
#include "bench/measure.h"
#include "sandbox.h"
#include "test.h"

#define SIZES 4

static const size_t sizes[SIZES] = { 1024, 64 * 1024, 1024 * 1024, 16 * 1024 * 1024 };

struct reading {
	struct sandbox sandbox;
	struct cordon_container *container;
	char path[64];
	char outside[4096];	/* the program, without a sandbox */
	const char *argv[3];
};

static void finish(struct cordon_run *run)
{
	(void)cordon_run_wait(run);
	(void)ended_well(run);
	cordon_run_free(run);
}

static void in_container(struct measured *m)
{
	struct reading *r = m->arg;
	struct cordon_error err;
	struct cordon_run *run;

	if (cordon_container_run_open(r->container, &r->sandbox.command, 0, &run, &err) != 0)
		die_of(&err);
	finish(run);
}

static void in_own_sandbox(struct measured *m)
{
	struct reading *r = m->arg;
	struct cordon_error err;
	struct cordon_run *run;

	if (cordon_run_open(&r->sandbox.config, &r->sandbox.command, &run, &err) != 0)
		die_of(&err);
	finish(run);
}

static void without_sandbox(struct measured *m)
{
	struct reading *r = m->arg;
	posix_spawn_file_actions_t actions;
	char *const argv[] = { r->outside, (char *)(uintptr_t) "cat", NULL };
	int rc, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, r->path, O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	rc = posix_spawn(&pid, r->outside, &actions, NULL, argv, NULL);
	posix_spawn_file_actions_destroy(&actions);
	if (rc != 0 || waitpid(pid, &status, 0) != pid || status != 0)
		measure_die("cat", rc);
}

static void open_reading(struct reading *r, size_t size)
{
	struct cordon_error err;
	char *data = calloc(1, size);

	(void)snprintf(r->path, sizeof r->path, "/tmp/cordon-bench-%d-%zu", (int)getpid(), size);
	(void)snprintf(r->outside, sizeof r->outside, "%s/subject", measure_programs());
	if (data == NULL || !file_write(r->path, data, size))
		measure_die(r->path, 0);
	free(data);
	sandbox_init(&r->sandbox);
	r->argv[0] = SUBJECT;
	r->argv[1] = "cat";
	r->sandbox.config.use_cgroup = CORDON_CGROUP_OFF;
	r->sandbox.command.argv = r->argv;
	r->sandbox.command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_FILE, .path = r->path };
	for (int i = 1; i < 3; i++)
		r->sandbox.command.stdio[i].kind = CORDON_STDIO_NULL;
	if (cordon_container_open(&r->sandbox.config, &r->container, &err) != 0)
		die_of(&err);
}

int main(int argc, char **argv)
{
	static const char *const names[SIZES] = { "1 KiB", "64 KiB", "1 MiB", "16 MiB" };
	static const char *const keys[3][SIZES] = {
		{ "bare1k", "bare64k", "bare1m", "bare16m" },
		{ "kept1k", "kept64k", "kept1m", "kept16m" },
		{ "own1k", "own64k", "own1m", "own16m" },
	};
	static void (*const ways[3])(struct measured *m) = { without_sandbox, in_container, in_own_sandbox };
	static const char *const places[3] = { "no sandbox", "kept container", "own sandbox" };
	static struct reading readings[SIZES];
	static struct measured all[3 * SIZES];
	static char text[3 * SIZES][64];
	struct measured *list[3 * SIZES];
	struct measure_options options;

	measure_options_read(&options, argc, argv);
	(void)setenv("CORDON_TEST_PROGRAMS", measure_programs(), 1);
	for (size_t i = 0; i < SIZES; i++)
		open_reading(&readings[i], sizes[i]);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		(void)snprintf(text[i], sizeof text[i], "%s: %s", places[i / SIZES], names[i % SIZES]);
		all[i] = (struct measured){
			.name = text[i],
			.key = keys[i / SIZES][i % SIZES],
			.run = ways[i / SIZES],
			.arg = &readings[i % SIZES],
			.floor = i >= SIZES ? &all[i % SIZES] : NULL,
		};
		list[i] = &all[i];
	}
	measure_all(&options, "input", list, ARRAY_LEN(list));
	for (size_t i = 0; i < SIZES; i++) {
		cordon_container_free(readings[i].container);
		unlink(readings[i].path);
	}
	return 0;
}
