/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/name.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include "base/base.h"

#define HOST_SUFFIX ".host"

void cgroup_name_prefix(char name[CGROUP_NAME_MAX])
{
	char pid[24];

	(void)str_concat(name, CGROUP_NAME_MAX, CGROUP_PREFIX, u64_text(pid, sizeof pid, (uint64_t)sys(__NR_getpid)),
			 ".");
}

void cgroup_name_next(char name[CGROUP_NAME_MAX])
{
	static _Atomic uint64_t used;
	char prefix[CGROUP_NAME_MAX], number[24];

	cgroup_name_prefix(prefix);
	(void)str_concat(name, CGROUP_NAME_MAX, prefix, u64_text(number, sizeof number, atomic_fetch_add(&used, 1)),
			 "");
}

void cgroup_name_host(char name[CGROUP_NAME_MAX])
{
	char prefix[CGROUP_NAME_MAX];

	cgroup_name_prefix(prefix);
	(void)str_concat(name, CGROUP_NAME_MAX, prefix, HOST_SUFFIX + 1, "");	/* the prefix ends in the dot */
}

bool cgroup_name_is_host(const char *name)
{
	size_t len = strlen(name), suffix = strlen(HOST_SUFFIX);

	return str_starts(name, CGROUP_PREFIX) && len > suffix && strcmp(name + len - suffix, HOST_SUFFIX) == 0;
}
