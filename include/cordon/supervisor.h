/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor: what is decided about single system calls of a running program, by number, by path, by port, or by the caller.
 *
 * A seccomp filter of its own stops the calls that need a decision; nothing else stops. Who decides is a process beside cordon-init, by
 * ptrace(2) or by seccomp_unotify(2), and where the kernel has Landlock (landlock(7)) the path policy is loaded into it as well, so
 * that a path that changes between check and use gains nothing.
 *
 * PATHS  A path is absolute inside the sandbox. Symbolic links in it are resolved there when a run starts; the paths that the program
 * names are made absolute against its working directory or descriptor, and their symbolic links resolved as the kernel does. "/proc/self"
 * means the process that asks. Of all rules that hold for a path the one with the longest path decides, alone: a
 * rule without access takes away what a rule above it gives (the kernel's Landlock can't do that: see CORDON_FILE_POLICY_ADVISORY).
 * The directories on the way to a path that has any access may be looked at (CORDON_ACCESS_STAT).
 *
 * PORTS  With a port policy an internet socket is a TCP one, or with CORDON_SUPERVISOR_UDP a UDP one, and nothing else (EACCES), and a TCP
 * socket is bound and connected to the ports of the rules alone (EACCES), whatever the address. The kernel holds it under every engine:
 * Landlock the ports (from ABI 4 on, Linux 6.7; without it the run is refused), a seccomp filter what would go past it: other protocols and
 * families (sockets of the families unix and netlink stay as they are), data in the first packet (MSG_FASTOPEN: EOPNOTSUPP), upper-layer
 * protocols (TCP_ULP, kernel TLS among them: ENOENT), listen(2) where no port may be bound, io_uring (ENOSYS), and foreign ABIs, which end
 * the program. UDP has no port rules in Landlock: all or none. A program that may bind any port may also listen without binding, on one that
 * the kernel picks. Sockets that the program was started with are not subject to it but for their next bind or connect. */
#ifndef CORDON_SUPERVISOR_H
#define CORDON_SUPERVISOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_engine {
	CORDON_ENGINE_AUTO = 0,		/* NOTIFY where the kernel has it, else PTRACE */
	CORDON_ENGINE_NOTIFY = 1,	/* seccomp user notification: opens are done on the program's behalf */
	CORDON_ENGINE_PTRACE = 2,
	CORDON_ENGINE_KERNEL = 3,	/* nobody is asked: paths are Landlock's alone, and there are no system call rules */
};

/* What a path may be used for. */
enum cordon_access {
	CORDON_ACCESS_READ = 1 << 0,	/* open for reading, list a directory */
	CORDON_ACCESS_WRITE = 1 << 1,	/* open for writing, create, remove, rename, link, change mode, owner, times or attributes */
	CORDON_ACCESS_STAT = 1 << 2,	/* stat, access, readlink, chdir, O_PATH; READ, WRITE and EXEC hold it */
	CORDON_ACCESS_EXEC = 1 << 3,	/* execve */
};

enum cordon_path_scope {
	CORDON_PATH_TREE = 0,		/* the path and everything below */
	CORDON_PATH_ENTRIES = 1,	/* the directory and what is directly in it */
	CORDON_PATH_ONLY = 2,		/* the path alone */
};

struct cordon_path_rule {
	const char *path;
	uint32_t scope;			/* enum cordon_path_scope */
	uint32_t access;		/* enum cordon_access bits; 0 = none */
};

/* What a TCP port may be used for. */
enum cordon_port_access {
	CORDON_PORT_BIND = 1 << 0,	/* bind(2), and so listening */
	CORDON_PORT_CONNECT = 1 << 1,	/* connect(2) */
};

struct cordon_port_rule {
	uint32_t port;			/* 0 to 65535. BIND of 0: of one that the kernel picks (ip(7), ip_local_port_range). CONNECT has no 0 */
	uint32_t access;		/* enum cordon_port_access bits, at least one */
};

enum cordon_decision {
	CORDON_DECISION_ALLOW = 0,	/* go on; a path policy is still asked */
	CORDON_DECISION_ERRNO = 1,	/* the call fails with err */
	CORDON_DECISION_KILL = 2,	/* the program is ended: DISALLOWED_SYSCALL, or ACCESS_DENIED where it was for a path */
	CORDON_DECISION_ASK = 3,	/* the caller decides: CORDON_RUN_ASK in runner.h */
};

/* What happens with a system call, before any path policy. */
struct cordon_syscall_rule {
	const char *syscall;		/* "socket" */
	uint32_t decision;		/* enum cordon_decision */
	int32_t err;			/* ERRNO: 1 to CORDON_ERRNO_MAX */
	uint64_t limit;			/* so many calls of the whole run are allowed (or asked for) first, then decision holds; 0 = it holds from the
					   first. ALLOW with UINT64_MAX only counts */
};

enum cordon_supervisor_flag {
	CORDON_SUPERVISOR_FILES = 1 << 0,	/* there is a path policy: what no rule speaks of gets `outside` */
	CORDON_SUPERVISOR_RECORD = 1 << 1,	/* every system call is counted by its number; implies PTRACE */
	CORDON_SUPERVISOR_AUDIT = 1 << 2,	/* what the seccomp policy refuses with an errno, and attempts to change ids or
						   capabilities, become events as well */
	CORDON_SUPERVISOR_PORTS = 1 << 3,	/* there is a port policy: what no rule speaks of is refused */
	CORDON_SUPERVISOR_UDP = 1 << 4,		/* with PORTS: UDP sockets, to and from every port */
};

#define CORDON_ASK_TIMEOUT_NS UINT64_C(1000000000)

struct cordon_supervisor {
	uint32_t engine;		/* enum cordon_engine */
	uint32_t flags;			/* enum cordon_supervisor_flag */
	const struct cordon_path_rule *paths;
	const struct cordon_syscall_rule *syscalls;
	uint32_t npaths, nsyscalls;	/* at most 1024 and 512 */
	const struct cordon_port_rule *ports;	/* several rules of one port add up */
	uint32_t nports;		/* at most 1024 */
	uint32_t outside;		/* enum cordon_decision for a path without the access; not ALLOW */
	int32_t outside_errno;		/* ERRNO: usually EACCES */
	uint64_t ask_timeout_ns;	/* a later answer is taken for a refusal; 0 = CORDON_ASK_TIMEOUT_NS */
};

/* What the program asked for: CORDON_RUN_ASK. Valid until the answer. */
struct cordon_question {
	int32_t syscall;		/* number on this machine */
	int32_t pid;			/* the thread, as the sandbox counts */
	uint64_t args[6];
	uint64_t ip;			/* instruction pointer */
	uint32_t access;		/* enum cordon_access bits that the paths are wanted for; 0 = no path */
	uint32_t npaths;
	const char *paths[2];		/* resolved; bytes chosen by the program */
};

/* ---- events ---- */

enum cordon_event_kind {
	CORDON_EVENT_SYSCALL = 0,	/* a system call that the seccomp policy or a rule refused */
	CORDON_EVENT_PATH = 1,		/* a path that the policy refused */
	CORDON_EVENT_PRIVILEGE = 2,	/* an attempt to change ids, groups or capabilities (AUDIT) */
	CORDON_EVENT_UNANSWERED = 3,	/* a question that was not answered in time */
	CORDON_EVENT_SUPERVISOR = 4,	/* the supervisor was ended from inside; the run was ended with it */
	CORDON_EVENT_COUNT
};

#define CORDON_EVENT_PATH_MAX 184

struct cordon_event {
	uint32_t kind;			/* enum cordon_event_kind */
	int32_t syscall;		/* number, or -1 */
	int32_t err;			/* what the program got, 0 = it was let through (PRIVILEGE), -1 = it was ended */
	int32_t pid;			/* the thread, as the sandbox counts */
	uint64_t time_ns;		/* CLOCK_MONOTONIC */
	uint64_t ip;
	uint64_t args[6];
	uint32_t arch;			/* AUDIT_ARCH_* */
	uint32_t path_len;		/* bytes of path, as much as fits; bytes chosen by the program */
	char path[CORDON_EVENT_PATH_MAX];
};

/* "syscall", "path", "privilege" ...; NULL for a number that is none. Static storage. */
const char *cordon_event_kind_name(uint32_t kind);

/* What a result says about a path policy. */
enum cordon_file_policy {
	CORDON_FILE_POLICY_NONE = 0,
	CORDON_FILE_POLICY_ADVISORY = 1,	/* no Landlock here: calls that the supervisor lets through can still be raced by a thread that
						   changes the path meanwhile (opens can't, under NOTIFY) */
	CORDON_FILE_POLICY_ENFORCED = 2,	/* the kernel holds it as well */
};

#ifdef __cplusplus
}
#endif
#endif
