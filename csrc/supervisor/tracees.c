/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/tracees.h"

#include <linux/wait.h>
#include "base/base.h"
#include "supervisor/target.h"

#define FIELD_PPID 4	/* proc_pid_stat(5) */

static int proc_fd;
static int32_t init_pid;

void tracees_begin(int proc, int32_t init)
{
	proc_fd = proc;
	init_pid = init;
}

/* Whether pid is a tracee; it need not have a report. ECHILD: it is none. */
static bool traced(int32_t pid)
{
	return sys(__NR_waitid, P_PID, pid, NULL, WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL, NULL) == 0;
}

/* Whether pid is a zombie whose parent is init or a tracee. */
static bool zombie_of_ours(int32_t pid)
{
	char buf[STAT_SIZE];
	const char *stat = target_stat(proc_fd, pid, buf);
	int32_t parent;

	if (stat == NULL || !str_starts(stat, "Z "))
		return false;
	parent = (int32_t)target_stat_field(stat, FIELD_PPID);
	return parent == init_pid || traced(parent);
}

/* Asks for the kernel's own list of tracees, which is never out of date: it also has tasks that were killed, renamed by
 * an exec or not seen yet. */
bool tracee_is_ours(int32_t pid)
{
	return pid > 0 && (traced(pid) || zombie_of_ours(pid));
}
