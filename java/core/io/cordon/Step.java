// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * The step of a run that failed. The constants are those of {@code enum cordon_step}.
 *
 * @since 0.1.0
 */
public enum Step {
  /** The request was refused before anything was started; errno is 0, the detail {@code field: value: rule}. */
  VALIDATE,

  /** A layer that the caller requires is not available here; the detail is its name. */
  LAYER,

  /** The library could not allocate memory. */
  MEMORY,

  /** Making the control group; the detail is its path. */
  CGROUP_CREATE,

  /** Setting a limit of the control group; the detail is the file that refused it. */
  CGROUP_LIMIT,

  /** Putting the sandbox into its control group. */
  CGROUP_ATTACH,

  /** Opening a host file for the program's descriptors; the index is the descriptor, the detail the path. */
  OPEN_FILE,

  /** Making a file in memory. */
  MEMFD,

  /** Making a pipe. */
  PIPE,

  /** Making or using a socket. */
  SOCKET,

  /** clone3(2) with the namespaces. */
  CLONE,

  /** Writing the uid map of the user namespace. */
  UID_MAP,

  /** Writing the gid map of the user namespace. */
  GID_MAP,

  /** Keeping the capabilities that the set-up needs over exec. */
  AMBIENT_CAPS,

  /** Starting cordon-init. */
  START_INIT,

  /** A message that does not fit the protocol or its state. */
  PROTOCOL,

  /** cordon-init ended before it answered. */
  INIT_GONE,

  /** cordon-init did not answer in time. */
  INIT_TIMEOUT,

  /** Cutting the mount namespace off from the host's. */
  MOUNT_PRIVATE,

  /** Mounting the file system that becomes the root. */
  MOUNT_ROOT,

  /** Opening the source of a mount; the index is the mount, the detail its source. */
  MOUNT_SOURCE,

  /** Making or opening the target of a mount; the index is the mount, the detail its target. */
  MOUNT_TARGET,

  /** Mounting; the index is the mount, the detail its target. */
  MOUNT,

  /** Setting the attributes of a mount; the index is the mount, the detail its target. */
  MOUNT_ATTR,

  /** pivot_root(2). */
  PIVOT_ROOT,

  /** Setting the host name. */
  HOSTNAME,

  /** Setting the domain name. */
  DOMAINNAME,

  /** Bringing the loopback interface up. */
  LOOPBACK,

  /** Taking on cordon-init's own uid and gid. */
  IDENTITY,

  /** Bringing a file in; the index is the item, the detail its name. */
  COPY_IN,

  /** Fetching a file; the index is the item, the detail its name. */
  COPY_OUT,

  /** setsid(2). */
  SETSID,

  /** Placing a descriptor; the index is its number in the program. */
  DUP_FD,

  /** Closing all other descriptors. */
  CLOSE_RANGE,

  /** Changing to the work directory; the detail is its path. */
  WORK_DIR,

  /** Setting a resource limit; the index is its place in the request. */
  RLIMIT,

  /** Emptying the capability bounding set. */
  DROP_BOUNDING,

  /** Setting the secure bits. */
  SECUREBITS,

  /** Clearing the supplementary groups. */
  SETGROUPS,

  /** Setting the group id. */
  SETGID,

  /** Setting the user id. */
  SETUID,

  /** Emptying the capability sets. */
  DROP_CAPS,

  /** Setting no_new_privs. */
  NO_NEW_PRIVS,

  /** Entering a cgroup namespace. */
  CGROUP_NAMESPACE,

  /** The caller's sync action stopped the run, or its end was gone. */
  SYNC,

  /** Loading the seccomp filter. */
  SECCOMP,

  /** Executing the program; the detail is the path. */
  EXECVE,

  /** Waiting for a process. */
  WAIT,

  /** Compiling the seccomp policy. */
  SECCOMP_COMPILE,

  /** Setting the signal mask. */
  SIGNAL_MASK,

  /** Running the container's init command; the detail is the end of its output. */
  INIT_COMMAND,

  /** Making a container fresh; the detail says what could not be. */
  RESET,

  /** Deleting a file in a container; the index is the item, the detail its path. */
  DELETE,

  /** Making a symbolic link in a container; the index is the item, the detail its path. */
  SYMLINK,

  /** Making the terminal, or making it the controlling one. */
  TERMINAL,

  /** Starting the supervisor, or attaching it to the program; the detail says what. */
  SUPERVISOR,

  /** Making or entering the Landlock rule set; the index is the path rule, where it is about one. */
  LANDLOCK,

  /** Resolving a path of the path policy; the index is the path rule, the detail its path. */
  PATH_POLICY,

  /** Setting the AppArmor or SELinux label, or this kernel has no such module; the detail is the label. */
  LABEL,

  /** Becoming the parent of orphans, without namespaces. */
  SUBREAPER,

  /** Binding the program to its CPUs. */
  AFFINITY,

  /** Giving the program its nice value. */
  NICE,

  /** Making one more init in a shared container, for one more command; the detail says what failed. */
  SIDECAR,

  /** Making the mounts of the path policy; the index is the path rule. */
  PATH_MASK,

  /** A number that this version does not know. */
  UNKNOWN
}
