// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Container;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.pool.ContainerPool;
import java.util.Set;

class PoolContractTest extends RunnerContract {
  @Override
  public Tier tier() {
    return new NativeTier() {
      @Override
      public Runner open(SandboxSpec spec) throws SandboxException {
        return ContainerPool.builder().container(Container.of(spec)).maxSize(2).build();
      }

      @Override
      public Set<String> refusals() {
        return Set.of("namespaces");
      }
    };
  }
}
