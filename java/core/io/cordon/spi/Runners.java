// SPDX-License-Identifier: Apache-2.0
package io.cordon.spi;

import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.internal.util.Checks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import org.slf4j.LoggerFactory;

/**
 * Opens runners by the names of their tiers.
 *
 * <p>Tiers are looked for anew at each call, with the class loader of the calling thread's context and with that of
 * Cordon, and nothing of them is kept. One that cannot be loaded is left out, with a warning in the log.
 *
 * @since 0.1.0
 */
public final class Runners {
  private Runners() {}

  /**
   * Lists the tiers.
   *
   * @return all that were found, in the order in which they were
   */
  public static List<RunnerProvider> providers() {
    var found = new LinkedHashMap<Class<?>, RunnerProvider>();
    var context = Thread.currentThread().getContextClassLoader();
    if (knowsThisCordon(context)) {
      addAll(found, ServiceLoader.load(RunnerProvider.class, context));
    }
    addAll(found, ServiceLoader.load(RunnerProvider.class, Runners.class.getClassLoader()));
    return List.copyOf(found.values());
  }

  /** A loader with another Cordon, or none, has no tiers for this one. */
  private static boolean knowsThisCordon(ClassLoader loader) {
    try {
      return Class.forName(RunnerProvider.class.getName(), false, loader) == RunnerProvider.class;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  private static void addAll(Map<Class<?>, RunnerProvider> found, ServiceLoader<RunnerProvider> loader) {
    var all = loader.iterator();
    while (true) {
      try {
        if (!all.hasNext()) {
          return;
        }
        var provider = all.next();
        found.putIfAbsent(provider.getClass(), provider);
      } catch (ServiceConfigurationError e) {
        LoggerFactory.getLogger(Runners.class).warn("a tier cannot be loaded and is left out", e);
      }
    }
  }

  /**
   * Lists the names of the tiers.
   *
   * @return the names, each once
   */
  public static List<String> names() {
    return names(providers());
  }

  private static List<String> names(List<RunnerProvider> providers) {
    return providers.stream().map(RunnerProvider::name).distinct().toList();
  }

  /**
   * Finds a tier.
   *
   * @param name its name
   * @return the tier
   * @throws IllegalArgumentException where there is none of this name, or more than one
   */
  public static RunnerProvider provider(String name) {
    var all = providers();
    var named = new ArrayList<>(all);
    named.removeIf(provider -> !provider.name().equals(name));
    if (named.isEmpty()) {
      throw Checks.refuse("runner", name, "must be one of " + String.join(", ", names(all)));
    }
    if (named.size() > 1) {
      // None may take the place of another: a program would be less sandboxed than its caller believes.
      throw Checks.refuse("runner", name, "is provided by both " + named.get(0).getClass().getName() + " and "
          + named.get(1).getClass().getName());
    }
    return named.get(0);
  }

  /**
   * Opens a runner.
   *
   * @param name the tier's name
   * @param spec what the sandboxes are like
   * @return the runner, which the caller closes
   * @throws SandboxException of the kind {@link SandboxException.Kind#UNSUPPORTED} where the tier cannot hold the
   *     description, and of another one where the runner cannot be made
   * @throws IllegalArgumentException where there is no tier of this name, or more than one
   */
  public static OpenedRunner open(String name, SandboxSpec spec) throws SandboxException {
    return new OpenedRunner(name, provider(name).open(Objects.requireNonNull(spec, "spec")));
  }
}
