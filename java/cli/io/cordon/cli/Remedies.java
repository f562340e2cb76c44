// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Features;
import io.cordon.SandboxException;
import io.cordon.Step;

/** Knows for a failure of the default sandbox which part of the machine caused it, and how to change that. */
final class Remedies {
  private static final String SECCOMP = "a seccomp filter around this process refuses it: start the container with"
      + " docker run --security-opt seccomp=unconfined; in a systemd unit, remove SystemCallFilter= and"
      + " RestrictNamespaces=";
  private static final String APPARMOR = "an AppArmor profile around this process refuses it: start the container with"
      + " docker run --security-opt apparmor=unconfined";
  private static final String CHROOT = "this process is in a chroot, where the kernel makes no user namespaces: enter"
      + " the directory with pivot_root instead (bwrap --bind DIRECTORY /, systemd-nspawn), or run outside it";
  private static final String UNMAPPED = "this process's user namespace maps no ids: write its uid_map and gid_map"
      + " (unshare -Ur, where it was unshare -U)";
  private static final int EXEC_REFUSED = 2;

  private Remedies() {}

  static String of(SandboxException e, Features features, Surroundings around) {
    return switch (e.errnoName()) {
      case "EMFILE" -> "ulimit -n 1024 (this process may open " + around.openFiles() + " files)";
      case "ENFILE" -> "raise the sysctl fs.file-max: the machine has as many open files as it may";
      case "ENOSPC", "EUSERS" -> tooManyNamespaces(e, features);
      case "EROFS" -> readOnly(e);
      case "EAGAIN" -> "raise the limit of processes: ulimit -u, TasksMax= of the systemd unit, or pids.max of the"
          + " group";
      case "ENOENT" -> absent(e);
      case "EPERM", "EACCES" -> refused(e, features, around);
      default -> around.filtered() ? SECCOMP : other(e);
    };
  }

  private static boolean maps(SandboxException e) {
    return e.step() == Step.UID_MAP || e.step() == Step.GID_MAP;
  }

  private static String tooManyNamespaces(SandboxException e, Features features) {
    if (e.step() != Step.CLONE) {
      return "make room: a file system is full";
    }
    return features.maxUserNamespaces().orElse(1) == 0 ? "sysctl -w user.max_user_namespaces=15000"
        : "raise user.max_user_namespaces and its neighbours in /proc/sys/user, here and in the surrounding user"
            + " namespaces, of which there may be 32, one in the other";
  }

  private static String readOnly(SandboxException e) {
    return maps(e)
        ? "/proc is mounted read-only: mount -o remount,rw /proc; with bwrap: --proc /proc, not --ro-bind /proc /proc"
        : "mount read-write what the message names";
  }

  private static String absent(SandboxException e) {
    if (maps(e)) {
      return "mount -t proc proc /proc";
    }
    return e.detail().startsWith("/dev/")
        ? "the /dev here has no " + e.detail().substring("/dev/".length()) + ": mount a whole one; with bwrap:"
            + " --dev /dev"
        : "make what the message names, or describe a sandbox without it";
  }

  private static String refused(SandboxException e, Features features, Surroundings around) {
    if (e.step() == Step.MEMFD && features.memfdNoexec().orElse(0) >= EXEC_REFUSED) {
      return "sysctl -w vm.memfd_noexec=1 (in a container, on the host: the strictest value above applies)";
    }
    if (maps(e) && e.detail().contains("CAP_SETFCAP")) {
      return "be another user than root there: bwrap --unshare-user --uid 1000 --gid 1000; or keep the capability:"
          + " bwrap --cap-add CAP_SETFCAP";
    }
    if (maps(e) && e.detail().contains("CAP_SETUID")) {
      return "run as an ordinary user, or as root with CAP_SETUID and CAP_SETGID: docker run --cap-add SETUID --cap-add"
          + " SETGID; in a systemd unit, let CapabilityBoundingSet= have them";
    }
    if (features.usernsClone().orElse(1) == 0 && !features.root()) {
      return "sysctl -w kernel.unprivileged_userns_clone=1";
    }
    if (features.apparmorUserns().orElse(0) > 0 && !features.root()) {
      return "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    }
    if (around.unmapped()) {
      return UNMAPPED;
    }
    if (e.step() == Step.CLONE && around.chrooted()) {
      return CHROOT;
    }
    if (around.filtered()) {
      return SECCOMP;
    }
    if (around.confined()) {
      return APPARMOR;
    }
    // What is left of user_namespaces(7): without sysctls, filters and security modules only a chroot refuses.
    return e.step() == Step.CLONE ? CHROOT : other(e);
  }

  private static String other(SandboxException e) {
    return "find what refuses " + e.step() + " on this machine; docs/guide/deploying.md lists what a sandbox needs";
  }
}
