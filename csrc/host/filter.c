/* SPDX-License-Identifier: Apache-2.0 */
#include "host/filter.h"

#include "cordon/seccomp.h"
#include "seccomp/shared.h"

int filter_resolve(struct cordon_container_config *config, struct cordon_error *err)
{
	const struct cordon_seccomp *policy = config->seccomp_policy;
	int rc = 0;

	if (config->namespaces == CORDON_NAMESPACES_NONE)
		rc = seccomp_shared(config->network == CORDON_NETWORK_HOST, &policy, err);
	else if (config->seccomp_kind == CORDON_SECCOMP_DEFAULT)
		return cordon_seccomp_default(CORDON_ARCH_NATIVE, &config->seccomp_bpf, &config->seccomp_len, err);
	else if (config->seccomp_kind == CORDON_SECCOMP_BPF)
		return 0;
	config->seccomp_bpf = NULL;
	config->seccomp_len = 0;
	if (rc == 0 && config->seccomp_kind != CORDON_SECCOMP_NONE)
		config->seccomp_bpf = cordon_seccomp_program(policy, &config->seccomp_len);
	return rc;
}
