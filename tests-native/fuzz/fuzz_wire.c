/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_wire: every decoder of protocol messages against arbitrary bytes.
 *
 * Input: struct fuzz_wire_head (fuzz_wire.h), then the message. The message is decoded in a heap block of exactly its
 * size, so that AddressSanitizer sees a read of one byte too many; what decodes is read from the first byte to the
 * last, as init and the host would read it (wire.h, I2). */
#include "fuzz_wire.h"

#include <stdlib.h>
#include <string.h>
#include "wire/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint32_t sink;	/* reading must not be optimized away */

static void touch(const void *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sink += ((const unsigned char *)data)[i];
}

static void touch_string(const char *s)
{
	if (s != NULL)
		touch(s, strlen(s) + 1);
}

static void touch_strings(const char *s, uint32_t n)
{
	for (; n > 0; n--) {
		touch_string(s);
		s += strlen(s) + 1;
	}
}

static void conf(const void *msg, uint32_t size, uint32_t nfds)
{
	const char *field = NULL;
	struct wire_conf c;

	if (wire_conf_decode(msg, size, nfds, &c, &field) < 0) {
		touch_string(field);
		return;
	}
	for (uint32_t i = 0; i < c.msg->nmounts; i++) {
		touch_string(wire_string(msg, c.mounts[i].source));
		touch_string(wire_string(msg, c.mounts[i].target));
		if (c.mounts[i].fd >= (int32_t)nfds)
			abort();
	}
	touch_string(c.hostname);
	touch_string(c.domainname);
	touch(c.seccomp, (size_t)c.nseccomp * 8);
	touch_strings(c.init_command, c.msg->ninit_command);
}

static void items(const void *msg, uint32_t size, uint32_t nfds)
{
	const struct cordon_item *all;
	const char *field = NULL;
	uint32_t n;

	if (wire_items_decode(msg, size, nfds, &all, &n, &field) < 0) {
		touch_string(field);
		return;
	}
	for (uint32_t i = 0; i < n; i++) {
		touch_string(wire_string(msg, all[i].path));
		touch_string(wire_string(msg, all[i].text));
		touch(&all[i], sizeof all[i]);
	}
}

/* As the supervisor reads it: every path, every call, every instruction. */
static void supervision(const void *msg, const struct wire_execve *e)
{
	const struct cordon_supervision *s = e->supervision;

	if (s == NULL) {
		if (e->paths != NULL || e->calls != NULL || e->notify_filter != NULL || e->filter != NULL ||
		    e->policy_filter != NULL || e->ports != NULL || e->beside != NULL)
			abort();
		return;
	}
	for (uint32_t i = 0; i < s->npaths; i++) {
		const char *path = wire_string(msg, e->paths[i].path);

		if (path[0] != '/' || strlen(path) >= WIRE_PATH_MAX)
			abort();
	}
	for (uint32_t i = 0; i < s->ncalls; i++)
		if (e->calls[i].syscall < 0 || e->calls[i].syscall >= CORDON_SUPERVISION_COUNTS ||
		    (i > 0 && e->calls[i].syscall <= e->calls[i - 1].syscall))
			abort();
	for (uint32_t i = 0; i < s->nports; i++)
		if (e->ports[i].port > UINT16_MAX || e->ports[i].access == 0)
			abort();
	if (e->notify_len > CORDON_SECCOMP_MAX || e->filter_len > CORDON_SECCOMP_MAX ||
	    e->policy_len > CORDON_SECCOMP_MAX || e->beside_len > CORDON_SECCOMP_MAX)
		abort();
	touch(e->notify_filter, (size_t)e->notify_len * 8);
	touch(e->filter, (size_t)e->filter_len * 8);
	touch(e->policy_filter, (size_t)e->policy_len * 8);
	touch(e->beside, (size_t)e->beside_len * 8);
}

static void execve_message(const void *msg, uint32_t size, uint32_t nfds)
{
	const char *field = NULL;
	struct wire_execve e;

	if (wire_execve_decode(msg, size, nfds, &e, &field) < 0) {
		touch_string(field);
		return;
	}
	touch(e.targets, e.msg->nfds * sizeof *e.targets);
	touch(e.rlimits, e.msg->nrlimits * sizeof *e.rlimits);
	touch_strings(e.argv, e.msg->argc);
	touch_strings(e.envp, e.msg->envc);
	touch_string(e.work_dir);
	touch_string(e.apparmor);
	touch_string(e.selinux);
	touch(e.cpus, e.ncpu_words * sizeof *e.cpus);
	supervision(msg, &e);
	if (e.exec_fd >= (int)nfds || e.sync_fd >= (int)nfds || e.cpu_fd >= (int)nfds ||
	    (e.procs >= 0 && (uint32_t)e.procs + e.msg->nprocs > nfds))
		abort();
}

static void errors(const void *msg, uint32_t size, const struct fuzz_wire_head *head, bool with_fds)
{
	const struct cordon_error *all;

	if (wire_errors_decode(msg, size, head->nfds, head->nitems, with_fds, &all) == 0)
		touch(all, head->nitems * sizeof *all);
}

static void finished(const void *msg, uint32_t size)
{
	struct wire_finished f;

	if (wire_finished_decode(msg, size, &f) < 0)
		return;
	for (uint32_t i = 0; i < f.msg->nevents; i++)
		touch(f.events[i].path, f.events[i].path_len);
	if (f.counts != NULL)
		touch(f.counts, CORDON_SUPERVISION_COUNTS * sizeof *f.counts);
	if (f.setup_counts != NULL)
		touch(f.setup_counts, CORDON_SUPERVISION_COUNTS * sizeof *f.setup_counts);
	if (f.msg->violation >= 0)
		touch(&f.events[f.msg->violation], sizeof *f.events);
}

static void ask(const void *msg, uint32_t size, uint32_t nfds)
{
	struct wire_ask a;

	if (wire_ask_decode(msg, size, nfds, &a) < 0)
		return;
	for (uint32_t i = 0; i < a.msg->npaths; i++)
		if (strlen(a.paths[i]) >= WIRE_PATH_MAX)
			abort();
	touch(a.msg, sizeof *a.msg);
}

static void answer(const void *msg, uint32_t size, uint32_t nfds)
{
	const struct cordon_msg_answer *a;
	const char *field = NULL;

	if (wire_answer_decode(msg, size, nfds, &a, &field) < 0)
		touch_string(field);
	else
		touch(a, sizeof *a);
}

static void signals(const void *msg, uint32_t size, uint32_t nfds)
{
	uint64_t set = 0;
	const char *field = NULL;

	if (wire_signal_decode(msg, size, nfds, &set, &field) < 0)
		touch_string(field);
	else if (set == 0)
		abort();
}

static void sidecar(const void *msg, uint32_t size, uint32_t nfds)
{
	const char *field = NULL;

	if (wire_sidecar_decode(msg, size, nfds, &field) < 0)
		touch_string(field);
	else if (nfds != 1)
		abort();
}

static void decode(const void *msg, uint32_t size, const struct fuzz_wire_head *head)
{
	const struct cordon_error *error;

	switch ((enum fuzz_wire_decoder)(head->decoder % FUZZ_WIRE_COUNT)) {
	case FUZZ_WIRE_CONF:
		conf(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_ITEMS:
		items(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_EXECVE:
		execve_message(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_ERRORS:
		errors(msg, size, head, false);
		break;
	case FUZZ_WIRE_ERRORS_WITH_FDS:
		errors(msg, size, head, true);
		break;
	case FUZZ_WIRE_FINISHED:
		finished(msg, size);
		break;
	case FUZZ_WIRE_ERROR:
		if (wire_error_decode(msg, size, &error) == 0)
			touch(error->detail, error->detail_len);
		break;
	case FUZZ_WIRE_ASK:
		ask(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_ANSWER:
		answer(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_SIGNAL:
		signals(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_SIDECAR:
		sidecar(msg, size, head->nfds);
		break;
	case FUZZ_WIRE_COUNT:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_wire_head head;
	void *msg;

	if (size < sizeof head || size - sizeof head > CORDON_MSG_BIG_MAX)
		return 0;
	memcpy(&head, data, sizeof head);
	size -= sizeof head;
	msg = malloc(size);	/* malloc(0): a block that nothing may be read from */
	if (msg == NULL)
		return 0;
	if (size > 0)
		memcpy(msg, data + sizeof head, size);
	(void)wire_head_check(msg, (uint32_t)size);	/* the decoders rely on the received size, not on the head's */
	decode(msg, (uint32_t)size, &head);
	free(msg);
	return 0;
}
