// SPDX-License-Identifier: Apache-2.0
package io.cordon.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.Boundary;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.PtraceRunner;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.Sandbox;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import io.cordon.supervisor.Engine;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunnersTest {
  private static final List<String> OWN = List.of("unshare", "container", "ptrace");

  /** A tier that is found only where a class loader knows of it. */
  public static class Fake implements RunnerProvider {
    @Override
    public String name() {
      return "fake";
    }

    @Override
    public Probe probe() {
      return Probe.fails("it is a fake");
    }

    @Override
    public Runner open(SandboxSpec spec) throws SandboxException {
      throw SandboxException.unsupported("spec", "any", "must not be given");
    }
  }

  /** Takes the name of one of Cordon's own. */
  public static final class Impostor extends Fake {
    @Override
    public String name() {
      return "unshare";
    }
  }

  /** Cannot be made. */
  public static final class Broken extends Fake {
    public Broken() {
      throw new IllegalStateException("broken");
    }
  }

  private static <T> T with(Path directory, List<String> providers, Callable<T> body) throws Exception {
    var services = Files.createDirectories(directory.resolve("META-INF/services"));
    Files.write(services.resolve(RunnerProvider.class.getName()), providers);
    var thread = Thread.currentThread();
    var before = thread.getContextClassLoader();
    try (var loader = new URLClassLoader(new URL[] {directory.toUri().toURL()}, before)) {
      thread.setContextClassLoader(loader);
      return body.call();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void cordonsOwnTiersAreFound() {
    assertEquals(OWN, Runners.names());
    assertEquals(OWN, Runners.providers().stream().map(RunnerProvider::name).toList());
  }

  /** Where both lists of providers are read, on the class path and on the module path. */
  @Test
  void bothListsOfCordonsOwnTiersAreTheSame() throws IOException {
    var classes = Path.of(System.getProperty("cordon.test.classes"));
    var listed = Files.readAllLines(classes.resolve("META-INF/services").resolve(RunnerProvider.class.getName()));
    try (var module = Files.newInputStream(classes.resolve("module-info.class"))) {
      var provided = ModuleDescriptor.read(module).provides().iterator().next();
      assertEquals(RunnerProvider.class.getName(), provided.service());
      assertEquals(provided.providers(), listed);
    }
  }

  @Test
  void aTierIsOpenedByItsName() throws SandboxException {
    try (var unshare = Runners.open("unshare", SandboxSpec.defaults());
        var container = Runners.open("container", SandboxSpec.defaults())) {
      assertEquals("unshare", unshare.tier());
      assertTrue(unshare.as(UnshareRunner.class).isPresent());
      assertFalse(unshare.as(Container.class).isPresent());
      for (var runner : List.of(unshare, container)) {
        assertEquals("hi\n", runner.run(Command.of("echo", "hi")).stdout().text());
        assertEquals("hi\n", runner.runAsync(Command.of("echo", "hi")).join().stdout().text());
      }
    }
    var files = FilePolicy.builder().read("/").execute("/").build();
    var among = SandboxSpec.builder().namespaces(false).supervisor(Supervisor.files(Engine.AUTO, files)).build();
    try (var ptrace = Runners.open("ptrace", among)) {
      assertInstanceOf(PtraceRunner.class, ptrace.as(Runner.class).orElseThrow());
      assertEquals("hi\n", ptrace.run(Command.of("echo", "hi")).stdout().text());
    }
  }

  @Test
  void closingEndsWhatTheTierOwns() throws SandboxException {
    Container container;
    CompletableFuture<Result> running;
    try (var runner = Runners.open("container", SandboxSpec.defaults())) {
      container = runner.as(Container.class).orElseThrow();
      running = runner.runAsync(Command.of("sleep", "60"));
    }
    assertTrue(container.isClosed());
    assertEquals(Status.CANCELLED, running.join().status());
  }

  @Test
  void anUnknownNameIsRefusedWithThoseThereAre() {
    var refused = assertThrows(IllegalArgumentException.class, () -> Runners.open("gvisor", SandboxSpec.defaults()));
    assertEquals("runner: gvisor: must be one of unshare, container, ptrace", refused.getMessage());
  }

  @Test
  void aDescriptionThatTheTierCannotHoldIsRefused() {
    var among = SandboxSpec.builder().namespaces(false).build();
    var refused = assertThrows(SandboxException.class, () -> Runners.open("container", among));
    assertEquals(SandboxException.Kind.UNSUPPORTED, refused.kind());
  }

  @Test
  void anotherTierIsFoundByTheContextsLoader(@TempDir Path directory) throws Exception {
    with(directory, List.of(Fake.class.getName()), () -> {
      assertEquals(Set.of("unshare", "container", "ptrace", "fake"), Set.copyOf(Runners.names()));
      assertEquals("it is a fake", Runners.provider("fake").probe().why().orElseThrow());
      return assertThrows(SandboxException.class, () -> Runners.open("fake", SandboxSpec.defaults()));
    });
    assertEquals(OWN, Runners.names());
  }

  @Test
  void noTierTakesThePlaceOfAnother(@TempDir Path directory) throws Exception {
    var refused = with(directory, List.of(Impostor.class.getName()),
        () -> assertThrows(IllegalArgumentException.class, () -> Runners.open("unshare", SandboxSpec.defaults())));
    assertTrue(refused.getMessage().startsWith("runner: unshare: is provided by both "), refused.getMessage());
    assertTrue(refused.getMessage().contains(Impostor.class.getName()), refused.getMessage());
  }

  @Test
  void oneThatCannotBeLoadedIsLeftOut(@TempDir Path directory) throws Exception {
    var names = with(directory, List.of(Broken.class.getName(), "no.such.Tier", Fake.class.getName()), Runners::names);
    assertEquals(new HashSet<>(List.of("unshare", "container", "ptrace", "fake")), new HashSet<>(names));
  }

  /** A thread of the system's may have no loader, or one that knows nothing of Cordon. */
  @Test
  void withoutAContextsLoaderCordonsOwnAreFound() {
    var thread = Thread.currentThread();
    var before = thread.getContextClassLoader();
    try {
      thread.setContextClassLoader(null);
      assertEquals(OWN, Runners.names());
      thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
      assertEquals(OWN, Runners.names());
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void aTierSaysWhatARunWillHave() throws SandboxException {
    var features = Sandbox.probe();
    for (var name : List.of("unshare", "container")) {
      var probe = Runners.provider(name).probe();
      assertEquals(features.canRun(), probe.isWorking(), probe.toString());
      assertEquals(features.layers(), probe.layers());
    }
    var files = FilePolicy.builder().read("/").execute("/").build();
    var among = SandboxSpec.builder().namespaces(false).supervisor(Supervisor.files(Engine.AUTO, files)).build();
    for (var name : OWN) {
      var probe = Runners.provider(name).probe();
      try (var runner = Runners.open(name, name.equals("ptrace") ? among : SandboxSpec.defaults())) {
        var result = runner.run(Command.of("true"));
        assertEquals(probe.boundaries(), result.boundaries());
        assertTrue(probe.layers().containsAll(result.layers()), name + ": " + result.layers());
      }
    }
    assertEquals(List.of(Boundary.NAMESPACES, Boundary.PROCESS), Runners.provider("unshare").probe().boundaries());
  }

  /** A method that Runner gets later must reach the tier, also one with a default. */
  @Test
  void anOpenedRunnerHandsOnEveryMethod() throws NoSuchMethodException {
    for (var method : Runner.class.getMethods()) {
      if (!Modifier.isStatic(method.getModifiers())) {
        var own = OpenedRunner.class.getMethod(method.getName(), method.getParameterTypes());
        assertSame(OpenedRunner.class, own.getDeclaringClass(), method.toString());
      }
    }
  }
}
