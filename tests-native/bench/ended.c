/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/ended.h"

#include "bench/measure.h"

void die_of(const struct cordon_error *err)
{
	char text[512];

	measure_die(cordon_error_describe(err, text, sizeof text), 0);
}

const struct cordon_result *ended_well(struct cordon_run *run)
{
	const struct cordon_result *result;
	struct cordon_error err;

	if (cordon_run_result(run, &result, &err) != 0)
		die_of(&err);
	if (result->status != CORDON_STATUS_OK)
		measure_die(cordon_status_name(result->status), 0);
	return result;
}
