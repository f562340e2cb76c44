/* SPDX-License-Identifier: Apache-2.0 */
#include "host/supervisor_plan.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "calls/calls.h"
#include "cordon/seccomp.h"
#include "error/error.h"
#include "host/machine.h"
#include "seccomp/beside.h"
#include "seccomp/seccomp.h"
#include "seccomp/shared.h"

/* For a run that has a supervisor only because its policy has actions that a supervisor must carry out. */
static const struct cordon_supervisor for_policy = { .engine = CORDON_ENGINE_AUTO };

/* ---- what is stopped ---- */

struct names {
	const char **all;
	uint32_t n;
};

/* Duplicate names, and names that this CPU lacks, add nothing (seccomp.h). The caller frees names->all. */
static int collect_names(const struct cordon_container_config *config, const struct cordon_supervisor *s,
			 uint32_t engine, struct names *names, struct cordon_error *err)
{
	/* For AUTO cordon-init rewrites the filter if it takes NOTIFY. */
	uint32_t purposes = calls_purposes(engine != CORDON_ENGINE_AUTO ? engine : CORDON_ENGINE_PTRACE, s->flags,
					   config->namespaces == CORDON_NAMESPACES_NONE);

	*names = (struct names){ .all = calloc(ncalls + s->nsyscalls, sizeof *names->all) };
	if (names->all == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	for (size_t i = 0; i < ncalls; i++)
		if ((calls[i].purposes & purposes) != 0)
			names->all[names->n++] = calls[i].name;
	for (uint32_t i = 0; i < s->nsyscalls; i++)
		names->all[names->n++] = s->syscalls[i].syscall;
	return 0;
}

/* The policy from which the two programs are made; NULL = the default one. */
static int policy_of(const struct cordon_container_config *config, const struct cordon_seccomp **ret,
		     struct cordon_error *err)
{
	*ret = NULL;
	if (config->namespaces == CORDON_NAMESPACES_NONE)
		return seccomp_shared(config->network == CORDON_NETWORK_HOST, ret, err);
	if (config->seccomp_kind == CORDON_SECCOMP_POLICY)
		*ret = config->seccomp_policy;
	if (config->seccomp_kind == CORDON_SECCOMP_NONE || config->seccomp_kind == CORDON_SECCOMP_BPF)
		return seccomp_allow_all(ret, err);
	return 0;
}

/* A compiled program of the caller's (or none) stays as it is: there is no policy to split, and notify_filter is a
 * further filter. */
static void choose_programs(const struct cordon_container_config *config, struct supervisor_plan *ret)
{
	const struct seccomp_programs *programs = &ret->programs;
	bool own = config->seccomp_kind == CORDON_SECCOMP_NONE || config->seccomp_kind == CORDON_SECCOMP_BPF;

	ret->filter = own ? config->seccomp_bpf : NULL;
	ret->filter_len = own ? config->seccomp_len : 0;
	ret->policy_filter = own ? NULL : programs->policy_filter;
	ret->policy_len = own ? 0 : programs->policy_len;
}

static int resolve_programs(const struct cordon_container_config *config, const struct cordon_supervisor *s,
			    struct supervisor_plan *ret, struct cordon_error *err)
{
	const struct cordon_seccomp *policy;
	struct seccomp_stops stops;
	struct names names;
	int rc = policy_of(config, &policy, err);

	if (rc < 0)
		return rc;
	rc = collect_names(config, s, ret->head.engine, &names, err);
	if (rc < 0)
		return rc;
	stops = (struct seccomp_stops){
		.action = ret->head.engine == CORDON_ENGINE_NOTIFY ? SECCOMP_RET_USER_NOTIF : SECCOMP_RET_TRACE,
		.all = (s->flags & CORDON_SUPERVISOR_RECORD) != 0,
		.audit = (s->flags & (CORDON_SUPERVISOR_AUDIT | CORDON_SUPERVISOR_RECORD)) != 0,	/* calls that
													   fail are
													   counted as
													   well */
		.names = names.all, .nnames = names.n,
	};
	rc = seccomp_split(policy, &stops, &ret->programs, err);
	free(names.all);
	if (rc == 0)
		choose_programs(config, ret);
	return rc;
}

/* ---- rules by number ---- */

static void insert_call(struct supervisor_plan *ret, const struct cordon_supervision_call *call)
{
	uint32_t at = ret->head.ncalls++;

	for (; at > 0 && ret->calls[at - 1].syscall > call->syscall; at--)
		ret->calls[at] = ret->calls[at - 1];
	ret->calls[at] = *call;
}

/* Valid rules name each call once; calls that this CPU lacks are left out. */
static void resolve_calls(const struct cordon_supervisor *s, struct supervisor_plan *ret)
{
	for (uint32_t i = 0; i < s->nsyscalls; i++) {
		const struct cordon_syscall_rule *rule = &s->syscalls[i];
		struct cordon_supervision_call call = {
			.syscall = cordon_syscall_number(rule->syscall, CORDON_ARCH_NATIVE), .decision = rule->decision,
			.err = rule->decision == CORDON_DECISION_ERRNO ? rule->err : 0, .limit = rule->limit,
		};

		if (call.syscall >= 0)
			insert_call(ret, &call);
	}
}

/* ---- the filter beside the policies ---- */

static bool gives_writing(const struct cordon_supervisor *s)
{
	for (uint32_t i = 0; i < s->npaths; i++)
		if ((s->paths[i].access & CORDON_ACCESS_WRITE) != 0)
			return true;
	return false;
}

static bool gives_binding(const struct cordon_supervisor *s)
{
	for (uint32_t i = 0; i < s->nports; i++)
		if ((s->ports[i].access & CORDON_PORT_BIND) != 0)
			return true;
	return false;
}

static int resolve_beside(const struct cordon_supervisor *s, struct supervisor_plan *ret, struct cordon_error *err)
{
	const struct seccomp_beside what = {
		.ports = (s->flags & CORDON_SUPERVISOR_PORTS) != 0,
		.can_bind = gives_binding(s),
		.udp = (s->flags & CORDON_SUPERVISOR_UDP) != 0,
		.files = (s->flags & CORDON_SUPERVISOR_FILES) != 0,
		.judged = ret->head.engine != CORDON_ENGINE_KERNEL,
		.frozen = ret->head.engine == CORDON_ENGINE_KERNEL && !gives_writing(s),
	};

	ret->beside = NULL;
	return what.ports || what.files ? seccomp_beside(&what, &ret->beside, err) : 0;
}

/* ---- the engine ---- */

/* Whether mounts alone hold the path policy (supervisor/mask.h): everything is allowed, except trees of which nothing
 * is. */
static bool only_denies(const struct cordon_supervisor *s)
{
	const uint32_t all = CORDON_ACCESS_READ | CORDON_ACCESS_WRITE | CORDON_ACCESS_EXEC;
	bool all_allowed = false;

	for (uint32_t i = 0; i < s->npaths; i++) {
		const struct cordon_path_rule *rule = &s->paths[i];
		bool allows = (rule->access & all) == all;

		if (rule->scope == CORDON_PATH_ENTRIES ||
		    (!allows && (rule->access != 0 || rule->scope != CORDON_PATH_TREE)))
			return false;
		all_allowed =
			all_allowed || (allows && rule->scope == CORDON_PATH_TREE && strcmp(rule->path, "/") == 0);
	}
	return all_allowed;
}

/* Whether nothing but mounts is needed: no call has to be stopped to decide it, or to report it. */
static bool mounts_are_enough(const struct cordon_container_config *config, const struct cordon_supervisor *s)
{
	return config->namespaces != CORDON_NAMESPACES_NONE && (s->flags & CORDON_SUPERVISOR_FILES) != 0 &&
	       (s->flags & (CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_AUDIT)) == 0 && s->nsyscalls == 0 &&
	       s->outside == CORDON_DECISION_ERRNO && s->outside_errno == EACCES &&
	       (config->require &
		(CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR) | CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK))) == 0 &&
	       only_denies(s);
}

enum cordon_engine supervisor_plan_engine(const struct cordon_container_config *config,
					  const struct cordon_supervisor *supervisor,
					  const struct supervisor_plan_kernel *kernel)
{
	if (supervisor->engine != CORDON_ENGINE_AUTO)
		return (enum cordon_engine)supervisor->engine;
	if (mounts_are_enough(config, supervisor))
		return CORDON_ENGINE_KERNEL;
	if (config->namespaces == CORDON_NAMESPACES_NONE || (supervisor->flags & CORDON_SUPERVISOR_RECORD) != 0 ||
	    !kernel->notify)
		return CORDON_ENGINE_PTRACE;
	if (!kernel->ptrace)
		return CORDON_ENGINE_NOTIFY;
	return (supervisor->flags & CORDON_SUPERVISOR_FILES) != 0 ? CORDON_ENGINE_AUTO : CORDON_ENGINE_PTRACE;
}

/* ---- the whole ---- */

/* engine: the one that was asked for. */
static int check_engine(const struct supervisor_plan *s, uint32_t engine, bool has_notify, struct cordon_error *err)
{
	if (s->head.engine == CORDON_ENGINE_NOTIFY && !has_notify)
		return error_set(err, ENOTSUP, CORDON_STEP_SUPERVISOR, CORDON_NO_INDEX, "seccomp user notification");
	/* Nothing else would enforce the path policy, but for mounts, for which AUTO takes the engine. */
	if (s->head.engine == CORDON_ENGINE_KERNEL && engine != CORDON_ENGINE_AUTO &&
	    (s->head.flags & CORDON_SUPERVISOR_FILES) != 0 && !machine_has_landlock())
		return error_set(err, ENOTSUP, CORDON_STEP_LANDLOCK, CORDON_NO_INDEX, NULL);
	if ((s->head.flags & CORDON_SUPERVISOR_PORTS) != 0 && !machine_has_landlock_ports())
		return error_set(err, ENOTSUP, CORDON_STEP_LANDLOCK, CORDON_NO_INDEX, "TCP ports (ABI 4, Linux 6.7)");
	return 0;
}

/* Layers that depend on the command. Whether a path policy is enforced init finds out (head.enforce). */
static int check_layers(uint64_t require, const struct supervisor_plan *s, struct cordon_error *err)
{
	bool paths = s->active && (s->head.flags & CORDON_SUPERVISOR_FILES) != 0;
	bool files = paths || (s->active && (s->head.flags & CORDON_SUPERVISOR_PORTS) != 0);
	bool asked = s->active && s->head.engine != CORDON_ENGINE_KERNEL;
	const char *lacks = NULL;

	if ((require & CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK)) != 0 && !files)
		lacks = cordon_layer_name(CORDON_LAYER_LANDLOCK);
	else if ((require & CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR)) != 0 && !asked)
		lacks = cordon_layer_name(CORDON_LAYER_SUPERVISOR);
	else if ((require & CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY)) != 0 && !paths)
		lacks = cordon_layer_name(CORDON_LAYER_PATH_POLICY);
	return lacks != NULL ? error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX, lacks) : 0;
}

static void resolve_head(const struct cordon_container_config *config, const struct cordon_supervisor *s,
			 const struct supervisor_plan_kernel *kernel, struct supervisor_plan *ret)
{
	ret->head = (struct cordon_supervision){
		.engine = supervisor_plan_engine(config, s, kernel), .flags = s->flags, .outside = s->outside,
		.outside_errno = s->outside == CORDON_DECISION_ERRNO ? s->outside_errno : 0,
		.ask_timeout_ns = s->ask_timeout_ns != 0 ? s->ask_timeout_ns : CORDON_ASK_TIMEOUT_NS,
		.npaths = s->npaths,
		.nports = s->nports,
		.enforce = (s->flags & CORDON_SUPERVISOR_FILES) != 0 &&
			   (config->require & CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY)) != 0,
	};
	ret->paths = s->paths;
	ret->ports = s->ports;
}

int supervisor_plan_make(const struct cordon_container_config *config, const struct cordon_command *command,
			 struct supervisor_plan *ret, struct cordon_error *err)
{
	const struct cordon_supervisor *s = command->supervisor;
	struct supervisor_plan_kernel kernel;
	int rc;

	if (s == NULL && config->seccomp_kind == CORDON_SECCOMP_POLICY && seccomp_kills(config->seccomp_policy))
		s = &for_policy;
	ret->active = s != NULL;
	ret->programs = (struct seccomp_programs){ 0 };
	if (ret->active) {
		kernel = (struct supervisor_plan_kernel){ machine_has_notify(), machine_has_ptrace() };
		resolve_head(config, s, &kernel, ret);
		rc = check_engine(ret, s->engine, kernel.notify, err);
		if (rc < 0)
			return rc;
	}
	rc = check_layers(config->require, ret, err);
	if (rc < 0 || !ret->active)
		return rc;
	rc = resolve_beside(s, ret, err);
	if (rc < 0)
		return rc;
	if (ret->head.engine == CORDON_ENGINE_KERNEL) {
		ret->policy_filter = NULL;
		ret->policy_len = 0;
		ret->filter = config->seccomp_bpf;
		ret->filter_len = config->seccomp_len;
		return 0;
	}
	resolve_calls(s, ret);
	return resolve_programs(config, s, ret, err);
}

size_t supervisor_plan_size(const struct supervisor_plan *s)
{
	size_t size = sizeof s->head + 64;

	if (!s->active)
		return 0;
	size += (size_t)s->programs.notify_len + s->filter_len + s->policy_len + s->head.ncalls * sizeof s->calls[0];
	size += s->head.nports * sizeof s->ports[0] + (s->beside != NULL ? s->beside->bytes : 0);
	for (uint32_t i = 0; i < s->head.npaths; i++)
		size += sizeof(struct cordon_supervision_path) + strlen(s->paths[i].path) + 16;
	return size;
}

static struct cordon_span put_paths(struct wire_buf *b, const struct supervisor_plan *s)
{
	struct cordon_supervision_path *out = calloc((size_t)s->head.npaths + 1, sizeof *out);
	struct cordon_span span = { 0, 0 };

	if (out == NULL) {
		b->overflow = true;
		return span;
	}
	for (uint32_t i = 0; i < s->head.npaths; i++)
		out[i] = (struct cordon_supervision_path){ wire_put_string(b, s->paths[i].path), s->paths[i].scope,
							   s->paths[i].access };
	span = wire_put(b, out, s->head.npaths * sizeof *out);
	free(out);
	return span;
}

struct cordon_span supervisor_plan_put(struct wire_buf *b, const struct supervisor_plan *s)
{
	struct cordon_supervision head = s->head;

	if (!s->active)
		return (struct cordon_span){ 0, 0 };
	head.paths = put_paths(b, s);
	head.ports = wire_put(b, s->ports, head.nports * sizeof s->ports[0]);
	if (s->beside != NULL)
		head.beside = wire_put(b, s->beside->program, s->beside->bytes);
	head.calls = wire_put(b, s->calls, head.ncalls * sizeof s->calls[0]);
	head.notify_filter = wire_put(b, s->programs.notify_filter, s->programs.notify_len);
	head.filter = wire_put(b, s->filter, s->filter_len);
	head.policy_filter = wire_put(b, s->policy_filter, s->policy_len);
	return wire_put(b, &head, sizeof head);
}

void supervisor_plan_done(struct supervisor_plan *s)
{
	seccomp_programs_free(&s->programs);
}
