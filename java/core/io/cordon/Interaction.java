// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Connects two programs, for example an interactor and a solution: the standard output of each is the standard input of
 * the other, and each runs in a container of its own, or both in one that is shared.
 *
 * <p>Whatever one program does (floods, never reads, ends or closes its side), the other one goes on: it reads the end
 * of the file, or gets SIGPIPE or EPIPE. Standard input and output of the commands are replaced; their limits, standard
 * error and everything else stay as they are. {@link Wiring} connects more than two, and by other descriptors.
 * Immutable; any thread.
 *
 * @since 0.1.0
 */
public final class Interaction {
  private final PipeOptions options;

  private Interaction(PipeOptions options) {
    this.options = options;
  }

  /**
   * Returns an interaction that keeps nothing: the programs are connected by two plain pipes.
   *
   * @return the interaction
   */
  public static Interaction create() {
    return new Interaction(PipeOptions.plain());
  }

  /**
   * Keeps the beginning of what is written in each direction. The host then passes the bytes on.
   *
   * @param bytesEachWay the most that is kept of each direction, above zero, at most 512 MiB
   * @return another interaction
   */
  public Interaction recording(int bytesEachWay) {
    return new Interaction(options.recording(bytesEachWay));
  }

  /**
   * The results of both programs.
   *
   * @param first the first command's result; its standard output is what was recorded of it
   * @param second the second command's result; its standard output is what was recorded of it
   * @param firstEndedFirst whether the first command's program ended before the second's
   */
  public record Outcome(Result first, Result second, boolean firstEndedFirst) {}

  /**
   * Runs both commands and waits for both to end. An interrupt kills both programs, as {@link Runner#run} says it. On a
   * virtual thread a platform thread waits in its place.
   *
   * @param firstContainer where the first command runs, when it is its turn
   * @param first a command without sync action, terminal and handler
   * @param secondContainer another container; or the same, where it is {@linkplain Container.Builder#shared shared}
   * @param second a command without sync action, terminal and handler
   * @return both results
   * @throws SandboxException where one of them could not be run; if neither could, the second's is suppressed
   */
  public Outcome run(Container firstContainer, Command first, Container secondContainer, Command second)
      throws SandboxException {
    var two = new Two(firstContainer, first, secondContainer, second);
    return two.outcome(two.wiring.run());
  }

  /**
   * Starts both commands; a thread of its own waits for them. Completing the future from outside kills both programs.
   *
   * @param firstContainer where the first command runs, when it is its turn
   * @param first a command without sync action, terminal and handler
   * @param secondContainer another container; or the same, where it is {@linkplain Container.Builder#shared shared}
   * @param second a command without sync action, terminal and handler
   * @return both results, later
   */
  public CompletableFuture<Outcome> runAsync(
      Container firstContainer, Command first, Container secondContainer, Command second) {
    var result = new CompletableFuture<Outcome>();
    try {
      var two = new Two(firstContainer, first, secondContainer, second);
      var running = two.wiring.runAsync();
      running.whenComplete((outcome, failure) -> two.complete(result, outcome, failure));
      result.whenComplete((outcome, failure) -> running.cancel(false));
    } catch (IllegalArgumentException e) {
      result.completeExceptionally(e);
    }
    return result;
  }

  /** The wiring of two commands. */
  private final class Two {
    private final Wiring wiring;
    private final Wiring.Node first;
    private final Wiring.Node second;
    private final Wiring.Pipe fromFirst;
    private final Wiring.Pipe fromSecond;

    Two(Container firstContainer, Command firstCommand, Container secondContainer, Command secondCommand) {
      var builder = Wiring.builder();
      first = builder.add(firstContainer, unconnected(firstCommand));
      second = builder.add(secondContainer, unconnected(secondCommand));
      fromFirst = builder.connect(first, 1, second, 0, options);
      fromSecond = builder.connect(second, 1, first, 0, options);
      wiring = builder.build();
    }

    private static Command unconnected(Command command) {
      return command.terminal() ? command // Which is refused.
          : command.toBuilder().stdin(Input.none()).stdout(Output.capture()).build();
    }

    void complete(CompletableFuture<Outcome> result, Wiring.@Nullable Outcome outcome, @Nullable Throwable failure) {
      try {
        if (outcome != null) {
          result.complete(outcome(outcome));
        } else {
          result.completeExceptionally(Objects.requireNonNull(failure));
        }
      } catch (SandboxException e) {
        result.completeExceptionally(e);
      }
    }

    Outcome outcome(Wiring.Outcome outcome) throws SandboxException {
      var firstResult = result(outcome, first, second);
      var secondResult = result(outcome, second, first);
      return new Outcome(recorded(firstResult, outcome, fromFirst), recorded(secondResult, outcome, fromSecond),
          outcome.order().get(0) == first);
    }

    private Result recorded(Result result, Wiring.Outcome outcome, Wiring.Pipe pipe) {
      return options.recordingBytes() == 0 ? result
          : result.toBuilder().stdout(outcome.recording(pipe)).build();
    }

    private static Result result(Wiring.Outcome outcome, Wiring.Node mine, Wiring.Node other) throws SandboxException {
      var failure = outcome.failure(mine).orElse(null);
      if (failure != null) {
        outcome.failure(other).ifPresent(failure::addSuppressed);
        throw failure;
      }
      return outcome.result(mine);
    }
  }
}
