/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/tables.h"

#include "base/base.h"
#include "cordon/cordon.h"
#include "jni/format.h"

static const char *step_name(uint32_t step)
{
	return step < CORDON_STEP_COUNT ? cordon_step_name(step) : NULL;
}

int tables_name(uint32_t table, uint32_t number, char *buf, size_t size)
{
	static const char *(*const names[])(uint32_t) = {
		[NAMES_STEP] = step_name,
		[NAMES_STATUS] = cordon_status_name,
		[NAMES_CAUSE] = cordon_cause_name,
		[NAMES_SOURCE] = cordon_source_name,
		[NAMES_LAYER] = cordon_layer_name,
		[NAMES_KERNEL_FEATURE] = cordon_kernel_feature_name,
		[NAMES_EVENT_KIND] = cordon_event_kind_name,
		[NAMES_LIMIT] = cordon_limit_name,
		[NAMES_RESULT] = cordon_result_name,
	};
	const char *name = NULL;
	size_t len;

	if (table == NAMES_FORMAT) {
		len = format_describe(number, buf, size);
		return len > 0 ? (int)len : -1;
	}
	if (table < ARRAY_LEN(names))
		name = names[table](number);
	return name != NULL && str_concat(buf, size, name, "", "") ? (int)str_len(name) : -1;
}

static int64_t limit_number(uint32_t table, const struct cordon_limit *limit)
{
	const uint64_t columns[] = {
		[NUMBERS_LIMIT_KIND] = limit->kind,
		[NUMBERS_LIMIT_USUAL] = limit->usual,
		[NUMBERS_LIMIT_LEAST] = limit->least,
		[NUMBERS_LIMIT_MOST] = limit->most,
		[NUMBERS_LIMIT_NONE] = limit->none,
	};

	return (int64_t)columns[table];
}

int64_t tables_number(uint32_t table, uint32_t number)
{
	if (table <= NUMBERS_LIMIT_NONE && cordon_limit(number) != NULL)
		return limit_number(table, cordon_limit(number));
	if (table == NUMBERS_FORMAT_SIZE && number < FORMAT_RECORDS)
		return (int64_t)format_size(number);
	if (table == NUMBERS_REQUEST_VERSION && number == 0)
		return REQUEST_VERSION;
	return TABLES_NONE;
}
