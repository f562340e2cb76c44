// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

/**
 * Decides about system calls while a program waits for them: {@link Supervisor.Builder#ask}.
 *
 * <p>The handler runs on a daemon thread of the run's own, {@code cordon-ask}, one question at a time. Other calls of
 * the program that need a decision wait meanwhile. If a handler throws, returns null or {@link Decision#ask}, or is
 * late ({@link Supervisor.Builder#askTimeout}), the call is refused with EPERM. A late handler is interrupted; if it
 * goes on all the same, further questions of its run are refused when their time is over. One handler may serve many
 * runs, and is then called by many threads at once.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface SyscallHandler {
  /**
   * Decides about one call.
   *
   * @param question what the program wants; its texts are chosen by the program
   * @return {@link Decision#allow}, {@link Decision#errno(int)} or {@link Decision#kill}
   * @throws Exception refuses the call
   */
  Decision decide(SyscallQuestion question) throws Exception;
}
