/* SPDX-License-Identifier: Apache-2.0 */
#include "host/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cordon/directory.h"
#include "host/pattern.h"

#define FIRST 16

struct place {
	char *name;
	uint64_t state; /* of the pattern */
};

struct search {
	struct pattern *pattern;
	struct place *places; /* directories: those before next were read */
	uint32_t nplaces, room, next;
	char **names;
	uint32_t nnames, names_room;
	uint32_t most, looked;
	size_t longest;
	bool cut;
	struct cordon_error error;
};

/* Room for one more item of size bytes in the array at *items. */
static bool grow(void *items, uint32_t n, uint32_t *room, size_t size)
{
	void *old, *bigger;
	uint32_t wanted = *room == 0 ? FIRST : 2 * *room;

	if (n < *room)
		return true;
	memcpy(&old, items, sizeof old);
	bigger = realloc(old, wanted * size);
	if (bigger == NULL)
		return false;
	memcpy(items, &bigger, sizeof bigger);
	*room = wanted;
	return true;
}

/* 0 or -ENOMEM; takes name, which may be NULL. */
static int add_place(struct search *s, char *name, uint64_t state)
{
	if (name == NULL || !grow(&s->places, s->nplaces, &s->room, sizeof *s->places)) {
		free(name);
		return -ENOMEM;
	}
	s->places[s->nplaces++] = (struct place){ name, state };
	return 0;
}

static int add_name(struct search *s, char *name)
{
	if (name == NULL || !grow(&s->names, s->nnames, &s->names_room, sizeof *s->names)) {
		free(name);
		return -ENOMEM;
	}
	s->names[s->nnames++] = name;
	return 0;
}

int search_open(const char *pattern, uint32_t most, size_t longest, struct search **ret, const char **ret_problem)
{
	struct search *s = calloc(1, sizeof *s);
	int rc;

	*ret_problem = NULL;
	if (s == NULL)
		return -ENOMEM;
	s->most = most;
	s->longest = longest;
	rc = pattern_parse(pattern, &s->pattern, ret_problem);
	if (rc == 0)
		rc = add_place(s, strdup(pattern_directory(s->pattern)), pattern_begin(s->pattern));
	if (rc < 0) {
		search_free(s);
		return rc;
	}
	*ret = s;
	return 0;
}

uint32_t search_pending(const struct search *s)
{
	return s->nplaces - s->next;
}

const char *search_directory(const struct search *s, uint32_t i)
{
	return s->places[s->next + i].name;
}

/* The path of an entry, to be freed; NULL = no memory. */
static char *join(const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *path = malloc(size);
	const char *slash = directory[0] == '\0' || str_eq(directory, "/") ? "" : "/";

	if (path != NULL)
		(void)str_concat(path, size, directory, slash, name);
	return path;
}

/* Nothing more is looked for. */
static void cut(struct search *s)
{
	s->cut = true;
	s->next = s->nplaces;
}

static int look_at(struct search *s, const char *directory, uint64_t state, const struct cordon_entry *entry)
{
	uint64_t after = pattern_step(s->pattern, state, entry->name);

	if (strlen(directory) + 1 + strlen(entry->name) > s->longest)
		return 0; /* nothing so long can be opened */
	if (entry->kind == CORDON_ENTRY_DIRECTORY && pattern_goes_on(s->pattern, after))
		return add_place(s, join(directory, entry->name), after);
	if (entry->kind != CORDON_ENTRY_FILE || !pattern_is_match(s->pattern, after))
		return 0;
	if (s->nnames < s->most)
		return add_name(s, join(directory, entry->name));
	cut(s);
	return 0;
}

static int look_through(struct search *s, struct place place, const struct cordon_listing *listing)
{
	s->looked += listing->nentries;
	for (uint32_t i = 0; i < listing->nentries && !s->cut; i++) {
		int rc = look_at(s, place.name, place.state, &listing->entries[i]);

		if (rc < 0)
			return rc;
	}
	if (listing->truncated != 0)
		cut(s);
	return 0;
}

int search_read(struct search *s, const struct cordon_error *error, int fd)
{
	struct cordon_listing listing;
	struct cordon_error err = *error;
	struct place place;
	bool first;
	int rc;

	if (s->cut) /* while more were being opened */
		return 0;
	place = s->places[s->next];
	first = s->next++ == 0;
	if (error->step == CORDON_STEP_NONE) {
		rc = cordon_directory_list(fd, SEARCH_ENTRIES_MAX - s->looked, &listing, &err);
		if (rc == -ENOMEM)
			return rc;
		if (rc == 0) {
			rc = look_through(s, place, &listing);
			cordon_listing_done(&listing);
			return rc;
		}
	}
	if (first)
		s->error = err;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

uint32_t search_found(const struct search *s)
{
	return s->nnames;
}

void search_sort(struct search *s)
{
	if (s->nnames > 0)
		qsort(s->names, s->nnames, sizeof *s->names, by_bytes);
}

const char *search_name(const struct search *s, uint32_t i)
{
	return s->names[i];
}

const char *search_name_below(const struct search *s, uint32_t i)
{
	const char *name = s->names[i] + strlen(pattern_directory(s->pattern));

	return name + (*name == '/');
}

bool search_is_cut(const struct search *s)
{
	return s->cut;
}

const struct cordon_error *search_error(const struct search *s)
{
	return &s->error;
}

void search_free(struct search *s)
{
	if (s == NULL)
		return;
	for (uint32_t i = 0; i < s->nplaces; i++)
		free(s->places[i].name);
	for (uint32_t i = 0; i < s->nnames; i++)
		free(s->names[i]);
	free(s->places);
	free(s->names);
	pattern_free(s->pattern);
	free(s);
}
