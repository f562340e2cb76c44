// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Boundary;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.live.Live;
import io.cordon.spi.Runners;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Without namespaces, and with a policy that lets all files be used. */
class PtraceContractTest extends RunnerContract {
  private static final Supervisor ALL_FILES =
      Supervisor.files(Engine.AUTO, FilePolicy.builder().read("/").write("/").execute("/").build());

  @TempDir
  static Path temporary;
  private static int number;
  private Path scratch = temporary;

  @BeforeEach
  void makeADirectory() throws IOException {
    scratch = Live.openDirectory(temporary, "scratch" + number++);
  }

  @Override
  public Tier tier() {
    return new NativeTier() {
      @Override
      public Runner open(SandboxSpec spec) throws SandboxException {
        return Runners.open("ptrace", spec);
      }

      @Override
      public SandboxSpec.Builder description() {
        return SandboxSpec.builder().namespaces(false).supervisor(ALL_FILES);
      }

      @Override
      public List<Boundary> boundaries() {
        return List.of(Boundary.PROCESS);
      }

      @Override
      public Set<String> refusals() {
        return Set.of("copyIn", "copyOut", "seccomp.none", "pause");
      }

      @Override
      public String scratch() {
        return scratch.toString();
      }

      @Override
      public boolean startsFresh() {
        return false;
      }
    };
  }
}
