/* SPDX-License-Identifier: Apache-2.0 */
#include "mount/drop.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include "arch/arch.h"
#include "base/base.h"

#define DROP_STACK 4096
#define DROPS_MAX 4

/* A slot is free if pid is 0. The process uses the stack until it is reaped. */
static struct drop {
	int32_t pid;
	uint32_t released;	/* a futex: init has closed its own descriptor */
	_Alignas(16) unsigned char stack[DROP_STACK];
} drops[DROPS_MAX];

/* The process has a copy of init's descriptors, so its end closes the mount, also if init's kill(-1) kills it. It waits
 * until init has closed its descriptor, because the last one to close does the work. */
static void drop_main(void *arg)
{
	struct drop *drop = arg;

	while (__atomic_load_n(&drop->released, __ATOMIC_ACQUIRE) == 0)
		(void)sys(__NR_futex, &drop->released, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
	for (;;)
		sys(__NR_exit, 0);
}

void drop_reap(void)
{
	for (size_t i = 0; i < ARRAY_LEN(drops); i++)
		if (drops[i].pid != 0 && sys(__NR_wait4, drops[i].pid, NULL, WNOHANG_ALL, NULL) != 0)
			drops[i].pid = 0;
}

bool drop_has(int32_t pid)
{
	for (size_t i = 0; i < ARRAY_LEN(drops); i++)
		if (drops[i].pid == pid)
			return true;
	return false;
}

void drop_forget(void)
{
	for (size_t i = 0; i < ARRAY_LEN(drops); i++)
		drops[i].pid = 0;
}

static struct drop *free_slot(void)
{
	drop_reap();
	for (size_t i = 0; i < ARRAY_LEN(drops); i++)
		if (drops[i].pid == 0)
			return &drops[i];
	return NULL;
}

void drop_close(int *fd)
{
	struct drop *drop = free_slot();
	struct arch_clone_args args = { .flags = CLONE_VM | CLONE_FS };
	long pid;

	if (drop != NULL) {
		drop->released = 0;
		args.stack = (uint64_t)(uintptr_t)drop->stack;
		args.stack_size = sizeof drop->stack;
		pid = arch_clone(&args, drop_main, drop);
		drop->pid = pid > 0 ? (int32_t)pid : 0;
	}
	fd_close(fd);
	if (drop == NULL)
		return;
	__atomic_store_n(&drop->released, 1, __ATOMIC_RELEASE);
	(void)sys(__NR_futex, &drop->released, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
