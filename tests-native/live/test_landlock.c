/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock rulesets of path rules, entered by processes of this test: what they allow, what they refuse, and what a
 * race gains.
 *
 * Each scenario makes a directory, and one or more children that restrict themselves and then try. They are root if the
 * test is, so refusals are Landlock's. */
#include "restrict.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#define RULES(...) (const struct cordon_path_rule[]){ __VA_ARGS__ }
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RESTRICT(...) restrict_self(RULES(__VA_ARGS__), COUNT(((const struct cordon_path_rule[]){ __VA_ARGS__ })))

#if defined(__x86_64__)
#define LOADER "/lib64/ld-linux-x86-64.so.2"
#else
#define LOADER "/lib/ld-linux-aarch64.so.1"
#endif

/* What every dynamic program needs; the links of a merged /usr are followed. */
#define SYSTEM { "/usr", TREE, R | X }, { "/bin", TREE, R | X }, { "/lib", TREE, R | X }, { "/lib64", TREE, R | X }

static int abi;
static char top[64];	/* the scenario's folder, which is also the working directory */

/* 0, or the errno of a call that returns -1. */
#define ERRNO_OF(call) ((call) == -1 ? errno : 0)

/* What a scenario can't try here; a failure where it must work. */
static void skip(const char *why)
{
	if (test_skip(__FILE__, __LINE__, why) == 1)
		TEST_FAIL("this must work here: %s", why);
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0644);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int try_list(const char *path)
{
	return try_open(path, O_RDONLY | O_DIRECTORY);
}

/* The exit status of a program, or 1000 + the errno of its exec. path is "" where fd is the program. */
static int try_execat(int fd, const char *path)
{
	char *const argv[] = { (char *)"program", NULL }, *const env[] = { NULL };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		close(1);
		syscall(__NR_execveat, fd, path, argv, env, AT_EMPTY_PATH);
		_exit(errno);	/* no program here exits with EACCES by itself */
	}
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		return 1000 + WEXITSTATUS(status);
	return status;
}

static int try_exec(const char *path)
{
	return try_execat(AT_FDCWD, path);
}

static char *absolute(const char *name)
{
	static char bufs[16][512];
	static size_t next;
	char *buf = bufs[next++ % COUNT(bufs)];

	snprintf(buf, sizeof bufs[0], "%s/%s", top, name);
	return buf;
}

#define A(name) absolute(name)

static void make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);

	REQUIRE(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void copy_program(const char *name, const char *to)
{
	char from[512], buf[65536];
	int in, out;
	ssize_t n;

	snprintf(from, sizeof from, "%s/%s", getenv("CORDON_TEST_PROGRAMS"), name);
	in = open(from, O_RDONLY | O_CLOEXEC);
	out = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	REQUIRE(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof buf)) > 0)
		REQUIRE(write(out, buf, (size_t)n) == n);
	close(in);
	close(out);
}

/* Runs fn in a child, whose failures are the test's. */
static void in_child(void (*fn)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		alarm(60);
		test_failures = 0;
		fn();
		_exit(TEST_RESULT());
	}
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
}

/* ---- files ---- */

/* A descriptor that was had without any right is none to the file. */
static int try_reopen(const char *path)
{
	char link[64];
	int fd = open(path, O_PATH | O_CLOEXEC), rc;

	REQUIRE(fd >= 0);
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	rc = try_open(link, O_RDONLY);
	close(fd);
	return rc;
}

static void reading(void)
{
	RESTRICT({ A("ro"), TREE, R }, { A("one"), ONLY, R }, { A("entries"), ENTRIES, R }, { A("none"), TREE, S },
		 { A("ro/sub"), TREE, 0 });
	CHECK_EQ(try_open("ro/file", O_RDONLY), 0);
	CHECK_EQ(try_open("ro/sub/deep", O_RDONLY), 0);	/* documented: nothing can be taken away */
	CHECK_EQ(try_list("ro"), 0);
	CHECK_EQ(try_open("one", O_RDONLY), 0);
	CHECK_EQ(try_open("entries/file", O_RDONLY), 0);
	CHECK_EQ(try_open("denied/secret", O_RDONLY), EACCES);
	CHECK_EQ(try_open("none/file", O_RDONLY), EACCES);
	CHECK_EQ(try_list("denied"), EACCES);
	CHECK_EQ(try_list("."), EACCES);
	CHECK_EQ(try_open("ro/../denied/secret", O_RDONLY), EACCES);
	CHECK_EQ(try_open("ro/file", O_WRONLY), EACCES);
	CHECK_EQ(try_open("ro/file", O_RDWR), EACCES);
	CHECK_EQ(try_open("ro/new", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(try_open("one", O_WRONLY), EACCES);
	CHECK_EQ(ERRNO_OF(unlink("ro/file")), EACCES);
	CHECK_EQ(try_exec("ro/file"), 1000 + EACCES);
	/* Not Landlock's to refuse. */
	CHECK_EQ(ERRNO_OF(access("denied/secret", R_OK)), 0);
	CHECK_EQ(try_open("denied/secret", O_PATH), 0);
	CHECK_EQ(try_reopen("denied/secret"), EACCES);
	CHECK_EQ(try_reopen("ro/file"), 0);
	CHECK_EQ(ERRNO_OF(chdir("denied")), 0);
	CHECK_EQ(try_open("secret", O_RDONLY), EACCES);
	CHECK_EQ(try_open("/proc/self/cwd/secret", O_RDONLY), EACCES);
}

static void truncating(void)
{
	int fd;

	RESTRICT({ A("ro"), TREE, R }, { A("rw"), TREE, R | W });
	CHECK_EQ(ERRNO_OF(truncate("rw/file", 1)), 0);
	CHECK_EQ(try_open("rw/file", O_WRONLY | O_TRUNC), 0);
	fd = open("rw/file", O_RDWR | O_CLOEXEC);
	CHECK_EQ(ERRNO_OF(ftruncate(fd, 3)), 0);
	close(fd);
	if (abi < LANDLOCK_ABI_TRUNCATE)
		return;
	CHECK_EQ(ERRNO_OF(truncate("ro/file", 0)), EACCES);
	CHECK_EQ(try_open("ro/file", O_RDONLY | O_TRUNC), EACCES);
	CHECK_EQ(ERRNO_OF(truncate("denied/secret", 0)), EACCES);
}

static void making_and_removing(void)
{
	RESTRICT({ A("rw"), TREE, R | W }, { A("ro"), TREE, R });
	CHECK_EQ(try_open("rw/a/new", O_RDWR | O_CREAT | O_EXCL), 0);
	CHECK_EQ(ERRNO_OF(mkdir("rw/a/dir", 0755)), 0);
	CHECK_EQ(ERRNO_OF(symlink("nowhere", "rw/a/link")), 0);
	CHECK_EQ(ERRNO_OF(mkfifo("rw/a/fifo", 0600)), 0);
	CHECK_EQ(ERRNO_OF(mknod("rw/a/socket", S_IFSOCK | 0600, 0)), 0);
	CHECK_EQ(ERRNO_OF(mknod("rw/a/null", S_IFCHR | 0600, makedev(1, 3))), EACCES);
	/* A whiteout is no device; whether its making is refused depends on the kernel. Later ones of 6.1 let it
	 * pass. */
	CHECK(ERRNO_OF(mknod("rw/a/whiteout", S_IFCHR, 0)) == EACCES || ERRNO_OF(unlink("rw/a/whiteout")) == 0);
	CHECK_EQ(ERRNO_OF(mknod("rw/a/block", S_IFBLK | 0600, makedev(7, 0))), EACCES);
	CHECK_EQ(ERRNO_OF(rename("rw/a/new", "rw/a/newer")), 0);
	CHECK_EQ(ERRNO_OF(unlink("rw/a/newer")), 0);
	CHECK_EQ(ERRNO_OF(unlink("rw/a/link")), 0);
	CHECK_EQ(ERRNO_OF(unlink("rw/a/fifo")), 0);
	CHECK_EQ(ERRNO_OF(unlink("rw/a/socket")), 0);
	CHECK_EQ(ERRNO_OF(rmdir("rw/a/dir")), 0);
	CHECK_EQ(ERRNO_OF(mkdir("ro/dir", 0755)), EACCES);
	CHECK_EQ(ERRNO_OF(rmdir("ro/sub/empty")), EACCES);
	CHECK_EQ(ERRNO_OF(symlink("x", "denied/x")), EACCES);
	CHECK_EQ(ERRNO_OF(unlink("denied/secret")), EACCES);
	CHECK_EQ(ERRNO_OF(rename("denied/secret", "denied/moved")), EACCES);
}

static void moving_across(void)
{
	RESTRICT({ A("rw"), TREE, R | W }, { A("ro"), TREE, R }, { A("rw2"), TREE, R | W | X });
	CHECK_EQ(ERRNO_OF(rename("rw/a/move", "rw/b/move")), abi >= LANDLOCK_ABI_REFER ? 0 : EXDEV);
	/* The file would get a right that it has not: to be executed. */
	CHECK_EQ(ERRNO_OF(rename("rw/file", "rw2/file")), EXDEV);
	CHECK_EQ(ERRNO_OF(link("rw/file", "rw2/file")), EXDEV);
	/* A link of a file that may only be read would be one that may be written. */
	CHECK(ERRNO_OF(link("ro/file", "rw/stolen")) != 0);
	CHECK(ERRNO_OF(link("denied/secret", "rw/stolen")) != 0);
	CHECK(ERRNO_OF(rename("denied/secret", "rw/stolen")) != 0);
	CHECK(ERRNO_OF(rename("denied", "rw/stolen")) != 0);
	CHECK(ERRNO_OF(rename("rw/file", "ro/file")) != 0);
	CHECK_EQ(ERRNO_OF(access("rw/stolen", F_OK)), ENOENT);
}

static void links_into_denied(void)
{
	RESTRICT({ A("rw"), TREE, R | W }, { A("link-to-ro"), TREE, R });
	CHECK_EQ(try_open("rw/link", O_RDONLY), EACCES);
	CHECK_EQ(try_open("rw/dirlink/secret", O_RDONLY), EACCES);
	CHECK_EQ(try_list("rw/dirlink"), EACCES);
	CHECK_EQ(ERRNO_OF(symlink(A("denied"), "rw/own")), 0);
	CHECK_EQ(try_open("rw/own/secret", O_RDONLY), EACCES);
	CHECK_EQ(try_open("rw/own/new", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(ERRNO_OF(unlink("rw/own/secret")), EACCES);
	CHECK_EQ(ERRNO_OF(access("denied/new", F_OK)), ENOENT);
	/* The rule's own link is followed. */
	CHECK_EQ(try_open("ro/file", O_RDONLY), 0);
	CHECK_EQ(try_open("link-to-ro/file", O_RDONLY), 0);
}

static void only(void)
{
	RESTRICT({ A("one"), ONLY, R | W }, { A("lone"), ONLY, R | W });
	CHECK_EQ(try_open("one", O_RDWR | O_TRUNC), 0);
	CHECK_EQ(ERRNO_OF(unlink("one")), EACCES);
	CHECK_EQ(ERRNO_OF(rename("one", "other")), EACCES);
	CHECK_EQ(try_open("other", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(try_list("lone"), 0);
	CHECK_EQ(try_open("lone/file", O_RDONLY), EACCES);
	CHECK_EQ(try_open("lone/file", O_WRONLY), EACCES);
	CHECK_EQ(try_open("lone/new", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(ERRNO_OF(rmdir("lone")), EACCES);
}

static void missing_names(void)
{
	RESTRICT({ A("new/out"), ONLY, R | W }, { A("ro/gone"), TREE, R | X }, { A("gone/out"), TREE, R | W },
		 { A("denied/dangling"), TREE, R | W }, { A("tree/build/"), TREE, R | W },
		 { "/cordon-test-missing", TREE, R | W });
	CHECK_EQ(try_open("new/out", O_RDWR | O_CREAT | O_EXCL), 0);
	CHECK_EQ(try_open("new/out", O_RDWR | O_TRUNC), 0);
	CHECK_EQ(ERRNO_OF(unlink("new/out")), EACCES);
	CHECK_EQ(try_list("new"), EACCES);
	CHECK_EQ(ERRNO_OF(mkdir("tree/build", 0755)), 0);
	CHECK_EQ(try_open("tree/build/out", O_RDWR | O_CREAT), 0);
	CHECK_EQ(ERRNO_OF(unlink("tree/build/out")), 0);
	/* No rule came of these. */
	CHECK_EQ(try_open("ro/file", O_RDONLY), EACCES);
	CHECK_EQ(try_open("denied/secret", O_RDONLY), EACCES);
	CHECK_EQ(try_open("denied/new", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(try_open("denied/dangling", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(ERRNO_OF(mkdir("gone", 0755)), EACCES);
	CHECK_EQ(try_open("/cordon-test-missing", O_WRONLY | O_CREAT), EACCES);
	CHECK_EQ(try_open("/etc/passwd", O_RDONLY), EACCES);
}

/* ---- programs ---- */

static void executing(void)
{
	RESTRICT(SYSTEM, { A("exec"), TREE, R | X }, { A("rw"), TREE, R | W });
	CHECK_EQ(try_exec("/bin/true"), 0);
	CHECK_EQ(try_exec("exec/static"), 0);
	CHECK_EQ(try_exec("rw/static"), 1000 + EACCES);
	CHECK_EQ(try_exec("denied/static"), 1000 + EACCES);
	CHECK_EQ(try_open("exec/static", O_WRONLY), EACCES);
}

/* The loader and the program are executed, the libraries are only read. */
static void executing_exactly(void)
{
	RESTRICT({ "/bin/true", ONLY, X }, { LOADER, ONLY, X }, { "/lib", TREE, R }, { "/usr/lib", TREE, R },
		 { "/etc/ld.so.cache", ONLY, R });
	CHECK_EQ(try_exec("/bin/true"), 0);
	CHECK_EQ(try_exec("/bin/false"), 1000 + EACCES);
	CHECK_EQ(try_exec("exec/static"), 1000 + EACCES);
}

static void executing_only(void)
{
	RESTRICT({ A("exec/static"), ONLY, X });
	CHECK_EQ(try_exec("exec/static"), 0);
	CHECK_EQ(try_open("exec/static", O_RDONLY), 0);	/* documented: the kernel asks for both at an exec */
	CHECK_EQ(try_open("exec/static", O_WRONLY), EACCES);
	CHECK_EQ(try_open("exec/file", O_RDONLY), EACCES);
	CHECK_EQ(try_exec("/bin/true"), 1000 + EACCES);
}

/* By descriptor: a file counts by its path, and what has none is not Landlock's (documented). */
static void executing_descriptors(void)
{
	int file = open("denied/static", O_PATH | O_CLOEXEC), memory = memfd_create("program", MFD_CLOEXEC);
	int in = open("denied/static", O_RDONLY | O_CLOEXEC);
	char buf[65536];
	ssize_t n;

	REQUIRE(file >= 0 && memory >= 0 && in >= 0);
	while ((n = read(in, buf, sizeof buf)) > 0)
		REQUIRE(write(memory, buf, (size_t)n) == n);
	RESTRICT({ A("exec/static"), ONLY, X });
	CHECK_EQ(try_execat(file, ""), 1000 + EACCES);
	CHECK_EQ(try_execat(in, ""), 1000 + EACCES);
	CHECK_EQ(try_execat(memory, ""), 0);
	close(file);
	close(memory);
	close(in);
}

/* A dynamic program whose loader must not be executed does not start. */
static void loader_denied(void)
{
	RESTRICT({ "/bin/true", ONLY, R | X }, { "/lib", TREE, R }, { "/usr/lib", TREE, R });
	CHECK_EQ(try_exec("/bin/true"), 1000 + EACCES);
}

/* ---- devices ---- */

static void devices(void)
{
	struct termios t;
	char *name;
	int ptmx, tty;

	RESTRICT({ "/dev/null", ONLY, R | W }, { "/dev/zero", ONLY, R }, { "/dev/ptmx", ONLY, R | W },
		 { "/dev/pts", TREE, R | W });
	CHECK_EQ(try_open("/dev/null", O_RDWR | O_TRUNC), 0);
	CHECK_EQ(try_open("/dev/zero", O_RDONLY), 0);
	CHECK_EQ(try_open("/dev/zero", O_WRONLY), EACCES);
	CHECK_EQ(try_open("/dev/full", O_RDONLY), EACCES);
	ptmx = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ptmx < 0 || unlockpt(ptmx) != 0 || (name = ptsname(ptmx)) == NULL) {
		TEST_FAIL("no terminal: %s", strerror(errno));
		return;
	}
	tty = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	CHECK(tty >= 0);
	CHECK_EQ(ERRNO_OF(tcgetattr(tty, &t)), 0);
	CHECK_EQ(ERRNO_OF(tcsetattr(tty, TCSANOW, &t)), 0);
	close(tty);
	close(ptmx);
}

/* open(path, 3) wants neither reading nor writing, and Landlock lets it through: its descriptor must be good for
 * nothing. */
static void open_for_ioctl(void)
{
	int fd, rest;

	RESTRICT({ "/dev/null", ONLY, R | W });
	fd = open("/dev/null", 3 | O_CLOEXEC);
	CHECK(fd >= 0);
	CHECK_EQ(ERRNO_OF(ioctl(fd, TCGETS, &(char[64]){ 0 })), ENOTTY);
	close(fd);
	fd = open("/dev/zero", 3 | O_CLOEXEC);
	if (fd < 0)
		return;	/* a kernel that refuses it: better */
	if (abi >= LANDLOCK_ABI_IOCTL_DEV)
		CHECK_EQ(ERRNO_OF(ioctl(fd, TCGETS, &(char[64]){ 0 })), EACCES);
	CHECK_EQ(ERRNO_OF(read(fd, &rest, sizeof rest)), EBADF);
	CHECK_EQ(ERRNO_OF(write(fd, &rest, sizeof rest)), EBADF);
	close(fd);
}

/* ---- /proc ---- */

static pid_t outside;	/* a process that no child of a scenario is inside of */

static void proc_of_child(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	char path[64];

	/* as every program of ours: CAP_PERFMON may read maps */
	REQUIRE(syscall(__NR_capset, &head, none) == 0);
	CHECK_EQ(try_open("/proc/self/status", O_RDONLY), 0);
	CHECK_EQ(try_open("/proc/thread-self/stat", O_RDONLY), 0);
	CHECK_EQ(try_open("/proc/mounts", O_RDONLY), 0);
	CHECK_EQ(try_list("/proc/self/task"), 0);
	CHECK_EQ(try_open("/proc/self/comm", O_WRONLY), EACCES);
	CHECK_EQ(try_open("/proc/self/exe", O_RDONLY), EACCES);	/* the file behind it has no rule */
	snprintf(path, sizeof path, "/proc/%d/environ", (int)outside);
	CHECK_EQ(try_open(path, O_RDONLY), EACCES);
	snprintf(path, sizeof path, "/proc/%d/mem", (int)outside);
	CHECK_EQ(try_open(path, O_RDONLY), EACCES);
	snprintf(path, sizeof path, "/proc/%d/maps", (int)outside);
	CHECK_EQ(try_open(path, O_RDONLY), EACCES);
	snprintf(path, sizeof path, "/proc/%d/root/etc/passwd", (int)outside);
	CHECK_EQ(try_open(path, O_RDONLY), EACCES);
	snprintf(path, sizeof path, "/proc/%d/fd/0", (int)outside);
	CHECK_EQ(ERRNO_OF(readlink(path, (char[8]){ 0 }, 8)), EACCES);
	snprintf(path, sizeof path, "/proc/%d/oom_score_adj", (int)outside);
	CHECK_EQ(try_open(path, O_WRONLY), EACCES);
}

static void proc_self(void)
{
	RESTRICT({ "/proc/self", TREE, R | W | X });
	in_child(proc_of_child);
}

/* It may not exist for the process that makes the ruleset, or be another's file there. */
static void proc_self_elsewhere(void)
{
	RESTRICT({ "/proc/self/fd/1000", ONLY, R });
	in_child(proc_of_child);
}

/* The same through links that lead into the process's own directory. */
static void proc_self_by_link(void)
{
	RESTRICT({ A("mounts"), ONLY, R });
	in_child(proc_of_child);
}

static void proc_file(void)
{
	RESTRICT({ "/proc/meminfo", ONLY, R }, { "/proc/selfish", TREE, R });
	CHECK_EQ(try_open("/proc/meminfo", O_RDONLY), 0);
	CHECK_EQ(try_open("/proc/cpuinfo", O_RDONLY), EACCES);
	CHECK_EQ(try_open("/proc/self/status", O_RDONLY), EACCES);
}

/* What the process that makes the ruleset happens to have open is no rule of anybody's. */
static void magic_links(void)
{
	int fd = open("denied/secret", O_RDONLY | O_CLOEXEC);

	REQUIRE(fd >= 0 && dup2(fd, 0) == 0);
	RESTRICT({ "/dev/stdin", ONLY, R }, { "/dev/fd/0", ONLY, R }, { "/proc/self/fd/0", ONLY, R },
		 { "/proc/self/cwd", TREE, R | W });
	CHECK_EQ(try_open("denied/secret", O_RDONLY), EACCES);
	CHECK_EQ(try_open("/dev/stdin", O_RDONLY), EACCES);
	CHECK_EQ(try_open("new/x", O_WRONLY | O_CREAT), EACCES);
	close(fd);
}

/* A file that Landlock knows no rules for: the kernel refuses the rule, and would never refuse the file. */
static void bound_namespace(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("/proc/self/ns/uts", "one", NULL, MS_BIND, NULL) != 0) {
		skip("root: cannot mount");
		return;
	}
	RESTRICT({ A("one"), ONLY, R });
	CHECK_EQ(try_open("one", O_RDONLY), 0);
	CHECK_EQ(try_open("ro/file", O_RDONLY), EACCES);
}

/* ---- races ---- */

#define FLIPS 1000000
#define FLIPS_LEAST 200000
#define FLIP_SECONDS 10

static char flipping[512];
static size_t flip_at;
static bool flip_stop;

static void *flip(void *arg)
{
	(void)arg;
	for (unsigned i = 0; !__atomic_load_n(&flip_stop, __ATOMIC_RELAXED); i++)
		__atomic_store_n(&flipping[flip_at], "ad"[i % 2], __ATOMIC_RELAXED);
	return NULL;
}

static int64_t seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

struct wins {
	uint32_t tries, allowed, refused, denied_opened;
};

/* Goes on for FLIP_SECONDS, and on a slow or busy machine until there are enough tries. */
static void open_while_flipping(uint32_t tries, ino_t denied, struct wins *ret)
{
	uint32_t least = (uint32_t)test_rounds(FLIPS_LEAST);
	int64_t end = seconds() + FLIP_SECONDS;
	pthread_t thread;
	struct stat st;

	*ret = (struct wins){ 0 };
	flip_stop = false;
	REQUIRE(pthread_create(&thread, NULL, flip, NULL) == 0);
	while (ret->tries < tries && (ret->tries < least || ret->tries % 1024 != 0 || seconds() < end)) {
		int fd = open(flipping, O_RDONLY | O_CLOEXEC);

		ret->tries++;
		if (fd < 0 && errno == EACCES)
			ret->refused++;
		if (fd < 0)
			continue;
		REQUIRE(fstat(fd, &st) == 0);
		if (st.st_ino == denied)
			ret->denied_opened++;
		else
			ret->allowed++;
		close(fd);
	}
	__atomic_store_n(&flip_stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
}

static void flipping_path(void)
{
	struct wins w;
	struct stat st;

	REQUIRE(stat("flip/d/file", &st) == 0);
	snprintf(flipping, sizeof flipping, "%s/flip/a/file", top);
	flip_at = strlen(top) + strlen("/flip/");
	/* Without the ruleset the race is won at once; else this scenario would show nothing. */
	open_while_flipping(20000, st.st_ino, &w);
	CHECK(w.denied_opened > 0);
	CHECK(w.allowed > 0);
	CHECK_EQ(w.refused, 0);
	RESTRICT({ A("flip/a"), TREE, R });
	open_while_flipping((uint32_t)test_rounds(FLIPS), st.st_ino, &w);
	fprintf(stderr, "flipping path: %u tries, %u allowed, %u refused, %u won\n", w.tries, w.allowed, w.refused,
		w.denied_opened);
	CHECK_EQ(w.denied_opened, 0);
	CHECK(w.tries >= test_rounds(FLIPS_LEAST));
	CHECK(w.allowed > 0);
	CHECK(w.refused > 0);
}

/* A link in a writable tree that is exchanged between two targets while it is opened. */
static void *exchange(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&flip_stop, __ATOMIC_RELAXED))
		if (syscall(__NR_renameat2, AT_FDCWD, "rw/good", AT_FDCWD, "rw/bad", 2 /* RENAME_EXCHANGE */) != 0)
			return (void *)1;
	return NULL;
}

static void flipping_link(void)
{
	int64_t end = seconds() + FLIP_SECONDS;
	uint32_t allowed = 0, refused = 0;
	pthread_t thread;
	struct stat st, denied;
	void *failed;

	REQUIRE(stat("denied/secret", &denied) == 0);
	REQUIRE(symlink("../ro/file", "rw/good") == 0 && symlink("../denied/secret", "rw/bad") == 0);
	RESTRICT({ A("rw"), TREE, R | W }, { A("ro"), TREE, R });
	flip_stop = false;
	REQUIRE(pthread_create(&thread, NULL, exchange, NULL) == 0);
	for (uint32_t i = 0; i < FLIPS / 10 && (i % 1024 != 0 || seconds() < end); i++) {
		int fd = open("rw/good", O_RDONLY | O_CLOEXEC);

		allowed += fd >= 0;
		refused += fd < 0 && errno == EACCES;
		if (fd < 0)
			continue;
		REQUIRE(fstat(fd, &st) == 0);
		CHECK(st.st_ino != denied.st_ino);
		close(fd);
	}
	__atomic_store_n(&flip_stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, &failed);
	CHECK(failed == NULL);
	CHECK(allowed > 0);
	CHECK(refused > 0);
}

/* ---- scopes ---- */

static void wait_for_kill(void)
{
	for (;;)
		pause();
}

static void signals(void)
{
	pid_t own;
	int status;

	if (abi < LANDLOCK_ABI_SCOPE) {
		skip("landlock-scope: signals need ABI 6");
		return;
	}
	RESTRICT({ A("ro"), TREE, R });
	CHECK_EQ(ERRNO_OF(kill(outside, 0)), EPERM);
	CHECK_EQ(ERRNO_OF(kill(outside, SIGCONT)), EPERM);
	CHECK_EQ(ERRNO_OF(kill(outside, SIGKILL)), EPERM);
	CHECK_EQ(ERRNO_OF(kill(getppid(), SIGCONT)), EPERM);
	CHECK_EQ(ERRNO_OF(syscall(__NR_tgkill, outside, outside, SIGCONT)), EPERM);
	CHECK_EQ(ERRNO_OF(kill(getpid(), 0)), 0);
	own = fork();
	if (own == 0)
		wait_for_kill();
	CHECK_EQ(ERRNO_OF(kill(own, SIGKILL)), 0);
	CHECK_EQ(waitpid(own, &status, 0), own);
	CHECK_EQ(status, SIGKILL);
}

static socklen_t abstract_name(struct sockaddr_un *ret, const char *name)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(ret->sun_path + 1, sizeof ret->sun_path - 1, "cordon-test-%s-%s", top + 1, name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(ret->sun_path + 1));
}

static int abstract_listen(const char *name)
{
	struct sockaddr_un a;
	socklen_t len = abstract_name(&a, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 4) == 0);
	return fd;
}

static int abstract_connect(const char *name)
{
	struct sockaddr_un a;
	socklen_t len = abstract_name(&a, name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int rc = ERRNO_OF(connect(fd, (struct sockaddr *)&a, len));

	close(fd);
	return rc;
}

static void abstract_sockets(void)
{
	int own;

	if (abi < LANDLOCK_ABI_SCOPE) {
		skip("landlock-scope: abstract sockets need ABI 6");
		return;
	}
	CHECK_EQ(abstract_connect("outside"), 0);
	RESTRICT({ A("ro"), TREE, R });
	CHECK_EQ(abstract_connect("outside"), EPERM);
	own = abstract_listen("inside");
	CHECK_EQ(abstract_connect("inside"), 0);
	close(own);
}

/* ---- rulesets ---- */

static long open_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	long n = 0;

	REQUIRE(d != NULL);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* Everything that has a way of its own through the module, many times: no descriptor stays, and the ruleset's is
 * close-on-exec. */
static void no_leaks(void)
{
	static char too_long[5000];
	const struct cordon_path_rule good[] = {
		{ A("ro"), TREE, R },
		{ A("one"), ONLY, W },
		{ A("new/out"), TREE, W },
		{ A("gone/out"), TREE, W },
		{ A("denied/dangling"), TREE, W },
		{ "/proc/self/fd", TREE, R },
		{ "/proc/mounts", ONLY, R },
		{ "/dev/stdin", TREE, R },
		{ A("loop"), TREE, R },
		{ A("one/below"), TREE, R | W },
		{ "/", TREE, S },
		{ "/", ONLY, R | W | X },
		{ A("rw/fifo"), ONLY, R },
		{ "/missing", TREE, W },
		{ "//", TREE, R },
	};
	const struct cordon_path_rule bad[] = { { A("ro"), TREE, R }, { too_long, TREE, R } };
	long before = open_fds();
	struct cordon_error err;
	int fd;

	memset(too_long, 'x', sizeof too_long - 1);
	too_long[0] = '/';
	for (int i = 0; i < 100; i++) {
		fd = restrict_ruleset(good, COUNT(good), &err);
		CHECK(fd >= 0);
		CHECK_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
		memset(&err, 0, sizeof err);
		CHECK_EQ(restrict_ruleset(bad, COUNT(bad), &err), -ENAMETOOLONG);
		CHECK_EQ(err.step, CORDON_STEP_LANDLOCK);
		CHECK_EQ(err.err, ENAMETOOLONG);
		CHECK_EQ(err.index, 1);
		CHECK(err.flags & CORDON_ERROR_TRUNCATED);
	}
	CHECK_EQ(open_fds(), before);
}

static void no_rules(void)
{
	restrict_self(NULL, 0);
	CHECK_EQ(try_open("ro/file", O_RDONLY), EACCES);
	CHECK_EQ(try_list("/"), EACCES);
	CHECK_EQ(try_exec("/bin/true"), 1000 + EACCES);
}

/* Not a check: how long a ruleset of usual size takes. */
static void cost(void)
{
	const struct cordon_path_rule rules[] = {
		SYSTEM,
		{ "/etc/ld.so.cache", ONLY, R },
		{ "/etc/localtime", ONLY, R },
		{ "/etc/passwd", ONLY, R },
		{ "/dev/null", ONLY, R | W },
		{ "/dev/urandom", ONLY, R },
		{ "/dev/zero", ONLY, R | W },
		{ "/proc/self", TREE, R },
		{ "/proc/meminfo", ONLY, R },
		{ "/proc/cpuinfo", ONLY, R },
		{ "/tmp", TREE, R | W },
		{ top, TREE, R | W },
		{ A("ro"), TREE, R },
	};
	struct timespec a, b;
	struct cordon_error err;
	enum { ROUNDS = 1000 };

	clock_gettime(CLOCK_MONOTONIC, &a);
	for (int i = 0; i < ROUNDS; i++) {
		int fd = restrict_ruleset(rules, COUNT(rules), &err);

		REQUIRE(fd >= 0);
		close(fd);
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	fprintf(stderr, "a ruleset of %zu rules: %.1f us\n", COUNT(rules),
		((double)(b.tv_sec - a.tv_sec) * 1e9 + (double)(b.tv_nsec - a.tv_nsec)) / 1e3 / ROUNDS);
}

/* ---- the whole ---- */

static void folder_make(void)
{
	static const char *const dirs[] = { "ro",  "ro/sub", "ro/sub/empty", "rw",     "rw/a",	  "rw/b",
					    "rw2", "denied", "exec",	     "lone",   "entries", "none",
					    "new", "tree",   "flip",	     "flip/a", "flip/d" };
	static const char *const files[] = { "ro/file",	      "ro/sub/deep", "rw/file",	    "rw/a/move",
					     "denied/secret", "exec/file",   "lone/file",   "entries/file",
					     "none/file",     "one",	     "flip/a/file", "flip/d/file" };

	snprintf(top, sizeof top, "/tmp/cordon-landlock-XXXXXX");
	REQUIRE(mkdtemp(top) != NULL && chdir(top) == 0);
	for (size_t i = 0; i < COUNT(dirs); i++)
		REQUIRE(mkdir(dirs[i], 0755) == 0);
	for (size_t i = 0; i < COUNT(files); i++)
		make_file(files[i], "#!/bin/true\n");
	copy_program("tiny_static", "exec/static");
	copy_program("tiny_static", "rw/static");
	copy_program("tiny_static", "denied/static");
	REQUIRE(symlink("../denied/secret", "rw/link") == 0);
	REQUIRE(symlink("../denied", "rw/dirlink") == 0);
	REQUIRE(symlink("ro", "link-to-ro") == 0);
	REQUIRE(symlink("nowhere", "denied/dangling") == 0);
	REQUIRE(symlink("loop", "loop") == 0);
	REQUIRE(symlink("/proc/mounts", "mounts") == 0);
	REQUIRE(mkfifo("rw/fifo", 0600) == 0);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
#define SCENARIO(f)                                                                                                    \
	{                                                                                                              \
#f, f                                                                                                  \
	}
	SCENARIO(reading),
	SCENARIO(truncating),
	SCENARIO(making_and_removing),
	SCENARIO(moving_across),
	SCENARIO(links_into_denied),
	SCENARIO(only),
	SCENARIO(missing_names),
	SCENARIO(executing),
	SCENARIO(executing_exactly),
	SCENARIO(executing_only),
	SCENARIO(executing_descriptors),
	SCENARIO(loader_denied),
	SCENARIO(devices),
	SCENARIO(open_for_ioctl),
	SCENARIO(proc_self),
	SCENARIO(proc_self_by_link),
	SCENARIO(proc_self_elsewhere),
	SCENARIO(proc_file),
	SCENARIO(bound_namespace),
	SCENARIO(magic_links),
	SCENARIO(flipping_path),
	SCENARIO(flipping_link),
	SCENARIO(signals),
	SCENARIO(abstract_sockets),
	SCENARIO(no_leaks),
	SCENARIO(no_rules),
	SCENARIO(cost),
};

static void scenario_run(size_t i)
{
	int failures = test_failures, listener;

	test_scenario(scenarios[i].name);
	folder_make();
	listener = abstract_listen("outside");
	in_child(scenarios[i].run);
	close(listener);
	unlink("/cordon-test-missing");	/* what a broken module let missing_names make */
	REQUIRE(chdir("/") == 0 && nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0);
	fprintf(stderr, "%s %s\n", failures == test_failures ? "ok  " : "FAIL", scenarios[i].name);
}

int main(int argc, char **argv)
{
	long fds = open_fds();

	test_find_programs();
	test_watch(0);
	abi = landlock_abi();
	if (abi < 0)
		SKIP("landlock: this kernel has none");
	fprintf(stderr, "Landlock ABI %d\n", abi);
	outside = fork();
	if (outside == 0)
		wait_for_kill();
	REQUIRE(outside > 0);
	for (size_t i = 0; i < COUNT(scenarios); i++)
		if (argc < 2 || strcmp(argv[1], scenarios[i].name) == 0)
			scenario_run(i);
	CHECK_EQ(waitpid(outside, NULL, WNOHANG), 0);	/* it was not ended */
	kill(outside, SIGKILL);
	waitpid(outside, NULL, 0);
	CHECK_EQ(open_fds(), fds);
	return TEST_RESULT();
}
