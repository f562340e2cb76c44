// SPDX-License-Identifier: Apache-2.0
package org.example.plain;

import io.cordon.Boundary;
import io.cordon.Command;
import io.cordon.Limits;
import io.cordon.Network;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.live.Live;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.spi.Runners;
import io.cordon.test.PosixPrograms;
import io.cordon.test.Programs;
import io.cordon.test.RunnerContract;
import io.cordon.test.Tier;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A runner of another package, which uses only what is public and is found by its name. */
class PlainContractTest extends RunnerContract {
  @TempDir
  static Path temporary;
  private static int number;
  private Path scratch = temporary;

  @BeforeEach
  void makeADirectory() throws IOException {
    scratch = Live.openDirectory(temporary, "scratch" + number++);
  }

  /** The JDK tells an exit code of 128 and more where a signal ended a process. */
  private static final class WithoutSignals extends PosixPrograms {
    @Override
    public Command.Builder signal(int signal) throws SandboxException {
      throw SandboxException.unsupported("program.signal", signal, "it cannot be told from an exit code");
    }
  }

  @Override
  public Tier tier() {
    return new Tier() {
      @Override
      public Runner open(SandboxSpec spec) throws SandboxException {
        return Runners.open("plain", spec);
      }

      @Override
      public List<Boundary> boundaries() {
        return List.of();
      }

      @Override
      public Set<String> refusals() {
        return Set.of("namespaces", "seccomp.default", "apparmorProfile", "selinuxLabel", "supervisor", "cpuset",
            "execFd", "descriptors", "sync", "terminal", "rlimits", "copyIn", "copyOut", "stdin.descriptor",
            "stdout.descriptor", "stdout.forward", "limits.cpuTime", "limits.idleTime", "limits.memoryBytes",
            "limits.stackBytes", "limits.processes", "limits.outputBytes", "limits.openFiles", "limits.coreBytes",
            "limits.outputTotalBytes", "limits.cpuRate", "limits.cpuWeight", "limits.nice", "program.signal", "start",
            "stdin.stream", "stdout.stream", "stderr.stream");
      }

      @Override
      public SandboxSpec.Builder description() {
        return SandboxSpec.builder().namespaces(false).network(Network.HOST).seccomp(SeccompPolicy.NONE);
      }

      @Override
      public Limits limits() {
        return Limits.builder().cpuTime(Limits.FOREVER).wallTime(Duration.ofMinutes(1)).memoryBytes(Limits.UNLIMITED)
            .stackBytes(Limits.UNLIMITED).processes(Limits.UNLIMITED).outputBytes(Limits.UNLIMITED)
            .openFiles(Limits.UNLIMITED).coreBytes(Limits.UNLIMITED).build();
      }

      @Override
      public Programs programs() {
        return new WithoutSignals();
      }

      @Override
      public String scratch() {
        return scratch.toString();
      }

      @Override
      public boolean startsFresh() {
        return false;
      }

      @Override
      public void skip(String why) {
        Live.skip(why);
      }
    };
  }
}
