// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Escape;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One entry of the mount plan, from which a sandbox's root is made. Entries are applied in order. Immutable: each
 * method that changes something returns a new entry.
 *
 * <p>Missing parents of a target are made (mode 0755). Every mount is nosuid and nodev. A target is an absolute path
 * inside the sandbox, without {@code .} and {@code ..}. It is resolved inside the new root, so a symbolic link never
 * leads out.
 *
 * @since 0.1.0
 */
public final class Mount {
  /** What an entry does. The constants are those of {@code enum cordon_mount_type}. */
  public enum Type {
    /** {@link Mount#bind}. */
    BIND,

    /** {@link Mount#tmpfs}. */
    TMPFS,

    /** {@link Mount#proc}. */
    PROC,

    /** {@link Mount#dev}. */
    DEV,

    /** {@link Mount#mask}. */
    MASK,

    /** {@link Mount#symlink}. */
    SYMLINK
  }

  private enum Flag {
    WRITABLE,
    NO_EXEC,
    OPTIONAL
  }

  private final Type type;
  private final Set<Flag> flags;
  private final @Nullable String source;
  private final String target;
  private final long sizeBytes;
  private final long inodes;
  private final int mode;

  private Mount(
      Type type, Set<Flag> flags, @Nullable String source, String target, long sizeBytes, long inodes, int mode) {
    this.type = type;
    this.flags = flags;
    this.source = source;
    this.target = target;
    this.sizeBytes = sizeBytes;
    this.inodes = inodes;
    this.mode = mode;
  }

  private Mount(Type type, @Nullable String source, String target) {
    this(type, Set.of(), source, Checks.inside("mount target", target), 0, 0, 0);
  }

  /**
   * A file or directory of the host with everything that is mounted below it, read-only. A missing source fails the
   * run (step {@link Step#MOUNT_SOURCE}) unless it is {@link #optional}.
   *
   * @param source on the host; a relative path is relative to the JVM's directory
   * @param target inside
   * @return the entry
   */
  public static Mount bind(Path source, String target) {
    return new Mount(Type.BIND, Checks.host("mount source", source).normalize().toString(), target);
  }

  /**
   * A fresh file system in memory, writable by the program: 64 MiB, 65536 inodes, mode 0755.
   *
   * @param target inside
   * @return the entry
   */
  public static Mount tmpfs(String target) {
    return new Mount(Type.TMPFS, null, target);
  }

  /**
   * A read-only proc of the sandbox's own pid namespace. Not possible inside a container that masks its own /proc;
   * there an {@link #optional} one is left out, and the result lacks {@link Layer#PROC}.
   *
   * @param target inside
   * @return the entry
   */
  public static Mount proc(String target) {
    return new Mount(Type.PROC, null, target);
  }

  /**
   * The devices null, zero, full, random, urandom and tty, the links fd, stdin, stdout and stderr, and shm, a file
   * system in memory.
   *
   * @param target inside
   * @return the entry
   */
  public static Mount dev(String target) {
    return new Mount(Type.DEV, null, target);
  }

  /**
   * Hides a file or directory behind an empty read-only one; skipped where it does not exist.
   *
   * @param target inside
   * @return the entry
   */
  public static Mount mask(String target) {
    return new Mount(Type.MASK, null, target);
  }

  /**
   * A symbolic link.
   *
   * @param target where the link is, inside
   * @param text what it points to
   * @return the entry
   */
  public static Mount symlink(String target, String text) {
    return new Mount(Type.SYMLINK, Checks.filled("symlink text", text), target);
  }

  /**
   * The default root: the host's programs and libraries read-only, what they need of /etc, /dev, /proc, and the
   * writable directories /tmp and /w. Read from the host at each call, since it depends on what is installed.
   *
   * @return an immutable list, in order
   */
  public static List<Mount> defaults() {
    return DefaultRoot.mounts();
  }

  /**
   * Makes a bind mount writable: what the program writes stays on the host.
   *
   * @return a new entry
   */
  public Mount writable() {
    return flag("writable", Flag.WRITABLE, type == Type.BIND);
  }

  /**
   * Forbids executing files from a bind mount or tmpfs.
   *
   * @return a new entry
   */
  public Mount noExec() {
    return flag("noExec", Flag.NO_EXEC, type == Type.BIND || type == Type.TMPFS);
  }

  /**
   * Leaves a bind mount out where its source does not exist, or a proc where the kernel refuses it.
   *
   * @return a new entry
   */
  public Mount optional() {
    return flag("optional", Flag.OPTIONAL, type == Type.BIND || type == Type.PROC);
  }

  /**
   * Limits what a tmpfs, or the shm of a dev, can hold.
   *
   * @param bytes above zero
   * @return a new entry
   */
  public Mount sizeBytes(long bytes) {
    only("sizeBytes", type == Type.TMPFS || type == Type.DEV);
    return new Mount(type, flags, source, target, Checks.positive("mount sizeBytes", bytes), inodes, mode);
  }

  /**
   * Limits how many files a tmpfs, or the shm of a dev, can hold.
   *
   * @param count above zero
   * @return a new entry
   */
  public Mount inodes(long count) {
    only("inodes", type == Type.TMPFS || type == Type.DEV);
    return new Mount(type, flags, source, target, sizeBytes, Checks.positive("mount inodes", count), mode);
  }

  /**
   * Sets the permission bits of a tmpfs's own directory.
   *
   * @param bits from 01 to 01777
   * @return a new entry
   */
  public Mount mode(int bits) {
    only("mode", type == Type.TMPFS);
    return new Mount(type, flags, source, target, sizeBytes, inodes, Checks.mode("mount mode", bits, 01777));
  }

  /**
   * Returns what the entry does.
   *
   * @return the type
   */
  public Type type() {
    return type;
  }

  /**
   * Returns what is mounted or linked to.
   *
   * @return the host's path of a bind mount, or the text of a symbolic link; else empty
   */
  public Optional<String> source() {
    return Optional.ofNullable(source);
  }

  /**
   * Returns where it is inside the sandbox.
   *
   * @return an absolute path
   */
  public String target() {
    return target;
  }

  /**
   * Tells whether a bind mount may be written to.
   *
   * @return true after {@link #writable}
   */
  public boolean isWritable() {
    return flags.contains(Flag.WRITABLE);
  }

  /**
   * Tells whether no file of it may be executed.
   *
   * @return true after {@link #noExec}
   */
  public boolean isNoExec() {
    return flags.contains(Flag.NO_EXEC);
  }

  /**
   * Tells whether the entry is left out if it cannot be mounted.
   *
   * @return true after {@link #optional}
   */
  public boolean isOptional() {
    return flags.contains(Flag.OPTIONAL);
  }

  /**
   * Returns what it can hold.
   *
   * @return bytes; empty: 64 MiB for a tmpfs or the shm of a dev, which is the only use of it
   */
  public OptionalLong sizeBytes() {
    return sizeBytes == 0 ? OptionalLong.empty() : OptionalLong.of(sizeBytes);
  }

  /**
   * Returns how many files it can hold.
   *
   * @return a number; empty: 65536 for a tmpfs or the shm of a dev
   */
  public OptionalLong inodes() {
    return inodes == 0 ? OptionalLong.empty() : OptionalLong.of(inodes);
  }

  /**
   * Returns the permission bits of a tmpfs's own directory.
   *
   * @return from 01 to 01777; empty: 0755
   */
  public OptionalInt mode() {
    return mode == 0 ? OptionalInt.empty() : OptionalInt.of(mode);
  }

  /** Returns the entry in one line, for messages. */
  @Override
  public String toString() {
    return type + (source == null ? "" : " " + Escape.printable(source)) + " " + Escape.printable(target);
  }

  private Mount flag(String name, Flag flag, boolean allowed) {
    only(name, allowed);
    var more = EnumSet.of(flag);
    more.addAll(flags);
    return new Mount(type, Collections.unmodifiableSet(more), source, target, sizeBytes, inodes, mode);
  }

  private void only(String property, boolean allowed) {
    if (!allowed) {
      throw Checks.refuse("mount " + property, this, "does not apply to " + type);
    }
  }
}
