// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The terminal that the caller typed the command in, while a program has one of its own: every key goes to the program,
 * and each change of the size is told.
 *
 * <p>It has its own mode back when this is closed, and when the JVM ends because of a signal.
 */
final class CallersTerminal implements AutoCloseable {
  static final int STANDARD_INPUT = 0;
  static final int STANDARD_OUTPUT = 1;

  /** {@link Natives#fdTerminalRaw} wants no more. */
  private static final int MODE_BYTES = 64;

  private static final int COLUMNS_BITS = 16;
  private static final int CELLS = (1 << COLUMNS_BITS) - 1;

  private final ByteBuffer mode = ByteBuffer.allocateDirect(MODE_BYTES).order(ByteOrder.nativeOrder());
  private final Thread hook = new Thread(this::restore, "cordon-terminal-restore");
  private final int watch;
  private final Resize resize;

  /** Whose size it is, which need not be standard input: {@code cordon run -t} in a pipe. */
  private final int fd;

  private final boolean keys;

  /** Guarded by this, as the next. */
  private boolean raw;

  private boolean over;

  /** Gets a size. */
  interface Resize {
    void accept(int columns, int rows);
  }

  private CallersTerminal(int fd, boolean keys, int watch, Resize resize) {
    this.fd = fd;
    this.keys = keys;
    this.watch = watch;
    this.resize = resize;
  }

  static boolean is(int fd) {
    return Natives.fdTerminalSize(fd) >= 0;
  }

  /**
   * Takes it, as far as it is there: standard input becomes raw, and {@code resize} gets the size of that, or else of
   * standard output, whenever it changes.
   */
  static CallersTerminal take(Resize resize) throws IOException {
    boolean keys = is(STANDARD_INPUT);
    var terminal = new CallersTerminal(keys ? STANDARD_INPUT : STANDARD_OUTPUT, keys,
        check(Natives.fdTerminalWatch(), "eventfd"), resize);
    try {
      terminal.begin();
    } catch (IOException | RuntimeException e) {
      terminal.close();
      throw e;
    }
    return terminal;
  }

  private void begin() throws IOException {
    var watcher = new Thread(this::watch, "cordon-terminal-size");
    watcher.setDaemon(true);
    watcher.start(); // It closes the descriptor, so it comes first.
    if (keys) {
      Runtime.getRuntime().addShutdownHook(hook);
      synchronized (this) {
        check(Natives.fdTerminalRaw(STANDARD_INPUT, mode), "standard input");
        raw = true;
      }
    }
  }

  private static int check(int rc, String what) throws IOException {
    if (rc < 0) {
      throw new IOException(what + ": " + Errno.text(-rc));
    }
    return rc;
  }

  /** Tells the size, where it is known. */
  void tellSize() {
    int size = Natives.fdTerminalSize(fd);
    int columns = size & CELLS;
    int rows = size >> COLUMNS_BITS;
    if (size > 0 && columns > 0 && rows > 0) {
      resize.accept(columns, rows);
    }
  }

  private void watch() {
    var count = ByteBuffer.allocateDirect(Long.BYTES);
    int rc = Natives.fdRead(watch, count, Long.BYTES);
    while (becomeRaw() && (rc > 0 || rc == -Errno.EINTR)) {
      tellSize();
      rc = Natives.fdRead(watch, count, Long.BYTES);
    }
    Natives.fdClose(watch);
  }

  /** Once more, after a stop, from which the shell has come back with its own mode. False at the end. */
  private synchronized boolean becomeRaw() {
    if (raw && !over) {
      Natives.fdTerminalRaw(STANDARD_INPUT, ByteBuffer.allocateDirect(MODE_BYTES));
    }
    return !over;
  }

  private synchronized void restore() {
    over = true;
    if (raw) {
      Natives.fdTerminalRestore(STANDARD_INPUT, mode);
    }
  }

  @Override
  public void close() {
    restore();
    Natives.fdTerminalUnwatch();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // The JVM is on its way down, and the hook has run or does nothing more.
    }
  }
}
