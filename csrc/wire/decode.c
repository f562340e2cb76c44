#include "wire/wire.h"

#include <linux/errno.h>
#include "base/base.h"
#include "cordon/container.h"

int wire_head_check(const void *msg, uint32_t size)
{
	const struct cordon_msg *head = msg;

	if (size < sizeof *head || head->version != CORDON_PROTOCOL_VERSION)
		return -EPROTO;
	if ((head->flags & ~(uint32_t)(CORDON_MSG_BIG | CORDON_MSG_QUIET)) != 0)
		return -EPROTO;
	if ((head->flags & CORDON_MSG_BIG) != 0)
		return size == sizeof *head && head->size <= CORDON_MSG_BIG_MAX ? 0 : -EPROTO;
	return head->size == size ? 0 : -EPROTO;
}

/* An array of n elements, where absent (n == 0) is a span of zeros. The subtraction cannot wrap: off <= size is checked first. */
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

/* Exactly n strings, the last one terminated. */
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

int wire_conf_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_conf *ret, const char **ret_field)
{
	const struct cordon_msg_conf *m = msg;
	const uint32_t flags = CORDON_CONF_SET_GROUPS | CORDON_CONF_SET_IDS | CORDON_CONF_LOOPBACK | CORDON_CONF_KEYRINGS |
			       CORDON_CONF_INHERIT | CORDON_CONF_KEEP;

	if (size < sizeof *m)
		return bad(ret_field, "size");
	if ((m->flags & ~flags) != 0 || m->reserved != 0)
		return bad(ret_field, "flags");
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
	const uint32_t flags = type == CORDON_MSG_OPEN ? CORDON_ITEM_CREATE : type == CORDON_MSG_DELETE ? CORDON_ITEM_TREE : 0;

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

/* The optional descriptors after the files, in the order of their flags. */
static uint32_t execve_fd_indices(const struct cordon_msg_execve *m, struct wire_execve *ret)
{
	uint32_t next = m->nfds;

	ret->exec_fd = (m->flags & CORDON_EXECVE_EXEC_FD) != 0 ? (int)next++ : -1;
	ret->sync_fd = (m->flags & CORDON_EXECVE_SYNC_FD) != 0 ? (int)next++ : -1;
	ret->cpu_fd = (m->flags & CORDON_EXECVE_CPU_FD) != 0 ? (int)next++ : -1;
	ret->procs = m->nprocs > 0 ? (int)next : -1;
	return next + m->nprocs;
}

int wire_execve_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_execve *ret, const char **ret_field)
{
	const struct cordon_msg_execve *m = msg;
	const uint32_t flags = CORDON_EXECVE_EXEC_FD | CORDON_EXECVE_SYNC_FD | CORDON_EXECVE_CPU_FD | CORDON_EXECVE_CPU_USEC |
			       CORDON_EXECVE_TERMINAL | CORDON_EXECVE_LAST;

	if (size < sizeof *m)
		return bad(ret_field, "size");
	if ((m->flags & ~flags) != 0)
		return bad(ret_field, "flags");
	if (m->nfds > CORDON_EXECVE_FDS_MAX || m->nprocs > CORDON_EXECVE_FDS_MAX || execve_fd_indices(m, ret) != nfds)
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
	ret->msg = m;
	ret->targets = (const void *)((const char *)msg + m->targets.off);
	for (uint32_t i = 0; i < m->nfds; i++)
		if (ret->targets[i] > 1023 || (i > 0 && ret->targets[i] <= ret->targets[i - 1]))
			return bad(ret_field, "target");
	ret->rlimits = (const void *)((const char *)msg + m->rlimits.off);
	ret->argv = (const char *)msg + m->argv.off;
	ret->envp = (const char *)msg + m->envp.off;
	ret->work_dir = wire_string(msg, m->work_dir);
	return 0;
}

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

int wire_finished_decode(const void *msg, uint32_t size, const struct cordon_msg_finished **ret)
{
	if (size != sizeof **ret)
		return -EPROTO;
	*ret = msg;
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
