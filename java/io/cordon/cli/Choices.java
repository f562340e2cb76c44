package io.cordon.cli;

import io.cordon.Engine;
import io.cordon.Layer;
import io.cordon.Network;
import io.cordon.Preset;
import io.cordon.SeccompPolicy;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;

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

  static final class Runner extends Choice<String> {
    Runner() {
      add("unshare", "unshare");
      add("container", "container");
    }
  }

  static final class NetworkKind extends Choice<Network> {
    NetworkKind() {
      Arrays.stream(Network.values()).forEach(kind -> add(kind.name().toLowerCase(Locale.ROOT), kind));
    }
  }

  static final class Seccomp extends Choice<SeccompPolicy> {
    Seccomp() {
      add("default", SeccompPolicy.DEFAULT);
      add("none", SeccompPolicy.NONE);
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
