/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/v1.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/file.h"
#include "cordon/command.h"
#include "error/error.h"

#define IO_FILE "blkio.throttle.io_service_bytes"

/* A v1 hierarchy exists only with its controller. blkio counts only on disks with a throttle or a scheduler that
 * counts; otherwise even the own group, whose processes have read files, shows only a total. */
static bool v1_offers(int dirfd, enum cgroup_controller controller)
{
	char text[128];

	return controller != CGROUP_IO ||
	       (cgroup_file_read(dirfd, IO_FILE, text, sizeof text) == 0 && strstr(text, " Read ") != NULL);
}

static int limit_failed(int rc, const char *file, struct cordon_error *err)
{
	return rc < 0 ? error_set(err, -rc, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, file) : 0;
}

static int limit_memory(int dirfd, uint64_t bytes, struct cordon_error *err)
{
	int rc = cgroup_file_write_limit(dirfd, "memory.limit_in_bytes", bytes, "-1");

	/* The limit is above the memory+swap limit of an earlier run: raise that first. */
	if (rc == -EINVAL && cgroup_file_write_limit(dirfd, "memory.memsw.limit_in_bytes", bytes, "-1") == 0)
		rc = cgroup_file_write_limit(dirfd, "memory.limit_in_bytes", bytes, "-1");
	if (rc < 0)
		return limit_failed(rc, "memory.limit_in_bytes", err);
	/* Memory and swap together; written after the memory limit, below which it must not be. Without swap accounting
	 * in the kernel the file is missing, and only swappiness is set. */
	rc = cgroup_file_write_limit(dirfd, "memory.memsw.limit_in_bytes", bytes, "-1");
	if (rc < 0 && rc != -ENOENT)
		return limit_failed(rc, "memory.memsw.limit_in_bytes", err);
	/* Keeps the program from being swapped out when the host is short of memory. Best effort: some kernels refuse
	 * it below the root. */
	(void)file_write_at(dirfd, "memory.swappiness", "0");
	return 0;
}

static int spare(int dirfd, uint64_t bytes, struct cordon_error *err)
{
	(void)bytes;
	return limit_failed(file_write_at(dirfd, "memory.oom_control", "1"), "memory.oom_control", err);
}

static int limit_processes(int dirfd, uint64_t processes, struct cordon_error *err)
{
	return limit_failed(cgroup_file_write_limit(dirfd, "pids.max", processes, "max"), "pids.max", err);
}

static int limit_rate(int dirfd, uint64_t rate, struct cordon_error *err)
{
	char period[24], quota[24];
	uint64_t period_us = cgroup_rate_period_us(rate);
	int rc;

	if (rate == CORDON_UNLIMITED)
		return limit_failed(file_write_at(dirfd, "cpu.cfs_quota_us", "-1"), "cpu.cfs_quota_us", err);
	/* The old quota might be refused with the new period. */
	rc = file_write_at(dirfd, "cpu.cfs_quota_us", "-1");
	if (rc == 0)
		rc = file_write_at(dirfd, "cpu.cfs_period_us", u64_text(period, sizeof period, period_us));
	if (rc == 0)
		rc = file_write_at(dirfd, "cpu.cfs_quota_us", u64_text(quota, sizeof quota, rate * period_us / 1000));
	return limit_failed(rc, "cpu.cfs_quota_us", err);
}

/* v2's weights scaled so that v2's default of 100 becomes v1's default of 1024. */
static int limit_weight(int dirfd, uint64_t weight, struct cordon_error *err)
{
	uint64_t shares = weight * 1024 / CORDON_CPU_WEIGHT;
	char text[24];

	return limit_failed(file_write_at(dirfd, "cpu.shares", u64_text(text, sizeof text, shares)), "cpu.shares", err);
}

/* A new group has neither CPUs nor memory nodes, and takes no process without both, so they are always written. A group
 * that is used again gets the same texts, or those that its parent has now. */
static int limit_cpuset(int dirfd, const struct cpus *cpus, const struct cpus *before, struct cordon_error *err)
{
	char text[4096];
	int rc = cgroup_file_read(dirfd, "../cpuset.effective_mems", text, sizeof text);

	(void)before;
	if (rc == 0)
		rc = file_write_at(dirfd, "cpuset.mems", text);
	if (rc < 0)
		return limit_failed(rc, "cpuset.mems", err);
	if (cpus == NULL)
		rc = cgroup_file_read(dirfd, "../cpuset.effective_cpus", text, sizeof text);
	else if (!cpus_list(cpus, text, sizeof text))
		rc = -EINVAL;
	if (rc == 0)
		rc = file_write_at(dirfd, "cpuset.cpus", text);
	return limit_failed(rc, "cpuset.cpus", err);
}

static int v1_open_peak(int dirfd)
{
	(void)dirfd;	/* a write to the file is enough */
	return -1;
}

static int v1_reset_peak(int dirfd, int peak_fd)
{
	(void)peak_fd;
	return file_write_at(dirfd, "memory.max_usage_in_bytes", "0");
}

/* An eventfd that is signaled when the group is out of memory (memory.rst, "OOM Control"). It may outlive the group. */
static int v1_oom_open(int dirfd)
{
	AUTO_CLOSE int control = (int)sys(__NR_openat, dirfd, "memory.oom_control", O_RDONLY | O_CLOEXEC, 0);
	AUTO_CLOSE int event = control < 0 ? control : (int)sys(__NR_eventfd2, 0, O_CLOEXEC | O_NONBLOCK);
	char text[64], first[24], second[24];
	int rc;

	if (event < 0)
		return event;
	(void)str_concat(text, sizeof text, u64_text(first, sizeof first, (uint64_t)event), " ",
			 u64_text(second, sizeof second, (uint64_t)control));
	rc = file_write_at(dirfd, "cgroup.event_control", text);
	return rc < 0 ? rc : fd_take(&event);
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

/* cpuacct.usage is exact; user and system time are counted in ticks. The exact time is divided in proportion to the
 * ticks, as the kernel does for getrusage(2) and v2's cpu.stat (cputime_adjust in kernel/sched/cputime.c). */
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

static void usage_throttled(int dirfd, struct cgroup_usage *usage)
{
	char text[512];

	usage->has_throttled = cgroup_file_read(dirfd, "cpu.stat", text, sizeof text) == 0 &&
			       cgroup_text_u64(text, "throttled_time", &usage->throttled_ns);
}

/* Lines like "8:0 Read 4096", followed by the totals of all disks. */
static void usage_io(int dirfd, struct cgroup_usage *usage)
{
	char *text = cgroup_file_slurp(dirfd, IO_FILE);

	usage->has_io = text != NULL;
	usage->io_read_bytes = text != NULL ? cgroup_text_sum(text, " Read ") : 0;
	usage->io_written_bytes = text != NULL ? cgroup_text_sum(text, " Write ") : 0;
	free(text);
}

static int v1_usage(int dirfd, int peak_fd, uint32_t controllers, struct cgroup_usage *usage)
{
	int rc = 0;

	(void)peak_fd;
	if ((controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0)
		rc = usage_memory(dirfd, usage);
	if (rc == 0 && (controllers & CGROUP_BIT(CGROUP_CPU)) != 0)
		rc = usage_cpu(dirfd, usage);
	if ((controllers & CGROUP_BIT(CGROUP_QUOTA)) != 0)
		usage_throttled(dirfd, usage);
	if ((controllers & CGROUP_BIT(CGROUP_PIDS)) != 0) {
		usage->has_pids_peak = cgroup_file_read_u64(dirfd, "pids.peak", &usage->pids_peak) == 0;
		usage->has_pids_refused = cgroup_file_read_key(dirfd, "pids.events", "max", &usage->pids_refused) == 0;
	}
	if ((controllers & CGROUP_BIT(CGROUP_IO)) != 0)
		usage_io(dirfd, usage);
	return rc;
}

const struct cgroup_version_ops cgroup_v1_ops = {
	.version = CORDON_CGROUP_V1,
	.magic = CGROUP_SUPER_MAGIC,
	.cpu_file = "cpuacct.usage",
	/* Not cgroup.procs: a write of "0" to tasks moves only the calling thread, and the vfork child has no other.
	 * The kernel then does not take cgroup_threadgroup_rwsem, which costs an RCU grace period of many milliseconds
	 * (cgroup_procs_write_start in kernel/cgroup/cgroup.c). */
	.join_file = "tasks",
	.key_files = {
		[CGROUP_MEMORY] = "memory.limit_in_bytes",
		[CGROUP_PIDS] = "pids.max",
		[CGROUP_CPU] = "cpuacct.usage",
		[CGROUP_QUOTA] = "cpu.cfs_quota_us",
		[CGROUP_CPUSET] = "cpuset.cpus",
		[CGROUP_IO] = IO_FILE,
		[CGROUP_FREEZER] = "freezer.state",
	},
	.offers = v1_offers,
	.limit = {
		[CGROUP_LIMIT_memory_bytes] = limit_memory,
		[CGROUP_LIMIT_processes] = limit_processes,
		[CGROUP_LIMIT_cpu_rate] = limit_rate,
		[CGROUP_LIMIT_cpu_weight] = limit_weight,
	},
	.spare = spare,
	.limit_cpuset = limit_cpuset,
	.open_peak = v1_open_peak,
	.reset_peak = v1_reset_peak,
	.usage = v1_usage,
	.oom_open = v1_oom_open,
	.oom_events = POLLIN,
	.freeze_file = "freezer.state",
	.freeze = "FROZEN",
	.thaw = "THAWED",
};
