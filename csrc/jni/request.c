/* SPDX-License-Identifier: Apache-2.0 */
/* request: decodes requests by the tables of format.c.
 *
 * Runs on the calling Java thread; pure functions. The reader keeps its first fault and returns zeros from then on, so
 * the code reads a request from start to end and checks once.
 * I1  Nothing is read beyond the message, whatever its lengths say. A count is accepted only if that many of the
 *     smallest items fit into the rest, so memory is bounded by the message's size.
 * I2  A string has one NUL, at its end. Strings and bytes are not copied. */
#include "jni/request.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "error/error.h"
#include "jni/format.h"

struct request_block {
	struct request_block *next;
	max_align_t data[];
};

struct reader {
	const unsigned char *next;
	size_t left;
	const char *fault;		/* the first fault, or NULL */
	const char *field;		/* the field that is being read; stays at that of the first fault */
	int32_t index;
	bool no_memory;
	struct request_block *blocks;
};

static void reader_field(struct reader *r, const char *field)
{
	if (r->fault != NULL)
		return;
	r->field = field;
	r->index = CORDON_NO_INDEX;
}

static void reader_item(struct reader *r, uint32_t index)
{
	if (r->fault == NULL)
		r->index = (int32_t)index;
}

static void reader_fault(struct reader *r, const char *fault)
{
	if (r->fault == NULL)
		r->fault = fault;
	r->left = 0;
}

/* The next len bytes, or NULL. */
static const void *read_span(struct reader *r, uint64_t len)
{
	const void *span = r->next;

	if (len > r->left) {
		reader_fault(r, "cut short");
		return NULL;
	}
	r->next += len;
	r->left -= (size_t)len;
	return span;
}

static uint32_t read_u32(struct reader *r)
{
	const void *span = read_span(r, sizeof(uint32_t));
	uint32_t value = 0;

	if (span != NULL)
		memcpy(&value, span, sizeof value);
	return value;
}

static uint64_t read_u64(struct reader *r)
{
	const void *span = read_span(r, sizeof(uint64_t));
	uint64_t value = 0;

	if (span != NULL)
		memcpy(&value, span, sizeof value);
	return value;
}

static const char *read_str_opt(struct reader *r)
{
	uint32_t len = read_u32(r);
	const char *s;

	if (r->fault != NULL || len == REQUEST_ABSENT32)
		return NULL;
	s = read_span(r, (uint64_t)len + 1);
	if (s != NULL && memchr(s, '\0', (size_t)len + 1) != s + len) {
		reader_fault(r, "must hold no NUL and end with one");
		return NULL;
	}
	return s;
}

static const char *read_str(struct reader *r)
{
	const char *s = read_str_opt(r);

	if (s == NULL)
		reader_fault(r, "must not be absent");
	return s;
}

static const void *read_bytes_opt(struct reader *r, uint64_t *ret_len)
{
	uint64_t len = read_u64(r);

	*ret_len = 0;
	if (r->fault != NULL || len == REQUEST_ABSENT64)
		return NULL;
	*ret_len = len;
	return read_span(r, len);
}

/* Begins a list. */
static uint32_t read_count(struct reader *r, size_t least_bytes)
{
	uint32_t n = read_u32(r);

	if (n > r->left / least_bytes) {
		reader_fault(r, "more items than the message has room for");
		return 0;
	}
	return n;
}

/* Zeroed memory that is freed with the request; NULL with no_memory set on failure. */
static void *reader_alloc(struct reader *r, size_t n, size_t size)
{
	struct request_block *block = NULL;

	if (size <= (SIZE_MAX - sizeof *block) / (n + 1))
		block = calloc(1, sizeof *block + n * size);
	if (block == NULL) {
		r->no_memory = true;
		reader_fault(r, "no memory");
		return NULL;
	}
	block->next = r->blocks;
	r->blocks = block;
	return block->data;
}

#define STR_BYTES 5u		/* the smallest str */

/* The member at this offset of a struct. */
static void *member_at(void *to, uint16_t offset)
{
	return (unsigned char *)to + offset;
}

static void put_pointer(void *to, uint16_t offset, const void *p)
{
	memcpy(member_at(to, offset), &p, sizeof p);
}

static void read_numbers(struct reader *r, const struct format_field *f, void *to)
{
	size_t len = format_width(f) * f->more;
	const void *span = read_span(r, len);

	if (span != NULL)
		memcpy(member_at(to, f->offset), span, len);
}

/* Copies the program, because it may be unaligned in the message. */
static void read_program(struct reader *r, const struct format_field *f, void *to)
{
	uint64_t len;
	const void *program = read_bytes_opt(r, &len);
	uint32_t short_len = (uint32_t)len;
	void *copy;

	if (program == NULL)
		return;
	if (len > UINT32_MAX) {
		reader_fault(r, "longer than any program");
		return;
	}
	copy = reader_alloc(r, 1, (size_t)len);
	if (copy == NULL)
		return;
	memcpy(copy, program, (size_t)len);
	put_pointer(to, f->offset, copy);
	memcpy(member_at(to, f->more), &short_len, sizeof short_len);
}

static void read_bytes(struct reader *r, const struct format_field *f, void *to)
{
	uint64_t len;

	put_pointer(to, f->offset, read_bytes_opt(r, &len));
	memcpy(member_at(to, f->more), &len, sizeof len);
}

static const char *const *read_strings(struct reader *r, bool optional)
{
	uint32_t n = read_count(r, STR_BYTES);
	const char **strings = NULL;

	if (r->fault == NULL && (n > 0 || !optional))
		strings = reader_alloc(r, (size_t)n + 1, sizeof *strings);
	for (uint32_t i = 0; strings != NULL && i < n; i++) {
		reader_item(r, i);
		strings[i] = read_str(r);
	}
	return strings;
}

static void read_rows(struct reader *r, const struct format_field *f, void *to)
{
	const void *span;

	if (read_count(r, sizeof(uint64_t)) != f->more)
		reader_fault(r, "not as many as this library's");
	span = read_span(r, f->more * sizeof(uint64_t));
	if (span != NULL)
		memcpy(member_at(to, f->offset), span, f->more * sizeof(uint64_t));
}

/* Reads a field without records. */
static void read_plain(struct reader *r, const struct format_field *f, void *to)
{
	if (format_width(f) > 0)
		read_numbers(r, f, to);
	else if (f->type == FORMAT_STR)
		put_pointer(to, f->offset, read_str(r));
	else if (f->type == FORMAT_STR_OPT)
		put_pointer(to, f->offset, read_str_opt(r));
	else if (f->type == FORMAT_BYTES_OPT)
		read_bytes(r, f, to);
	else if (f->type == FORMAT_PROGRAM)
		read_program(r, f, to);
	else if (f->type == FORMAT_STRINGS || f->type == FORMAT_STRINGS_OPT)
		put_pointer(to, f->offset, read_strings(r, f->type == FORMAT_STRINGS_OPT));
	else if (f->type == FORMAT_ROWS)
		read_rows(r, f, to);
	else
		reader_fault(r, "is no field of a request");
}

/* Allocates the structs for the records of a field, *ret_n of them; NULL if the field has no records, or none were
 * sent. */
static void *place_records(struct reader *r, const struct format_field *f, void *to, uint32_t *ret_n)
{
	const struct format_record *record = &format_records[f->record];
	void *records;

	switch (f->type) {
	case FORMAT_INLINE:
		*ret_n = f->more;
		return member_at(to, f->offset);
	case FORMAT_OPTIONAL:
		*ret_n = read_u32(r);
		if (*ret_n > 1)
			reader_fault(r, "must be 0 or 1");
		break;
	case FORMAT_LIST:
		*ret_n = read_count(r, format_least(record));
		memcpy(member_at(to, f->more), ret_n, sizeof *ret_n);
		break;
	default:
		*ret_n = 0;
		return NULL;
	}
	records = *ret_n == 0 || r->fault != NULL ? NULL : reader_alloc(r, *ret_n, record->size);
	put_pointer(to, f->offset, records);
	return records;
}

static void read_records(struct reader *r, enum format_record_number number, void *to, uint32_t n)
{
	const struct format_record *record = &format_records[number];

	for (uint32_t i = 0; i < n; i++, to = (unsigned char *)to + record->size) {
		if (record->level == FORMAT_ITEM)
			reader_item(r, i);
		for (const struct format_field *f = record->fields; f < record->fields + record->nfields; f++) {
			uint32_t inner = 0;
			void *records;

			if (record->level == FORMAT_BLOCK)
				reader_field(r, f->name);
			records = place_records(r, f, to, &inner);
			if (records != NULL)
				read_records(r, (enum format_record_number)f->record, records, inner);
			else if (f->record == 0)
				read_plain(r, f, to);
		}
	}
}

static void blocks_free(struct request_block *block)
{
	while (block != NULL) {
		struct request_block *next = block->next;

		free(block);
		block = next;
	}
}

static int reader_error(const struct reader *r, struct cordon_error *err)
{
	if (r->no_memory)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	return error_refuse(err, r->index, "request", r->field, r->fault);
}

int request_decode(const void *message, size_t len, uint32_t parts, struct request *ret_request,
		   struct cordon_error *err)
{
	struct reader r = { .next = message, .left = len };
	struct request request = { .blocks = NULL };

	reader_field(&r, "version");
	if (read_u32(&r) != REQUEST_VERSION)
		reader_fault(&r, "not this library's");
	if ((parts & REQUEST_CONFIG) != 0)
		read_records(&r, RECORD_CONFIG, &request.config, 1);
	if ((parts & REQUEST_COMMAND) != 0)
		read_records(&r, RECORD_COMMAND, &request.command, 1);
	if ((parts & REQUEST_FILES) != 0)
		read_records(&r, RECORD_FILES, &request, 1);
	if ((parts & REQUEST_POLICY) != 0)
		read_records(&r, RECORD_POLICY, &request, 1);
	reader_field(&r, "end");
	if (r.left != 0)
		reader_fault(&r, "trailing bytes");
	if (r.fault != NULL) {
		blocks_free(r.blocks);
		return reader_error(&r, err);
	}
	request.blocks = r.blocks;
	*ret_request = request;
	return 0;
}

void request_done(struct request *request)
{
	blocks_free(request->blocks);
	request->blocks = NULL;
}
