// SPDX-License-Identifier: Apache-2.0
/** The one way from Java into libcordon.so: the natives and the loader of the library that holds them. */
@org.jspecify.annotations.NullMarked
package io.cordon.internal.jni;
