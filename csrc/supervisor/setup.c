/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/setup.h"

#include "base/base.h"
#include "supervisor/target.h"

/* Whether the thread still has the memory of init and the supervisor, that is, has not executed. init sets executed
 * only when it runs again, so until then this looks: a value written here is read through tid. The program cannot know
 * the value. */
static bool has_our_memory(int32_t tid)
{
	static uint64_t mark, seen;

	if (sys(__NR_getrandom, &mark, sizeof mark, 0) != sizeof mark)
		return false;
	seen = ~mark;
	return target_read(tid, (uint64_t)(uintptr_t)&mark, &seen, sizeof seen) == 0 && seen == mark;
}

bool setup_has_call(const struct supervisor *sv, const struct stop *s)
{
	if (s->tid != sv->main_tid || __atomic_load_n(&sv->executed, __ATOMIC_ACQUIRE) != 0)
		return false;
	switch (s->nr) {
	case __NR_seccomp:
	case __NR_nanosleep:
	case __NR_exit_group:
	case __NR_execve:
	case __NR_execveat:
		return has_our_memory(s->tid);
	default:
		return false;
	}
}
