/* SPDX-License-Identifier: Apache-2.0 */
/* conf: CONF: builds the root, takes init's ids, drops what init does not need. */
#include "init/init.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/keyctl.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/resource.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include "base/base.h"
#include "cordon/layer.h"
#include "error/error.h"
#include "wire/wire.h"

static int fail(struct cordon_error *err, long rc, enum cordon_step step)
{
	return error_set(err, (int)-rc, step, CORDON_NO_INDEX, NULL);
}

/* Makes init not dumpable, before it holds any secret of the host; but after the host has written the id maps, which a
 * rootless host may do only while init is dumpable (proc(5)). */
static void seal_off(void)
{
	(void)sys(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
	(void)sys(__NR_umask, 0);
	/* Replaces the caller's session keyring by a new one; if keyctl is refused, a surrounding seccomp filter
	 * protects it. */
	(void)sys(__NR_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static int take_identity(const struct cordon_msg_conf *m, struct cordon_error *err)
{
	long rc = 0;

	if ((m->flags & CORDON_CONF_SET_GROUPS) != 0)
		rc = sys(__NR_setgroups, 0, NULL);
	if (rc >= 0 && (m->flags & CORDON_CONF_SET_IDS) != 0) {
		rc = sys(__NR_setresgid, m->init_gid, m->init_gid, m->init_gid);
		if (rc >= 0)
			rc = sys(__NR_setresuid, m->init_uid, m->init_uid, m->init_uid);
	}
	return rc < 0 ? fail(err, rc, CORDON_STEP_IDENTITY) : 0;
}

static int set_names(const struct wire_conf *conf, struct cordon_error *err)
{
	long rc = 0;

	if (conf->hostname != NULL)
		rc = sys(__NR_sethostname, conf->hostname, str_len(conf->hostname));
	if (rc < 0)
		return fail(err, rc, CORDON_STEP_HOSTNAME);
	if (conf->domainname != NULL)
		rc = sys(__NR_setdomainname, conf->domainname, str_len(conf->domainname));
	return rc < 0 ? fail(err, rc, CORDON_STEP_DOMAINNAME) : 0;
}

/* Drops what the program must never have: it inherits securebits and no_new_privs. (The bounding set is cleared at
 * init's start, while the host is still busy.) */
static int give_up(bool no_namespaces, struct cordon_error *err)
{
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	long rc = sys(__NR_prctl, PR_SET_SECUREBITS, bits, 0, 0, 0);

	if (rc < 0 && !no_namespaces)	/* without capabilities; no_new_privs, below, keeps the program from gaining
					   any */
		return fail(err, rc, CORDON_STEP_SECUREBITS);
	rc = sys(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return rc < 0 ? fail(err, rc, CORDON_STEP_NO_NEW_PRIVS) : 0;
}

/* Copies the plan out of its message: a reset needs it. */
static int keep_plan(struct init *init, const struct wire_conf *conf, struct cordon_error *err)
{
	long copy = sys(__NR_mmap, NULL, init->msg.size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANON, -1, 0);

	if (error_is(copy))
		return fail(err, copy, CORDON_STEP_MEMORY);
	bytes_copy((void *)copy, init->msg.data, init->msg.size);
	init->plan.msg = (const void *)copy;
	init->plan.mounts = (const void *)(copy + conf->msg->mounts.off);
	init->plan.nmounts = conf->msg->nmounts;
	init->plan.keep = (conf->msg->flags & CORDON_CONF_KEEP) != 0;
	init->plan.uid = conf->msg->uid;
	init->plan.gid = conf->msg->gid;
	return 0;
}

/* The default policy does not let this limit be changed, and programs inherit it (execve.c). The hard limit stays, for
 * programs that may dump. */
static void keep_core_limit(struct init *init)
{
	struct rlimit64 core = { 0, 0 };

	(void)sys(__NR_prlimit64, 0, RLIMIT_CORE, NULL, &core);
	core.rlim_cur = init->core_limit = u64_min(1, core.rlim_max);
	(void)sys(__NR_prlimit64, 0, RLIMIT_CORE, &core, NULL);
}

int init_load_filter(struct init *init, struct cordon_error *err)
{
	struct sock_fprog program = { .len = init->nseccomp, .filter = init->seccomp };
	int rc = init_privileged_start(err);
	long loaded;

	if (rc < 0)
		return rc;
	init->thread = rc;
	/* For the programs that this thread starts. The other thread stays in the host's namespace: one that hides
	 * init's group would prevent it from starting programs in their groups (csrc/cgroup/parent.h). */
	loaded = sys(__NR_unshare, CLONE_NEWCGROUP);
	if (loaded < 0)
		return fail(err, loaded, CORDON_STEP_CGROUP_NAMESPACE);
	keep_core_limit(init);
	loaded = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program);
	if (loaded < 0)
		return fail(err, loaded, CORDON_STEP_SECCOMP);
	init->filtered = true;
	return 0;
}

static void remember(struct init *init, const struct wire_conf *conf, bool proc)
{
	const struct cordon_msg_conf *m = conf->msg;

	init->uid = m->uid;
	init->gid = m->gid;
	/* Without namespaces init has already taken the program's ids for good. */
	init->set_ids = (m->flags & CORDON_CONF_SET_IDS) != 0 && !init->no_namespaces;
	init->set_groups = (m->flags & CORDON_CONF_SET_GROUPS) != 0 && !init->no_namespaces;
	init->loopback = (m->flags & CORDON_CONF_LOOPBACK) != 0;
	init->keyrings = (m->flags & CORDON_CONF_KEYRINGS) != 0;
	init->nseccomp = (uint16_t)conf->nseccomp;
	bytes_copy(init->seccomp, conf->seccomp, conf->nseccomp * sizeof init->seccomp[0]);
	init->layers = CORDON_LAYER_BIT(CORDON_LAYER_NO_NEW_PRIVS) | CORDON_LAYER_BIT(CORDON_LAYER_CAPABILITIES);
	if (!init->no_namespaces)
		init->layers |= CORDON_LAYER_BIT(CORDON_LAYER_PIVOT_ROOT);
	if (proc)
		init->layers |= CORDON_LAYER_BIT(CORDON_LAYER_PROC);
	if (init->bounded)
		init->layers |= CORDON_LAYER_BIT(CORDON_LAYER_USER_BOUNDS);
	if (conf->nseccomp > 0)
		init->layers |= CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP);
	if (init->set_ids)
		init->layers |= CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID);
}

/* Builds the program's root and takes init's ids. */
static int build(struct init *init, const struct wire_conf *conf, bool *proc, struct cordon_error *err)
{
	int rc = init_step("sources", mount_sources(&init->plan, init->msg.fds, err));

	if (rc == 0)
		rc = init_step("bounds", init_bounds(init, conf->msg, err));
	if (rc == 0)
		rc = init_step("identity", take_identity(conf->msg, err));
	if (rc == 0)
		rc = init_step("root", mount_root(&init->plan, proc, err));
	if (rc == 0)
		rc = init_step("names", set_names(conf, err));
	if (rc == 0 && (conf->msg->flags & CORDON_CONF_LOOPBACK) != 0)
		rc = init_step("loopback", init_loopback_up(err));
	if (rc == 0 && conf->msg->ninit_command > 0)
		rc = init_step("command", init_run_command(conf, err));
	return rc;
}

/* Without namespaces init is the subreaper of orphans, and the supervisor ends them (PTRACE_O_EXITKILL). */
static int adopt(const struct wire_conf *conf, struct cordon_error *err)
{
	long rc = sys(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

	return rc < 0 ? fail(err, rc, CORDON_STEP_SUBREAPER) : take_identity(conf->msg, err);
}

/* From the message that brings the descriptor. It came close-on-exec, and init is sealed off by now. */
static void start_trace(struct init *init, const struct cordon_msg_conf *m)
{
	trace_start(fd_take(&init->msg.fds[init->msg.nfds - 1]), m->trace_pid);
	trace_message(0, "recv", &m->head, init->msg.size, init->msg.nfds);
}

int init_conf(struct init *init, struct cordon_error *err)
{
	struct wire_conf conf;
	const char *field;
	bool proc = false;
	int rc;

	if (wire_conf_decode(init->msg.data, init->msg.size, init->msg.nfds, &conf, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	init->no_namespaces = (conf.msg->flags & CORDON_CONF_NO_NAMESPACES) != 0;
	if (init->no_namespaces != (init->host_pid != 0))
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, "namespaces");
	if (init->bounding_err != 0 && !init->no_namespaces)
		return fail(err, -init->bounding_err, CORDON_STEP_DROP_BOUNDING);
	seal_off();
	if ((conf.msg->flags & CORDON_CONF_TRACE) != 0)
		start_trace(init, conf.msg);
	rc = keep_plan(init, &conf, err);
	if (rc < 0)
		return rc;
	rc = init->no_namespaces ? init_step("adopt", adopt(&conf, err)) : build(init, &conf, &proc, err);
	if (rc == 0)
		rc = init_step("privileges", give_up(init->no_namespaces, err));
	if (rc != 0)
		return rc;
	remember(init, &conf, proc);
	if ((conf.msg->flags & CORDON_CONF_KEEP) != 0)
		init_watch_queues(init);
	sched_init_begin(&init->sched, (conf.msg->flags & CORDON_CONF_NO_SCHEDULING) == 0, init->plan.keep);
	init->inherit = (conf.msg->flags & CORDON_CONF_INHERIT) != 0;
	init->shared = (conf.msg->flags & CORDON_CONF_SHARED) != 0;
	if (init->inherit && !init->shared)
		rc = init_step("filter", init_load_filter(init, err));
	if (rc != 0)
		return rc;
	init_state_set(init, INIT_STATE_READY);
	return 0;
}
