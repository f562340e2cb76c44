/* SPDX-License-Identifier: Apache-2.0 */
/* On v2 a program is born in its group (csrc/cgroup/parent.h): the kernel's trace shows that no process is moved
 * there. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mount.h>
#include "cgroup/cgroup.h"
#include "support/supervised.h"

#define TRACING "/sys/kernel/tracing/"
#define RUNS 10
#define PAUSE_MS 60	/* so long after a move the next one is at its dearest */

static bool tracing_set(const char *file, const char *text)
{
	char path[128];
	int fd;
	bool done;

	snprintf(path, sizeof path, TRACING "%s", file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	if (fd >= 0)
		close(fd);
	return done;
}

/* How many processes have been moved to a group of ours since it was asked last. */
static int moves(void)
{
	char *text = file_read(TRACING "trace"), group[40];
	int n = 0;

	REQUIRE(text != NULL);
	snprintf(group, sizeof group, "/cordon.%d.", (int)getpid());
	for (const char *line = text; (line = strstr(line, "cgroup_attach_task:")) != NULL; line++) {
		const char *end = strchr(line, '\n'), *at = strstr(line, group);

		n += at != NULL && (end == NULL || at < end);
	}
	free(text);
	CHECK(tracing_set("trace", "\n"));
	return n;
}

static uint64_t least_ns(struct kept *k, struct sandbox *s)
{
	uint64_t least = UINT64_MAX;

	for (int i = 0; i < RUNS; i++) {
		struct outcome o;
		uint64_t start;

		usleep(PAUSE_MS * 1000);
		start = now_ns();
		if (k != NULL)
			kept_run(k, ARGV("/programs/tiny_static"), &o);
		else
			sandbox_run(s, ARGV("/programs/tiny_static"), &o);
		start = now_ns() - start;
		least = start < least ? start : least;
		CHECK_OK(&o);
		CHECK_EQ(o.result->cpu_source, CORDON_SOURCE_CGROUP_V2);
		outcome_done(&o);
	}
	return least;
}

/* moved: how many processes of a run are. */
static void check_moved(const char *what, struct kept *k, struct sandbox *s, int moved)
{
	uint64_t ns;

	(void)moves();
	ns = least_ns(k, s);
	fprintf(stderr, "     %s: %.2f ms\n", what, (double)ns / 1e6);
	CHECK_EQ(moves(), RUNS * moved);
}

static void one_shot(void)
{
	struct sandbox s;

	sandbox_init(&s);
	check_moved("one-shot", NULL, &s, 0);
}

static void in_a_container(void)
{
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	check_moved("container", &k, NULL, 0);
	KEPT_CLOSE(&k);
}

static void in_a_container_without_a_filter(void)
{
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	KEPT_OPEN(&k);
	check_moved("container without seccomp", &k, NULL, 0);
	KEPT_CLOSE(&k);
}

/* The program starts its supervisor, which has another group, so that both are moved. */
static void a_supervised_program_is_moved(void)
{
	struct supervised v;

	supervised_init(&v, CORDON_ENGINE_NOTIFY);
	supervised_files(&v);
	check_moved("supervised", NULL, &v.s, 2);
}

static bool tracing_begin(void)
{
	mounts_of_our_own();
	(void)mount("tracefs", TRACING, "tracefs", 0, NULL);	/* where it is not there yet */
	return tracing_set("events/cgroup/cgroup_attach_task/enable", "1");
}

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = {
		SCENARIO(one_shot),
		SCENARIO(in_a_container),
		SCENARIO(in_a_container_without_a_filter),
		SCENARIO(a_supervised_program_is_moved),
	};
	struct cordon_controller memory;
	int status;

	cgroup_controller_find(CGROUP_MEMORY, &memory);
	if (!memory.usable || memory.version != CORDON_CGROUP_V2)
		SKIP("control groups of version 2");
	if (geteuid() != 0 || !tracing_begin())
		SKIP("the kernel's tracing");
	status = scenario_main(argc, argv, scenarios, LENGTH(scenarios));
	(void)tracing_set("events/cgroup/cgroup_attach_task/enable", "0");
	return status;
}
