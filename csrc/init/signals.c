/* SPDX-License-Identifier: Apache-2.0 */
/* signals: init receives SIGCHLD by a descriptor; no other signal reaches it.
 *
 * A signal that is blocked is queued, counts against the user's RLIMIT_SIGPENDING, and stays when the program that has
 * sent it is gone. So pid 1 of a namespace blocks SIGCHLD alone, of which one can wait: the kernel drops what else is
 * sent from inside, as init has no handlers (pid_namespaces(7)). Without a pid namespace it would end init; there the
 * supervisor lets no signal of the program's reach it, and all are blocked. */
#include "init/init.h"

#include <linux/fcntl.h>
#include <linux/signal.h>
#include "base/base.h"

static const uint64_t child = UINT64_C(1) << (SIGCHLD - 1);

void init_signal_block(bool first)
{
	uint64_t blocked = first ? child : ~UINT64_C(0);

	(void)sys(__NR_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, sizeof blocked);
}

int init_signal_fd(void)
{
	return (int)sys(__NR_signalfd4, -1, &child, sizeof child, O_CLOEXEC | O_NONBLOCK);
}
