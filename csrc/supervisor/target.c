/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/target.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/uio.h>
#include "base/base.h"

#define PAGE_BYTES 4096u	/* pages of any size begin at a multiple of this */
#define UMASK_DEFAULT 022
#define BIT_OF(signal) (UINT64_C(1) << ((signal) - 1))
#define FIELD_AFTER_NAME 3	/* of stat, counted from 1 */

bool target_privilege(bool on)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint32_t bit = 1u << CAP_SYS_PTRACE;
	uint32_t effective;

	if (sys(__NR_capget, &head, data) < 0)
		return false;
	effective = on ? data[0].effective | bit : data[0].effective & ~bit;
	if (on && (!(data[0].permitted & bit) || effective == data[0].effective))
		return false;	/* it would change nothing */
	data[0].effective = effective;
	return sys(__NR_capset, &head, data) == 0;
}

/* nr: process_vm_readv or process_vm_writev. Bytes moved, or -errno. Tries again with the capability if the program is
 * not dumpable, or has other ids than the supervisor. */
static long move_memory(long nr, int32_t tid, uint64_t address, void *buf, size_t len)
{
	struct iovec local = { .iov_base = buf, .iov_len = len };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)address, .iov_len = len };
	long n = sys(nr, tid, &local, 1, &remote, 1, 0);

	if (n == -EPERM && target_privilege(true)) {
		n = sys(nr, tid, &local, 1, &remote, 1, 0);
		(void)target_privilege(false);
	}
	return n;
}

/* On aarch64 a pointer may carry a tag in its highest byte, which the kernel ignores (tagged-address-abi.rst). */
static uint64_t untagged(uint64_t address)
{
#ifdef __aarch64__
	return address & (UINT64_MAX >> 8);
#else
	return address;
#endif
}

/* 0 or -errno. */
static int move_all(long nr, int32_t tid, uint64_t address, void *buf, size_t len)
{
	long n;

	if (len == 0)
		return 0;
	n = move_memory(nr, tid, untagged(address), buf, len);
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EFAULT;	/* the rest is not mapped */
}

int target_read(int32_t tid, uint64_t address, void *buf, size_t len)
{
	return move_all(__NR_process_vm_readv, tid, address, buf, len);
}

int target_write(int32_t tid, uint64_t address, const void *buf, size_t len)
{
	return move_all(__NR_process_vm_writev, tid, address, (void *)(uintptr_t)buf, len);
}

int target_text(int32_t tid, uint64_t address, char *buf, size_t size)
{
	size_t len = 0;

	address = untagged(address);
	while (len < size) {
		size_t piece = PAGE_BYTES - (size_t)((address + len) % PAGE_BYTES);
		long n;

		if (piece > size - len)
			piece = size - len;
		n = move_memory(__NR_process_vm_readv, tid, address + len, buf + len, piece);
		if (n <= 0)
			return n < 0 ? (int)n : -EFAULT;
		for (size_t end = len + (size_t)n; len < end; len++)
			if (buf[len] == '\0')
				return (int)len;
		if ((size_t)n < piece)
			return -EFAULT;
	}
	return -ENAMETOOLONG;
}

int target_path(int32_t tid, uint64_t address, char buf[PATH_SIZE])
{
	return target_text(tid, address, buf, PATH_SIZE);
}

/* A file of /proc/<tid> as text: its length, or -errno. */
static long read_text(int proc_fd, int32_t tid, const char *file, char *buf, size_t size)
{
	char path[40], text[24];
	AUTO_CLOSE int fd = -1;
	long n;

	(void)str_concat(path, sizeof path, u64_text(text, sizeof text, (uint64_t)tid), file, "");
	fd = (int)sys(__NR_openat, proc_fd, path, O_RDONLY | O_CLOEXEC, 0);
	n = fd < 0 ? fd : sys(__NR_read, fd, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

/* What is behind "\nname" in the text of a status; NULL if it is missing. A program's name cannot contain such a line:
 * the kernel escapes line feeds in it. */
static const char *status_value(const char *status, const char *name)
{
	for (const char *p = status; (p = str_find(p, '\n')) != NULL;)
		if (str_starts(++p, name))
			return p + str_len(name);
	return NULL;
}

/* The number behind name in /proc/<tid>/status, in base 8 or 10; -errno, -ENOENT if it is missing. */
static int64_t status_number(int proc_fd, int32_t tid, const char *name, unsigned base)
{
	char status[512];	/* both numbers are in the first lines */
	uint64_t value = 0;
	const char *p;
	long n;

	if (tid <= 0)
		return -ESRCH;
	n = read_text(proc_fd, tid, "/status", status, sizeof status);
	if (n < 0)
		return n == -ENOENT ? -ESRCH : n;
	p = status_value(status, name);
	if (p == NULL)
		return -ENOENT;
	for (; *p >= '0' && *p < (char)('0' + base) && value < INT32_MAX / 10; p++)
		value = value * base + (uint64_t)(*p - '0');
	return (int64_t)value;
}

const char *target_stat(int proc_fd, int32_t tid, char buf[STAT_SIZE])
{
	const char *after = NULL;

	if (read_text(proc_fd, tid, "/stat", buf, STAT_SIZE) <= 0)
		return NULL;
	for (const char *p = buf; *p != '\0'; p++)	/* no field after the name contains a ')' */
		if (*p == ')')
			after = p + 1;
	return after != NULL && *after == ' ' ? after + 1 : NULL;
}

uint64_t target_stat_field(const char *stat, unsigned field)
{
	uint64_t value = 0;

	for (unsigned at = FIELD_AFTER_NAME; at < field; at++) {
		stat = str_find(stat, ' ');
		if (stat == NULL)
			return 0;
		stat++;
	}
	for (; *stat >= '0' && *stat <= '9'; stat++)
		value = value * 10 + (uint64_t)(*stat - '0');
	return value;
}

int32_t target_tgid(int proc_fd, int32_t tid)
{
	int64_t tgid;
	long rc;

	if (tid <= 0)
		return -ESRCH;
	/* Signal 0 only checks that tid is a thread group: the usual case, at a tenth of the cost of /proc. */
	rc = sys(__NR_tgkill, tid, tid, 0);
	if (rc == 0 || rc == -EPERM)
		return tid;
	tgid = status_number(proc_fd, tid, "Tgid:\t", 10);
	return tgid == 0 ? -ESRCH : (int32_t)tgid;
}

uint32_t target_umask(int proc_fd, int32_t tid)
{
	int64_t mask = status_number(proc_fd, tid, "Umask:\t", 8);

	return mask < 0 || mask > 0777 ? UMASK_DEFAULT : (uint32_t)mask;
}

/* The bits behind name, in hexadecimal. */
static uint64_t status_bits(const char *status, const char *name)
{
	uint64_t value = 0;
	const char *p = status_value(status, name);

	for (; p != NULL && *p != '\n' && *p != '\0'; p++)
		value = value << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	return value;
}

bool target_is_signalled(int proc_fd, int32_t tid)
{
	/* Without a handler; a traced task has them pending all the same. */
	const uint64_t ignored = BIT_OF(SIGCHLD) | BIT_OF(SIGURG) | BIT_OF(SIGWINCH) | BIT_OF(SIGCONT);
	uint64_t pending, none;
	char status[4096];

	if (read_text(proc_fd, tid, "/status", status, sizeof status) <= 0)
		return false;
	pending = status_bits(status, "SigPnd:\t") | status_bits(status, "ShdPnd:\t");
	none = status_bits(status, "SigBlk:\t") | status_bits(status, "SigIgn:\t") |
	       (ignored & ~status_bits(status, "SigCgt:\t"));
	return (pending & ~none) != 0;
}

void target_take_umask(int proc_fd, int32_t tid)
{
	(void)sys(__NR_umask, target_umask(proc_fd, tid));
}

void target_drop_umask(void)
{
	(void)sys(__NR_umask, 0);
}
