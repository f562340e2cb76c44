/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/find.h"

#include <stdbool.h>
#include <string.h>
#include "base/base.h"
#include "cgroup/name.h"

/* mountinfo: id parent major:minor root mount-point options [optional]... - type source super-options */
enum { FIELD_ROOT = 3, FIELD_POINT = 4, FIELD_OPTIONS = 5 };

struct span {
	const char *text;
	size_t len;
};

struct mount_line {
	struct span root, point, options, type, super_options;
};

/* On v1 cpuacct counts the CPU time of a group; the cpu controller only distributes it. */
static const char *const v1_names[CGROUP_CONTROLLERS] = {
	[CGROUP_MEMORY] = "memory",
	[CGROUP_PIDS] = "pids",
	[CGROUP_CPU] = "cpuacct",
	[CGROUP_QUOTA] = "cpu",
	[CGROUP_CPUSET] = "cpuset",
	[CGROUP_IO] = "blkio",
	[CGROUP_FREEZER] = "freezer",
};

static bool span_eq(struct span s, const char *text)
{
	return strlen(text) == s.len && memcmp(s.text, text, s.len) == 0;
}

/* Removes the part before the first c, and c, from *rest, and returns the part. */
static struct span span_cut(struct span *rest, char c)
{
	const char *end = rest->len > 0 ? memchr(rest->text, c, rest->len) : NULL;
	struct span part = { rest->text, end != NULL ? (size_t)(end - rest->text) : rest->len };
	size_t used = end != NULL ? part.len + 1 : part.len;

	rest->text += used;
	rest->len -= used;
	return part;
}

static bool list_has(struct span list, const char *name)
{
	while (list.len > 0)
		if (span_eq(span_cut(&list, ','), name))
			return true;
	return false;
}

static bool mount_line_parse(struct span line, struct mount_line *ret)
{
	struct mount_line m = { 0 };
	struct span field = { NULL, 0 };

	for (int i = 0; line.len > 0; i++) {
		field = span_cut(&line, ' ');
		if (i == FIELD_ROOT)
			m.root = field;
		else if (i == FIELD_POINT)
			m.point = field;
		else if (i == FIELD_OPTIONS)
			m.options = field;
		else if (i > FIELD_OPTIONS && span_eq(field, "-"))
			break;
	}
	m.type = span_cut(&line, ' ');
	(void)span_cut(&line, ' ');	/* the source: any text */
	m.super_options = span_cut(&line, ' ');
	if (m.super_options.len == 0)
		return false;
	*ret = m;
	return true;
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The kernel writes space, tab, line feed and backslash as \ooo. Appends to buf[size], which stays NUL-terminated. */
static bool append_unescaped(char *buf, size_t size, struct span s)
{
	size_t used = strlen(buf);

	for (size_t i = 0; i < s.len; i++) {
		char c = s.text[i];

		if (c == '\\' && s.len - i > 3 && is_octal(s.text[i + 1]) && is_octal(s.text[i + 2]) &&
		    is_octal(s.text[i + 3])) {
			c = (char)((s.text[i + 1] - '0') * 64 + (s.text[i + 2] - '0') * 8 + (s.text[i + 3] - '0'));
			i += 3;
		}
		if (used + 1 >= size)
			return false;
		buf[used++] = c;
		buf[used] = '\0';
	}
	return true;
}

/* The own group's path in the hierarchy that has the v1 controller name, or in the unified one where name is NULL. */
static bool own_group(const char *own, const char *name, struct span *ret)
{
	struct span rest = { own, strlen(own) };

	while (rest.len > 0) {
		struct span line = span_cut(&rest, '\n');
		struct span id = span_cut(&line, ':');
		struct span controllers = span_cut(&line, ':');

		if (name != NULL ? list_has(controllers, name) : span_eq(id, "0") && controllers.len == 0) {
			*ret = line;
			return line.len > 0;
		}
	}
	return false;
}

/* The directory of group under the mount m, whose root may be a group above it. */
static bool place_path(const struct mount_line *m, struct span group, char *path, size_t size)
{
	char root[256] = "";
	size_t root_len;

	path[0] = '\0';
	if (!append_unescaped(root, sizeof root, m->root) || !append_unescaped(path, size, m->point))
		return false;
	/* "/..": the mount or the process is outside its cgroup namespace, and the names in between are hidden. */
	if (strncmp(root, "/..", 3) == 0 || (group.len >= 3 && memcmp(group.text, "/..", 3) == 0))
		return false;
	root_len = strcmp(root, "/") == 0 ? 0 : strlen(root);
	if (group.len < root_len || memcmp(group.text, root, root_len) != 0)
		return false;
	group.text += root_len;
	group.len -= root_len;
	if (group.len > 0 && group.text[0] != '/')
		return false;	/* "/a" is not above "/ab" */
	if (group.len == 1)
		return true;
	if (group.len >= size - strlen(path))
		return false;
	strncat(path, group.text, group.len);	/* unlike mountinfo, this file escapes nothing */
	return true;
}

/* The parent of a host group; any other group as it is. A process that starts in a host group makes its groups beside
 * it. */
static struct span above_host_group(struct span group)
{
	char name[64] = "";
	size_t slash = group.len;

	while (slash > 0 && group.text[slash - 1] != '/')
		slash--;
	if (slash == 0 || group.len - slash >= sizeof name)
		return group;
	memcpy(name, group.text + slash, group.len - slash);
	if (cgroup_name_is_host(name))
		group.len = slash > 1 ? slash - 1 : 1;
	return group;
}

/* Finds the first writable mount of the hierarchy that shows the own group, or if none is writable the first one. name
 * as in own_group. */
static bool find_place(const char *mountinfo, const char *own, const char *name, struct cgroup_place *ret)
{
	struct span rest = { mountinfo, strlen(mountinfo) };
	struct span group;
	bool found = false;

	if (!own_group(own, name, &group))
		return false;
	if (name == NULL)
		group = above_host_group(group);
	while (rest.len > 0) {
		struct cgroup_place place = {
			.version = name != NULL ? CORDON_CGROUP_V1 : CORDON_CGROUP_V2,
			.root = group.len == 1,
		};
		struct mount_line m;

		if (!mount_line_parse(span_cut(&rest, '\n'), &m) ||
		    !span_eq(m.type, name != NULL ? "cgroup" : "cgroup2"))
			continue;
		if (name != NULL && !list_has(m.super_options, name))
			continue;
		if (!place_path(&m, group, place.path, sizeof place.path))
			continue;
		if (!found || list_has(m.options, "rw"))
			*ret = place;
		found = true;
		if (list_has(m.options, "rw"))
			break;
	}
	return found;
}

uint32_t cgroup_find_places(const char *mountinfo, const char *own, enum cgroup_controller controller,
			    struct cgroup_place ret[CGROUP_PLACES_MAX])
{
	uint32_t n = 0;

	if (find_place(mountinfo, own, v1_names[controller], &ret[n]))
		n++;
	if (find_place(mountinfo, own, NULL, &ret[n]))
		n++;
	return n;
}
