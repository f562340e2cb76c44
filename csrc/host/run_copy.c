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
#include "host/items.h"

#define COPY_CHUNK 65536

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

int run_copy_prepare_out(struct cordon_run *run, const struct cordon_command *command, struct cordon_error *err)
{
	AUTO_FREE struct cordon_file *files = calloc(command->ncopy_out, sizeof *files);

	run->copy_out = calloc(command->ncopy_out, sizeof *run->copy_out);
	run->copied = calloc(command->ncopy_out, sizeof *run->copied);
	if (files == NULL || run->copy_out == NULL || run->copied == NULL)
		return out_of_memory(err);
	for (uint32_t i = 0; i < command->ncopy_out; i++) {
		const struct cordon_copy_out *item = &command->copy_out[i];

		files[i] = (struct cordon_file){ .path = item->name };
		run->ncopy_out = i + 1;
		run->copy_out[i] = (struct run_copy_out){ .limit = item->limit_bytes, .flags = item->flags };
		if (item->path != NULL && (run->copy_out[i].path = strdup(item->path)) == NULL)
			return out_of_memory(err);
	}
	return items_prepare(&run->fetch, CORDON_MSG_OPEN, command->work_dir != NULL ? command->work_dir : "", files,
			     command->ncopy_out, err);
}

/* ---- with init's descriptors ---- */

/* Copies from in to out, at most limit bytes. 0, -EFBIG where there are more, or -errno. */
static int copy_bytes(int in, int out, uint64_t limit)
{
	unsigned char chunk[COPY_CHUNK];
	uint64_t total = 0;
	long n;
	int rc;

	for (;;) {
		n = sys(__NR_read, in, chunk, sizeof chunk);
		if (n == -EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		rc = fd_write_full(out, chunk, (size_t)u64_min((uint64_t)n, limit - total));
		if (rc < 0)
			return rc;
		if ((uint64_t)n > limit - total)
			return -EFBIG;
		total += (uint64_t)n;
	}
}

int run_copy_in(struct cordon_run *run, const struct cordon_error *errors, const int *fds, struct cordon_error *err)
{
	for (uint32_t i = 0; i < run->ncopy_in; i++) {
		struct run_copy_in *c = &run->copy_in[i];
		int rc;

		if (errors[i].step != CORDON_STEP_NONE) {
			*err = errors[i];
			return -EIO;	/* *err says which */
		}
		rc = c->fd >= 0 ? copy_bytes(c->fd, fds[i], UINT64_MAX) : fd_write_full(fds[i], c->data, c->len);
		if (rc < 0)
			return error_set(err, -rc, CORDON_STEP_COPY_IN, (int32_t)i, NULL);
		fd_close(&c->fd);
	}
	return 0;
}

/* Reads a file into memory; the program has ended. 0 or -errno. */
static int fetch_bytes(struct run_copy_out *c, int fd, struct cordon_copied *ret)
{
	long size = sys(__NR_lseek, fd, 0, SEEK_END);
	int rc;

	if (size < 0)
		return (int)size;
	ret->size = (uint64_t)size;
	if ((uint64_t)size > c->limit && (c->flags & CORDON_COPY_TRUNCATE) == 0)
		return -EFBIG;
	size = (long)u64_min((uint64_t)size, c->limit);
	c->data = malloc(size > 0 ? (size_t)size : 1);
	if (c->data == NULL)
		return -ENOMEM;
	(void)sys(__NR_lseek, fd, 0, SEEK_SET);
	rc = fd_read_full(fd, c->data, (size_t)size);
	if (rc < 0)
		return rc;
	ret->data = c->data;
	ret->len = (uint64_t)size;
	return 0;
}

static int fetch_file(const struct run_copy_out *c, int fd, struct cordon_copied *ret)
{
	AUTO_CLOSE int out =
		(int)sys(__NR_openat, AT_FDCWD, c->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	long size = sys(__NR_lseek, fd, 0, SEEK_END);
	int rc;

	if (out < 0)
		return out;
	ret->size = size < 0 ? 0 : (uint64_t)size;
	(void)sys(__NR_lseek, fd, 0, SEEK_SET);
	rc = copy_bytes(fd, out, c->limit);
	return rc == -EFBIG && (c->flags & CORDON_COPY_TRUNCATE) != 0 ? 0 : rc;
}

void run_copy_out(struct cordon_run *run, const struct cordon_error *errors, const int *fds)
{
	uint32_t next = 0;

	for (uint32_t i = 0; i < run->ncopy_out; i++) {
		struct run_copy_out *c = &run->copy_out[i];
		struct cordon_copied *copied = &run->copied[i];
		int rc, fd;

		copied->error = errors[i];
		if (errors[i].step != CORDON_STEP_NONE)
			continue;
		fd = fds[next++];
		rc = c->path != NULL ? fetch_file(c, fd, copied) : fetch_bytes(c, fd, copied);
		if (rc < 0)
			error_set(&copied->error, -rc, CORDON_STEP_COPY_OUT, (int32_t)i, c->path);
	}
}
