/* SPDX-License-Identifier: Apache-2.0 */
/* jni: the native methods of the Java class Natives, which says what each of them does.
 *
 * Each one turns numbers and direct buffers into one call of the library and back; format.h describes what the buffers
 * hold. They run on whichever Java thread calls, many at once; a run or loop is a pointer that Java keeps in a long and
 * guards (one thread drives it, nothing comes after its free).
 * I1  A native looks up no class, makes no object and throws nothing: a failure is a number or an error in a buffer.
 * I2  A method of the wrong kind of buffer (not direct, too small) fails with a number; it never writes beyond one. */
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
	if (natives == NULL)
		return JNI_ERR;
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		if ((*env)->RegisterNatives(env, natives, tables[i]->methods, tables[i]->n) != JNI_OK)
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
