/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_fd.h"

#include <asm/ioctls.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <string.h>
#include <sys/stat.h>

static jint fds_put(struct buffer out, int fds[2])
{
	if (out.size < 2 * sizeof fds[0]) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return -ENOSPC;
	}
	memcpy(out.data, fds, 2 * sizeof fds[0]);
	return 0;
}

static jint fdPipe(JNIEnv *env, jclass class, jobject out)
{
	int fds[2];
	long rc = sys(__NR_pipe2, fds, O_CLOEXEC);

	return rc < 0 ? (jint)rc : fds_put(buffer_get(env, out), fds);
}

/* The slave is opened through the master, so no devpts need be mounted at the usual place (TIOCGPTPEER, Linux 4.13). */
static jint fdTerminal(JNIEnv *env, jclass class, jobject out)
{
	int fds[2] = { -1, -1 }, unlocked = 0;
	long rc = sys(__NR_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (rc < 0)
		return (jint)rc;
	fds[0] = (int)rc;
	rc = sys(__NR_ioctl, fds[0], TIOCSPTLCK, &unlocked);
	if (rc >= 0)
		rc = sys(__NR_ioctl, fds[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (rc < 0) {
		fd_close(&fds[0]);
		return (jint)rc;
	}
	fds[1] = (int)rc;
	return fds_put(buffer_get(env, out), fds);
}

/* The master answers for its slave (tty_jobctrl.c). */
static jint fdTerminalSession(JNIEnv *env, jclass class, jint fd)
{
	int session = 0;
	long rc = sys(__NR_ioctl, fd, TIOCGSID, &session);

	return rc < 0 ? (jint)rc : session;
}

static jint fdRead(JNIEnv *env, jclass class, jint fd, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)sys(__NR_read, fd, b.data, length);
}

static jint fdWrite(JNIEnv *env, jclass class, jint fd, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)sys(__NR_write, fd, b.data, length);
}

static jlong fdSize(JNIEnv *env, jclass class, jint fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? -errno : st.st_size;
}

static jint fdClose(JNIEnv *env, jclass class, jint fd)
{
	return (jint)sys(__NR_close, fd);
}

static const JNINativeMethod methods[] = {
	NATIVE(fdPipe), NATIVE(fdTerminal), NATIVE(fdTerminalSession), NATIVE(fdRead), NATIVE(fdWrite),
	NATIVE(fdSize), NATIVE(fdClose),
};

const struct native_table native_fd_table = { methods, ARRAY_LEN(methods) };
