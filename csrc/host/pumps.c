/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/pumps.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include "base/base.h"

#define SETTLE_NS NSEC_PER_SEC
#define EVENTS 16

void pumps_init(struct pumps *p)
{
	*p = (struct pumps){ .epoll_fd = -1 };
}

/* An end that is waited for is in the set already, unless it is new, or its number was that of another file. */
static void arm(struct pumps *p, const struct pollfd *end)
{
	struct epoll_event event = { .events = (uint32_t)end->events | EPOLLONESHOT };

	if (end->fd < 0)
		return;
	if (sys(__NR_epoll_ctl, p->epoll_fd, EPOLL_CTL_MOD, end->fd, &event) == -ENOENT)
		(void)sys(__NR_epoll_ctl, p->epoll_fd, EPOLL_CTL_ADD, end->fd, &event);
}

static void arm_all(struct pumps *p)
{
	for (uint32_t i = 0; i < p->n; i++) {
		struct pollfd fds[2];

		relay_watch(p->all[i].relay, fds);
		arm(p, &fds[0]);
		arm(p, &fds[1]);
	}
}

int pumps_add(struct pumps *p, int number, bool output, struct relay_end in, struct relay_end out)
{
	struct pump *all = realloc(p->all, (p->n + 1) * sizeof *all);
	int rc = all != NULL ? 0 : -ENOMEM;

	if (rc == 0)
		p->all = all;
	if (rc == 0 && p->epoll_fd < 0)
		rc = p->epoll_fd = (int)sys(__NR_epoll_create1, EPOLL_CLOEXEC);
	if (rc < 0) {
		fd_close(&in.fd);
		fd_close(&out.fd);
		return rc;
	}
	all[p->n] = (struct pump){ .number = number, .output = output };
	rc = relay_join(in, out, UINT64_MAX, &all[p->n].relay);
	if (rc < 0)
		return rc;
	p->n++;
	arm_all(p);
	return 0;
}

struct relay *pumps_output(const struct pumps *p, int number)
{
	for (uint32_t i = 0; i < p->n; i++)
		if (p->all[i].output && p->all[i].number == number)
			return p->all[i].relay;
	return NULL;
}

void pumps_move(struct pumps *p, uint32_t i)
{
	struct pollfd fds[2];

	relay_watch(p->all[i].relay, fds);
	(void)poll(fds, ARRAY_LEN(fds), 0);
	relay_step(p->all[i].relay, fds);
}

void pumps_wait(struct pumps *p)
{
	struct epoll_event events[EVENTS];

	/* What has been told is armed again only if it is waited for. */
	while (sys(__NR_epoll_pwait, p->epoll_fd, events, EVENTS, 0, NULL, 8) == EVENTS)
		;
	arm_all(p);
}

void pumps_finish(struct pumps *p, uint32_t i)
{
	if (p->all[i].output)
		relay_settle(p->all[i].relay, SETTLE_NS);
}

void pumps_done(struct pumps *p)
{
	for (uint32_t i = 0; i < p->n; i++)
		relay_free(p->all[i].relay);
	free(p->all);
	p->all = NULL;
	p->n = 0;
	fd_close(&p->epoll_fd);
}
