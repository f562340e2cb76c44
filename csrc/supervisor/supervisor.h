/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor: decides the system calls that a run's filter stops.
 *
 * Theory of operation. One process beside cordon-init. The vfork child makes it as its first step, with init's memory
 * (CLONE_VM) and init as its parent (CLONE_PARENT); so it sees what init knows and needs no channel to it. It runs one
 * loop, in ptrace.c or notify.c: wait for the next stopped call, judge it (judge.c), carry out the decision. init
 * starts it for each run and ends it afterwards.
 *   judge.c     the decision: the seccomp policy (policy_filter, evaluated by bpf.c), the rules by number, a question
 *               to the host (question.c), the path policy (judge_files.c)
 *   policy.c    path rules: a hash table of resolved paths; the longest one decides
 *   mask.c      which mounts of the run's own hold what the rules take away
 *   resolve.c   which file a path of the program means: absolute, without symbolic links, "/proc/self" as its own
 *               /proc/<pid>; parent.c, if the path ends in a name that is made or removed
 *   carry.c     makes calls that name files for the program, on what pin.c has opened; its parts are carry_*.c, and
 *               connects.c for connections that take time
 *   target.c    reads and writes the stopped program's memory and reads its /proc files; borrow.c duplicates its
 *               descriptors
 *   landlock.c  the same path policy as a Landlock ruleset, which the child enters before it loads filters
 *   notify.c    the loop with seccomp_unotify(2), with notify_answer.c; open.c opens files for the program, fifo.c
 *               opens that must wait
 *   ptrace.c    the loop with ptrace(2); in a run without namespaces it also keeps the process tree together
 *   tracees.c   which processes belong to such a run
 *   events.c    events for the result
 *   memory.c    the end for lack of memory
 *   shield.c    a filter that keeps the program from this process
 *   process.c   the process itself: its end, and its privileges with privilege.c
 * I1  For every permission check on files the supervisor has the program's ids (fsuid, fsgid, no effective
 *     capabilities), root and mounts: it can do nothing with files that the program could not.
 * I2  It never waits for the program: its opens and connections do not block, and it reads and writes memory by
 *     process_vm_readv(2) and process_vm_writev(2).
 * I3  Its end ends the run: tracees by PTRACE_O_EXITKILL; with notify, stopped calls fail with ENOSYS, and init kills.
 * I4  It allocates nothing; everything is in struct supervisor, in init's .bss (there is one run at a time). Fields
 *     that both processes write after the start are marked shared and accessed by __atomic builtins. */
#ifndef CORDON_SUPERVISOR_INTERNAL_H
#define CORDON_SUPERVISOR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include <linux/limits.h>
#include "cordon/protocol.h"
#include "cordon/supervisor.h"
#include "supervisor/fifo.h"
#include "supervisor/mask.h"
#include "supervisor/policy.h"
#include "supervisor/shield.h"

#define PATH_SIZE PATH_MAX	/* including the NUL */

/* The file type in a mode (inode(7)). linux/stat.h hides its names from a program with glibc, and sys/stat.h is
 * glibc's. */
enum mode_type {
	MODE_FIFO = 0010000,
	MODE_FILE = 0100000,
	MODE_DEVICE = 0020000,		/* a character device */
	MODE_DIRECTORY = 0040000,
	MODE_LINK = 0120000,
};

static inline bool mode_is(uint32_t mode, enum mode_type type)
{
	return (mode & 0170000) == (uint32_t)type;
}

/* A call that was stopped. */
struct stop {
	int32_t tid;
	long nr;
	uint64_t args[6];
	uint64_t ip;
	uint32_t arch;
};

struct answer {
	uint32_t decision;	/* ALLOW, ERRNO or KILL: enum cordon_decision */
	int32_t err;		/* ERRNO; with 0 the call has been made, and returns value */
	int64_t value;
};

enum supervisor_state {
	SUPERVISOR_STARTING,	/* ptrace: the child waits on the futex while this is the state */
	SUPERVISOR_ATTACHED,	/* ptrace: the child goes on */
	SUPERVISOR_FAILED,	/* .failure says why */
	SUPERVISOR_DONE,	/* every task of the program has ended, and so does the supervisor */
};

enum question_state {
	QUESTION_NONE,
	QUESTION_ASKED,
	QUESTION_ANSWERED,
};

/* A question to the host. The supervisor writes it, increments serial and sets state (judge.c); init sends ASK and
 * writes answer. */
struct supervisor_question {
	uint32_t state;		/* enum question_state; shared, a futex */
	uint64_t serial;
	struct stop stop;
	uint32_t access, npaths;
	char paths[2][PATH_SIZE];
	struct answer answer;
};

#define SUPERVISOR_STACK 131072

/* Of one run: supervisor_begin sets the fields before `events` to zero, and what follows is valid as far as they
 * say. */
struct supervisor {
	uint32_t engine;		/* CORDON_ENGINE_NOTIFY, PTRACE or KERNEL */
	uint32_t flags;
	uint32_t outside;
	int32_t outside_errno;
	uint64_t ask_timeout_ns;
	bool own_tree;			/* no namespaces: ptrace.c keeps the process tree together, and signals to other
					   processes are refused */
	bool set_ids;			/* the program has ids of its own */
	bool scheduling;		/* sched/supervisor.h is switched on */
	uint32_t uid, gid;		/* the program's */
	int proc_fd;			/* a procfs of the program's pid namespace; in the supervisor parked_fd */
	int landlock_fd;		/* or -1 */
	bool enforced;			/* every rule of the path policy is held (mask_enforced) */
	bool landlock_policy;		/* the ruleset restricts files or ports, not signals alone */
	bool landlock_files;		/* it restricts files */
	bool shared;			/* other programs run in the container */
	bool grouped;			/* the supervisor is in a group of its own, with the run's limits */
	const int *procs_fds;		/* files by which it joins that group, valid while the child starts it */
	uint32_t nprocs_fds;
	bool signals_kept;		/* the ruleset keeps signals inside */
	int32_t thread;			/* of init (privileged.c), or 0 */
	const struct sock_filter *notify_filter, *filter, *policy_filter;
	uint16_t notify_len, filter_len, policy_len;
	const struct cordon_supervision_call *calls;	/* ascending */
	uint32_t ncalls;
	const struct cordon_port_rule *ports;
	uint32_t nports;
	uint64_t remaining[CORDON_SUPERVISION_CALLS_MAX];	/* what is left of each call's limit */
	struct fifo_waits fifos;
	uint16_t shield_len;

	/* Shared. */
	uint32_t state;			/* enum supervisor_state, a futex */
	int32_t failure;		/* errno */
	int32_t pid;			/* the supervisor's */
	/* own_tree: the process with which the supervisor ends. Set before the supervisor starts; 0 = its parent. */
	int32_t init_pid;
	int32_t main_tid;		/* the vfork child's: the program's main thread */
	uint32_t executed;		/* the program has been executed: set by init after the exec, or by the ptrace
					   loop at the exec */
	int32_t listener;		/* notify: the listener's number in the child; -1 before */
	int parked_proc, parked_wake;	/* notify: proc_fd and wake_fd in the child, valid once listener is */
	int wake_fd;			/* eventfd: tells init to look at question, killed and ended */
	uint32_t killed;		/* the supervisor has killed the program for events[violation], or: */
	bool out_of_memory;		/* because its group's limit was reached */
	uint32_t sent;			/* ptrace: the last SIGSYS or SIGXFSZ that a process sent to the program, if
					   that ends it; 0 = none */
	struct supervisor_question question;
	uint32_t instances, watches;	/* of inotify(7), taken so far: own_tree */
	uint64_t events_total;
	uint32_t nevents;
	int32_t violation;		/* index into events, or -1 */

	/* Not set to zero. */
	struct cordon_event events[CORDON_EVENTS_MAX];	/* nevents of them */
	uint64_t counts[CORDON_SUPERVISION_COUNTS], setup_counts[CORDON_SUPERVISION_COUNTS];

	struct policy policy;
	struct sock_filter shield[SHIELD_MAX];
	struct mask_plan masks;		/* n is set to zero */
	_Alignas(16) unsigned char stack[SUPERVISOR_STACK];
};

/* proc_fd and wake_fd as the supervisor's own descriptors. */
static inline int supervisor_proc_fd(const struct supervisor *sv)
{
	return sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_proc : sv->proc_fd;
}

static inline int supervisor_wake_fd(const struct supervisor *sv)
{
	return sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_wake : sv->wake_fd;
}

#endif
