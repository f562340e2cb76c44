// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cordon.pool.ContainerPool;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.supervisor.FilePolicy;
import io.cordon.supervisor.PortPolicy;
import io.cordon.supervisor.Supervisor;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What can be set can be read: another kind of runner has no other way to learn it. */
class ReadersTest {
  private static final Path CLASSES = Path.of(System.getProperty("cordon.test.classes"));
  private static final List<String> PACKAGES = List.of("io.cordon", "io.cordon.seccomp", "io.cordon.supervisor",
      "io.cordon.pool", "io.cordon.spi");

  /** Setters whose readers have another name, by the value's class. The setter's own name stands for the others. */
  private static final Map<Class<?>, Map<String, List<String>>> OTHER_NAMES = Map.of(
      Command.class, Map.of("inheritEnv", List.of("env"), "usualWorkDir", List.of("workDir"), "rlimit",
          List.of("rlimits"), "copyInDirectory", List.of("copyIn"), "descriptor", List.of("descriptors")),
      SandboxSpec.class, Map.of("addMount", List.of("mounts"), "user", List.of("uid", "gid"), "hostUser",
          List.of("hostUid", "hostGid"), "require", List.of("required"), "prefer", List.of("preferred")),
      Limits.class, Map.of("set", List.of("get")),
      Result.class, Map.of("set", List.of("get")),
      Supervisor.class, Map.of("deny", List.of("syscalls"), "kill", List.of("syscalls"), "limit", List.of("syscalls"),
          "count", List.of("syscalls"), "ask", List.of("syscalls"), "record", List.of("isRecording"), "audit",
          List.of("isAuditing")),
      FilePolicy.class, Map.of("read", List.of("rules"), "write", List.of("rules"), "stat", List.of("rules"), "execute",
          List.of("rules"), "deny", List.of("rules"), "rule", List.of("rules")),
      SeccompPolicy.class, Map.of("unknown", List.of("unknownAction"), "allow", List.of("rules"), "errno",
          List.of("rules"), "kill", List.of("rules"), "killThread", List.of("rules"), "trap", List.of("rules"), "log",
          List.of("rules"), "trace", List.of("rules"), "notify", List.of("rules"), "rule", List.of("rules")),
      SandboxException.class, Map.of("cause", List.of("getCause")));

  /** What is built is a value, but for these: they tell what they are made from by other means, or not at all. */
  private static final Map<Class<?>, Class<?>> DESCRIBED_BY = Map.of(UnshareRunner.class, SandboxSpec.class,
      PtraceRunner.class, SandboxSpec.class, Container.class, SandboxSpec.class);

  /** What runs something: it is used, and not read. */
  private static final Set<Class<?>> NO_VALUES = Set.of(ContainerPool.class, Wiring.class);

  private static List<Class<?>> publicClasses() throws Exception {
    var all = new java.util.ArrayList<Class<?>>();
    for (var name : PACKAGES) {
      try (var files = Files.list(CLASSES.resolve(name.replace('.', '/')))) {
        for (var file : files.map(Path::getFileName).map(Path::toString).filter(file -> file.endsWith(".class")
            && !file.equals("package-info.class")).sorted().toList()) {
          var type = Class.forName(name + "." + file.replace(".class", ""), false, ReadersTest.class.getClassLoader());
          if (isPublic(type)) {
            all.add(type);
          }
        }
      }
    }
    return all;
  }

  private static boolean isPublic(Class<?> type) {
    return Modifier.isPublic(type.getModifiers())
        && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
  }

  private static List<Method> setters(Class<?> builder) {
    return Arrays.stream(builder.getMethods()).filter(method -> method.getDeclaringClass() != Object.class
        && !method.isBridge() && !Modifier.isStatic(method.getModifiers()) && method.getParameterCount() > 0).toList();
  }

  private static boolean hasReader(Class<?> type, String name) {
    return Arrays.stream(type.getMethods()).anyMatch(method -> method.getName().equals(name)
        && method.getReturnType() != void.class && !method.getReturnType().getSimpleName().equals("Builder"));
  }

  /** The value itself, and what describes it where it is none. */
  private static boolean isReadable(Class<?> built, String setter) {
    var described = DESCRIBED_BY.get(built);
    if (described != null && isReadable(described, setter)) {
      return true;
    }
    var names = OTHER_NAMES.getOrDefault(built, Map.of()).getOrDefault(setter, List.of(setter));
    return names.stream().allMatch(name -> hasReader(built, name));
  }

  @Test
  void everySetterOfABuilderHasAReader() throws Exception {
    var unread = new TreeSet<String>();
    var checked = new TreeSet<String>();
    for (var builder : publicClasses()) {
      var built = builder.getEnclosingClass();
      if (!builder.getSimpleName().equals("Builder") || NO_VALUES.contains(built)) {
        continue;
      }
      for (var setter : setters(builder)) {
        checked.add(built.getSimpleName());
        boolean ofConfig = built == Container.class && hasReader(Container.Config.class, setter.getName());
        if (!ofConfig && !isReadable(built, setter.getName())) {
          unread.add(builder.getName() + "." + setter.getName());
        }
      }
    }
    assertEquals(Set.of(), unread);
    assertTrue(checked.containsAll(Set.of("Command", "SandboxSpec", "Limits", "Result", "Supervisor", "FilePolicy",
        "PortPolicy", "SeccompPolicy", "SandboxException", "Probe")), checked.toString());
  }

  /** An exception that is none any more would hide the next setter of that name. */
  @Test
  void everyOtherNameIsNeeded() throws Exception {
    for (var type : OTHER_NAMES.entrySet()) {
      var builder = Class.forName(type.getKey().getName() + "$Builder");
      var setters = new TreeSet<>(setters(builder).stream().map(Method::getName).toList());
      for (var name : type.getValue().keySet()) {
        assertTrue(setters.contains(name), builder.getName() + "." + name);
        assertTrue(!hasReader(type.getKey(), name), builder.getName() + "." + name);
      }
    }
  }

  /** Mount, CopyIn and CopyOut are changed by methods that return another. */
  @Test
  void everyChangeOfAValueHasAReader() throws Exception {
    for (var type : List.of(Mount.class, CopyIn.class, CopyOut.class)) {
      var changes = Arrays.stream(type.getMethods()).filter(method -> method.getReturnType() == type
          && !Modifier.isStatic(method.getModifiers())).toList();
      assertTrue(!changes.isEmpty());
      for (var change : changes) {
        var name = change.getName();
        var reader = change.getParameterCount() > 0 ? name
            : "is" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
        assertTrue(Arrays.stream(type.getMethods()).anyMatch(method -> method.getName().equals(reader)
            && method.getParameterCount() == 0 && method.getReturnType() != type), type.getName() + "." + reader);
      }
    }
  }

  /** What has kinds is a closed list of public types, each of which can be read; a record can be anyway. */
  @Test
  void everyKindIsPublic() {
    for (var type : List.of(Input.class, Output.class, CopyIn.class, CopyOut.class, CordonEvent.class)) {
      assertTrue(type.isSealed(), type.getName());
      for (var kind : type.getPermittedSubclasses()) {
        assertTrue(isPublic(kind), kind.getName());
        var properties = Arrays.stream(kind.getDeclaredFields())
            .filter(field -> !Modifier.isStatic(field.getModifiers())).map(Field::getName)
            .map(name -> name.equals("data") ? "bytes" : name);
        assertTrue(kind.isRecord() || properties.allMatch(name -> hasReader(kind, name)), kind.getName());
      }
    }
  }

  /** Types that will grow are no records: each new component would break who makes one. */
  @Test
  void whatWillGrowIsNoRecord() throws IOException {
    for (var type : List.of(Command.class, SandboxSpec.class, Limits.class, Result.class, Supervisor.class,
        FilePolicy.class, PortPolicy.class, SeccompPolicy.class, SandboxException.class)) {
      assertTrue(Modifier.isFinal(type.getModifiers()) && !type.isRecord(), type.getName());
      assertEquals(0, Arrays.stream(type.getConstructors()).count(), type.getName());
    }
  }
}
