/* command: one program to run: arguments, environment, descriptors, files to bring and fetch, limits. */
#ifndef CORDON_COMMAND_H
#define CORDON_COMMAND_H

#include <stdint.h>
#include "cordon/supervisor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CORDON_UNLIMITED UINT64_MAX

enum cordon_stdio_kind {
	CORDON_STDIO_NULL = 0,		/* /dev/null of the host */
	CORDON_STDIO_FD = 1,		/* fd, given to the program as it is (borrowed) */
	CORDON_STDIO_FILE = 2,		/* path on the host, opened with the caller's rights: read, or created and truncated (mode 0644) */
	CORDON_STDIO_BYTES = 3,		/* stdin only: data */
	CORDON_STDIO_CAPTURE = 4,	/* stdout and stderr only: kept in the result, the first limit_bytes of it */
	CORDON_STDIO_FORWARD = 5,	/* stdout and stderr only: read by Cordon and written to fd (borrowed), so that the output limit holds */
	CORDON_STDIO_STDOUT = 6,	/* stderr only: the same open file as stdout */
};

struct cordon_stdio {
	uint32_t kind;			/* enum cordon_stdio_kind */
	int32_t fd;
	const char *path;
	const void *data;
	uint64_t data_len;
	uint64_t limit_bytes;		/* CAPTURE: what is kept; more is read and dropped, and flagged as truncated */
};

struct cordon_fd {
	int32_t fd;			/* the caller's, borrowed */
	int32_t target;			/* its number in the program, 3 to 1023 */
};

#define CORDON_CPU_WEIGHT 100	/* of every group that has no other */
#define CORDON_CPU_WEIGHT_MAX 10000	/* cgroup-v2.rst, cpu.weight */

/* Every field is a limit or CORDON_UNLIMITED; 0 is refused except where said. What files take together is bounded by the sizes of the
 * sandbox's tmpfs mounts. */
struct cordon_limits {
	uint64_t cpu_time_ns;		/* user + system of the whole process tree */
	uint64_t wall_time_ns;		/* from exec to the end */
	uint64_t idle_time_ns;		/* the tree used less than 1 ms of CPU for this long (found within twice that) */
	uint64_t memory_bytes;		/* cgroup memory without swap; without a controller: the peak resident size decides, behind a
					   wide RLIMIT_DATA */
	uint64_t stack_bytes;		/* RLIMIT_STACK, at most the hard limit that the caller has */
	uint64_t processes;		/* processes and threads at once; without a controller: RLIMIT_NPROC */
	uint64_t output_bytes;		/* each of: stdout, stderr (read by Cordon), and any single file written (RLIMIT_FSIZE) */
	uint64_t open_files;		/* RLIMIT_NOFILE */
	uint64_t core_bytes;		/* RLIMIT_CORE; 0 = none */
	uint64_t output_total_bytes;	/* stdout and stderr together, as read by Cordon */
	uint64_t cpu_rate;		/* how much CPU the tree may use at a time, in thousandths of one CPU, at least 10; needs a cpu
					   controller (cpu.max, cpu.cfs_quota_us), and is refused where there is none */
	uint64_t cpu_weight;		/* how much of a contended CPU the tree gets, against this process's other runs: 1 to 10000, as
					   cpu.weight of control groups v2 has it (cpu.shares of v1: 1024 for 100); one other
					   than CORDON_CPU_WEIGHT, which CORDON_UNLIMITED stands for as well, needs a cpu controller, and
					   is refused where there is none. On v1 a run without a weight or a rate has no group there,
					   and each of its threads counts as 100 */
};

struct cordon_rlimit {
	uint32_t resource;		/* RLIMIT_* of the kernel, setrlimit(2) */
	uint32_t reserved;
	uint64_t soft, hard;
};

struct cordon_copy_in {
	const char *name;		/* relative to the work dir, or absolute inside; parents are made; an existing file is refused */
	const char *path;		/* a regular file on the host, or NULL: data */
	const void *data;
	uint64_t data_len;
	uint32_t mode;			/* permission bits; 0 = the host file's, or 0644 for data */
	uint32_t reserved;
};

enum cordon_copy_flag {
	CORDON_COPY_OPTIONAL = 1 << 0,	/* no error where the file is not there */
};

struct cordon_copy_out {
	const char *name;		/* relative to the work dir, or absolute inside; a regular file, no symbolic link on the way */
	const char *path;		/* host file to create or truncate (mode 0644), or NULL: kept in the result */
	uint64_t limit_bytes;		/* a longer file is an error */
	uint32_t flags;			/* enum cordon_copy_flag */
	uint32_t reserved;
};

struct cordon_command {
	const char *const *argv;	/* NULL-terminated, at least argv[0] */
	const char *const *envp;	/* NULL-terminated, exactly what the program gets; NULL = nothing */
	int32_t exec_fd;		/* >= 0: execute this open file (borrowed) by fexecve(3); else argv[0] is looked up: as a path where it
					   holds a '/', else in the PATH of envp, inside the sandbox */
	uint32_t sync;			/* nonzero: stop between set-up and exec, see cordon_run_release */
	uint32_t terminal;		/* nonzero: stdin is a terminal that becomes the controlling one of the program's session */
	uint32_t reserved;		/* 0 */
	const char *work_dir;		/* absolute inside; NULL = "/" */
	const char *cpuset;		/* the program's CPUs as a list, "0-1,3" (cpuset(7)), each one of the caller's; NULL = all of those. Kept by
					   the cpuset controller (CORDON_LAYER_CGROUP_CPUSET). Where there is none it is where the program
					   starts: one that calls sched_setaffinity(2) leaves it */
	struct cordon_stdio stdio[3];
	const struct cordon_fd *fds;
	uint32_t nfds;
	uint32_t nrlimits;
	const struct cordon_rlimit *rlimits;	/* on top of the limits, applied after them */
	const struct cordon_copy_in *copy_in;
	const struct cordon_copy_out *copy_out;
	uint32_t ncopy_in, ncopy_out;
	struct cordon_limits limits;
	const struct cordon_supervisor *supervisor;	/* NULL = none */
};

/* Fills *command with: no argv, stdio from and to /dev/null, and the default limits
 * (10 s CPU, 30 s wall, no idle limit, 256 MiB memory and stack, 64 processes, 64 MiB output, 256 open files, no core, no total of the
 * output, all CPUs at their full rate). */
void cordon_command_init(struct cordon_command *command);

#ifdef __cplusplus
}
#endif
#endif
