/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_wiring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "cordon/wiring.h"
#include "error/error.h"

static struct cordon_wiring *wiring_of(jlong handle)
{
	return (struct cordon_wiring *)(intptr_t)handle;
}

static jlong wiringOpen(JNIEnv *env, jclass class, jint runs, jobject error)
{
	struct cordon_wiring *wiring = NULL;
	struct cordon_error err;
	int rc = cordon_wiring_open((uint32_t)runs, &wiring, &err);

	return native_answer(env, error, rc, &err) < 0 ? 0 : handle_of(wiring);
}

static jint wiringPipe(JNIEnv *env, jclass class, jlong wiring, jint from_run, jint from_fd, jint to_run, jint to_fd,
		       jlong limit_bytes, jlong record_bytes, jint flags, jobject fds, jobject error)
{
	const struct cordon_pipe pipe = {
		.from_run = (uint32_t)from_run,
		.from_fd = from_fd,
		.to_run = (uint32_t)to_run,
		.to_fd = to_fd,
		.limit_bytes = limit_bytes < 0 ? CORDON_UNLIMITED : (uint64_t)limit_bytes,
		.record_bytes = (uint64_t)record_bytes,
		.flags = (uint32_t)flags,
	};
	struct buffer out = buffer_get(env, fds);
	struct cordon_error err;
	int ends[2], rc;

	if (out.size < sizeof ends)
		rc = error_refuse(&err, CORDON_NO_INDEX, "request", "fds", "no room for two numbers");
	else
		rc = cordon_wiring_pipe(wiring_of(wiring), &pipe, ends, &err);
	if (rc >= 0)
		memcpy(out.data, ends, sizeof ends);
	return native_answer(env, error, rc, &err);
}

static void wiringStarted(JNIEnv *env, jclass class, jlong wiring)
{
	cordon_wiring_started(wiring_of(wiring));
}

static jint wiringWait(JNIEnv *env, jclass class, jlong wiring, jobject handles, jint n, jobject order)
{
	struct buffer in = buffer_get(env, handles), out = buffer_get(env, order);
	struct cordon_run **runs;

	if (n <= 0 || in.size / sizeof(jlong) < (uint64_t)n || out.size / sizeof(uint32_t) < (uint64_t)n)
		return -EINVAL;
	runs = calloc((size_t)n, sizeof *runs);
	if (runs == NULL)
		return -ENOMEM;
	for (jint i = 0; i < n; i++) {
		jlong handle;

		memcpy(&handle, (const char *)in.data + (size_t)i * sizeof handle, sizeof handle);
		runs[i] = run_of(handle);
	}
	cordon_wiring_wait(wiring_of(wiring), runs);
	memcpy(out.data, cordon_wiring_order(wiring_of(wiring)), (size_t)n * sizeof(uint32_t));
	free(runs);
	return 0;
}

static jlong wiringRecord(JNIEnv *env, jclass class, jlong wiring, jint pipe, jobject buffer)
{
	struct buffer out = buffer_get(env, buffer);
	struct cordon_traffic traffic;

	cordon_wiring_traffic(wiring_of(wiring), (uint32_t)pipe, &traffic);
	if (traffic.len > 0 && traffic.len <= out.size)
		memcpy(out.data, traffic.data, (size_t)traffic.len);
	return (jlong)traffic.len;
}

static jlong wiringTotal(JNIEnv *env, jclass class, jlong wiring, jint pipe)
{
	struct cordon_traffic traffic;

	cordon_wiring_traffic(wiring_of(wiring), (uint32_t)pipe, &traffic);
	return (jlong)traffic.total;
}

static jlong wiringDropped(JNIEnv *env, jclass class, jlong wiring, jint pipe)
{
	struct cordon_traffic traffic;

	cordon_wiring_traffic(wiring_of(wiring), (uint32_t)pipe, &traffic);
	return (jlong)traffic.dropped;
}

static void wiringFree(JNIEnv *env, jclass class, jlong wiring)
{
	cordon_wiring_free(wiring_of(wiring));
}

static const JNINativeMethod methods[] = {
	NATIVE(wiringOpen),   NATIVE(wiringPipe),  NATIVE(wiringStarted), NATIVE(wiringWait),
	NATIVE(wiringRecord), NATIVE(wiringTotal), NATIVE(wiringDropped), NATIVE(wiringFree),
};

const struct native_table native_wiring_table = { methods, ARRAY_LEN(methods) };
