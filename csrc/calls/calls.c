/* SPDX-License-Identifier: Apache-2.0 */
/* calls: the table, as lists of X(name, purposes, kind, target, flags in memory, carry, paths), from which the array
 * and the switch of call_find are made. A call with several purposes has one row with all of them. If a raw call has no
 * flags argument although libc's function has one (faccessat, fchmodat), the row is for the raw call. */
#include "calls/calls.h"

#include "calls/numbers.h"
#include "cordon/supervisor.h"

#define R CORDON_ACCESS_READ
#define W CORDON_ACCESS_WRITE
#define S CORDON_ACCESS_STAT
#define E CORDON_ACCESS_EXEC

/* A path argument: alone; with its directory; with directory and flags; as before, and may stand for the directory
 * itself. The last one: a descriptor, without a path. */
#define PATH(path, follow, access) { path, -1, -1, CALL_##follow, access, 0 }
#define AT(dirfd, follow, access) { (dirfd) + 1, dirfd, -1, CALL_##follow, access, 0 }
#define AT_FLAGS(dirfd, flags, follow, access) { (dirfd) + 1, dirfd, flags, CALL_##follow, access, 0 }
#define AT_ITSELF(dirfd, flags, follow, access, itself) { (dirfd) + 1, dirfd, flags, CALL_##follow, access, itself }

#define OPENED(fd, access) { fd, fd, -1, CALL_FOLLOW, access, CALL_ITSELF_ALWAYS }

#define NO_PATH { -1, -1, -1, 0, 0, 0 }

#define CALL(X, name, carry, ...) X(name, CALL_FILE, CALL_ORDINARY, CALL_TARGET_NONE, 0, CARRY_##carry, __VA_ARGS__)
#define MOVE(X, name, carry, ...) X(name, CALL_FILE, CALL_MOVE, CALL_TARGET_NONE, 0, CARRY_##carry, __VA_ARGS__)
#define OPEN(X, name, in_memory, ...) \
	X(name, CALL_FILE, CALL_OPEN, CALL_TARGET_NONE, in_memory, CARRY_NOT, __VA_ARGS__)
#define EXEC(X, name, ...) X(name, CALL_FILE | CALL_EXEC, CALL_ORDINARY, CALL_TARGET_NONE, 0, CARRY_NOT, __VA_ARGS__)
#define ADDRESS(X, name, carry, ...) X(name, CALL_FILE, CALL_ADDRESS, CALL_TARGET_NONE, 0, CARRY_##carry, __VA_ARGS__)
#define WATCH(X, name, ...) X(name, CALL_FILE | CALL_USER, CALL_ORDINARY, CALL_TARGET_NONE, 0, CARRY_WATCH, __VA_ARGS__)
#define REFUSED(X, name) X(name, CALL_FILE, CALL_REFUSED, CALL_TARGET_NONE, 0, CARRY_NOT, NO_PATH)
#define SIGNAL(X, name, target) X(name, CALL_SIGNAL, CALL_ORDINARY, CALL_TARGET_##target, 0, CARRY_NOT, NO_PATH)
#define SEEN(X, name, purpose) X(name, CALL_##purpose, CALL_ORDINARY, CALL_TARGET_NONE, 0, CARRY_NOT, NO_PATH)

/* Newer CPUs began with the *at calls. */
#ifdef __x86_64__
#define IF_X86_64(list, X) list(X)
#else
#define IF_X86_64(list, X)
#endif

#define X86_64_CALLS(X) \
	OPEN(X, open, 0, { 0, -1, 1, CALL_FOLLOW_OPEN, R, 0 }) \
	OPEN(X, creat, 0, PATH(0, FOLLOW, W)) \
	CALL(X, stat, STAT, PATH(0, FOLLOW, S)) \
	CALL(X, lstat, STAT, PATH(0, NOFOLLOW, S)) \
	CALL(X, access, ACCESS, PATH(0, FOLLOW, S)) \
	CALL(X, readlink, READLINK, PATH(0, NOFOLLOW, S)) \
	CALL(X, unlink, UNLINK, PATH(0, NAME, W)) \
	MOVE(X, rename, RENAME, PATH(0, NAME, W), PATH(1, NAME, W)) \
	MOVE(X, link, LINK, PATH(0, NOFOLLOW, W), PATH(1, NAME, W)) \
	CALL(X, symlink, SYMLINK, PATH(1, NAME, W)) \
	CALL(X, mkdir, MKDIR, PATH(0, NAME, W)) \
	CALL(X, rmdir, RMDIR, PATH(0, NAME, W)) \
	CALL(X, mknod, MKNOD, PATH(0, NAME, W)) \
	CALL(X, chmod, CHMOD, PATH(0, FOLLOW, W)) \
	CALL(X, chown, CHOWN, PATH(0, FOLLOW, W)) \
	CALL(X, lchown, CHOWN, PATH(0, NOFOLLOW, W)) \
	CALL(X, utime, UTIME, PATH(0, FOLLOW, W)) \
	CALL(X, utimes, UTIMES, PATH(0, FOLLOW, W)) \
	CALL(X, futimesat, UTIMES, AT_ITSELF(0, -1, FOLLOW, W, CALL_ITSELF_NULL)) \
	CALL(X, uselib, NOT, PATH(0, FOLLOW, R | E)) \
	SEEN(X, inotify_init, USER) \
	SEEN(X, fork, BIRTH) \
	SEEN(X, vfork, BIRTH)

/* The old name of link needs W because the new name may have more rights. connect needs W as the kernel asks for write
 * permission on the socket's file. bind stays with the kernel: the address that it stores is the text that it was
 * given, so a supervisor could not give it another one. */
#define COMMON_CALLS(X) \
	OPEN(X, openat, 0, { 1, 0, 2, CALL_FOLLOW_OPEN, R, 0 }) \
	OPEN(X, openat2, 1, { 1, 0, 2, CALL_FOLLOW_OPEN, R, 0 }) \
	CALL(X, newfstatat, STAT, AT_FLAGS(0, 3, FOLLOW_UNLESS, S)) \
	CALL(X, statx, STATX, AT_FLAGS(0, 2, FOLLOW_UNLESS, S)) \
	CALL(X, faccessat, ACCESS, AT(0, FOLLOW, S)) \
	CALL(X, faccessat2, ACCESS, AT_FLAGS(0, 3, FOLLOW_UNLESS, S)) \
	CALL(X, readlinkat, READLINK, AT_ITSELF(0, -1, NOFOLLOW, S, CALL_ITSELF_EMPTY)) \
	CALL(X, unlinkat, UNLINK, AT_FLAGS(0, 2, NAME, W)) \
	MOVE(X, renameat, RENAME, AT(0, NAME, W), AT(2, NAME, W)) \
	MOVE(X, renameat2, RENAME, AT_FLAGS(0, 4, NAME, W), AT(2, NAME, W)) \
	MOVE(X, linkat, LINK, AT_FLAGS(0, 4, FOLLOW_IF, W), AT(2, NAME, W)) \
	CALL(X, symlinkat, SYMLINK, AT(1, NAME, W)) \
	CALL(X, mkdirat, MKDIR, AT(0, NAME, W)) \
	CALL(X, mknodat, MKNOD, AT(0, NAME, W)) \
	CALL(X, fchmod, CHMOD, OPENED(0, W)) \
	CALL(X, fchown, CHOWN, OPENED(0, W)) \
	CALL(X, fsetxattr, SETXATTR, OPENED(0, W)) \
	CALL(X, fremovexattr, REMOVEXATTR, OPENED(0, W)) \
	CALL(X, fchmodat, CHMOD, AT(0, FOLLOW, W)) \
	CALL(X, fchmodat2, CHMOD2, AT_FLAGS(0, 3, FOLLOW_UNLESS, W)) \
	CALL(X, fchownat, CHOWN, AT_FLAGS(0, 4, FOLLOW_UNLESS, W)) \
	CALL(X, truncate, TRUNCATE, PATH(0, FOLLOW, W)) \
	CALL(X, utimensat, UTIMENS, AT_ITSELF(0, 3, FOLLOW_UNLESS, W, CALL_ITSELF_NULL)) \
	EXEC(X, execve, PATH(0, FOLLOW, E)) \
	EXEC(X, execveat, AT_FLAGS(0, 4, FOLLOW_UNLESS, E)) \
	CALL(X, chdir, NOT, PATH(0, FOLLOW, S)) \
	CALL(X, statfs, STATFS, PATH(0, FOLLOW, S)) \
	CALL(X, setxattr, SETXATTR, PATH(0, FOLLOW, W)) \
	CALL(X, lsetxattr, SETXATTR, PATH(0, NOFOLLOW, W)) \
	CALL(X, setxattrat, SETXATTRAT, AT_FLAGS(0, 2, FOLLOW_UNLESS, W)) \
	CALL(X, getxattr, GETXATTR, PATH(0, FOLLOW, R)) \
	CALL(X, lgetxattr, GETXATTR, PATH(0, NOFOLLOW, R)) \
	CALL(X, getxattrat, GETXATTRAT, AT_FLAGS(0, 2, FOLLOW_UNLESS, R)) \
	CALL(X, listxattr, LISTXATTR, PATH(0, FOLLOW, S)) \
	CALL(X, llistxattr, LISTXATTR, PATH(0, NOFOLLOW, S)) \
	CALL(X, listxattrat, LISTXATTRAT, AT_FLAGS(0, 2, FOLLOW_UNLESS, S)) \
	CALL(X, removexattr, REMOVEXATTR, PATH(0, FOLLOW, W)) \
	CALL(X, lremovexattr, REMOVEXATTR, PATH(0, NOFOLLOW, W)) \
	CALL(X, removexattrat, REMOVEXATTRAT, AT_FLAGS(0, 2, FOLLOW_UNLESS, W)) \
	CALL(X, file_getattr, GETATTR, AT_FLAGS(0, 4, FOLLOW_UNLESS, S)) \
	CALL(X, file_setattr, SETATTR, AT_FLAGS(0, 4, FOLLOW_UNLESS, W)) \
	WATCH(X, inotify_add_watch, { 1, -1, 2, CALL_FOLLOW_WATCH, R, 0 }) \
	ADDRESS(X, connect, CONNECT, PATH(1, FOLLOW, W)) \
	ADDRESS(X, bind, NOT, PATH(1, NAME, W))

/* bpf pins and gets objects by paths in memory, perf_event_open opens files for probes, io_uring opens files that no
 * filter sees. */
#define REFUSED_CALLS(X) \
	REFUSED(X, chroot) REFUSED(X, pivot_root) REFUSED(X, mount) REFUSED(X, umount2) \
	REFUSED(X, move_mount) REFUSED(X, open_tree) REFUSED(X, open_tree_attr) REFUSED(X, mount_setattr) \
	REFUSED(X, fsopen) REFUSED(X, fspick) REFUSED(X, fsmount) REFUSED(X, fsconfig) \
	REFUSED(X, statmount) REFUSED(X, listmount) REFUSED(X, setns) REFUSED(X, unshare) \
	REFUSED(X, name_to_handle_at) REFUSED(X, open_by_handle_at) \
	REFUSED(X, fanotify_init) REFUSED(X, fanotify_mark) \
	REFUSED(X, swapon) REFUSED(X, swapoff) REFUSED(X, acct) REFUSED(X, quotactl) REFUSED(X, quotactl_fd) \
	REFUSED(X, nfsservctl) REFUSED(X, lookup_dcookie) \
	REFUSED(X, bpf) REFUSED(X, perf_event_open) \
	REFUSED(X, io_uring_setup) REFUSED(X, io_uring_enter) REFUSED(X, io_uring_register)

#define OTHER_CALLS(X) \
	SIGNAL(X, kill, GROUP) SIGNAL(X, tkill, FIRST) SIGNAL(X, tgkill, SECOND) \
	SIGNAL(X, rt_sigqueueinfo, FIRST) SIGNAL(X, rt_tgsigqueueinfo, SECOND) \
	SIGNAL(X, pidfd_open, FIRST) SIGNAL(X, pidfd_send_signal, HIDDEN) \
	SEEN(X, sched_getaffinity, CPU) SEEN(X, sched_setaffinity, CPU) \
	SEEN(X, inotify_init1, USER) \
	SEEN(X, clone, BIRTH) SEEN(X, clone3, BIRTH) \
	SEEN(X, setuid, PRIVILEGE) SEEN(X, setgid, PRIVILEGE) \
	SEEN(X, setreuid, PRIVILEGE) SEEN(X, setregid, PRIVILEGE) \
	SEEN(X, setresuid, PRIVILEGE) SEEN(X, setresgid, PRIVILEGE) SEEN(X, setgroups, PRIVILEGE) \
	SEEN(X, setfsuid, PRIVILEGE) SEEN(X, setfsgid, PRIVILEGE) SEEN(X, capset, PRIVILEGE)

#define ID(name, ...) ROW_##name,
#define ENTRY(name, nr, purposes, kind, target, in_memory, carry, ...) \
	{ name, nr, purposes, kind, target, in_memory, carry, { __VA_ARGS__ } },
#define ROW(name, ...) ENTRY(#name, __NR_##name, __VA_ARGS__)
#define LACKING(name, ...) ENTRY(#name, -1, __VA_ARGS__)
#define CASE(name, ...) case __NR_##name: return &calls[ROW_##name];

enum { COMMON_CALLS(ID) REFUSED_CALLS(ID) OTHER_CALLS(ID) X86_64_CALLS(ID) NCALLS };

const struct call calls[NCALLS] = {
	COMMON_CALLS(ROW)
	REFUSED_CALLS(ROW)
	OTHER_CALLS(ROW)
#ifdef __x86_64__
	X86_64_CALLS(ROW)
#else
	X86_64_CALLS(LACKING)
#endif
};

const size_t ncalls = NCALLS;

/* A call that is stopped under notify can be interrupted where the kernel would not have done it, so none is stopped
 * there that the policy does not need. Under ptrace it cannot, and pinned stops (sched/supervisor.h) are hidden. */
uint32_t calls_purposes(uint32_t engine, uint32_t flags, bool own_tree)
{
	uint32_t purposes = engine == CORDON_ENGINE_PTRACE ? CALL_CPU : 0;

	if ((flags & CORDON_SUPERVISOR_FILES) != 0)
		purposes |= CALL_FILE;
	if ((flags & CORDON_SUPERVISOR_AUDIT) != 0)
		purposes |= CALL_PRIVILEGE;
	if (own_tree)
		purposes |= CALL_SIGNAL | CALL_USER;
	return purposes;
}

/* Under ptrace the kernel itself reports new tasks and execs. */
uint32_t calls_revealing(uint32_t engine)
{
	return engine == CORDON_ENGINE_NOTIFY ? CALL_CPU | CALL_BIRTH | CALL_EXEC : CALL_CPU;
}

/* The compiler turns it into a table. */
const struct call *call_find(long nr)
{
	switch (nr) {
		COMMON_CALLS(CASE)
		REFUSED_CALLS(CASE)
		OTHER_CALLS(CASE)
		IF_X86_64(X86_64_CALLS, CASE)
	default:
		return NULL;
	}
}
