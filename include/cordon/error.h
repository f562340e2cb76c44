/* SPDX-License-Identifier: Apache-2.0 */
/* error: what failed, in which process, and for which item. The same 128 bytes from the vfork child to Java.
 *
 * I1  Success leaves an error object untouched. On failure it is written once: the first error wins.
 * I2  err == 0 with a step means that Cordon itself refused the request; detail then is "field: value: rule".
 * I3  detail is not NUL-terminated and may contain bytes chosen by the sandboxed program: escape it before printing
 *     (cordon_error_describe does). */
#ifndef CORDON_ERROR_H
#define CORDON_ERROR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CORDON_ERRNO_MAX 4095	/* MAX_ERRNO of linux/err.h */

/* The step that failed. Numbers are never reused. */
enum cordon_step {
	CORDON_STEP_NONE = 0,
	CORDON_STEP_VALIDATE = 1,		/* the request was refused before anything was started */
	CORDON_STEP_LAYER = 2,			/* a required layer is not available; detail = its name */
	CORDON_STEP_MEMORY = 3,			/* out of memory in the library */
	CORDON_STEP_CGROUP_CREATE = 4,		/* detail = the group's path */
	CORDON_STEP_CGROUP_LIMIT = 5,		/* detail = the file that refused the limit */
	CORDON_STEP_CGROUP_ATTACH = 6,
	CORDON_STEP_OPEN_FILE = 7,		/* a host file for one of the program's descriptors; index = descriptor,
						   detail = path */
	CORDON_STEP_MEMFD = 8,
	CORDON_STEP_PIPE = 9,
	CORDON_STEP_SOCKET = 10,
	CORDON_STEP_CLONE = 11,			/* clone3(2) with the namespaces */
	CORDON_STEP_UID_MAP = 12,
	CORDON_STEP_GID_MAP = 13,
	CORDON_STEP_AMBIENT_CAPS = 14,
	CORDON_STEP_START_INIT = 15,		/* execveat(2) of cordon-init */
	CORDON_STEP_PROTOCOL = 16,		/* a message that does not fit the protocol or the state */
	CORDON_STEP_INIT_GONE = 17,		/* cordon-init ended before it answered */
	CORDON_STEP_INIT_TIMEOUT = 18,		/* cordon-init did not answer in time */
	CORDON_STEP_MOUNT_PRIVATE = 19,
	CORDON_STEP_MOUNT_ROOT = 20,		/* the tmpfs that becomes "/" */
	CORDON_STEP_MOUNT_SOURCE = 21,		/* index = mount, detail = source */
	CORDON_STEP_MOUNT_TARGET = 22,		/* index = mount, detail = target */
	CORDON_STEP_MOUNT = 23,			/* index = mount, detail = target */
	CORDON_STEP_MOUNT_ATTR = 24,		/* mount_setattr(2); index = mount, detail = target */
	CORDON_STEP_PIVOT_ROOT = 25,
	CORDON_STEP_HOSTNAME = 26,
	CORDON_STEP_DOMAINNAME = 27,
	CORDON_STEP_LOOPBACK = 28,
	CORDON_STEP_IDENTITY = 29,		/* cordon-init's own uid and gid */
	CORDON_STEP_COPY_IN = 30,		/* index = item, detail = name */
	CORDON_STEP_COPY_OUT = 31,		/* index = item, detail = name */
	CORDON_STEP_SETSID = 32,
	CORDON_STEP_DUP_FD = 33,		/* index = descriptor in the program */
	CORDON_STEP_CLOSE_RANGE = 34,
	CORDON_STEP_WORK_DIR = 35,		/* chdir(2); detail = path */
	CORDON_STEP_RLIMIT = 36,		/* index = rlimit in the request */
	CORDON_STEP_DROP_BOUNDING = 37,
	CORDON_STEP_SECUREBITS = 38,
	CORDON_STEP_SETGROUPS = 39,
	CORDON_STEP_SETGID = 40,
	CORDON_STEP_SETUID = 41,
	CORDON_STEP_DROP_CAPS = 42,
	CORDON_STEP_NO_NEW_PRIVS = 43,
	CORDON_STEP_CGROUP_NAMESPACE = 44,
	CORDON_STEP_SYNC = 45,			/* the caller stopped the run at the sync point, or its end was
						   closed */
	CORDON_STEP_SECCOMP = 46,
	CORDON_STEP_EXECVE = 47,		/* detail = the path */
	CORDON_STEP_WAIT = 48,
	CORDON_STEP_SECCOMP_COMPILE = 49,
	CORDON_STEP_SIGNAL_MASK = 50,
	CORDON_STEP_INIT_COMMAND = 51,		/* detail = the end of its output */
	CORDON_STEP_RESET = 52,			/* detail = what could not be reset */
	CORDON_STEP_DELETE = 53,		/* index = item, detail = path */
	CORDON_STEP_SYMLINK = 54,		/* index = item, detail = path */
	CORDON_STEP_TERMINAL = 55,		/* ioctl(TIOCSCTTY) */
	CORDON_STEP_SUPERVISOR = 56,		/* starting the supervisor or attaching it; detail = what */
	CORDON_STEP_LANDLOCK = 57,		/* index = path rule, or CORDON_NO_INDEX */
	CORDON_STEP_PATH_POLICY = 58,		/* cannot resolve a path of the policy; index = path rule, detail =
						   path */
	CORDON_STEP_LABEL = 59,			/* the AppArmor or SELinux label; detail = the label */
	CORDON_STEP_SUBREAPER = 60,		/* prctl(PR_SET_CHILD_SUBREAPER), without namespaces */
	CORDON_STEP_AFFINITY = 61,		/* sched_setaffinity(2) with the command's CPUs */
	CORDON_STEP_NICE = 62,			/* setpriority(2) with the command's limit */
	CORDON_STEP_SIDECAR = 63,		/* one more init of a shared container; detail = what */
	CORDON_STEP_PATH_MASK = 64,		/* the mounts of a path policy; index = path rule */
	CORDON_STEP_COUNT
};

/* Which process the error happened in. */
enum cordon_origin {
	CORDON_AT_HOST = 0,
	CORDON_AT_INIT = 1,
	CORDON_AT_CHILD = 2,	/* the vfork child, between clone and exec */
};

#define CORDON_NO_INDEX (-1)
#define CORDON_ERROR_DETAIL_MAX 112

enum cordon_error_flag {
	CORDON_ERROR_TRUNCATED = 1 << 0,	/* detail was cut */
};

struct cordon_error {
	int32_t err;		/* an errno, or 0 (I2) */
	uint16_t step;		/* enum cordon_step */
	uint8_t origin;		/* enum cordon_origin */
	uint8_t flags;		/* enum cordon_error_flag */
	int32_t index;		/* which mount, rlimit, file ..., from 0; CORDON_NO_INDEX if there is only one */
	uint32_t detail_len;
	char detail[CORDON_ERROR_DETAIL_MAX];
};

#ifdef __cplusplus
static_assert(sizeof(struct cordon_error) == 128, "cordon_error is 128 bytes");
#else
_Static_assert(sizeof(struct cordon_error) == 128, "cordon_error is 128 bytes");
#endif

/* The step's name, as in the enum without its prefix ("PIVOT_ROOT"); "UNKNOWN" for an unknown number. Static
 * storage. */
const char *cordon_step_name(uint32_t step);

/* Describes err in one line without a line feed, and returns buf; NUL-terminated if size > 0. Bytes of detail outside
 * printable ASCII become \xNN. Any thread. */
char *cordon_error_describe(const struct cordon_error *err, char *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
