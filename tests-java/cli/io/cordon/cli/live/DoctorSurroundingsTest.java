// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.jr.ob.JSON;
import io.cordon.cli.Main;
import io.cordon.live.Jvm;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code cordon doctor} in places where {@code cordon run} is refused: it says so, and names the cause. */
@Timeout(120)
class DoctorSurroundingsTest {
  private static final int REFUSED = 125;
  private static final Pattern ERRNO = Pattern.compile("failed[^:]*: (E[A-Z]+) ");

  private static boolean isThere(String tool) {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }

  private static void needs(String... tools) {
    for (var tool : tools) {
      assumeTrue(isThere(tool), tool + " is not installed");
    }
    assumeTrue("root".equals(System.getProperty("user.name")),
        "root: cannot make this place");
  }

  private static String errno(String message) {
    var matcher = ERRNO.matcher(message);
    assertTrue(matcher.find(), message);
    return matcher.group(1);
  }

  /** The words are a program that starts the one behind them. */
  private static void refuses(String cause, String... words) throws Exception {
    var run = new Jvm(Main.class.getName(), "run", "--", "/bin/true").startedBy(words).run();
    assertEquals(REFUSED, run.exitCode(), run.err());
    var outcome = new Jvm(Main.class.getName(), "doctor", "--json").startedBy(words).run();
    assertEquals(1, outcome.exitCode(), outcome.out() + outcome.err());
    Map<String, Object> json = JSON.std.mapFrom(outcome.out());
    assertEquals(false, json.get("defaultSandboxWorks"));
    var runner = (Map<?, ?>) ((List<?>) json.get("runners")).get(0);
    assertEquals("unshare", runner.get("name"));
    assertEquals(false, runner.get("works"));
    var first = (Map<?, ?>) ((List<?>) json.get("problems")).get(0);
    assertEquals("the default sandbox", first.get("missing"));
    assertEquals(errno(run.err()), errno(String.valueOf(first.get("why"))));
    assertTrue(String.valueOf(first.get("remedy")).contains(cause), outcome.out());
  }

  private static void works(String... words) throws Exception {
    var run = new Jvm(Main.class.getName(), "run", "--", "/bin/true").startedBy(words).run();
    assertEquals(new Jvm.Outcome(0, "", ""), run);
    var outcome = new Jvm(Main.class.getName(), "doctor").startedBy(words).run();
    assertEquals(0, outcome.exitCode(), outcome.out() + outcome.err());
    assertTrue(outcome.out().contains("the default sandbox    works\n"), outcome.out());
  }

  private static String[] shell(List<String> unshare, String script) {
    var words = new ArrayList<>(unshare);
    words.addAll(List.of("sh", "-ec", script, "sh"));
    return words.toArray(new String[0]);
  }

  @Test
  void aUserNamespaceOfOneId() throws Exception {
    needs("unshare");
    works("unshare", "-Ur");
    works("unshare", "-Urpf", "--mount-proc");
  }

  @Test
  void aUserNamespaceOfOneIdWithoutCapabilities() throws Exception {
    needs("unshare", "setpriv");
    refuses("--cap-add CAP_SETFCAP", "unshare", "-Ur", "setpriv", "--bounding-set", "-all", "--inh-caps", "-all");
  }

  @Test
  void aUserNamespaceWithoutIds() throws Exception {
    needs("unshare", "setpriv");
    refuses("unshare -Ur", "unshare", "-U");
  }

  @Test
  void noCapabilities() throws Exception {
    needs("setpriv");
    refuses("--cap-add SETUID", "setpriv", "--bounding-set", "-all", "--inh-caps", "-all");
  }

  @Test
  void aReadOnlyProc() throws Exception {
    needs("unshare", "mount");
    refuses("remount,rw /proc", shell(List.of("unshare", "-m"),
        "mount --bind /proc /proc; mount -o remount,bind,ro /proc; exec \"$@\""));
  }

  @Test
  void aDevWithoutZero() throws Exception {
    needs("unshare", "mount", "mknod");
    refuses("the /dev here has no zero", shell(List.of("unshare", "-m"), "mount -t tmpfs none /dev;"
        + " mknod -m 666 /dev/null c 1 3; mknod -m 666 /dev/random c 1 8; mknod -m 666 /dev/urandom c 1 9;"
        + " exec \"$@\""));
  }

  @Test
  void noUserNamespaces() throws Exception {
    needs("unshare");
    refuses("user.max_user_namespaces=15000", shell(List.of("unshare", "-Ur"),
        "echo 0 > /proc/sys/user/max_user_namespaces; exec \"$@\""));
  }

  @Test
  void aChroot(@TempDir Path root) throws Exception {
    needs("unshare", "mount", "chroot");
    refuses("chroot", shell(List.of("unshare", "-m"),
        "mount --rbind / " + root + "; exec chroot " + root + " \"$@\""));
  }

  @Test
  void fewOpenFiles() throws Exception {
    needs("prlimit");
    refuses("this process may open 40 files", "prlimit", "--nofile=40");
  }

  @Test
  void noExecutableMemory() throws Exception {
    needs("unshare");
    assumeTrue(Files.exists(Path.of("/proc/sys/vm/memfd_noexec")), "vm.memfd_noexec: Linux 6.3");
    refuses("vm.memfd_noexec=1", shell(List.of("unshare", "-pf", "--mount-proc"),
        "echo 2 > /proc/sys/vm/memfd_noexec; \"$@\""));
  }
}
