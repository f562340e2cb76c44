/* SPDX-License-Identifier: Apache-2.0 */
/* writer: the program for the benchmark of a dirty reset: makes a file of 4 KiB in /w and one in /tmp, and exits. */
#include <linux/fcntl.h>
#include "base/syscall.h"

void _start(void);

static void write_file(const char *path)
{
	static const char page[4096];
	long fd = sys(__NR_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0644);

	(void)sys(__NR_write, fd, page, sizeof page);
}

void _start(void)
{
	write_file("/w/file");
	write_file("/tmp/file");
	for (;;)
		sys(__NR_exit_group, 0);
}
