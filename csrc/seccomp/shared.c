/* SPDX-License-Identifier: Apache-2.0 */
/* shared: the policy of a program that has no namespaces of its own.
 *
 * The default policy relies on namespaces for signals, System V and POSIX IPC, and the network. Here the program shares
 * them with the caller, and has the caller's uid, so the kernel would let it reach all of the caller's processes. This
 * policy closes the ways that can be refused altogether; for kill(2) and its relatives it depends on the target, so the
 * supervisor decides.
 * I1  A call that the default policy refuses is refused here: a rule of it is replaced only by a stricter one. */
#include "seccomp/shared.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "base/base.h"
#include "error/error.h"
#include "seccomp/notation.h"

/* asm-generic/fcntl.h and sockios.h: the same on both CPUs. */
#define F_SETOWN_COMMAND 8u
#define F_SETSIG_COMMAND 10u
#define F_SETOWN_EX_COMMAND 15u
#define FIOSETOWN_REQUEST 0x8901u
#define SIOCSPGRP_REQUEST 0x8902u

static const struct seccomp_rule own_rules[] = {
	/* Scheduling of other processes: 0 is the caller itself. (prlimit and ioprio_set are in the default policy.
	 * What prlimit reads of another process is in its /proc as well.) */
	IF("sched_setaffinity", SECCOMP_RET_ALLOW, INT_IS(0, 0)), DENY("sched_setaffinity"),
	IF("sched_setattr", SECCOMP_RET_ALLOW, INT_IS(0, 0)), DENY("sched_setattr"),
	IF("sched_setparam", SECCOMP_RET_ALLOW, INT_IS(0, 0)), DENY("sched_setparam"),
	IF("sched_setscheduler", SECCOMP_RET_ALLOW, INT_IS(0, 0)), DENY("sched_setscheduler"),
	IF_BOTH("setpriority", SECCOMP_RET_ALLOW, INT_IS(0, PRIO_PROCESS), INT_IS(1, 0)), DENY("setpriority"),

	/* SIGIO and the like, which the kernel sends to any process when a descriptor becomes ready. */
	IF("fcntl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, F_SETOWN_COMMAND)),
	IF("fcntl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, F_SETOWN_EX_COMMAND)),
	IF("fcntl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, F_SETSIG_COMMAND)),
	NO_LEASES,
	IF("ioctl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, FIOSETOWN_REQUEST)),
	IF("ioctl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, SIOCSPGRP_REQUEST)),

	/* Memory, semaphores and queues that outlive the run and are shared with the user's other processes. POSIX
	 * shared memory and semaphores are files. */
	DENY("shmget"), DENY("shmat"), DENY("shmctl"), DENY("shmdt"),
	DENY("semget"), DENY("semop"), DENY("semtimedop"), DENY("semctl"),
	DENY("msgget"), DENY("msgsnd"), DENY("msgrcv"), DENY("msgctl"),
	DENY("mq_open"), DENY("mq_unlink"), DENY("mq_timedsend"), DENY("mq_timedreceive"), DENY("mq_notify"),
	DENY("mq_getsetattr"),
};

/* No network. Only connected pairs of stream or seqpacket sockets: a datagram pair could be connected to another
 * process's address, and sendmsg(2) takes an address from memory, where a filter cannot look; a connected pair takes
 * none (unix(7)). */
static const struct seccomp_rule no_network_rules[] = {
	RULE("socket", SECCOMP_RET_ERRNO | EACCES),
	IF_BOTH("socketpair", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX), MASKED(1, SOCK_TYPE_BITS, SOCK_STREAM)),
	IF_BOTH("socketpair", SECCOMP_RET_ALLOW, INT_IS(0, AF_UNIX), MASKED(1, SOCK_TYPE_BITS, SOCK_SEQPACKET)),
	RULE("socketpair", SECCOMP_RET_ERRNO | EACCES),
	RULE("connect", SECCOMP_RET_ERRNO | EACCES), RULE("bind", SECCOMP_RET_ERRNO | EACCES),
};

static bool names(const struct seccomp_rule *rules, size_t n, const char *syscall)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(rules[i].syscall, syscall) == 0)
			return true;
	return false;
}

/* Both policies' ioctl rules refuse, so both are kept. */
static bool is_replaced(bool network, const char *syscall)
{
	if (strcmp(syscall, "ioctl") == 0)
		return false;
	return names(own_rules, ARRAY_LEN(own_rules), syscall) ||
	       (!network && names(no_network_rules, ARRAY_LEN(no_network_rules), syscall));
}

/* Stores the rules in rules[], which is large enough; returns their number. */
static size_t join_rules(bool network, struct seccomp_rule *rules)
{
	const struct seccomp_policy *base = &seccomp_default_policy;
	size_t n = ARRAY_LEN(own_rules);

	memcpy(rules, own_rules, sizeof own_rules);
	if (!network) {
		memcpy(&rules[n], no_network_rules, sizeof no_network_rules);
		n += ARRAY_LEN(no_network_rules);
	}
	for (size_t i = 0; i < base->nrules; i++)
		if (!is_replaced(network, base->rules[i].syscall))
			rules[n++] = base->rules[i];
	return n;
}

static int shared_compile(bool network, struct cordon_seccomp **ret, struct cordon_error *err)
{
	struct seccomp_policy policy = seccomp_default_policy;
	struct seccomp_rule *rules =
		calloc(policy.nrules + ARRAY_LEN(own_rules) + ARRAY_LEN(no_network_rules), sizeof *rules);
	int rc;

	if (rules == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	policy.rules = rules;
	policy.nrules = join_rules(network, rules);
	rc = seccomp_rules_new(&policy, CORDON_ARCH_NATIVE, ret, err);
	free(rules);
	return rc;
}

int seccomp_shared(bool network, const struct cordon_seccomp **ret, struct cordon_error *err)
{
	static seccomp_kept kept[2];
	struct cordon_seccomp *fresh;
	int rc = 0;

	*ret = atomic_load_explicit(&kept[network], memory_order_acquire);
	if (*ret == NULL && (rc = shared_compile(network, &fresh, err)) == 0)
		*ret = seccomp_keep(&kept[network], fresh);
	return rc;
}

int seccomp_allow_all(const struct cordon_seccomp **ret, struct cordon_error *err)
{
	static const struct cordon_seccomp_policy policy = {
		.default_action = SECCOMP_RET_ALLOW, .unknown_action = SECCOMP_RET_ALLOW,
	};
	static seccomp_kept kept;
	struct cordon_seccomp *fresh;
	int rc = 0;

	*ret = atomic_load_explicit(&kept, memory_order_acquire);
	if (*ret == NULL && (rc = cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &fresh, err)) == 0)
		*ret = seccomp_keep(&kept, fresh);
	return rc;
}
