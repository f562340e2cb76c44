/* SPDX-License-Identifier: Apache-2.0 */
/* The resolver with real files: this process, one of its threads or a child is the program; this process is the
 * supervisor. The results are compared with the kernel's (realpath and inodes). */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "supervisor/resolve.h"
#include "supervisor/target.h"
#include "support/sandbox.h"
#include "support/test.h"

static char top[256];		/* the test's directory, without links */
static int proc_fd;
static int32_t tid;		/* the asking thread */
static struct resolved got;

static const char *in_top(const char *format, ...)
{
	static char buf[4][2 * PATH_SIZE];
	static int turn;
	char *p = buf[turn++ % 4];
	va_list ap;
	int n = snprintf(p, sizeof buf[0], "%s/", top);

	va_start(ap, format);
	vsnprintf(p + n, sizeof buf[0] - (size_t)n, format, ap);
	va_end(ap);
	return p;
}

static int ask_at(int dirfd, const char *path, bool follow, bool empty_ok)
{
	int rc = resolve(proc_fd, tid, dirfd, path, follow, empty_ok, &got);

	if (rc == 0) {
		CHECK_EQ(strlen(got.path), got.len);
		CHECK_EQ(got.path[0], '/');
	}
	return rc;
}

static void check_path(int line, int rc, const char *path, const char *expected, bool exists)
{
	if (rc != 0)
		TEST_FAIL("line %d: %s: error %d, not %s", line, path, rc, expected);
	else if (strcmp(got.path, expected) != 0 || got.exists != exists)
		TEST_FAIL("line %d: %s: %s (%s), not %s", line, path, got.path, got.exists ? "there" : "missing",
			  expected);
}

#define THERE(path, expected) check_path(__LINE__, ask_at(AT_FDCWD, path, true, false), path, expected, true)
#define THERE_NOFOLLOW(path, expected) check_path(__LINE__, ask_at(AT_FDCWD, path, false, false), path, expected, true)
#define MISSING(path, expected) check_path(__LINE__, ask_at(AT_FDCWD, path, true, false), path, expected, false)
#define ERROR(path, error) CHECK_EQ(ask_at(AT_FDCWD, path, true, false), -(error))
#define T in_top

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	REQUIRE(fd >= 0);
	close(fd);
}

static void make_link(const char *text, const char *name)
{
	REQUIRE(symlink(text, T("%s", name)) == 0);
}

static void make_tree(void)
{
	char text[16];

	REQUIRE(mkdir(T("dir"), 0755) == 0 && mkdir(T("dir/sub"), 0755) == 0 && mkdir(T("dir/12"), 0755) == 0);
	make_file(T("dir/file"));
	make_file(T("dir/sub/deep"));
	make_file(T("dir/12/34"));
	make_link("dir", "to-dir");
	make_link("to-dir/sub", "to-sub");
	make_link(T("dir/file"), "to-file");
	make_link("../dir/sub/../file", "dir/odd");
	make_link("nothing/there", "dangling");
	make_link("dir/new", "to-new");
	make_link("round", "around");
	make_link("around", "round");
	make_link("dir/", "slashed");
	make_link("dir/file/", "bad-slash");
	for (int i = 0; i < 45; i++) {
		snprintf(text, sizeof text, "chain-%d", i + 1);
		make_link(i == 44 ? "dir" : text, T("chain-%d", i) + strlen(top) + 1);
	}
}

static void test_plain(void)
{
	THERE("/", "/");
	THERE("//", "/");
	THERE("/..", "/");
	THERE("/../../.", "/");
	THERE(T("dir/file"), T("dir/file"));
	THERE(T("dir//./sub///deep"), T("dir/sub/deep"));
	THERE(T("dir/sub/../file"), T("dir/file"));
	THERE(T("dir/sub/.."), T("dir"));
	THERE(T("dir/."), T("dir"));
	THERE(T("dir/"), T("dir"));
	THERE(T("dir/12/34"), T("dir/12/34"));
	MISSING(T("dir/new"), T("dir/new"));
	MISSING(T("dir/new/"), T("dir/new"));
	MISSING(T("dir/12/77"), T("dir/12/77"));
	MISSING(T("dir/sub/../new"), T("dir/new"));
	ERROR(T("dir/new/x"), ENOENT);
	ERROR(T("dir/new/."), ENOENT);
	ERROR(T("dir/new/.."), ENOENT);
	ERROR(T("dir/new/../file"), ENOENT);
	ERROR(T("dir/file/"), ENOTDIR);
	ERROR(T("dir/file/."), ENOTDIR);
	ERROR(T("dir/file/.."), ENOTDIR);
	ERROR(T("dir/file/../file"), ENOTDIR);
	ERROR(T("dir/file/x"), ENOTDIR);
	ERROR("", ENOENT);
}

static void test_links(void)
{
	THERE(T("to-dir"), T("dir"));
	THERE_NOFOLLOW(T("to-dir"), T("to-dir"));
	THERE_NOFOLLOW(T("to-dir/"), T("dir"));
	THERE_NOFOLLOW(T("to-dir/."), T("dir"));
	THERE_NOFOLLOW(T("to-dir/odd"), T("dir/odd"));
	THERE_NOFOLLOW(T("to-dir/12/34"), T("dir/12/34"));
	THERE(T("to-dir/odd"), T("dir/file"));
	THERE(T("to-sub/deep"), T("dir/sub/deep"));
	THERE(T("to-sub/.."), T("dir"));		/* not the directory of to-sub */
	THERE(T("to-sub/../file"), T("dir/file"));
	THERE(T("to-file"), T("dir/file"));
	THERE(T("slashed/file"), T("dir/file"));
	THERE(T("slashed"), T("dir"));
	MISSING(T("to-new"), T("dir/new"));
	MISSING(T("to-dir/new"), T("dir/new"));
	MISSING(T("to-sub/../new/"), T("dir/new"));
	THERE_NOFOLLOW(T("dangling"), T("dangling"));
	ERROR(T("dangling"), ENOENT);
	ERROR(T("dangling/x"), ENOENT);
	ERROR(T("to-file/x"), ENOTDIR);
	ERROR(T("to-file/"), ENOTDIR);
	ERROR(T("bad-slash"), ENOTDIR);
	ERROR(T("round"), ELOOP);
	ERROR(T("around/x"), ELOOP);
	THERE_NOFOLLOW(T("round"), T("round"));
	THERE(T("chain-5"), T("dir"));			/* forty links */
	ERROR(T("chain-4"), ELOOP);
	THERE_NOFOLLOW(T("chain-4"), T("chain-4"));
}

static void check_magic(int line, const char *path, const char *expected, const char *link)
{
	char full[64];

	check_path(line, ask_at(AT_FDCWD, path, true, false), path, expected, true);
	snprintf(full, sizeof full, "%d/%s", getpid(), link);
	CHECK(got.magic && !got.anonymous);
	CHECK_STR(got.link, full);
}

#define MAGIC(path, expected, link) check_magic(__LINE__, path, expected, link)

static const char *proc_text(const char *format, int n)
{
	static char buf[4][128];
	static int turn;
	char *p = buf[turn++ % 4];

	snprintf(p, sizeof buf[0], format, n);
	return p;
}

static void test_relative(void)
{
	int dir = open(T("dir"), O_PATH | O_DIRECTORY | O_CLOEXEC), file = open(T("dir/file"), O_RDONLY | O_CLOEXEC);
	int link = open(T("to-dir"), O_PATH | O_NOFOLLOW | O_CLOEXEC);

	REQUIRE(dir >= 0 && file >= 0 && link >= 0 && chdir(T("dir/sub")) == 0);
	THERE("deep", T("dir/sub/deep"));
	THERE(".", T("dir/sub"));
	THERE("..", T("dir"));
	THERE("../../to-sub/deep", T("dir/sub/deep"));
	MISSING("x", T("dir/sub/x"));
	check_path(__LINE__, ask_at(dir, "sub/deep", true, false), "sub/deep", T("dir/sub/deep"), true);
	check_path(__LINE__, ask_at(dir, "odd", true, false), "odd", T("dir/file"), true);
	check_path(__LINE__, ask_at(dir, "/", true, false), "/", "/", true);
	check_path(__LINE__, ask_at(dir, "", true, true), "", T("dir"), true);
	check_path(__LINE__, ask_at(file, "", true, true), "", T("dir/file"), true);
	check_path(__LINE__, ask_at(link, "", true, true), "", T("to-dir"), true);
	/* a link that was opened */
	MAGIC(proc_text("/proc/self/fd/%d", link), T("to-dir"), proc_text("fd/%d", link));
	check_path(__LINE__, ask_at(AT_FDCWD, "", true, true), "", T("dir/sub"), true);
	CHECK(!got.magic && !got.anonymous);
	CHECK_EQ(ask_at(dir, "", true, false), -ENOENT);
	CHECK_EQ(ask_at(file, "x", true, false), -ENOTDIR);
	CHECK_EQ(ask_at(file, ".", true, false), -ENOTDIR);
	CHECK_EQ(ask_at(link, "file", true, false), -ENOTDIR);
	CHECK_EQ(ask_at(999, "x", true, false), -EBADF);
	CHECK_EQ(ask_at(-1, "x", true, false), -EBADF);
	CHECK_EQ(ask_at(-1, "", true, true), -EBADF);
	check_path(__LINE__, ask_at(999, "/", true, false), "/", "/", true);
	REQUIRE(chdir("/") == 0);
	THERE("proc/self", "/proc/self");
	close(dir);
	close(file);
	close(link);
}

static void test_lengths(void)
{
	char path[2 * PATH_SIZE];
	char name[300];
	size_t used;

	memset(name, 'n', sizeof name);
	name[255] = '\0';
	make_file(T("dir/%s", name));
	THERE(T("dir/%s", name), T("dir/%s", name));
	THERE(T("to-dir/%s", name), T("dir/%s", name));
	name[255] = 'n';
	name[256] = '\0';
	ERROR(T("dir/%s", name), ENAMETOOLONG);
	ERROR(T("to-dir/%s", name), ENAMETOOLONG);

	for (int wanted = PATH_SIZE - 1; wanted <= PATH_SIZE; wanted++) {
		used = (size_t)snprintf(path, sizeof path, "%s/dir", top);
		while (used < (size_t)wanted - strlen("/file"))
			path[used++] = '/';
		snprintf(path + used, sizeof path - used, "/file");
		CHECK_EQ(strlen(path), wanted);
		if (wanted < PATH_SIZE)
			THERE(path, T("dir/file"));
		else
			ERROR(path, ENAMETOOLONG);
	}
	/* As long, with a link that makes it longer, and with one that makes it shorter. */
	used = (size_t)snprintf(path, sizeof path, "%s/to-file", top);
	while (used < PATH_SIZE - 1)
		path[used++] = '/';
	path[used] = '\0';
	CHECK_EQ(ask_at(AT_FDCWD, path, true, false), -ENAMETOOLONG);
	used = (size_t)snprintf(path, sizeof path, "%s/to-dir/", top);
	while (used + 2 < PATH_SIZE)
		used += (size_t)snprintf(path + used, sizeof path - used, "./");
	THERE(path, T("dir"));
}

/* A directory that is deeper than a path can say: what is beyond is refused, not cut off. */
static void test_deep(void)
{
	char name[256];
	int depth = 0, rc;

	memset(name, 'd', 200);
	name[200] = '\0';
	REQUIRE(chdir(T("dir/sub")) == 0);
	for (; depth < 25; depth++)
		REQUIRE(mkdir(name, 0755) == 0 && chdir(name) == 0);
	rc = ask_at(AT_FDCWD, "x", true, false);
	CHECK_EQ(rc, -ENAMETOOLONG);
	CHECK_EQ(ask_at(AT_FDCWD, "", true, true), -ENAMETOOLONG);
	for (; depth > 0; depth--)
		REQUIRE(chdir("..") == 0 && rmdir(name) == 0);
	REQUIRE(chdir("/") == 0);
}

static void test_proc_self(void)
{
	int file = open(T("dir/file"), O_RDONLY | O_CLOEXEC), dir = open(T("dir"), O_PATH | O_CLOEXEC);
	char exe[PATH_SIZE];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);

	REQUIRE(file >= 0 && dir >= 0 && n > 0);
	exe[n] = '\0';
	THERE("/proc/self", "/proc/self");
	THERE_NOFOLLOW("/proc/self", "/proc/self");
	THERE("/proc/self/status", "/proc/self/status");
	THERE("/proc/self/..", "/proc");
	THERE("/proc/self/../self/task/../status", "/proc/self/status");
	THERE(proc_text("/proc/%d/status", getpid()), "/proc/self/status");
	THERE(proc_text("/proc/%d", getpid()), "/proc/self");
	THERE("/proc/1/status", "/proc/1/status");
	THERE("/proc/thread-self/comm", proc_text("/proc/self/task/%d/comm", tid));
	THERE_NOFOLLOW("/proc/thread-self", "/proc/thread-self");
	THERE("/proc/thread-self/../..", "/proc/self");
	THERE("/proc/mounts", "/proc/self/mounts");
	MISSING("/proc/self/nothing", "/proc/self/nothing");
	ERROR("/proc/self/nothing/x", ENOENT);
	ERROR("/proc/4194999/x", ENOENT);
	THERE_NOFOLLOW(proc_text("/proc/self/fd/%d", file), proc_text("/proc/self/fd/%d", file));
	CHECK(!got.magic);
	MAGIC("/proc/self/exe", exe, "exe");
	MAGIC("/proc/self/root", "/", "root");
	MAGIC("/proc/self/cwd", "/", "cwd");
	MAGIC(proc_text("/proc/self/fd/%d", file), T("dir/file"), proc_text("fd/%d", file));
	MAGIC(proc_text("/proc/self/fd/%d", dir), T("dir"), proc_text("fd/%d", dir));
	MAGIC(proc_text("/dev/fd/%d", file), T("dir/file"), proc_text("fd/%d", file));
	THERE(proc_text("/proc/self/fd/%d/sub/deep", dir), T("dir/sub/deep"));
	CHECK(!got.magic);
	THERE(proc_text("/proc/self/fd/%d/", dir), T("dir"));
	THERE(proc_text("/proc/self/fd/%d/..", dir), top);
	ERROR(proc_text("/proc/self/fd/%d/x", file), ENOTDIR);
	ERROR(proc_text("/proc/self/fd/%d/", file), ENOTDIR);
	THERE("/proc/self/root/proc/self/cwd/proc/self/status", "/proc/self/status");
	THERE("/proc/self/cwd/etc", "/etc");
	MISSING("/proc/self/fd/999", "/proc/self/fd/999");
	close(file);
	close(dir);
}

static void test_standard_input(void)
{
	int saved = fcntl(0, F_DUPFD_CLOEXEC, 10), file = open(T("dir/file"), O_RDONLY | O_CLOEXEC);
	int pipes[2];

	REQUIRE(saved >= 0 && file >= 0 && pipe2(pipes, O_CLOEXEC) == 0 && dup2(file, 0) == 0);
	MAGIC("/dev/stdin", T("dir/file"), "fd/0");
	REQUIRE(dup2(pipes[0], 0) == 0);
	THERE("/dev/stdin", "/proc/self/fd/0");
	CHECK(got.anonymous && got.magic);
	CHECK_EQ(ask_at(AT_FDCWD, "/dev/stdin/x", true, false), -ENOTDIR);
	check_path(__LINE__, ask_at(0, "", true, true), "", "/proc/self/fd/0", true);
	CHECK(got.anonymous);
	REQUIRE(dup2(saved, 0) == 0);
	close(saved);
	close(file);
	close(pipes[0]);
	close(pipes[1]);
}

/* What has lost its path, and names that look like it. */
static void test_deleted(void)
{
	int gone, kept, fake, dir, memory = (int)syscall(SYS_memfd_create, "m", MFD_CLOEXEC);

	make_file(T("gone"));
	make_file(T("kept"));
	make_file(T("fake (deleted)"));
	REQUIRE(mkdir(T("gone-dir"), 0755) == 0);
	gone = open(T("gone"), O_RDONLY | O_CLOEXEC);
	kept = open(T("kept"), O_RDONLY | O_CLOEXEC);
	fake = open(T("fake (deleted)"), O_RDONLY | O_CLOEXEC);
	dir = open(T("gone-dir"), O_RDONLY | O_CLOEXEC);
	REQUIRE(memory >= 0 && gone >= 0 && kept >= 0 && fake >= 0 && dir >= 0);
	REQUIRE(unlink(T("gone")) == 0 && rmdir(T("gone-dir")) == 0);
	REQUIRE(link(T("kept"), T("kept-2")) == 0 && unlink(T("kept")) == 0);

	make_file(T("gone (deleted)"));		/* which is another file */
	THERE(proc_text("/proc/self/fd/%d", gone), proc_text("/proc/self/fd/%d", gone));
	CHECK(got.anonymous && got.magic);
	check_path(__LINE__, ask_at(gone, "", true, true), "", proc_text("/proc/self/fd/%d", gone), true);
	CHECK(got.anonymous);
	THERE(proc_text("/proc/self/fd/%d", memory), proc_text("/proc/self/fd/%d", memory));
	CHECK(got.anonymous);
	MAGIC(proc_text("/proc/self/fd/%d", fake), T("fake (deleted)"), proc_text("fd/%d", fake));
	ERROR(proc_text("/proc/self/fd/%d", kept), EACCES);	/* it lives on under a name whose rights are unknown */
	CHECK_EQ(ask_at(kept, "", true, true), -EACCES);
	CHECK_EQ(ask_at(dir, "x", true, false), -ENOENT);
	ERROR(proc_text("/proc/self/fd/%d/x", dir), ENOENT);
	close(memory);
	close(gone);
	close(kept);
	close(fake);
	close(dir);
}

/* A program may not make a file of its own anonymous by closing the directory that it is in. */
static void test_hidden(void)
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		int file = open(T("dir/file"), O_RDONLY | O_CLOEXEC);

		tid = getpid();
		REQUIRE(file >= 0 && chmod(T("dir"), 0) == 0);
		if (geteuid() == 0)
			syscall(SYS_setfsuid, 65534);	/* and with it goes the right to search any directory */
		ERROR(proc_text("/proc/self/fd/%d", file), EACCES);
		CHECK(!got.anonymous);
		CHECK_EQ(ask_at(file, "", true, true), -EACCES);
		CHECK_EQ(ask_at(AT_FDCWD, T("dir/file"), true, false), -EACCES);
		_exit(TEST_RESULT());
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && chmod(T("dir"), 0755) == 0);
	CHECK_EQ(status, 0);
}

/* Nor by reaching it through mounts of its own. */
static void test_other_mounts(void)
{
	int ready[2], hold[2], file = -1;
	char c = 'n';
	pid_t pid;

	REQUIRE(pipe2(ready, O_CLOEXEC) == 0 && pipe2(hold, O_CLOEXEC) == 0);
	file = open(T("dir/12/34"), O_RDONLY | O_CLOEXEC);	/* its number is the child's, too */
	pid = fork();
	REQUIRE(file >= 0 && pid >= 0);
	if (pid == 0) {
		alarm(60);
		if (unshare(CLONE_NEWNS) == 0) {
			int fd = open(T("dir/file"), O_RDONLY | O_CLOEXEC);

			c = 'y';
			if (fd < 0 || dup2(fd, file) != file || chdir(T("dir")) != 0)
				_exit(1);
		}
		close(hold[1]);
		_exit(write(ready[1], &c, 1) == 1 && read(hold[0], &c, 1) == 0 ? 0 : 1);
	}
	REQUIRE(read(ready[0], &c, 1) == 1);
	tid = pid;
	if (c == 'y') {
		ERROR(proc_text("/proc/self/fd/%d", file), EACCES);
		CHECK_EQ(ask_at(file, "", true, true), -EACCES);
		ERROR("file", EACCES);
	}
	tid = getpid();
	close(hold[1]);
	REQUIRE(waitpid(pid, NULL, 0) == pid);
	close(file);
	close(ready[0]);
	close(ready[1]);
	close(hold[0]);
}

/* Another process is the program: its directories, descriptors and links count, not the supervisor's. */
static void test_other_process(void)
{
	int ready[2], hold[2], own, status;
	char c;
	pid_t pid;

	REQUIRE(pipe2(ready, O_CLOEXEC) == 0 && pipe2(hold, O_CLOEXEC) == 0);
	own = open(T("dir/12/34"), O_RDONLY | O_CLOEXEC);
	pid = fork();
	REQUIRE(own >= 0 && pid >= 0);
	if (pid == 0) {
		int fd = open(T("dir/sub/deep"), O_RDONLY | O_CLOEXEC);

		alarm(60);
		if (fd < 0 || dup2(fd, own) != own || chdir(T("dir")) != 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		close(hold[1]);
		_exit(read(hold[0], &c, 1) == 0 ? 0 : 1);
	}
	REQUIRE(read(ready[0], &c, 1) == 1);
	tid = pid;
	THERE("file", T("dir/file"));
	check_path(__LINE__, ask_at(own, "", true, true), "", T("dir/sub/deep"), true);
	THERE(proc_text("/proc/self/fd/%d", own), T("dir/sub/deep"));
	CHECK(got.magic && strncmp(got.link, proc_text("%d/fd/", pid), strlen(proc_text("%d/fd/", pid))) == 0);
	THERE("/proc/self/cwd/odd", T("dir/file"));
	THERE(proc_text("/proc/%d/status", pid), "/proc/self/status");
	THERE(proc_text("/proc/%d/status", getpid()), proc_text("/proc/%d/status", getpid()));
	ERROR(proc_text("/proc/%d/cwd", getpid()), EACCES);
	ERROR(proc_text("/proc/%d/root/etc", getpid()), EACCES);
	ERROR(proc_text("/proc/%d/fd/0", getpid()), EACCES);
	THERE_NOFOLLOW(proc_text("/proc/%d/exe", getpid()), proc_text("/proc/%d/exe", getpid()));
	CHECK_EQ(target_tgid(proc_fd, pid), pid);
	close(hold[1]);
	REQUIRE(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 0);
	CHECK(ask_at(AT_FDCWD, "file", true, false) < 0);
	CHECK_EQ(target_tgid(proc_fd, pid), -ESRCH);
	tid = getpid();
	close(own);
	close(ready[0]);
	close(ready[1]);
	close(hold[0]);
}

/* ---- threads ---- */

static int thread_hold[2];

static void *thread_main(void *arg)
{
	int32_t *ret = arg;
	char c;

	if (unshare(CLONE_FS | CLONE_FILES) == 0 && chdir(T("dir/12")) == 0)
		__atomic_store_n(ret, (int32_t)syscall(SYS_gettid), __ATOMIC_RELEASE);
	else
		__atomic_store_n(ret, -1, __ATOMIC_RELEASE);
	(void)!read(thread_hold[0], &c, 1);
	return NULL;
}

static void test_thread(void)
{
	pthread_t thread;
	int32_t id = 0;

	REQUIRE(pipe2(thread_hold, O_CLOEXEC) == 0 && pthread_create(&thread, NULL, thread_main, &id) == 0);
	while (__atomic_load_n(&id, __ATOMIC_ACQUIRE) == 0)
		sched_yield();
	REQUIRE(id > 0);
	tid = id;
	THERE("34", T("dir/12/34"));		/* its own working directory */
	THERE("/proc/self/status", "/proc/self/status");
	THERE(proc_text("/proc/%d/status", getpid()), "/proc/self/status");
	THERE("/proc/thread-self/comm", proc_text("/proc/self/task/%d/comm", id));
	MAGIC("/proc/thread-self/cwd", T("dir/12"), proc_text("task/%d/cwd", id));
	CHECK_EQ(target_tgid(proc_fd, id), getpid());
	tid = getpid();
	CHECK(write(thread_hold[1], "x", 1) == 1);
	pthread_join(thread, NULL);
	close(thread_hold[0]);
	close(thread_hold[1]);
}

/* ---- rules ---- */

static void check_rule(int line, const char *path, const char *expected, bool exists)
{
	check_path(line, resolve_rule(path, &got), path, expected, exists);
}

#define RULE(path, expected, exists) check_rule(__LINE__, path, expected, exists)

static void test_rules(void)
{
	RULE("/", "/", true);
	RULE(T("to-sub/../file"), T("dir/file"), true);
	RULE(T("to-dir/"), T("dir"), true);
	RULE(T("to-dir/new/more/./x/../y/"), T("dir/new/more/y"), false);
	RULE(T("to-new"), T("dir/new"), false);
	RULE(T("dangling"), T("nothing/there"), false);
	RULE(T("dangling/x"), T("nothing/there/x"), false);
	RULE(T("dir/file/x"), T("dir/file/x"), false);
	RULE(T("nothing/../dir"), T("dir"), false);
	RULE("/proc/self/fd/../status", "/proc/self/status", false);
	RULE("/proc/self", "/proc/self", false);
	RULE("/proc/thread-self/comm", "/proc/thread-self/comm", false);
	RULE("/proc/mounts", "/proc/self/mounts", false);
	RULE("/proc/self/fd/3", "/proc/self/fd/3", false);
	CHECK_EQ(resolve_rule("dir", &got), -EINVAL);
	CHECK_EQ(resolve_rule("", &got), -EINVAL);
	CHECK_EQ(resolve_rule(T("round"), &got), -ELOOP);
}

/* ---- target ---- */

static void test_target(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *map = mmap(NULL, 4 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *end = map + 2 * page, buf[PATH_SIZE];

	REQUIRE(map != MAP_FAILED && munmap(end, 2 * (size_t)page) == 0);
	memset(map, 'a', 2 * (size_t)page);
	CHECK_EQ(target_path(tid, (uint64_t)(map), buf), -ENAMETOOLONG);
	CHECK_EQ(target_path(tid, (uint64_t)(end - PATH_SIZE), buf), -ENAMETOOLONG);
	CHECK_EQ(target_path(tid, (uint64_t)(end - PATH_SIZE + 1), buf), -EFAULT);
	CHECK_EQ(target_path(tid, (uint64_t)(end - 3), buf), -EFAULT);
	end[-1] = '\0';
	CHECK_EQ(target_path(tid, (uint64_t)(end - 3), buf), 2);
	CHECK_STR(buf, "aa");
	CHECK_EQ(target_path(tid, (uint64_t)(end - 1), buf), 0);
	CHECK_EQ(target_path(tid, (uint64_t)(end - PATH_SIZE), buf), PATH_SIZE - 1);
	CHECK_EQ(target_path(tid, (uint64_t)(end - PATH_SIZE - 1), buf), -ENAMETOOLONG);
	map[page + 4] = '\0';
	CHECK_EQ(target_path(tid, (uint64_t)(map + page - 10), buf), 14);	/* across pages */
	CHECK_EQ(target_path(tid, (uint64_t)end, buf), -EFAULT);
	CHECK_EQ(target_path(tid, 0, buf), -EFAULT);
	CHECK_EQ(target_path(tid, UINT64_MAX - 3, buf), -EFAULT);
	CHECK_EQ(target_read(tid, (uint64_t)(end - 8), buf, 8), 0);
	CHECK_EQ(target_read(tid, (uint64_t)(end - 8), buf, 9), -EFAULT);
	CHECK_EQ(target_read(tid, 0, buf, 0), 0);
	munmap(map, 2 * (size_t)page);

	umask(0137);
	CHECK_EQ(target_umask(proc_fd, tid), 0137);
	umask(022);
	CHECK_EQ(target_umask(proc_fd, 4194999), 022);
	REQUIRE(prctl(PR_SET_NAME, "a\nTgid:\t1\nUmask") == 0);
	CHECK_EQ(target_tgid(proc_fd, tid), getpid());
	CHECK_EQ(target_umask(proc_fd, tid), 022);
}

/* A program that is not dumpable: read where the supervisor may raise its capability, which is down again after. */
static void test_not_dumpable(void)
{
	int ready[2], hold[2], status;
	static char text[] = "in the child";
	char buf[PATH_SIZE], c;
	pid_t pid;

	REQUIRE(pipe2(ready, O_CLOEXEC) == 0 && pipe2(hold, O_CLOEXEC) == 0);
	pid = fork();
	REQUIRE(pid >= 0);
	if (pid == 0) {
		alarm(60);
		if (prctl(PR_SET_DUMPABLE, 0) != 0 || chdir(T("dir")) != 0 || write(ready[1], "r", 1) != 1)
			_exit(1);
		close(hold[1]);
		_exit(read(hold[0], &c, 1) == 0 ? 0 : 1);
	}
	REQUIRE(read(ready[0], &c, 1) == 1);
	tid = pid;
	(void)target_privilege(false);
	CHECK_EQ(target_path(pid, (uint64_t)text, buf), sizeof text - 1);
	CHECK_STR(buf, text);
	THERE("file", T("dir/file"));
	CHECK(target_privilege(true));	/* so it was down */
	tid = getpid();
	close(hold[1]);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	close(ready[0]);
	close(ready[1]);
	close(hold[0]);
}

/* ---- races ---- */

#define RACES 200000

static ino_t inode_of(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 ? st.st_ino : 0;
}

/* Flips what to_a_and_b is until its parent ends it: a link to a or to b, by an atomic rename. */
static pid_t start_flipper(bool exchange)
{
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(100);
	if (chdir(T("race")) != 0)
		_exit(1);
	for (uint64_t i = 0;; i++) {
		if (exchange) {		/* "real" is a directory, then a link to b */
			syscall(SYS_renameat2, AT_FDCWD, "real", AT_FDCWD, "other", 2 /* RENAME_EXCHANGE */);
			continue;
		}
		if (symlink(i % 2 ? "a" : "b", "next") != 0 || rename("next", "flip") != 0)
			_exit(1);
	}
}

static void stop(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* With one CPU the two take turns, each many times in a row. */
static bool both_seen(const int *seen, size_t n)
{
	size_t kinds = 0;

	for (size_t k = 0; k < n; k++)
		kinds += seen[k] > 0;
	return kinds >= 2;
}

/* Every answer names a directory by its own name, and the object at that text is that directory's. CORDON_TEST_RACES:
 * how many, and as many more as it takes to see both sides. */
static void race(const char *path, const char *const *texts, const ino_t *inodes, size_t n, int *seen)
{
	long races = number_from_env("CORDON_TEST_RACES", RACES);

	for (long i = 0; (i < races || (i < RACES && !both_seen(seen, n))) && test_failures < 10; i++) {
		bool known = false;
		int rc = ask_at(AT_FDCWD, path, true, false);

		if (rc < 0) {
			seen[n]++;
			continue;
		}
		for (size_t k = 0; k < n; k++) {
			if (strcmp(got.path, texts[k]) != 0)
				continue;
			known = true;
			seen[k]++;
			/* Some texts always are the same object; others are one object or another, or a link now. */
			if (inodes[k] != 0 && inode_of(got.path) != inodes[k])
				TEST_FAIL("%s leads elsewhere", got.path);
		}
		if (!known)
			TEST_FAIL("%s: %s", path, got.path);
	}
}

static void test_race(void)
{
	static char a[512], b[512], real[512];
	const char *const texts[] = { a, b, real };
	ino_t inodes[3];
	int flips[4] = { 0 }, exchanges[4] = { 0 };
	pid_t pid;

	REQUIRE(mkdir(T("race"), 0755) == 0 && mkdir(T("race/a"), 0755) == 0 && mkdir(T("race/b"), 0755) == 0);
	REQUIRE(mkdir(T("race/real"), 0755) == 0);
	make_link("b", "race/other");
	make_link("a", "race/flip");
	make_file(T("race/a/f"));
	make_file(T("race/b/f"));
	make_file(T("race/real/f"));
	snprintf(a, sizeof a, "%s/race/a/f", top);
	snprintf(b, sizeof b, "%s/race/b/f", top);
	snprintf(real, sizeof real, "%s/race/real/f", top);
	inodes[0] = inode_of(a);
	inodes[1] = inode_of(b);
	inodes[2] = 0;

	pid = start_flipper(false);
	race(T("race/flip/../flip/./f"), texts, inodes, 3, flips);
	stop(pid);
	CHECK(flips[0] > 0 && flips[1] > 0);
	CHECK_EQ(flips[2], 0);

	/* The directory itself changes places with a link: the answer is what the name was, never a mixture. */
	pid = start_flipper(true);
	race(T("race/real/f"), texts, inodes, 3, exchanges);
	stop(pid);
	CHECK(exchanges[1] > 0 && exchanges[2] > 0);
	CHECK_EQ(exchanges[0], 0);
	printf("flips: a %d, b %d, errors %d; exchanges: b %d, real %d, errors %d\n", flips[0], flips[1], flips[3],
	       exchanges[1], exchanges[2], exchanges[3]);
}

/* ---- cost ---- */

static void show_cost(const char *what, const char *path)
{
	const int n = 20000;
	uint64_t start = clock_ns();

	for (int i = 0; i < n; i++)
		(void)ask_at(AT_FDCWD, path, true, false);
	printf("%s: %" PRIu64 " ns\n", what, (clock_ns() - start) / n);
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

int main(void)
{
	char template[] = "/tmp/cordon-resolve.XXXXXX", command[300];
	int descriptors;

	umask(022);
	REQUIRE(mkdtemp(template) != NULL && realpath(template, top) != NULL);
	proc_fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(proc_fd >= 0 && chdir("/") == 0);
	tid = getpid();
	descriptors = open_descriptors();
	make_tree();
	test_plain();
	test_links();
	test_relative();
	test_lengths();
	test_deep();
	test_proc_self();
	test_standard_input();
	test_deleted();
	test_hidden();
	test_other_mounts();
	test_other_process();
	test_thread();
	test_rules();
	test_target();
	if (geteuid() == 0)
		test_not_dumpable();	/* the capability is root's */
	test_race();
	CHECK_EQ(open_descriptors(), descriptors);
	show_cost("absolute", T("dir/sub/deep"));
	show_cost("missing", T("dir/sub/nothing"));
	show_cost("one link", T("to-file"));
	REQUIRE(chdir(T("dir")) == 0);
	show_cost("relative", "sub/deep");
	show_cost("/proc/self/status", "/proc/self/status");
	REQUIRE(chdir("/") == 0);
	snprintf(command, sizeof command, "rm -rf '%s'", top);
	CHECK_EQ(system(command), 0);
	return TEST_RESULT();
}
