package io.cordon;

import java.util.Locale;

/** A kind of wall between a program and the host: {@link Result#boundaries}. The weakest comes first. */
public enum Boundary {
  /** The program is a process of the host's kernel with fewer rights: ids, no_new_privs, seccomp, Landlock, limits. */
  PROCESS,

  /** The host's kernel shows the program a world of its own: namespaces, a root, no capabilities. */
  NAMESPACES,

  /** A kernel in user space, such as gVisor's, serves the program's system calls. */
  USER_KERNEL,

  /** A virtual machine with a kernel of its own. */
  VM,

  /** A WebAssembly runtime: the program has no system calls, only what it was handed. */
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
