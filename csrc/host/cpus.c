#include "host/cpus.h"

#include <stdbool.h>
#include <string.h>
#include "base/base.h"
#include "error/error.h"

#define LIST_MAX 255	/* bytes; a longer one comes from no machine */

/* A number below CORDON_CPUS_MAX at *p, which goes behind it. */
static bool take_number(const char **p, uint32_t *ret)
{
	const char *start = *p;
	uint32_t n = 0;

	for (; **p >= '0' && **p <= '9' && n < CORDON_CPUS_MAX; ++*p)
		n = n * 10 + (uint32_t)(**p - '0');
	*ret = n;
	return *p != start && n < CORDON_CPUS_MAX;
}

static bool take_range(const char **p, struct cpus *cpus)
{
	uint32_t first, last;

	if (!take_number(p, &first))
		return false;
	last = first;
	if (**p == '-') {
		++*p;
		if (!take_number(p, &last) || last < first)
			return false;
	}
	for (uint32_t cpu = first; cpu <= last; cpu++)
		cpus->bits[cpu / 64] |= UINT64_C(1) << (cpu % 64);
	if (cpus->words < last / 64 + 1)
		cpus->words = last / 64 + 1;
	return true;
}

int cpus_parse(const char *list, struct cpus *ret, struct cordon_error *err)
{
	const char *p = list;
	bool good;

	if (strlen(list) > LIST_MAX)
		return error_refuse(err, CORDON_NO_INDEX, "cpuset", list, "at most 255 bytes");
	memset(ret, 0, sizeof *ret);
	while ((good = take_range(&p, ret)) && *p == ',')
		p++;
	if (!good || *p != '\0')
		return error_refuse(err, CORDON_NO_INDEX, "cpuset", list, "must be CPUs below 8192 as in 0-1,3");
	return 0;
}

int cpus_parse_own(const char *list, struct cpus *ret, struct cordon_error *err)
{
	uint64_t own[ARRAY_LEN(ret->bits)] = { 0 };
	int rc = cpus_parse(list, ret, err);
	long len;

	if (rc < 0)
		return rc;
	len = sys(__NR_sched_getaffinity, 0, sizeof own, own);
	if (len < 0)
		return error_set(err, (int)-len, CORDON_STEP_AFFINITY, CORDON_NO_INDEX, NULL);
	for (uint32_t i = 0; i < ret->words; i++)
		if ((ret->bits[i] & ~own[i]) != 0)
			return error_refuse(err, CORDON_NO_INDEX, "cpuset", list, "has a CPU that the caller does not");
	return 0;
}
