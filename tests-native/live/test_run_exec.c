/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the program, and every way in which that fails: each error has the step, the index and the errno, and leaves
 * nothing behind (the leak check of the scenarios). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include "support/sandbox.h"

/* Refused by the library itself (error.h, I2): no errno needed, but a detail that names the field. */
#define CHECK_REFUSED(o)                                                                                           \
	do {                                                                                                       \
		char text_[2048];                                                                                  \
		if ((o)->ran || (o)->err.step != CORDON_STEP_VALIDATE || (o)->err.origin != CORDON_AT_HOST ||      \
		    (o)->err.detail_len == 0)                                                                      \
			TEST_FAIL("not refused with a detail: %s", outcome_describe((o), text_, sizeof text_));    \
	} while (0)

static void exec_fails(const char *const *argv, uint32_t step, int err)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, argv, &o);
	CHECK_ERROR(&o, step, err);
	CHECK(o.rc < 0);
	outcome_done(&o);
}

static void path_is_searched_inside(void)
{
	static const char *const env[] = { "PATH=/nowhere:/programs:/usr/bin:/bin", NULL };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.envp = env;
	/* "subject" is in no PATH of the host. */
	sandbox_run(&s, ARGV("subject", "echo", "found"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "found\n");
	outcome_done(&o);
}

static void the_hosts_path_is_not_searched(void)
{
	static const char *const env[] = { "PATH=/nowhere", NULL };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.envp = env;
	sandbox_run(&s, ARGV("true"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, ENOENT);
	outcome_done(&o);
}

static void a_relative_path_is_relative_to_the_work_dir(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.work_dir = "/programs";
	sandbox_run(&s, ARGV("./subject", "cwd"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "/programs\n");
	outcome_done(&o);
}

static void argv0_and_empty_arguments_arrive(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "echo", "", "a b", "\n", ""), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "\na b\n\n\n\n");
	outcome_done(&o);
}

/* The file is not in the sandbox at all. */
static void a_program_runs_by_descriptor(void)
{
	const char *dir = getenv("CORDON_TEST_PROGRAMS");
	char path[4096];
	struct sandbox s;
	struct outcome o;
	int fd;

	snprintf(path, sizeof path, "%s/raw_nolibc", dir ? dir : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	sandbox_init(&s);
	sandbox_mount_find(&s, "/programs")->flags = CORDON_MOUNT_OPTIONAL;
	s.command.exec_fd = fd;
	sandbox_run(&s, ARGV("any name"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 7);
	CHECK_OUT(&o, "raw\n");
	outcome_done(&o);
	close(fd);
}

static void exec_by_descriptor_leaves_no_descriptor_open(void)
{
	const char *dir = getenv("CORDON_TEST_PROGRAMS");
	char path[4096];
	struct sandbox s;
	struct outcome o;
	int fd;

	snprintf(path, sizeof path, "%s/subject", dir ? dir : "");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	sandbox_init(&s);
	s.command.exec_fd = fd;
	sandbox_run(&s, ARGV("subject", "fds"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "0\n1\n2\n");
	outcome_done(&o);
	close(fd);
}

static void a_missing_program_is_enoent(void)
{
	exec_fails(ARGV("/no/such/program"), CORDON_STEP_EXECVE, ENOENT);
	exec_fails(ARGV("no-such-program"), CORDON_STEP_EXECVE, ENOENT);
}

static void a_program_without_a_name_is_refused(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(""), &o);
	CHECK(!o.ran &&
	      (o.err.step == CORDON_STEP_VALIDATE || (o.err.step == CORDON_STEP_EXECVE && o.err.err == ENOENT)));
	outcome_done(&o);
}

static void exec_error_names_the_path_and_the_child(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/no/such/program"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, ENOENT);
	CHECK_EQ(o.err.origin, CORDON_AT_CHILD);
	CHECK_EQ(o.err.index, CORDON_NO_INDEX);
	CHECK(o.err.detail_len == strlen("/no/such/program") &&
	      memcmp(o.err.detail, "/no/such/program", o.err.detail_len) == 0);
	outcome_done(&o);
}

static void a_file_that_is_not_executable_is_eacces(void)
{
	struct cordon_copy_in in = { .name = "plain", .data = "#!/bin/sh\n", .data_len = 10, .mode = 0644 };
	struct sandbox s;
	struct outcome o;

	exec_fails(ARGV("/etc/ld.so.cache"), CORDON_STEP_EXECVE, EACCES);
	sandbox_init(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	sandbox_run(&s, ARGV("./plain"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, EACCES);
	outcome_done(&o);
}

static void a_directory_is_eacces(void)
{
	exec_fails(ARGV("/usr"), CORDON_STEP_EXECVE, EACCES);
}

static void a_file_of_no_known_format_is_enoexec(void)
{
	struct cordon_copy_in in = { .name = "garbage", .data = "\1\2\3\4", .data_len = 4, .mode = 0755 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	sandbox_run(&s, ARGV("./garbage"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, ENOEXEC);
	outcome_done(&o);
}

static void a_missing_interpreter_is_enoent(void)
{
	struct cordon_copy_in in = {
		.name = "script", .data = "#!/no/such/interpreter\n", .data_len = 23, .mode = 0755,
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	sandbox_run(&s, ARGV("./script"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, ENOENT);
	outcome_done(&o);
}

static void noexec_mounts_do_not_execute(void)
{
	struct cordon_copy_in in = { .name = "script", .data = "#!/bin/sh\n", .data_len = 10, .mode = 0755 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_mount_find(&s, "/w")->flags = CORDON_MOUNT_NOEXEC;
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	sandbox_run(&s, ARGV("./script"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, EACCES);
	outcome_done(&o);
}

static void a_missing_work_dir_is_named(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.work_dir = "/no/such/dir";
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_WORK_DIR, ENOENT);
	CHECK(o.err.detail_len == strlen("/no/such/dir") &&
	      memcmp(o.err.detail, "/no/such/dir", o.err.detail_len) == 0);
	outcome_done(&o);
	s.command.work_dir = "relative";
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_REFUSED(&o);
	outcome_done(&o);
}

static void a_missing_mount_source_has_its_index(void)
{
	struct sandbox s;
	struct outcome o;
	int32_t index;

	sandbox_init(&s);
	index = (int32_t)s.config.nmounts;
	sandbox_mount(&s, CORDON_MOUNT_BIND, 0, "/no/such/source", "/data");
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_MOUNT_SOURCE, ENOENT);
	CHECK_EQ(o.err.index, index);
	CHECK(o.err.detail_len == strlen("/no/such/source") &&
	      memcmp(o.err.detail, "/no/such/source", o.err.detail_len) == 0);
	outcome_done(&o);
	sandbox_mount_find(&s, "/data")->flags = CORDON_MOUNT_OPTIONAL;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	/* The first entry has an index too. */
	s.mounts[0].source = "/no/such/source";
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_MOUNT_SOURCE, ENOENT);
	CHECK_EQ(o.err.index, 0);
	outcome_done(&o);
}

static void bad_mounts_are_refused_before_the_start(void)
{
	static const struct cordon_mount bad[] = {
		{ .type = CORDON_MOUNT_TMPFS, .target = "relative" },
		{ .type = CORDON_MOUNT_TMPFS, .target = "" },
		{ .type = CORDON_MOUNT_TMPFS, .target = "/a/../b" },
		{ .type = CORDON_MOUNT_TMPFS, .target = "/a/.." },
		{ .type = CORDON_MOUNT_TMPFS, .target = "/a/./b" },
		{ .type = CORDON_MOUNT_TMPFS, .target = NULL },
		{ .type = CORDON_MOUNT_BIND, .source = NULL, .target = "/a" },
		{ .type = CORDON_MOUNT_BIND, .source = "usr", .target = "/a" },
		{ .type = CORDON_MOUNT_SYMLINK, .source = NULL, .target = "/a" },
		{ .type = 0, .target = "/a" },
		{ .type = 99, .target = "/a" },
		{ .type = CORDON_MOUNT_TMPFS, .flags = 1 << 20, .target = "/a" },
		{ .type = CORDON_MOUNT_TMPFS, .target = "/a", .reserved = 1 },
	};

	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct sandbox s;
		struct outcome o;
		int failures = test_failures;

		sandbox_init(&s);
		s.mounts[s.config.nmounts++] = bad[i];
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_REFUSED(&o);
		CHECK(o.run == NULL);
		CHECK_EQ(o.err.index, (int)s.config.nmounts - 1);
		if (failures != test_failures)
			fprintf(stderr, "  (bad mount %zu)\n", i);
		outcome_done(&o);
	}
}

#define BAD_REQUESTS 20

/* Makes one field of a good request bad. */
static void request_spoil(int i, struct sandbox *s, const char *const **argv)
{
	static const struct cordon_fd low = { .fd = 0, .target = 2 }, high = { .fd = 0, .target = 1024 };
	static const struct cordon_fd negative = { .fd = -1, .target = 5 };
	static const struct cordon_copy_in up = { .name = "../x", .data = "" }, unnamed = { .name = NULL, .data = "" };
	static const struct cordon_copy_out out_up = { .name = "a/../../x", .limit_bytes = 1 };
	static const char *const nothing[] = { NULL };

	switch (i) {
	case 0:
		*argv = nothing;
		break;
	case 1:
		*argv = NULL;
		break;
	case 2:
		s->command.limits.cpu_time_ns = 0;
		break;
	case 3:
		s->command.limits.wall_time_ns = 0;
		break;
	case 4:
		s->command.limits.memory_bytes = 0;
		break;
	case 5:
		s->command.limits.processes = 0;
		break;
	case 6:
		s->command.limits.open_files = 0;
		break;
	case 7:
		s->command.limits.output_bytes = 0;
		break;
	case 8:
		s->command.stdio[1].kind = 77;
		break;
	case 9:
		s->command.stdio[0].kind = CORDON_STDIO_CAPTURE;
		break;
	case 10:
		s->command.stdio[1].kind = CORDON_STDIO_STDOUT;
		break;
	case 11:
		s->command.fds = &low;
		s->command.nfds = 1;
		break;
	case 12:
		s->command.fds = &high;
		s->command.nfds = 1;
		break;
	case 13:
		s->command.fds = &negative;
		s->command.nfds = 1;
		break;
	case 14:
		s->command.copy_in = &up;
		s->command.ncopy_in = 1;
		break;
	case 15:
		s->command.copy_in = &unnamed;
		s->command.ncopy_in = 1;
		break;
	case 16:
		s->command.copy_out = &out_up;
		s->command.ncopy_out = 1;
		break;
	case 17:
		s->config.network = 9;
		break;
	case 18:
		s->config.seccomp_kind = 9;
		break;
	default:
		s->config.hostname = "a name that is longer than the sixty-four bytes that the kernel takes for one";
		break;
	}
}

static void bad_requests_are_refused_before_the_start(void)
{
	static const char *const good[] = { SUBJECT, "exit", "0", NULL };

	for (int i = 0; i < BAD_REQUESTS; i++) {
		const char *const *argv = good;
		struct sandbox s;
		struct outcome o;
		int failures = test_failures;

		sandbox_init(&s);
		request_spoil(i, &s, &argv);
		sandbox_run(&s, argv, &o);
		CHECK_REFUSED(&o);
		CHECK(o.run == NULL);
		if (failures != test_failures)
			fprintf(stderr, "  (bad request %d)\n", i);
		outcome_done(&o);
	}
}

static void a_closed_descriptor_is_refused(void)
{
	struct cordon_fd closed = { .fd = 9999, .target = 5 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.fds = &closed;
	s.command.nfds = 1;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && o.err.step != CORDON_STEP_NONE);
	outcome_done(&o);
}

/* More than any program needs: each is carried out or refused, none is cut off in silence or written past an end. */
static void very_many_items_are_done_or_refused(void)
{
	static struct cordon_rlimit rlimits[1000];
	static struct cordon_fd fds[1021];
	static struct cordon_copy_in in[3000];
	static char names[3000][12];

	for (int i = 0; i < 1000; i++)
		rlimits[i] = (struct cordon_rlimit){ .resource = RLIMIT_CORE };
	for (int i = 0; i < 1021; i++)
		fds[i] = (struct cordon_fd){ .fd = 0, .target = 3 + i };
	for (int i = 0; i < 3000; i++) {
		snprintf(names[i], sizeof names[i], "f%d", i);
		in[i] = (struct cordon_copy_in){ .name = names[i], .data = "", .data_len = 0 };
	}
	for (int i = 0; i < 3; i++) {
		struct sandbox s;
		struct outcome o;

		sandbox_init(&s);
		s.command.limits.open_files = 2000;
		s.command.rlimits = rlimits;
		s.command.nrlimits = i == 0 ? 1000 : 0;
		s.command.fds = fds;
		s.command.nfds = i == 1 ? 1021 : 0;
		s.command.copy_in = in;
		s.command.ncopy_in = i == 2 ? 3000 : 0;
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		if (o.ran)
			CHECK_OK(&o);
		else
			CHECK_REFUSED(&o);
		outcome_done(&o);
	}
}

static void stdio_that_can_not_be_opened_is_named(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_FILE;
	s.command.stdio[0].path = "/no/such/input";
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK_ERROR(&o, CORDON_STEP_OPEN_FILE, ENOENT);
	CHECK_EQ(o.err.index, 0);
	CHECK(o.err.detail_len == strlen("/no/such/input") &&
	      memcmp(o.err.detail, "/no/such/input", o.err.detail_len) == 0);
	outcome_done(&o);
	sandbox_init(&s);
	s.command.stdio[1].kind = CORDON_STDIO_FD;
	s.command.stdio[1].fd = -1;
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK(!o.ran && o.err.step != CORDON_STEP_NONE);
	outcome_done(&o);
}

static void an_argument_of_1_mb_is_e2big(void)
{
	size_t len = 1000000;
	char *big = malloc(len + 1);

	REQUIRE(big != NULL);
	memset(big, 'a', len);
	big[len] = '\0';
	exec_fails(ARGV(SUBJECT, "exit", big), CORDON_STEP_EXECVE, E2BIG);
	free(big);
}

static void a_large_environment_and_many_arguments_arrive(void)
{
	static char vars[100][1001], words[3000][24];
	static const char *env[101], *argv[3003];
	struct sandbox s;
	struct outcome o;
	size_t args_bytes = 0;

	for (int i = 0; i < 100; i++) {
		memset(vars[i], 'v', 1000);
		snprintf(vars[i], sizeof vars[i], "V%02d=", i);
		vars[i][4] = 'v';	/* the terminator of snprintf */
		vars[i][1000] = '\0';
		env[i] = vars[i];
	}
	argv[0] = SUBJECT;
	argv[1] = "sizes";
	for (int i = 0; i < 3000; i++) {
		snprintf(words[i], sizeof words[i], "argument-number-%d", i);
		args_bytes += strlen(words[i]) + 1;
		argv[i + 2] = words[i];
	}
	sandbox_init(&s);
	s.command.envp = env;
	sandbox_run(&s, argv, &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "env_bytes", -1), 100100);
	CHECK_EQ(text_number(o.out, "env_count", -1), 100);
	CHECK_EQ(text_number(o.out, "args_count", -1), 3000);
	CHECK_EQ(text_number(o.out, "args_bytes", -1), (long)args_bytes);
	outcome_done(&o);
}

static void an_rlimit_that_can_not_be_set_has_its_index(void)
{
	struct cordon_rlimit list[3] = {
		{ .resource = RLIMIT_CORE, .soft = 0, .hard = 0 },
		{ .resource = RLIMIT_SIGPENDING, .soft = 10, .hard = 10 },
		{ .resource = RLIMIT_FSIZE, .soft = 2000, .hard = 1000 },
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.rlimits = list;
	s.command.nrlimits = 3;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK(o.err.step == CORDON_STEP_RLIMIT || o.err.step == CORDON_STEP_VALIDATE);
	CHECK_EQ(o.err.index, 2);
	outcome_done(&o);
	/* A resource that no kernel knows, first in the list. */
	list[0].resource = 77;
	s.command.nrlimits = 1;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK(o.err.step == CORDON_STEP_RLIMIT || o.err.step == CORDON_STEP_VALIDATE);
	CHECK_EQ(o.err.index, 0);
	outcome_done(&o);
}

/* The hard limit of this process is lowered in a copy of it: an unprivileged process may not go above. */
static void rlimit_above_hard(void)
{
	struct cordon_rlimit more = { .resource = RLIMIT_MSGQUEUE, .soft = 2000, .hard = 2000 };
	struct rlimit low = { 1000, 1000 };
	struct sandbox s;
	struct outcome o;

	REQUIRE(setrlimit(RLIMIT_MSGQUEUE, &low) == 0);
	sandbox_init(&s);
	s.command.rlimits = &more;
	s.command.nrlimits = 1;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_RLIMIT, EPERM);
	CHECK_EQ(o.err.index, 0);
	outcome_done(&o);
}

static void an_rlimit_above_the_hard_one_is_eperm(void)
{
	CHECK_EQ(self_run("rlimit_above_hard", getuid() == 0 ? 65533 : 0), 0);
}

/* The reference panicked in the host's process on the empty one. */
static void odd_seccomp_programs_are_refused(void)
{
	static struct sock_filter code[6000];
	static const struct {
		const void *bpf;
		uint32_t len;
	} odd[] = {
		{ code, 0 },	      { NULL, 0 },		{ NULL, 8 },		{ code, 1 }, { code, 7 },
		{ code, 12 },
		{ code, 8 * 4097 },   { code, 8 * 6000 },	{ code, UINT32_MAX - 7 }, /* never read that far */
	};

	for (size_t i = 0; i < LENGTH(code); i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	for (size_t i = 0; i < LENGTH(odd); i++) {
		struct sandbox s;
		struct outcome o;
		int failures = test_failures;

		sandbox_init(&s);
		s.config.seccomp_kind = CORDON_SECCOMP_BPF;
		s.config.seccomp_bpf = odd[i].bpf;
		s.config.seccomp_len = odd[i].len;
		sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
		CHECK(!o.ran);
		CHECK(o.err.step == CORDON_STEP_VALIDATE || o.err.step == CORDON_STEP_SECCOMP);
		CHECK(o.rc < 0);
		if (failures != test_failures)
			fprintf(stderr, "  (odd program %zu)\n", i);
		outcome_done(&o);
	}
}

static void a_seccomp_program_that_the_kernel_refuses_is_step_seccomp(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 3), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.seccomp_kind = CORDON_SECCOMP_BPF;
	s.config.seccomp_bpf = code;
	s.config.seccomp_len = sizeof code;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_SECCOMP, EINVAL);
	outcome_done(&o);
}

static void a_seccomp_program_of_the_caller_works(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getcwd, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.seccomp_kind = CORDON_SECCOMP_BPF;
	s.config.seccomp_bpf = code;
	s.config.seccomp_len = sizeof code;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP));
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "cwd"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_DISALLOWED_SYSCALL, CORDON_CAUSE_NONE);
	CHECK(o.result->syscall == -1 || o.result->syscall == SYS_getcwd);
	outcome_done(&o);
}

static void a_layer_that_nobody_has_is_refused(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.network = CORDON_NETWORK_HOST;
	s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_NET_NS);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK_EQ(o.err.step, CORDON_STEP_LAYER);
	CHECK(o.err.detail_len == strlen("net-ns") && memcmp(o.err.detail, "net-ns", o.err.detail_len) == 0);
	outcome_done(&o);
	sandbox_init(&s);
	s.config.require |= CORDON_LAYER_BIT(60);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran && (o.err.step == CORDON_STEP_LAYER || o.err.step == CORDON_STEP_VALIDATE));
	outcome_done(&o);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(path_is_searched_inside),
		SCENARIO(the_hosts_path_is_not_searched),
		SCENARIO(a_relative_path_is_relative_to_the_work_dir),
		SCENARIO(argv0_and_empty_arguments_arrive),
		SCENARIO(a_program_runs_by_descriptor),
		SCENARIO(exec_by_descriptor_leaves_no_descriptor_open),
		SCENARIO(a_missing_program_is_enoent),
		SCENARIO(a_program_without_a_name_is_refused),
		SCENARIO(exec_error_names_the_path_and_the_child),
		SCENARIO(a_file_that_is_not_executable_is_eacces),
		SCENARIO(a_directory_is_eacces),
		SCENARIO(a_file_of_no_known_format_is_enoexec),
		SCENARIO(a_missing_interpreter_is_enoent),
		SCENARIO(noexec_mounts_do_not_execute),
		SCENARIO(a_missing_work_dir_is_named),
		SCENARIO(a_missing_mount_source_has_its_index),
		SCENARIO(bad_mounts_are_refused_before_the_start),
		SCENARIO(bad_requests_are_refused_before_the_start),
		SCENARIO(a_closed_descriptor_is_refused),
		SCENARIO(very_many_items_are_done_or_refused),
		SCENARIO(stdio_that_can_not_be_opened_is_named),
		SCENARIO(an_argument_of_1_mb_is_e2big),
		SCENARIO(a_large_environment_and_many_arguments_arrive),
		SCENARIO(an_rlimit_that_can_not_be_set_has_its_index),
		SCENARIO(an_rlimit_above_the_hard_one_is_eperm),
		SCENARIO_BY_NAME(rlimit_above_hard),
		SCENARIO(odd_seccomp_programs_are_refused),
		SCENARIO(a_seccomp_program_that_the_kernel_refuses_is_step_seccomp),
		SCENARIO(a_seccomp_program_of_the_caller_works),
		SCENARIO(a_layer_that_nobody_has_is_refused),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
