// SPDX-License-Identifier: Apache-2.0
/** One JSON form of what Cordon takes and gives, and the seccomp profiles of container runtimes. */
@NullMarked
package io.cordon.json;

import org.jspecify.annotations.NullMarked;
