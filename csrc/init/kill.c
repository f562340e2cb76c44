/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run that init or the host has decided. */
#include "init/init.h"

#include <linux/signal.h>
#include "base/base.h"

void init_run_kill(struct init *init)
{
	const struct supervisor *sv = init->run.supervisor;

	INIT_TRACE("kill", TRACE_INT("pid", init->run.pid), TRACE_INT("supervised", sv != NULL));
	init->run.ending = true;
	/* Everything in the pid namespace but init itself (kill(2)). A fork in progress either comes before and is
	 * killed, or fails, because its parent has a signal pending. */
	if (!init->no_namespaces)
		(void)sys(__NR_kill, -1, SIGKILL);
	/* There it would be every process of the caller's. The end of the supervisor kills the program and all that
	 * it has started (PTRACE_O_EXITKILL). */
	else if (sv != NULL && sv->pid > 0)
		(void)sys(__NR_kill, sv->pid, SIGKILL);
}
