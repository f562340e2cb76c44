/* SPDX-License-Identifier: Apache-2.0 */
/* bpf: what a seccomp filter answers. Pure functions. */
#ifndef CORDON_SUPERVISOR_BPF_H
#define CORDON_SUPERVISOR_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include "supervisor/supervisor.h"

/* What a classic BPF program that the kernel has accepted answers for a stop; KILL_PROCESS where it does not make
 * sense. */
uint32_t bpf_run(const struct sock_filter *program, size_t len, const struct stop *s);

/* Whether no call for these purposes (enum call_purpose bits) is made without action, which stops it. One that fails
 * is not made. */
bool bpf_stops_all(const struct sock_filter *program, size_t len, uint32_t action, uint32_t purposes);

#endif
