/** Cordon's own runners as tiers. */
@NullMarked
package io.cordon.internal.tier;

import org.jspecify.annotations.NullMarked;
