/* SPDX-License-Identifier: Apache-2.0 */
/* kill: ends a run, for a limit or for the host. */
#include "init/init.h"

#include <linux/signal.h>
#include "base/base.h"

void init_run_kill(struct init *init)
{
	const struct supervisor *sv = init->run.supervisor;

	INIT_TRACE("kill", TRACE_INT("pid", init->run.pid), TRACE_INT("supervised", sv != NULL));
	init->run.ending = true;
	/* All processes in the pid namespace except init (kill(2)). A fork in progress either comes before and is
	 * killed, or fails, because its parent has a pending signal. */
	if (!init->no_namespaces)
		(void)sys(__NR_kill, -1, SIGKILL);
	/* Without a pid namespace kill(-1) would reach every process of the caller. The end of the supervisor kills the
	 * program and everything that it has started (PTRACE_O_EXITKILL). */
	else if (sv != NULL && sv->pid > 0)
		(void)sys(__NR_kill, sv->pid, SIGKILL);
}
