/* SPDX-License-Identifier: Apache-2.0 */
#include "host/validate.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include "base/base.h"
#include "cordon/protocol.h"
#include "cordon/seccomp.h"
#include "error/error.h"
#include "host/limits.h"

#define NAME_MAX_BYTES 64	/* __NEW_UTS_LEN of linux/utsname.h */
#define WORK_DIR_DEFAULT "/"
#define LABEL_MAX 4000		/* with "exec " before it, it fits a page, the limit of a write to /proc/self/attr */

static int refuse(struct cordon_error *err, int32_t index, const char *field, const char *value, const char *rule)
{
	return error_refuse(err, index, field, value, rule);
}

static int refuse_number(struct cordon_error *err, int32_t index, const char *field, uint64_t value, const char *rule)
{
	char text[24];

	return error_refuse(err, index, field, u64_text(text, sizeof text, value), rule);
}

/* n is the length of the list field. */
static int check_most(struct cordon_error *err, const char *field, uint64_t n, uint64_t most)
{
	char rule[48];

	if (n <= most)
		return 0;
	(void)snprintf(rule, sizeof rule, "at most %" PRIu64, most);
	return refuse_number(err, CORDON_NO_INDEX, field, n, rule);
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
		return refuse_number(err, i, "mount type", m->type, "is not an enum cordon_mount_type");
	if ((m->flags & ~flags) != 0)
		return refuse_number(err, i, "mount flags", m->flags, "has an unknown bit");
	if (m->reserved != 0)
		return refuse_number(err, i, "mount reserved", m->reserved, "must be 0");
	if ((m->mode & ~01777u) != 0)
		return refuse_number(err, i, "mount mode", m->mode, "must be permission bits, at most 01777");
	if (m->type == CORDON_MOUNT_BIND && (m->source == NULL || m->source[0] != '/'))
		return refuse(err, i, "mount source", m->source == NULL ? "absent" : m->source, "must be absolute");
	if (m->type == CORDON_MOUNT_SYMLINK && (m->source == NULL || m->source[0] == '\0'))
		return refuse(err, i, "mount source", "absent", "must be the text of the link");
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
	if (c->seccomp_kind > CORDON_SECCOMP_POLICY)
		return refuse_number(err, CORDON_NO_INDEX, "seccomp_kind", c->seccomp_kind,
				     "is not an enum cordon_seccomp_kind");
	if (c->seccomp_kind == CORDON_SECCOMP_POLICY && c->seccomp_policy == NULL)
		return refuse(err, CORDON_NO_INDEX, "seccomp_policy", "absent", "must be given");
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

/* Refuses required layers that the request itself excludes. The layers of namespaces are required by default, so with
 * CORDON_NAMESPACES_NONE they are not checked: only layers that a caller has asked for explicitly are. LANDLOCK and
 * SUPERVISOR depend on the command. */
static int check_layers(const struct cordon_container_config *c, struct cordon_error *err)
{
	bool proc = false, none = c->namespaces == CORDON_NAMESPACES_NONE;

	if (c->require >> CORDON_LAYER_COUNT != 0)
		return refuse_number(err, CORDON_NO_INDEX, "require", c->require, "has an unknown layer");
	for (uint32_t i = 0; i < c->nmounts; i++)
		proc = proc || c->mounts[i].type == CORDON_MOUNT_PROC;
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_NET_NS)) != 0 && (none || c->network == CORDON_NETWORK_HOST))
		return missing(err, CORDON_LAYER_NET_NS);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID)) != 0 && none)
		return missing(err, CORDON_LAYER_OWN_UID);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_USER_BOUNDS)) != 0 && none)
		return missing(err, CORDON_LAYER_USER_BOUNDS);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP)) != 0 && c->seccomp_kind == CORDON_SECCOMP_NONE)
		return missing(err, CORDON_LAYER_SECCOMP);
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_PROC)) != 0 && !proc)
		return missing(err, CORDON_LAYER_PROC);
	return 0;
}

static int check_label(struct cordon_error *err, const char *field, const char *label)
{
	if (label != NULL && (label[0] == '\0' || strlen(label) > LABEL_MAX))
		return refuse(err, CORDON_NO_INDEX, field, label, "must have 1 to 4000 bytes");
	return 0;
}

/* Refuses what would need namespaces. */
static int check_no_namespaces(const struct cordon_container_config *c, struct cordon_error *err)
{
	static const char rule[] = "not without namespaces";

	if (c->nmounts > 0)
		return refuse_number(err, CORDON_NO_INDEX, "mounts", c->nmounts, rule);
	if (c->hostname != NULL || c->domainname != NULL)
		return refuse(err, CORDON_NO_INDEX, c->hostname != NULL ? "hostname" : "domainname",
			      c->hostname != NULL ? c->hostname : c->domainname, rule);
	if (c->init_command != NULL && c->init_command[0] != NULL)
		return refuse(err, CORDON_NO_INDEX, "init_command", c->init_command[0], rule);
	if (c->network == CORDON_NETWORK_LOOPBACK)
		return refuse(err, CORDON_NO_INDEX, "network", "loopback", rule);
	if (c->shared != 0)
		return refuse_number(err, CORDON_NO_INDEX, "shared", c->shared, rule);
	/* Without namespaces the default policy has another form (seccomp/shared.h), which protects the caller's other
	 * processes. */
	if (c->seccomp_kind != CORDON_SECCOMP_DEFAULT)
		return refuse_number(err, CORDON_NO_INDEX, "seccomp_kind", c->seccomp_kind,
				     "must be the default one without namespaces");
	return 0;
}

int validate_config(const struct cordon_container_config *c, struct cordon_error *err)
{
	int rc = check_most(err, "mounts", c->nmounts, CORDON_CONF_MOUNTS_MAX);

	for (uint32_t i = 0; i < c->nmounts && rc == 0; i++)
		rc = check_mount(&c->mounts[i], (int32_t)i, err);
	if (rc == 0 && c->network > CORDON_NETWORK_HOST)
		rc = refuse_number(err, CORDON_NO_INDEX, "network", c->network, "is not an enum cordon_network");
	if (rc == 0 &&
	    (c->uid == UINT32_MAX || c->gid == UINT32_MAX || c->host_uid == UINT32_MAX || c->host_gid == UINT32_MAX))
		rc = refuse(err, CORDON_NO_INDEX, "uid", "4294967295", "is not an id");
	if (rc == 0)
		rc = check_uts_name(err, "hostname", c->hostname);
	if (rc == 0)
		rc = check_uts_name(err, "domainname", c->domainname);
	if (rc == 0)
		rc = check_seccomp(c, err);
	if (rc == 0)
		rc = check_init_command(c, err);
	if (rc == 0 && c->use_cgroup > CORDON_CGROUP_OFF)
		rc = refuse_number(err, CORDON_NO_INDEX, "use_cgroup", c->use_cgroup,
				   "is not an enum cordon_cgroup_use");
	if (rc == 0 && c->namespaces > CORDON_NAMESPACES_NONE)
		rc = refuse_number(err, CORDON_NO_INDEX, "namespaces", c->namespaces,
				   "is not an enum cordon_namespaces");
	if (rc == 0 && c->shared > 1)
		rc = refuse_number(err, CORDON_NO_INDEX, "shared", c->shared, "must be 0 or 1");
	if (rc == 0 && c->namespaces == CORDON_NAMESPACES_NONE)
		rc = check_no_namespaces(c, err);
	if (rc == 0)
		rc = check_label(err, "apparmor_profile", c->apparmor_profile);
	if (rc == 0)
		rc = check_label(err, "selinux_label", c->selinux_label);
	return rc == 0 ? check_layers(c, err) : rc;
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
		return s->path == NULL || s->path[0] == '\0' ? refuse(err, fd, "stdio path", "absent", "must be given")
							     : 0;
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
	case CORDON_STDIO_STREAM:
		return 0;
	}
	return refuse_number(err, fd, "stdio kind", s->kind, "is not an enum cordon_stdio_kind");
}

/* One terminal for all three; with STREAM it is made here. */
static int check_terminal(const struct cordon_command *c, struct cordon_error *err)
{
	bool in = c->stdio[0].kind == CORDON_STDIO_STREAM, out = c->stdio[1].kind == CORDON_STDIO_STREAM;

	if (c->terminal == 0 || (!in && !out && c->stdio[2].kind != CORDON_STDIO_STREAM))
		return 0;
	if (!in || !out)
		return refuse(err, in ? 1 : 0, "stdio kind", "not STREAM",
			      "must be STREAM for stdin and stdout of a terminal");
	return c->stdio[2].kind == CORDON_STDIO_STDOUT
		       ? 0
		       : refuse(err, 2, "stdio kind", "not STDOUT", "must be STDOUT on a terminal of streams");
}

static int check_fds(const struct cordon_command *c, struct cordon_error *err)
{
	int rc = check_most(err, "fds", c->nfds, CORDON_EXECVE_FDS_MAX - 3);

	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < c->nfds; i++) {
		if (c->fds[i].fd < 0)
			return refuse(err, (int32_t)i, "fd", "negative", "must be an open descriptor");
		if (c->fds[i].target < 3 || c->fds[i].target > 1023)
			return refuse(err, (int32_t)i, "fd target", "out of range", "must be 3 to 1023");
		for (uint32_t j = 0; j < i; j++)
			if (c->fds[j].target == c->fds[i].target)
				return refuse_number(err, (int32_t)i, "fd target", (uint64_t)c->fds[i].target,
						     "is given twice");
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

static int check_copy_out(const struct cordon_copy_out *item, int32_t i, struct cordon_error *err)
{
	const uint32_t plain = CORDON_COPY_OPTIONAL | CORDON_COPY_TRUNCATE, pattern = plain | CORDON_COPY_PATTERN;
	bool is_pattern = (item->flags & CORDON_COPY_PATTERN) != 0;
	uint32_t flags = !is_pattern ? plain : item->path == NULL ? pattern : pattern | CORDON_COPY_REPLACE;
	int rc = check_name(err, i, "copy_out name", item->name);

	if (rc < 0)
		return rc;
	if ((item->flags & ~flags) != 0)
		return refuse_number(err, i, "copy_out flags", item->flags, "has a bit that is not for it");
	if (!is_pattern)
		return item->most != 0 ? refuse_number(err, i, "copy_out most", item->most, "is for patterns") : 0;
	return item->most == 0 || item->most > CORDON_COPY_FILES_MAX
		       ? refuse_number(err, i, "copy_out most", item->most, "must be 1 to 10000")
		       : 0;
}

static int check_copies(const struct cordon_command *c, struct cordon_error *err)
{
	int rc = check_most(err, "copy_in", c->ncopy_in, CORDON_ITEMS_MAX);

	if (rc == 0)
		rc = check_most(err, "copy_out", c->ncopy_out, CORDON_ITEMS_MAX);
	for (uint32_t i = 0; i < c->ncopy_in && rc == 0; i++) {
		rc = check_name(err, (int32_t)i, "copy_in name", c->copy_in[i].name);
		if (rc == 0 && (c->copy_in[i].mode & ~0777u) != 0)
			rc = refuse_number(err, (int32_t)i, "copy_in mode", c->copy_in[i].mode,
					   "must be permission bits");
		if (rc == 0 && (c->copy_in[i].flags & ~(uint32_t)CORDON_COPY_REPLACE) != 0)
			rc = refuse_number(err, (int32_t)i, "copy_in flags", c->copy_in[i].flags, "has an unknown bit");
		if (rc == 0 && c->copy_in[i].path == NULL && c->copy_in[i].data == NULL && c->copy_in[i].data_len != 0)
			rc = refuse(err, (int32_t)i, "copy_in data", "absent", "must be given");
	}
	for (uint32_t i = 0; i < c->ncopy_out && rc == 0; i++)
		rc = check_copy_out(&c->copy_out[i], (int32_t)i, err);
	return rc;
}

/* ---- the supervisor ---- */

static int check_decision(struct cordon_error *err, int32_t i, const char *field, uint32_t decision, int32_t errnum)
{
	if (decision > CORDON_DECISION_ASK)
		return refuse_number(err, i, field, decision, "is not an enum cordon_decision");
	if (decision == CORDON_DECISION_ERRNO && errnum < 0)
		return refuse(err, i, "err", "negative", "must be 1 to 4095");
	if (decision == CORDON_DECISION_ERRNO && (errnum == 0 || errnum > CORDON_ERRNO_MAX))
		return refuse_number(err, i, "err", (uint64_t)errnum, "must be 1 to 4095");
	return 0;
}

static int check_path_rule(const struct cordon_path_rule *p, int32_t i, struct cordon_error *err)
{
	const uint32_t access = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_STAT | CORDON_ACCESS_EXEC;
	int rc = check_inside_path(err, i, "supervisor path", p->path);

	if (rc == 0 && p->scope > CORDON_PATH_ONLY)
		rc = refuse_number(err, i, "supervisor path scope", p->scope, "is not an enum cordon_path_scope");
	if (rc == 0 && (p->access & ~access) != 0)
		rc = refuse_number(err, i, "supervisor path access", p->access, "has an unknown bit");
	return rc;
}

static int check_port_rule(const struct cordon_port_rule *p, int32_t i, struct cordon_error *err)
{
	if (p->port > UINT16_MAX)
		return refuse_number(err, i, "supervisor port", p->port, "must be 0 to 65535");
	if (p->access == 0 || (p->access & ~(uint32_t)(CORDON_PORT_BIND | CORDON_PORT_CONNECT)) != 0)
		return refuse_number(err, i, "supervisor port access", p->access, "must be BIND, CONNECT or both");
	if (p->port == 0 && (p->access & CORDON_PORT_CONNECT) != 0)
		return refuse_number(err, i, "supervisor port", p->port, "can't be connected to");
	return 0;
}

static int check_ports(const struct cordon_supervisor *s, struct cordon_error *err)
{
	bool ports = (s->flags & CORDON_SUPERVISOR_PORTS) != 0;
	int rc;

	if (!ports && s->nports > 0)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor ports", s->nports, "need the flag PORTS");
	if (!ports && (s->flags & CORDON_SUPERVISOR_UDP) != 0)
		return refuse(err, CORDON_NO_INDEX, "supervisor flags", "UDP", "needs the flag PORTS");
	rc = check_most(err, "supervisor ports", s->nports, CORDON_SUPERVISION_PORTS_MAX);
	for (uint32_t i = 0; i < s->nports && rc == 0; i++)
		rc = check_port_rule(&s->ports[i], (int32_t)i, err);
	return rc;
}

/* *ret_number: the number on this machine, or -1 if it lacks the call. */
static int find_call(const char *name, int32_t i, int32_t *ret_number, struct cordon_error *err)
{
	if (name == NULL || name[0] == '\0')
		return refuse(err, i, "supervisor syscall", "absent", "must be given");
	*ret_number = cordon_syscall_number(name, CORDON_ARCH_NATIVE);
	if (*ret_number < 0 && cordon_syscall_number(name, CORDON_ARCH_X86_64) < 0 &&
	    cordon_syscall_number(name, CORDON_ARCH_AARCH64) < 0)
		return refuse(err, i, "supervisor syscall", name, "is not a known system call");
	return *ret_number >= CORDON_SUPERVISION_COUNTS
		       ? refuse(err, i, "supervisor syscall", name, "has too large a number")
		       : 0;
}

static int check_syscalls(const struct cordon_supervisor *s, struct cordon_error *err)
{
	uint64_t seen[CORDON_SUPERVISION_COUNTS / 64] = { 0 };
	int32_t number = -1;
	int rc = 0;

	for (uint32_t i = 0; i < s->nsyscalls && rc == 0; i++) {
		const struct cordon_syscall_rule *rule = &s->syscalls[i];

		rc = find_call(rule->syscall, (int32_t)i, &number, err);
		if (rc == 0)
			rc = check_decision(err, (int32_t)i, "supervisor syscall decision", rule->decision, rule->err);
		if (rc < 0 || number < 0)
			continue;
		if ((seen[number / 64] >> (number % 64) & 1) != 0)
			rc = refuse(err, (int32_t)i, "supervisor syscall", rule->syscall, "is given twice");
		seen[number / 64] |= UINT64_C(1) << (number % 64);
	}
	return rc;
}

/* With KERNEL no process decides, and Landlock only refuses with EACCES. */
static int check_kernel_engine(const struct cordon_supervisor *s, struct cordon_error *err)
{
	if (s->nsyscalls > 0)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor syscalls", s->nsyscalls,
				     "not with the engine KERNEL");
	if ((s->flags & (CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_AUDIT)) != 0)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor flags", s->flags,
				     "no RECORD or AUDIT with the engine KERNEL");
	if ((s->flags & CORDON_SUPERVISOR_FILES) != 0 && s->outside != CORDON_DECISION_ERRNO)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor outside", s->outside,
				     "must be ERRNO with the engine KERNEL");
	return 0;
}

static int check_engine(const struct cordon_supervisor *s, struct cordon_error *err)
{
	const uint32_t flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_AUDIT |
			       CORDON_SUPERVISOR_PORTS | CORDON_SUPERVISOR_UDP;

	if (s->engine > CORDON_ENGINE_KERNEL)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor engine", s->engine,
				     "is not an enum cordon_engine");
	if ((s->flags & ~flags) != 0)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor flags", s->flags, "has an unknown bit");
	if ((s->flags & CORDON_SUPERVISOR_RECORD) != 0 && s->engine == CORDON_ENGINE_NOTIFY)
		return refuse(err, CORDON_NO_INDEX, "supervisor engine", "NOTIFY", "RECORD needs PTRACE");
	return s->engine == CORDON_ENGINE_KERNEL ? check_kernel_engine(s, err) : 0;
}

static int check_supervisor(const struct cordon_supervisor *s, struct cordon_error *err)
{
	bool files = (s->flags & CORDON_SUPERVISOR_FILES) != 0;
	int rc = check_engine(s, err);

	if (rc == 0)
		rc = check_most(err, "supervisor paths", s->npaths, CORDON_SUPERVISION_PATHS_MAX);
	if (rc == 0)
		rc = check_most(err, "supervisor syscalls", s->nsyscalls, CORDON_SUPERVISION_CALLS_MAX);
	if (rc == 0 && s->npaths > 0 && !files)
		rc = refuse_number(err, CORDON_NO_INDEX, "supervisor paths", s->npaths, "need the flag FILES");
	for (uint32_t i = 0; i < s->npaths && rc == 0; i++)
		rc = check_path_rule(&s->paths[i], (int32_t)i, err);
	if (rc == 0 && files && s->outside == CORDON_DECISION_ALLOW)
		rc = refuse(err, CORDON_NO_INDEX, "supervisor outside", "ALLOW", "must be ERRNO, KILL or ASK");
	if (rc == 0)
		rc = check_decision(err, CORDON_NO_INDEX, "supervisor outside", s->outside, s->outside_errno);
	if (rc == 0 && s->ask_timeout_ns > INT64_MAX)
		rc = refuse_number(err, CORDON_NO_INDEX, "supervisor ask_timeout_ns", s->ask_timeout_ns,
				   "must fit 63 bits");
	if (rc == 0)
		rc = check_ports(s, err);
	return rc == 0 ? check_syscalls(s, err) : rc;
}

static int check_argv(const struct cordon_command *c, struct cordon_error *err)
{
	if (c->argv == NULL || c->argv[0] == NULL)
		return refuse(err, CORDON_NO_INDEX, "argv", "empty", "needs a program");
	if (c->exec_fd < 0 && c->argv[0][0] == '\0')
		return refuse(err, CORDON_NO_INDEX, "argv[0]", "empty", "needs a program");
	return 0;
}

static int check_cpuset(const char *list, struct cpus *ret, struct cordon_error *err)
{
	*ret = (struct cpus){ .words = 0 };
	if (list == NULL)
		return 0;
	if (strlen(list) >= CPUS_LIST_MAX)
		return refuse(err, CORDON_NO_INDEX, "cpuset", list, "at most 255 bytes");
	if (!cpus_parse(list, ret))
		return refuse(err, CORDON_NO_INDEX, "cpuset", list, "must be CPUs below 8192 as in 0-1,3");
	return 0;
}

int validate_command(const struct cordon_command *c, struct cpus *ret_cpus, struct cordon_error *err)
{
	int rc = check_argv(c, err);

	if (rc == 0)
		rc = check_inside_path(err, CORDON_NO_INDEX, "work_dir",
				       c->work_dir == NULL ? WORK_DIR_DEFAULT : c->work_dir);
	for (int32_t i = 0; i < 3 && rc == 0; i++)
		rc = check_stdio(&c->stdio[i], i, err);
	if (rc == 0)
		rc = check_terminal(c, err);
	if (rc == 0)
		rc = check_fds(c, err);
	if (rc == 0)
		rc = limits_check(&c->limits, err);
	if (rc == 0)
		rc = check_cpuset(c->cpuset, ret_cpus, err);
	if (rc == 0)
		rc = check_most(err, "rlimits", c->nrlimits, CORDON_EXECVE_RLIMITS_MAX - CORDON_EXECVE_OWN_RLIMITS);
	for (uint32_t i = 0; i < c->nrlimits && rc == 0; i++)
		if (c->rlimits[i].resource >= RLIM_NLIMITS || c->rlimits[i].soft > c->rlimits[i].hard)
			rc = refuse_number(err, (int32_t)i, "rlimit", c->rlimits[i].resource,
					   "unknown resource, or soft above hard");
	if (rc == 0 && c->supervisor != NULL)
		rc = check_supervisor(c->supervisor, err);
	return rc == 0 ? check_copies(c, err) : rc;
}

int validate_together(const struct cordon_container_config *config, const struct cordon_command *c,
		      struct cordon_error *err)
{
	const struct cordon_supervisor *s = c->supervisor;

	if (config->namespaces != CORDON_NAMESPACES_NONE)
		return 0;
	if (s == NULL || (s->flags & CORDON_SUPERVISOR_FILES) == 0)
		return refuse(err, CORDON_NO_INDEX, "supervisor", s == NULL ? "absent" : "no path policy",
			      "without namespaces every command needs one with FILES");
	if (s->engine != CORDON_ENGINE_AUTO && s->engine != CORDON_ENGINE_PTRACE)
		return refuse_number(err, CORDON_NO_INDEX, "supervisor engine", s->engine,
				     "must be AUTO or PTRACE without namespaces");
	if (c->ncopy_in > 0 || c->ncopy_out > 0)
		return refuse_number(err, CORDON_NO_INDEX, c->ncopy_in > 0 ? "copy_in" : "copy_out",
				     c->ncopy_in + (uint64_t)c->ncopy_out, "not without namespaces");
	return 0;
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
		if (rc == 0 && (files[i].flags & CORDON_FILE_REPLACE) != 0 &&
		    (files[i].flags & CORDON_FILE_CREATE) == 0)
			rc = refuse(err, (int32_t)i, "file flags", "REPLACE", "belongs to the flag CREATE");
		if (rc == 0 && (files[i].flags & CORDON_FILE_DIRECTORY) != 0 &&
		    (files[i].flags & CORDON_FILE_CREATE) != 0)
			rc = refuse(err, (int32_t)i, "file flags", "DIRECTORY", "is not for a file that is made");
		if (rc == 0 && symlink != (files[i].text != NULL && files[i].text[0] != '\0'))
			rc = refuse(err, (int32_t)i, "file text", files[i].text == NULL ? "absent" : files[i].text,
				    "belongs to a symbolic link, and to nothing else");
	}
	return rc;
}
