/* SPDX-License-Identifier: Apache-2.0 */
/* notation: macros for the rules of the built-in policies (struct seccomp_rule). */
#ifndef CORDON_SECCOMP_NOTATION_H
#define CORDON_SECCOMP_NOTATION_H

#include <errno.h>
#include <linux/seccomp.h>
#include "seccomp/seccomp.h"

#define RULE(name, act) { .syscall = (name), .action = (act) }
#define DENY(name) RULE(name, SECCOMP_RET_ERRNO | EPERM)
#define ABSENT(name) RULE(name, SECCOMP_RET_ERRNO | ENOSYS)
#define IF(name, act, ...) { .syscall = (name), .action = (act), .nargs = 1, .args = { __VA_ARGS__ } }
#define IF_BOTH(name, act, ...) { .syscall = (name), .action = (act), .nargs = 2, .args = { __VA_ARGS__ } }
#define IF_ALL_THREE(name, act, ...) { .syscall = (name), .action = (act), .nargs = 3, .args = { __VA_ARGS__ } }
/* (int argument & bits) == want */
#define MASKED(arg, bits, want) { .index = (arg), .op = SECCOMP_OP_MASKED_EQ, .value = (want), .mask = (bits) }
/* Compares the low half only: the kernel ignores the upper one, so a program could set bits there to evade the rule. */
#define INT_IS(arg, want) MASKED(arg, 0xffffffffu, want)

/* Compares all 64 bits: a pointer, or a long. */
#define IS(arg, want) MASKED(arg, UINT64_MAX, want)

/* Leases and notes about a file hold up, or tell of, everybody who opens it (fcntl(2)). The numbers are those of
 * linux/fcntl.h, the last one of Linux 6.19. */
#define F_SETLEASE_COMMAND 1024u
#define F_NOTIFY_COMMAND 1026u
#define F_SETDELEG_COMMAND 1040u
#define NO_LEASES                                                                                                  \
	IF("fcntl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, F_SETLEASE_COMMAND)),                                      \
	IF("fcntl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, F_NOTIFY_COMMAND)),                                        \
	IF("fcntl", SECCOMP_RET_ERRNO | EPERM, INT_IS(1, F_SETDELEG_COMMAND))

#define SOCK_TYPE_BITS 0xfu	/* socket(2): the type without its flags */

#endif
