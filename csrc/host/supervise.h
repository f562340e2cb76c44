/* SPDX-License-Identifier: Apache-2.0 */
/* supervise: from a command and the sandbox that it runs in to what the EXECVE says about its supervisor.
 *
 * I1  Whoever is to be watched is watched, or the run is refused: an engine that the kernel lacks is an error, never a silent
 *     "without". */
#ifndef CORDON_HOST_SUPERVISE_H
#define CORDON_HOST_SUPERVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "cordon/error.h"
#include "cordon/protocol.h"
#include "seccomp/seccomp.h"
#include "wire/wire.h"

struct supervise {
	bool active;		/* else nothing below is set */
	struct cordon_supervision head;	/* without its spans */
	const struct cordon_path_rule *paths;	/* the command's, borrowed; head.npaths */
	const struct cordon_port_rule *ports;	/* likewise; head.nports */
	const void *filter, *truth;	/* BPF, the config's own and of programs; NULL = absent */
	uint32_t filter_len, truth_len;	/* bytes */
	const struct cordon_seccomp *sockets;	/* beside a port policy; NULL = there is none */
	struct seccomp_programs programs;
	struct cordon_supervision_call calls[CORDON_SUPERVISION_CALLS_MAX];	/* head.ncalls */
};

/* The engine for a supervisor in a sandbox with config: AUTO resolved. */
enum cordon_engine supervise_engine(const struct cordon_container_config *config, const struct cordon_supervisor *supervisor,
				    bool has_notify);

/* config's filter is resolved (run_resolve_seccomp) and borrowed until supervise_done; command is valid. Any thread.
 * 0 with *ret for supervise_done, or -errno with *err (SUPERVISOR, LANDLOCK, LAYER, MEMORY, SECCOMP_COMPILE). */
int supervise_resolve(const struct cordon_container_config *config, const struct cordon_command *command, struct supervise *ret,
		      struct cordon_error *err);

/* Room that supervise_put takes at most. */
size_t supervise_size(const struct supervise *s);

/* Appends it; an absent span where it is not active. A lack of room or memory shows in wire_end. */
struct cordon_span supervise_put(struct wire_buf *b, const struct supervise *s);

void supervise_done(struct supervise *s);

#endif
