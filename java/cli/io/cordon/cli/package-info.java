// SPDX-License-Identifier: Apache-2.0
/**
 * The command line: {@code cordon run}, {@code batch}, {@code doctor} and {@code bench}. It uses only the exported API,
 * except that {@code bench} asks the library for the floors that it shows figures beside.
 */
@NullMarked
package io.cordon.cli;

import org.jspecify.annotations.NullMarked;
