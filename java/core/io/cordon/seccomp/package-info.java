/**
 * System call policies: which calls a program may make, as rules by name and argument. They are values; {@link
 * io.cordon.SeccompFilter} compiles one and tells what it answers.
 */
@NullMarked
package io.cordon.seccomp;

import org.jspecify.annotations.NullMarked;
