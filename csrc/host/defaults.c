/* What a caller gets who says nothing: docs of include/cordon/container.h and command.h. */
#include <string.h>
#include "base/base.h"
#include "cordon/command.h"
#include "cordon/container.h"

void cordon_container_config_init(struct cordon_container_config *config)
{
	memset(config, 0, sizeof *config);
	config->uid = config->gid = 1000;
	config->require = CORDON_LAYERS_DEFAULT;
}

void cordon_command_init(struct cordon_command *command)
{
	memset(command, 0, sizeof *command);
	command->exec_fd = -1;
	command->limits = (struct cordon_limits){
		.cpu_time_ns = 10 * NSEC_PER_SEC,
		.wall_time_ns = 30 * NSEC_PER_SEC,
		.idle_time_ns = CORDON_UNLIMITED,
		.memory_bytes = UINT64_C(256) << 20,
		.stack_bytes = UINT64_C(256) << 20,
		.processes = 64,
		.output_bytes = UINT64_C(64) << 20,
		.open_files = 256,
		.core_bytes = 0,
		.output_total_bytes = CORDON_UNLIMITED,
		.cpu_rate = CORDON_UNLIMITED,
		.cpu_weight = CORDON_CPU_WEIGHT,
	};
}
