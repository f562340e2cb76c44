/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is given as a stream is not the host's own open file: what a program does with its descriptor neither
 * changes the file nor locks it, and does not change the caller's open file. As root and as an ordinary user, in a
 * sandbox of its own and in one that is kept, alone and under each engine. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include "support/supervised.h"

#define USER 61234
#define GRAB "/programs/grab"
#define SMALL 1000
#define LARGE (1024 * 1024)
#define HOLD "400"

static char dir[] = "/tmp/cordon-test-XXXXXX";

enum setting { ALONE, NOTIFY, PTRACE, PLAIN, SETTINGS };

/* One run, in a sandbox of its own or in a kept one, with or without an engine. */
struct attack {
	struct kept k;
	struct supervised v;
	bool kept, plain;
};

static const uint32_t engines[SETTINGS] = { [NOTIFY] = CORDON_ENGINE_NOTIFY, [PTRACE] = CORDON_ENGINE_PTRACE };

/* Without namespaces the program has the host's paths. */
static void make_plain(struct attack *a)
{
	supervised_path(&a->v, getenv("CORDON_TEST_PROGRAMS"), CORDON_PATH_TREE, ACCESS_RX);
	a->k.s.config.nmounts = 0;
	a->k.s.config.namespaces = CORDON_NAMESPACES_NONE;
	a->k.s.command.work_dir = "/";
}

static const char *program(const struct attack *a, const char *name)
{
	static char path[4096];

	(void)snprintf(path, sizeof path, "%s/%s", a->plain ? getenv("CORDON_TEST_PROGRAMS") : "/programs", name);
	return path;
}

static struct sandbox *attack_init(struct attack *a, enum setting setting, bool kept)
{
	struct cordon_error err;

	supervised_init(&a->v, engines[setting]);
	supervised_files(&a->v);
	supervised_path(&a->v, "/proc", CORDON_PATH_TREE, CORDON_ACCESS_READ);
	sandbox_init(&a->k.s);
	if (setting != ALONE)
		a->k.s.command.supervisor = &a->v.supervisor;
	a->plain = setting == PLAIN;
	if (a->plain)
		make_plain(a);
	a->kept = kept;
	if (kept)
		REQUIRE(kept_open(&a->k, &err) == 0);
	return &a->k.s;
}

static void attack_start(struct attack *a, const char *const *argv, struct outcome *o)
{
	if (a->kept)
		kept_start(&a->k, argv, CORDON_RUN_RESET, o);
	else
		sandbox_open(&a->k.s, argv, o);
}

static void attack_run(struct attack *a, const char *const *argv, struct outcome *o)
{
	attack_start(a, argv, o);
	outcome_wait(o);
}

static void attack_done(struct attack *a)
{
	if (a->kept)
		CHECK(kept_close(&a->k));
}

static void in_each_setting(void (*body)(struct attack *a, struct sandbox *s), bool plain)
{
	for (int setting = ALONE; setting < SETTINGS; setting++) {
		for (int kept = 0; kept < 2; kept++) {
			struct attack a;
			struct sandbox *s;

			int before = test_failures;

			if (setting == PLAIN && !plain)
				continue;
			s = attack_init(&a, (enum setting)setting, kept != 0);
			body(&a, s);
			if (test_failures > before)
				fprintf(stderr, "  (setting %d, kept %d)\n", setting, kept);
			attack_done(&a);
		}
	}
}

static const char *in_dir(const char *name)
{
	static char path[4][256];
	static int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof path[next], "%s/%s", dir, name);
	return path[next];
}

/* ---- a victim: a file of the host's that must stay as it is ---- */

struct victim {
	char path[256];
	size_t size;
	struct stat before;
};

static unsigned char byte_at(size_t i)
{
	return (unsigned char)("victim\n"[i % 7]);
}

/* Its owner is the caller, and its mode lets everybody write: nothing but the way it is given protects it. */
static void victim_make(struct victim *v, size_t size)
{
	char *data = malloc(size);

	REQUIRE(data != NULL);
	snprintf(v->path, sizeof v->path, "%s/victim", dir);
	v->size = size;
	for (size_t i = 0; i < size; i++)
		data[i] = (char)byte_at(i);
	REQUIRE(file_write(v->path, data, size) && chmod(v->path, 0666) == 0 && stat(v->path, &v->before) == 0);
	free(data);
	usleep(20000);	/* a later change has another time */
}

static void victim_check(const struct victim *v)
{
	char *data = file_read(v->path);
	struct stat now;
	bool same = data != NULL;

	CHECK(stat(v->path, &now) == 0);
	CHECK_EQ(now.st_size, v->size);
	CHECK_EQ(now.st_mode, v->before.st_mode);
	CHECK_EQ(now.st_nlink, 1);
	CHECK(now.st_mtim.tv_sec == v->before.st_mtim.tv_sec && now.st_mtim.tv_nsec == v->before.st_mtim.tv_nsec);
	CHECK(now.st_ctim.tv_sec == v->before.st_ctim.tv_sec && now.st_ctim.tv_nsec == v->before.st_ctim.tv_nsec);
	for (size_t i = 0; same && i < v->size; i++)
		same = (unsigned char)data[i] == byte_at(i);
	CHECK(same);
	free(data);
	unlink(v->path);
}

/* ---- locks, seen from the host ---- */

struct watch {
	const char *path;
	atomic_bool stop;
	long refused;
};

/* Only the program could have locked it. */
static void *watch_locks(void *arg)
{
	struct watch *w = arg;

	while (!atomic_load(&w->stop)) {
		int fd = open(w->path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		struct flock record = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

		w->refused += fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 || fcntl(fd, F_SETLK, &record) < 0;
		close(fd);
		usleep(5000);
	}
	return NULL;
}

static void attack_file(struct attack *a, const struct victim *v, const char *const *argv, bool locks)
{
	struct watch watch = { .path = v->path };
	struct outcome o;
	pthread_t thread;

	REQUIRE(pthread_create(&thread, NULL, watch_locks, &watch) == 0);
	attack_run(a, argv, &o);
	atomic_store(&watch.stop, true);
	pthread_join(thread, NULL);
	CHECK_OK(&o);
	CHECK(strstr(o.out, "held\n") != NULL || strstr(o.errout, "held\n") != NULL);
	if (locks)
		CHECK_EQ(watch.refused, 0);
	outcome_done(&o);
}

/* ---- input ---- */

static void give_file(struct sandbox *s, int number, const char *path)
{
	s->command.stdio[number] = (struct cordon_stdio){ .kind = CORDON_STDIO_FILE, .path = path };
}

static void give_fd(struct sandbox *s, int number, int fd)
{
	s->command.stdio[number] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = fd };
}

static void input_of(struct attack *a, struct sandbox *s, size_t size)
{
	struct victim v;
	int fd;

	victim_make(&v, size);
	give_file(s, 0, v.path);
	attack_file(a, &v, ARGV(program(a, "grab"), "0", HOLD), size == SMALL);
	victim_check(&v);

	victim_make(&v, size);
	fd = open(v.path, O_RDWR | O_CLOEXEC);
	give_fd(s, 0, fd);
	attack_file(a, &v, ARGV(program(a, "grab"), "0", HOLD), size == SMALL);
	CHECK_EQ(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
	close(fd);
	victim_check(&v);
	s->command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_NULL };
}

static void small_input(struct attack *a, struct sandbox *s)
{
	input_of(a, s, SMALL);
}

static void large_input(struct attack *a, struct sandbox *s)
{
	input_of(a, s, LARGE);
}

static void a_further_descriptor(struct attack *a, struct sandbox *s)
{
	struct cordon_fd further = { .target = 7 };
	struct victim v;

	victim_make(&v, SMALL);
	further.fd = open(v.path, O_RDONLY | O_CLOEXEC);
	s->command.fds = &further;
	s->command.nfds = 1;
	attack_file(a, &v, ARGV(program(a, "grab"), "7", HOLD), true);
	CHECK_EQ(fcntl(further.fd, F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
	close(further.fd);
	victim_check(&v);
	s->command.nfds = 0;
}

/* ---- output ---- */

/* The program may write; its other ways must stay closed, and its writes go to the end of what is there. */
static void output_of(struct attack *a, struct sandbox *s, int number)
{
	struct cordon_fd further = { .target = 7 };
	struct outcome o;
	struct stat st;
	int fd = open(in_dir("out"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	char *text;

	REQUIRE(fd >= 0 && write(fd, "before\n", 7) == 7);
	if (number == 1)
		give_fd(s, 1, fd);
	further.fd = fd;
	s->command.fds = &further;
	s->command.nfds = number == 7;
	attack_run(a, ARGV(program(a, "grab"), number == 1 ? "1" : "7"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	CHECK(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600 && st.st_nlink == 1);
	CHECK_EQ(fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
	text = file_read(in_dir("out"));
	CHECK(text != NULL && strncmp(text, "before\n", 7) == 0);
	free(text);
	close(fd);
	unlink(in_dir("out"));
	s->command.nfds = 0;
	s->command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_CAPTURE, .limit_bytes = MIB };
}

static void output(struct attack *a, struct sandbox *s)
{
	struct outcome o;
	struct stat st;

	output_of(a, s, 1);
	output_of(a, s, 7);
	give_file(s, 1, in_dir("created"));
	attack_run(a, ARGV(program(a, "grab"), "1"), &o);
	CHECK_OK(&o);
	CHECK(stat(in_dir("created"), &st) == 0 && (st.st_mode & 07777) == 0644 && st.st_nlink == 1);
	outcome_done(&o);
	unlink(in_dir("created"));
	s->command.stdio[1] = (struct cordon_stdio){ .kind = CORDON_STDIO_CAPTURE, .limit_bytes = MIB };
}

/* ---- pipes, terminals, sockets ---- */

static void a_pipe(struct attack *a, struct sandbox *s)
{
	struct outcome o;
	int p[2];

	REQUIRE(pipe2(p, O_CLOEXEC) == 0 && write(p[1], "through\n", 8) == 8);
	give_fd(s, 0, p[0]);
	attack_run(a, ARGV("/bin/sh", "-c", "read line; echo $line; " GRAB " 0"), &o);
	CHECK_OK(&o);
	CHECK(strncmp(o.out, "through\n", 8) == 0);
	CHECK_EQ(fcntl(p[0], F_GETFL) & O_NONBLOCK, 0);
	outcome_done(&o);
	close(p[0]);
	close(p[1]);
	s->command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_NULL };
}

static void a_terminal(struct attack *a, struct sandbox *s)
{
	int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), slave, unlocked = 0;
	struct stat before, after;
	struct outcome o;

	REQUIRE(master >= 0 && ioctl(master, TIOCSPTLCK, &unlocked) == 0);
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	REQUIRE(slave >= 0 && fstat(slave, &before) == 0);
	give_fd(s, 0, slave);
	give_fd(s, 2, slave);
	attack_run(a, ARGV("/bin/sh", "-c", "test -t 0 && test -t 2 && echo both; " GRAB " 0"), &o);
	CHECK_OK(&o);
	CHECK(strncmp(o.out, "both\n", 5) == 0);
	CHECK_EQ(fcntl(slave, F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
	CHECK(fstat(slave, &after) == 0 && after.st_mode == before.st_mode);
	outcome_done(&o);
	close(slave);
	close(master);
	s->command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_NULL };
	s->command.stdio[2] = (struct cordon_stdio){ .kind = CORDON_STDIO_CAPTURE, .limit_bytes = MIB };
}

/* As a super-server gives a connection: one socket three times. */
static void a_socket(struct attack *a, struct sandbox *s)
{
	struct outcome o;
	char text[64] = "";
	int pair[2];
	ssize_t n;

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 && write(pair[0], "question\n", 9) == 9);
	for (int i = 0; i < 3; i++)
		give_fd(s, i, pair[1]);
	attack_run(a, ARGV("/bin/sh", "-c", "read line; echo $line; echo answer >&2; " GRAB " 0 >/dev/null"), &o);
	CHECK_OK(&o);
	CHECK_EQ(fcntl(pair[1], F_GETFL) & (O_NONBLOCK | O_APPEND), 0);
	n = recv(pair[0], text, sizeof text - 1, MSG_DONTWAIT);
	CHECK_STR(text, "question\nanswer\n");
	CHECK_EQ(n, 16);
	outcome_done(&o);
	close(pair[0]);
	close(pair[1]);
	for (int i = 0; i < 3; i++)
		s->command.stdio[i] = (struct cordon_stdio){ .kind = i > 0 ? CORDON_STDIO_CAPTURE : CORDON_STDIO_NULL,
							     .limit_bytes = MIB };
}

/* ---- files that are shared by a bind ---- */

static void spying(struct attack *a, struct sandbox *s)
{
	static const char *const refused[] = { "open", "access", "close", "all", "mixed", "flagged", "high" };
	static const char *const places[] = { "_file", "_directory" };
	static const char *const others[] = { "lease", "lease_high", "delegation", "note", "fanotify" };
	struct outcome o;

	(void)s;
	attack_run(a, ARGV("/programs/spy", "/usr/bin/env", "/usr/bin"), &o);
	CHECK_OK(&o);
	for (size_t place = 0; place < LENGTH(places); place++) {
		char name[32];

		for (size_t i = 0; i < LENGTH(refused); i++) {
			snprintf(name, sizeof name, "%s%s", refused[i], places[place]);
			CHECK_EQ(text_number(o.out, name, -1), EPERM);
		}
		snprintf(name, sizeof name, "change%s", places[place]);
		CHECK_EQ(text_number(o.out, name, -1), 0);
		snprintf(name, sizeof name, "written%s", places[place]);
		CHECK_EQ(text_number(o.out, name, -1), 0);
	}
	for (size_t i = 0; i < LENGTH(others); i++)
		CHECK_EQ(text_number(o.out, others[i], -1), EPERM);
	CHECK_EQ(text_number(o.out, "own_flock", -1), 0);
	CHECK_EQ(text_number(o.out, "own_watch", -1), 0);
	outcome_done(&o);
}

/* ---- scenarios ---- */

static void prepare(void)
{
	REQUIRE(mkdtemp(dir) != NULL);
}

/* plain: also without namespaces. */
#define IN_EACH_SETTING(body, plain)						\
	static void body##_everywhere(void)					\
	{									\
		prepare();							\
		in_each_setting(body, plain);					\
		CHECK(rmdir(dir) == 0);						\
		memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);			\
	}									\
	static void body##_as_a_user(void)					\
	{									\
		if (getuid() != 0)						\
			SKIP_SCENARIO("root: cannot become another user");	\
		CHECK_EQ(self_run(#body "_everywhere", USER), 0);		\
	}
#define BOTH_CALLERS(body) SCENARIO(body##_everywhere), SCENARIO(body##_as_a_user)

IN_EACH_SETTING(small_input, true)
IN_EACH_SETTING(large_input, true)
IN_EACH_SETTING(a_further_descriptor, true)
IN_EACH_SETTING(output, true)
IN_EACH_SETTING(a_pipe, false)
IN_EACH_SETTING(a_terminal, false)
IN_EACH_SETTING(a_socket, false)
IN_EACH_SETTING(spying, false)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		BOTH_CALLERS(small_input), BOTH_CALLERS(large_input), BOTH_CALLERS(a_further_descriptor),
		BOTH_CALLERS(output),	   BOTH_CALLERS(a_pipe),      BOTH_CALLERS(a_terminal),
		BOTH_CALLERS(a_socket),
		BOTH_CALLERS(spying),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
