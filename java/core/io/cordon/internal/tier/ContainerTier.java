// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.tier;

import io.cordon.Container;
import io.cordon.Features;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.spi.Probe;

/** {@link Container}. */
public final class ContainerTier extends OwnTier {
  public ContainerTier() {
    super("container");
  }

  @Override
  Probe probe(Features features) {
    return Namespaces.probe(features);
  }

  @Override
  public Runner open(SandboxSpec spec) throws SandboxException {
    return Container.of(spec).open();
  }
}
