/* SPDX-License-Identifier: Apache-2.0 */
/* native_library: the natives of the library as a whole: its tables, what the machine offers, benchmarks. */
#ifndef CORDON_JNI_NATIVE_LIBRARY_H
#define CORDON_JNI_NATIVE_LIBRARY_H

#include "jni/native.h"

extern const struct native_table native_library_table;

#endif
