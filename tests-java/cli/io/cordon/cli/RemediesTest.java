// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.CgroupVersion;
import io.cordon.Features;
import io.cordon.Features.Controller;
import io.cordon.SandboxException;
import io.cordon.Step;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Causes that this machine may not have: sysctls of other distributions, filters, profiles. */
class RemediesTest {
  private static final int EPERM = 1;
  private static final int ENOENT = 2;
  private static final int EAGAIN = 11;
  private static final int EACCES = 13;
  private static final int ENFILE = 23;
  private static final int ENOSPC = 28;
  private static final int EROFS = 30;
  private static final int ENOSYS = 38;
  private static final int NO_SYSCTL = -1;
  private static final Surroundings BARE = new Surroundings(false, false, false, false, "1024");
  private static final Surroundings FILTERED = new Surroundings(true, false, false, false, "1024");
  private static final Surroundings CONFINED = new Surroundings(false, true, false, false, "1024");
  private static final Surroundings CHROOTED = new Surroundings(true, true, true, false, "1024");
  private static final Surroundings UNMAPPED = new Surroundings(false, false, false, true, "1024");

  private static Features features(boolean root, int max, int clone, int apparmor, int noexec) {
    var none = new Controller(CgroupVersion.NONE, false, "", "not mounted");
    return new Features("6.1.0", "x86_64", root, true, Set.of(), Set.of(), 0, Map.of(),
        max < 0 ? OptionalLong.empty() : OptionalLong.of(max), sysctl(clone), sysctl(apparmor), sysctl(noexec), none,
        none, none);
  }

  private static OptionalInt sysctl(int value) {
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static Features features() {
    return features(false, NO_SYSCTL, NO_SYSCTL, NO_SYSCTL, NO_SYSCTL);
  }

  private static void names(String cause, Step step, int errno, String detail, Features features, Surroundings around) {
    var remedy = Remedies.of(SandboxException.of(step, errno, detail), features, around);
    assertTrue(remedy.contains(cause), remedy);
  }

  @Test
  void aSysctlForbidsUserNamespaces() {
    names("kernel.unprivileged_userns_clone=1", Step.CLONE, EPERM, "",
        features(false, 9, 0, NO_SYSCTL, NO_SYSCTL), BARE);
    names("kernel.apparmor_restrict_unprivileged_userns=0", Step.CLONE, EPERM, "",
        features(false, 9, 1, 1, NO_SYSCTL), BARE);
    // Ubuntu lets the namespace be made, and takes what it is for.
    names("kernel.apparmor_restrict_unprivileged_userns=0", Step.MOUNT_PRIVATE, EACCES, "/",
        features(false, 9, NO_SYSCTL, 1, NO_SYSCTL), CONFINED);
    names("user.max_user_namespaces=15000", Step.CLONE, ENOSPC, "",
        features(true, 0, NO_SYSCTL, NO_SYSCTL, NO_SYSCTL), BARE);
    names("surrounding user namespaces", Step.CLONE, ENOSPC, "",
        features(true, 9, NO_SYSCTL, NO_SYSCTL, NO_SYSCTL), BARE);
  }

  @Test
  void whatBindsOrdinaryUsersOnlyIsNotBlamedForRoot() {
    names("chroot", Step.CLONE, EPERM, "", features(true, 9, 0, 1, NO_SYSCTL), BARE);
  }

  @Test
  void aFilterAProfileOrAChrootForbids() {
    names("seccomp=unconfined", Step.CLONE, EPERM, "", features(), FILTERED);
    names("seccomp=unconfined", Step.MOUNT, ENOSYS, "/", features(), FILTERED);
    names("apparmor=unconfined", Step.MOUNT, EACCES, "/", features(), CONFINED);
    names("chroot", Step.CLONE, EPERM, "", features(), CHROOTED);
    names("unshare -Ur", Step.CLONE, EPERM, "", features(), UNMAPPED);
  }

  @Test
  void somethingIsMissingOrFull() {
    names("no zero", Step.MOUNT_SOURCE, ENOENT, "/dev/zero", features(), BARE);
    names("mount -t proc", Step.UID_MAP, ENOENT, "/proc/7/uid_map", features(), BARE);
    names("remount,rw /proc", Step.GID_MAP, EROFS, "/proc/7/gid_map", features(), BARE);
    names("ulimit -u", Step.CLONE, EAGAIN, "", features(), BARE);
    names("fs.file-max", Step.PIPE, ENFILE, "", features(), BARE);
    names("vm.memfd_noexec=1", Step.MEMFD, EACCES, "memfd_create",
        features(true, 9, NO_SYSCTL, NO_SYSCTL, 2), BARE);
  }
}
