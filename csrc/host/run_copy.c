/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/run_copy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/base.h"
#include "base/heap.h"
#include "error/error.h"
#include "host/copy.h"
#include "host/items.h"

static int out_of_memory(struct cordon_error *err)
{
	return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
}

/* ---- before the run ---- */

/* Opens the host's file, or copies the data. *ret_mode = the permission bits of the new file. */
static int take_copy_in(struct run_copy_in *copy, const struct cordon_copy_in *item, int32_t index, uint32_t *ret_mode,
			struct cordon_error *err)
{
	int mode;

	copy->fd = -1;
	*ret_mode = item->mode != 0 ? item->mode : 0644;
	if (item->path == NULL) {
		copy->data = malloc(item->data_len > 0 ? item->data_len : 1);
		if (copy->data == NULL)
			return out_of_memory(err);
		if (item->data_len > 0)
			memcpy(copy->data, item->data, item->data_len);
		copy->len = item->data_len;
		return 0;
	}
	copy->fd = (int)sys(__NR_openat, AT_FDCWD, item->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0);
	if (copy->fd < 0)
		return error_set(err, -copy->fd, CORDON_STEP_COPY_IN, index, item->path);
	mode = fd_mode(copy->fd);
	if (mode < 0 || !S_ISREG(mode))
		return error_refuse(err, index, "copy_in path", item->path, "must be a regular file");
	if (item->mode == 0)
		*ret_mode = (uint32_t)mode & 0777;
	return 0;
}

int run_copy_prepare_in(struct cordon_run *run, const struct cordon_command *command, struct init_message *message,
			struct cordon_error *err)
{
	AUTO_FREE struct cordon_file *files = calloc(command->ncopy_in, sizeof *files);

	run->copy_in = calloc(command->ncopy_in, sizeof *run->copy_in);
	if (files == NULL || run->copy_in == NULL)
		/* Its attribute frees it, which clang does not know. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		return out_of_memory(err);
	for (uint32_t i = 0; i < command->ncopy_in; i++) {
		int rc;

		files[i] = (struct cordon_file){ .path = command->copy_in[i].name, .flags = CORDON_FILE_CREATE };
		if ((command->copy_in[i].flags & CORDON_COPY_REPLACE) != 0)
			files[i].flags |= CORDON_FILE_REPLACE;
		run->ncopy_in = i + 1;
		rc = take_copy_in(&run->copy_in[i], &command->copy_in[i], (int32_t)i, &files[i].mode, err);
		if (rc < 0)
			return rc;
	}
	return items_prepare(message, CORDON_MSG_OPEN, command->work_dir != NULL ? command->work_dir : "", files,
			     command->ncopy_in, err);
}

/* ---- with init's descriptors ---- */

int run_copy_in(struct cordon_run *run, const struct cordon_error *errors, const int *fds, struct cordon_error *err)
{
	for (uint32_t i = 0; i < run->ncopy_in; i++) {
		struct run_copy_in *c = &run->copy_in[i];
		uint64_t len;
		int rc;

		if (errors[i].step != CORDON_STEP_NONE) {
			*err = errors[i];
			return -EIO;	/* *err says which */
		}
		rc = c->fd >= 0 ? copy_bytes(c->fd, fds[i], UINT64_MAX, &len) : fd_write_full(fds[i], c->data, c->len);
		if (rc < 0)
			return error_set(err, -rc, CORDON_STEP_COPY_IN, (int32_t)i, NULL);
		fd_close(&c->fd);
	}
	return 0;
}
