// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import java.util.concurrent.ExecutionException;

/** Waits that an interrupt does not end, because what is waited for must come: the result of a program, say. */
public final class Uninterrupted {
  private Uninterrupted() {}

  /** Something that takes time, begun anew after an interrupt. */
  public interface Wait<T, X extends Exception> {
    T await() throws InterruptedException, X;
  }

  /** Waits to the end. Each interrupt is told to {@code interrupted}; the thread's flag is set again at the end. */
  public static <T, X extends Exception> T await(Wait<T, X> wait, Runnable interrupted) throws X {
    boolean flag = false;
    try {
      while (true) {
        try {
          return wait.await();
        } catch (InterruptedException e) {
          flag = true;
          interrupted.run();
        }
      }
    } finally {
      if (flag) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Why a future failed, to be thrown by the caller; throws what is not of the type itself. */
  public static <E extends Exception> E cause(ExecutionException failure, Class<E> type) {
    var cause = failure.getCause();
    if (type.isInstance(cause)) {
      return type.cast(cause);
    }
    if (cause instanceof Error error) {
      throw error;
    }
    throw cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }
}
