// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cordon.Sandbox;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ref.WeakReference;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A program that uses Cordon is loaded, used and dropped again and again, as an application server does it: no class
 * loader, thread, descriptor, mapping or process of it stays.
 *
 * <p>In a JVM of its own, where the JDK's shared threads were not started yet: a thread keeps what the one that
 * started it had.
 */
@Timeout(300)
class RedeployTest {
  private static final int REDEPLOYS = Live.rounds(20);

  /** An event thread ends after some idle seconds. */
  private static final int IDLE_REDEPLOYS = 2;

  private static final Path PROC = Path.of("/proc");

  @TempDir
  Path temporary;

  @Test
  void nothingStaysAfterAShutdown() throws Exception {
    redeploy(REDEPLOYS, true);
  }

  @Test
  void nothingStaysWithoutAShutdownEither() throws Exception {
    redeploy(IDLE_REDEPLOYS, false);
  }

  private void redeploy(int times, boolean shutdown) throws Exception {
    var jar = pack(Path.of(Sandbox.class.getProtectionDomain().getCodeSource().getLocation().toURI()));
    var outcome = new Jvm(Host.class.getName(), String.valueOf(times), String.valueOf(shutdown), jar.toString())
        .options("-Djava.io.tmpdir=" + temporary).run();
    assertEquals(new Jvm.Outcome(0, "deployed " + times + "\nnothing stayed\n", ""), outcome);
  }

  /** A JAR with the classes: what is opened of it is seen, which is not so with a directory. */
  private Path pack(Path classes) throws IOException {
    if (Files.isRegularFile(classes)) {
      return classes;
    }
    var jar = temporary.resolve("cordon.jar");
    try (var out = new JarOutputStream(Files.newOutputStream(jar)); var files = Files.walk(classes)) {
      for (var file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        add(out, classes.relativize(file).toString(), file);
      }
    }
    return jar;
  }

  private static void add(JarOutputStream out, String name, Path file) throws IOException {
    out.putNextEntry(new JarEntry(name));
    Files.copy(file, (OutputStream) out);
    out.closeEntry();
  }

  /** What the other JVM does. */
  static final class Host {
    private static final ExecutorService THREAD = Executors.newSingleThreadExecutor();

    private Host() {}

    public static void main(String[] args) throws Exception {
      int times = Integer.parseInt(args[0]);
      var jar = Path.of(args[2]);
      try (var recording = new Recording()) {
        recording.setToDisk(false);
        Stream.of("Run", "Violation", "Refusal", "Container", "PoolAcquire")
            .forEach(name -> recording.enable("io.cordon." + name));
        recording.start();
        THREAD.submit(() -> {}).get();
        Files.delete(Files.createTempDirectory("warm")); // The JDK's random numbers keep their devices open.
        var before = Left.now();
        var loaders = new ArrayList<WeakReference<ClassLoader>>();
        for (int i = 0; i < times; i++) {
          var copy = Files.copy(jar, Path.of(System.getProperty("java.io.tmpdir"), "cordon-" + i + ".jar"));
          loaders.add(deploy(copy, Boolean.parseBoolean(args[1])));
        }
        System.out.println("deployed " + times);
        Live.becomes(Live.PATIENCE, () -> {
          System.gc();
          return Left.now().without(before).isEmpty() && loaders.stream().allMatch(loader -> loader.get() == null);
        });
        var left = Left.now().without(before);
        long survivors = loaders.stream().filter(loader -> loader.get() != null).count();
        System.out.println(left.isEmpty() && survivors == 0 ? "nothing stayed" : survivors + " class loaders, " + left);
      } finally {
        THREAD.shutdown();
      }
    }

    /** By a thread that stays, as those of an application server do, with the application's class loader meanwhile. */
    private static WeakReference<ClassLoader> deploy(Path jar, boolean shutdown) throws Exception {
      return THREAD.submit(() -> {
        var thread = Thread.currentThread();
        var usual = thread.getContextClassLoader();
        try (var loader = new URLClassLoader(classPath(jar), ClassLoader.getPlatformClassLoader())) {
          thread.setContextClassLoader(loader);
          var constructor =
              loader.loadClass("io.cordon.live.Redeployed").getDeclaredConstructor(boolean.class);
          constructor.setAccessible(true);
          var events = (Integer) ((Callable<?>) constructor.newInstance(shutdown)).call();
          if (events == 0 || loader.loadClass("io.cordon.Sandbox") == Sandbox.class) {
            throw new IllegalStateException("nothing was used");
          }
          return new WeakReference<ClassLoader>(loader);
        } finally {
          thread.setContextClassLoader(usual);
        }
      }).get();
    }

    /** That of the tests, with the JAR in place of Cordon's classes. */
    private static URL[] classPath(Path jar) throws Exception {
      var own = Path.of(Sandbox.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      var entries = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(Path::of)
          .filter(entry -> !entry.equals(own));
      return Stream.concat(Stream.of(jar), entries).map(Host::url).toArray(URL[]::new);
    }

    private static URL url(Path path) {
      try {
        return path.toUri().toURL();
      } catch (MalformedURLException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * What a redeployment could leave in the JVM. Threads of the JDK's common pool end by themselves.
   *
   * @param descriptors what the open ones lead to
   * @param threads names and numbers
   * @param mappings files
   * @param janitors the pids of those that wait for this process
   */
  private record Left(Set<String> descriptors, Set<String> threads, Set<String> mappings, Set<String> janitors) {
    static Left now() {
      var fds = PROC.resolve("self/fd");
      var descriptors = Live.names(fds).map(number -> number + " " + target(fds.resolve(number)))
          .filter(text -> !text.endsWith(" "));
      var threads = Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> !thread.getName().startsWith("ForkJoinPool.commonPool-worker-"))
          .map(thread -> thread.getId() + " " + thread.getName());
      var mappings = Live.read(PROC.resolve("self/maps")).lines().filter(line -> line.contains("cordon"));
      return new Left(set(descriptors), set(threads), set(mappings), set(Live.names(PROC).filter(Left::isJanitor)));
    }

    private static Set<String> set(Stream<String> all) {
      return all.collect(Collectors.toCollection(TreeSet::new));
    }

    /** Empty where it is closed by now: the one that listed the directory. */
    private static String target(Path descriptor) {
      try {
        return Files.readSymbolicLink(descriptor).toString();
      } catch (IOException e) {
        return "";
      }
    }

    private static boolean isJanitor(String pid) {
      var prefix = "cordon." + ProcessHandle.current().pid() + ".";
      try {
        return Files.readString(PROC.resolve(pid).resolve("cmdline")).equals("cordon-janitor\0" + prefix + "\0");
      } catch (IOException e) {
        return false;
      }
    }

    Left without(Left other) {
      return new Left(rest(descriptors, other.descriptors), rest(threads, other.threads),
          rest(mappings, other.mappings), rest(janitors, other.janitors));
    }

    private static Set<String> rest(Set<String> all, Set<String> less) {
      return set(all.stream().filter(text -> !less.contains(text)));
    }

    boolean isEmpty() {
      return List.of(descriptors, threads, mappings, janitors).stream().allMatch(Set::isEmpty);
    }
  }
}
