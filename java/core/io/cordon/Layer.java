package io.cordon;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * An independent wall of a sandbox. Constants and numbers are those of {@code enum cordon_layer}.
 *
 * <p>{@link Result#layers} lists those that were active in a run; {@link UnshareRunner.Builder#require} and
 * {@link UnshareRunner.Builder#prefer} ask for them.
 */
public enum Layer {
  /** A user namespace. */
  USER_NS(0),

  /** A mount namespace. */
  MOUNT_NS(1),

  /** A pid namespace. */
  PID_NS(2),

  /** A network namespace. */
  NET_NS(3),

  /** An IPC namespace. */
  IPC_NS(4),

  /** A UTS namespace: own host and domain name. */
  UTS_NS(5),

  /** A cgroup namespace. */
  CGROUP_NS(6),

  /** A root of its own; the old one is unmounted. */
  PIVOT_ROOT(7),

  /** A /proc of its own pid namespace; not possible where a surrounding container masks its own. */
  PROC(8),

  /** no_new_privs: exec grants nothing. */
  NO_NEW_PRIVS(9),

  /** All capability sets are empty and stay so. */
  CAPABILITIES(10),

  /** A seccomp filter. */
  SECCOMP(11),

  /** A Landlock rule set. */
  LANDLOCK(12),

  /** On the host the program's uid belongs to nobody else. */
  OWN_UID(13),

  /** Memory is limited and measured by the memory controller. */
  CGROUP_MEMORY(14),

  /** Processes are limited by the pids controller. */
  CGROUP_PIDS(15),

  /** CPU time is counted by the CPU controller. */
  CGROUP_CPU(16),

  /** System calls are decided one by one, by a supervisor. */
  SUPERVISOR(17),

  /** The CPUs of {@link Command#cpuset} are kept by the cpuset controller. */
  CGROUP_CPUSET(18);

  private final int number;

  Layer(int number) {
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
   * Returns the name that the C API and the command line use, such as {@code user-ns}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Set<Layer> setOf(long bits) {
    var set = EnumSet.noneOf(Layer.class);
    for (var layer : values()) {
      if ((bits & 1L << layer.number) != 0) {
        set.add(layer);
      }
    }
    return Collections.unmodifiableSet(set);
  }

  static long bits(Set<Layer> layers) {
    long bits = 0;
    for (var layer : layers) {
      bits |= 1L << layer.number;
    }
    return bits;
  }
}
