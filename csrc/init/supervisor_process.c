/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor_process: the supervisor's process, seen from init: prepared before the fork, served while the program
 * runs, ended with it. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/signal.h>
#include <linux/wait.h>
#include "arch/arch.h"
#include "base/base.h"
#include "cordon/layer.h"
#include "cordon/result.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "supervisor/bpf.h"
#include "supervisor/events.h"
#include "supervisor/notify.h"
#include "supervisor/ptrace.h"
#include "wire/wire.h"

/* In .bss, used by one run after the other. */
static struct supervisor the_supervisor;

static int fail(struct cordon_error *err, long rc, const char *what)
{
	return error_set(err, (int)-rc, CORDON_STEP_SUPERVISOR, CORDON_NO_INDEX, what);
}

/* ---- before the fork ---- */

/* Keeps the command's message, which would be overwritten by the next one: the supervisor needs its part of it during
 * the whole run. */
static int keep_message(struct init *init, struct cordon_error *err)
{
	long copy = sys(__NR_mmap, NULL, init->msg.size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANON, -1, 0);

	if (error_is(copy))
		return error_set(err, (int)-copy, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	bytes_copy((void *)copy, init->msg.data, init->msg.size);
	init->run.message = (void *)copy;
	init->run.message_size = init->msg.size;
	return 0;
}

static const void *in_copy(const struct init *init, const void *p)
{
	return p == NULL ? NULL : (const char *)init->run.message + ((const char *)p - (const char *)init->msg.data);
}

/* Nothing of an earlier run is left. */
static void clear(struct supervisor *sv)
{
	bytes_zero(sv, offsetof(struct supervisor, events));
	sv->masks.n = 0;
	sv->listener = sv->landlock_fd = sv->violation = -1;
}

static void take_orders(struct init *init, struct supervisor *sv, const struct wire_execve *e)
{
	const struct cordon_supervision *s = e->supervision;

	clear(sv);
	sv->engine = s->engine;
	sv->flags = s->flags;
	sv->outside = s->outside;
	sv->outside_errno = s->outside_errno;
	sv->ask_timeout_ns = s->ask_timeout_ns;
	sv->own_tree = init->no_namespaces;
	sv->scheduling = init->sched.on;
	sv->init_pid = (int32_t)sys(__NR_getpid);
	sv->set_ids = init->set_ids;
	sv->uid = init->uid;
	sv->gid = init->gid;
	sv->thread = init->thread;
	sv->nprocs_fds = e->msg->nsupervisor_procs;
	sv->grouped = sv->nprocs_fds > 0;
	if (sv->grouped)
		sv->procs_fds = &init->msg.fds[e->supervisor_procs];
	sv->notify_filter = in_copy(init, e->notify_filter);
	sv->filter = in_copy(init, e->filter);
	sv->policy_filter = in_copy(init, e->policy_filter);
	sv->notify_len = (uint16_t)e->notify_len;
	sv->filter_len = (uint16_t)e->filter_len;
	sv->policy_len = (uint16_t)e->policy_len;
	sv->calls = in_copy(init, e->calls);
	sv->ncalls = s->ncalls;
	sv->ports = in_copy(init, e->ports);
	sv->nports = s->nports;
	for (uint32_t i = 0; i < s->ncalls; i++)
		sv->remaining[i] = sv->calls[i].limit;
	if (supervisor_counts(sv)) {
		bytes_zero(sv->counts, sizeof sv->counts);
		bytes_zero(sv->setup_counts, sizeof sv->setup_counts);
	}
}

/* The container's; a value that an earlier run left is read away. */
static int wake_open(struct init *init, struct cordon_error *err)
{
	uint64_t count;

	if (init->wake_fd >= 0) {
		(void)sys(__NR_read, init->wake_fd, &count, sizeof count);
		return 0;
	}
	init->wake_fd = (int)sys(__NR_eventfd2, 0, O_CLOEXEC | O_NONBLOCK);
	return init->wake_fd >= 0 ? 0 : fail(err, init->wake_fd, "eventfd");
}

/* The clone starts here. */
static void loop(void *arg)
{
	struct supervisor *sv = arg;

	if (sv->engine == CORDON_ENGINE_NOTIFY)
		supervise_notify(sv);
	supervise_ptrace(sv);
}

/* Before the program can make it work. */
static int join_group(const struct supervisor *sv)
{
	char text[24];
	const char *number = u64_text(text, sizeof text, (uint64_t)sv->pid);

	for (uint32_t i = 0; i < sv->nprocs_fds; i++) {
		long rc = sys(__NR_write, sv->procs_fds[i], number, str_len(number));

		if (rc < 0)
			return (int)rc;
	}
	return 0;
}

/* For the program to load: it has the number of the supervisor, which is known now. */
static void make_shield(struct supervisor *sv)
{
	struct shield_orders orders = {
		.tasks = { sv->pid, (int32_t)sys(__NR_getppid), sv->thread },
		.group = (int32_t)sys(__NR_getpgid, sv->pid),
		.signals = !sv->signals_kept,
	};

	sv->shield_len = shield_program(&orders, sv->shield);
}

/* The first step of the vfork child: makes a process that shares its memory, has the child's parent and, for notify,
 * its descriptors, among which the listener will appear. For ptrace the child waits until it is attached, because its
 * filter needs a tracer. */
static int begin(void *arg)
{
	struct supervisor *sv = arg;
	bool notify = sv->engine == CORDON_ENGINE_NOTIFY;
	struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_PARENT | (notify ? CLONE_FILES : 0),
		.stack = (uint64_t)(uintptr_t)sv->stack,
		.stack_size = sizeof sv->stack,
	};
	long pid;
	int rc;

	sv->main_tid = (int32_t)sys(__NR_getpid);
	/* For kernels on which Yama lets only ancestors attach (ptrace_scope 1). It names init, which covers its
	 * descendants, the supervisor among them; the supervisor's own number is not known yet, and it attaches at
	 * once. Fails without Yama. */
	if (sv->own_tree)
		(void)sys(__NR_prctl, PR_SET_PTRACER, sys(__NR_getppid), 0, 0, 0);
	pid = arch_clone(&args, loop, sv);
	if (pid < 0)
		return (int)pid;
	sv->pid = (int32_t)pid;
	rc = join_group(sv);
	if (rc < 0)
		return rc;
	make_shield(sv);
	if (notify)
		return 0;
	if (sv->own_tree)
		(void)sys(__NR_prctl, PR_SET_PTRACER, pid, 0, 0, 0);
	while (__atomic_load_n(&sv->state, __ATOMIC_ACQUIRE) == SUPERVISOR_STARTING)
		(void)sys(__NR_futex, &sv->state, FUTEX_WAIT, SUPERVISOR_STARTING, NULL, NULL, 0);
	return sv->state == SUPERVISOR_ATTACHED ? 0 : -sv->failure;
}

int init_supervisor_prepare(struct init *init, const struct wire_execve *e, struct child_supervision *ret,
			    struct cordon_error *err)
{
	struct supervisor *sv = &the_supervisor;
	int rc = keep_message(init, err);

	if (rc < 0)
		return rc;
	take_orders(init, sv, e);
	rc = init_policy_enter(init, sv, e, in_copy(init, e->paths), err);
	if (rc == 0)
		rc = init_policy_check(sv, e, err);
	if (rc == 0 && sv->engine != CORDON_ENGINE_KERNEL) {
		rc = wake_open(init, err);
		if (rc == 0)
			rc = init_proc_fd(init, err);
	}
	if (rc < 0) {
		init_supervisor_end(init);
		return rc;
	}
	sv->proc_fd = init->proc_fd;
	sv->wake_fd = init->wake_fd;
	if (init->no_namespaces && sv->engine != CORDON_ENGINE_KERNEL)	/* the child has init's memory until its exec,
									   and the supervisor has only the rights of the
									   same user */
		(void)sys(__NR_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
	*ret = (struct child_supervision){
		.mask = sv->masks.n > 0 ? init_mask : NULL,
		.begin = sv->engine != CORDON_ENGINE_KERNEL ? begin : NULL, .arg = sv,
		.proc_fd = sv->engine == CORDON_ENGINE_NOTIFY ? sv->proc_fd : -1,
		.wake_fd = sv->engine == CORDON_ENGINE_NOTIFY ? sv->wake_fd : -1,
		.parked_proc = &sv->parked_proc, .parked_wake = &sv->parked_wake, .landlock_fd = sv->landlock_fd,
		.shield = sv->shield, .shield_len = sv->engine != CORDON_ENGINE_KERNEL ? &sv->shield_len : NULL,
		.beside = e->beside, .beside_len = (uint16_t)e->beside_len, .notify_filter = sv->notify_filter,
		.notify_len = sv->notify_len,
		.listener = sv->engine == CORDON_ENGINE_NOTIFY ? &sv->listener : NULL,
	};
	init->run.supervisor = sv;
	return 0;
}

/* ---- while the program runs ---- */

void init_supervisor_executed(struct init *init)
{
	struct supervisor *sv = init->run.supervisor;

	if (sv == NULL)
		return;
	if (sv->engine == CORDON_ENGINE_NOTIFY)	/* under ptrace the supervisor sees the exec itself */
		__atomic_store_n(&sv->executed, 1, __ATOMIC_RELEASE);
}

uint64_t init_supervisor_layers(const struct init *init)
{
	const struct supervisor *sv = init->run.supervisor;
	uint64_t layers = 0;

	if (sv == NULL)
		return 0;
	if (sv->landlock_fd >= 0 && sv->landlock_policy)
		layers |= CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK);
	if (sv->enforced)
		layers |= CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY);
	if (sv->engine != CORDON_ENGINE_KERNEL)
		layers |= CORDON_LAYER_BIT(CORDON_LAYER_SUPERVISOR);
	return layers;
}

bool init_supervisor_masks(const struct init *init)
{
	return init->run.supervisor != NULL && init->run.supervisor->masks.n > 0;
}

int init_supervisor_wake_fd(const struct init *init)
{
	const struct supervisor *sv = init->run.supervisor;

	return sv != NULL && sv->engine != CORDON_ENGINE_KERNEL ? sv->wake_fd : -1;
}

static void send_question(const struct init *init, const struct supervisor_question *q)
{
	static _Alignas(8) unsigned char buffer[sizeof(struct cordon_msg_ask) + sizeof q->paths];
	struct cordon_msg_ask *ask = (struct cordon_msg_ask *)buffer;
	const char *paths[] = { q->npaths > 0 ? q->paths[0] : NULL, q->npaths > 1 ? q->paths[1] : NULL, NULL };
	struct wire_buf b;
	int size;

	wire_begin(&b, buffer, sizeof buffer, CORDON_MSG_ASK, sizeof *ask);
	ask->serial = q->serial;
	ask->syscall = (int32_t)q->stop.nr;
	ask->pid = q->stop.tid;
	bytes_copy(ask->args, q->stop.args, sizeof ask->args);
	ask->ip = q->stop.ip;
	ask->access = q->access;
	ask->paths = wire_put_strings(&b, paths, &ask->npaths);
	size = wire_end(&b);
	if (size > 0)
		init_reply(ask, CORDON_MSG_ASK, (uint32_t)size, init->run.id);
}

void init_supervisor_wake(struct init *init)
{
	struct supervisor *sv = init->run.supervisor;
	uint64_t count;

	if (sv == NULL)
		return;
	(void)sys(__NR_read, sv->wake_fd, &count, sizeof count);
	if (__atomic_load_n(&sv->question.state, __ATOMIC_ACQUIRE) != QUESTION_ASKED ||
	    sv->question.serial == init->run.asked)
		return;
	init->run.asked = sv->question.serial;
	send_question(init, &sv->question);
}

int init_supervisor_answer(struct init *init, struct cordon_error *err)
{
	struct supervisor *sv = init->run.supervisor;
	const struct cordon_msg_answer *answer;
	uint32_t asked = QUESTION_ASKED;
	const char *field;

	if (wire_answer_decode(init->msg.data, init->msg.size, init->msg.nfds, &answer, &field) < 0)
		return error_set(err, EPROTO, CORDON_STEP_PROTOCOL, CORDON_NO_INDEX, field);
	if (sv == NULL || answer->serial != init->run.asked || answer->serial != sv->question.serial)
		return 0;
	sv->question.answer = (struct answer){ .decision = answer->decision, .err = answer->err };
	if (__atomic_compare_exchange_n(&sv->question.state, &asked, QUESTION_ANSWERED, false, __ATOMIC_ACQ_REL,
					__ATOMIC_ACQUIRE))
		(void)sys(__NR_futex, &sv->question.state, FUTEX_WAKE, 1, NULL, NULL, 0);
	return 0;
}

static void take_usage(struct init *init, const struct rusage *usage)
{
	init->run.supervisor->pid = 0;
	init->run.supervisor_user_ns = init_timeval_ns(&usage->ru_utime);
	init->run.supervisor_system_ns = init_timeval_ns(&usage->ru_stime);
}

uint64_t init_supervisor_cpu_ns(const struct init *init)
{
	const struct supervisor *sv = init->run.supervisor;

	if (sv != NULL && sv->pid > 0)
		return init_process_cpu_ns(sv->pid);
	return init->run.supervisor_user_ns + init->run.supervisor_system_ns;
}

bool init_supervisor_reaped(struct init *init, int32_t pid, const struct rusage *usage)
{
	struct supervisor *sv = init->run.supervisor;
	const struct stop nothing = { .nr = -1 };

	if (sv == NULL || pid != sv->pid)
		return false;
	take_usage(init, usage);
	if (__atomic_load_n(&sv->state, __ATOMIC_ACQUIRE) == SUPERVISOR_DONE)
		return true;	/* the end of the program may still have to be reaped */
	if (__atomic_load_n(&sv->killed, __ATOMIC_ACQUIRE) == 0 && !init->run.main_ended && !init->run.ending) {
		supervisor_event(sv, CORDON_EVENT_SUPERVISOR, &nothing, -1, NULL);
		INIT_TRACE("lost", TRACE_WORD("supervisor"), TRACE_INT("pid", pid));
		sv->violation = (int32_t)sv->nevents - 1;
		sv->killed = 1;
		init_run_kill(init);
	}
	return true;
}

/* ---- at the end ---- */

void init_supervisor_report(const struct init *init, struct wire_buf *b, struct cordon_msg_finished *reply)
{
	const struct supervisor *sv = init->run.supervisor;

	reply->violation = -1;
	if (sv == NULL)
		return;
	reply->engine = sv->engine;
	reply->events = wire_put(b, sv->events, sv->nevents * sizeof sv->events[0]);
	reply->nevents = sv->nevents;
	reply->events_total = sv->events_total;
	reply->violation = sv->killed != 0 && !sv->out_of_memory ? sv->violation : -1;
	reply->sent = reply->signal != 0 && sv->sent == (uint32_t)reply->signal;
	if (sv->out_of_memory && reply->cause == CORDON_CAUSE_NONE)
		reply->cause = CORDON_CAUSE_OOM;
	if (!supervisor_counts(sv))
		return;
	reply->counts = wire_put(b, sv->counts, sizeof sv->counts);
	reply->setup_counts = wire_put(b, sv->setup_counts, sizeof sv->setup_counts);
}

void init_supervisor_stop(struct init *init)
{
	const struct supervisor *sv = init->run.supervisor;
	struct rusage usage = { .ru_maxrss = 0 };

	if (sv == NULL || sv->pid <= 0)
		return;
	(void)sys(__NR_kill, sv->pid, SIGKILL);
	while (sys(__NR_wait4, sv->pid, NULL, __WALL, &usage) == -EINTR)
		;
	take_usage(init, &usage);
}

void init_supervisor_end(struct init *init)
{
	struct supervisor *sv = &the_supervisor;

	init_supervisor_stop(init);
	if (init->no_namespaces)	/* if no program was executed; else the supervisor has done it */
		(void)sys(__NR_prctl, PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (init->run.message != NULL) {
		fd_close(&sv->landlock_fd);
		(void)sys(__NR_munmap, init->run.message, init->run.message_size);
	}
	init->run.message = NULL;
	init->run.supervisor = NULL;
}
