// SPDX-License-Identifier: Apache-2.0
package org.example.plain;

import io.cordon.Network;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.spi.Probe;
import io.cordon.spi.RunnerProvider;
import java.nio.file.Files;

/** The tier {@code plain}: ordinary processes, with nothing between them and the host. */
public final class PlainTier implements RunnerProvider {
  @Override
  public String name() {
    return "plain";
  }

  @Override
  public Probe probe() {
    return Files.isExecutable(PlainRunner.SETSID) ? Probe.works().build()
        : Probe.fails(PlainRunner.SETSID + " is not there");
  }

  @Override
  public Runner open(SandboxSpec spec) throws SandboxException {
    if (spec.namespaces()) {
      throw SandboxException.unsupported("namespaces", true, "must be false");
    }
    if (spec.seccomp().kind() != SeccompPolicy.Kind.NONE) {
      throw SandboxException.unsupported("seccomp.default", "given", "must be none");
    }
    if (spec.network() != Network.HOST) {
      throw SandboxException.unsupported("network", spec.network(), "must be HOST");
    }
    if (!spec.required().isEmpty()) {
      throw SandboxException.unsupported("required", spec.required(), "there are no layers");
    }
    absent("apparmorProfile", spec.apparmorProfile().isPresent());
    absent("selinuxLabel", spec.selinuxLabel().isPresent());
    absent("supervisor", spec.supervisor().isPresent());
    return new PlainRunner(spec);
  }

  static void absent(String property, boolean given) throws SandboxException {
    if (given) {
      throw SandboxException.unsupported(property, "given", "must not be given");
    }
  }
}
