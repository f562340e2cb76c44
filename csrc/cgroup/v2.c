/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/v2.h"

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

#define NSEC_PER_USEC UINT64_C(1000)

const char *const cgroup_v2_names[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = "memory",
	[CGROUP_PIDS] = "pids",
	[CGROUP_QUOTA] = "cpu",
	[CGROUP_CPUSET] = "cpuset",
	[CGROUP_IO] = "io",
};

static bool v2_offers(int dirfd, enum cgroup_controller controller)
{
	char text[512];

	if (cgroup_v2_names[controller] == NULL)
		return true;	/* cpu.stat and the freezer are in every group */
	return cgroup_file_read(dirfd, "cgroup.controllers", text, sizeof text) == 0 &&
	       cgroup_text_has_word(text, cgroup_v2_names[controller]);
}

static int limit_failed(int rc, bool optional, const char *file, struct cordon_error *err)
{
	if (rc == 0 || (rc == -ENOENT && optional))
		return 0;
	return error_set(err, -rc, CORDON_STEP_CGROUP_LIMIT, CORDON_NO_INDEX, file);
}

static int limit_memory(int dirfd, uint64_t bytes, struct cordon_error *err)
{
	int rc = limit_failed(cgroup_file_write_limit(dirfd, "memory.max", bytes, "max"), false, "memory.max", err);

	/* Missing on a kernel without swap. */
	if (rc == 0)
		rc = limit_failed(file_write_at(dirfd, "memory.swap.max", bytes == CORDON_UNLIMITED ? "max" : "0"),
				  true, "memory.swap.max", err);
	/* An OOM kill ends the whole group, not a part of its processes. */
	if (rc == 0)
		rc = limit_failed(file_write_at(dirfd, "memory.oom.group", "1"), true, "memory.oom.group", err);
	return rc;
}

/* Above memory.high a process is slowed down more and more, and never killed. */
static int spare(int dirfd, uint64_t bytes, struct cordon_error *err)
{
	int rc = limit_failed(file_write_at(dirfd, "memory.max", "max"), false, "memory.max", err);

	return rc < 0 ? rc
		      : limit_failed(cgroup_file_write_limit(dirfd, "memory.high", bytes, "max"), false, "memory.high",
				     err);
}

static int limit_processes(int dirfd, uint64_t processes, struct cordon_error *err)
{
	return limit_failed(cgroup_file_write_limit(dirfd, "pids.max", processes, "max"), false, "pids.max", err);
}

static int limit_rate(int dirfd, uint64_t rate, struct cordon_error *err)
{
	uint64_t period_us = cgroup_rate_period_us(rate);
	char period[24], quota[24], text[64];
	bool unlimited = rate == CORDON_UNLIMITED;

	(void)str_concat(text, sizeof text, unlimited ? "max" : u64_text(quota, sizeof quota, rate * period_us / 1000),
			 " ", u64_text(period, sizeof period, period_us));
	return limit_failed(file_write_at(dirfd, "cpu.max", text), false, "cpu.max", err);
}

static int limit_weight(int dirfd, uint64_t weight, struct cordon_error *err)
{
	char text[24];
	int rc = file_write_at(dirfd, "cpu.weight", u64_text(text, sizeof text, weight));

	return limit_failed(rc, false, "cpu.weight", err);
}

/* v2 accepts CPUs that the parent does not have, and ignores them, or gives all if none is left. That is refused here,
 * as v1 refuses it. */
static int set_cpus(int dirfd, const struct cpus *cpus)
{
	struct cpus effective;
	char text[4096];
	int rc;

	if (!cpus_list(cpus, text, sizeof text))
		return -EINVAL;
	rc = file_write_at(dirfd, "cpuset.cpus", text);
	if (rc == 0)
		rc = cgroup_file_read(dirfd, "cpuset.cpus.effective", text, sizeof text);
	if (rc < 0)
		return rc;
	text[strcspn(text, "\n")] = '\0';
	return cpus_parse(text, &effective) && cpus_same(cpus, &effective) ? 0 : -EINVAL;
}

static int limit_cpuset(int dirfd, const struct cpus *cpus, const struct cpus *before, struct cordon_error *err)
{
	int rc = 0;

	if (!cgroup_cpuset_same(cpus, before))
		rc = cpus != NULL ? set_cpus(dirfd, cpus) : file_write_at(dirfd, "cpuset.cpus", "\n");
	return limit_failed(rc, false, "cpuset.cpus", err);
}

static int v2_reset_peak(int dirfd, int peak_fd)
{
	long rc = peak_fd < 0 ? -ENOTSUP : sys(__NR_pwrite64, peak_fd, "0", 1, 0);

	(void)dirfd;
	return rc < 0 ? (int)rc : 0;
}

/* Since Linux 6.12 a write resets the peak for readers of the same open file. Before, the file cannot be written, so
 * each run gets a new group. */
static int v2_open_peak(int dirfd)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, dirfd, "memory.peak", O_RDWR | O_CLOEXEC, 0);

	return fd >= 0 && v2_reset_peak(dirfd, fd) == 0 ? fd_take(&fd) : -1;
}

static int v2_oom_open(int dirfd)
{
	return (int)sys(__NR_openat, dirfd, "memory.events", O_RDONLY | O_CLOEXEC, 0);
}

/* memory.peak exists since Linux 5.19. Without it there is no peak: the usage after the program's end is none. */
static int read_peak(int dirfd, int peak_fd, uint64_t *ret)
{
	char text[32];
	long n;

	if (peak_fd < 0)
		return cgroup_file_read_u64(dirfd, "memory.peak", ret);
	n = sys(__NR_pread64, peak_fd, text, sizeof text - 1, 0);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	return cgroup_text_u64(text, "", ret) ? 0 : -EPROTO;
}

static int usage_memory(int dirfd, int peak_fd, struct cgroup_usage *usage)
{
	char text[256];
	int rc = cgroup_file_read(dirfd, "memory.events", text, sizeof text);

	if (rc == 0)
		rc = cgroup_file_read_u64(dirfd, "memory.current", &usage->memory_bytes);
	if (rc < 0)
		return rc;
	if (!cgroup_text_u64(text, "oom_kill", &usage->oom_kills))
		return -EPROTO;
	rc = read_peak(dirfd, peak_fd, &usage->memory_peak_bytes);
	if (rc < 0 && rc != -ENOENT)
		return rc;
	usage->has_memory = rc == 0;
	return 0;
}

static int usage_cpu(int dirfd, uint32_t controllers, struct cgroup_usage *usage)
{
	char text[1024];
	uint64_t cpu, user, system, throttled;
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
	usage->has_throttled =
		(controllers & CGROUP_BIT(CGROUP_QUOTA)) != 0 && cgroup_text_u64(text, "throttled_usec", &throttled);
	if (usage->has_throttled)
		usage->throttled_ns = throttled * NSEC_PER_USEC;
	return 0;
}

/* One line per disk: "8:0 rbytes=4096 wbytes=0 rios=1 ...". */
static void usage_io(int dirfd, struct cgroup_usage *usage)
{
	char *text = cgroup_file_slurp(dirfd, "io.stat");

	usage->has_io = text != NULL;
	usage->io_read_bytes = text != NULL ? cgroup_text_sum(text, " rbytes=") : 0;
	usage->io_written_bytes = text != NULL ? cgroup_text_sum(text, " wbytes=") : 0;
	free(text);
}

static int v2_usage(int dirfd, int peak_fd, uint32_t controllers, struct cgroup_usage *usage)
{
	int rc = 0;

	if ((controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0)
		rc = usage_memory(dirfd, peak_fd, usage);
	if (rc == 0 && (controllers & CGROUP_BIT(CGROUP_CPU)) != 0)
		rc = usage_cpu(dirfd, controllers, usage);
	if ((controllers & CGROUP_BIT(CGROUP_PIDS)) != 0) {
		usage->has_pids_peak = cgroup_file_read_u64(dirfd, "pids.peak", &usage->pids_peak) == 0;
		usage->has_pids_refused = cgroup_file_read_key(dirfd, "pids.events", "max", &usage->pids_refused) == 0;
	}
	if ((controllers & CGROUP_BIT(CGROUP_IO)) != 0)
		usage_io(dirfd, usage);
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
		[CGROUP_QUOTA] = "cpu.max",
		[CGROUP_CPUSET] = "cpuset.cpus",
		[CGROUP_IO] = "io.stat",
		[CGROUP_FREEZER] = "cgroup.freeze",
	},
	.offers = v2_offers,
	.limit = {
		[CGROUP_LIMIT_memory_bytes] = limit_memory,
		[CGROUP_LIMIT_processes] = limit_processes,
		[CGROUP_LIMIT_cpu_rate] = limit_rate,
		[CGROUP_LIMIT_cpu_weight] = limit_weight,
	},
	.spare = spare,
	.limit_cpuset = limit_cpuset,
	.open_peak = v2_open_peak,
	.reset_peak = v2_reset_peak,
	.usage = v2_usage,
	.oom_open = v2_oom_open,
	.oom_events = POLLPRI,
	.freeze_file = "cgroup.freeze",
	.freeze = "1",
	.thaw = "0",
};
