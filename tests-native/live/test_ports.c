/* SPDX-License-Identifier: Apache-2.0 */
/* Port policies: what a program may bind and connect to, under every engine, and every known way around it. In the
 * sandbox's own network, so that other processes' ports do not matter. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include "support/supervised.h"

#define BIND CORDON_PORT_BIND
#define CONNECT CORDON_PORT_CONNECT
#define PROGRAM "/programs/sockets"
#define MOST_LINES 16

/* ports is borrowed. */
static void ports_init(struct supervised *v, uint32_t engine, const struct cordon_port_rule *ports, uint32_t nports)
{
	supervised_init(v, engine);
	v->s.config.network = CORDON_NETWORK_LOOPBACK;
	v->supervisor.flags = CORDON_SUPERVISOR_PORTS;
	v->supervisor.ports = ports;
	v->supervisor.nports = nports;
}

/* What a kernel without Landlock's port rules (ABI 4) has to say, instead of the scenario. False where it has them. */
static bool is_refused_here(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 4)
		return false;
	ports_init(&v, engine, NULL, 0);
	sandbox_run(&v.s, ARGV(PROGRAM), &o);
	CHECK_ERROR(&o, CORDON_STEP_LANDLOCK, ENOTSUP);
	CHECK(strstr(o.err.detail, "TCP ports") != NULL);
	outcome_done(&o);
	return true;
}

/* Runs the program with these words; each line of its output must be the word that it stands under. */
static void expect(struct supervised *v, const char *const (*lines)[2], size_t n)
{
	const char *argv[MOST_LINES + 2] = { PROGRAM };
	char want[1024];
	size_t len = 0;
	struct outcome o;

	REQUIRE(n <= MOST_LINES);
	for (size_t i = 0; i < n; i++) {
		argv[i + 1] = lines[i][0];
		len += (size_t)snprintf(want + len, sizeof want - len, "%s=%s\n", lines[i][0], lines[i][1]);
	}
	sandbox_run(&v->s, argv, &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, want);
	if (o.ran && v->s.command.supervisor != NULL)
		CHECK((o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK)) != 0);
	outcome_done(&o);
}

#define PAIRS(...) ((const char *const[][2]){ __VA_ARGS__ })
#define EXPECT(v, ...) expect((v), PAIRS(__VA_ARGS__), LENGTH(PAIRS(__VA_ARGS__)))

#define OK "0"
#define REFUSED "13"		/* EACCES */
#define NOBODY_THERE "111"	/* ECONNREFUSED: the kernel has asked */
#define NO_FASTOPEN "95"	/* EOPNOTSUPP */
#define NO_FAMILY "97"		/* EAFNOSUPPORT: the default seccomp policy's answer */
#define NO_PROTOCOL "93"	/* EPROTONOSUPPORT: likewise */
#define ABSENT "38"		/* ENOSYS */

/* What the other scenarios forbid works here by itself. */
static void without_a_policy_all_of_it_works(void)
{
	struct supervised v;
	struct outcome o;

	supervised_init(&v, CORDON_ENGINE_AUTO);
	v.s.config.network = CORDON_NETWORK_LOOPBACK;
	v.s.command.supervisor = NULL;
	EXPECT(&v, { "serve:7001", OK }, { "connect:7001", OK }, { "connect6:7001", OK },
	       { "connect:7002", NOBODY_THERE }, { "sendto:7001", OK }, { "sendmsg:7001", OK }, { "sendmmsg:7001", OK },
	       { "setsockopt:7001", OK }, { "listen", OK }, { "udp:7001", OK }, { "udplite", NO_PROTOCOL },
	       { "mptcp", NO_PROTOCOL }, { "pair", OK });
	v.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	EXPECT(&v, { "udplite", OK });
	sandbox_run(&v.s, ARGV(PROGRAM, "mptcp"), &o);
	CHECK(strcmp(o.out, "mptcp=0\n") == 0 || strcmp(o.out, "mptcp=92\n") == 0 || strcmp(o.out, "mptcp=93\n") == 0);
	outcome_done(&o);
}

static void ports_are_refused_and_allowed(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 7001, BIND | CONNECT }, { 7002, BIND }, { 7003, CONNECT } };
	struct supervised v;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	EXPECT(&v, { "serve:7001", OK }, { "serve:7002", OK }, { "bind:7003", REFUSED }, { "bind:7004", REFUSED },
	       { "bind:0", REFUSED }, { "connect:7001", OK }, { "connect:7002", REFUSED },
	       { "connect:7003", NOBODY_THERE }, { "connect:7004", REFUSED }, { "connect6:7001", OK },
	       { "connect6:7002", REFUSED });
}

/* Ways to speak to a port, or to be spoken to, that are not bind(2) and connect(2) of a TCP socket. */
static void nothing_goes_past_the_ports(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 7001, BIND | CONNECT }, { 7002, BIND } };
	struct supervised v;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	EXPECT(&v, { "serve:7002", OK }, { "sendto:7002", NO_FASTOPEN }, { "sendmsg:7002", NO_FASTOPEN },
	       { "sendmmsg:7002", NO_FASTOPEN }, { "setsockopt:7002", REFUSED }, { "serve:7001", OK },
	       { "setsockopt:7001", OK }, { "udp:7002", REFUSED }, { "uring", ABSENT });
	EXPECT(&v, { "mptcp", NO_PROTOCOL }, { "mptcp6", NO_PROTOCOL }, { "smc", NO_PROTOCOL }, { "sctp", NO_PROTOCOL },
	       { "udp", REFUSED }, { "udp6", REFUSED }, { "udplite", NO_PROTOCOL }, { "icmp", REFUSED },
	       { "packet", NO_FAMILY }, { "vsock", NO_FAMILY }, { "tcp", OK }, { "tcp6", OK }, { "unix", OK },
	       { "netlink", OK }, { "pair", OK });
}

/* No seccomp policy beside it: what the port policy needs is its own. */
static void no_other_filter_is_needed(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 7001, BIND } };
	struct supervised v;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	v.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	EXPECT(&v, { "serve:7001", OK }, { "connect:7001", REFUSED }, { "sendto:7001", NO_FASTOPEN },
	       { "mptcp", REFUSED }, { "mptcp6", REFUSED }, { "smc", REFUSED }, { "sctp", REFUSED },
	       { "udplite", REFUSED }, { "packet", REFUSED }, { "vsock", REFUSED }, { "netlink", OK },
	       { "uring", ABSENT }, { "unix", OK });
}

static void without_a_port_to_bind_nobody_listens(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 7001, CONNECT } };
	struct supervised v;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	EXPECT(&v, { "listen", REFUSED }, { "bind:0", REFUSED }, { "bind:7001", REFUSED },
	       { "connect:7001", NOBODY_THERE });
	v.supervisor.nports = 0;
	EXPECT(&v, { "listen", REFUSED }, { "bind:7001", REFUSED }, { "connect:7001", REFUSED }, { "udp", REFUSED });
}

static void a_port_that_the_kernel_picks(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 0, BIND } };
	struct supervised v;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	EXPECT(&v, { "bind:0", OK }, { "listen", OK }, { "bind:7001", REFUSED });
}

static void udp_is_all_or_nothing(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 7001, CONNECT } };
	struct supervised v;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	v.supervisor.flags |= CORDON_SUPERVISOR_UDP;
	EXPECT(&v, { "udp:7002", OK }, { "udp", OK }, { "udp6", OK }, { "udplite", NO_PROTOCOL }, { "icmp", REFUSED },
	       { "connect:7002", REFUSED });
	v.s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	EXPECT(&v, { "udp", OK }, { "udplite", REFUSED }, { "icmp", REFUSED });
}

/* The policies do not need each other: the ports are the kernel's also where only the caller knows about paths. */
static void ports_beside_paths(uint32_t engine)
{
	static const struct cordon_port_rule ports[] = { { 7001, BIND | CONNECT } };
	struct supervised v;
	struct outcome o;

	if (is_refused_here(engine))
		return;
	ports_init(&v, engine, ports, LENGTH(ports));
	supervised_files(&v);
	if (engine == CORDON_ENGINE_KERNEL)	/* which knows no "only the entries" and can't take away */
		v.paths[0].access = ACCESS_RX;
	sandbox_run(&v.s, ARGV(PROGRAM, "serve:7001", "connect:7001", "connect:7002"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "serve:7001=0\nconnect:7001=0\nconnect:7002=13\n");
	CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	outcome_done(&o);
	if (engine == CORDON_ENGINE_KERNEL)
		return;
	v.supervisor.outside = CORDON_DECISION_ASK;
	sandbox_run(&v.s, ARGV(PROGRAM, "connect:7001", "connect:7002"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "connect:7001=111\nconnect:7002=13\n");
	CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ADVISORY);
	outcome_done(&o);
}

/* In the host's network the refusals come before anything there is asked. */
static void without_namespaces(void)
{
	static const struct cordon_port_rule ports[] = { { 7001, CONNECT } };
	const char *programs = getenv("CORDON_TEST_PROGRAMS");
	char program[4096];
	struct supervised v;
	struct outcome o;

	if (is_refused_here(CORDON_ENGINE_KERNEL))
		return;
	REQUIRE(programs != NULL);
	ports_init(&v, CORDON_ENGINE_AUTO, ports, LENGTH(ports));
	v.s.config.network = CORDON_NETWORK_HOST;
	v.s.config.namespaces = CORDON_NAMESPACES_NONE;
	v.s.config.nmounts = 0;
	v.s.command.work_dir = "/";
	supervised_files(&v);
	supervised_path(&v, programs, CORDON_PATH_TREE, ACCESS_RX);
	(void)snprintf(program, sizeof program, "%s/sockets", programs);
	sandbox_run(&v.s, ARGV(program, "tcp", "bind:7001", "bind:0", "connect:7002", "udp:7001", "mptcp", "listen"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "tcp=0\nbind:7001=13\nbind:0=13\nconnect:7002=13\nudp:7001=13\nmptcp=93\nlisten=13\n");
	outcome_done(&o);
}

/* One container, one run with ports and one without: nothing of the first stays. */
static void in_a_kept_container(void)
{
	static const struct cordon_port_rule ports[] = { { 7001, BIND } };
	struct cordon_supervisor supervisor = {
		.engine = CORDON_ENGINE_KERNEL, .flags = CORDON_SUPERVISOR_PORTS, .outside = CORDON_DECISION_ERRNO,
		.outside_errno = EACCES,
		.ports = ports, .nports = 1,
	};
	struct outcome o;
	struct kept k;

	if (is_refused_here(CORDON_ENGINE_KERNEL))
		return;
	sandbox_init(&k.s);
	k.s.config.network = CORDON_NETWORK_LOOPBACK;
	KEPT_OPEN(&k);
	for (int i = 0; i < 4; i++) {
		bool with = i % 2 == 0;

		k.s.command.supervisor = with ? &supervisor : NULL;
		kept_run(&k, ARGV(PROGRAM, "serve:7001", "connect:7001", "mptcp"), &o);
		CHECK_OK(&o);
		CHECK(strstr(o.out, with ? "serve:7001=0\nconnect:7001=13\nmptcp=93\n"
					 : "serve:7001=0\nconnect:7001=0\n") == o.out);
		CHECK_EQ((o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK)) != 0, with);
		outcome_done(&o);
	}
	CHECK(kept_close(&k));
}

/* Runs body(engine) for all three. */
#define EVERY_ENGINE(body)                                                                                         \
	BOTH_ENGINES(body)                                                                                         \
	static void body##_kernel(void)                                                                            \
	{                                                                                                          \
		body(CORDON_ENGINE_KERNEL);                                                                        \
	}
#define EVERY_SCENARIO(body) BOTH_SCENARIOS(body), SCENARIO(body##_kernel)

EVERY_ENGINE(ports_are_refused_and_allowed)
EVERY_ENGINE(nothing_goes_past_the_ports)
EVERY_ENGINE(no_other_filter_is_needed)
EVERY_ENGINE(without_a_port_to_bind_nobody_listens)
EVERY_ENGINE(a_port_that_the_kernel_picks)
EVERY_ENGINE(udp_is_all_or_nothing)
EVERY_ENGINE(ports_beside_paths)

static const struct scenario scenarios[] = {
	SCENARIO(without_a_policy_all_of_it_works),
	EVERY_SCENARIO(ports_are_refused_and_allowed),
	EVERY_SCENARIO(nothing_goes_past_the_ports),
	EVERY_SCENARIO(no_other_filter_is_needed),
	EVERY_SCENARIO(without_a_port_to_bind_nobody_listens),
	EVERY_SCENARIO(a_port_that_the_kernel_picks),
	EVERY_SCENARIO(udp_is_all_or_nothing),
	EVERY_SCENARIO(ports_beside_paths),
	SCENARIO(without_namespaces),
	SCENARIO(in_a_kept_container),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
