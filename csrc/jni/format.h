/* SPDX-License-Identifier: Apache-2.0 */
/* format: what Java and this library say to each other, field by field.
 *
 * The tables in format.c are the only definition of the requests that Java writes and of the replies that it reads.
 * request.c decodes and reply.c encodes by them, and format_describe gives each record as text, by which a test in Java
 * reads what RunCodec writes. Java and the library are built together. Numbers are native-endian and unaligned; the
 * fields stand one after the other without padding:
 *   u8 u16 u32 i32 u64   a number, or so many in a row: u64[6]
 *   char[N]              so many bytes
 *   str                  u32 length (without NUL), the bytes, one NUL byte; str? may be absent: length 0xFFFFFFFF and
 *                        nothing else
 *   bytes?               u64 length, the bytes; or length 0xFFFFFFFFFFFFFFFF where they are absent
 *   T[]                  u32 n, then n times T
 *   T?                   u32 0, or u32 1 and T
 *   T[N]                 N times T
 *   T[][2]               u32 n, then n times T, and again n times T
 *
 * A request is u32 REQUEST_VERSION, then the records that its native wants, in the order of enum request_part.
 * A reply is an error; where its step is 0, the record follows. */
#ifndef CORDON_JNI_FORMAT_H
#define CORDON_JNI_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "cordon/error.h"

#define REQUEST_VERSION 7u
#define REQUEST_ABSENT32 UINT32_MAX
#define REQUEST_ABSENT64 UINT64_MAX

enum format_type {
	/* Numbers, and bytes in a row. */
	FORMAT_U8,
	FORMAT_U16,
	FORMAT_U32,
	FORMAT_I32,
	FORMAT_U64,
	FORMAT_CHARS,
	FORMAT_FLAG,		/* a uint8_t that travels as u32 */
	FORMAT_POINTER,		/* a handle, that travels as u64 */

	/* Strings and bytes. */
	FORMAT_STR,		/* char * */
	FORMAT_STR_OPT,		/* char *, NULL = absent */
	FORMAT_TEXT,		/* char[], that travels as str */
	FORMAT_BYTES_OPT,	/* void *, NULL = absent, and a uint64_t with the length */
	FORMAT_PROGRAM,		/* the same, but aligned, and the length is a uint32_t */
	FORMAT_STRINGS,		/* char **, NULL-terminated */
	FORMAT_STRINGS_OPT,	/* the same; NULL where there is none */
	FORMAT_TEXTS,		/* char *[], and a uint32_t with the number */

	/* Records. */
	FORMAT_LIST,		/* struct *, and a uint32_t with the number */
	FORMAT_OPTIONAL,	/* struct *, NULL = absent */
	FORMAT_INLINE,		/* struct[] */
	FORMAT_ROWS,		/* a struct of nothing but uint64_t, one for each row of a .def */

	/* What a result has in a form of its own: reply.c. */
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
	RECORD_CONTROLLER,
	FORMAT_RECORDS
};

/* How an error in a record is told. */
enum format_level {
	FORMAT_BLOCK,		/* by the name of its field */
	FORMAT_ITEM,		/* by the name of the list, and the index in it */
	FORMAT_PART,		/* as the item that it is in */
};

struct format_field {
	uint8_t type;		/* enum format_type */
	uint8_t record;		/* of a list and the like: enum format_record_number */
	uint16_t offset;	/* in the struct */
	uint16_t more;		/* how many; or where in the struct the length or number is */
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

/* Bytes of a field's number as it travels; 0 where it holds none. */
size_t format_width(const struct format_field *field);

/* The least that a record takes. */
size_t format_least(const struct format_record *record);

/* What the record of this number (enum format_record_number) takes; 0 where that varies. */
size_t format_size(uint32_t number);

/* "mount: u32 type, u32 flags, str? source ...": the record of this number as text in buf. Its length; 0 where there is
 * none, or where it does not fit. */
size_t format_describe(uint32_t number, char *buf, size_t size);

#endif
