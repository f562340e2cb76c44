// SPDX-License-Identifier: Apache-2.0
/**
 * Runs untrusted programs in sandboxes: a {@link io.cordon.Command} goes into a {@link io.cordon.Runner}, a
 * {@link io.cordon.Result} comes out.
 *
 * <pre>{@code
 * Runner runner = UnshareRunner.create();
 * Result result = runner.run(Command.of("python3", "-c", "print('hello')"));
 * System.out.println(result.status() + " " + result.stdout().text());
 * }</pre>
 *
 * <p>A result means that the program ran, whatever its result. If the sandbox could not be set up, or refused the
 * command, {@link io.cordon.SandboxException} says which step failed. A wrong value is refused with an
 * {@link java.lang.IllegalArgumentException} ({@code field: value: rule}) when the object that holds it is built.
 *
 * <p>Times are {@link java.time.Duration}s and sizes are bytes, everywhere. Nothing is null that is not marked {@link
 * org.jspecify.annotations.Nullable}: what may be missing is an {@link java.util.Optional}, and a collection is empty.
 *
 * <p>Values (commands, descriptions of sandboxes, limits, policies, results) are immutable and may be shared by
 * threads. A builder is used by one thread at a time. {@link io.cordon.Runner}s may be used by several; other types say
 * so.
 */
@NullMarked
package io.cordon;

import org.jspecify.annotations.NullMarked;
