/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_container.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include "error/error.h"
#include "jni/format.h"
#include "jni/reply.h"

static int make_container(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err)
{
	struct cordon_container *container = NULL;
	int rc = cordon_container_open(&request->config, &container, err);

	*ret = handle_of(container);
	return rc;
}

static jlong containerOpen(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	const struct maker m = { .parts = REQUEST_CONFIG, .make = make_container };

	return native_make(env, &m, request, length, error);
}

static jlong containerSidecar(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_container *sidecar = NULL;
	struct cordon_error err;
	int rc = cordon_container_sidecar(container_of(container), &sidecar, &err);

	return native_answer(env, error, rc, &err) < 0 ? 0 : handle_of(sidecar);
}

static jint containerPing(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_error err;

	return native_answer(env, error, cordon_container_ping(container_of(container), &err), &err);
}

static jint containerReset(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_error err;

	return native_answer(env, error, cordon_container_reset(container_of(container), &err), &err);
}

static int make_kept_run(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err)
{
	struct cordon_run *run = NULL;
	int rc = cordon_container_run_open(m->container, &request->command, m->flags, &run, err);

	*ret = handle_of(run);
	return rc;
}

static jlong containerRunOpen(JNIEnv *env, jclass class, jlong container, jobject request, jint length, jint flags,
			      jobject error)
{
	const struct maker m = {
		.parts = REQUEST_COMMAND, .make = make_kept_run, .container = container_of(container),
		.flags = (uint32_t)flags,
	};

	return native_make(env, &m, request, length, error);
}

/* Buffers for the answers of one call. */
struct files_answer {
	int *fds;
	struct cordon_error *errors;
};

static int files_do(struct cordon_container *container, jint op, const struct request *request,
		    struct files_answer *answer, struct cordon_error *err)
{
	for (uint32_t i = 0; i < request->nfiles; i++)
		answer->fds[i] = -1;
	switch (op) {
	case 0:
		return cordon_container_open_files(container, request->files, request->nfiles, answer->fds,
						   answer->errors, err);
	case 1:
		return cordon_container_delete_files(container, request->files, request->nfiles, answer->errors, err);
	case 2:
		return cordon_container_symlink_files(container, request->files, request->nfiles, answer->errors, err);
	default:
		return error_refuse(err, CORDON_NO_INDEX, "request", "op", "is unknown");
	}
}

static jint containerFiles(JNIEnv *env, jclass class, jlong container, jint op, jobject request, jint length,
			   jobject reply)
{
	struct buffer out = buffer_get(env, reply);
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct files_answer answer = { NULL, NULL };
	struct request decoded;
	uint64_t used;
	int rc;

	rc = native_request(buffer_get(env, request), length, REQUEST_FILES, &decoded, &err);
	if (rc < 0) {
		used = files_encode(&err, NULL, NULL, 0, out.data, out.size);
		return used <= out.size ? (jint)used : -ENOSPC;
	}
	/* Checked before the call: descriptors in an answer that does not fit would be lost. */
	used = format_size(RECORD_ERROR) + (uint64_t)decoded.nfiles * format_size(RECORD_FILE_REPLY);
	if (used > out.size || used > INT_MAX) {
		request_done(&decoded);
		return -ENOSPC;
	}
	answer.fds = calloc((size_t)decoded.nfiles + 1, sizeof *answer.fds);
	answer.errors = calloc((size_t)decoded.nfiles + 1, sizeof *answer.errors);
	if (answer.fds == NULL || answer.errors == NULL)
		(void)error_set(&err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	else
		(void)files_do(container_of(container), op, &decoded, &answer, &err);	/* err has the failure, and goes
											   into the reply */
	used = files_encode(&err, answer.fds, answer.errors, decoded.nfiles, out.data, out.size);
	free(answer.fds);
	free(answer.errors);
	request_done(&decoded);
	return (jint)used;
}

/* What was listed, until Java has taken it: a second look might find something else. */
static jlong listingOpen(JNIEnv *env, jclass class, jint fd, jint most, jobject error)
{
	struct cordon_listing *listing = calloc(1, sizeof *listing);
	struct cordon_error err;
	int rc;

	if (listing == NULL)
		rc = error_set(&err, ENOMEM, CORDON_STEP_MEMORY, CORDON_NO_INDEX, NULL);
	else
		rc = cordon_directory_list(fd, (uint32_t)most, listing, &err);
	if (rc < 0) {
		free(listing);
		(void)native_answer(env, error, rc, &err);
		return 0;
	}
	return handle_of(listing);
}

static jlong listingReply(JNIEnv *env, jclass class, jlong listing, jobject reply)
{
	const struct cordon_error none = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct buffer out = buffer_get(env, reply);

	return (jlong)listing_encode(&none, (const struct cordon_listing *)(intptr_t)listing, out.data, out.size);
}

static void listingFree(JNIEnv *env, jclass class, jlong listing)
{
	struct cordon_listing *freed = (struct cordon_listing *)(intptr_t)listing;

	cordon_listing_done(freed);
	free(freed);
}

static jint containerPause(JNIEnv *env, jclass class, jlong container, jint pause, jobject error)
{
	struct cordon_error err;

	return native_answer(env, error, cordon_container_pause(container_of(container), pause, &err), &err);
}

static jint containerPid(JNIEnv *env, jclass class, jlong container)
{
	return cordon_container_pid(container_of(container));
}

static void containerFree(JNIEnv *env, jclass class, jlong container)
{
	cordon_container_free(container_of(container));
}

static const JNINativeMethod methods[] = {
	NATIVE(containerOpen), NATIVE(containerSidecar), NATIVE(containerPing), NATIVE(containerReset),
	NATIVE(containerRunOpen), NATIVE(containerFiles), NATIVE(listingOpen), NATIVE(listingReply),
	NATIVE(listingFree), NATIVE(containerPause), NATIVE(containerPid), NATIVE(containerFree),
};

const struct native_table native_container_table = { methods, ARRAY_LEN(methods) };
