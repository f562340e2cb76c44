/* SPDX-License-Identifier: Apache-2.0 */
/* ptrace: the supervisor's loop with ptrace(2).
 *
 * Theory of operation. The program's first thread is seized while it waits in the vfork child; the kernel attaches
 * every task that it makes (PTRACE_O_TRACE*). Then one wait4 receives the reports of all tasks, and each report is
 * answered by one resumption. There is no table of tasks: a report says what it means, and the kernel knows which tasks
 * are ours. So the order in which a child and its parent report does not matter, and no task is missed, however many
 * there are.
 * A call that names files is made by the supervisor (carry.c) and skipped in the tracee, except an open.
 * I1  A call that the filter stops is made only after judge has allowed it: any failure leaves it stopped, and ends the
 *     run.
 * I2  After the run was ended (sv->killed) no task is resumed.
 * I3  Signals, stops and exits of the program look as if it were not traced. Its SIGSTOP stops it (PTRACE_LISTEN), and
 *     its parent sees that; a zombie becomes visible to its real parent, with its resource usage, when wait4 here has
 *     taken it.
 * I4  The end of the tracer kills its tracees (PTRACE_O_EXITKILL).
 * I5  Every task is served. wait4 reports the task that was attached last first, so on a single CPU a task that stops
 *     all the time would starve the others. Therefore, now and then, all reports are taken before any is answered.
 * CLONE_UNTRACED makes a task that is not traced: the default policy refuses the flag, and if clone is stopped it is
 * refused here. If a caller's policy lets it through, the task still has the filter, and without a tracer each call
 * that it stops fails with ENOSYS; in a pid namespace the task ends with init. Without a pid namespace nothing would
 * end it, so the policy of such a run must refuse it. ESRCH is normal everywhere: a tracee can be killed at any time,
 * and wait4 reports its end. See ptrace(2), seccomp(2), kernel/ptrace.c, kernel/seccomp.c. */
#include "supervisor/ptrace.h"

#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <linux/time_types.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include "arch/arch.h"
#include "base/base.h"
#include "calls/calls.h"
#include "sched/supervisor.h"
#include "supervisor/bpf.h"
#include "supervisor/carry.h"
#include "supervisor/connects.h"
#include "supervisor/events.h"
#include "supervisor/judge.h"
#include "supervisor/memory.h"
#include "supervisor/process.h"
#include "supervisor/target.h"
#include "supervisor/tracees.h"

#define ROUND 32		/* reports, after which all are taken at once */
#define REPORTS_MAX 4096

/* Not PTRACE_O_TRACEEXIT: the end of a task needs no decision. */
#define OPTIONS													       \
	(PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |  \
	 PTRACE_O_TRACEEXEC)

static _Noreturn void leave(void)
{
	for (;;)
		sys(__NR_exit_group, 1);
}

static void announce(struct supervisor *sv, enum supervisor_state state)
{
	__atomic_store_n(&sv->state, (uint32_t)state, __ATOMIC_RELEASE);
	/* Private and shared futexes have different keys, and either may be the one that the child waits on. */
	(void)sys(__NR_futex, &sv->state, FUTEX_WAKE, INT32_MAX);
	(void)sys(__NR_futex, &sv->state, FUTEX_WAKE_PRIVATE, INT32_MAX);
}

/* No signal interrupts the loop. An ignored SIGCHLD is not even sent, which makes each stop cheaper; tracees become
 * zombies all the same (do_notify_parent). */
static void ignore_signals(void)
{
	const struct {	/* struct sigaction of the kernel */
		uintptr_t handler;
		unsigned long flags;
		uintptr_t restorer;
		uint64_t mask;
	} ignore = { .handler = 1 };	/* SIG_IGN */
	uint64_t all = ~UINT64_C(0);

	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof all);
	(void)sys(__NR_rt_sigaction, SIGCHLD, &ignore, NULL, sizeof ignore.mask);
}

/* A change of ids clears it, so it comes after supervisor_settle; hence the second check of the parent. */
static void end_with_init(int32_t init_pid)
{
	(void)sys(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);	/* cannot fail with a valid signal */
	if (sys(__NR_getppid) != init_pid)
		leave();
}

static void attach(struct supervisor *sv)
{
	long rc = sys(__NR_ptrace, PTRACE_SEIZE, sv->main_tid, 0, OPTIONS);

	if (rc < 0) {
		sv->failure = (int32_t)-rc;
		announce(sv, SUPERVISOR_FAILED);
		leave();
	}
	announce(sv, SUPERVISOR_ATTACHED);
}

static bool ended(const struct supervisor *sv)
{
	return __atomic_load_n(&sv->killed, __ATOMIC_ACQUIRE) != 0;
}

/* request: PTRACE_CONT or PTRACE_LISTEN. */
static void resume(const struct supervisor *sv, int32_t tid, long request, uint32_t signal)
{
	if (!ended(sv))
		(void)sys(__NR_ptrace, request, tid, 0, signal);
}

static uint64_t event_message(int32_t tid)
{
	unsigned long message = 0;

	(void)sys(__NR_ptrace, PTRACE_GETEVENTMSG, tid, 0, &message);
	return message;
}

/* ---- Calls ---- */

/* 0, or -errno: ESRCH if the task was killed, or is at another stop now, which wait4 reports later: another thread's
 * exec ended it and took its number. Any other errno means a kernel that works differently. */
static long read_stop(int32_t tid, struct stop *ret)
{
	struct ptrace_syscall_info info;
	long size = sys(__NR_ptrace, PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info);

	if (size < 0)
		return size;
	if (info.op != PTRACE_SYSCALL_INFO_SECCOMP)
		return info.op == PTRACE_SYSCALL_INFO_NONE ? -ESRCH : -EPROTO;
	ret->tid = tid;
	ret->nr = (long)info.seccomp.nr;
	ret->ip = info.instruction_pointer;
	ret->arch = info.arch;
	for (size_t i = 0; i < ARRAY_LEN(ret->args); i++)
		ret->args[i] = info.seccomp.args[i];
	return 0;
}

/* Whether the call could make a task that is not traced. clone3's flags are in memory, where another thread can change
 * them after the check, so it is refused as in the default policy, and libc falls back to clone; in a pid namespace
 * that is not necessary (see the top). */
static bool makes_untraced(const struct supervisor *sv, const struct stop *s, struct answer *ret)
{
	ret->decision = CORDON_DECISION_ERRNO;
	if (s->nr == __NR_clone && (s->args[0] & CLONE_UNTRACED) != 0)
		ret->err = EPERM;
	else if (s->nr == __NR_clone3 && sv->own_tree)
		ret->err = ENOSYS;
	else
		return false;
	return true;
}

static void end_run(struct supervisor *sv, const struct stop *s)
{
	supervisor_event(sv, CORDON_EVENT_SYSCALL, s, -1, NULL);
	supervisor_kill(sv);
}

static void answer(struct supervisor *sv, const struct stop *s, const struct answer *a)
{
	long rc = 0;

	if (a->decision == CORDON_DECISION_ERRNO)
		rc = arch_call_skip(s->tid, a->err != 0 ? -(int64_t)a->err : a->value);
	else if (a->decision != CORDON_DECISION_ALLOW)
		rc = -EPERM;
	if (rc == -ESRCH)
		return;
	if (rc < 0) {
		supervisor_kill(sv);
		return;
	}
	sched_supervisor_resume(s->tid, s->nr);
	resume(sv, s->tid, PTRACE_CONT, 0);
}

static void take_call(struct supervisor *sv, int32_t tid)
{
	static struct judged judged;
	struct stop s = { .tid = tid, .nr = -1 };
	struct answer a = { .decision = CORDON_DECISION_KILL };
	long rc;

	if (ended(sv))
		return;
	rc = read_stop(tid, &s);
	if (rc == -ESRCH)
		return;
	if (rc < 0 || !arch_call_is_native(s.arch, s.nr)) {
		end_run(sv, &s);
		return;
	}
	sched_supervisor_stopped(tid, s.nr);
	if (!makes_untraced(sv, &s, &a)) {
		judge(sv, &s, &a, &judged);
		if (a.decision == CORDON_DECISION_ALLOW && judged.call != NULL &&
		    (!carry(sv, &s, &judged, -1, 0, &a) || supervisor_is_out_of_memory(sv, a.err)))
			return;
	}
	answer(sv, &s, &a);
}

/* ---- Connections that take time ---- */

/* Signal 0 only asks whether the task is there; one that was killed and not reaped yet is resumed without effect. */
static bool is_waiting(struct supervisor *sv, const struct connecting *c)
{
	(void)sv;
	return sys(__NR_tkill, c->s.tid, 0) != -ESRCH;
}

static void finish_connect(struct supervisor *sv, const struct connecting *c, int32_t err)
{
	/* The kernel makes no skipped call anew. */
	const struct answer a = { .decision = CORDON_DECISION_ERRNO, .err = err == CONNECTS_INTERRUPTED ? EINTR : err };

	if (!ended(sv))
		answer(sv, &c->s, &a);
}

/* wait4 for the next report, beside connections. */
static int32_t next_report(struct supervisor *sv, uint32_t *status)
{
	int ms;

	while ((ms = connects_wait_ms()) >= 0) {
		struct __kernel_timespec wait = { 0, (int64_t)ms * (int64_t)NSEC_PER_MSEC };
		int32_t tid = (int32_t)sys(__NR_wait4, -1, status, __WALL | WNOHANG, NULL);

		if (tid != 0)
			return tid;
		(void)sys(__NR_nanosleep, &wait, NULL);
		connects_look(sv, is_waiting, finish_connect);
	}
	return (int32_t)sys(__NR_wait4, -1, status, __WALL, NULL);
}

/* ---- Reports ---- */

static void take_exec(struct supervisor *sv, int32_t tid)
{
	/* An executing thread takes the number of its group's leader; if the leader and other threads have ended, only
	 * this message says so. */
	sched_supervisor_renamed((int32_t)event_message(tid), tid);
	if (tid == sv->main_tid && __atomic_exchange_n(&sv->executed, 1, __ATOMIC_ACQ_REL) == 0) {
		/* This process has init's memory, and the program has left it: from its first instruction on it finds
		 * both out of reach (proc(5)). */
		if (sv->own_tree)
			(void)sys(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
		sched_supervisor_executed(tid);
	}
	resume(sv, tid, PTRACE_CONT, 0);
}

/* ---- Signals ---- */

#if defined(__x86_64__)
#define CALL_REGISTER 15	/* orig_rax */
#else
#define CALL_REGISTER 8		/* x8 */
#endif

/* Whether the task is in a call by which files grow: in such a one the kernel sends SIGXFSZ, to the calling thread. */
static bool grows_files(int32_t tid)
{
	uint64_t registers[64];
	struct iovec to = { registers, sizeof registers };

	if (sys(__NR_ptrace, PTRACE_GETREGSET, tid, NT_PRSTATUS, &to) < 0)
		return true;
	switch (registers[CALL_REGISTER]) {
	case __NR_write:
	case __NR_pwrite64:
	case __NR_writev:
	case __NR_pwritev:
	case __NR_pwritev2:
	case __NR_truncate:
	case __NR_ftruncate:
	case __NR_fallocate:
	case __NR_sendfile:
	case __NR_splice:
	case __NR_copy_file_range:
	case __NR_io_submit:
	case __NR_ioctl:	/* FICLONE */
		return true;
	default:
		return false;
	}
}

/* Whether a process sent the signal, and not the kernel. SIGSYS for a call that the policy refuses is no such stop.
 * SIGXFSZ for a file that is as large as it may be looks like kill(2) by the program itself. */
static bool is_sent(const struct supervisor *sv, int32_t tid, uint32_t signal)
{
	struct {	/* siginfo_t */
		int32_t signo, err, code, pad, pid;
		uint8_t rest[108];
	} info;

	if (signal == SIGSYS)
		return true;
	if (sys(__NR_ptrace, PTRACE_GETSIGINFO, tid, 0, &info) < 0)
		return false;
	return info.code != SI_USER || info.pid != sv->main_tid || !grows_files(tid);
}

/* Notes a signal that would be taken for the end of the program by a limit or by the policy. One that is caught or
 * ignored ends nothing. */
static void note_signal(struct supervisor *sv, int32_t tid, uint32_t signal)
{
	char buf[STAT_SIZE];
	const char *stat;
	uint64_t handled;

	if ((signal != SIGSYS && signal != SIGXFSZ) || target_tgid(sv->proc_fd, tid) != sv->main_tid)
		return;
	stat = target_stat(sv->proc_fd, tid, buf);
	handled = stat != NULL ? target_stat_field(stat, 33) | target_stat_field(stat, 34) : ~UINT64_C(0);
	sv->sent = (handled >> (signal - 1) & 1) == 0 && is_sent(sv, tid, signal) ? signal : 0;
}

/* A group-stop, the first stop of a new task, or the end of a group-stop, reported under PTRACE_LISTEN. */
static void take_stop(const struct supervisor *sv, int32_t tid, uint32_t signal)
{
	bool group = signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;

	sched_supervisor_first(tid);
	resume(sv, tid, group ? PTRACE_LISTEN : PTRACE_CONT, 0);
}

static void take_report(struct supervisor *sv, int32_t tid, uint32_t status)
{
	uint32_t signal = status >> 8 & 0xff, event = status >> 16;

	if ((status & 0xff) != 0x7f) {	/* exited or killed */
		sched_supervisor_gone(tid);
		return;
	}
	switch (event) {
	case PTRACE_EVENT_SECCOMP:
		take_call(sv, tid);
		break;
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		sched_supervisor_born(tid, (int32_t)event_message(tid));
		resume(sv, tid, PTRACE_CONT, 0);
		break;
	case PTRACE_EVENT_EXEC:
		take_exec(sv, tid);
		break;
	case PTRACE_EVENT_STOP:
		take_stop(sv, tid, signal);
		break;
	default:	/* 0: a signal for the program */
		if (event == 0)
			note_signal(sv, tid, signal);
		resume(sv, tid, PTRACE_CONT, event == 0 ? signal : 0);
	}
}

/* I5. Tasks that have reported stay stopped, so there is an end. */
static void take_all(struct supervisor *sv, int32_t tid, uint32_t status)
{
	static struct report {
		int32_t tid;
		uint32_t status;
	} reports[REPORTS_MAX];
	uint32_t n = 0;

	do {
		reports[n++] = (struct report){ tid, status };
		if (n == REPORTS_MAX)
			break;
		tid = (int32_t)sys(__NR_wait4, -1, &status, __WALL | WNOHANG, NULL);
	} while (tid > 0);
	for (uint32_t i = 0; i < n; i++)
		take_report(sv, reports[i].tid, reports[i].status);
}

void supervise_ptrace(struct supervisor *sv)
{
	const int keep[] = { sv->proc_fd, sv->wake_fd };
	const int32_t init_pid = sv->init_pid != 0 ? sv->init_pid : (int32_t)sys(__NR_getppid);

	tracees_begin(sv->proc_fd, init_pid);
	ignore_signals();
	sched_supervisor_begin(sv->scheduling);
	connects_begin();
	attach(sv);
	supervisor_settle(sv, keep, ARRAY_LEN(keep));
	if (sv->own_tree)
		end_with_init(init_pid);
	sched_supervisor_start(false, bpf_stops_all(sv->notify_filter, sv->notify_len, SECCOMP_RET_TRACE,
						    calls_revealing(sv->engine)));
	for (uint32_t n = 1;; n++) {
		uint32_t status;
		int32_t tid = next_report(sv, &status);

		if (tid == -ECHILD)
			supervisor_finish(sv);
		if (tid > 0 && n % ROUND == 0)
			take_all(sv, tid, status);
		else if (tid > 0)
			take_report(sv, tid, status);
	}
}
