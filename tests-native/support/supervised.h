/* SPDX-License-Identifier: Apache-2.0 */
/* supervised: a sandbox with a supervisor, and one call for each scenario that runs it under each engine. */
#ifndef CORDON_TEST_SUPERVISED_H
#define CORDON_TEST_SUPERVISED_H

#include "sandbox.h"

#define SUPERVISED_RULES_MAX 64
#define ACCESS_RX (CORDON_ACCESS_READ | CORDON_ACCESS_EXEC)
#define ACCESS_RW (CORDON_ACCESS_READ | CORDON_ACCESS_WRITE)

struct supervised {
	struct sandbox s;
	struct cordon_supervisor supervisor;
	struct cordon_path_rule paths[SUPERVISED_RULES_MAX];
	struct cordon_syscall_rule syscalls[SUPERVISED_RULES_MAX];
};

/* A sandbox with a supervisor of this engine and no rules. */
void supervised_init(struct supervised *v, uint32_t engine);

/* What a usual program needs: /usr, /lib..., /programs, /dev, /etc, /proc/self to read and execute, /w and /tmp to
 * write. Sets FILES; the rest is refused with EACCES. */
void supervised_files(struct supervised *v);

void supervised_path(struct supervised *v, const char *path, uint32_t scope, uint32_t access);
struct cordon_syscall_rule *supervised_syscall(struct supervised *v, const char *name, uint32_t decision);

/* The first event of a kind, or NULL. */
const struct cordon_event *event_find(const struct outcome *o, uint32_t kind);

/* Runs body(engine) for NOTIFY and PTRACE. */
#define BOTH_ENGINES(body)                                                                                         \
	static void body##_notify(void)                                                                            \
	{                                                                                                          \
		body(CORDON_ENGINE_NOTIFY);                                                                        \
	}                                                                                                          \
	static void body##_ptrace(void)                                                                            \
	{                                                                                                          \
		body(CORDON_ENGINE_PTRACE);                                                                        \
	}
#define BOTH_SCENARIOS(body) SCENARIO(body##_notify), SCENARIO(body##_ptrace)

#endif
