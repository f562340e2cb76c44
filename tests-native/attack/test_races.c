/* SPDX-License-Identifier: Apache-2.0 */
/* Every call that names files, with a path that changes while it is judged and made: nothing that the policy denies is
 * reached. The calls come from the table, and one that this test does not know fails it.
 *
 * The denied place is a directory of the host in which the program could do everything if there were no policy: it is
 * its owner. So a success is seen by the call's result, or by what has changed there. CORDON_TEST_RACES is the number
 * of tries for each scenario. */
#define _GNU_SOURCE
#include <errno.h>
#include <ftw.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include "calls/calls.h"
#include "support/supervised.h"

#define RACER "/programs/racer"
#define WAYS 5
#define WITH_O_PATH "D P 010000000 0"

static const char *const ways[WAYS] = { "text", "shared", "link", "dirlink", "exchange" };

/* How a call is made; see programs/racer.c. */
static const struct shape {
	const char *name, *kind, *target, *args;
} shapes[] = {
	{ "open", "hit", "f", "P 0 0" },
	{ "open", "make", "new", "P 0101 0600" },
	{ "openat", "hit", "f", "D P 0 0" },
	{ "openat", "hit", "f", WITH_O_PATH },
	{ "openat", "hit", "d", "D P 020200002 0600" },	/* O_TMPFILE */
	{ "openat2", "hit", "f", "D P H 24" },
	{ "creat", "make", "f", "P 0600" },
	{ "stat", "hit", "f", "P B" },
	{ "lstat", "hit", "f", "P B" },
	{ "newfstatat", "hit", "f", "D P B 0" },
	{ "newfstatat", "hit", "f", "D P B 0x1000" },	/* AT_EMPTY_PATH */
	{ "statx", "hit", "f", "D P 0 2047 B" },
	{ "access", "hit", "f", "P 0" },
	{ "faccessat", "hit", "f", "D P 4" },
	{ "faccessat2", "hit", "f", "D P 0 0" },
	{ "readlink", "hit", "l", "P B 100" },
	{ "readlinkat", "hit", "l", "D P B 100" },
	{ "unlink", "hit", "f", "P" },
	{ "unlinkat", "hit", "f", "D P 0" },
	{ "rmdir", "hit", "d", "P" },
	{ "rename", "hit", "f", "P N" },
	{ "rename", "make", "new", "Q P" },
	{ "renameat", "hit", "f", "D P D N" },
	{ "renameat2", "hit", "f", "D P D N 0" },
	{ "renameat2", "hit", "f", "D P D Q 2" },	/* RENAME_EXCHANGE */
	{ "renameat2", "make", "new", "D Q D P 0" },
	{ "link", "hit", "f", "P N" },
	{ "link", "make", "new", "Q P" },
	{ "linkat", "hit", "f", "D P D N 0x400" },	/* AT_SYMLINK_FOLLOW */
	{ "linkat", "make", "new", "D Q D P 0" },
	{ "symlink", "make", "new", "V P" },
	{ "symlinkat", "make", "new", "V D P" },
	{ "mkdir", "make", "new", "P 0700" },
	{ "mkdirat", "make", "new", "D P 0700" },
	{ "mknod", "make", "new", "P 0100600 0" },
	{ "mknodat", "make", "new", "D P 0010600 0" },
	{ "chmod", "hit", "f", "P 0777" },
	{ "fchmodat", "hit", "f", "D P 0777" },
	{ "fchmodat2", "hit", "f", "D P 0777 0" },
	{ "chown", "hit", "f", "P -1 -1" },
	{ "lchown", "hit", "f", "P -1 -1" },
	{ "fchownat", "hit", "f", "D P -1 -1 0" },
	{ "truncate", "hit", "f", "P 1" },
	{ "utime", "hit", "f", "P 0" },
	{ "utimes", "hit", "f", "P 0" },
	{ "futimesat", "hit", "f", "D P 0" },
	{ "utimensat", "hit", "f", "D P 0 0" },
	{ "statfs", "hit", "f", "P B" },
	{ "setxattr", "hit", "f", "P X V 5 0" },
	{ "lsetxattr", "hit", "f", "P X V 5 0" },
	{ "setxattrat", "hit", "f", "D P 0 X A 16" },
	{ "getxattr", "hit", "f", "P X B 100" },
	{ "lgetxattr", "hit", "f", "P X B 100" },
	{ "getxattrat", "hit", "f", "D P 0 X A 16" },
	{ "listxattr", "hit", "f", "P B 100" },
	{ "llistxattr", "hit", "f", "P B 100" },
	{ "listxattrat", "hit", "f", "D P 0 B 100" },
	{ "removexattr", "hit", "f", "P X" },
	{ "lremovexattr", "hit", "f", "P X" },
	{ "removexattrat", "hit", "f", "D P 0 X" },
	{ "file_getattr", "hit", "f", "D P B 24 0" },
	{ "file_setattr", "hit", "f", "D P B 24 0" },
	{ "inotify_add_watch", "hit", "f", "I P 0xfff" },
	{ "connect", "hit", "s", "K S 110" },
	{ "bind", "make", "new", "K S 110" },
	/* Without a path in memory there is nothing to change; what is executed or entered is not made by a supervisor.
	 * */
	{ "fchmod", NULL, NULL, NULL }, { "fchown", NULL, NULL, NULL }, { "fsetxattr", NULL, NULL, NULL },
	{ "fremovexattr", NULL, NULL, NULL }, { "execve", NULL, NULL, NULL }, { "execveat", NULL, NULL, NULL },
	{ "chdir", NULL, NULL, NULL }, { "uselib", NULL, NULL, NULL },
};

static const struct call *call_named(const char *name)
{
	for (size_t i = 0; i < ncalls; i++)
		if (strcmp(calls[i].name, name) == 0)
			return &calls[i];
	return NULL;
}

static void check_complete(void)
{
	for (size_t i = 0; i < ncalls; i++) {
		bool known = (calls[i].purposes & CALL_FILE) == 0 || calls[i].kind == CALL_REFUSED;

		for (size_t k = 0; k < LENGTH(shapes); k++)
			known |= strcmp(shapes[k].name, calls[i].name) == 0;
		if (!known)
			TEST_FAIL("%s is not raced", calls[i].name);
	}
}

/* ---- The place ---- */

static char place[64];

static const char *in_place(const char *name)
{
	static char buf[4][128];
	static int turn;
	char *p = buf[turn++ % 4];

	(void)snprintf(p, sizeof buf[0], "%s/%s", place, name);
	return p;
}

static int make_place(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(place, sizeof place, "/tmp/cordon-races-XXXXXX");
	REQUIRE(mkdtemp(place) != NULL && mkdir(in_place("aa"), 0700) == 0 && mkdir(in_place("zz"), 0700) == 0);
	REQUIRE(mkdir(in_place("zz/d"), 0700) == 0 && symlink("secret", in_place("zz/l")) == 0);
	REQUIRE(file_write(in_place("zz/f"), "secret\n", 7));
	(void)setxattr(in_place("zz/f"), "user.racer", "secret", 6, 0);
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s", in_place("zz/s"));
	REQUIRE(bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 100) == 0);
	return listener;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static char snapshot[4096];

static int add_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	size_t used = strlen(snapshot);

	(void)type;
	(void)ftw;
	(void)snprintf(snapshot + used, sizeof snapshot - used, "%s %o %lu %ld %ld.%09ld\n", path, st->st_mode,
		       (unsigned long)st->st_nlink, (long)st->st_size, (long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
	return 0;
}

static void take_snapshot(char ret[sizeof snapshot])
{
	snapshot[0] = '\0';
	REQUIRE(nftw(in_place("zz"), add_entry, 8, FTW_PHYS) == 0);
	memcpy(ret, snapshot, sizeof snapshot);
}

/* ---- The races ---- */

enum layout {
	OUTSIDE,	/* no rule covers the denied place */
	BELOW,		/* a rule takes away what one above it gives */
};

/* Below, mounts hold what a supervisor cannot: there is nothing to be reached. Outside Landlock does: it holds opens
 * under ptrace and bind, but does not judge O_PATH. */
static bool holds(uint32_t engine, enum layout layout, const struct shape *s)
{
	return layout == BELOW || engine == CORDON_ENGINE_NOTIFY || strcmp(s->args, WITH_O_PATH) != 0;
}

static uint32_t collect(uint32_t engine, enum layout layout, const char *way, char texts[][128], const char **argv)
{
	uint32_t n = 0;

	for (size_t i = 0; i < LENGTH(shapes); i++) {
		const struct shape *s = &shapes[i];
		const struct call *c = call_named(s->name);

		if (c == NULL || c->nr < 0 || s->args == NULL || !holds(engine, layout, s))
			continue;
		/* What follows no link at the end cannot be led astray by one. */
		if (strcmp(way, "link") == 0 && (c->paths[0].follow != CALL_FOLLOW || s->target[0] == 'n'))
			continue;
		(void)snprintf(texts[n], sizeof texts[n], "%s %d %s %s %s", s->name, c->nr, s->kind, s->target,
			       s->args);
		argv[n] = texts[n];
		n++;
	}
	return n;
}

static void set_up(struct supervised *v, uint32_t engine, enum layout layout)
{
	supervised_init(v, engine);
	supervised_files(v);
	sandbox_mount(&v->s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, place, "/h");
	if (layout == BELOW) {
		supervised_path(v, "/h", CORDON_PATH_TREE, ACCESS_RW);
		supervised_path(v, "/h/zz", CORDON_PATH_TREE, 0);
	} else {
		supervised_path(v, "/h/aa", CORDON_PATH_TREE, ACCESS_RW);
	}
	v->s.command.limits.cpu_time_ns = v->s.command.limits.wall_time_ns = 7200 * SEC;
}

static void race_way(uint32_t engine, enum layout layout, const char *way, long tries)
{
	static char texts[LENGTH(shapes)][128], before[sizeof snapshot], after[sizeof snapshot];
	const char *argv[LENGTH(shapes) + 5] = { RACER, "/h", NULL, way };
	uint32_t n = collect(engine, layout, way, texts, argv + 4);
	struct supervised v;
	struct outcome o;
	char number[24];

	(void)snprintf(number, sizeof number, "%ld", tries / WAYS / (long)n + 1);
	argv[2] = number;
	set_up(&v, engine, layout);
	take_snapshot(before);
	sandbox_run(&v.s, argv, &o);
	take_snapshot(after);
	CHECK_OK(&o);
	CHECK_STR(after, before);
	if (text_number(o.out, "wins", -1) != 0)
		TEST_FAIL("%s", o.out);
	if (engine != CORDON_ENGINE_KERNEL)	/* few there: nothing slows a call down */
		CHECK(text_number(o.out, "refused", 0) > 0);
	CHECK(text_number(o.out, "met", 0) > 0);
	(void)fprintf(stderr, "%s: %u calls, %s tries each, %ld refused, %ld met the allowed place\n", way, n, number,
		      text_number(o.out, "refused", 0), text_number(o.out, "met", 0));
	outcome_done(&o);
}

static void race(uint32_t engine, enum layout layout)
{
	int listener = make_place();

	check_complete();
	for (int i = 0; i < WAYS; i++)
		race_way(engine, layout, ways[i], number_from_env("CORDON_TEST_RACES", test_rounds(10000)));
	close(listener);
	CHECK_EQ(nftw(place, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* The program is the owner only if it has the caller's ids. */
static void outside_notify(void)
{
	race(CORDON_ENGINE_NOTIFY, OUTSIDE);
}
ROOTLESS(outside_notify)

static void below_notify(void)
{
	race(CORDON_ENGINE_NOTIFY, BELOW);
}
ROOTLESS(below_notify)

static void outside_ptrace(void)
{
	race(CORDON_ENGINE_PTRACE, OUTSIDE);
}
ROOTLESS(outside_ptrace)

static void below_ptrace(void)
{
	race(CORDON_ENGINE_PTRACE, BELOW);
}
ROOTLESS(below_ptrace)

static void below_kernel(void)
{
	race(CORDON_ENGINE_KERNEL, BELOW);
}
ROOTLESS(below_kernel)

static const struct scenario scenarios[] = {
	ROOTLESS_SCENARIO(outside_notify),
	ROOTLESS_SCENARIO(below_notify),
	ROOTLESS_SCENARIO(outside_ptrace),
	ROOTLESS_SCENARIO(below_ptrace),
	ROOTLESS_SCENARIO(below_kernel),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
