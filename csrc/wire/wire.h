/* SPDX-License-Identifier: Apache-2.0 */
/* wire: the only encoder and decoder of protocol messages (cordon/protocol.h). Pure functions, no system calls.
 *
 * I1  A decoder trusts nothing: it checks size, spans, terminators and meaning, in this order. It copies nothing: its
 *     results point into the message.
 * I2  In a decoded message reserved fields are 0, all flags are known and all spans lie inside. */
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
	const struct cordon_supervision *supervision;	/* NULL = none; then all of the following are NULL as well */
	const struct cordon_supervision_path *paths;	/* supervision->npaths; strings by wire_string, shorter than
							   WIRE_PATH_MAX */
	const struct cordon_supervision_call *calls;	/* supervision->ncalls, by ascending number */
	const struct cordon_port_rule *ports;	/* supervision->nports */
	const void *notify_filter, *filter, *policy_filter, *beside;	/* BPF, NULL = absent */
	uint32_t notify_len, filter_len, policy_len, beside_len;	/* instructions */
	/* indices into the message's descriptors, -1 = absent */
	int exec_fd, sync_fd, cpu_fd, group_fd, procs, supervisor_procs;
};

#define WIRE_PATH_MAX PATH_MAX	/* the longest path of a supervisor, in bytes with its NUL */
#define WIRE_LABEL_MAX 4096	/* the longest label, likewise: the limit of a write to /proc/self/attr */

/* Each returns 0 with *ret filled, or -EPROTO with the name of the wrong field in *ret_field. nfds: number of
 * descriptors received with the message. */
int wire_conf_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_conf *ret, const char **ret_field);
int wire_items_decode(const void *msg, uint32_t size, uint32_t nfds, const struct cordon_item **ret_items,
		      uint32_t *ret_nitems, const char **ret_field);	/* OPEN, DELETE or SYMLINK, according to the
									   head's type */
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

/* Replies and questions, received by the host. with_fds: each item without an error comes with a descriptor. */
int wire_errors_decode(const void *msg, uint32_t size, uint32_t nfds, uint32_t nitems, bool with_fds,
		       const struct cordon_error **ret_errors);
int wire_finished_decode(const void *msg, uint32_t size, struct wire_finished *ret);
int wire_ask_decode(const void *msg, uint32_t size, uint32_t nfds, struct wire_ask *ret);
int wire_error_decode(const void *msg, uint32_t size, const struct cordon_error **ret);

/* The string of a span in a message that has been decoded; NULL = absent. */
static inline const char *wire_string(const void *msg, struct cordon_span s)
{
	return s.len == 0 ? NULL : (const char *)msg + s.off;
}

/* A message that is being built in the caller's buffer. After an overflow wire_end fails. */
struct wire_buf {
	unsigned char *data;
	size_t size, used;
	bool overflow;
};

/* Starts a message with a struct of head_size bytes, zeroed except for the head. data is 8-byte aligned. */
void wire_begin(struct wire_buf *b, void *data, size_t size, enum cordon_msg_type type, size_t head_size);

/* Appends len bytes (aligned to 8) and returns their span; with len 0 an absent one. */
struct cordon_span wire_put(struct wire_buf *b, const void *bytes, size_t len);
struct cordon_span wire_put_string(struct wire_buf *b, const char *s);		/* NULL = absent */
/* NULL = none */
struct cordon_span wire_put_strings(struct wire_buf *b, const char *const *strings, uint32_t *ret_count);

/* Completes the head. Returns the message's size, or -EMSGSIZE. */
int wire_end(struct wire_buf *b);

#endif
