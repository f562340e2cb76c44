/**
 * The command line: {@code cordon run} and {@code cordon doctor}. It uses only the exported API.
 */
@NullMarked
package io.cordon.cli;

import org.jspecify.annotations.NullMarked;
