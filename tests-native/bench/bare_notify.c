/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/bare_notify.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"

#ifndef SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP	/* Linux 6.6 */
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1UL
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#endif

#define PATH_BYTES 256

struct shared {
	int32_t listener;	/* the child's number, -1 before; it shares its descriptors */
	uint64_t ns;
};

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	_exit(1);
}

static void run(const char *path, uint32_t pairs, struct shared *shared)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };
	uint64_t start;
	long listener;

	need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, "no_new_privs");
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	need(listener >= 0, "seccomp");
	__atomic_store_n(&shared->listener, (int32_t)listener, __ATOMIC_RELEASE);
	start = clock_ns();
	for (uint32_t i = 0; i < pairs; i++) {
		long fd = sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);

		need(fd >= 0, path);
		(void)sys(__NR_close, fd);
	}
	shared->ns = clock_ns() - start;
}

static void let_go_on(int listener, const struct seccomp_notif *n)
{
	struct seccomp_notif_resp answer = { .id = n->id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE };

	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0, "SEND");
}

static void serve(int listener, const struct seccomp_notif *n)
{
	char path[PATH_BYTES];
	struct iovec local = { path, sizeof path }, remote = { (void *)(uintptr_t)n->data.args[1], sizeof path };
	struct seccomp_notif_addfd add = { .id = n->id, .flags = SECCOMP_ADDFD_FLAG_SEND, .newfd_flags = O_CLOEXEC };
	int fd;

	need(process_vm_readv((pid_t)n->pid, &local, 1, &remote, 1, 0) > 0, "process_vm_readv");
	path[sizeof path - 1] = '\0';
	fd = open(path, O_RDONLY | O_CLOEXEC);
	need(fd >= 0, path);
	add.srcfd = (uint32_t)fd;
	need(ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) >= 0, "ADDFD");
	close(fd);
}

static uint64_t measure(const char *path, uint32_t pairs, void (*answer)(int, const struct seccomp_notif *))
{
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t ns;
	pid_t pid;
	int listener;

	need(shared != MAP_FAILED, "mmap");
	shared->listener = -1;
	pid = (pid_t)syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL);
	need(pid >= 0, "clone");
	if (pid == 0) {
		run(path, pairs, shared);
		_exit(0);
	}
	while ((listener = __atomic_load_n(&shared->listener, __ATOMIC_ACQUIRE)) < 0)
		sched_yield();
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
	for (uint32_t i = 0; i < pairs; i++) {
		struct seccomp_notif n;

		memset(&n, 0, sizeof n);
		need(ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0, "RECV");
		answer(listener, &n);
	}
	need(waitpid(pid, NULL, 0) == pid, "waitpid");
	close(listener);
	ns = shared->ns;
	munmap(shared, sizeof *shared);
	return ns;
}

static uint64_t measure_pinned(const char *path, uint32_t pairs, void (*answer)(int, const struct seccomp_notif *))
{
	cpu_set_t before, one;
	uint64_t ns;

	need(sched_getaffinity(0, sizeof before, &before) == 0, "sched_getaffinity");
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	need(sched_setaffinity(0, sizeof one, &one) == 0, "sched_setaffinity");
	ns = measure(path, pairs, answer);
	need(sched_setaffinity(0, sizeof before, &before) == 0, "sched_setaffinity");
	return ns;
}

uint64_t bare_notify_pairs(const char *path, uint32_t pairs)
{
	return measure(path, pairs, serve);
}

uint64_t bare_notify_pinned_pairs(const char *path, uint32_t pairs)
{
	return measure_pinned(path, pairs, serve);
}

uint64_t bare_notify_continued_pairs(const char *path, uint32_t pairs)
{
	return measure_pinned(path, pairs, let_go_on);
}
