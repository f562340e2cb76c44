// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Limits;
import io.cordon.supervisor.FilePolicy.Access;
import io.cordon.supervisor.FilePolicy.Rule;
import io.cordon.supervisor.FilePolicy.Scope;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class SupervisorOptionsTest {
  private static SupervisorOptions options(String... args) {
    var options = new SupervisorOptions();
    CommandLine.populateCommand(options, args);
    return options;
  }

  private static List<Rule> rules(Optional<String> program, String... args) {
    return options(args).policy(List.of("/w"), program).rules();
  }

  @Test
  void whatIsAllowedAddsUpAlongAPath() {
    assertEquals(List.of(new Rule("/", Scope.TREE, Set.of(Access.READ)),
        new Rule("/w", Scope.TREE, Set.of(Access.READ, Access.WRITE)),
        new Rule("/w/x", Scope.TREE, Set.of(Access.READ, Access.WRITE, Access.EXECUTE))),
        rules(Optional.empty(), "--allow-read", "/", "--allow-write", "/w", "--allow-exec", "/w/x"));
  }

  @Test
  void whatIsDeniedStopsThat() {
    assertEquals(List.of(new Rule("/", Scope.TREE, Set.of(Access.READ)),
        new Rule("/a/b", Scope.TREE, Set.of(Access.WRITE)), new Rule("/a", Scope.TREE, Set.of())),
        rules(Optional.empty(), "--allow-read", "/", "--allow-write", "/a/b", "--deny", "/a"));
  }

  @Test
  void aProgramThatIsBroughtInMayBeExecuted() {
    assertEquals(List.of(new Rule("/usr", Scope.TREE, Set.of(Access.READ)),
        new Rule("/root/p", Scope.ONLY, Set.of(Access.READ, Access.EXECUTE))),
        rules(Optional.of("/root/p"), "--allow-read", "/usr"));
  }

  @Test
  void aPresetHasTheDirectoriesThatAreToBeWrittenTo() {
    var rules = rules(Optional.empty(), "--preset", "python", "--allow-exec", "/w");
    assertTrue(rules.contains(new Rule("/w", Scope.TREE, Set.of(Access.READ, Access.WRITE, Access.EXECUTE))));
    assertTrue(rules.stream().noneMatch(rule -> rule.path().equals("/tmp")));
  }

  @Test
  void aPresetsLimitsAreAStart() {
    assertEquals(Duration.ofSeconds(60), options("--preset", "compiler").limits().build().cpuTime());
    assertEquals(Limits.defaults(), options().limits().build());
  }

  @Test
  void withoutAnOptionThereIsNone() {
    assertTrue(options().supervisor(true, List.of("/w"), Optional.empty()).isEmpty());
    assertTrue(options("--kill-syscall", "socket").supervisor(true, List.of("/w"), Optional.empty()).isPresent());
    assertTrue(options("--allow-bind", "0").supervisor(true, List.of("/w"), Optional.empty()).isPresent());
    assertTrue(options("--allow-read", "/").supervisor(false, List.of("/w"), Optional.empty()).isPresent());
  }
}
