/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/notify_answer.h"

#include <linux/errno.h>
#include <linux/ioctl.h>
#include <linux/seccomp.h>
#include "base/base.h"

#ifndef SECCOMP_ADDFD_FLAG_SEND	/* Linux 5.14 */
#define SECCOMP_ADDFD_FLAG_SEND 2UL
#endif

static union {
	struct seccomp_notif_resp answer;
	unsigned char bytes[NOTIFY_ANSWER_SIZE_MAX];
} sent;

bool notify_is_valid(int listener, uint64_t id)
{
	return sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &id) == 0;
}

/* ENOENT: the call was interrupted. */
void notify_send(int listener, uint64_t id, int64_t value, int32_t err, uint32_t flags)
{
	sent.answer = (struct seccomp_notif_resp){ .id = id, .val = value, .error = -err, .flags = flags };
	(void)sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_SEND, &sent);
}

void notify_answer(int listener, uint64_t id, int32_t err)
{
	notify_send(listener, id, 0, err, 0);
}

void notify_deliver(int listener, uint64_t id, int fd, uint32_t fd_flags)
{
	struct seccomp_notif_addfd add = {
		.id = id, .flags = SECCOMP_ADDFD_FLAG_SEND, .srcfd = (uint32_t)fd, .newfd_flags = fd_flags,
	};
	long rc = sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);

	if (rc == -EINVAL) {
		add.flags = 0;
		rc = sys(__NR_ioctl, listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
		if (rc >= 0)
			notify_send(listener, id, rc, 0, 0);
	}
	(void)sys(__NR_close, fd);
	if (rc < 0 && rc != -ENOENT)
		notify_answer(listener, id, (int32_t)-rc);	/* EMFILE, for example: the program's limit applies */
}
