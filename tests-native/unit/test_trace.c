/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a trace: what they look like, what is escaped and cut, and what becomes of those that have no room. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cordon/shutdown.h"
#include "test.h"
#include "trace/host.h"
#include "trace/trace.h"

_Static_assert(TRACE_LINE_MAX <= _POSIX_PIPE_BUF, "no write of a line is split");

static char line[TRACE_LINE_MAX + 1];

static const struct trace_origin the_init = { .now_ns = UINT64_C(12000345678), .sandbox = 42 };

/* Into line, NUL-terminated. */
static uint32_t format(const struct trace_origin *origin, const char *what, const struct trace_field *fields, size_t n)
{
	uint32_t len;

	memset(line, '#', sizeof line);
	len = trace_format(line, origin, what, fields, n);
	REQUIRE(len <= TRACE_LINE_MAX);
	CHECK_EQ(line[TRACE_LINE_MAX], '#');
	line[len] = '\0';
	return len;
}

static void test_origin(void)
{
	const struct trace_origin host = { .now_ns = 999, .pid = 10, .tid = 11 };
	const struct trace_origin late = {
		.now_ns = UINT64_MAX, .pid = INT32_MAX, .tid = INT32_MAX, .sandbox = INT32_MAX, .lost = 3,
	};
	const struct trace_field field = TRACE_WORD("READY");

	(void)format(&the_init, "state", &field, 1);
	CHECK_STR(line, "12.000345 init 42 state READY\n");
	(void)format(&host, "state", &field, 1);
	CHECK_STR(line, "0.000000 host:10/11 - state READY\n");
	(void)format(&late, "state", &field, 1);
	CHECK_STR(line, "18446744073.709551 host:2147483647/2147483647 2147483647 state lost=3 READY\n");
}

static void test_values(void)
{
	const struct trace_field fields[] = {
		TRACE_INT("a", 0), TRACE_INT("b", -1), TRACE_INT("c", INT64_MIN), TRACE_INT("d", INT64_MAX),
		TRACE_NS("e", 1999), TRACE_NS("f", UINT64_MAX),
		TRACE_TEXT("g", NULL), TRACE_TEXT("h", ""), TRACE_INT("i", UINT32_MAX),
	};

	(void)format(&the_init, "x", fields, ARRAY_LEN(fields));
	CHECK_STR(line, "12.000345 init 42 x a=0 b=-1 c=-9223372036854775808 d=9223372036854775807 e=1 f=none g=- h= "
			"i=4294967295\n");
}

static void test_escape(void)
{
	const struct trace_field fields[] = { TRACE_TEXT("detail", "/a b\n\x1b[2J\\x41~\x7f\x80\xff") };
	char all[256];
	const struct trace_field every[] = { TRACE_TEXT("all", all) };

	(void)format(&the_init, "x", fields, 1);
	CHECK_STR(line, "12.000345 init 42 x detail=/a\\x20b\\x0a\\x1b[2J\\x5cx41~\\x7f\\x80\\xff\n");
	for (int i = 1; i < 256; i++) {
		all[0] = (char)i;
		all[1] = '\0';
		uint32_t len = format(&the_init, "x", every, 1);

		CHECK_EQ(strspn(line, "0123456789.abcdefghijklmnopqrstuvwxyz=\\ ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "!\"#$%&'()*+,-/:;<>?@[]^_`{|}~"),
			 len - 1);
		CHECK_EQ(strcspn(line, "\n"), len - 1);
	}
}

/* Whether escapes of the line feed, and what may begin of " after=1", lead up to "...". */
static bool ends_whole(const char *at)
{
	while (strncmp(at, "\\x0a", 4) == 0)
		at += 4;
	for (const char *after = " after=1"; *at != '.' && *at == *after; at++)
		after++;
	return strcmp(at, "...\n") == 0;
}

/* Of any length: no byte past the end, one line feed, and an escape as a whole or not at all. */
static void test_cut(void)
{
	char text[2 * TRACE_LINE_MAX];
	const struct trace_field fields[] = { TRACE_TEXT("text", text), TRACE_INT("after", 1) };

	for (size_t n = 0; n < sizeof text; n++) {
		memset(text, n % 2 == 0 ? 'a' : '\n', n);
		text[n] = '\0';
		uint32_t len = format(&the_init, "x", fields, 2);

		CHECK_EQ(strcspn(line, "\n"), len - 1);
		if (strstr(line, " after=1\n") != NULL)
			continue;
		CHECK_STR(line + len - 4, "...\n");
		CHECK(len >= TRACE_LINE_MAX - 8);
		if (n % 2 == 1)
			CHECK(ends_whole(strchr(line, '\\')));
	}
	CHECK(strstr(line, "after") == NULL);	/* the longest was cut */
}

static void test_messages(void)
{
	CHECK_STR(trace_message_name(CORDON_MSG_CONF), "CONF");
	CHECK_STR(trace_message_name(CORDON_MSG_LONG), "LONG");
	CHECK_STR(trace_message_name(0), "?");
	CHECK_STR(trace_message_name(UINT16_MAX), "?");
}

/* ---- writing ---- */

/* What is in the pipe, NUL-terminated. */
static size_t drain(int fd, char *text, size_t size)
{
	ssize_t n;
	size_t used = 0;

	while ((n = read(fd, text + used, size - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	return used;
}

static size_t lines_in(const char *text)
{
	size_t n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

/* CORDON_TRACE is the descriptor. */
static void begin(int fd)
{
	char number[16];

	snprintf(number, sizeof number, "%d", fd);
	REQUIRE(setenv("CORDON_TRACE", number, 1) == 0);
	trace_host_begin();
}

static void test_full_pipe(void)
{
	static char text[1 << 20];
	int fds[2];
	size_t sent = 0, kept;
	char want[32];

	REQUIRE(pipe2(fds, O_CLOEXEC) == 0 && fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	begin(fds[1]);
	REQUIRE(trace_is_on());
	CHECK_EQ(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);	/* the caller's own open file is as it was */
	CHECK(fcntl(trace_fd(), F_GETFD) & FD_CLOEXEC);
	for (; sent < 5000; sent++)	/* a pipe has room for 64 KiB */
		TRACE(1, "fill", TRACE_INT("n", sent));
	REQUIRE(drain(fds[0], text, sizeof text) > 0);
	kept = lines_in(text);
	CHECK(kept > 100 && kept < sent);
	CHECK(strstr(text, "lost=") == NULL);
	TRACE(1, "after", TRACE_INT("n", 1));
	TRACE(1, "after", TRACE_INT("n", 2));
	(void)drain(fds[0], text, sizeof text);
	snprintf(want, sizeof want, " 1 after lost=%zu n=1\n", sent - kept);
	CHECK(strstr(text, want) != NULL);
	CHECK(strstr(text, " 1 after n=2\n") != NULL);
	CHECK_EQ(lines_in(text), 2);
	/* The caller may close its own, and the reader may go: neither a signal nor an end. */
	close(fds[1]);
	TRACE(1, "after", TRACE_INT("n", 3));
	CHECK(drain(fds[0], text, sizeof text) > 0);
	close(fds[0]);
	TRACE(1, "after", TRACE_INT("n", 4));
	trace_host_release();
	CHECK(!trace_is_on());
	CHECK_EQ(trace_fd(), -1);
}

static int evaluated;

static int evaluate(void)
{
	return ++evaluated;
}

static void test_off(void)
{
	REQUIRE(unsetenv("CORDON_TRACE") == 0);
	trace_host_begin();
	CHECK(!trace_is_on());
	TRACE(1, "x", TRACE_INT("n", evaluate()));
	CHECK_EQ(evaluated, 0);
	trace_host_release();
}

static void check_refused(const char *value, int err_fd, bool says)
{
	char text[512];

	REQUIRE(setenv("CORDON_TRACE", value, 1) == 0);
	trace_host_begin();
	CHECK(!trace_is_on());
	(void)drain(err_fd, text, sizeof text);
	CHECK_EQ(lines_in(text), says ? 1 : 0);
	if (says)
		CHECK_STR(text, "cordon: CORDON_TRACE is not the number of a descriptor that is open for writing: "
				"nothing is traced\n");
	trace_host_release();
}

static void test_refused(void)
{
	static const char *const values[] = {
		"", "x", "2x", " 2", "-1", "+2", "999", "2147483648", "99999999999999999999",
	};
	int reader = open("/dev/null", O_RDONLY | O_CLOEXEC), path = open("/", O_PATH | O_CLOEXEC);
	int err[2], saved = dup(2);
	char number[16];

	REQUIRE(saved >= 0 && reader >= 0 && path >= 0);
	REQUIRE(pipe2(err, O_CLOEXEC | O_NONBLOCK) == 0 && dup2(err[1], 2) == 2);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		check_refused(values[i], err[0], i == 0);	/* once */
	snprintf(number, sizeof number, "%d", reader);
	check_refused(number, err[0], false);
	snprintf(number, sizeof number, "%d", path);
	check_refused(number, err[0], false);
	REQUIRE(dup2(saved, 2) == 2);
	close(err[0]);
	close(err[1]);
	close(saved);
	close(reader);
	close(path);
}

static void test_shutdown(void)
{
	struct cordon_error err;
	int file = (int)syscall(SYS_memfd_create, "trace", 1u /* MFD_CLOEXEC */), next;
	char text[256] = "";

	REQUIRE(file >= 0);
	next = dup(file);
	REQUIRE(next >= 0);
	close(next);
	begin(file);
	TRACE(9, "x", TRACE_INT("n", 1));	/* a file has room, and no reader */
	REQUIRE(pread(file, text, sizeof text - 1, 0) > 0);
	CHECK(strstr(text, " 9 x n=1\n") != NULL);
	CHECK_EQ(cordon_shutdown(&err), 0);
	CHECK(!trace_is_on());
	CHECK_EQ(dup(file), next);	/* nothing is left open */
	close(next);
	close(file);
}

int main(void)
{
	test_origin();
	test_values();
	test_escape();
	test_cut();
	test_messages();
	test_off();
	test_full_pipe();
	test_refused();
	test_shutdown();
	return TEST_RESULT();
}
