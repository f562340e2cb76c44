// SPDX-License-Identifier: Apache-2.0
package io.cordon.spi;

import io.cordon.Boundary;
import io.cordon.Layer;
import io.cordon.internal.util.Checks;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a tier offers here, or why it does not work: {@link RunnerProvider#probe}. Immutable.
 *
 * @since 0.1.0
 */
public final class Probe {
  private final @Nullable String why;
  private final List<Boundary> boundaries;
  private final Set<Layer> layers;

  private Probe(Builder b) {
    why = b.why;
    boundaries = b.boundaries;
    layers = b.layers;
  }

  /**
   * Starts the answer of a tier that works.
   *
   * @return a builder
   */
  public static Builder works() {
    return new Builder(null);
  }

  /**
   * Makes the answer of a tier that does not work.
   *
   * @param why what is missing, in a few words
   * @return the answer
   */
  public static Probe fails(String why) {
    return new Builder(Checks.filled("why", why)).build();
  }

  /**
   * Tells whether a description that asks for nothing special can be opened.
   *
   * @return true if so
   */
  public boolean isWorking() {
    return why == null;
  }

  /**
   * Returns why the tier does not work.
   *
   * @return the reason; empty where it works
   */
  public Optional<String> why() {
    return Optional.ofNullable(why);
  }

  /**
   * Returns what usually stands between a program and the host: {@link io.cordon.Result#boundaries}.
   *
   * @return an immutable list, the outermost first; empty where nothing does, or the tier does not work
   */
  public List<Boundary> boundaries() {
    return boundaries;
  }

  /**
   * Returns the layers that a run can have: {@link io.cordon.Result#layers}.
   *
   * @return an immutable set
   */
  public Set<Layer> layers() {
    return layers;
  }

  /** Returns the answer in one line, for messages. */
  @Override
  public String toString() {
    return why != null ? "Probe[does not work: " + why + "]" : "Probe" + boundaries + layers;
  }

  /** Collects an answer. One thread at a time. */
  public static final class Builder {
    private final @Nullable String why;
    private List<Boundary> boundaries = List.of();
    private Set<Layer> layers = Set.of();

    private Builder(@Nullable String why) {
      this.why = why;
    }

    /**
     * Sets {@link Probe#boundaries}.
     *
     * @param value the outermost first; default none
     * @return this
     */
    public Builder boundaries(List<Boundary> value) {
      boundaries = List.copyOf(value);
      return this;
    }

    /**
     * Sets {@link Probe#layers}.
     *
     * @param value default none
     * @return this
     */
    public Builder layers(Set<Layer> value) {
      var set = EnumSet.noneOf(Layer.class);
      set.addAll(value);
      layers = Collections.unmodifiableSet(set);
      return this;
    }

    /**
     * Makes the answer.
     *
     * @return the answer
     */
    public Probe build() {
      return new Probe(this);
    }
  }
}
