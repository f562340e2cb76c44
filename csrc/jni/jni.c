/* jni: the native methods of io.cordon.internal.jni.Natives.
 *
 * Each one turns numbers and direct buffers into one call of the library and back; request.h describes them. They run on
 * whichever Java thread calls, many at once; a run or loop is a pointer that Java keeps in a long and guards (one thread
 * drives it, nothing comes after its free).
 * I1  No Java class is looked up but Natives, no object made, nothing thrown: a failure is a number or an ERROR.
 * I2  A method of the wrong kind of buffer (not direct, too small) fails with a number; it never writes beyond one. */
#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <string.h>

#include "base/base.h"
#include "cordon/cordon.h"
#include "error/error.h"
#include "host/loop.h"
#include "jni/request.h"

#define NATIVES_CLASS "io/cordon/internal/jni/Natives"

struct buffer {
	void *data;
	uint64_t size;		/* 0 where it is not a direct buffer */
};

static struct buffer buffer_get(JNIEnv *env, jobject object)
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

static jlong handle_of(const void *p)
{
	return (jlong)(intptr_t)p;
}

static struct cordon_run *run_of(jlong handle)
{
	return (struct cordon_run *)(intptr_t)handle;
}

static struct loop *loop_of(jlong handle)
{
	return (struct loop *)(intptr_t)handle;
}

static jint text_put(struct buffer out, const char *text)
{
	size_t len = str_len(text);

	if (len > out.size)
		return -ENOSPC;
	memcpy(out.data, text, len);
	return (jint)len;
}

static void error_put(struct buffer out, const struct cordon_error *err)
{
	if (out.size >= sizeof *err)
		memcpy(out.data, err, sizeof *err);
}

static jint version(JNIEnv *env, jclass class, jobject out)
{
	(void)class;
	return text_put(buffer_get(env, out), cordon_version());
}

static const char *step_name(uint32_t step)
{
	return step < CORDON_STEP_COUNT ? cordon_step_name(step) : NULL;
}

static jint names(JNIEnv *env, jclass class, jint table, jint number, jobject out)
{
	static const char *(*const tables[])(uint32_t) = {
		step_name, cordon_status_name, cordon_cause_name, cordon_source_name, cordon_layer_name,
		cordon_kernel_feature_name,
	};
	const char *name = NULL;

	(void)class;
	if (table >= 0 && (size_t)table < ARRAY_LEN(tables) && number >= 0)
		name = tables[table]((uint32_t)number);
	return name != NULL ? text_put(buffer_get(env, out), name) : -1;
}

static struct cordon_run *run_open(struct buffer message, jint length, struct cordon_error *err)
{
	struct request request;
	struct cordon_run *run = NULL;

	if (length < 0 || (uint64_t)length > message.size) {
		(void)error_refuse(err, CORDON_NO_INDEX, "request", "length", "beyond the buffer");
		return NULL;
	}
	if (request_decode(message.data, (size_t)length, &request, err) < 0)
		return NULL;
	if (cordon_run_open(&request.config, &request.command, &run, err) < 0)
		run = NULL;
	request_done(&request);
	return run;
}

static jlong runOpen(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	struct buffer out = buffer_get(env, error);
	struct cordon_error err;
	struct cordon_run *run;

	(void)class;
	run = run_open(buffer_get(env, request), length, &err);
	if (run == NULL)
		error_put(out, &err);
	return handle_of(run);
}

static jint runWait(JNIEnv *env, jclass class, jlong run)
{
	(void)env;
	(void)class;
	return (jint)cordon_run_wait(run_of(run));
}

static jint runPid(JNIEnv *env, jclass class, jlong run)
{
	(void)env;
	(void)class;
	return cordon_run_pid(run_of(run));
}

static void runRelease(JNIEnv *env, jclass class, jlong run, jint go)
{
	(void)env;
	(void)class;
	cordon_run_release(run_of(run), go);
}

static void runCancel(JNIEnv *env, jclass class, jlong run)
{
	(void)env;
	(void)class;
	cordon_run_cancel(run_of(run));
}

static uint64_t run_reply(jlong run, struct buffer out)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	const struct cordon_result *result = NULL;

	(void)cordon_run_result(run_of(run), &result, &err);	/* where it fails, err says so in the reply */
	return reply_encode(&err, result, out.data, out.size);
}

static jlong runReplyLength(JNIEnv *env, jclass class, jlong run)
{
	(void)env;
	(void)class;
	return (jlong)run_reply(run, (struct buffer){ NULL, 0 });
}

static jint runReply(JNIEnv *env, jclass class, jlong run, jobject reply)
{
	struct buffer out = buffer_get(env, reply);

	(void)class;
	return run_reply(run, out) <= out.size ? 0 : -ENOSPC;
}

static void runFree(JNIEnv *env, jclass class, jlong run)
{
	(void)env;
	(void)class;
	cordon_run_free(run_of(run));
}

static jlong loopOpen(JNIEnv *env, jclass class, jobject error)
{
	struct loop *loop = NULL;
	struct cordon_error err;

	(void)class;
	if (loop_open(&loop, &err) < 0) {
		error_put(buffer_get(env, error), &err);
		return 0;
	}
	return handle_of(loop);
}

static jint loopAdd(JNIEnv *env, jclass class, jlong loop, jlong run)
{
	(void)env;
	(void)class;
	return loop_add(loop_of(loop), run_of(run));
}

static jlong loopNext(JNIEnv *env, jclass class, jlong loop)
{
	(void)env;
	(void)class;
	return handle_of(loop_next(loop_of(loop)));
}

static void loopClose(JNIEnv *env, jclass class, jlong loop)
{
	(void)env;
	(void)class;
	loop_close(loop_of(loop));
}

static void loopFree(JNIEnv *env, jclass class, jlong loop)
{
	(void)env;
	(void)class;
	loop_free(loop_of(loop));
}

static jint features(JNIEnv *env, jclass class, jobject buffer)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct buffer out = buffer_get(env, buffer);
	struct cordon_features found;
	uint64_t length;

	(void)class;
	(void)cordon_features_probe(&found, &err);	/* where it fails, err says so in the answer */
	length = features_encode(&err, &found, out.data, out.size);
	return length <= out.size && length <= INT_MAX ? (jint)length : -ENOSPC;
}

#define BUFFER "Ljava/nio/ByteBuffer;"
#define NATIVE(name, signature) { #name, signature, (void *)(uintptr_t)name }

static const JNINativeMethod methods[] = {
	NATIVE(version, "(" BUFFER ")I"),
	NATIVE(names, "(II" BUFFER ")I"),
	NATIVE(runOpen, "(" BUFFER "I" BUFFER ")J"),
	NATIVE(runWait, "(J)I"),
	NATIVE(runPid, "(J)I"),
	NATIVE(runRelease, "(JI)V"),
	NATIVE(runCancel, "(J)V"),
	NATIVE(runReplyLength, "(J)J"),
	NATIVE(runReply, "(J" BUFFER ")I"),
	NATIVE(runFree, "(J)V"),
	NATIVE(loopOpen, "(" BUFFER ")J"),
	NATIVE(loopAdd, "(JJ)I"),
	NATIVE(loopNext, "(J)J"),
	NATIVE(loopClose, "(J)V"),
	NATIVE(loopFree, "(J)V"),
	NATIVE(features, "(" BUFFER ")I"),
};

/* A class that lacks a method of ours is of another version: the pending NoSuchMethodError reaches the one who loads. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	jclass natives;

	(void)reserved;
	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK)
		return JNI_ERR;
	natives = (*env)->FindClass(env, NATIVES_CLASS);
	if (natives == NULL)
		return JNI_ERR;
	if ((*env)->RegisterNatives(env, natives, methods, (jint)ARRAY_LEN(methods)) != JNI_OK)
		return JNI_ERR;
	return JNI_VERSION_1_8;
}

/* exports.map names it for those that look for it; there is nothing to undo: compiled filters are kept for the process. */
JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved)
{
	(void)vm;
	(void)reserved;
}
