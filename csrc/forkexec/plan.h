/* SPDX-License-Identifier: Apache-2.0 */
/* plan: what a child is to become (forkexec.h). */
#ifndef CORDON_FORKEXEC_PLAN_H
#define CORDON_FORKEXEC_PLAN_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>

struct child_fd {
	int fd;
	int target;
};

struct child_rlimit {
	uint32_t resource;
	int32_t index;		/* index for errors of step RLIMIT */
	uint64_t value[2];	/* soft, hard: struct rlimit64 */
};

#define CHILD_FDS_MAX 64

/* A supervisor (supervisor/supervisor.h): a process that the child makes itself, so that it can share what the child
 * has, and what the child enters and loads for it. */
struct child_supervision {
	/* If not NULL the child's first step, in its parent's memory: makes the run's own mounts, which a supervisor is
	 * to share. 0 or -errno (step PATH_MASK) with *ret_index. */
	int (*mask)(void *arg, int32_t *ret_index);
	int (*begin)(void *arg);	/* the child's next step, likewise: 0 or -errno (step SUPERVISOR) */
	void *arg;
	int proc_fd, wake_fd;		/* kept open, close-on-exec, until the exec, for a process that shares the
					   child's descriptors. -1 = none */
	int *parked_proc, *parked_wake;	/* the child writes their numbers here before it loads notify_filter */
	int landlock_fd;		/* a Landlock ruleset that the child enters; -1 = none */
	const struct sock_filter *shield;	/* loaded before all other filters; begin makes it */
	const uint16_t *shield_len;		/* its length; NULL = none */
	const struct sock_filter *beside;	/* loaded before the next two */
	const struct sock_filter *notify_filter;	/* loaded before the program's own filter */
	uint16_t beside_len, notify_len;
	int32_t *listener;		/* if not NULL: notify_filter gets a listener, whose number the child stores
					   here */
};

/* Everything the child needs, checked by the parent. Initialize with zeros, then set exec_fd, cgroup_fd and sync_fd to
 * -1. */
struct child_plan {
	uint64_t clone_flags;		/* CLONE_NEW*; VM, VFORK and PIDFD are added */
	uint32_t exit_signal;		/* until the exec, which sets it to SIGCHLD (execve(2)): 0 in the library, so
					   that a child that fails before does not signal the host; SIGCHLD in
					   cordon-init */

	bool default_signals;		/* the parent neither handles nor ignores signals, so clone(2) is enough, which
					   filters allow */

	int exec_fd;			/* >= 0: execveat(exec_fd, "") */
	const char *const *paths;	/* else these are tried in order, as by execvp(3); NULL-terminated */
	const char *const *argv;
	const char *const *envp;

	const struct child_fd *fds;	/* ascending targets, at most CHILD_FDS_MAX */
	uint32_t nfds;

	bool new_session;		/* setsid(2) */
	bool new_group;			/* setpgid(2): a new process group but no session, as each session may cost a
					   scheduling group (sched(7), autogroup) */
	bool terminal;			/* descriptor 0 becomes the session's controlling terminal */
	const int *procs_fds;		/* cgroup.procs files (v1: tasks): "0" is written to each */
	uint32_t nprocs_fds;
	int cgroup_fd;			/* >= 0: a v2 group in which the child is born (CLONE_INTO_CGROUP); it then does
					   not write to the last of procs_fds. If the kernel refuses, as if it were
					   -1 */
	bool new_cgroup_ns;		/* unshare(CLONE_NEWCGROUP), so that its group looks like the root */

	const struct child_rlimit *rlimits;
	uint32_t nrlimits;

	bool set_ids;			/* setresgid, setresuid; cordon-init only (I4) */
	bool set_groups;		/* setgroups to none; cordon-init only */
	uint32_t uid, gid;
	const char *work_dir;		/* chdir(2) with the new ids; NULL = stay */

	bool drop_caps;			/* empty permitted, effective, inheritable and ambient set; the empty bounding
					   set and the locked securebits are inherited from cordon-init */
	uint64_t ambient_caps;		/* raised as inheritable and ambient (cordon-init in a new user namespace) */
	bool no_new_privs;

	const struct sock_filter *seccomp;
	uint16_t seccomp_len;		/* instructions; 0 = none */
	const struct child_supervision *supervision;	/* NULL = none */

	const char *label;		/* exec label, written to a label file with one write(2); NULL = none */
	const char *const *label_files;	/* relative to label_proc_fd, NULL-terminated; the first that exists is used */
	int label_proc_fd;
	uint32_t label_len;

	int32_t nice;			/* setpriority(2), if the parent's nice value is lower; 0 = unchanged */
	bool unbatch;			/* change the parent's SCHED_BATCH to SCHED_OTHER */
	const uint64_t *cpus;		/* the program's CPUs, sched_setaffinity(2); NULL = the parent's */
	bool cpus_asked;		/* if they are refused, the program does not start (step AFFINITY) */
	uint32_t cpus_size;		/* bytes */
	uint64_t *exec_ns;		/* the child writes CLOCK_MONOTONIC here just before the exec; NULL = not
					   needed */
	int sync_fd;			/* >= 0: a seqpacket socket: the child sends one byte, then waits for one byte:
					   1 = go on */
};

#endif
