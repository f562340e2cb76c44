/* SPDX-License-Identifier: Apache-2.0 */
/* reset: RESET: removes everything that earlier runs left. When FINISHED is sent, all processes have ended, and with
 * them sockets, locks and memory; what can outlive them is removed here: files in every tmpfs, System V and POSIX IPC
 * objects, keys. */
#include "init/init.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/signal.h>
#include "arch/arch.h"
#include "base/base.h"
#include "error/error.h"

/* linux/shm.h, sem.h and msg.h, whose names conflict. INFO: the highest index in use, and the struct with the number of
 * objects; STAT_ANY: the id at an index, of any owner (Linux 4.17). */
struct sysv {
	long nr;
	int info, stat_any, rmid;
	int used_word;		/* index of the word in struct shm_info (used_ids), seminfo (semusz), msginfo
				   (msgpool) */
};

static const struct sysv sysv[] = {
	{ __NR_shmctl, 14, 15, 0, 0 },
	{ __NR_semctl, 19, 20, 0, 7 },
	{ __NR_msgctl, 12, 13, 0, 0 },
};

struct ipc_info {
	int32_t words[64];
};

#define KEY_STACK 8192

static int fail(struct cordon_error *err, long rc, const char *what)
{
	return error_set(err, (int)-rc, CORDON_STEP_RESET, CORDON_NO_INDEX, what);
}

/* The control call of each kind: semctl(2) has one more argument. */
static long sysv_control(const struct sysv *kind, int id, int command, void *buffer)
{
	return kind->nr == __NR_semctl ? sys(kind->nr, id, 0, command, buffer) : sys(kind->nr, id, command, buffer);
}

/* Removes every object of a kind. ENOSYS: the kernel has none. */
static long remove_sysv(const struct sysv *kind)
{
	struct ipc_info info = { { 0 } }, unused;
	long highest = sysv_control(kind, 0, kind->info, &info);

	if (highest < 0)
		return highest == -ENOSYS ? 0 : highest;
	for (int i = 0; info.words[kind->used_word] != 0 && i <= highest; i++) {
		long id = sysv_control(kind, i, kind->stat_any, &unused);

		if (id >= 0)
			id = sysv_control(kind, (int)id, kind->rmid, NULL);
		if (id < 0 && id != -EINVAL && id != -EIDRM)	/* an index that is free */
			return id;
	}
	return 0;
}

void init_watch_queues(struct init *init)
{
	int fs = (int)sys(__NR_fsopen, "mqueue", FSOPEN_CLOEXEC);

	fd_close(&init->mqueue_fd);
	if (fs < 0)
		return;		/* a kernel without POSIX message queues */
	if (sys(__NR_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) >= 0)
		init->mqueue_fd = (int)sys(__NR_fsmount, fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
	fd_close(&fs);
}

/* Removes every POSIX message queue, one buffer of names at a time. */
static long remove_queues(const struct init *init)
{
	_Alignas(8) char entries[2048];
	long n = 0, rc = 0;
	bool again = init->mqueue_fd >= 0;

	while (again && rc >= 0) {
		AUTO_CLOSE int dir = (int)sys(__NR_openat, init->mqueue_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);

		again = false;
		n = dir < 0 ? dir : sys(__NR_getdents64, dir, entries, sizeof entries);
		if (n < 0)
			return n;
		for (long at = 0; at < n && rc >= 0;) {
			const struct linux_dirent64 *entry = (const struct linux_dirent64 *)(entries + at);

			at += entry->d_reclen;
			if (str_is_dots(entry->d_name))
				continue;
			rc = sys(__NR_unlinkat, init->mqueue_fd, entry->d_name, 0);
			again = true;
		}
	}
	return rc;
}

static int reset_ipc(struct init *init, struct cordon_error *err)
{
	long rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(sysv) && rc >= 0; i++)
		rc = remove_sysv(&sysv[i]);
	if (rc >= 0)
		rc = remove_queues(init);
	return rc < 0 ? fail(err, rc, "ipc objects") : 0;
}

static _Noreturn void exit_thread(int status)
{
	for (;;)
		sys(__NR_exit, status);
}

/* A program owns these keyrings and can remove the right to clear them; then the reset fails. */
static void clear_keyring(long keyring)
{
	long rc = sys(__NR_keyctl, KEYCTL_CLEAR, keyring);

	if (rc < 0 && rc != -ENOSYS && rc != -EPERM)	/* both: a surrounding filter refuses keyctl, also to the
							   program */
		exit_thread(1);
}

/* In a process with the program's ids, because these keyrings belong to an id. They are cleared and not replaced: a
 * keyring is freed late, and counts against the id's quota until then. */
static void clear_keyrings(void *arg)
{
	const struct init *init = arg;
	long persistent;

	if (init->set_ids && (sys(__NR_setresgid, init->gid, init->gid, init->gid) < 0 ||
			      sys(__NR_setresuid, init->uid, init->uid, init->uid) < 0))
		exit_thread(1);
	clear_keyring(KEY_SPEC_USER_KEYRING);
	clear_keyring(KEY_SPEC_USER_SESSION_KEYRING);
	/* Without persistent keyrings there is nothing to clear. */
	persistent = sys(__NR_keyctl, KEYCTL_GET_PERSISTENT, init->uid, KEY_SPEC_PROCESS_KEYRING);
	if (persistent >= 0)
		clear_keyring(persistent);
	else if (persistent != -EOPNOTSUPP && persistent != -EINVAL && persistent != -ENOSYS && persistent != -EPERM)
		exit_thread(1);
	exit_thread(0);
}

static int reset_keyrings(struct init *init, struct cordon_error *err)
{
	_Alignas(16) unsigned char stack[KEY_STACK];
	struct arch_clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK, .stack = (uint64_t)(uintptr_t)stack, .stack_size = sizeof stack,
	};
	int32_t status = 0;
	long pid;

	if (!init->keyrings)
		return 0;
	/* The session keyring, which the program inherits from init. ENOSYS, EPERM: a surrounding filter refuses
	 * keyctl, also to the program. */
	pid = sys(__NR_keyctl, KEYCTL_CLEAR, KEY_SPEC_SESSION_KEYRING);
	if (pid < 0 && pid != -ENOSYS && pid != -EPERM)
		return fail(err, pid, "session keyring");
	pid = arch_clone(&args, clear_keyrings, init);
	if (pid < 0)
		return fail(err, pid, "keyrings");
	while (sys(__NR_wait4, pid, &status, WAIT_ALL, NULL) == -EINTR)
		;
	return status == 0 ? 0 : fail(err, -EPERM, "keyrings");
}

struct mounts_job {
	struct mount_plan *plan;
	struct cordon_error *err;
};

static int renew_mounts(void *arg)
{
	struct mounts_job *job = arg;

	return mount_reset(job->plan, job->err);
}

int init_reset(struct init *init, struct cordon_error *err)
{
	struct mounts_job job = { &init->plan, err };
	int rc = 0;

	if (!mount_is_untouched(&init->plan))
		rc = init_step("mounts", init_privileged_call(renew_mounts, &job));
	if (rc == 0)
		rc = init_step("ipc", reset_ipc(init, err));
	if (rc == 0)
		rc = init_step("network", init_reset_network(init, err));
	return rc == 0 ? init_step("keyrings", reset_keyrings(init, err)) : rc;
}
