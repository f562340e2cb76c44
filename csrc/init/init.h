/* SPDX-License-Identifier: Apache-2.0 */
/* init: pid 1 of a sandbox. It answers the host's commands, starts the program, reaps every orphan, and its end is
 * the end of all.
 *
 * Theory of operation. One main thread, every signal blocked, two descriptors to wait for: the host's socket
 * (descriptor 0) and a signalfd for SIGCHLD. CONF builds the sandbox; EXECVE starts a program (execve.c), whose run
 * goes on until nothing of it is left (run.c). The states and who may say what are in cordon/protocol.h.
 * I1  The end of the socket ends init; the kernel then kills the rest of the pid namespace.
 * I2  The program can reach nothing of init: no descriptor is inherited, init is not dumpable, and in a sandbox with
 *     ids of its own it has another uid. A signal from inside does not reach pid 1 (pid_namespaces(7)).
 * I3  In a kept container with the default policy, init's main thread loads the program's filter once, and every
 *     program inherits it: loading it for each run would cost as much as the rest of the run. One thread, which only
 *     waits for a dirty reset to mount again, stays without (privileged.c).
 * I4  init never allocates: everything is in this struct or mapped for one command.
 * I5  In a shared container several programs run at once, each below an init of its own (sidecar.c). What ends one of
 *     them is the end of its pid namespace: it misses no process of it and hits none of another. */
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
	uint32_t id;			/* of the EXECVE */
	int32_t pid;
	bool main_ended;
	int32_t wait_status;
	uint32_t cause;			/* enum cordon_cause: why init ended it */
	bool killed;			/* by the host's KILL */
	bool last;			/* init exits after it */
	uint64_t start_ns, end_ns;
	uint64_t paused_at_ns;		/* in state PAUSED */
	bool stopped;			/* likewise: by SIGSTOP, and not by the host */
	uint64_t paused_ns;		/* of the pauses that are over */
	struct cordon_init_limits limits;
	uint64_t cpu_due_ns;		/* before this moment the CPU limit can't be reached: when to look */
	uint64_t idle_since_ns, idle_cpu_ns;	/* the window in which the program must use CPU time */
	int cpu_fd;
	bool cpu_usec;
	uint64_t cpu_base_ns;		/* what cpu_fd said before the start */
	struct init_usage usage;	/* of the processes reaped so far */
	bool ending;			/* init has killed it */
	bool is_long;			/* older than SCHED_LONG_RUN_NS, and what that means has been done */
	struct supervisor *supervisor;	/* NULL = none */
	void *message;			/* the EXECVE, for the supervisor; NULL = not kept */
	size_t message_size;
	uint64_t asked;			/* serial of the last question sent */
};

struct init {
	enum init_state state;
	int signal_fd;
	int32_t host_pid;		/* who may speak: 0 = outside our pid namespace, or our parent */
	bool no_namespaces;
	int proc_fd;			/* a procfs of our pid namespace, or -1: proc.c */
	bool proc_refused;		/* the kernel does not let us mount one */
	int bounding_err;		/* errno of emptying the bounding set at the start, for CONF; 0 = done */
	uint32_t uid, gid;
	bool set_ids, set_groups;
	bool loopback;			/* lo is up in a network namespace of the sandbox's own */
	bool keyrings;			/* the filter may let keyctl(2) through */
	bool filtered;			/* init's main thread has the program's filter: its children inherit it */
	bool inherit;			/* it is to have it: a shared container's sidecars load it, not the init that makes them */
	bool shared;			/* of a shared container: it runs no program, its sidecars do */
	bool sidecar;			/* made by another init (sidecar.c) */
	int mqueue_fd;			/* a mount of the IPC namespace's message queues, or -1 */
	uint64_t layers;
	struct sched_init sched;
	uint16_t nseccomp;
	struct init_run run;
	struct socket_msg msg;
	struct mount_plan plan;
	_Alignas(8) struct sock_filter seccomp[CORDON_SECCOMP_MAX];
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
};

struct wire_buf;
struct wire_conf;
struct wire_execve;
struct child_supervision;

/* Whether a program is there: state RUNNING or PAUSED. */
static inline bool init_is_busy(const struct init *init)
{
	return init->state == INIT_STATE_RUNNING || init->state == INIT_STATE_PAUSED;
}

static inline _Noreturn void init_exit(int status)
{
	for (;;)
		sys(__NR_exit_group, status);
}

/* ---- main.c ---- */

_Noreturn void init_main(void);

/* ---- signals.c ---- */

/* A descriptor that polls readable when a child has ended, or -errno. */
int init_signal_fd(void);

/* ---- reply.c ---- */

/* Sends a reply with the command's id. */
void init_reply(void *msg, enum cordon_msg_type type, uint32_t size, uint32_t id);
void init_reply_error(const struct cordon_error *err, uint32_t id);

/* Nothing where the command is QUIET. */
void init_reply_ok(const struct cordon_msg *command);

/* ---- conf.c, execve.c, reset.c, sidecar.c: a command each. 0, or -errno with *err ---- */

int init_conf(struct init *init, struct cordon_error *err);
int init_execve(struct init *init, struct cordon_error *err);
int init_reset(struct init *init, struct cordon_error *err);

/* Replies itself where it succeeds, and returns twice: in the sidecar, too, as fork(2) does. */
int init_sidecar(struct init *init, struct cordon_error *err);

/* conf.c: loads the program's filter in init's main thread, for good; before it the thread of privileged.c is started. 0 or -errno with
 * *err. */
int init_load_filter(struct init *init, struct cordon_error *err);

/* reset.c: a look at the message queues of the current IPC namespace for later resets. */
void init_watch_queues(struct init *init);

/* ---- command.c ---- */

/* Runs the init command of a CONF. 0 or -errno with *err (INIT_COMMAND, or the child's step). */
int init_run_command(const struct wire_conf *conf, struct cordon_error *err);

/* ---- network.c ---- */

/* Brings lo up. 0 or -errno with *err (LOOPBACK). */
int init_loopback_up(struct cordon_error *err);

/* A new network namespace where TCP connections are left in it. 0 or -errno with *err (RESET, LOOPBACK). */
int init_reset_network(struct init *init, struct cordon_error *err);

/* ---- privileged.c ---- */

/* Starts the thread that stays without the filter. 0 or -errno with *err. */
int init_privileged_start(struct cordon_error *err);

/* Runs fn(arg) in that thread where it exists, else here, and returns what it returns. */
int init_privileged_call(int (*fn)(void *), void *arg);

/* ---- proc.c ---- */

/* A procfs in init->proc_fd. 0 or -errno with *err (SUPERVISOR). */
int init_proc_fd(struct init *init, struct cordon_error *err);

/* ---- run.c ---- */

/* What an EXECVE says about the run that it is to start; takes the descriptor of the CPU time file. */
void init_run_begin(struct init *init, const struct wire_execve *e);

/* The program could not be started. */
void init_run_abandon(struct init *init);

/* The program has been executed: state RUNNING. */
void init_run_started(struct init *init);

/* Everything that is due in state RUNNING after an event or a time-out; sends FINISHED and goes to READY at the end. */
void init_run_step(struct init *init);

/* Nanoseconds until init_run_step is due without an event; -1 = never. */
int64_t init_run_timeout_ns(const struct init *init);

/* PAUSE and RESUME; nothing happens in a state that they do not fit. */
void init_run_pause(struct init *init, bool frozen);
void init_run_resume(struct init *init);

/* ---- kill.c ---- */

/* Kills every process of the run. */
void init_run_kill(struct init *init);

/* ---- cpu.c ---- */

/* CPU time of the run so far, to see whether its limit is reached; never more than it is but where cpu.c says so. */
uint64_t init_run_cpu_ns(struct init *init);

/* What the calling thread of init has used itself. */
uint64_t init_own_cpu_ns(void);

/* What the group's counter says, from which a run begins. 0 without one. */
uint64_t init_group_cpu_ns(const struct init_run *run);

/* ---- descendants.c ---- */

/* The sum of cpu_of over the run's processes that live, without a pid namespace. */
uint64_t init_descendants_cpu_ns(const struct init *init, uint64_t (*cpu_of)(const struct init *init, int32_t pid));

/* ---- supervisor_process.c ---- */

/* Makes the supervisor of an EXECVE ready; *ret goes into the child's plan. 0 or -errno with *err, and nothing kept. */
int init_supervisor_prepare(struct init *init, const struct wire_execve *e, struct child_supervision *ret,
			    struct cordon_error *err);

/* The program has been executed. */
void init_supervisor_executed(struct init *init);

/* CORDON_LAYER_BITs that it adds. */
uint64_t init_supervisor_layers(const struct init *init);

/* Polls readable when init_supervisor_wake is due; -1 = none. */
int init_supervisor_wake_fd(const struct init *init);
void init_supervisor_wake(struct init *init);

/* ANSWER. 0 or -errno with *err. */
int init_supervisor_answer(struct init *init, struct cordon_error *err);

/* Whether the child that was reaped is the supervisor; if it should still be there, the run is ended. */
bool init_supervisor_reaped(struct init *init, int32_t pid);

/* What it has noted, into a FINISHED. */
void init_supervisor_report(const struct init *init, struct wire_buf *b, struct cordon_msg_finished *reply);

/* Ends and reaps it, where there is one, and frees what was kept. */
void init_supervisor_end(struct init *init);

#endif
