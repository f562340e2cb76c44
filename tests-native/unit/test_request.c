/* SPDX-License-Identifier: Apache-2.0 */
/* The decoder accepts a request that uses every field, refuses a request that is cut, too long, of another version or
 * with a wrong length, and survives damage at every byte. The encoders write what format.h says, never beyond the
 * buffer. The descriptions of the formats for Java are right. */
#include <errno.h>
#include <stdbool.h>

#include "base/base.h"
#include "jni/format.h"
#include "jni/reply.h"
#include "jni/request.h"
#include "jni/tables.h"
#include "test.h"

#define ALL_PARTS (REQUEST_CONFIG | REQUEST_COMMAND | REQUEST_FILES | REQUEST_POLICY)

static unsigned char message[4096];
static size_t message_len;
static size_t mounts_at, target_at, stdin_data_at, envp_at, limits_at, supervisor_at, args_at;

static void put(const void *data, size_t len)
{
	REQUIRE(len <= sizeof message - message_len);
	if (len > 0)
		memcpy(message + message_len, data, len);
	message_len += len;
}

static void put_u32(uint32_t value)
{
	put(&value, sizeof value);
}

static void put_u64(uint64_t value)
{
	put(&value, sizeof value);
}

static void put_str(const char *s)
{
	if (s == NULL) {
		put_u32(REQUEST_ABSENT32);
		return;
	}
	put_u32((uint32_t)strlen(s));
	put(s, strlen(s) + 1);
}

static void put_bytes(const char *s)
{
	if (s == NULL) {
		put_u64(REQUEST_ABSENT64);
		return;
	}
	put_u64(strlen(s));
	put(s, strlen(s));
}

static void put_mount(uint32_t type, const char *source, const char *target)
{
	put_u32(type);
	put_u32(1);
	put_str(source);
	target_at = message_len;
	put_str(target);
	put_u64(1 << 20);
	put_u64(77);
	put_u32(0755);
}

static void put_config(void)
{
	mounts_at = message_len;
	put_u32(2);
	put_mount(1, "/usr", "/usr");
	put_mount(2, NULL, "/tmp");
	put_u32(1);
	put_str("box");
	put_str(NULL);
	for (uint32_t id = 1; id <= 4; id++)
		put_u32(id);
	put_u32(2);
	put_bytes("12345678");
	put_u64(UINT64_C(0x1234567812345678));	/* no code follows this pointer */
	put_u64(UINT64_C(0x1ffff));
	put_u32(2);
	put_str("/sbin/ip");
	put_str("up");
	put_u32(1);
	put_u32(1);
	put_u32(1);
	put_str("judged");
	put_str(NULL);
}

static void put_stdio(uint32_t kind, int32_t fd, const char *path, const char *data, uint64_t limit)
{
	put_u32(kind);
	put_u32((uint32_t)fd);
	put_str(path);
	stdin_data_at = message_len;
	put_bytes(data);
	put_u64(limit);
}

static void put_supervisor(void)
{
	supervisor_at = message_len;
	put_u32(1);
	put_u32(2);
	put_u32(3);
	put_u32(1);
	put_u32(13);
	put_u64(1000000);
	put_u32(2);
	put_str("/usr");
	put_u32(0);
	put_u32(9);
	put_str("/etc/shadow");
	put_u32(2);
	put_u32(0);
	put_u32(1);
	put_str("socket");
	put_u32(1);
	put_u32(97);
	put_u64(UINT64_MAX);
	put_u32(2);
	put_u32(443);
	put_u32(2);
	put_u32(0);
	put_u32(1);
}

static void put_command(void)
{
	put_u32(2);
	put_str("/bin/true");
	put_str("");
	envp_at = message_len;
	put_u32(1);
	put_str("A=b");
	put_u32((uint32_t)-1);
	put_u32(1);
	put_u32(1);
	put_str("/w");
	put_str("0-1,3");
	put_stdio(4, -1, NULL, NULL, 99);
	put_stdio(2, -1, "/tmp/err", NULL, 0);
	put_stdio(3, -1, NULL, "input", 0);	/* not what stdin may be; the decoder does not care */
	put_u32(1);
	put_u32(5);
	put_u32(6);
	put_u32(1);
	put_u32(7);
	put_u64(8);
	put_u64(9);
	put_u32(2);
	put_str("a.c");
	put_str(NULL);
	put_bytes("int x;");
	put_u32(0600);
	put_u32(CORDON_COPY_REPLACE);
	put_str("b.c");
	put_str("/host/b.c");
	put_bytes(NULL);
	put_u32(0);
	put_u32(0);
	put_u32(1);
	put_str("out");
	put_str(NULL);
	put_u64(1000);
	put_u32(CORDON_COPY_OPTIONAL | CORDON_COPY_PATTERN);
	put_u32(7);
	limits_at = message_len;
	put_u32(sizeof(struct cordon_limits) / sizeof(uint64_t));
	for (uint64_t limit = 0; cordon_limit((uint32_t)limit) != NULL; limit++)
		put_u64(11 + limit);
	put_supervisor();
}

static void put_files(void)
{
	put_u32(2);
	put_str("/w/a");
	put_str(NULL);
	put_u32(1);
	put_u32(0640);
	put_str("/w/l");
	put_str("a");
	put_u32(0);
	put_u32(0);
}

static void put_policy(void)
{
	put_u32(2);
	put_u32(UINT32_C(0x7fff0000));
	put_u32(UINT32_C(0x00050026));
	put_u32(2);
	put_str("read");
	put_u32(UINT32_C(0x00050001));
	args_at = message_len;
	put_u32(2);
	for (uint32_t index = 0; index < 2; index++) {
		put_u32(index);
		put_u32(7);
		put_u64(UINT64_C(0xff00000000));
		put_u64(index);
	}
	put_str("write");
	put_u32(UINT32_C(0x80000000));
	put_u32(0);
}

static void build_parts(uint32_t parts)
{
	message_len = 0;
	put_u32(REQUEST_VERSION);
	if ((parts & REQUEST_CONFIG) != 0)
		put_config();
	if ((parts & REQUEST_COMMAND) != 0)
		put_command();
	if ((parts & REQUEST_FILES) != 0)
		put_files();
	if ((parts & REQUEST_POLICY) != 0)
		put_policy();
}

static void build(void)
{
	build_parts(ALL_PARTS);
}

static void check_config(const struct cordon_container_config *config)
{
	CHECK_EQ(config->nmounts, 2);
	CHECK_EQ(config->mounts[0].type, 1);
	CHECK_EQ(config->mounts[0].flags, 1);
	CHECK_STR(config->mounts[0].source, "/usr");
	CHECK(config->mounts[1].source == NULL);
	CHECK_STR(config->mounts[1].target, "/tmp");
	CHECK_EQ(config->mounts[1].size_bytes, 1 << 20);
	CHECK_EQ(config->mounts[1].inodes, 77);
	CHECK_EQ(config->mounts[1].mode, 0755);
	CHECK_EQ(config->mounts[1].reserved, 0);
	CHECK_EQ(config->network, 1);
	CHECK_STR(config->hostname, "box");
	CHECK(config->domainname == NULL);
	CHECK(config->uid == 1 && config->gid == 2 && config->host_uid == 3 && config->host_gid == 4);
	CHECK_EQ(config->seccomp_kind, 2);
	CHECK_EQ(config->seccomp_len, 8);
	CHECK(memcmp(config->seccomp_bpf, "12345678", 8) == 0);
	CHECK_EQ((uintptr_t)config->seccomp_bpf % 8, 0);
	CHECK_EQ(config->require, 0x1ffff);
	CHECK_STR(config->init_command[0], "/sbin/ip");
	CHECK_STR(config->init_command[1], "up");
	CHECK(config->init_command[2] == NULL);
	CHECK((uintptr_t)config->seccomp_policy == (uintptr_t)UINT64_C(0x1234567812345678));
	CHECK_EQ(config->use_cgroup, 1);
	CHECK_EQ(config->namespaces, 1);
	CHECK_EQ(config->shared, 1);
	CHECK_STR(config->apparmor_profile, "judged");
	CHECK(config->selinux_label == NULL);
}

static void check_supervisor(const struct cordon_supervisor *supervisor)
{
	REQUIRE(supervisor != NULL);
	CHECK(supervisor->engine == 2 && supervisor->flags == 3);
	CHECK(supervisor->outside == 1 && supervisor->outside_errno == 13);
	CHECK_EQ(supervisor->ask_timeout_ns, 1000000);
	REQUIRE(supervisor->npaths == 2 && supervisor->nsyscalls == 1);
	CHECK_STR(supervisor->paths[0].path, "/usr");
	CHECK(supervisor->paths[0].scope == 0 && supervisor->paths[0].access == 9);
	CHECK_STR(supervisor->paths[1].path, "/etc/shadow");
	CHECK(supervisor->paths[1].scope == 2 && supervisor->paths[1].access == 0);
	CHECK_STR(supervisor->syscalls[0].syscall, "socket");
	CHECK(supervisor->syscalls[0].decision == 1 && supervisor->syscalls[0].err == 97);
	CHECK(supervisor->syscalls[0].limit == UINT64_MAX);
	REQUIRE(supervisor->nports == 2);
	CHECK(supervisor->ports[0].port == 443 && supervisor->ports[0].access == 2);
	CHECK(supervisor->ports[1].port == 0 && supervisor->ports[1].access == 1);
}

static void check_policy(const struct request *request)
{
	const struct cordon_seccomp_policy *policy = &request->policy;

	CHECK_EQ(request->policy_arch, 2);
	CHECK_EQ(policy->default_action, UINT32_C(0x7fff0000));
	CHECK_EQ(policy->unknown_action, UINT32_C(0x00050026));
	CHECK_EQ(policy->reserved, 0);
	REQUIRE(policy->nrules == 2 && policy->rules[0].nargs == 2 && policy->rules[1].nargs == 0);
	CHECK_STR(policy->rules[0].syscall, "read");
	CHECK_EQ(policy->rules[0].action, UINT32_C(0x00050001));
	for (uint32_t i = 0; i < 2; i++) {
		const struct cordon_seccomp_arg *arg = &policy->rules[0].args[i];

		CHECK(arg->index == i && arg->op == 7 && arg->value == UINT64_C(0xff00000000) && arg->value_two == i);
	}
	CHECK_STR(policy->rules[1].syscall, "write");
	CHECK_EQ(policy->rules[1].action, UINT32_C(0x80000000));
}

static void check_command(const struct cordon_command *command)
{
	CHECK_STR(command->argv[0], "/bin/true");
	CHECK_STR(command->argv[1], "");
	CHECK(command->argv[2] == NULL);
	CHECK_STR(command->envp[0], "A=b");
	CHECK(command->envp[1] == NULL);
	CHECK_EQ(command->exec_fd, -1);
	CHECK_EQ(command->sync, 1);
	CHECK_EQ(command->terminal, 1);
	CHECK_STR(command->work_dir, "/w");
	CHECK_STR(command->cpuset, "0-1,3");
	CHECK(command->stdio[0].kind == 4 && command->stdio[0].fd == -1 && command->stdio[0].limit_bytes == 99);
	CHECK(command->stdio[0].path == NULL && command->stdio[0].data == NULL);
	CHECK_STR(command->stdio[1].path, "/tmp/err");
	CHECK(command->stdio[2].data_len == 5 && memcmp(command->stdio[2].data, "input", 5) == 0);
	CHECK(command->nfds == 1 && command->fds[0].fd == 5 && command->fds[0].target == 6);
	CHECK(command->nrlimits == 1 && command->rlimits[0].resource == 7 && command->rlimits[0].soft == 8 &&
	      command->rlimits[0].hard == 9);
	CHECK_EQ(command->ncopy_in, 2);
	CHECK(command->copy_in[0].data_len == 6 && command->copy_in[0].path == NULL);
	CHECK_EQ(command->copy_in[0].mode, 0600);
	CHECK_EQ(command->copy_in[0].flags, CORDON_COPY_REPLACE);
	CHECK_STR(command->copy_in[1].path, "/host/b.c");
	CHECK(command->copy_in[1].data == NULL && command->copy_in[1].data_len == 0);
	CHECK(command->ncopy_out == 1 && command->copy_out[0].limit_bytes == 1000 && command->copy_out[0].most == 7);
	CHECK_EQ(command->copy_out[0].flags, CORDON_COPY_OPTIONAL | CORDON_COPY_PATTERN);
	CHECK_STR(command->copy_out[0].name, "out");
	CHECK(command->limits.cpu_time_ns == 11 && command->limits.wall_time_ns == 12 &&
	      command->limits.idle_time_ns == 13);
	CHECK(command->limits.memory_bytes == 14 && command->limits.stack_bytes == 15 &&
	      command->limits.processes == 16);
	CHECK(command->limits.output_bytes == 17 && command->limits.open_files == 18 &&
	      command->limits.core_bytes == 19);
	CHECK(command->limits.output_total_bytes == 20 && command->limits.cpu_rate == 21 &&
	      command->limits.cpu_weight == 22);
	check_supervisor(command->supervisor);
}

/* Decodes a copy of exactly len bytes, so that a sanitizer sees every read beyond it. */
static int decode(size_t len, struct cordon_error *err)
{
	unsigned char *copy = malloc(len > 0 ? len : 1);
	struct request request;
	int rc;

	REQUIRE(copy);
	memcpy(copy, message, len);
	rc = request_decode(copy, len, ALL_PARTS, &request, err);
	if (rc == 0)
		request_done(&request);
	free(copy);
	return rc;
}

static void check_refused(size_t len, const char *detail, int32_t index)
{
	struct cordon_error err;

	memset(&err, 0, sizeof err);
	if (decode(len, &err) == 0) {
		TEST_FAIL("accepted; expected: %s", detail);
		return;
	}
	CHECK_EQ(err.err, 0);
	CHECK_EQ(err.step, CORDON_STEP_VALIDATE);
	CHECK_EQ(err.index, index);
	if (err.detail_len != strlen(detail) || memcmp(err.detail, detail, err.detail_len) != 0)
		TEST_FAIL("detail \"%.*s\", not \"%s\"", (int)err.detail_len, err.detail, detail);
}

static void check_good(void)
{
	struct cordon_error err;
	struct request request;

	build();
	REQUIRE(request_decode(message, message_len, ALL_PARTS, &request, &err) == 0);
	check_config(&request.config);
	check_command(&request.command);
	CHECK_EQ(request.nfiles, 2);
	CHECK_STR(request.files[0].path, "/w/a");
	CHECK(request.files[0].text == NULL && request.files[0].flags == 1 && request.files[0].mode == 0640);
	CHECK_STR(request.files[1].text, "a");
	check_policy(&request);
	request_done(&request);
	request_done(&request);
}

/* Each part alone, as the natives ask for them; one that is there and not asked for is refused. */
static void check_parts(void)
{
	struct cordon_error err;
	struct request request;

	for (uint32_t parts = 0; parts <= ALL_PARTS; parts++) {
		build_parts(parts);
		for (uint32_t asked = 0; asked <= ALL_PARTS; asked++) {
			int rc = request_decode(message, message_len, asked, &request, &err);

			CHECK_EQ(rc, parts == asked ? 0 : -EINVAL);
			if (rc == 0)
				request_done(&request);
		}
	}
	build_parts(REQUEST_COMMAND);
	REQUIRE(request_decode(message, message_len, REQUEST_COMMAND, &request, &err) == 0);
	check_command(&request.command);
	CHECK(request.config.nmounts == 0 && request.files == NULL && request.policy.rules == NULL);
	request_done(&request);
}

/* A command without one ends with a zero. */
static void check_unsupervised(void)
{
	struct cordon_error err;
	struct request request;
	const uint32_t none = 0;

	build_parts(REQUEST_COMMAND);
	memcpy(message + supervisor_at, &none, sizeof none);
	REQUIRE(request_decode(message, supervisor_at + sizeof none, REQUEST_COMMAND, &request, &err) == 0);
	CHECK(request.command.supervisor == NULL);
	request_done(&request);
}

static void check_files_reply(void)
{
	static unsigned char full[1024];
	struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct cordon_error failed = { .err = ENOENT, .step = CORDON_STEP_DELETE };
	struct cordon_error errors[] = { none, failed };
	const int fds[] = { 7, -1 };

	CHECK_EQ(files_encode(&failed, fds, errors, 2, full, sizeof full), 128);
	CHECK_EQ(files_encode(&none, fds, errors, 2, full, sizeof full), 128 + 2 * 132);
	CHECK_EQ(full[128], 7);
	CHECK(memcmp(full + 128 + 132 + 4, &failed, sizeof failed) == 0);
	CHECK_EQ(files_encode(&none, NULL, errors, 1, full, sizeof full), 128 + 132);
	CHECK_EQ(full[128], 0xff);
}

static void check_truncated(void)
{
	struct cordon_error err;

	build();
	for (size_t len = 0; len < message_len; len++) {
		memset(&err, 0, sizeof err);
		CHECK_EQ(decode(len, &err), -EINVAL);
		CHECK_EQ(err.step, CORDON_STEP_VALIDATE);
		CHECK(err.detail_len > 8 && memcmp(err.detail, "request:", 8) == 0);
	}
}

static void check_wrong(void)
{
	build();
	message[0]++;
	check_refused(message_len, "request: version: not this library's", CORDON_NO_INDEX);

	build();
	put("", 1);
	check_refused(message_len, "request: end: trailing bytes", CORDON_NO_INDEX);

	build();
	memset(message + mounts_at, 0xff, 4);
	check_refused(message_len, "request: mounts: more items than the message has room for", CORDON_NO_INDEX);
	memset(message + mounts_at, 0, 4);
	message[mounts_at + 2] = 1;
	check_refused(message_len, "request: mounts: more items than the message has room for", CORDON_NO_INDEX);

	build();
	memset(message + envp_at, 0xff, 4);
	check_refused(message_len, "request: envp: more items than the message has room for", CORDON_NO_INDEX);

	build();
	message[target_at + 4 + 1] = '\0';
	check_refused(message_len, "request: mounts: must hold no NUL and end with one", 1);

	build();
	message[target_at + 4 + 4] = 'x';
	check_refused(message_len, "request: mounts: must hold no NUL and end with one", 1);

	build();
	memset(message + target_at, 0xff, 4);
	check_refused(message_len, "request: mounts: must not be absent", 1);

	build();
	memset(message + stdin_data_at, 0xff, 8);
	message[stdin_data_at] = 0xfe;
	check_refused(message_len, "request: stdio: cut short", 2);

	build();
	memset(message + stdin_data_at, 0xff, 4);
	check_refused(message_len, "request: stdio: cut short", 2);

	build();
	message[limits_at]--;
	check_refused(message_len, "request: limits: not as many as this library's", CORDON_NO_INDEX);

	build();
	message[supervisor_at] = 2;
	check_refused(message_len, "request: supervisor: must be 0 or 1", CORDON_NO_INDEX);

	build();
	memset(message + supervisor_at + 28, 0xff, 4);
	check_refused(message_len, "request: paths: more items than the message has room for", CORDON_NO_INDEX);

	build();
	memset(message + args_at, 0x7f, 4);
	check_refused(message_len, "request: rules: more items than the message has room for", 0);
}

/* Every byte set to a few values: whatever the decoder says, it must not touch what is not its own (run under ASan). */
static void check_damaged(void)
{
	static const unsigned char values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct cordon_error err;

	for (size_t i = 0; i < message_len; i++)
		for (size_t v = 0; v < ARRAY_LEN(values); v++) {
			build();
			message[i] = values[v];
			(void)decode(message_len, &err);
		}
}

/* What a REPLY has before the program's output: an ERROR, how many numbers there are, and the numbers. */
#define NUMBERS_AT (128 + 4)

static uint32_t numbers_count(void)
{
	uint32_t n = 0;

	while (cordon_result_name(n) != NULL)
		n++;
	return n;
}

static int64_t number_named(const unsigned char *reply, const char *name)
{
	int64_t number = INT64_MIN;
	uint32_t i = 0;

	while (cordon_result_name(i) != NULL && strcmp(cordon_result_name(i), name) != 0)
		i++;
	if (cordon_result_name(i) == NULL)
		TEST_FAIL("no number %s", name);
	else
		memcpy(&number, reply + NUMBERS_AT + i * sizeof number, sizeof number);
	return number;
}

static void check_numbers(void)
{
	const struct cordon_result extreme = { .exit_code = -1, .syscall = INT32_MIN, .oom_kills = UINT32_MAX,
					       .layers = UINT64_MAX };
	static unsigned char full[1024];
	struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct cordon_result result = { 0 };
	uint32_t count, set = 0, seen = 0;

#define CORDON_NUMBER(type, field, name) result.field = (type)++set;
#include "cordon/result.def"
	CHECK(reply_encode(&none, &result, full, sizeof full) <= sizeof full);
	memcpy(&count, full + 128, sizeof count);
	CHECK_EQ(count, set);
	CHECK_EQ(count, numbers_count());
#define CORDON_NUMBER(type, field, name) CHECK_EQ(number_named(full, name), ++seen);
#include "cordon/result.def"

	CHECK(reply_encode(&none, &extreme, full, sizeof full) <= sizeof full);
	CHECK_EQ(number_named(full, "exitCode"), -1);
	CHECK_EQ(number_named(full, "syscall"), INT32_MIN);
	CHECK_EQ(number_named(full, "oomKills"), UINT32_MAX);
	CHECK_EQ(number_named(full, "layers"), -1);
}

static void check_reply(void)
{
	const size_t numbers_end = NUMBERS_AT + 8 * numbers_count();
	static unsigned char full[1024], part[1024];
	struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct cordon_error failed = { .err = ENOENT, .step = CORDON_STEP_EXECVE };
	struct cordon_copied_file file = { .name = "z", .data = "uvw", .len = 3, .size = 4, .truncated = 1 };
	struct cordon_copied copied = { .data = "xy", .len = 2, .files = &file, .nfiles = 1 };
	struct cordon_result result = { .status = 1, .exit_code = -1, .syscall = -1, .layers = 5,
					.output = { { .data = "hello", .len = 5, .total = 9, .truncated = 1 } },
					.copied = &copied, .ncopied = 1 };
	uint64_t file_len = 4 + 2 + 128 + 8 + 3 + 8 + 4;
	uint64_t copied_end = numbers_end + (8 + 4 + 8 + 5) + (8 + 4 + 8) + 4 + 128 + 8 + 2 + 8 + 4 + 4 + file_len;
	uint64_t len = copied_end + 4 + 4 + 4;
	uint64_t absent;

	CHECK_EQ(reply_encode(&failed, NULL, NULL, 0), 128);
	CHECK_EQ(reply_encode(&none, &result, NULL, 0), len);
	CHECK_EQ(reply_encode(&none, &result, full, sizeof full), len);
	CHECK(memcmp(full + copied_end - file_len - 16 - 2, "xy", 2) == 0);
	CHECK(memcmp(full + copied_end - file_len + 4, "z", 2) == 0);
	CHECK(memcmp(full + copied_end - 12 - 3, "uvw", 3) == 0);
	CHECK(memcmp(full + numbers_end + 20, "hello", 5) == 0);
	memcpy(&absent, full + numbers_end + 25 + 12, sizeof absent);
	CHECK(absent == REQUEST_ABSENT64);
	for (uint64_t size = 0; size < len; size++) {
		memset(part, 0xee, sizeof part);
		CHECK_EQ(reply_encode(&none, &result, part, size), len);
		CHECK_EQ(part[size], 0xee);
	}
}

struct supervised {		/* how a REPLY ends */
	int32_t violation;
	uint32_t nevents;
	int64_t file_policy, engine, events_total;	/* these are among the numbers */
};

/* The reply's end behind a result without output and files, of which it returns the length. */
static uint64_t encode_supervised(const struct cordon_result *result, unsigned char *end, size_t size,
				  struct supervised *head)
{
	static unsigned char full[4096];
	struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	const uint64_t before = NUMBERS_AT + 8 * numbers_count() + 20 + 20 + 4;
	uint64_t len = reply_encode(&none, result, full, sizeof full);

	REQUIRE(len <= sizeof full && len >= before + 8 && len - before - 8 <= size);
	memcpy(&head->violation, full + before, 4);
	memcpy(&head->nevents, full + before + 4, 4);
	head->file_policy = number_named(full, "filePolicy");
	head->engine = number_named(full, "engine");
	head->events_total = number_named(full, "eventsTotal");
	memcpy(end, full + before + 8, (size_t)(len - before - 8));
	return len - before - 8;
}

static void check_events(void)
{
	static struct cordon_event events[3] = {
		{ .kind = 0, .syscall = 41 }, { .kind = 1, .syscall = 2 }, { .kind = 1, .syscall = 3 },
	};
	static const uint64_t counts[] = { 1, 2 }, setup_counts[] = { 3, 4 };
	struct cordon_result result = {
		.status = 8, .file_policy = 2, .engine = 1, .nevents = 2, .events = events, .events_total = 7,
		.violation = &events[1], .ncounts = 2, .counts = counts, .setup_counts = setup_counts,
	};
	unsigned char end[2048];
	struct supervised head;
	uint32_t ncounts;

	CHECK_EQ(encode_supervised(&result, end, sizeof end, &head), 2 * 272 + 4 + 32);
	CHECK(head.file_policy == 2 && head.engine == 1 && head.events_total == 7);
	CHECK(head.violation == 1 && head.nevents == 2);
	CHECK(memcmp(end, events, 2 * sizeof *events) == 0);
	memcpy(&ncounts, end + 2 * 272, sizeof ncounts);
	CHECK_EQ(ncounts, 2);
	CHECK(memcmp(end + 2 * 272 + 4, counts, sizeof counts) == 0);
	CHECK(memcmp(end + 2 * 272 + 4 + 16, setup_counts, sizeof setup_counts) == 0);

	result.violation = &events[2];	/* it came when no more were kept */
	CHECK_EQ(encode_supervised(&result, end, sizeof end, &head), 3 * 272 + 4 + 32);
	CHECK(head.violation == 2 && head.nevents == 3);
	CHECK(memcmp(end, events, sizeof events) == 0);

	result.violation = NULL;
	result.setup_counts = NULL;
	CHECK_EQ(encode_supervised(&result, end, sizeof end, &head), 2 * 272 + 4 + 32);
	CHECK(head.violation == -1 && head.nevents == 2);
	CHECK(memcmp(end + 2 * 272 + 4, counts, sizeof counts) == 0);
	CHECK(memcmp(end + 2 * 272 + 4 + 16, (uint64_t[2]){ 0 }, 16) == 0);
}

static void check_question(void)
{
	const struct cordon_question question = {
		.syscall = 257, .pid = 3, .args = { 1, 2, 3, 4, 5, UINT64_MAX }, .ip = 9, .access = 6,
		.npaths = 2, .paths = { "/a", "" },
	};
	const uint64_t len = 4 + 4 + 48 + 8 + 4 + 4 + (4 + 3) + (4 + 1);
	unsigned char full[256], part[256];
	uint32_t access;

	CHECK_EQ(question_encode(&question, NULL, 0), len);
	CHECK_EQ(question_encode(&question, full, sizeof full), len);
	CHECK(memcmp(full + 8, question.args, sizeof question.args) == 0);
	memcpy(&access, full + 64, sizeof access);
	CHECK_EQ(access, 6);
	CHECK_STR((char *)full + 76, "/a");
	for (uint64_t size = 0; size < len; size++) {
		memset(part, 0xee, sizeof part);
		CHECK_EQ(question_encode(&question, part, size), len);
		CHECK_EQ(part[size], 0xee);
	}
}

static void check_features(void)
{
	static struct cordon_features features;
	static unsigned char buf[2048];
	struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	uint32_t len;

	strcpy(features.release, "6.1");
	strcpy(features.machine, "m");
	strcpy(features.cpu.path, "/c");
	strcpy(features.cpu.problem, "not");
	CHECK_EQ(features_encode(&none, &features, buf, sizeof buf),
		 128 + 8 + 6 + 8 + 16 + 4 + 28 + 8 + 12 + 18 + 18 + 23);
	memcpy(&len, buf + 128, sizeof len);
	CHECK_EQ(len, 3);
	CHECK_STR((char *)buf + 132, "6.1");
}

static void check_described(uint32_t number, const char *expected)
{
	char text[1024];

	CHECK_EQ(format_describe(number, text, sizeof text), strlen(expected));
	CHECK_STR(text, expected);
	CHECK_EQ(tables_name(NAMES_FORMAT, number, text, sizeof text), strlen(expected));
	for (size_t size = 0; size <= strlen(expected); size++)
		CHECK_EQ(format_describe(number, text, size), 0);
}

static void check_descriptions(void)
{
	check_described(RECORD_MOUNT,
			"mount: u32 type, u32 flags, str? source, str target, u64 size_bytes, u64 inodes, u32 mode");
	check_described(RECORD_ERROR, "error: i32 err, u16 step, u8 origin, u8 flags, i32 index, u32 detail_len, "
				      "char[112] detail");
	check_described(RECORD_RULE, "rule: str syscall, u32 action, arg[] args");
	check_described(RECORD_RESULT, "result: i64[] numbers, output[2] output, copied[] copied, i32 violation, "
				       "event[] events, u64[][2] counts");
	check_described(RECORD_QUESTION,
			"question: i32 syscall, i32 pid, u64[6] args, u64 ip, u32 access, str[] paths");
	check_described(RECORD_COMMAND, "command: str[] argv, str[] envp, i32 exec_fd, u32 sync, u32 terminal, "
					"str? work_dir, str? cpuset, stdio[3] stdio, fd[] fds, "
					"rlimit[] rlimits, copy_in[] copy_in, copy_out[] copy_out, "
					"u64[] limits, supervisor? supervisor");
}

/* What travels as it is in memory has no hole that Java would have to know of. */
static void check_dense(uint32_t number)
{
	const struct format_record *record = &format_records[number];
	size_t at = 0;

	for (size_t i = 0; i < record->nfields; i++) {
		const struct format_field *f = &record->fields[i];

		CHECK_EQ(f->offset, at);
		at += format_width(f) * f->more;
	}
	CHECK_EQ(at, record->size);
	CHECK_EQ(format_size(number), record->size);
}

static void check_tables(void)
{
	char name[64];

	CHECK_EQ(tables_name(NAMES_STEP, CORDON_STEP_MOUNT, name, sizeof name), 5);
	CHECK_STR(name, "MOUNT");
	CHECK_EQ(tables_name(NAMES_STEP, CORDON_STEP_MOUNT, name, 5), -1);
	CHECK_EQ(tables_name(NAMES_STEP, CORDON_STEP_COUNT, name, sizeof name), -1);
	CHECK_EQ(tables_name(NAMES_FORMAT, FORMAT_RECORDS, name, sizeof name), -1);
	CHECK_EQ(tables_name(NAMES_FORMAT + 1, 0, name, sizeof name), -1);
	CHECK_EQ(tables_name(UINT32_MAX, UINT32_MAX, NULL, 0), -1);
	CHECK_EQ(tables_number(NUMBERS_LIMIT_USUAL, 0), 10 * NSEC_PER_SEC);
	CHECK_EQ(tables_number(NUMBERS_LIMIT_MOST, 1000), TABLES_NONE);
	CHECK_EQ(tables_number(NUMBERS_FORMAT_SIZE, RECORD_EVENT), sizeof(struct cordon_event));
	CHECK_EQ(tables_number(NUMBERS_FORMAT_SIZE, RECORD_MOUNT), 0);
	CHECK_EQ(tables_number(NUMBERS_REQUEST_VERSION, 0), REQUEST_VERSION);
	CHECK_EQ(tables_number(NUMBERS_REQUEST_VERSION, 1), TABLES_NONE);
	CHECK_EQ(tables_number(UINT32_MAX, 0), TABLES_NONE);
}

static void test_listing(void)
{
	const struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct cordon_entry entries[] = {
		{ .name = "a", .kind = CORDON_ENTRY_FILE, .mode = 0644, .size = 3, .modified_ns = 5 },
		{ .name = "bc", .kind = CORDON_ENTRY_LINK, .mode = 0777, .size = 7, .modified_ns = -1 },
	};
	const struct cordon_listing listing = { .entries = entries, .nentries = 2, .truncated = 1 };
	const uint64_t entry = 4 + 4 + 4 + 8 + 8, len = 128 + 4 + (entry + 2) + (entry + 3) + 4;
	unsigned char full[512];

	CHECK_EQ(listing_encode(&none, &listing, NULL, 0), len);
	REQUIRE(listing_encode(&none, &listing, full, sizeof full) == len);
	CHECK(memcmp(full + 128 + 4 + 4, "a", 2) == 0);
	CHECK(memcmp(full + 128 + 4 + entry + 2 + 4, "bc", 3) == 0);
	CHECK(memcmp(full + len - 4, "\1\0\0\0", 4) == 0);
}

int main(void)
{
	check_good();
	check_parts();
	check_unsupervised();
	check_truncated();
	check_wrong();
	check_damaged();
	check_numbers();
	check_reply();
	check_events();
	check_question();
	check_files_reply();
	check_features();
	check_descriptions();
	check_dense(RECORD_ERROR);
	check_dense(RECORD_EVENT);
	check_tables();
	test_listing();
	return TEST_RESULT();
}
