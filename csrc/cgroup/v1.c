#include "cgroup/version.h"

#include <errno.h>
#include <linux/magic.h>
#include "base/base.h"
#include "cgroup/file.h"
#include "cordon/command.h"
#include "error/error.h"

static bool v1_offers(int dirfd, enum cgroup_controller controller)
{
	(void)dirfd;
	(void)controller;	/* a v1 hierarchy is found by its controller's name */
	return true;
}

static int limit_write(int dirfd, const char *file, uint64_t value, struct cordon_error *err)
{
	int rc = cgroup_file_write_u64(dirfd, file, value);

	return rc < 0 ? error_set(err, -rc, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, file) : 0;
}

static int limit_memory(int dirfd, uint64_t bytes, struct cordon_error *err)
{
	int rc = cgroup_file_write_u64(dirfd, "memory.limit_in_bytes", bytes);

	/* Above what the group has for memory and swap together, from an earlier run: that must be raised first. */
	if (rc == -EINVAL && cgroup_file_write_u64(dirfd, "memory.memsw.limit_in_bytes", bytes) == 0)
		rc = cgroup_file_write_u64(dirfd, "memory.limit_in_bytes", bytes);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, "memory.limit_in_bytes");
	/* Memory and swap together, so after the limit on memory, which it must not be below. The kernel may be built or booted
	 * without swap accounting: then the file is not there, and swappiness is all there is. */
	rc = cgroup_file_write_u64(dirfd, "memory.memsw.limit_in_bytes", bytes);
	if (rc < 0 && rc != -ENOENT)
		return error_set(err, -rc, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, "memory.memsw.limit_in_bytes");
	/* Keeps the host's own shortage from swapping the program out. Kernels that refuse it below a hierarchy only lose that. */
	(void)cgroup_file_write_u64(dirfd, "memory.swappiness", 0);
	return 0;
}

static int v1_limit(int dirfd, uint32_t controllers, const struct cgroup_limits *limits, struct cordon_error *err)
{
	int rc = 0;

	if ((controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0 && limits->memory_bytes != CORDON_UNLIMITED)
		rc = limit_memory(dirfd, limits->memory_bytes, err);
	if (rc == 0 && (controllers & CGROUP_BIT(CGROUP_PIDS)) != 0 && limits->processes != CORDON_UNLIMITED)
		rc = limit_write(dirfd, "pids.max", limits->processes, err);
	return rc;
}

static int v1_reset_peak(int dirfd)
{
	return cgroup_file_write_u64(dirfd, "memory.max_usage_in_bytes", 0);
}

static int usage_memory(int dirfd, struct cgroup_usage *usage)
{
	char text[128];
	int rc = cgroup_file_read_u64(dirfd, "memory.max_usage_in_bytes", &usage->memory_peak_bytes);

	if (rc == 0)
		rc = cgroup_file_read_u64(dirfd, "memory.usage_in_bytes", &usage->memory_bytes);
	if (rc == 0)
		rc = cgroup_file_read(dirfd, "memory.oom_control", text, sizeof text);
	if (rc < 0)
		return rc;
	if (!cgroup_text_u64(text, "oom_kill", &usage->oom_kills))
		return -EPROTO;
	usage->has_memory = true;
	return 0;
}

/* cpuacct.usage is exact, the two parts are counted in ticks. Dividing the exact time in the proportion of the ticks is what
 * the kernel itself does for getrusage(2) and v2's cpu.stat (cputime_adjust in kernel/sched/cputime.c). */
static int usage_cpu(int dirfd, struct cgroup_usage *usage)
{
	uint64_t user, system;
	int rc = cgroup_file_read_u64(dirfd, "cpuacct.usage_user", &user);

	if (rc == 0)
		rc = cgroup_file_read_u64(dirfd, "cpuacct.usage_sys", &system);
	if (rc == 0)
		rc = cgroup_file_read_u64(dirfd, "cpuacct.usage", &usage->cpu_ns);
	if (rc < 0)
		return rc;
	usage->user_ns = usage->cpu_ns;
	if (system > 0)
		usage->user_ns = (uint64_t)((double)usage->cpu_ns * ((double)user / ((double)user + (double)system)));
	usage->user_ns = u64_min(usage->user_ns, usage->cpu_ns);
	usage->system_ns = usage->cpu_ns - usage->user_ns;
	usage->has_cpu = true;
	return 0;
}

static int v1_usage(int dirfd, uint32_t controllers, struct cgroup_usage *usage)
{
	int rc = 0;

	if ((controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0)
		rc = usage_memory(dirfd, usage);
	if (rc == 0 && (controllers & CGROUP_BIT(CGROUP_CPU)) != 0)
		rc = usage_cpu(dirfd, usage);
	return rc;
}

const struct cgroup_version_ops cgroup_v1_ops = {
	.version = CORDON_CGROUP_V1,
	.magic = CGROUP_SUPER_MAGIC,
	.cpu_file = "cpuacct.usage",
	/* Not cgroup.procs: a write of "0" here moves the calling thread alone, which is all that the vfork child has. The kernel then
	 * spares the lock against forks of the whole machine, and with it a wait for an RCU grace period of many milliseconds
	 * (cgroup_procs_write_start in kernel/cgroup/cgroup.c). */
	.join_file = "tasks",
	.key_files = {
		[CGROUP_MEMORY] = "memory.limit_in_bytes",
		[CGROUP_PIDS] = "pids.max",
		[CGROUP_CPU] = "cpuacct.usage",
	},
	.offers = v1_offers,
	.limit = v1_limit,
	.reset_peak = v1_reset_peak,
	.usage = v1_usage,
};
