/* SPDX-License-Identifier: Apache-2.0 */
/* home: the directories under which this process makes its groups, found and opened once.
 *
 * A directory stays open until cgroup_homes_release: a run then costs no path walk, and a mount that appears over it
 * later changes nothing. */
#ifndef CORDON_CGROUP_HOME_H
#define CORDON_CGROUP_HOME_H

#include <stdint.h>
#include "cgroup/version.h"

struct cgroup_home {
	const struct cgroup_version_ops *ops;
	int dirfd;		/* below which groups are made */
	int own_fd;		/* the group of this process; the same, but for a stem (stem.h) */
	int inits_fd;		/* with a stem, the group in which every init is born; else -1 */
	uint32_t controllers;	/* those usable here, 1 << enum cgroup_controller */
	char path[256];
};

struct cgroup_homes {
	uint32_t n;
	struct cgroup_home home[CGROUP_CONTROLLERS];
	struct cordon_controller controller[CGROUP_CONTROLLERS];
	const char *problem[CGROUP_CONTROLLERS];	/* why it is not usable; NULL where it is */
	bool prepared;			/* v2's own group has been asked to hand its controllers on (leaf.h) */
	const char *held_back;		/* why it does not; NULL where it does */
	int leaf_fd;			/* where this process has been moved to, kept open for its lock; -1 = nowhere */
};

#define CGROUP_NAME_MAX 48

/* Names tried before giving up: they are only taken by another pid namespace that shares the tree, or by an earlier life. */
#define CGROUP_NAME_ATTEMPTS 64

/* "cordon.<pid>." of this process. */
void cgroup_name_prefix(char name[CGROUP_NAME_MAX]);

/* A name that this process has not used before. */
void cgroup_name_next(char name[CGROUP_NAME_MAX]);

/* Makes a group under the next name that is free (cgroup_dir_make). Its descriptor, with *ret_procs_fd and its name, or -errno. */
int cgroup_home_make(int dirfd, const char *join_file, char name[CGROUP_NAME_MAX], int *ret_procs_fd);

/* Looked for at the first call that succeeds; static storage. Any thread. 0, or -errno where descriptors are short: then nothing
 * is known yet, and *ret_homes may be empty. */
int cgroup_homes_get(const struct cgroup_homes **ret_homes);

/* Before a group is made: at the first call of a process, removes what dead ones left, and starts the janitor.
 * 0, or -errno with *err. Any thread. */
int cgroup_homes_guard(const struct cgroup_homes *homes, struct cordon_error *err);

/* cgroup_release. */
void cgroup_homes_release(void);

#endif
