/* SPDX-License-Identifier: Apache-2.0 */
/* connects: connections that take time.
 *
 * Theory of operation. A blocking connect waits for the other side: until a packet comes back, or until a listener's
 * backlog has room. The supervisor makes the call without blocking, and again and again until it has an end: the kernel
 * answers EINPROGRESS, EALREADY or EAGAIN meanwhile. O_NONBLOCK belongs to the open file, which the program shares, so
 * it is set for the time of each attempt only. */
#include "supervisor/connects.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include "base/base.h"
#include "supervisor/privilege.h"
#include "supervisor/target.h"

#define CONNECTS_MAX 64
#define FIRST_WAIT_MS 1
#define LONGEST_WAIT_MS 16

static struct connecting connecting[CONNECTS_MAX];
static uint32_t nconnecting;
static int wait_ms;

void connects_begin(void)
{
	nconnecting = 0;
}

int connects_try(struct supervisor *sv, const struct connecting *c)
{
	long flags = sys(__NR_fcntl, c->fd, F_GETFL, 0);
	int rc;

	if (flags >= 0 && (flags & O_NONBLOCK) == 0)
		(void)sys(__NR_fcntl, c->fd, F_SETFL, flags | O_NONBLOCK);
	rc = (int)privilege_show_ids(sv, true);
	if (rc == 0)
		rc = (int)sys(__NR_connect, c->fd, c->address, c->address_len);
	if (privilege_show_ids(sv, false) < 0)
		for (;;)
			sys(__NR_exit_group, 1);
	if (flags >= 0 && (flags & O_NONBLOCK) == 0)
		(void)sys(__NR_fcntl, c->fd, F_SETFL, flags);
	return rc;
}

bool connects_add(const struct connecting *c)
{
	if (nconnecting == CONNECTS_MAX)
		return false;
	connecting[nconnecting++] = *c;
	wait_ms = FIRST_WAIT_MS;
	return true;
}

int connects_wait_ms(void)
{
	return nconnecting == 0 ? -1 : wait_ms;
}

static void forget(uint32_t i)
{
	fd_close(&connecting[i].fd);
	fd_close(&connecting[i].file);
	connecting[i] = connecting[--nconnecting];
}

static bool takes_longer(int rc)
{
	return rc == -EAGAIN || rc == -EINPROGRESS || rc == -EALREADY;
}

void connects_look(struct supervisor *sv, bool (*waits)(struct supervisor *sv, const struct connecting *c),
		   void (*finished)(struct supervisor *sv, const struct connecting *c, int32_t err))
{
	for (uint32_t i = nconnecting; i-- > 0;) {
		struct connecting *c = &connecting[i];
		int rc;

		if (!waits(sv, c)) {
			forget(i);
			continue;
		}
		rc = connects_try(sv, c);
		if (takes_longer(rc) && target_is_signalled(supervisor_proc_fd(sv), c->s.tid))
			rc = -CONNECTS_INTERRUPTED;
		else if (takes_longer(rc) && clock_ns() < c->until_ns)
			continue;
		else if (takes_longer(rc))
			rc = -c->err;
		finished(sv, c, -rc);
		forget(i);
	}
	if (wait_ms < LONGEST_WAIT_MS)
		wait_ms *= 2;
}
