/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that no correct host sends: init answers each with an ERROR and changes nothing, stays alive and answers the
 * next PING, and keeps no descriptor open. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/base.h"
#include "cordon/container.h"
#include "host/init_process.h"
#include "socket/socket.h"
#include "test.h"

static _Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];

/* The type of the next message, with its error step in *step for an ERROR; 0 at the end of the socket, -1 after
 * 10 s. */
static int next_reply(struct init_process *c, uint32_t *step)
{
	struct pollfd p = { c->socket, POLLIN, 0 };
	struct socket_msg msg;
	int type;

	if (poll(&p, 1, 10000) != 1)
		return -1;
	if (socket_recv(c->socket, true, buffer, &msg) < 0)
		return 0;
	CHECK_EQ(msg.sender_pid, c->pid);
	type = ((const struct cordon_msg *)msg.data)->type;
	*step = type == CORDON_MSG_ERROR ? ((const struct cordon_msg_error *)msg.data)->error.step : 0;
	socket_msg_done(&msg);
	return type;
}

static void expect_error(struct init_process *c, const char *what)
{
	uint32_t step;
	int type = next_reply(c, &step);

	if (type != CORDON_MSG_ERROR || step != CORDON_STEP_PROTOCOL)
		TEST_FAIL("%s: reply %d step %u", what, type, step);
}

static void expect_alive(struct init_process *c)
{
	struct cordon_msg ping = { CORDON_PROTOCOL_VERSION, CORDON_MSG_PING, 0, sizeof ping, 9 };
	uint32_t step;

	REQUIRE(socket_send(c->socket, &ping, sizeof ping, NULL, 0) == 0);
	REQUIRE(next_reply(c, &step) == CORDON_MSG_OK);
}

static void send_raw(struct init_process *c, const void *bytes, size_t len)
{
	REQUIRE(send(c->socket, bytes, len, MSG_NOSIGNAL) == (ssize_t)len);
}

static int init_descriptors(const struct init_process *c)
{
	char path[64];
	int n = 0;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)c->pid);
	for (int fd = 0; fd < 64; fd++) {
		char link[128], target[16];

		snprintf(link, sizeof link, "%s/%d", path, fd);
		n += readlink(link, target, sizeof target) > 0;
	}
	return n;
}

static void test_malformed(struct init_process *c)
{
	struct cordon_msg m = { CORDON_PROTOCOL_VERSION, CORDON_MSG_PING, 0, sizeof m, 1 };
	static char big[CORDON_MSG_INLINE_MAX + 64];
	struct cordon_msg bad;

	send_raw(c, "x", 1);
	expect_error(c, "one byte");
	bad = m;
	bad.version = 99;
	send_raw(c, &bad, sizeof bad);
	expect_error(c, "other version");
	bad = m;
	bad.type = 60;
	send_raw(c, &bad, sizeof bad);
	expect_error(c, "unknown type");
	bad = m;
	bad.size = 4;
	send_raw(c, &bad, sizeof bad);
	expect_error(c, "wrong size");
	bad = m;
	bad.flags = CORDON_MSG_BIG;
	send_raw(c, &bad, sizeof bad);
	expect_error(c, "big without a memfd");
	send_raw(c, big, sizeof big);
	expect_error(c, "truncated");
	expect_alive(c);
}

static void test_wrong_state(struct init_process *c)
{
	struct cordon_msg_execve execve = {
		.head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_EXECVE, 0, sizeof execve, 1 },
	};
	struct cordon_msg_items open = { .head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_OPEN, 0, sizeof open, 1 } };
	struct cordon_msg_conf conf = {
		.head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_CONF, 0, sizeof conf, 1 }, .nmounts = 7,
	};
	struct cordon_msg kill = { CORDON_PROTOCOL_VERSION, CORDON_MSG_KILL, 0, sizeof kill, 1 };
	uint32_t step;

	send_raw(c, &execve, sizeof execve);
	expect_error(c, "EXECVE before CONF");
	send_raw(c, &open, sizeof open);
	expect_error(c, "OPEN before CONF");
	send_raw(c, &conf, sizeof conf);
	expect_error(c, "CONF that lies about its mounts");
	send_raw(c, &kill, sizeof kill);
	CHECK_EQ(next_reply(c, &step), CORDON_MSG_OK);
	expect_alive(c);
}

static void test_surplus_descriptors(struct init_process *c)
{
	struct cordon_msg ping = { CORDON_PROTOCOL_VERSION, CORDON_MSG_PING, 0, sizeof ping, 1 };
	struct cordon_msg lie = ping;
	int fds[100], before = init_descriptors(c);
	uint32_t step;

	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		REQUIRE((fds[i] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0);
	REQUIRE(socket_send(c->socket, &ping, sizeof ping, fds, ARRAY_LEN(fds)) == 0);
	CHECK_EQ(next_reply(c, &step), CORDON_MSG_OK);
	lie.version = 2;
	REQUIRE(socket_send(c->socket, &lie, sizeof lie, fds, ARRAY_LEN(fds)) == 0);
	expect_error(c, "bad head with descriptors");
	lie = ping;
	lie.flags = CORDON_MSG_BIG;	/* the first descriptor is no sealed memfd */
	lie.size = 4096;
	REQUIRE(socket_send(c->socket, &lie, sizeof lie, fds, 3) == 0);
	expect_error(c, "big with a device");
	expect_alive(c);
	CHECK_EQ(init_descriptors(c), before);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
}

static void test_flood(struct init_process *c)
{
	struct cordon_msg bad = { CORDON_PROTOCOL_VERSION, 60, 0, sizeof bad, 1 };
	uint32_t step;

	for (int i = 0; i < 10000; i++) {
		send_raw(c, &bad, sizeof bad);
		REQUIRE(next_reply(c, &step) == CORDON_MSG_ERROR);
	}
	expect_alive(c);
}

int main(void)
{
	struct cordon_container_config config;
	struct cordon_error err;
	struct init_process c;
	char text[512];

	cordon_container_config_init(&config);
	init_process_init(&c);
	if (init_process_start(&c, &config, -1, &err) < 0)
		SKIP(cordon_error_describe(&err, text, sizeof text));
	test_malformed(&c);
	test_wrong_state(&c);
	test_surplus_descriptors(&c);
	test_flood(&c);
	init_process_stop(&c);
	CHECK(kill(c.pid, 0) < 0 && errno == ESRCH);
	return TEST_RESULT();
}
