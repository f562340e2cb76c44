/* SPDX-License-Identifier: Apache-2.0 */
/* supervised: see supervised.h. */
#define _GNU_SOURCE
#include "support/supervised.h"

#include <errno.h>

void supervised_init(struct supervised *v, uint32_t engine)
{
	sandbox_init(&v->s);
	memset(&v->supervisor, 0, sizeof v->supervisor);
	v->supervisor.engine = engine;
	v->supervisor.paths = v->paths;
	v->supervisor.syscalls = v->syscalls;
	v->supervisor.outside = CORDON_DECISION_ERRNO;
	v->supervisor.outside_errno = EACCES;
	v->s.command.supervisor = &v->supervisor;
}

void supervised_path(struct supervised *v, const char *path, uint32_t scope, uint32_t access)
{
	if (v->supervisor.npaths == SUPERVISED_RULES_MAX)
		abort();
	v->supervisor.flags |= CORDON_SUPERVISOR_FILES;
	v->paths[v->supervisor.npaths++] = (struct cordon_path_rule){ path, scope, access };
}

void supervised_files(struct supervised *v)
{
	static const char *const readable[] = { "/usr", "/bin", "/sbin", "/lib", "/lib64", "/programs", "/etc" };

	for (size_t i = 0; i < LENGTH(readable); i++)
		supervised_path(v, readable[i], CORDON_PATH_TREE, ACCESS_RX);
	supervised_path(v, "/proc/self", CORDON_PATH_TREE, CORDON_ACCESS_READ);
	supervised_path(v, "/dev", CORDON_PATH_TREE, ACCESS_RW);
	supervised_path(v, "/tmp", CORDON_PATH_TREE, ACCESS_RW);
	supervised_path(v, "/w", CORDON_PATH_TREE, ACCESS_RW | CORDON_ACCESS_EXEC);
}

struct cordon_syscall_rule *supervised_syscall(struct supervised *v, const char *name, uint32_t decision)
{
	struct cordon_syscall_rule *rule = &v->syscalls[v->supervisor.nsyscalls++];

	if (v->supervisor.nsyscalls > SUPERVISED_RULES_MAX)
		abort();
	*rule = (struct cordon_syscall_rule){ .syscall = name, .decision = decision };
	if (decision == CORDON_DECISION_ERRNO)
		rule->err = EPERM;
	return rule;
}

const struct cordon_event *event_find(const struct outcome *o, uint32_t kind)
{
	for (uint32_t i = 0; o->ran && i < o->result->nevents; i++)
		if (o->result->events[i].kind == kind)
			return &o->result->events[i];
	return NULL;
}
