/* SPDX-License-Identifier: Apache-2.0 */
/* After a reset the next program finds nothing of the previous one, whatever that did, and the caller of the reset does
 * not wait until what it left is freed. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include "support/sandbox.h"

#define DIRT "/programs/dirt"

static void ready(struct kept *k)
{
	sandbox_init(&k->s);
	sandbox_mount_find(&k->s, "/w")->inodes = (uint64_t)test_rounds(100000);
}

/* Runs argv, which must end well, and resets: by a command of its own, or behind the run. */
static void soil(struct kept *k, const char *const *argv, bool behind)
{
	struct cordon_error err;
	struct outcome o;

	kept_start(k, argv, behind ? CORDON_RUN_RESET : 0, &o);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	if (!behind)
		MUST(cordon_container_reset(k->c, &err), &err);
}

/* What a fresh container shows: no file in any tmpfs, and their roots as they were made. */
#define FRESH                                                                                                          \
	"/w 755 1000:1000\n/tmp 1777 1000:1000\n/dev/shm 1777 1000:1000\nxattr=0 old=0 mode=755 uid=1000 links=2\n"

static void expect_fresh(struct kept *k)
{
	struct outcome o;

	kept_run(k,
		 ARGV("/bin/sh", "-c",
		      "ls -A /w /tmp /dev/shm | grep -v : | grep .; stat -c '%n %a %u:%g' /w /tmp /dev/shm; echo "
		      "$(/programs/dirt marks /w); "
		      "echo x > /w/x && echo y > /tmp/y && echo z > /dev/shm/z && rm /w/x /tmp/y /dev/shm/z"),
		 &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, FRESH);
	outcome_done(&o);
}

static void each_kind_of_dirt(void)
{
	static const char *const scripts[] = {
		"true",
		"for d in /w /tmp /dev/shm; do echo x > $d/file; mkdir -p $d/a/b; ln -s / $d/root; mkfifo $d/fifo; "
		"done",
		"/programs/dirt deep /w $((5000 / $0))",
		"/programs/dirt deep /w $((50000 / $0)); chmod 000 /w",
		"/programs/dirt names /w; /programs/dirt names /tmp; /programs/dirt names /dev/shm",
		"/programs/dirt wide /w $((20000 / $0))",
		"/programs/subject files $((200000 / $0)) /w > /dev/null; true",
		"for d in /w /dev/shm; do /programs/subject file $((100000000 / $0)) $d/big > /dev/null; done; true",
		"chmod 000 /w /tmp /dev/shm",
		"chmod 7777 /w /tmp /dev/shm",
		"/programs/dirt mark /w > /dev/null; /programs/dirt mark /tmp > /dev/null; /programs/dirt mark "
		"/dev/shm > /dev/null",
		"touch -d 2001-01-01 /w",
		"echo x > /w/x; rm /w/x",
		"for i in 1 2 3 4 5; do /programs/dirt inflight /w; done",
		"(while :; do echo x > /w/$$; echo y > /tmp/$$; done) > /dev/null 2>&1 &",
		"exec 3> /w/open; rm /w/open; sleep 100 & sleep 100 & true",
		"cd /w; mkdir d; cd d; rmdir /w/d; (sleep 100 &) ; true",
	};
	uint64_t slowest = 0;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	expect_fresh(&k);
	for (size_t i = 0; i < LENGTH(scripts) * 2; i++) {
		int failures = test_failures;
		uint64_t start = now_ns();

		soil(&k, ARGV("/bin/sh", "-c", scripts[i / 2], test_divisor()), i % 2);
		expect_fresh(&k);
		if (now_ns() - start > slowest)
			slowest = now_ns() - start;
		if (failures != test_failures)
			TEST_FAIL("after: %s", scripts[i / 2]);
	}
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}
ROOTLESS(each_kind_of_dirt)

/* Which mount is which, by numbers that are never used again. False where the kernel has none. */
static bool look_at_mounts(struct kept *k, long ids[3])
{
	static const char *const names[] = { "/w", "/tmp", "/dev/shm" };
	struct outcome o;

	kept_run(k, ARGV(DIRT, "mounts", names[0], names[1], names[2]), &o);
	CHECK_OK(&o);
	for (int i = 0; i < 3; i++)
		ids[i] = text_number(o.out, names[i], -1);
	outcome_done(&o);
	return ids[0] >= 0;
}

static void only_what_was_written_to_is_made_anew(void)
{
	static const struct {
		const char *script;
		bool changed[3];
	} list[] = {
		{ "cat /w/x /tmp/* 2> /dev/null; ls -R /w /tmp /dev/shm > /dev/null", { false, false, false } },
		{ "echo x > /w/x", { true, false, false } },
		{ "echo x > /tmp/x", { false, true, false } },
		{ "echo x > /dev/shm/x", { false, false, true } },
		{ "echo x > /w/x; rm /w/x; echo y > /tmp/y", { true, true, false } },
		{ "chmod 700 /w; chmod 755 /w", { true, false, false } },
	};
	struct cordon_error err;
	long before[3], after[3];
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	if (!look_at_mounts(&k, before)) {
		KEPT_CLOSE(&k);
		SKIP_SCENARIO("statx-unique-mount-id: not in this kernel");
	}
	for (size_t i = 0; i < LENGTH(list) * 2; i++) {
		soil(&k, ARGV("/bin/sh", "-c", list[i / 2].script), i % 2);
		(void)look_at_mounts(&k, after);
		for (int j = 0; j < 3; j++)
			if ((after[j] != before[j]) != list[i / 2].changed[j])
				TEST_FAIL("%s: mount %d was %ld, is %ld", list[i / 2].script, j, before[j], after[j]);
		memcpy(before, after, sizeof before);
	}
	for (long i = test_rounds(100); i > 0; i--)
		MUST(cordon_container_reset(k.c, &err), &err);
	(void)look_at_mounts(&k, after);
	CHECK(memcmp(before, after, sizeof before) == 0);
	KEPT_CLOSE(&k);
}
ROOTLESS(only_what_was_written_to_is_made_anew)

/* The size and the limits of a tmpfs are those of the plan again. */
static void the_new_tmpfs_has_the_limits_of_the_old_one(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	sandbox_mount_find(&k.s, "/w")->inodes = 50;
	sandbox_mount_find(&k.s, "/w")->size_bytes = MIB;
	sandbox_mount_find(&k.s, "/w")->mode = 0700;
	sandbox_mount_find(&k.s, "/tmp")->flags = CORDON_MOUNT_NOEXEC;
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		kept_start(&k,
			   ARGV("/bin/sh", "-c",
				"stat -c %a /w; cp /bin/true /tmp/t; /tmp/t 2> /dev/null || echo noexec; head -c "
				"2000000 /dev/zero 2> /dev/null > /w/big; stat -c "
				"%s /w/big; rm /w/big; /programs/subject files 100 /w; grep -E ' (/w|/tmp|/dev/shm) ' "
				"/proc/self/mountinfo | grep -c "
				"nosuid,nodev"),
			   CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "700\nnoexec\n1048576\nmade=49\nerrno=28\n3\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

/* -- mounts in a tmpfs -- */

struct nested {
	char dir[32], file[64];
};

static bool nested_open(struct kept *k, struct nested *n)
{
	strcpy(n->dir, "/tmp/cordon-test-XXXXXX");
	REQUIRE(mkdtemp(n->dir) != NULL && chmod(n->dir, 0755) == 0);
	snprintf(n->file, sizeof n->file, "%s/original", n->dir);
	REQUIRE(file_write(n->file, "original", 8));
	ready(k);
	sandbox_mount(&k->s, CORDON_MOUNT_BIND, 0, n->dir, "/w/data/in");
	return true;
}

static void nested_close(struct nested *n)
{
	CHECK_EQ(access(n->file, F_OK), 0);
	unlink(n->file);
	rmdir(n->dir);
}

#define NESTED_FRESH "data\noriginal\n755\noriginal\n"

static void expect_nested(struct kept *k)
{
	struct outcome o;

	kept_run(k,
		 ARGV("/bin/sh", "-c",
		      "ls -A /w; ls -A /w/data/in; stat -c %a /w/data; cat /w/data/in/original; echo; echo x > "
		      "/w/data/in/x 2> /dev/null"),
		 &o);
	CHECK(o.ran);
	CHECK_OUT(&o, NESTED_FRESH);
	outcome_done(&o);
	kept_run(k,
		 ARGV("/bin/sh", "-c",
		      "grep -c ' /w/data/in ro,nosuid,nodev' /proc/self/mountinfo; grep -c ' /w' /proc/self/mountinfo"),
		 &o);
	CHECK_OUT(&o, "1\n2\n");
	outcome_done(&o);
}

static void a_bind_in_a_tmpfs_is_there_again(void)
{
	static const char *const scripts[] = {
		"true",
		"echo x > /w/x",
		"/programs/dirt replace-nested",
		"mv /w/data /w/.hidden; ln -s /tmp /w/data",
		"mv /w/data /w/gone; echo file > /w/data",
		"mv /w/data /w/1; mkdir /w/2; mkdir -p /w/data/in; echo hostile > /w/data/in/original; chmod 000 "
		"/w/data/in /w/data /w",
		"mv /w/data /w/gone; mkfifo /w/data",
	};
	struct nested n;
	struct kept k;

	if (!nested_open(&k, &n))
		return;
	KEPT_OPEN(&k);
	expect_nested(&k);
	for (size_t i = 0; i < LENGTH(scripts) * 2; i++) {
		int failures = test_failures;

		soil(&k, ARGV("/bin/sh", "-c", scripts[i / 2]), i % 2);
		expect_nested(&k);
		if (failures != test_failures)
			TEST_FAIL("after: %s", scripts[i / 2]);
	}
	KEPT_CLOSE(&k);
	nested_close(&n);
}
ROOTLESS(a_bind_in_a_tmpfs_is_there_again)

static void every_kind_of_mount_in_a_tmpfs(void)
{
	char *before = NULL;
	struct nested n;
	struct outcome o;
	struct kept k;

	if (!nested_open(&k, &n))
		return;
	sandbox_mount(&k.s, CORDON_MOUNT_TMPFS, 0, NULL, "/w/inner")->inodes = 1000;
	sandbox_mount(&k.s, CORDON_MOUNT_BIND, 0, n.dir, "/w/inner/bound");
	sandbox_mount(&k.s, CORDON_MOUNT_TMPFS, 0, NULL, "/w/inner/deep/er");
	sandbox_mount(&k.s, CORDON_MOUNT_SYMLINK, 0, "/usr/bin", "/w/link");
	sandbox_mount(&k.s, CORDON_MOUNT_MASK, 0, NULL, "/w/data/in/original");
	sandbox_mount(&k.s, CORDON_MOUNT_BIND, CORDON_MOUNT_OPTIONAL, "/no/such/thing", "/w/inner/none");
	KEPT_OPEN(&k);
	for (int i = 0; i < 4; i++) {
		kept_run(&k,
			 ARGV("/bin/sh", "-c",
			      "cd /w; find . | sort; readlink link; wc -c < data/in/original; cat "
			      "inner/bound/original; stat -c '%n %a %u' inner inner/deep/er"),
			 &o);
		CHECK_OK(&o);
		if (!before)
			before = strdup(o.out);
		CHECK_STR(o.out, before);
		outcome_done(&o);
		soil(&k,
		     ARGV("/bin/sh", "-c",
			  "cd /w; echo x > inner/x; echo x > inner/deep/er/x; mv inner/deep inner/gone; rm link; mv "
			  "data d2; chmod 000 inner/gone/er inner"),
		     i % 2);
	}
	free(before);
	KEPT_CLOSE(&k);
	nested_close(&n);
}

/* After the host's root is gone there is only the sandbox's own /proc and /dev to make another one from. */
static void a_proc_and_a_dev_in_a_tmpfs(void)
{
	for (int i = 0; i < 2; i++) {
		struct cordon_error err;
		struct outcome o;
		struct kept k;

		ready(&k);
		if (i == 0)
			sandbox_mount(&k.s, CORDON_MOUNT_PROC, 0, NULL, "/w/proc");
		else
			sandbox_mount(&k.s, CORDON_MOUNT_DEV, 0, NULL, "/w/dev");
		KEPT_OPEN(&k);
		for (int j = 0; j < 2; j++) {
			kept_run(&k,
				 i == 0 ? ARGV("/bin/sh", "-c", "cat /w/proc/self/comm")
					: ARGV("/bin/sh", "-c",
					       "echo x > /w/dev/null; ls /w/dev | wc -w; echo x > /w/dev/shm/x"),
				 &o);
			CHECK_OK(&o);
			CHECK_OUT(&o, i == 0 ? "cat\n" : "11\n");
			outcome_done(&o);
			if (cordon_container_reset(k.c, &err) != 0) {
				char text[512];

				TEST_FAIL("%s in a tmpfs: %s", i == 0 ? "proc" : "dev",
					  cordon_error_describe(&err, text, sizeof text));
				break;
			}
		}
		KEPT_CLOSE(&k);
	}
}

/* The same where they are the only ones, as a caller has it whose whole root is a tmpfs. */
static void the_only_proc_and_dev_in_a_tmpfs(void)
{
	char programs[4096];
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	snprintf(programs, sizeof programs, "%s", getenv("CORDON_TEST_PROGRAMS"));
	for (int i = 0; i < 2; i++) {
		sandbox_init(&k.s);
		k.s.config.nmounts = 0;
		sandbox_mount(&k.s, CORDON_MOUNT_TMPFS, 0, NULL, "/w");
		sandbox_mount(&k.s, CORDON_MOUNT_BIND, 0, programs, "/programs");
		if (i == 0)
			sandbox_mount(&k.s, CORDON_MOUNT_PROC, 0, NULL, "/w/proc");
		else
			sandbox_mount(&k.s, CORDON_MOUNT_DEV, 0, NULL, "/w/dev");
		KEPT_OPEN(&k);
		for (int j = 0; j < 2; j++) {
			kept_run(&k, ARGV("/programs/tiny_static", "0"), &o);
			CHECK_OK(&o);
			outcome_done(&o);
			if (cordon_container_reset(k.c, &err) != 0) {
				char text[512];

				TEST_FAIL("%s alone in a tmpfs: %s", i == 0 ? "proc" : "dev",
					  cordon_error_describe(&err, text, sizeof text));
				break;
			}
		}
		KEPT_CLOSE(&k);
	}
}

/* What the caller bound writable is the caller's. */
static void a_writable_bind_stays_as_it_is(void)
{
	char dir[] = "/tmp/cordon-test-XXXXXX", file[64];
	struct outcome o;
	struct kept k;

	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	ready(&k);
	sandbox_mount(&k.s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, dir, "/rw");
	KEPT_OPEN(&k);
	soil(&k, ARGV("/bin/sh", "-c", "echo kept > /rw/file; echo x > /w/x"), false);
	expect_fresh(&k);
	kept_run(&k, ARGV("/bin/sh", "-c", "cat /rw/file; rm /rw/file"), &o);
	CHECK_OUT(&o, "kept\n");
	outcome_done(&o);
	KEPT_CLOSE(&k);
	snprintf(file, sizeof file, "%s/file", dir);
	CHECK(access(file, F_OK) != 0);
	rmdir(dir);
}

/* -- what is not a file -- */

/* Of go-sandbox, item 9: a segment written by one run was read by the next. */
static void ipc_objects_are_gone(void)
{
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 4; i++) {
		kept_start(&k, ARGV(DIRT, "ipc-make"), i % 2 ? CORDON_RUN_RESET : 0, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "shm=0\nsem=0\nmsg=0\nmq=0\nposix_shm=0\n");
		outcome_done(&o);
		if (i % 2 == 0) {
			struct cordon_error err;

			/* Without a reset they are there: the test sees what it looks for. */
			kept_run(&k, ARGV(DIRT, "ipc-see"), &o);
			CHECK_EQ(text_number(o.out, "shm", -1), 0);
			CHECK_EQ(text_number(o.out, "mq", -1), 0);
			CHECK(text_number(o.out, "objects", 0) > 100);
			outcome_done(&o);
			MUST(cordon_container_reset(k.c, &err), &err);
		}
		kept_run(&k, ARGV(DIRT, "ipc-see"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "shm=2\nsem=2\nmsg=2\nmq=2\nmq_other=2\nposix_shm=2\nobjects=0\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(ipc_objects_are_gone)

#define KEYS_FRESH "session=0\nuser=0\nuser_session=0\nsession_usable=1\nuser_usable=1\nuser_session_usable=1\n"

static bool keys_ready(struct kept *k)
{
	struct cordon_error err;
	struct outcome o;
	bool works;

	ready(k);
	k->s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	if (kept_open(k, &err) != 0)
		return false;
	kept_run(k, ARGV(DIRT, "keys-make"), &o);
	works = o.ran && strcmp(o.out, "session=0\nuser=0\nuser_session=0\n") == 0;
	outcome_done(&o);
	return works;
}

static void keys_are_gone(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	if (!keys_ready(&k)) {
		cordon_container_free(k.c);
		SKIP_SCENARIO("keyctl: there are no keyrings here");
	}
	kept_run(&k, ARGV(DIRT, "keys-see"), &o);
	CHECK_OUT(&o, "session=1\nuser=1\nuser_session=1\nsession_usable=1\nuser_usable=1\nuser_session_usable=1\n");
	outcome_done(&o);
	MUST(cordon_container_reset(k.c, &err), &err);
	for (int i = 0; i < 3; i++) {
		kept_run(&k, ARGV(DIRT, "keys-see"), &o);
		CHECK_OUT(&o, KEYS_FRESH);
		outcome_done(&o);
		kept_start(&k, ARGV(DIRT, "keys-make"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OUT(&o, "session=0\nuser=0\nuser_session=0\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(keys_are_gone)

/* A program can take init's right to clear a keyring away. Then the container must end; or the keys be gone by other
 * means. */
static void keys_that_can_not_be_cleared_end_the_container(void)
{
	for (int i = 0; i < 3; i++) {
		struct cordon_error err;
		struct outcome o;
		struct kept k;

		if (!keys_ready(&k)) {
			cordon_container_free(k.c);
			SKIP_SCENARIO("keyctl: there are no keyrings here");
		}
		kept_run(&k, ARGV(DIRT, i < 2 ? "keys-lock" : "keys-revoke", i == 0 ? "0" : "1"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		if (cordon_container_reset(k.c, &err) == 0) {
			kept_run(&k, ARGV(DIRT, "keys-see"), &o);
			CHECK_OK(&o);
			CHECK_OUT(&o, KEYS_FRESH);
			outcome_done(&o);
		} else {
			CHECK_EQ(err.step, CORDON_STEP_RESET);
			CHECK(cordon_container_ping(k.c, &err) < 0);
		}
		KEPT_CLOSE(&k);
	}
}
ROOTLESS(keys_that_can_not_be_cleared_end_the_container)

static void daemons_and_their_sockets_are_gone(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	k.s.config.network = CORDON_NETWORK_LOOPBACK;
	KEPT_OPEN(&k);
	for (int i = 0; i < 10; i++) {
		kept_run(&k, ARGV(DIRT, "serve"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		kept_run(&k, ARGV(DIRT, "reach"), &o);
		CHECK_OUT(&o, "abstract=111\ntcp=111\n");
		outcome_done(&o);
		MUST(cordon_container_reset(k.c, &err), &err);
		kept_run(
			&k,
			ARGV("/bin/sh", "-c", "cat /proc/net/unix /proc/net/tcp | wc -l; set -- /proc/[0-9]*; echo $#"),
			&o);
		CHECK_OUT(&o, "2\n1\n"); /* the two headings; the shell */
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(daemons_and_their_sockets_are_gone)

static void ports_are_free_again(void)
{
	struct outcome o;
	struct kept k;

	ready(&k);
	k.s.config.network = CORDON_NETWORK_LOOPBACK;
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		kept_start(&k, ARGV(DIRT, "tcp"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "bind=0\n");
		outcome_done(&o);
	}
	kept_run(&k, ARGV("/bin/sh", "-c", "wc -l < /proc/net/tcp"), &o);
	CHECK_OUT(&o, "1\n");
	outcome_done(&o);
	KEPT_CLOSE(&k);
}
ROOTLESS(ports_are_free_again)

/* -- the cost, and what is behind it -- */

static uint64_t reset_time(struct kept *k)
{
	struct cordon_error err;
	uint64_t start = now_ns();

	MUST(cordon_container_reset(k->c, &err), &err);
	return now_ns() - start;
}

/* Compared with what the kernel needs to free the same tree, which the end of the helper process shows. */
static void the_caller_does_not_wait_for_many_files(void)
{
	uint64_t few = UINT64_MAX, many = UINT64_MAX, freed = UINT64_MAX;
	char files[16];
	struct outcome o;
	struct kept k;

	snprintf(files, sizeof files, "%ld", test_rounds(60000));
	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		uint64_t t;

		kept_run(&k, ARGV("/bin/sh", "-c", "echo x > /w/x"), &o);
		outcome_done(&o);
		t = reset_time(&k);
		few = t < few ? t : few;
		kept_run(&k, ARGV(SUBJECT, "files", files, "/w"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		t = reset_time(&k);
		many = t < many ? t : many;
		t = now_ns();
		CHECK(settles(cordon_container_pid(k.c), 64, 0));
		t = now_ns() - t;
		freed = t < freed ? t : freed;
		expect_fresh(&k);
	}
	/* 60,000 files take tens of milliseconds to free. */
	if (many > few + freed / 2 + 5 * MS)
		TEST_FAIL("one file: %.2f ms, %s: %.2f ms, freed %.2f ms later", (double)few / 1e6, files,
			  (double)many / 1e6, (double)freed / 1e6);
	KEPT_CLOSE(&k);
}

/* The process that frees an old tmpfs must let go of it also where a run ends, and kills all it sees, at that very
 * moment. */
static void a_kill_right_behind_a_reset_leaks_nothing(void)
{
	long fds = 0;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (long i = -20; i < test_rounds(100); i++) {
		kept_start(&k, ARGV(SUBJECT, "files", "100", "/w"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		/* Killed before it could start, mostly. */
		kept_start(&k, ARGV(SUBJECT, "sleep", "60"), 0, &o);
		cordon_run_cancel(o.run);
		outcome_wait(&o);
		CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
		outcome_done(&o);
		if (i == -10 && settles(cordon_container_pid(k.c), 64, 0))
			fds = fds_of(cordon_container_pid(k.c));
	}
	if (!settles(cordon_container_pid(k.c), fds, 0))
		TEST_FAIL("init holds %ld descriptors, not %ld, and has %ld children",
			  fds_of(cordon_container_pid(k.c)), fds, children_of(cordon_container_pid(k.c)));
	KEPT_CLOSE(&k);
}

/* Without a uid of its own the program may signal such a process. */
static void a_program_that_kills_all_it_can_leaks_nothing(void)
{
	long fds = 0;
	struct outcome o;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (long i = -20; i < test_rounds(40); i++) {
		kept_start(&k, ARGV(SUBJECT, "files", "2000", "/w"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		kept_run(&k, ARGV(DIRT, "killall"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		if (i == -10 && settles(cordon_container_pid(k.c), 64, 0))
			fds = fds_of(cordon_container_pid(k.c));
	}
	if (!settles(cordon_container_pid(k.c), fds, 0))
		TEST_FAIL("init holds %ld descriptors, not %ld, and has %ld children",
			  fds_of(cordon_container_pid(k.c)), fds, children_of(cordon_container_pid(k.c)));
	KEPT_CLOSE(&k);
}
ROOTLESS(a_program_that_kills_all_it_can_leaks_nothing)

static void many_dirty_resets_leak_nothing(void)
{
	struct leaks before, after;
	long fds = 0;
	struct nested n;
	struct outcome o;
	struct kept k;

	if (!nested_open(&k, &n))
		return;
	KEPT_OPEN(&k);
	for (long i = -50; i < test_rounds(250); i++) {
		kept_start(&k, i % 10 == 0 ? ARGV(SUBJECT, "files", "500", "/w") : ARGV(DIRT, "everything"),
			   CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		outcome_done(&o);
		if (i == 0) {
			CHECK(settles(cordon_container_pid(k.c), 64, 0));
			fds = fds_of(cordon_container_pid(k.c));
			leaks_take(&before);
		}
	}
	CHECK(settles(cordon_container_pid(k.c), fds, 0));
	leaks_take(&after);
	CHECK_EQ(after.mounts, before.mounts);
	CHECK_EQ(after.fds, before.fds);
	kept_run(&k, ARGV("/bin/sh", "-c", "wc -l < /proc/self/mountinfo"), &o);
	CHECK_OK(&o);
	CHECK(atoi(o.out) < 64);
	outcome_done(&o);
	expect_nested(&k);
	KEPT_CLOSE(&k);
	nested_close(&n);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(each_kind_of_dirt),
		SCENARIO(only_what_was_written_to_is_made_anew),
		SCENARIO(the_new_tmpfs_has_the_limits_of_the_old_one),
		SCENARIO(a_bind_in_a_tmpfs_is_there_again),
		SCENARIO(every_kind_of_mount_in_a_tmpfs),
		SCENARIO(a_proc_and_a_dev_in_a_tmpfs),
		SCENARIO(the_only_proc_and_dev_in_a_tmpfs),
		SCENARIO(a_writable_bind_stays_as_it_is),
		SCENARIO(ipc_objects_are_gone),
		SCENARIO(keys_are_gone),
		SCENARIO(keys_that_can_not_be_cleared_end_the_container),
		SCENARIO(daemons_and_their_sockets_are_gone),
		SCENARIO(ports_are_free_again),
		ROOTLESS_SCENARIO(ports_are_free_again),
		SCENARIO(the_caller_does_not_wait_for_many_files),
		SCENARIO(a_kill_right_behind_a_reset_leaks_nothing),
		SCENARIO(a_program_that_kills_all_it_can_leaks_nothing),
		SCENARIO(many_dirty_resets_leak_nothing),
		ROOTLESS_SCENARIO(each_kind_of_dirt),
		ROOTLESS_SCENARIO(only_what_was_written_to_is_made_anew),
		ROOTLESS_SCENARIO(a_bind_in_a_tmpfs_is_there_again),
		ROOTLESS_SCENARIO(ipc_objects_are_gone),
		ROOTLESS_SCENARIO(keys_are_gone),
		ROOTLESS_SCENARIO(keys_that_can_not_be_cleared_end_the_container),
		ROOTLESS_SCENARIO(daemons_and_their_sockets_are_gone),
		ROOTLESS_SCENARIO(a_program_that_kills_all_it_can_leaks_nothing),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
