/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "host/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "base/heap.h"
#include "error/error.h"
#include "host/copy.h"
#include "host/host_tree.h"
#include "host/items.h"
#include "host/search.h"

#define AT_ONCE 64 /* directories and matched files in one command: each is a descriptor for a moment */
#define PATH_BYTES 4096

enum phase {
	NAMED, /* the files that have a name */
	DIRECTORIES, /* of patterns */
	MATCHED, /* the files that were found in them */
	DONE,
};

struct item {
	char *name; /* of the file, or the pattern */
	char *path; /* the host's file or directory, or NULL */
	uint64_t left; /* bytes that may still be taken */
	uint32_t flags;
	struct search *search; /* NULL = a file that has a name */
	uint32_t asked; /* how many the command that is due opens for it */
	uint32_t next; /* of the files that were found */
	int directory; /* of the host, or -1 */
	struct cordon_copied_file *files;
};

struct fetch {
	enum phase phase;
	struct init_message named; /* the command of the first phase */
	char *base;
	uint32_t n;
	struct item *items;
	struct cordon_copied *copied;
};

static int out_of_memory(struct cordon_error *err)
{
	return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
}

/* ---- opening ---- */

static int open_pattern(const struct fetch *f, struct item *item, const struct cordon_copy_out *from, int32_t index,
			struct cordon_error *err)
{
	const char *problem;
	int rc = search_open(from->name, from->most, PATH_BYTES - 2 - strlen(f->base), &item->search, &problem);

	if (rc == -ENOMEM)
		return out_of_memory(err);
	return rc < 0 ? error_refuse(err, index, "copy_out name", from->name, problem) : 0;
}

static int open_item(struct fetch *f, uint32_t i, const struct cordon_copy_out *from, struct cordon_error *err)
{
	struct item *item = &f->items[i];

	*item = (struct item){ .left = from->limit_bytes, .flags = from->flags, .directory = -1 };
	f->n = i + 1;
	item->name = strdup(from->name);
	if (item->name == NULL)
		return out_of_memory(err);
	if (from->path != NULL && (item->path = strdup(from->path)) == NULL)
		return out_of_memory(err);
	return (from->flags & CORDON_COPY_PATTERN) != 0 ? open_pattern(f, item, from, (int32_t)i, err) : 0;
}

/* Before the program is started, so that a name that is too long is refused. */
static int prepare_named(struct fetch *f, const struct cordon_copy_out *items, uint32_t n, struct cordon_error *err)
{
	AUTO_FREE struct cordon_file *files = calloc(n, sizeof *files);
	uint32_t named = 0;

	if (files == NULL)
		return out_of_memory(err);
	for (uint32_t i = 0; i < n; i++)
		if (f->items[i].search == NULL)
			files[named++] = (struct cordon_file){ .path = items[i].name };
	/* Its attribute frees it, which clang does not know. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return named > 0 ? items_prepare(&f->named, CORDON_MSG_OPEN, f->base, files, named, err) : 0;
}

int fetch_open(const struct cordon_copy_out *items, uint32_t n, const char *base, struct fetch **ret,
	       struct cordon_error *err)
{
	struct fetch *f = calloc(1, sizeof *f);
	int rc = 0;

	if (f == NULL)
		return out_of_memory(err);
	f->base = strdup(base);
	f->items = calloc(n, sizeof *f->items);
	f->copied = calloc(n, sizeof *f->copied);
	if (f->base == NULL || f->items == NULL || f->copied == NULL)
		rc = out_of_memory(err);
	for (uint32_t i = 0; i < n && rc == 0; i++)
		rc = open_item(f, i, &items[i], err);
	if (rc == 0)
		rc = prepare_named(f, items, n, err);
	if (rc < 0) {
		fetch_free(f);
		return rc;
	}
	*ret = f;
	return 0;
}

/* ---- one file ---- */

/* What was taken of a file. */
struct taken {
	void *data;
	uint64_t len, size;
};

/* 0 with the size, or -EFBIG where it is more than may be taken. */
static int measure(const struct item *item, int fd, uint64_t *ret_size)
{
	long size = sys(__NR_lseek, fd, 0, SEEK_END);

	if (size < 0)
		return (int)size;
	(void)sys(__NR_lseek, fd, 0, SEEK_SET);
	*ret_size = (uint64_t)size;
	return *ret_size > item->left && (item->flags & CORDON_COPY_TRUNCATE) == 0 ? -EFBIG : 0;
}

/* Reads a file into memory. */
static int take_bytes(const struct item *item, int fd, struct taken *ret)
{
	size_t len = (size_t)u64_min(ret->size, item->left);
	int rc;

	ret->data = malloc(len > 0 ? len : 1);
	if (ret->data == NULL)
		return -ENOMEM;
	rc = fd_read_full(fd, ret->data, len);
	if (rc < 0) {
		free(ret->data);
		ret->data = NULL;
		return rc;
	}
	ret->len = len;
	return 0;
}

static int take_file(const struct item *item, int fd, int out, struct taken *ret)
{
	int rc;

	if (out < 0)
		return out;
	rc = copy_bytes(fd, out, item->left, &ret->len);
	return rc == -EFBIG && (item->flags & CORDON_COPY_TRUNCATE) != 0 ? 0 : rc;
}

static int open_host_file(const struct item *item)
{
	return (int)sys(__NR_openat, AT_FDCWD, item->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
}

/* below: the name below the host's directory; NULL = the file has a path of its own, which it gets in any case. 0 or
 * -errno. */
static int take(struct item *item, int fd, const char *below, struct taken *ret)
{
	AUTO_CLOSE int out = -1;
	int rc = measure(item, fd, &ret->size);

	if (rc < 0 && !(rc == -EFBIG && item->path != NULL && below == NULL))
		return rc;
	if (item->path == NULL) {
		rc = take_bytes(item, fd, ret);
	} else {
		out = below == NULL
			      ? open_host_file(item)
			      : host_tree_create(item->directory, below, (item->flags & CORDON_COPY_REPLACE) != 0);
		rc = take_file(item, fd, out, ret);
	}
	item->left -= ret->len;
	return rc;
}

static void fail(struct cordon_error *error, int rc, uint32_t index, const char *detail)
{
	error_set(error, -rc, CORDON_STEP_COPY_OUT, (int32_t)index, detail);
}

static void take_named(struct fetch *f, uint32_t i, const struct cordon_error *error, int fd)
{
	struct cordon_copied *copied = &f->copied[i];
	struct item *item = &f->items[i];
	struct taken taken = { 0 };
	int rc;

	if (error->step != CORDON_STEP_NONE) {
		if (error->err == ENOENT && (item->flags & CORDON_COPY_OPTIONAL) != 0)
			return;
		copied->error = *error;
		copied->error.index = (int32_t)i;
		return;
	}
	rc = take(item, fd, NULL, &taken);
	copied->data = taken.data;
	copied->len = taken.data != NULL ? taken.len : 0;
	copied->size = taken.size;
	copied->truncated = rc == 0 && taken.len < taken.size;
	if (rc < 0)
		fail(&copied->error, rc, i, item->path);
}

/* ---- patterns ---- */

/* All directories of a pattern were read. False, with the error where it is one, if no file is to be fetched. */
static bool may_fetch(struct fetch *f, uint32_t i)
{
	struct cordon_copied *copied = &f->copied[i];
	struct item *item = &f->items[i];
	const struct cordon_error *error = search_error(item->search);

	if (error->step != CORDON_STEP_NONE && error->err != ENOENT) {
		copied->error = *error;
		copied->error.index = (int32_t)i;
		return false;
	}
	if (search_is_cut(item->search) && (item->flags & CORDON_COPY_TRUNCATE) == 0) {
		fail(&copied->error, -E2BIG, i, item->name);
		return false;
	}
	copied->truncated = search_is_cut(item->search);
	if (search_found(item->search) == 0)
		return false; /* finish says so */
	if (item->path != NULL)
		item->directory = host_tree_open(item->path);
	if (item->path == NULL || item->directory >= 0)
		return true;
	fail(&copied->error, item->directory, i, item->path);
	return false;
}

/* 0 or -ENOMEM. */
static int settle_all(struct fetch *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		struct item *item = &f->items[i];

		if (item->search == NULL)
			continue;
		if (!may_fetch(f, i)) {
			item->next = search_found(item->search);
			continue;
		}
		search_sort(item->search);
		f->copied[i].files = item->files = calloc(search_found(item->search), sizeof *item->files);
		if (item->files == NULL)
			return -ENOMEM;
	}
	return 0;
}

/* What has vanished since its directory was read is left out: it cannot be told from what was never there. */
static void take_matched(struct fetch *f, uint32_t i, const struct cordon_error *error, int fd)
{
	struct cordon_copied *copied = &f->copied[i];
	struct item *item = &f->items[i];
	uint32_t n = item->next++;
	struct cordon_copied_file *file = &item->files[copied->nfiles];
	struct taken taken = { 0 };
	int rc;

	if (error->step != CORDON_STEP_NONE && error->err == ENOENT)
		return;
	copied->nfiles++;
	file->name = search_name(item->search, n);
	if (error->step == CORDON_STEP_NONE) {
		rc = take(item, fd, search_name_below(item->search, n), &taken);
		file->data = taken.data;
		file->len = taken.data != NULL ? taken.len : 0;
		file->size = taken.size;
		file->truncated = rc == 0 && taken.len < taken.size;
		if (rc < 0)
			fail(&file->error, rc, i, file->name);
	} else {
		file->error = *error;
		file->error.index = (int32_t)i;
	}
	copied->size += file->size;
	copied->truncated |= file->truncated;
	if (file->error.step != CORDON_STEP_NONE && copied->error.step == CORDON_STEP_NONE)
		copied->error = file->error;
}

/* Tells what matched nothing, also because all that were found have vanished. */
static void finish(struct fetch *f)
{
	for (uint32_t i = 0; i < f->n; i++) {
		struct item *item = &f->items[i];
		struct cordon_copied *copied = &f->copied[i];

		if (item->search != NULL && copied->nfiles == 0 && copied->error.step == CORDON_STEP_NONE &&
		    (item->flags & CORDON_COPY_OPTIONAL) == 0)
			fail(&copied->error, -ENODATA, i, item->name);
		fd_close(&item->directory);
	}
}

/* ---- phases ---- */

static uint32_t pending(const struct fetch *f, const struct item *item)
{
	if (item->search == NULL)
		return 0;
	return f->phase == DIRECTORIES ? search_pending(item->search) : search_found(item->search) - item->next;
}

static struct cordon_file file_of(const struct fetch *f, const struct item *item, uint32_t i)
{
	if (f->phase == DIRECTORIES)
		return (struct cordon_file){ .path = search_directory(item->search, i),
					     .flags = CORDON_FILE_DIRECTORY };
	return (struct cordon_file){ .path = search_name(item->search, item->next + i) };
}

/* How many files the next command of this phase opens, 0 = none is left, or -errno with *err. */
static int gather(struct fetch *f, struct init_message *ret, struct cordon_error *err)
{
	struct cordon_file files[AT_ONCE];
	uint32_t n = 0;
	int rc;

	for (uint32_t i = 0; i < f->n; i++) {
		struct item *item = &f->items[i];

		item->asked = (uint32_t)u64_min(pending(f, item), AT_ONCE - n);
		for (uint32_t k = 0; k < item->asked; k++)
			files[n++] = file_of(f, item, k);
	}
	rc = n > 0 ? items_prepare(ret, CORDON_MSG_OPEN, f->base, files, n, err) : 0;
	return rc < 0 ? rc : (int)n;
}

static int named(struct fetch *f, struct init_message *ret)
{
	int n = 0;

	if (f->named.data == NULL)
		return 0;
	for (uint32_t i = 0; i < f->n; i++) {
		f->items[i].asked = f->items[i].search == NULL;
		n += f->items[i].search == NULL;
	}
	*ret = f->named;
	f->named = (struct init_message){ NULL, 0 };
	return n;
}

int fetch_next(struct fetch *f, struct init_message *ret, struct cordon_error *err)
{
	int n = 0;

	while (f->phase != DONE) {
		n = f->phase == NAMED ? named(f, ret) : gather(f, ret, err);
		if (n != 0)
			return n;
		if (f->phase == DIRECTORIES && settle_all(f) < 0)
			return out_of_memory(err);
		f->phase++;
	}
	finish(f);
	return 0;
}

int fetch_take(struct fetch *f, const struct cordon_error *errors, const int *fds)
{
	uint32_t next = 0;
	int rc = 0;

	for (uint32_t i = 0; i < f->n; i++) {
		for (uint32_t k = 0; k < f->items[i].asked && rc == 0; k++, errors++) {
			int fd = errors->step == CORDON_STEP_NONE ? fds[next++] : -1;

			if (f->phase == NAMED)
				take_named(f, i, errors, fd);
			else if (f->phase == DIRECTORIES)
				rc = search_read(f->items[i].search, errors, fd);
			else
				take_matched(f, i, errors, fd);
		}
		f->items[i].asked = 0;
	}
	return rc;
}

const struct cordon_copied *fetch_copied(const struct fetch *f)
{
	return f->copied;
}

uint32_t fetch_count(const struct fetch *f)
{
	return f->n;
}

void fetch_free(struct fetch *f)
{
	if (f == NULL)
		return;
	for (uint32_t i = 0; i < f->n; i++) {
		struct item *item = &f->items[i];

		for (uint32_t k = 0; k < f->copied[i].nfiles; k++)
			free((void *)(uintptr_t)item->files[k].data);
		free((void *)(uintptr_t)f->copied[i].data);
		free(item->files);
		free(item->name);
		free(item->path);
		search_free(item->search);
		fd_close(&item->directory);
	}
	free(f->named.data);
	free(f->base);
	free(f->items);
	free(f->copied);
	free(f);
}
