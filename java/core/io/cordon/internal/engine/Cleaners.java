// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * The cleaner of what owns something native. Its thread is the JDK's; it ends when the garbage collector has found that
 * the cleaner is not reachable any more, so a class must not have it in a field for good.
 */
public final class Cleaners {
  private static @Nullable Cleaner current;

  private Cleaners() {}

  /** See {@link Cleaner#register}. */
  public static synchronized Cleaner.Cleanable register(Object owner, Runnable action) {
    var cleaner = current == null ? Cleaner.create() : current;
    current = cleaner;
    return cleaner.register(owner, action);
  }

  /** Lets the thread end after the actions that are still registered; the next registration starts another. */
  public static synchronized void leave() {
    current = null;
  }
}
