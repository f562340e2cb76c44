// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Boundary;
import io.cordon.SandboxException;
import io.cordon.live.Live;
import java.util.List;

/** What the tiers of the library have in common. */
abstract class NativeTier implements Tier {
  @Override
  public List<Boundary> boundaries() {
    return List.of(Boundary.NAMESPACES, Boundary.PROCESS);
  }

  /** A share of a CPU needs a controller that not every machine has. */
  @Override
  public boolean isLacking(SandboxException failure) {
    return failure.detail().startsWith("cpu_rate: ") || failure.detail().startsWith("cpu_weight: ");
  }

  @Override
  public void skip(String why) {
    Live.skip(why);
  }
}
