// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.spi.Runners;
import java.util.Set;

class UnshareContractTest extends RunnerContract {
  @Override
  public Tier tier() {
    return new NativeTier() {
      @Override
      public Runner open(SandboxSpec spec) throws SandboxException {
        return Runners.open("unshare", spec);
      }

      @Override
      public Set<String> refusals() {
        return Set.of("namespaces", "initCommand");
      }
    };
  }
}
