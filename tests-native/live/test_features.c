/* SPDX-License-Identifier: Apache-2.0 */
/* The probed features agree with what this process can see itself, and the probe leaves nothing behind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cordon/features.h"
#include "support/test.h"

static int fds_open(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	REQUIRE(dir != NULL);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static bool has_layer(const struct cordon_features *f, uint32_t layer)
{
	return (f->layers & CORDON_LAYER_BIT(layer)) != 0;
}

static bool has_kernel(const struct cordon_features *f, uint32_t feature)
{
	return (f->kernel >> feature & 1) != 0;
}

static void check_consistent(const struct cordon_features *f)
{
	struct utsname name;

	REQUIRE(uname(&name) == 0);
	CHECK_STR(f->release, name.release);
	CHECK_STR(f->machine, name.machine);
	for (int i = 0; i < 7; i++)
		CHECK(f->namespace_err[i] >= 0 && f->namespace_err[i] != EINTR && f->namespace_err[i] != EFAULT);
	/* No layer without the namespace under it. */
	CHECK(!has_layer(f, CORDON_LAYER_USER_NS) || f->namespace_err[0] == 0);
	CHECK(!has_layer(f, CORDON_LAYER_PROC) || has_layer(f, CORDON_LAYER_PID_NS));
	CHECK(!has_layer(f, CORDON_LAYER_PIVOT_ROOT) || has_layer(f, CORDON_LAYER_MOUNT_NS));
	CHECK_EQ(has_layer(f, CORDON_LAYER_CGROUP_MEMORY), f->memory.usable != 0);
	CHECK_EQ(f->memory.version == CORDON_CGROUP_NONE, f->memory.path[0] == '\0');
	CHECK_EQ(f->memory.usable == 0, f->memory.problem[0] != '\0');
	CHECK_EQ(f->pids.usable == 0, f->pids.problem[0] != '\0');
	CHECK_EQ(f->cpu.usable == 0, f->cpu.problem[0] != '\0');
	CHECK(has_layer(f, CORDON_LAYER_CGROUP_CPU) || f->cpu.usable == 0);
	CHECK(f->landlock_abi >= 0);
}

/* Cordon's floor is Linux 5.10, where these are there; a filter around this test may take them away. */
static void check_floor(const struct cordon_features *f)
{
	CHECK(has_kernel(f, CORDON_KERNEL_PIDFD));
	CHECK(has_kernel(f, CORDON_KERNEL_CLOSE_RANGE));
	CHECK(has_kernel(f, CORDON_KERNEL_OPENAT2));
	CHECK(has_kernel(f, CORDON_KERNEL_SECCOMP_FILTER));
	CHECK(has_kernel(f, CORDON_KERNEL_SECCOMP_KILL_PROCESS));
}

/* As the unprivileged user that it becomes: no root, and namespaces only where the machine gives them to anybody. */
static void test_unprivileged(const struct cordon_features *as_root)
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0);
	if (pid == 0) {
		struct cordon_features f;
		struct cordon_error err;

		test_failures = 0;
		if (setgid(65534) < 0 || setuid(65534) < 0 || cordon_features_probe(&f, &err) < 0)
			_exit(98);
		check_consistent(&f);
		CHECK_EQ(f.root, 0);
		CHECK(!has_layer(&f, CORDON_LAYER_OWN_UID));
		if (as_root->max_user_namespaces > 0 && as_root->userns_clone != 0 && as_root->apparmor_userns <= 0)
			for (int i = 0; i < 7; i++)
				CHECK_EQ(f.namespace_err[i], 0);
		_exit(TEST_RESULT());
	}
	REQUIRE(waitpid(pid, &status, 0) == pid);
	CHECK_EQ(status, 0);
}

static volatile sig_atomic_t sigchlds;

static void count_sigchld(int sig)
{
	(void)sig;
	sigchlds++;
}

static void test_names(void)
{
	for (uint32_t i = 0; i < CORDON_KERNEL_COUNT; i++)
		CHECK(cordon_kernel_feature_name(i) != NULL);
	CHECK_STR(cordon_kernel_feature_name(CORDON_KERNEL_OPENAT2), "openat2");
	CHECK(cordon_kernel_feature_name(CORDON_KERNEL_COUNT) == NULL);
}

int main(void)
{
	struct cordon_features f, again;
	struct cordon_error err;
	int dumpable = prctl(PR_GET_DUMPABLE), fds;

	test_names();
	signal(SIGCHLD, count_sigchld);
	REQUIRE(cordon_features_probe(&f, &err) == 0);
	CHECK_EQ(prctl(PR_GET_DUMPABLE), dumpable);	/* a child with new credentials may not change those of a JVM */
	fds = fds_open();	/* the controllers' directories stay open from the first time on */
	REQUIRE(cordon_features_probe(&again, &err) == 0);
	/* The probe clears all. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
	CHECK(memcmp(&f, &again, sizeof f) == 0);
	CHECK_EQ(fds_open(), fds);
	CHECK_EQ(sigchlds, 0);
	CHECK_EQ(waitpid(-1, NULL, __WALL), -1);
	CHECK_EQ(errno, ECHILD);
	check_consistent(&f);
	check_floor(&f);
	if (geteuid() == 0)
		test_unprivileged(&f);
	return TEST_RESULT();
}
