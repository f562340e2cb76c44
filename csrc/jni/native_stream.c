/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_stream.h"

#include <errno.h>

static struct cordon_stream *stream_of(jlong handle)
{
	return (struct cordon_stream *)(intptr_t)handle;
}

static jlong runStream(JNIEnv *env, jclass class, jlong run, jint number)
{
	return handle_of(cordon_run_stream(run_of(run), number));
}

static jint streamRead(JNIEnv *env, jclass class, jlong stream, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)cordon_stream_read(stream_of(stream), b.data, (size_t)length);
}

static jint streamWrite(JNIEnv *env, jclass class, jlong stream, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)cordon_stream_write(stream_of(stream), b.data, (size_t)length);
}

static jint streamWait(JNIEnv *env, jclass class, jlong stream)
{
	return cordon_stream_wait(stream_of(stream));
}

static void streamWake(JNIEnv *env, jclass class, jlong stream)
{
	cordon_stream_wake(stream_of(stream));
}

static jint streamFd(JNIEnv *env, jclass class, jlong stream)
{
	return cordon_stream_fd(stream_of(stream));
}

static jint streamEnd(JNIEnv *env, jclass class, jlong stream)
{
	return cordon_stream_end(stream_of(stream));
}

static jint streamResize(JNIEnv *env, jclass class, jlong stream, jint columns, jint rows)
{
	if (columns < 0 || columns > UINT16_MAX || rows < 0 || rows > UINT16_MAX)
		return -EINVAL;
	return cordon_stream_resize(stream_of(stream), (uint16_t)rows, (uint16_t)columns);
}

static void streamFree(JNIEnv *env, jclass class, jlong stream)
{
	cordon_stream_free(stream_of(stream));
}

static const JNINativeMethod methods[] = {
	NATIVE(runStream), NATIVE(streamRead), NATIVE(streamWrite), NATIVE(streamWait), NATIVE(streamWake),
	NATIVE(streamFd), NATIVE(streamEnd), NATIVE(streamResize), NATIVE(streamFree),
};

const struct native_table native_stream_table = { methods, ARRAY_LEN(methods) };
