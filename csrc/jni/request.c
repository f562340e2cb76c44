/* request: reads flat requests and writes flat replies; the formats are described in request.h.
 *
 * Runs on the calling Java thread; pure functions. The reader keeps its first fault and from then on returns zeroes, so
 * that a request is read straight down and looked at once in the end.
 * I1  Nothing is read beyond the message, whatever its lengths say; a count is believed only as far as that many of the
 *     smallest items fit into what is left, so memory is bounded by the message's size.
 * I2  Strings have no NUL inside and one at their end; they and the bytes stay where they are. */
#include "jni/request.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "error/error.h"

_Static_assert(sizeof(struct cordon_event) == 272, "Java knows where its fields are");

/* ---- reading ---- */

struct request_block {
	struct request_block *next;
	max_align_t data[];
};

struct reader {
	const unsigned char *next;
	size_t left;
	const char *fault;		/* the first thing that was wrong, or NULL */
	const char *field;		/* being read; stays at the first fault's */
	int32_t index;
	bool no_memory;
	struct request_block *blocks;
};

static void reader_field(struct reader *r, const char *field)
{
	if (r->fault != NULL)
		return;
	r->field = field;
	r->index = CORDON_NO_INDEX;
}

static void reader_item(struct reader *r, uint32_t index)
{
	if (r->fault == NULL)
		r->index = (int32_t)index;
}

static void reader_fault(struct reader *r, const char *fault)
{
	if (r->fault == NULL)
		r->fault = fault;
	r->left = 0;
}

/* The next len bytes, or NULL. */
static const void *read_span(struct reader *r, uint64_t len)
{
	const void *span = r->next;

	if (len > r->left) {
		reader_fault(r, "cut short");
		return NULL;
	}
	r->next += len;
	r->left -= (size_t)len;
	return span;
}

static uint32_t read_u32(struct reader *r)
{
	const void *span = read_span(r, sizeof(uint32_t));
	uint32_t value = 0;

	if (span != NULL)
		memcpy(&value, span, sizeof value);
	return value;
}

static int32_t read_i32(struct reader *r)
{
	return (int32_t)read_u32(r);
}

static uint64_t read_u64(struct reader *r)
{
	const void *span = read_span(r, sizeof(uint64_t));
	uint64_t value = 0;

	if (span != NULL)
		memcpy(&value, span, sizeof value);
	return value;
}

static const char *read_str_opt(struct reader *r)
{
	uint32_t len = read_u32(r);
	const char *s;

	if (r->fault != NULL || len == REQUEST_ABSENT32)
		return NULL;
	s = read_span(r, (uint64_t)len + 1);
	if (s != NULL && memchr(s, '\0', (size_t)len + 1) != s + len) {
		reader_fault(r, "must hold no NUL and end with one");
		return NULL;
	}
	return s;
}

static const char *read_str(struct reader *r)
{
	const char *s = read_str_opt(r);

	if (s == NULL)
		reader_fault(r, "must not be absent");
	return s;
}

static const void *read_bytes_opt(struct reader *r, uint64_t *ret_len)
{
	uint64_t len = read_u64(r);

	*ret_len = 0;
	if (r->fault != NULL || len == REQUEST_ABSENT64)
		return NULL;
	*ret_len = len;
	return read_span(r, len);
}

/* Begins a list inside an item. */
static uint32_t read_inner_count(struct reader *r, size_t least_bytes)
{
	uint32_t n = read_u32(r);

	if (n > r->left / least_bytes) {
		reader_fault(r, "more items than the message has room for");
		return 0;
	}
	return n;
}

/* Begins a list. */
static uint32_t read_count(struct reader *r, const char *field, size_t least_bytes)
{
	reader_field(r, field);
	return read_inner_count(r, least_bytes);
}

/* Zeroed memory that lives as long as the request; NULL, and no_memory set, where there is none. */
static void *reader_alloc(struct reader *r, size_t n, size_t size)
{
	struct request_block *block = NULL;

	if (size <= (SIZE_MAX - sizeof *block) / (n + 1))
		block = calloc(1, sizeof *block + n * size);
	if (block == NULL) {
		r->no_memory = true;
		reader_fault(r, "no memory");
		return NULL;
	}
	block->next = r->blocks;
	r->blocks = block;
	return block->data;
}

/* An array of n items for a list that was just counted; NULL where there is nothing to fill in. */
static void *read_array(struct reader *r, uint32_t n, size_t size)
{
	return n == 0 || r->fault != NULL ? NULL : reader_alloc(r, n, size);
}

#define STR_BYTES 5u		/* the least that a str takes */

static void read_mounts(struct reader *r, struct cordon_container_config *config)
{
	uint32_t n = read_count(r, "mounts", 8 + 4 + STR_BYTES + 16 + 4);
	struct cordon_mount *mounts = read_array(r, n, sizeof *mounts);

	for (uint32_t i = 0; mounts != NULL && i < n; i++) {
		reader_item(r, i);
		mounts[i].type = read_u32(r);
		mounts[i].flags = read_u32(r);
		mounts[i].source = read_str_opt(r);
		mounts[i].target = read_str(r);
		mounts[i].size_bytes = read_u64(r);
		mounts[i].inodes = read_u64(r);
		mounts[i].mode = read_u32(r);
	}
	config->mounts = mounts;
	config->nmounts = n;
}

/* The program is copied: in the message it may stand at any address, and an array of sock_filter must not. */
static void read_seccomp_bpf(struct reader *r, struct cordon_container_config *config)
{
	const void *bpf;
	void *copy;
	uint64_t len;

	bpf = read_bytes_opt(r, &len);
	if (bpf == NULL)
		return;
	if (len > UINT32_MAX) {
		reader_fault(r, "longer than any program");
		return;
	}
	copy = reader_alloc(r, 1, (size_t)len);
	if (copy == NULL)
		return;
	memcpy(copy, bpf, (size_t)len);
	config->seccomp_bpf = copy;
	config->seccomp_len = (uint32_t)len;
}

/* The policy is a pointer that Java got from seccompNew and keeps until no sandbox uses it. */
static void read_seccomp(struct reader *r, struct cordon_container_config *config)
{
	reader_field(r, "seccomp");
	config->seccomp_kind = read_u32(r);
	read_seccomp_bpf(r, config);
	config->seccomp_policy = (const struct cordon_seccomp *)(uintptr_t)read_u64(r);
}

static const char *const *read_strings(struct reader *r, const char *field)
{
	uint32_t n = read_count(r, field, STR_BYTES);
	const char **strings = r->fault != NULL ? NULL : reader_alloc(r, (size_t)n + 1, sizeof *strings);

	for (uint32_t i = 0; strings != NULL && i < n; i++) {
		reader_item(r, i);
		strings[i] = read_str(r);
	}
	return strings;
}

static void read_config(struct reader *r, struct cordon_container_config *config)
{
	read_mounts(r, config);
	reader_field(r, "network");
	config->network = read_u32(r);
	reader_field(r, "hostname");
	config->hostname = read_str_opt(r);
	reader_field(r, "domainname");
	config->domainname = read_str_opt(r);
	reader_field(r, "ids");
	config->uid = read_u32(r);
	config->gid = read_u32(r);
	config->host_uid = read_u32(r);
	config->host_gid = read_u32(r);
	read_seccomp(r, config);
	reader_field(r, "require");
	config->require = read_u64(r);
	config->init_command = read_strings(r, "init_command");
	if (config->init_command != NULL && config->init_command[0] == NULL)
		config->init_command = NULL;
	reader_field(r, "use_cgroup");
	config->use_cgroup = read_u32(r);
	reader_field(r, "namespaces");
	config->namespaces = read_u32(r);
	reader_field(r, "apparmor_profile");
	config->apparmor_profile = read_str_opt(r);
	reader_field(r, "selinux_label");
	config->selinux_label = read_str_opt(r);
}

static void read_stdio(struct reader *r, struct cordon_stdio stdio[3])
{
	reader_field(r, "stdio");
	for (uint32_t i = 0; i < 3; i++) {
		reader_item(r, i);
		stdio[i].kind = read_u32(r);
		stdio[i].fd = read_i32(r);
		stdio[i].path = read_str_opt(r);
		stdio[i].data = read_bytes_opt(r, &stdio[i].data_len);
		stdio[i].limit_bytes = read_u64(r);
	}
}

static void read_fds(struct reader *r, struct cordon_command *command)
{
	uint32_t n = read_count(r, "fds", 8);
	struct cordon_fd *fds = read_array(r, n, sizeof *fds);

	for (uint32_t i = 0; fds != NULL && i < n; i++) {
		reader_item(r, i);
		fds[i].fd = read_i32(r);
		fds[i].target = read_i32(r);
	}
	command->fds = fds;
	command->nfds = n;
}

static void read_rlimits(struct reader *r, struct cordon_command *command)
{
	uint32_t n = read_count(r, "rlimits", 4 + 16);
	struct cordon_rlimit *rlimits = read_array(r, n, sizeof *rlimits);

	for (uint32_t i = 0; rlimits != NULL && i < n; i++) {
		reader_item(r, i);
		rlimits[i].resource = read_u32(r);
		rlimits[i].soft = read_u64(r);
		rlimits[i].hard = read_u64(r);
	}
	command->rlimits = rlimits;
	command->nrlimits = n;
}

static void read_copy_in(struct reader *r, struct cordon_command *command)
{
	uint32_t n = read_count(r, "copy_in", STR_BYTES + 4 + 8 + 4);
	struct cordon_copy_in *items = read_array(r, n, sizeof *items);

	for (uint32_t i = 0; items != NULL && i < n; i++) {
		reader_item(r, i);
		items[i].name = read_str(r);
		items[i].path = read_str_opt(r);
		items[i].data = read_bytes_opt(r, &items[i].data_len);
		items[i].mode = read_u32(r);
	}
	command->copy_in = items;
	command->ncopy_in = n;
}

static void read_copy_out(struct reader *r, struct cordon_command *command)
{
	uint32_t n = read_count(r, "copy_out", STR_BYTES + 4 + 8 + 4);
	struct cordon_copy_out *items = read_array(r, n, sizeof *items);

	for (uint32_t i = 0; items != NULL && i < n; i++) {
		reader_item(r, i);
		items[i].name = read_str(r);
		items[i].path = read_str_opt(r);
		items[i].limit_bytes = read_u64(r);
		items[i].flags = read_u32(r);
	}
	command->copy_out = items;
	command->ncopy_out = n;
}

static void read_limits(struct reader *r, struct cordon_limits *limits)
{
	if (read_count(r, "limits", sizeof(uint64_t)) != sizeof *limits / sizeof(uint64_t))
		reader_fault(r, "not as many as this library's");
#define CORDON_LIMIT(field, ...) limits->field = read_u64(r);
#include "cordon/limits.def"
}

static void read_paths(struct reader *r, struct cordon_supervisor *supervisor)
{
	uint32_t n = read_count(r, "paths", STR_BYTES + 4 + 4);
	struct cordon_path_rule *rules = read_array(r, n, sizeof *rules);

	for (uint32_t i = 0; rules != NULL && i < n; i++) {
		reader_item(r, i);
		rules[i].path = read_str(r);
		rules[i].scope = read_u32(r);
		rules[i].access = read_u32(r);
	}
	supervisor->paths = rules;
	supervisor->npaths = n;
}

static void read_ports(struct reader *r, struct cordon_supervisor *supervisor)
{
	uint32_t n = read_count(r, "ports", 4 + 4);
	struct cordon_port_rule *rules = read_array(r, n, sizeof *rules);

	for (uint32_t i = 0; rules != NULL && i < n; i++) {
		reader_item(r, i);
		rules[i].port = read_u32(r);
		rules[i].access = read_u32(r);
	}
	supervisor->ports = rules;
	supervisor->nports = n;
}

static void read_syscalls(struct reader *r, struct cordon_supervisor *supervisor)
{
	uint32_t n = read_count(r, "syscalls", STR_BYTES + 4 + 4 + 8);
	struct cordon_syscall_rule *rules = read_array(r, n, sizeof *rules);

	for (uint32_t i = 0; rules != NULL && i < n; i++) {
		reader_item(r, i);
		rules[i].syscall = read_str(r);
		rules[i].decision = read_u32(r);
		rules[i].err = read_i32(r);
		rules[i].limit = read_u64(r);
	}
	supervisor->syscalls = rules;
	supervisor->nsyscalls = n;
}

static const struct cordon_supervisor *read_supervisor(struct reader *r)
{
	struct cordon_supervisor *supervisor;
	uint32_t there;

	reader_field(r, "supervisor");
	there = read_u32(r);
	if (there > 1)
		reader_fault(r, "must be 0 or 1");
	supervisor = read_array(r, there, sizeof *supervisor);
	if (supervisor == NULL)
		return NULL;
	supervisor->engine = read_u32(r);
	supervisor->flags = read_u32(r);
	supervisor->outside = read_u32(r);
	supervisor->outside_errno = read_i32(r);
	supervisor->ask_timeout_ns = read_u64(r);
	read_paths(r, supervisor);
	read_syscalls(r, supervisor);
	read_ports(r, supervisor);
	return supervisor;
}

static void read_command(struct reader *r, struct cordon_command *command)
{
	command->argv = read_strings(r, "argv");
	command->envp = read_strings(r, "envp");
	reader_field(r, "exec_fd");
	command->exec_fd = read_i32(r);
	reader_field(r, "sync");
	command->sync = read_u32(r);
	reader_field(r, "terminal");
	command->terminal = read_u32(r);
	reader_field(r, "work_dir");
	command->work_dir = read_str_opt(r);
	reader_field(r, "cpuset");
	command->cpuset = read_str_opt(r);
	read_stdio(r, command->stdio);
	read_fds(r, command);
	read_rlimits(r, command);
	read_copy_in(r, command);
	read_copy_out(r, command);
	read_limits(r, &command->limits);
	command->supervisor = read_supervisor(r);
}

static void read_files(struct reader *r, struct request *request)
{
	uint32_t n = read_count(r, "files", STR_BYTES + 4 + 4 + 4);
	struct cordon_file *files = read_array(r, n, sizeof *files);

	for (uint32_t i = 0; files != NULL && i < n; i++) {
		reader_item(r, i);
		files[i].path = read_str(r);
		files[i].text = read_str_opt(r);
		files[i].flags = read_u32(r);
		files[i].mode = read_u32(r);
	}
	request->files = files;
	request->nfiles = n;
}

static void read_args(struct reader *r, struct cordon_seccomp_rule *rule)
{
	uint32_t n = read_inner_count(r, 4 + 4 + 8 + 8);
	struct cordon_seccomp_arg *args = read_array(r, n, sizeof *args);

	for (uint32_t i = 0; args != NULL && i < n; i++) {
		args[i].index = read_u32(r);
		args[i].op = read_u32(r);
		args[i].value = read_u64(r);
		args[i].value_two = read_u64(r);
	}
	rule->args = args;
	rule->nargs = n;
}

static void read_policy(struct reader *r, struct request *request)
{
	struct cordon_seccomp_rule *rules;
	uint32_t n;

	reader_field(r, "arch");
	request->policy_arch = read_u32(r);
	reader_field(r, "default_action");
	request->policy.default_action = read_u32(r);
	reader_field(r, "unknown_action");
	request->policy.unknown_action = read_u32(r);
	n = read_count(r, "rules", STR_BYTES + 4 + 4);
	rules = read_array(r, n, sizeof *rules);
	for (uint32_t i = 0; rules != NULL && i < n; i++) {
		reader_item(r, i);
		rules[i].syscall = read_str(r);
		rules[i].action = read_u32(r);
		read_args(r, &rules[i]);
	}
	request->policy.rules = rules;
	request->policy.nrules = n;
}

static void blocks_free(struct request_block *block)
{
	while (block != NULL) {
		struct request_block *next = block->next;

		free(block);
		block = next;
	}
}

static int reader_error(const struct reader *r, struct cordon_error *err)
{
	if (r->no_memory)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	return error_refuse(err, r->index, "request", r->field, r->fault);
}

int request_decode(const void *message, size_t len, uint32_t parts, struct request *ret_request, struct cordon_error *err)
{
	struct reader r = { .next = message, .left = len };
	struct request request = { .blocks = NULL };

	reader_field(&r, "version");
	if (read_u32(&r) != REQUEST_VERSION)
		reader_fault(&r, "not this library's");
	if ((parts & REQUEST_CONFIG) != 0)
		read_config(&r, &request.config);
	if ((parts & REQUEST_COMMAND) != 0)
		read_command(&r, &request.command);
	if ((parts & REQUEST_FILES) != 0)
		read_files(&r, &request);
	if ((parts & REQUEST_POLICY) != 0)
		read_policy(&r, &request);
	reader_field(&r, "end");
	if (r.left != 0)
		reader_fault(&r, "trailing bytes");
	if (r.fault != NULL) {
		blocks_free(r.blocks);
		return reader_error(&r, err);
	}
	request.blocks = r.blocks;
	*ret_request = request;
	return 0;
}

void request_done(struct request *request)
{
	blocks_free(request->blocks);
	request->blocks = NULL;
}

/* ---- writing ---- */

/* Counts everything, keeps what fits. */
struct writer {
	unsigned char *buf;
	uint64_t size, used;
};

static void write_span(struct writer *w, const void *data, uint64_t len)
{
	if (len > 0 && w->used <= w->size && len <= w->size - w->used)
		memcpy(w->buf + w->used, data, (size_t)len);
	w->used += len;
}

static void write_u32(struct writer *w, uint32_t value)
{
	write_span(w, &value, sizeof value);
}

static void write_i32(struct writer *w, int32_t value)
{
	write_span(w, &value, sizeof value);
}

static void write_u64(struct writer *w, uint64_t value)
{
	write_span(w, &value, sizeof value);
}

static void write_str(struct writer *w, const char *s)
{
	size_t len = str_len(s);

	write_u32(w, (uint32_t)len);
	write_span(w, s, len + 1);
}

static void write_bytes_opt(struct writer *w, const void *data, uint64_t len)
{
	if (data == NULL) {
		write_u64(w, REQUEST_ABSENT64);
		return;
	}
	write_u64(w, len);
	write_span(w, data, len);
}

/* What ended the program is always among the events, also where so many came before it that it was not kept. */
static void write_events(struct writer *w, const struct cordon_result *result)
{
	const struct cordon_event *violation = result->violation;
	int32_t index = -1;
	bool kept = false;

	for (uint32_t i = 0; violation != NULL && !kept && i < result->nevents; i++) {
		kept = violation == &result->events[i];
		index = (int32_t)i;
	}
	if (violation != NULL && !kept)
		index = (int32_t)result->nevents;
	write_i32(w, index);
	write_u32(w, result->nevents + (violation != NULL && !kept));
	write_span(w, result->events, (uint64_t)result->nevents * sizeof *result->events);
	if (violation != NULL && !kept)
		write_span(w, violation, sizeof *violation);
}

/* NULL: nothing was counted. */
static void write_counts(struct writer *w, const uint64_t *counts, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		write_u64(w, counts != NULL ? counts[i] : 0);
}

static void write_numbers(struct writer *w, const struct cordon_result *result)
{
	const int64_t numbers[] = {
#define CORDON_NUMBER(type, field, name) (int64_t)result->field,
#include "cordon/result.def"
	};

	write_u32(w, ARRAY_LEN(numbers));
	write_span(w, numbers, sizeof numbers);
}

static void write_result(struct writer *w, const struct cordon_result *result)
{
	write_numbers(w, result);
	for (size_t i = 0; i < ARRAY_LEN(result->output); i++) {
		write_u64(w, result->output[i].total);
		write_u32(w, result->output[i].truncated);
		write_bytes_opt(w, result->output[i].data, result->output[i].len);
	}
	write_u32(w, result->ncopied);
	for (uint32_t i = 0; i < result->ncopied; i++) {
		write_span(w, &result->copied[i].error, sizeof result->copied[i].error);
		write_bytes_opt(w, result->copied[i].data, result->copied[i].len);
	}
	write_events(w, result);
	write_u32(w, result->ncounts);
	write_counts(w, result->counts, result->ncounts);
	write_counts(w, result->setup_counts, result->ncounts);
}

static void write_controller(struct writer *w, const struct cordon_controller *controller)
{
	write_u32(w, controller->version);
	write_u32(w, controller->usable);
	write_str(w, controller->path);
}

static void write_features(struct writer *w, const struct cordon_features *features)
{
	write_str(w, features->release);
	write_str(w, features->machine);
	write_u32(w, features->root);
	write_u32(w, features->proc_mountable);
	write_u64(w, features->kernel);
	write_u64(w, features->layers);
	write_i32(w, features->landlock_abi);
	for (size_t i = 0; i < ARRAY_LEN(features->namespace_err); i++)
		write_i32(w, features->namespace_err[i]);
	write_u64(w, (uint64_t)features->max_user_namespaces);
	write_i32(w, features->userns_clone);
	write_i32(w, features->apparmor_userns);
	write_i32(w, features->memfd_noexec);
	write_controller(w, &features->memory);
	write_controller(w, &features->pids);
	write_controller(w, &features->cpu);
}

uint64_t reply_encode(const struct cordon_error *err, const struct cordon_result *result, void *buf, uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_span(&w, err, sizeof *err);
	if (err->step == CORDON_STEP_NONE)
		write_result(&w, result);
	return w.used;
}

uint64_t question_encode(const struct cordon_question *question, void *buf, uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_i32(&w, question->syscall);
	write_i32(&w, question->pid);
	write_span(&w, question->args, sizeof question->args);
	write_u64(&w, question->ip);
	write_u32(&w, question->access);
	write_u32(&w, question->npaths);
	for (uint32_t i = 0; i < question->npaths; i++)
		write_str(&w, question->paths[i]);
	return w.used;
}

uint64_t features_encode(const struct cordon_error *err, const struct cordon_features *features, void *buf, uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_span(&w, err, sizeof *err);
	if (err->step == CORDON_STEP_NONE)
		write_features(&w, features);
	return w.used;
}

uint64_t files_encode(const struct cordon_error *err, const int *fds, const struct cordon_error *errors, uint32_t n, void *buf,
		      uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_span(&w, err, sizeof *err);
	for (uint32_t i = 0; err->step == CORDON_STEP_NONE && i < n; i++) {
		write_i32(&w, fds != NULL ? fds[i] : -1);
		write_span(&w, &errors[i], sizeof errors[i]);
	}
	return w.used;
}
