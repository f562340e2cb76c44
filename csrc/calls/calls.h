/* SPDX-License-Identifier: Apache-2.0 */
/* calls: which system calls a supervisor must see, why, and which arguments name files. One table for both CPUs.
 *
 * From this table the library builds the filter that stops the calls, and the supervisor judges them. A test compares
 * it with libseccomp's list of all system calls: each call either names files here or is in the test's list of calls
 * that do not, so a new call cannot be forgotten. */
#ifndef CORDON_CALLS_H
#define CORDON_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why a supervisor must see a call; calls_purposes says when. */
enum call_purpose {
	CALL_FILE = 1 << 0,		/* it names files: the path policy decides */
	CALL_SIGNAL = 1 << 1,		/* it reaches another process, which must be one of the run's */
	CALL_CPU = 1 << 2,		/* it reads or sets a task's CPUs, which may be pinned (sched/supervisor.h) */
	CALL_BIRTH = 1 << 3,		/* it makes a task, which inherits the CPUs */
	CALL_EXEC = 1 << 4,		/* it executes a program, which keeps the CPUs */
	CALL_PRIVILEGE = 1 << 5,	/* it changes ids, groups or capabilities: an event */
	CALL_USER = 1 << 6,		/* it takes what the kernel counts per user (cordon/bounds.def) */
};

/* Which argument of a CALL_SIGNAL names the process. */
enum call_target {
	CALL_TARGET_NONE,
	CALL_TARGET_GROUP,	/* argument 0, as in kill(2): a process, a group or all */
	CALL_TARGET_FIRST,	/* argument 0 */
	CALL_TARGET_SECOND,	/* argument 1 */
	CALL_TARGET_HIDDEN,	/* none: a descriptor, which another thread can replace after a check */
};

/* Whether a symbolic link at the end of the path is followed. */
enum call_follow {
	CALL_FOLLOW,		/* always: chdir, truncate, execve */
	CALL_NOFOLLOW,		/* never, unless a slash follows: lstat, readlink */
	CALL_FOLLOW_UNLESS,	/* unless flags has AT_SYMLINK_NOFOLLOW: fstatat, fchownat */
	CALL_FOLLOW_IF,		/* only if flags has AT_SYMLINK_FOLLOW: linkat, name_to_handle_at */
	CALL_FOLLOW_OPEN,	/* unless open flags have O_NOFOLLOW, or O_CREAT with O_EXCL: open, openat, openat2 */
	CALL_FOLLOW_WATCH,	/* unless the mask has IN_DONT_FOLLOW: inotify_add_watch */
	CALL_NAME,		/* the last component is a name in its directory and never looked up, not even if a
				   slash follows it: unlink, rename, mkdir */
};

/* When a path argument that is empty or NULL means the object of the directory descriptor. */
enum call_itself {
	CALL_ITSELF_FLAG,	/* an empty path (Linux 6.11: or NULL) with AT_EMPTY_PATH in flags */
	CALL_ITSELF_EMPTY,	/* an empty path, without a flag: readlinkat */
	CALL_ITSELF_NULL,	/* as FLAG, and NULL without one: utimensat, which is futimens then, and futimesat */
	CALL_ITSELF_ALWAYS,	/* there is no path, and path is the index of the descriptor, as dirfd is: fchmod */
};

enum call_kind {
	CALL_ORDINARY,		/* access says for what */
	CALL_MOVE,		/* rename, link: the file at the first path gets the second path as a new or additional
				   name */
	CALL_OPEN,		/* open, creat, openat, openat2: the access comes from the open flags */
	/* the path is in the address of a socket: connect, bind. Other addresses name no file */
	CALL_ADDRESS,
	CALL_REFUSED,		/* changes what paths mean, or names files in a way that a path policy cannot judge
				   (chroot, mount, pivot_root, setns, open_by_handle_at, fanotify_mark, swapon, acct,
				   quotactl ...): EPERM under every path policy */
};

/* What the supervisor does in the program's place, so that no name is read twice (supervisor/carry.c). Calls that
 * differ in their arguments only share a row there. */
enum call_carry {
	CARRY_NOT,		/* the kernel makes the call after the judgement, or (CALL_OPEN) open.c does */
	CARRY_STAT, CARRY_STATX, CARRY_ACCESS, CARRY_READLINK, CARRY_STATFS,
	CARRY_CHMOD, CARRY_CHMOD2, CARRY_CHOWN, CARRY_TRUNCATE, CARRY_UTIME, CARRY_UTIMES, CARRY_UTIMENS,
	CARRY_SETXATTR, CARRY_GETXATTR, CARRY_LISTXATTR, CARRY_REMOVEXATTR,
	CARRY_SETXATTRAT, CARRY_GETXATTRAT, CARRY_LISTXATTRAT, CARRY_REMOVEXATTRAT, CARRY_GETATTR, CARRY_SETATTR,
	CARRY_UNLINK, CARRY_RMDIR, CARRY_MKDIR, CARRY_MKNOD, CARRY_SYMLINK, CARRY_LINK, CARRY_RENAME,
	CARRY_WATCH, CARRY_CONNECT,
	CARRY_KINDS,
};

struct call_path {
	int8_t path;		/* index of the argument that points to the path */
	int8_t dirfd;		/* index of the argument with its directory; -1 = the working directory */
	int8_t flags;		/* index of the argument with AT_* flags, with open flags for CALL_FOLLOW_OPEN, with a
				   mask for CALL_FOLLOW_WATCH, with the call's own flags for CALL_NAME; -1 = none. With
				   AT_EMPTY_PATH and an empty path the object is that of the directory descriptor */
	uint8_t follow;		/* enum call_follow */
	uint8_t access;		/* enum cordon_access bits; 0 = no such path. For CALL_OPEN not 0, but the open flags
				   say for what */
	uint8_t itself;		/* enum call_itself */
};

struct call {
	const char *name;	/* libseccomp's */
	int16_t nr;		/* the number on the CPU that this is built for; -1 = it lacks the call */
	uint8_t purposes;	/* enum call_purpose bits */
	uint8_t kind : 4;	/* enum call_kind */
	uint8_t target : 3;	/* enum call_target */
	uint8_t flags_in_memory : 1;	/* openat2: argument 2 points to struct open_how */
	uint8_t carry;		/* enum call_carry */
	struct call_path paths[2];	/* access 0: no such path */
};

extern const struct call calls[];
extern const size_t ncalls;

/* The purposes (enum call_purpose bits) for which a supervisor must see calls. engine: enum cordon_engine; flags: enum
 * cordon_supervisor_flag; own_tree: there is no pid namespace to restrict signals, and no user namespace in which less
 * could be counted. */
uint32_t calls_purposes(uint32_t engine, uint32_t flags, bool own_tree);

/* The purposes of the calls by which a program could see that it is pinned, or pass that on, unless they are
 * stopped. */
uint32_t calls_revealing(uint32_t engine);

/* The entry for a number of this CPU, or NULL. Constant time. */
const struct call *call_find(long nr);

#endif
