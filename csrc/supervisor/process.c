/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/process.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/signal.h>
#include "base/base.h"

/* A supervisor that still has privileges it should have dropped must not serve the program. */
static _Noreturn void fail(struct supervisor *sv, long rc)
{
	__atomic_store_n(&sv->failure, (int32_t)-rc, __ATOMIC_RELEASE);
	for (;;)
		sys(__NR_exit_group, 1);
}

static void check(struct supervisor *sv, long rc)
{
	if (rc < 0)
		fail(sv, rc);
}

/* The next descriptor to keep, >= from, or -1. */
static int next_kept(const int *keep, uint32_t nkeep, int from)
{
	int next = -1;

	for (uint32_t i = 0; i < nkeep; i++)
		if (keep[i] >= from && (next < 0 || keep[i] < next))
			next = keep[i];
	return next;
}

static void close_others(struct supervisor *sv, const int *keep, uint32_t nkeep)
{
	int from = 0, next;

	for (; (next = next_kept(keep, nkeep, from)) >= 0; from = next + 1)
		if (next > from)
			check(sv, sys(__NR_close_range, from, next - 1, 0));
	check(sv, sys(__NR_close_range, from, ~0U, 0));
}

/* process_vm_readv(2) checks the real ids, so they become the program's. The effective and saved ids stay init's, so
 * that the program is refused ptrace(2) and prlimit(2), which require all three. setfsuid(2) reports no error: a second
 * call returns the id in effect. */
static void take_ids(struct supervisor *sv)
{
	check(sv, sys(__NR_setresgid, sv->gid, -1, -1));
	(void)sys(__NR_setfsgid, sv->gid);
	check(sv, sys(__NR_setfsgid, -1) == (long)sv->gid ? 0 : -EPERM);
	check(sv, sys(__NR_setresuid, sv->uid, -1, -1));
	(void)sys(__NR_setfsuid, sv->uid);
	check(sv, sys(__NR_setfsuid, -1) == (long)sv->uid ? 0 : -EPERM);
}

static void drop_capabilities(struct supervisor *sv)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint32_t nice = 1u << CAP_SYS_NICE;

	check(sv, sys(__NR_capget, &head, data));
	/* PTRACE is for programs that are not dumpable: target.c raises it for one read. NICE pins a task to a CPU
	 * (sched/supervisor.h); it has no effect on files. */
	data[0].permitted &= 1u << CAP_SYS_PTRACE | nice;
	data[0].effective &= nice;
	data[1].permitted = data[1].effective = 0;
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		data[i].inheritable = 0;
	/* This also empties the ambient set, which stays within the inheritable set (capabilities(7)). */
	check(sv, sys(__NR_capset, &head, data));
}

void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep)
{
	close_others(sv, keep, nkeep);
	/* No new session: init's has no terminal, and making one costs milliseconds if each session gets a scheduling
	 * group (sched(7), autogroup). */
	if (sv->set_ids)
		take_ids(sv);
	drop_capabilities(sv);
	(void)sys(__NR_umask, 0);
	(void)sys(__NR_prctl, PR_SET_NAME, "cordon-super", 0, 0, 0);	/* for people only */
}

/* kill(-1) skips its caller and pid 1. If init is not pid 1, it would reach all processes of the user. */
void supervisor_kill(struct supervisor *sv)
{
	uint64_t one = 1;

	sv->violation = (int32_t)sv->nevents - 1;
	__atomic_store_n(&sv->killed, 1, __ATOMIC_RELEASE);
	(void)sys(__NR_write, supervisor_wake_fd(sv), &one, sizeof one);
	if (!sv->own_tree && sys(__NR_getppid) == 1) {
		(void)sys(__NR_kill, -1, SIGKILL);
		return;
	}
	for (;;)	/* kills the tracees; under notify init sees the end */
		sys(__NR_exit_group, 1);
}

bool supervisor_is_out_of_memory(struct supervisor *sv, int32_t err)
{
	if (err != ENOMEM || !sv->grouped)
		return false;
	sv->out_of_memory = true;
	supervisor_kill(sv);
	return true;
}

void supervisor_finish(struct supervisor *sv)
{
	__atomic_store_n(&sv->state, SUPERVISOR_DONE, __ATOMIC_RELEASE);
	for (;;)
		sys(__NR_exit_group, 0);
}
