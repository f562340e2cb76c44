/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/carry_watch.h"

#include <linux/inotify.h>
#include "base/base.h"
#include "supervisor/borrow.h"

int64_t carry_watch(struct carrying *c)
{
	AUTO_CLOSE int fd = borrow(supervisor_proc_fd(c->sv), c->s->tid, (int)c->s->args[0]);
	uint32_t mask = (uint32_t)c->s->args[2] & ~(uint32_t)IN_DONT_FOLLOW;

	return fd < 0 ? fd : sys(__NR_inotify_add_watch, fd, c->at[0].link, mask);
}
