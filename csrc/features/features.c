/* SPDX-License-Identifier: Apache-2.0 */
#include "features/kernel.h"
#include "features/try.h"

#include <linux/capability.h>
#include <linux/utsname.h>
#include "base/base.h"
#include "cgroup/cgroup.h"
#include "use/use.h"

static const char *const feature_names[CORDON_KERNEL_COUNT] = {
	[CORDON_KERNEL_CLONE3] = "clone3",
	[CORDON_KERNEL_PIDFD] = "pidfd",
	[CORDON_KERNEL_OPENAT2] = "openat2",
	[CORDON_KERNEL_CLOSE_RANGE] = "close-range",
	[CORDON_KERNEL_MOUNT_SETATTR] = "mount-setattr",
	[CORDON_KERNEL_OPEN_TREE] = "open-tree",
	[CORDON_KERNEL_MEMFD_EXEC] = "memfd-exec",
	[CORDON_KERNEL_SECCOMP_FILTER] = "seccomp-filter",
	[CORDON_KERNEL_SECCOMP_USER_NOTIF] = "seccomp-user-notif",
	[CORDON_KERNEL_SECCOMP_KILL_PROCESS] = "seccomp-kill-process",
	[CORDON_KERNEL_SECCOMP_LOG] = "seccomp-log",
	[CORDON_KERNEL_PTRACE] = "ptrace",
};

/* In the order of cordon_features.namespace_err. */
static const uint32_t namespace_layers[] = {
	CORDON_LAYER_USER_NS, CORDON_LAYER_MOUNT_NS, CORDON_LAYER_PID_NS,    CORDON_LAYER_NET_NS,
	CORDON_LAYER_IPC_NS,  CORDON_LAYER_UTS_NS,   CORDON_LAYER_CGROUP_NS,
};

const char *cordon_kernel_feature_name(uint32_t feature)
{
	return feature < CORDON_KERNEL_COUNT ? feature_names[feature] : NULL;
}

static bool has_capability(uint32_t cap)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 }, { 0 } };

	return sys(__NR_capget, &head, data) == 0 && (data[CAP_TO_INDEX(cap)].effective & CAP_TO_MASK(cap)) != 0;
}

static uint64_t layer_if(bool there, uint32_t layer)
{
	return there ? CORDON_LAYER_BIT(layer) : 0;
}

static bool find_controller(enum cgroup_controller controller, struct cordon_controller *ret)
{
	const char *problem = cgroup_controller_problem(controller);

	cgroup_controller_find(controller, ret);
	if (problem != NULL)
		(void)str_concat(ret->problem, sizeof ret->problem, problem, "", "");
	return ret->usable != 0;
}

/* One line of a user's view for two controllers: v1 has one that counts CPU time and one that distributes it, and v2
 * counts it in each group. Returns whether it is counted. */
static bool find_cpu(struct cordon_controller *ret)
{
	struct cordon_controller quota = { 0 };
	bool counted = find_controller(CGROUP_CPU, ret);

	if (!find_controller(CGROUP_QUOTA, &quota) && counted) {
		ret->usable = 0;
		bytes_copy(ret->problem, quota.problem, sizeof ret->problem);
	}
	return counted;
}

/* LANDLOCK, SUPERVISOR, PATH_POLICY and CGROUP_CPUSET are active only in runs that ask for them. */
static uint64_t layers_of(const struct cordon_features *f, const struct features_tried *tried, bool cpu_counted)
{
	uint64_t layers = CORDON_LAYER_BIT(CORDON_LAYER_NO_NEW_PRIVS) | CORDON_LAYER_BIT(CORDON_LAYER_CAPABILITIES);
	const uint64_t watched = UINT64_C(1) << CORDON_KERNEL_PTRACE | UINT64_C(1) << CORDON_KERNEL_SECCOMP_USER_NOTIF;
	bool together = tried->together_err == 0;
	struct cordon_controller cpuset;

	for (size_t i = 0; i < ARRAY_LEN(namespace_layers); i++)
		layers |= layer_if(together && tried->namespace_err[i] == 0, namespace_layers[i]);
	layers |= layer_if(tried->pivot_root_err == 0, CORDON_LAYER_PIVOT_ROOT);
	layers |= layer_if(f->proc_mountable, CORDON_LAYER_PROC);
	layers |= layer_if(together && (tried->user_max_err == 0 || f->proc_mountable), CORDON_LAYER_USER_BOUNDS);
	layers |= layer_if((f->kernel >> CORDON_KERNEL_SECCOMP_FILTER & 1) != 0, CORDON_LAYER_SECCOMP);
	layers |= layer_if(f->landlock_abi > 0, CORDON_LAYER_LANDLOCK);
	layers |= layer_if((f->kernel & watched) != 0, CORDON_LAYER_SUPERVISOR);
	layers |= layer_if(f->landlock_abi > 0 || together, CORDON_LAYER_PATH_POLICY);
	layers |= layer_if(together && f->root, CORDON_LAYER_OWN_UID);
	layers |= layer_if(f->memory.usable, CORDON_LAYER_CGROUP_MEMORY);
	layers |= layer_if(f->pids.usable, CORDON_LAYER_CGROUP_PIDS);
	layers |= layer_if(cpu_counted, CORDON_LAYER_CGROUP_CPU);
	cgroup_controller_find(CGROUP_CPUSET, &cpuset);
	layers |= layer_if(cpuset.usable != 0, CORDON_LAYER_CGROUP_CPUSET);
	return layers;
}

static int probe(struct cordon_features *ret, struct cordon_error *err)
{
	struct cordon_features f = { 0 };
	struct features_tried tried;
	struct new_utsname name;
	bool privileged = has_capability(CAP_SYS_ADMIN);
	int rc = features_try(privileged, &tried, err);

	if (rc < 0)
		return rc;
	(void)sys(__NR_uname, &name);	/* cannot fail with a good pointer */
	bytes_copy(f.release, name.release, sizeof f.release);
	bytes_copy(f.machine, name.machine, sizeof f.machine);
	features_probe_kernel(&f);
	bytes_copy(f.namespace_err, tried.namespace_err, sizeof f.namespace_err);
	f.root = privileged && tried.id_maps_err == 0;
	f.proc_mountable = tried.proc_err == 0;
	f.kernel |= (uint64_t)(tried.ptrace_err == 0) << CORDON_KERNEL_PTRACE;
	(void)find_controller(CGROUP_MEMORY, &f.memory);
	(void)find_controller(CGROUP_PIDS, &f.pids);
	f.layers = layers_of(&f, &tried, find_cpu(&f.cpu));
	*ret = f;
	return 0;
}

int cordon_features_probe(struct cordon_features *ret, struct cordon_error *err)
{
	int rc;

	use_begin();
	rc = probe(ret, err);
	use_end();
	return rc;
}
