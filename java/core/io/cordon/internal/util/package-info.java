// SPDX-License-Identifier: Apache-2.0
/** Checks of values, and the names and texts of Linux. */
@NullMarked
package io.cordon.internal.util;

import org.jspecify.annotations.NullMarked;
