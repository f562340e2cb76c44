/* SPDX-License-Identifier: Apache-2.0 */
/* result: what a program did, and where each number came from. A result exists only if the program ran. */
#ifndef CORDON_RESULT_H
#define CORDON_RESULT_H

#include <stdint.h>
#include "cordon/error.h"
#include "cordon/layer.h"
#include "cordon/supervisor.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_status {
	CORDON_STATUS_NONE = 0,
	CORDON_STATUS_OK = 1,
	CORDON_STATUS_NONZERO_EXIT = 2,
	CORDON_STATUS_SIGNALED = 3,
	CORDON_STATUS_TIME_LIMIT_EXCEEDED = 4,		/* cause CPU, WALL or IDLE */
	CORDON_STATUS_MEMORY_LIMIT_EXCEEDED = 5,
	CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED = 6,	/* cause STDOUT, STDERR, FILE, OUTPUT_TOTAL or PIPE */
	CORDON_STATUS_DISALLOWED_SYSCALL = 7,
	CORDON_STATUS_ACCESS_DENIED = 8,		/* the path policy ended the program */
	CORDON_STATUS_FILE_ERROR = 9,			/* the program ran, but a file of copy_out could not be fetched:
							   see error */
	CORDON_STATUS_CANCELLED = 10,
	CORDON_STATUS_COUNT
};

enum cordon_cause {
	CORDON_CAUSE_NONE = 0,
	CORDON_CAUSE_CPU = 1,
	CORDON_CAUSE_WALL = 2,
	CORDON_CAUSE_IDLE = 3,
	CORDON_CAUSE_STDOUT = 4,
	CORDON_CAUSE_STDERR = 5,
	CORDON_CAUSE_FILE = 6,
	CORDON_CAUSE_OOM = 7,				/* the kernel's OOM killer, as the group's counter shows */
	CORDON_CAUSE_RSS = 8,				/* without a controller: the peak resident size was above the
							   limit */
	CORDON_CAUSE_OUTPUT_TOTAL = 9,			/* stdout and stderr together */
	CORDON_CAUSE_PIPE = 10,				/* a pipe between two programs: cordon/wiring.h */
	CORDON_CAUSE_COUNT
};

enum cordon_source {
	CORDON_SOURCE_NONE = 0,
	CORDON_SOURCE_CGROUP_V1 = 1,
	CORDON_SOURCE_CGROUP_V2 = 2,
	CORDON_SOURCE_RUSAGE = 3,
	CORDON_SOURCE_COUNT
};

struct cordon_output {
	const void *data;		/* what was captured; NULL if the stream is not CAPTURE */
	uint64_t len;
	uint64_t total;			/* bytes that the program wrote, as far as they were read */
	uint32_t truncated;
	uint32_t reserved;
};

/* A file that matched a PATTERN. */
struct cordon_copied_file {
	const char *name;		/* relative or absolute, as the pattern is. The program has chosen it: any bytes
					   but NUL */
	const void *data;		/* the content, without a host path */
	uint64_t len;
	uint64_t size;			/* in the sandbox */
	struct cordon_error error;	/* step NONE = the file was fetched */
	uint32_t truncated;		/* it was cut (TRUNCATE) */
	uint32_t reserved;
};

struct cordon_copied {
	const void *data;		/* the content of a copy_out without a host path */
	uint64_t len;
	uint64_t size;			/* of the file in the sandbox; greater than len if it was cut (TRUNCATE).
					   PATTERN: the sum */
	struct cordon_error error;	/* step NONE = the file was fetched. PATTERN: all were; else the first error */
	uint32_t truncated;		/* it was cut; PATTERN: one was, or there are more */
	uint32_t nfiles;		/* PATTERN: those that matched, by name, byte by byte */
	const struct cordon_copied_file *files;
};

struct cordon_result {
#define CORDON_NUMBER(type, field, name) type field;	/* described in result.def */
#include "cordon/result.def"
	uint32_t ncopied;
	struct cordon_output output[2];	/* stdout, stderr */
	const struct cordon_copied *copied;	/* one for each copy_out, in its order */
	const struct cordon_event *events;	/* the first nevents events, in order */
	uint32_t nevents;
	uint32_t ncounts;
	const struct cordon_event *violation;	/* the event that ended the program, or NULL */
	const uint64_t *counts;		/* RECORD: ncounts counters, indexed by system call number, from the program's
					   exec on */
	const uint64_t *setup_counts;	/* the same for Cordon's calls before the exec */
};

/* "TIME_LIMIT_EXCEEDED", "CPU", "cgroup-v1" ...; NULL for an unknown number. Static storage. */
const char *cordon_status_name(uint32_t status);
const char *cordon_cause_name(uint32_t cause);
const char *cordon_source_name(uint32_t source);

/* "cpuTimeNs" ...: the name of a number of the result, counted as in result.def; NULL if there is none. Static
 * storage. */
const char *cordon_result_name(uint32_t number);

#ifdef __cplusplus
}
#endif
#endif
