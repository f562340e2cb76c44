/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "trace/host.h"

#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include "base/base.h"
#include "trace/trace.h"

#define VARIABLE "CORDON_TRACE"
#define REFUSAL "cordon: " VARIABLE " is not the number of a descriptor that is open for writing: nothing is traced\n"

static atomic_bool begun;

/* A number of digits and nothing else; -1 = none. */
static int number_of(const char *text)
{
	int number = 0;

	if (*text == '\0')
		return -1;
	for (; *text >= '0' && *text <= '9'; text++) {
		if (number > (INT_MAX - 9) / 10)
			return -1;
		number = number * 10 + (*text - '0');
	}
	return *text == '\0' ? number : -1;
}

static bool is_writable(int fd)
{
	long flags = sys(__NR_fcntl, fd, F_GETFL);

	return flags >= 0 && (flags & O_PATH) == 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/* A pipe is opened anew: its flags are then ours, and no write ever waits. Where there is no procfs, or no right to do
 * so, and for any other file, the copy shares the caller's open file. */
static int copy_of(int fd)
{
	char number[24], path[64];
	int copy = -1;

	if ((fd_mode(fd) & S_IFMT) == S_IFIFO &&
	    str_concat(path, sizeof path, "/proc/self/fd/", u64_text(number, sizeof number, (uint64_t)fd), ""))
		copy = (int)sys(__NR_openat, AT_FDCWD, path, O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0);
	return copy >= 0 ? copy : (int)sys(__NR_fcntl, fd, F_DUPFD_CLOEXEC, 3);
}

static void refuse(void)
{
	static atomic_bool said;

	if (!atomic_exchange(&said, true))
		(void)fd_write_quietly(2, REFUSAL, sizeof REFUSAL - 1);
}

void trace_host_begin(void)
{
	const char *text;
	int fd;

	if (atomic_load_explicit(&begun, memory_order_relaxed) || atomic_exchange(&begun, true))
		return;
	text = getenv(VARIABLE);
	if (text == NULL)
		return;
	fd = number_of(text);
	fd = fd >= 0 && is_writable(fd) ? copy_of(fd) : -1;
	if (fd >= 0)
		trace_start(fd, 0);
	else
		refuse();
}

void trace_host_release(void)
{
	trace_stop();
	atomic_store(&begun, false);
}
