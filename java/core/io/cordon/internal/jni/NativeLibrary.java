// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * Loads {@code libcordon.so} once for the life of the JVM.
 *
 * <p>The system property {@value #PATH_PROPERTY} names the file to load; then nothing else is tried. Without it the
 * JAR's own file for this CPU is extracted into a new folder that is ours alone, loaded, and deleted at once: Linux
 * keeps what is mapped, and so nothing is left behind even when the JVM is killed.
 *
 * <p>All methods may be called by any thread. A failure is remembered: a second attempt in the same JVM gives the same.
 */
public final class NativeLibrary {
  /** The system property that names another library file. */
  public static final String PATH_PROPERTY = "cordon.library.path";

  /** The root package where Cordon's classes are, which need not be {@code io.cordon}: they may have been relocated. */
  private static final String ROOT = NativeLibrary.class.getPackageName().replaceFirst("\\.internal\\.jni$", "");

  private static final String VERSION_RESOURCE = "/" + ROOT.replace('.', '/') + "/version.properties";

  /** Set under the class's lock; read without it once the library is loaded. */
  private static volatile boolean loaded;

  private static @Nullable LoadError failure;

  private NativeLibrary() {}

  /** The library could not be loaded, or is not the one of this JAR. */
  public static final class LoadError extends UnsatisfiedLinkError {
    private static final long serialVersionUID = 1;

    LoadError(String message, @Nullable Throwable cause) {
      super(message);
      initCause(cause);
    }
  }

  /**
   * Loads the library where it is not loaded yet.
   *
   * @throws LoadError naming the file, its mount, the architecture and what the linker said
   */
  @SuppressWarnings("StaticAssignmentOfThrowable") // Thrown once; later ones have it as their cause.
  public static void ensureLoaded() {
    if (loaded) {
      return;
    }
    synchronized (NativeLibrary.class) {
      if (loaded) {
        return;
      }
      if (failure != null) {
        // A new one each time: the stack trace is the caller's.
        throw new LoadError(String.valueOf(failure.getMessage()), failure);
      }
      try {
        load();
        loaded = true;
      } catch (LoadError e) {
        failure = e;
        throw e;
      }
    }
  }

  /** Whether the library is loaded; does not try it. */
  public static boolean isLoaded() {
    return loaded;
  }

  /** Whether the library is loaded or can be; tries it. */
  public static boolean isAvailable() {
    return unavailabilityCause() == null;
  }

  /** Why the library cannot be loaded, or null where it is loaded; tries it. */
  public static @Nullable LoadError unavailabilityCause() {
    try {
      ensureLoaded();
      return null;
    } catch (LoadError e) {
      return e;
    }
  }

  private static void load() {
    String override = System.getProperty(PATH_PROPERTY);
    if (override != null) {
      Path file = Path.of(override).toAbsolutePath();
      load(file);
      checkVersion(file.toString());
      return;
    }
    Path directory;
    try {
      directory = Files.createTempDirectory("cordon-");
    } catch (IOException e) {
      throw new LoadError("no folder for the native library in " + System.getProperty("java.io.tmpdir") + ": " + e, e);
    }
    Path file = directory.resolve(LibraryFile.FILE_NAME);
    String origin;
    try {
      origin = LibraryFile.extract(directory);
      load(file);
    } catch (IOException e) {
      throw new LoadError("cannot extract the native library to " + file + " (" + mountOf(file) + "): " + e, e);
    } finally {
      delete(file, directory);
    }
    checkVersion(origin);
  }

  // The one restricted call: users grant native access to this module.
  @SuppressWarnings("restricted")
  private static void load(Path file) {
    try {
      System.load(file.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new LoadError(
          "cannot load " + file + " (" + mountOf(file) + ", os.arch " + System.getProperty("os.arch") + "): "
              + e.getMessage(),
          e);
    }
  }

  private static void checkVersion(String origin) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    byte[] bytes;
    try {
      bytes = new byte[Natives.version(buffer)];
    } catch (UnsatisfiedLinkError e) {
      throw new LoadError(origin + " is not a library of Cordon: " + e.getMessage(), e);
    }
    buffer.get(bytes);
    String library = new String(bytes, StandardCharsets.US_ASCII);
    String jar = jarVersion();
    if (!library.equals(jar)) {
      throw new LoadError(origin + " has version " + library + ", the JAR has version " + jar, null);
    }
  }

  private static String jarVersion() {
    var properties = new Properties();
    try (InputStream in = NativeLibrary.class.getResourceAsStream(VERSION_RESOURCE)) {
      if (in == null) {
        throw new NoSuchFileException(VERSION_RESOURCE);
      }
      properties.load(in);
    } catch (IOException e) {
      throw new LoadError("cannot read the JAR's version: " + e, e);
    }
    return properties.getProperty("version", "unknown");
  }

  /** "on MOUNT-POINT, OPTIONS" of the mount that holds the file: a noexec /tmp is the usual reason of a refusal. */
  private static String mountOf(Path file) {
    try {
      Path folder = file.getParent() == null ? file : file.getParent().toRealPath();
      return MountPoint.holding(folder, Files.readAllLines(Path.of("/proc/self/mountinfo")));
    } catch (IOException e) {
      return "mount unknown: " + e;
    }
  }

  private static void delete(Path file, Path directory) {
    for (Path path : List.of(file, directory)) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        // The library is loaded, or its own error is on the way: a leftover file must not hide that.
        path.toFile().deleteOnExit();
      }
    }
  }
}
