// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.cordon.Runner;
import io.cordon.SandboxException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * What holds for every test of the contract: it gets a {@link Bench}, leaves nothing over, and a refusal counts as
 * success exactly where the tier has it in its list and the test is about it.
 */
final class ContractExtension
    implements ParameterResolver, BeforeEachCallback, AfterEachCallback, InvocationInterceptor {
  private static final Namespace NAMESPACE = Namespace.create(ContractExtension.class);
  private static final long POLL_NANOS = 5_000_000;

  /** What was there before a test. */
  private record Before(Set<String> things) {}

  private static Store store(ExtensionContext context) {
    return context.getStore(NAMESPACE);
  }

  /** What beforeEach has put there. */
  private static <T> T kept(ExtensionContext context, Class<T> type) {
    return Objects.requireNonNull(store(context).get(type, type), type.getName());
  }

  private static Bench bench(ExtensionContext context) {
    return kept(context, Bench.class);
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    var tier = ((RunnerContract) context.getRequiredTestInstance()).tier();
    context.getParent().ifPresent(all -> store(all).computeIfAbsent("warm", key -> warmUp(tier)));
    store(context).put(Before.class, new Before(Leftovers.now(tier)));
    store(context).put(Bench.class, new Bench(tier));
  }

  /** What a tier keeps for the life of the process appears with its first runs. */
  private static boolean warmUp(Tier tier) {
    Runner runner = null;
    try {
      runner = tier.open(tier.description().build());
      var command = tier.programs().exit(0).limits(tier.limits()).build();
      runner.run(command);
      runner.runAsync(command).get(tier.patience().toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (Exception e) {
      return false; // The tests will meet it, too.
    } finally {
      closeQuietly(runner);
    }
  }

  private static void closeQuietly(@Nullable Runner runner) {
    try {
      if (runner != null) {
        Bench.close(runner);
      }
    } catch (Exception e) {
      return; // The tests will meet it, too.
    }
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    var bench = bench(context);
    bench.clear();
    assertNothingLeft(kept(context, Before.class).things, bench.tier());
  }

  /** Some threads of the JVM clean up later. */
  private static void assertNothingLeft(Set<String> before, Tier tier) throws Exception {
    long end = System.nanoTime() + tier.patience().toNanos();
    var left = Leftovers.since(before, tier);
    while (!left.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(POLL_NANOS);
      left = Leftovers.since(before, tier);
    }
    assertEquals(Set.of(), left, "left over");
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == Bench.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return bench(context);
  }

  @Override
  public void interceptTestMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> method,
      ExtensionContext context) throws Throwable {
    var tier = bench(context).tier();
    var permitted = new TreeSet<>(uses(method.getExecutable()));
    permitted.retainAll(tier.refusals());
    try {
      invocation.proceed();
    } catch (Bench.NotDescribable e) {
      if (permitted.isEmpty()) {
        context.publishReportEntry("not describable", String.valueOf(e.getMessage()));
        return;
      }
    } catch (SandboxException e) {
      judge(e, permitted, tier);
      context.publishReportEntry("refused", e.detail());
      return;
    }
    if (!permitted.isEmpty()) {
      fail(permitted + ": a permitted refusal that does not occur any more; take it out of the tier's list");
    }
  }

  private static void judge(SandboxException failure, Set<String> permitted, Tier tier) throws SandboxException {
    if (failure.property().isEmpty()) {
      if (tier.isLacking(failure)) {
        tier.skip(String.valueOf(failure.getMessage()));
      }
      throw failure;
    }
    var property = failure.property().get();
    if (!permitted.contains(property)) {
      fail(tier.refusals().contains(property)
          ? property + ": refused in a test that is not about it: " + failure.getMessage()
          : property + ": a refusal that is not in the tier's list: " + failure.getMessage(), failure);
    }
    assertEquals(SandboxException.Kind.UNSUPPORTED, failure.kind());
  }

  static List<String> uses(Method method) {
    var uses = method.getAnnotation(Uses.class);
    return uses == null ? List.of() : Arrays.asList(uses.value());
  }
}
