/* SPDX-License-Identifier: Apache-2.0 */
/* init: pid 1 of a sandbox. It answers the host's commands, starts the program, reaps every orphan; its end ends the
 * sandbox.
 *
 * Theory of operation. One main thread, with every signal blocked, waits for two descriptors: the host's socket
 * (descriptor 0) and a signalfd for SIGCHLD. CONF builds the sandbox. EXECVE starts a program (execve.c); its run lasts
 * until its last process has ended (run.c). cordon/protocol.h defines the states, and who may send what.
 * I1  The end of the socket ends init; the kernel then kills the rest of the pid namespace.
 * I2  The program cannot reach init: it inherits no descriptor, init is not dumpable, and in a sandbox with own ids
 *     init has another uid. Signals from inside do not reach pid 1 (pid_namespaces(7)).
 * I3  In a kept container with the default policy, init's main thread loads the program's filter once, and every
 *     program inherits it: loading it for each run would double the cost of a run. One thread stays without the filter,
 *     and mounts again in a dirty reset (privileged.c).
 * I4  init never allocates: everything is in this struct, or mapped for one command.
 * I5  In a shared container several programs run at once, each below an init of its own (sidecar.c). Each ends with the
 *     pid namespace of that init: all of its processes, and none of another program's. */
#ifndef CORDON_INIT_H
#define CORDON_INIT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/filter.h>
#include "base/base.h"
#include "mount/mount.h"
#include "sched/init.h"
#include "socket/socket.h"
#include "supervisor/supervisor.h"
#include "trace/trace.h"

#define INIT_SOCKET 0

enum init_state {
	INIT_STATE_INIT,
	INIT_STATE_READY,
	INIT_STATE_RUNNING,
	INIT_STATE_PAUSED,
};

struct init_usage {
	uint64_t user_ns, system_ns;
	uint64_t max_rss_bytes;
	struct cordon_rusage counts;
};

/* The program that runs. Times are CLOCK_MONOTONIC. */
struct init_run {
	uint32_t id;			/* id of the EXECVE */
	int32_t pid;
	bool main_ended;
	int32_t wait_status;
	uint32_t cause;			/* enum cordon_cause: why init ended it */
	bool killed;			/* by the host's KILL */
	bool last;			/* init exits after this run */
	uint64_t start_ns, end_ns;
	uint64_t paused_at_ns;		/* in state PAUSED */
	bool stopped;			/* in state PAUSED: stopped by SIGSTOP, not frozen by the host */
	uint64_t paused_ns;		/* the sum of earlier pauses */
	struct cordon_init_limits limits;
	uint64_t cpu_due_ns;		/* when to check the CPU limit, which cannot be reached earlier */
	uint64_t idle_since_ns, idle_cpu_ns;	/* start of the window in which the program must use CPU time, and the
						   CPU time used then */
	int cpu_fd;
	bool cpu_usec;
	uint64_t cpu_base_ns;		/* the number in cpu_fd before the start */
	struct init_usage usage;	/* usage of the processes reaped so far */
	bool ending;			/* init has killed it */
	bool is_long;			/* older than SCHED_LONG_RUN_NS, which has been handled */
	struct supervisor *supervisor;	/* NULL = none */
	uint64_t supervisor_user_ns, supervisor_system_ns;	/* of its process, once that is reaped */
	void *message;			/* the EXECVE, for the supervisor; NULL = not kept */
	size_t message_size;
	uint64_t asked;			/* serial of the last question sent */
};

struct init {
	enum init_state state;
	int signal_fd;
	int32_t host_pid;		/* the only sender accepted: 0 = outside our pid namespace, or our parent */
	bool no_namespaces;
	int proc_fd;			/* a procfs of our pid namespace; -1 = none: proc.c */
	bool proc_refused;		/* the kernel refuses to mount one */
	int wake_fd;			/* an eventfd by which supervisors wake init; -1 = none yet */
	int32_t thread;			/* of privileged.c; 0 = none */
	int bounding_err;		/* errno of clearing the bounding set at the start, reported by CONF; 0 =
					   done */
	uint32_t uid, gid;
	bool set_ids, set_groups;
	bool loopback;			/* lo is up in the sandbox's own network namespace */
	bool bounded;			/* the limits of the user namespace have been written */
	bool keyrings;			/* the filter may allow keyctl(2) */
	bool filtered;			/* init's main thread has loaded the program's filter, which its children
					   inherit */
	uint64_t core_limit;		/* where it is loaded: RLIMIT_CORE, which it keeps as it is */
	bool inherit;			/* the filter is to be loaded so; in a shared container by the sidecars */
	bool shared;			/* the root of a shared container: its sidecars run the programs */
	bool sidecar;			/* made by another init (sidecar.c) */
	int mqueue_fd;			/* a mount of the IPC namespace's message queues; -1 = none */
	uint64_t layers;
	struct sched_init sched;
	uint16_t nseccomp;
	struct init_run run;
	struct socket_msg msg;
	struct mount_plan plan;
	_Alignas(8) struct sock_filter seccomp[CORDON_SECCOMP_MAX];
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
};

struct __kernel_old_timeval;
struct rusage;
struct wire_buf;
struct wire_conf;
struct wire_execve;
struct child_supervision;

/* Whether a program runs: state RUNNING or PAUSED. */
static inline bool init_is_busy(const struct init *init)
{
	return init->state == INIT_STATE_RUNNING || init->state == INIT_STATE_PAUSED;
}

static inline _Noreturn void init_exit(int status)
{
	for (;;)
		sys(__NR_exit_group, status);
}

/* A line of init's, which knows its sandbox: trace_start. */
#define INIT_TRACE(what, ...) TRACE(0, what, __VA_ARGS__)

/* After a step that returned rc; returns rc. */
static inline int init_step(const char *name, int rc)
{
	INIT_TRACE("step", TRACE_WORD(name), TRACE_INT("rc", rc));
	return rc;
}

/* ---- main.c ---- */

_Noreturn void init_main(void);

/* ---- state.c ---- */

void init_state_set(struct init *init, enum init_state state);

/* ---- signals.c ---- */

/* first: init is pid 1 of a namespace. */
void init_signal_block(bool first);

/* A descriptor that is readable when a child has ended, or -errno. */
int init_signal_fd(void);

/* ---- reply.c ---- */

/* Sends a reply with the command's id. */
void init_reply(void *msg, enum cordon_msg_type type, uint32_t size, uint32_t id);
void init_reply_error(const struct cordon_error *err, uint32_t id);

/* Sends nothing if the command is QUIET. */
void init_reply_ok(const struct cordon_msg *command);

/* ---- conf.c, execve.c, reset.c, sidecar.c: one command each. 0, or -errno with *err ---- */

int init_conf(struct init *init, struct cordon_error *err);
int init_execve(struct init *init, struct cordon_error *err);
int init_reset(struct init *init, struct cordon_error *err);

/* Sends its own OK. Returns twice, as fork(2) does: in this init and in the sidecar. */
int init_sidecar(struct init *init, struct cordon_error *err);

/* conf.c: loads the program's filter in init's main thread, after it has started the thread of privileged.c. 0 or
 * -errno with *err. */
int init_load_filter(struct init *init, struct cordon_error *err);

/* bounds.c: writes the limits of the user namespace and sets init->bounded; to be called while the host's /proc is
 * visible. 0, or -errno with *err if they cannot be written and must be. */
int init_bounds(struct init *init, const struct cordon_msg_conf *m, struct cordon_error *err);

/* reset.c: mounts the message queues of the current IPC namespace for later resets. */
void init_watch_queues(struct init *init);

/* ---- command.c ---- */

/* Runs the init command of a CONF. 0 or -errno with *err (INIT_COMMAND, or the child's step). */
int init_run_command(const struct wire_conf *conf, struct cordon_error *err);

/* ---- network.c ---- */

/* Brings lo up. 0 or -errno with *err (LOOPBACK). */
int init_loopback_up(struct cordon_error *err);

/* Makes a new network namespace if TCP connections are left in the old one. 0 or -errno with *err (RESET, LOOPBACK). */
int init_reset_network(struct init *init, struct cordon_error *err);

/* ---- privileged.c ---- */

/* Starts the thread without the filter. Its number, or -errno with *err. */
int init_privileged_start(struct cordon_error *err);

/* Runs fn(arg) in that thread if it exists, else in the calling one, and returns its result. */
int init_privileged_call(int (*fn)(void *), void *arg);

/* ---- proc.c ---- */

/* Opens a procfs in init->proc_fd, if there is none yet. 0 or -errno with *err (SUPERVISOR). */
int init_proc_fd(struct init *init, struct cordon_error *err);

/* ---- run.c ---- */

/* Sets up the run of an EXECVE; takes the descriptor of the CPU time file. */
void init_run_begin(struct init *init, const struct wire_execve *e);

/* To be called if the program could not be started. */
void init_run_abandon(struct init *init);

/* To be called when the program has been executed: enters RUNNING. */
void init_run_started(struct init *init);

/* Handles what is due in state RUNNING after an event or a time-out; at the end of the run sends FINISHED and enters
 * READY. */
void init_run_step(struct init *init);

/* Nanoseconds until init_run_step must be called without an event; -1 = never. */
int64_t init_run_timeout_ns(const struct init *init);

/* PAUSE and RESUME; do nothing in states that they do not fit. */
void init_run_pause(struct init *init, bool frozen);
void init_run_resume(struct init *init);

/* ---- kill.c ---- */

/* Kills every process of the run. */
void init_run_kill(struct init *init);

/* ---- clock.c ---- */

/* CPU time of the calling thread. */
uint64_t init_own_cpu_ns(void);

/* CPU time of a process; 0 if there is none. */
uint64_t init_process_cpu_ns(int32_t pid);

uint64_t init_timeval_ns(const struct __kernel_old_timeval *tv);

/* ---- cpu.c ---- */

/* CPU time of the run so far, for its limit; never more than was used, except as cpu.c says. */
uint64_t init_run_cpu_ns(struct init *init);

/* The group's counter, when a run begins. 0 without a group. */
uint64_t init_group_cpu_ns(const struct init_run *run);

/* ---- descendants.c ---- */

/* The sum of cpu_of over the living processes of a run without a pid namespace. */
uint64_t init_descendants_cpu_ns(const struct init *init, uint64_t (*cpu_of)(const struct init *init, int32_t pid));

/* ---- policy.c ---- */

/* Resolves the rules of the path policy, plans its masks, and makes the Landlock ruleset. paths: those of init->run's
 * own message. 0 or -errno with *err (PATH_POLICY, LANDLOCK). */
int init_policy_enter(const struct init *init, struct supervisor *sv, const struct wire_execve *e,
		      const struct cordon_supervision_path *paths, struct cordon_error *err);

/* Whether the path policy is enforced under an engine: to be called after init_policy_enter. False without one. */
bool init_policy_is_held(const struct supervisor *sv, uint32_t engine);

/* Settles which engine AUTO is, and sets sv->enforced for it. 0 or -errno with *err (LAYER) if the host insists on
 * it. */
int init_policy_check(struct supervisor *sv, const struct wire_execve *e, struct cordon_error *err);

/* ---- mask.c ---- */

/* The vfork child's first step: makes the mounts of a struct supervisor's masks, in a mount namespace of the run's own.
 * 0, or -errno with *ret_rule. */
int init_mask(void *supervisor, int32_t *ret_rule);

/* ---- supervisor_process.c ---- */

/* Prepares the supervisor of an EXECVE; *ret goes into the child's plan. 0 or -errno with *err, and nothing left
 * over. */
int init_supervisor_prepare(struct init *init, const struct wire_execve *e, struct child_supervision *ret,
			    struct cordon_error *err);

/* Whether the run has mounts of its own, which the filter of init's main thread would refuse. */
bool init_supervisor_masks(const struct init *init);

/* The program has been executed. */
void init_supervisor_executed(struct init *init);

/* CORDON_LAYER_BITs that the supervisor adds. */
uint64_t init_supervisor_layers(const struct init *init);

/* A descriptor that polls readable when init_supervisor_wake must be called; -1 = none. */
int init_supervisor_wake_fd(const struct init *init);
void init_supervisor_wake(struct init *init);

/* Handles an ANSWER. 0 or -errno with *err. */
int init_supervisor_answer(struct init *init, struct cordon_error *err);

/* Whether the reaped child is the supervisor; if that ended too early, the run is ended. */
bool init_supervisor_reaped(struct init *init, int32_t pid, const struct rusage *usage);

/* CPU time of the supervisor in this run so far, alive or not. */
uint64_t init_supervisor_cpu_ns(const struct init *init);

/* Ends and reaps the supervisor's process, if there is one. */
void init_supervisor_stop(struct init *init);

/* Writes the supervisor's events and counts into a FINISHED. */
void init_supervisor_report(const struct init *init, struct wire_buf *b, struct cordon_msg_finished *reply);

/* The same, and frees what was kept. */
void init_supervisor_end(struct init *init);

#endif
