// SPDX-License-Identifier: Apache-2.0
/**
 * Tiers: kinds of {@link io.cordon.Runner}, found by their names. Cordon's own are {@code unshare}, {@code container}
 * and {@code ptrace}; a module that provides {@link io.cordon.spi.RunnerProvider} adds others.
 *
 * <pre>{@code
 * try (var runner = Runners.open("container", SandboxSpec.defaults())) {
 *   System.out.println(runner.run(Command.of("echo", "hello")).stdout().text());
 * }
 * }</pre>
 */
@NullMarked
package io.cordon.spi;

import org.jspecify.annotations.NullMarked;
