/* SPDX-License-Identifier: Apache-2.0 */
/* probe: tries what a sandboxed program must not be able to do, and prints how it was refused.
 *
 * Each attempt runs in a child of its own and prints one line, "name=N": N > 0 is the errno, 0 means that it succeeded,
 * -S that signal S ended the child. An attempt that succeeds does no damage: nothing is written, and only pid 1 gets
 * signals, and that only with "pid1". */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif

static const char *word;	/* argv[2] */

/* An attempt returns a negative number with errno set, or anything else where it worked. */
static long try_mount(void)
{
	return mount("none", "/tmp", "tmpfs", 0, NULL);
}

static long try_bind(void)
{
	return mount("/usr", "/tmp", NULL, MS_BIND, NULL);
}

static long try_remount_rw(void)
{
	return mount(NULL, "/usr", NULL, MS_REMOUNT | MS_BIND, NULL);
}

static long try_proc_mount(void)
{
	return mount("proc", "/tmp", "proc", 0, NULL);
}

static long try_umount(void)
{
	return umount2("/proc", MNT_DETACH);
}

static long try_mount_setattr(void)
{
	uint64_t attr[4] = { 0, 1 /* MOUNT_ATTR_RDONLY */, 0, 0 };

	return syscall(442, AT_FDCWD, "/usr", 0x8000 /* AT_RECURSIVE */, attr, sizeof attr);
}

static long try_open_tree(void)
{
	return syscall(428, AT_FDCWD, "/usr", 1 /* OPEN_TREE_CLONE */);
}

static long try_fsopen(void)
{
	return syscall(430, "tmpfs", 0);
}

static long try_pivot_root(void)
{
	return syscall(SYS_pivot_root, "/w", "/w");
}

static long try_chroot(void)
{
	return chroot("/w");
}

static long try_mknod(void)
{
	return mknod("/w/device", S_IFBLK | 0600, makedev(254, 0));
}

static long try_unshare_user(void)
{
	return unshare(CLONE_NEWUSER);
}

static long try_unshare_mount(void)
{
	return unshare(CLONE_NEWNS);
}

static long try_unshare_net(void)
{
	return unshare(CLONE_NEWNET);
}

static long try_clone_user(void)
{
	return syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
}

static long try_clone3_user(void)
{
	uint64_t args[8] = { CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0 };

	return syscall(435, args, sizeof args);
}

static long try_setns(void)
{
	int fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);

	/* Without a proc the call itself must still be refused. */
	return setns(fd < 0 ? 0 : fd, CLONE_NEWUSER);
}

static long try_setns_mount(void)
{
	int fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);

	return setns(fd < 0 ? 0 : fd, CLONE_NEWNS);
}

static long try_ptrace_attach(void)
{
	pid_t parent = getppid();

	if (ptrace(PTRACE_ATTACH, parent, NULL, NULL) < 0)
		return -1;
	/* If it succeeds, the parent must go on, or it could not be reported. */
	waitpid(parent, NULL, __WALL);
	ptrace(PTRACE_DETACH, parent, NULL, NULL);
	return 0;
}

static long try_ptrace_seize(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL);
}

static long try_process_vm(void)
{
	return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static long try_keyctl(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1);
}

static long try_add_key(void)
{
	return syscall(SYS_add_key, "user", "cordon-test", "x", 1, KEY_SPEC_PROCESS_KEYRING);
}

static long try_bpf(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = attr.value_size = 4;
	attr.max_entries = 1;
	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof attr);
}

static long try_perf(void)
{
	struct perf_event_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.size = sizeof attr;
	attr.type = PERF_TYPE_SOFTWARE;
	attr.config = PERF_COUNT_SW_CPU_CLOCK;
	attr.exclude_kernel = 1;
	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static long try_io_uring(void)
{
	struct io_uring_params p;

	memset(&p, 0, sizeof p);
	return syscall(425, 4, &p);
}

static long try_userfaultfd(void)
{
	return syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */);
}

static long try_kexec(void)
{
	return syscall(SYS_kexec_load, 0, 0, NULL, 0);
}

static long try_module(void)
{
	return syscall(SYS_init_module, NULL, 0, "");
}

static long try_reboot(void)
{
	/* Wrong magic: refused by every kernel, with EINVAL where the caller might have rebooted. */
	return syscall(SYS_reboot, 1, 2, 3, NULL);
}

static long try_swapon(void)
{
	return syscall(SYS_swapon, "/nowhere", 0);
}

static long try_sethostname(void)
{
	return sethostname("mine", 4);
}

static long try_settime(void)
{
	struct timespec t = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	return clock_settime(CLOCK_REALTIME, &t);
}

static long try_open_by_handle(void)
{
	struct {
		unsigned bytes;
		int type;
		unsigned char handle[8];
	} h = { 8, 1, { 2 } };

	/* "shocker": the host's root by its inode number. */
	return syscall(SYS_open_by_handle_at, AT_FDCWD, &h, O_RDONLY);
}

static long try_vsock(void)
{
	return socket(AF_VSOCK, SOCK_STREAM, 0);
}

static long try_raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, 1);
}

static long try_packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0);
}

static long try_tiocsti(void)
{
	char c = 'x';

	return ioctl(0, TIOCSTI, &c);
}

static long try_setuid0(void)
{
	return setuid(0);
}

static long try_setgroups(void)
{
	gid_t g = 0;

	return syscall(SYS_setgroups, 1, &g);
}

static long try_capset(void)
{
	struct {
		unsigned version;
		int pid;
	} head = { 0x20080522, 0 };
	unsigned data[6] = { 1u << 21, 1u << 21, 0, 0, 0, 0 };

	return syscall(SYS_capset, &head, data);
}

static long try_rlimit_raise(void)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_max++;
	return setrlimit(RLIMIT_NOFILE, &r);
}

static long try_write_usr(void)
{
	return open("/usr/cordon-test-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long try_write_root(void)
{
	return open("/cordon-test-was-here", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static long try_write_programs(void)
{
	return open("/programs/probe", O_WRONLY | O_CLOEXEC);
}

static long try_write_sysrq(void)
{
	return open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
}

static long try_write_core_pattern(void)
{
	return open("/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC);
}

static long try_kcore(void)
{
	return open("/proc/kcore", O_RDONLY | O_CLOEXEC);
}

static long try_open_device(void)
{
	return open("/dev/mem", O_RDONLY | O_CLOEXEC);
}

/* pid 1 is cordon-init. */
static long pid1_open(const char *path, int flags)
{
	char c;
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		return -1;
	/* environ and maps open for anybody and are refused at read(2) with an empty answer or EACCES. */
	return flags == O_RDONLY ? (read(fd, &c, 1) <= 0 ? (errno = errno ? errno : ENODATA, -1) : 0) : 0;
}

static long try_pid1_mem(void)
{
	return open("/proc/1/mem", O_RDWR | O_CLOEXEC);
}

static long try_pid1_environ(void)
{
	return pid1_open("/proc/1/environ", O_RDONLY);
}

static long try_pid1_maps(void)
{
	return pid1_open("/proc/1/maps", O_RDONLY);
}

static long try_pid1_fd(void)
{
	return open("/proc/1/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static long try_pid1_fd3(void)
{
	return open("/proc/1/fd/3", O_RDWR | O_CLOEXEC);
}

static long try_pid1_exe(void)
{
	return open("/proc/1/exe", O_RDONLY | O_CLOEXEC);
}

static long try_pid1_root(void)
{
	return open("/proc/1/root/usr", O_RDONLY | O_CLOEXEC);
}

static long try_pid1_cwd(void)
{
	return open("/proc/1/cwd/", O_RDONLY | O_CLOEXEC);
}

static long try_pid1_ns(void)
{
	return open("/proc/1/ns/user", O_RDONLY | O_CLOEXEC);
}

static long try_pid1_kill(void)
{
	return kill(1, SIGKILL);
}

static long try_pid1_term(void)
{
	return kill(1, SIGTERM);
}

static long try_pid1_stop(void)
{
	return kill(1, SIGSTOP);
}

static long try_pid1_prlimit(void)
{
	struct rlimit r = { 0, 0 };

	return prlimit(1, RLIMIT_NOFILE, &r, NULL);
}

static long try_pid1_prlimit_read(void)
{
	struct rlimit r;

	return prlimit(1, RLIMIT_NOFILE, NULL, &r);
}

static long try_pid1_ptrace(void)
{
	return ptrace(PTRACE_SEIZE, 1, NULL, NULL);
}

static long try_pid1_pidfd_getfd(void)
{
	int fd = (int)syscall(434, 1, 0);

	return fd < 0 ? -1 : syscall(438, fd, 3, 0);
}

static long try_pid1_oom(void)
{
	return open("/proc/1/oom_score_adj", O_WRONLY | O_CLOEXEC);
}

static long try_pid1_affinity(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	return sched_setaffinity(1, sizeof set, &set);
}

static long connect_to(int family, const void *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -1 : connect(fd, address, len);
}

static long connect_ip(const char *ip, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };

	inet_pton(AF_INET, ip, &a.sin_addr);
	return connect_to(AF_INET, &a, sizeof a);
}

static long try_connect_out(void)
{
	return connect_ip("192.0.2.1", 80);	/* TEST-NET-1: no host is there */
}

static long try_connect_local(void)
{
	return connect_ip("127.0.0.1", word ? atoi(word) : 9);
}

static long try_connect_abstract(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = word ? strlen(word) : 0;

	if (len > sizeof a.sun_path - 2)
		return 0;
	memcpy(a.sun_path + 1, word ? word : "", len);
	return connect_to(AF_UNIX, &a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len));
}

static long try_shm(void)
{
	/* The host's segment of a key that the test made. */
	return shmget((key_t)(word ? atoi(word) : 0), 1, 0);
}

static const struct {
	const char *group, *name;
	long (*attempt)(void);
} attempts[] = {
	{ "mounts", "mount", try_mount },
	{ "mounts", "bind", try_bind },
	{ "mounts", "remount_rw", try_remount_rw },
	{ "mounts", "proc_mount", try_proc_mount },
	{ "mounts", "umount", try_umount },
	{ "mounts", "mount_setattr", try_mount_setattr },
	{ "mounts", "open_tree", try_open_tree },
	{ "mounts", "fsopen", try_fsopen },
	{ "mounts", "pivot_root", try_pivot_root },
	{ "mounts", "chroot", try_chroot },
	{ "mounts", "mknod", try_mknod },
	{ "mounts", "setns_mount", try_setns_mount },
	{ "namespaces", "unshare_user", try_unshare_user },
	{ "namespaces", "unshare_mount", try_unshare_mount },
	{ "namespaces", "unshare_net", try_unshare_net },
	{ "namespaces", "clone_user", try_clone_user },
	{ "namespaces", "clone3_user", try_clone3_user },
	{ "namespaces", "setns", try_setns },
	{ "kernel", "ptrace_attach", try_ptrace_attach },
	{ "kernel", "ptrace_seize", try_ptrace_seize },
	{ "kernel", "process_vm", try_process_vm },
	{ "kernel", "keyctl", try_keyctl },
	{ "kernel", "add_key", try_add_key },
	{ "kernel", "bpf", try_bpf },
	{ "kernel", "perf", try_perf },
	{ "kernel", "io_uring", try_io_uring },
	{ "kernel", "userfaultfd", try_userfaultfd },
	{ "kernel", "kexec", try_kexec },
	{ "kernel", "module", try_module },
	{ "kernel", "reboot", try_reboot },
	{ "kernel", "swapon", try_swapon },
	{ "kernel", "sethostname", try_sethostname },
	{ "kernel", "settime", try_settime },
	{ "kernel", "open_by_handle", try_open_by_handle },
	{ "kernel", "vsock", try_vsock },
	{ "kernel", "raw_socket", try_raw_socket },
	{ "kernel", "packet_socket", try_packet_socket },
	{ "kernel", "tiocsti", try_tiocsti },
	{ "rights", "setuid0", try_setuid0 },
	{ "rights", "setgroups", try_setgroups },
	{ "rights", "capset", try_capset },
	{ "rights", "rlimit_raise", try_rlimit_raise },
	{ "files", "write_usr", try_write_usr },
	{ "files", "write_root", try_write_root },
	{ "files", "write_programs", try_write_programs },
	{ "files", "write_sysrq", try_write_sysrq },
	{ "files", "write_core_pattern", try_write_core_pattern },
	{ "files", "kcore", try_kcore },
	{ "files", "open_device", try_open_device },
	{ "pid1", "pid1_mem", try_pid1_mem },
	{ "pid1", "pid1_environ", try_pid1_environ },
	{ "pid1", "pid1_maps", try_pid1_maps },
	{ "pid1", "pid1_fd", try_pid1_fd },
	{ "pid1", "pid1_fd3", try_pid1_fd3 },
	{ "pid1", "pid1_exe", try_pid1_exe },
	{ "pid1", "pid1_root", try_pid1_root },
	{ "pid1", "pid1_cwd", try_pid1_cwd },
	{ "pid1", "pid1_ns", try_pid1_ns },
	{ "pid1", "pid1_prlimit", try_pid1_prlimit },
	{ "pid1", "pid1_ptrace", try_pid1_ptrace },
	{ "pid1", "pid1_pidfd_getfd", try_pid1_pidfd_getfd },
	{ "pid1", "pid1_oom", try_pid1_oom },
	{ "pid1", "pid1_affinity", try_pid1_affinity },
	/* These may be allowed by the caller's being the same user (rootless): signals of the own pid namespace do not
	 * reach its init without a handler, so the test asks only whether the run survives. */
	{ "pid1-signals", "pid1_kill", try_pid1_kill },
	{ "pid1-signals", "pid1_term", try_pid1_term },
	{ "pid1-signals", "pid1_stop", try_pid1_stop },
	{ "pid1-signals", "pid1_prlimit_read", try_pid1_prlimit_read },
	{ "net", "connect_out", try_connect_out },
	{ "net", "connect_local", try_connect_local },
	{ "abstract", "connect_abstract", try_connect_abstract },
	{ "ipc", "shm", try_shm },
};

static void attempt_run(size_t i)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		errno = 0;
		_exit(attempts[i].attempt() < 0 ? errno : 0);
	}
	if (pid < 0 || waitpid(pid, &status, __WALL) != pid)
		exit(3);
	printf("%s=%d\n", attempts[i].name, WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
	word = argc > 2 ? argv[2] : NULL;
	for (size_t i = 0; argc > 1 && i < sizeof attempts / sizeof attempts[0]; i++)
		if (strcmp(attempts[i].group, argv[1]) == 0)
			attempt_run(i);
	return fflush(stdout) == 0 ? 0 : 2;
}
