/* SPDX-License-Identifier: Apache-2.0 */
/* eat: holds memory of one kind, and prints how much of it the kernel counts: "anon_kib" (anonymous and shared memory)
 * and "hwm_kib" (the peak resident size), both at the maximum.
 *
 * usage: eat VERB KIB. If a call fails, it exits with status 5 and prints "errno=N". */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 4
#define PIPE_BYTES (1 << 20)
#define PIPES_MAX 100

static size_t bytes;

static _Noreturn void fail(void)
{
	printf("errno=%d\n", errno);
	exit(5);
}

static void touch(volatile char *p, size_t len)
{
	for (size_t i = 0; i < len; i += 4096)
		p[i] = 1;
}

static void touch_mapping(int flags, int fd)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		fail();
	touch(p, bytes);
}

static void eat_malloc(void)
{
	for (size_t left = bytes; left > 0;) {
		size_t n = left < 65536 ? left : 65536;
		char *p = malloc(n);

		if (!p)
			fail();
		memset(p, 1, n);
		left -= n;	/* kept: NOLINT(clang-analyzer-unix.Malloc) */
	}
}

static void eat_mmap(void)
{
	touch_mapping(MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

static void eat_shared(void)
{
	touch_mapping(MAP_SHARED | MAP_ANONYMOUS, -1);
}

static void eat_shm(void)
{
	int fd = shm_open("/eaten", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0)
		fail();
	touch_mapping(MAP_SHARED, fd);
}

static void eat_memfd(void)
{
	int fd = memfd_create("eaten", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)bytes) != 0)
		fail();
	touch_mapping(MAP_SHARED, fd);
}

static void write_file(const char *path, size_t len)
{
	static char block[65536];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		fail();
	while (len > 0) {
		ssize_t n = write(fd, block, len < sizeof block ? len : sizeof block);

		if (n < 0)
			fail();
		len -= (size_t)n;
	}
	close(fd);
}

static void eat_file(void)
{
	write_file("/tmp/eaten", bytes);
}

/* Files of 1 MiB, each closed at once: their contents are mapped by no process. */
static void eat_files(void)
{
	char path[64];

	for (size_t i = 0; i * (1 << 20) < bytes; i++) {
		snprintf(path, sizeof path, "/tmp/eaten-%zu", i);
		write_file(path, 1 << 20);
	}
}

static void eat_pipes(void)
{
	static char block[PIPE_BYTES];
	size_t held = 0;

	for (int i = 0; i < PIPES_MAX && held < bytes; i++) {
		int p[2], size;
		ssize_t n;

		if (pipe2(p, O_CLOEXEC | O_NONBLOCK) != 0)
			fail();
		size = fcntl(p[1], F_SETPIPE_SZ, PIPE_BYTES);
		n = write(p[1], block, sizeof block);
		if (size < 0 || n < 0)
			fail();
		held += (size_t)n;
	}
}

/* Each holds its part until all do. */
static void eat_children(void)
{
	int full[2], end[2];
	char c;

	if (pipe2(full, O_CLOEXEC) != 0 || pipe2(end, O_CLOEXEC) != 0)
		fail();
	for (int i = 0; i < CHILDREN; i++) {
		if (fork() != 0)
			continue;
		close(end[1]);
		bytes /= CHILDREN;
		eat_mmap();
		_exit(write(full[1], "x", 1) != 1 || read(end[0], &c, 1) != 0);
	}
	close(full[1]);
	for (int i = 0; i < CHILDREN; i++)
		if (read(full[0], &c, 1) != 1)
			fail();
	close(end[1]);
	while (wait(NULL) > 0)
		;
}

static const struct {
	const char *name;
	void (*eat)(void);
} verbs[] = {
	{ "malloc", eat_malloc }, { "mmap", eat_mmap },   { "shared", eat_shared }, { "shm", eat_shm },
	{ "memfd", eat_memfd },
	{ "file", eat_file },	  { "files", eat_files }, { "pipes", eat_pipes },   { "children", eat_children },
};

static long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? strtol(at + strlen(name), NULL, 10) : 0;
}

static void say(void)
{
	char text[4096];
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);

	text[n < 0 ? 0 : n] = '\0';
	printf("anon_kib=%ld\nhwm_kib=%ld\n", field(text, "RssAnon:") + field(text, "RssShmem:"),
	       field(text, "VmHWM:"));
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 64;
	bytes = (size_t)strtoul(argv[2], NULL, 10) << 10;
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(verbs[i].name, argv[1]) == 0) {
			verbs[i].eat();
			say();
			return 0;
		}
	return 64;
}
