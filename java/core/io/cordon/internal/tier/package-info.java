// SPDX-License-Identifier: Apache-2.0
/** Cordon's own runners as tiers. */
@NullMarked
package io.cordon.internal.tier;

import org.jspecify.annotations.NullMarked;
