/* SPDX-License-Identifier: Apache-2.0 */
/* runner: runs commands, each in a fresh sandbox, or one after the other in a container that is kept; blocking or event
 * by event.
 *
 * A run is used by one thread at a time; only cordon_run_cancel, cordon_run_signal and cordon_run_pause may be called
 * by any other thread, while the run is not freed. The simplest use: cordon_run_open, cordon_run_wait,
 * cordon_run_result, cordon_run_free. */
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
	CORDON_RUN_SYNC = 1,	/* command.sync: the process waits before exec; see cordon_run_pid and
				   cordon_run_release */
	CORDON_RUN_ASK = 3,	/* a system call waits for a decision; see cordon_run_question and cordon_run_answer */
	CORDON_RUN_DONE = 2,	/* cordon_run_result has the result or the error; nothing of the sandbox is left */
};

/* Checks config and command, starts the sandbox, and returns while it runs. Borrows nothing after the call except
 * FORWARD descriptors in command->stdio, until the run is done. 0 with *ret_run, or -errno with *err and nothing left
 * over. */
int cordon_run_open(const struct cordon_container_config *config, const struct cordon_command *command,
		    struct cordon_run **ret_run, struct cordon_error *err);

/* A descriptor for poll(2), readable when cordon_run_step has something to do. Created by the first call, owned by the
 * run; a blocking cordon_run_wait does not need it. -errno if it cannot be created. */
int cordon_run_fd(struct cordon_run *run);

/* Nanoseconds after which cordon_run_step must be called even if the descriptor is not readable; -1 = never. */
int64_t cordon_run_timeout_ns(const struct cordon_run *run);

/* Handles what has happened and returns the state. Blocks only in a write to a FORWARD descriptor. */
enum cordon_run_state cordon_run_step(struct cordon_run *run);

/* Blocks until the state is SYNC, ASK or DONE, and returns it. */
enum cordon_run_state cordon_run_wait(struct cordon_run *run);

/* At the sync point: the program's pid on the host; else 0. */
int32_t cordon_run_pid(const struct cordon_run *run);

/* Ends the sync point. go != 0: the program starts. 0: it is stopped, and the run ends with the error SYNC. */
void cordon_run_release(struct cordon_run *run, int go);

/* At CORDON_RUN_ASK: the question; else NULL. */
const struct cordon_question *cordon_run_question(const struct cordon_run *run);

/* Answers the question: decision is ALLOW, ERRNO (with err, 1 to CORDON_ERRNO_MAX) or KILL. Does nothing if no question
 * is open; a question that was not answered in time has been refused. Other stopped calls of the program wait
 * meanwhile. */
void cordon_run_answer(struct cordon_run *run, uint32_t decision, int32_t err);

/* Kills every process in the sandbox; the result's status is CANCELLED if the program was still running. Any thread, at
 * any time. */
void cordon_run_cancel(struct cordon_run *run);

/* Sends a signal (1 to 64, signal(7)) to the program's first process once it runs; does nothing if it has ended.
 * Several signals of one number sent close together may arrive as one. Any thread, at any time. 0 or -EINVAL. */
int cordon_run_signal(struct cordon_run *run, int signal);

/* Stops (pause != 0) or continues every process of the run: in a container as cordon_container_pause does, otherwise by
 * SIGSTOP and SIGCONT. Any thread, at any time. 0 or -errno with *err: -ENOTSUP without namespaces. */
int cordon_run_pause(struct cordon_run *run, int pause, struct cordon_error *err);

/* After DONE. 0 with *ret_result (owned by the run, valid until cordon_run_free), or -errno with *err: the sandbox
 * failed, or the program could not be executed. */
int cordon_run_result(const struct cordon_run *run, const struct cordon_result **ret_result, struct cordon_error *err);

/* Ends the run if it is still running, and frees it. Accepts NULL. */
void cordon_run_free(struct cordon_run *run);

/* ---- Container: a sandbox that is kept for many runs ----
 *
 * A container runs one command at a time and is used by one thread at a time, unless it is shared (below); while a run
 * of it is not freed, only cordon_container_pause may be called (by any thread). If cordon-init ends, breaks the
 * protocol or does not answer in time, the container is broken: every later call fails, and it can only be freed. */

struct cordon_container;

/* Starts a container and returns when it is ready. Borrows nothing after the call. 0 with *ret_container, or -errno
 * with *err and nothing left over. */
int cordon_container_open(const struct cordon_container_config *config, struct cordon_container **ret_container,
			  struct cordon_error *err);

/* Checks that cordon-init answers; waits at most 5 s. 0 or -errno with *err. */
int cordon_container_ping(struct cordon_container *container, struct cordon_error *err);

/* Removes what earlier runs left: replaces every tmpfs, removes System V and POSIX IPC objects, and clears the
 * keyrings. Writable binds stay as they are. 0 or -errno with *err. */
int cordon_container_reset(struct cordon_container *container, struct cordon_error *err);

enum cordon_run_flag {
	CORDON_RUN_RESET = 1 << 0,	/* reset after the run, without waiting for it; the next command reports a
					   failure */
};

/* Starts command in the container; see cordon_run_open. command->limits apply to this run. -EBUSY (step WAIT) while
 * another run of the container is not freed. */
int cordon_container_run_open(struct cordon_container *container, const struct cordon_command *command, uint32_t flags,
			      struct cordon_run **ret_run, struct cordon_error *err);

enum cordon_file_flag {
	CORDON_FILE_CREATE = 1 << 0,	/* open: create a new file for writing, owned by the program, with missing
					   parents */
	CORDON_FILE_TREE = 1 << 1,	/* delete: remove a directory with everything in it */
	CORDON_FILE_REPLACE = 1 << 2,	/* open with CREATE: remove an existing file or link first; not a directory */
	CORDON_FILE_DIRECTORY = 1 << 3,	/* open without CREATE: open a directory, to list it (directory.h) */
};

struct cordon_file {
	const char *path;	/* absolute, inside the sandbox */
	const char *text;	/* symlink: the text of the link */
	uint32_t flags;		/* enum cordon_file_flag */
	uint32_t mode;		/* open with CREATE: permission bits; 0 = 0644 */
};

/* At most 200 files in one call; no symbolic link in a path is followed. ret_errors[i].step is NONE if file i
 * succeeded. open opens regular files only, or with DIRECTORY directories; ret_fds[i] is a descriptor (close-on-exec,
 * owned by the caller) or -1. 0 if cordon-init did the command, or -errno with *err. */
int cordon_container_open_files(struct cordon_container *container, const struct cordon_file *files, uint32_t n,
				int *ret_fds, struct cordon_error *ret_errors, struct cordon_error *err);
int cordon_container_delete_files(struct cordon_container *container, const struct cordon_file *files, uint32_t n,
				  struct cordon_error *ret_errors, struct cordon_error *err);
int cordon_container_symlink_files(struct cordon_container *container, const struct cordon_file *files, uint32_t n,
				   struct cordon_error *ret_errors, struct cordon_error *err);

/* ---- Shared containers: several commands at the same time (config.shared) ----
 *
 * A sidecar is another handle of the same container. It runs one command, at the same time as the container itself and
 * its other sidecars, with limits, a control group, a pause and a result of its own. The handles share the root, the
 * files, the network with its loopback, the IPC objects, the names and the ids. Each handle is used by one thread at a
 * time; open_files, delete_files, symlink_files and cordon_container_sidecar may be called by any thread.
 * Each run has a pid namespace of its own, below the container's: it ends with all of its processes and no others, and
 * no program can send signals to those of another run. It sees them in /proc, which is of the container's pid
 * namespace: processes have other numbers there than in their own (/proc/self is right). Processes of the same user can
 * use each other through /proc, files and IPC objects: the handles are one sandbox.
 * Memory of a tmpfs counts for the run that wrote it first. Processes that the init command leaves run until the
 * container ends. Without a control group, the limit of processes counts those of all handles.
 *   open_files, delete_files, symlink_files, ping   also while commands run, by any handle; one at a time, others wait
 *   reset      -EBUSY (step WAIT) while a run is not freed; the pids of the sidecars change
 *   run_open   without CORDON_RUN_RESET; -EBUSY (step WAIT) during a reset
 * A sidecar that breaks ends alone. The end of the container, by cordon_container_free or because it breaks, ends every
 * program in it: runs of sidecars end with the error INIT_GONE, and so does every later call of a sidecar, which can
 * then only be freed. */

/* Makes a sidecar of a shared container, also while a command runs in it. -ENOSPC if the kernel's limit of pid
 * namespaces is reached (/proc/sys/user/max_pid_namespaces). 0 with *ret_sidecar, or -errno with *err; nothing is left
 * then. */
int cordon_container_sidecar(struct cordon_container *container, struct cordon_container **ret_sidecar,
			     struct cordon_error *err);

/* Stops (pause != 0) or continues every process of the run; does nothing if there is none. Uses the freezer of the
 * control group, which the program cannot notice or undo (v1: a frozen process takes signals, also SIGKILL, only when
 * it is continued, cancelled or freed); without a freezer SIGSTOP and SIGCONT, which it can. The wall-clock limit is
 * suspended while the run is paused. Returns when the request is sent; it takes effect a moment later. Any thread,
 * while the container is neither broken nor freed. 0 or -errno with *err: -ETIMEDOUT if cordon-init has not read
 * earlier requests within 5 s (as at the sync point); then nothing is paused. */
int cordon_container_pause(struct cordon_container *container, int pause, struct cordon_error *err);

/* cordon-init's pid on the host; for a shared container that of the root, which makes the sidecars. */
int32_t cordon_container_pid(const struct cordon_container *container);

/* Kills every process in the container and frees it. Its runs must be freed before. Accepts NULL. */
void cordon_container_free(struct cordon_container *container);

#ifdef __cplusplus
}
#endif
#endif
