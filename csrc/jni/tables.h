/* SPDX-License-Identifier: Apache-2.0 */
/* tables: names and numbers of this library that Java has as constants, for tests that compare them. */
#ifndef CORDON_JNI_TABLES_H
#define CORDON_JNI_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* Natives.NAMES_*: the tables of names. */
enum name_table {
	NAMES_STEP = 0,
	NAMES_STATUS = 1,
	NAMES_CAUSE = 2,
	NAMES_SOURCE = 3,
	NAMES_LAYER = 4,
	NAMES_KERNEL_FEATURE = 5,
	NAMES_EVENT_KIND = 6,
	NAMES_LIMIT = 7,
	NAMES_RESULT = 8,		/* its numbers */
	NAMES_FORMAT = 9,		/* a record as text: format_describe */
};

/* Natives.NUMBERS_*: the tables of numbers. */
enum number_table {
	NUMBERS_LIMIT_KIND = 0,		/* the columns of a limit */
	NUMBERS_LIMIT_USUAL = 1,
	NUMBERS_LIMIT_LEAST = 2,
	NUMBERS_LIMIT_MOST = 3,
	NUMBERS_LIMIT_NONE = 4,
	NUMBERS_FORMAT_SIZE = 5,	/* the size of a record in bytes, 0 if it varies */
	NUMBERS_REQUEST_VERSION = 6,	/* one number */
};

#define TABLES_NONE INT64_MIN	/* there is no such number */

/* Writes the name to buf, NUL-terminated. Its length; -1 if there is none, or it does not fit. */
int tables_name(uint32_t table, uint32_t number, char *buf, size_t size);

/* The number, or TABLES_NONE. 64-bit numbers are unsigned. */
int64_t tables_number(uint32_t table, uint32_t number);

#endif
