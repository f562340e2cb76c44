/* SPDX-License-Identifier: Apache-2.0 */
/* bpf: evaluates a seccomp filter. Pure functions. */
#ifndef CORDON_SUPERVISOR_BPF_H
#define CORDON_SUPERVISOR_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include "supervisor/supervisor.h"

/* What a program that the kernel has accepted returns for a stopped call; KILL_PROCESS if it is invalid. */
uint32_t bpf_run(const struct sock_filter *program, size_t len, const struct stop *s);

/* Replaces an action that the program returns, such as SECCOMP_RET_TRACE. */
void bpf_replace(struct sock_filter *program, size_t len, uint32_t action, uint32_t by);

/* Whether the program returns action for every call with one of these purposes (enum call_purpose bits), or refuses
 * it. */
bool bpf_stops_all(const struct sock_filter *program, size_t len, uint32_t action, uint32_t purposes);

#endif
