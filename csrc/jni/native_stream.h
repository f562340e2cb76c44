/* SPDX-License-Identifier: Apache-2.0 */
/* native_stream: native methods for a run's streams (cordon/stream.h). */
#ifndef CORDON_JNI_NATIVE_STREAM_H
#define CORDON_JNI_NATIVE_STREAM_H

#include "jni/native.h"

extern const struct native_table native_stream_table;

#endif
