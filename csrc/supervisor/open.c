/* Opens on the program's behalf: what was judged is what is opened.
 *
 * The judged text has no link in it, and is opened so that the kernel follows none (openat2(2), RESOLVE_NO_SYMLINKS): a link that was put
 * there meanwhile is an error and leads to another judgement. The supervisor has the program's ids for files and no capability, so the kernel
 * checks what it would check for the program. It must not block: a FIFO, which the program can make wherever it may write, is left to
 * the program itself. */
#include "supervisor/supervisor.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include "base/base.h"

#define TYPE_MASK 0170000
#define TYPE_FIFO 0010000

/* What stands for the program's own process in its view is another directory in the supervisor's: by number, from its procfs. */
static int place_of(const struct supervisor *sv, const struct resolved *r, char *buf, const char **ret_path)
{
	char number[24];

	if (r->self == 0) {
		*ret_path = r->path;
		return AT_FDCWD;
	}
	(void)str_concat(buf, PATH_SIZE, u64_text(number, sizeof number, (uint64_t)r->tgid), r->path + r->self, "");
	*ret_path = buf;
	return sv->parked_proc;
}

static int open_at(int dirfd, const char *path, uint64_t flags, uint64_t mode)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return (int)sys(__NR_openat2, dirfd, path, &how, sizeof how);
}

/* Opens without waiting and gives the program what it asked for. */
static int open_waiting_for_nobody(int dirfd, const char *path, const struct open_how *how)
{
	const uint64_t keeps = O_PATH | O_NONBLOCK;
	int fd = open_at(dirfd, path, (how->flags & keeps) != 0 ? how->flags : how->flags | O_NONBLOCK, how->mode);

	if (fd >= 0 && (how->flags & keeps) == 0)
		(void)sys(__NR_fcntl, fd, F_SETFL, how->flags & ~(uint64_t)(O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_NOCTTY));
	return fd;
}

static bool is_fifo(int dirfd, const char *path)
{
	AUTO_CLOSE int fd = open_at(dirfd, path, O_PATH | O_NOFOLLOW, 0);
	int mode = fd >= 0 ? fd_mode(fd) : fd;

	return mode >= 0 && (mode & TYPE_MASK) == TYPE_FIFO;
}

/* A pipe, socket or deleted file that the program has open. It may have put another one behind the number since it was judged: so the object is held
 * first, and looked at again. */
static int open_anonymous(const struct supervisor *sv, const struct resolved *r, const struct open_how *how)
{
	AUTO_CLOSE int object = (int)sys(__NR_openat, sv->parked_proc, r->link, O_PATH | O_CLOEXEC, 0);
	char own[64], number[24], fd_text[24], text[64];
	long n;

	if (object < 0)
		return object;
	(void)str_concat(own, sizeof own, u64_text(number, sizeof number, (uint64_t)sys(__NR_gettid)), "/fd/",
			 u64_text(fd_text, sizeof fd_text, (uint64_t)object));
	n = sys(__NR_readlinkat, sv->parked_proc, own, text, sizeof text);
	if (n <= 0)
		return n < 0 ? (int)n : -EACCES;
	if (text[0] == '/' && !r->anonymous)
		return -EACCES;
	if (text[0] == '/')	/* a file without a name can't be told from one with: the program's own open is judged by Landlock alone */
		return OPEN_BY_ITSELF;
	return (int)sys(__NR_openat, sv->parked_proc, own, how->flags | O_NONBLOCK | O_CLOEXEC, 0);
}

int open_for(struct supervisor *sv, const struct stop *s, const struct open_how *asked, const struct resolved *r, uint32_t *ret_fd_flags)
{
	static char buf[PATH_SIZE];
	struct open_how how = *asked;
	const char *path;
	int dirfd;

	*ret_fd_flags = (how.flags & O_CLOEXEC) != 0 ? O_CLOEXEC : 0;
	if ((how.resolve & ~(uint64_t)(RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_CACHED)) != 0)
		return -ENOSYS;	/* they speak of a directory that the text has lost; callers fall back to openat(2) */
	if (r->magic && (how.resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS)) != 0)
		return -ELOOP;
	if (r->anonymous)
		return open_anonymous(sv, r, &how);
	if (str_eq(r->path, "/dev/tty"))	/* the caller's own terminal */
		return OPEN_BY_ITSELF;
	dirfd = place_of(sv, r, buf, &path);
	if ((how.flags & (O_CREAT | __O_TMPFILE)) != 0)
		how.mode &= ~(uint64_t)target_umask(sv->parked_proc, s->tid);
	if ((how.flags & (O_PATH | O_DIRECTORY)) == 0 && (policy_access(&sv->policy, r->path, r->len) & CORDON_ACCESS_WRITE) != 0 &&
	    is_fifo(dirfd, path))
		return OPEN_BY_ITSELF;
	return open_waiting_for_nobody(dirfd, path, &how);
}
