// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Locale;

/**
 * One independent part of a sandbox's isolation. The constants are those of {@code enum cordon_layer}.
 *
 * <p>{@link Result#layers} lists those that were active in a run; {@link UnshareRunner.Builder#require} and
 * {@link UnshareRunner.Builder#prefer} ask for them.
 *
 * @since 0.1.0
 */
public enum Layer {
  /** A user namespace. */
  USER_NS,

  /** A mount namespace. */
  MOUNT_NS,

  /** A pid namespace. */
  PID_NS,

  /** A network namespace. */
  NET_NS,

  /** An IPC namespace. */
  IPC_NS,

  /** A UTS namespace: own host and domain name. */
  UTS_NS,

  /** A cgroup namespace. */
  CGROUP_NS,

  /** A root of its own; the old one is unmounted. */
  PIVOT_ROOT,

  /** A /proc of its own pid namespace; not possible where a surrounding container masks its own. */
  PROC,

  /** no_new_privs: exec grants nothing. */
  NO_NEW_PRIVS,

  /** All capability sets are empty and stay so. */
  CAPABILITIES,

  /** A seccomp filter. */
  SECCOMP,

  /** A Landlock rule set. */
  LANDLOCK,

  /** On the host, nothing else has the program's uid. */
  OWN_UID,

  /** Memory is limited and measured by the memory controller. */
  CGROUP_MEMORY,

  /** Processes are limited by the pids controller. */
  CGROUP_PIDS,

  /** CPU time is counted by the CPU controller. */
  CGROUP_CPU,

  /** System calls are decided one by one, by a supervisor. */
  SUPERVISOR,

  /** The CPUs of {@link Command#cpuset} are kept by the cpuset controller. */
  CGROUP_CPUSET,

  /**
   * What the kernel counts per user of the host is bounded for the sandbox: inotify instances and watches, namespaces.
   */
  USER_BOUNDS,

  /**
   * Every rule of the file policy is enforced ({@link io.cordon.supervisor.FilePolicyState#ENFORCED}). Required, it
   * refuses a command without a file policy, or with one that would be advisory.
   */
  PATH_POLICY;

  /**
   * Returns the name that the C API and the command line use, such as {@code user-ns}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
