/* SPDX-License-Identifier: Apache-2.0 */
/* command: one program to run: arguments, environment, descriptors, files to copy in and out, limits. */
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
	CORDON_STDIO_FD = 1,		/* what fd (borrowed) leads to, see below */
	CORDON_STDIO_FILE = 2,		/* path on the host, opened with the caller's rights: stdin reads it; stdout and
					   stderr create and truncate it (mode 0644); see below */
	CORDON_STDIO_BYTES = 3,		/* stdin only: reads data */
	CORDON_STDIO_CAPTURE = 4,	/* stdout and stderr only: the result keeps the first limit_bytes */
	CORDON_STDIO_FORWARD = 5,	/* stdout and stderr only: Cordon reads it and writes it to fd (borrowed), so
					   that the output limit is enforced */
	CORDON_STDIO_STDOUT = 6,	/* stderr only: the same open file description as stdout */
	CORDON_STDIO_STREAM = 7,	/* a pipe, or with terminal set a terminal, whose other end the caller reads or
					   writes (cordon/stream.h) */
};

/* A program never gets an open file of the caller's. It reads a regular file from a copy or through an open file of its
 * own, from the caller's position on, which moves at the end of the run. What it writes goes through a pipe, which the
 * run empties into the file while it is served; a failing write is an error of the run (OPEN_FILE). Pipes and terminals
 * are opened anew; bytes from and to sockets and other devices pass through the run. Directories and descriptors
 * without bytes are refused. docs/security-model.md has the whole list. */
struct cordon_stdio {
	uint32_t kind;			/* enum cordon_stdio_kind */
	int32_t fd;
	const char *path;
	const void *data;
	uint64_t data_len;
	uint64_t limit_bytes;		/* CAPTURE: bytes to keep; the rest is read and discarded, and truncated is
					   set */
};

struct cordon_fd {
	int32_t fd;			/* the caller's descriptor, borrowed: what it leads to, as for CORDON_STDIO_FD;
					   of a regular file one that is open for reading or for writing, not both */
	int32_t target;			/* its number in the program, 3 to 1023 */
};

#define CORDON_CPU_WEIGHT 100	/* default weight of a group (cgroup-v2.rst, cpu.weight) */
#define CORDON_CPUS_MAX 8192	/* the largest CONFIG_NR_CPUS of Linux */
#define CORDON_LIMIT_MAX INT64_MAX	/* the sum of two limits does not overflow, and one fits into a Java long */

/* Each field is a limit or CORDON_UNLIMITED; limits.def describes them. The total size of files is limited by the sizes
 * of the sandbox's tmpfs mounts. */
struct cordon_limits {
#define CORDON_LIMIT(field, name, kind, usual, least, most, none) uint64_t field;
#include "cordon/limits.def"
};

enum cordon_limit_kind {
	CORDON_LIMIT_TIME = 0,		/* nanoseconds */
	CORDON_LIMIT_BYTES = 1,
	CORDON_LIMIT_COUNT = 2,
	CORDON_LIMIT_RATE = 3,		/* thousandths of a CPU: 1500 = one and a half */
	CORDON_LIMIT_WEIGHT = 4,
	CORDON_LIMIT_KIND_COUNT
};

/* A row of limits.def, where the members are explained. */
struct cordon_limit {
	const char *field, *name;
	uint32_t kind;			/* enum cordon_limit_kind */
	uint32_t reserved;
	uint64_t usual, least, most, none;
};

/* The limit with this number, counted in the order of struct cordon_limits; NULL if there is none. Static storage. */
const struct cordon_limit *cordon_limit(uint32_t number);

/* Its name; NULL if there is no such limit. Static storage. */
const char *cordon_limit_name(uint32_t number);

struct cordon_rlimit {
	uint32_t resource;		/* RLIMIT_* of the kernel, setrlimit(2) */
	uint32_t reserved;
	uint64_t soft, hard;
};

struct cordon_copy_in {
	const char *name;		/* relative to work_dir, or absolute inside the sandbox; missing parents are
					   created, an existing file is an error without REPLACE */
	const char *path;		/* a regular file on the host; NULL = data is the content */
	const void *data;
	uint64_t data_len;
	uint32_t mode;			/* permission bits; 0 = those of the host file, or 0644 for data */
	uint32_t flags;			/* enum cordon_copy_flag */
};

enum cordon_copy_flag {
	CORDON_COPY_OPTIONAL = 1 << 0,	/* copy_out: a missing file is not an error */
	CORDON_COPY_REPLACE = 1 << 1,	/* copy_in: an existing file is removed first. copy_out with PATTERN and path:
					   the same on the host; without it such a file is an error (EEXIST) */
	CORDON_COPY_TRUNCATE = 1 << 2,	/* copy_out: of a longer file, take the first limit_bytes; of more than most
					   files, take the first that were found */
	CORDON_COPY_PATTERN = 1 << 3,	/* copy_out: name is a pattern, and any number of files are taken */
};

#define CORDON_COPY_FILES_MAX 10000

/* With PATTERN all regular files are taken whose names match: as by glob(7), and a part "**" is any number of
 * directories. '*', '?' and sets match no period at the start of a name. No symbolic link is followed or taken, and
 * what the program has closed to others holds nothing. None is an error (ENODATA), more than most, or more entries than
 * are looked at (32768), another one (E2BIG). */

struct cordon_copy_out {
	const char *name;		/* relative to work_dir, or absolute inside the sandbox; a regular file, with no
					   symbolic link in the path; or a pattern */
	const char *path;		/* host file to create or truncate (mode 0644); NULL = the result keeps the
					   content. PATTERN: a directory, made if it is missing, below which the files
					   have their names from the first wildcard on */
	uint64_t limit_bytes;		/* a longer file is an error without TRUNCATE. PATTERN: of all files together */
	uint32_t flags;			/* enum cordon_copy_flag */
	uint32_t most;			/* PATTERN: the most files, 1 to CORDON_COPY_FILES_MAX; else 0 */
};

struct cordon_command {
	const char *const *argv;	/* NULL-terminated, at least argv[0] */
	const char *const *envp;	/* NULL-terminated; the program's whole environment; NULL = empty */
	int32_t exec_fd;		/* >= 0: this open file (borrowed) is executed, as by fexecve(3); else argv[0]
					   is looked up inside the sandbox: as a path if it contains '/', else in the
					   PATH of envp */
	uint32_t sync;			/* nonzero: stop between set-up and exec until cordon_run_release */
	uint32_t terminal;		/* nonzero: stdin becomes the controlling terminal of the program's session. It
					   is a terminal of the caller's, or a new one if stdin and stdout are STREAM
					   and stderr is STDOUT */
	uint32_t reserved;		/* 0 */
	const char *work_dir;		/* absolute, inside the sandbox; NULL = "/" */
	const char *cpuset;		/* the program's CPUs as a list, "0-1,3" (cpuset(7)), all of them among the
					   caller's; NULL = all of the caller's. Enforced by the cpuset controller
					   (CORDON_LAYER_CGROUP_CPUSET). Without it, the list only sets where the
					   program starts: it can leave it by sched_setaffinity(2) */
	struct cordon_stdio stdio[3];
	const struct cordon_fd *fds;
	uint32_t nfds;
	uint32_t nrlimits;
	const struct cordon_rlimit *rlimits;	/* in addition to the limits, set after them */
	const struct cordon_copy_in *copy_in;
	const struct cordon_copy_out *copy_out;
	uint32_t ncopy_in, ncopy_out;
	struct cordon_limits limits;
	const struct cordon_supervisor *supervisor;	/* NULL = none */
};

/* Fills *command with the defaults: no argv, /dev/null for stdio, and the default limits (limits.def). */
void cordon_command_init(struct cordon_command *command);

#ifdef __cplusplus
}
#endif
#endif
