/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/trace.h"

#include <linux/poll.h>
#include <linux/time.h>
#include "error/error.h"

#define ENDING "...\n"

bool trace_on;

static int place;	/* the descriptor + 1: a thread that sees trace_on too early sees 0, and writes nothing */
static int32_t own_sandbox;
static uint32_t lost;

struct line {
	char *text;
	uint32_t used;
	bool cut;
};

/* All or nothing, so that no escape is cut in its middle. */
static void put(struct line *line, const char *bytes, size_t len)
{
	if (line->cut || len > TRACE_LINE_MAX - (sizeof ENDING - 1) - line->used) {
		line->cut = true;
		return;
	}
	bytes_copy(line->text + line->used, bytes, len);
	line->used += (uint32_t)len;
}

static void put_word(struct line *line, const char *word)
{
	put(line, word, str_len(word));
}

static void put_number(struct line *line, uint64_t number)
{
	char text[24];

	put_word(line, u64_text(text, sizeof text, number));
}

static void put_signed(struct line *line, uint64_t number)
{
	bool negative = (int64_t)number < 0;

	if (negative)
		put_word(line, "-");
	put_number(line, negative ? -number : number);
}

static void put_escaped(struct line *line, const char *text)
{
	static const char hex[] = "0123456789abcdef";

	for (; *text != '\0' && !line->cut; text++) {
		unsigned char c = (unsigned char)*text;
		const char escape[] = { '\\', 'x', hex[c >> 4], hex[c & 15] };

		if (c > ' ' && c < 0x7f && c != '\\')
			put(line, text, 1);
		else
			put(line, escape, sizeof escape);
	}
}

/* Seconds with six digits behind the point. */
static void put_time(struct line *line, uint64_t ns)
{
	char text[24];
	const char *micros = u64_text(text, sizeof text, NSEC_PER_SEC / 1000 + ns % NSEC_PER_SEC / 1000);

	put_number(line, ns / NSEC_PER_SEC);
	put_word(line, ".");
	put_word(line, micros + 1);	/* behind the 1 that keeps the zeros */
}

static void put_origin(struct line *line, const struct trace_origin *origin)
{
	put_time(line, origin->now_ns);
	if (origin->pid == 0) {
		put_word(line, " init ");
	} else {
		put_word(line, " host:");
		put_number(line, (uint64_t)origin->pid);
		put_word(line, "/");
		put_number(line, (uint64_t)origin->tid);
		put_word(line, " ");
	}
	if (origin->sandbox != 0)
		put_number(line, (uint64_t)origin->sandbox);
	else
		put_word(line, "-");
}

static void put_field(struct line *line, const struct trace_field *field)
{
	put_word(line, " ");
	if (field->key != NULL) {
		put_word(line, field->key);
		put_word(line, "=");
	}
	if (field->kind == TRACE_KIND_TEXT)
		put_escaped(line, field->text != NULL ? field->text : "-");
	else if (field->kind == TRACE_KIND_NUMBER)
		put_signed(line, field->number);
	else if (field->number == UINT64_MAX)
		put_word(line, "none");
	else
		put_number(line, field->number / 1000);
}

uint32_t trace_format(char text[TRACE_LINE_MAX], const struct trace_origin *origin, const char *what,
		      const struct trace_field *fields, size_t n)
{
	struct line line = { .text = text };
	const char *ending;

	put_origin(&line, origin);
	put_word(&line, " ");
	put_word(&line, what);
	if (origin->lost > 0) {
		const struct trace_field field = TRACE_INT("lost", origin->lost);

		put_field(&line, &field);
	}
	for (size_t i = 0; i < n; i++)
		put_field(&line, &fields[i]);
	ending = line.cut ? ENDING : "\n";
	bytes_copy(text + line.used, ending, str_len(ending));
	return line.used + (uint32_t)str_len(ending);
}

/* poll(2) first, as the descriptor need not be one that never waits, and its flags are not ours alone to change. */
static bool has_room(int fd)
{
	struct pollfd p = { fd, POLLOUT, 0 };
	struct __kernel_timespec none = { 0, 0 };

	return sys(__NR_ppoll, &p, 1, &none, NULL, sizeof(uint64_t)) == 1 && p.revents == POLLOUT;
}

static void fill_origin(struct trace_origin *origin, int32_t sandbox)
{
	*origin = (struct trace_origin){ .now_ns = clock_ns(), .sandbox = sandbox != 0 ? sandbox : own_sandbox };
#ifndef CORDON_INIT
	origin->pid = (int32_t)sys(__NR_getpid);
	origin->tid = (int32_t)sys(__NR_gettid);
#endif
}

void trace_write(int32_t sandbox, const char *what, const struct trace_field *fields, size_t n)
{
	int fd = __atomic_load_n(&place, __ATOMIC_ACQUIRE) - 1;
	struct trace_origin origin;
	char line[TRACE_LINE_MAX];
	uint32_t len;

	if (fd < 0)
		return;
	fill_origin(&origin, sandbox);
	origin.lost = __atomic_exchange_n(&lost, 0, __ATOMIC_RELAXED);
	len = trace_format(line, &origin, what, fields, n);
	if (!has_room(fd) || fd_write_quietly(fd, line, len) < 0)
		(void)__atomic_add_fetch(&lost, origin.lost + 1, __ATOMIC_RELAXED);
}

void trace_start(int fd, int32_t sandbox)
{
	trace_stop();
	own_sandbox = sandbox;
	__atomic_store_n(&lost, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&place, fd + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&trace_on, true, __ATOMIC_RELAXED);
}

void trace_stop(void)
{
	int fd = trace_fd();

	__atomic_store_n(&trace_on, false, __ATOMIC_RELAXED);
	__atomic_store_n(&place, 0, __ATOMIC_RELEASE);
	fd_close(&fd);
}

int trace_fd(void)
{
	return __atomic_load_n(&place, __ATOMIC_ACQUIRE) - 1;
}

/* Without a default: the compiler names a type that is missing here. */
static const char *name_of(enum cordon_msg_type type)
{
	switch (type) {
	case CORDON_MSG_PING:
		return "PING";
	case CORDON_MSG_CONF:
		return "CONF";
	case CORDON_MSG_OPEN:
		return "OPEN";
	case CORDON_MSG_EXECVE:
		return "EXECVE";
	case CORDON_MSG_KILL:
		return "KILL";
	case CORDON_MSG_DELETE:
		return "DELETE";
	case CORDON_MSG_SYMLINK:
		return "SYMLINK";
	case CORDON_MSG_RESET:
		return "RESET";
	case CORDON_MSG_PAUSE:
		return "PAUSE";
	case CORDON_MSG_RESUME:
		return "RESUME";
	case CORDON_MSG_ANSWER:
		return "ANSWER";
	case CORDON_MSG_SIGNAL:
		return "SIGNAL";
	case CORDON_MSG_SIDECAR:
		return "SIDECAR";
	case CORDON_MSG_OK:
		return "OK";
	case CORDON_MSG_ERROR:
		return "ERROR";
	case CORDON_MSG_ITEMS:
		return "ITEMS";
	case CORDON_MSG_FINISHED:
		return "FINISHED";
	case CORDON_MSG_ASK:
		return "ASK";
	case CORDON_MSG_LONG:
		return "LONG";
	}
	return "?";
}

const char *trace_message_name(uint16_t type)
{
	return name_of((enum cordon_msg_type)type);
}

void trace_message_write(int32_t sandbox, const char *what, const struct cordon_msg *head, uint32_t size, uint32_t nfds)
{
	TRACE(sandbox, what, TRACE_WORD(trace_message_name(head->type)), TRACE_INT("id", head->id),
	      TRACE_INT("size", size), TRACE_INT("fds", nfds),
	      TRACE_TEXT("quiet", (head->flags & CORDON_MSG_QUIET) != 0 ? "yes" : "no"));
}

/* detail has no NUL where it is full, and comes from outside: its length is not believed. */
void trace_error_write(int32_t sandbox, const char *what, const struct cordon_error *err)
{
	uint32_t len = err->detail_len < CORDON_ERROR_DETAIL_MAX ? err->detail_len : CORDON_ERROR_DETAIL_MAX;
	char detail[CORDON_ERROR_DETAIL_MAX + 1];

	bytes_copy(detail, err->detail, len);
	detail[len] = '\0';
	TRACE(sandbox, what, TRACE_TEXT("step", cordon_step_name(err->step)), TRACE_INT("errno", err->err),
	      TRACE_INT("index", err->index), TRACE_TEXT("at", error_origin_name(err->origin)),
	      TRACE_TEXT("detail", detail));
}
