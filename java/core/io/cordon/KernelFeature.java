package io.cordon;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** A kernel interface that Cordon tries. Constants and numbers are those of {@code enum cordon_kernel_feature}. */
public enum KernelFeature {
  /** clone3(2), Linux 5.3. */
  CLONE3(0),

  /** pidfd_open(2) and waiting on a pidfd, Linux 5.4. */
  PIDFD(1),

  /** openat2(2), Linux 5.6. */
  OPENAT2(2),

  /** close_range(2), Linux 5.9. */
  CLOSE_RANGE(3),

  /** mount_setattr(2), Linux 5.12. */
  MOUNT_SETATTR(4),

  /** open_tree(2) and move_mount(2), Linux 5.2. */
  OPEN_TREE(5),

  /** Executing a sealed memfd, MFD_EXEC since Linux 6.3. */
  MEMFD_EXEC(6),

  /** Seccomp filters. */
  SECCOMP_FILTER(7),

  /** Seccomp user notification. */
  SECCOMP_USER_NOTIF(8),

  /** The seccomp action that kills the whole process. */
  SECCOMP_KILL_PROCESS(9),

  /** The seccomp action that logs. */
  SECCOMP_LOG(10),

  /** ptrace(2) of a child. */
  PTRACE(11);

  private final int number;

  KernelFeature(int number) {
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
   * Returns the name that the C API and the command line use, such as {@code mount-setattr}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Set<KernelFeature> setOf(long bits) {
    var set = EnumSet.noneOf(KernelFeature.class);
    for (var feature : values()) {
      if ((bits & 1L << feature.number) != 0) {
        set.add(feature);
      }
    }
    return Collections.unmodifiableSet(set);
  }
}
