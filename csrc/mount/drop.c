#include "mount/drop.h"

#include <linux/sched.h>
#include <linux/signal.h>
#include "arch/arch.h"
#include "base/base.h"

#define DROP_STACK 4096
#define DROPS_MAX 4

/* A slot is free when pid is 0. The stack is the process's until it has been reaped. */
static struct drop {
	int32_t pid;
	int fd;
	_Alignas(16) unsigned char stack[DROP_STACK];
} drops[DROPS_MAX];

static void drop_main(void *arg)
{
	struct drop *drop = arg;

	(void)sys(__NR_close, drop->fd);
	for (;;)
		sys(__NR_exit, 0);
}

void drop_reap(void)
{
	for (size_t i = 0; i < ARRAY_LEN(drops); i++)
		if (drops[i].pid != 0 && sys(__NR_wait4, drops[i].pid, NULL, WNOHANG_ALL, NULL) != 0)
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
	struct arch_clone_args args = { .flags = CLONE_VM | CLONE_FILES | CLONE_FS };
	long pid = -1;

	if (drop != NULL) {
		drop->fd = *fd;
		args.stack = (uint64_t)(uintptr_t)drop->stack;
		args.stack_size = sizeof drop->stack;
		pid = arch_clone(&args, drop_main, drop);
	}
	if (pid > 0) {
		drop->pid = (int32_t)pid;
		*fd = -1;
	} else {
		fd_close(fd);
	}
}
