// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.spi.Runners;
import java.util.Set;

class ContainerContractTest extends RunnerContract {
  @Override
  public Tier tier() {
    return new NativeTier() {
      @Override
      public Runner open(SandboxSpec spec) throws SandboxException {
        return Runners.open("container", spec);
      }

      @Override
      public Set<String> refusals() {
        return Set.of("namespaces");
      }

      @Override
      public boolean startsFresh() {
        return false;
      }
    };
  }
}
