/* SPDX-License-Identifier: Apache-2.0 */
#include "host/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "base/base.h"
#include "error/error.h"

#define OWN_BASE 0x70000000u
#define OWN_COUNT 0x10000000u
/* Ids come in pairs (init, program), one pair for each slot: 17 bits of the pid distinguish processes, 10 bits the
 * sandboxes of one process. */
#define SLOT_PID_BITS 17
#define SLOT_COUNTER_BITS 10

static bool has_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	if (sys(__NR_capget, &header, data) < 0)
		return false;
	return (((uint64_t)data[1].effective << 32 | data[0].effective) & caps) == caps;
}

/* Reads the next number in *text, and moves *text behind it; false at the end. */
static bool next_number(const char **text, uint64_t *ret)
{
	const char *p = *text;
	uint64_t n = 0;

	while (*p != '\0' && (*p < '0' || *p > '9'))
		p++;
	if (*p == '\0')
		return false;
	for (; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	*text = p;
	*ret = n;
	return true;
}

/* Finds the range of ids in this process's user namespace: the unclaimed range, or the upper half of the largest
 * extent. 0; -ERANGE if the namespace has too few ids, or another -errno if its map cannot be read. */
static int find_range(const char *map_path, uint32_t *base, uint32_t *count)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, AT_FDCWD, map_path, O_RDONLY | O_CLOEXEC, 0);
	char map[4096];		/* the kernel shows at most one page of a map (user_namespaces(7)) */
	long len = fd < 0 ? fd : sys(__NR_read, fd, map, sizeof map - 1);
	const char *p = map;
	uint64_t inside, outside, n;

	if (len < 0)
		return (int)len;
	*count = *base = 0;
	map[len] = '\0';
	while (next_number(&p, &inside) && next_number(&p, &outside) && next_number(&p, &n)) {
		if (inside <= OWN_BASE && inside + n >= (uint64_t)OWN_BASE + OWN_COUNT) {
			*base = OWN_BASE;
			*count = OWN_COUNT;
			return 0;
		}
		if (n / 2 > *count) {
			*base = (uint32_t)(inside + n / 2);
			*count = (uint32_t)(n / 2);
		}
	}
	return *count >= 2 && *base != 0 ? 0 : -ERANGE;
}

static uint32_t next_slot(void)
{
	static atomic_uint counter;
	uint32_t n = atomic_fetch_add(&counter, 1);
	uint32_t pid = (uint32_t)getpid() & ((1u << SLOT_PID_BITS) - 1);

	return pid << SLOT_COUNTER_BITS | (n & ((1u << SLOT_COUNTER_BITS) - 1));
}

struct range {
	uint32_t base, count;
};

static struct range *_Atomic known;	/* of users and of groups; NULL = not read yet */

/* The ranges of users and groups, or what find_range returns for either. A namespace's maps are written only once, and
 * this process stays in its namespace, so the first answer stays valid. Several threads may find it at once. */
static int own_ranges(struct range *users, struct range *groups)
{
	struct range *found = atomic_load_explicit(&known, memory_order_acquire), *none = NULL;
	int rc = 0;

	if (found == NULL) {
		found = malloc(2 * sizeof *found);
		if (found == NULL)
			return -ENOMEM;
		rc = find_range("/proc/self/uid_map", &found[0].base, &found[0].count);
		if (rc == 0)
			rc = find_range("/proc/self/gid_map", &found[1].base, &found[1].count);
		if (rc < 0) {
			free(found);
			return rc;
		}
		if (!atomic_compare_exchange_strong(&known, &none, found)) {
			free(found);
			found = none;
		}
	}
	*users = found[0];
	*groups = found[1];
	return 0;
}

void ids_release(void)
{
	free(atomic_exchange(&known, NULL));
}

static int choose_own(struct ids *ids, struct cordon_error *err)
{
	struct range users, groups;
	uint32_t slot = next_slot();
	int rc = own_ranges(&users, &groups);

	if (rc < 0)
		return error_set(err, -rc, CORDON_STEP_UID_MAP, CORDON_NO_INDEX,
				 rc == -ERANGE ? "no free ids in this user namespace" : "/proc/self/uid_map");
	ids->host_init_uid = users.base + slot % (users.count / 2) * 2;
	ids->host_init_gid = groups.base + slot % (groups.count / 2) * 2;
	if (ids->host_uid == 0)
		ids->host_uid = ids->host_init_uid + 1;
	if (ids->host_gid == 0)
		ids->host_gid = ids->host_init_gid + 1;
	return 0;
}

/* As in `unshare -r`, where a single id is mapped, and root is the maker of the namespace. A map that cannot be read is
 * not taken for a short one: this may be the machine's own root. */
static bool ids_are_few(void)
{
	struct range users, groups;

	return own_ranges(&users, &groups) == -ERANGE;
}

static bool may_set_ids(const struct cordon_container_config *config)
{
	if (config->namespaces == CORDON_NAMESPACES_NONE)
		return geteuid() == 0;
	return has_caps(UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID) && !ids_are_few();
}

bool ids_are_foreign(const struct cordon_container_config *config)
{
	return config->host_uid == 0 && config->host_gid == 0 && may_set_ids(config);
}

int ids_choose(const struct cordon_container_config *config, struct ids *ret, struct cordon_error *err)
{
	struct ids ids = {
		.own = may_set_ids(config),
		.copy_mounts = has_caps(UINT64_C(1) << CAP_SYS_ADMIN),
		.uid = config->uid,
		.gid = config->gid,
		.host_uid = config->host_uid,
		.host_gid = config->host_gid,
	};
	int rc = 0;

	if (ids.own) {
		/* inside init is 0, or 1 if the program is to be 0 */
		ids.init_uid = config->uid == 0;
		ids.init_gid = config->gid == 0;
		rc = choose_own(&ids, err);
	} else if (geteuid() == 0 && !ids_are_few()) {
		rc = error_set(err, EPERM, CORDON_STEP_UID_MAP, CORDON_NO_INDEX,
			       "uid 0 without CAP_SETUID and CAP_SETGID can map only itself");
	} else if (geteuid() == 0 && !has_caps(UINT64_C(1) << CAP_SETFCAP)) {
		rc = error_set(err, EPERM, CORDON_STEP_UID_MAP, CORDON_NO_INDEX,	/* user_namespaces(7) */
			       "uid 0 without CAP_SETFCAP cannot map itself, and no other id is mapped here");
	} else if (config->host_uid != 0 || config->host_gid != 0) {
		rc = error_refuse(err, CORDON_NO_INDEX, "host_uid", "not 0",
				  "needs CAP_SETUID and CAP_SETGID, and ids that are mapped in this user namespace");
	} else {
		ids.copy_mounts = false;
		ids.init_uid = config->uid;
		ids.init_gid = config->gid;
		ids.host_uid = ids.host_init_uid = geteuid();
		ids.host_gid = ids.host_init_gid = getegid();
	}
	if (rc == 0)
		*ret = ids;
	return rc;
}

int ids_share(const struct cordon_container_config *config, struct ids *ret, struct cordon_error *err)
{
	struct ids ids = { .own = may_set_ids(config), .host_uid = config->host_uid, .host_gid = config->host_gid };
	int rc = 0;

	if (ids.own) {	/* without namespaces uid 0 owns the machine's files, even without capabilities */
		rc = choose_own(&ids, err);
	} else if (config->host_uid != 0 || config->host_gid != 0) {
		rc = error_refuse(err, CORDON_NO_INDEX, "host_uid", "not 0", "needs root");
	} else {
		ids.host_uid = geteuid();
		ids.host_gid = getegid();
	}
	if (rc < 0)
		return rc;
	ids.init_uid = ids.uid = ids.host_init_uid = ids.host_uid;
	ids.init_gid = ids.gid = ids.host_init_gid = ids.host_gid;
	*ret = ids;
	return 0;
}

static int write_map(int32_t pid, const char *file, const char *text, enum cordon_step step, struct cordon_error *err)
{
	char path[64];
	int rc;

	(void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
	rc = file_write_at(AT_FDCWD, path, text);
	return rc < 0 ? error_set(err, -rc, step, CORDON_NO_INDEX, path) : 0;
}

static int write_id_map(int32_t pid, const char *file, bool own, const uint32_t id[4], enum cordon_step step,
			struct cordon_error *err)
{
	char text[128];

	if (own)
		(void)snprintf(text, sizeof text, "%u %u 1\n%u %u 1\n", id[0], id[1], id[2], id[3]);
	else
		(void)snprintf(text, sizeof text, "%u %u 1\n", id[2], id[3]);
	return write_map(pid, file, text, step, err);
}

int ids_write_maps(const struct ids *ids, int32_t pid, struct cordon_error *err)
{
	const uint32_t uid[4] = { ids->init_uid, ids->host_init_uid, ids->uid, ids->host_uid };
	const uint32_t gid[4] = { ids->init_gid, ids->host_init_gid, ids->gid, ids->host_gid };
	int rc = write_id_map(pid, "uid_map", ids->own, uid, CORDON_STEP_UID_MAP, err);

	/* Without CAP_SETGID the kernel allows a gid map only when setgroups is denied for good
	 * (user_namespaces(7)). */
	if (rc == 0 && !ids->own)
		rc = write_map(pid, "setgroups", "deny", CORDON_STEP_GID_MAP, err);
	return rc == 0 ? write_id_map(pid, "gid_map", ids->own, gid, CORDON_STEP_GID_MAP, err) : rc;
}
