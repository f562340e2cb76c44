/* SPDX-License-Identifier: Apache-2.0 */
/* calls: which system calls a supervisor must see, why, and where their arguments name files. One table for both CPUs.
 *
 * The library builds the filter that stops them from it, the supervisor judges what has stopped by it. A test compares
 * it with libseccomp's list of all system calls: each one names files here or is in the test's list of those that name
 * none, so that a new one can't be forgotten. */
#ifndef CORDON_CALLS_H
#define CORDON_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a supervisor must see a call: calls_purposes says when. */
enum call_purpose {
	CALL_FILE = 1 << 0,		/* it names files: the path policy decides */
	CALL_SIGNAL = 1 << 1,		/* it reaches another process, which must be one of the run's */
	CALL_CPU = 1 << 2,		/* it reads or sets a task's CPUs, to which it may be pinned (sched/supervisor.h) */
	CALL_BIRTH = 1 << 3,		/* it makes a task, which has them from its parent */
	CALL_EXEC = 1 << 4,		/* it executes a program, which keeps them */
	CALL_PRIVILEGE = 1 << 5,	/* it changes ids, groups or capabilities: an event */
};

/* Which argument of a CALL_SIGNAL names the process. */
enum call_target {
	CALL_TARGET_NONE,
	CALL_TARGET_GROUP,	/* 0, as kill(2) reads it: a process, a group or all */
	CALL_TARGET_FIRST,	/* 0 */
	CALL_TARGET_SECOND,	/* 1 */
	CALL_TARGET_HIDDEN,	/* none: it is in a descriptor, which another thread can replace after a look at it */
};

/* Whether a symbolic link at the end of the path is followed. */
enum call_follow {
	CALL_FOLLOW,		/* always: chdir, truncate, execve */
	CALL_NOFOLLOW,		/* never: unlink, rename, lstat, readlink, mkdir */
	CALL_FOLLOW_UNLESS,	/* unless flags has AT_SYMLINK_NOFOLLOW: fstatat, fchownat */
	CALL_FOLLOW_IF,		/* only if flags has AT_SYMLINK_FOLLOW: linkat, name_to_handle_at */
	CALL_FOLLOW_OPEN,	/* unless open flags have O_NOFOLLOW, or O_CREAT with O_EXCL: open, openat, openat2 */
};

/* When an argument that names nothing means the directory descriptor's own object. */
enum call_itself {
	CALL_ITSELF_FLAG,	/* an empty path (Linux 6.11: or NULL) with AT_EMPTY_PATH in flags */
	CALL_ITSELF_EMPTY,	/* an empty path, without a flag: readlinkat */
	CALL_ITSELF_NULL,	/* as FLAG, and NULL without one: utimensat, which is futimens then, and futimesat */
};

enum call_kind {
	CALL_ORDINARY,		/* access says what for */
	CALL_MOVE,		/* rename, link: the first path gets the second one as a name as well, or instead */
	CALL_OPEN,		/* open, creat, openat, openat2: access comes from the open flags */
	CALL_REFUSED,		/* changes what paths mean, or names files in a way that no path policy can judge (chroot, mount, pivot_root, setns,
				   open_by_handle_at, fanotify_mark, swapon, acct, quotactl ...): EPERM under every path policy */
};

struct call_path {
	int8_t path;		/* the argument that points to the path */
	int8_t dirfd;		/* the argument that is its directory, or -1: the working directory */
	int8_t flags;		/* the argument with AT_* flags, or open flags for CALL_FOLLOW_OPEN; -1 = none. For AT_EMPTY_PATH with an empty path the
				   object is the directory descriptor itself */
	uint8_t follow;		/* enum call_follow */
	uint8_t access;		/* enum cordon_access bits; 0 = no such path. Never 0 for CALL_OPEN, but then the flags say what for */
	uint8_t itself;		/* enum call_itself */
};

struct call {
	const char *name;	/* libseccomp's */
	int16_t nr;		/* on the CPU this is built for, -1 = it lacks it */
	uint8_t purposes;	/* enum call_purpose bits */
	uint8_t kind : 4;	/* enum call_kind */
	uint8_t target : 3;	/* enum call_target */
	uint8_t flags_in_memory : 1;	/* openat2: argument 2 points to struct open_how */
	struct call_path paths[2];	/* access 0: no such path */
};

extern const struct call calls[];
extern const size_t ncalls;

/* The purposes (enum call_purpose bits) for which a supervisor must see calls.
 * engine: enum cordon_engine; flags: enum cordon_supervisor_flag; own_tree: no pid namespace keeps signals in. */
uint32_t calls_purposes(uint32_t engine, uint32_t flags, bool own_tree);

/* The entry for a number of this CPU, or NULL. Constant time. */
const struct call *call_find(long nr);

#endif
