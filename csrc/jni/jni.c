/* SPDX-License-Identifier: Apache-2.0 */
/* jni: the native methods of the Java class Natives, which says what each of them does.
 *
 * Each one turns numbers and direct buffers into one call of the library and back; format.h describes what the buffers
 * hold. They run on whichever Java thread calls, many at once; a run or loop is a pointer that Java keeps in a long and
 * guards (one thread drives it, nothing comes after its free).
 * I1  A native looks up no class, makes no object and throws nothing: a failure is a number or an error in a buffer.
 * I2  A method of the wrong kind of buffer (not direct, too small) fails with a number; it never writes beyond one. */
#include <asm/ioctls.h>
#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <linux/fcntl.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bench/bench.h"
#include "cordon/cordon.h"
#include "cordon/pair.h"
#include "error/error.h"
#include "host/loop.h"
#include "host/run.h"
#include "jni/format.h"
#include "jni/reply.h"
#include "jni/request.h"
#include "jni/tables.h"
#include "use/use.h"

/* Every native gets the environment and its class: few need the one, and none the other. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

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

static struct cordon_container *container_of(jlong handle)
{
	return (struct cordon_container *)(intptr_t)handle;
}

static struct cordon_seccomp *seccomp_of(jlong handle)
{
	return (struct cordon_seccomp *)(intptr_t)handle;
}

static struct cordon_pair *pair_of(jlong handle)
{
	return (struct cordon_pair *)(intptr_t)handle;
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

static int message_decode(struct buffer message, jint length, uint32_t parts, struct request *ret_request,
			  struct cordon_error *err)
{
	if (length < 0 || (uint64_t)length > message.size)
		return error_refuse(err, CORDON_NO_INDEX, "request", "length", "beyond the buffer");
	return request_decode(message.data, (size_t)length, parts, ret_request, err);
}

/* A failure leaves its error in the buffer. */
static jint answer(JNIEnv *env, jobject error, int rc, const struct cordon_error *err)
{
	if (rc < 0)
		error_put(buffer_get(env, error), err);
	return rc;
}

/* What a native makes of its request. */
struct maker {
	uint32_t parts;			/* enum request_part */
	int (*make)(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err);
	struct cordon_container *container;
	uint32_t flags;
};

/* A handle, or 0 with the error in the buffer. */
static jlong make(JNIEnv *env, const struct maker *m, jobject request, jint length, jobject error)
{
	struct cordon_error err;
	struct request decoded;
	jlong made = 0;
	int rc = message_decode(buffer_get(env, request), length, m->parts, &decoded, &err);

	if (rc == 0) {
		rc = m->make(m, &decoded, &made, &err);
		request_done(&decoded);
	}
	return answer(env, error, rc, &err) < 0 ? 0 : made;
}

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

	return make(env, &m, request, length, error);
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

static uint64_t run_reply(jlong run, struct buffer out)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	const struct cordon_result *result = NULL;

	(void)cordon_run_result(run_of(run), &result, &err);	/* where it fails, err says so in the reply */
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

static jlong loopOpen(JNIEnv *env, jclass class, jobject error)
{
	struct loop *loop = NULL;
	struct cordon_error err;

	return answer(env, error, loop_open(&loop, &err), &err) < 0 ? 0 : handle_of(loop);
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

static void loopClose(JNIEnv *env, jclass class, jlong loop)
{
	loop_close(loop_of(loop));
}

static void loopFree(JNIEnv *env, jclass class, jlong loop)
{
	loop_free(loop_of(loop));
}

static jint features(JNIEnv *env, jclass class, jobject buffer)
{
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct buffer out = buffer_get(env, buffer);
	struct cordon_features found;
	uint64_t length;

	(void)cordon_features_probe(&found, &err);	/* where it fails, err says so in the answer */
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

/* ---- seccomp policies ---- */

static int make_seccomp(const struct maker *m, const struct request *request, jlong *ret, struct cordon_error *err)
{
	struct cordon_seccomp *seccomp = NULL;
	int rc = cordon_seccomp_new(&request->policy, request->policy_arch, &seccomp, err);

	*ret = handle_of(seccomp);
	return rc;
}

static jlong seccompNew(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	const struct maker m = { .parts = REQUEST_POLICY, .make = make_seccomp };

	return make(env, &m, request, length, error);
}

static jint seccompProgram(JNIEnv *env, jclass class, jlong policy, jobject buffer)
{
	struct buffer out = buffer_get(env, buffer);
	struct cordon_error err;
	const void *program;
	uint32_t len = 0;
	int rc = 0;

	use_begin();	/* the default one is the library's until a shutdown */
	if (policy != 0)
		program = cordon_seccomp_program(seccomp_of(policy), &len);
	else
		rc = cordon_seccomp_default(CORDON_ARCH_NATIVE, &program, &len, &err);
	if (rc == 0 && len <= out.size)
		memcpy(out.data, program, len);
	use_end();
	return rc < 0 ? rc : (jint)len;
}

/* Without arguments nothing is let through. */
static jint seccompVerdict(JNIEnv *env, jclass class, jlong policy, jint syscall, jobject args)
{
	struct buffer in = buffer_get(env, args);
	uint64_t values[6];

	if (in.size < sizeof values)
		return (jint)SECCOMP_RET_KILL_PROCESS;
	memcpy(values, in.data, sizeof values);
	return (jint)cordon_seccomp_verdict(seccomp_of(policy), syscall, values);
}

static void seccompFree(JNIEnv *env, jclass class, jlong policy)
{
	cordon_seccomp_free(seccomp_of(policy));
}

#define SYSCALL_NAME_SIZE 64u	/* the longest has 28 letters */

static jint syscallNumber(JNIEnv *env, jclass class, jobject buffer, jint length, jint arch)
{
	struct buffer in = buffer_get(env, buffer);
	char name[SYSCALL_NAME_SIZE];

	if (length <= 0 || (uint64_t)length > in.size || (size_t)length >= sizeof name)
		return -1;
	memcpy(name, in.data, (size_t)length);
	name[length] = '\0';
	return str_len(name) == (size_t)length ? cordon_syscall_number(name, (uint32_t)arch) : -1;
}

static jint syscallName(JNIEnv *env, jclass class, jint number, jint arch, jobject out)
{
	char name[SYSCALL_NAME_SIZE];
	uint32_t len = cordon_syscall_name(number, (uint32_t)arch, name, sizeof name);

	return len > 0 && len < sizeof name ? text_put(buffer_get(env, out), name) : 0;
}

/* ---- containers ---- */

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

	return make(env, &m, request, length, error);
}

static jint containerPing(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_error err;

	return answer(env, error, cordon_container_ping(container_of(container), &err), &err);
}

static jint containerReset(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_error err;

	return answer(env, error, cordon_container_reset(container_of(container), &err), &err);
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

	return make(env, &m, request, length, error);
}

/* Room for the answers, for one call. */
struct files_answer {
	int *fds;
	struct cordon_error *errors;
};

static int files_do(struct cordon_container *container, jint op, const struct request *request, struct files_answer *answer,
		    struct cordon_error *err)
{
	for (uint32_t i = 0; i < request->nfiles; i++)
		answer->fds[i] = -1;
	switch (op) {
	case 0:
		return cordon_container_open_files(container, request->files, request->nfiles, answer->fds, answer->errors, err);
	case 1:
		return cordon_container_delete_files(container, request->files, request->nfiles, answer->errors, err);
	case 2:
		return cordon_container_symlink_files(container, request->files, request->nfiles, answer->errors, err);
	default:
		return error_refuse(err, CORDON_NO_INDEX, "request", "op", "is none");
	}
}

static jint containerFiles(JNIEnv *env, jclass class, jlong container, jint op, jobject request, jint length, jobject reply)
{
	struct buffer out = buffer_get(env, reply);
	struct cordon_error err = { .step = CORDON_STEP_NONE, .index = CORDON_NO_INDEX };
	struct files_answer answer = { NULL, NULL };
	struct request decoded;
	uint64_t used;
	int rc;

	rc = message_decode(buffer_get(env, request), length, REQUEST_FILES, &decoded, &err);
	if (rc < 0) {
		used = files_encode(&err, NULL, NULL, 0, out.data, out.size);
		return used <= out.size ? (jint)used : -ENOSPC;
	}
	/* Asked before: an answer with descriptors that does not fit would lose them. */
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
		(void)files_do(container_of(container), op, &decoded, &answer, &err);	/* where it fails, err says so in the reply */
	used = files_encode(&err, answer.fds, answer.errors, decoded.nfiles, out.data, out.size);
	free(answer.fds);
	free(answer.errors);
	request_done(&decoded);
	return (jint)used;
}

static jint containerPause(JNIEnv *env, jclass class, jlong container, jint pause, jobject error)
{
	struct cordon_error err;

	return answer(env, error, cordon_container_pause(container_of(container), pause, &err), &err);
}

static jint containerPid(JNIEnv *env, jclass class, jlong container)
{
	return cordon_container_pid(container_of(container));
}

static void containerFree(JNIEnv *env, jclass class, jlong container)
{
	cordon_container_free(container_of(container));
}

/* ---- descriptors: Java has no way to use one by its number ---- */

static jint fds_put(struct buffer out, int fds[2])
{
	if (out.size < 2 * sizeof fds[0]) {
		fd_close(&fds[0]);
		fd_close(&fds[1]);
		return -ENOSPC;
	}
	memcpy(out.data, fds, 2 * sizeof fds[0]);
	return 0;
}

static jint fdPipe(JNIEnv *env, jclass class, jobject out)
{
	int fds[2];
	long rc = sys(__NR_pipe2, fds, O_CLOEXEC);

	return rc < 0 ? (jint)rc : fds_put(buffer_get(env, out), fds);
}

/* The slave is opened through the master, so that no devpts need be mounted where the caller expects it (TIOCGPTPEER, Linux
 * 4.13). */
static jint fdTerminal(JNIEnv *env, jclass class, jobject out)
{
	int fds[2] = { -1, -1 }, unlocked = 0;
	long rc = sys(__NR_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (rc < 0)
		return (jint)rc;
	fds[0] = (int)rc;
	rc = sys(__NR_ioctl, fds[0], TIOCSPTLCK, &unlocked);
	if (rc >= 0)
		rc = sys(__NR_ioctl, fds[0], TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (rc < 0) {
		fd_close(&fds[0]);
		return (jint)rc;
	}
	fds[1] = (int)rc;
	return fds_put(buffer_get(env, out), fds);
}

/* Asked of the master: it answers for its slave (tty_jobctrl.c). */
static jint fdTerminalSession(JNIEnv *env, jclass class, jint fd)
{
	int session = 0;
	long rc = sys(__NR_ioctl, fd, TIOCGSID, &session);

	return rc < 0 ? (jint)rc : session;
}

static jint fdRead(JNIEnv *env, jclass class, jint fd, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)sys(__NR_read, fd, b.data, length);
}

static jint fdWrite(JNIEnv *env, jclass class, jint fd, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)sys(__NR_write, fd, b.data, length);
}

static jint fdClose(JNIEnv *env, jclass class, jint fd)
{
	return (jint)sys(__NR_close, fd);
}

/* ---- pairs ---- */

static jlong pairOpen(JNIEnv *env, jclass class, jlong record_bytes, jobject fds, jobject error)
{
	struct buffer out = buffer_get(env, fds);
	struct cordon_pair *pair = NULL;
	struct cordon_error err;
	int ends[4], rc;

	if (out.size < sizeof ends)
		rc = error_refuse(&err, CORDON_NO_INDEX, "request", "fds", "no room for four numbers");
	else
		rc = cordon_pair_open((uint64_t)record_bytes, &pair, ends, &err);
	if (answer(env, error, rc, &err) < 0)
		return 0;
	memcpy(out.data, ends, sizeof ends);
	return handle_of(pair);
}

static void pairStarted(JNIEnv *env, jclass class, jlong pair)
{
	cordon_pair_started(pair_of(pair));
}

static jint pairWait(JNIEnv *env, jclass class, jlong pair, jlong run_a, jlong run_b)
{
	return cordon_pair_wait(pair_of(pair), run_of(run_a), run_of(run_b));
}

static jlong pairRecord(JNIEnv *env, jclass class, jlong pair, jint direction, jobject buffer)
{
	struct buffer out = buffer_get(env, buffer);
	const void *said;
	uint64_t len, total;

	cordon_pair_record(pair_of(pair), direction, &said, &len, &total);
	if (len > 0 && len <= out.size)
		memcpy(out.data, said, (size_t)len);
	return (jlong)len;
}

static jlong pairRecordTotal(JNIEnv *env, jclass class, jlong pair, jint direction)
{
	const void *said;
	uint64_t len, total;

	cordon_pair_record(pair_of(pair), direction, &said, &len, &total);
	return (jlong)total;
}

static void pairFree(JNIEnv *env, jclass class, jlong pair)
{
	cordon_pair_free(pair_of(pair));
}

/* ---- benchmarks ---- */

static jint bench_run(struct buffer out, jint iterations, int (*bench)(uint32_t, uint64_t *))
{
	uint64_t *samples;
	int rc;

	if (iterations <= 0 || (uint64_t)iterations > out.size / sizeof *samples)
		return -EINVAL;
	samples = calloc((size_t)iterations, sizeof *samples);	/* out need not be aligned */
	if (samples == NULL)
		return -ENOMEM;
	rc = bench((uint32_t)iterations, samples);
	memcpy(out.data, samples, (size_t)iterations * sizeof *samples);
	free(samples);
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
	jint (*)(JNIEnv *, jclass, jlong, jlong, jlong): "(JJJ)I", \
	jint (*)(JNIEnv *, jclass, jobject, jint, jint): "(" BUFFER "II)I", \
	jint (*)(JNIEnv *, jclass, jlong, jint, jobject, jint, jobject): "(JI" BUFFER "I" BUFFER ")I", \
	jlong (*)(JNIEnv *, jclass, jlong): "(J)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jlong): "(JJ)J", \
	jlong (*)(JNIEnv *, jclass, jobject): "(" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jint, jint): "(II)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jint): "(JI)J", \
	jlong (*)(JNIEnv *, jclass, jlong, jint, jobject): "(JI" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject, jobject): "(J" BUFFER BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jobject, jint, jobject): "(" BUFFER "I" BUFFER ")J", \
	jlong (*)(JNIEnv *, jclass, jlong, jobject, jint, jint, jobject): "(J" BUFFER "II" BUFFER ")J", \
	void (*)(JNIEnv *, jclass, jlong): "(J)V", \
	void (*)(JNIEnv *, jclass, jlong, jint): "(JI)V", \
	void (*)(JNIEnv *, jclass, jlong, jint, jint): "(JII)V")

#define NATIVE(name) { #name, SIGNATURE(name), (void *)(uintptr_t)name }

static const JNINativeMethod methods[] = {
	NATIVE(version), NATIVE(names), NATIVE(numbers), NATIVE(runOpen), NATIVE(runWait), NATIVE(runQuestion),
	NATIVE(runAnswer), NATIVE(runPid), NATIVE(runRelease), NATIVE(runCancel), NATIVE(runReplyLength),
	NATIVE(runReply), NATIVE(runFree), NATIVE(loopOpen), NATIVE(loopAdd), NATIVE(loopNext), NATIVE(loopClose),
	NATIVE(loopFree), NATIVE(features), NATIVE(shutdown), NATIVE(seccompNew), NATIVE(seccompProgram),
	NATIVE(seccompVerdict),
	NATIVE(seccompFree), NATIVE(syscallNumber), NATIVE(syscallName), NATIVE(containerOpen),
	NATIVE(containerPing), NATIVE(containerReset), NATIVE(containerRunOpen), NATIVE(containerFiles),
	NATIVE(containerPause), NATIVE(containerPid), NATIVE(containerFree), NATIVE(fdPipe), NATIVE(fdTerminal),
	NATIVE(fdTerminalSession), NATIVE(fdRead), NATIVE(fdWrite), NATIVE(fdClose), NATIVE(pairOpen),
	NATIVE(pairStarted), NATIVE(pairWait), NATIVE(pairRecord), NATIVE(pairRecordTotal), NATIVE(pairFree),
	NATIVE(benchTarget), NATIVE(benchFloor), NATIVE(benchOneShot),
};

/* ---- loading ---- */

/* The class that loads the library, and the one whose natives these are, in the same package. A JAR that holds Cordon
 * may have moved it to a package of its own ("shading"), of which this file knows nothing. */
#define LOADER "jni.NativeLibrary"
#define NATIVES "jni.Natives"
#define CLASS_NAME_MAX 512

/* "a.b.jni.NativeLibrary" becomes "a/b/jni/Natives"; false where it is another class. */
static bool natives_of(const char *loader, char name[CLASS_NAME_MAX])
{
	size_t len = str_len(loader), package = len - (sizeof LOADER - 1);

	if (len < sizeof LOADER || len >= CLASS_NAME_MAX)
		return false;
	if (loader[package - 1] != '.' || !str_eq(loader + package, LOADER))
		return false;
	bytes_copy(name, loader, package);
	(void)str_concat(name + package, CLASS_NAME_MAX - package, NATIVES, "", "");
	for (char *p = name; *p != '\0'; p++)
		if (*p == '.')
			*p = '/';
	return true;
}

/* NULL with an exception where it fails. */
static jobject call(JNIEnv *env, jobject object, const char *method, const char *signature)
{
	jmethodID id = (*env)->GetMethodID(env, (*env)->GetObjectClass(env, object), method, signature);
	jobject got = id != NULL ? (*env)->CallObjectMethod(env, object, id) : NULL;

	return (*env)->ExceptionCheck(env) ? NULL : got;
}

/* Who called System.load, which called us: the stack is where that can be seen. A system property could tell it, but
 * that would be one for all copies of Cordon in a process. */
static jobjectArray stack_trace(JNIEnv *env)
{
	jclass throwable = (*env)->FindClass(env, "java/lang/Throwable");
	jmethodID make = throwable != NULL ? (*env)->GetMethodID(env, throwable, "<init>", "()V") : NULL;
	jobject trace = make != NULL ? (*env)->NewObject(env, throwable, make) : NULL;

	if (trace == NULL || (*env)->ExceptionCheck(env))
		return NULL;
	return call(env, trace, "getStackTrace", "()[Ljava/lang/StackTraceElement;");
}

/* Whether frame i is of the loader; then *name is that of its natives. False also with an exception. */
static bool is_loader(JNIEnv *env, jobjectArray frames, jsize i, char name[CLASS_NAME_MAX])
{
	jobject frame = (*env)->GetObjectArrayElement(env, frames, i);
	jstring class_name = frame != NULL ? call(env, frame, "getClassName", "()Ljava/lang/String;") : NULL;
	const char *text = class_name != NULL ? (*env)->GetStringUTFChars(env, class_name, NULL) : NULL;
	bool found = text != NULL && natives_of(text, name);

	if (text != NULL)
		(*env)->ReleaseStringUTFChars(env, class_name, text);
	return found;
}

/* Found with the class loader of whoever loads the library. Where the JVM keeps no stack traces, Cordon is taken to be
 * where it was made. NULL with an exception where it is not found. */
static jclass find_natives(JNIEnv *env)
{
	char name[CLASS_NAME_MAX];
	jobjectArray frames = stack_trace(env);
	jsize n = frames != NULL ? (*env)->GetArrayLength(env, frames) : 0;
	bool found = false;

	for (jsize i = 0; i < n && !found; i++) {
		if ((*env)->PushLocalFrame(env, 4) < 0)
			return NULL;
		found = is_loader(env, frames, i, name);
		(void)(*env)->PopLocalFrame(env, NULL);
		if ((*env)->ExceptionCheck(env))
			return NULL;
	}
	if (!found)
		(void)natives_of("io.cordon.internal." LOADER, name);
	return frames != NULL ? (*env)->FindClass(env, name) : NULL;
}

/* A class that lacks a method of ours is of another version: the pending NoSuchMethodError reaches the one who loads. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	jclass natives;

	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK)
		return JNI_ERR;
	natives = find_natives(env);
	if (natives == NULL || (*env)->RegisterNatives(env, natives, methods, (jint)ARRAY_LEN(methods)) != JNI_OK)
		return JNI_ERR;
	return JNI_VERSION_1_8;
}

/* The class loader has been collected, and the library leaves the process next: no descriptor or process may stay
 * behind that nobody knows of. Refused only where a handle was lost, whose sandbox then lives on. */
JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved)
{
	struct cordon_error ignored;

	(void)cordon_shutdown(&ignored);
}
