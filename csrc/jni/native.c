/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native.h"

#include <errno.h>
#include <string.h>
#include "error/error.h"

struct buffer buffer_get(JNIEnv *env, jobject object)
{
	struct buffer buffer = { NULL, 0 };
	jlong size;

	if (object == NULL)
		return buffer;
	buffer.data = (*env)->GetDirectBufferAddress(env, object);
	size = (*env)->GetDirectBufferCapacity(env, object);
	if (buffer.data != NULL && size > 0)
		buffer.size = (uint64_t)size;
	return buffer;
}

jint text_put(struct buffer out, const char *text)
{
	size_t len = str_len(text);

	if (len > out.size)
		return -ENOSPC;
	memcpy(out.data, text, len);
	return (jint)len;
}

void error_put(struct buffer out, const struct cordon_error *err)
{
	if (out.size >= sizeof *err)
		memcpy(out.data, err, sizeof *err);
}

jint native_answer(JNIEnv *env, jobject error, int rc, const struct cordon_error *err)
{
	if (rc < 0)
		error_put(buffer_get(env, error), err);
	return rc;
}

int native_request(struct buffer message, jint length, uint32_t parts, struct request *ret_request,
		   struct cordon_error *err)
{
	if (length < 0 || (uint64_t)length > message.size)
		return error_refuse(err, CORDON_NO_INDEX, "request", "length", "beyond the buffer");
	return request_decode(message.data, (size_t)length, parts, ret_request, err);
}

jlong native_make(JNIEnv *env, const struct maker *m, jobject request, jint length, jobject error)
{
	struct cordon_error err;
	struct request decoded;
	jlong made = 0;
	int rc = native_request(buffer_get(env, request), length, m->parts, &decoded, &err);

	if (rc == 0) {
		rc = m->make(m, &decoded, &made, &err);
		request_done(&decoded);
	}
	return native_answer(env, error, rc, &err) < 0 ? 0 : made;
}
