package io.cordon;

/** The step of a run that failed. Constants and numbers are those of {@code enum cordon_step}. */
public enum Step {
  /** The request was refused before anything was started; errno is 0, the detail {@code field: value: rule}. */
  VALIDATE(1),

  /** A layer that the caller requires cannot be had here; the detail is its name. */
  LAYER(2),

  /** The library could not allocate memory. */
  MEMORY(3),

  /** Making the control group; the detail is its path. */
  CGROUP_CREATE(4),

  /** Setting a limit of the control group; the detail is the file that refused it. */
  CGROUP_LIMIT(5),

  /** Putting the sandbox into its control group. */
  CGROUP_ATTACH(6),

  /** Opening a host file for the program's descriptors; the index is the descriptor, the detail the path. */
  OPEN_FILE(7),

  /** Making a file in memory. */
  MEMFD(8),

  /** Making a pipe. */
  PIPE(9),

  /** Making or using a socket. */
  SOCKET(10),

  /** clone3(2) with the namespaces. */
  CLONE(11),

  /** Writing the uid map of the user namespace. */
  UID_MAP(12),

  /** Writing the gid map of the user namespace. */
  GID_MAP(13),

  /** Keeping the capabilities that the set-up needs over exec. */
  AMBIENT_CAPS(14),

  /** Starting cordon-init. */
  START_INIT(15),

  /** A message that does not fit the protocol or its state. */
  PROTOCOL(16),

  /** cordon-init ended before it answered. */
  INIT_GONE(17),

  /** cordon-init did not answer in time. */
  INIT_TIMEOUT(18),

  /** Cutting the mount namespace off from the host's. */
  MOUNT_PRIVATE(19),

  /** Mounting the file system that becomes the root. */
  MOUNT_ROOT(20),

  /** Opening the source of a mount; the index is the mount, the detail its source. */
  MOUNT_SOURCE(21),

  /** Making or opening the target of a mount; the index is the mount, the detail its target. */
  MOUNT_TARGET(22),

  /** Mounting; the index is the mount, the detail its target. */
  MOUNT(23),

  /** Setting the attributes of a mount; the index is the mount, the detail its target. */
  MOUNT_ATTR(24),

  /** pivot_root(2). */
  PIVOT_ROOT(25),

  /** Setting the host name. */
  HOSTNAME(26),

  /** Setting the domain name. */
  DOMAINNAME(27),

  /** Bringing the loopback interface up. */
  LOOPBACK(28),

  /** Taking on cordon-init's own uid and gid. */
  IDENTITY(29),

  /** Bringing a file in; the index is the item, the detail its name. */
  COPY_IN(30),

  /** Fetching a file; the index is the item, the detail its name. */
  COPY_OUT(31),

  /** setsid(2). */
  SETSID(32),

  /** Placing a descriptor; the index is its number in the program. */
  DUP_FD(33),

  /** Closing all other descriptors. */
  CLOSE_RANGE(34),

  /** Changing to the work directory; the detail is its path. */
  WORK_DIR(35),

  /** Setting a resource limit; the index is its place in the request. */
  RLIMIT(36),

  /** Emptying the capability bounding set. */
  DROP_BOUNDING(37),

  /** Setting the secure bits. */
  SECUREBITS(38),

  /** Clearing the supplementary groups. */
  SETGROUPS(39),

  /** Setting the group id. */
  SETGID(40),

  /** Setting the user id. */
  SETUID(41),

  /** Emptying the capability sets. */
  DROP_CAPS(42),

  /** Setting no_new_privs. */
  NO_NEW_PRIVS(43),

  /** Entering a cgroup namespace. */
  CGROUP_NAMESPACE(44),

  /** The caller's sync action stopped the run, or its end was gone. */
  SYNC(45),

  /** Loading the seccomp filter. */
  SECCOMP(46),

  /** Executing the program; the detail is the path. */
  EXECVE(47),

  /** Waiting for a process. */
  WAIT(48),

  /** Compiling the seccomp policy. */
  SECCOMP_COMPILE(49),

  /** Setting the signal mask. */
  SIGNAL_MASK(50),

  /** Running the container's init command; the detail is the end of its output. */
  INIT_COMMAND(51),

  /** Making a container fresh; the detail says what could not be. */
  RESET(52),

  /** Deleting a file in a container; the index is the item, the detail its path. */
  DELETE(53),

  /** Making a symbolic link in a container; the index is the item, the detail its path. */
  SYMLINK(54),

  /** Making the terminal, or making it the controlling one. */
  TERMINAL(55),

  /** Starting the supervisor, or attaching it to the program; the detail says what. */
  SUPERVISOR(56),

  /** Making or entering the Landlock rule set; the index is the path rule, where it is about one. */
  LANDLOCK(57),

  /** Resolving a path of the path policy; the index is the path rule, the detail its path. */
  PATH_POLICY(58),

  /** Setting the AppArmor or SELinux label, or this kernel has no such module; the detail is the label. */
  LABEL(59),

  /** Becoming the parent of orphans, without namespaces. */
  SUBREAPER(60),

  /** Binding the program to its CPUs. */
  AFFINITY(61),

  /** Giving the program its nice value. */
  NICE(62),

  /** A number that this version does not know. */
  UNKNOWN(-1);

  private final int number;

  Step(int number) {
    this.number = number;
  }

  /**
   * Returns the number that the C API uses for it.
   *
   * @return the number, which is never given to anything else
   */
  public int number() {
    return number;
  }

  static Step of(int number) {
    for (var step : values()) {
      if (step.number == number) {
        return step;
      }
    }
    return UNKNOWN;
  }
}
