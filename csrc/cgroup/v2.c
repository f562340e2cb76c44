#include "cgroup/version.h"

#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/file.h"
#include "cordon/command.h"
#include "error/error.h"

#define NSEC_PER_USEC UINT64_C(1000)

static bool words_have(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(text, word); p != NULL; p = strstr(p + 1, word))
		if ((p == text || p[-1] == ' ') && (p[len] == ' ' || p[len] == '\n' || p[len] == '\0'))
			return true;
	return false;
}

static bool v2_offers(int dirfd, enum cgroup_controller controller)
{
	static const char *const names[CGROUP_CONTROLLERS] = { [CGROUP_MEMORY] = "memory", [CGROUP_PIDS] = "pids" };
	char text[512];

	if (names[controller] == NULL)
		return true;	/* cpu.stat counts in every group, with and without the cpu controller */
	return cgroup_file_read(dirfd, "cgroup.controllers", text, sizeof text) == 0 && words_have(text, names[controller]);
}

static int limit_write(int dirfd, const char *file, uint64_t value, bool optional, struct cordon_error *err)
{
	int rc = cgroup_file_write_u64(dirfd, file, value);

	if (rc == 0 || (rc == -ENOENT && optional))
		return 0;
	return error_set(err, -rc, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, file);
}

static int limit_memory(int dirfd, uint64_t bytes, struct cordon_error *err)
{
	int rc = limit_write(dirfd, "memory.max", bytes, false, err);

	/* Not there on a kernel without swap. */
	if (rc == 0)
		rc = limit_write(dirfd, "memory.swap.max", 0, true, err);
	/* The whole group goes at once, so that no half of a process tree lives on. */
	if (rc == 0)
		rc = limit_write(dirfd, "memory.oom.group", 1, true, err);
	return rc;
}

static int v2_limit(int dirfd, uint32_t controllers, const struct cgroup_limits *limits, struct cordon_error *err)
{
	int rc = 0;

	if ((controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0 && limits->memory_bytes != CORDON_UNLIMITED)
		rc = limit_memory(dirfd, limits->memory_bytes, err);
	if (rc == 0 && (controllers & CGROUP_BIT(CGROUP_PIDS)) != 0 && limits->processes != CORDON_UNLIMITED)
		rc = limit_write(dirfd, "pids.max", limits->processes, false, err);
	return rc;
}

/* memory.peak can be started anew only through a descriptor that is kept, since Linux 6.12: each run gets a group of its own. */
static int v2_reset_peak(int dirfd)
{
	(void)dirfd;
	return -ENOTSUP;
}

static int usage_memory(int dirfd, struct cgroup_usage *usage)
{
	char text[256];
	int rc = cgroup_file_read(dirfd, "memory.events", text, sizeof text);

	if (rc == 0)
		rc = cgroup_file_read_u64(dirfd, "memory.current", &usage->memory_bytes);
	if (rc < 0)
		return rc;
	if (!cgroup_text_u64(text, "oom_kill", &usage->oom_kills))
		return -EPROTO;
	/* memory.peak came with Linux 5.19; a current usage after the program's end would be no peak, so then there is none. */
	rc = cgroup_file_read_u64(dirfd, "memory.peak", &usage->memory_peak_bytes);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	usage->has_memory = rc == 0;
	return 0;
}

static int usage_cpu(int dirfd, struct cgroup_usage *usage)
{
	char text[512];
	uint64_t cpu, user, system;
	int rc = cgroup_file_read(dirfd, "cpu.stat", text, sizeof text);

	if (rc < 0)
		return rc;
	if (!cgroup_text_u64(text, "usage_usec", &cpu) || !cgroup_text_u64(text, "user_usec", &user) ||
	    !cgroup_text_u64(text, "system_usec", &system))
		return -EPROTO;
	usage->cpu_ns = cpu * NSEC_PER_USEC;
	usage->user_ns = user * NSEC_PER_USEC;
	usage->system_ns = system * NSEC_PER_USEC;
	usage->has_cpu = true;
	return 0;
}

static int v2_usage(int dirfd, uint32_t controllers, struct cgroup_usage *usage)
{
	int rc = 0;

	if ((controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0)
		rc = usage_memory(dirfd, usage);
	if (rc == 0 && (controllers & CGROUP_BIT(CGROUP_CPU)) != 0)
		rc = usage_cpu(dirfd, usage);
	return rc;
}

const struct cgroup_version_ops cgroup_v2_ops = {
	.version = CORDON_CGROUP_V2,
	.magic = CGROUP2_SUPER_MAGIC,
	.cpu_file = "cpu.stat",
	.join_file = "cgroup.procs",
	.key_files = {
		[CGROUP_MEMORY] = "memory.max",
		[CGROUP_PIDS] = "pids.max",
		[CGROUP_CPU] = "cpu.stat",
	},
	.offers = v2_offers,
	.limit = v2_limit,
	.reset_peak = v2_reset_peak,
	.usage = v2_usage,
};
