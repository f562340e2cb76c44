/* SPDX-License-Identifier: Apache-2.0 */
/* Files copied in before the program starts and out after it ended: contents, modes, and what must be refused, because
 * the program decides what is at the path of a file to be fetched. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "support/sandbox.h"

static void data_and_host_files_come_in(void)
{
	char host[] = "/tmp/cordon-test-XXXXXX";
	int fd = mkstemp(host);
	struct cordon_copy_in in[] = {
		{ .name = "data", .data = "from memory\n", .data_len = 12 },
		{ .name = "deep/er/file", .path = host },
		{ .name = "/tmp/absolute", .data = "absolute\n", .data_len = 9, .mode = 0600 },
		{ .name = "empty", .data = NULL, .data_len = 0 },
		{ .name = "script", .data = "#!/bin/sh\necho script\n", .data_len = 22, .mode = 0755 },
	};
	struct sandbox s;
	struct outcome o;

	REQUIRE(fd >= 0 && write(fd, "from the host\n", 14) == 14 && fchmod(fd, 0640) == 0);
	close(fd);
	sandbox_init(&s);
	s.command.copy_in = in;
	s.command.ncopy_in = LENGTH(in);
	sandbox_run(&s,
		    ARGV("/bin/sh", "-ec",
			 "cat data deep/er/file /tmp/absolute empty; ./script; "
			 "stat -c '%a %U' data deep/er/file /tmp/absolute | "
			 "sed 's/ .*//'; echo more >> data; rm deep/er/file"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "from memory\nfrom the host\nabsolute\nscript\n644\n640\n600\n");
	outcome_done(&o);
	unlink(host);
}

static void copy_in_fails(const struct cordon_copy_in *in, int err)
{
	struct cordon_copy_in two[2] = { { .name = "good", .data = "", .data_len = 0 }, *in };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_in = two;
	s.command.ncopy_in = 2;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK(o.err.step == CORDON_STEP_COPY_IN || o.err.step == CORDON_STEP_OPEN_FILE);
	CHECK_EQ(o.err.index, 1);
	if (o.err.err != err)
		TEST_FAIL("%s: errno %d, not %d", in->name, o.err.err, err);
	outcome_done(&o);
}

static void a_missing_host_file_has_its_index(void)
{
	copy_in_fails(&(struct cordon_copy_in){ .name = "x", .path = "/no/such/file" }, ENOENT);
}

static void an_existing_file_is_not_replaced(void)
{
	copy_in_fails(&(struct cordon_copy_in){ .name = "good", .data = "x", .data_len = 1 }, EEXIST);
}

static void a_readonly_place_is_refused(void)
{
	const char *name = "/usr/cordon-test-was-here";

	copy_in_fails(&(struct cordon_copy_in){ .name = name, .data = "x", .data_len = 1 }, EROFS);
	CHECK(access(name, F_OK) != 0);
}

static void only_regular_host_files_come_in(void)
{
	struct cordon_copy_in in = { .name = "dir", .path = "/tmp" };
	struct sandbox s;
	struct outcome o;

	for (int i = 0; i < 2; i++) {
		sandbox_init(&s);
		s.command.copy_in = &in;
		s.command.ncopy_in = 1;
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK(!o.ran && (o.err.step == CORDON_STEP_COPY_IN || o.err.step == CORDON_STEP_VALIDATE));
		CHECK_EQ(o.err.index, 0);
		outcome_done(&o);
		in.path = "/dev/zero";	/* endless */
	}
}

static void files_come_out_to_memory_and_to_the_host(void)
{
	char host[] = "/tmp/cordon-test-XXXXXX", *text;
	int fd = mkstemp(host);
	struct cordon_copy_out out[] = {
		{ .name = "result", .limit_bytes = 100 },
		{ .name = "deep/er/file", .path = host, .limit_bytes = 100 },
		{ .name = "/tmp/absolute", .limit_bytes = 100 },
		{ .name = "empty", .limit_bytes = 100 },
		{ .name = "exact", .limit_bytes = 5 },
		{ .name = "missing", .limit_bytes = 100, .flags = CORDON_COPY_OPTIONAL },
	};
	static const char *const want[] = { "result\n", NULL, "absolute\n", "", "12345", NULL };
	struct sandbox s;
	struct outcome o;

	REQUIRE(fd >= 0 && write(fd, "a longer text that must be gone\n", 32) == 32);
	close(fd);
	sandbox_init(&s);
	s.command.copy_out = out;
	s.command.ncopy_out = LENGTH(out);
	sandbox_run(
		&s,
		ARGV("/bin/sh", "-ec",
		     "mkdir -p deep/er; echo result > result; echo deep > deep/er/file; echo absolute > /tmp/absolute; "
		     ": > empty; printf 12345 > exact; chmod 000 result"),
		&o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->ncopied, LENGTH(out));
	for (size_t i = 0; o.ran && i < LENGTH(out); i++) {
		const struct cordon_copied *c = &o.result->copied[i];

		CHECK_EQ(c->error.step, i == 5 ? c->error.step : CORDON_STEP_NONE);
		if (want[i]) {
			CHECK_EQ(c->len, strlen(want[i]));
			CHECK(c->len == strlen(want[i]) && memcmp(c->data ? c->data : "", want[i], c->len) == 0);
		} else {
			CHECK(c->data == NULL);
		}
	}
	text = file_read(host);
	CHECK_STR(text, "deep\n");
	free(text);
	outcome_done(&o);
	unlink(host);
}

/* The files of a program that failed or was killed are what its author wants to see. */
static void files_come_out_of_a_failed_program_too(void)
{
	struct cordon_copy_out out = { .name = "partial", .limit_bytes = 100 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_out = &out;
	s.command.ncopy_out = 1;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo partial > partial; exit 3"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK(o.ran && o.result->ncopied == 1 && o.result->copied[0].len == 8);
	outcome_done(&o);
	s.command.limits.wall_time_ns = 500 * MS;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo partial > partial; sleep 60"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	CHECK(o.ran && o.result->ncopied == 1 && o.result->copied[0].len == 8);
	outcome_done(&o);
}

/* A program that puts something else in the file's place: the host must neither follow, block nor read it. */
static void odd_files_are_refused(void)
{
	static const struct {
		const char *name;
		int err;	/* 0 = any */
	} odd[] = {
		{ "link", ELOOP },	   /* to a regular file of /proc */
		{ "fifo", 0 },		   /* an open(2) that waits would hang here */
		{ "directory", 0 },
		{ "linkdir/bin/true", ELOOP },
		{ "link2/plain", ELOOP },  /* to a directory inside: still a link on the way */
		{ "/dev/zero", 0 },
		{ "/proc/self/status", 0 },
		{ "missing", ENOENT },
		{ "directory/plain/below", ENOTDIR },
	};
	struct cordon_copy_out out[LENGTH(odd) + 1];
	struct sandbox s;
	struct outcome o;
	uint64_t start;

	memset(out, 0, sizeof out);
	for (size_t i = 0; i < LENGTH(odd); i++)
		out[i] = (struct cordon_copy_out){ .name = odd[i].name, .limit_bytes = 1000 };
	out[LENGTH(odd)] = (struct cordon_copy_out){ .name = "directory/plain", .limit_bytes = 1000 };
	sandbox_init(&s);
	s.command.copy_out = out;
	s.command.ncopy_out = LENGTH(out);
	start = now_ns();
	sandbox_run(&s, ARGV(SUBJECT, "odd-files"), &o);
	CHECK(now_ns() - start < 5 * SEC);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 0);
	CHECK_EQ(o.result->ncopied, LENGTH(out));
	for (size_t i = 0; o.ran && i < LENGTH(odd); i++) {
		const struct cordon_copied *c = &o.result->copied[i];

		if (c->error.step != CORDON_STEP_COPY_OUT || c->error.index != (int)i || c->len != 0 ||
		    (odd[i].err != 0 && c->error.err != odd[i].err))
			TEST_FAIL("%s: step %s index %d errno %d, %d bytes", odd[i].name,
				  cordon_step_name(c->error.step), c->error.index, c->error.err, (int)c->len);
	}
	/* One bad file does not spoil the others. */
	CHECK(o.ran && o.result->copied[LENGTH(odd)].len == 7);
	outcome_done(&o);
}

static void a_file_longer_than_its_limit_is_an_error(void)
{
	char host[] = "/tmp/cordon-test-XXXXXX";
	int fd = mkstemp(host);
	struct stat st;
	struct cordon_copy_out out[2] = {
		{ .name = "big", .limit_bytes = 1000 }, { .name = "big", .path = host, .limit_bytes = 1000 },
	};
	struct sandbox s;
	struct outcome o;

	REQUIRE(fd >= 0);
	close(fd);
	sandbox_init(&s);
	s.command.copy_out = out;
	s.command.ncopy_out = 2;
	sandbox_run(&s, ARGV(SUBJECT, "file", "8192", "/w/big"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	for (int i = 0; o.ran && i < 2; i++) {
		CHECK_EQ(o.result->copied[i].error.step, CORDON_STEP_COPY_OUT);
		CHECK_EQ(o.result->copied[i].error.index, i);
		CHECK_EQ(o.result->copied[i].len, 0);
	}
	CHECK(stat(host, &st) == 0 && st.st_size <= 1000);
	outcome_done(&o);
	unlink(host);
}

static void of_a_longer_file_the_first_bytes_can_be_had(void)
{
	char host[] = "/tmp/cordon-test-XXXXXX";
	int fd = mkstemp(host);
	struct stat st;
	struct cordon_copy_out out[3] = {
		{ .name = "big", .limit_bytes = 1000, .flags = CORDON_COPY_TRUNCATE },
		{ .name = "big", .path = host, .limit_bytes = 1000, .flags = CORDON_COPY_TRUNCATE },
		{ .name = "big", .limit_bytes = 10000, .flags = CORDON_COPY_TRUNCATE },
	};
	struct sandbox s;
	struct outcome o;

	REQUIRE(fd >= 0);
	close(fd);
	sandbox_init(&s);
	s.command.copy_out = out;
	s.command.ncopy_out = 3;
	sandbox_run(&s, ARGV(SUBJECT, "file", "8192", "/w/big"), &o);
	CHECK_OK(&o);
	for (int i = 0; o.ran && i < 3; i++) {
		CHECK_EQ(o.result->copied[i].error.step, CORDON_STEP_NONE);
		CHECK_EQ(o.result->copied[i].size, 8192);
		CHECK_EQ(o.result->copied[i].len, i == 0 ? 1000 : i == 1 ? 0 : 8192);
	}
	CHECK(stat(host, &st) == 0 && st.st_size == 1000);
	outcome_done(&o);
	unlink(host);
}

static void a_file_that_is_there_is_replaced_on_request(void)
{
	struct cordon_copy_in in[] = {
		{ .name = "f", .data = "old\n", .data_len = 4 },
		{ .name = "f", .data = "new\n", .data_len = 4, .flags = CORDON_COPY_REPLACE },
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_in = in;
	s.command.ncopy_in = 2;
	sandbox_run(&s, ARGV("/bin/cat", "f"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "new\n");
	outcome_done(&o);
	in[1].flags = 0;
	sandbox_run(&s, ARGV("/bin/cat", "f"), &o);
	CHECK_ERROR(&o, CORDON_STEP_COPY_IN, EEXIST);
	outcome_done(&o);
	in[1].flags = CORDON_COPY_TRUNCATE;
	sandbox_run(&s, ARGV("/bin/cat", "f"), &o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&o);
}

static void a_missing_file_is_an_error_only_of_an_ok_run(void)
{
	struct cordon_copy_out out = { .name = "missing", .limit_bytes = 1000 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_out = &out;
	s.command.ncopy_out = 1;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	CHECK(o.ran && o.result->copied[0].error.step == CORDON_STEP_COPY_OUT &&
	      o.result->copied[0].error.err == ENOENT);
	outcome_done(&o);
	/* A crash says more than a file that the crash kept from being written. */
	sandbox_run(&s, ARGV(SUBJECT, "abort"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_SIGNALED, CORDON_CAUSE_NONE);
	outcome_done(&o);
}

static void large_files_go_both_ways(void)
{
	size_t len = 5 * MIB;
	char *data = malloc(len);
	struct cordon_copy_in in = { .name = "in", .data = data, .data_len = len };
	struct cordon_copy_out out = { .name = "out", .limit_bytes = 6 * MIB };
	struct sandbox s;
	struct outcome o;

	REQUIRE(data != NULL);
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 2654435761u >> 11);
	sandbox_init(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	s.command.copy_out = &out;
	s.command.ncopy_out = 1;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "cat in > out"), &o);
	CHECK_OK(&o);
	CHECK(o.ran && o.result->copied[0].len == len && memcmp(o.result->copied[0].data, data, len) == 0);
	outcome_done(&o);
	free(data);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(data_and_host_files_come_in),
		SCENARIO(a_missing_host_file_has_its_index),
		SCENARIO(an_existing_file_is_not_replaced),
		SCENARIO(a_readonly_place_is_refused),
		SCENARIO(only_regular_host_files_come_in),
		SCENARIO(files_come_out_to_memory_and_to_the_host),
		SCENARIO(files_come_out_of_a_failed_program_too),
		SCENARIO(odd_files_are_refused),
		SCENARIO(of_a_longer_file_the_first_bytes_can_be_had),
		SCENARIO(a_file_that_is_there_is_replaced_on_request),
		SCENARIO(a_file_longer_than_its_limit_is_an_error),
		SCENARIO(a_missing_file_is_an_error_only_of_an_ok_run),
		SCENARIO(large_files_go_both_ways),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
