// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.Limit;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The contract of {@link io.cordon.Runner}, {@link io.cordon.Command}, {@link io.cordon.SandboxSpec} and
 * {@link io.cordon.Result}: a class that extends it runs all of its tests on one {@link Tier}.
 *
 * <p>A tier holds what a test asks for, or refuses it by name, where {@link Tier#refusals} permits that. After each
 * test no process, descriptor, mount, control group or thread may be left over. The tests take some seconds and may
 * share the machine with others, but not the JVM: what another thread opens meanwhile looks like a leftover.
 *
 * @since 0.1.0
 */
@ExtendWith(ContractExtension.class)
@SuppressWarnings("exports") // JUnit finds the extension although no other class can.
@Timeout(300)
public abstract class RunnerContract implements StatusContract, StreamContract, ProgramContract, LimitContract,
    FileContract, ErrorContract, CancelContract, LiveContract, DescriptionContract, LeftoverContract {
  /** For classes that say which tier it is. */
  protected RunnerContract() {
    // Nothing to set up.
  }

  /**
   * Returns the tier.
   *
   * @return the tier, the same in all tests
   */
  public abstract Tier tier();

  /** A name that is misspelt would never be missed. */
  @Test
  void everyPermittedRefusalIsOfSomethingThatIsTested() {
    var known = new TreeSet<String>();
    Arrays.stream(RunnerContract.class.getMethods()).forEach(method -> known.addAll(ContractExtension.uses(method)));
    Arrays.stream(Limit.values()).forEach(limit -> known.add("limits." + limit.property()));
    var unknown = new TreeSet<>(tier().refusals());
    unknown.removeAll(known);
    assertEquals(Set.of(), unknown, "not one of " + known);
  }
}
