// SPDX-License-Identifier: Apache-2.0
/**
 * The flat form in which a run crosses into the native library and its answer comes back; the order of the fields is
 * described in {@code csrc/jni/format.h}.
 *
 * <p>Only primitives, strings and byte arrays: what the numbers mean is the business of {@code io.cordon}.
 */
@NullMarked
package io.cordon.internal.wire;

import org.jspecify.annotations.NullMarked;
