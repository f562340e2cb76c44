/* SPDX-License-Identifier: Apache-2.0 */
#include "host/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/base.h"
#include "error/error.h"

const struct cordon_limits limits_usual = {
#define CORDON_LIMIT(field, name, kind, usual, least, most, none) .field = usual,
#include "cordon/limits.def"
};

const struct cordon_limits limits_none = {
#define CORDON_LIMIT(field, name, kind, usual, least, most, none) .field = none,
#include "cordon/limits.def"
};

static const struct cordon_limit rows[] = {
#define CORDON_LIMIT(field, name, kind, usual, least, most, none) \
	{ #field, name, CORDON_LIMIT_##kind, 0, usual, least, most, none },
#include "cordon/limits.def"
};

const struct cordon_limit *cordon_limit(uint32_t number)
{
	return number < ARRAY_LEN(rows) ? &rows[number] : NULL;
}

const char *cordon_limit_name(uint32_t number)
{
	return number < ARRAY_LEN(rows) ? rows[number].name : NULL;
}

static int refuse(const struct cordon_limit *row, uint64_t value, struct cordon_error *err)
{
	const char *unit = row->kind == CORDON_LIMIT_RATE ? " thousandths of a CPU" : "";
	char number[24], rule[96];

	if (row->most != CORDON_LIMIT_MAX)
		(void)snprintf(rule, sizeof rule, "must be %" PRIu64 " to %" PRIu64 "%s, or unlimited", row->least,
			       row->most, unit);
	else if (value < row->least)
		(void)snprintf(rule, sizeof rule, "must be at least %" PRIu64 ", or unlimited", row->least);
	else	/* a negative number, converted to unsigned */
		(void)snprintf(rule, sizeof rule, "must fit 63 bits, or be unlimited");
	return error_refuse(err, CORDON_NO_INDEX, row->field, u64_text(number, sizeof number, value), rule);
}

int limits_check(const struct cordon_limits *limits, struct cordon_error *err)
{
	uint64_t values[ARRAY_LEN(rows)];

	_Static_assert(sizeof values == sizeof *limits, "a row for each member, in their order");
	memcpy(values, limits, sizeof values);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (values[i] != CORDON_UNLIMITED && (values[i] < rows[i].least || values[i] > rows[i].most))
			return refuse(&rows[i], values[i], err);
	return 0;
}

struct cordon_limits limits_settle(const struct cordon_limits *limits)
{
	return (struct cordon_limits){
#define CORDON_LIMIT(field, name, kind, usual, least, most, none) \
		.field = limits->field != CORDON_UNLIMITED ? limits->field : none,
#include "cordon/limits.def"
	};
}
