/* SPDX-License-Identifier: Apache-2.0 */
/* restrict: restricts a process of a test by the Landlock ruleset of path rules. */
#ifndef CORDON_TEST_RESTRICT_H
#define CORDON_TEST_RESTRICT_H

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cordon/protocol.h"
#include "supervisor/landlock.h"
#include "test.h"

#define R CORDON_ACCESS_READ
#define W CORDON_ACCESS_WRITE
#define X CORDON_ACCESS_EXEC
#define S CORDON_ACCESS_STAT
#define TREE CORDON_PATH_TREE
#define ENTRIES CORDON_PATH_ENTRIES
#define ONLY CORDON_PATH_ONLY

static inline const char *restrict_path_of(void *arg, uint32_t i)
{
	return ((const struct cordon_path_rule *)arg)[i].path;
}

/* As landlock_ruleset. */
static inline int restrict_ruleset(const struct cordon_path_rule *rules, uint32_t len, struct cordon_error *err)
{
	static struct cordon_supervision_path paths[CORDON_SUPERVISION_PATHS_MAX];

	REQUIRE(len <= CORDON_SUPERVISION_PATHS_MAX);
	for (uint32_t i = 0; i < len; i++)
		paths[i] = (struct cordon_supervision_path){ .scope = rules[i].scope, .access = rules[i].access };
	return landlock_ruleset(&(struct landlock_orders){ .files = true, .paths = paths, .npaths = len,
							   .path_of = restrict_path_of, .arg = (void *)rules }, err);
}

/* Ends the process where it can't: nothing may go on unrestricted. */
static inline void restrict_self(const struct cordon_path_rule *rules, uint32_t len)
{
	struct cordon_error err;
	char text[512];
	int fd = restrict_ruleset(rules, len, &err);

	if (fd < 0) {
		TEST_FAIL("no ruleset: %s", cordon_error_describe(&err, text, sizeof text));
		_exit(1);
	}
	REQUIRE(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	REQUIRE(syscall(__NR_landlock_restrict_self, fd, 0) == 0);
	close(fd);
}

#endif
