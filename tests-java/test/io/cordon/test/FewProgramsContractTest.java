// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import io.cordon.Command;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.UnshareRunner;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;

/** A tier whose programs can do no more than they must can pass, as one without processes and signals would. */
class FewProgramsContractTest extends RunnerContract {
  /** Those that have no default. */
  private static final class Few implements Programs {
    private final Programs all = new PosixPrograms();

    @Override
    public Command.Builder exit(int code) {
      return all.exit(code);
    }

    @Override
    public Command.Builder print(String out, String err) {
      return all.print(out, err);
    }

    @Override
    public Command.Builder printAndSleep(String out, String err) {
      return all.printAndSleep(out, err);
    }

    @Override
    public Command.Builder echoInput() {
      return all.echoInput();
    }

    @Override
    public Command.Builder printArguments(String... args) {
      return all.printArguments(args);
    }

    @Override
    public Command.Builder printEnvironment() {
      return all.printEnvironment();
    }

    @Override
    public Command.Builder printWorkDirectory() {
      return all.printWorkDirectory();
    }

    @Override
    public Command.Builder burn() {
      return all.burn();
    }

    @Override
    public Command.Builder write(long out, long err) {
      return all.write(out, err);
    }

    @Override
    public Command.Builder readFile(String path) {
      return all.readFile(path);
    }

    @Override
    public Command.Builder writeFile(String path, long bytes) {
      return all.writeFile(path, bytes);
    }
  }

  @Override
  public Tier tier() {
    return new NativeTier() {
      @Override
      public Runner open(SandboxSpec spec) throws SandboxException {
        return UnshareRunner.of(spec);
      }

      @Override
      public Programs programs() {
        return new Few();
      }

      /** Every program with a default that refuses; a new one that no test is about fails here. */
      @Override
      public Set<String> refusals() {
        var all = new TreeSet<>(Set.of("namespaces", "initCommand"));
        Arrays.stream(Programs.class.getMethods())
            .filter(method -> method.isDefault() && method.getExceptionTypes().length > 0)
            .map(Method::getName).forEach(name -> all.add("program." + name));
        return all;
      }
    };
  }
}
