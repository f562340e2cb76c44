// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Locale;

/**
 * What separates a program from the host: {@link Result#boundaries}. The weakest constant comes first.
 *
 * @since 0.1.0
 */
public enum Boundary {
  /** The program is a process of the host's kernel with fewer rights: ids, no_new_privs, seccomp, Landlock, limits. */
  PROCESS,

  /** The host's kernel gives the program its own view of the system: namespaces, a root, no capabilities. */
  NAMESPACES,

  /** A kernel in user space, such as gVisor's, serves the program's system calls. */
  USER_KERNEL,

  /** A virtual machine with a kernel of its own. */
  VM,

  /** A WebAssembly runtime: the program makes no system calls and can use only what it was given. */
  WASM;

  /**
   * Returns the name that JSON and the command line use, such as {@code user-kernel}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
