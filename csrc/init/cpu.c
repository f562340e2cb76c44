/* SPDX-License-Identifier: Apache-2.0 */
/* cpu: the CPU time of a run that is going on: from its group's counter, or from the living processes and those that
 * init has reaped.
 *
 * Without a group, the time of a process that has ended is in its parent's time for children once the parent has waited
 * for it. Only a procfs shows that, in ticks of 10 ms that are rounded down: the sum is up to 20 ms too small for each
 * parent, and never too large. The numbers of the result come from elsewhere. Children of a process that ignores
 * SIGCHLD are missing after their end. */
#include "init/init.h"

#include <linux/fcntl.h>
#include <linux/time.h>
#include "base/base.h"
#include "error/error.h"
#include "mount/drop.h"
#include "supervisor/target.h"

#define PIDS_LOOKED_AT 1024	/* without a procfs; takes about 0.1 ms */
#define NSEC_PER_TICK (NSEC_PER_SEC / 100)	/* USER_HZ */
#define FIELD_CUTIME 16		/* proc_pid_stat(5) */
#define FIELD_CSTIME 17

static uint64_t number_at(const char *p)
{
	uint64_t value = 0;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	return value;
}

static uint64_t group_ns(const struct init_run *run)
{
	char text[64];
	long n = sys(__NR_pread64, run->cpu_fd, text, sizeof text - 1, 0);
	const char *p = text;
	uint64_t value;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	while (*p != '\0' && (*p < '0' || *p > '9'))
		p++;
	value = number_at(p);
	return run->cpu_usec ? value * 1000 : value;
}

/* The CPU time of a process's children that it has waited for, in whole ticks of user and system time. */
static uint64_t children_ns(int proc_fd, int32_t pid)
{
	char buf[STAT_SIZE];
	const char *stat = target_stat(proc_fd, pid, buf);

	if (stat == NULL)
		return 0;
	return (target_stat_field(stat, FIELD_CUTIME) + target_stat_field(stat, FIELD_CSTIME)) * NSEC_PER_TICK;
}

static uint64_t process_ns(const struct init *init, int32_t pid)
{
	return children_ns(init->proc_fd, pid) + init_process_cpu_ns(pid);
}

static bool is_of_run(const struct init *init, int32_t pid)
{
	return pid > 1 && (init->run.supervisor == NULL || pid != init->run.supervisor->pid) && !drop_has(pid);
}

/* Sums the pid namespace in ascending order: parents come before their children, so a process that ends meanwhile is
 * missed rather than counted twice. */
static uint64_t namespace_ns(const struct init *init)
{
	_Alignas(8) char buf[2048];
	AUTO_CLOSE int fd = (int)sys(__NR_openat, init->proc_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	uint64_t sum = 0;
	long len;

	while (fd >= 0 && (len = sys(__NR_getdents64, fd, buf, sizeof buf)) > 0) {
		for (long at = 0; at < len;) {
			const struct linux_dirent64 *entry = (const void *)(buf + at);
			int32_t pid = (int32_t)number_at(entry->d_name);

			if (is_of_run(init, pid))
				sum += process_ns(init, pid);
			at += entry->d_reclen;
		}
	}
	return sum;
}

/* Without a procfs: tries pids, which a namespace assigns in ascending order. */
static uint64_t clocks_ns(const struct init *init)
{
	uint64_t sum = 0;

	for (int32_t pid = init->run.pid; pid < init->run.pid + PIDS_LOOKED_AT; pid++)
		if (is_of_run(init, pid))
			sum += init_process_cpu_ns(pid);
	return sum;
}

/* Mounts the procfs at the first check, so only long runs pay for it. If the kernel refuses, it is not asked again. */
static bool has_proc(struct init *init)
{
	struct cordon_error unused;

	if (init->proc_fd < 0 && !init->proc_refused)
		init->proc_refused = init_proc_fd(init, &unused) < 0;
	return init->proc_fd >= 0;
}

static uint64_t program_ns(struct init *init)
{
	const struct init_run *run = &init->run;
	uint64_t sum = run->usage.user_ns + run->usage.system_ns;

	if (run->cpu_fd >= 0) {
		uint64_t now = group_ns(run);

		return now > run->cpu_base_ns ? now - run->cpu_base_ns : 0;	/* if the counter cannot be read, the
										   wall-clock limit remains */
	}
	if (!has_proc(init))
		return sum + (init->no_namespaces ? 0 : clocks_ns(init));
	return sum + (init->no_namespaces ? init_descendants_cpu_ns(init, process_ns) : namespace_ns(init));
}

uint64_t init_run_cpu_ns(struct init *init)
{
	return program_ns(init) + init_supervisor_cpu_ns(init);
}

uint64_t init_group_cpu_ns(const struct init_run *run)
{
	return run->cpu_fd >= 0 ? group_ns(run) : 0;
}
