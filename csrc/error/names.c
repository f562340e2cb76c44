/* SPDX-License-Identifier: Apache-2.0 */
/* The names of steps, layers and the numbers in a result. For both programs: no libc. */
#include "base/base.h"
#include "cordon/layer.h"
#include "cordon/result.h"
#include "cordon/supervisor.h"
#include "error/error.h"

static const char *const step_names[CORDON_STEP_COUNT] = {
	[CORDON_STEP_NONE] = "NONE",
	[CORDON_STEP_VALIDATE] = "VALIDATE",
	[CORDON_STEP_LAYER] = "LAYER",
	[CORDON_STEP_MEMORY] = "MEMORY",
	[CORDON_STEP_CGROUP_CREATE] = "CGROUP_CREATE",
	[CORDON_STEP_CGROUP_LIMIT] = "CGROUP_LIMIT",
	[CORDON_STEP_CGROUP_ATTACH] = "CGROUP_ATTACH",
	[CORDON_STEP_OPEN_FILE] = "OPEN_FILE",
	[CORDON_STEP_MEMFD] = "MEMFD",
	[CORDON_STEP_PIPE] = "PIPE",
	[CORDON_STEP_SOCKET] = "SOCKET",
	[CORDON_STEP_CLONE] = "CLONE",
	[CORDON_STEP_UID_MAP] = "UID_MAP",
	[CORDON_STEP_GID_MAP] = "GID_MAP",
	[CORDON_STEP_AMBIENT_CAPS] = "AMBIENT_CAPS",
	[CORDON_STEP_START_INIT] = "START_INIT",
	[CORDON_STEP_PROTOCOL] = "PROTOCOL",
	[CORDON_STEP_INIT_GONE] = "INIT_GONE",
	[CORDON_STEP_INIT_TIMEOUT] = "INIT_TIMEOUT",
	[CORDON_STEP_MOUNT_PRIVATE] = "MOUNT_PRIVATE",
	[CORDON_STEP_MOUNT_ROOT] = "MOUNT_ROOT",
	[CORDON_STEP_MOUNT_SOURCE] = "MOUNT_SOURCE",
	[CORDON_STEP_MOUNT_TARGET] = "MOUNT_TARGET",
	[CORDON_STEP_MOUNT] = "MOUNT",
	[CORDON_STEP_MOUNT_ATTR] = "MOUNT_ATTR",
	[CORDON_STEP_PIVOT_ROOT] = "PIVOT_ROOT",
	[CORDON_STEP_HOSTNAME] = "HOSTNAME",
	[CORDON_STEP_DOMAINNAME] = "DOMAINNAME",
	[CORDON_STEP_LOOPBACK] = "LOOPBACK",
	[CORDON_STEP_IDENTITY] = "IDENTITY",
	[CORDON_STEP_COPY_IN] = "COPY_IN",
	[CORDON_STEP_COPY_OUT] = "COPY_OUT",
	[CORDON_STEP_SETSID] = "SETSID",
	[CORDON_STEP_DUP_FD] = "DUP_FD",
	[CORDON_STEP_CLOSE_RANGE] = "CLOSE_RANGE",
	[CORDON_STEP_WORK_DIR] = "WORK_DIR",
	[CORDON_STEP_RLIMIT] = "RLIMIT",
	[CORDON_STEP_DROP_BOUNDING] = "DROP_BOUNDING",
	[CORDON_STEP_SECUREBITS] = "SECUREBITS",
	[CORDON_STEP_SETGROUPS] = "SETGROUPS",
	[CORDON_STEP_SETGID] = "SETGID",
	[CORDON_STEP_SETUID] = "SETUID",
	[CORDON_STEP_DROP_CAPS] = "DROP_CAPS",
	[CORDON_STEP_NO_NEW_PRIVS] = "NO_NEW_PRIVS",
	[CORDON_STEP_CGROUP_NAMESPACE] = "CGROUP_NAMESPACE",
	[CORDON_STEP_SYNC] = "SYNC",
	[CORDON_STEP_SECCOMP] = "SECCOMP",
	[CORDON_STEP_EXECVE] = "EXECVE",
	[CORDON_STEP_WAIT] = "WAIT",
	[CORDON_STEP_SECCOMP_COMPILE] = "SECCOMP_COMPILE",
	[CORDON_STEP_SIGNAL_MASK] = "SIGNAL_MASK",
	[CORDON_STEP_INIT_COMMAND] = "INIT_COMMAND",
	[CORDON_STEP_RESET] = "RESET",
	[CORDON_STEP_DELETE] = "DELETE",
	[CORDON_STEP_SYMLINK] = "SYMLINK",
	[CORDON_STEP_TERMINAL] = "TERMINAL",
	[CORDON_STEP_SUPERVISOR] = "SUPERVISOR",
	[CORDON_STEP_LANDLOCK] = "LANDLOCK",
	[CORDON_STEP_PATH_POLICY] = "PATH_POLICY",
	[CORDON_STEP_LABEL] = "LABEL",
	[CORDON_STEP_SUBREAPER] = "SUBREAPER",
	[CORDON_STEP_AFFINITY] = "AFFINITY",
	[CORDON_STEP_NICE] = "NICE",
	[CORDON_STEP_SIDECAR] = "SIDECAR",
	[CORDON_STEP_PATH_MASK] = "PATH_MASK",
};

static const char *const layer_names[CORDON_LAYER_COUNT] = {
	[CORDON_LAYER_USER_NS] = "user-ns",
	[CORDON_LAYER_MOUNT_NS] = "mount-ns",
	[CORDON_LAYER_PID_NS] = "pid-ns",
	[CORDON_LAYER_NET_NS] = "net-ns",
	[CORDON_LAYER_IPC_NS] = "ipc-ns",
	[CORDON_LAYER_UTS_NS] = "uts-ns",
	[CORDON_LAYER_CGROUP_NS] = "cgroup-ns",
	[CORDON_LAYER_PIVOT_ROOT] = "pivot-root",
	[CORDON_LAYER_PROC] = "proc",
	[CORDON_LAYER_NO_NEW_PRIVS] = "no-new-privs",
	[CORDON_LAYER_CAPABILITIES] = "capabilities",
	[CORDON_LAYER_SECCOMP] = "seccomp",
	[CORDON_LAYER_LANDLOCK] = "landlock",
	[CORDON_LAYER_OWN_UID] = "own-uid",
	[CORDON_LAYER_CGROUP_MEMORY] = "cgroup-memory",
	[CORDON_LAYER_CGROUP_PIDS] = "cgroup-pids",
	[CORDON_LAYER_CGROUP_CPU] = "cgroup-cpu",
	[CORDON_LAYER_SUPERVISOR] = "supervisor",
	[CORDON_LAYER_CGROUP_CPUSET] = "cgroup-cpuset",
	[CORDON_LAYER_USER_BOUNDS] = "user-bounds",
	[CORDON_LAYER_PATH_POLICY] = "path-policy",
};

static const char *const status_names[CORDON_STATUS_COUNT] = {
	[CORDON_STATUS_NONE] = "NONE",
	[CORDON_STATUS_OK] = "OK",
	[CORDON_STATUS_NONZERO_EXIT] = "NONZERO_EXIT",
	[CORDON_STATUS_SIGNALED] = "SIGNALED",
	[CORDON_STATUS_TIME_LIMIT_EXCEEDED] = "TIME_LIMIT_EXCEEDED",
	[CORDON_STATUS_MEMORY_LIMIT_EXCEEDED] = "MEMORY_LIMIT_EXCEEDED",
	[CORDON_STATUS_OUTPUT_LIMIT_EXCEEDED] = "OUTPUT_LIMIT_EXCEEDED",
	[CORDON_STATUS_DISALLOWED_SYSCALL] = "DISALLOWED_SYSCALL",
	[CORDON_STATUS_ACCESS_DENIED] = "ACCESS_DENIED",
	[CORDON_STATUS_FILE_ERROR] = "FILE_ERROR",
	[CORDON_STATUS_CANCELLED] = "CANCELLED",
};

static const char *const cause_names[CORDON_CAUSE_COUNT] = {
	[CORDON_CAUSE_NONE] = "NONE",
	[CORDON_CAUSE_CPU] = "CPU",
	[CORDON_CAUSE_WALL] = "WALL",
	[CORDON_CAUSE_IDLE] = "IDLE",
	[CORDON_CAUSE_STDOUT] = "STDOUT",
	[CORDON_CAUSE_STDERR] = "STDERR",
	[CORDON_CAUSE_FILE] = "FILE",
	[CORDON_CAUSE_OOM] = "OOM",
	[CORDON_CAUSE_RSS] = "RSS",
	[CORDON_CAUSE_OUTPUT_TOTAL] = "OUTPUT_TOTAL",
	[CORDON_CAUSE_PIPE] = "PIPE",
};

static const char *const source_names[CORDON_SOURCE_COUNT] = {
	[CORDON_SOURCE_NONE] = "none",
	[CORDON_SOURCE_CGROUP_V1] = "cgroup-v1",
	[CORDON_SOURCE_CGROUP_V2] = "cgroup-v2",
	[CORDON_SOURCE_RUSAGE] = "rusage",
};

static const char *const event_names[CORDON_EVENT_COUNT] = {
	[CORDON_EVENT_SYSCALL] = "syscall",
	[CORDON_EVENT_PATH] = "path",
	[CORDON_EVENT_PRIVILEGE] = "privilege",
	[CORDON_EVENT_UNANSWERED] = "unanswered",
	[CORDON_EVENT_SUPERVISOR] = "supervisor",
};

static const char *name_of(const char *const *names, uint32_t count, uint32_t number)
{
	return number < count ? names[number] : NULL;
}

const char *cordon_step_name(uint32_t step)
{
	const char *name = name_of(step_names, CORDON_STEP_COUNT, step);

	return name != NULL ? name : "UNKNOWN";
}

const char *cordon_layer_name(uint32_t layer)
{
	return name_of(layer_names, CORDON_LAYER_COUNT, layer);
}

const char *cordon_status_name(uint32_t status)
{
	return name_of(status_names, CORDON_STATUS_COUNT, status);
}

const char *cordon_cause_name(uint32_t cause)
{
	return name_of(cause_names, CORDON_CAUSE_COUNT, cause);
}

const char *cordon_source_name(uint32_t source)
{
	return name_of(source_names, CORDON_SOURCE_COUNT, source);
}

const char *cordon_result_name(uint32_t number)
{
	static const char *const names[] = {
#define CORDON_NUMBER(type, field, name) name,
#include "cordon/result.def"
	};

	return name_of(names, ARRAY_LEN(names), number);
}

const char *cordon_event_kind_name(uint32_t kind)
{
	return name_of(event_names, CORDON_EVENT_COUNT, kind);
}

const char *error_origin_name(uint32_t origin)
{
	static const char *const names[] = { "host", "init", "child" };
	const char *name = name_of(names, ARRAY_LEN(names), origin);

	return name != NULL ? name : "?";
}
