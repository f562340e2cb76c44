/* SPDX-License-Identifier: Apache-2.0 */
/* native_wiring: the natives of runs that are wired together. */
#ifndef CORDON_JNI_NATIVE_WIRING_H
#define CORDON_JNI_NATIVE_WIRING_H

#include "jni/native.h"

extern const struct native_table native_wiring_table;

#endif
