/* SPDX-License-Identifier: Apache-2.0 */
/* test: see test.h. */
#define _GNU_SOURCE
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
const bool test_sanitized = true;
#else
const bool test_sanitized = false;
#endif

int test_failures;

static const char *scenario;

void test_scenario(const char *name)
{
	scenario = name;
}

/* Called by the sanitizers. That there is no memory for a request is tested. */
const char *__asan_default_options(void);
const char *__tsan_default_options(void);
const char *__tsan_default_suppressions(void);

const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

/* An entry comes to loop_next from epoll_wait(2) after epoll_ctl(2) of the thread that made it: the kernel orders the
 * two, and ThreadSanitizer does not see system calls that are not libc's. */
const char *__tsan_default_suppressions(void)
{
	return "race_top:loop_next\n";
}

void test_find_programs(void)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 16);

	if (getenv("CORDON_TEST_PROGRAMS"))
		return;
	REQUIRE(n > 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/programs");
	REQUIRE(access(path, F_OK) == 0 && setenv("CORDON_TEST_PROGRAMS", path, 0) == 0);
}

/* ---- hangs ---- */

static void say(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

static void on_alarm(int sig)
{
	(void)sig;
	say("FAIL ");
	say(scenario ? scenario : program_invocation_short_name);
	say(": no end in sight, the time for it is over\n");
	_exit(1);
}

void test_watch(unsigned seconds)
{
	if (seconds == 0) {
		seconds = (unsigned)number_from_env("CORDON_TEST_SECONDS", 300);
		seconds -= seconds > 10 ? seconds / 10 : seconds > 1;
	}
	(void)signal(SIGALRM, on_alarm);
	(void)alarm(seconds);
}

unsigned test_watch_left(void)
{
	unsigned left = alarm(0);

	(void)alarm(left);
	return left;
}

/* ---- skips ---- */

/* One write(2) for each: tests run side by side. */
static void skip_record(const char *why)
{
	const char *path = getenv("CORDON_TEST_SKIPPED");
	char text[512];
	int fd, n;

	if (!path)
		return;
	n = snprintf(text, sizeof text, "%s%s%s: %s\n", program_invocation_short_name, scenario ? " " : "",
		     scenario ? scenario : "", why);
	fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0 || n < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fprintf(stderr, "%s: %s: the summary will not have this skip\n", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

int test_skip(const char *file, int line, const char *why)
{
	const char *must = getenv("CORDON_MUST_WORK");
	char words[256];

	fprintf(stderr, "%s:%d: skipped: %s\n", file, line, why);
	snprintf(words, sizeof words, "%s", must ? must : "");
	for (char *w = strtok(words, " ,"); w; w = strtok(NULL, " ,"))
		if (strcmp(w, "all") == 0 || strstr(why, w))
			return 1;
	skip_record(why);
	return 77;
}
