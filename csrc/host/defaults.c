/* SPDX-License-Identifier: Apache-2.0 */
/* defaults: the default values (include/cordon/container.h and command.h). */
#include <string.h>
#include "cordon/command.h"
#include "cordon/container.h"
#include "host/limits.h"

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
	command->limits = limits_usual;
}
