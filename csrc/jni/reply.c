/* SPDX-License-Identifier: Apache-2.0 */
/* reply: encodes replies by the tables of format.c. Runs on the calling Java thread; pure functions. */
#include "jni/reply.h"

#include <stdbool.h>
#include <string.h>
#include "base/base.h"
#include "jni/format.h"

/* Counts all bytes, stores those that fit. */
struct writer {
	unsigned char *buf;
	uint64_t size, used;
};

static void write_span(struct writer *w, const void *data, uint64_t len)
{
	if (len > 0 && w->used <= w->size && len <= w->size - w->used)
		memcpy(w->buf + w->used, data, (size_t)len);
	w->used += len;
}

static void write_u32(struct writer *w, uint32_t value)
{
	write_span(w, &value, sizeof value);
}

static void write_u64(struct writer *w, uint64_t value)
{
	write_span(w, &value, sizeof value);
}

static void write_str(struct writer *w, const char *s)
{
	size_t len = str_len(s);

	write_u32(w, (uint32_t)len);
	write_span(w, s, len + 1);
}

static void write_bytes_opt(struct writer *w, const void *data, uint64_t len)
{
	if (data == NULL) {
		write_u64(w, REQUEST_ABSENT64);
		return;
	}
	write_u64(w, len);
	write_span(w, data, len);
}

/* ---- members of structs ---- */

static const void *member_at(const void *from, uint16_t offset)
{
	return (const unsigned char *)from + offset;
}

static const void *pointer_at(const void *from, uint16_t offset)
{
	const void *p;

	memcpy(&p, member_at(from, offset), sizeof p);
	return p;
}

static uint32_t u32_at(const void *from, uint16_t offset)
{
	uint32_t value;

	memcpy(&value, member_at(from, offset), sizeof value);
	return value;
}

static uint64_t u64_at(const void *from, uint16_t offset)
{
	uint64_t value;

	memcpy(&value, member_at(from, offset), sizeof value);
	return value;
}

/* ---- parts of a result that have a form of their own ---- */

static void write_numbers(struct writer *w, const struct cordon_result *result)
{
	const int64_t numbers[] = {
#define CORDON_NUMBER(type, field, name) (int64_t)result->field,
#include "cordon/result.def"
	};

	write_u32(w, ARRAY_LEN(numbers));
	write_span(w, numbers, sizeof numbers);
}

/* The index of the violation among the events sent. */
static uint32_t violation_index(const struct cordon_result *result)
{
	uint32_t i = 0;

	while (i < result->nevents && &result->events[i] != result->violation)
		i++;
	return i;
}

static void write_violation(struct writer *w, const struct cordon_result *result)
{
	int32_t index = result->violation != NULL ? (int32_t)violation_index(result) : -1;

	write_span(w, &index, sizeof index);
}

/* The violation is always sent, even if it came after all events that were kept. */
static void write_events(struct writer *w, const struct cordon_result *result)
{
	bool more = result->violation != NULL && violation_index(result) == result->nevents;

	write_u32(w, result->nevents + more);
	write_span(w, result->events, (uint64_t)result->nevents * sizeof *result->events);
	if (more)
		write_span(w, result->violation, sizeof *result->violation);
}

/* NULL: calls were not counted. */
static void write_counts(struct writer *w, const struct cordon_result *result)
{
	const uint64_t *const both[] = { result->counts, result->setup_counts };

	write_u32(w, result->ncounts);
	for (size_t i = 0; i < ARRAY_LEN(both); i++)
		for (uint32_t nr = 0; nr < result->ncounts; nr++)
			write_u64(w, both[i] != NULL ? both[i][nr] : 0);
}

/* ---- by the tables ---- */

static void write_texts(struct writer *w, const char *const *texts, uint32_t n)
{
	write_u32(w, n);
	for (uint32_t i = 0; i < n; i++)
		write_str(w, texts[i]);
}

/* Writes a field without records; false if it has records. */
static bool write_plain(struct writer *w, const struct format_field *f, const void *from)
{
	const void *member = member_at(from, f->offset);

	if (f->type == FORMAT_VIOLATION)
		write_violation(w, from);
	else if (f->type == FORMAT_FLAG)
		write_u32(w, *(const uint8_t *)member);
	else if (format_width(f) > 0)
		write_span(w, member, format_width(f) * f->more);
	else if (f->type == FORMAT_STR)
		write_str(w, pointer_at(from, f->offset));
	else if (f->type == FORMAT_TEXT)
		write_str(w, member);
	else if (f->type == FORMAT_TEXTS)
		write_texts(w, member, u32_at(from, f->more));
	else if (f->type == FORMAT_BYTES_OPT)
		write_bytes_opt(w, pointer_at(from, f->offset), u64_at(from, f->more));
	else if (f->type == FORMAT_NUMBERS)
		write_numbers(w, from);
	else if (f->type == FORMAT_EVENTS)
		write_events(w, from);
	else if (f->type == FORMAT_COUNTS)
		write_counts(w, from);
	else
		return false;
	return true;
}

static void write_records(struct writer *w, enum format_record_number number, const void *from, uint32_t n)
{
	const struct format_record *record = &format_records[number];

	for (uint32_t i = 0; i < n; i++, from = (const unsigned char *)from + record->size)
		for (const struct format_field *f = record->fields; f < record->fields + record->nfields; f++) {
			const void *inner = member_at(from, f->offset);
			uint32_t count = f->more;

			if (write_plain(w, f, from))
				continue;
			if (f->type == FORMAT_LIST) {
				inner = pointer_at(from, f->offset);
				count = u32_at(from, f->more);
				write_u32(w, count);
			}
			write_records(w, (enum format_record_number)f->record, inner, count);
		}
}

/* Writes err, and if it is none the record. */
static uint64_t encode(const struct cordon_error *err, enum format_record_number number, const void *from, void *buf,
		       uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_records(&w, RECORD_ERROR, err, 1);
	if (err->step == CORDON_STEP_NONE)
		write_records(&w, number, from, 1);
	return w.used;
}

uint64_t reply_encode(const struct cordon_error *err, const struct cordon_result *result, void *buf, uint64_t size)
{
	return encode(err, RECORD_RESULT, result, buf, size);
}

uint64_t features_encode(const struct cordon_error *err, const struct cordon_features *features, void *buf,
			 uint64_t size)
{
	return encode(err, RECORD_FEATURES, features, buf, size);
}

uint64_t listing_encode(const struct cordon_error *err, const struct cordon_listing *listing, void *buf, uint64_t size)
{
	return encode(err, RECORD_LISTING, listing, buf, size);
}

uint64_t question_encode(const struct cordon_question *question, void *buf, uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_records(&w, RECORD_QUESTION, question, 1);
	return w.used;
}

uint64_t files_encode(const struct cordon_error *err, const int *fds, const struct cordon_error *errors, uint32_t n,
		      void *buf, uint64_t size)
{
	struct writer w = { .buf = buf, .size = size };

	write_records(&w, RECORD_ERROR, err, 1);
	for (uint32_t i = 0; err->step == CORDON_STEP_NONE && i < n; i++) {
		const struct file_reply file = { .fd = fds != NULL ? fds[i] : -1, .error = errors[i] };

		write_records(&w, RECORD_FILE_REPLY, &file, 1);
	}
	return w.used;
}
