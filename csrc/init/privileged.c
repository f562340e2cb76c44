/* SPDX-License-Identifier: Apache-2.0 */
/* privileged: the thread that mounts, which the program's filter forbids to init's main thread. It is a thread of pid
 * 1, so no signal from inside reaches it, and it sleeps in futex(2) except during a dirty reset. */
#include "init/init.h"

#include <linux/futex.h>
#include <linux/sched.h>
#include "arch/arch.h"
#include "base/base.h"
#include "error/error.h"

#define THREAD_STACK 131072	/* for the paths and trees of a reset; untouched pages cost nothing */

enum job_state {
	JOB_NONE,
	JOB_WAITS,
	JOB_DONE,
};

static struct {
	uint32_t state;		/* enum job_state, a futex */
	bool started;
	int (*fn)(void *);
	void *arg;
	int result;
	_Alignas(16) unsigned char stack[THREAD_STACK];
} thread;

static void wait_while(uint32_t state)
{
	while (__atomic_load_n(&thread.state, __ATOMIC_ACQUIRE) == state)
		(void)sys(__NR_futex, &thread.state, FUTEX_WAIT_PRIVATE, state, NULL, NULL, 0);
}

static void set_state(uint32_t state)
{
	__atomic_store_n(&thread.state, state, __ATOMIC_RELEASE);
	(void)sys(__NR_futex, &thread.state, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0);
}

static void thread_main(void *arg)
{
	(void)arg;
	for (;;) {
		while (__atomic_load_n(&thread.state, __ATOMIC_ACQUIRE) != JOB_WAITS)
			wait_while(__atomic_load_n(&thread.state, __ATOMIC_ACQUIRE));
		thread.result = thread.fn(thread.arg);
		set_state(JOB_DONE);
	}
}

int init_privileged_start(struct cordon_error *err)
{
	struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM,
		.stack = (uint64_t)(uintptr_t)thread.stack,
		.stack_size = sizeof thread.stack,
	};
	long tid = arch_clone(&args, thread_main, NULL);

	if (tid < 0)
		return error_set(err, (int)-tid, CORDON_STEP_CLONE, CORDON_NO_INDEX, "thread");
	thread.started = true;
	return (int)tid;
}

int init_privileged_call(int (*fn)(void *), void *arg)
{
	if (!thread.started)
		return fn(arg);
	thread.fn = fn;
	thread.arg = arg;
	set_state(JOB_WAITS);
	wait_while(JOB_WAITS);
	return thread.result;
}
