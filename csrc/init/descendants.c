/* SPDX-License-Identifier: Apache-2.0 */
/* descendants: the processes of a run without a pid namespace: found from their parents, beginning with init, the
 * subreaper of all orphans. */
#include "init/init.h"

#include <linux/fcntl.h>
#include "base/base.h"

#define DESCENDANTS_MAX 1024	/* this many take some milliseconds */

struct descendants {
	uint32_t n;
	int32_t pids[DESCENDANTS_MAX];
};

static void add_numbers(struct descendants *d, const char *text, int32_t except)
{
	for (const char *p = text; *p != '\0'; p++) {
		int32_t pid = 0;

		for (; *p >= '0' && *p <= '9'; p++)
			pid = pid * 10 + (*p - '0');
		if (pid > 0 && pid != except && d->n < DESCENDANTS_MAX)
			d->pids[d->n++] = pid;
		if (*p == '\0')
			break;
	}
}

/* Adds the children of one thread. If the buffer is full, further ones are left out. */
static void add_children_of(struct descendants *d, int task_fd, const char *tid, int32_t except)
{
	char path[40], text[8192];
	AUTO_CLOSE int fd = -1;
	long n;

	if (!str_concat(path, sizeof path, tid, "/children", ""))
		return;
	fd = (int)sys(__NR_openat, task_fd, path, O_RDONLY | O_CLOEXEC, 0);
	n = fd >= 0 ? sys(__NR_read, fd, text, sizeof text - 1) : -1;
	if (n <= 0)
		return;
	text[n] = '\0';
	add_numbers(d, text, except);
}

static void add_children(struct descendants *d, int proc_fd, int32_t pid, int32_t except)
{
	char path[40], number[24];
	_Alignas(8) char buf[2048];
	AUTO_CLOSE int fd = -1;
	long len;

	(void)str_concat(path, sizeof path, u64_text(number, sizeof number, (uint64_t)pid), "/task", "");
	fd = (int)sys(__NR_openat, proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	while (fd >= 0 && (len = sys(__NR_getdents64, fd, buf, sizeof buf)) > 0) {
		for (long at = 0; at < len;) {
			const struct linux_dirent64 *entry = (const void *)(buf + at);

			if (!str_is_dots(entry->d_name))
				add_children_of(d, fd, entry->d_name, except);
			at += entry->d_reclen;
		}
	}
}

uint64_t init_descendants_cpu_ns(const struct init *init, uint64_t (*cpu_of)(const struct init *init, int32_t pid))
{
	static struct descendants d;
	int32_t supervisor = init->run.supervisor != NULL ? init->run.supervisor->pid : 0;
	uint64_t sum = 0;

	d.n = 0;
	if (init->proc_fd < 0)
		return 0;
	add_children(&d, init->proc_fd, (int32_t)sys(__NR_getpid), supervisor);
	for (uint32_t i = 0; i < d.n; i++) {
		sum += cpu_of(init, d.pids[i]);
		add_children(&d, init->proc_fd, d.pids[i], supervisor);
	}
	return sum;
}
