// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.tier;

import io.cordon.Features;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.spi.Probe;
import io.cordon.spi.RunnerProvider;

/** A tier that needs the library. */
abstract class OwnTier implements RunnerProvider {
  private final String name;

  OwnTier(String name) {
    this.name = name;
  }

  @Override
  public final String name() {
    return name;
  }

  abstract Probe probe(Features features);

  @Override
  public final Probe probe() {
    try {
      return probe(Sandbox.probe());
    } catch (SandboxException | LinkageError e) {
      return Probe.fails(String.valueOf(e.getMessage()));
    }
  }
}
