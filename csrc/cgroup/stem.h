/* SPDX-License-Identifier: Apache-2.0 */
/* stem: the group of v2 below which this process's groups lie, so that a program can be born in its own one (clone3(2), CLONE_INTO_CGROUP).
 *
 * A process that joins by a write waits until no task of the machine forks or exits: ten milliseconds where runs come alone. The flag
 * spares that, but asks of whoever calls clone3 the right to write cgroup.procs of the group above both its own group and the new one
 * (cgroups(7), cgroup_procs_write_permission in the kernel). That is init, with an id of its own, and this process's group is not ours
 * to give away. So one of ours is put in between:
 *   <own group>/cordon.<pid>.<n>/		the stem: hands on its controllers, so it can hold no process itself
 *                                cordon.<pid>.<n>/	where every init is born; without limits
 *                                cordon.<pid>.<n>/	a run's group each; its cgroup.procs is given to the run's init (cgroup_give)
 * I1  Everybody may write the stem's cgroup.procs. That alone moves nothing: the kernel takes no process into a group that hands
 *     controllers on, and to move one on to another group below takes the right to write that one's file as well, which only its init has. (A
 *     sandbox has no cgroup file system to open one either.)
 * I2  Where no stem can be made all is as on v1: groups lie below the own one, and programs join them.
 * The stem is made with the first group and stays until cgroup_release or the process's end: the janitor removes it. */
#ifndef CORDON_CGROUP_STEM_H
#define CORDON_CGROUP_STEM_H

#include "cgroup/home.h"

/* Makes the stem of this process in a home of v2, where groups are then made. One that a parent had before fork(2) is left to it. */
void cgroup_stem_make(struct cgroup_home *home);

#endif
