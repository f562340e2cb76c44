/* SPDX-License-Identifier: Apache-2.0 */
#include "host/run_group.h"

#include <errno.h>
#include "base/base.h"
#include "error/error.h"
#include "trace/trace.h"

/* What the supervisor itself needs of the kernel, with room. */
#define SUPERVISOR_BYTES_MIN (UINT64_C(4) << 20)

void run_group_limits(const struct cordon_limits *limits, const struct cpus *cpus, bool kept, struct cgroup_limits *ret)
{
	struct cordon_controller controller = { 0 };

	if (cpus != NULL && cpus->words > 0)
		cgroup_controller_find(CGROUP_CPUSET, &controller);
	*ret = (struct cgroup_limits){
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, ...) .field = limits->field,
#include "cordon/limits.def"
		.cpuset = controller.usable != 0 ? cpus : NULL,
		.want = CGROUP_BIT(CGROUP_IO) | (kept ? CGROUP_BIT(CGROUP_FREEZER) : 0),
	};
}

int run_group_open(const struct cgroup_limits *limits, uint64_t require, struct cgroup **ret_group,
		   uint64_t *ret_layers, struct cordon_error *err)
{
	static const enum cordon_layer layers[] = {	/* layers of every run of a container */
		[CGROUP_MEMORY] = CORDON_LAYER_CGROUP_MEMORY,
		[CGROUP_PIDS] = CORDON_LAYER_CGROUP_PIDS,
		[CGROUP_CPU] = CORDON_LAYER_CGROUP_CPU,
	};
	struct cgroup *group = NULL;
	int rc = cgroup_open(limits, &group, err);
	uint32_t controllers;

	if (rc < 0)
		return rc;
	controllers = cgroup_controllers(group);
	for (uint32_t i = 0; i < ARRAY_LEN(layers); i++) {
		if ((controllers & 1u << i) != 0) {
			*ret_layers |= CORDON_LAYER_BIT(layers[i]);
		} else if ((require & CORDON_LAYER_BIT(layers[i])) != 0) {
			cgroup_free(group);
			return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX,
					 cordon_layer_name(layers[i]));
		}
	}
	TRACE(0, "step", TRACE_WORD("group"), TRACE_INT("rc", rc), TRACE_INT("controllers", controllers));
	*ret_group = group;
	return 0;
}

int run_group_supervisor(const struct cordon_limits *limits, struct cgroup **ret_group, struct cgroup_usage *ret_before,
			 struct cordon_error *err)
{
	struct cgroup_limits own = cgroup_no_limits;
	struct cordon_controller memory;

	*ret_before = (struct cgroup_usage){ .has_memory = false };
	cgroup_controller_find(CGROUP_MEMORY, &memory);
	if (memory.usable == 0)
		return 0;
	own.spared = true;
	own.memory_bytes = limits->memory_bytes == CORDON_UNLIMITED
				   ? CORDON_UNLIMITED
				   : u64_max(limits->memory_bytes, SUPERVISOR_BYTES_MIN);
	own.cpu_rate = limits->cpu_rate;
	if (*ret_group != NULL && cgroup_begin(*ret_group, &own, ret_before) == 0)
		return 0;
	cgroup_free(*ret_group);
	*ret_group = NULL;
	return cgroup_open(&own, ret_group, err);
}

int run_group_check(const struct cgroup *group, const struct cgroup_limits *limits, uint64_t require, uint64_t *layers,
		    struct cordon_error *err)
{
	int rc = cgroup_check(group, limits, err);

	if (rc < 0)
		return rc;
	if (limits->cpuset != NULL && (cgroup_controllers(group) & CGROUP_BIT(CGROUP_CPUSET)) != 0)
		*layers |= CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET);
	else if ((require & CORDON_LAYER_BIT(CORDON_LAYER_CGROUP_CPUSET)) != 0)
		return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX,
				 cordon_layer_name(CORDON_LAYER_CGROUP_CPUSET));
	return 0;
}
