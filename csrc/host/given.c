/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/given.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <termios.h>
#include "base/base.h"
#include "error/error.h"
#include "host/memfd.h"
#include "host/pipe.h"
#include "reopen/reopen.h"

/* Up to here a copy takes hardly longer than an open, and no longer than a mount. */
#define COPY_OPEN_BYTES (32 * UINT64_C(1024))
#define COPY_MOUNT_BYTES (256 * UINT64_C(1024))
#define COPY_MOST_BYTES (64 * UINT64_C(1024) * 1024) /* where there is no mount: programs may want to seek */
#define CHUNK 65536
#define NULL_MAJOR 1
#define NULL_MINOR 3

struct given {
	int child_fd;		/* -1: released */
	int read_fd, position_fd;	/* copies of child_fd and of source_fd, if both have a position; else -1 */
	bool shares;		/* child_fd is another one's */
	bool by_path;
	int source_fd;		/* the caller's, or -1 */
	struct statx st;	/* type, mode, inode, size, device numbers */
	uint32_t access;	/* O_RDONLY, O_WRONLY or O_RDWR */
	int number;
};

void given_init(struct given_set *set)
{
	*set = (struct given_set){ .foreign = false };
	pumps_init(&set->pumps);
}

static bool is(const struct given *g, uint32_t type)
{
	return (g->st.stx_mode & S_IFMT) == type;
}

/* ---- by way of the host ---- */

static int non_blocking(int fd)
{
	return (int)sys(__NR_fcntl, fd, F_SETFL, O_NONBLOCK);
}

/* How the host uses its own descriptor of the file. */
static enum relay_end_kind kind_of(const struct given *g)
{
	if (is(g, S_IFREG) || is(g, S_IFBLK))
		return RELAY_READY;
	return RELAY_SHARED;
}

/* A device whose driver has no poll is always ready, and epoll(7) refuses it. */
static bool has_poll(int fd)
{
	AUTO_CLOSE int epoll = (int)sys(__NR_epoll_create1, O_CLOEXEC);
	struct epoll_event none = { .events = 0 };

	return sys(__NR_epoll_ctl, epoll, EPOLL_CTL_ADD, fd, &none) != -EPERM;
}

/* Takes fd. The program gets one end of a pipe. */
static int by_pipe(struct given_set *set, struct given *g, int fd, bool output)
{
	struct relay_end file = { fd, kind_of(g) };
	int fds[2], rc = pipe_open(output ? 0222 : 0444, fds), ours = output ? 0 : 1;

	if (rc < 0) {
		fd_close(&fd);
		return rc;
	}
	if (file.kind == RELAY_SHARED && !has_poll(fd))
		file.kind = RELAY_READY;
	(void)non_blocking(fds[ours]);
	g->child_fd = fds[ours ^ 1];
	if (output)
		return pumps_add(&set->pumps, g->number, true, (struct relay_end){ fds[0], RELAY_PIPE }, file);
	return pumps_add(&set->pumps, g->number, false, file, (struct relay_end){ fds[1], RELAY_PIPE });
}

static int copy_fd(int fd)
{
	return (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 0);
}

/* Two connected sockets, which keep boundaries where one of this type does: from a datagram socket of the caller's
 * network a program could send to any other one there. Even a connected one tells of the network that it belongs to. */
static int open_pair(int type, int ret_pair[2])
{
	int rc;

	type = type == SOCK_STREAM ? SOCK_STREAM : SOCK_SEQPACKET;
	rc = reopen_pair(type, ret_pair);
	return rc < 0 ? (int)sys(__NR_socketpair, AF_UNIX, type | SOCK_CLOEXEC, 0, ret_pair) : rc;
}

/* Takes fd, a socket; both directions. */
static int by_pair(struct given_set *set, struct given *g, int fd)
{
	AUTO_CLOSE int ours = -1, again = -1, socket = fd, socket_again = copy_fd(fd);
	int type = SOCK_STREAM, pair[2], rc;
	uint32_t size = sizeof type;

	rc = (int)sys(__NR_getsockopt, socket, SOL_SOCKET, SO_TYPE, &type, &size);
	if (rc == 0)
		rc = open_pair(type, pair);
	if (rc < 0)
		return rc;
	ours = pair[0];
	g->child_fd = pair[1];
	again = copy_fd(ours);
	if (again < 0 || socket_again < 0)
		return again < 0 ? again : socket_again;
	rc = pumps_add(&set->pumps, g->number, true, (struct relay_end){ fd_take(&again), RELAY_PAIR },
		       (struct relay_end){ fd_take(&socket_again), RELAY_SOCKET });
	if (rc < 0)
		return rc;
	return pumps_add(&set->pumps, g->number, false, (struct relay_end){ fd_take(&socket), RELAY_SOCKET },
			 (struct relay_end){ fd_take(&ours), RELAY_PAIR });
}

/* ---- a regular file, to read ---- */

/* Copies the file's bytes, at most limit, into a sealed memfd. size: what they should be; 0 = unknown. -EFBIG: there
 * are more; -ESPIPE: they have no positions. */
static int copy_content(int fd, uint64_t size, uint64_t limit)
{
	AUTO_CLOSE int copy = memfd_begin("file");
	unsigned char chunk[CHUNK];
	uint64_t at = 0;
	int rc = copy;

	while (rc >= 0) {
		long n = sys(__NR_pread64, fd, chunk, sizeof chunk, at);

		if (n == -EINTR)
			continue;
		if (n < 0 || (uint64_t)n > limit - at) {
			rc = n < 0 ? (int)n : -EFBIG;
			break;
		}
		rc = fd_write_full(copy, chunk, (size_t)n);
		at += (uint64_t)n;
		if (n == 0 || (at == size && n < CHUNK))
			break;
	}
	if (rc >= 0)
		rc = memfd_seal(copy);
	return rc < 0 ? rc : fd_take(&copy);
}

/* Whether only its owner and group may write to the file; the program is neither. */
static bool is_out_of_reach(const struct given_set *set, const struct given *g)
{
	return set->foreign && (g->st.stx_mode & S_IWOTH) == 0;
}

/* -EFBIG, -ESPIPE, -EAGAIN: only its bytes can be had, one after the other. A file of procfs and the like tells no
 * size, and leads to more than its bytes. */
static int open_content(const struct given_set *set, const struct given *g, int fd)
{
	bool out_of_reach = is_out_of_reach(set, g);
	uint64_t size = g->st.stx_size, most = out_of_reach ? COPY_OPEN_BYTES : COPY_MOUNT_BYTES;
	int rc = size <= most ? copy_content(fd, size, most) : -EFBIG;

	if (rc != -EFBIG || size == 0)
		return rc;
	rc = out_of_reach ? reopen_plain(fd, O_RDONLY) : reopen_private(fd, O_RDONLY);
	if (rc >= 0)
		return rc;
	return size <= COPY_MOST_BYTES ? copy_content(fd, size, COPY_MOST_BYTES) : -EFBIG;
}

/* Takes fd. Where the caller has read a part of it, the program reads on, and the caller goes on behind that. */
static int give_content(struct given_set *set, struct given *g, int fd)
{
	long at = g->by_path ? 0 : sys(__NR_lseek, fd, 0, SEEK_CUR);
	int rc = open_content(set, g, fd);

	if (rc == -EFBIG || rc == -ESPIPE || rc == -EAGAIN)
		return by_pipe(set, g, fd, false);
	g->child_fd = rc;
	if (rc < 0 || g->by_path) {
		fd_close(&fd);
		return rc < 0 ? rc : 0;
	}
	if (at > 0)
		(void)sys(__NR_lseek, rc, at, SEEK_SET);
	g->position_fd = fd;
	g->read_fd = copy_fd(rc);
	return g->read_fd < 0 ? g->read_fd : 0;
}

/* ---- pipes and devices ---- */

static bool is_terminal(const struct given *g, int fd)
{
	struct termios settings;
	int number;

	/* The master of a pseudoterminal would become a new one. */
	return is(g, S_IFCHR) && sys(__NR_ioctl, fd, TCGETS, &settings) == 0 &&
	       sys(__NR_ioctl, fd, TIOCGPTN, &number) != 0;
}

static bool is_null(const struct given *g)
{
	return is(g, S_IFCHR) && g->st.stx_rdev_major == NULL_MAJOR && g->st.stx_rdev_minor == NULL_MINOR;
}

/* A FIFO with a name, and not what pipe(2) makes. */
static bool is_named(int fd)
{
	struct statfs fs;

	return sys(__NR_fstatfs, fd, &fs) < 0 || fs.f_type != PIPEFS_MAGIC;
}

/* The file opened anew, or -errno: a pipe of another user cannot be, for example. */
static int open_anew(const struct given *g, int fd)
{
	int rc;

	if (is_null(g))
		return reopen_plain(fd, O_RDWR);
	if (is(g, S_IFIFO) && !is_named(fd))
		return reopen_plain(fd, g->access);
	if (is(g, S_IFIFO) ? g->by_path : !is_terminal(g, fd))
		return -EINVAL;
	rc = reopen_private(fd, g->access);
	return rc < 0 && !is(g, S_IFIFO) ? reopen_plain(fd, g->access) : rc;
}

/* Takes fd, which is no regular file. */
static int give_special(struct given_set *set, struct given *g, int fd)
{
	int rc = open_anew(g, fd);

	if (rc < 0 && g->access != O_RDWR)
		return by_pipe(set, g, fd, g->access == O_WRONLY);
	fd_close(&fd);
	g->child_fd = rc < 0 ? -1 : rc;
	return rc < 0 ? rc : 0;
}

/* ---- given twice ---- */

/* Whether two descriptors of this process are the same open file; if the kernel does not tell, whether they are the
 * same file. */
static bool is_same_open(int a, int b)
{
	long pid = sys(__NR_getpid), rc = sys(__NR_kcmp, pid, pid, KCMP_FILE, a, b);

	return rc < 0 || rc == 0;
}

static const struct given *find_same(const struct given_set *set, const struct given *g)
{
	for (uint32_t i = 0; i < set->n; i++) {
		const struct given *o = &set->all[i];

		if (o->st.stx_ino != g->st.stx_ino || o->st.stx_dev_major != g->st.stx_dev_major ||
		    o->st.stx_dev_minor != g->st.stx_dev_minor || o->access != g->access || o->by_path != g->by_path)
			continue;
		if (is(g, S_IFSOCK) || (is(g, S_IFREG) && g->access == O_WRONLY &&
					(g->by_path || is_same_open(o->source_fd, g->source_fd))))
			return o;
	}
	return NULL;
}

/* ---- the whole ---- */

/* Takes fd. */
static int give(struct given_set *set, struct given *g, int fd)
{
	const struct given *same = find_same(set, g);

	if (same != NULL) {
		fd_close(&fd);
		g->child_fd = same->child_fd;
		g->shares = true;
		return 0;
	}
	if (is(g, S_IFSOCK))
		return by_pair(set, g, fd);
	if (is(g, S_IFREG) && g->access == O_RDONLY)
		return give_content(set, g, fd);
	if (is(g, S_IFREG) && g->access == O_WRONLY)
		return by_pipe(set, g, fd, true);
	if (!is(g, S_IFREG) && (g->st.stx_mode & S_IFMT) != 0)
		return give_special(set, g, fd);
	fd_close(&fd);
	return -EINVAL;
}

static int look_at(struct given *g, int fd)
{
	long rc = sys(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &g->st), flags;

	if (rc < 0)
		return (int)rc;
	flags = sys(__NR_fcntl, fd, F_GETFL);
	if (flags < 0 || (flags & O_PATH) != 0)
		return -EBADF;
	g->access = (uint32_t)flags & O_ACCMODE;
	/* A regular file, or a device, that is open for both: the standard streams have one direction. */
	if (g->access == O_RDWR && g->number <= 2 && !is(g, S_IFSOCK) && !is_terminal(g, fd) && !is_null(g))
		g->access = g->number == 0 ? O_RDONLY : O_WRONLY;
	return is(g, S_IFDIR) ? -EISDIR : 0;
}

/* Takes fd. Returns the program's descriptor or -errno. */
static int add(struct given_set *set, struct given *g, int fd)
{
	struct given *all = realloc(set->all, (set->n + 1) * sizeof *all);
	int rc = all != NULL ? 0 : -ENOMEM;

	if (rc == 0)
		set->all = all;
	if (rc == 0)
		rc = look_at(g, fd);
	if (rc < 0) {
		fd_close(&fd);
		return rc;
	}
	rc = give(set, g, fd);
	if (rc < 0) {
		fd_close(&g->child_fd);
		fd_close(&g->position_fd);
		return rc;
	}
	all[set->n++] = *g;
	return g->child_fd;
}

int given_file(struct given_set *set, const char *path, int number, struct cordon_error *err)
{
	uint32_t flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC;
	struct given g = {
		.child_fd = -1, .read_fd = -1, .position_fd = -1, .source_fd = -1, .by_path = true, .number = number,
	};
	/* O_NONBLOCK: the open of a FIFO without a peer would block */
	int fd = (int)sys(__NR_openat, AT_FDCWD, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

	if (fd >= 0)
		fd = add(set, &g, fd);
	return fd < 0 ? error_set(err, -fd, CORDON_STEP_OPEN_FILE, number, path) : fd;
}

int given_fd(struct given_set *set, int fd, int number, struct cordon_error *err)
{
	struct given g = { .child_fd = -1, .read_fd = -1, .position_fd = -1, .source_fd = fd, .number = number };
	int ours = copy_fd(fd);

	if (ours >= 0)
		ours = add(set, &g, ours);
	return ours < 0 ? error_set(err, -ours, CORDON_STEP_DUP_FD, number, NULL) : ours;
}

void given_release(struct given_set *set)
{
	for (uint32_t i = 0; i < set->n; i++)
		if (!set->all[i].shares)
			fd_close(&set->all[i].child_fd);
}

void given_finish(struct given_set *set)
{
	for (uint32_t i = 0; i < set->n; i++) {
		struct given *g = &set->all[i];
		long at = g->read_fd >= 0 ? sys(__NR_lseek, g->read_fd, 0, SEEK_CUR) : -ESPIPE;

		if (at >= 0)
			(void)sys(__NR_lseek, g->position_fd, at, SEEK_SET);
		fd_close(&g->read_fd);
		fd_close(&g->position_fd);
	}
}

void given_done(struct given_set *set)
{
	given_release(set);
	for (uint32_t i = 0; i < set->n; i++) {
		fd_close(&set->all[i].read_fd);
		fd_close(&set->all[i].position_fd);
	}
	pumps_done(&set->pumps);
	free(set->all);
	set->all = NULL;
	set->n = 0;
}
