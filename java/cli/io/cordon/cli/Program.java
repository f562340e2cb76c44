// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * PROGRAM as the sandbox gets it: a name, and a mount where it is a host file that the sandbox lacks.
 *
 * <ul>
 *   <li>A name without a slash is looked up in the PATH of the sandbox; if it is not there, a file of that name in the
 *       current directory is taken.
 *   <li>A path is the host's file of that path. If the sandbox has the same file there, nothing is brought in.
 *   <li>A path that is no host file, or that {@code --copy-in} provides, is one inside the sandbox.
 * </ul>
 *
 * @param name what becomes argv[0]
 * @param mount what has to be added at the end of the mount plan
 */
record Program(String name, Optional<Mount> mount) {
  /** Where new files cannot be made inside; a program from there gets a place of its own. */
  private static final List<Path> CLOSED = List.of(Path.of("/proc"), Path.of("/sys"), Path.of("/dev"));

  private static final Path OWN_PLACE = Path.of("/program");

  static Program find(String program, InsideView inside, String searchPath, Set<String> copiedIn) throws IOException {
    var asItIs = new Program(program, Optional.empty());
    if (program.isEmpty() || copiedIn.contains(plain(program))) {
      return asItIs;
    }
    if (program.indexOf('/') < 0) {
      if (isOnPath(program, inside, searchPath) || !Files.isRegularFile(Path.of(program))) {
        return asItIs;
      }
    } else if (!Files.exists(Path.of(program))) {
      return asItIs;
    }
    var host = absolute(Path.of(program));
    var found = inside.resolve(host.toString());
    if (found.isPresent() && (program.startsWith("/") || Files.isSameFile(found.get(), host))) {
      return new Program(host.toString(), Optional.empty());
    }
    return bringIn(host, asItIs);
  }

  private static Program bringIn(Path host, Program otherwise) throws IOException {
    var fileName = host.getFileName();
    if (fileName == null) {
      return otherwise; // The root directory: exec will say what is wrong with it.
    }
    boolean closed = CLOSED.stream().anyMatch(host::startsWith);
    var target = (closed ? OWN_PLACE.resolve(fileName) : host).toString();
    return new Program(target, Optional.of(Mount.bind(host.toRealPath(), target)));
  }

  /** Without "." and ".." where that names the same file; behind a link to a directory ".." may not. */
  private static Path absolute(Path path) throws IOException {
    var normal = path.toAbsolutePath().normalize();
    return Files.exists(normal) && Files.isSameFile(normal, path) ? normal : path.toRealPath();
  }

  private static boolean isOnPath(String name, InsideView inside, String searchPath) {
    for (var directory : searchPath.split(":")) {
      if (inside.resolve(directory + "/" + name).filter(Files::isRegularFile).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** {@code ./a/./b} as {@code --copy-in} names it: {@code a/b}. */
  private static String plain(String program) {
    return Path.of(program).normalize().toString();
  }
}
