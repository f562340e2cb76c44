/* SPDX-License-Identifier: Apache-2.0 */
/* native_container: native methods for containers. */
#ifndef CORDON_JNI_NATIVE_CONTAINER_H
#define CORDON_JNI_NATIVE_CONTAINER_H

#include "jni/native.h"

extern const struct native_table native_container_table;

#endif
