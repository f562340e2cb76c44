/* arch: what differs between the CPUs: running a function on a new stack in a clone, the audit architecture. */
#ifndef CORDON_ARCH_INTERNAL_H
#define CORDON_ARCH_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

/* struct clone_args of linux/sched.h, first version (Linux 5.3): all that we need. */
struct arch_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
};

/* clone3(2) with args->stack set: the child calls fn(arg) on its new stack and never returns from it.
 * Returns the child's pid to the parent, or -errno. With CLONE_VFORK the parent's thread is suspended until the child has
 * executed or ended. */
long arch_clone3(const struct arch_clone_args *args, size_t size, void (*fn)(void *), void *arg);

/* clone(2) with the same contents, for kernels and seccomp filters that refuse clone3 with ENOSYS. */
long arch_clone(const struct arch_clone_args *args, void (*fn)(void *), void *arg);

#endif
