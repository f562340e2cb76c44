/* SPDX-License-Identifier: Apache-2.0 */
/* target: the memory of a stopped program, and what /proc says of it. */
#ifndef CORDON_SUPERVISOR_TARGET_H
#define CORDON_SUPERVISOR_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

/* Reads len bytes of tid's memory. 0 or -errno (EFAULT; ESRCH where it is gone). */
int target_read(int32_t tid, uint64_t address, void *buf, size_t len);

/* Reads a NUL-terminated path as the kernel would (getname): its length, or -EFAULT, -ENAMETOOLONG (no NUL within
 * PATH_SIZE), -ESRCH. Never reads beyond the page of the NUL. */
int target_path(int32_t tid, uint64_t address, char buf[PATH_SIZE]);

/* Raises CAP_SYS_PTRACE from the permitted into the effective set, or lowers it: for a single read of a process that
 * is not dumpable. False where that changes nothing or can't be done; then there is nothing to lower. */
bool target_privilege(bool on);

#define STAT_SIZE 512

/* What /proc/<tid>/stat says from its third field, the state, on; NULL where it can't be read. The name before it may
 * hold anything. */
const char *target_stat(int proc_fd, int32_t tid, char buf[STAT_SIZE]);

/* A field of it that is a number, as proc_pid_stat(5) counts: 4 or more. 0 where it is negative or not there. */
uint64_t target_stat_field(const char *stat, unsigned field);

/* The thread group of tid, from /proc. > 0 or -errno. */
int32_t target_tgid(int proc_fd, int32_t tid);

/* Its umask; 022 where it can't be read. */
uint32_t target_umask(int proc_fd, int32_t tid);

#endif
