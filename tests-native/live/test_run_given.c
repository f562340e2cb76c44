/* SPDX-License-Identifier: Apache-2.0 */
/* What a program gets of files and descriptors of the caller's: every kind of file, read and written, as large as it
 * may be, and what becomes of the caller's own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "support/supervised.h"

#define PYTHON "/usr/bin/python3"
#define LARGE (300 * 1024)

static char dir[] = "/tmp/cordon-test-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[8][256];
	static int next;

	next = (next + 1) % 8;
	snprintf(path[next], sizeof path[next], "%s/%s", dir, name);
	return path[next];
}

static void from_file(struct sandbox *s, const char *path)
{
	s->command.stdio[0] = (struct cordon_stdio){ .kind = CORDON_STDIO_FILE, .path = path };
}

static void to_file(struct sandbox *s, int number, const char *path)
{
	s->command.stdio[number] = (struct cordon_stdio){ .kind = CORDON_STDIO_FILE, .path = path };
}

static void with_fd(struct sandbox *s, int number, int fd)
{
	s->command.stdio[number] = (struct cordon_stdio){ .kind = CORDON_STDIO_FD, .fd = fd };
}

static void check_file(const char *name, const char *want)
{
	char *text = file_read(in_dir(name));

	CHECK_STR(text, want);
	free(text);
	unlink(in_dir(name));
}

static void make_file(const char *name, size_t size)
{
	char *data = malloc(size);

	REQUIRE(data != NULL);
	for (size_t i = 0; i < size; i++)
		data[i] = (char)('a' + i % 26);
	REQUIRE(file_write(in_dir(name), data, size));
	free(data);
}

/* ---- regular files ---- */

/* Judged programs seek in their input and map it. */
static void input_can_be_sought_and_mapped(void)
{
	static const size_t sizes[] = { 1000, LARGE };

	if (access(PYTHON, X_OK) != 0)
		SKIP_SCENARIO("python3");
	for (size_t i = 0; i < LENGTH(sizes); i++) {
		char want[64];
		struct sandbox s;
		struct outcome o;

		make_file("in", sizes[i]);
		sandbox_init(&s);
		from_file(&s, in_dir("in"));
		snprintf(want, sizeof want, "%zu c\n", sizes[i]);
		sandbox_run(&s,
			    ARGV(PYTHON, "-c",
				 "import mmap, os; m = mmap.mmap(0, 0, prot=mmap.PROT_READ);"
				 "print(os.lseek(0, 0, 2), chr(m[2]))"),
			    &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, want);
		outcome_done(&o);
		sandbox_run(&s, ARGV("/bin/sh", "-c", "wc -c < /dev/stdin; wc -c < /proc/self/fd/0; wc -c"), &o);
		CHECK_OK(&o);
		snprintf(want, sizeof want, "%zu\n%zu\n%zu\n", sizes[i], sizes[i], sizes[i]);
		CHECK_OUT(&o, want);
		outcome_done(&o);
		unlink(in_dir("in"));
	}
}

/* A program goes on where the caller has read up to, and afterwards the caller where the program has. */
static void input_goes_on_at_the_callers_position(void)
{
	static const size_t sizes[] = { 1000, LARGE };

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		struct sandbox s;
		struct outcome o;
		int fd;

		make_file("in", sizes[i]);
		fd = open(in_dir("in"), O_RDONLY | O_CLOEXEC);
		REQUIRE(fd >= 0 && lseek(fd, 27, SEEK_SET) == 27);
		sandbox_init(&s);
		with_fd(&s, 0, fd);
		sandbox_run(&s, ARGV("/bin/sh", "-c", "head -c 3"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "bcd");
		CHECK_EQ(lseek(fd, 0, SEEK_CUR), 30);
		outcome_done(&o);
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_EQ(lseek(fd, 0, SEEK_CUR), 30);
		outcome_done(&o);
		close(fd);
		unlink(in_dir("in"));
	}
}

/* A file that has lost its name is found by nothing but its descriptor. */
static void a_deleted_file_is_input(void)
{
	static const size_t sizes[] = { 1000, LARGE };

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		char want[64];
		struct sandbox s;
		struct outcome o;
		int fd;

		make_file("in", sizes[i]);
		fd = open(in_dir("in"), O_RDONLY | O_CLOEXEC);
		unlink(in_dir("in"));
		sandbox_init(&s);
		with_fd(&s, 0, fd);
		sandbox_run(&s, ARGV("/bin/sh", "-c", "wc -c"), &o);
		CHECK_OK(&o);
		snprintf(want, sizeof want, "%zu\n", sizes[i]);
		CHECK_OUT(&o, want);
		outcome_done(&o);
		close(fd);
	}
}

static void what_is_larger_than_memory_is_not_copied(void)
{
	struct sandbox s;
	struct outcome o;
	uint64_t before = rss_bytes(), start = now_ns();
	int fd = open(in_dir("in"), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	REQUIRE(fd >= 0 && ftruncate(fd, INT64_C(1) << 42) == 0);
	close(fd);
	sandbox_init(&s);
	from_file(&s, in_dir("in"));
	sandbox_run(&s, ARGV("/bin/sh", "-c", "head -c 5 | od -An -c"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	from_file(&s, "/dev/zero");
	sandbox_run(&s, ARGV("/bin/sh", "-c", "head -c 1000000 | wc -c"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "1000000\n");
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "echo", "reads nothing"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	CHECK(now_ns() - start < 10 * SEC);
	if (!test_sanitized)
		CHECK(rss_bytes() < before + 32 * MIB);
	unlink(in_dir("in"));
}

static void files_of_procfs_are_input(void)
{
	static const char *const paths[] = { "/proc/self/status", "/proc/kallsyms", "/proc/sys/kernel/ostype" };

	for (size_t i = 0; i < LENGTH(paths); i++) {
		struct sandbox s;
		struct outcome o;

		sandbox_init(&s);
		from_file(&s, paths[i]);
		sandbox_run(&s, ARGV("/bin/sh", "-c", "test $(wc -c) -gt 3 && readlink /proc/self/fd/0"), &o);
		CHECK_OK(&o);
		CHECK(strstr(o.out, "kallsyms") == NULL && strstr(o.out, "status") == NULL);
		outcome_done(&o);
	}
}

static void what_has_no_bytes_is_refused(void)
{
	static const struct {
		const char *path;
		int flags, err;
	} list[] = {
		{ "/tmp", O_RDONLY | O_DIRECTORY, EISDIR },
		{ "/tmp", O_PATH, EBADF },
		{ "/proc/self/ns/mnt", O_RDONLY, EINVAL },
		{ "/etc/passwd", O_PATH, EBADF },
	};
	struct sandbox s;
	struct outcome o;

	for (size_t i = 0; i < LENGTH(list); i++) {
		struct cordon_fd further = { .fd = open(list[i].path, list[i].flags | O_CLOEXEC), .target = 9 };

		REQUIRE(further.fd >= 0);
		sandbox_init(&s);
		with_fd(&s, 0, further.fd);
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK(!o.ran && o.err.step == CORDON_STEP_DUP_FD && o.err.index == 0);
		CHECK_EQ(o.err.err, list[i].err);
		outcome_done(&o);
		sandbox_init(&s);
		s.command.fds = &further;
		s.command.nfds = 1;
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK(!o.ran && o.err.step == CORDON_STEP_DUP_FD && o.err.index == 9);
		CHECK_EQ(o.err.err, list[i].err);
		outcome_done(&o);
		close(further.fd);
	}
	sandbox_init(&s);
	from_file(&s, dir);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_OPEN_FILE && o.err.err == EISDIR);
	outcome_done(&o);
}

/* To both read and write the program would need the file itself. */
static void a_further_file_has_one_direction(void)
{
	struct cordon_fd further = { .target = 9 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.fds = &further;
	s.command.nfds = 1;
	further.fd = open(in_dir("f"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_DUP_FD && o.err.err == EINVAL && o.err.index == 9);
	outcome_done(&o);
	close(further.fd);
	further.fd = open(in_dir("f"), O_WRONLY | O_CLOEXEC);
	s.command.limits.output_bytes = 100000;
	sandbox_run(&s, ARGV(SUBJECT, "say", "9", "nine"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	close(further.fd);
	check_file("f", "nine");
	further.fd = open(in_dir("f"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "cat /dev/zero >&9"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_FILE);
	CHECK_EQ(lseek(further.fd, 0, SEEK_END), 100000);
	outcome_done(&o);
	close(further.fd);
	unlink(in_dir("f"));
}

/* ---- FIFOs ---- */

static void *write_fifo(void *arg)
{
	int fd = open(arg, O_WRONLY | O_CLOEXEC);
	char block[5000];

	memset(block, 'x', sizeof block);
	for (int i = 0; i < 100; i++)
		if (write(fd, block, sizeof block) != sizeof block)
			break;
	close(fd);
	return NULL;
}

static void a_fifo_is_input(void)
{
	struct sandbox s;
	struct outcome o;
	pthread_t thread;

	REQUIRE(mkfifo(in_dir("fifo"), 0666) == 0);
	REQUIRE(pthread_create(&thread, NULL, write_fifo, (void *)(uintptr_t)in_dir("fifo")) == 0);
	sandbox_init(&s);
	from_file(&s, in_dir("fifo"));
	sandbox_run(&s, ARGV("/bin/sh", "-c", "wc -c"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "500000\n");
	outcome_done(&o);
	pthread_join(thread, NULL);
	unlink(in_dir("fifo"));
}

static void *read_fifo_slowly(void *arg)
{
	int fd = *(int *)arg;
	static long total;
	char block[8192];
	ssize_t n;

	total = 0;
	while ((n = read(fd, block, sizeof block)) > 0) {
		total += n;
		usleep(1000);
	}
	return &total;
}

static void a_fifo_is_output(void)
{
	struct sandbox s;
	struct outcome o;
	pthread_t thread;
	void *total;
	int fd;

	REQUIRE(mkfifo(in_dir("fifo"), 0666) == 0);
	fd = open(in_dir("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	REQUIRE(fd >= 0 && fcntl(fd, F_SETFL, 0) == 0);
	sandbox_init(&s);
	to_file(&s, 1, in_dir("fifo"));
	sandbox_open(&s, ARGV(SUBJECT, "flood", "1", "300000"), &o);
	REQUIRE(pthread_create(&thread, NULL, read_fifo_slowly, &fd) == 0);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	pthread_join(thread, &total);
	CHECK_EQ(*(long *)total, 300000);
	close(fd);
	unlink(in_dir("fifo"));
}

/* There is no reader: neither cancelling nor the wall clock may wait for that. */
static void a_stuck_reader_holds_nothing_up(void)
{
	uint64_t start = now_ns();
	struct sandbox s;
	struct outcome o;
	int fd;

	REQUIRE(mkfifo(in_dir("fifo"), 0666) == 0);
	fd = open(in_dir("fifo"), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	sandbox_init(&s);
	s.command.limits.wall_time_ns = 500 * MS;
	to_file(&s, 1, in_dir("fifo"));
	sandbox_run(&s, ARGV(SUBJECT, "flood", "1", "1000000"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK(now_ns() - start < 5 * SEC);
	outcome_done(&o);
	close(fd);
	unlink(in_dir("fifo"));
}

/* ---- output ---- */

static void output_goes_on_where_the_caller_has_written(void)
{
	static const int flags[] = { 0, O_APPEND };

	for (size_t i = 0; i < LENGTH(flags); i++) {
		int fd = open(in_dir("out"), O_WRONLY | O_CREAT | O_CLOEXEC | flags[i], 0600);
		struct sandbox s;
		struct outcome o;

		REQUIRE(fd >= 0 && write(fd, "one\n", 4) == 4);
		sandbox_init(&s);
		with_fd(&s, 1, fd);
		sandbox_run(&s, ARGV(SUBJECT, "echo", "two"), &o);
		CHECK_OK(&o);
		CHECK(o.result->output[0].data == NULL && o.result->output[0].total == 0 &&
		      !o.result->output[0].truncated);
		outcome_done(&o);
		CHECK(write(fd, "three\n", 6) == 6);
		close(fd);
		check_file("out", "one\ntwo\nthree\n");
	}
}

static void both_streams_in_one_file_keep_their_order(void)
{
	struct sandbox s;
	struct outcome o;
	int fd;

	sandbox_init(&s);
	to_file(&s, 1, in_dir("out"));
	to_file(&s, 2, in_dir("out"));
	sandbox_run(&s, ARGV(SUBJECT, "both"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	check_file("out", "out\nerr\nout2\n");

	fd = open(in_dir("out"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	sandbox_init(&s);
	with_fd(&s, 1, fd);
	with_fd(&s, 2, fd);
	sandbox_run(&s, ARGV(SUBJECT, "both"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	close(fd);
	check_file("out", "out\nerr\nout2\n");
}

/* As an event loop does: it waits for one descriptor only. */
static void a_run_served_by_events_moves_its_files(void)
{
	struct sandbox s;
	struct outcome o;
	struct stat st;
	enum cordon_run_state state = CORDON_RUN_PENDING;

	sandbox_init(&s);
	from_file(&s, "/dev/zero");
	to_file(&s, 1, in_dir("out"));
	sandbox_open(&s, ARGV("/bin/sh", "-c", "head -c 3000000"), &o);
	REQUIRE(o.run != NULL);
	while (state != CORDON_RUN_DONE) {
		struct pollfd p = { cordon_run_fd(o.run), POLLIN, 0 };

		REQUIRE(poll(&p, 1, 10000) == 1);
		state = cordon_run_step(o.run);
	}
	outcome_wait(&o);
	CHECK_OK(&o);
	CHECK(stat(in_dir("out"), &st) == 0 && st.st_size == 3000000);
	outcome_done(&o);
	unlink(in_dir("out"));
}

/* What was written before the end is in the file. */
static void a_killed_program_leaves_its_output(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.limits.wall_time_ns = 300 * MS;
	to_file(&s, 1, in_dir("out"));
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo begun; sleep 60"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	outcome_done(&o);
	check_file("out", "begun\n");
}

static void files_share_the_limit_of_all_output(void)
{
	struct sandbox s;
	struct outcome o;
	struct stat a, b;

	sandbox_init(&s);
	s.command.limits.output_total_bytes = 150000;
	to_file(&s, 1, in_dir("out"));
	to_file(&s, 2, in_dir("err"));
	sandbox_run(&s, ARGV("/bin/sh", "-c", "head -c 100000 /dev/zero; head -c 100000 /dev/zero >&2"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, CORDON_CAUSE_OUTPUT_TOTAL);
	CHECK(stat(in_dir("out"), &a) == 0 && stat(in_dir("err"), &b) == 0);
	CHECK_EQ(a.st_size + b.st_size, 150000);
	outcome_done(&o);
	unlink(in_dir("out"));
	unlink(in_dir("err"));
}

/* Output that is lost without a word would be worse than none. */
static void a_full_device_is_an_error(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	to_file(&s, 2, "/dev/full");
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo lost >&2; sleep 10"), &o);
	CHECK(!o.ran && o.err.step == CORDON_STEP_OPEN_FILE && o.err.err == ENOSPC && o.err.index == 2);
	outcome_done(&o);
}

/* ---- sockets ---- */

static void a_socket_is_both_ways(void)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

	if (access(PYTHON, X_OK) != 0)
		SKIP_SCENARIO("python3");
	for (size_t i = 0; i < LENGTH(types); i++) {
		struct cordon_fd further = { .target = 5 };
		struct sandbox s;
		struct outcome o;
		char text[16] = "";
		int pair[2];

		REQUIRE(socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, pair) == 0);
		REQUIRE(write(pair[0], "there", 5) == 5);
		further.fd = pair[1];
		sandbox_init(&s);
		s.command.fds = &further;
		s.command.nfds = 1;
		sandbox_run(&s,
			    ARGV(PYTHON, "-c",
				 "import socket; s = socket.socket(fileno=5); print(s.recv(100).decode());"
				 "s.send(b'and'); s.send(b'back')"),
			    &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "there\n");
		outcome_done(&o);
		CHECK_EQ(recv(pair[0], text, 3, MSG_DONTWAIT), 3);
		CHECK_EQ(recv(pair[0], text + 3, sizeof text - 4, MSG_DONTWAIT), 4);
		CHECK_STR(text, "andback");
		close(pair[0]);
		close(pair[1]);
	}
}

/* A socket tells of its network namespace (netdevice(7)): not of the host's. */
static void a_socket_tells_nothing_of_the_host(void)
{
	struct sandbox s;
	struct outcome o;
	int pair[2];

	if (access(PYTHON, X_OK) != 0)
		SKIP_SCENARIO("python3");
	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	sandbox_init(&s);
	with_fd(&s, 0, pair[1]);
	sandbox_run(&s,
		    ARGV(PYTHON, "-c",
			 "import array, fcntl, struct\n"
			 "names = array.array('B', bytes(4096))\n"
			 "asked = struct.pack('iL', 4096, names.buffer_info()[0])\n"
			 "print(struct.unpack('iL', fcntl.ioctl(0, 0x8912, asked))[0])"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "0\n");
	outcome_done(&o);
	close(pair[0]);
	close(pair[1]);
}

/* The caller's end of a connection is the end of the program's input. */
static void a_socket_ends(void)
{
	struct sandbox s;
	struct outcome o;
	int pair[2];

	REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	REQUIRE(write(pair[0], "all\n", 4) == 4);
	close(pair[0]);
	sandbox_init(&s);
	with_fd(&s, 0, pair[1]);
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "all\n");
	outcome_done(&o);
	close(pair[1]);
}

/* ---- supervised ---- */

/* Under ptrace the kernel opens it, and Landlock knows no rule for a file outside of the sandbox. A copy is in no
 * tree. */
static void input_can_be_opened_by_name(uint32_t engine)
{
	static const size_t sizes[] = { 1000, LARGE };

	for (size_t i = 0; i < (engine == CORDON_ENGINE_PTRACE ? 1 : LENGTH(sizes)); i++) {
		struct supervised v;
		struct outcome o;
		char want[64];

		make_file("in", sizes[i]);
		supervised_init(&v, engine);
		supervised_files(&v);
		from_file(&v.s, in_dir("in"));
		to_file(&v.s, 1, in_dir("out"));
		sandbox_run(&v.s, ARGV("/bin/sh", "-c", "wc -c < /dev/stdin; wc -c; echo end > /dev/stdout"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		snprintf(want, sizeof want, "%zu\n%zu\nend\n", sizes[i], sizes[i]);
		check_file("out", want);
		unlink(in_dir("in"));
	}
}

BOTH_ENGINES(input_can_be_opened_by_name)

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(input_can_be_sought_and_mapped),
		SCENARIO(input_goes_on_at_the_callers_position),
		SCENARIO(a_deleted_file_is_input),
		SCENARIO(what_is_larger_than_memory_is_not_copied),
		SCENARIO(files_of_procfs_are_input),
		SCENARIO(what_has_no_bytes_is_refused),
		SCENARIO(a_further_file_has_one_direction),
		SCENARIO(a_fifo_is_input),
		SCENARIO(a_fifo_is_output),
		SCENARIO(a_stuck_reader_holds_nothing_up),
		SCENARIO(output_goes_on_where_the_caller_has_written),
		SCENARIO(both_streams_in_one_file_keep_their_order),
		SCENARIO(a_run_served_by_events_moves_its_files),
		SCENARIO(a_killed_program_leaves_its_output),
		SCENARIO(files_share_the_limit_of_all_output),
		SCENARIO(a_full_device_is_an_error),
		SCENARIO(a_socket_is_both_ways),
		SCENARIO(a_socket_tells_nothing_of_the_host),
		SCENARIO(a_socket_ends),
		BOTH_SCENARIOS(input_can_be_opened_by_name),
	};
	int result;

	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	result = scenario_main(argc, argv, list, LENGTH(list));
	rmdir(dir);
	return result;
}
