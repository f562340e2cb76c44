/* SPDX-License-Identifier: Apache-2.0 */
/* opens: "opens N PATH" makes N pairs of openat and close, "opens N" makes N getppid calls, "opens N PATH stat" looks
 * at attributes by path and "opens N PATH fstat" by descriptor, "opens N PATH chdir" changes the directory; prints the
 * ns that they took as "ns=...". */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

static long call(const char *what, const char *path)
{
	static struct stat st;
	static int fd = -1;

	if (what[0] == 's')
		return syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0);
	if (what[0] == 'c')
		return syscall(SYS_chdir, path);
	if (fd < 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	return syscall(SYS_newfstatat, fd, "", &st, AT_EMPTY_PATH);
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? strtol(argv[1], NULL, 10) : 0, start = now_ns();

	for (long i = 0; i < n; i++) {
		if (argc > 3) {
			if (call(argv[3], argv[2]) != 0)
				return 1;
		} else if (argc > 2) {
			long fd = syscall(SYS_openat, AT_FDCWD, argv[2], O_RDONLY | O_CLOEXEC, 0);

			if (fd < 0)
				return 1;
			close((int)fd);
		} else {
			(void)syscall(SYS_getppid);
		}
	}
	printf("ns=%ld\n", now_ns() - start);
	return 0;
}
