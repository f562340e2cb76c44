/* SPDX-License-Identifier: Apache-2.0 */
/* supervisor_plan: makes the supervision part of the EXECVE from a command and the sandbox that it runs in.
 *
 * I1  A run that asks for a supervisor never runs without one: an engine that the kernel lacks is an error. */
#ifndef CORDON_HOST_SUPERVISOR_PLAN_H
#define CORDON_HOST_SUPERVISOR_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/protocol.h"
#include "seccomp/seccomp.h"
#include "wire/wire.h"

struct supervisor_plan {
	bool active;		/* if false, nothing below is set */
	struct cordon_supervision head;	/* without its spans */
	const struct cordon_path_rule *paths;	/* the command's, borrowed; head.npaths */
	const struct cordon_port_rule *ports;	/* likewise; head.nports */
	const void *filter, *policy_filter;	/* BPF: config's own filter, and that of programs; NULL = absent */
	uint32_t filter_len, policy_len;	/* bytes */
	const struct cordon_seccomp *beside;	/* with a path or port policy; else NULL */
	struct seccomp_programs programs;
	struct cordon_supervision_call calls[CORDON_SUPERVISION_CALLS_MAX];	/* head.ncalls */
};

/* What the kernel has. */
struct supervisor_plan_kernel {
	bool notify, ptrace;
};

/* The engine for a supervisor in a sandbox with config. AUTO remains if cordon-init has to choose (protocol.h): a
 * program is not disturbed by PTRACE, while NOTIFY may fail its calls with EINTR; but a path policy may be enforced
 * under NOTIFY alone. */
enum cordon_engine supervisor_plan_engine(const struct cordon_container_config *config,
					  const struct cordon_supervisor *supervisor,
					  const struct supervisor_plan_kernel *kernel);

/* Makes the plan. config's filter is resolved (filter_resolve) and borrowed until supervisor_plan_done; command is
 * valid. Any thread. 0 with *ret for supervisor_plan_done, or -errno with *err (SUPERVISOR, LANDLOCK, LAYER, MEMORY,
 * SECCOMP_COMPILE). */
int supervisor_plan_make(const struct cordon_container_config *config, const struct cordon_command *command,
			 struct supervisor_plan *ret, struct cordon_error *err);

/* The most bytes that supervisor_plan_put appends. */
size_t supervisor_plan_size(const struct supervisor_plan *s);

/* Appends the plan; returns an absent span if it is not active. If it does not fit, or memory is short, wire_end
 * fails. */
struct cordon_span supervisor_plan_put(struct wire_buf *b, const struct supervisor_plan *s);

void supervisor_plan_done(struct supervisor_plan *s);

#endif
