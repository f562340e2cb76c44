/* SPDX-License-Identifier: Apache-2.0 */
/* The policy of a program without namespaces: refuses what reaches the caller's other processes and what the default
 * policy refuses, and allows what a program itself needs. */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "base/base.h"
#include "seccomp/seccomp.h"
#include "seccomp/shared.h"
#include "test.h"

#define ALLOW SECCOMP_RET_ALLOW
#define NO(e) (SECCOMP_RET_ERRNO | (e))
#define HIGH (UINT64_C(1) << 32)	/* a bit that the kernel ignores in an int argument */

static const struct cordon_seccomp *policy;

static uint32_t verdict(const char *name, uint64_t a0, uint64_t a1)
{
	const uint64_t args[6] = { a0, a1 };

	return cordon_seccomp_verdict(policy, cordon_syscall_number(name, CORDON_ARCH_NATIVE), args);
}

static void check(const char *name, uint64_t a0, uint64_t a1, uint32_t want)
{
	uint32_t got = verdict(name, a0, a1);

	if (got != want)
		TEST_FAIL("%s(%#" PRIx64 ", %#" PRIx64 "): %#x, not %#x", name, a0, a1, got, want);
}

static void check_four(const char *name, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint32_t want)
{
	const uint64_t args[6] = { a0, a1, a2, a3 };
	uint32_t got = cordon_seccomp_verdict(policy, cordon_syscall_number(name, CORDON_ARCH_NATIVE), args);

	if (got != want)
		TEST_FAIL("%s(%#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 ", %#" PRIx64 "): %#x, not %#x", name, a0, a1, a2,
			  a3, got, want);
}

static void check_common(void)
{
	static const char *const setters[] = { "sched_setaffinity", "sched_setattr", "sched_setparam",
					       "sched_setscheduler" };
	static const char *const ipc[] = { "shmget", "shmat",  "shmctl", "semget",  "semop",     "semctl",   "msgget",
					   "msgsnd", "msgrcv", "msgctl", "mq_open", "mq_unlink", "mq_notify" };

	for (size_t i = 0; i < ARRAY_LEN(setters); i++) {
		check(setters[i], 0, 0, ALLOW);
		check(setters[i], 1, 0, NO(EPERM));
		check(setters[i], 4711, 0, NO(EPERM));
		check(setters[i], 4711 | HIGH, 0, NO(EPERM));
	}
	for (size_t i = 0; i < ARRAY_LEN(ipc); i++)
		check(ipc[i], 0, 0, NO(EPERM));
	check("setpriority", PRIO_PROCESS, 0, ALLOW);
	check("setpriority", PRIO_PROCESS, 77, NO(EPERM));
	check("setpriority", PRIO_PGRP, 0, NO(EPERM));
	check("setpriority", PRIO_USER, 0, NO(EPERM));
	check("ioprio_set", 1, 0, ALLOW);
	check("ioprio_set", 1, 77, NO(EPERM));
	check("ioprio_set", 3, 0, NO(EPERM));
	check("prlimit64", 0, RLIMIT_NOFILE, ALLOW);
	check_four("prlimit64", 0, RLIMIT_NOFILE, 0x1000, 0, ALLOW);
	check_four("prlimit64", 77, RLIMIT_NOFILE, 0x1000, 0, NO(EPERM));
	check_four("prlimit64", 77, RLIMIT_NOFILE, 0, 0x1000, ALLOW);
	check("fcntl", 3, F_SETOWN, NO(EPERM));
	check("fcntl", 3, F_SETOWN | HIGH, NO(EPERM));
	check("fcntl", 3, F_SETOWN_EX, NO(EPERM));
	check("fcntl", 3, F_SETSIG, NO(EPERM));
	check("fcntl", 3, F_SETLEASE, NO(EPERM));
	check("fcntl", 3, F_NOTIFY, NO(EPERM));
	check("fcntl", 3, F_SETFL, ALLOW);
	check("fcntl", 3, F_DUPFD_CLOEXEC, ALLOW);
	check("ioctl", 0, 0x8901, NO(EPERM));	/* FIOSETOWN */
	check("ioctl", 0, 0x8902, NO(EPERM));	/* SIOCSPGRP */
	check("ioctl", 0, TIOCSTI, NO(EPERM));	/* the default policy's */
	check("ioctl", 0, TIOCGWINSZ, ALLOW);
	check("mount", 0, 0, NO(EPERM));
	check("ptrace", 0, 0, NO(EPERM));
	check("io_uring_setup", 0, 0, NO(ENOSYS));
	check("clone", CLONE_NEWUSER, 0, NO(EPERM));
	check("clone", CLONE_VM, 0, ALLOW);
	check("kill", 77, 9, ALLOW);	/* the supervisor's to judge */
	check("sched_getaffinity", 77, 0, ALLOW);
	check("execve", 0, 0, ALLOW);
}

static void check_network(void)
{
	check("socket", AF_INET, SOCK_STREAM, ALLOW);
	check("socket", AF_UNIX, SOCK_DGRAM, ALLOW);
	check("socket", AF_PACKET, SOCK_DGRAM, NO(EAFNOSUPPORT));
	check("socketpair", AF_UNIX, SOCK_DGRAM, ALLOW);
	check("connect", 3, 0, ALLOW);
}

static void check_no_network(void)
{
	check("socket", AF_INET, SOCK_STREAM, NO(EACCES));
	check("socket", AF_UNIX, SOCK_STREAM, NO(EACCES));
	check("socket", AF_NETLINK, SOCK_RAW, NO(EACCES));
	check("socketpair", AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, ALLOW);
	check("socketpair", AF_UNIX, SOCK_SEQPACKET, ALLOW);
	check("socketpair", AF_UNIX, SOCK_DGRAM, NO(EACCES));
	check("socketpair", AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, NO(EACCES));
	check("socketpair", AF_UNIX, SOCK_RAW, NO(EACCES));	/* taken for a datagram socket: unix(7) */
	check("socketpair", AF_INET, SOCK_STREAM, NO(EACCES));
	check("connect", 3, 0, NO(EACCES));
	check("bind", 3, 0, NO(EACCES));
}

/* Nothing of the default policy is lost: what it refuses whatever the arguments are is refused here. */
static void check_default(void)
{
	const struct cordon_seccomp *shared = policy;

	for (size_t i = 0; i < seccomp_default_policy.nrules; i++) {
		const struct seccomp_rule *rule = &seccomp_default_policy.rules[i];
		uint32_t usual, here;

		if (rule->nargs != 0 || cordon_syscall_number(rule->syscall, CORDON_ARCH_NATIVE) < 0)
			continue;
		policy = NULL;
		usual = verdict(rule->syscall, UINT32_MAX - 1, UINT32_MAX - 1);
		policy = shared;
		here = verdict(rule->syscall, UINT32_MAX - 1, UINT32_MAX - 1);
		if (usual != ALLOW && here == ALLOW)
			TEST_FAIL("%s: allowed", rule->syscall);
	}
}

int main(void)
{
	const struct cordon_seccomp *again;
	struct cordon_error err;

	for (int network = 0; network < 2; network++) {
		REQUIRE(seccomp_shared(network, &policy, &err) == 0);
		REQUIRE(seccomp_shared(network, &again, &err) == 0);
		CHECK(policy == again);
		check_common();
		check_default();
		if (network)
			check_network();
		else
			check_no_network();
	}
	REQUIRE(seccomp_allow_all(&policy, &err) == 0);
	check("mount", 0, 0, ALLOW);
	check("socket", AF_PACKET, 0, ALLOW);
	return TEST_RESULT();
}
