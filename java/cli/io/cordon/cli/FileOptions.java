package io.cordon.cli;

import io.cordon.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;

/** The options that name files on both sides of the wall. */
final class FileOptions {
  /** {@code SRC[:DST[:rw|ro]]}: DST starts with a slash, so a colon in SRC does no harm unless a slash follows it. */
  private static final Pattern BIND = Pattern.compile("(?<source>.+?)(?::(?<target>/[^:]*)(?::(?<mode>rw|ro))?)?");

  private FileOptions() {}

  /** A mount of {@code --bind}, which also says what is at the target on the host. */
  record Bind(Path source, String target, boolean writable) {
    Mount mount() {
      var mount = Mount.bind(source, target);
      return writable ? mount.writable() : mount;
    }
  }

  static final class BindConverter implements ITypeConverter<Bind> {
    @Override
    public Bind convert(String value) {
      var match = BIND.matcher(value);
      if (!match.matches()) {
        throw Values.refuse(value, "must be SRC[:DST[:rw|ro]] with an absolute DST");
      }
      var source = absolute(match.group("source"));
      if (match.group("target") == null && value.matches(".*:(rw|ro|/.*)?")) {
        throw Values.refuse(value, "must be SRC[:DST[:rw|ro]]: give DST where you give a mode");
      }
      var target = match.group("target") == null ? source.toString() : match.group("target");
      return new Bind(source, target, "rw".equals(match.group("mode")));
    }
  }

  static final class TmpfsConverter implements ITypeConverter<Mount> {
    @Override
    public Mount convert(String value) {
      int colon = value.lastIndexOf(':');
      // Mode 01777 as /tmp has it: the directory is there to be written to by the program, whoever it runs as.
      var mount = Mount.tmpfs(colon < 0 ? value : value.substring(0, colon)).mode(01777);
      return colon < 0 ? mount : mount.sizeBytes(Values.bytes(value.substring(colon + 1)));
    }
  }

  /** A host file or directory, and its name inside. */
  record Transfer(Path host, String name) {}

  static final class CopyInConverter implements ITypeConverter<Transfer> {
    @Override
    public Transfer convert(String value) {
      int colon = value.lastIndexOf(':');
      var host = absolute(colon < 0 ? value : value.substring(0, colon));
      return new Transfer(host, name(value, colon < 0 ? fileName(value, host) : value.substring(colon + 1)));
    }
  }

  static final class CopyOutConverter implements ITypeConverter<Transfer> {
    @Override
    public Transfer convert(String value) {
      int colon = value.indexOf(':');
      var name = name(value, colon < 0 ? value : value.substring(0, colon));
      return new Transfer(absolute(colon < 0 ? fileName(value, Path.of(name)) : value.substring(colon + 1)), name);
    }
  }

  private static Path absolute(String path) {
    if (path.isEmpty()) {
      throw Values.refuse(path, "must not be empty");
    }
    return Path.of(path).toAbsolutePath().normalize();
  }

  private static String fileName(String value, Path path) {
    var name = path.getFileName();
    if (name == null) {
      throw Values.refuse(value, "has no file name");
    }
    return name.toString();
  }

  /** Drops the "." that a shell user writes, and refuses what would leave the directory. */
  private static String name(String value, String name) {
    List<String> parts = new ArrayList<>();
    for (var part : name.split("/")) {
      if (part.equals("..")) {
        throw Values.refuse(value, "must not hold \"..\" in the name inside");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    if (parts.isEmpty()) {
      throw Values.refuse(value, "must have a name inside");
    }
    return (name.startsWith("/") ? "/" : "") + String.join("/", parts);
  }
}
