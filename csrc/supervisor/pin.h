/* SPDX-License-Identifier: Apache-2.0 */
/* pin: opens what a resolved path names, so that it stays the same while the supervisor works on it. */
#ifndef CORDON_SUPERVISOR_PIN_H
#define CORDON_SUPERVISOR_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/openat2.h>
#include "supervisor/resolve.h"

/* The path has a symbolic link now: judge_files_again must decide. */
#define PIN_AGAIN (-4097)

/* Opens r->path without following a link; how->resolve is added to. In "/proc/self" it is the asking thread's. A
 * descriptor or -errno. */
int pin_open(int proc_fd, int32_t tid, const struct resolved *r, const struct open_how *how);

/* An O_PATH descriptor of the object. flags: O_NOFOLLOW if the object may be a link, O_DIRECTORY. A descriptor, -errno
 * or PIN_AGAIN. */
int pin_object(int proc_fd, int32_t tid, const struct resolved *r, uint64_t flags);

/* The same for the directory of a path that ends in a name (parent.h). */
int pin_parent(int proc_fd, int32_t tid, const struct resolved *r);

/* Makes *ret stand for the object of the program's descriptor, or of its working directory (AT_FDCWD): link leads to
 * it. */
void pin_itself(struct resolved *ret, int32_t tid, int dirfd);

#define PIN_LINK_SIZE 64

/* The path relative to proc of a magic link that leads to the supervisor's descriptor. */
void pin_link(char buf[PIN_LINK_SIZE], int fd);

/* Opens the object of the supervisor's descriptor again. */
int pin_reopen(int proc_fd, int fd, uint64_t flags, uint64_t mode);

/* The supervisor shares init's memory, and the kernel lets a process look into its own /proc/<pid>. So what is in the
 * /proc directories of these two is closed, except what every process may see. Without a pid namespace so is what is in
 * those of processes outside, which Landlock closes to the program and not to the supervisor. attributes: only
 * attributes are looked at. fd: the object at r->path. */
bool pin_is_closed(const struct supervisor *sv, int fd, const struct resolved *r, bool attributes);

#endif
