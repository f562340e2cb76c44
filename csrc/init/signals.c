/* SPDX-License-Identifier: Apache-2.0 */
/* signals: init blocks every signal and receives SIGCHLD by a descriptor. */
#include "init/init.h"

#include <linux/fcntl.h>
#include <linux/signal.h>
#include "base/base.h"

int init_signal_fd(void)
{
	uint64_t child = UINT64_C(1) << (SIGCHLD - 1);

	return (int)sys(__NR_signalfd4, -1, &child, sizeof child, O_CLOEXEC | O_NONBLOCK);
}
