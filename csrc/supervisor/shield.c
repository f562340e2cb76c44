/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel judges calls on another process by ids, and the supervisor has the program's real uid (process.c), or
 * both are the same user's. What it judges by the right to trace needs nothing here: the supervisor is not dumpable.
 * The rules are one block for each call, which begins with a look at its number: while a filter is loaded, the kernel
 * follows it for each number until it reads an argument (seccomp_cache_prepare), so the way there is short. */
#include "supervisor/shield.h"

#include <linux/errno.h>
#include <linux/seccomp.h>
#include "arch/arch.h"
#include "base/base.h"

/* sys/resource.h and linux/ioprio.h, which our build machines lack; asm-generic/fcntl.h and sockios.h */
#define PRIO_GROUP 1
#define PRIO_OF_USER 2
#define IOPRIO_GROUP 2
#define IOPRIO_USER 3
#define OWNER_SET 8		/* F_SETOWN */
#define OWNER_SET_EX 15		/* F_SETOWN_EX */
#define OWNER_FILE 0x8901	/* FIOSETOWN */
#define OWNER_SOCKET 0x8902	/* SIOCSPGRP */

struct writer {
	struct sock_filter *program;
	uint16_t n;
};

static void put(struct writer *w, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	w->program[w->n++] = (struct sock_filter){ code, jt, jf, k };
}

static uint32_t offset_of_arg(int arg)
{
	return (uint32_t)(offsetof(struct seccomp_data, args) + (size_t)arg * sizeof(uint64_t));
}

/* The low half: these arguments are ints, and the kernel ignores the rest. */
static void load_arg(struct writer *w, int arg)
{
	put(w, BPF_LD | BPF_W | BPF_ABS, 0, 0, offset_of_arg(arg));
}

static void refuse(struct writer *w, int err)
{
	put(w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (uint32_t)err);
}

/* Behind the number's test: the block's length is known at its end. */
static uint16_t begin_call(struct writer *w, long nr)
{
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, (uint32_t)nr);
	return w->n;
}

static void end_call(struct writer *w, uint16_t begin)
{
	put(w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	w->program[begin - 1].jf = (uint8_t)(w->n - begin);
}

/* The argument was loaded. */
static void refuse_if(struct writer *w, int64_t value, int err)
{
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)value);
	refuse(w, err);
}

/* The argument was loaded. */
static void refuse_tasks(struct writer *w, const struct shield_orders *o)
{
	for (size_t i = 0; i < ARRAY_LEN(o->tasks); i++)
		if (o->tasks[i] > 0)
			refuse_if(w, o->tasks[i], EPERM);
}

/* Refuses a call whose argument `arg` names one of the processes. */
static void keep_number(struct writer *w, const struct shield_orders *o, long nr, int arg)
{
	uint16_t begin = begin_call(w, nr);

	load_arg(w, arg);
	refuse_tasks(w, o);
	end_call(w, begin);
}

/* A call that names a process, a group or a user: argument 0 says which, argument 1 is the number. */
static void keep_which(struct writer *w, const struct shield_orders *o, long nr, uint32_t group, uint32_t user)
{
	uint16_t begin = begin_call(w, nr);

	load_arg(w, 0);
	refuse_if(w, user, EPERM);
	if (o->group > 0) {
		put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, group);	/* over the next three */
		load_arg(w, 1);
		refuse_if(w, o->group, EPERM);
	}
	load_arg(w, 1);
	refuse_tasks(w, o);
	end_call(w, begin);
}

/* -1 means all processes, another negative number a group. */
static void keep_kill(struct writer *w, const struct shield_orders *o, long nr, int arg)
{
	uint16_t begin = begin_call(w, nr);

	load_arg(w, arg);
	refuse_tasks(w, o);
	refuse_if(w, -1, EPERM);
	if (o->group > 0)
		refuse_if(w, -(int64_t)o->group, EPERM);
	end_call(w, begin);
}

static void keep_owner(struct writer *w, const struct shield_orders *o)
{
	uint16_t begin = begin_call(w, __NR_fcntl);

	load_arg(w, 1);
	refuse_if(w, OWNER_SET_EX, EPERM);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, OWNER_SET);
	put(w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	load_arg(w, 2);
	refuse_tasks(w, o);
	if (o->group > 0)
		refuse_if(w, -(int64_t)o->group, EPERM);
	end_call(w, begin);

	begin = begin_call(w, __NR_ioctl);
	load_arg(w, 1);
	refuse_if(w, OWNER_FILE, EPERM);
	refuse_if(w, OWNER_SOCKET, EPERM);
	end_call(w, begin);
}

static void keep_signals(struct writer *w, const struct shield_orders *o)
{
	uint16_t begin;

	keep_kill(w, o, __NR_kill, 0);
	keep_number(w, o, __NR_tkill, 0);
	keep_number(w, o, __NR_tgkill, 0);
	keep_number(w, o, __NR_rt_sigqueueinfo, 0);
	keep_number(w, o, __NR_rt_tgsigqueueinfo, 0);
	keep_owner(w, o);
	/* A directory of /proc is as good as a descriptor of pidfd_open. Programs then use kill. */
	begin = begin_call(w, __NR_pidfd_send_signal);
	refuse(w, ENOSYS);
	end_call(w, begin);
}

uint16_t shield_program(const struct shield_orders *orders, struct sock_filter program[SHIELD_MAX])
{
	struct writer w = { program, 0 };

	put(&w, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	put(&w, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch_audit);
	put(&w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);	/* refused by the other filters */
	put(&w, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	keep_number(&w, orders, __NR_sched_setaffinity, 0);
	keep_number(&w, orders, __NR_sched_setscheduler, 0);
	keep_number(&w, orders, __NR_sched_setparam, 0);
	keep_number(&w, orders, __NR_sched_setattr, 0);
	keep_number(&w, orders, __NR_prlimit64, 0);
	keep_which(&w, orders, __NR_setpriority, PRIO_GROUP, PRIO_OF_USER);
	keep_which(&w, orders, __NR_ioprio_set, IOPRIO_GROUP, IOPRIO_USER);
	if (orders->signals)
		keep_signals(&w, orders);
	put(&w, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	return w.n;
}
