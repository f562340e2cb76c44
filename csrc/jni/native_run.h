/* SPDX-License-Identifier: Apache-2.0 */
/* native_run: native methods for runs, and for the loop that drives them. */
#ifndef CORDON_JNI_NATIVE_RUN_H
#define CORDON_JNI_NATIVE_RUN_H

#include "jni/native.h"

extern const struct native_table native_run_table;

#endif
