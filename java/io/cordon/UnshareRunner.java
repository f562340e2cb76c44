package io.cordon;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Runs every command in a fresh sandbox of its own: new namespaces, a root of its own, no capabilities, a seccomp
 * filter, and nothing that outlives the run.
 *
 * <p>Immutable; any number of threads may run commands at once. Works as root and as an ordinary user where the kernel
 * lets one make user namespaces; {@link Sandbox#probe} tells. Linux 5.12 or newer.
 *
 * <p>Never weaker than asked for: a run is refused before anything starts (step {@link Step#LAYER}) where one of the
 * required layers cannot be had. Required are, besides those that were asked for: the namespaces, the own root,
 * no_new_privs, empty capabilities, the seccomp filter (unless {@link SeccompPolicy#NONE}) and the network namespace
 * (unless {@link Network#HOST}). Limits by control groups are used where there are any and not required by default:
 * {@link Result#layers} tells, and {@link Builder#require} with {@link Layer#CGROUP_MEMORY} insists.
 */
public final class UnshareRunner implements Runner {
  private static final Set<Layer> ALWAYS_REQUIRED = Collections.unmodifiableSet(EnumSet.of(Layer.USER_NS,
      Layer.MOUNT_NS, Layer.PID_NS, Layer.IPC_NS, Layer.UTS_NS, Layer.CGROUP_NS, Layer.PIVOT_ROOT,
      Layer.NO_NEW_PRIVS, Layer.CAPABILITIES));

  /** {@code Thread.isVirtual}, which JDK 17 does not have. */
  private static final @Nullable MethodHandle IS_VIRTUAL = findIsVirtual();

  private final List<Mount> mounts;
  private final Network network;
  private final @Nullable String hostname;
  private final @Nullable String domainname;
  private final int uid;
  private final int gid;
  private final int hostUid;
  private final int hostGid;
  private final SeccompPolicy seccomp;
  private final Set<Layer> required;
  private final Set<Layer> preferred;

  private UnshareRunner(Builder b) {
    var all = new ArrayList<>(b.mounts == null ? Mount.defaults() : b.mounts);
    all.addAll(b.addedMounts);
    mounts = List.copyOf(all);
    network = b.network;
    hostname = b.hostname;
    domainname = b.domainname;
    uid = b.uid;
    gid = b.gid;
    hostUid = b.hostUid;
    hostGid = b.hostGid;
    seccomp = b.seccomp;
    required = b.allRequired();
    preferred = Collections.unmodifiableSet(EnumSet.copyOf(b.preferred));
  }

  /**
   * Makes a runner with the defaults.
   *
   * @return a runner
   */
  public static UnshareRunner create() {
    return builder().build();
  }

  /**
   * Starts a runner.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public Result run(Command command) throws SandboxException {
    if (isVirtual(Thread.currentThread())) {
      return join(start(command));
    }
    var run = RunHandle.open(this, command);
    try {
      return run.await();
    } finally {
      run.free();
    }
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    try {
      return start(command).future();
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private EventLoop.Entry start(Command command) throws SandboxException {
    return EventLoop.get().add(RunHandle.open(this, command));
  }

  /** Waits as {@link #run} promises it: an interrupt kills the program, and its result still comes. */
  private static Result join(EventLoop.Entry entry) throws SandboxException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return entry.future().get();
        } catch (InterruptedException e) {
          interrupted = true;
          entry.run().cancel();
        }
      }
    } catch (ExecutionException e) {
      throw unwrap(e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static SandboxException unwrap(ExecutionException e) {
    var cause = e.getCause();
    if (cause instanceof SandboxException sandbox) {
      return sandbox;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    throw cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
  }

  private static @Nullable MethodHandle findIsVirtual() {
    try {
      return MethodHandles.publicLookup()
          .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  private static boolean isVirtual(Thread thread) {
    try {
      return IS_VIRTUAL != null && (boolean) IS_VIRTUAL.invokeExact(thread);
    } catch (Throwable t) {
      throw new IllegalStateException(t);
    }
  }

  List<Mount> mounts() {
    return mounts;
  }

  Network network() {
    return network;
  }

  @Nullable String hostname() {
    return hostname;
  }

  @Nullable String domainname() {
    return domainname;
  }

  int uid() {
    return uid;
  }

  int gid() {
    return gid;
  }

  int hostUid() {
    return hostUid;
  }

  int hostGid() {
    return hostGid;
  }

  SeccompPolicy seccomp() {
    return seccomp;
  }

  Set<Layer> required() {
    return required;
  }

  Set<Layer> preferred() {
    return preferred;
  }

  /** Collects a runner's configuration. One thread at a time. */
  public static final class Builder {
    private static final int DEFAULT_ID = 1000;
    private static final int NAME_MAX = 64; // __NEW_UTS_LEN of Linux.

    private @Nullable List<Mount> mounts;
    private final List<Mount> addedMounts = new ArrayList<>();
    private Network network = Network.NONE;
    private @Nullable String hostname;
    private @Nullable String domainname;
    private int uid = DEFAULT_ID;
    private int gid = DEFAULT_ID;
    private int hostUid;
    private int hostGid;
    private SeccompPolicy seccomp = SeccompPolicy.DEFAULT;
    private final Set<Layer> required = EnumSet.noneOf(Layer.class);
    private final Set<Layer> preferred = EnumSet.noneOf(Layer.class);

    private Builder() {}

    /**
     * Replaces the whole mount plan.
     *
     * @param plan the entries in order; default {@link Mount#defaults}
     * @return this
     */
    public Builder mounts(List<Mount> plan) {
      mounts = List.copyOf(plan);
      return this;
    }

    /**
     * Adds an entry at the end of the mount plan.
     *
     * @param mount the entry
     * @return this
     */
    public Builder addMount(Mount mount) {
      addedMounts.add(Objects.requireNonNull(mount, "mount"));
      return this;
    }

    /**
     * Sets what the program sees of the network.
     *
     * @param value default {@link Network#NONE}
     * @return this
     */
    public Builder network(Network value) {
      network = Objects.requireNonNull(value, "network");
      return this;
    }

    /**
     * Sets the host name.
     *
     * @param name up to 64 bytes; default {@code cordon}
     * @return this
     */
    public Builder hostname(String name) {
      hostname = name("hostname", name);
      return this;
    }

    /**
     * Sets the domain name.
     *
     * @param name up to 64 bytes; default {@code cordon}
     * @return this
     */
    public Builder domainname(String name) {
      domainname = name("domainname", name);
      return this;
    }

    /**
     * Sets the program's user and group as it sees them itself.
     *
     * @param userId 0 or more; default 1000. 0 gives the program no capability
     * @param groupId 0 or more; default 1000
     * @return this
     */
    public Builder user(int userId, int groupId) {
      uid = (int) Checks.notNegative("user uid", userId);
      gid = (int) Checks.notNegative("user gid", groupId);
      return this;
    }

    /**
     * Sets the program's user and group on the host, which needs root. By default ids are taken that nothing else on
     * the host uses, or as an ordinary user the caller's own.
     *
     * @param userId above 0: the host's root is never mapped
     * @param groupId above 0
     * @return this
     */
    public Builder hostUser(int userId, int groupId) {
      hostUid = (int) Checks.positive("hostUser uid", userId);
      hostGid = (int) Checks.positive("hostUser gid", groupId);
      return this;
    }

    /**
     * Sets which system calls the program may make.
     *
     * @param policy default {@link SeccompPolicy#DEFAULT}
     * @return this
     */
    public Builder seccomp(SeccompPolicy policy) {
      seccomp = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Refuses to run anything (step {@link Step#LAYER}) where one of these layers cannot be had.
     *
     * @param layers layers, in addition to those that are always required
     * @return this
     */
    public Builder require(Layer... layers) {
      Collections.addAll(required, layers);
      return this;
    }

    /**
     * Runs also without these layers; {@link Result#missing} then lists them.
     *
     * @param layers layers
     * @return this
     */
    public Builder prefer(Layer... layers) {
      Collections.addAll(preferred, layers);
      return this;
    }

    /**
     * Makes the runner.
     *
     * @return the runner
     */
    public UnshareRunner build() {
      if (required.contains(Layer.SECCOMP) && seccomp == SeccompPolicy.NONE) {
        throw Checks.refuse("require", Layer.SECCOMP.label(), "the seccomp policy is NONE");
      }
      if (required.contains(Layer.NET_NS) && network == Network.HOST) {
        throw Checks.refuse("require", Layer.NET_NS.label(), "the network is HOST");
      }
      return new UnshareRunner(this);
    }

    private Set<Layer> allRequired() {
      var all = EnumSet.copyOf(ALWAYS_REQUIRED);
      all.addAll(required);
      if (seccomp != SeccompPolicy.NONE) {
        all.add(Layer.SECCOMP);
      }
      if (network != Network.HOST) {
        all.add(Layer.NET_NS);
      }
      return Collections.unmodifiableSet(all);
    }

    private static String name(String field, String value) {
      Checks.filled(field, value);
      if (value.getBytes(StandardCharsets.UTF_8).length > NAME_MAX) {
        throw Checks.refuse(field, value, "must have at most " + NAME_MAX + " bytes");
      }
      return value;
    }
  }
}
