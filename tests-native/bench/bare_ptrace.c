/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bare_ptrace.h"

#include <fcntl.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

uint16_t bare_filter(const long *numbers, uint32_t count, struct sock_filter ret[BARE_FILTER_MAX])
{
	uint16_t n = 0;

	need(count <= (BARE_FILTER_MAX - 2) / 2, "bare_filter");
	ret[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (uint32_t i = 0; i < count; i++) {
		ret[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)numbers[i], 0, 1);
		ret[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	}
	ret[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

void bare_load(const struct sock_filter *filter, uint16_t len)
{
	const struct sock_fprog program = { .len = len, .filter = (struct sock_filter *)filter };

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
	need(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0, "seccomp");
}

uint64_t bare_pairs(const char *path, uint32_t pairs)
{
	uint64_t start = clock_ns();

	for (uint32_t i = 0; i < pairs; i++) {
		long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);

		need(fd >= 0, path);
		(void)sys(__NR_close, fd);
	}
	return clock_ns() - start;
}

/* reads: also reads the path of each call, as a judge of paths must. */
static void loop(bool reads)
{
	static char text[4096];

	for (;;) {
		struct ptrace_syscall_info info;
		int status;
		long tid = sys(__NR_wait4, -1, &status, __WALL, NULL);

		if (tid < 0)
			return;
		if (!WIFSTOPPED(status))
			continue;
		(void)sys(__NR_ptrace, PTRACE_GET_SYSCALL_INFO, tid, sizeof info, &info);
		if (reads && info.op == PTRACE_SYSCALL_INFO_SECCOMP) {
			struct iovec local = { text, sizeof text };
			struct iovec remote = { (void *)(uintptr_t)info.seccomp.args[1], 256 };

			(void)sys(__NR_process_vm_readv, tid, &local, 1, &remote, 1, 0);
		}
		(void)sys(__NR_ptrace, PTRACE_CONT, tid, 0, 0);
	}
}

static uint64_t traced_pairs(const char *path, uint32_t pairs, bool reads)
{
	static const long numbers[] = { __NR_openat };
	struct sock_filter filter[BARE_FILTER_MAX];
	uint16_t len = bare_filter(numbers, 1, filter);
	uint64_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int go[2];
	char byte = 1;
	uint64_t ns;
	pid_t pid;

	need(shared != MAP_FAILED && pipe2(go, O_CLOEXEC) == 0, "bare_ptrace_pairs");
	pid = fork();
	need(pid >= 0, "fork");
	if (pid == 0) {
		need(read(go[0], &byte, 1) == 1, "read");
		bare_load(filter, len);
		*shared = bare_pairs(path, pairs);
		_exit(0);
	}
	need(sys(__NR_ptrace, PTRACE_SEIZE, pid, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL) == 0, "PTRACE_SEIZE");
	need(write(go[1], &byte, 1) == 1, "write");
	loop(reads);
	ns = *shared;
	close(go[0]);
	close(go[1]);
	munmap(shared, 4096);
	return ns;
}

uint64_t bare_ptrace_pairs(const char *path, uint32_t pairs)
{
	return traced_pairs(path, pairs, false);
}

uint64_t bare_ptrace_reading_pairs(const char *path, uint32_t pairs)
{
	return traced_pairs(path, pairs, true);
}
