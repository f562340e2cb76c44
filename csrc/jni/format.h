/* SPDX-License-Identifier: Apache-2.0 */
/* format: the requests and replies between Java and this library, field by field.
 *
 * The tables in format.c are their only definition. request.c decodes and reply.c encodes by them, and format_describe
 * returns each record as text, which a test in Java uses to read what RunCodec writes. Java and the library are built
 * together. Numbers are native-endian and unaligned; fields follow each other without padding:
 *
 *   u8 u16 u32 i32 u64   a number; with [N] as in u64[6], N numbers
 *   char[N]              N bytes
 *   str                  u32 length (without NUL), the bytes, one NUL byte; str? may be absent: length 0xFFFFFFFF and
 *                        nothing else
 *   bytes?               u64 length, the bytes; length 0xFFFFFFFFFFFFFFFF = absent
 *   T[]                  u32 n, then n times T
 *   T?                   u32 0, or u32 1 and T
 *   T[N]                 N times T
 *   T[][2]               u32 n, then n times T, and again n times T
 *
 * A request is u32 REQUEST_VERSION, then the records that its native needs, in the order of enum request_part. A reply
 * is an error; if its step is 0, the record follows. */
#ifndef CORDON_JNI_FORMAT_H
#define CORDON_JNI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/error.h"

#define REQUEST_VERSION 9u
#define REQUEST_ABSENT32 UINT32_MAX
#define REQUEST_ABSENT64 UINT64_MAX

enum format_type {
	/* Numbers, and arrays of bytes. */
	FORMAT_U8,
	FORMAT_U16,
	FORMAT_U32,
	FORMAT_I32,
	FORMAT_U64,
	FORMAT_CHARS,
	FORMAT_FLAG,		/* a uint8_t, sent as u32 */
	FORMAT_POINTER,		/* a handle, sent as u64 */

	/* Strings and bytes. */
	FORMAT_STR,		/* char * */
	FORMAT_STR_OPT,		/* char *, NULL = absent */
	FORMAT_TEXT,		/* char[], sent as str */
	FORMAT_BYTES_OPT,	/* void *, NULL = absent, and a uint64_t with the length */
	FORMAT_PROGRAM,		/* the same, but copied to aligned memory, and with a uint32_t length */
	FORMAT_STRINGS,		/* char **, NULL-terminated */
	FORMAT_STRINGS_OPT,	/* the same; NULL if there are none */
	FORMAT_TEXTS,		/* char *[], and a uint32_t with their number */

	/* Records. */
	FORMAT_LIST,		/* struct *, and a uint32_t with their number */
	FORMAT_OPTIONAL,	/* struct *, NULL = absent */
	FORMAT_INLINE,		/* struct[] */
	FORMAT_ROWS,		/* a struct that has one uint64_t for each row of a .def */

	/* Parts of a result that have a form of their own: reply.c. */
	FORMAT_NUMBERS,
	FORMAT_VIOLATION,
	FORMAT_EVENTS,
	FORMAT_COUNTS,
};

enum format_record_number {
	RECORD_CONFIG,
	RECORD_COMMAND,
	RECORD_FILES,
	RECORD_POLICY,
	RECORD_RESULT,
	RECORD_QUESTION,
	RECORD_FEATURES,
	RECORD_FILE_REPLY,
	RECORD_ERROR,
	RECORD_EVENT,
	RECORD_MOUNT,
	RECORD_STDIO,
	RECORD_FD,
	RECORD_RLIMIT,
	RECORD_COPY_IN,
	RECORD_COPY_OUT,
	RECORD_SUPERVISOR,
	RECORD_PATH,
	RECORD_SYSCALL,
	RECORD_PORT,
	RECORD_FILE,
	RECORD_RULE,
	RECORD_ARG,
	RECORD_OUTPUT,
	RECORD_COPIED,
	RECORD_COPIED_FILE,
	RECORD_CONTROLLER,
	RECORD_LISTING,
	RECORD_ENTRY,
	FORMAT_RECORDS
};

/* How an error in a record names its place. */
enum format_level {
	FORMAT_BLOCK,		/* by the name of its field */
	FORMAT_ITEM,		/* by the name of the list, and the index in it */
	FORMAT_PART,		/* as the item that it is in */
};

struct format_field {
	uint8_t type;		/* enum format_type */
	uint8_t record;		/* for lists, options and arrays: enum format_record_number */
	uint16_t offset;	/* in the struct */
	uint16_t more;		/* the count; or the offset of the length or count */
	char name[24];
};

struct format_record {
	char name[16];
	uint8_t level;		/* enum format_level */
	uint8_t nfields;
	uint16_t size;		/* of the struct */
	const struct format_field *fields;
};

/* By enum format_record_number. */
extern const struct format_record format_records[FORMAT_RECORDS];

/* The bytes of a field's number in the message; 0 if it has none. */
size_t format_width(const struct format_field *field);

/* The smallest size of a record, in bytes. */
size_t format_least(const struct format_record *record);

/* The size of a record (enum format_record_number) in bytes; 0 if it varies. */
size_t format_size(uint32_t number);

/* Describes a record in buf: "mount: u32 type, u32 flags, str? source ...". The length of the text; 0 if there is no
 * such record, or it does not fit. */
size_t format_describe(uint32_t number, char *buf, size_t size);

#endif
