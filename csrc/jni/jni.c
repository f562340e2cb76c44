/* SPDX-License-Identifier: Apache-2.0 */
/* jni: loads the native methods of the Java class Natives, which documents them.
 *
 * Each method turns numbers and direct buffers into one call of the library and back; format.h describes the contents
 * of the buffers. They run on any Java thread, many at once. A run or loop is a pointer that Java keeps in a long and
 * guards (one thread drives it, and it is not used after it is freed).
 * I1  A native looks up no class, creates no object and throws no exception: a failure is a number, or an error in a
 *     buffer.
 * I2  With a wrong buffer (not direct, too small) a method fails with a number; it never writes beyond a buffer. */
#include <jni.h>
#include <stdbool.h>
#include "base/base.h"
#include "cordon/cordon.h"
#include "jni/native_container.h"
#include "jni/native_fd.h"
#include "jni/native_library.h"
#include "jni/native_run.h"
#include "jni/native_seccomp.h"
#include "jni/native_stream.h"
#include "jni/native_wiring.h"

static const struct native_table *const tables[] = {
	&native_container_table, &native_fd_table, &native_library_table, &native_run_table, &native_seccomp_table,
	&native_stream_table, &native_wiring_table,
};

/* The class that loads the library; the class with its natives is in the same package. A JAR that contains Cordon may
 * have moved both to another package ("shading"), which is not known here. */
#define LOADER "jni.NativeLibrary"
#define NATIVES "jni.Natives"
#define CLASS_NAME_MAX 512

/* "a.b.jni.NativeLibrary" becomes "a/b/jni/Natives"; false for any other class. */
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

/* NULL with an exception on failure. */
static jobject call(JNIEnv *env, jobject object, const char *method, const char *signature)
{
	jmethodID id = (*env)->GetMethodID(env, (*env)->GetObjectClass(env, object), method, signature);
	jobject got = id != NULL ? (*env)->CallObjectMethod(env, object, id) : NULL;

	return (*env)->ExceptionCheck(env) ? NULL : got;
}

/* The stack shows which class called System.load, which called JNI_OnLoad. A system property could say it as well, but
 * is shared by all copies of Cordon in a process. */
static jobjectArray stack_trace(JNIEnv *env)
{
	jclass throwable = (*env)->FindClass(env, "java/lang/Throwable");
	jmethodID make = throwable != NULL ? (*env)->GetMethodID(env, throwable, "<init>", "()V") : NULL;
	jobject trace = make != NULL ? (*env)->NewObject(env, throwable, make) : NULL;

	if (trace == NULL || (*env)->ExceptionCheck(env))
		return NULL;
	return call(env, trace, "getStackTrace", "()[Ljava/lang/StackTraceElement;");
}

/* Whether frame i is the loader's; then *name is the name of its natives. False with an exception as well. */
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

/* Finds the class with the class loader that loads the library. If the JVM keeps no stack traces, Cordon's original
 * package is assumed. NULL with an exception if it is not found. */
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

/* If the class lacks one of these methods, it is of another version: System.load throws the pending
 * NoSuchMethodError. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	jclass natives;

	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) != JNI_OK)
		return JNI_ERR;
	natives = find_natives(env);
	if (natives == NULL)
		return JNI_ERR;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if ((*env)->RegisterNatives(env, natives, tables[i]->methods, tables[i]->n) != JNI_OK)
			return JNI_ERR;
	return JNI_VERSION_1_8;
}

/* The class loader has been collected, and the library will be unmapped, so no descriptor or process may be left. Fails
 * only if a handle was lost, whose sandbox then stays. */
JNIEXPORT void JNICALL JNI_OnUnload(JavaVM *vm, void *reserved)
{
	struct cordon_error ignored;

	(void)cordon_shutdown(&ignored);
}
