// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.RunHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The containers of one run of a wiring. The first of several commands in one shared container is its own command, and
 * the others get a sidecar each, which is there until the run's end.
 *
 * <p>Turns are taken in one order for all, so that two wirings with the same containers do not wait for each other.
 */
final class WiringContainers implements AutoCloseable {
  /** By the number of the command; null where it has a sandbox of its own. */
  private final @Nullable Container[] places;

  /** Turns that were taken, and not handed over to a run. */
  private final Deque<Container> turns = new ArrayDeque<>();

  private final List<Container> made = new ArrayList<>();

  /** What the commands were added with, in their order. */
  WiringContainers(List<Optional<Container>> given) {
    places = given.stream().map(container -> container.orElse(null)).toArray(Container[]::new);
  }

  /** Waits for the turns, and makes the sidecars; what was taken before a failure goes back by {@link #close}. */
  void take() throws SandboxException {
    Set<Container> own = Collections.newSetFromMap(new IdentityHashMap<>());
    for (var place : places) {
      if (place != null) {
        own.add(place);
      }
    }
    for (var container : own.stream().sorted(Comparator.comparingLong(Container::order)).toList()) {
      take(container);
    }
    for (int i = 0; i < places.length; i++) {
      var place = places[i];
      if (place != null && !own.remove(place)) {
        places[i] = sidecar(place);
      }
    }
  }

  private void take(Container container) throws SandboxException {
    container.take();
    turns.add(container);
  }

  private Container sidecar(Container of) throws SandboxException {
    var sidecar = of.beside();
    made.add(sidecar);
    take(sidecar);
    return sidecar;
  }

  /** Starts a command whose place is a container, which passes its turn on by itself from here on. */
  RunHandle start(int index, Command command) throws SandboxException {
    var container = places[index];
    if (container == null) {
      throw new IllegalStateException("command " + index + " has no container");
    }
    turns.remove(container);
    return container.start(command, 0);
  }

  /** When all runs are freed. */
  @Override
  public void close() {
    turns.forEach(Container::pass);
    made.forEach(Container::close);
  }
}
