/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/limits.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/file.h"
#include "cgroup/version.h"
#include "cordon/command.h"
#include "error/error.h"

#define ALWAYS (CGROUP_BIT(CGROUP_MEMORY) | CGROUP_BIT(CGROUP_PIDS) | CGROUP_BIT(CGROUP_CPU))

/* Controllers that cgroup_limits.want can name. */
#define WANTED (CGROUP_BIT(CGROUP_IO) | CGROUP_BIT(CGROUP_FREEZER))

enum lack { LACK_FALLBACK, LACK_REFUSED };

struct row {
	const char *field;
	size_t offset;
	uint64_t least, most, none;
	enum cgroup_controller controller;
	enum lack lack;
};

static const struct row rows[] = {
#define CORDON_LIMIT(field, ...)
#define CORDON_GROUP_LIMIT(field, name, kind, usual, least, most, none, controller, lack) \
	{ #field, offsetof(struct cgroup_limits, field), least, most, none, CGROUP_##controller, LACK_##lack },
#include "cordon/limits.def"
};

_Static_assert(ARRAY_LEN(rows) == CGROUP_LIMITS, "a row for each limit");

static uint64_t value_of(const struct cgroup_limits *limits, const struct row *row)
{
	uint64_t value;

	memcpy(&value, (const char *)limits + row->offset, sizeof value);
	return value;
}

static bool asks(const struct cgroup_limits *limits, const struct row *row)
{
	return value_of(limits, row) != row->none;
}

static int refuse(struct cordon_error *err, const char *field, const char *value, const char *rule)
{
	int rc = error_refuse(err, CORDON_NO_INDEX, field, value, rule);

	err->step = CORDON_STEP_CGROUP_LIMIT;
	return rc;
}

/* The limit is valid, but cannot be enforced here. */
static int refuse_lacking(struct cordon_error *err, const char *field, const char *value, const char *rule)
{
	int rc = error_refuse(err, CORDON_NO_INDEX, field, value, rule);

	err->err = EOPNOTSUPP;
	return rc;
}

static int check_number(const struct row *row, uint64_t value, const struct cgroup_hierarchies *hierarchies,
			struct cordon_error *err)
{
	const char *lacking = row->lack == LACK_REFUSED ? hierarchies->problem[row->controller] : NULL;
	char number[24];
	int rc;

	if (value < row->least || value > row->most)
		return refuse(err, row->field, u64_text(number, sizeof number, value),
			      "is not within the bounds of cordon/limits.def");
	if (lacking == NULL)
		return 0;
	rc = refuse_lacking(err, row->field, u64_text(number, sizeof number, value), lacking);
	err->step = CORDON_STEP_CGROUP_LIMIT;
	return rc;
}

static int check_cpuset(const struct cpus *cpuset, const struct cgroup_hierarchies *hierarchies,
			struct cordon_error *err)
{
	char list[CPUS_LIST_MAX];
	int rc;

	if (hierarchies->problem[CGROUP_CPUSET] == NULL)
		return 0;
	(void)cpus_list(cpuset, list, sizeof list);
	rc = refuse_lacking(err, "cpuset", list, hierarchies->problem[CGROUP_CPUSET]);
	err->step = CORDON_STEP_CGROUP_LIMIT;
	return rc;
}

int cgroup_limits_check(const struct cgroup_limits *limits, const struct cgroup_hierarchies *hierarchies,
			struct cordon_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows) && rc == 0; i++)
		if (asks(limits, &rows[i]))
			rc = check_number(&rows[i], value_of(limits, &rows[i]), hierarchies, err);
	return rc == 0 && limits->cpuset != NULL ? check_cpuset(limits->cpuset, hierarchies, err) : rc;
}

uint32_t cgroup_limits_needed(const struct cgroup_limits *limits)
{
	uint32_t controllers = limits->cpuset != NULL ? CGROUP_BIT(CGROUP_CPUSET) : 0;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].lack == LACK_REFUSED && asks(limits, &rows[i]))
			controllers |= CGROUP_BIT(rows[i].controller);
	return controllers;
}

uint32_t cgroup_limits_controllers(const struct cgroup_limits *limits)
{
	uint32_t always = limits->spared ? CGROUP_BIT(CGROUP_MEMORY) : ALWAYS;

	return always | (limits->want & WANTED) | cgroup_limits_needed(limits);
}

int cgroup_limits_enforced(const struct cgroup_limits *limits, uint32_t controllers, struct cordon_error *err)
{
	char number[24];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].lack == LACK_REFUSED && asks(limits, &rows[i]) &&
		    (controllers & CGROUP_BIT(rows[i].controller)) == 0)
			return refuse_lacking(err, rows[i].field,
					      u64_text(number, sizeof number, value_of(limits, &rows[i])),
					      "the run has no control group that could enforce it");
	return 0;
}

bool cgroup_limits_same(const struct cgroup_limits *a, const struct cgroup_limits *b)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (value_of(a, &rows[i]) != value_of(b, &rows[i]))
			return false;
	return cgroup_cpuset_same(a->cpuset, b->cpuset);
}

static int write_number(const struct cgroup_hierarchy *h, size_t row, int dirfd, const struct cgroup_limits *limits,
			const struct cgroup_limits *before, struct cordon_error *err)
{
	uint64_t value = value_of(limits, &rows[row]);

	if ((h->controllers & CGROUP_BIT(rows[row].controller)) == 0 || value == value_of(before, &rows[row]))
		return 0;
	return h->ops->limit[row](dirfd, value, err);
}

int cgroup_limits_write(const struct cgroup_hierarchy *h, int dirfd, const struct cgroup_limits *limits,
			const struct cgroup_limits *before, struct cordon_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(rows) && rc == 0; i++)
		rc = write_number(h, i, dirfd, limits, before, err);
	if (rc == 0 && limits->spared && (h->controllers & CGROUP_BIT(CGROUP_MEMORY)) != 0)
		rc = h->ops->spare(dirfd, limits->memory_bytes, err);
	if (rc == 0 && (h->controllers & CGROUP_BIT(CGROUP_CPUSET)) != 0)
		rc = h->ops->limit_cpuset(dirfd, limits->cpuset, before->cpuset, err);
	return rc;
}
