// SPDX-License-Identifier: Apache-2.0
/** The events of the JDK's flight recorder. */
@NullMarked
package io.cordon.internal.flight;

import org.jspecify.annotations.NullMarked;
