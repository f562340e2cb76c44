/* SPDX-License-Identifier: Apache-2.0 */
/* loop: one epoll set over the descriptors of many runs.
 *
 * Theory of operation. One thread, the loop's, is in loop_next; any other calls loop_add and loop_close. A new run is put
 * into the epoll set by the adding thread, so that it sees the failure, and pushed onto a stack, which the loop's thread
 * takes as a whole (adopt). An eventfd wakes the loop's thread for both. There is no lock: libpthread is not linked
 * (its symbols moved in glibc 2.34).
 * A run's own deadline is asked for after each step. Finding the nearest one walks over all runs: some hundreds of them, a
 * comparison each.
 *
 * I1  Only the loop's thread touches the list, the entries in it and their runs.
 * I2  An entry is stepped only after it was adopted: its event may come earlier, between the two acts of loop_add.
 * See epoll(7), eventfd(2). */
#include "host/loop.h"

#include <errno.h>
#include <limits.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/base.h"
#include "error/error.h"

#define EFD_FLAGS (O_CLOEXEC | O_NONBLOCK)	/* EFD_CLOEXEC | EFD_NONBLOCK, sys/eventfd.h */
#define NEVER UINT64_MAX
#define TOKEN_BIT 1	/* in an event's data, which else is the address of an entry */

struct entry {
	struct entry *next;
	struct entry *prev;		/* in the list only */
	struct cordon_run *run;
	uint64_t deadline_ns;		/* CLOCK_MONOTONIC, or NEVER */
	bool adopted;
	bool synced;			/* SYNC was reported */
	const struct cordon_question *question;	/* that was reported, and is open; another one has another address */
};

struct loop {
	int epoll_fd;
	int wake_fd;
	atomic_bool closed;
	_Atomic(struct entry *) added;	/* the stack */
	struct entry *first;		/* the list */
	struct entry *held;		/* reported by the last loop_next, released or answered since then */
};

static void wake(struct loop *loop)
{
	uint64_t one = 1;

	/* Fails only where the counter is full, and then the loop's thread is awake anyway. */
	(void)sys(__NR_write, loop->wake_fd, &one, sizeof one);
}

static int epoll_add(struct loop *loop, int fd, struct entry *entry)
{
	struct epoll_event event = { .events = EPOLLIN, .data = (uintptr_t)entry };

	return (int)sys(__NR_epoll_ctl, loop->epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static void entry_unlink(struct loop *loop, struct entry *entry)
{
	if (entry->prev != NULL)
		entry->prev->next = entry->next;
	else
		loop->first = entry->next;
	if (entry->next != NULL)
		entry->next->prev = entry->prev;
}

/* Moves what other threads have added into the list. Due at once: what happened before is not an event any more. */
static void adopt(struct loop *loop)
{
	struct entry *entry = atomic_exchange(&loop->added, NULL);

	while (entry != NULL) {
		struct entry *next = entry->next;

		entry->adopted = true;
		entry->deadline_ns = 0;
		entry->prev = NULL;
		entry->next = loop->first;
		if (loop->first != NULL)
			loop->first->prev = entry;
		loop->first = entry;
		entry = next;
	}
}

/* Whether the loop's caller has something to do that it does not know yet. */
static bool is_news(struct entry *entry, enum cordon_run_state state)
{
	const struct cordon_question *question = state == CORDON_RUN_ASK ? cordon_run_question(entry->run) : NULL;
	bool news = question != NULL && question != entry->question;

	entry->question = question;
	if (state == CORDON_RUN_SYNC && !entry->synced)
		news = entry->synced = true;
	return news;
}

/* Steps a run; returns it where loop_next has to. entry is gone where the run is done. */
static struct cordon_run *step(struct loop *loop, struct entry *entry)
{
	struct cordon_run *run = entry->run;
	enum cordon_run_state state = cordon_run_step(run);
	int64_t timeout_ns;

	if (state == CORDON_RUN_DONE) {
		/* Cannot fail: it was added, and the run still has its descriptor. */
		(void)sys(__NR_epoll_ctl, loop->epoll_fd, EPOLL_CTL_DEL, cordon_run_fd(run), NULL);
		entry_unlink(loop, entry);
		free(entry);
		return run;
	}
	timeout_ns = cordon_run_timeout_ns(run);
	entry->deadline_ns = timeout_ns < 0 ? NEVER : clock_ns() + (uint64_t)timeout_ns;
	if (!is_news(entry, state))
		return NULL;
	loop->held = entry;
	return run;
}

/* Steps a run whose time has come, if there is one, until one has to be returned. */
static struct cordon_run *step_due(struct loop *loop, uint64_t now, uint64_t *ret_nearest_ns)
{
	struct entry *next;

	*ret_nearest_ns = NEVER;
	for (struct entry *entry = loop->first; entry != NULL; entry = next) {
		next = entry->next;
		if (entry->deadline_ns <= now) {
			struct cordon_run *run = step(loop, entry);

			if (run != NULL)
				return run;
		}
		/* step frees entry only with a run to return. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		*ret_nearest_ns = u64_min(*ret_nearest_ns, entry->deadline_ns);
	}
	return NULL;
}

/* Rounded up: a timeout that ends a moment early would be waited for again and again. */
static int wait_ms(uint64_t nearest_ns)
{
	uint64_t now = clock_ns();

	if (nearest_ns == NEVER)
		return -1;
	if (nearest_ns <= now)
		return 0;
	return (int)u64_min((nearest_ns - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC, INT_MAX);
}

/* Waits for one event; returns its entry, or NULL where there is none to step. */
static struct entry *wait_event(struct loop *loop, uint64_t nearest_ns, uint64_t *ret_token)
{
	struct epoll_event event;
	uint64_t count;

	/* EINTR (a signal of the JVM's) counts as an early wake-up. epoll_pwait2 with its ns came with Linux 5.11. */
	if (sys(__NR_epoll_pwait, loop->epoll_fd, &event, 1, wait_ms(nearest_ns), NULL, 0) != 1)
		return NULL;
	if ((event.data & TOKEN_BIT) != 0)
		*ret_token = event.data >> 1;
	else if (event.data == 0)
		(void)sys(__NR_read, loop->wake_fd, &count, sizeof count);
	return (event.data & TOKEN_BIT) != 0 ? NULL : (struct entry *)(uintptr_t)event.data;
}

/* *until_ns: when it will have been, NEVER where a run is in the loop. */
static bool is_idle_for_long(const struct loop *loop, uint64_t idle_ns, uint64_t *until_ns)
{
	uint64_t now = clock_ns();

	if (loop->first != NULL || idle_ns == LOOP_NEVER) {
		*until_ns = NEVER;
		return false;
	}
	*until_ns = u64_min(*until_ns, now + idle_ns);
	return *until_ns <= now;
}

int loop_open(struct loop **ret_loop, struct cordon_error *err)
{
	struct loop *loop = calloc(1, sizeof *loop);
	int rc;

	if (loop == NULL)
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	loop->wake_fd = -1;
	loop->epoll_fd = (int)sys(__NR_epoll_create1, O_CLOEXEC);
	rc = loop->epoll_fd;
	if (rc >= 0)
		rc = loop->wake_fd = (int)sys(__NR_eventfd2, 0, EFD_FLAGS);
	if (rc >= 0)
		rc = epoll_add(loop, loop->wake_fd, NULL);
	if (rc < 0) {
		loop_free(loop);
		return error_set(err, -rc, CORDON_STEP_WAIT, CORDON_NO_INDEX, "event loop");
	}
	*ret_loop = loop;
	return 0;
}

int loop_add(struct loop *loop, struct cordon_run *run)
{
	struct entry *entry = calloc(1, sizeof *entry);
	int rc;

	if (entry == NULL)
		return -ENOMEM;
	entry->run = run;
	rc = epoll_add(loop, cordon_run_fd(run), entry);
	if (rc < 0) {
		free(entry);
		return rc == -EEXIST ? 0 : rc;
	}
	entry->next = atomic_load(&loop->added);
	while (!atomic_compare_exchange_weak(&loop->added, &entry->next, entry))
		;	/* another thread was faster; entry->next is the new top */
	wake(loop);
	return 0;
}

/* ONESHOT: an event is told to one caller, who asks for the next one when he wants it. */
int loop_watch(struct loop *loop, int fd, short events, uint64_t token)
{
	struct epoll_event event = { .events = (uint32_t)events | EPOLLONESHOT, .data = token << 1 | TOKEN_BIT };
	long rc = sys(__NR_epoll_ctl, loop->epoll_fd, EPOLL_CTL_MOD, fd, &event);

	return rc == -ENOENT ? (int)sys(__NR_epoll_ctl, loop->epoll_fd, EPOLL_CTL_ADD, fd, &event) : (int)rc;
}

void loop_unwatch(struct loop *loop, int fd)
{
	(void)sys(__NR_epoll_ctl, loop->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

struct cordon_run *loop_next(struct loop *loop, uint64_t idle_ns, uint64_t *ret_token)
{
	/* Its deadline is another one since it was released; the next question may have come before the answer. */
	struct entry *entry = loop->held;
	uint64_t idle_until_ns = NEVER;

	loop->held = NULL;
	*ret_token = 0;
	while (!atomic_load(&loop->closed)) {
		struct cordon_run *run = NULL;
		uint64_t nearest_ns;

		adopt(loop);
		if (entry != NULL && entry->adopted)
			run = step(loop, entry);
		if (run == NULL)
			run = step_due(loop, clock_ns(), &nearest_ns);
		if (run != NULL)
			return run;
		if (is_idle_for_long(loop, idle_ns, &idle_until_ns))
			return NULL;
		entry = wait_event(loop, u64_min(nearest_ns, idle_until_ns), ret_token);
		if (*ret_token != 0)
			return NULL;
	}
	return NULL;
}

void loop_close(struct loop *loop)
{
	atomic_store(&loop->closed, true);
	wake(loop);
}

void loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	adopt(loop);
	while (loop->first != NULL) {
		struct entry *entry = loop->first;

		/* What was freed is no longer in the list. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		entry_unlink(loop, entry);
		free(entry);
	}
	fd_close(&loop->wake_fd);
	fd_close(&loop->epoll_fd);
	free(loop);
}
