/* SPDX-License-Identifier: Apache-2.0 */
/* native: what the native methods have in common: buffers, handles, requests, and the tables by which they are known to
 * the JVM. Each file of natives has one table; jni.c registers all of them. */
#ifndef CORDON_JNI_NATIVE_H
#define CORDON_JNI_NATIVE_H

#include <jni.h>
#include <stdint.h>
#include "base/base.h"
#include "cordon/cordon.h"
#include "jni/request.h"

/* Every native gets the environment and its class: few need the one, and none the other. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

struct buffer {
	void *data;
	uint64_t size;		/* 0 where it is not a direct buffer */
};

struct buffer buffer_get(JNIEnv *env, jobject object);

/* The length of the text, or -ENOSPC. */
jint text_put(struct buffer out, const char *text);

void error_put(struct buffer out, const struct cordon_error *err);

/* rc. A failure leaves its error in the buffer. */
jint native_answer(JNIEnv *env, jobject error, int rc, const struct cordon_error *err);

/* 0 with *ret_request for request_done, or -errno with *err. */
int native_request(struct buffer message, jint length, uint32_t parts, struct request *ret_request,
		   struct cordon_error *err);

/* What a native makes of its request. */
struct maker {
	uint32_t parts;			/* enum request_part */
	int (*make)(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err);
	struct cordon_container *container;
	uint32_t flags;
};

/* A handle, or 0 with the error in the buffer. */
jlong native_make(JNIEnv *env, const struct maker *m, jobject request, jint length, jobject error);

static inline jlong handle_of(const void *p)
{
	return (jlong)(intptr_t)p;
}

static inline struct cordon_run *run_of(jlong handle)
{
	return (struct cordon_run *)(intptr_t)handle;
}

static inline struct cordon_container *container_of(jlong handle)
{
	return (struct cordon_container *)(intptr_t)handle;
}

/* ---- the table of a file ---- */

struct native_table {
	const JNINativeMethod *methods;
	jint n;
};

#define BUFFER "Ljava/nio/ByteBuffer;"

/* The signature follows from the function's type. A type that is new needs a line here, or does not compile. */
#define SIGNATURE(name) _Generic(&name, \
	jint (*)(JNIEnv *, jclass): "()I", \
	jint (*)(JNIEnv *, jclass, jint): "(I)I", \
	jint (*)(JNIEnv *, jclass, jlong): "(J)I", \
	jint (*)(JNIEnv *, jclass, jobject): "(" BUFFER ")I", \
	jint (*)(JNIEnv *, jclass, jint, jobject): "(I" BUFFER ")I", \
	jint (*)(JNIEnv *, jclass, jlong, jlong): "(JJ)I", \
	jint (*)(JNIEnv *, jclass, jlong, jobject): "(J" BUFFER ")I", \
	jint (*)(JNIEnv *, jclass, jint, jint, jobject): "(II" BUFFER ")I", \
	jint (*)(JNIEnv *, jclass, jint, jobject, jint): "(I" BUFFER "I)I", \
	jint (*)(JNIEnv *, jclass, jlong, jint, jobject): "(JI" BUFFER ")I", \
	jint (*)(JNIEnv *, jclass, jlong, jobject, jint): "(J" BUFFER "I)I", \
	jint (*)(JNIEnv *, jclass, jlong, jint, jint): "(JII)I", \
	jint (*)(JNIEnv *, jclass, jlong, jint, jint, jlong): "(JIIJ)I", \
	jint (*)(JNIEnv *, jclass, jlong, jlong, jlong): "(JJJ)I", \
	jint (*)(JNIEnv *, jclass, jobject, jint, jint): "(" BUFFER "II)I", \
	jint (*)(JNIEnv *, jclass, jlong, jint, jobject, jint, jobject): "(JI" BUFFER "I" BUFFER ")I", \
	jlong (*)(JNIEnv *, jclass, jlong): "(J)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jlong): "(JJ)J", \
	jlong (*)(JNIEnv *, jclass, jobject): "(" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jint, jint): "(II)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jint): "(JI)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject): "(J" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jint, jobject): "(JI" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject, jobject): "(J" BUFFER BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jobject, jint, jobject): "(" BUFFER "I" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject, jint, jint, jobject): "(J" BUFFER "II" BUFFER ")J", \
	void (*)(JNIEnv *, jclass, jlong): "(J)V", \
	void (*)(JNIEnv *, jclass, jlong, jint): "(JI)V", \
	void (*)(JNIEnv *, jclass, jlong, jint, jint): "(JII)V")

#define NATIVE(name) { #name, SIGNATURE(name), (void *)(uintptr_t)name }

#endif
