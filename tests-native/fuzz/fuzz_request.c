/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_request: the decoder of Java's requests against arbitrary bytes.
 *
 * Input: one byte, which parts are asked for (enum request_part), then the message. The message is decoded in a heap
 * block of exactly its size, so that AddressSanitizer sees a read of one byte too many; what decodes is read from the
 * first byte to the last, as the library would read it, and freed (LeakSanitizer). */
#include "jni/request.h"

#include <stdlib.h>
#include <string.h>

#define ALL_PARTS (REQUEST_CONFIG | REQUEST_COMMAND | REQUEST_FILES | REQUEST_POLICY)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint32_t sink;	/* reading must not be optimized away */

static void touch(const void *data, uint64_t len)
{
	for (uint64_t i = 0; data != NULL && i < len; i++)
		sink += ((const unsigned char *)data)[i];
}

static void touch_string(const char *s)
{
	if (s != NULL)
		touch(s, strlen(s) + 1);
}

static void touch_strings(const char *const *strings)
{
	for (; strings != NULL && *strings != NULL; strings++)
		touch_string(*strings);
}

static void touch_config(const struct cordon_container_config *config)
{
	for (uint32_t i = 0; i < config->nmounts; i++) {
		touch_string(config->mounts[i].source);
		touch_string(config->mounts[i].target);
	}
	touch_string(config->hostname);
	touch_string(config->domainname);
	touch(config->seccomp_bpf, config->seccomp_len);
	touch_strings(config->init_command);
	touch_string(config->apparmor_profile);
	touch_string(config->selinux_label);
}

static void touch_supervisor(const struct cordon_supervisor *supervisor)
{
	if (supervisor == NULL)
		return;
	touch(supervisor, sizeof *supervisor);
	for (uint32_t i = 0; i < supervisor->npaths; i++)
		touch_string(supervisor->paths[i].path);
	for (uint32_t i = 0; i < supervisor->nsyscalls; i++)
		touch_string(supervisor->syscalls[i].syscall);
	touch(supervisor->ports, supervisor->nports * sizeof *supervisor->ports);
}

static void touch_command(const struct cordon_command *command)
{
	touch_strings(command->argv);
	touch_strings(command->envp);
	touch_string(command->work_dir);
	for (int i = 0; i < 3; i++) {
		touch_string(command->stdio[i].path);
		touch(command->stdio[i].data, command->stdio[i].data_len);
	}
	touch(command->fds, command->nfds * sizeof *command->fds);
	touch(command->rlimits, command->nrlimits * sizeof *command->rlimits);
	for (uint32_t i = 0; i < command->ncopy_in; i++) {
		touch_string(command->copy_in[i].name);
		touch_string(command->copy_in[i].path);
		touch(command->copy_in[i].data, command->copy_in[i].data_len);
	}
	for (uint32_t i = 0; i < command->ncopy_out; i++) {
		touch_string(command->copy_out[i].name);
		touch_string(command->copy_out[i].path);
	}
	touch_supervisor(command->supervisor);
}

static void touch_policy(const struct cordon_seccomp_policy *policy)
{
	for (uint32_t i = 0; i < policy->nrules; i++) {
		touch_string(policy->rules[i].syscall);
		touch(policy->rules[i].args, policy->rules[i].nargs * sizeof *policy->rules[i].args);
	}
}

static void touch_request(const struct request *request)
{
	touch_config(&request->config);
	touch_command(&request->command);
	for (uint32_t i = 0; i < request->nfiles; i++) {
		touch_string(request->files[i].path);
		touch_string(request->files[i].text);
	}
	touch_policy(&request->policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cordon_error err;
	struct request request;
	void *message;

	if (size == 0)
		return 0;
	message = malloc(size - 1);	/* malloc(0): a block that nothing may be read from */
	if (message == NULL)
		return 0;
	if (size > 1)
		memcpy(message, data + 1, size - 1);
	if (request_decode(message, size - 1, data[0] & ALL_PARTS, &request, &err) == 0) {
		touch_request(&request);
		request_done(&request);
	} else if (err.step == CORDON_STEP_NONE || err.detail_len > sizeof err.detail) {
		abort();
	}
	free(message);
	return 0;
}
