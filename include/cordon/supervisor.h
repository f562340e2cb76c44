/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor: decides single system calls of a running program: by number, by path, by port, or by asking the caller.
 *
 * A seccomp filter stops the calls that need a decision; other calls run at full speed. A process beside cordon-init
 * decides, by ptrace(2) or seccomp_unotify(2). If the kernel has Landlock (landlock(7)), the path policy is also loaded
 * there, so that a path that is changed between check and use gains nothing.
 *
 * PATHS  A path is absolute inside the sandbox. Symbolic links in the rules are resolved there when a run starts. A
 * path that the program names is made absolute from its working directory or descriptor, and its symbolic links are
 * resolved as the kernel does; "/proc/self" means the asking process. Of the rules that cover a path, the one with the
 * longest path decides alone: a rule without access takes away what a rule above it gives. Directories on the way to a
 * path with any access have CORDON_ACCESS_STAT.
 *
 * MASKS  Landlock only allows. What a rule takes away below what another one gives, mounts of the run's own take away,
 * in a sandbox with namespaces and unless the caller is asked about paths: a tree without access is hidden (an empty
 * directory or file of mode 0 is there; trees that are allowed below are in it), a tree without WRITE is read-only, one
 * without EXEC is noexec (so libraries in it cannot be loaded either). Directories above such a tree that could be
 * renamed are mount points: files move between them and their neighbours by copying (EXDEV). A program
 * whose work directory is hidden begins in the empty one. Masks are by path: another name of the same file, by a
 * hard link or another bind, has its own rule; they are made when the run starts, for paths that exist then.
 *
 * PORTS  With a port policy, internet sockets can only be TCP, or with CORDON_SUPERVISOR_UDP also UDP (else EACCES),
 * and a TCP socket can only bind and connect to the ports of the rules (else EACCES), at any address. The kernel
 * enforces this under every engine. Landlock enforces the ports (ABI 4, Linux 6.7; without it the run is refused). A
 * seccomp filter refuses what would bypass it: other protocols and families (AF_UNIX and AF_NETLINK stay as they are),
 * data in the first packet (MSG_FASTOPEN: EOPNOTSUPP), upper-layer protocols (TCP_ULP, including kernel TLS: ENOENT),
 * listen(2) if no port may be bound, io_uring (ENOSYS); foreign ABIs end the program. Landlock has no UDP rules: all
 * ports or none. A program that may bind any port may also listen without bind, on a port that the kernel picks.
 * Sockets that the program inherits are affected only by their next bind or connect. */
#ifndef CORDON_SUPERVISOR_H
#define CORDON_SUPERVISOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_engine {
	CORDON_ENGINE_AUTO = 0,		/* KERNEL if the path policy only denies, which masks hold alone; else PTRACE;
					   NOTIFY for a path policy that is enforced under NOTIFY and not under PTRACE,
					   or if PTRACE is not possible */
	CORDON_ENGINE_NOTIFY = 1,	/* seccomp user notification. A signal may interrupt a stopped call before it
					   is received: EINTR, unless the handler has SA_RESTART */
	CORDON_ENGINE_PTRACE = 2,	/* the program cannot be traced by another process, nor trace its own */
	CORDON_ENGINE_KERNEL = 3,	/* no process decides: Landlock and masks alone enforce the path policy, and
					   there are no system call rules. What is not masked has STAT, and attributes
					   of files outside of WRITE can be changed (landlock(7)) */
};

/* Ways to use a path. */
enum cordon_access {
	CORDON_ACCESS_READ = 1 << 0,	/* open for reading, list a directory */
	CORDON_ACCESS_WRITE = 1 << 1,	/* open for writing, create, remove, rename, link, change mode, owner, times,
					   attributes; connect to a socket, bind one */
	/* stat, access, readlink, chdir; O_PATH, which under NOTIFY needs READ. Included in READ, WRITE and EXEC */
	CORDON_ACCESS_STAT = 1 << 2,
	CORDON_ACCESS_EXEC = 1 << 3,	/* execve */
};

enum cordon_path_scope {
	CORDON_PATH_TREE = 0,		/* the path and everything below it */
	CORDON_PATH_ENTRIES = 1,	/* the directory and its direct entries */
	CORDON_PATH_ONLY = 2,		/* the path alone */
};

struct cordon_path_rule {
	const char *path;
	uint32_t scope;			/* enum cordon_path_scope */
	uint32_t access;		/* enum cordon_access bits; 0 = none */
};

/* Ways to use a TCP port. */
enum cordon_port_access {
	CORDON_PORT_BIND = 1 << 0,	/* bind(2), and so also listen(2) */
	CORDON_PORT_CONNECT = 1 << 1,	/* connect(2) */
};

struct cordon_port_rule {
	uint32_t port;			/* 0 to 65535. BIND of 0: a port that the kernel picks (ip(7),
					   ip_local_port_range). Not 0 for CONNECT */
	uint32_t access;		/* enum cordon_port_access bits, at least one */
};

enum cordon_decision {
	CORDON_DECISION_ALLOW = 0,	/* the call goes on; a path policy still applies */
	CORDON_DECISION_ERRNO = 1,	/* the call fails with err */
	CORDON_DECISION_KILL = 2,	/* the program is killed: DISALLOWED_SYSCALL, or ACCESS_DENIED if it was for a
					   path */
	CORDON_DECISION_ASK = 3,	/* the caller decides: CORDON_RUN_ASK in runner.h */
};

/* The decision for a system call, taken before any path policy. */
struct cordon_syscall_rule {
	const char *syscall;		/* "socket" */
	uint32_t decision;		/* enum cordon_decision */
	int32_t err;			/* ERRNO: 1 to CORDON_ERRNO_MAX */
	uint64_t limit;			/* this many calls of the run are allowed first (with ASK: asked), then decision
					   applies; 0 = it applies from the first. ALLOW with UINT64_MAX only counts */
};

enum cordon_supervisor_flag {
	CORDON_SUPERVISOR_FILES = 1 << 0,	/* there is a path policy; outside is the decision for paths without a
						   rule */
	CORDON_SUPERVISOR_RECORD = 1 << 1,	/* count every system call by number; implies PTRACE */
	CORDON_SUPERVISOR_AUDIT = 1 << 2,	/* calls that the seccomp policy refuses with an errno, and attempts to
						   change ids or capabilities, also become events */
	CORDON_SUPERVISOR_PORTS = 1 << 3,	/* there is a port policy; ports without a rule are refused */
	CORDON_SUPERVISOR_UDP = 1 << 4,		/* with PORTS: UDP sockets are allowed, for every port */
};

#define CORDON_ASK_TIMEOUT_NS UINT64_C(1000000000)

struct cordon_supervisor {
	uint32_t engine;		/* enum cordon_engine */
	uint32_t flags;			/* enum cordon_supervisor_flag */
	const struct cordon_path_rule *paths;
	const struct cordon_syscall_rule *syscalls;
	uint32_t npaths, nsyscalls;	/* at most 1024 and 512 */
	const struct cordon_port_rule *ports;	/* rules for one port add up */
	uint32_t nports;		/* at most 1024 */
	uint32_t outside;		/* enum cordon_decision for a path without the access asked for; not ALLOW */
	int32_t outside_errno;		/* with ERRNO: usually EACCES */
	uint64_t ask_timeout_ns;	/* after this time the question counts as refused; 0 = CORDON_ASK_TIMEOUT_NS */
};

/* A question of CORDON_RUN_ASK. Valid until it is answered. */
struct cordon_question {
	int32_t syscall;		/* number on this machine */
	int32_t pid;			/* the thread, as the sandbox counts */
	uint64_t args[6];
	uint64_t ip;			/* instruction pointer */
	uint32_t access;		/* enum cordon_access bits wanted for the paths; 0 = no path */
	uint32_t npaths;
	const char *paths[2];		/* resolved; bytes chosen by the program */
};

/* ---- events ---- */

enum cordon_event_kind {
	CORDON_EVENT_SYSCALL = 0,	/* the seccomp policy or a rule refused a system call */
	CORDON_EVENT_PATH = 1,		/* the path policy refused a path */
	CORDON_EVENT_PRIVILEGE = 2,	/* AUDIT: an attempt to change ids, groups or capabilities */
	CORDON_EVENT_UNANSWERED = 3,	/* a question was not answered in time */
	CORDON_EVENT_SUPERVISOR = 4,	/* the program ended the supervisor; the run was ended with it */
	CORDON_EVENT_COUNT
};

#define CORDON_EVENT_PATH_MAX 184

struct cordon_event {
	uint32_t kind;			/* enum cordon_event_kind */
	int32_t syscall;		/* number, or -1 */
	int32_t err;			/* the errno that the program got; 0 = the call was let through (PRIVILEGE), -1
					   = the program was killed */
	int32_t pid;			/* the thread, as the sandbox counts */
	uint64_t time_ns;		/* CLOCK_MONOTONIC */
	uint64_t ip;
	uint64_t args[6];
	uint32_t arch;			/* AUDIT_ARCH_* */
	uint32_t path_len;		/* length of path, which is cut if it is longer; bytes chosen by the program */
	char path[CORDON_EVENT_PATH_MAX];
};

/* "syscall", "path", "privilege" ...; NULL for an unknown number. Static storage. */
const char *cordon_event_kind_name(uint32_t kind);

/* How a path policy was enforced. The layer CORDON_LAYER_PATH_POLICY stands for ENFORCED, and can be required. */
enum cordon_file_policy {
	CORDON_FILE_POLICY_NONE = 0,
	CORDON_FILE_POLICY_ADVISORY = 1,	/* something is held by the check of a name alone, which can be raced by
						   a thread that changes the path meanwhile, or not held at all:
						   docs/security-model.md says what */
	CORDON_FILE_POLICY_ENFORCED = 2,	/* the kernel holds each rule, or the supervisor carries out the call
						   itself */
};

#ifdef __cplusplus
}
#endif
#endif
