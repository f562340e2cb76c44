// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.tier;

import io.cordon.Boundary;
import io.cordon.Features;
import io.cordon.Layer;
import io.cordon.internal.engine.RequiredLayers;
import io.cordon.spi.Probe;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;

/** What the tiers with namespaces say of a machine. */
final class Namespaces {
  private Namespaces() {}

  static Probe probe(Features features) {
    var missing = EnumSet.noneOf(Layer.class);
    missing.addAll(RequiredLayers.usual());
    missing.removeAll(features.layers());
    if (!missing.isEmpty()) {
      return Probe.fails("there is no " + missing.stream().map(layer -> named(features, layer))
          .collect(Collectors.joining(", ")));
    }
    return Probe.works().boundaries(List.of(Boundary.NAMESPACES, Boundary.PROCESS)).layers(features.layers()).build();
  }

  private static String named(Features features, Layer layer) {
    var errno = features.namespaceErrnoName(layer);
    return layer.label() + (errno.isEmpty() ? "" : " (" + errno + ")");
  }
}
