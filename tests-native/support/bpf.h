/* SPDX-License-Identifier: Apache-2.0 */
/* bpf: a classic BPF interpreter that accepts what the kernel accepts for seccomp, so that filters for every CPU can be
 * tested on any machine (kernel/seccomp.c seccomp_check_filter, net/core/filter.c bpf_check_classic). */
#ifndef CORDON_TEST_BPF_H
#define CORDON_TEST_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

/* True where the kernel would load the program: only instructions that seccomp allows, aligned loads inside
 * seccomp_data, every jump inside the program, the last instruction a return. Else *ret_bad is the instruction's
 * index. */
bool bpf_valid(const struct sock_filter *program, size_t len, size_t *ret_bad);

/* True where the kernel's walk at load time can see that this call is always allowed, and skips the program later
 * (seccomp_is_const_allow: only loads of nr and arch, AND with a constant, jumps with a constant, returns). */
bool bpf_const_allow(const struct sock_filter *program, size_t len, uint32_t arch, int nr);

/* Runs a valid program; returns its action. *ret_steps (may be NULL) is the number of instructions executed. */
uint32_t bpf_run(const struct sock_filter *program, size_t len, const struct seccomp_data *data, size_t *ret_steps);

#endif
