/* SPDX-License-Identifier: Apache-2.0 */
/* command: runs the caller's set-up program of a container. */
#include "init/init.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include "base/base.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "wire/wire.h"

/* Capabilities to set up the network, and for files that belong to the program. */
#define INIT_COMMAND_CAPS                                                                                          \
	(UINT64_C(1) << CAP_NET_ADMIN | UINT64_C(1) << CAP_SYS_ADMIN | UINT64_C(1) << CAP_DAC_OVERRIDE |            \
	 UINT64_C(1) << CAP_CHOWN | UINT64_C(1) << CAP_FOWNER)

/* Reads the end of the command's output, as much as fits an error. */
static void read_tail(int fd, char *tail, size_t size)
{
	char chunk[512];
	size_t len = 0;
	long n;

	while ((n = sys(__NR_read, fd, chunk, sizeof chunk)) > 0 || n == -EINTR) {
		for (long i = 0; i < n; i++) {
			if (len == size - 1) {
				for (size_t j = 1; j < len; j++)
					tail[j - 1] = tail[j];
				len--;
			}
			tail[len++] = chunk[i];
		}
	}
	tail[len] = '\0';
}

/* Runs it as init itself, with init's capabilities, and waits for its end. */
int init_run_command(const struct wire_conf *conf, struct cordon_error *err)
{
	static const char *const envp[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
	const char *argv[CORDON_INIT_COMMAND_MAX + 1], *paths[2] = { conf->init_command, NULL };
	const char *next = conf->init_command;
	char tail[CORDON_ERROR_DETAIL_MAX + 1];
	int32_t pid, status = 0;
	int out[2], rc;

	for (uint32_t i = 0; i < conf->msg->ninit_command; i++, next += str_len(next) + 1)
		argv[i] = next;
	argv[conf->msg->ninit_command] = NULL;
	rc = (int)sys(__NR_pipe2, out, O_CLOEXEC);
	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_PIPE, CORDON_NO_INDEX, NULL);
	{
		const struct child_fd fds[] = { { out[1], 1 }, { out[1], 2 } };
		const struct child_plan plan = {
			.exit_signal = SIGCHLD, .default_signals = true, .new_session = true, .paths = paths,
			.argv = argv, .envp = envp, .fds = fds, .nfds = ARRAY_LEN(fds),
			.ambient_caps = INIT_COMMAND_CAPS, .exec_fd = -1, .new_cgroup_ns = true, .cgroup_fd = -1,
			.sync_fd = -1,
		};

		rc = forkexec_start(&plan, NULL, &pid, err);
	}
	fd_close(&out[1]);
	if (rc == 0) {
		read_tail(out[0], tail, sizeof tail);
		while (sys(__NR_wait4, pid, &status, 0, NULL) == -EINTR)
			;
		if (status != 0)
			rc = error_set(err, ECANCELED, CORDON_STEP_INIT_COMMAND, CORDON_NO_INDEX, tail);
	}
	fd_close(&out[0]);
	return rc;
}
