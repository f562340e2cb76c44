/* SPDX-License-Identifier: Apache-2.0 */
/* native: what the native methods share: buffers, handles, requests, and the tables that register them with the JVM.
 * Each file of natives has one table; jni.c registers them. */
#ifndef CORDON_JNI_NATIVE_H
#define CORDON_JNI_NATIVE_H

#include <jni.h>
#include <stdint.h>
#include "base/base.h"
#include "cordon/cordon.h"
#include "jni/request.h"

/* Every native has the parameters env and class; few use env, none class. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

struct buffer {
	void *data;
	uint64_t size;		/* 0 if it is not a direct buffer */
};

struct buffer buffer_get(JNIEnv *env, jobject object);

/* Copies text to out. Its length, or -ENOSPC. */
jint text_put(struct buffer out, const char *text);

void error_put(struct buffer out, const struct cordon_error *err);

/* Returns rc; if it is a failure, writes err to the buffer. */
jint native_answer(JNIEnv *env, jobject error, int rc, const struct cordon_error *err);

/* Decodes a request. 0 with *ret_request for request_done, or -errno with *err. */
int native_request(struct buffer message, jint length, uint32_t parts, struct request *ret_request,
		   struct cordon_error *err);

/* Makes an object from a request. */
struct maker {
	uint32_t parts;			/* enum request_part */
	int (*make)(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err);
	struct cordon_container *container;
	uint32_t flags;
};

/* Decodes the request and makes the object. Its handle, or 0 with the error in the buffer. */
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

/* The JNI signature, from the function's type. A new type does not compile until it has a line here. */
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
	jlong (*)(JNIEnv *, jclass, jint): "(I)J", \
	jint (*)(JNIEnv *, jclass, jlong, jobject, jint, jobject): "(J" BUFFER "I" BUFFER ")I", \
	jint (*)(JNIEnv *, jclass, jlong, jint, jint, jint, jint, jlong, jlong, jint, jobject, jobject): \
		"(JIIIIJJI" BUFFER BUFFER ")I", \
	jlong (*)(JNIEnv *, jclass, jlong): "(J)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jlong): "(JJ)J", \
	jlong (*)(JNIEnv *, jclass, jobject): "(" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jint, jint): "(II)J", \
	jlong (*)(JNIEnv *, jclass, jint, jint, jobject): "(II" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject): "(J" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jint, jobject): "(I" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jint): "(JI)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jint, jobject): "(JI" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject, jobject): "(J" BUFFER BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jobject, jint, jobject): "(" BUFFER "I" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject, jint, jint, jobject): "(J" BUFFER "II" BUFFER ")J", \
	void (*)(JNIEnv *, jclass, jlong): "(J)V", \
	void (*)(JNIEnv *, jclass, jlong, jint): "(JI)V", \
	void (*)(JNIEnv *, jclass, jlong, jint, jint): "(JII)V")

#define NATIVE(name) { #name, SIGNATURE(name), (void *)(uintptr_t)name }

#endif
