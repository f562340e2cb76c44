/* SPDX-License-Identifier: Apache-2.0 */
/* protocol: the messages between the host and cordon-init. Not an API: both ends come from one build.
 *
 * TRANSPORT  One SOCK_SEQPACKET unix socket pair; init has its end as descriptor 0 and nothing else open. One message
 * is one datagram: a struct that starts with struct cordon_msg, then a tail that spans refer to. A message of more than
 * CORDON_MSG_INLINE_MAX bytes travels in a sealed memfd: the datagram is only the head with CORDON_MSG_BIG, and its
 * first descriptor is the memfd with the whole message, head included. Descriptors travel by SCM_RIGHTS, at most
 * CORDON_MSG_FDS_MAX; each command defines which, and their order. Every message carries SCM_CREDENTIALS, and each side
 * refuses messages that are not its peer's: for init the host is pid 0 (outside its pid namespace), for the host init
 * is the pid that it started. Without namespaces they share one pid namespace, and the host is the pid that started
 * init.
 *
 * STATES OF INIT
 *   INIT     after start; CONF leads to READY, or after a failure to INIT (only closing the socket helps then)
 *   READY    OPEN, DELETE, SYMLINK, RESET, EXECVE; in the root of a shared container SIDECAR instead of EXECVE
 *   RUNNING  the end of the program leads to READY; PAUSE leads to PAUSED
 *   PAUSED   RESUME leads to RUNNING; the end of the program (KILL, a signal from the host) leads to READY
 *   PING is answered in every state. KILL, SIGNAL, PAUSE and RESUME get OK and do nothing if no program runs (its
 *   FINISHED may have been on its way).
 *   The end of the socket, in any state: init exits, and the kernel kills the rest of its pid namespace.
 *   A sidecar begins in state READY, on a socket of its own. It accepts what READY accepts, except RESET and SIDECAR.
 *   A command that is malformed or does not fit the state gets ERROR (step PROTOCOL) and changes nothing.
 *
 * REPLIES  Each command gets one reply: OK, ERROR, or the one named below. A command with CORDON_MSG_QUIET gets no
 * reply when it succeeds. The host may send the next command before it has received a reply.
 *
 * Native byte order. Reserved fields are 0 and are checked. Spans count from the start of the message. */
#ifndef CORDON_PROTOCOL_H
#define CORDON_PROTOCOL_H

#include <stdint.h>
#include "cordon/command.h"
#include "cordon/error.h"
#include "cordon/seccomp.h"
#include "cordon/supervisor.h"

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "Cordon is built for little-endian machines"
#endif

#define CORDON_PROTOCOL_VERSION 1

#define CORDON_MSG_INLINE_MAX 32768
#define CORDON_MSG_BIG_MAX (8u << 20)
#define CORDON_MSG_FDS_MAX 250

#define CORDON_CONF_MOUNTS_MAX 512
#define CORDON_ITEMS_MAX 200
#define CORDON_ITEMS_NS UINT64_C(45000000000)	/* longest time for DELETE of trees; later ones get ETIMEDOUT */
#define CORDON_INIT_COMMAND_MAX 64
#define CORDON_EXECVE_FDS_MAX 32
#define CORDON_EXECVE_RLIMITS_MAX 36
#define CORDON_EXECVE_OWN_RLIMITS 12	/* of these, for the limits and bounds; the rest are the caller's */
#define CORDON_EXECVE_STRINGS_MAX 131072

enum cordon_msg_type {
	CORDON_MSG_PING = 1,
	CORDON_MSG_CONF = 2,
	CORDON_MSG_OPEN = 3,
	CORDON_MSG_EXECVE = 4,
	CORDON_MSG_KILL = 5,
	CORDON_MSG_DELETE = 6,
	CORDON_MSG_SYMLINK = 7,
	CORDON_MSG_RESET = 8,
	CORDON_MSG_PAUSE = 9,
	CORDON_MSG_RESUME = 10,
	CORDON_MSG_ANSWER = 11,
	CORDON_MSG_SIGNAL = 12,
	CORDON_MSG_SIDECAR = 13,

	CORDON_MSG_OK = 64,
	CORDON_MSG_ERROR = 65,
	CORDON_MSG_ITEMS = 66,
	CORDON_MSG_FINISHED = 67,
	CORDON_MSG_ASK = 68,
	CORDON_MSG_LONG = 69,
};

enum cordon_msg_flag {
	CORDON_MSG_BIG = 1 << 0,
	CORDON_MSG_QUIET = 1 << 1,
	CORDON_MSG_FROZEN = 1 << 2,	/* PAUSE: the host has frozen the run's control group */
};

struct cordon_msg {
	uint16_t version;	/* CORDON_PROTOCOL_VERSION */
	uint16_t type;		/* enum cordon_msg_type */
	uint32_t flags;		/* enum cordon_msg_flag */
	uint32_t size;		/* of the whole message, head and tail */
	uint32_t id;		/* a reply has the id of its command */
};

struct cordon_span {
	uint32_t off, len;	/* the len of a string includes its NUL; len 0 = absent */
};

/* PING  any state.  No descriptors.  Reply: OK. */

/* CONF  state INIT.  Builds the root and leaves the host's. Tail: nmounts x struct cordon_conf_mount, strings, the
 * seccomp program. Descriptors: a detached mount tree (open_tree(2)) for each mount with fd >= 0, in the order of fd;
 * then, with TRACE, the descriptor for trace lines.
 * Reply: OK.  Steps: LAYER, MOUNT_*, PIVOT_ROOT, HOSTNAME, DOMAINNAME, LOOPBACK, INIT_COMMAND, IDENTITY, SECUREBITS,
 * DROP_BOUNDING, NO_NEW_PRIVS. */
struct cordon_conf_mount {
	uint32_t type, flags;		/* container.h */
	struct cordon_span source, target;
	uint64_t size_bytes, inodes;
	uint32_t mode;
	int32_t fd;			/* index into the message's descriptors; -1 = init opens source itself */
	int32_t index;			/* for errors: the index of the caller's mount */
	uint32_t reserved;
};

enum cordon_conf_flag {
	CORDON_CONF_SET_GROUPS = 1 << 0,	/* setgroups(2) is allowed: clear the supplementary groups */
	CORDON_CONF_SET_IDS = 1 << 1,		/* init and the program have different ids; else they share one */
	CORDON_CONF_LOOPBACK = 1 << 2,		/* bring lo up */
	CORDON_CONF_KEYRINGS = 1 << 3,		/* the filter may allow keyctl(2): RESET clears the keyrings */
	CORDON_CONF_INHERIT = 1 << 4,		/* the filter allows what init does, and the container is kept: init
						   loads the filter itself */
	CORDON_CONF_KEEP = 1 << 5,		/* the sandbox is for more than one run */
	CORDON_CONF_NO_NAMESPACES = 1 << 6,	/* no namespaces: no root, mounts, names or init command */
	CORDON_CONF_NO_SCHEDULING = 1 << 7,	/* CORDON_SCHEDULING=off: csrc/sched does nothing */
	CORDON_CONF_TRACE = 1 << 8,		/* CORDON_TRACE: the last descriptor is for init's lines (csrc/trace) */
	CORDON_CONF_SHARED = 1 << 9,		/* with KEEP: the root of a shared container, whose sidecars run the
						   programs and load the filter of INHERIT */
	CORDON_CONF_NEED_BOUNDS = 1 << 10,	/* an error if user_max cannot be written */
};

enum {
	CORDON_USER_MAXES = 0
#define CORDON_USER_MAX(name, ...) + 1
#include "cordon/bounds.def"
};

struct cordon_msg_conf {
	struct cordon_msg head;
	uint32_t nmounts;
	uint32_t flags;			/* enum cordon_conf_flag */
	struct cordon_span mounts, hostname, domainname, seccomp;
	struct cordon_span init_command;	/* consecutive NUL-terminated strings */
	uint32_t ninit_command;			/* 0 = none */
	int32_t trace_pid;			/* with TRACE init's pid as the host sees it, for its lines; else 0 */
	uint32_t init_uid, init_gid;	/* inside */
	uint32_t uid, gid;		/* the program's, inside */
	uint32_t user_max[CORDON_USER_MAXES];	/* for the files of bounds.def, at most INT32_MAX; 0 = the file is not
						   written, as without namespaces */
};

/* OPEN     state READY.  Opens regular files inside the container.
 * DELETE   state READY.  Removes files, links, empty directories, and with CORDON_ITEM_TREE whole trees.
 * SYMLINK  state READY.  Makes symbolic links, owned by the program; text is the text of the link.
 * None of them follows a symbolic link in a path, waits for a FIFO, or opens a device.
 * Tail: nitems x struct cordon_item, strings.  No descriptors.
 * Reply: ITEMS with one struct cordon_error per item; for OPEN a descriptor for each whose step is NONE, in order. */
enum cordon_item_flag {
	CORDON_ITEM_CREATE = 1 << 0,	/* OPEN: create a new file for writing, with missing parents, owned by the
					   program; else open an existing file for reading */
	CORDON_ITEM_TREE = 1 << 1,	/* DELETE */
	CORDON_ITEM_REPLACE = 1 << 2,	/* OPEN with CREATE: what is there is removed first, unless it is a directory */
	CORDON_ITEM_DIRECTORY = 1 << 3,	/* OPEN without CREATE: a directory, to list it, in place of a regular file */
};

struct cordon_item {
	struct cordon_span path;	/* absolute */
	struct cordon_span text;	/* SYMLINK only */
	uint32_t flags;			/* enum cordon_item_flag */
	uint32_t mode;			/* OPEN with CREATE: permission bits */
};

struct cordon_msg_items {		/* the commands, and the reply */
	struct cordon_msg head;
	uint32_t nitems;
	uint32_t reserved;
	struct cordon_span items;	/* nitems x struct cordon_item, or x struct cordon_error */
};

/* RESET  state READY.  Replaces every tmpfs of the plan, removes the IPC objects, clears the keyrings.  No tail, no
 * descriptors. Reply: OK.  Steps: RESET (detail = what could not be reset). */

/* SIDECAR  state READY, after a CONF with SHARED.  Makes one more init: pid 1 of a pid namespace below this init's; it
 * shares all other namespaces. It runs programs, and ends at the end of its own socket or with this init.  No tail.
 * Descriptors: one end of a new socket pair, for the sidecar.
 * Reply: OK or ERROR (step SIDECAR). After OK the sidecar sends OK or ERROR on its own socket, with the same id, and
 * exits after ERROR. */

/* EXECVE  state READY.  Runs one program and everything that it starts, until all of it has ended.
 * Tail: target numbers (uint32_t, ascending), rlimits, argv and envp as consecutive NUL-terminated strings, work_dir,
 * labels, one struct cordon_supervision or none, what that refers to, the program's CPUs.
 * Descriptors: nfds files; then, each only with its flag, the executable, the sync socket, the CPU time file, the
 * group; then nprocs cgroup.procs files of the program's group, and nsupervisor_procs of the supervisor's.
 * Reply: FINISHED, or ERROR with the child's step. */
enum cordon_execve_flag {
	CORDON_EXECVE_EXEC_FD = 1 << 0,
	CORDON_EXECVE_SYNC_FD = 1 << 1,
	CORDON_EXECVE_CPU_FD = 1 << 2,		/* the first number in the file is the CPU time used by the run's
						   group */
	CORDON_EXECVE_CPU_USEC = 1 << 3,	/* in microseconds (v2: cpu.stat); else in nanoseconds (v1:
						   cpuacct.usage) */
	CORDON_EXECVE_TERMINAL = 1 << 4,	/* descriptor 0 becomes the controlling terminal of the program's
						   session */
	CORDON_EXECVE_LAST = 1 << 5,		/* init exits when it has sent FINISHED */
	CORDON_EXECVE_GROUP_FD = 1 << 6,	/* a v2 group in which the program may be born; the last procs file is
						   of this group */
};

struct cordon_execve_rlimit {
	uint32_t resource;
	int32_t index;			/* for errors: the index of the caller's rlimit, or CORDON_NO_INDEX */
	uint64_t soft, hard;
};

struct cordon_init_limits {
#define CORDON_LIMIT(field, ...)
#define CORDON_INIT_LIMIT(field, ...) uint64_t field;
#include "cordon/limits.def"
};

struct cordon_msg_execve {
	struct cordon_msg head;
	uint32_t flags;			/* enum cordon_execve_flag */
	uint32_t nfds, nprocs, nsupervisor_procs, reserved;
	uint32_t nrlimits, argc, envc;
	struct cordon_span targets, rlimits, argv, envp, work_dir;
	struct cordon_span apparmor, selinux;	/* exec labels */
	struct cordon_span supervision;
	struct cordon_span cpus;	/* one bit for each CPU, in words of 64 bits (sched_setaffinity(2)); absent =
					   init's CPUs */
	struct cordon_init_limits limits;
};

/* What the supervisor of a run is to do. Its filters take the place of CONF's filter for this run:
 * - beside, with PORTS or FILES only, is loaded first; the supervisor does not see what it refuses.
 * - notify_filter is the policy, but returns SECCOMP_RET_TRACE or SECCOMP_RET_USER_NOTIF for the calls that the
 *   supervisor decides or carries out (kills, and with AUDIT errnos).
 * - filter is a finished program of the caller's, loaded after notify_filter.
 * - policy_filter is the policy unchanged; the supervisor evaluates it for each stopped call.
 * Each may be absent, notify_filter only with the engine KERNEL. */
struct cordon_supervision {
	uint32_t engine;		/* enum cordon_engine. AUTO, with FILES only: init takes PTRACE if the path
					   policy is enforced there as well, else NOTIFY; notify_filter is for PTRACE,
					   and init rewrites its SECCOMP_RET_TRACE */
	uint32_t flags;			/* enum cordon_supervisor_flag */
	uint32_t outside;		/* enum cordon_decision */
	int32_t outside_errno;
	uint64_t ask_timeout_ns;
	struct cordon_span notify_filter, filter, policy_filter;	/* BPF */
	struct cordon_span beside;	/* BPF that refuses what Landlock and the supervisor do not cover; PORTS or
					   FILES only */
	struct cordon_span paths, calls, ports;	/* ports: struct cordon_port_rule */
	uint32_t npaths, ncalls, nports;
	/* 1: the run is refused if its path policy would only be advisory (step LAYER); FILES only */
	uint32_t enforce;
};

struct cordon_supervision_path {
	struct cordon_span path;	/* absolute */
	uint32_t scope, access;
};

struct cordon_supervision_call {	/* ascending numbers */
	int32_t syscall;
	uint32_t decision;
	int32_t err;
	uint32_t reserved;
	uint64_t limit;
};

#define CORDON_SUPERVISION_PATHS_MAX 1024
#define CORDON_SUPERVISION_PORTS_MAX 1024
#define CORDON_SUPERVISION_CALLS_MAX 512
#define CORDON_SUPERVISION_COUNTS 512	/* system call numbers that are counted: more than both CPUs have */
#define CORDON_LABEL_MAX 512		/* an exec label, with the prefix that the kernel wants */
#define CORDON_EVENTS_MAX 64		/* events that a FINISHED carries */

/* ASK  from init, while RUNNING: a stopped call waits for the host's decision. Has the id of the EXECVE.  No
 * descriptors.
 * Tail: npaths consecutive NUL-terminated strings.
 * ANSWER  state RUNNING or PAUSED.  serial is that of the ASK; an ANSWER with another one is late and does nothing.  No
 * reply, no descriptors. */
struct cordon_msg_ask {
	struct cordon_msg head;
	uint64_t serial;
	int32_t syscall, pid;
	uint64_t args[6];
	uint64_t ip;
	uint32_t access, npaths;
	struct cordon_span paths;
};

struct cordon_msg_answer {
	struct cordon_msg head;
	uint64_t serial;
	uint32_t decision;		/* enum cordon_decision: ALLOW, ERRNO, KILL */
	int32_t err;
};

/* LONG  from init, once, while RUNNING with a limit of CPU time, unless CONF has NO_SCHEDULING: the program has run for
 * 1 ms, and init starts no process until it has ended. Has the id of the EXECVE.  No tail, no descriptors. */

struct cordon_rusage {
#define CORDON_NUMBER(type, field, name)
#define CORDON_RUSAGE_NUMBER(type, field, name, member, factor) type field;
#include "cordon/result.def"
};

/* Tail: nevents x struct cordon_event; counts and setup_counts, each CORDON_SUPERVISION_COUNTS x uint64_t or absent. */
struct cordon_msg_finished {
	struct cordon_msg head;
	int32_t exit_code;		/* -1 = it did not exit by itself */
	int32_t signal;
	uint32_t cause;			/* enum cordon_cause: CPU, WALL or IDLE if init ended it for that limit, OOM if
					   the supervisor did because the kernel refused it memory, else NONE */
	uint32_t killed;		/* a KILL arrived while it ran */
	uint64_t start_ns;		/* CLOCK_MONOTONIC at exec */
	uint64_t wall_time_ns;
	uint64_t user_time_ns, system_time_ns;	/* rusage of all processes that init reaped */
	uint64_t supervisor_user_ns, supervisor_system_ns;	/* of the supervisor's process, not in the above */
	uint64_t max_rss_bytes;
	struct cordon_rusage rusage;
	uint64_t layers;		/* CORDON_LAYER_BITs that init made */
	struct cordon_span events, counts, setup_counts;
	uint64_t events_total;
	uint32_t nevents;
	int32_t violation;		/* index into events, or -1 */
	uint32_t engine;		/* enum cordon_engine; AUTO = no supervision */
	uint32_t sent;			/* 1 = the signal is known to be from a process, not from the kernel */
};

/* KILL    Kills every process of the run.  No descriptors.  Reply: OK.
 * PAUSE   Stops every process of the run (SIGSTOP), unless the host has frozen them; suspends the wall-clock and idle
 *         limits.  Reply: OK.
 * RESUME  Continues what PAUSE stopped.  Reply: OK.
 * SIGNAL  Sends signals to the program's first process, the lowest number first, unless it has ended.  No descriptors.
 *         Reply: OK. */
struct cordon_msg_signal {
	struct cordon_msg head;
	uint64_t signals;		/* bit n - 1 stands for signal n; not 0 */
};

struct cordon_msg_error {
	struct cordon_msg head;
	struct cordon_error error;
};

_Static_assert(sizeof(struct cordon_msg) == 16, "wire layout");
_Static_assert(sizeof(struct cordon_conf_mount) == 56, "wire layout");
_Static_assert(sizeof(struct cordon_msg_conf) == 136, "wire layout");
_Static_assert(sizeof(struct cordon_item) == 24, "wire layout");
_Static_assert(sizeof(struct cordon_msg_items) == 32, "wire layout");
_Static_assert(sizeof(struct cordon_execve_rlimit) == 24, "wire layout");
_Static_assert(sizeof(struct cordon_msg_execve) == 120 + sizeof(struct cordon_init_limits), "wire layout");
_Static_assert(sizeof(struct cordon_msg_finished) == 144 + sizeof(struct cordon_rusage), "wire layout");
_Static_assert(sizeof(struct cordon_msg_error) == 144, "wire layout");
_Static_assert(sizeof(struct cordon_supervision) == 96, "wire layout");
_Static_assert(sizeof(struct cordon_supervision_path) == 16, "wire layout");
_Static_assert(sizeof(struct cordon_supervision_call) == 24, "wire layout");
_Static_assert(sizeof(struct cordon_port_rule) == 8, "wire layout");
_Static_assert(sizeof(struct cordon_msg_ask) == 104, "wire layout");
_Static_assert(sizeof(struct cordon_msg_answer) == 32, "wire layout");
_Static_assert(sizeof(struct cordon_msg_signal) == 24, "wire layout");
_Static_assert(sizeof(struct cordon_event) == 272, "wire layout");

#endif
