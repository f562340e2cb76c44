/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/wire.h"

#include <linux/errno.h>
#include "base/base.h"
#include "cordon/container.h"

int wire_head_check(const void *msg, uint32_t size)
{
	const struct cordon_msg *head = msg;

	if (size < sizeof *head || head->version != CORDON_PROTOCOL_VERSION)
		return -EPROTO;
	if ((head->flags & ~(uint32_t)(CORDON_MSG_BIG | CORDON_MSG_QUIET | CORDON_MSG_FROZEN)) != 0)
		return -EPROTO;
	if ((head->flags & CORDON_MSG_FROZEN) != 0 && head->type != CORDON_MSG_PAUSE)
		return -EPROTO;
	if ((head->flags & CORDON_MSG_BIG) != 0)
		return size == sizeof *head && head->size <= CORDON_MSG_BIG_MAX ? 0 : -EPROTO;
	return head->size == size ? 0 : -EPROTO;
}

/* An array of n elements; n == 0 is a span of zeros. The subtraction cannot wrap: off <= size is checked first. */
static bool span_array(uint32_t size, struct cordon_span s, uint32_t n, size_t element)
{
	if (n == 0)
		return s.off == 0 && s.len == 0;
	return s.off % 8 == 0 && s.off <= size && s.len <= size - s.off && (uint64_t)n * element == s.len;
}

static bool span_string(const void *msg, uint32_t size, struct cordon_span s)
{
	const char *p;

	if (s.len == 0)
		return s.off == 0;
	if (s.off > size || s.len > size - s.off)
		return false;
	p = (const char *)msg + s.off;
	for (uint32_t i = 0; i + 1 < s.len; i++)
		if (p[i] == '\0')
			return false;
	return p[s.len - 1] == '\0';
}

/* Exactly n NUL-terminated strings. */
static bool span_strings(const void *msg, uint32_t size, struct cordon_span s, uint32_t n)
{
	const char *p = (const char *)msg + s.off;
	uint32_t found = 0;

	if (n == 0)
		return s.off == 0 && s.len == 0;
	if (s.off > size || s.len > size - s.off || s.len == 0 || n > CORDON_EXECVE_STRINGS_MAX)
		return false;
	for (uint32_t i = 0; i < s.len; i++)
		found += p[i] == '\0';
	return found == n && p[s.len - 1] == '\0';
}

static int bad(const char **ret_field, const char *field)
{
	*ret_field = field;
	return -EPROTO;
}

static const char *mount_problem(const void *msg, uint32_t size, uint32_t nfds, const struct cordon_conf_mount *m)
{
	const uint32_t flags = CORDON_MOUNT_RW | CORDON_MOUNT_NOEXEC | CORDON_MOUNT_OPTIONAL;

	if (m->type < CORDON_MOUNT_BIND || m->type > CORDON_MOUNT_SYMLINK)
		return "mount.type";
	if ((m->flags & ~flags) != 0)
		return "mount.flags";
	if (!span_string(msg, size, m->source) || !span_string(msg, size, m->target) || m->target.len == 0)
		return "mount.path";
	if (m->fd < -1 || (m->fd >= 0 && (uint32_t)m->fd >= nfds))
		return "mount.fd";
	if (m->source.len == 0 && m->fd < 0 && (m->type == CORDON_MOUNT_BIND || m->type == CORDON_MOUNT_SYMLINK))
		return "mount.source";
	return NULL;
}

/* Without namespaces nothing is built: mounts and names would be the host's. */
static bool conf_flags_fit(const struct cordon_msg_conf *m)
{
	const uint32_t own = CORDON_CONF_LOOPBACK | CORDON_CONF_INHERIT | CORDON_CONF_KEYRINGS | CORDON_CONF_SHARED |
			     CORDON_CONF_NEED_BOUNDS;

	if ((m->flags & CORDON_CONF_SHARED) != 0 && (m->flags & CORDON_CONF_KEEP) == 0)
		return false;
	if ((m->flags & CORDON_CONF_NO_NAMESPACES) == 0)
		return true;
	return (m->flags & own) == 0 && m->nmounts == 0 && m->hostname.len == 0 && m->domainname.len == 0 &&
	       m->ninit_command == 0;
}

/* Takes the descriptor of the trace from *nfds: no mount may name it. */
static bool conf_trace_fits(const struct cordon_msg_conf *m, uint32_t *nfds)
{
	if ((m->flags & CORDON_CONF_TRACE) == 0)
		return m->trace_pid == 0;
	return m->trace_pid > 0 && (*nfds)-- > 0;
}

static bool conf_bounds_fit(const struct cordon_msg_conf *m)
{
	bool none = (m->flags & CORDON_CONF_NO_NAMESPACES) != 0;

	for (uint32_t i = 0; i < CORDON_USER_MAXES; i++)
		if (m->user_max[i] > (none ? 0 : INT32_MAX))
			return false;
	return true;
}

int wire_conf_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_conf *ret, const char **ret_field)
{
	const struct cordon_msg_conf *m = msg;
	const uint32_t flags = CORDON_CONF_SET_GROUPS | CORDON_CONF_SET_IDS | CORDON_CONF_LOOPBACK |
			       CORDON_CONF_KEYRINGS | CORDON_CONF_INHERIT | CORDON_CONF_KEEP |
			       CORDON_CONF_NO_NAMESPACES | CORDON_CONF_NO_SCHEDULING | CORDON_CONF_TRACE |
			       CORDON_CONF_SHARED | CORDON_CONF_NEED_BOUNDS;

	if (size < sizeof *m)
		return bad(ret_field, "size");
	if ((m->flags & ~flags) != 0 || !conf_flags_fit(m))
		return bad(ret_field, "flags");
	if (!conf_trace_fits(m, &nfds))
		return bad(ret_field, "trace");
	if (!conf_bounds_fit(m))
		return bad(ret_field, "user_max");
	if (m->ninit_command > CORDON_INIT_COMMAND_MAX || !span_strings(msg, size, m->init_command, m->ninit_command))
		return bad(ret_field, "init_command");
	if (m->nmounts > CORDON_CONF_MOUNTS_MAX || !span_array(size, m->mounts, m->nmounts, sizeof *ret->mounts))
		return bad(ret_field, "mounts");
	if (!span_string(msg, size, m->hostname) || !span_string(msg, size, m->domainname))
		return bad(ret_field, "hostname");
	if (m->seccomp.len % 8 != 0 || m->seccomp.len / 8 > CORDON_SECCOMP_MAX ||
	    !span_array(size, m->seccomp, m->seccomp.len / 8, 8))
		return bad(ret_field, "seccomp");
	ret->msg = m;
	ret->mounts = (const void *)((const char *)msg + m->mounts.off);
	for (uint32_t i = 0; i < m->nmounts; i++) {
		const char *problem = mount_problem(msg, size, nfds, &ret->mounts[i]);

		if (problem != NULL)
			return bad(ret_field, problem);
	}
	ret->hostname = wire_string(msg, m->hostname);
	ret->domainname = wire_string(msg, m->domainname);
	ret->seccomp = (const char *)msg + m->seccomp.off;
	ret->nseccomp = m->seccomp.len / 8;
	ret->init_command = (const char *)msg + m->init_command.off;
	return 0;
}

static const char *item_problem(const void *msg, uint32_t size, uint16_t type, const struct cordon_item *item)
{
	const uint32_t open = (item->flags & CORDON_ITEM_CREATE) != 0 ? CORDON_ITEM_CREATE | CORDON_ITEM_REPLACE
								      : CORDON_ITEM_DIRECTORY;
	const uint32_t flags = type == CORDON_MSG_OPEN ? open : type == CORDON_MSG_DELETE ? CORDON_ITEM_TREE : 0;

	if (!span_string(msg, size, item->path) || item->path.len < 2 || wire_string(msg, item->path)[0] != '/')
		return "item.path";
	if (!span_string(msg, size, item->text) || (item->text.len > 1) != (type == CORDON_MSG_SYMLINK))
		return "item.text";
	return (item->flags & ~flags) != 0 || (item->mode & ~0777u) != 0 ? "item.flags" : NULL;
}

int wire_items_decode(const void *msg, uint32_t size, uint32_t nfds, const struct cordon_item **ret_items,
		      uint32_t *ret_nitems, const char **ret_field)
{
	const struct cordon_msg_items *m = msg;
	const struct cordon_item *items;

	if (size < sizeof *m)
		return bad(ret_field, "size");
	if (nfds != 0)
		return bad(ret_field, "descriptors");
	if (m->reserved != 0)
		return bad(ret_field, "reserved");
	if (m->nitems == 0 || m->nitems > CORDON_ITEMS_MAX || !span_array(size, m->items, m->nitems, sizeof *items))
		return bad(ret_field, "items");
	items = (const void *)((const char *)msg + m->items.off);
	for (uint32_t i = 0; i < m->nitems; i++) {
		const char *problem = item_problem(msg, size, m->head.type, &items[i]);

		if (problem != NULL)
			return bad(ret_field, problem);
	}
	*ret_items = items;
	*ret_nitems = m->nitems;
	return 0;
}

/* ---- supervision ---- */

static bool span_filter(uint32_t size, struct cordon_span s)
{
	return s.len % 8 == 0 && s.len / 8 <= CORDON_SECCOMP_MAX && span_array(size, s, s.len / 8, 8);
}

static bool err_fits(uint32_t decision, int32_t err)
{
	return decision == CORDON_DECISION_ERRNO ? err >= 1 && err <= CORDON_ERRNO_MAX : err == 0;
}

static const void *span_bytes(const void *msg, struct cordon_span s)
{
	return s.len == 0 ? NULL : (const char *)msg + s.off;
}

static const char *path_problem(const void *msg, uint32_t size, const struct cordon_supervision_path *p)
{
	const uint32_t access = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_STAT | CORDON_ACCESS_EXEC;

	if (!span_string(msg, size, p->path) || p->path.len < 2 || p->path.len > WIRE_PATH_MAX ||
	    wire_string(msg, p->path)[0] != '/')
		return "supervision.path";
	return p->scope > CORDON_PATH_ONLY || (p->access & ~access) != 0 ? "supervision.access" : NULL;
}

static bool call_fits(const struct cordon_supervision_call *c, int32_t above)
{
	return c->syscall > above && c->syscall < CORDON_SUPERVISION_COUNTS && c->decision <= CORDON_DECISION_ASK &&
	       err_fits(c->decision, c->err) && c->reserved == 0;
}

static bool port_fits(const struct cordon_port_rule *p)
{
	const uint32_t access = CORDON_PORT_BIND | CORDON_PORT_CONNECT;

	return p->port <= UINT16_MAX && p->access != 0 && (p->access & ~access) == 0;
}

static const char *supervision_ports(const void *msg, uint32_t size, struct wire_execve *ret)
{
	const struct cordon_supervision *s = ret->supervision;

	if (s->nports > CORDON_SUPERVISION_PORTS_MAX || !span_array(size, s->ports, s->nports, sizeof *ret->ports))
		return "supervision.ports";
	ret->ports = span_bytes(msg, s->ports);
	for (uint32_t i = 0; i < s->nports; i++)
		if (!port_fits(&ret->ports[i]))
			return "supervision.port";
	return NULL;
}

static const char *supervision_lists(const void *msg, uint32_t size, struct wire_execve *ret)
{
	const struct cordon_supervision *s = ret->supervision;

	if (s->npaths > CORDON_SUPERVISION_PATHS_MAX || !span_array(size, s->paths, s->npaths, sizeof *ret->paths))
		return "supervision.paths";
	if (s->ncalls > CORDON_SUPERVISION_CALLS_MAX || !span_array(size, s->calls, s->ncalls, sizeof *ret->calls))
		return "supervision.calls";
	ret->paths = span_bytes(msg, s->paths);
	for (uint32_t i = 0; i < s->npaths; i++) {
		const char *problem = path_problem(msg, size, &ret->paths[i]);

		if (problem != NULL)
			return problem;
	}
	ret->calls = span_bytes(msg, s->calls);
	for (uint32_t i = 0; i < s->ncalls; i++)
		if (!call_fits(&ret->calls[i], i == 0 ? -1 : ret->calls[i - 1].syscall))
			return "supervision.call";
	return supervision_ports(msg, size, ret);
}

static const char *supervision_filters(const void *msg, uint32_t size, struct wire_execve *ret)
{
	const struct cordon_supervision *s = ret->supervision;

	if (!span_filter(size, s->notify_filter) || !span_filter(size, s->filter) ||
	    !span_filter(size, s->policy_filter) || !span_filter(size, s->beside))
		return "supervision.filter";
	ret->notify_filter = span_bytes(msg, s->notify_filter);
	ret->filter = span_bytes(msg, s->filter);
	ret->policy_filter = span_bytes(msg, s->policy_filter);
	ret->beside = span_bytes(msg, s->beside);
	ret->beside_len = s->beside.len / 8;
	ret->notify_len = s->notify_filter.len / 8;
	ret->filter_len = s->filter.len / 8;
	ret->policy_len = s->policy_filter.len / 8;
	return NULL;
}

/* Checks combinations: with KERNEL no process decides calls, and only ptrace(2) sees every call. */
static const char *supervision_meaning(const struct wire_execve *e)
{
	const struct cordon_supervision *s = e->supervision;
	const uint32_t flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_AUDIT |
			       CORDON_SUPERVISOR_PORTS | CORDON_SUPERVISOR_UDP;
	bool files = (s->flags & CORDON_SUPERVISOR_FILES) != 0, ports = (s->flags & CORDON_SUPERVISOR_PORTS) != 0;

	if (s->engine > CORDON_ENGINE_KERNEL || (s->engine == CORDON_ENGINE_AUTO && !files))
		return "supervision.engine";
	if ((s->flags & ~flags) != 0 ||
	    ((s->flags & CORDON_SUPERVISOR_RECORD) != 0 && s->engine != CORDON_ENGINE_PTRACE) ||
	    (!ports && (s->flags & CORDON_SUPERVISOR_UDP) != 0) || s->enforce > (files ? 1u : 0u))
		return "supervision.flags";
	if (s->outside > CORDON_DECISION_ASK || (files && s->outside == CORDON_DECISION_ALLOW) ||
	    !err_fits(s->outside, s->outside_errno))
		return "supervision.outside";
	if (!files && s->npaths != 0)
		return "supervision.paths";
	if (!ports && s->nports != 0)
		return "supervision.ports";
	if ((ports || files) != (e->beside != NULL))
		return "supervision.beside";
	if (s->engine == CORDON_ENGINE_KERNEL)
		return e->notify_filter != NULL || e->policy_filter != NULL || s->ncalls != 0 ? "supervision.engine"
											      : NULL;
	return e->notify_filter == NULL ? "supervision.notify_filter" : NULL;
}

static const char *supervision_problem(const void *msg, uint32_t size, struct cordon_span span, struct wire_execve *ret)
{
	const char *problem;

	if (!span_array(size, span, span.len != 0, sizeof *ret->supervision))
		return "supervision";
	ret->supervision = span_bytes(msg, span);
	if (ret->supervision == NULL)
		return NULL;
	problem = supervision_lists(msg, size, ret);
	if (problem == NULL)
		problem = supervision_filters(msg, size, ret);
	return problem == NULL ? supervision_meaning(ret) : problem;
}

/* ---- EXECVE ---- */

static bool span_label(const void *msg, uint32_t size, struct cordon_span s)
{
	return span_string(msg, size, s) && s.len != 1 && s.len <= WIRE_LABEL_MAX;
}

static bool span_cpus(const void *msg, uint32_t size, struct wire_execve *ret)
{
	struct cordon_span s = ret->msg->cpus;
	bool any = s.len == 0;

	if (s.len % 8 != 0 || s.len > CORDON_CPUS_MAX / 8 || !span_array(size, s, s.len / 8, sizeof *ret->cpus))
		return false;
	ret->cpus = span_bytes(msg, s);
	ret->ncpu_words = s.len / 8;
	for (uint32_t i = 0; i < ret->ncpu_words; i++)
		any = any || ret->cpus[i] != 0;
	return any;
}

static bool is_up_to(uint64_t value, uint64_t most)
{
	return value <= most || value == CORDON_UNLIMITED;
}

static bool limits_in_bounds(const struct cordon_init_limits *limits)
{
	return true
#define CORDON_LIMIT(field, ...)
#define CORDON_INIT_LIMIT(field, name, kind, usual, least, most, none) && is_up_to(limits->field, most)
#include "cordon/limits.def"
		;
}

/* Assigns the optional descriptors, which follow the files in the order of their flags. */
static uint32_t execve_fd_indices(const struct cordon_msg_execve *m, struct wire_execve *ret)
{
	uint32_t next = m->nfds;

	ret->exec_fd = (m->flags & CORDON_EXECVE_EXEC_FD) != 0 ? (int)next++ : -1;
	ret->sync_fd = (m->flags & CORDON_EXECVE_SYNC_FD) != 0 ? (int)next++ : -1;
	ret->cpu_fd = (m->flags & CORDON_EXECVE_CPU_FD) != 0 ? (int)next++ : -1;
	ret->group_fd = (m->flags & CORDON_EXECVE_GROUP_FD) != 0 ? (int)next++ : -1;
	ret->procs = m->nprocs > 0 ? (int)next : -1;
	next += m->nprocs;
	ret->supervisor_procs = m->nsupervisor_procs > 0 ? (int)next : -1;
	return next + m->nsupervisor_procs;
}

int wire_execve_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_execve *ret, const char **ret_field)
{
	const struct cordon_msg_execve *m = msg;
	const char *problem;
	const uint32_t flags = CORDON_EXECVE_EXEC_FD | CORDON_EXECVE_SYNC_FD | CORDON_EXECVE_CPU_FD |
			       CORDON_EXECVE_CPU_USEC | CORDON_EXECVE_GROUP_FD | CORDON_EXECVE_TERMINAL |
			       CORDON_EXECVE_LAST;

	*ret = (struct wire_execve){ .msg = m };
	if (size < sizeof *m)
		return bad(ret_field, "size");
	if ((m->flags & ~flags) != 0)
		return bad(ret_field, "flags");
	if (m->nfds > CORDON_EXECVE_FDS_MAX || m->nprocs > CORDON_EXECVE_FDS_MAX ||
	    m->nsupervisor_procs > CORDON_EXECVE_FDS_MAX || m->reserved != 0 || execve_fd_indices(m, ret) != nfds ||
	    (ret->group_fd >= 0 && m->nprocs == 0))
		return bad(ret_field, "descriptors");
	if (!span_array(size, m->targets, m->nfds, sizeof *ret->targets))
		return bad(ret_field, "targets");
	if (m->nrlimits > CORDON_EXECVE_RLIMITS_MAX || !span_array(size, m->rlimits, m->nrlimits, sizeof *ret->rlimits))
		return bad(ret_field, "rlimits");
	if (m->argc == 0 || !span_strings(msg, size, m->argv, m->argc))
		return bad(ret_field, "argv");
	if (!span_strings(msg, size, m->envp, m->envc))
		return bad(ret_field, "envp");
	if (!span_string(msg, size, m->work_dir))
		return bad(ret_field, "work_dir");
	if (!span_label(msg, size, m->apparmor) || !span_label(msg, size, m->selinux))
		return bad(ret_field, "label");
	if (!span_cpus(msg, size, ret))
		return bad(ret_field, "cpus");
	if (!limits_in_bounds(&m->limits))
		return bad(ret_field, "limits");
	problem = supervision_problem(msg, size, m->supervision, ret);
	if (problem != NULL)
		return bad(ret_field, problem);
	ret->targets = (const void *)((const char *)msg + m->targets.off);
	for (uint32_t i = 0; i < m->nfds; i++)
		if (ret->targets[i] > 1023 || (i > 0 && ret->targets[i] <= ret->targets[i - 1]))
			return bad(ret_field, "target");
	ret->rlimits = (const void *)((const char *)msg + m->rlimits.off);
	ret->argv = (const char *)msg + m->argv.off;
	ret->envp = (const char *)msg + m->envp.off;
	ret->work_dir = wire_string(msg, m->work_dir);
	ret->apparmor = wire_string(msg, m->apparmor);
	ret->selinux = wire_string(msg, m->selinux);
	return 0;
}

int wire_answer_decode(const void *msg, uint32_t size, uint32_t nfds, const struct cordon_msg_answer **ret,
		       const char **ret_field)
{
	const struct cordon_msg_answer *m = msg;

	if (size != sizeof *m)
		return bad(ret_field, "size");
	if (nfds != 0)
		return bad(ret_field, "descriptors");
	if (m->decision > CORDON_DECISION_KILL || !err_fits(m->decision, m->err))
		return bad(ret_field, "decision");
	*ret = m;
	return 0;
}

int wire_signal_decode(const void *msg, uint32_t size, uint32_t nfds, uint64_t *ret_signals, const char **ret_field)
{
	const struct cordon_msg_signal *m = msg;

	if (size != sizeof *m)
		return bad(ret_field, "size");
	if (nfds != 0)
		return bad(ret_field, "descriptors");
	if (m->signals == 0)
		return bad(ret_field, "signals");
	*ret_signals = m->signals;
	return 0;
}

int wire_sidecar_decode(const void *msg, uint32_t size, uint32_t nfds, const char **ret_field)
{
	(void)msg;
	if (size != sizeof(struct cordon_msg))
		return bad(ret_field, "size");
	return nfds != 1 ? bad(ret_field, "descriptors") : 0;
}

/* ---- messages to the host ---- */

int wire_errors_decode(const void *msg, uint32_t size, uint32_t nfds, uint32_t nitems, bool with_fds,
		       const struct cordon_error **ret_errors)
{
	const struct cordon_msg_items *m = msg;
	const struct cordon_error *errors;
	uint32_t good = 0;

	if (size < sizeof *m || m->nitems != nitems || !span_array(size, m->items, nitems, sizeof *errors))
		return -EPROTO;
	errors = (const void *)((const char *)msg + m->items.off);
	for (uint32_t i = 0; i < nitems; i++)
		good += errors[i].step == CORDON_STEP_NONE;
	if (nfds != (with_fds ? good : 0))
		return -EPROTO;
	*ret_errors = errors;
	return 0;
}

static bool event_fits(const struct cordon_event *e)
{
	return e->kind < CORDON_EVENT_COUNT && e->path_len <= CORDON_EVENT_PATH_MAX;
}

static bool span_counts(uint32_t size, struct cordon_span s)
{
	return span_array(size, s, s.len == 0 ? 0 : CORDON_SUPERVISION_COUNTS, sizeof(uint64_t));
}

int wire_finished_decode(const void *msg, uint32_t size, struct wire_finished *ret)
{
	const struct cordon_msg_finished *m = msg;

	if (size < sizeof *m || m->nevents > CORDON_EVENTS_MAX || m->events_total < m->nevents ||
	    !span_array(size, m->events, m->nevents, sizeof *ret->events) || !span_counts(size, m->counts) ||
	    !span_counts(size, m->setup_counts) || m->violation < -1 || m->violation >= (int32_t)m->nevents ||
	    m->engine > CORDON_ENGINE_KERNEL || m->sent > (m->signal != 0 ? 1u : 0u))
		return -EPROTO;
	ret->msg = m;
	ret->events = span_bytes(msg, m->events);
	for (uint32_t i = 0; i < m->nevents; i++)
		if (!event_fits(&ret->events[i]))
			return -EPROTO;
	ret->counts = span_bytes(msg, m->counts);
	ret->setup_counts = span_bytes(msg, m->setup_counts);
	return 0;
}

int wire_ask_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_ask *ret)
{
	const uint32_t access = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_STAT | CORDON_ACCESS_EXEC;
	const struct cordon_msg_ask *m = msg;
	const char *next;

	if (size < sizeof *m || nfds != 0 || (m->access & ~access) != 0 || m->npaths > ARRAY_LEN(ret->paths) ||
	    !span_strings(msg, size, m->paths, m->npaths))
		return -EPROTO;
	*ret = (struct wire_ask){ .msg = m };
	next = span_bytes(msg, m->paths);
	for (uint32_t i = 0; i < m->npaths; i++) {
		size_t len = str_len(next) + 1;

		if (len > WIRE_PATH_MAX)
			return -EPROTO;
		ret->paths[i] = next;
		next += len;
	}
	return 0;
}

int wire_error_decode(const void *msg, uint32_t size, const struct cordon_error **ret)
{
	const struct cordon_msg_error *m = msg;

	if (size != sizeof *m || m->error.step == CORDON_STEP_NONE || m->error.detail_len > CORDON_ERROR_DETAIL_MAX)
		return -EPROTO;
	*ret = &m->error;
	return 0;
}
