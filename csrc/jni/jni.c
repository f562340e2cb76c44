/* jni: the native methods of io.cordon.internal.jni.Natives.
 *
 * Each one turns numbers and direct buffers into one call of the library and back; request.h describes them. They run on
 * whichever Java thread calls, many at once; a run or loop is a pointer that Java keeps in a long and guards (one thread
 * drives it, nothing comes after its free).
 * I1  No Java class is looked up but Natives, no object made, nothing thrown: a failure is a number or an ERROR.
 * I2  A method of the wrong kind of buffer (not direct, too small) fails with a number; it never writes beyond one. */
#include <asm/ioctls.h>
#include <errno.h>
#include <jni.h>
#include <limits.h>
#include <linux/fcntl.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bench/bench.h"
#include "cordon/cordon.h"
#include "cordon/pair.h"
#include "error/error.h"
#include "host/loop.h"
#include "host/run.h"
#include "jni/request.h"
#include "use/use.h"

#define NO_NUMBER INT64_MIN
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
		cordon_kernel_feature_name, cordon_event_kind_name, cordon_limit_name,
		cordon_result_name,
	};
	const char *name = NULL;

	(void)class;
	if (table >= 0 && (size_t)table < ARRAY_LEN(tables) && number >= 0)
		name = tables[table]((uint32_t)number);
	return name != NULL ? text_put(buffer_get(env, out), name) : -1;
}

enum limit_column { LIMIT_KIND, LIMIT_USUAL, LIMIT_LEAST, LIMIT_MOST, LIMIT_NONE };

/* NO_NUMBER where there is no such table or row. */
static jlong numbers(JNIEnv *env, jclass class, jint table, jint number)
{
	const struct cordon_limit *limit = cordon_limit((uint32_t)number);

	(void)env;
	(void)class;
	if (limit == NULL)
		return NO_NUMBER;
	switch (table) {
	case LIMIT_KIND:
		return limit->kind;
	case LIMIT_USUAL:
		return (jlong)limit->usual;
	case LIMIT_LEAST:
		return (jlong)limit->least;
	case LIMIT_MOST:
		return (jlong)limit->most;
	case LIMIT_NONE:
		return (jlong)limit->none;
	default:
		return NO_NUMBER;
	}
}

static int message_decode(struct buffer message, jint length, uint32_t parts, struct request *ret_request, struct cordon_error *err)
{
	if (length < 0 || (uint64_t)length > message.size)
		return error_refuse(err, CORDON_NO_INDEX, "request", "length", "beyond the buffer");
	return request_decode(message.data, (size_t)length, parts, ret_request, err);
}

static jlong runOpen(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	struct buffer out = buffer_get(env, error);
	struct cordon_error err;
	struct cordon_run *run = NULL;
	struct request decoded;
	int rc;

	(void)class;
	rc = message_decode(buffer_get(env, request), length, REQUEST_CONFIG | REQUEST_COMMAND, &decoded, &err);
	if (rc == 0) {
		rc = cordon_run_open(&decoded.config, &decoded.command, &run, &err);
		request_done(&decoded);
	}
	if (rc < 0)
		error_put(out, &err);
	return rc < 0 ? 0 : handle_of(run);
}

static jint runWait(JNIEnv *env, jclass class, jlong run)
{
	(void)env;
	(void)class;
	return (jint)cordon_run_wait(run_of(run));
}

static jint runQuestion(JNIEnv *env, jclass class, jlong run, jobject buffer)
{
	const struct cordon_question *question = cordon_run_question(run_of(run));
	struct buffer out = buffer_get(env, buffer);
	uint64_t length;

	(void)class;
	if (question == NULL)
		return -ENOENT;
	length = question_encode(question, out.data, out.size);
	return length <= out.size && length <= INT_MAX ? (jint)length : -ENOSPC;
}

static void runAnswer(JNIEnv *env, jclass class, jlong run, jint decision, jint err)
{
	(void)env;
	(void)class;
	cordon_run_answer(run_of(run), (uint32_t)decision, err);
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
	run_hand_over(run_of(run));
	return loop_add(loop_of(loop), run_of(run));
}

static jlong loopNext(JNIEnv *env, jclass class, jlong loop, jlong idle_ns)
{
	(void)env;
	(void)class;
	return handle_of(loop_next(loop_of(loop), (uint64_t)idle_ns));
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

static jint shutdown(JNIEnv *env, jclass class, jobject error)
{
	struct cordon_error err;
	int rc = cordon_shutdown(&err);

	(void)class;
	if (rc < 0)
		error_put(buffer_get(env, error), &err);
	return rc;
}

/* ---- seccomp policies ---- */

static jlong seccompNew(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	struct buffer out = buffer_get(env, error);
	struct cordon_seccomp *seccomp = NULL;
	struct cordon_error err;
	struct request decoded;
	int rc;

	(void)class;
	rc = message_decode(buffer_get(env, request), length, REQUEST_POLICY, &decoded, &err);
	if (rc == 0) {
		rc = cordon_seccomp_new(&decoded.policy, decoded.policy_arch, &seccomp, &err);
		request_done(&decoded);
	}
	if (rc < 0)
		error_put(out, &err);
	return rc < 0 ? 0 : handle_of(seccomp);
}

static jint seccompProgram(JNIEnv *env, jclass class, jlong policy, jobject buffer)
{
	struct buffer out = buffer_get(env, buffer);
	struct cordon_error err;
	const void *program;
	uint32_t len = 0;
	int rc = 0;

	(void)class;
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

	(void)class;
	if (in.size < sizeof values)
		return (jint)SECCOMP_RET_KILL_PROCESS;
	memcpy(values, in.data, sizeof values);
	return (jint)cordon_seccomp_verdict(seccomp_of(policy), syscall, values);
}

static void seccompFree(JNIEnv *env, jclass class, jlong policy)
{
	(void)env;
	(void)class;
	cordon_seccomp_free(seccomp_of(policy));
}

#define SYSCALL_NAME_SIZE 64u	/* the longest has 28 letters */

static jint syscallNumber(JNIEnv *env, jclass class, jobject buffer, jint length, jint arch)
{
	struct buffer in = buffer_get(env, buffer);
	char name[SYSCALL_NAME_SIZE];

	(void)class;
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

	(void)class;
	return len > 0 && len < sizeof name ? text_put(buffer_get(env, out), name) : 0;
}

/* ---- containers ---- */

static jlong containerOpen(JNIEnv *env, jclass class, jobject request, jint length, jobject error)
{
	struct buffer out = buffer_get(env, error);
	struct cordon_container *container = NULL;
	struct cordon_error err;
	struct request decoded;
	int rc;

	(void)class;
	rc = message_decode(buffer_get(env, request), length, REQUEST_CONFIG, &decoded, &err);
	if (rc == 0) {
		rc = cordon_container_open(&decoded.config, &container, &err);
		request_done(&decoded);
	}
	if (rc < 0)
		error_put(out, &err);
	return rc < 0 ? 0 : handle_of(container);
}

static jint containerPing(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_error err;
	int rc = cordon_container_ping(container_of(container), &err);

	(void)class;
	if (rc < 0)
		error_put(buffer_get(env, error), &err);
	return rc;
}

static jint containerReset(JNIEnv *env, jclass class, jlong container, jobject error)
{
	struct cordon_error err;
	int rc = cordon_container_reset(container_of(container), &err);

	(void)class;
	if (rc < 0)
		error_put(buffer_get(env, error), &err);
	return rc;
}

static jlong containerRunOpen(JNIEnv *env, jclass class, jlong container, jobject request, jint length, jint flags, jobject error)
{
	struct buffer out = buffer_get(env, error);
	struct cordon_error err;
	struct cordon_run *run = NULL;
	struct request decoded;
	int rc;

	(void)class;
	rc = message_decode(buffer_get(env, request), length, REQUEST_COMMAND, &decoded, &err);
	if (rc == 0) {
		rc = cordon_container_run_open(container_of(container), &decoded.command, (uint32_t)flags, &run, &err);
		request_done(&decoded);
	}
	if (rc < 0)
		error_put(out, &err);
	return rc < 0 ? 0 : handle_of(run);
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

	(void)class;
	rc = message_decode(buffer_get(env, request), length, REQUEST_FILES, &decoded, &err);
	if (rc < 0) {
		used = files_encode(&err, NULL, NULL, 0, out.data, out.size);
		return used <= out.size ? (jint)used : -ENOSPC;
	}
	/* Asked before: an answer with descriptors that does not fit would lose them. */
	used = sizeof err + (uint64_t)decoded.nfiles * (sizeof err + sizeof(int32_t));
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
	int rc = cordon_container_pause(container_of(container), pause, &err);

	(void)class;
	if (rc < 0)
		error_put(buffer_get(env, error), &err);
	return rc;
}

static jint containerPid(JNIEnv *env, jclass class, jlong container)
{
	(void)env;
	(void)class;
	return cordon_container_pid(container_of(container));
}

static void containerFree(JNIEnv *env, jclass class, jlong container)
{
	(void)env;
	(void)class;
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

	(void)class;
	return rc < 0 ? (jint)rc : fds_put(buffer_get(env, out), fds);
}

/* The slave is opened through the master, so that no devpts need be mounted where the caller expects it (TIOCGPTPEER, Linux
 * 4.13). */
static jint fdTerminal(JNIEnv *env, jclass class, jobject out)
{
	int fds[2] = { -1, -1 }, unlocked = 0;
	long rc = sys(__NR_openat, AT_FDCWD, "/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	(void)class;
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

	(void)env;
	(void)class;
	return rc < 0 ? (jint)rc : session;
}

static jint fdRead(JNIEnv *env, jclass class, jint fd, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	(void)class;
	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)sys(__NR_read, fd, b.data, length);
}

static jint fdWrite(JNIEnv *env, jclass class, jint fd, jobject buffer, jint length)
{
	struct buffer b = buffer_get(env, buffer);

	(void)class;
	if (length < 0 || (uint64_t)length > b.size)
		return -EINVAL;
	return (jint)sys(__NR_write, fd, b.data, length);
}

static jint fdClose(JNIEnv *env, jclass class, jint fd)
{
	(void)env;
	(void)class;
	return (jint)sys(__NR_close, fd);
}

/* ---- pairs ---- */

static jlong pairOpen(JNIEnv *env, jclass class, jlong record_bytes, jobject fds, jobject error)
{
	struct buffer out = buffer_get(env, fds);
	struct cordon_pair *pair = NULL;
	struct cordon_error err;
	int ends[4], rc;

	(void)class;
	if (out.size < sizeof ends)
		rc = error_refuse(&err, CORDON_NO_INDEX, "request", "fds", "no room for four numbers");
	else
		rc = cordon_pair_open((uint64_t)record_bytes, &pair, ends, &err);
	if (rc < 0) {
		error_put(buffer_get(env, error), &err);
		return 0;
	}
	memcpy(out.data, ends, sizeof ends);
	return handle_of(pair);
}

static void pairStarted(JNIEnv *env, jclass class, jlong pair)
{
	(void)env;
	(void)class;
	cordon_pair_started(pair_of(pair));
}

static jint pairWait(JNIEnv *env, jclass class, jlong pair, jlong run_a, jlong run_b)
{
	(void)env;
	(void)class;
	return cordon_pair_wait(pair_of(pair), run_of(run_a), run_of(run_b));
}

static jlong pairRecord(JNIEnv *env, jclass class, jlong pair, jint direction, jobject buffer)
{
	struct buffer out = buffer_get(env, buffer);
	const void *said;
	uint64_t len, total;

	(void)class;
	cordon_pair_record(pair_of(pair), direction, &said, &len, &total);
	if (len > 0 && len <= out.size)
		memcpy(out.data, said, (size_t)len);
	return (jlong)len;
}

static jlong pairRecordTotal(JNIEnv *env, jclass class, jlong pair, jint direction)
{
	const void *said;
	uint64_t len, total;

	(void)env;
	(void)class;
	cordon_pair_record(pair_of(pair), direction, &said, &len, &total);
	return (jlong)total;
}

static void pairFree(JNIEnv *env, jclass class, jlong pair)
{
	(void)env;
	(void)class;
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
	(void)env;
	(void)class;
	return bench_target();
}

static jint benchFloor(JNIEnv *env, jclass class, jint iterations, jobject out)
{
	(void)class;
	return bench_run(buffer_get(env, out), iterations, bench_floor);
}

static jint benchOneShot(JNIEnv *env, jclass class, jint iterations, jobject out)
{
	(void)class;
	return bench_run(buffer_get(env, out), iterations, bench_one_shot);
}

#define BUFFER "Ljava/nio/ByteBuffer;"
#define NATIVE(name, signature) { #name, signature, (void *)(uintptr_t)name }

static const JNINativeMethod methods[] = {
	NATIVE(version, "(" BUFFER ")I"),
	NATIVE(names, "(II" BUFFER ")I"),
	NATIVE(numbers, "(II)J"),
	NATIVE(runOpen, "(" BUFFER "I" BUFFER ")J"),
	NATIVE(runWait, "(J)I"),
	NATIVE(runQuestion, "(J" BUFFER ")I"),
	NATIVE(runAnswer, "(JII)V"),
	NATIVE(runPid, "(J)I"),
	NATIVE(runRelease, "(JI)V"),
	NATIVE(runCancel, "(J)V"),
	NATIVE(runReplyLength, "(J)J"),
	NATIVE(runReply, "(J" BUFFER ")I"),
	NATIVE(runFree, "(J)V"),
	NATIVE(loopOpen, "(" BUFFER ")J"),
	NATIVE(loopAdd, "(JJ)I"),
	NATIVE(loopNext, "(JJ)J"),
	NATIVE(loopClose, "(J)V"),
	NATIVE(loopFree, "(J)V"),
	NATIVE(features, "(" BUFFER ")I"),
	NATIVE(shutdown, "(" BUFFER ")I"),
	NATIVE(seccompNew, "(" BUFFER "I" BUFFER ")J"),
	NATIVE(seccompProgram, "(J" BUFFER ")I"),
	NATIVE(seccompVerdict, "(JI" BUFFER ")I"),
	NATIVE(seccompFree, "(J)V"),
	NATIVE(syscallNumber, "(" BUFFER "II)I"),
	NATIVE(syscallName, "(II" BUFFER ")I"),
	NATIVE(containerOpen, "(" BUFFER "I" BUFFER ")J"),
	NATIVE(containerPing, "(J" BUFFER ")I"),
	NATIVE(containerReset, "(J" BUFFER ")I"),
	NATIVE(containerRunOpen, "(J" BUFFER "II" BUFFER ")J"),
	NATIVE(containerFiles, "(JI" BUFFER "I" BUFFER ")I"),
	NATIVE(containerPause, "(JI" BUFFER ")I"),
	NATIVE(containerPid, "(J)I"),
	NATIVE(containerFree, "(J)V"),
	NATIVE(fdPipe, "(" BUFFER ")I"),
	NATIVE(fdTerminal, "(" BUFFER ")I"),
	NATIVE(fdTerminalSession, "(I)I"),
	NATIVE(fdRead, "(I" BUFFER "I)I"),
	NATIVE(fdWrite, "(I" BUFFER "I)I"),
	NATIVE(fdClose, "(I)I"),
	NATIVE(pairOpen, "(J" BUFFER BUFFER ")J"),
	NATIVE(pairStarted, "(J)V"),
	NATIVE(pairWait, "(JJJ)I"),
	NATIVE(pairRecord, "(JI" BUFFER ")J"),
	NATIVE(pairRecordTotal, "(JI)J"),
	NATIVE(pairFree, "(J)V"),
	NATIVE(benchTarget, "()I"),
	NATIVE(benchFloor, "(I" BUFFER ")I"),
	NATIVE(benchOneShot, "(I" BUFFER ")I"),
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

/* The class loader has been collected, and the library leaves the process next: no descriptor or process may stay
 * behind that nobody knows of. Refused only where a handle was lost, whose sandbox then lives on. */
JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved)
{
	struct cordon_error ignored;

	(void)vm;
	(void)reserved;
	(void)cordon_shutdown(&ignored);
}
