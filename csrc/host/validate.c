#include "host/validate.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "base/base.h"
#include "cordon/protocol.h"
#include "error/error.h"

#define NAME_MAX_BYTES 64	/* __NEW_UTS_LEN of linux/utsname.h */
#define WORK_DIR_DEFAULT "/"

static int refuse(struct cordon_error *err, int32_t index, const char *field, const char *value, const char *rule)
{
	return error_refuse(err, index, field, value, rule);
}

static int refuse_number(struct cordon_error *err, int32_t index, const char *field, uint64_t value, const char *rule)
{
	char text[24];

	return error_refuse(err, index, field, u64_text(text, sizeof text, value), rule);
}

/* Whether a component of path is "." or "..". */
static bool has_dots(const char *path)
{
	for (const char *p = path; *p != '\0';) {
		size_t len = strcspn(p, "/");

		if ((len == 1 && p[0] == '.') || (len == 2 && p[0] == '.' && p[1] == '.'))
			return true;
		p += len;
		p += *p == '/';
	}
	return false;
}

static int check_inside_path(struct cordon_error *err, int32_t index, const char *field, const char *path)
{
	if (path == NULL)
		return refuse(err, index, field, "absent", "must be given");
	if (path[0] != '/')
		return refuse(err, index, field, path, "must be absolute");
	if (has_dots(path))
		return refuse(err, index, field, path, "must not hold '.' or '..'");
	if (strlen(path) >= PATH_MAX)
		return refuse(err, index, field, path, "too long");
	return 0;
}

static int check_mount(const struct cordon_mount *m, int32_t i, struct cordon_error *err)
{
	const uint32_t flags = CORDON_MOUNT_RW | CORDON_MOUNT_NOEXEC | CORDON_MOUNT_OPTIONAL;
	int rc = check_inside_path(err, i, "mount target", m->target);

	if (rc < 0)
		return rc;
	if (m->target[strspn(m->target, "/")] == '\0')
		return refuse(err, i, "mount target", m->target, "the root itself can't be a target");
	if (m->type < CORDON_MOUNT_BIND || m->type > CORDON_MOUNT_SYMLINK)
		return refuse_number(err, i, "mount type", m->type, "is none of enum cordon_mount_type");
	if ((m->flags & ~flags) != 0)
		return refuse_number(err, i, "mount flags", m->flags, "has an unknown bit");
	if (m->reserved != 0)
		return refuse_number(err, i, "mount reserved", m->reserved, "must be 0");
	if ((m->mode & ~01777u) != 0)
		return refuse_number(err, i, "mount mode", m->mode, "must be permission bits, at most 01777");
	if (m->type == CORDON_MOUNT_BIND && (m->source == NULL || m->source[0] != '/'))
		return refuse(err, i, "mount source", m->source == NULL ? "absent" : m->source, "must be absolute");
	if (m->type == CORDON_MOUNT_SYMLINK && (m->source == NULL || m->source[0] == '\0'))
		return refuse(err, i, "mount source", "absent", "a symbolic link needs a text");
	return 0;
}

static int check_uts_name(struct cordon_error *err, const char *field, const char *name)
{
	if (name != NULL && (name[0] == '\0' || strlen(name) > NAME_MAX_BYTES))
		return refuse(err, CORDON_NO_INDEX, field, name, "must have 1 to 64 bytes");
	return 0;
}

static int check_seccomp(const struct cordon_container_config *c, struct cordon_error *err)
{
	if (c->seccomp_kind > CORDON_SECCOMP_BPF)
		return refuse_number(err, CORDON_NO_INDEX, "seccomp_kind", c->seccomp_kind, "is none of enum cordon_seccomp_kind");
	if (c->seccomp_kind != CORDON_SECCOMP_BPF)
		return 0;
	if (c->seccomp_bpf == NULL || c->seccomp_len == 0)
		return refuse(err, CORDON_NO_INDEX, "seccomp_bpf", "empty", "a program has at least one instruction");
	if (c->seccomp_len % 8 != 0 || c->seccomp_len / 8 > CORDON_SECCOMP_MAX)
		return refuse_number(err, CORDON_NO_INDEX, "seccomp_len", c->seccomp_len,
				     "must be a multiple of 8, at most 4096 instructions");
	return 0;
}

static int check_init_command(const struct cordon_container_config *c, struct cordon_error *err)
{
	size_t n = 0, size = 0;

	for (; c->init_command != NULL && c->init_command[n] != NULL; n++)
		size += strlen(c->init_command[n]) + 1;
	if (n > CORDON_INIT_COMMAND_MAX || size > 65536)
		return refuse_number(err, CORDON_NO_INDEX, "init_command", n, "at most 64 arguments and 64 KiB");
	if (n > 0 && c->init_command[0][0] != '/')
		return refuse(err, CORDON_NO_INDEX, "init_command", c->init_command[0], "must be absolute");
	return 0;
}

static int missing(struct cordon_error *err, enum cordon_layer layer)
{
	return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, cordon_layer_name(layer));
}

/* Layers that are required, and that the request itself excludes. */
static int check_layers(const struct cordon_container_config *c, struct cordon_error *err)
{
	bool proc = false;

	if (c->require >> CORDON_LAYER_COUNT != 0)
		return refuse_number(err, CORDON_NO_INDEX, "require", c->require, "has an unknown layer");
	for (uint32_t i = 0; i < c->nmounts; i++)
		proc = proc || c->mounts[i].type == CORDON_MOUNT_PROC;
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK)) != 0)
		return missing(err, CORDON_LAYER_LANDLOCK);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_NET_NS)) != 0 && c->network == CORDON_NETWORK_HOST)
		return missing(err, CORDON_LAYER_NET_NS);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP)) != 0 && c->seccomp_kind == CORDON_SECCOMP_NONE)
		return missing(err, CORDON_LAYER_SECCOMP);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_PROC)) != 0 && !proc)
		return missing(err, CORDON_LAYER_PROC);
	return 0;
}

int validate_config(const struct cordon_container_config *c, struct cordon_error *err)
{
	int rc = 0;

	if (c->nmounts > CORDON_CONF_MOUNTS_MAX)
		return refuse_number(err, CORDON_NO_INDEX, "mounts", c->nmounts, "at most 512");
	for (uint32_t i = 0; i < c->nmounts && rc == 0; i++)
		rc = check_mount(&c->mounts[i], (int32_t)i, err);
	if (rc == 0 && c->network > CORDON_NETWORK_HOST)
		rc = refuse_number(err, CORDON_NO_INDEX, "network", c->network, "is none of enum cordon_network");
	if (rc == 0 && (c->uid == UINT32_MAX || c->gid == UINT32_MAX || c->host_uid == UINT32_MAX || c->host_gid == UINT32_MAX))
		rc = refuse(err, CORDON_NO_INDEX, "uid", "4294967295", "is not an id");
	if (rc == 0)
		rc = check_uts_name(err, "hostname", c->hostname);
	if (rc == 0)
		rc = check_uts_name(err, "domainname", c->domainname);
	if (rc == 0)
		rc = check_seccomp(c, err);
	if (rc == 0)
		rc = check_init_command(c, err);
	if (rc == 0 && (c->use_cgroup > CORDON_CGROUP_OFF || c->reserved != 0))
		rc = refuse_number(err, CORDON_NO_INDEX, "use_cgroup", c->use_cgroup, "is none of enum cordon_cgroup_use");
	return rc == 0 ? check_layers(c, err) : rc;
}

static int check_limits(const struct cordon_limits *l, struct cordon_error *err)
{
	const struct {
		const char *field;
		uint64_t value;
	} limits[] = {
		{ "cpu_time_ns", l->cpu_time_ns },   { "wall_time_ns", l->wall_time_ns },
		{ "idle_time_ns", l->idle_time_ns }, { "memory_bytes", l->memory_bytes },
		{ "stack_bytes", l->stack_bytes },   { "processes", l->processes },
		{ "output_bytes", l->output_bytes }, { "open_files", l->open_files },
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (limits[i].value == 0)
			return refuse_number(err, CORDON_NO_INDEX, limits[i].field, 0, "must be at least 1, or unlimited");
		/* A negative number of the caller's, seen as unsigned; and sums of two limits must not wrap. */
		if (limits[i].value > INT64_MAX && limits[i].value != CORDON_UNLIMITED)
			return refuse_number(err, CORDON_NO_INDEX, limits[i].field, limits[i].value, "must fit 63 bits, or be unlimited");
	}
	return 0;
}

static int check_stdio(const struct cordon_stdio *s, int32_t fd, struct cordon_error *err)
{
	const bool in = fd == 0;

	switch ((enum cordon_stdio_kind)s->kind) {
	case CORDON_STDIO_NULL:
		return 0;
	case CORDON_STDIO_FD:
		return s->fd < 0 ? refuse(err, fd, "stdio fd", "negative", "must be an open descriptor") : 0;
	case CORDON_STDIO_FILE:
		return s->path == NULL || s->path[0] == '\0' ? refuse(err, fd, "stdio path", "absent", "must be given") : 0;
	case CORDON_STDIO_BYTES:
		return in ? 0 : refuse(err, fd, "stdio kind", "BYTES", "is for stdin only");
	case CORDON_STDIO_CAPTURE:
		return in ? refuse(err, fd, "stdio kind", "CAPTURE", "is not for stdin") : 0;
	case CORDON_STDIO_FORWARD:
		if (in)
			return refuse(err, fd, "stdio kind", "FORWARD", "is not for stdin");
		return s->fd < 0 ? refuse(err, fd, "stdio fd", "negative", "must be an open descriptor") : 0;
	case CORDON_STDIO_STDOUT:
		return fd == 2 ? 0 : refuse(err, fd, "stdio kind", "STDOUT", "is for stderr only");
	}
	return refuse_number(err, fd, "stdio kind", s->kind, "is none of enum cordon_stdio_kind");
}

static int check_fds(const struct cordon_command *c, struct cordon_error *err)
{
	if (c->nfds > CORDON_EXECVE_FDS_MAX - 3)
		return refuse_number(err, CORDON_NO_INDEX, "fds", c->nfds, "at most 29");
	for (uint32_t i = 0; i < c->nfds; i++) {
		if (c->fds[i].fd < 0)
			return refuse(err, (int32_t)i, "fd", "negative", "must be an open descriptor");
		if (c->fds[i].target < 3 || c->fds[i].target > 1023)
			return refuse(err, (int32_t)i, "fd target", "out of range", "must be 3 to 1023");
		for (uint32_t j = 0; j < i; j++)
			if (c->fds[j].target == c->fds[i].target)
				return refuse_number(err, (int32_t)i, "fd target", (uint64_t)c->fds[i].target, "is given twice");
	}
	return 0;
}

static int check_name(struct cordon_error *err, int32_t index, const char *field, const char *name)
{
	if (name == NULL || name[strspn(name, "/")] == '\0')
		return refuse(err, index, field, "absent", "must be given");
	if (has_dots(name))
		return refuse(err, index, field, name, "must not hold '.' or '..'");
	return strlen(name) >= PATH_MAX / 2 ? refuse(err, index, field, name, "too long") : 0;
}

static int check_copies(const struct cordon_command *c, struct cordon_error *err)
{
	int rc = 0;

	if (c->ncopy_in > CORDON_ITEMS_MAX || c->ncopy_out > CORDON_ITEMS_MAX)
		return refuse_number(err, CORDON_NO_INDEX, "copy_in, copy_out", c->ncopy_in > c->ncopy_out ? c->ncopy_in : c->ncopy_out,
				     "at most 200 each");
	for (uint32_t i = 0; i < c->ncopy_in && rc == 0; i++) {
		rc = check_name(err, (int32_t)i, "copy_in name", c->copy_in[i].name);
		if (rc == 0 && (c->copy_in[i].mode & ~0777u) != 0)
			rc = refuse_number(err, (int32_t)i, "copy_in mode", c->copy_in[i].mode, "must be permission bits");
		if (rc == 0 && c->copy_in[i].path == NULL && c->copy_in[i].data == NULL && c->copy_in[i].data_len != 0)
			rc = refuse(err, (int32_t)i, "copy_in data", "absent", "must be given");
	}
	for (uint32_t i = 0; i < c->ncopy_out && rc == 0; i++) {
		rc = check_name(err, (int32_t)i, "copy_out name", c->copy_out[i].name);
		if (rc == 0 && (c->copy_out[i].flags & ~(uint32_t)CORDON_COPY_OPTIONAL) != 0)
			rc = refuse_number(err, (int32_t)i, "copy_out flags", c->copy_out[i].flags, "has an unknown bit");
	}
	return rc;
}

static int check_argv(const struct cordon_command *c, struct cordon_error *err)
{
	if (c->argv == NULL || c->argv[0] == NULL)
		return refuse(err, CORDON_NO_INDEX, "argv", "empty", "needs a program");
	if (c->exec_fd < 0 && c->argv[0][0] == '\0')
		return refuse(err, CORDON_NO_INDEX, "argv[0]", "empty", "needs a program");
	return 0;
}

int validate_command(const struct cordon_command *c, struct cordon_error *err)
{
	int rc = check_argv(c, err);

	if (rc == 0)
		rc = check_inside_path(err, CORDON_NO_INDEX, "work_dir", c->work_dir == NULL ? WORK_DIR_DEFAULT : c->work_dir);
	for (int32_t i = 0; i < 3 && rc == 0; i++)
		rc = check_stdio(&c->stdio[i], i, err);
	if (rc == 0)
		rc = check_fds(c, err);
	if (rc == 0)
		rc = check_limits(&c->limits, err);
	if (rc == 0 && c->nrlimits > CORDON_EXECVE_RLIMITS_MAX - 8)
		rc = refuse_number(err, CORDON_NO_INDEX, "rlimits", c->nrlimits, "at most 24");
	for (uint32_t i = 0; i < c->nrlimits && rc == 0; i++)
		if (c->rlimits[i].resource >= RLIM_NLIMITS || c->rlimits[i].soft > c->rlimits[i].hard)
			rc = refuse_number(err, (int32_t)i, "rlimit", c->rlimits[i].resource, "unknown resource, or soft above hard");
	return rc == 0 ? check_copies(c, err) : rc;
}

int validate_files(const struct cordon_file *files, uint32_t n, bool symlink, struct cordon_error *err)
{
	int rc = 0;

	if (n == 0 || n > CORDON_ITEMS_MAX)
		return refuse_number(err, CORDON_NO_INDEX, "files", n, "1 to 200");
	for (uint32_t i = 0; i < n && rc == 0; i++) {
		rc = check_inside_path(err, (int32_t)i, "file path", files[i].path);
		if (rc == 0 && (files[i].mode & ~0777u) != 0)
			rc = refuse_number(err, (int32_t)i, "file mode", files[i].mode, "must be permission bits");
		if (rc == 0 && symlink != (files[i].text != NULL && files[i].text[0] != '\0'))
			rc = refuse(err, (int32_t)i, "file text", files[i].text == NULL ? "absent" : files[i].text,
				    "belongs to a symbolic link, and to nothing else");
	}
	return rc;
}
