/* SPDX-License-Identifier: Apache-2.0 */
/* wire: the only encoder and decoder of protocol messages (cordon/protocol.h). Pure functions, no system calls.
 *
 * I1  A decoder trusts nothing: size first, then spans, then terminators, then meaning. It copies nothing: what it returns points
 *     into the message.
 * I2  A message that decodes has no reserved bit set, no unknown flag and no span outside it. */
#ifndef CORDON_WIRE_H
#define CORDON_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/limits.h>
#include "cordon/protocol.h"

/* Checks the head of a message of size received bytes: version, type, flags, size. 0 or -EPROTO. */
int wire_head_check(const void *msg, uint32_t size);

struct wire_conf {
	const struct cordon_msg_conf *msg;
	const struct cordon_conf_mount *mounts;
	const char *hostname, *domainname;	/* NULL = absent */
	const void *seccomp;
	uint32_t nseccomp;			/* instructions */
	const char *init_command;		/* first string */
};

struct wire_execve {
	const struct cordon_msg_execve *msg;
	const uint32_t *targets;
	const struct cordon_execve_rlimit *rlimits;
	const char *argv, *envp;		/* first string */
	const char *work_dir;			/* NULL = absent */
	const char *apparmor, *selinux;		/* exec labels; NULL = absent */
	const uint64_t *cpus;			/* ncpu_words, at least one bit; NULL = absent */
	uint32_t ncpu_words;
	const struct cordon_supervision *supervision;	/* NULL = none: then all of these are NULL as well */
	const struct cordon_supervision_path *paths;	/* supervision->npaths; their strings by wire_string, shorter than WIRE_PATH_MAX */
	const struct cordon_supervision_call *calls;	/* supervision->ncalls, by ascending number */
	const struct cordon_port_rule *ports;	/* supervision->nports */
	const void *stop, *filter, *truth, *sockets;	/* BPF, NULL = absent */
	uint32_t nstop, nfilter, ntruth, nsockets;	/* instructions */
	/* indices into the message's descriptors, -1 = absent */
	int exec_fd, sync_fd, cpu_fd, group_fd, procs;
};

#define WIRE_PATH_MAX PATH_MAX	/* bytes of a path of the supervisor's, with its NUL */
#define WIRE_LABEL_MAX 4096	/* likewise of a label: what /proc/self/attr takes at once */

/* Each: 0 with *ret filled, or -EPROTO with *ret_field naming what is wrong. nfds = descriptors that came with it. */
int wire_conf_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_conf *ret, const char **ret_field);
int wire_items_decode(const void *msg, uint32_t size, uint32_t nfds, const struct cordon_item **ret_items,
		      uint32_t *ret_nitems, const char **ret_field);	/* OPEN, DELETE, SYMLINK, by the head's type */
int wire_execve_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_execve *ret, const char **ret_field);
int wire_answer_decode(const void *msg, uint32_t size, uint32_t nfds, const struct cordon_msg_answer **ret,
		       const char **ret_field);
int wire_signal_decode(const void *msg, uint32_t size, uint32_t nfds, uint64_t *ret_signals, const char **ret_field);
int wire_sidecar_decode(const void *msg, uint32_t size, uint32_t nfds, const char **ret_field);

struct wire_finished {
	const struct cordon_msg_finished *msg;
	const struct cordon_event *events;		/* msg->nevents */
	const uint64_t *counts, *setup_counts;		/* CORDON_SUPERVISION_COUNTS each, NULL = absent */
};

struct wire_ask {
	const struct cordon_msg_ask *msg;
	const char *paths[2];				/* the first msg->npaths, shorter than WIRE_PATH_MAX */
};

/* Replies and questions, as the host receives them. with_fds: each good item comes with a descriptor. */
int wire_errors_decode(const void *msg, uint32_t size, uint32_t nfds, uint32_t nitems, bool with_fds,
		       const struct cordon_error **ret_errors);
int wire_finished_decode(const void *msg, uint32_t size, struct wire_finished *ret);
int wire_ask_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_ask *ret);
int wire_error_decode(const void *msg, uint32_t size, const struct cordon_error **ret);

/* The string of a checked span, for messages that have been decoded. */
static inline const char *wire_string(const void *msg, struct cordon_span s)
{
	return s.len == 0 ? NULL : (const char *)msg + s.off;
}

/* A message under construction in the caller's buffer. Overflow is remembered and makes wire_end fail. */
struct wire_buf {
	unsigned char *data;
	size_t size, used;
	bool overflow;
};

/* Starts a message whose struct has head_size bytes, all zero but the head. data is 8-byte aligned. */
void wire_begin(struct wire_buf *b, void *data, size_t size, enum cordon_msg_type type, size_t head_size);

/* Appends len bytes (aligned to 8) and returns where they are; a span of len 0 where len is 0. */
struct cordon_span wire_put(struct wire_buf *b, const void *bytes, size_t len);
struct cordon_span wire_put_string(struct wire_buf *b, const char *s);		/* NULL = absent */
struct cordon_span wire_put_strings(struct wire_buf *b, const char *const *strings, uint32_t *ret_count);	/* NULL = none */

/* Completes the head. The message's size, or -EMSGSIZE. */
int wire_end(struct wire_buf *b);

#endif
