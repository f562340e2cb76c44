/* SPDX-License-Identifier: Apache-2.0 */
/* memory: the end of a run whose supervisor gets no more memory from the kernel. */
#ifndef CORDON_SUPERVISOR_MEMORY_H
#define CORDON_SUPERVISOR_MEMORY_H

#include <stdbool.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

/* To be called with the error of a call that the supervisor has made for the program: if the kernel had no memory for
 * it within the run's limit, the run ends for that. Whether it does. */
bool supervisor_is_out_of_memory(struct supervisor *sv, int32_t err);

#endif
