/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/memory.h"

#include <linux/errno.h>
#include "supervisor/process.h"

bool supervisor_is_out_of_memory(struct supervisor *sv, int32_t err)
{
	if (err != ENOMEM || !sv->grouped)
		return false;
	sv->out_of_memory = true;
	supervisor_kill(sv);
	return true;
}
