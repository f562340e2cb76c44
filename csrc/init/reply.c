/* SPDX-License-Identifier: Apache-2.0 */
/* Replies to the host. */
#include "init/init.h"

void init_reply(void *msg, enum cordon_msg_type type, uint32_t size, uint32_t id)
{
	struct cordon_msg *head = msg;

	*head = (struct cordon_msg){ CORDON_PROTOCOL_VERSION, (uint16_t)type, 0, size, id };
	trace_message(0, "send", head, size, 0);
	/* The end of the host is noticed when the socket is read. */
	(void)socket_send(INIT_SOCKET, msg, size, NULL, 0);
}

void init_reply_error(const struct cordon_error *err, uint32_t id)
{
	struct cordon_msg_error reply = { .error = *err };

	trace_error(0, "failed", err);
	init_reply(&reply, CORDON_MSG_ERROR, sizeof reply, id);
}

void init_reply_ok(const struct cordon_msg *command)
{
	struct cordon_msg reply;

	if ((command->flags & CORDON_MSG_QUIET) == 0)
		init_reply(&reply, CORDON_MSG_OK, sizeof reply, command->id);
}
