// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.util;

import java.util.List;

/** The names of signals; x86_64 and aarch64 share the numbers. */
public final class Signals {
  private static final List<String> NAMES = List.of("SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT",
      "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT",
      "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM",
      "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS");

  /** As the C libraries have it: they keep 32 and 33 for themselves. */
  private static final int SIGRTMIN = 34;

  private Signals() {}

  public static String name(int signal) {
    if (signal >= 1 && signal <= NAMES.size()) {
      return NAMES.get(signal - 1);
    }
    return signal >= SIGRTMIN ? "SIGRTMIN+" + (signal - SIGRTMIN) : "signal " + signal;
  }
}
