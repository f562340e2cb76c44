package io.cordon;

import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What a machine offers to this process, found by trying it; {@link Sandbox#probe} makes one.
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
 * @param cpu the CPU controller
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
  /** The order of {@code namespace_err}. */
  private static final List<Layer> NAMESPACES = List.of(Layer.USER_NS, Layer.MOUNT_NS, Layer.PID_NS, Layer.NET_NS,
      Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS);

  /**
   * A controller of control groups, as this process sees it.
   *
   * @param version where it is mounted
   * @param usable whether Cordon can make groups under it
   * @param path the directory under which Cordon makes its groups; empty where there is none
   */
  public record Controller(CgroupVersion version, boolean usable, String path) {}

  /**
   * Something that is missing here.
   *
   * @param missing what it is, in a few words
   * @param why what does not work without it
   * @param remedy a command or setting that turns it on
   */
  public record Problem(String missing, String why, String remedy) {}

  static Features read(ReplyReader in) throws SandboxException {
    var error = in.error();
    if (error.step() != 0) {
      throw SandboxException.of(error, null);
    }
    var release = text(in);
    var machine = text(in);
    boolean root = in.u32() != 0;
    boolean procMountable = in.u32() != 0;
    var kernel = KernelFeature.setOf(in.i64());
    var layers = Layer.setOf(in.i64());
    int landlockAbi = in.i32();
    var namespaces = new EnumMap<Layer, Integer>(Layer.class);
    for (var namespace : NAMESPACES) {
      namespaces.put(namespace, in.i32());
    }
    long maxUserNamespaces = in.i64();
    var features = new Features(release, machine, root, procMountable, kernel, layers, landlockAbi,
        Collections.unmodifiableMap(namespaces),
        maxUserNamespaces < 0 ? OptionalLong.empty() : OptionalLong.of(maxUserNamespaces), sysctl(in), sysctl(in),
        sysctl(in), controller(in), controller(in), controller(in));
    in.end();
    return features;
  }

  private static String text(ReplyReader in) {
    var text = in.str();
    if (text == null) {
      throw new WireException("features: a text is absent");
    }
    return text;
  }

  private static OptionalInt sysctl(ReplyReader in) {
    int value = in.i32();
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static Controller controller(ReplyReader in) {
    return new Controller(CgroupVersion.of(in.u32()), in.u32() != 0, text(in));
  }

  /**
   * Tells whether the default {@link UnshareRunner} works here.
   *
   * @return true where every layer that it requires can be had
   */
  public boolean canRun() {
    return layers.containsAll(UnshareRunner.builder().mounts(List.of()).build().config().required());
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
