/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_fd.h"

#include <asm/ioctls.h>
#include <asm/termios.h>
#include <errno.h>
#include <linux/fcntl.h>
#include <linux/stat.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "arch/arch.h"
#include "host/terminal.h"

enum { COLUMNS_BITS = 16, MOST_ROWS = INT16_MAX };

/* Whom the handler of SIGWINCH and SIGCONT tells. */
static atomic_int watch_fd = -1;

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

static jint fdTerminal(JNIEnv *env, jclass class, jobject out)
{
	int fds[2], rc = terminal_open(0, &fds[0], &fds[1]);

	return rc < 0 ? rc : fds_put(buffer_get(env, out), fds);
}

/* The master answers for its slave (tty_jobctrl.c). */
static jint fdTerminalSession(JNIEnv *env, jclass class, jint fd)
{
	int session = 0;
	long rc = sys(__NR_ioctl, fd, TIOCGSID, &session);

	return rc < 0 ? (jint)rc : session;
}

/* As cfmakeraw(3). Not TCSETSW: a terminal that nobody reads would hold it up. */
static jint fdTerminalRaw(JNIEnv *env, jclass class, jint fd, jobject before)
{
	struct buffer b = buffer_get(env, before);
	struct termios mode;
	long rc;

	if (b.size < sizeof mode)
		return -ENOSPC;
	rc = sys(__NR_ioctl, fd, TCGETS, &mode);
	if (rc < 0)
		return (jint)rc;
	memcpy(b.data, &mode, sizeof mode);
	mode.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
	mode.c_oflag &= ~(tcflag_t)OPOST;
	mode.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	mode.c_cflag = (mode.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	return (jint)sys(__NR_ioctl, fd, TCSETS, &mode);
}

static jint fdTerminalRestore(JNIEnv *env, jclass class, jint fd, jobject before)
{
	struct buffer b = buffer_get(env, before);

	return b.size < sizeof(struct termios) ? -ENOSPC : (jint)sys(__NR_ioctl, fd, TCSETS, b.data);
}

/* Terminals with more rows than that have never been seen. */
static jint fdTerminalSize(JNIEnv *env, jclass class, jint fd)
{
	struct winsize size;
	long rc = sys(__NR_ioctl, fd, TIOCGWINSZ, &size);

	if (rc < 0)
		return (jint)rc;
	return (size.ws_row < MOST_ROWS ? size.ws_row : MOST_ROWS) << COLUMNS_BITS | size.ws_col;
}

static void tell_watcher(int sig)
{
	static const uint64_t one = 1;

	(void)sig;
	(void)sys(__NR_write, atomic_load(&watch_fd), &one, sizeof one);
}

/* For the process, so once at a time. The JVM uses neither signal. */
static jint fdTerminalWatch(JNIEnv *env, jclass class)
{
	long fd = sys(__NR_eventfd2, 0, O_CLOEXEC /* EFD_CLOEXEC */), rc;

	if (fd < 0)
		return (jint)fd;
	atomic_store(&watch_fd, (int)fd);
	rc = arch_signal_handle(SIGWINCH, tell_watcher);
	if (rc >= 0)
		rc = arch_signal_handle(SIGCONT, tell_watcher);
	return rc < 0 ? (jint)rc : (jint)fd;
}

/* Wakes the reader a last time. */
static jint fdTerminalUnwatch(JNIEnv *env, jclass class)
{
	(void)arch_signal_handle(SIGWINCH, SIG_DFL);
	(void)arch_signal_handle(SIGCONT, SIG_DFL);
	tell_watcher(0);
	return 0;
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
	struct statx st;
	long rc = sys(__NR_statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &st);

	return rc < 0 ? rc : (jlong)st.stx_size;
}

static jint fdClose(JNIEnv *env, jclass class, jint fd)
{
	return (jint)sys(__NR_close, fd);
}

static const JNINativeMethod methods[] = {
	NATIVE(fdPipe), NATIVE(fdTerminal), NATIVE(fdTerminalSession), NATIVE(fdTerminalRaw),
	NATIVE(fdTerminalRestore), NATIVE(fdTerminalSize), NATIVE(fdTerminalWatch), NATIVE(fdTerminalUnwatch),
	NATIVE(fdRead), NATIVE(fdWrite), NATIVE(fdSize), NATIVE(fdClose),
};

const struct native_table native_fd_table = { methods, ARRAY_LEN(methods) };
