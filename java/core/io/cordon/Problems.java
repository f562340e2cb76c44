// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.Features.Controller;
import io.cordon.Features.Problem;
import io.cordon.internal.util.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Knows for everything that a machine may lack why it matters and which command turns it on.
 *
 * <p>A remedy is one line that can be pasted. Where the reason can only be guessed from an errno, it names the
 * likeliest.
 */
final class Problems {
  /** Without these no run is possible; the kernel that brought each. */
  private static final Map<KernelFeature, String> NEEDED = Map.of(
      KernelFeature.CLONE3, "5.3",
      KernelFeature.PIDFD, "5.4",
      KernelFeature.OPENAT2, "5.6",
      KernelFeature.CLOSE_RANGE, "5.9",
      KernelFeature.MOUNT_SETATTR, "5.12",
      KernelFeature.OPEN_TREE, "5.2");

  /** Of {@code csrc/cgroup/subtree.c}. The controllers may be enabled there already. */
  private static final String OTHER_PROCESSES = "other processes";

  private static final int MEMFD_EXEC_REFUSED = 2;

  private final Features features;
  private final List<Problem> found = new ArrayList<>();

  private Problems(Features features) {
    this.features = features;
  }

  static List<Problem> of(Features features) {
    var problems = new Problems(features);
    problems.findKernel();
    problems.findNamespaces();
    problems.findProc();
    problems.findSeccomp();
    problems.findController("memory", features.memory(), "memory is limited per process only (RLIMIT_DATA) and its"
        + " peak is the largest process, not the whole tree");
    problems.findController("pids", features.pids(), "processes are limited with RLIMIT_NPROC, which is counted per"
        + " user and not per sandbox");
    problems.findController("cpu", features.cpu(), features.layers().contains(Layer.CGROUP_CPU)
        ? "a rate or weight of CPU time is refused" : "a rate or weight of CPU time is refused, and CPU time is counted"
            + " from processes that were waited for, not by the kernel over the whole tree");
    problems.findOwnUid();
    problems.findOptional();
    return List.copyOf(problems.found);
  }

  private void add(String missing, String why, String remedy) {
    found.add(new Problem(missing, why, remedy));
  }

  private void findKernel() {
    for (var feature : KernelFeature.values()) {
      if (NEEDED.containsKey(feature) && !features.kernel().contains(feature)) {
        add("the kernel interface " + feature.label(), "nothing can be run without it",
            "boot Linux " + NEEDED.get(feature) + " or newer; in a container, allow it in the container's seccomp"
                + " profile (docker run --security-opt seccomp=unconfined)");
      }
    }
    if (features.memfdNoexec().orElse(0) >= MEMFD_EXEC_REFUSED) {
      add("executing from memory", "cordon-init is started from a sealed memfd", "sysctl -w vm.memfd_noexec=1");
    } else if (!features.kernel().contains(KernelFeature.MEMFD_EXEC)) {
      add("executing from memory", "cordon-init is started from a sealed memfd",
          "allow memfd_create and execveat in the security policy of the surrounding container");
    }
  }

  private void findNamespaces() {
    if (!features.namespaceErrnoName(Layer.USER_NS).isEmpty()) {
      add("user namespaces (" + features.namespaceErrnoName(Layer.USER_NS) + ")", "nothing can be run without them",
          userNamespaceRemedy());
      return; // The others were tried inside one: the same reason would be named seven times.
    }
    features.namespaces().forEach((namespace, errno) -> {
      if (errno != 0) {
        add(namespace.label() + " (" + Errno.name(errno) + ")", "the default runner requires it",
            "in a container, start that one with: docker run --security-opt seccomp=unconfined --security-opt"
                + " apparmor=unconfined; else use a kernel that has this kind of namespace");
      }
    });
  }

  /** The kernel refuses with ENOSPC beyond a limit, and with EPERM where something forbids. */
  private String userNamespaceRemedy() {
    var errno = features.namespaceErrnoName(Layer.USER_NS);
    if (errno.equals("ENOSPC") || errno.equals("EUSERS")) {
      return features.maxUserNamespaces().orElse(1) == 0 ? "sysctl -w user.max_user_namespaces=15000"
          : "raise user.max_user_namespaces here and in the surrounding user namespaces, of which there may be 32";
    }
    if (features.usernsClone().orElse(1) == 0 && !features.root()) {
      return "sysctl -w kernel.unprivileged_userns_clone=1";
    }
    if (features.apparmorUserns().orElse(0) > 0 && !features.root()) {
      return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    }
    return errno.equals("EPERM") || errno.equals("EACCES")
        ? "in a chroot, run outside it; in a container, start that one with: docker run --security-opt"
            + " seccomp=unconfined --security-opt apparmor=unconfined"
        : "enable CONFIG_USER_NS in the kernel";
  }

  private void findProc() {
    if (!features.procMountable()) {
      add("a /proc of its own", "programs that read /proc (JVM, Node, Go, ps) may fail; the sandbox runs without it",
          "the surrounding container masks its /proc: start it with docker run --security-opt systempaths=unconfined");
    }
  }

  private void findSeccomp() {
    if (!features.kernel().contains(KernelFeature.SECCOMP_FILTER)) {
      add("seccomp filters", "the default policy cannot be loaded, so the default runner refuses to run",
          "use a kernel with CONFIG_SECCOMP_FILTER=y, or run without the filter: --seccomp none");
    }
  }

  private void findController(String name, Controller controller, String why) {
    if (controller.usable()) {
      return;
    }
    var remedy = switch (controller.version()) {
      case NONE -> "mount -t cgroup2 none /sys/fs/cgroup, or boot with cgroup_enable=" + name
          + "; in a container: docker run -v /sys/fs/cgroup:/sys/fs/cgroup:rw";
      case V1 -> features.root()
          ? "mount -o remount,rw the " + name + " hierarchy of /sys/fs/cgroup; in a container: docker run -v"
              + " /sys/fs/cgroup:/sys/fs/cgroup:rw"
          : "sudo chown $USER " + directory(name, controller) + " (the group of this process)";
      case V2 -> unifiedRemedy(name, controller);
    };
    add("the " + name + " controller", why + (controller.problem().isEmpty() ? "" : " (" + controller.problem() + ")"),
        remedy);
  }

  private String unifiedRemedy(String name, Controller controller) {
    if (controller.problem().contains(OTHER_PROCESSES)) {
      return "start this process as the only one of its group: systemd-run --scope -p Delegate=yes COMMAND (with --user"
          + " as an ordinary user), or end the others in " + controller.path() + "/cgroup.procs";
    }
    return features.root()
        ? "echo +" + name + " > /sys/fs/cgroup/cgroup.subtree_control; in a container: docker run --cgroupns=private"
            + " -v /sys/fs/cgroup:/sys/fs/cgroup:rw"
        : "systemd-run --user --scope -p Delegate=yes COMMAND (starts COMMAND in a group of its own)";
  }

  /** On v1 CPU time is counted by cpuacct. */
  private static String directory(String name, Controller controller) {
    return controller.path().isEmpty() ? "/sys/fs/cgroup/" + (name.equals("cpu") ? "cpuacct" : name)
        : controller.path();
  }

  private void findOwnUid() {
    if (!features.layers().contains(Layer.OWN_UID)) {
      add("a uid of its own on the host", "the program has the same uid on the host as this process: per-user limits"
          + " are shared with it", "run as root; the program never gets the host's root");
    }
  }

  private void findOptional() {
    if (features.landlockAbi() <= 0) {
      add("Landlock", "file policies have one layer less",
          "boot Linux 5.13 or newer with landlock in the lsm= parameter");
    }
    if (!features.kernel().contains(KernelFeature.PTRACE)) {
      add("ptrace", "programs cannot be traced", "in a container: docker run --cap-add SYS_PTRACE");
    }
  }
}
