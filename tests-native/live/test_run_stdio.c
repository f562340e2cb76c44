/* SPDX-License-Identifier: Apache-2.0 */
/* The program's descriptors: every kind of stdin, stdout and stderr, and further ones at numbers of the caller's
 * choice. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include "support/sandbox.h"

static char dir[] = "/tmp/cordon-test-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[4][256];
	static int next;

	next = (next + 1) % 4;
	snprintf(path[next], sizeof path[next], "%s/%s", dir, name);
	return path[next];
}

static void files_are_read_and_created(void)
{
	struct sandbox s;
	struct outcome o;
	struct stat st;
	char *text;

	REQUIRE(file_write(in_dir("in"), "from a file\n", 12));
	REQUIRE(file_write(in_dir("out"), "a longer text that must be gone afterwards\n", 43));
	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_FILE;
	s.command.stdio[0].path = in_dir("in");
	s.command.stdio[1].kind = CORDON_STDIO_FILE;
	s.command.stdio[1].path = in_dir("out");
	s.command.stdio[2].kind = CORDON_STDIO_FILE;
	s.command.stdio[2].path = in_dir("err");
	sandbox_run(&s, ARGV("/bin/sh", "-c", "cat; echo complaint >&2"), &o);
	CHECK_OK(&o);
	CHECK(o.result->output[0].data == NULL && o.result->output[1].data == NULL);
	text = file_read(in_dir("out"));
	CHECK_STR(text, "from a file\n");
	free(text);
	text = file_read(in_dir("err"));
	CHECK_STR(text, "complaint\n");
	free(text);
	CHECK(stat(in_dir("err"), &st) == 0 && (st.st_mode & 07777) == 0644);
	outcome_done(&o);
	unlink(in_dir("in"));
	unlink(in_dir("out"));
	unlink(in_dir("err"));
}

/* RLIMIT_FSIZE stops the writer; the file on the host is never longer than the limit. */
static void stdout_to_a_file_is_limited(void)
{
	struct sandbox s;
	struct outcome o;
	struct stat st;

	sandbox_init(&s);
	s.command.limits.output_bytes = 100000;
	s.command.stdio[1].kind = CORDON_STDIO_FILE;
	s.command.stdio[1].path = in_dir("out");
	sandbox_run(&s, ARGV(SUBJECT, "flood", "1", "1000000000"), &o);
	CHECK(o.ran && o.result->status == CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED);
	CHECK(o.result->cause == CORDON_CAUSE_FILE || o.result->cause == CORDON_CAUSE_STDOUT);
	CHECK(stat(in_dir("out"), &st) == 0 && st.st_size == 100000);
	outcome_done(&o);
	unlink(in_dir("out"));
}

static void bytes_are_stdin(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_BYTES;
	s.command.stdio[0].data = "a\0b";
	s.command.stdio[0].data_len = 3;
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->output[0].len, 3);
	CHECK(o.result->output[0].len == 3 && memcmp(o.result->output[0].data, "a\0b", 3) == 0);
	outcome_done(&o);
	s.command.stdio[0].data = NULL;
	s.command.stdio[0].data_len = 0;
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "");
	outcome_done(&o);
}

/* Scripts and judged programs open their own descriptors by name: node's readFileSync('/dev/stdin'), "echo >
 * /dev/stderr". */
static void descriptors_can_be_opened_by_name(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_BYTES;
	s.command.stdio[0].data = "input\n";
	s.command.stdio[0].data_len = 6;
	sandbox_run(&s, ARGV("/bin/sh", "-ec", "cat /dev/stdin; cat /proc/self/fd/0; cat /dev/fd/0"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "input\ninput\ninput\n");
	outcome_done(&o);
	sandbox_run(&s, ARGV("/bin/sh", "-ec", "echo out > /dev/stdout; echo err > /dev/stderr"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "out\n");
	CHECK_STR(o.errout, "err\n");
	outcome_done(&o);
}

/* The file was opened with the caller's rights; the program's own are less, which matters to an open by name only. */
static void a_private_file_is_stdin(void)
{
	struct sandbox s;
	struct outcome o;

	REQUIRE(file_write(in_dir("private"), "secret", 6) && chmod(in_dir("private"), 0600) == 0);
	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_FILE;
	s.command.stdio[0].path = in_dir("private");
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "secret");
	outcome_done(&o);
	unlink(in_dir("private"));
}

/* A program that does not read its stdin must not hold anything up. */
static void unread_bytes_do_no_harm(void)
{
	size_t len = 10 * MIB;
	char *data = calloc(1, len);
	struct sandbox s;
	struct outcome o;

	REQUIRE(data != NULL);
	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_BYTES;
	s.command.stdio[0].data = data;
	s.command.stdio[0].data_len = len;
	sandbox_run(&s, ARGV(SUBJECT, "echo", "done"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "done\n");
	outcome_done(&o);
	free(data);
}

static void null_is_empty_and_swallows(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[1].kind = CORDON_STDIO_NULL;
	s.command.stdio[2].limit_bytes = 100;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "cat; echo swallowed; echo seen >&2"), &o);
	CHECK_OK(&o);
	CHECK(o.result->output[0].data == NULL && o.result->output[0].len == 0);
	CHECK_STR(o.errout, "seen\n");
	outcome_done(&o);
}

static void a_descriptor_is_given_as_it_is(void)
{
	struct sandbox s;
	struct outcome o;
	int p[2];
	char text[16];

	REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	sandbox_init(&s);
	s.command.stdio[1].kind = CORDON_STDIO_FD;
	s.command.stdio[1].fd = p[1];
	sandbox_run(&s, ARGV(SUBJECT, "echo", "pipe"), &o);
	CHECK_OK(&o);
	CHECK_EQ(read(p[0], text, sizeof text), 5);
	CHECK(memcmp(text, "pipe\n", 5) == 0);
	CHECK(fcntl(p[1], F_GETFD) == FD_CLOEXEC);	/* borrowed: still open, still as it was */
	outcome_done(&o);
	close(p[0]);
	close(p[1]);
}

static void capture_keeps_the_first_bytes(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[1].limit_bytes = 4;
	sandbox_run(&s, ARGV(SUBJECT, "echo", "1234567"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "1234");
	CHECK_EQ(o.result->output[0].len, 4);
	CHECK_EQ(o.result->output[0].total, 8);
	CHECK_EQ(o.result->output[0].truncated, 1);
	outcome_done(&o);
	s.command.stdio[1].limit_bytes = 8;
	sandbox_run(&s, ARGV(SUBJECT, "echo", "1234567"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "1234567\n");
	CHECK_EQ(o.result->output[0].truncated, 0);
	outcome_done(&o);
	s.command.stdio[1].limit_bytes = 0;
	sandbox_run(&s, ARGV(SUBJECT, "echo", "1234567"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->output[0].len, 0);
	CHECK_EQ(o.result->output[0].truncated, 1);
	outcome_done(&o);
}

/* Both at once, both more than a pipe holds: one reader that blocked on the first would deadlock. */
static void both_streams_flow_at_once(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "head -c 500000 /dev/zero & head -c 400000 /dev/zero >&2; wait"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->output[0].len, 500000);
	CHECK_EQ(o.result->output[1].len, 400000);
	outcome_done(&o);
}

static void stderr_can_be_stdout(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[2].kind = CORDON_STDIO_STDOUT;
	sandbox_run(&s, ARGV(SUBJECT, "both"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "out\nerr\nout2\n");	/* in the order written: one open file, not two */
	CHECK_EQ(o.result->output[1].len, 0);
	outcome_done(&o);
	s.command.stdio[1].kind = CORDON_STDIO_FILE;
	s.command.stdio[1].path = in_dir("both");
	sandbox_run(&s, ARGV(SUBJECT, "both"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	{
		char *text = file_read(in_dir("both"));

		CHECK_STR(text, "out\nerr\nout2\n");
		free(text);
	}
	unlink(in_dir("both"));
}

struct drain {
	int fd;
	uint64_t total;
};

static void *drain_all(void *arg)
{
	struct drain *d = arg;
	char block[4096];
	ssize_t n;

	while ((n = read(d->fd, block, sizeof block)) > 0)
		d->total += (uint64_t)n;
	return NULL;
}

static void forward(uint64_t limit, const char *bytes, uint32_t status, uint64_t *ret_total)
{
	struct sandbox s;
	struct outcome o;
	struct drain d = { 0 };
	pthread_t t;
	int p[2];

	REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	d.fd = p[0];
	REQUIRE(pthread_create(&t, NULL, drain_all, &d) == 0);
	sandbox_init(&s);
	s.command.limits.output_bytes = limit;
	s.command.stdio[1].kind = CORDON_STDIO_FORWARD;
	s.command.stdio[1].fd = p[1];
	sandbox_run(&s, ARGV(SUBJECT, "flood", "1", bytes), &o);
	CHECK(o.ran && o.result->status == status);
	outcome_done(&o);
	close(p[1]);
	pthread_join(t, NULL);
	close(p[0]);
	*ret_total = d.total;
}

static void forwarded_output_arrives_and_is_limited(void)
{
	uint64_t total = 0;

	forward(2 * MIB, "1000000", CORDON_STATUS_OK, &total);
	CHECK_EQ(total, 1000000);
	forward(300000, "1000000000", CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED, &total);
	CHECK_EQ(total, 300000);
}

/* The reader is gone: the program must end or go on, the host must not die of SIGPIPE. */
static void forwarding_to_a_closed_pipe_does_no_harm(void)
{
	struct sandbox s;
	struct outcome o;
	int p[2];

	REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	close(p[0]);
	sandbox_init(&s);
	s.command.stdio[1].kind = CORDON_STDIO_FORWARD;
	s.command.stdio[1].fd = p[1];
	sandbox_run(&s, ARGV(SUBJECT, "flood", "1", "1000000"), &o);
	CHECK(o.run != NULL);
	CHECK_EQ(cordon_run_wait(o.run), CORDON_RUN_DONE);
	outcome_done(&o);
	close(p[1]);
}

static void further_descriptors_have_their_numbers(void)
{
	struct cordon_fd fds[3];
	struct sandbox s;
	struct outcome o;
	int p[2], in, spare;
	char text[16];

	REQUIRE(file_write(in_dir("in"), "seven", 5));
	in = open(in_dir("in"), O_RDONLY | O_CLOEXEC);
	spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	REQUIRE(in >= 0 && spare >= 0 && pipe2(p, O_CLOEXEC) == 0);
	/* Crossed over: each target is the number of another source. */
	fds[0] = (struct cordon_fd){ .fd = in, .target = spare };
	fds[1] = (struct cordon_fd){ .fd = spare, .target = in };
	fds[2] = (struct cordon_fd){ .fd = p[1], .target = 1000 };
	sandbox_init(&s);
	s.command.fds = fds;
	s.command.nfds = 3;
	s.command.limits.open_files = 1024;
	{
		char number[16], want[64];

		snprintf(number, sizeof number, "%d", spare);
		sandbox_run(&s, ARGV(SUBJECT, "hear", number), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "seven");
		outcome_done(&o);
		snprintf(want, sizeof want, "0\n1\n2\n%d\n%d\n1000\n", in < spare ? in : spare,
			 in < spare ? spare : in);
		sandbox_run(&s, ARGV(SUBJECT, "fds"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, want);
		outcome_done(&o);
	}
	sandbox_run(&s, ARGV(SUBJECT, "say", "1000", "thousand"), &o);
	CHECK_OK(&o);
	CHECK_EQ(read(p[0], text, sizeof text), 8);
	outcome_done(&o);
	close(in);
	close(spare);
	close(p[0]);
	close(p[1]);
	unlink(in_dir("in"));
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(files_are_read_and_created),
		SCENARIO(stdout_to_a_file_is_limited),
		SCENARIO(bytes_are_stdin),
		SCENARIO(descriptors_can_be_opened_by_name),
		SCENARIO(a_private_file_is_stdin),
		SCENARIO(unread_bytes_do_no_harm),
		SCENARIO(null_is_empty_and_swallows),
		SCENARIO(a_descriptor_is_given_as_it_is),
		SCENARIO(capture_keeps_the_first_bytes),
		SCENARIO(both_streams_flow_at_once),
		SCENARIO(stderr_can_be_stdout),
		SCENARIO(forwarded_output_arrives_and_is_limited),
		SCENARIO(forwarding_to_a_closed_pipe_does_no_harm),
		SCENARIO(further_descriptors_have_their_numbers),
	};
	int result;

	REQUIRE(mkdtemp(dir) != NULL);
	result = scenario_main(argc, argv, list, LENGTH(list));
	rmdir(dir);
	return result;
}
