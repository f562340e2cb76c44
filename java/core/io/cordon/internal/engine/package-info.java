// SPDX-License-Identifier: Apache-2.0
/** Brings commands to their end through the native library: requests, replies, the threads that drive runs. */
@NullMarked
package io.cordon.internal.engine;

import org.jspecify.annotations.NullMarked;
