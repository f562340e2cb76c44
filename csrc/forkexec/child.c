/* The vfork child. It runs on a stack of its own in its parent's memory while the parent's thread is suspended, so it calls
 * nothing but sys(), writes nothing but its stack and the report, and leaves only by exec or exit (vfork(2)).
 * The order of the steps is the order of the functions in child_main; why each stands where it does is said there. */
#include "forkexec/child.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <linux/time.h>
#include "base/base.h"

#define TEXT_BUSY_RETRIES 50

static _Noreturn void child_exit(void)
{
	for (;;)
		sys(__NR_exit_group, 127);
}

static void at(struct child_report *report, enum cordon_step step, int32_t index)
{
	report->index = index;
	report->step = (int32_t)step;
}

/* Ends the child where rc is an error of the current step. */
static void check(struct child_report *report, long rc)
{
	if (rc >= 0)
		return;
	report->err = (int32_t)-rc;
	child_exit();
}

static void join_cgroups(const struct child_plan *p, struct child_report *r)
{
	for (uint32_t i = 0; i < p->nprocs_fds; i++) {
		at(r, CORDON_STEP_CGROUP_ATTACH, (int32_t)i);
		check(r, sys(__NR_write, p->procs_fds[i], "0", 1));
	}
	if (p->new_cgroup_ns) {
		at(r, CORDON_STEP_CGROUP_NAMESPACE, CORDON_NO_INDEX);
		check(r, sys(__NR_unshare, CLONE_NEWCGROUP));
	}
}

/* A copy of fd at min or above, close-on-exec; fd itself where it is there already. */
static int moved_up(struct child_report *r, int fd, int min)
{
	long moved = fd;

	if (fd < min)
		moved = sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, min);
	check(r, moved);
	return (int)moved;
}

static void close_holes(const struct child_plan *p, int end)
{
	uint32_t i = 0;

	for (int fd = 0; fd < end; fd++) {
		if (i < p->nfds && p->fds[i].target == fd)
			i++;
		else
			(void)sys(__NR_close, fd);	/* EBADF where it was not open */
	}
}

/* All sources go above every target first, so that no dup overwrites one that is still needed. Behind the targets stand
 * the executable (end) and the sync socket (end + 1), both close-on-exec; everything above is closed. */
static void install_fds(const struct child_plan *p, struct child_report *r, int *exec_fd, int *sync_fd)
{
	int end = p->nfds > 0 ? p->fds[p->nfds - 1].target + 1 : 0;
	int source[CHILD_FDS_MAX];

	at(r, CORDON_STEP_DUP_FD, CORDON_NO_INDEX);
	for (uint32_t i = 0; i < p->nfds; i++)
		source[i] = moved_up(r, p->fds[i].fd, end + 2);
	if (p->exec_fd >= 0)
		*exec_fd = moved_up(r, p->exec_fd, end + 2);
	if (p->sync_fd >= 0)
		*sync_fd = moved_up(r, p->sync_fd, end + 2);
	for (uint32_t i = 0; i < p->nfds; i++) {
		at(r, CORDON_STEP_DUP_FD, p->fds[i].target);
		check(r, sys(__NR_dup3, source[i], p->fds[i].target, 0));
	}
	close_holes(p, end);
	if (*exec_fd >= 0) {
		check(r, sys(__NR_dup3, *exec_fd, end, O_CLOEXEC));
		*exec_fd = end;
	}
	if (*sync_fd >= 0) {
		check(r, sys(__NR_dup3, *sync_fd, end + 1, O_CLOEXEC));
		*sync_fd = end + 1;
	}
	at(r, CORDON_STEP_CLOSE_RANGE, CORDON_NO_INDEX);
	check(r, sys(__NR_close_range, end + 2, ~0U, 0));
	if (*exec_fd < 0)
		(void)sys(__NR_close, end);
	if (*sync_fd < 0)
		(void)sys(__NR_close, end + 1);
}

static void set_rlimits(const struct child_plan *p, struct child_report *r)
{
	for (uint32_t i = 0; i < p->nrlimits; i++) {
		at(r, CORDON_STEP_RLIMIT, p->rlimits[i].index);
		check(r, sys(__NR_prlimit64, 0, p->rlimits[i].resource, p->rlimits[i].value, NULL));
	}
}

static void set_identity(const struct child_plan *p, struct child_report *r)
{
	if (p->set_groups) {
		at(r, CORDON_STEP_SETGROUPS, CORDON_NO_INDEX);
		check(r, sys(__NR_setgroups, 0, NULL));
	}
	if (!p->set_ids)
		return;
	at(r, CORDON_STEP_SETGID, CORDON_NO_INDEX);
	check(r, sys(__NR_setresgid, p->gid, p->gid, p->gid));
	at(r, CORDON_STEP_SETUID, CORDON_NO_INDEX);
	check(r, sys(__NR_setresuid, p->uid, p->uid, p->uid));
}

static void raise_ambient(const struct child_plan *p, struct child_report *r)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2];

	at(r, CORDON_STEP_AMBIENT_CAPS, CORDON_NO_INDEX);
	check(r, sys(__NR_capget, &header, data));
	data[0].inheritable = (uint32_t)p->ambient_caps;
	data[1].inheritable = (uint32_t)(p->ambient_caps >> 32);
	check(r, sys(__NR_capset, &header, data));
	for (int cap = 0; cap < 64; cap++)
		if ((p->ambient_caps >> cap & 1) != 0)
			check(r, sys(__NR_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0));
}

static void drop_caps(struct child_report *r)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2];

	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		data[i].effective = data[i].permitted = data[i].inheritable = 0;
	at(r, CORDON_STEP_DROP_CAPS, CORDON_NO_INDEX);
	/* Also empties the ambient set: it stays within permitted and inheritable (capabilities(7)). */
	check(r, sys(__NR_capset, &header, data));
}

static uint64_t clock_monotonic(void)
{
	struct __kernel_timespec ts = { 0, 0 };

	(void)sys(__NR_clock_gettime, CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NSEC_PER_SEC + (uint64_t)ts.tv_nsec;
}

static void wait_for_go(int sync_fd, struct child_report *r)
{
	char byte = 1;
	long n;

	at(r, CORDON_STEP_SYNC, CORDON_NO_INDEX);
	check(r, sys(__NR_write, sync_fd, &byte, 1));
	do
		n = sys(__NR_read, sync_fd, &byte, 1);
	while (n == -EINTR);
	check(r, n);
	if (n == 0 || byte != 1)
		check(r, -ECANCELED);
}

static long execute(const struct child_plan *p, int exec_fd, const char *path)
{
	struct __kernel_timespec pause = { 0, 1000000 };
	long rc;

	/* ETXTBSY: a descriptor that another thread's fork has copied keeps a freshly written executable busy until that
	 * child executes. */
	for (int i = 0; i < TEXT_BUSY_RETRIES; i++) {
		if (exec_fd >= 0)
			rc = sys(__NR_execveat, exec_fd, "", p->argv, p->envp, AT_EMPTY_PATH);
		else
			rc = sys(__NR_execve, path, p->argv, p->envp);
		if (rc != -ETXTBSY)
			break;
		(void)sys(__NR_nanosleep, &pause, NULL);
	}
	return rc;
}

/* As execvp(3) goes through PATH: a directory without the file is passed over, one without the right is remembered. */
static long execute_paths(const struct child_plan *p)
{
	long rc = -ENOENT;
	bool denied = false;

	for (const char *const *path = p->paths; *path != NULL; path++) {
		rc = execute(p, -1, *path);
		if (rc == -EACCES)
			denied = true;
		else if (rc != -ENOENT && rc != -ENOTDIR && rc != -ENAMETOOLONG)
			return rc;
	}
	return denied ? -EACCES : rc;
}

void child_main(void *arg)
{
	const struct child_args *args = arg;
	const struct child_plan *p = args->plan;
	struct child_report *r = args->report;
	int exec_fd = -1, sync_fd = -1;
	uint64_t no_signals = 0;

	(void)sys(__NR_umask, 022);	/* the usual one, whatever the parent has; cannot fail */
	if (p->new_session) {
		at(r, CORDON_STEP_SETSID, CORDON_NO_INDEX);
		check(r, sys(__NR_setsid));
	}
	if (p->new_group) {
		at(r, CORDON_STEP_SETSID, CORDON_NO_INDEX);
		check(r, sys(__NR_setpgid, 0, 0));
	}
	join_cgroups(p, r);	/* needs the privileges that the next steps give up */
	install_fds(p, r, &exec_fd, &sync_fd);
	if (p->terminal) {
		at(r, CORDON_STEP_TERMINAL, CORDON_NO_INDEX);
		check(r, sys(__NR_ioctl, 0, TIOCSCTTY, 0));
	}
	set_rlimits(p, r);
	set_identity(p, r);
	if (p->unbatch) {	/* allowed without privilege in this direction; a program that stays at BATCH is only less brisk */
		int priority = 0;

		(void)sys(__NR_sched_setscheduler, 0, SCHED_NORMAL, &priority);
	}
	if (p->cpus != NULL)	/* cannot fail: the parent had them; and a narrower set would be no security matter */
		(void)sys(__NR_sched_setaffinity, 0, p->cpus_size, p->cpus);
	if (p->work_dir != NULL) {	/* as the program, so that it starts in no directory that it may not enter */
		at(r, CORDON_STEP_WORK_DIR, CORDON_NO_INDEX);
		check(r, sys(__NR_chdir, p->work_dir));
	}
	if (p->ambient_caps != 0)
		raise_ambient(p, r);
	if (p->drop_caps)
		drop_caps(r);
	if (p->no_new_privs) {	/* seccomp needs it without CAP_SYS_ADMIN */
		at(r, CORDON_STEP_NO_NEW_PRIVS, CORDON_NO_INDEX);
		check(r, sys(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	}
	if (sync_fd >= 0)
		wait_for_go(sync_fd, r);
	if (p->seccomp_len > 0) {	/* last: it may forbid any of the steps above */
		struct sock_fprog program = { .len = p->seccomp_len, .filter = (struct sock_filter *)p->seccomp };

		at(r, CORDON_STEP_SECCOMP, CORDON_NO_INDEX);
		check(r, sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
	}
	at(r, CORDON_STEP_SIGNAL_MASK, CORDON_NO_INDEX);
	check(r, sys(__NR_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof no_signals));
	if (p->exec_ns != NULL)
		*p->exec_ns = clock_monotonic();
	at(r, CORDON_STEP_EXECVE, CORDON_NO_INDEX);
	check(r, exec_fd >= 0 ? execute(p, exec_fd, NULL) : execute_paths(p));
	child_exit();
}
