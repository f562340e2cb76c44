/* SPDX-License-Identifier: Apache-2.0 */
/* arch: what differs between the CPUs: starting a function on a new stack by clone, the ABI and the registers of a
 * stopped call. */
#ifndef CORDON_ARCH_INTERNAL_H
#define CORDON_ARCH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* struct clone_args of linux/sched.h, third version (Linux 5.7); older kernels accept it if the new fields are 0. */
struct arch_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size,
		cgroup;
};

/* clone3(2) with args->stack set: the child calls fn(arg) on that stack and never returns. Returns the child's pid to
 * the parent, or -errno. With CLONE_VFORK the parent's thread is suspended until the child has executed or exited. */
long arch_clone3(const struct arch_clone_args *args, size_t size, void (*fn)(void *), void *arg);

/* clone(2) with the same arguments, for kernels and seccomp filters that refuse clone3 with ENOSYS. */
long arch_clone(const struct arch_clone_args *args, void (*fn)(void *), void *arg);

/* AUDIT_ARCH_* of the native ABI. */
extern const uint32_t arch_audit;

/* Whether a call is of the native ABI, not of another one that the kernel also has (i386, x32, 32-bit ARM). */
bool arch_call_is_native(uint32_t audit, long nr);

/* For the tracer of tid, which is stopped at PTRACE_EVENT_SECCOMP: makes the call return result (-errno, or a value)
 * without being made. 0 or -errno; ESRCH if tid has been killed. */
long arch_call_skip(int32_t tid, int64_t result);

/* Sets a signal's handler, with SA_RESTART; only the signal itself is blocked in it. Without libc. 0 or -errno. */
long arch_signal_handle(int sig, void (*handler)(int));

#endif
