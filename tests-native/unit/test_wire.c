/* The decoder takes what the encoder makes, refuses every truncation, every span that leaves the message, missing and surplus
 * terminators, unknown flags, and a number of descriptors that does not fit. */
#include <errno.h>
#include "base/base.h"
#include "cordon/container.h"
#include "test.h"
#include "wire/wire.h"

static _Alignas(8) unsigned char message[8192];

static uint32_t make_conf(void)
{
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	struct cordon_conf_mount mounts[2] = {
		{ .type = CORDON_MOUNT_BIND, .fd = 0, .index = 0 },
		{ .type = CORDON_MOUNT_SYMLINK, .fd = -1, .index = 1 },
	};
	const uint64_t program[3] = { 1, 2, 3 };
	struct wire_buf b;
	int rc;

	wire_begin(&b, message, sizeof message, CORDON_MSG_CONF, sizeof *m);
	mounts[0].target = wire_put_string(&b, "/usr");
	mounts[1].source = wire_put_string(&b, "usr/bin");
	mounts[1].target = wire_put_string(&b, "/bin");
	m->nmounts = 2;
	m->mounts = wire_put(&b, mounts, sizeof mounts);
	m->hostname = wire_put_string(&b, "box");
	m->seccomp = wire_put(&b, program, sizeof program);
	rc = wire_end(&b);
	REQUIRE(rc > 0);
	return (uint32_t)rc;
}

static int decode_conf(uint32_t size, uint32_t nfds)
{
	struct wire_conf conf;
	const char *field = NULL;
	int rc = wire_conf_decode(message, size, nfds, &conf, &field);

	if (rc < 0)
		CHECK(field != NULL);
	return rc;
}

static void test_conf_round_trip(void)
{
	uint32_t size = make_conf();
	struct wire_conf conf;
	const char *field;

	CHECK_EQ(wire_head_check(message, size), 0);
	REQUIRE(wire_conf_decode(message, size, 1, &conf, &field) == 0);
	CHECK_EQ(conf.msg->nmounts, 2);
	CHECK_STR(wire_string(message, conf.mounts[1].source), "usr/bin");
	CHECK_STR(conf.hostname, "box");
	CHECK(conf.domainname == NULL);
	CHECK_EQ(conf.nseccomp, 3);
}

static void test_conf_refuses(void)
{
	uint32_t size = make_conf();
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	struct cordon_conf_mount *mount;

	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(decode_conf(cut, 1), -EPROTO);
	CHECK_EQ(decode_conf(size, 0), -EPROTO);	/* the bind's descriptor did not come */
	m->flags = 1u << 31;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->mounts.off = UINT32_MAX - 7;	/* off + len wraps */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->mounts.off++;	/* unaligned */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->nmounts = UINT32_MAX;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->hostname.len--;	/* no terminator */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	message[m->hostname.off] = '\0';	/* one in the middle */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	m->seccomp.len = 23;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	make_conf();
	mount = (struct cordon_conf_mount *)(message + m->mounts.off);
	mount->type = CORDON_MOUNT_SYMLINK + 1;
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
	mount->type = CORDON_MOUNT_BIND;
	mount->fd = -1;		/* a bind with neither descriptor nor source */
	CHECK_EQ(decode_conf(size, 1), -EPROTO);
}

static uint32_t make_execve(uint32_t flags, uint32_t nprocs)
{
	static const char *const argv[] = { "prog", "", "arg", NULL };
	static const char *const envp[] = { "A=1", NULL };
	const uint32_t targets[] = { 0, 1, 2, 9 };
	const struct cordon_execve_rlimit rlimit = { 4, -1, 0, 0 };
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_buf b;
	int rc;

	wire_begin(&b, message, sizeof message, CORDON_MSG_EXECVE, sizeof *m);
	m->flags = flags;
	m->nfds = 4;
	m->nprocs = nprocs;
	m->targets = wire_put(&b, targets, sizeof targets);
	m->nrlimits = 1;
	m->rlimits = wire_put(&b, &rlimit, sizeof rlimit);
	m->argv = wire_put_strings(&b, argv, &m->argc);
	m->envp = wire_put_strings(&b, envp, &m->envc);
	m->work_dir = wire_put_string(&b, "/w");
	rc = wire_end(&b);
	REQUIRE(rc > 0);
	return (uint32_t)rc;
}

static int decode_execve(uint32_t size, uint32_t nfds, struct wire_execve *e)
{
	const char *field;

	return wire_execve_decode(message, size, nfds, e, &field);
}

static void test_execve(void)
{
	uint32_t size = make_execve(CORDON_EXECVE_SYNC_FD | CORDON_EXECVE_CPU_FD, 3);
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;
	struct wire_execve e;

	REQUIRE(decode_execve(size, 9, &e) == 0);
	CHECK_EQ(e.exec_fd, -1);
	CHECK_EQ(e.sync_fd, 4);
	CHECK_EQ(e.cpu_fd, 5);
	CHECK_EQ(e.procs, 6);
	CHECK_EQ(m->argc, 3);
	CHECK_STR(e.argv, "prog");
	CHECK_STR(e.work_dir, "/w");
	CHECK_EQ(decode_execve(size, 8, &e), -EPROTO);
	CHECK_EQ(decode_execve(size, 10, &e), -EPROTO);
	for (uint32_t cut = 0; cut < size; cut++)
		CHECK_EQ(decode_execve(cut, 9, &e), -EPROTO);
	m->argc = 4;
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	m->argc = 0;
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	m->argc = 3;
	((uint32_t *)(message + m->targets.off))[1] = 0;	/* not ascending */
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
	((uint32_t *)(message + m->targets.off))[1] = 1;
	((uint32_t *)(message + m->targets.off))[3] = 1024;
	CHECK_EQ(decode_execve(size, 9, &e), -EPROTO);
}

static void test_head(void)
{
	struct cordon_msg head = { CORDON_PROTOCOL_VERSION, CORDON_MSG_PING, 0, sizeof head, 7 };

	CHECK_EQ(wire_head_check(&head, sizeof head), 0);
	CHECK_EQ(wire_head_check(&head, sizeof head - 1), -EPROTO);
	CHECK_EQ(wire_head_check(&head, sizeof head + 1), -EPROTO);
	head.version++;
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
	head.version--;
	head.flags = 1u << 7;
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
	head.flags = CORDON_MSG_BIG;
	head.size = CORDON_MSG_BIG_MAX + 1;
	CHECK_EQ(wire_head_check(&head, sizeof head), -EPROTO);
}

static void test_encoder_overflow(void)
{
	struct wire_buf b;

	wire_begin(&b, message, 64, CORDON_MSG_OK, 16);
	(void)wire_put(&b, message, 40);
	CHECK(!b.overflow);
	(void)wire_put(&b, message, 9);
	CHECK(b.overflow);
	CHECK_EQ(wire_end(&b), -EMSGSIZE);
}

int main(void)
{
	test_head();
	test_conf_round_trip();
	test_conf_refuses();
	test_execve();
	test_encoder_overflow();
	return TEST_RESULT();
}
