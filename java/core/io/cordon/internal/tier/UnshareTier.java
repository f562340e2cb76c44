// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.tier;

import io.cordon.Features;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.UnshareRunner;
import io.cordon.spi.Probe;

/** {@link UnshareRunner}. */
public final class UnshareTier extends OwnTier {
  public UnshareTier() {
    super("unshare");
  }

  @Override
  Probe probe(Features features) {
    return Namespaces.probe(features);
  }

  @Override
  public Runner open(SandboxSpec spec) throws SandboxException {
    return UnshareRunner.of(spec);
  }
}
