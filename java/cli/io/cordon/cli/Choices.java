// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import io.cordon.Layer;
import io.cordon.Network;
import io.cordon.Preset;
import io.cordon.SandboxException;
import io.cordon.json.SeccompProfile;
import io.cordon.json.SeccompProfileException;
import io.cordon.json.SeccompProfiles;
import io.cordon.seccomp.SeccompPolicy;
import io.cordon.spi.Runners;
import io.cordon.supervisor.Engine;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Options whose value is one of a few words. */
final class Choices {
  private Choices() {}

  private abstract static class Choice<T> implements ITypeConverter<T> {
    private final Map<String, T> values = new LinkedHashMap<>();

    final void add(String word, T value) {
      values.put(word, value);
    }

    @Override
    public T convert(String word) {
      var value = values.get(word);
      if (value == null) {
        throw Values.refuse(word, "must be one of " + String.join(", ", values.keySet()));
      }
      return value;
    }
  }

  /** The name of a tier. They are looked for only where one is named. */
  static final class Runner implements ITypeConverter<String> {
    @Override
    public String convert(String word) {
      var names = Runners.names();
      if (!names.contains(word)) {
        throw Values.refuse(word, "must be one of " + String.join(", ", names));
      }
      return word;
    }
  }

  static final class NetworkKind extends Choice<Network> {
    NetworkKind() {
      Arrays.stream(Network.values()).forEach(kind -> add(kind.name().toLowerCase(Locale.ROOT), kind));
    }
  }

  /** {@code default}, {@code none}, or a file. */
  static final class Seccomp implements ITypeConverter<SeccompProfile> {
    @Override
    public SeccompProfile convert(String word) {
      return word.equals("none") ? new SeccompProfile(SeccompPolicy.NONE, List.of())
          : profile(word, "default, none or a file");
    }
  }

  /** {@code default}, or a file. */
  static final class Filter implements ITypeConverter<SeccompProfile> {
    @Override
    public SeccompProfile convert(String word) {
      return profile(word, "default or a file");
    }
  }

  private static SeccompProfile profile(String word, String choices) {
    if (word.equals("default")) {
      return new SeccompProfile(SeccompPolicy.DEFAULT, List.of());
    }
    try {
      return SeccompProfiles.read(Path.of(word));
    } catch (SeccompProfileException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    } catch (InvalidPathException | IOException | SandboxException e) {
      throw Values.refuse(word, "must be " + choices + ": " + Main.describe(e));
    }
  }

  static final class EngineName extends Choice<Engine> {
    EngineName() {
      Arrays.stream(Engine.values()).forEach(engine -> add(engine.label(), engine));
    }
  }

  static final class PresetName extends Choice<Preset> {
    PresetName() {
      Arrays.stream(Preset.values()).forEach(preset -> add(preset.label(), preset));
    }
  }

  static final class LayerName extends Choice<Layer> {
    LayerName() {
      Arrays.stream(Layer.values()).forEach(layer -> add(layer.label(), layer));
    }
  }
}
