/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that do not fit the state, come twice, or are malformed, to a container in which programs run: each gets its
 * one reply and changes nothing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "base/base.h"
#include "cordon/container.h"
#include "host/init_process.h"
#include "socket/socket.h"
#include "support/sandbox.h"
#include "wire/wire.h"

#define DIRT "/programs/dirt"

/* A container of which only the socket is used. */
struct peer {
	struct sandbox s;
	struct init_process c;
	uint32_t id;
	_Alignas(8) unsigned char buffer[CORDON_MSG_INLINE_MAX];
};

/* The next message, whole; 0 at the end of the socket, -1 after 10 s. *ret is valid until the next call. */
static int hear(struct peer *p, const struct cordon_msg **ret)
{
	struct pollfd poll_in = { p->c.socket, POLLIN, 0 };
	struct socket_msg msg;

	*ret = NULL;
	if (poll(&poll_in, 1, 10000) != 1)
		return -1;
	if (socket_recv(p->c.socket, true, p->buffer, &msg) < 0)
		return 0;
	CHECK_EQ(msg.sender_pid, p->c.pid);
	CHECK(msg.mapping == NULL);
	socket_msg_done(&msg);
	*ret = (const struct cordon_msg *)p->buffer;
	return (*ret)->type;
}

#define EXPECT_OK(p, want_id)                                                                                          \
	do {                                                                                                           \
		const struct cordon_msg *m_;                                                                           \
		int type_ = hear((p), &m_);                                                                            \
		if (type_ != CORDON_MSG_OK || m_->id != (want_id))                                                     \
			TEST_FAIL("reply %d id %u, not OK id %u", type_, m_ ? m_->id : 0, (unsigned)(want_id));        \
	} while (0)

#define EXPECT_ERROR(p, want_id, want_step)                                                                            \
	do {                                                                                                           \
		const struct cordon_msg *m_;                                                                           \
		int type_ = hear((p), &m_);                                                                            \
		const struct cordon_error *e_ = m_ ? &((const struct cordon_msg_error *)m_)->error : NULL;             \
		if (type_ != CORDON_MSG_ERROR || m_->id != (want_id) || e_->step != (want_step))                       \
			TEST_FAIL("reply %d id %u, not ERROR %s id %u", type_, m_ ? m_->id : 0, #want_step,            \
				  (unsigned)(want_id));                                                                \
	} while (0)

static uint32_t tell(struct peer *p, enum cordon_msg_type type, uint32_t flags)
{
	struct cordon_msg m = { CORDON_PROTOCOL_VERSION, (uint16_t)type, flags, sizeof m, ++p->id };

	REQUIRE(socket_send(p->c.socket, &m, sizeof m, NULL, 0) == 0);
	return p->id;
}

static void expect_alive(struct peer *p)
{
	uint32_t id = tell(p, CORDON_MSG_PING, 0);

	EXPECT_OK(p, id);
}

static uint32_t tell_execve(struct peer *p, const char *const *argv, int out)
{
	static const uint32_t targets[] = { 0, 1, 2 };
	_Alignas(8) unsigned char data[8192];
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)data;
	int fds[] = { out, out, out };
	struct wire_buf b;
	int size;

	wire_begin(&b, data, sizeof data, CORDON_MSG_EXECVE, sizeof *m);
	m->nfds = 3;
	m->targets = wire_put(&b, targets, sizeof targets);
	m->argv = wire_put_strings(&b, argv, &m->argc);
	m->work_dir = wire_put_string(&b, "/w");
	m->limits.cpu_time_ns = m->limits.idle_time_ns = UINT64_MAX;
	m->limits.wall_time_ns = 20 * SEC;
	size = wire_end(&b);
	REQUIRE(size > 0);
	m->head.id = ++p->id;
	REQUIRE(socket_send(p->c.socket, m, (uint32_t)size, fds, 3) == 0);
	return p->id;
}

static uint32_t tell_item(struct peer *p, enum cordon_msg_type type, const char *path, uint32_t flags)
{
	_Alignas(8) unsigned char data[8192];
	struct cordon_msg_items *m = (struct cordon_msg_items *)data;
	struct cordon_item item = { .flags = flags };
	struct wire_buf b;
	int size;

	wire_begin(&b, data, sizeof data, type, sizeof *m);
	item.path = wire_put_string(&b, path);
	if (type == CORDON_MSG_SYMLINK)
		item.text = wire_put_string(&b, "text");
	m->nitems = 1;
	m->items = wire_put(&b, &item, sizeof item);
	size = wire_end(&b);
	REQUIRE(size > 0);
	m->head.id = ++p->id;
	REQUIRE(socket_send(p->c.socket, m, (uint32_t)size, NULL, 0) == 0);
	return p->id;
}

/* In state READY. */
static bool peer_open(struct peer *p)
{
	struct cordon_error err;
	char text[512];

	sandbox_init(&p->s);
	p->s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	init_process_init(&p->c);
	if (init_process_start(&p->c, &p->s.config, -1, &err) < 0 ||
	    init_process_conf(&p->c, &p->s.config, true, &err) < 0) {
		TEST_FAIL("no container: %s", cordon_error_describe(&err, text, sizeof text));
		init_process_stop(&p->c);
		return false;
	}
	p->id = p->c.last_id;
	EXPECT_OK(p, p->id);
	return true;
}

/* The first init of a shared container. */
static bool peer_open_shared(struct peer *p)
{
	struct cordon_error err;
	char text[512];

	sandbox_init(&p->s);
	p->s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	p->s.config.shared = 1;
	init_process_init(&p->c);
	if (init_process_start(&p->c, &p->s.config, -1, &err) < 0 ||
	    init_process_conf(&p->c, &p->s.config, true, &err) < 0) {
		TEST_FAIL("no container: %s", cordon_error_describe(&err, text, sizeof text));
		init_process_stop(&p->c);
		return false;
	}
	p->id = p->c.last_id;
	EXPECT_OK(p, p->id);
	return true;
}

/* SIDECAR with nfds descriptors, the first of them a socket's end, whose other one is *ret. */
static uint32_t tell_sidecar(struct peer *p, uint32_t nfds, int *ret)
{
	struct cordon_msg m = { CORDON_PROTOCOL_VERSION, CORDON_MSG_SIDECAR, 0, sizeof m, ++p->id };
	int pair[2], fds[3];

	REQUIRE(socket_pair(pair) == 0);
	for (int i = 0; i < 3; i++)
		fds[i] = pair[1];
	REQUIRE(socket_send(p->c.socket, &m, sizeof m, fds, nfds) == 0);
	close(pair[1]);
	*ret = pair[0];
	return p->id;
}

/* Talks with the sidecar whose socket it is, from its first word on. */
static void peer_of_sidecar(struct peer *p, const struct peer *of, int socket, uint32_t id)
{
	struct socket_msg msg;

	*p = *of;
	p->c.socket = socket;
	REQUIRE(socket_recv(socket, true, p->buffer, &msg) == 0);
	p->c.pid = msg.sender_pid;
	CHECK_EQ(((const struct cordon_msg *)msg.data)->type, CORDON_MSG_OK);
	CHECK_EQ(((const struct cordon_msg *)msg.data)->id, id);
	CHECK(p->c.pid > 0 && p->c.pid != of->c.pid);
	socket_msg_done(&msg);
}

static void peer_close(struct peer *p)
{
	expect_alive(p);
	init_process_stop(&p->c);
	CHECK(kill(p->c.pid, 0) < 0 && errno == ESRCH);
}

static void expect_finished(struct peer *p, uint32_t id, int exit_code, int signal)
{
	const struct cordon_msg *m;
	int type = hear(p, &m);
	const struct cordon_msg_finished *f = (const struct cordon_msg_finished *)m;

	if (type != CORDON_MSG_FINISHED || m->id != id || f->exit_code != exit_code || f->signal != signal)
		TEST_FAIL("reply %d id %u, not FINISHED id %u", type, m ? m->id : 0, id);
}

/* Starts a program that has said "ready", and hears nothing else from it. */
static uint32_t start(struct peer *p, const char *seconds)
{
	char text[16];
	uint32_t id;
	int out[2];

	REQUIRE(pipe2(out, O_CLOEXEC) == 0);
	id = tell_execve(p, ARGV(SUBJECT, "sleep", seconds), out[1]);
	close(out[1]);
	CHECK_EQ(read(out[0], text, sizeof text), 6);
	close(out[0]);
	return id;
}

static void what_does_not_fit_a_running_program_changes_nothing(void)
{
	static struct peer p;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	uint32_t run, id;

	if (!peer_open(&p))
		return;
	for (int paused = 0; paused < 2; paused++) {
		run = start(&p, "60");
		if (paused) {
			id = tell(&p, CORDON_MSG_PAUSE, 0);
			EXPECT_OK(&p, id);
		}
		for (int i = 0; i < 3; i++) {
			id = tell_execve(&p, ARGV(SUBJECT, "exit", "0"), null);
			EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
			id = tell_item(&p, CORDON_MSG_OPEN, "/w/x", CORDON_ITEM_CREATE);
			EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
			id = tell_item(&p, CORDON_MSG_DELETE, "/w/x", 0);
			EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
			id = tell_item(&p, CORDON_MSG_SYMLINK, "/w/x", 0);
			EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
			id = tell(&p, CORDON_MSG_RESET, 0);
			EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
			id = tell(&p, CORDON_MSG_RESET, CORDON_MSG_QUIET);
			EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
			expect_alive(&p);
		}
		/* It still runs, and ends as the host wants. */
		id = tell(&p, CORDON_MSG_KILL, 0);
		EXPECT_OK(&p, id);
		expect_finished(&p, run, -1, SIGKILL);
	}
	(void)tell_item(&p, CORDON_MSG_DELETE, "/w/x", 0);
	CHECK_EQ(hear(&p, &(const struct cordon_msg *){ NULL }), CORDON_MSG_ITEMS);
	run = tell_execve(&p, ARGV(SUBJECT, "exit", "5"), null);
	expect_finished(&p, run, 5, 0);
	peer_close(&p);
	close(null);
}

static void a_second_conf_changes_nothing(void)
{
	static struct peer p;
	struct cordon_error err;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	uint32_t run;

	if (!peer_open(&p))
		return;
	for (int running = 0; running < 2; running++) {
		run = running ? start(&p, "60") : 0;
		for (int i = 0; i < 3; i++) {
			p.c.last_id = p.id;
			CHECK_EQ(init_process_conf(&p.c, &p.s.config, true, &err), 0);
			p.id = p.c.last_id;
			EXPECT_ERROR(&p, p.id, CORDON_STEP_PROTOCOL);
		}
		if (running) {
			uint32_t id = tell(&p, CORDON_MSG_KILL, 0);

			EXPECT_OK(&p, id);
			expect_finished(&p, run, -1, SIGKILL);
		}
		run = tell_execve(&p, ARGV(SUBJECT, "exit", "0"), null);
		expect_finished(&p, run, 0, 0);
	}
	peer_close(&p);
	close(null);
}

/* An init does what its place in the container allows, and says no to the rest. */
static void sidecars_where_they_do_not_belong(void)
{
	static struct peer p, side;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), near;
	struct cordon_error err;
	uint32_t id;

	if (!peer_open(&p))
		return;
	id = tell_sidecar(&p, 1, &near);	/* the container is not shared */
	EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
	close(near);
	(void)start(&p, "60");
	id = tell_sidecar(&p, 1, &near);
	EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
	close(near);
	init_process_stop(&p.c);

	if (!peer_open_shared(&p))
		return;
	for (uint32_t nfds = 0; nfds < 4; nfds++) {
		if (nfds == 1)
			continue;
		id = tell_sidecar(&p, nfds, &near);
		EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
		close(near);
	}
	id = tell_execve(&p, ARGV(SUBJECT, "exit", "0"), null);
	EXPECT_ERROR(&p, id, CORDON_STEP_PROTOCOL);
	id = tell_sidecar(&p, 1, &near);
	EXPECT_OK(&p, id);
	peer_of_sidecar(&side, &p, near, id);
	side.id = 700;
	expect_alive(&side);
	id = tell(&side, CORDON_MSG_RESET, 0);
	EXPECT_ERROR(&side, id, CORDON_STEP_PROTOCOL);
	side.c.last_id = side.id;
	CHECK_EQ(init_process_conf(&side.c, &side.s.config, true, &err), 0);
	side.id = side.c.last_id;
	EXPECT_ERROR(&side, side.id, CORDON_STEP_PROTOCOL);
	id = tell_sidecar(&side, 1, &near);
	EXPECT_ERROR(&side, id, CORDON_STEP_PROTOCOL);
	close(near);
	id = tell_execve(&side, ARGV(SUBJECT, "exit", "5"), null);
	expect_finished(&side, id, 5, 0);
	expect_alive(&p);
	/* Its own socket is its life. */
	close(side.c.socket);
	CHECK(settles(p.c.pid, fds_of(p.c.pid), 0));
	peer_close(&p);
	close(null);
}

static void pause_and_resume_in_every_state(void)
{
	static struct peer p;
	uint32_t run, id;

	if (!peer_open(&p))
		return;
	for (int i = 0; i < 3; i++) {
		id = tell(&p, i % 2 ? CORDON_MSG_PAUSE : CORDON_MSG_RESUME, 0);
		EXPECT_OK(&p, id);
		id = tell(&p, CORDON_MSG_KILL, 0);
		EXPECT_OK(&p, id);
	}
	run = start(&p, "60");
	for (int i = 0; i < 12; i++) {
		id = tell(&p, (i / 3) % 2 ? CORDON_MSG_RESUME : CORDON_MSG_PAUSE, 0);
		EXPECT_OK(&p, id);
	}
	/* Quiet ones are not answered. */
	tell(&p, CORDON_MSG_PAUSE, CORDON_MSG_QUIET);
	tell(&p, CORDON_MSG_RESUME, CORDON_MSG_QUIET);
	tell(&p, CORDON_MSG_PAUSE, CORDON_MSG_QUIET);
	expect_alive(&p);
	id = tell(&p, CORDON_MSG_KILL, 0);
	EXPECT_OK(&p, id);
	expect_finished(&p, run, -1, SIGKILL);
	peer_close(&p);
}

/* The reply of the one before need not be awaited (protocol.h). */
static void commands_in_a_row_are_answered_in_order(void)
{
	static struct peer p;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (!peer_open(&p))
		return;
	for (int i = 0; i < 50; i++) {
		const struct cordon_msg *m;
		uint32_t ids[5];

		ids[0] = tell_item(&p, CORDON_MSG_OPEN, "/w/f", CORDON_ITEM_CREATE);
		ids[1] = tell(&p, CORDON_MSG_RESET, 0);
		ids[2] = tell(&p, CORDON_MSG_PING, 0);
		ids[3] = tell_execve(&p, ARGV(SUBJECT, "list", "/w"), null);
		CHECK_EQ(hear(&p, &m), CORDON_MSG_ITEMS);
		CHECK_EQ(((const struct cordon_error *)((const struct cordon_msg_items *)m + 1))->step,
			 CORDON_STEP_NONE);
		CHECK(m && m->id == ids[0]);
		EXPECT_OK(&p, ids[1]);
		EXPECT_OK(&p, ids[2]);
		expect_finished(&p, ids[3], 0, 0);
	}
	peer_close(&p);
	close(null);
}

static void malformed_items_are_refused(void)
{
	static struct peer p;
	static const enum cordon_msg_type types[] = { CORDON_MSG_OPEN, CORDON_MSG_DELETE, CORDON_MSG_SYMLINK };

	if (!peer_open(&p))
		return;
	for (size_t t = 0; t < LENGTH(types); t++)
		for (int i = 0; i < 14; i++) {
			_Alignas(8) unsigned char data[1024];
			struct cordon_msg_items *m = (struct cordon_msg_items *)data;
			struct cordon_item item = { 0 };
			int fds[1] = { 1 }, size;
			struct wire_buf b;

			wire_begin(&b, data, sizeof data, types[t], sizeof *m);
			item.path = wire_put_string(&b, i == 0 ? "relative" : i == 1 ? "" : "/w/x");
			if (types[t] == CORDON_MSG_SYMLINK)
				item.text = wire_put_string(&b, "text");
			if (i == 2)
				item.path.len--; /* no NUL */
			if (i == 3)
				item.path.off = 0xfffffff0u;
			if (i == 4)
				item.path.len = 0xffffffffu;
			if (i == 5)
				item.flags = 1u << 5;
			if (i == 6)
				item.mode = 04755;
			if (i == 7)
				item.text = types[t] == CORDON_MSG_SYMLINK ? (struct cordon_span){ 0, 0 } : item.path;
			if (i == 8)
				item.flags = types[t] == CORDON_MSG_DELETE ? CORDON_ITEM_CREATE : CORDON_ITEM_TREE;
			m->nitems = i == 9 ? 0 : i == 10 ? 2 : i == 11 ? 0xffffffffu : 1;
			m->items = wire_put(&b, &item, sizeof item);
			if (i == 12)
				m->items.off += 4; /* not aligned */
			m->reserved = i == 13;
			size = wire_end(&b);
			REQUIRE(size > 0);
			m->head.id = ++p.id;
			REQUIRE(socket_send(p.c.socket, m, (uint32_t)size, NULL, 0) == 0);
			EXPECT_ERROR(&p, p.id, CORDON_STEP_PROTOCOL);
			/* And a good one that brings a descriptor along. */
			if (i == 0) {
				item.path = (struct cordon_span){ sizeof *m, 5 };
				memcpy(data + sizeof *m, "/w/x", 5);
				memcpy(data + m->items.off, &item, sizeof item);
				m->nitems = 1;
				m->head.id = ++p.id;
				REQUIRE(socket_send(p.c.socket, m, (uint32_t)size, fds, 1) == 0);
				EXPECT_ERROR(&p, p.id, CORDON_STEP_PROTOCOL);
			}
			expect_alive(&p);
		}
	peer_close(&p);
}

/* A host that never reads: init must not go on for ever, nor end before the host closes. */
static void a_host_that_does_not_read_and_then_goes(void)
{
	static struct peer p;
	struct cordon_msg ping = { CORDON_PROTOCOL_VERSION, CORDON_MSG_PING, 0, sizeof ping, 1 };
	int sent = 0;

	if (!peer_open(&p))
		return;
	while (sent < 100000 && send(p.c.socket, &ping, sizeof ping, MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof ping)
		sent++;
	CHECK(sent > 0 && sent < 100000);
	CHECK_EQ(kill(p.c.pid, 0), 0);
	close(p.c.socket);
	p.c.socket = -1;
	/* By itself, before container_stop would kill it. */
	{
		struct pollfd end = { p.c.pidfd, POLLIN, 0 };

		CHECK_EQ(poll(&end, 1, 5000), 1);
	}
	init_process_stop(&p.c);
}

/* A program that keeps sockets of init's family open learns nothing and can talk to no process. */
static void the_socket_is_not_in_the_program(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		kept_start(&k, ARGV("/bin/sh", "-c", "/programs/subject fds; cat /proc/net/unix | wc -l"),
			   CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "0\n1\n2\n1\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(what_does_not_fit_a_running_program_changes_nothing),
		SCENARIO(a_second_conf_changes_nothing),
		SCENARIO(sidecars_where_they_do_not_belong),
		SCENARIO(pause_and_resume_in_every_state),
		SCENARIO(commands_in_a_row_are_answered_in_order),
		SCENARIO(malformed_items_are_refused),
		SCENARIO(a_host_that_does_not_read_and_then_goes),
		SCENARIO(the_socket_is_not_in_the_program),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
