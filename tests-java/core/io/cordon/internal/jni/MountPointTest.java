// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MountPointTest {
  private static final List<String> MOUNTS = List.of(
      "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
      "30 22 0:28 / /tmp rw,nosuid - tmpfs tmpfs rw",
      "31 30 0:29 / /tmp rw,noexec - tmpfs tmpfs rw",
      "32 22 0:30 / /a\\040b ro - tmpfs tmpfs rw");

  @Test
  void theInnermostAndLastMountHolds() {
    assertEquals("on /tmp, rw,noexec", MountPoint.holding(Path.of("/tmp/x"), MOUNTS));
    assertEquals("on /, rw,relatime", MountPoint.holding(Path.of("/tmpfs"), MOUNTS));
    assertEquals("on /a b, ro", MountPoint.holding(Path.of("/a b"), MOUNTS));
  }

  @Test
  void linesThatAreNoMountsAreSkipped() {
    assertEquals("mount unknown", MountPoint.holding(Path.of("/tmp"), List.of("", "1 2 3")));
  }
}
