/* SPDX-License-Identifier: Apache-2.0 */
/* Without namespaces the program is in the caller's network, where services of the caller's do what they are asked on
 * unix sockets of mode 0600: a session bus, an agent, a container engine. So no socket is given unless the host's
 * network is asked for. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "support/supervised.h"

#define USER 47113	/* the program's where the caller is root, and then the service's */

static const char *program(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof path, "%s/%s", getenv("CORDON_TEST_PROGRAMS"), name);
	return path;
}

/* Every file may be read. */
static void plain_init(struct supervised *v, uint32_t network)
{
	supervised_init(v, CORDON_ENGINE_AUTO);
	v->s.config.nmounts = 0;
	v->s.config.namespaces = CORDON_NAMESPACES_NONE;
	v->s.config.network = network;
	if (getuid() == 0)
		v->s.config.host_uid = v->s.config.host_gid = USER;
	v->s.command.work_dir = "/";
	v->s.command.limits.cpu_time_ns = 30 * SEC;
	v->s.command.limits.wall_time_ns = 60 * SEC;
	supervised_path(v, "/", CORDON_PATH_TREE, ACCESS_RX);
}

/* What the filter of this mode lets through: connected pairs of two types. */
static void check_sockets(const struct outcome *o)
{
	CHECK_OK(o);
	CHECK_EQ(text_number(o->out, "sockets", -1), 0);
	CHECK_EQ(text_number(o->out, "pairs", -1), 2);
	CHECK(text_number(o->out, "io_uring", 0) != 0);
	CHECK(text_number(o->out, "mq_open", 0) != 0);
	CHECK(text_number(o->out, "msgget", 0) != 0);
	CHECK(text_number(o->out, "pidfd_getfd", 0) != 0);
}

static void no_kind_of_socket(void)
{
	struct supervised v;
	struct outcome o;

	plain_init(&v, CORDON_NETWORK_NONE);
	sandbox_run(&v.s, ARGV(program("families"), "sockets"), &o);
	check_sockets(&o);
	outcome_done(&o);
}
ROOTLESS(no_kind_of_socket)

static void nor_in_a_kept_container(void)
{
	struct supervised v;
	struct outcome o;
	struct kept k;

	plain_init(&v, CORDON_NETWORK_NONE);
	sandbox_init(&k.s);
	k.s.config.nmounts = 0;
	k.s.config.namespaces = CORDON_NAMESPACES_NONE;
	k.s.config.host_uid = k.s.config.host_gid = v.s.config.host_uid;
	k.s.command = v.s.command;
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++) {
		kept_run(&k, ARGV(program("families"), "sockets"), &o);
		check_sockets(&o);
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
ROOTLESS(nor_in_a_kept_container)

static void pairs_can_be_used(void)
{
	struct supervised v;
	struct outcome o;

	plain_init(&v, CORDON_NETWORK_NONE);
	sandbox_run(&v.s, ARGV(program("families"), "pair"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "pair=0\nwrite=0\nread=0\npass=0\nshutdown=0\npair=0\nwrite=0\nread=0\npass=0\nshutdown=0\n");
	outcome_done(&o);
}
ROOTLESS(pairs_can_be_used)

/* A socket at an address; it has arrived where it can be read, or accepted. */
static int serve(int type, const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
	if (path[0] == '@')
		a.sun_path[0] = '\0';
	REQUIRE(fd >= 0 && bind(fd, (struct sockaddr *)&a,
				(socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))) == 0);
	if (path[0] != '@')
		REQUIRE(chmod(path, 0600) == 0 && (getuid() != 0 || chown(path, USER, USER) == 0));
	if (type == SOCK_STREAM)
		REQUIRE(listen(fd, 1) == 0);
	return fd;
}

static void connect_to_a_service(uint32_t network, bool writable, int want)
{
	char path[] = "/tmp/cordon-service-XXXXXX";
	struct supervised v;
	struct outcome o;
	int fd = mkstemp(path), service;

	REQUIRE(fd >= 0 && unlink(path) == 0);
	close(fd);
	service = serve(SOCK_STREAM, path);
	plain_init(&v, network);
	if (writable)
		supervised_path(&v, path, CORDON_PATH_ONLY, ACCESS_RW);
	sandbox_run(&v.s, ARGV(program("families"), "connect", path), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "connect", -1), want);
	outcome_done(&o);
	fd = accept(service, NULL, NULL);
	CHECK_EQ(fd >= 0, want == 0);
	close(fd);
	close(service);
	unlink(path);
}

/* With the host's network the path policy still decides. */
static void a_service_of_the_callers_is_out_of_reach(void)
{
	connect_to_a_service(CORDON_NETWORK_NONE, false, EACCES);
	connect_to_a_service(CORDON_NETWORK_NONE, true, EACCES);
	connect_to_a_service(CORDON_NETWORK_HOST, false, EACCES);
	connect_to_a_service(CORDON_NETWORK_HOST, true, 0);
}
ROOTLESS(a_service_of_the_callers_is_out_of_reach)

/* Through a socket that the caller has given, of each type, and through pairs: to a path and to an abstract name. */
static void nothing_is_sent_elsewhere(bool namespaces)
{
	static const int types[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };
	char path[64], name[64], byte;
	int by_path, by_name;

	snprintf(path, sizeof path, "/tmp/cordon-datagrams-%d", (int)getpid());
	snprintf(name, sizeof name, "@cordon-datagrams-%d", (int)getpid());
	by_path = serve(SOCK_DGRAM, path);
	by_name = serve(SOCK_DGRAM, name);
	for (size_t i = 0; i < LENGTH(types) * 2; i++) {
		struct cordon_fd further = { .target = 5 };
		struct supervised v;
		struct outcome o;
		int pair[2];

		REQUIRE(socketpair(AF_UNIX, types[i / 2] | SOCK_CLOEXEC, 0, pair) == 0);
		further.fd = pair[1];
		if (namespaces) {
			supervised_init(&v, CORDON_ENGINE_AUTO);
			v.s.command.supervisor = NULL;
			sandbox_mount(&v.s, CORDON_MOUNT_BIND, 0, program("families"), "/families");
		} else {
			plain_init(&v, CORDON_NETWORK_NONE);
		}
		v.s.command.fds = &further;
		v.s.command.nfds = 1;
		sandbox_run(&v.s,
			    ARGV(namespaces ? "/families" : program("families"), "send", "5", i % 2 == 0 ? path : name),
			    &o);
		CHECK_OK(&o);
		outcome_done(&o);
		close(pair[0]);
		close(pair[1]);
	}
	CHECK(recv(by_path, &byte, 1, 0) < 0 && errno == EAGAIN);
	CHECK(recv(by_name, &byte, 1, 0) < 0 && errno == EAGAIN);
	close(by_path);
	close(by_name);
	unlink(path);
}

static void a_given_socket_leads_nowhere_else(void)
{
	nothing_is_sent_elsewhere(false);
	nothing_is_sent_elsewhere(true);
}
ROOTLESS(a_given_socket_leads_nowhere_else)

/* What a run may take of inotify here: no user namespace bounds it. */
static void inotify_is_bounded_too(void)
{
	struct supervised v;
	struct outcome o;

	plain_init(&v, CORDON_NETWORK_NONE);
	supervised_path(&v, "/tmp", CORDON_PATH_TREE, ACCESS_RW | CORDON_ACCESS_EXEC);
	v.s.command.limits.open_files = 1024;
	sandbox_run(&v.s, ARGV(program("storm"), "instances", "signals"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "instances", -1), 16);
	CHECK(text_number(o.out, "signals", -1) <= 1024);
	outcome_done(&o);
	sandbox_run(&v.s, ARGV(program("storm"), "watches", "5000"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "watches", -1), 5000);
	outcome_done(&o);
}
ROOTLESS(inotify_is_bounded_too)

static const struct scenario scenarios[] = {
	SCENARIO(no_kind_of_socket),
	ROOTLESS_SCENARIO(no_kind_of_socket),
	SCENARIO(nor_in_a_kept_container),
	ROOTLESS_SCENARIO(nor_in_a_kept_container),
	SCENARIO(pairs_can_be_used),
	ROOTLESS_SCENARIO(pairs_can_be_used),
	SCENARIO(a_service_of_the_callers_is_out_of_reach),
	ROOTLESS_SCENARIO(a_service_of_the_callers_is_out_of_reach),
	SCENARIO(a_given_socket_leads_nowhere_else),
	ROOTLESS_SCENARIO(a_given_socket_leads_nowhere_else),
	SCENARIO(inotify_is_bounded_too),
	ROOTLESS_SCENARIO(inotify_is_bounded_too),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
