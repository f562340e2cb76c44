package io.cordon.pool;

import java.time.Duration;

/**
 * What a pool did, and what is in it at this moment.
 *
 * @param idle containers that are ready
 * @param active containers that are in use
 * @param coming containers that are being made, reset or checked
 * @param waiting callers who wait for a container
 * @param created containers that were made since the pool's start
 * @param destroyed containers that were ended since then
 * @param failed containers that could not be made
 * @param waits how long callers waited for a container, those included who got one at once
 * @param creations how long making one took
 * @param resets how long resets took that the pool itself waited for; after {@link ContainerPool#run} the container resets
 *     itself, and nobody waits for it
 */
public record Statistics(int idle, int active, int coming, int waiting, long created, long destroyed, long failed,
    Time waits, Time creations, Time resets) {
  /**
   * How often something was done, and how long it took.
   *
   * @param count how often
   * @param mean on average; zero where it was never done
   * @param max at most
   */
  public record Time(long count, Duration mean, Duration max) {}
}
