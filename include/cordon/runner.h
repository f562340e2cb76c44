/* SPDX-License-Identifier: Apache-2.0 */
/* runner: run commands, each in a fresh sandbox (the Unshare runner) or one after the other in a kept one (a Container),
 * blocking or event by event.
 *
 * A run is owned by one thread at a time; cordon_run_cancel, cordon_run_signal and cordon_run_pause alone may be called by any
 * other while the run is not freed.
 * The simplest use: cordon_run_open, cordon_run_wait, cordon_run_result, cordon_run_free. */
#ifndef CORDON_RUNNER_H
#define CORDON_RUNNER_H

#include <stdint.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/result.h"

#ifdef __cplusplus
extern "C" {
#endif

struct cordon_run;

enum cordon_run_state {
	CORDON_RUN_PENDING = 0,
	CORDON_RUN_SYNC = 1,	/* command.sync: the program's process waits before exec; cordon_run_pid, then cordon_run_release */
	CORDON_RUN_ASK = 3,	/* a system call waits for a decision: cordon_run_question, then cordon_run_answer */
	CORDON_RUN_DONE = 2,	/* cordon_run_result has the result or the error; nothing of the sandbox is left */
};

/* Checks both, starts the sandbox and returns while it runs. Borrows nothing after the call except the descriptors in
 * command->stdio of kind FORWARD, until the run is done.
 * Returns 0 with *ret_run set, or -errno with *err set and nothing left over. */
int cordon_run_open(const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_run **ret_run, struct cordon_error *err);

/* A descriptor that polls readable when cordon_run_step has something to do; made at the first call, owned by the run. A blocking
 * cordon_run_wait does without. -errno where it can't be made. */
int cordon_run_fd(struct cordon_run *run);

/* Nanoseconds after which cordon_run_step must be called even if the descriptor is quiet; -1 = never. */
int64_t cordon_run_timeout_ns(const struct cordon_run *run);

/* Does what there is to do and returns the state; blocks only in writing to a FORWARD descriptor. */
enum cordon_run_state cordon_run_step(struct cordon_run *run);

/* Blocks until the state is SYNC, ASK or DONE, and returns it. */
enum cordon_run_state cordon_run_wait(struct cordon_run *run);

/* At the sync point: the program's pid on the host. Else 0. */
int32_t cordon_run_pid(const struct cordon_run *run);

/* Ends the sync point: go != 0 lets the program run, 0 stops it; the run then ends with error SYNC. */
void cordon_run_release(struct cordon_run *run, int go);

/* At CORDON_RUN_ASK: what the program asks; else NULL. */
const struct cordon_question *cordon_run_question(const struct cordon_run *run);

/* Answers it: decision is ALLOW, ERRNO (with err, 1 to CORDON_ERRNO_MAX) or KILL. Does nothing where no question is
 * open; one that was not answered in time has been refused already. The program's other stopped calls wait
 * meanwhile. */
void cordon_run_answer(struct cordon_run *run, uint32_t decision, int32_t err);

/* Kills everything in the sandbox; the result's status is CANCELLED where it was still running. Any thread, any time. */
void cordon_run_cancel(struct cordon_run *run);

/* Sends a signal (1 to 64, signal(7)) to the program's first process, once it runs; does nothing where it has ended. Several
 * of one number that come close together may arrive as one. Any thread, any time. 0 or -EINVAL. */
int cordon_run_signal(struct cordon_run *run, int signal);

/* Stops (pause != 0) or continues every process of the run: in a container as cordon_container_pause does it, in a sandbox of its
 * own by SIGSTOP and SIGCONT. Any thread, any time. 0 or -errno with *err: -ENOTSUP without namespaces. */
int cordon_run_pause(struct cordon_run *run, int pause, struct cordon_error *err);

/* After DONE. Returns 0 with *ret_result set (owned by the run, valid until cordon_run_free), or -errno with *err set:
 * the sandbox failed or the program could not be executed. */
int cordon_run_result(const struct cordon_run *run, const struct cordon_result **ret_result, struct cordon_error *err);

/* Ends the run if it still runs, and frees it. Accepts NULL. */
void cordon_run_free(struct cordon_run *run);

/* ---- Container: a sandbox that is made once and used for many runs ----
 *
 * One command at a time, unless it is a shared one (below): a container is owned by one thread at a time, and while a run of it is not freed, only
 * cordon_container_pause may be called (any thread). Whatever breaks a container (init gone, a protocol error, a time-out) ends it:
 * every later call fails, and cordon_container_free is what is left to do. */

struct cordon_container;

/* Starts a container and returns when it is ready. Borrows nothing after the call.
 * 0 with *ret_container, or -errno with *err and nothing left over. */
int cordon_container_open(const struct cordon_container_config *config, struct cordon_container **ret_container,
			  struct cordon_error *err);

/* Asks init for a sign of life; waits for at most 5 s. 0 or -errno with *err. */
int cordon_container_ping(struct cordon_container *container, struct cordon_error *err);

/* Leaves nothing of the runs before: every tmpfs, System V and POSIX IPC objects and keyrings are fresh. What the caller
 * bound writable stays as it is. 0 or -errno with *err. */
int cordon_container_reset(struct cordon_container *container, struct cordon_error *err);

enum cordon_run_flag {
	CORDON_RUN_RESET = 1 << 0,	/* reset after the run, without waiting for it: a failure shows in the next command */
};

/* Starts command in the container; see cordon_run_open. command->limits are the run's own.
 * Only one run at a time: -EBUSY (step WAIT) while another is not freed. */
int cordon_container_run_open(struct cordon_container *container, const struct cordon_command *command, uint32_t flags,
			      struct cordon_run **ret_run, struct cordon_error *err);

enum cordon_file_flag {
	CORDON_FILE_CREATE = 1 << 0,	/* open: a new file for writing, with missing parents, owned by the program */
	CORDON_FILE_TREE = 1 << 1,	/* delete: a directory with all that is in it */
};

struct cordon_file {
	const char *path;	/* absolute inside */
	const char *text;	/* symlink: what the link says */
	uint32_t flags;		/* enum cordon_file_flag */
	uint32_t mode;		/* open with CREATE: permission bits, 0 = 0644 */
};

/* Many files in one command, at most 200; none of them is reached through a symbolic link. ret_errors[i].step is NONE where
 * file i went well. open gives regular files only; ret_fds[i] is a descriptor (close-on-exec, the caller's) or -1.
 * 0 where the command itself went well, or -errno with *err. */
int cordon_container_open_files(struct cordon_container *container, const struct cordon_file *files, uint32_t n, int *ret_fds,
				struct cordon_error *ret_errors, struct cordon_error *err);
int cordon_container_delete_files(struct cordon_container *container, const struct cordon_file *files, uint32_t n,
				  struct cordon_error *ret_errors, struct cordon_error *err);
int cordon_container_symlink_files(struct cordon_container *container, const struct cordon_file *files, uint32_t n,
				   struct cordon_error *ret_errors, struct cordon_error *err);

/* ---- Shared containers: several commands at the same time (config.shared) ----
 *
 * A sidecar is one more handle of the same container, for a command beside that of the container itself and those of its other
 * sidecars: with limits, a control group, a pause and a result of its own. All of them have the root, the files, the network with
 * its loopback, the IPC objects, the names and the ids in common. Each handle is owned by one thread at a time, which need not be the
 * same one; open_files, delete_files, symlink_files and cordon_container_sidecar may be called by any thread.
 * Every run is in a pid namespace of its own, below the container's: what ends it reaches all of its processes and no other ones, and
 * no program can signal those of another handle's run. It does see them in /proc, which shows the container's pid namespace: there
 * processes have other numbers than they know themselves by (/proc/self is right), and what one process may do to another one of
 * the same user through /proc, shared files and IPC objects it may do. The handles are one sandbox.
 * Memory of a tmpfs is the run's that wrote it first. What the init command leaves running runs until the container's end.
 * Without a control group the limit of processes counts those of all handles.
 *   open_files, delete_files, symlink_files, ping   also while commands run, through any handle; one at a time, the others wait
 *   reset         -EBUSY (step WAIT) while any run is not freed; the sidecars' pids change
 *   run_open      without CORDON_RUN_RESET; -EBUSY (step WAIT) during a reset
 * A sidecar that breaks ends alone. The end of the container, by cordon_container_free or because it breaks, ends every program in it:
 * what runs in a sidecar ends with the error INIT_GONE, every later call of the sidecar fails so, and cordon_container_free is left. */

/* Makes a sidecar of a shared container, also while a command runs in it. -ENOSPC where the kernel has no pid namespace
 * left (/proc/sys/user/max_pid_namespaces). 0 with *ret_sidecar, or -errno with *err and nothing left over. */
int cordon_container_sidecar(struct cordon_container *container, struct cordon_container **ret_sidecar,
			     struct cordon_error *err);

/* Stops or continues every process of the run; does nothing where none runs. By the freezer of its control group, which the program neither
 * notices nor can undo (v1: what is frozen takes signals, also SIGKILL, only when it is continued, cancelled or freed); without one by SIGSTOP and
 * SIGCONT, which it can. The wall-clock limit stands still while the run is paused. Returns when the request is on its way: it takes effect a moment
 * later. Any thread, while the container is neither broken nor freed. 0 or -errno with *err: -ETIMEDOUT where init has not read earlier
 * requests within 5 s, as at the sync point; then nothing is paused. */
int cordon_container_pause(struct cordon_container *container, int pause, struct cordon_error *err);

/* On the host, the pid of its init: of a shared container's the one that makes the sidecars. */
int32_t cordon_container_pid(const struct cordon_container *container);

/* Kills everything in it and frees it. No run of it may be left. Accepts NULL. */
void cordon_container_free(struct cordon_container *container);

#ifdef __cplusplus
}
#endif
#endif
