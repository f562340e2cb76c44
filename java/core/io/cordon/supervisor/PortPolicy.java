// SPDX-License-Identifier: Apache-2.0
package io.cordon.supervisor;

import io.cordon.internal.util.Checks;
import java.util.List;
import java.util.TreeSet;

/**
 * Which TCP ports a program may bind and connect to, whatever the address. Immutable.
 *
 * <p>The policy says what the program may do with the network that {@link io.cordon.Network} gives it: with
 * {@link io.cordon.Network#NONE} that is its own loopback interface, and a port policy matters little. With a port
 * policy the program may have TCP sockets, and with {@link Builder#udp} UDP sockets; other internet sockets and other
 * ports are refused ({@code EACCES}). Name servers are usually asked by UDP.
 *
 * <p>The kernel alone enforces it, under every {@link Engine}: Landlock the ports, and a seccomp filter what would go
 * past Landlock. Refusals are no {@link SecurityEvent}. It needs Linux 6.7 (Landlock's ABI 4:
 * {@link io.cordon.Features#landlockAbi}); elsewhere a run is refused. Sockets of the families {@code unix} and
 * {@code netlink} stay as they are, except that a program that may bind no port may not listen on them either. A
 * program that may bind some port may also listen without binding, on a port that the kernel picks.
 * {@code cordon/supervisor.h} has the details.
 *
 * @since 0.1.0
 */
public final class PortPolicy {
  /** How many ports a policy may name, for each of the two uses. */
  public static final int MAX_PORTS = 512;

  private static final int HIGHEST = 65_535;

  private final List<Integer> bind;
  private final List<Integer> connect;
  private final boolean udp;

  private PortPolicy(Builder b) {
    bind = List.copyOf(b.bind);
    connect = List.copyOf(b.connect);
    udp = b.udp;
  }

  /**
   * Starts a policy that gives nothing.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the ports that may be bound.
   *
   * @return ascending
   */
  public List<Integer> bind() {
    return bind;
  }

  /**
   * Returns the ports that may be connected to.
   *
   * @return ascending
   */
  public List<Integer> connect() {
    return connect;
  }

  /**
   * Returns whether there may be UDP sockets, to and from every port.
   *
   * @return true if so
   */
  public boolean udp() {
    return udp;
  }

  /** Collects a policy. One thread at a time. */
  public static final class Builder {
    private final TreeSet<Integer> bind = new TreeSet<>();
    private final TreeSet<Integer> connect = new TreeSet<>();
    private boolean udp;

    private Builder() {}

    /**
     * Lets TCP ports be bound, and so be listened on.
     *
     * @param ports 0 to 65535; 0 is one that the kernel picks
     * @return this
     */
    public Builder bind(int... ports) {
      for (int port : ports) {
        bind.add(checked("bind", 0, port));
      }
      return this;
    }

    /**
     * Lets TCP ports be connected to.
     *
     * @param ports 1 to 65535
     * @return this
     */
    public Builder connect(int... ports) {
      for (int port : ports) {
        connect.add(checked("connect", 1, port));
      }
      return this;
    }

    /**
     * Lets UDP sockets be made, to and from every port: Landlock has no rules for theirs.
     *
     * @param use default false
     * @return this
     */
    public Builder udp(boolean use) {
      udp = use;
      return this;
    }

    private static int checked(String use, int lowest, int port) {
      if (port < lowest || port > HIGHEST) {
        throw Checks.refuse(use + " port", port, "must be " + lowest + " to " + HIGHEST);
      }
      return port;
    }

    /**
     * Makes the policy.
     *
     * @return the policy
     */
    public PortPolicy build() {
      limit("bind", bind.size());
      limit("connect", connect.size());
      return new PortPolicy(this);
    }

    private static void limit(String use, int ports) {
      if (ports > MAX_PORTS) {
        throw Checks.refuse(use, ports + " ports", "must be at most " + MAX_PORTS);
      }
    }
  }
}
