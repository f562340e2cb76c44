/* SPDX-License-Identifier: Apache-2.0 */
/* landlock: the path and port policies as a Landlock ruleset, which the kernel enforces even if a thread changes paths
 * meanwhile.
 *
 * Landlock rules can only allow. Where it cannot express the policy, the ruleset allows more:
 *   - A rule that takes access away is left out: the rule above it applies, and masks take away (supervisor/mask.h).
 *   - ENTRIES of a directory covers everything below it; so does the listing that READ allows for a directory ONLY.
 *   - EXEC includes reading: the kernel's open in execve(2) asks for both rights.
 *   - A rule for a file is on the inode: it covers every hard link of the file.
 *   - WRITE for a missing name is given to its directory, so it covers the other names there. Never the root directory,
 *     as that would cover everything.
 *   - stat, access, readlink, chdir and O_PATH, and changes of a file's mode, owner, times and attributes, are not
 *     restricted by Landlock, nor are connections and datagrams to a socket that has a path; before ABI 3 truncate(2)
 *     isn't either.
 *   - Objects without a path are not restricted: pipes, sockets, and memfds, which may also be executed.
 * Here the ruleset allows less than the policy:
 *   - A file with a WRITE rule for itself alone (ONLY) cannot be removed or renamed: that right belongs to its
 *     directory, where it would cover everything.
 *   - Device nodes cannot be made, with any access.
 *   - Before ABI 2 files cannot be renamed or linked between directories (EXDEV, as between file systems).
 *   - A rule about /proc/self allows reading only.
 * With a supervisor, the supervisor refuses what is allowed too much, and makes the calls itself, so that Landlock is
 * behind it where the kernel makes them: opens under ptrace, execve, bind. What it makes, Landlock does not see: there
 * neither the first nor the third of the lines above holds. Without a supervisor (CORDON_ENGINE_KERNEL) what is allowed
 * too much stays allowed, but for changes of attributes if nothing may be written (seccomp/beside.h). For ports
 * Landlock knows only TCP's bind(2) and connect(2); the same filter refuses the rest. */
#include "supervisor/landlock.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"
#include "error/error.h"
#include "supervisor/supervisor.h"

#define FS(right) ((uint64_t)LANDLOCK_ACCESS_FS_##right)

/* Without MAKE_CHAR and MAKE_BLOCK: the program has no CAP_MKNOD, and the only device that needs none is a whiteout of
 * overlayfs. */
#define RIGHTS_MAKE (FS(MAKE_REG) | FS(MAKE_DIR) | FS(MAKE_SYM) | FS(MAKE_FIFO) | FS(MAKE_SOCK))
#define RIGHTS_REMOVE (FS(REMOVE_FILE) | FS(REMOVE_DIR))
#define RIGHTS_WRITE_FILE (FS(WRITE_FILE) | FS(TRUNCATE))
/* The rights that the kernel accepts for a file that is not a directory; EINVAL for others. */
#define RIGHTS_OF_FILE (FS(EXECUTE) | FS(READ_FILE) | RIGHTS_WRITE_FILE | FS(IOCTL_DEV))

/* For all kernels; an older one accepts it while the fields that it does not know are 0. */
struct ruleset_attr {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

/* struct landlock_net_port_attr, which linux/landlock.h of our build machines lacks. */
struct net_port_attr {
	uint64_t allowed_access;
	uint64_t port;
};

#define RULE_NET_PORT 2		/* LANDLOCK_RULE_NET_PORT */

struct build {
	int ruleset, abi;
	bool widened;
	struct statx proc;	/* of /proc; all zeros if there is none */
};

int landlock_abi(void)
{
	long abi = sys(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi >= 1 ? (int)abi : -EOPNOTSUPP;
}

uint64_t landlock_handled(int abi)
{
	uint64_t handled = (FS(MAKE_SYM) << 1) - 1;	/* all of ABI 1 */

	if (abi >= LANDLOCK_ABI_REFER)
		handled |= FS(REFER);
	if (abi >= LANDLOCK_ABI_TRUNCATE)
		handled |= FS(TRUNCATE);
	if (abi >= LANDLOCK_ABI_IOCTL_DEV)
		handled |= FS(IOCTL_DEV);
	return handled;
}

uint64_t landlock_scopes(int abi)
{
	return abi >= LANDLOCK_ABI_SCOPE ? LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | LANDLOCK_SCOPE_SIGNAL : 0;
}

uint64_t landlock_net_rights(uint32_t access)
{
	uint64_t rights = 0;

	if (access & CORDON_PORT_BIND)
		rights |= LANDLOCK_ACCESS_NET_BIND_TCP;
	if (access & CORDON_PORT_CONNECT)
		rights |= LANDLOCK_ACCESS_NET_CONNECT_TCP;
	return rights;
}

/* IOCTL_DEV is included in every access to a device, as a terminal is useless without it. It is handled nevertheless:
 * open(path, 3) asks for neither reading nor writing, so Landlock allows it everywhere, and its descriptor can be used
 * for ioctl(2). */
static uint64_t rights_of_tree(uint32_t access)
{
	uint64_t rights = 0;

	if (access & CORDON_ACCESS_READ)
		rights |= FS(READ_FILE) | FS(READ_DIR) | FS(IOCTL_DEV);
	if (access & CORDON_ACCESS_WRITE)
		rights |= RIGHTS_WRITE_FILE | RIGHTS_MAKE | RIGHTS_REMOVE | FS(REFER) | FS(IOCTL_DEV);
	if (access & CORDON_ACCESS_EXEC)
		rights |= FS(EXECUTE) | FS(READ_FILE);
	return rights;
}

uint64_t landlock_rights(uint32_t access, enum landlock_place place, int abi)
{
	uint64_t rights = rights_of_tree(access) & landlock_handled(abi);

	switch (place) {
	case LANDLOCK_PLACE_FILE:
		return rights & RIGHTS_OF_FILE;
	case LANDLOCK_PLACE_TREE:
		return rights;
	case LANDLOCK_PLACE_DIRECTORY:
		return rights & FS(READ_DIR);
	case LANDLOCK_PLACE_NEW_FILE:
		rights &= FS(EXECUTE) | FS(READ_FILE) | RIGHTS_WRITE_FILE | RIGHTS_MAKE;
		return (access & CORDON_ACCESS_WRITE) ? rights : 0;
	case LANDLOCK_PLACE_NEW_TREE:
		return (access & CORDON_ACCESS_WRITE) ? rights & ~FS(IOCTL_DEV) : 0;
	case LANDLOCK_PLACE_PROC:
		return (access & CORDON_ACCESS_READ) ? FS(READ_FILE) | FS(READ_DIR) : 0;
	}
	return 0;
}

/* Follows symbolic links, except magic links of this process (/dev/stdin, /proc/<pid>/exe): ELOOP. */
static int open_place(const char *path, uint64_t flags)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC | flags, .resolve = RESOLVE_NO_MAGICLINKS };

	return (int)sys(__NR_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* The program would not find a file there either. */
static bool is_absent(int rc)
{
	return rc == -ENOENT || rc == -ENOTDIR || rc == -ELOOP;
}

static int add_rule(const struct build *b, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr attr = { .allowed_access = rights, .parent_fd = fd };
	long rc;

	if (rights == 0)
		return 0;	/* ENOMSG: the rule would be empty */
	rc = sys(__NR_landlock_add_rule, b->ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0);
	return rc == -EBADFD ? 0 : (int)rc;	/* a pipe, a socket, a namespace: not restricted by Landlock */
}

static bool is_same_device(const struct statx *a, const struct statx *b)
{
	return a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

static bool is_root(int dir)
{
	struct statx root, st;

	if (sys(__NR_statx, AT_FDCWD, "/", 0, STATX_INO, &root) < 0 ||
	    sys(__NR_statx, dir, "", AT_EMPTY_PATH, STATX_INO, &st) < 0)
		return true;
	return root.stx_ino == st.stx_ino && is_same_device(&root, &st);
}

/* Splits a path into its directory and its last component with any trailing slashes. False for "/" and for a path that
 * is too long. */
static bool split(const char *path, char parent[PATH_SIZE], const char **ret_name)
{
	size_t len = str_len(path);

	while (len > 0 && path[len - 1] == '/')
		len--;
	while (len > 0 && path[len - 1] != '/')
		len--;
	if (len == 0 || len >= PATH_SIZE || path[len] == '/' || path[len] == '\0')
		return false;
	bytes_copy(parent, path, len);
	parent[len] = '\0';
	*ret_name = path + len;
	return true;
}

static int add_missing(struct build *b, const struct cordon_supervision_path *rule, const char *path)
{
	enum landlock_place place = rule->scope == CORDON_PATH_ONLY ? LANDLOCK_PLACE_NEW_FILE : LANDLOCK_PLACE_NEW_TREE;
	uint64_t rights = landlock_rights(rule->access, place, b->abi);
	char parent[PATH_SIZE];
	const char *name;
	struct statx st;
	AUTO_CLOSE int dir = -1;

	if (rights == 0 || !split(path, parent, &name))
		return 0;
	dir = open_place(parent, O_DIRECTORY);
	if (dir < 0)
		return is_absent(dir) ? 0 : dir;
	/* A dangling link: the file that it names would be made in another directory. */
	if (sys(__NR_statx, dir, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) == 0)
		return 0;
	if (is_root(dir))
		return 0;
	b->widened = true;
	return add_rule(b, dir, rights);
}

static bool is_component(const char *path, const char *prefix)
{
	char next;

	if (!str_starts(path, prefix))
		return false;
	next = path[str_len(prefix)];
	return next == '\0' || next == '/';
}

static bool is_of_self(const char *path)
{
	return is_component(path, "/proc/self") || is_component(path, "/proc/thread-self");
}

static bool is_of_process(const char *path)
{
	return str_starts(path, "/proc/") && path[6] >= '0' && path[6] <= '9';
}

/* Whether path leads into this process's own directory of /proc: "/etc/mtab", "/proc/mounts". */
static bool leads_to_self(const struct build *b, const char *path, int fd, const struct statx *st)
{
	char number[24], link[48], target[16];
	long n;

	if (!is_same_device(&b->proc, st) || is_of_process(path))
		return false;	/* a number in the rule means that process */
	(void)str_concat(link, sizeof link, "/proc/self/fd/", u64_text(number, sizeof number, (uint64_t)fd), "");
	n = sys(__NR_readlinkat, AT_FDCWD, link, target, sizeof target - 1);
	target[n > 0 ? n : 0] = '\0';
	return is_of_process(target);
}

/* The program's /proc directory does not exist yet, and its children will have others. So all of /proc is readable.
 * With a pid namespace that is: what the kernel shows to all (version, memory, /proc/sys), the program's own processes,
 * and init and the supervisor. Little of those two can be read: for memory, environment, descriptors and links the
 * kernel requires the right to trace, which it refuses for a process that is not dumpable, and which Landlock refuses a
 * program inside about a process outside. Without a pid namespace, command lines and states of the host's other
 * processes are readable, unless its proc is mounted with hidepid. Never writable: that would include oom_score_adj of
 * the caller's own processes. */
static int add_proc(const struct build *b, uint32_t access)
{
	AUTO_CLOSE int proc = open_place("/proc", O_DIRECTORY);

	if (proc < 0)
		return is_absent(proc) ? 0 : proc;
	return add_rule(b, proc, landlock_rights(access, LANDLOCK_PLACE_PROC, b->abi));
}

static int add_path(struct build *b, const struct cordon_supervision_path *rule, const char *path)
{
	enum landlock_place place = LANDLOCK_PLACE_FILE;
	AUTO_CLOSE int fd = -1;
	struct statx st;
	long rc;

	if (landlock_rights(rule->access, LANDLOCK_PLACE_TREE, b->abi) == 0)
		return 0;
	if (is_of_self(path))
		return add_proc(b, rule->access);
	fd = open_place(path, 0);
	if (fd < 0)
		return fd == -ENOENT ? add_missing(b, rule, path) : is_absent(fd) ? 0 : fd;
	rc = sys(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_TYPE, &st);
	if (rc < 0)
		return (int)rc;
	if (leads_to_self(b, path, fd, &st))
		return add_proc(b, rule->access);
	if (mode_is(st.stx_mode, MODE_DIRECTORY))
		place = rule->scope == CORDON_PATH_ONLY ? LANDLOCK_PLACE_DIRECTORY : LANDLOCK_PLACE_TREE;
	return add_rule(b, fd, landlock_rights(rule->access, place, b->abi));
}

static int create_ruleset(const struct landlock_orders *orders, int abi)
{
	struct ruleset_attr attr = {
		.handled_access_fs = orders->files ? landlock_handled(abi) : 0,
		.handled_access_net = orders->nets ? landlock_net_rights(CORDON_PORT_BIND | CORDON_PORT_CONNECT) : 0,
		.scoped = orders->files || orders->nets ? landlock_scopes(abi) : LANDLOCK_SCOPE_SIGNAL,
	};

	return (int)sys(__NR_landlock_create_ruleset, &attr, sizeof attr, 0);
}

static int add_paths(struct build *b, const struct landlock_orders *orders, struct cordon_error *err)
{
	(void)sys(__NR_statx, AT_FDCWD, "/proc", 0, STATX_INO, &b->proc);
	for (uint32_t i = 0; i < orders->npaths; i++) {
		const char *path = orders->path_of(orders->arg, i);
		int rc = add_path(b, &orders->paths[i], path);

		if (rc < 0)
			return error_set(err, -rc, CORDON_STEP_LANDLOCK, (int32_t)i, path);
	}
	return 0;
}

static int add_ports(const struct build *b, const struct landlock_orders *orders, struct cordon_error *err)
{
	for (uint32_t i = 0; i < orders->nports; i++) {
		struct net_port_attr attr = { landlock_net_rights(orders->ports[i].access), orders->ports[i].port };
		long rc = sys(__NR_landlock_add_rule, b->ruleset, RULE_NET_PORT, &attr, 0);

		if (rc < 0)
			return error_set(err, (int)-rc, CORDON_STEP_LANDLOCK, (int32_t)i, "port");
	}
	return 0;
}

int landlock_ruleset(struct landlock_orders *orders, struct cordon_error *err)
{
	struct build b = { .ruleset = -1, .abi = landlock_abi() };
	AUTO_CLOSE int ruleset = -1;
	int rc = 0;

	if (b.abi < 0)
		return b.abi;
	if ((orders->nets && b.abi < LANDLOCK_ABI_NET) ||
	    (!orders->files && !orders->nets && b.abi < LANDLOCK_ABI_SCOPE))
		return -EOPNOTSUPP;
	b.ruleset = ruleset = create_ruleset(orders, b.abi);
	if (ruleset < 0)
		return error_set(err, -ruleset, CORDON_STEP_LANDLOCK, CORDON_NO_INDEX, NULL);
	if (orders->files)
		rc = add_paths(&b, orders, err);
	if (rc == 0 && orders->nets)
		rc = add_ports(&b, orders, err);
	orders->widened = b.widened;
	return rc < 0 ? rc : fd_take(&ruleset);
}
