// SPDX-License-Identifier: Apache-2.0
/**
 * What every kind of {@link io.cordon.Runner} must do, as tests: {@link io.cordon.test.RunnerContract} runs the
 * {@link io.cordon.test.Programs} of a {@link io.cordon.test.Tier} and looks at what comes of them.
 *
 * <pre>{@code
 * class MyContractTest extends RunnerContract {
 *   public Tier tier() {
 *     return new Tier() {
 *       public Runner open(SandboxSpec spec) throws SandboxException {
 *         return Runners.open("mine", spec);
 *       }
 *
 *       public List<Boundary> boundaries() {
 *         return List.of(Boundary.VM);
 *       }
 *
 *       public Set<String> refusals() {
 *         return Set.of("namespaces", "terminal", "supervisor");
 *       }
 *     };
 *   }
 * }
 * }</pre>
 */
@NullMarked
package io.cordon.test;

import org.jspecify.annotations.NullMarked;
