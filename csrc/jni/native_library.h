/* SPDX-License-Identifier: Apache-2.0 */
/* native_library: native methods for the whole library: its tables, features of the machine, benchmarks. */
#ifndef CORDON_JNI_NATIVE_LIBRARY_H
#define CORDON_JNI_NATIVE_LIBRARY_H

#include "jni/native.h"

extern const struct native_table native_library_table;

#endif
