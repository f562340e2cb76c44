/* SPDX-License-Identifier: Apache-2.0 */
#include "cpus/cpus.h"

#include "base/base.h"

/* Parses a number below CORDON_CPUS_MAX at *p, and moves *p behind it. */
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

bool cpus_parse(const char *text, struct cpus *ret)
{
	const char *p = text;
	bool good;

	*ret = (struct cpus){ .words = 0 };
	while ((good = take_range(&p, ret)) && *p == ',')
		p++;
	return good && *p == '\0';
}

static bool has(const struct cpus *cpus, uint32_t cpu)
{
	return cpu < CORDON_CPUS_MAX && (cpus->bits[cpu / 64] >> (cpu % 64) & 1) != 0;
}

/* Appends one range at buf + *used. */
static bool put_range(char *buf, size_t size, size_t *used, uint32_t first, uint32_t last)
{
	char numbers[2][24], range[64];
	const char *end = first == last ? "" : u64_text(numbers[1], sizeof numbers[1], last);

	(void)str_concat(range, sizeof range, *used > 0 ? "," : "", u64_text(numbers[0], sizeof numbers[0], first),
			 first == last ? "" : "-");
	if (!str_concat(buf + *used, size - *used, range, end, ""))
		return false;
	*used += str_len(buf + *used);
	return true;
}

bool cpus_list(const struct cpus *cpus, char *buf, size_t size)
{
	size_t used = 0;

	for (uint32_t cpu = 0; cpu < cpus->words * 64; cpu++) {
		uint32_t first = cpu;

		if (!has(cpus, cpu))
			continue;
		while (has(cpus, cpu + 1))
			cpu++;
		if (!put_range(buf, size, &used, first, cpu))
			return false;
	}
	return used > 0;
}

bool cpus_within(const struct cpus *a, const struct cpus *b)
{
	for (uint32_t i = 0; i < a->words; i++)
		if ((a->bits[i] & ~b->bits[i]) != 0)
			return false;
	return true;
}

bool cpus_same(const struct cpus *a, const struct cpus *b)
{
	return cpus_within(a, b) && cpus_within(b, a);
}
