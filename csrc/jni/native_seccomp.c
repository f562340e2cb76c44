/* SPDX-License-Identifier: Apache-2.0 */
#include "jni/native_seccomp.h"

#include <linux/seccomp.h>
#include <string.h>
#include "cordon/seccomp.h"
#include "use/use.h"

static struct cordon_seccomp *seccomp_of(jlong handle)
{
	return (struct cordon_seccomp *)(intptr_t)handle;
}

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

	return native_make(env, &m, request, length, error);
}

static jint seccompProgram(JNIEnv *env, jclass class, jlong policy, jobject buffer)
{
	struct buffer out = buffer_get(env, buffer);
	struct cordon_error err;
	const void *program;
	uint32_t len = 0;
	int rc = 0;

	use_begin();	/* the default policy is kept only until a shutdown */
	if (policy != 0)
		program = cordon_seccomp_program(seccomp_of(policy), &len);
	else
		rc = cordon_seccomp_default(CORDON_ARCH_NATIVE, &program, &len, &err);
	if (rc == 0 && len <= out.size)
		memcpy(out.data, program, len);
	use_end();
	return rc < 0 ? rc : (jint)len;
}

/* Without arguments the verdict is to kill. */
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

static const JNINativeMethod methods[] = {
	NATIVE(seccompNew), NATIVE(seccompProgram), NATIVE(seccompVerdict), NATIVE(seccompFree),
	NATIVE(syscallNumber), NATIVE(syscallName),
};

const struct native_table native_seccomp_table = { methods, ARRAY_LEN(methods) };
