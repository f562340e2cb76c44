/* SPDX-License-Identifier: Apache-2.0 */
/* The library's child sets no ids: it shares the JVM's memory, and with it the JVM's dumpable flag. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "base/base.h"
#include "forkexec/forkexec.h"
#include "test.h"

static const char *const paths[] = { "/bin/true", "/usr/bin/true", NULL };
static const char *const argv[] = { "true", NULL };
static const char *const envp[] = { NULL };

/* That starts true. */
static struct child_plan plan_new(void)
{
	return (struct child_plan){
		.exec_fd = -1, .paths = paths, .argv = argv, .envp = envp, .cgroup_fd = -1, .sync_fd = -1,
	};
}

static void refused(const struct child_plan *plan)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE };
	int32_t pid = -7;

	CHECK_EQ(forkexec_start(plan, NULL, &pid, &err), -EINVAL);
	CHECK_EQ(err.step, CORDON_STEP_VALIDATE);
	CHECK_EQ(pid, -7);
	CHECK_EQ(waitpid(-1, NULL, __WALL | WNOHANG), -1);	/* nothing was started */
	CHECK_EQ(errno, ECHILD);
}

int main(void)
{
	struct child_plan plan = plan_new();
	struct cordon_error err;
	int32_t pid;
	int status;

	plan.set_ids = true;
	plan.uid = geteuid();
	plan.gid = getegid();
	refused(&plan);
	plan = plan_new();
	plan.set_groups = true;
	refused(&plan);

	/* The same plan without ids runs, and leaves the flag as it was. */
	plan = plan_new();
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
	REQUIRE(forkexec_start(&plan, NULL, &pid, &err) == 0);
	CHECK_EQ(waitpid(pid, &status, __WALL), pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	CHECK_EQ(prctl(PR_GET_DUMPABLE), 1);
	return TEST_RESULT();
}
