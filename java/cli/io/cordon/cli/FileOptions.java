// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.CopyOut;
import io.cordon.Mount;
import io.cordon.internal.util.Texts;
import io.cordon.internal.util.Transfer;
import java.nio.file.Path;
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
      var source = Values.parse(Transfer::absolute, match.group("source"));
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
      // Mode 01777 as /tmp has it: the program writes to the directory, under any user id.
      var mount = Mount.tmpfs(colon < 0 ? value : value.substring(0, colon)).mode(01777);
      return colon < 0 ? mount : mount.sizeBytes(Values.parse(Texts::bytes, value.substring(colon + 1)));
    }
  }

  static final class CopyInConverter implements ITypeConverter<Transfer> {
    @Override
    public Transfer convert(String value) {
      return Values.parse(Transfer::in, value);
    }
  }

  static final class CopyOutConverter implements ITypeConverter<CopyOut> {
    @Override
    public CopyOut convert(String value) {
      return Values.parse(CopyOut::parse, value);
    }
  }
}
