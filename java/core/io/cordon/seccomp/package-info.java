// SPDX-License-Identifier: Apache-2.0
/**
 * System call policies: rules that say which calls a program may make, by name and argument. Policies are values;
 * {@link io.cordon.SeccompFilter} compiles one and tells what it answers.
 */
@NullMarked
package io.cordon.seccomp;

import org.jspecify.annotations.NullMarked;
