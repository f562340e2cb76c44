/* SPDX-License-Identifier: Apache-2.0 */
/* Every limit's row is consistent, and values just outside its bounds are refused. */
#include <errno.h>
#include <stdbool.h>

#include "cordon/command.h"
#include "cordon/error.h"
#include "host/limits.h"
#include "test.h"

static uint64_t *value_at(struct cordon_limits *limits, uint32_t number)
{
	return (uint64_t *)(void *)limits + number;
}

static void check_taken(uint32_t number, uint64_t value)
{
	struct cordon_limits limits = limits_usual;
	struct cordon_error err;

	*value_at(&limits, number) = value;
	if (limits_check(&limits, &err) < 0)
		TEST_FAIL("%.*s", (int)err.detail_len, err.detail);
}

static void check_refused(uint32_t number, uint64_t value, const char *rule)
{
	struct cordon_limits limits = limits_usual;
	struct cordon_error err = { 0 };
	char expected[112];

	*value_at(&limits, number) = value;
	CHECK_EQ(limits_check(&limits, &err), -EINVAL);
	CHECK_EQ(err.step, CORDON_STEP_VALIDATE);
	CHECK_EQ(err.err, 0);
	snprintf(expected, sizeof expected, "%s: %" PRIu64 ": %s", cordon_limit(number)->field, value, rule);
	if (err.detail_len != strlen(expected) || memcmp(err.detail, expected, err.detail_len) != 0)
		TEST_FAIL("\"%.*s\", not \"%s\"", (int)err.detail_len, err.detail, expected);
}

static void check_bounds(uint32_t number, const struct cordon_limit *row)
{
	char rule[96];

	check_taken(number, row->least);
	check_taken(number, row->most);
	check_taken(number, CORDON_UNLIMITED);
	if (row->most == CORDON_LIMIT_MAX) {
		check_refused(number, row->most + 1, "must fit 63 bits, or be unlimited");
		snprintf(rule, sizeof rule, "must be at least %" PRIu64 ", or unlimited", row->least);
	} else {
		snprintf(rule, sizeof rule, "must be %" PRIu64 " to %" PRIu64 "%s, or unlimited", row->least, row->most,
			 row->kind == CORDON_LIMIT_RATE ? " thousandths of a CPU" : "");
		check_refused(number, row->most + 1, rule);
	}
	if (row->least > 0)
		check_refused(number, row->least - 1, rule);
}

static bool is_taken(const struct cordon_limit *row, uint64_t value)
{
	return value == CORDON_UNLIMITED || (value >= row->least && value <= row->most);
}

static void check_row(uint32_t number, const struct cordon_limit *row)
{
	struct cordon_limits unlimited, settled, none = limits_none;

	CHECK(row->least <= row->most && row->kind < CORDON_LIMIT_KIND_COUNT);
	CHECK(is_taken(row, row->usual) && is_taken(row, row->none));
	CHECK_STR(cordon_limit_name(number), row->name);
	for (uint32_t other = 0; other < number; other++)
		CHECK(strcmp(cordon_limit_name(other), row->name) != 0);
	memset(&unlimited, 0xff, sizeof unlimited);
	settled = limits_settle(&unlimited);
	CHECK(*value_at(&settled, number) == row->none && *value_at(&none, number) == row->none);
	settled = limits_settle(&limits_usual);
	CHECK_EQ(*value_at(&settled, number), row->usual != CORDON_UNLIMITED ? row->usual : row->none);
}

int main(void)
{
	uint32_t n = 0;

	for (const struct cordon_limit *row; (row = cordon_limit(n)) != NULL; n++) {
		int before = test_failures;

		check_row(n, row);
		check_bounds(n, row);
		if (test_failures != before)
			TEST_FAIL("limit %s", row->field);
	}
	CHECK_EQ(n, sizeof(struct cordon_limits) / sizeof(uint64_t));
	CHECK(cordon_limit(UINT32_MAX) == NULL && cordon_limit_name(n) == NULL);
	return TEST_RESULT();
}
