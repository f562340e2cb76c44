/* SPDX-License-Identifier: Apache-2.0 */
/* container_open: opens and frees containers, and the sidecars of shared containers. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/base.h"
#include "cordon/runner.h"
#include "error/error.h"
#include "host/container.h"
#include "host/filter.h"
#include "host/limits.h"
#include "host/machine.h"
#include "host/run_group.h"
#include "host/sidecar.h"
#include "host/validate.h"
#include "trace/host.h"
#include "trace/trace.h"
#include "use/use.h"

/* Copies the parts of config that runs need. The filter of a policy and the default filter outlive the container. */
static int keep_config(struct cordon_container *kept, const struct cordon_container_config *config,
		       struct cordon_error *err)
{
	struct cordon_container_config *own = &kept->config;
	void *bpf = NULL;

	*own = (struct cordon_container_config){
		.network = config->network,
		.seccomp_kind = config->seccomp_kind,
		.seccomp_len = config->seccomp_len,
		.seccomp_bpf = config->seccomp_bpf,
		.seccomp_policy = config->seccomp_policy,
		.namespaces = config->namespaces,
		.require = config->require,
	};
	if (config->seccomp_kind == CORDON_SECCOMP_BPF) {
		own->seccomp_bpf = bpf = malloc(config->seccomp_len);
		if (bpf != NULL)
			memcpy(bpf, config->seccomp_bpf, config->seccomp_len);
	}
	if (config->apparmor_profile != NULL)
		own->apparmor_profile = strdup(config->apparmor_profile);
	if (config->selinux_label != NULL)
		own->selinux_label = strdup(config->selinux_label);
	if ((config->seccomp_kind == CORDON_SECCOMP_BPF && bpf == NULL) ||
	    (config->apparmor_profile != NULL && own->apparmor_profile == NULL) ||
	    (config->selinux_label != NULL && own->selinux_label == NULL))
		return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	return 0;
}

static void free_config(struct cordon_container *kept)
{
	if (kept->config.seccomp_kind == CORDON_SECCOMP_BPF)
		free((void *)(uintptr_t)kept->config.seccomp_bpf);
	free((void *)(uintptr_t)kept->config.apparmor_profile);
	free((void *)(uintptr_t)kept->config.selinux_label);
}

/* Opens the control group of its runs. */
static int open_group(struct cordon_container *kept, struct cordon_error *err)
{
	struct cgroup_limits limits;
	int rc;

	run_group_limits(&limits_none, NULL, true, &limits);
	rc = run_group_open(&limits, kept->config.require, &kept->group, &kept->layers, err);
	kept->grouped = kept->group != NULL;
	return rc;
}

/* Starts the init of a container, or the root of a shared one. */
static int start_init(struct cordon_container *kept, const struct cordon_container_config *resolved, int inits_fd,
		      struct cordon_error *err)
{
	int rc = init_process_open(&kept->init, resolved, inits_fd, true, err);

	return rc < 0 ? rc : container_await_ok(kept, INIT_SETUP_NS, err);
}

/* An empty container, to be freed with cordon_container_free. NULL = no memory. */
static struct cordon_container *new_container(void)
{
	struct cordon_container *kept = calloc(1, sizeof *kept);

	if (kept == NULL)
		return NULL;
	use_begin();
	trace_host_begin();
	init_process_init(&kept->init);
	kept->cpu = -1;
	atomic_flag_clear(&kept->socket_lock);
	return kept;
}

static int out_of_memory(struct cordon_error *err)
{
	return error_set(err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
}

/* Makes what kept shares with its sidecars; kept is the first handle. */
static int new_shared(struct cordon_container *kept, struct cordon_error *err)
{
	struct shared *shared = calloc(1, sizeof *shared);
	struct cordon_container *root = new_container();

	if (shared == NULL || root == NULL) {
		free(shared);
		cordon_container_free(root);
		return out_of_memory(err);
	}
	atomic_flag_clear(&shared->flag);
	shared->root = root;
	shared->handles = kept;
	root->shared = kept->shared = shared;
	return 0;
}

static int join_shared(struct cordon_container *kept, struct cordon_error *err)
{
	int rc = sidecar_open(kept, err);

	kept->layers |= kept->shared->root->init.layers;
	return rc;
}

static int open_shared(struct cordon_container *kept, const struct cordon_container_config *resolved,
		       struct cordon_error *err)
{
	int rc = new_shared(kept, err);

	if (rc < 0)
		return rc;
	rc = start_init(kept->shared->root, resolved, cgroup_inits_fd(kept->group), err);
	return rc < 0 ? rc : join_shared(kept, err);
}

static int open_kept(struct cordon_container *kept, const struct cordon_container_config *config,
		     struct cordon_error *err)
{
	struct cordon_container_config resolved = *config;
	int rc = filter_resolve(&resolved, err);

	if (rc < 0)
		return rc;
	rc = keep_config(kept, &resolved, err);
	if (rc < 0)
		return rc;
	if (config->use_cgroup == CORDON_CGROUP_AUTO) {
		rc = open_group(kept, err);
		if (rc < 0)
			return rc;
	}
	if (config->shared != 0)
		return open_shared(kept, &resolved, err);
	rc = start_init(kept, &resolved, cgroup_inits_fd(kept->group), err);
	kept->layers |= kept->init.layers;
	return rc;
}

int cordon_container_open(const struct cordon_container_config *config, struct cordon_container **ret_container,
			  struct cordon_error *err)
{
	struct cordon_container *kept;
	int rc = validate_config(config, err);

	if (rc < 0)
		return rc;
	rc = machine_check(config, err);
	if (rc < 0)
		return rc;
	kept = new_container();
	if (kept == NULL)
		return out_of_memory(err);
	rc = open_kept(kept, config, err);
	if (rc < 0) {
		trace_error(cordon_container_pid(kept), "refused", err);
		cordon_container_free(kept);
		return rc;
	}
	*ret_container = kept;
	return 0;
}

static int open_sidecar(struct cordon_container *kept, const struct cordon_container *of, struct cordon_error *err)
{
	struct shared *shared = of->shared;
	int rc = keep_config(kept, &of->config, err);

	if (rc < 0)
		return rc;
	if (of->grouped) {
		rc = open_group(kept, err);
		if (rc < 0)
			return rc;
	}
	shared_enter(shared);
	kept->shared = shared;
	kept->is_sidecar = true;
	kept->next = shared->handles;
	shared->handles = kept;
	rc = join_shared(kept, err);
	shared_leave(shared);
	return rc;
}

int cordon_container_sidecar(struct cordon_container *container, struct cordon_container **ret_sidecar,
			     struct cordon_error *err)
{
	struct cordon_container *kept;
	int rc;

	if (container->shared == NULL)
		return error_refuse(err, CORDON_NO_INDEX, "sidecar", "container",
				    "must have been opened as a shared one");
	if (container->is_sidecar)
		return error_refuse(err, CORDON_NO_INDEX, "sidecar", "sidecar", "must be made by the container itself");
	kept = new_container();
	if (kept == NULL)
		return out_of_memory(err);
	rc = open_sidecar(kept, container, err);
	if (rc < 0) {
		trace_error(cordon_container_pid(container), "refused", err);
		cordon_container_free(kept);
		return rc;
	}
	*ret_sidecar = kept;
	return 0;
}

static void free_alone(struct cordon_container *kept)
{
	init_process_stop(&kept->init);
	cgroup_free(kept->group);
	cgroup_free(kept->supervisor_group);
	free_config(kept);
	free(kept);
	use_end();
}

/* Removes kept from the list. If it is the container's own handle, this ends the root's init and with it every program
 * in the container. Returns shared, for the caller to free, if kept was the last handle; else NULL. */
static struct shared *part(struct cordon_container *kept)
{
	struct shared *shared = kept->shared;
	struct cordon_container **at = &shared->handles;
	struct cordon_error ended;
	bool last;

	shared_enter(shared);
	if (!kept->is_sidecar) {
		error_set(&ended, ECONNRESET, CORDON_STEP_INIT_GONE, CORDON_NO_INDEX, "the container has ended");
		container_break(shared->root, &ended);
	}
	while (*at != kept)
		at = &(*at)->next;
	*at = kept->next;
	last = shared->handles == NULL;
	shared_leave(shared);
	return last ? shared : NULL;
}

void cordon_container_free(struct cordon_container *kept)
{
	struct shared *last;

	if (kept == NULL)
		return;
	last = kept->shared != NULL ? part(kept) : NULL;
	free_alone(kept);
	if (last == NULL)
		return;
	free_alone(last->root);
	free(last);
}
