/* SPDX-License-Identifier: Apache-2.0 */
/* seccomp_random: pseudo-random policies and calls, the same for one seed, and libseccomp's program for a policy. */
#ifndef CORDON_TEST_SECCOMP_RANDOM_H
#define CORDON_TEST_SECCOMP_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "cordon/seccomp.h"

#define RANDOM_RULES_MAX 1200

struct random_cpu {
	uint32_t arch, audit;
	const char *name;
};

extern const struct random_cpu random_cpus[2];

/* One call, as the kernel's struct says it and as Cordon's interfaces take it: their 64-bit types differ in C. */
struct random_call {
	struct seccomp_data data;
	uint64_t args[6];
};

struct program {
	struct sock_filter insns[BPF_MAXINSNS];
	size_t len;
};

/* A policy whose names and conditions live in it. */
struct random_rules {
	struct cordon_seccomp_policy policy;
	struct cordon_seccomp_rule rules[RANDOM_RULES_MAX];
	struct cordon_seccomp_arg args[RANDOM_RULES_MAX][6];
	char names[RANDOM_RULES_MAX][40];
};

void random_seed(uint64_t seed);
uint64_t random_u64(void);
uint32_t random_below(uint32_t n);

/* An action of any kind, with data where it may have some. */
uint32_t random_action(void);

/* The name of a system call that the CPU has and libseccomp knows. buf has 40 bytes. */
void random_name(const struct random_cpu *cpu, char *buf);

/* ncalls system calls with up to `each` rules of up to `nargs` conditions of every operator; libseccomp's own
 * semantics: no rule has the default action, no argument occurs twice in a rule. The default action and the unknown
 * action are the same. */
void random_policy(struct random_rules *r, const struct random_cpu *cpu, uint32_t ncalls, uint32_t each,
		   uint32_t nargs);

/* A call of the policy's, or in one of eight cases of any number; argument values around those of its rules. */
struct random_call random_call(const struct random_rules *r, const struct random_cpu *cpu);

/* True where every condition of the rule holds; the names are not compared. */
bool rule_holds(const struct cordon_seccomp_rule *rule, const uint64_t args[6]);

/* libseccomp's program for the rules. A rule that it refuses (EEXIST) is taken out of the policy as well; *ret_refused
 * counts. */
void libseccomp_program(struct random_rules *r, const struct random_cpu *cpu, struct program *p, uint32_t *ret_refused);

/* Runs a program that the kernel would load. */
uint32_t program_run(const void *bpf, uint32_t bytes, const struct random_call *call);

#endif
