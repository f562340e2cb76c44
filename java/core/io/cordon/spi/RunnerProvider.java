// SPDX-License-Identifier: Apache-2.0
package io.cordon.spi;

import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;

/**
 * A tier: a kind of {@link Runner}, under a name that users give. Found by {@link java.util.ServiceLoader}, so it needs
 * a public constructor without parameters, which must do nothing; a module {@code provides} it, a JAR of the class path
 * names it in {@code META-INF/services/io.cordon.spi.RunnerProvider}.
 *
 * <p>Any thread may call any method.
 *
 * @since 0.1.0
 */
public interface RunnerProvider {
  /**
   * Returns the name of the tier.
   *
   * @return lower-case letters, digits and hyphens, always the same
   */
  String name();

  /**
   * Finds out what the tier offers to this process on this machine, by trying it where that is quick. Leaves nothing
   * behind.
   *
   * @return what it offers, or why it does not work; never an exception
   */
  Probe probe();

  /**
   * Opens a runner.
   *
   * <p>What a description asks for is held or refused, never left out: {@link SandboxException#unsupported} names the
   * property.
   *
   * @param spec what the sandboxes are like
   * @return a runner, which is the caller's; where it owns anything it is {@link AutoCloseable}, and its {@code close}
   *     ends what runs in it, waits until nothing is left, may be called twice and throws nothing that is checked
   * @throws SandboxException where the tier cannot hold the description, or does not work here; nothing is left over
   *     then
   */
  Runner open(SandboxSpec spec) throws SandboxException;
}
