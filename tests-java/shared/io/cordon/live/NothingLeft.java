// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import io.cordon.Command;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Compares, round each test, what this JVM holds of that which a run could leave behind. */
final class NothingLeft implements BeforeEachCallback, AfterEachCallback {
  private Held before = new Held(Set.of(), Set.of(), Set.of(), Set.of());

  /** What the library keeps appears with a run, and the event thread's descriptors go when it was idle. */
  private static void warmUp() throws Exception {
    Live.RUNNER.run(Command.of("/bin/true"));
    Live.RUNNER.runAsync(Command.of("/bin/true")).get(Live.PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    warmUp();
    before = Held.now();
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    Held.assertNothingNew(before);
  }
}
