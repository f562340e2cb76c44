/* SPDX-License-Identifier: Apache-2.0 */
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
	CORDON_STDIO_STREAM = 7,	/* a pipe, or with terminal a terminal: the caller has the other end (cordon/stream.h) */
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

#define CORDON_CPU_WEIGHT 100	/* of every group that has no other (cgroup-v2.rst, cpu.weight) */
#define CORDON_CPUS_MAX 8192	/* the most that Linux is configured for */
#define CORDON_LIMIT_MAX INT64_MAX	/* so that two limits can be added, and Java can hold one */

/* Every field is a limit or CORDON_UNLIMITED. limits.def says what each is and what it may be. What files take together
 * is bounded by the sizes of the sandbox's tmpfs mounts. */
struct cordon_limits {
#define CORDON_LIMIT(field, name, kind, usual, least, most, none) uint64_t field;
#include "cordon/limits.def"
};

enum cordon_limit_kind {
	CORDON_LIMIT_TIME = 0,		/* nanoseconds */
	CORDON_LIMIT_BYTES = 1,
	CORDON_LIMIT_COUNT = 2,
	CORDON_LIMIT_RATE = 3,		/* thousandths of one CPU: 1500 = one and a half */
	CORDON_LIMIT_WEIGHT = 4,
	CORDON_LIMIT_KIND_COUNT
};

/* A row of limits.def, which says what each member is. */
struct cordon_limit {
	const char *field, *name;
	uint32_t kind;			/* enum cordon_limit_kind */
	uint32_t reserved;
	uint64_t usual, least, most, none;
};

/* The limit of this number, in the order of struct cordon_limits; NULL where there is none. Static storage. */
const struct cordon_limit *cordon_limit(uint32_t number);

/* Its name, or NULL. */
const char *cordon_limit_name(uint32_t number);

struct cordon_rlimit {
	uint32_t resource;		/* RLIMIT_* of the kernel, setrlimit(2) */
	uint32_t reserved;
	uint64_t soft, hard;
};

struct cordon_copy_in {
	const char *name;		/* relative to the work dir, or absolute inside; parents are made; an existing file is refused
					   without REPLACE */
	const char *path;		/* a regular file on the host, or NULL: data */
	const void *data;
	uint64_t data_len;
	uint32_t mode;			/* permission bits; 0 = the host file's, or 0644 for data */
	uint32_t flags;			/* enum cordon_copy_flag */
};

enum cordon_copy_flag {
	CORDON_COPY_OPTIONAL = 1 << 0,	/* copy_out: no error where the file is not there */
	CORDON_COPY_REPLACE = 1 << 1,	/* copy_in: a file that is there is removed first */
	CORDON_COPY_TRUNCATE = 1 << 2,	/* copy_out: of a longer file the first limit_bytes, and no error */
};

struct cordon_copy_out {
	const char *name;		/* relative to the work dir, or absolute inside; a regular file, no symbolic link on the way */
	const char *path;		/* host file to create or truncate (mode 0644), or NULL: kept in the result */
	uint64_t limit_bytes;		/* a longer file is an error, without TRUNCATE */
	uint32_t flags;			/* enum cordon_copy_flag */
	uint32_t reserved;
};

struct cordon_command {
	const char *const *argv;	/* NULL-terminated, at least argv[0] */
	const char *const *envp;	/* NULL-terminated, exactly what the program gets; NULL = nothing */
	int32_t exec_fd;		/* >= 0: execute this open file (borrowed) by fexecve(3); else argv[0] is looked up: as a path where it
					   holds a '/', else in the PATH of envp, inside the sandbox */
	uint32_t sync;			/* nonzero: stop between set-up and exec, see cordon_run_release */
	uint32_t terminal;		/* nonzero: stdin is a terminal that becomes the controlling one of the program's session; one that is
					   made, where stdin and stdout are STREAM and stderr is STDOUT */
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

/* Fills *command with: no argv, stdio from and to /dev/null, and the default limits (limits.def). */
void cordon_command_init(struct cordon_command *command);

#ifdef __cplusplus
}
#endif
#endif
