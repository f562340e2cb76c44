// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.RequiredLayers;
import io.cordon.internal.util.Errno;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a machine offers to this process, found by trying it. {@link Sandbox#probe} returns it.
 *
 * @param release the kernel's release, as {@code uname -r}
 * @param machine the architecture, as {@code uname -m}
 * @param root whether the process can do what needs root: mount, and map ids other than its own
 * @param procMountable whether a sandbox can have a /proc of its own
 * @param kernel the kernel interfaces that work
 * @param layers the layers that a run here can have
 * @param landlockAbi the version of Landlock's interface; 0 = none
 * @param namespaces for each namespace's layer 0, or the errno that making one failed with
 * @param maxUserNamespaces the sysctl {@code user.max_user_namespaces}, where there is one
 * @param usernsClone the sysctl {@code kernel.unprivileged_userns_clone} (Debian), where there is one
 * @param apparmorUserns the sysctl {@code kernel.apparmor_restrict_unprivileged_userns} (Ubuntu), where there is one
 * @param memfdNoexec the sysctl {@code vm.memfd_noexec}, where there is one
 * @param memory the memory controller
 * @param pids the pids controller
 * @param cpu the CPU controller; usable where CPU time can be both counted and distributed
 * @since 0.1.0
 */
public record Features(
    String release,
    String machine,
    boolean root,
    boolean procMountable,
    Set<KernelFeature> kernel,
    Set<Layer> layers,
    int landlockAbi,
    Map<Layer, Integer> namespaces,
    OptionalLong maxUserNamespaces,
    OptionalInt usernsClone,
    OptionalInt apparmorUserns,
    OptionalInt memfdNoexec,
    Controller memory,
    Controller pids,
    Controller cpu) {
  /**
   * A controller of control groups, as this process sees it.
   *
   * @param version where it is mounted
   * @param usable whether Cordon can make groups under it
   * @param path the directory under which Cordon makes its groups; empty where there is none
   * @param problem why it is not usable; empty where it is
   */
  public record Controller(CgroupVersion version, boolean usable, String path, String problem) {}

  /**
   * Something that is missing here.
   *
   * @param missing what it is, in a few words
   * @param why what does not work without it
   * @param remedy a command or setting that turns it on
   */
  public record Problem(String missing, String why, String remedy) {}

  /**
   * Tells whether the default {@link UnshareRunner} works here.
   *
   * @return true if every layer that it requires is available
   */
  public boolean canRun() {
    return layers.containsAll(RequiredLayers.usual());
  }

  /**
   * Lists what is missing, the most important first.
   *
   * @return what is missing, why it matters, and how to turn it on; empty where nothing is
   */
  public List<Problem> problems() {
    return Problems.of(this);
  }

  /**
   * Returns the name of the errno with which making a namespace failed.
   *
   * @param namespace one of the layers in {@link #namespaces}
   * @return for example {@code EPERM}; the empty string where it works
   */
  public String namespaceErrnoName(Layer namespace) {
    int errno = namespaces.getOrDefault(namespace, 0);
    return errno == 0 ? "" : Errno.name(errno);
  }
}
