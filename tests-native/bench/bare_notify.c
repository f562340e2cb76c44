#include "bench/bare_notify.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "bench/bare_ptrace.h"
#include "bench/measure.h"

#define ADDFD_SEND 2u
#define IOCTL_SET_FLAGS _IOW('!', 4, uint64_t)

struct shared {
	volatile int listener;
	volatile uint64_t ns;
};

static void child(struct shared *s, const char *path, uint32_t pairs)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof filter / sizeof filter[0], filter };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	s->listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
	s->ns = bare_pairs(path, pairs);
	_exit(0);
}

static void serve(int listener, pid_t pid, uint32_t pairs)
{
	static struct seccomp_notif n;
	char path[4096];

	(void)ioctl(listener, IOCTL_SET_FLAGS, 1);
	for (uint32_t i = 0; i < pairs; i++) {
		struct seccomp_notif_addfd add = { .flags = ADDFD_SEND, .newfd_flags = O_CLOEXEC };
		struct iovec local = { path, 64 }, remote;

		memset(&n, 0, sizeof n);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &n) != 0)
			measure_die("SECCOMP_IOCTL_NOTIF_RECV", errno);
		remote = (struct iovec){ (void *)(uintptr_t)n.data.args[1], 64 };
		if (process_vm_readv(pid, &local, 1, &remote, 1, 0) <= 0)
			measure_die("process_vm_readv", errno);
		add.id = n.id;
		add.srcfd = (uint32_t)open(path, (int)n.data.args[2]);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add) < 0)
			measure_die("SECCOMP_IOCTL_NOTIF_ADDFD", errno);
		close((int)add.srcfd);
	}
}

uint64_t bare_notify_pairs(const char *path, uint32_t pairs)
{
	struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	uint64_t ns;
	int pidfd, listener;

	if (s == MAP_FAILED)
		measure_die("mmap", errno);
	s->listener = -1;
	pid = fork();
	if (pid == 0)
		child(s, path, pairs);
	while (s->listener < 0 && waitpid(pid, NULL, WNOHANG) == 0)
		usleep(100);
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	listener = (int)syscall(SYS_pidfd_getfd, pidfd, s->listener, 0);
	if (listener < 0)
		measure_die("pidfd_getfd", errno);
	serve(listener, pid, pairs);
	waitpid(pid, NULL, 0);
	close(listener);
	close(pidfd);
	ns = s->ns;
	munmap(s, sizeof *s);
	return ns;
}
