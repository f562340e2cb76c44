// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.supervisor.FilePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * File policies and limits for common programs.
 *
 * <table>
 *   <caption>What each may use. All may read what the table below lists, and read and write their work directory, /tmp
 *     and /dev/shm.</caption>
 *   <tr><th>preset</th><th>for</th><th>reads and executes</th><th>executes in its work directory</th><th>limits
 *     besides the default</th></tr>
 *   <tr><td>{@link #C_CPP}</td><td>a compiled program in C or C++</td><td>{@code /lib*}, {@code /usr/lib*},
 *     {@code /usr/local/lib}</td><td>yes</td><td></td></tr>
 *   <tr><td>{@link #GO}</td><td>a compiled program in Go</td><td>the same</td><td>yes</td><td>512 MiB, 128
 *     processes</td></tr>
 *   <tr><td>{@link #PYTHON}</td><td>python3</td><td>{@code /usr}, {@code /bin}, {@code /sbin}, {@code /lib*}</td>
 *     <td>no</td><td></td></tr>
 *   <tr><td>{@link #JAVA}</td><td>java</td><td>the same</td><td>no</td><td>1 GiB, 128 processes</td></tr>
 *   <tr><td>{@link #NODE}</td><td>node</td><td>the same</td><td>no</td><td>1 GiB, 128 processes</td></tr>
 *   <tr><td>{@link #COMPILER}</td><td>gcc, g++, javac, go build and what they start</td><td>the same</td><td>yes</td>
 *     <td>60 s of CPU, 1 GiB, 128 processes, 1024 open files, 256 MiB of output</td></tr>
 * </table>
 *
 * <table>
 *   <caption>What all may read</caption>
 *   <tr><th>what</th><th>where</th></tr>
 *   <tr><td>the loader's lists</td><td>{@code /etc/ld.so.*}, {@code /etc/ld-musl-*}</td></tr>
 *   <tr><td>names, time and language</td><td>{@code /etc/passwd}, {@code group}, {@code nsswitch.conf},
 *     {@code localtime}, {@code timezone}, {@code locale.alias}, {@code os-release}; {@code /usr/share/zoneinfo},
 *     {@code /usr/share/locale}</td></tr>
 *   <tr><td>about itself and the machine</td><td>{@code /proc/self}; {@code /proc/cpuinfo}, {@code meminfo},
 *     {@code stat}, {@code loadavg}, {@code uptime}, {@code version}, {@code filesystems}, {@code cgroups} and a few of
 *     {@code /proc/sys}; {@code /sys/devices/system/cpu} and {@code node}, {@code /sys/fs/cgroup},
 *     {@code /sys/kernel/mm}</td></tr>
 *   <tr><td>devices, most of them for writing, too</td><td>{@code /dev/null}, {@code zero}, {@code full},
 *     {@code random}, {@code urandom}, {@code tty}</td></tr>
 *   <tr><td>attributes only</td><td>what is directly in {@code /}; {@code /usr}, {@code /bin}</td></tr>
 *   <tr><td>interpreters and compilers also</td><td>{@code /etc/alternatives}, {@code java-*}, {@code python3*},
 *     {@code ssl}, {@code pki}, {@code ca-certificates}, {@code hosts}, {@code resolv.conf}, {@code host.conf},
 *     {@code gai.conf}, {@code services}, {@code protocols}, {@code mime.types}, {@code inputrc},
 *     {@code terminfo}</td></tr>
 * </table>
 *
 * @since 0.1.0
 */
public enum Preset {
  /** A compiled program in C or C++. */
  C_CPP(false, true),

  /** Python 3. */
  PYTHON(true, false),

  /** Java: the virtual machine. */
  JAVA(true, false),

  /** Node.js. */
  NODE(true, false),

  /** A compiled program in Go. */
  GO(false, true),

  /** Compilers. */
  COMPILER(true, true);

  private static final String[] WRITABLE = {Command.DEFAULT_WORK_DIR, "/tmp", "/dev/shm"};

  private static final String[] LIBRARIES = {"/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32",
    "/usr/lib64", "/usr/libx32", "/usr/local/lib"};

  private static final String[] PROGRAMS = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};

  private static final String[] READ = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
    "/etc/ld.so.preload", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime", "/etc/timezone",
    "/etc/locale.alias", "/etc/os-release", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
    "/proc/loadavg", "/proc/uptime", "/proc/version", "/proc/filesystems", "/proc/cgroups",
    "/proc/sys/kernel/osrelease", "/proc/sys/kernel/ostype", "/proc/sys/kernel/version", "/proc/sys/kernel/pid_max",
    "/proc/sys/kernel/threads-max", "/proc/sys/kernel/ngroups_max", "/proc/sys/kernel/cap_last_cap",
    "/proc/sys/kernel/random", "/proc/sys/vm", "/proc/sys/net/core/somaxconn", "/sys/devices/system/cpu",
    "/sys/devices/system/node", "/sys/fs/cgroup", "/sys/kernel/mm", "/dev/random", "/dev/urandom"};

  private static final String[] SHARED_READ = {"/usr/share/zoneinfo", "/usr/share/locale"};

  /** So that looking for what is not there fails as it does outside. */
  private static final String[] STAT = {"/usr", "/bin"};

  /** Node looks for it in every directory above the program. */
  private static final String NODE_PACKAGE = "/package.json";

  /** The last two: how a program opens its own standard streams by name, and what a JVM sets of its own process. */
  private static final String[] READ_AND_WRITE = {"/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/proc/self/fd",
    "/proc/self/coredump_filter"};

  private static final String[] INTERPRETERS_READ = {"/etc/alternatives", "/etc/ssl", "/etc/pki",
    "/etc/ca-certificates", "/etc/hosts", "/etc/resolv.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
    "/etc/protocols", "/etc/mime.types", "/etc/inputrc", "/etc/terminfo"};

  private static final List<String> INTERPRETERS_PREFIXES = List.of("java-", "python3");

  private static final long MIB = 1 << 20;

  private final boolean programs;
  private final boolean executesOwn;

  Preset(boolean programs, boolean executesOwn) {
    this.programs = programs;
    this.executesOwn = executesOwn;
  }

  /**
   * Returns the name that the command line uses, such as {@code c-cpp}.
   *
   * @return lower case with hyphens
   */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * Returns the file policy. A few of its rules depend on what the host has in /etc.
   *
   * @return the policy
   */
  public FilePolicy files() {
    return files(WRITABLE);
  }

  /**
   * Returns the file policy with other writable directories, for example for a {@link PtraceRunner} without namespaces,
   * where /tmp is the host's.
   *
   * @param writable absolute inside; in place of /w, /tmp and /dev/shm
   * @return the policy
   */
  public FilePolicy files(String... writable) {
    var own = programs ? PROGRAMS : LIBRARIES;
    var policy = FilePolicy.builder().read(own).execute(own).read(READ).read(READ_AND_WRITE).write(READ_AND_WRITE)
        .read(writable).write(writable).rule("/", FilePolicy.Scope.ENTRIES, FilePolicy.Access.STAT);
    policy.read(etc("ld-musl-"));
    if (programs) {
      policy.read(INTERPRETERS_READ);
      INTERPRETERS_PREFIXES.forEach(prefix -> policy.read(etc(prefix)));
    } else {
      // The others have them with /usr: a rule of their own would take executing away.
      policy.stat(STAT).read(SHARED_READ);
    }
    if (this == NODE) {
      policy.rule(NODE_PACKAGE, FilePolicy.Scope.ONLY, FilePolicy.Access.READ);
    }
    if (executesOwn) {
      policy.execute(writable);
    }
    return policy.build();
  }

  private static String[] etc(String prefix) {
    return DefaultRoot.etc(prefix).toArray(String[]::new);
  }

  /**
   * Returns the limits.
   *
   * @return the limits
   */
  public Limits limits() {
    return switch (this) {
      case C_CPP, PYTHON -> Limits.defaults();
      case JAVA, NODE -> Limits.builder().memoryBytes(1024 * MIB).stackBytes(256 * MIB).processes(128).build();
      case GO -> Limits.builder().memoryBytes(512 * MIB).stackBytes(256 * MIB).processes(128).build();
      case COMPILER -> Limits.builder().cpuTime(Duration.ofSeconds(60)).memoryBytes(1024 * MIB).stackBytes(256 * MIB)
          .processes(128).openFiles(1024).outputBytes(256 * MIB).build();
    };
  }
}
