/* SPDX-License-Identifier: Apache-2.0 */
/* native_fd: the natives of descriptors: Java has no way to use one by its number. */
#ifndef CORDON_JNI_NATIVE_FD_H
#define CORDON_JNI_NATIVE_FD_H

#include "jni/native.h"

extern const struct native_table native_fd_table;

#endif
