/* SPDX-License-Identifier: Apache-2.0 */
/* shutdown: see cordon/shutdown.h. Each module releases what it keeps; this file calls all of them. */
#include "cordon/shutdown.h"

#include "cgroup/cgroup.h"
#include "error/error.h"
#include "host/ids.h"
#include "image/image.h"
#include "seccomp/seccomp.h"
#include "trace/host.h"
#include "use/use.h"

int cordon_shutdown(struct cordon_error *err)
{
	int rc = use_stop();

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_WAIT, CORDON_NO_INDEX, "in use");
	cgroup_release();
	image_release();
	seccomp_kept_release();
	ids_release();
	trace_host_release();
	use_resume();
	return 0;
}
