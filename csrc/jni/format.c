/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/format.h"

#include "base/base.h"
#include "cordon/features.h"
#include "cordon/result.h"
#include "cordon/supervisor.h"
#include "jni/records.h"

/* The name of each type, the size of its number, and the minimum size of the rest. Lists, options and arrays have the
 * name of their record before it. */
static const struct {
	char name[9];
	uint8_t width, least;
} types[] = {
	[FORMAT_U8] = { "u8", 1, 0 },
	[FORMAT_U16] = { "u16", 2, 0 },
	[FORMAT_U32] = { "u32", 4, 0 },
	[FORMAT_I32] = { "i32", 4, 0 },
	[FORMAT_U64] = { "u64", 8, 0 },
	[FORMAT_CHARS] = { "char", 1, 0 },
	[FORMAT_FLAG] = { "u32", 4, 0 },
	[FORMAT_POINTER] = { "u64", 8, 0 },
	[FORMAT_STR] = { "str", 0, 5 },
	[FORMAT_STR_OPT] = { "str?", 0, 4 },
	[FORMAT_TEXT] = { "str", 0, 5 },
	[FORMAT_BYTES_OPT] = { "bytes?", 0, 8 },
	[FORMAT_PROGRAM] = { "bytes?", 0, 8 },
	[FORMAT_STRINGS] = { "str[]", 0, 4 },
	[FORMAT_STRINGS_OPT] = { "str[]", 0, 4 },
	[FORMAT_TEXTS] = { "str[]", 0, 4 },
	[FORMAT_LIST] = { "[]", 0, 4 },
	[FORMAT_OPTIONAL] = { "?", 0, 4 },
	[FORMAT_INLINE] = { "", 0, 0 },
	[FORMAT_ROWS] = { "u64[]", 0, 4 },
	[FORMAT_NUMBERS] = { "i64[]", 0, 4 },
	[FORMAT_VIOLATION] = { "i32", 4, 0 },
	[FORMAT_EVENTS] = { "[]", 0, 4 },
	[FORMAT_COUNTS] = { "u64[][2]", 0, 4 },
};

/* ---- the tables ---- */

/* The member's offset; checks that it has the size that its type needs. */
#define PLACE(s, member, size) \
	(offsetof(struct s, member) + 0 * sizeof(char[sizeof((struct s *)0)->member == (size) ? 1 : -1]))

#define FIELD(type, s, member, width, n) { FORMAT_##type, 0, PLACE(s, member, (width) * (n)), n, #member }
#define U8(s, member) FIELD(U8, s, member, 1, 1)
#define U16(s, member) FIELD(U16, s, member, 2, 1)
#define U32(s, member) FIELD(U32, s, member, 4, 1)
#define I32(s, member) FIELD(I32, s, member, 4, 1)
#define U64(s, member) FIELD(U64, s, member, 8, 1)
#define I32S(s, member, n) FIELD(I32, s, member, 4, n)
#define U64S(s, member, n) FIELD(U64, s, member, 8, n)
#define CHARS(s, member, n) FIELD(CHARS, s, member, 1, n)
#define FLAG(s, member) FIELD(FLAG, s, member, 1, 1)
#define POINTER(s, member) FIELD(POINTER, s, member, sizeof(void *), 1)
#define STR(s, member) FIELD(STR, s, member, sizeof(char *), 1)
#define STR_OPT(s, member) FIELD(STR_OPT, s, member, sizeof(char *), 1)
#define TEXT(s, member) { FORMAT_TEXT, 0, offsetof(struct s, member), 1, #member }
#define STRINGS(s, member) FIELD(STRINGS, s, member, sizeof(char **), 1)
#define STRINGS_OPT(s, member) FIELD(STRINGS_OPT, s, member, sizeof(char **), 1)
#define TEXTS(s, member, n) { FORMAT_TEXTS, 0, offsetof(struct s, member), PLACE(s, n, 4), #member }
#define BYTES_OPT(s, member, len) \
	{ FORMAT_BYTES_OPT, 0, PLACE(s, member, sizeof(void *)), PLACE(s, len, 8), #member }
#define PROGRAM(s, member, len) { FORMAT_PROGRAM, 0, PLACE(s, member, sizeof(void *)), PLACE(s, len, 4), #member }
#define LIST(s, member, n, record) \
	{ FORMAT_LIST, RECORD_##record, PLACE(s, member, sizeof(void *)), PLACE(s, n, 4), #member }
#define OPTIONAL(s, member, record) \
	{ FORMAT_OPTIONAL, RECORD_##record, PLACE(s, member, sizeof(void *)), 0, #member }
#define INLINE(s, member, n, record) { FORMAT_INLINE, RECORD_##record, offsetof(struct s, member), n, #member }
#define ROWS(s, member) \
	{ FORMAT_ROWS, 0, offsetof(struct s, member), sizeof((struct s *)0)->member / sizeof(uint64_t), #member }

static const struct format_field config_fields[] = {
	LIST(cordon_container_config, mounts, nmounts, MOUNT),
	U32(cordon_container_config, network),
	STR_OPT(cordon_container_config, hostname),
	STR_OPT(cordon_container_config, domainname),
	U32(cordon_container_config, uid),
	U32(cordon_container_config, gid),
	U32(cordon_container_config, host_uid),
	U32(cordon_container_config, host_gid),
	U32(cordon_container_config, seccomp_kind),
	PROGRAM(cordon_container_config, seccomp_bpf, seccomp_len),
	POINTER(cordon_container_config, seccomp_policy),	/* of seccompNew */
	U64(cordon_container_config, require),
	STRINGS_OPT(cordon_container_config, init_command),
	U32(cordon_container_config, use_cgroup),
	U32(cordon_container_config, namespaces),
	U32(cordon_container_config, shared),
	STR_OPT(cordon_container_config, apparmor_profile),
	STR_OPT(cordon_container_config, selinux_label),
};

static const struct format_field mount_fields[] = {
	U32(cordon_mount, type),
	U32(cordon_mount, flags),
	STR_OPT(cordon_mount, source),
	STR(cordon_mount, target),
	U64(cordon_mount, size_bytes),
	U64(cordon_mount, inodes),
	U32(cordon_mount, mode),
};

static const struct format_field command_fields[] = {
	STRINGS(cordon_command, argv),
	STRINGS(cordon_command, envp),
	I32(cordon_command, exec_fd),
	U32(cordon_command, sync),
	U32(cordon_command, terminal),
	STR_OPT(cordon_command, work_dir),
	STR_OPT(cordon_command, cpuset),
	INLINE(cordon_command, stdio, 3, STDIO),
	LIST(cordon_command, fds, nfds, FD),
	LIST(cordon_command, rlimits, nrlimits, RLIMIT),
	LIST(cordon_command, copy_in, ncopy_in, COPY_IN),
	LIST(cordon_command, copy_out, ncopy_out, COPY_OUT),
	ROWS(cordon_command, limits),	/* cordon/limits.def */
	OPTIONAL(cordon_command, supervisor, SUPERVISOR),
};

static const struct format_field stdio_fields[] = {
	U32(cordon_stdio, kind),
	I32(cordon_stdio, fd),
	STR_OPT(cordon_stdio, path),
	BYTES_OPT(cordon_stdio, data, data_len),
	U64(cordon_stdio, limit_bytes),
};

static const struct format_field fd_fields[] = {
	I32(cordon_fd, fd),
	I32(cordon_fd, target),
};

static const struct format_field rlimit_fields[] = {
	U32(cordon_rlimit, resource),
	U64(cordon_rlimit, soft),
	U64(cordon_rlimit, hard),
};

static const struct format_field copy_in_fields[] = {
	STR(cordon_copy_in, name),
	STR_OPT(cordon_copy_in, path),
	BYTES_OPT(cordon_copy_in, data, data_len),
	U32(cordon_copy_in, mode),
	U32(cordon_copy_in, flags),
};

static const struct format_field copy_out_fields[] = {
	STR(cordon_copy_out, name),
	STR_OPT(cordon_copy_out, path),
	U64(cordon_copy_out, limit_bytes),
	U32(cordon_copy_out, flags),
	U32(cordon_copy_out, most),
};

static const struct format_field supervisor_fields[] = {
	U32(cordon_supervisor, engine),
	U32(cordon_supervisor, flags),
	U32(cordon_supervisor, outside),
	I32(cordon_supervisor, outside_errno),
	U64(cordon_supervisor, ask_timeout_ns),
	LIST(cordon_supervisor, paths, npaths, PATH),
	LIST(cordon_supervisor, syscalls, nsyscalls, SYSCALL),
	LIST(cordon_supervisor, ports, nports, PORT),
};

static const struct format_field path_fields[] = {
	STR(cordon_path_rule, path),
	U32(cordon_path_rule, scope),
	U32(cordon_path_rule, access),
};

static const struct format_field syscall_fields[] = {
	STR(cordon_syscall_rule, syscall),
	U32(cordon_syscall_rule, decision),
	I32(cordon_syscall_rule, err),
	U64(cordon_syscall_rule, limit),
};

static const struct format_field port_fields[] = {
	U32(cordon_port_rule, port),
	U32(cordon_port_rule, access),
};

static const struct format_field files_fields[] = {
	LIST(request, files, nfiles, FILE),
};

static const struct format_field file_fields[] = {
	STR(cordon_file, path),
	STR_OPT(cordon_file, text),
	U32(cordon_file, flags),
	U32(cordon_file, mode),
};

static const struct format_field policy_fields[] = {
	{ FORMAT_U32, 0, PLACE(request, policy_arch, 4), 1, "arch" },
	{ FORMAT_U32, 0, PLACE(request, policy.default_action, 4), 1, "default_action" },
	{ FORMAT_U32, 0, PLACE(request, policy.unknown_action, 4), 1, "unknown_action" },
	{ FORMAT_LIST, RECORD_RULE, offsetof(struct request, policy.rules), PLACE(request, policy.nrules, 4), "rules" },
};

static const struct format_field rule_fields[] = {
	STR(cordon_seccomp_rule, syscall),
	U32(cordon_seccomp_rule, action),
	LIST(cordon_seccomp_rule, args, nargs, ARG),
};

static const struct format_field arg_fields[] = {
	U32(cordon_seccomp_arg, index),
	U32(cordon_seccomp_arg, op),
	U64(cordon_seccomp_arg, value),
	U64(cordon_seccomp_arg, value_two),
};

static const struct format_field error_fields[] = {
	I32(cordon_error, err),
	U16(cordon_error, step),
	U8(cordon_error, origin),
	U8(cordon_error, flags),
	I32(cordon_error, index),
	U32(cordon_error, detail_len),
	CHARS(cordon_error, detail, CORDON_ERROR_DETAIL_MAX),
};

static const struct format_field event_fields[] = {
	U32(cordon_event, kind),
	I32(cordon_event, syscall),
	I32(cordon_event, err),
	I32(cordon_event, pid),
	U64(cordon_event, time_ns),
	U64(cordon_event, ip),
	U64S(cordon_event, args, 6),
	U32(cordon_event, arch),
	U32(cordon_event, path_len),
	CHARS(cordon_event, path, CORDON_EVENT_PATH_MAX),
};

static const struct format_field result_fields[] = {
	{ FORMAT_NUMBERS, 0, 0, 0, "numbers" },	/* cordon/result.def */
	INLINE(cordon_result, output, 2, OUTPUT),	/* stdout, stderr */
	LIST(cordon_result, copied, ncopied, COPIED),
	{ FORMAT_VIOLATION, 0, 0, 1, "violation" },	/* its index in events, or -1 */
	{ FORMAT_EVENTS, RECORD_EVENT, 0, 0, "events" },	/* includes the violation, which may be beyond those
								   kept */
	{ FORMAT_COUNTS, 0, 0, 0, "counts" },	/* of the program; then of its set-up */
};

static const struct format_field output_fields[] = {
	U64(cordon_output, total),
	U32(cordon_output, truncated),
	BYTES_OPT(cordon_output, data, len),
};

static const struct format_field copied_fields[] = {
	INLINE(cordon_copied, error, 1, ERROR),
	BYTES_OPT(cordon_copied, data, len),
	U64(cordon_copied, size),
	U32(cordon_copied, truncated),
	LIST(cordon_copied, files, nfiles, COPIED_FILE),
};

static const struct format_field copied_file_fields[] = {
	STR(cordon_copied_file, name),
	INLINE(cordon_copied_file, error, 1, ERROR),
	BYTES_OPT(cordon_copied_file, data, len),
	U64(cordon_copied_file, size),
	U32(cordon_copied_file, truncated),
};

static const struct format_field question_fields[] = {
	I32(cordon_question, syscall),
	I32(cordon_question, pid),
	U64S(cordon_question, args, 6),
	U64(cordon_question, ip),
	U32(cordon_question, access),
	TEXTS(cordon_question, paths, npaths),
};

static const struct format_field features_fields[] = {
	TEXT(cordon_features, release),
	TEXT(cordon_features, machine),
	FLAG(cordon_features, root),
	FLAG(cordon_features, proc_mountable),
	U64(cordon_features, kernel),
	U64(cordon_features, layers),
	I32(cordon_features, landlock_abi),
	I32S(cordon_features, namespace_err, 7),
	U64(cordon_features, max_user_namespaces),	/* two's complement */
	I32(cordon_features, userns_clone),
	I32(cordon_features, apparmor_userns),
	I32(cordon_features, memfd_noexec),
	INLINE(cordon_features, memory, 1, CONTROLLER),
	INLINE(cordon_features, pids, 1, CONTROLLER),
	INLINE(cordon_features, cpu, 1, CONTROLLER),
};

static const struct format_field controller_fields[] = {
	U32(cordon_controller, version),
	U32(cordon_controller, usable),
	TEXT(cordon_controller, path),
	TEXT(cordon_controller, problem),
};

static const struct format_field file_reply_fields[] = {
	I32(file_reply, fd),		/* the caller's, or -1 */
	INLINE(file_reply, error, 1, ERROR),
};

static const struct format_field listing_fields[] = {
	LIST(cordon_listing, entries, nentries, ENTRY),
	U32(cordon_listing, truncated),
};

static const struct format_field entry_fields[] = {
	STR(cordon_entry, name),
	U32(cordon_entry, kind),
	U32(cordon_entry, mode),
	U64(cordon_entry, size),
	U64(cordon_entry, modified_ns),	/* two's complement */
};

#define RECORD(number, level, name, s) \
	[RECORD_##number] = { #name, FORMAT_##level, ARRAY_LEN(name##_fields), sizeof(struct s), name##_fields }

const struct format_record format_records[FORMAT_RECORDS] = {
	RECORD(CONFIG, BLOCK, config, cordon_container_config),
	RECORD(COMMAND, BLOCK, command, cordon_command),
	RECORD(FILES, BLOCK, files, request),
	RECORD(POLICY, BLOCK, policy, request),
	RECORD(RESULT, BLOCK, result, cordon_result),
	RECORD(QUESTION, BLOCK, question, cordon_question),
	RECORD(FEATURES, BLOCK, features, cordon_features),
	RECORD(FILE_REPLY, ITEM, file_reply, file_reply),
	RECORD(ERROR, PART, error, cordon_error),
	RECORD(EVENT, ITEM, event, cordon_event),
	RECORD(MOUNT, ITEM, mount, cordon_mount),
	RECORD(STDIO, ITEM, stdio, cordon_stdio),
	RECORD(FD, ITEM, fd, cordon_fd),
	RECORD(RLIMIT, ITEM, rlimit, cordon_rlimit),
	RECORD(COPY_IN, ITEM, copy_in, cordon_copy_in),
	RECORD(COPY_OUT, ITEM, copy_out, cordon_copy_out),
	RECORD(SUPERVISOR, BLOCK, supervisor, cordon_supervisor),
	RECORD(PATH, ITEM, path, cordon_path_rule),
	RECORD(SYSCALL, ITEM, syscall, cordon_syscall_rule),
	RECORD(PORT, ITEM, port, cordon_port_rule),
	RECORD(FILE, ITEM, file, cordon_file),
	RECORD(RULE, ITEM, rule, cordon_seccomp_rule),
	RECORD(ARG, PART, arg, cordon_seccomp_arg),
	RECORD(OUTPUT, PART, output, cordon_output),
	RECORD(COPIED, ITEM, copied, cordon_copied),
	RECORD(COPIED_FILE, ITEM, copied_file, cordon_copied_file),
	RECORD(CONTROLLER, PART, controller, cordon_controller),
	RECORD(LISTING, BLOCK, listing, cordon_listing),
	RECORD(ENTRY, ITEM, entry, cordon_entry),
};

/* ---- what they say ---- */

size_t format_width(const struct format_field *field)
{
	return types[field->type].width;
}

size_t format_least(const struct format_record *record)
{
	size_t size = 0;

	for (size_t i = 0; i < record->nfields; i++) {
		const struct format_field *f = &record->fields[i];

		size += types[f->type].least + (size_t)types[f->type].width * f->more;
		if (f->type == FORMAT_INLINE)
			size += f->more * format_least(&format_records[f->record]);
	}
	return size;
}

size_t format_size(uint32_t number)
{
	const struct format_record *record = &format_records[number];

	for (size_t i = 0; i < record->nfields; i++) {
		const struct format_field *f = &record->fields[i];

		if (types[f->type].least > 0 || (f->type == FORMAT_INLINE && format_size(f->record) == 0))
			return 0;
	}
	return format_least(record);
}

struct text {
	char *buf;
	size_t size, used;
};

static void append(struct text *t, const char *a, const char *b, const char *c)
{
	if (t->used < t->size && str_concat(t->buf + t->used, t->size - t->used, a, b, c))
		t->used += str_len(t->buf + t->used);
	else
		t->used = t->size;
}

static void append_field(struct text *t, const struct format_field *f)
{
	bool many = f->more > 1 && (types[f->type].width > 0 || f->type == FORMAT_INLINE);
	char number[24];

	if (f->record != 0)
		append(t, format_records[f->record].name, "", "");
	append(t, types[f->type].name, "", "");
	if (many)
		append(t, "[", u64_text(number, sizeof number, f->more), "]");
	append(t, " ", f->name, "");
}

size_t format_describe(uint32_t number, char *buf, size_t size)
{
	struct text t = { buf, size, 0 };
	const struct format_record *record = &format_records[number];

	if (number >= FORMAT_RECORDS)
		return 0;
	append(&t, record->name, ": ", "");
	for (size_t i = 0; i < record->nfields; i++) {
		if (i > 0)
			append(&t, ", ", "", "");
		append_field(&t, &record->fields[i]);
	}
	return t.used < size ? t.used : 0;
}
