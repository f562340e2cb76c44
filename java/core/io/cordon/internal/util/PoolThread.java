// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

/** A thread of a pool, which publishes by itself what it opens: with the pool's name. */
public final class PoolThread extends Thread {
  public PoolThread(Runnable task, String name) {
    super(null, task, name, 0, false);
    setDaemon(true);
    // It would keep the class loader of the first caller.
    setContextClassLoader(PoolThread.class.getClassLoader());
  }

  public static boolean isCurrent() {
    return Thread.currentThread() instanceof PoolThread;
  }
}
