/* SPDX-License-Identifier: Apache-2.0 */
/* native_seccomp: native methods for seccomp policies. */
#ifndef CORDON_JNI_NATIVE_SECCOMP_H
#define CORDON_JNI_NATIVE_SECCOMP_H

#include "jni/native.h"

extern const struct native_table native_seccomp_table;

#endif
