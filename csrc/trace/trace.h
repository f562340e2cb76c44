/* SPDX-License-Identifier: Apache-2.0 */
/* trace: one line for each step, message, state and deadline, on the descriptor that CORDON_TRACE names.
 *
 * docs/internals/tracing.md says what the lines are. The host reads the variable (trace/host.h); cordon-init gets the
 * descriptor with its CONF.
 * I1  Off costs one test of a flag: the arguments of TRACE are evaluated only where it is on.
 * I2  A line is one write(2) of at most TRACE_LINE_MAX bytes, not more than any PIPE_BUF: in a pipe the lines of
 *     several threads and processes do not mix.
 * I3  A line for which there is no room is lost, and the next one says how many were. A reader can hold up a writer
 *     only where several write to what is neither a file nor O_NONBLOCK, and one takes the room that another saw.
 * I4  A line is printable ASCII, and a value has no space: every other byte of a text is escaped as \xNN. What a
 *     program was given (arguments, environment, data) is in no line.
 * I5  Only the host's threads and cordon-init's main thread write. In the vfork child and in the supervisor the number
 *     may stand for another descriptor. */
#ifndef CORDON_TRACE_TRACE_H
#define CORDON_TRACE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include "base/base.h"
#include "cordon/error.h"
#include "cordon/protocol.h"

#define TRACE_LINE_MAX 512	/* _POSIX_PIPE_BUF, with the line feed */

enum trace_kind {
	TRACE_KIND_TEXT,
	TRACE_KIND_NUMBER,
	TRACE_KIND_NS,
};

struct trace_field {
	const char *key;	/* NULL = only the value */
	const char *text;
	uint64_t number;
	enum trace_kind kind;
};

#define TRACE_WORD(value) { NULL, (value), 0, TRACE_KIND_TEXT }
#define TRACE_TEXT(key, value) { (key), (value), 0, TRACE_KIND_TEXT }	/* NULL = "-" */
#define TRACE_INT(key, value) { (key), NULL, (uint64_t)(int64_t)(value), TRACE_KIND_NUMBER }
/* Written in microseconds; UINT64_MAX = "none". */
#define TRACE_NS(key, value) { (key), NULL, (value), TRACE_KIND_NS }

/* Who writes a line, and when. */
struct trace_origin {
	uint64_t now_ns;
	int32_t pid, tid;	/* of a host's thread; 0 = cordon-init */
	int32_t sandbox;	/* the pid of its cordon-init as the host sees it; 0 = none yet */
	uint32_t lost;
};

extern bool trace_on;

static inline bool trace_is_on(void)
{
	return __builtin_expect(__atomic_load_n(&trace_on, __ATOMIC_RELAXED), false);
}

/* TRACE(sandbox, what, fields...): at least one field. sandbox 0 = the one that trace_start named. */
#define TRACE(sandbox, what, ...)                                                                                  \
	do {                                                                                                       \
		if (trace_is_on()) {                                                                               \
			const struct trace_field trace_fields[] = { __VA_ARGS__ };                                 \
			trace_write((sandbox), (what), trace_fields, ARRAY_LEN(trace_fields));                     \
		}                                                                                                  \
	} while (0)

/* Lines go to fd, which this module then owns; one that it had is closed. sandbox: for those that name none. */
void trace_start(int fd, int32_t sandbox);

/* No thread is in here, or comes in meanwhile. */
void trace_stop(void);

/* The descriptor, borrowed; -1 = off. */
int trace_fd(void);

/* Writes a line. what is a word of ours. */
void trace_write(int32_t sandbox, const char *what, const struct trace_field *fields, size_t n);

/* Makes it: its length, with the line feed. What does not fit is cut, and "..." ends the line. */
uint32_t trace_format(char line[TRACE_LINE_MAX], const struct trace_origin *origin, const char *what,
		      const struct trace_field *fields, size_t n);

/* The name of a message's type, as in the enum without its prefix; "?" for a number that is none. */
const char *trace_message_name(uint16_t type);

/* The lines of the two functions below. */
void trace_message_write(int32_t sandbox, const char *what, const struct cordon_msg *head, uint32_t size,
			 uint32_t nfds);
void trace_error_write(int32_t sandbox, const char *what, const struct cordon_error *err);

/* what: send or recv. size: of the whole message. */
static inline void trace_message(int32_t sandbox, const char *what, const struct cordon_msg *head, uint32_t size,
				 uint32_t nfds)
{
	if (trace_is_on())
		trace_message_write(sandbox, what, head, size, nfds);
}

static inline void trace_error(int32_t sandbox, const char *what, const struct cordon_error *err)
{
	if (trace_is_on())
		trace_error_write(sandbox, what, err);
}

#endif
