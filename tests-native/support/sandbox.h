/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox: what the live and attack tests share: a default sandbox, one call to run a program in it, and a leak check.
 *
 * Every test is a table of scenarios. scenario_main runs them all (or those named on the command line) and after each
 * one compares the descriptors, child processes, mounts and control groups of this process with those before.
 * I1  Every run has limits, so that a sandbox that fails cannot harm the machine; a scenario that hangs is ended and
 *     named (test_watch).
 * I2  A test program is found in $CORDON_TEST_PROGRAMS, and inside the sandbox in /programs. */
#ifndef CORDON_TEST_SANDBOX_H
#define CORDON_TEST_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
#include "cordon/cordon.h"
#include "test.h"

#define SANDBOX_MOUNTS_MAX 48
#define MIB (UINT64_C(1024) * 1024)
#define MS UINT64_C(1000000)
#define SEC (1000 * MS)
#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Points into itself: do not copy. */
struct sandbox {
	struct cordon_container_config config;
	struct cordon_mount mounts[SANDBOX_MOUNTS_MAX];
	struct cordon_command command;
	char text[8192];	/* the strings that the mounts name */
	size_t text_used;
};

/* What became of a run. */
struct outcome {
	struct cordon_run *run;
	bool ran;		/* there is a result; else err says why not */
	int rc;			/* of cordon_run_open or cordon_run_result */
	struct cordon_error err;
	bool err_touched;	/* an error was written although the call succeeded */
	/* of run; all zeros where it did not run, so that a check may read it */
	const struct cordon_result *result;
	char *out, *errout;	/* captured stdout and stderr, NUL-terminated, never NULL */
};

/* The host's /usr, /bin, /lib..., what java and the dynamic linker need of /etc, /programs, dev, proc, a tmpfs on /tmp
 * and /w; work dir /w, a PATH, stdout and stderr captured up to 1 MiB, 5 s of CPU, 100 s wall, 256 MiB, 64
 * processes. */
void sandbox_init(struct sandbox *s);

/* Adds an entry; strings are kept by copy. */
struct cordon_mount *sandbox_mount(struct sandbox *s, uint32_t type, uint32_t flags, const char *source,
				   const char *target);

/* The entry for target, or NULL. */
struct cordon_mount *sandbox_mount_find(struct sandbox *s, const char *target);

/* Runs argv to the end. The caller calls outcome_done. */
void sandbox_run(struct sandbox *s, const char *const *argv, struct outcome *ret);

/* The two halves of it; outcome_wait is for a run that was opened (o->run != NULL). */
void sandbox_open(struct sandbox *s, const char *const *argv, struct outcome *ret);
void outcome_wait(struct outcome *o);
void outcome_done(struct outcome *o);

/* One line: status, cause, signal, output, or the error. */
const char *outcome_describe(const struct outcome *o, char *buf, size_t size);

/* Serves the run until fd is readable. False where the run ended, or after 10 s. */
bool run_until_readable(struct cordon_run *run, int fd);

/* "name=value" lines in text: the value of name as a number, or missing. */
long text_number(const char *text, const char *name, long missing);

/* The number after "Name:" in a status file of /proc, in the given base. -1 where it is not there. */
long long status_field(const char *text, const char *name, int base);

/* The whole file, NUL-terminated, from malloc; NULL where it can't be read. */
char *file_read(const char *path);
bool file_write(const char *path, const void *data, size_t len);

/* A container that is kept. k->s is set up by sandbox_init, and changed as a test likes before kept_open and between
 * runs: its command is that of each run. */
struct kept {
	struct sandbox s;
	struct cordon_container *c;
};

/* 0, or the negative result with *err and k->c NULL. */
int kept_open(struct kept *k, struct cordon_error *err);

/* As sandbox_open and sandbox_run, in the container. flags: enum cordon_run_flag. */
void kept_start(struct kept *k, const char *const *argv, uint32_t flags, struct outcome *ret);
void kept_run(struct kept *k, const char *const *argv, struct outcome *ret);

/* Frees it. False where init is still there afterwards. */
bool kept_close(struct kept *k);

/* Open descriptors of a process, and its children, with those that have ended and are not reaped. -1 where that can't
 * be seen: the process is gone, or is init and we are not root. */
long fds_of(pid_t pid);
long children_of(pid_t pid);

/* Waits until fds_of and the number of living children are at most these, for changes without notice; false after 10 s.
 * init reaps a helper of its own when it needs the next one. */
bool settles(pid_t pid, long fds, long children);

struct leaks {
	long fds, children, mounts, cgroups;
};

void leaks_take(struct leaks *ret);
/* As root: a mount namespace of the test's own, so that other processes' mounts are not taken for a leak. Its mounts
 * are shared within it: what a sandbox forgot to make private comes back here and is seen. */
void mounts_of_our_own(void);
uint64_t rss_bytes(void);
uint64_t now_ns(void);

/* Runs this executable again with one argument, the name of a scenario; uid and gid != 0: as that user, without groups.
 * For what needs a fresh process: other ids, other namespaces, or a library that was not used before the fork.
 * Returns its exit status, or 128 + signal. */
int self_run(const char *scenario, uid_t id);

struct scenario {
	const char *name;
	void (*run)(void);
	bool only_by_name;	/* a helper for self_run, or one that must not follow others */
};

/* self_run for each, and each must pass. */
void self_run_all(const struct scenario *scenarios, size_t n, uid_t id);

#define SCENARIO(f) { #f, f, false }
#define SCENARIO_BY_NAME(f) { #f, f, true }

#define SUBJECT "/programs/subject"
#define ARGV(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Leaves a scenario that this machine can't run, as SKIP does a test. */
#define SKIP_SCENARIO(why)                                                                                         \
	do {                                                                                                       \
		scenario_skip(__FILE__, __LINE__, (why));                                                          \
		return;                                                                                            \
	} while (0)

#define CHECK_STATUS(o, want_status, want_cause)                                                                   \
	do {                                                                                                       \
		char text_[2048];                                                                                  \
		if (!(o)->ran || (o)->result->status != (uint32_t)(want_status) ||                                 \
		    (o)->result->cause != (uint32_t)(want_cause) || (o)->err_touched)                              \
			TEST_FAIL("not %s: %s", #want_status "/" #want_cause,                                      \
				  outcome_describe((o), text_, sizeof text_));                                     \
	} while (0)

#define CHECK_OK(o) CHECK_STATUS((o), CORDON_STATUS_OK, CORDON_CAUSE_NONE)

#define CHECK_ERROR(o, want_step, want_errno)                                                                      \
	do {                                                                                                       \
		char text_[2048];                                                                                  \
		if ((o)->ran || (o)->err.step != (want_step) || (o)->err.err != (want_errno))                      \
			TEST_FAIL("not %s, errno %d: %s", #want_step, (int)(want_errno),                           \
				  outcome_describe((o), text_, sizeof text_));                                     \
	} while (0)

#define CHECK_OUT(o, want) CHECK_STR((o)->out, (want))

/* A container that must come up. */
#define KEPT_OPEN(k)                                                                                               \
	do {                                                                                                       \
		struct cordon_error err_;                                                                          \
		char text_[512];                                                                                   \
		if (kept_open((k), &err_) != 0) {                                                                  \
			TEST_FAIL("no container: %s", cordon_error_describe(&err_, text_, sizeof text_));           \
			return;                                                                                    \
		}                                                                                                  \
	} while (0)

#define KEPT_CLOSE(k) CHECK(kept_close(k))

/* A call of the container's that must succeed, and one that must fail. */
#define MUST(call, err)                                                                                            \
	do {                                                                                                       \
		char text_[512];                                                                                   \
		if ((call) != 0)                                                                                   \
			TEST_FAIL("%s: %s", #call, cordon_error_describe((err), text_, sizeof text_));              \
	} while (0)
#define MUST_FAIL(call, error, want_step, want_errno)                                                              \
	do {                                                                                                       \
		char text_[512];                                                                                   \
		memset((error), 0, sizeof *(error));                                                               \
		if ((call) >= 0 || (error)->step != (want_step) || (error)->err != (want_errno))                   \
			TEST_FAIL("%s: not %s, errno %d: %s", #call, #want_step, (int)(want_errno),                \
				  cordon_error_describe((error), text_, sizeof text_));                            \
	} while (0)

/* The same scenario once more as a user without any right. The list needs ROOTLESS_SCENARIO(f) for it. */
#define ANOTHER_USER 47110
#define ROOTLESS(f)                                                                                                \
	static void f##_without_root(void)                                                                         \
	{                                                                                                          \
		if (getuid() != 0)                                                                                 \
			SKIP_SCENARIO("root: cannot become another user");                                         \
		CHECK_EQ(self_run("rootless_" #f, ANOTHER_USER), 0);                                               \
	}
#define ROOTLESS_SCENARIO(f) { #f "_without_root", f##_without_root, false }, { "rootless_" #f, f, true }

static inline void scenario_skip(const char *file, int line, const char *why)
{
	if (test_skip(file, line, why) == 1)
		TEST_FAIL("this must work here: %s", why);
}

/* A helper of another scenario, or one that is started by hand. Without the check for leaks: the first use of the
 * library opens what it keeps. */
static inline void scenario_run(const struct scenario *scenario)
{
	int failures = test_failures;

	test_scenario(scenario->name);
	scenario->run();
	fprintf(stderr, "%s %s\n", failures == test_failures ? "ok  " : "FAIL", scenario->name);
}

static inline void scenario_run_checked(const struct scenario *scenario)
{
	struct leaks before, after;
	int failures = test_failures;

	test_scenario(scenario->name);
	leaks_take(&before);
	scenario->run();
	leaks_take(&after);
	CHECK_EQ(after.fds, before.fds);
	CHECK_EQ(after.children, before.children);
	CHECK_EQ(after.mounts, before.mounts);
	CHECK_EQ(after.cgroups, before.cgroups);
	fprintf(stderr, "%s %s\n", failures == test_failures ? "ok  " : "FAIL", scenario->name);
}

static inline int scenario_main(int argc, char **argv, const struct scenario *list, size_t len)
{
	struct sandbox s;
	struct outcome o;

	setvbuf(stderr, NULL, _IOLBF, 0);
	test_find_programs();
	mounts_of_our_own();
	test_watch(0);
	if (argc < 2) {
		/* What the library keeps for the life of the process (its cgroup janitor, say) appears with the first
		 * run. */
		sandbox_init(&s);
		sandbox_run(&s, ARGV("/bin/true"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
	}
	for (size_t i = 0; i < len; i++) {
		bool wanted = argc < 2 && !list[i].only_by_name;

		for (int a = 1; a < argc; a++)
			wanted |= strcmp(argv[a], list[i].name) == 0;
		if (wanted && argc < 2)
			scenario_run_checked(&list[i]);
		else if (wanted)
			scenario_run(&list[i]);
	}
	return TEST_RESULT();
}

#endif
