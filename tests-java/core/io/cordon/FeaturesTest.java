// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.internal.engine.FeaturesCodec;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.RequestWriter;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FeaturesTest {
  private static Features read(int usernsErr, int usernsClone, int cgroup, long layers) throws SandboxException {
    try (var out = new RequestWriter()) {
      for (int i = 0; i < 16; i++) {
        out.u64(0); // No error.
      }
      out.str("6.1.0").str("x86_64").u32(0).u32(1).u64((1 << 12) - 1).u64(layers).u32(2);
      out.u32(usernsErr).u32(0).u32(0).u32(0).u32(0).u32(0).u32(0).u64(-1).u32(usernsClone).u32(-1).u32(-1);
      for (int i = 0; i < 3; i++) {
        out.u32(cgroup).u32(cgroup).str(cgroup == 0 ? "" : "/sys/fs/cgroup/x")
            .str(cgroup == 0 ? "not mounted" : "");
      }
      return FeaturesCodec.read(new ReplyReader(out.buffer(), out.length()));
    }
  }

  @Test
  void theFieldsAreInTheirPlaces() throws SandboxException {
    var features = read(0, -1, 1, -1);
    assertEquals("6.1.0", features.release());
    assertEquals("x86_64", features.machine());
    assertFalse(features.root());
    assertTrue(features.procMountable());
    assertEquals(List.of(KernelFeature.values()), List.copyOf(features.kernel()));
    assertEquals(2, features.landlockAbi());
    assertEquals(7, features.namespaces().size());
    assertEquals(OptionalLong.empty(), features.maxUserNamespaces());
    assertEquals(OptionalInt.empty(), features.usernsClone());
    assertEquals(CgroupVersion.V1, features.cpu().version());
    assertEquals("/sys/fs/cgroup/x", features.memory().path());
    assertTrue(features.canRun());
    assertEquals(List.of(), features.problems());
  }

  @Test
  void aProblemNamesItsRemedy() throws SandboxException {
    var problems = read(1, 0, 0, 0).problems();
    assertEquals("user namespaces (EPERM)", problems.get(0).missing());
    assertEquals("sysctl -w kernel.unprivileged_userns_clone=1", problems.get(0).remedy());
    assertEquals("the memory controller", problems.get(1).missing());
    assertEquals(5, problems.size());
    assertFalse(read(1, 0, 0, 0).canRun());
  }

  private static Features unified(String problem) throws SandboxException {
    var some = read(0, -1, 1, 0);
    var group = new Features.Controller(CgroupVersion.V2, false, "/sys/fs/cgroup/x", problem);
    return new Features(some.release(), some.machine(), some.root(), true, some.kernel(), some.layers(), 2,
        some.namespaces(), OptionalLong.of(0), OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty(), group,
        group, group);
  }

  @Test
  void aGroupWithOtherProcessesIsNotToldToEnableWhatIsEnabled() throws SandboxException {
    for (var problem : unified("the group of this process also holds other processes; it must hold none").problems()) {
      if (problem.missing().endsWith("controller")) {
        assertTrue(problem.why().contains("also holds other processes"), problem.why());
        assertTrue(problem.remedy().contains("/sys/fs/cgroup/x/cgroup.procs"), problem.remedy());
      }
    }
    assertTrue(unified("it is not delegated").problems().get(0).remedy().contains("Delegate=yes"));
  }

  @Test
  void theLimitOfUserNamespacesIsNamedOnlyWhereItIsHit() throws SandboxException {
    assertTrue(read(28, 0, 1, 0).problems().get(0).remedy().startsWith("raise user.max_user_namespaces"));
    var forbidden = read(1, 1, 1, 0).problems().get(0).remedy();
    assertTrue(forbidden.contains("chroot") && forbidden.contains("seccomp"), forbidden);
    assertEquals("enable CONFIG_USER_NS in the kernel", read(22, 1, 1, 0).problems().get(0).remedy());
  }

  @Test
  void anUnknownNumberIsRefused() {
    assertThrows(RuntimeException.class, () -> read(0, 0, 9, 0));
  }
}
