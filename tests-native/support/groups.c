/* SPDX-License-Identifier: Apache-2.0 */
#include "support/groups.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "support/sandbox.h"

static bool is_named(const struct dirent *e, pid_t pid)
{
	char prefix[32];

	snprintf(prefix, sizeof prefix, "cordon.%d.", (int)pid);
	return e->d_type == DT_DIR && strncmp(e->d_name, prefix, strlen(prefix)) == 0;
}

static long cgroups_below(int dirfd, const char *name, pid_t pid, int depth)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	long n = 0;

	if (!d)
		return 0;	/* removed by another process */
	while (depth < 12 && (e = readdir(d))) {
		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		n += is_named(e, pid);
		n += cgroups_below(fd, e->d_name, pid, depth + 1);
	}
	closedir(d);
	return n;
}

long cgroups_of(pid_t pid)
{
	char *mounts = file_read("/proc/self/mountinfo");
	char *save = NULL;
	long n = 0;

	for (char *line = strtok_r(mounts, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char target[1024];

		if (!strstr(line, " - cgroup") || sscanf(line, "%*s %*s %*s %*s %1023s", target) != 1)
			continue;
		n += cgroups_below(AT_FDCWD, target, pid, 0);
	}
	free(mounts);
	return n;
}

static long named_in(const char *path, pid_t pid)
{
	DIR *d = opendir(path);
	struct dirent *e;
	long n = 0;

	while (d != NULL && (e = readdir(d)) != NULL)
		n += is_named(e, pid);
	if (d != NULL)
		closedir(d);
	return n;
}

const char *cgroups_place(const char *own, pid_t pid)
{
	static char path[700];
	DIR *d = opendir(own);
	struct dirent *e;
	bool found = false;

	while (d != NULL && !found && (e = readdir(d)) != NULL)
		if (is_named(e, pid)) {
			snprintf(path, sizeof path, "%s/%s", own, e->d_name);
			found = named_in(path, pid) > 0;
		}
	if (d != NULL)
		closedir(d);
	if (!found)
		snprintf(path, sizeof path, "%s", own);
	return path;
}

long cgroups_in_use(const char *own, pid_t pid)
{
	const char *place = cgroups_place(own, pid);

	return named_in(place, pid) - (strcmp(place, own) != 0);
}

/* By its arguments. */
pid_t janitor_of(pid_t pid)
{
	char expected[64], path[300], args[64];
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	pid_t found = 0;
	int len = snprintf(expected, sizeof expected, "cordon-janitor%ccordon.%d.", 0, (int)pid) + 1;

	if (dir == NULL)
		abort();
	while (found == 0 && (entry = readdir(dir)) != NULL) {
		FILE *file;

		snprintf(path, sizeof path, "/proc/%s/cmdline", entry->d_name);
		file = atoi(entry->d_name) > 0 ? fopen(path, "re") : NULL;
		if (file == NULL)
			continue;
		if (fread(args, 1, sizeof args, file) == (size_t)len && memcmp(args, expected, (size_t)len) == 0)
			found = atoi(entry->d_name);
		fclose(file);
	}
	closedir(dir);
	return found;
}
