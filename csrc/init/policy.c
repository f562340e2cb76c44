/* SPDX-License-Identifier: Apache-2.0 */
/* policy: a run's path and port policies: resolves the rules, and plans what holds them in the kernel: the run's own
 * mounts (mask.c makes them) and a Landlock ruleset. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/seccomp.h>
#include "base/base.h"
#include "cordon/layer.h"
#include "error/error.h"
#include "supervisor/bpf.h"
#include "supervisor/landlock.h"
#include "supervisor/mask.h"
#include "supervisor/policy.h"
#include "supervisor/resolve.h"
#include "wire/wire.h"

struct rule_paths {
	const void *message;
	const struct cordon_supervision_path *paths;
};

static const char *rule_path(void *arg, uint32_t i)
{
	const struct rule_paths *r = arg;

	return wire_string(r->message, r->paths[i].path);
}

/* The enum mask_file of each rule. */
static uint8_t rule_files[CORDON_SUPERVISION_PATHS_MAX];

static int resolve_rules(struct supervisor *sv, struct rule_paths *rules, uint32_t n, struct cordon_error *err)
{
	static struct resolved resolved;

	policy_clear(&sv->policy);
	for (uint32_t i = 0; i < n; i++) {
		int rc = resolve_rule(rule_path(rules, i), &resolved);

		if (rc == 0)
			rc = policy_add(&sv->policy, resolved.path, resolved.len, rules->paths[i].scope,
					rules->paths[i].access, (int16_t)i);
		if (rc < 0)
			return error_set(err, -rc, CORDON_STEP_PATH_POLICY, (int32_t)i, rule_path(rules, i));
		rule_files[i] = resolved.exists ? MASK_FILE_DIRECTORY : MASK_FILE_MISSING;
	}
	return 0;
}

/* ---- what the policy takes away ---- */

static int open_place(const char *path)
{
	return fd_open_link_free(AT_FDCWD, path, O_PATH, 0);
}

/* Whether the directory in which the missing path would be made is on a read-only mount. Cuts path. */
static bool is_never_made(char *path, size_t len)
{
	AUTO_CLOSE int dir = -ENOENT;

	while (len > 1 && (dir == -ENOENT || dir == -ENOTDIR)) {
		while (len > 1 && path[len - 1] != '/')
			len--;
		path[len > 1 ? len - 1 : len] = '\0';
		dir = open_place(path);
		len = len > 1 ? len - 1 : len;
	}
	return dir >= 0 && fd_is_read_only(dir) == 1;
}

/* An enum mask_file or -errno. Cuts path. */
static int file_at(char *path, size_t len)
{
	AUTO_CLOSE int fd = open_place(path);
	int mode = fd < 0 ? fd : fd_mode(fd);

	if (mode == -ELOOP)	/* "/proc/self"; or it became a link: then the mask fails */
		return MASK_FILE_DIRECTORY;
	if (mode == -ENOENT || mode == -ENOTDIR)
		return is_never_made(path, len) ? MASK_FILE_NEVER : MASK_FILE_MISSING;
	if (mode < 0)
		return mode;
	return mode_is((uint32_t)mode, MODE_DIRECTORY) ? MASK_FILE_DIRECTORY : MASK_FILE_OTHER;
}

static int look_at_files(struct supervisor *sv, struct rule_paths *rules, struct cordon_error *err)
{
	static char path[PATH_SIZE];
	const struct policy *p = &sv->policy;

	for (uint32_t i = 0; i < p->nentries; i++) {
		const struct policy_entry *e = &p->slots[p->used[i]];
		uint32_t len;
		int rc;

		if (e->has == 0)
			continue;
		bytes_copy(path, mask_path(p, p->used[i], &len), e->len);
		if (len == 0)
			path[len++] = '/';
		path[len] = '\0';
		rc = file_at(path, len);
		if (rc < 0)
			return error_set(err, -rc, CORDON_STEP_PATH_POLICY, e->rule,
					 rule_path(rules, (uint32_t)e->rule));
		rule_files[e->rule] = (uint8_t)rc;
	}
	return 0;
}

/* A path that the caller may allow cannot be masked. */
static int plan_masks(const struct init *init, struct supervisor *sv, struct rule_paths *rules,
		      struct cordon_error *err)
{
	bool mounts = !init->no_namespaces && sv->outside != CORDON_DECISION_ASK;
	int rc = 0;

	if (mask_plan_asks(&sv->policy, rule_files, &sv->masks))
		rc = look_at_files(sv, rules, err);
	mask_plan(&sv->policy, rule_files, mounts, init->sidecar, &sv->masks);
	return rc;
}

/* Absolute, and each component is a name. */
static bool is_plain(const char *path)
{
	for (const char *p = path; *p != '\0'; p++) {
		if (p[0] != '/')
			continue;
		if (p[1] == '/' || (p[1] == '.' && (p[2] == '/' || p[2] == '\0')) ||
		    (p[1] == '.' && p[2] == '.' && (p[3] == '/' || p[3] == '\0')) || (p[1] == '\0' && p != path))
			return false;
	}
	return path[0] == '/';
}

/* Whether no rule, as it is written, takes away what another one gives. Without a supervisor nothing asks for the rules
 * later, so that they need not be resolved: that would cost a third of a run's start. */
static bool only_give(struct supervisor *sv, struct rule_paths *rules, uint32_t n)
{
	policy_clear(&sv->policy);
	for (uint32_t i = 0; i < n; i++) {
		const char *path = rule_path(rules, i);

		rule_files[i] = MASK_FILE_DIRECTORY;
		if (!is_plain(path) || policy_add(&sv->policy, path, str_len(path), rules->paths[i].scope,
						  rules->paths[i].access, (int16_t)i) < 0)
			return false;
	}
	return !mask_plan_asks(&sv->policy, rule_files, &sv->masks);
}

bool init_policy_is_held(const struct supervisor *sv, uint32_t engine)
{
	const struct mask_facts facts = {
		.engine = engine, .landlock = sv->landlock_files, .asks = sv->outside == CORDON_DECISION_ASK,
	};

	/* A program that is not in the same Landlock domain could be asked by /proc/<pid>/root. */
	if (sv->shared && sv->landlock_fd < 0 && sv->masks.n > 0)
		return false;
	return (sv->flags & CORDON_SUPERVISOR_FILES) != 0 && mask_enforced(&sv->masks, &facts);
}

/* Paths that only the caller decides (outside: ASK) are not restricted by Landlock. */
static int make_ruleset(struct supervisor *sv, struct rule_paths *rules, const struct wire_execve *e, bool *ret_widened,
			struct cordon_error *err)
{
	/* Masks hold all rules, so that no open has to pay for Landlock. */
	bool alone = sv->engine == CORDON_ENGINE_KERNEL && sv->masks.n > 0 && init_policy_is_held(sv, sv->engine);
	struct landlock_orders orders = {
		.files = (sv->flags & CORDON_SUPERVISOR_FILES) != 0 && sv->outside != CORDON_DECISION_ASK && !alone,
		.nets = (sv->flags & CORDON_SUPERVISOR_PORTS) != 0,
		.paths = rules->paths, .npaths = e->supervision->npaths, .path_of = rule_path, .arg = rules,
		.ports = e->ports, .nports = e->supervision->nports,
	};
	int rc;

	sv->landlock_policy = orders.files || orders.nets;
	if (!sv->landlock_policy && sv->engine == CORDON_ENGINE_KERNEL)
		return 0;
	rc = landlock_ruleset(&orders, err);
	*ret_widened = orders.widened;
	if (rc >= 0) {
		sv->landlock_fd = rc;
		sv->landlock_files = orders.files;
		sv->signals_kept = landlock_scopes(landlock_abi()) != 0;
		return 0;
	}
	if (rc != -EOPNOTSUPP || !sv->landlock_policy)
		return rc == -EOPNOTSUPP ? 0 : rc;	/* the shield holds signals as well */
	/* Without Landlock a supervisor still decides about paths, and the result says that the policy is advisory.
	 * Ports would not be restricted, nor, without a supervisor, paths, unless masks hold all rules. */
	if (!orders.nets && (sv->engine != CORDON_ENGINE_KERNEL || init_policy_is_held(sv, CORDON_ENGINE_KERNEL)))
		return 0;
	return error_set(err, EOPNOTSUPP, CORDON_STEP_LANDLOCK, CORDON_NO_INDEX, orders.nets ? "TCP ports" : NULL);
}

static int resolve_and_plan(const struct init *init, struct supervisor *sv, struct rule_paths *rules, uint32_t n,
			    struct cordon_error *err)
{
	int rc = resolve_rules(sv, rules, n, err);

	return rc == 0 ? plan_masks(init, sv, rules, err) : rc;
}

int init_policy_enter(const struct init *init, struct supervisor *sv, const struct wire_execve *e,
		      const struct cordon_supervision_path *paths, struct cordon_error *err)
{
	struct rule_paths rules = { init->run.message, paths };
	uint32_t n = e->supervision->npaths;
	bool files = (sv->flags & CORDON_SUPERVISOR_FILES) != 0, widened = false;
	bool as_written = files && sv->engine == CORDON_ENGINE_KERNEL && only_give(sv, &rules, n);
	int rc;

	sv->shared = init->sidecar;
	rc = files && !as_written ? resolve_and_plan(init, sv, &rules, n, err) : 0;

	if (rc == 0)
		rc = make_ruleset(sv, &rules, e, &widened, err);
	if (rc == 0 && as_written && widened)
		rc = resolve_and_plan(init, sv, &rules, n, err);
	return rc;
}

/* AUTO. Under ptrace the kernel makes an open that was allowed, and looks at the name again, so what the rules say must
 * be held by Landlock and masks. */
static void choose_engine(struct supervisor *sv)
{
	if (sv->engine != CORDON_ENGINE_AUTO)
		return;
	if (init_policy_is_held(sv, CORDON_ENGINE_PTRACE)) {
		sv->engine = CORDON_ENGINE_PTRACE;
		return;
	}
	sv->engine = CORDON_ENGINE_NOTIFY;
	/* In this run's copy of the message. */
	bpf_replace((struct sock_filter *)sv->notify_filter, sv->notify_len, SECCOMP_RET_TRACE, SECCOMP_RET_USER_NOTIF);
}

int init_policy_check(struct supervisor *sv, const struct wire_execve *e, struct cordon_error *err)
{
	choose_engine(sv);
	sv->enforced = init_policy_is_held(sv, sv->engine);
	if (e->supervision->enforce == 0 || sv->enforced)
		return 0;
	return error_set(err, EOPNOTSUPP, CORDON_STEP_LAYER, CORDON_NO_INDEX,
			 cordon_layer_name(CORDON_LAYER_PATH_POLICY));
}
