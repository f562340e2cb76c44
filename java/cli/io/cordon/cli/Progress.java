// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error, where that is a terminal; else nothing. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 79;
  private static final int UPDATE_MILLIS = 200;

  private final @Nullable ProgressBar bar;

  /**
   * Starts one.
   *
   * @param most how much there is to do, or -1 where that is not known
   */
  Progress(String task, long most) {
    // Text with a carriage return, and not the library's own way to a terminal, which loads native code.
    bar = !isTerminal() ? null : new ProgressBarBuilder().setTaskName(task).setInitialMax(most)
        .setStyle(ProgressBarStyle.ASCII).setUpdateIntervalMillis(UPDATE_MILLIS)
        .setConsumer(new DelegatingProgressBarConsumer(text -> System.err.print("\r" + text), WIDTH)).build();
  }

  /** The JVM tells only whether standard input and output are terminals, not standard error. */
  private static boolean isTerminal() {
    try {
      var file = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  void step() {
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      System.err.println();
    }
  }
}
