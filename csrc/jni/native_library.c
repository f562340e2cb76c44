/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_library.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "base/heap.h"
#include "bench/bench.h"
#include "jni/reply.h"
#include "jni/tables.h"

static jint version(JNIEnv *env, jclass class, jobject out)
{
	return text_put(buffer_get(env, out), cordon_version());
}

static jint names(JNIEnv *env, jclass class, jint table, jint number, jobject out)
{
	struct buffer buffer = buffer_get(env, out);

	return tables_name((uint32_t)table, (uint32_t)number, buffer.data, buffer.size);
}

static jlong numbers(JNIEnv *env, jclass class, jint table, jint number)
{
	return tables_number((uint32_t)table, (uint32_t)number);
}

static jint features(JNIEnv *env, jclass class, jobject buffer)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct buffer out = buffer_get(env, buffer);
	struct cordon_features found;
	uint64_t length;

	(void)cordon_features_probe(&found, &err);	/* err has the failure, and goes into the answer */
	length = features_encode(&err, &found, out.data, out.size);
	return length <= out.size && length <= INT_MAX ? (jint)length : -ENOSPC;
}

static jint shutdown(JNIEnv *env, jclass class, jobject error)
{
	struct cordon_error err;
	int rc = cordon_shutdown(&err);

	if (rc < 0)
		error_put(buffer_get(env, error), &err);
	return rc;
}

static jint bench_run(struct buffer out, jint iterations, int (*bench)(uint32_t, uint64_t *))
{
	AUTO_FREE uint64_t *samples = NULL;
	int rc;

	if (iterations <= 0 || (uint64_t)iterations > out.size / sizeof *samples)
		return -EINVAL;
	samples = calloc((size_t)iterations, sizeof *samples);	/* out need not be aligned */
	if (samples == NULL)
		return -ENOMEM;
	rc = bench((uint32_t)iterations, samples);
	memcpy(out.data, samples, (size_t)iterations * sizeof *samples);
	return rc;
}

static jint benchTarget(JNIEnv *env, jclass class)
{
	return bench_target();
}

static jint benchFloor(JNIEnv *env, jclass class, jint iterations, jobject out)
{
	return bench_run(buffer_get(env, out), iterations, bench_floor);
}

static jint benchOneShot(JNIEnv *env, jclass class, jint iterations, jobject out)
{
	return bench_run(buffer_get(env, out), iterations, bench_one_shot);
}

static const JNINativeMethod methods[] = {
	NATIVE(version), NATIVE(names), NATIVE(numbers), NATIVE(features), NATIVE(shutdown),
	NATIVE(benchTarget), NATIVE(benchFloor), NATIVE(benchOneShot),
};

const struct native_table native_library_table = { methods, ARRAY_LEN(methods) };
