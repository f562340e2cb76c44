/* seccomp: filters as finished BPF programs.
 *
 * The default policy refuses what no judged program needs. Known system calls outside its deny list are allowed; a
 * system call that this library does not know gets ENOSYS, so that a libc falls back (seccomp(2), docs/security-model.md).
 * Other ABIs (i386 and x32 on x86_64, 32-bit ARM on aarch64) kill the process. */
#ifndef CORDON_SECCOMP_H
#define CORDON_SECCOMP_H

#include <stdint.h>
#include "cordon/error.h"

#ifdef __cplusplus
extern "C" {
#endif

enum cordon_arch {
	CORDON_ARCH_NATIVE = 0,
	CORDON_ARCH_X86_64 = 1,
	CORDON_ARCH_AARCH64 = 2,
};

/* The default policy compiled for arch. The program is compiled once, kept for the life of the process and borrowed by the
 * caller. *ret_len is in bytes (8 an instruction). Any thread.
 * Returns 0, or -errno with *err set (step SECCOMP_COMPILE). */
int cordon_seccomp_default(uint32_t arch, const void **ret_bpf, uint32_t *ret_len, struct cordon_error *err);

#ifdef __cplusplus
}
#endif
#endif
