/* SPDX-License-Identifier: Apache-2.0 */
/* target: reads the memory of a stopped program and its /proc files. */
#ifndef CORDON_SUPERVISOR_TARGET_H
#define CORDON_SUPERVISOR_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "supervisor/supervisor.h"

/* Reads len bytes of tid's memory. 0 or -errno (EFAULT; ESRCH if tid has ended). */
int target_read(int32_t tid, uint64_t address, void *buf, size_t len);

/* Writes len bytes to tid's memory. 0 or -errno (EFAULT, also if a part was written). */
int target_write(int32_t tid, uint64_t address, const void *buf, size_t len);

/* Reads a NUL-terminated text. Returns its length, or -EFAULT, -ENAMETOOLONG (no NUL within size), -ESRCH. Does not
 * read beyond the page of the NUL. */
int target_text(int32_t tid, uint64_t address, char *buf, size_t size);

/* Reads a NUL-terminated path as the kernel does (getname): target_text with PATH_SIZE. */
int target_path(int32_t tid, uint64_t address, char buf[PATH_SIZE]);

/* Raises CAP_SYS_PTRACE from the permitted into the effective set, or lowers it: for one read of a process that is not
 * dumpable. False if nothing changed; then it need not be lowered. */
bool target_privilege(bool on);

#define STAT_SIZE 512

/* Reads /proc/<tid>/stat. Returns its text from the third field (the state) on, NULL if it cannot be read. The name
 * before may contain any character. */
const char *target_stat(int proc_fd, int32_t tid, char buf[STAT_SIZE]);

/* A numeric field of that text, numbered as in proc_pid_stat(5), from 4 on. 0 if it is negative or missing. */
uint64_t target_stat_field(const char *stat, unsigned field);

/* The thread group id of tid, from /proc. > 0 or -errno. */
int32_t target_tgid(int proc_fd, int32_t tid);

/* Whether a signal waits for tid that would interrupt a call. */
bool target_is_signalled(int proc_fd, int32_t tid);

/* The umask of tid; 022 if it cannot be read. */
uint32_t target_umask(int proc_fd, int32_t tid);

/* The supervisor creates files with the umask of tid, until target_drop_umask. */
void target_take_umask(int proc_fd, int32_t tid);
void target_drop_umask(void);

#endif
