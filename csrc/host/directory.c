/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "cordon/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "base/base.h"
#include "error/error.h"

#define CHUNK 32768
#define FIRST 64

/* struct linux_dirent64 (getdents64(2)); the kernel's header cannot be included beside glibc's. */
struct dirent64_kernel {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

struct builder {
	struct cordon_listing *listing;
	uint32_t room;			/* entries */
	char *names;
	size_t used, size;
};

static uint32_t kind_of(uint32_t mode)
{
	return S_ISREG(mode)   ? CORDON_ENTRY_FILE
	       : S_ISDIR(mode) ? CORDON_ENTRY_DIRECTORY
	       : S_ISLNK(mode) ? CORDON_ENTRY_LINK
			       : CORDON_ENTRY_OTHER;
}

/* Room for one more entry and its name. False where there is no memory. */
static bool grow(struct builder *b, size_t len)
{
	if (b->listing->nentries == b->room) {
		uint32_t room = b->room == 0 ? FIRST : 2 * b->room;
		void *entries = realloc(b->listing->entries, room * sizeof *b->listing->entries);

		if (entries == NULL)
			return false;
		b->listing->entries = entries;
		b->room = room;
	}
	if (len > b->size - b->used) {
		size_t size = 2 * b->size + len + CHUNK;
		char *names = realloc(b->names, size);

		if (names == NULL)
			return false;
		b->names = names;
		b->size = size;
	}
	return true;
}

/* Names stand in one block that may move, so an entry has an offset until the end. 0 or -ENOMEM. */
static int add(struct builder *b, int fd, const char *name)
{
	size_t len = strlen(name) + 1;
	struct statx st;	/* by the system call: glibc's fstatat(3) came with 2.33 */

	if (sys(__NR_statx, fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) < 0)
		return 0;	/* it has vanished */
	if (!grow(b, len))
		return -ENOMEM;
	b->listing->entries[b->listing->nentries++] = (struct cordon_entry){
		.name = (const char *)(uintptr_t)b->used, .kind = kind_of(st.stx_mode), .mode = st.stx_mode & 07777u,
		.size = st.stx_size, .modified_ns = st.stx_mtime.tv_sec * (int64_t)NSEC_PER_SEC + st.stx_mtime.tv_nsec,
	};
	memcpy(b->names + b->used, name, len);
	b->used += len;
	return 0;
}

/* 0 or -errno. */
static int read_all(struct builder *b, int fd, uint32_t most)
{
	_Alignas(8) char buffer[CHUNK];
	long n;

	while ((n = sys(__NR_getdents64, fd, buffer, sizeof buffer)) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent64_kernel *entry = (const void *)(buffer + at);
			int rc;

			at += entry->reclen;
			if (str_is_dots(entry->name))
				continue;
			if (b->listing->nentries == most) {
				b->listing->truncated = 1;
				return 0;
			}
			rc = add(b, fd, entry->name);
			if (rc < 0)
				return rc;
		}
	}
	return (int)n;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct cordon_entry *)a)->name, ((const struct cordon_entry *)b)->name);
}

int cordon_directory_list(int fd, uint32_t most, struct cordon_listing *ret, struct cordon_error *err)
{
	struct builder b = { .listing = ret };
	int rc;

	*ret = (struct cordon_listing){ 0 };
	rc = read_all(&b, fd, most);
	ret->names = b.names;
	if (rc < 0) {
		cordon_listing_done(ret);
		return error_set(err, -rc, rc == -ENOMEM ? CORDON_STEP_MEMORY : CORDON_STEP_COPY_OUT, CORDON_NO_INDEX,
				 "directory");
	}
	for (uint32_t i = 0; i < ret->nentries; i++)
		ret->entries[i].name = b.names + (uintptr_t)ret->entries[i].name;
	if (ret->nentries > 0)
		qsort(ret->entries, ret->nentries, sizeof *ret->entries, by_name);
	return 0;
}

void cordon_listing_done(struct cordon_listing *listing)
{
	free(listing->entries);
	free(listing->names);
	*listing = (struct cordon_listing){ 0 };
}
