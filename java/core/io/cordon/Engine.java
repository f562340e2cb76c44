package io.cordon;

import java.util.Locale;

/** Who decides what a {@link Supervisor} says. Constants and numbers are those of {@code enum cordon_engine}. */
public enum Engine {
  /** {@link #NOTIFY} where the kernel has it, else {@link #PTRACE}. */
  AUTO(0),

  /** Seccomp user notification: files are opened on the program's behalf, so that no race changes the path. */
  NOTIFY(1),

  /** ptrace(2). */
  PTRACE(2),

  /** Nobody is asked: Landlock holds the file policy, as far as it can. The fastest, without rules for system calls. */
  KERNEL(3);

  private final int number;

  Engine(int number) {
    this.number = number;
  }

  /**
   * Returns the number that the C API uses for it.
   *
   * @return the number, which is never given to anything else
   */
  public int number() {
    return number;
  }

  /**
   * Returns the name that the command line uses, such as {@code notify}.
   *
   * @return lower case
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Engine of(int number) {
    return Numbers.find("engine", values(), Engine::number, number);
  }
}
