/* SPDX-License-Identifier: Apache-2.0 */
#include "forkexec/forkexec.h"

#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include "arch/arch.h"
#include "base/base.h"
#include "error/error.h"
#include "forkexec/child.h"

/* child.c uses about 1 KiB; the rest is a margin, because there is no guard page */
#define CHILD_STACK 16384

/* Without CLONE_CLEAR_SIGHAND the child has to reset the parent's handlers itself: they would run in the parent's
 * memory. */
static void child_main_reset_signals(void *arg)
{
	signals_default();
	child_main(arg);
}

/* Calls clone3 or clone, as the parent's signal handlers require. */
static long clone_as(const struct child_plan *plan, struct arch_clone_args c, struct child_args *args)
{
	uint64_t all = ~UINT64_C(0), saved = 0;
	long pid;

	if (plan->default_signals)
		return (c.flags & CLONE_INTO_CGROUP) != 0 ? arch_clone3(&c, sizeof c, child_main, args)
							  : arch_clone(&c, child_main, args);
	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, &saved, sizeof all);	/* cannot fail with these arguments */
	c.flags |= CLONE_CLEAR_SIGHAND;
	pid = arch_clone3(&c, sizeof c, child_main, args);
	/* ENOSYS from the seccomp filter of a surrounding container: clone(2) supports the same namespaces. */
	if (pid == -ENOSYS && (c.flags & CLONE_INTO_CGROUP) == 0) {
		c.flags &= ~(uint64_t)CLONE_CLEAR_SIGHAND;
		pid = arch_clone(&c, child_main_reset_signals, args);
	}
	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &saved, NULL, sizeof saved);
	return pid;
}

static long clone_child(const struct child_plan *plan, struct child_args *args, void *stack, int *pidfd)
{
	struct arch_clone_args c = {
		.flags = plan->clone_flags | CLONE_VM | CLONE_VFORK,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = plan->exit_signal,
		.stack = (uint64_t)(uintptr_t)stack,
		.stack_size = CHILD_STACK,
	};
	long pid;

	if (pidfd != NULL)
		c.flags |= CLONE_PIDFD;
	if (plan->cgroup_fd >= 0) {
		struct arch_clone_args into = c;

		into.flags |= CLONE_INTO_CGROUP;
		into.cgroup = (uint64_t)plan->cgroup_fd;
		args->born_in_group = true;
		pid = clone_as(plan, into, args);
		if (pid >= 0)
			return pid;
		args->born_in_group = false;
	}
	return clone_as(plan, c, args);
}

static int report_to_error(const struct child_plan *plan, const struct child_report *report, struct cordon_error *err)
{
	const char *detail = NULL;

	if (report->step == CORDON_STEP_WORK_DIR)
		detail = plan->work_dir;
	else if (report->step == CORDON_STEP_LABEL)
		detail = plan->label;
	else if (report->step == CORDON_STEP_EXECVE)
		detail = plan->argv[0];
	return error_set_at(err, CORDON_AT_CHILD, report->err, (enum cordon_step)report->step, report->index, detail);
}

static void reap(int pid)
{
	while (sys(__NR_wait4, pid, NULL, __WALL, NULL) == -EINTR)
		;
}

/* I4 */
static bool may_set_ids(void)
{
#ifdef CORDON_INIT
	return true;
#else
	return false;
#endif
}

int forkexec_start(const struct child_plan *plan, int *ret_pidfd, int32_t *ret_pid, struct cordon_error *err)
{
	_Alignas(16) unsigned char stack[CHILD_STACK];
	struct child_report report = { CORDON_STEP_CLONE, 0, CORDON_NO_INDEX };
	struct child_args args = { plan, &report, false };
	int pidfd = -1;
	long pid;

	if ((plan->set_ids || plan->set_groups) && !may_set_ids())
		return error_refuse(err, CORDON_NO_INDEX, "plan", "ids", "only cordon-init's child sets them");
	pid = clone_child(plan, &args, stack, ret_pidfd != NULL ? &pidfd : NULL);
	if (pid < 0)
		return error_set(err, (int)-pid, CORDON_STEP_CLONE, CORDON_NO_INDEX, NULL);
	/* Killed before the exec: there is no report, but the program did not run. */
	if (report.err == 0 && report.step != CORDON_STEP_EXECVE)
		report.err = EINTR;
	if (report.err != 0) {
		reap((int)pid);
		fd_close(&pidfd);
		return report_to_error(plan, &report, err);
	}
	if (ret_pidfd != NULL)
		*ret_pidfd = pidfd;
	*ret_pid = (int32_t)pid;
	return 0;
}
