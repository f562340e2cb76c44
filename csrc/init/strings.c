/* SPDX-License-Identifier: Apache-2.0 */
/* strings: argv and envp arrive as consecutive strings. A name without a slash is looked up in the PATH that the
 * program gets: the vfork child tries one candidate after the other (forkexec.h). */
#include "init/strings.h"

#include <linux/mman.h>
#include "base/base.h"
#include "error/error.h"
#include "forkexec/forkexec.h"
#include "wire/wire.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"
#define OWN_SIZE 16384

static void *take(struct init_strings *s, size_t len)
{
	void *p = s->base + s->used;

	s->used += (len + 7) & ~(size_t)7;
	return p;
}

static const char *environment_find(const char *envp, uint32_t envc, const char *name)
{
	size_t len = str_len(name);

	for (uint32_t i = 0; i < envc; i++) {
		size_t j = 0;

		while (j < len && envp[j] == name[j])
			j++;
		if (j == len && envp[j] == '=')
			return envp + j + 1;
		envp += str_len(envp) + 1;
	}
	return NULL;
}

static const char **pointers(struct init_strings *s, const char *strings, uint32_t n)
{
	const char **array = take(s, (n + (size_t)1) * sizeof *array);

	for (uint32_t i = 0; i < n; i++) {
		array[i] = strings;
		strings += str_len(strings) + 1;
	}
	array[n] = NULL;
	return array;
}

static size_t count_dirs(const char *path)
{
	size_t n = 1;

	for (; *path != '\0'; path++)
		n += *path == ':';
	return n;
}

/* Makes "dir/name" for each directory of path; an empty one means the current directory (execvp(3)). */
static const char **candidates(struct init_strings *s, const char *path, const char *name)
{
	size_t ndirs = count_dirs(path), name_size = str_len(name) + 1;
	const char **array = take(s, (ndirs + 1) * sizeof *array);

	for (size_t i = 0; i < ndirs; i++) {
		size_t len = 0;
		char *p;

		while (path[len] != '\0' && path[len] != ':')
			len++;
		p = take(s, len + 2 + name_size);
		array[i] = p;
		if (len == 0)
			*p++ = '.';
		bytes_copy(p, path, len);
		p += len;
		*p++ = '/';
		bytes_copy(p, name, name_size);
		path += len + 1;
	}
	array[ndirs] = NULL;
	return array;
}

static size_t size_needed(const struct wire_execve *e, const char *path)
{
	size_t ndirs = count_dirs(path);

	return (e->msg->argc + (size_t)e->msg->envc + ndirs + 8) * sizeof(char *) + str_len(path) +
	       ndirs * (str_len(e->argv) + 16);
}

static int memory_open(struct init_strings *s, size_t size)
{
	static _Alignas(8) char own[OWN_SIZE];
	long p = (long)(uintptr_t)own;

	if (size > sizeof own)
		p = sys(__NR_mmap, NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE_ANON, -1, 0);
	if (error_is(p))
		return (int)p;
	*s = (struct init_strings){ (char *)p, size, 0 };
	return 0;
}

static const char **paths_of(struct init_strings *s, const struct wire_execve *e, const char *path)
{
	const char **one;

	if (str_find(e->argv, '/') == NULL && e->argv[0] != '\0')
		return candidates(s, path, e->argv);
	one = take(s, 2 * sizeof *one);
	one[0] = e->argv;
	one[1] = NULL;
	return one;
}

int init_strings_open(struct init_strings *s, const struct wire_execve *e, struct child_plan *plan)
{
	const char *path = environment_find(e->envp, e->msg->envc, "PATH");
	int rc;

	if (path == NULL)
		path = DEFAULT_PATH;
	rc = memory_open(s, size_needed(e, path));
	if (rc < 0)
		return rc;
	plan->argv = pointers(s, e->argv, e->msg->argc);
	plan->envp = pointers(s, e->envp, e->msg->envc);
	plan->paths = paths_of(s, e, path);
	return 0;
}

void init_strings_close(struct init_strings *s)
{
	if (s->size > OWN_SIZE)
		(void)sys(__NR_munmap, s->base, s->size);
}
