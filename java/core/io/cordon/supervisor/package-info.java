// SPDX-License-Identifier: Apache-2.0
/** Decisions about a program while it runs: file policies, port policies, rules for system calls, and events. */
@NullMarked
package io.cordon.supervisor;

import org.jspecify.annotations.NullMarked;
