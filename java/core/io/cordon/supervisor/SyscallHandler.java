package io.cordon.supervisor;

/**
 * Decides about system calls while a program waits for them: {@link Supervisor.Builder#ask}.
 *
 * <p>It runs on a daemon thread of the run's own, {@code cordon-ask}, one question at a time; the program's other calls
 * that need a decision wait meanwhile. A handler that throws, returns null or {@link Decision#ask}, or is late
 * ({@link Supervisor.Builder#askTimeout}) has refused: the call fails with EPERM. One that is late is interrupted, and
 * while it goes on all the same, further questions of its run are refused when their time is over. One handler may
 * serve many runs, and is then called by many threads at once.
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
