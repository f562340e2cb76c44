// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps containers ready: a {@link io.cordon.pool.ContainerPool} is a {@link io.cordon.Runner} whose runs cost little
 * more than the exec of the program.
 *
 * <pre>{@code
 * try (var pool = ContainerPool.builder().maxSize(4).build()) {
 *   Result result = pool.run(Command.of("python3", "-c", "print('hello')"));
 * }
 * }</pre>
 */
@NullMarked
package io.cordon.pool;

import org.jspecify.annotations.NullMarked;
