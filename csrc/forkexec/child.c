/* SPDX-License-Identifier: Apache-2.0 */
/* child: the vfork child. It runs on its own stack in its parent's memory while the parent's thread is suspended. So it
 * makes raw system calls, calls no function of another file, and leaves only by exec or exit (vfork(2)). It writes to
 * its stack, to the report, and to the variables that the plan points to: exec_ns, and of a supervision listener,
 * parked_proc and parked_wake. Two calls go through pointers, supervision->mask and begin; those functions are
 * cordon-init's and follow the same rules. The order of the steps is that of the functions in child_main, whose
 * comments give the reasons. */
#include "forkexec/child.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <asm/ioctls.h>
#include <linux/fcntl.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <linux/time.h>
#include "base/base.h"
#include "cordon/error.h"

#define TEXT_BUSY_RETRIES 50

/* SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: a call that the supervisor has received is not interrupted by non-fatal
 * signals, which Go and Java send to their own threads. Otherwise, for example, an open with O_EXCL would be made
 * twice. */
#define WAIT_KILLABLE 32u

static _Noreturn void child_exit(void)
{
	sys(__NR_exit_group, 127);
	for (;;)	/* if a filter refuses exit: no filter stops a fault, which ends the child as well */
		__builtin_trap();
}

static void at(struct child_report *report, enum cordon_step step, int32_t index)
{
	report->index = index;
	report->step = (int32_t)step;
}

/* Exits if rc is an error of the current step. */
static void check(struct child_report *report, long rc)
{
	if (rc >= 0)
		return;
	report->err = (int32_t)-rc;
	child_exit();
}

static void mask(const struct child_supervision *s, struct child_report *r)
{
	int32_t rule = CORDON_NO_INDEX;
	long rc;

	at(r, CORDON_STEP_PATH_MASK, CORDON_NO_INDEX);
	rc = s->mask(s->arg, &rule);
	r->index = rule;
	check(r, rc);
}

static void join_cgroups(const struct child_plan *p, struct child_report *r, bool born_in_group)
{
	for (uint32_t i = 0; i + born_in_group < p->nprocs_fds; i++) {
		at(r, CORDON_STEP_CGROUP_ATTACH, (int32_t)i);
		check(r, sys(__NR_write, p->procs_fds[i], "0", 1));
	}
	if (p->new_cgroup_ns) {
		at(r, CORDON_STEP_CGROUP_NAMESPACE, CORDON_NO_INDEX);
		check(r, sys(__NR_unshare, CLONE_NEWCGROUP));
	}
}

/* Returns a close-on-exec copy of fd at min or above, or fd itself if it is there already. */
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
			(void)sys(__NR_close, fd);	/* EBADF: it was not open */
	}
}

/* Descriptors that the child needs until its exec, and that the program does not get. */
enum kept {
	KEPT_EXEC,
	KEPT_SYNC,
	KEPT_LABEL,
	KEPT_LANDLOCK,
	KEPT_PROC,
	KEPT_WAKE,
	KEPT_COUNT
};

static void keep(const struct child_plan *p, int *kept)
{
	const struct child_supervision *s = p->supervision;

	kept[KEPT_EXEC] = p->exec_fd;
	kept[KEPT_SYNC] = p->sync_fd;
	kept[KEPT_LABEL] = p->label != NULL ? p->label_proc_fd : -1;
	kept[KEPT_LANDLOCK] = s != NULL ? s->landlock_fd : -1;
	kept[KEPT_PROC] = s != NULL ? s->proc_fd : -1;
	kept[KEPT_WAKE] = s != NULL ? s->wake_fd : -1;
}

/* First copies all sources above every target, so that no dup overwrites one that is still needed. The descriptors of
 * enum kept follow the targets, close-on-exec; everything above is closed. */
static void install_fds(const struct child_plan *p, struct child_report *r, int *kept)
{
	int end = p->nfds > 0 ? p->fds[p->nfds - 1].target + 1 : 0;
	int source[CHILD_FDS_MAX];

	at(r, CORDON_STEP_DUP_FD, CORDON_NO_INDEX);
	for (uint32_t i = 0; i < p->nfds; i++)
		source[i] = moved_up(r, p->fds[i].fd, end + KEPT_COUNT);
	for (int i = 0; i < KEPT_COUNT; i++)
		if (kept[i] >= 0)
			kept[i] = moved_up(r, kept[i], end + KEPT_COUNT);
	for (uint32_t i = 0; i < p->nfds; i++) {
		at(r, CORDON_STEP_DUP_FD, p->fds[i].target);
		check(r, sys(__NR_dup3, source[i], p->fds[i].target, 0));
	}
	close_holes(p, end);
	for (int i = 0; i < KEPT_COUNT; i++) {
		if (kept[i] < 0)
			continue;
		check(r, sys(__NR_dup3, kept[i], end + i, O_CLOEXEC));
		kept[i] = end + i;
	}
	at(r, CORDON_STEP_CLOSE_RANGE, CORDON_NO_INDEX);
	check(r, sys(__NR_close_range, end + KEPT_COUNT, ~0U, 0));
	for (int i = 0; i < KEPT_COUNT; i++)
		if (kept[i] < 0)
			(void)sys(__NR_close, end + i);
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
	/* Also empties the ambient set, which stays within permitted and inheritable (capabilities(7)). */
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

static void set_label(const struct child_plan *p, struct child_report *r, int proc_fd)
{
	long fd = -ENOENT, written;

	at(r, CORDON_STEP_LABEL, CORDON_NO_INDEX);
	for (const char *const *file = p->label_files; fd == -ENOENT && *file != NULL; file++)
		fd = sys(__NR_openat, proc_fd, *file, O_WRONLY | O_CLOEXEC, 0);
	check(r, fd);
	written = sys(__NR_write, (int)fd, p->label, p->label_len);
	(void)sys(__NR_close, (int)fd);
	check(r, written);
}

static void load_filter(struct child_report *r, const struct sock_filter *filter, uint16_t len, uint32_t flags,
			int32_t *listener)
{
	struct sock_fprog program = { .len = len, .filter = (struct sock_filter *)filter };
	long rc;

	at(r, CORDON_STEP_SECCOMP, CORDON_NO_INDEX);
	rc = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
	if (rc == -EINVAL && (flags & WAIT_KILLABLE) != 0)	/* before Linux 5.19 */
		rc = sys(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags & ~WAIT_KILLABLE, &program);
	check(r, rc);
	if (listener != NULL)
		__atomic_store_n(listener, (int32_t)rc, __ATOMIC_RELEASE);
}

/* First Landlock's ruleset: the filter may stop the call that enters it. */
static void be_supervised(const struct child_supervision *s, struct child_report *r, const int *kept)
{
	*s->parked_proc = kept[KEPT_PROC];
	*s->parked_wake = kept[KEPT_WAKE];
	if (s->landlock_fd >= 0) {
		at(r, CORDON_STEP_LANDLOCK, CORDON_NO_INDEX);
		check(r, sys(__NR_landlock_restrict_self, kept[KEPT_LANDLOCK], 0));
	}
	if (s->shield_len != NULL && *s->shield_len > 0)
		load_filter(r, s->shield, *s->shield_len, 0, NULL);
	if (s->beside_len > 0)
		load_filter(r, s->beside, s->beside_len, 0, NULL);
	if (s->notify_len > 0)
		load_filter(r, s->notify_filter, s->notify_len,
			    s->listener != NULL ? SECCOMP_FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE : 0, s->listener);
}

static long execute(const struct child_plan *p, int exec_fd, const char *path)
{
	struct __kernel_timespec pause = { 0, 1000000 };
	long rc;

	/* ETXTBSY: a writable descriptor of a new executable, copied by another thread's fork, makes it busy until that
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

/* Tries PATH as execvp(3) does: skips a directory without the file, remembers EACCES. */
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
	int kept[KEPT_COUNT];
	uint64_t no_signals = 0;

	if (p->supervision != NULL && p->supervision->mask != NULL)	/* while it has the parent's privileges, and
									   before it looks at any path */
		mask(p->supervision, r);
	if (p->supervision != NULL && p->supervision->begin != NULL) {	/* while it has the parent's privileges and is
									   outside the run's groups and limits */
		at(r, CORDON_STEP_SUPERVISOR, CORDON_NO_INDEX);
		check(r, p->supervision->begin(p->supervision->arg));
	}
	(void)sys(__NR_umask, 022);	/* the usual value, whatever the parent's is; cannot fail */
	if (p->new_session) {
		at(r, CORDON_STEP_SETSID, CORDON_NO_INDEX);
		check(r, sys(__NR_setsid));
	}
	if (p->new_group) {
		at(r, CORDON_STEP_SETSID, CORDON_NO_INDEX);
		check(r, sys(__NR_setpgid, 0, 0));
	}
	join_cgroups(p, r, args->born_in_group);	/* needs the privileges that the next steps give up */
	keep(p, kept);
	install_fds(p, r, kept);
	if (p->terminal) {
		at(r, CORDON_STEP_TERMINAL, CORDON_NO_INDEX);
		check(r, sys(__NR_ioctl, 0, TIOCSCTTY, 0));
	}
	set_rlimits(p, r);
	set_identity(p, r);
	if (p->unbatch) {	/* SCHED_BATCH to SCHED_OTHER needs no privilege; if it fails the program only waits
				   longer */
		int priority = 0;

		(void)sys(__NR_sched_setscheduler, 0, SCHED_NORMAL, &priority);
	}
	if (p->nice > 0 && p->nice > nice_of(0)) {
		at(r, CORDON_STEP_NICE, CORDON_NO_INDEX);
		check(r, sys(__NR_setpriority, PRIO_PROCESS, 0, p->nice));
	}
	if (p->cpus != NULL) {
		long rc = sys(__NR_sched_setaffinity, 0, p->cpus_size, p->cpus);

		at(r, CORDON_STEP_AFFINITY, CORDON_NO_INDEX);
		if (p->cpus_asked)	/* else they are the parent's own set */
			check(r, rc);
	}
	if (p->work_dir != NULL) {	/* with the program's ids, so that it cannot start in a directory that it may
					   not enter */
		at(r, CORDON_STEP_WORK_DIR, CORDON_NO_INDEX);
		check(r, sys(__NR_chdir, p->work_dir));
	}
	if (p->ambient_caps != 0)
		raise_ambient(p, r);
	if (p->drop_caps)
		drop_caps(r);
	if (p->no_new_privs) {	/* without CAP_SYS_ADMIN seccomp requires it */
		at(r, CORDON_STEP_NO_NEW_PRIVS, CORDON_NO_INDEX);
		check(r, sys(__NR_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	}
	if (p->label != NULL)
		set_label(p, r, kept[KEPT_LABEL]);
	if (kept[KEPT_SYNC] >= 0)
		wait_for_go(kept[KEPT_SYNC], r);
	at(r, CORDON_STEP_SIGNAL_MASK, CORDON_NO_INDEX);
	check(r, sys(__NR_rt_sigprocmask, SIG_SETMASK, &no_signals, NULL, sizeof no_signals));
	if (p->exec_ns != NULL)
		*p->exec_ns = clock_monotonic();
	if (p->supervision != NULL)
		be_supervised(p->supervision, r, kept);
	if (p->seccomp_len > 0)	/* last: it may forbid every call except execve */
		load_filter(r, p->seccomp, p->seccomp_len, 0, NULL);
	at(r, CORDON_STEP_EXECVE, CORDON_NO_INDEX);
	check(r, kept[KEPT_EXEC] >= 0 ? execute(p, kept[KEPT_EXEC], NULL) : execute_paths(p));
	child_exit();
}
