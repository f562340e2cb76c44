// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestWatcher;

/**
 * Names, at the end of a test run, what was skipped and why: Maven tells only how many. META-INF/services and
 * junit-platform.properties register it for every test.
 */
public final class Skipped implements TestWatcher {
  private static final Namespace OWN = Namespace.create(Skipped.class);

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    summary(context).add(name(context), String.valueOf(cause.getMessage()));
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    summary(context).add(name(context), reason.orElse("disabled"));
  }

  private static String name(ExtensionContext context) {
    var method = context.getTestMethod().map(m -> "." + m.getName()).orElse("");
    return context.getRequiredTestClass().getSimpleName() + method;
  }

  /** JUnit closes what is in the root's store when all tests have ended. */
  private static Summary summary(ExtensionContext context) {
    return context.getRoot().getStore(OWN).computeIfAbsent(Summary.class);
  }

  /** What was skipped. */
  static final class Summary implements AutoCloseable {
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();

    void add(String test, String why) {
      lines.add(test + ": " + why);
    }

    String text() {
      return "Skipped (" + lines.size() + "), and what was missing:\n  "
          + String.join("\n  ", lines.stream().sorted().toList()) + "\n";
    }

    /** To where the tests in C tell it, in a guest of cross-build/vm; else to standard output. */
    @Override
    public void close() throws IOException {
      var file = System.getenv("CORDON_TEST_SKIPPED");
      if (file == null) {
        System.out.print(text());
      } else {
        Files.writeString(Path.of(file), "java_" + String.join("\njava_", lines) + "\n", StandardOpenOption.APPEND);
      }
    }
  }
}
