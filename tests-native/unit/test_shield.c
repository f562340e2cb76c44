/* SPDX-License-Identifier: Apache-2.0 */
/* The filter that keeps a program from the processes that supervise it: what it refuses with a Landlock domain and
 * without, and that the kernel accepts it. */
#include "supervisor/shield.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "arch/arch.h"
#include "support/bpf.h"
#include "test.h"

#define SUPERVISOR 7
#define INIT 1
#define THREAD 2
#define GROUP 5
#define OTHER 9
#define NO_PID ((uint64_t)(uint32_t)-1)

static const struct shield_orders orders = { .tasks = { SUPERVISOR, INIT, THREAD }, .group = GROUP };

struct row {
	long nr;
	uint64_t args[3];
	int err, err_alone;	/* errno with a domain, and without one */
};

static const struct row rows[] = {
	{ SYS_prlimit64, { SUPERVISOR, RLIMIT_CPU }, EPERM, EPERM },
	{ SYS_prlimit64, { 0, RLIMIT_CPU }, 0, 0 },
	{ SYS_sched_setaffinity, { SUPERVISOR }, EPERM, EPERM },
	{ SYS_sched_setaffinity, { INIT }, EPERM, EPERM },
	{ SYS_sched_setaffinity, { THREAD }, EPERM, EPERM },
	/* the kernel takes the low half */
	{ SYS_sched_setaffinity, { UINT64_C(1) << 32 | SUPERVISOR }, EPERM, EPERM },
	{ SYS_sched_setaffinity, { 0 }, 0, 0 },
	{ SYS_sched_setaffinity, { OTHER }, 0, 0 },
	{ SYS_sched_setscheduler, { SUPERVISOR }, EPERM, EPERM },
	{ SYS_sched_setparam, { SUPERVISOR }, EPERM, EPERM },
	{ SYS_sched_setattr, { SUPERVISOR }, EPERM, EPERM },
	{ SYS_sched_getattr, { SUPERVISOR }, 0, 0 },
	{ SYS_setpriority, { PRIO_PROCESS, SUPERVISOR }, EPERM, EPERM },
	{ SYS_setpriority, { PRIO_PROCESS, 0 }, 0, 0 },
	{ SYS_setpriority, { PRIO_PROCESS, GROUP }, 0, 0 },	/* a process with that number */
	{ SYS_setpriority, { PRIO_PGRP, GROUP }, EPERM, EPERM },
	{ SYS_setpriority, { PRIO_PGRP, 0 }, 0, 0 },
	{ SYS_setpriority, { PRIO_PGRP, OTHER }, 0, 0 },
	{ SYS_setpriority, { PRIO_USER, 0 }, EPERM, EPERM },
	{ SYS_ioprio_set, { 1, SUPERVISOR }, EPERM, EPERM },
	{ SYS_ioprio_set, { 1, 0 }, 0, 0 },
	{ SYS_ioprio_set, { 2, GROUP }, EPERM, EPERM },
	{ SYS_ioprio_set, { 3, 0 }, EPERM, EPERM },
	{ SYS_kill, { SUPERVISOR }, 0, EPERM },
	{ SYS_kill, { INIT }, 0, EPERM },
	{ SYS_kill, { NO_PID }, 0, EPERM },
	{ SYS_kill, { (uint32_t)-GROUP }, 0, EPERM },
	{ SYS_kill, { (uint32_t)-OTHER }, 0, 0 },
	{ SYS_kill, { 0 }, 0, 0 },
	{ SYS_kill, { OTHER }, 0, 0 },
	{ SYS_tkill, { SUPERVISOR }, 0, EPERM },
	{ SYS_tgkill, { SUPERVISOR, SUPERVISOR }, 0, EPERM },
	{ SYS_tgkill, { OTHER, OTHER }, 0, 0 },
	{ SYS_rt_sigqueueinfo, { SUPERVISOR }, 0, EPERM },
	{ SYS_rt_tgsigqueueinfo, { SUPERVISOR, SUPERVISOR }, 0, EPERM },
	{ SYS_pidfd_send_signal, { 3, 9 }, 0, ENOSYS },
	{ SYS_fcntl, { 3, 8, SUPERVISOR }, 0, EPERM },
	{ SYS_fcntl, { 3, 8, (uint32_t)-GROUP }, 0, EPERM },
	{ SYS_fcntl, { 3, 8, OTHER }, 0, 0 },
	{ SYS_fcntl, { 3, 15 }, 0, EPERM },
	{ SYS_fcntl, { 3, 1, SUPERVISOR }, 0, 0 },
	{ SYS_ioctl, { 3, 0x8901 }, 0, EPERM },
	{ SYS_ioctl, { 3, 0x8902 }, 0, EPERM },
	{ SYS_ioctl, { 3, 0x5401 }, 0, 0 },
	{ SYS_getpid, { SUPERVISOR }, 0, 0 },
};

static uint32_t verdict(const struct sock_filter *program, uint16_t len, const struct row *row, uint32_t arch)
{
	struct seccomp_data data = { .nr = (int)row->nr, .arch = arch };

	for (int i = 0; i < 3; i++)
		data.args[i] = row->args[i];
	return bpf_run(program, len, &data, NULL);
}

static uint32_t want(int err)
{
	return err == 0 ? SECCOMP_RET_ALLOW : SECCOMP_RET_ERRNO | (uint32_t)err;
}

static void it_refuses(void)
{
	struct sock_filter scoped[SHIELD_MAX], alone[SHIELD_MAX];
	struct shield_orders without = orders;
	uint16_t nscoped = shield_program(&orders, scoped), nalone;

	without.signals = true;
	nalone = shield_program(&without, alone);
	CHECK(nscoped < nalone && nalone <= SHIELD_MAX);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (verdict(scoped, nscoped, &rows[i], arch_audit) != want(rows[i].err))
			TEST_FAIL("row %zu with a domain", i);
		if (verdict(alone, nalone, &rows[i], arch_audit) != want(rows[i].err_alone))
			TEST_FAIL("row %zu without a domain", i);
		/* another ABI's numbers mean other calls */
		CHECK_EQ(verdict(alone, nalone, &rows[i], 0x28), SECCOMP_RET_ALLOW);
	}
}

/* A group without a number, as where init's group is outside of the namespace: 0 is the program's own. */
static void its_own_group_is_its_own(void)
{
	static const struct row own = { SYS_setpriority, { PRIO_PGRP, 0 }, 0, 0 };
	struct shield_orders none = { .tasks = { SUPERVISOR, INIT, 0 }, .signals = true };
	struct sock_filter program[SHIELD_MAX];
	uint16_t n = shield_program(&none, program);

	CHECK_EQ(verdict(program, n, &own, arch_audit), SECCOMP_RET_ALLOW);
}

static int loads(void)
{
	struct sock_filter program[SHIELD_MAX];
	struct shield_orders all = { .tasks = { getppid(), 0, 0 }, .group = 0, .signals = true };
	struct sock_fprog filter = { .filter = program };

	filter.len = shield_program(&all, program);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
		return 1;
	if (kill(getppid(), 0) == 0 || errno != EPERM)
		return 2;
	return kill(getpid(), 0) == 0 ? 0 : 3;
}

int main(void)
{
	pid_t pid;
	int status = -1;

	it_refuses();
	its_own_group_is_its_own();
	pid = fork();
	if (pid == 0)
		_exit(loads());
	CHECK(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
	return TEST_RESULT();
}
