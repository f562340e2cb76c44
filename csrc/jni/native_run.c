/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_run.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include "error/error.h"
#include "host/loop.h"
#include "host/run.h"
#include "jni/reply.h"

static int make_run(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err)
{
	struct cordon_run *run = NULL;
	int rc = cordon_run_open(&request->config, &request->command, &run, err);

	*ret = handle_of(run);
	return rc;
}

static jlong runOpen(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	const struct maker m = { .parts = REQUEST_CONFIG | REQUEST_COMMAND, .make = make_run };

	return native_make(env, &m, request, length, error);
}

static jint runWait(JNIEnv *env, jclass class, jlong run)
{
	return (jint)cordon_run_wait(run_of(run));
}

static jint runQuestion(JNIEnv *env, jclass class, jlong run, jobject buffer)
{
	const struct cordon_question *question = cordon_run_question(run_of(run));
	struct buffer out = buffer_get(env, buffer);
	uint64_t length;

	if (question == NULL)
		return -ENOENT;
	length = question_encode(question, out.data, out.size);
	return length <= out.size && length <= INT_MAX ? (jint)length : -ENOSPC;
}

static void runAnswer(JNIEnv *env, jclass class, jlong run, jint decision, jint err)
{
	cordon_run_answer(run_of(run), (uint32_t)decision, err);
}

static jint runPid(JNIEnv *env, jclass class, jlong run)
{
	return cordon_run_pid(run_of(run));
}

static void runRelease(JNIEnv *env, jclass class, jlong run, jint go)
{
	cordon_run_release(run_of(run), go);
}

static void runCancel(JNIEnv *env, jclass class, jlong run)
{
	cordon_run_cancel(run_of(run));
}

static void runSignal(JNIEnv *env, jclass class, jlong run, jint signal)
{
	(void)cordon_run_signal(run_of(run), signal);
}

static jint runPause(JNIEnv *env, jclass class, jlong run, jint pause, jobject error)
{
	struct cordon_error err;

	return native_answer(env, error, cordon_run_pause(run_of(run), pause, &err), &err);
}

static uint64_t run_reply(jlong run, struct buffer out)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	const struct cordon_result *result = NULL;

	(void)cordon_run_result(run_of(run), &result, &err);	/* err has the failure, and goes into the reply */
	return reply_encode(&err, result, out.data, out.size);
}

static jlong runReplyLength(JNIEnv *env, jclass class, jlong run)
{
	return (jlong)run_reply(run, (struct buffer){ NULL, 0 });
}

static jint runReply(JNIEnv *env, jclass class, jlong run, jobject reply)
{
	struct buffer out = buffer_get(env, reply);

	return run_reply(run, out) <= out.size ? 0 : -ENOSPC;
}

static void runFree(JNIEnv *env, jclass class, jlong run)
{
	cordon_run_free(run_of(run));
}

/* ---- the loop ---- */

static struct loop *loop_of(jlong handle)
{
	return (struct loop *)(intptr_t)handle;
}

static jlong loopOpen(JNIEnv *env, jclass class, jobject error)
{
	struct loop *loop = NULL;
	struct cordon_error err;

	return native_answer(env, error, loop_open(&loop, &err), &err) < 0 ? 0 : handle_of(loop);
}

static jint loopAdd(JNIEnv *env, jclass class, jlong loop, jlong run)
{
	run_hand_over(run_of(run));
	return loop_add(loop_of(loop), run_of(run));
}

static jlong loopNext(JNIEnv *env, jclass class, jlong loop, jlong idle_ns)
{
	uint64_t token;
	struct cordon_run *run = loop_next(loop_of(loop), (uint64_t)idle_ns, &token);

	return token != 0 ? -(jlong)token : handle_of(run);
}

static jint loopWatch(JNIEnv *env, jclass class, jlong loop, jint fd, jint to_write, jlong token)
{
	return loop_watch(loop_of(loop), fd, to_write != 0 ? POLLOUT : POLLIN, (uint64_t)token);
}

static void loopUnwatch(JNIEnv *env, jclass class, jlong loop, jint fd)
{
	loop_unwatch(loop_of(loop), fd);
}

static void loopClose(JNIEnv *env, jclass class, jlong loop)
{
	loop_close(loop_of(loop));
}

static void loopFree(JNIEnv *env, jclass class, jlong loop)
{
	loop_free(loop_of(loop));
}

static const JNINativeMethod methods[] = {
	NATIVE(runOpen), NATIVE(runWait), NATIVE(runQuestion), NATIVE(runAnswer), NATIVE(runPid),
	NATIVE(runRelease), NATIVE(runCancel), NATIVE(runSignal), NATIVE(runPause), NATIVE(runReplyLength),
	NATIVE(runReply), NATIVE(runFree), NATIVE(loopOpen), NATIVE(loopAdd), NATIVE(loopNext), NATIVE(loopWatch),
	NATIVE(loopUnwatch), NATIVE(loopClose), NATIVE(loopFree),
};

const struct native_table native_run_table = { methods, ARRAY_LEN(methods) };
