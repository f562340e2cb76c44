/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor: decides the system calls that a run's filter stops.
 *
 * Theory of operation. One process beside cordon-init, made by the vfork child as its first step, with init's memory (CLONE_VM) and
 * init as its parent (CLONE_PARENT); so it can be told nothing that init does not know, and needs no channel. It runs one loop, in
 * ptrace.c or notify.c: take the next stop, judge it (judge.c), carry the judgement out. init starts it anew for each run and
 * ends it after.
 *   judge.c     truth (the seccomp policy, evaluated by bpf.c), the rules by number, the question to the host, the path policy
 *   policy.c    path rules: a hash of resolved paths, the longest one decides
 *   resolve.c   which file a path of the program means: absolute, without symbolic links, "/proc/self" for its own /proc/<pid>
 *   target.c    reads the stopped program's memory and registers
 *   landlock.c  the same path policy as a Landlock ruleset, which the child enters before it loads filters
 *   notify.c    the loop by seccomp_unotify(2); open.c does opens on the program's behalf, fifo.c those that must wait
 *   ptrace.c    the loop by ptrace(2); in a run without namespaces also what holds the process tree together
 * I1  The supervisor has the program's ids for everything that the kernel checks on files (fsuid, fsgid, no capability in the
 *     effective set), its root and its mounts: it can open nothing that the program could not.
 * I2  It never waits for the program: no open of it blocks, and memory is read by process_vm_readv(2).
 * I3  The end of the supervisor ends the run: tracees by PTRACE_O_EXITKILL; under notify stopped calls fail with ENOSYS, and init kills.
 * I4  Nothing allocates; everything is in struct supervisor, which is in .bss of init (there is one run at a time). What both sides write
 *     after the start is marked shared and accessed by __atomic builtins. */
#ifndef CORDON_SUPERVISOR_INTERNAL_H
#define CORDON_SUPERVISOR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include "calls/calls.h"
#include "cordon/error.h"
#include "cordon/protocol.h"
#include "cordon/supervisor.h"

#define PATH_SIZE PATH_MAX	/* with the NUL */

/* What a mode says is there (inode(7)). linux/stat.h keeps its names from a program with glibc, and sys/stat.h is glibc's. */
enum mode_type {
	MODE_FIFO = 0010000,
	MODE_DEVICE = 0020000,		/* by characters */
	MODE_DIRECTORY = 0040000,
	MODE_LINK = 0120000,
};

static inline bool mode_is(uint32_t mode, enum mode_type type)
{
	return (mode & 0170000) == (uint32_t)type;
}

/* ---- policy.c: pure ---- */

#define POLICY_TEXT_SIZE 262144
#define POLICY_ENTRIES_MAX (POLICY_SLOTS / 4 * 3)
#define POLICY_SLOTS 8192	/* power of two, at least four per rule: each rule's ancestors have entries, too */

struct policy_entry {
	uint32_t hash;
	uint32_t text, len;	/* in policy.text; the root has length 0 */
	uint32_t parent;	/* slot of the directory above */
	uint8_t tree, entries, only;	/* access that a rule of this scope on this path gives; valid where its bit is set in has */
	uint8_t has;		/* 1 << enum cordon_path_scope */
	bool on_the_way;	/* a directory above a rule with access */
	bool above;		/* a directory above any rule */
	int16_t rule;		/* the last one that named it, for errors */
};

/* Begins as zeros. */
struct policy {
	uint32_t used_text, nentries;
	bool full;
	uint16_t used[POLICY_ENTRIES_MAX];	/* the slots of the entries: clearing all 8192 would cost as much as the rest of a policy */
	struct policy_entry slots[POLICY_SLOTS];
	char text[POLICY_TEXT_SIZE];
};

void policy_clear(struct policy *p);

/* Adds a rule for a resolved path ("/", "/usr/lib": absolute, no trailing or double slash). 0 or -ENOSPC. */
int policy_add(struct policy *p, const char *path, size_t len, uint32_t scope, uint32_t access, int16_t rule);

/* The access (enum cordon_access bits, with what they hold) that the policy gives to a resolved path. */
uint32_t policy_access(const struct policy *p, const char *path, size_t len);

/* Whether what is at one path (a directory with all that is in it, too) may be given another name: where a rule lies below it would lose its hold,
 * and the file must not gain reading, writing or executing by its new place. For rename and link, after both paths have been found to
 * have WRITE; for RENAME_EXCHANGE both ways. */
bool policy_may_move(const struct policy *p, const char *from, size_t from_len, const char *to, size_t to_len);

/* ---- target.c ---- */

/* A call that was stopped. */
struct stop {
	int32_t tid;
	long nr;
	uint64_t args[6];
	uint64_t ip;
	uint32_t arch;
};

/* Reads len bytes of tid's memory. 0 or -errno (EFAULT; ESRCH where it is gone). */
int target_read(int32_t tid, uint64_t address, void *buf, size_t len);

/* Reads a NUL-terminated path as the kernel would (getname): its length, or -EFAULT, -ENAMETOOLONG (no NUL within PATH_SIZE), -ESRCH.
 * Never reads beyond the page of the NUL. */
int target_path(int32_t tid, uint64_t address, char buf[PATH_SIZE]);

/* Raises CAP_SYS_PTRACE from the permitted into the effective set, or lowers it: for a single read of a process that is not dumpable. False
 * where that changes nothing or can't be done; then there is nothing to lower. */
bool target_privilege(bool on);

#define STAT_SIZE 512

/* What /proc/<tid>/stat says from its third field, the state, on; NULL where it can't be read. The name before it may hold anything. */
const char *target_stat(int proc_fd, int32_t tid, char buf[STAT_SIZE]);

/* A field of it that is a number, as proc_pid_stat(5) counts: 4 or more. 0 where it is negative or not there. */
uint64_t target_stat_field(const char *stat, unsigned field);

/* The thread group of tid, from /proc. > 0 or -errno. */
int32_t target_tgid(int proc_fd, int32_t tid);

/* Its umask; 022 where it can't be read. */
uint32_t target_umask(int proc_fd, int32_t tid);

/* ---- resolve.c ---- */

struct resolved {
	char path[PATH_SIZE];	/* absolute as the program sees it */
	uint32_t len;
	bool exists;		/* false: the last component is not there (its directory is) */
	bool anonymous;		/* what the path leads to has no path: a pipe, a socket, a deleted or anonymous file that the program has open
				   already (/proc/self/fd/N). path is then the magic link's own */
	bool magic;		/* the path ends in a magic link of the program's own process, which was followed; link holds its path
				   relative to proc, "<tgid>/fd/3" */
	char link[64];
	struct asked_open {	/* judge's, for open_for; resolve leaves it alone */
		uint64_t flags, mode, resolve;	/* of struct open_how: read once, as the program can change its memory meanwhile */
		uint32_t access;
		bool lexical;		/* path is what the program wrote, allowed as it stands; nobody has looked for links in it yet */
		int fifo;		/* OPEN_LATER: a descriptor of it */
	} open;
};

/* What path means for thread tid: from root where it is absolute, else from dirfd (AT_FDCWD or a descriptor of the program's). follow: a
 * symbolic link at the end as well. proc_fd is a procfs of the program's pid namespace.
 * 0 with *ret; or the errno that the program would get: ENOENT (a directory on the way is missing), ENOTDIR, ELOOP, EACCES, EBADF,
 * ENAMETOOLONG. An empty path is ENOENT unless empty_ok (AT_EMPTY_PATH): then it is dirfd's object itself. */
int resolve(int proc_fd, int32_t tid, int dirfd, const char *path, bool follow, bool empty_ok, struct resolved *ret);

/* For the policy's own paths, at the start of a run, by init: as much of path as exists is resolved, the rest is kept. 0 or -errno. */
int resolve_rule(const char *path, struct resolved *ret);

/* ---- bpf.c: pure ---- */

/* What a classic BPF program that the kernel has accepted answers for a stop; KILL_PROCESS where it does not make sense. */
uint32_t bpf_run(const struct sock_filter *program, size_t len, const struct stop *s);

/* Whether no call for these purposes (enum call_purpose bits) is made without action, which stops it. One that fails is not made. */
bool bpf_stops_all(const struct sock_filter *program, size_t len, uint32_t action, uint32_t purposes);

/* ---- landlock.c ---- */

/* What a ruleset is to hold. Without files every path stays as it is, without nets every port. */
struct landlock_orders {
	bool files, nets;
	const struct cordon_supervision_path *paths;
	uint32_t npaths;
	const char *(*path_of)(void *arg, uint32_t i);
	void *arg;				/* path_of's */
	const struct cordon_port_rule *ports;
	uint32_t nports;
};

/* A ruleset that gives what the policy's rules give, as far as this kernel's Landlock can say it (Landlock has no rule that takes
 * away, and no rule for the entries of a directory alone: there it gives more, and the supervisor is what narrows it). The paths are resolved
 * as they stand; one that does not exist has no rule, except that a rule with WRITE for a missing name gives making files to its
 * directory. Also where the ABI has it: signals and abstract sockets are kept within the sandbox (LANDLOCK_SCOPE_*).
 * The ruleset's descriptor (close-on-exec), or -errno with *err (LANDLOCK); -EOPNOTSUPP without *err where the kernel has no Landlock, or
 * none that knows ports where nets is set. */
int landlock_ruleset(const struct landlock_orders *orders, struct cordon_error *err);

/* ---- judge.c ---- */

struct supervisor;

struct answer {
	uint32_t decision;	/* ALLOW, ERRNO or KILL: enum cordon_decision */
	int32_t err;
};

/* Decides about s; notes events, counts, and asks the host where it must (blocks for the answer, at most for the time-out). Where the call is
 * CALL_OPEN and allowed, and opened is not NULL, *opened is what it leads to. */
void judge(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened);

/* After OPEN_AGAIN, for the call that was judged last: follows the links of its path and decides anew about that. */
void judge_links(struct supervisor *sv, const struct stop *s, struct answer *ret, struct resolved *opened);

/* ---- open.c ---- */

/* Does an open of an allowed path for the program; never blocks. A descriptor of the supervisor's (close-on-exec) with *ret_fd_flags (O_CLOEXEC
 * or 0) for the program's; or -errno that the program gets; or OPEN_AGAIN: there are links on the way, so that judge_links must decide; or
 * OPEN_LATER: r->open.fifo, the caller's now, goes to fifo_take; or OPEN_BY_ITSELF: the program does it, as the kernel takes no O_PATH descriptor
 * from another process. */
#define OPEN_BY_ITSELF (-4096)
#define OPEN_AGAIN (-4097)
#define OPEN_LATER (-4098)
int open_for(struct supervisor *sv, const struct stop *s, struct resolved *r, uint32_t *ret_fd_flags);

/* ---- the whole ---- */

enum supervisor_state {
	SUPERVISOR_STARTING,	/* ptrace: the child waits on the futex until it is another */
	SUPERVISOR_ATTACHED,	/* ptrace: the child may go on */
	SUPERVISOR_FAILED,	/* .failure says why */
	SUPERVISOR_DONE,	/* every task of the program's is gone, and the supervisor with them */
};

enum question_state {
	QUESTION_NONE,
	QUESTION_ASKED,
	QUESTION_ANSWERED,
};

/* A question to the host. The supervisor writes it and sets serial to a new odd number... see judge.c; init sends ASK and writes answer. */
struct supervisor_question {
	uint32_t state;		/* enum question_state; shared, a futex */
	uint64_t serial;
	struct stop stop;
	uint32_t access, npaths;
	char paths[2][PATH_SIZE];
	struct answer answer;
};

#define SUPERVISOR_STACK 131072

struct supervisor {
	uint32_t engine;		/* CORDON_ENGINE_NOTIFY, PTRACE or KERNEL */
	uint32_t flags;
	uint32_t outside;
	int32_t outside_errno;
	uint64_t ask_timeout_ns;
	bool own_tree;			/* without namespaces: ptrace.c holds the process tree, and signals to others are refused */
	bool set_ids;			/* the program has ids of its own */
	bool scheduling;		/* whether sched/supervisor.h is to do anything */
	uint32_t uid, gid;		/* the program's */
	int proc_fd;			/* a procfs of the program's pid namespace; in the supervisor parked_fd */
	int landlock_fd;		/* or -1 */
	const struct sock_filter *stop, *filter, *truth;
	uint16_t nstop, nfilter, ntruth;
	const struct cordon_supervision_call *calls;	/* ascending */
	uint32_t ncalls;
	uint64_t remaining[CORDON_SUPERVISION_CALLS_MAX];	/* of each call's limit */

	/* Shared. */
	uint32_t state;			/* enum supervisor_state, a futex */
	int32_t failure;		/* errno */
	int32_t pid;			/* the supervisor's */
	int32_t init_pid;		/* own_tree: the supervisor ends with it. As the child's getppid() says, set before the supervisor starts; 0 =
					   whoever the supervisor finds as its parent */
	int32_t main_tid;		/* the vfork child's: the program's main thread */
	uint32_t executed;		/* the program runs: set by init after the exec, or by the ptrace loop at it */
	int32_t listener;		/* notify: the child's number of its listener, -1 before */
	int parked_proc, parked_wake;	/* notify: the child's numbers of proc_fd and wake_fd, valid once listener is */
	int wake_fd;			/* eventfd: init looks at question, killed and ended */
	uint32_t killed;		/* the supervisor has ended the program for events[violation] */
	struct supervisor_question question;
	uint64_t events_total;
	uint32_t nevents;
	int32_t violation;		/* index into events, or -1 */
	struct cordon_event events[CORDON_EVENTS_MAX];
	uint64_t counts[CORDON_SUPERVISION_COUNTS], setup_counts[CORDON_SUPERVISION_COUNTS];

	struct policy policy;
	_Alignas(16) unsigned char stack[SUPERVISOR_STACK];
};

/* The loops: run in the supervisor's process, never return. */
_Noreturn void supervise_ptrace(struct supervisor *sv);
_Noreturn void supervise_notify(struct supervisor *sv);

/* ptrace.c, for judge in a run of own_tree: whether pid is a live process or thread of the run, or a zombie that one of its processes or init
 * has yet to reap (a signal to it does nothing, and must not fail). Everything else is somebody else's. Only in the supervisor. */
bool tracee_is_ours(int32_t pid);

/* Gives up what the supervisor does not need: closes every descriptor but keep[0..n), takes the program's ids for files. */
void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep);

/* The supervisor's own numbers of proc_fd and wake_fd. */
static inline int supervisor_proc_fd(const struct supervisor *sv)
{
	return sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_proc : sv->proc_fd;
}

static inline int supervisor_wake_fd(const struct supervisor *sv)
{
	return sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_wake : sv->wake_fd;
}

/* Notes an event; kills nothing. Of more than fit the first ones are kept, and the last one. */
void supervisor_event(struct supervisor *sv, enum cordon_event_kind kind, const struct stop *s, int32_t err, const char *path);

/* Whether calls are counted: RECORD, or rules by number. */
bool supervisor_counts(const struct supervisor *sv);

/* Ends every process of the run and remembers the last event as the reason. */
void supervisor_kill(struct supervisor *sv);

/* Ends the supervisor's process: no task is left to watch, and none can come. By itself, as init would have to wake it to end it. */
_Noreturn void supervisor_finish(struct supervisor *sv);

#endif
