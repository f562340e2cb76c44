/* SPDX-License-Identifier: Apache-2.0 */
/* native_fd: native methods for descriptors, which Java cannot use by their numbers. */
#ifndef CORDON_JNI_NATIVE_FD_H
#define CORDON_JNI_NATIVE_FD_H

#include "jni/native.h"

extern const struct native_table native_fd_table;

#endif
