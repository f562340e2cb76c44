// SPDX-License-Identifier: Apache-2.0
package io.cordon.test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Container;
import io.cordon.Input;
import io.cordon.Limits;
import io.cordon.LiveRun;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.Runner;
import io.cordon.SandboxException;
import io.cordon.SandboxSpec;
import io.cordon.Status;
import io.cordon.UnshareRunner;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The contract finds what is wrong with a runner: each of these is broken in one way, and fails the tests of that. */
@Timeout(120)
class ContractProofTest {
  /** Ends what the leaking ones have left. */
  private static final List<AutoCloseable> LEFT = new ArrayList<>();

  @AfterEach
  void cleanUp() throws Exception {
    for (var left : LEFT) {
      left.close();
    }
    LEFT.clear();
  }

  /** An unshare runner, but for what a subclass changes. */
  abstract static class Broken extends RunnerContract {
    Result spoil(Command command, Result result) {
      return result;
    }

    Command change(Command command) throws SandboxException {
      return command;
    }

    Runner open(SandboxSpec spec) throws SandboxException {
      var good = UnshareRunner.of(spec);
      return new Runner() {
        @Override
        public Result run(Command command) throws SandboxException {
          return spoil(command, good.run(change(command)));
        }

        @Override
        public CompletableFuture<Result> runAsync(Command command) {
          return follow(good, command);
        }

        @Override
        public LiveRun start(Command command) throws SandboxException {
          return spoil(good.start(change(command)));
        }
      };
    }

    LiveRun spoil(LiveRun run) throws SandboxException {
      return run;
    }

    CompletableFuture<Result> follow(Runner good, Command command) {
      CompletableFuture<Result> run;
      try {
        run = good.runAsync(change(command));
      } catch (SandboxException e) {
        return CompletableFuture.failedFuture(e);
      }
      var future = new CompletableFuture<Result>();
      future.whenComplete((result, failure) -> run.cancel(true));
      run.whenComplete((result, failure) -> {
        if (failure == null) {
          future.complete(spoil(command, result));
        } else {
          future.completeExceptionally(failure);
        }
      });
      return future;
    }

    Set<String> alsoPermitted() {
      return Set.of();
    }

    /** As usual; one that leaves something, which does not go while the contract waits, has little. */
    Duration patience() {
      return Duration.ofSeconds(30);
    }

    @Override
    public Tier tier() {
      var broken = this;
      return new NativeTier() {
        @Override
        public Runner open(SandboxSpec spec) throws SandboxException {
          return broken.open(spec);
        }

        @Override
        public Set<String> refusals() {
          var all = new HashSet<>(alsoPermitted());
          all.addAll(Set.of("namespaces", "initCommand"));
          return all;
        }

        @Override
        public Limits limits() {
          return Limits.builder().cpuTime(Duration.ofSeconds(3)).wallTime(Duration.ofSeconds(4)).build();
        }

        @Override
        public Duration patience() {
          return broken.patience();
        }
      };
    }
  }

  /** Runs some tests of a contract, and checks that exactly these fail. */
  private static void fails(Class<? extends Broken> broken, List<String> failing, List<String> passing) {
    var selectors = Stream.concat(failing.stream(), passing.stream()).map(name -> selectMethod(broken, name,
        name.startsWith("everyPermitted") ? "" : Bench.class.getName())).collect(Collectors.toList());
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request().selectors(selectors).build();
    var failed = new TreeSet<String>();
    var passed = new TreeSet<String>();
    var config = LauncherConfig.builder().enableTestExecutionListenerAutoRegistration(false).build();
    LauncherFactory.create(config).execute(request, new TestExecutionListener() {
      @Override
      public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        var names = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL ? passed : failed;
        test.getSource().filter(MethodSource.class::isInstance).map(MethodSource.class::cast)
            .ifPresent(method -> names.add(method.getMethodName()));
      }
    });
    assertEquals(new TreeSet<>(failing), failed);
    assertEquals(new TreeSet<>(passing), passed);
  }

  static final class AlwaysOk extends Broken {
    @Override
    Result spoil(Command command, Result result) {
      return result.toBuilder().status(Status.OK).cause(Cause.NONE).build();
    }
  }

  @Test
  void oneThatCallsEverythingASuccess() {
    fails(AlwaysOk.class, List.of("everyExitCodeIsTold", "aSignalIsTold", "cpuTime", "wallTime", "idleTime", "memory",
        "processes", "outputOfEachStream", "outputIntoAFile", "outputInAll", "aFileThatIsMissingIsAStatus",
        "aThreadThatIsInterruptedAlreadyRunsNothing", "interruptingTheThreadEndsTheProgram"),
        List.of("aProgramThatEndsWellIsOk", "bothStreamsAreKeptApart"));
  }

  static final class LosesOutput extends Broken {
    @Override
    Result spoil(Command command, Result result) {
      return result.toBuilder().stdout(new Captured(new byte[0], false, 0)).build();
    }
  }

  @Test
  void oneThatLosesOutput() {
    fails(LosesOutput.class, List.of("bothStreamsAreKeptApart", "bytesAreReadAndWrittenUnchanged",
        "whatIsOverTheCaptureIsReadAndDropped", "argumentsArriveAsTheyAre", "theEnvironmentIsExactlyWhatIsGiven",
        "filesAreBroughtIn", "manyThreadsEachGetTheirOwn", "manyFuturesEachGetTheirOwn",
        "interruptingTheThreadEndsTheProgram"),
        List.of("everyExitCodeIsTold", "aProgramThatSaysNothingSaysNothing", "standardOutputIntoAFile"));
  }

  static final class CutsOutput extends Broken {
    @Override
    Result spoil(Command command, Result result) {
      var bytes = result.stdout().bytes();
      return bytes.length < 100_000 ? result : result.toBuilder()
          .stdout(new Captured(java.util.Arrays.copyOf(bytes, 65_536), false, bytes.length)).build();
    }
  }

  @Test
  void oneThatLosesTheEndOfALongOutput() {
    fails(CutsOutput.class, List.of("bytesAreReadAndWrittenUnchanged", "standardInputFromAFile",
        "whatIsBroughtInIsUnchanged"), List.of("bothStreamsAreKeptApart"));
  }

  /** What is left does not go by itself. */
  abstract static class Leaving extends Broken {
    @Override
    Duration patience() {
      return Duration.ofMillis(500);
    }
  }

  static final class LeavesAProcess extends Leaving {
    @Override
    Result spoil(Command command, Result result) {
      try {
        var process = new ProcessBuilder("sleep", "60").start();
        LEFT.add(() -> process.destroyForcibly().waitFor());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return result;
    }
  }

  @Test
  void oneThatLeavesAProcess() {
    fails(LeavesAProcess.class, List.of("aProgramThatEndsWellIsOk", "manyRunsLeaveNothing"),
        List.of("everyPermittedRefusalIsOfSomethingThatIsTested"));
  }

  static final class LeavesAThread extends Leaving {
    @Override
    Result spoil(Command command, Result result) {
      var end = new CountDownLatch(1);
      var thread = new Thread(() -> {
        try {
          end.await();
        } catch (InterruptedException e) {
          return;
        }
      }, "left");
      thread.start();
      LEFT.add(() -> {
        end.countDown();
        thread.join();
      });
      return result;
    }
  }

  @Test
  void oneThatLeavesAThread() {
    fails(LeavesAThread.class, List.of("aProgramThatEndsWellIsOk"), List.of());
  }

  static final class LeavesADescriptor extends Leaving {
    @Override
    Result spoil(Command command, Result result) {
      try {
        var file = new FileInputStream("/etc/passwd");
        LEFT.add(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return result;
    }
  }

  @Test
  void oneThatLeavesADescriptor() {
    fails(LeavesADescriptor.class, List.of("aProgramThatEndsWellIsOk"), List.of());
  }

  /** A container is opened for every run, and never closed. */
  static final class LeavesAContainer extends Leaving {
    @Override
    Result spoil(Command command, Result result) {
      try {
        LEFT.add(Container.open());
      } catch (SandboxException e) {
        throw new IllegalStateException(e);
      }
      return result;
    }
  }

  @Test
  void oneThatLeavesASandbox() {
    fails(LeavesAContainer.class, List.of("aProgramThatEndsWellIsOk", "everyExitCodeIsTold"), List.of());
  }

  static final class ForgetsTheLabel extends Broken {
    @Override
    Result spoil(Command command, Result result) {
      return Result.builder(result.status()).exitCode(result.exitCode().orElse(0)).build();
    }
  }

  @Test
  void oneThatForgetsTheLabel() {
    fails(ForgetsTheLabel.class, List.of("theLabelGoesIntoTheResult", "whatStandsBetweenIsWhatTheTierPromises",
        "wallTimeIsThatOfTheProgram"), List.of("everyRunIsOneEventBeforeItsCallerHasTheResult"));
  }

  static final class TellsOthersNothing extends Broken {
    @Override
    Command change(Command command) {
      return Command.builder(command.args()).env(command.env()).limits(command.limits()).build();
    }

    @Override
    Result spoil(Command command, Result result) {
      var builder = result.toBuilder();
      command.label().ifPresent(builder::label);
      return builder.build();
    }
  }

  /** It also makes a new command of a few properties, as one may who does not know of all. */
  @Test
  void oneWhoseEventsHaveNoLabelAndThatForgetsHalfOfTheCommand() {
    fails(TellsOthersNothing.class, List.of("everyRunIsOneEventBeforeItsCallerHasTheResult",
        "bytesAreReadAndWrittenUnchanged", "standardOutputIntoAFile", "filesAreBroughtIn",
        "aFileIsFetchedIntoTheResult", "oneCpuOfMany", "aResourceLimitIsSetLast", "aTerminalIsATerminal",
        "theCallerActsBeforeTheProgramRuns",
        "aFilePolicyIsKept", "oneMoreDescriptor", "theWorkDirectoryIsWhereItIsToBe"),
        List.of("theLabelGoesIntoTheResult", "cpuTime", "theEnvironmentIsExactlyWhatIsGiven"));
  }

  static final class IgnoresLimits extends Broken {
    @Override
    Command change(Command command) {
      return command.toBuilder().limits(tier().limits()).build();
    }

    /** Less than those limits. */
    @Override
    Duration patience() {
      return Duration.ofSeconds(2);
    }
  }

  @Test
  void oneThatIgnoresLimits() {
    fails(IgnoresLimits.class, List.of("cpuTime", "wallTime", "idleTime", "memory", "processes", "outputIntoAFile",
        "outputInAll", "openFiles", "stack"), List.of("everyLimitIsHeldOrRefusedByName", "aResourceLimitIsSetLast"));
  }

  static final class RefusesMore extends Broken {
    @Override
    Command change(Command command) throws SandboxException {
      if (!command.workDir().equals(Command.DEFAULT_WORK_DIR)) {
        throw SandboxException.unsupported("workDir", command.workDir(), "must be the usual one");
      }
      return command;
    }
  }

  @Test
  void oneThatRefusesWhatIsNotInItsList() {
    fails(RefusesMore.class, List.of("theWorkDirectoryIsWhereItIsToBe", "aWorkDirectoryThatIsNotThere"),
        List.of("aProgramThatEndsWellIsOk", "theOtherKindOfDescription"));
  }

  static final class RefusesByWords extends Broken {
    @Override
    Command change(Command command) {
      if (command.terminal()) {
        throw new IllegalArgumentException("terminal: true: there is none");
      }
      return command;
    }

    @Override
    Set<String> alsoPermitted() {
      return Set.of("terminal");
    }
  }

  @Test
  void oneThatRefusesWithAnotherException() {
    fails(RefusesByWords.class, List.of("aTerminalIsATerminal"), List.of("withoutATerminalThereIsNone"));
  }

  static final class RefusesLess extends Broken {
    @Override
    Set<String> alsoPermitted() {
      return Set.of("workDir", "limits.coreBytes", "wrokDir");
    }
  }

  @Test
  void oneWhoseListIsTooLong() {
    fails(RefusesLess.class, List.of("theWorkDirectoryIsWhereItIsToBe", "aWorkDirectoryThatIsNotThere",
        "everyLimitIsHeldOrRefusedByName", "everyPermittedRefusalIsOfSomethingThatIsTested"),
        List.of("aProgramThatEndsWellIsOk", "theOtherKindOfDescription"));
  }

  static final class SwallowsInterrupts extends Broken {
    @Override
    Result spoil(Command command, Result result) {
      Thread.interrupted();
      return result;
    }
  }

  @Test
  void oneThatSwallowsInterrupts() {
    fails(SwallowsInterrupts.class,
        List.of("interruptingTheThreadEndsTheProgram", "aThreadThatIsInterruptedAlreadyRunsNothing"),
        List.of("manyThreadsEachGetTheirOwn"));
  }

  static final class CannotBeCancelled extends Broken {
    @Override
    CompletableFuture<Result> follow(Runner good, Command command) {
      var run = good.runAsync(command);
      LEFT.add(() -> run.cancel(true));
      return run.thenApply(result -> result);
    }

    /** Less than the time that the programs sleep. */
    @Override
    Duration patience() {
      return Duration.ofMillis(500);
    }
  }

  @Test
  void oneWhoseFuturesAreNotTheRuns() {
    fails(CannotBeCancelled.class, List.of("cancellingTheFutureEndsTheProgram", "completingTheFutureEndsTheProgram",
        "aTimeOutOfTheFutureEndsTheProgram", "cancellingAtOnceEndsTheProgram",
        "aProgramThatIgnoresSignalsCanBeCancelled"), List.of("aProgramThatEndsWellIsOk"));
  }

  static final class ThrowsAtOnce extends Broken {
    @Override
    CompletableFuture<Result> follow(Runner good, Command command) {
      try {
        return CompletableFuture.completedFuture(good.run(command));
      } catch (SandboxException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void oneThatIsNotAsynchronous() {
    fails(ThrowsAtOnce.class, List.of("theFutureFailsWithWhatRunThrows", "cancellingTheFutureEndsTheProgram"),
        List.of("manyFuturesEachGetTheirOwn"));
  }

  static final class IsNotFresh extends Broken {
    private static final class Shared implements Runner, AutoCloseable {
      private final Container container;

      Shared(Container container) {
        this.container = container;
      }

      @Override
      public Result run(Command command) throws SandboxException {
        return container.run(command);
      }

      @Override
      public CompletableFuture<Result> runAsync(Command command) {
        return container.runAsync(command);
      }

      @Override
      public void close() {
        container.close();
      }
    }

    @Override
    Runner open(SandboxSpec spec) throws SandboxException {
      return new Shared(Container.of(spec).open());
    }
  }

  @Test
  void oneThatIsNotFreshAlthoughItSaysSo() {
    fails(IsNotFresh.class, List.of("whatARunHasWrittenIsGoneInTheNextOrStaysOnPurpose"),
        List.of("aClosedRunnerRunsNothing", "aLimitIsThatOfItsRunAlone"));
  }

  /** Takes a weaker description than it was given. */
  static final class IgnoresTheDescription extends Broken {
    @Override
    Runner open(SandboxSpec spec) throws SandboxException {
      return UnshareRunner.create();
    }
  }

  @Test
  void oneThatIgnoresItsDescription() {
    fails(IgnoresTheDescription.class, List.of("theHostNameIsWhatWasAskedFor", "theDomainNameIsWhatWasAskedFor",
        "theIdsAreWhatWasAskedFor",
        "withTheHostsNetworkItIsThat", "directoriesOfTheHostAreShownReadOnly", "aDirectoryInMemoryHoldsWhatItMay",
        "aDirectoryToShowMustBeThere", "withoutAFilterNoneIsClaimed", "whatIsRequiredIsThereOrNothingRuns",
        "whatIsPreferredAndMissingIsTold", "aProgramPreparesTheSandbox", "theOtherKindOfDescription",
        "aSupervisorHoldsForEveryCommand", "anApparmorProfileThatIsNotThereIsNotIgnored",
        "anSelinuxLabelThatIsNotThereIsNotIgnored"),
        List.of("theUsualFilterIsThere", "withoutANetworkThereIsAtMostALoopback"));
  }

  // ---- live runs ----

  static final class HasNoLiveRuns extends Broken {
    @Override
    LiveRun spoil(LiveRun run) throws SandboxException {
      run.close();
      throw SandboxException.unsupported("start", "given", "this runner has no live runs");
    }
  }

  @Test
  void oneThatRefusesToStartWithoutSayingSo() {
    fails(HasNoLiveRuns.class, List.of("inputAndOutputGoOnWhileTheProgramRuns", "closingEndsTheRun",
        "manyThreadsEachHoldTheirOwnConversation"), List.of("aStreamOfStandardInputIsForStartAlone"));
  }

  /** Gives the output when there is no more. */
  static final class GivesOutputAtTheEnd extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public InputStream stdout() {
          var all = new ByteArrayOutputStream();
          try {
            good.stdout().transferTo(all);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return new ByteArrayInputStream(all.toByteArray());
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneThatGivesOutputAtTheEnd() {
    fails(GivesOutputAtTheEnd.class, List.of("inputAndOutputGoOnWhileTheProgramRuns", "anInterruptEndsTheWaitAlone"),
        List.of("aReaderThatWaitsHoldsTheProgramUp"));
  }

  /** Keeps the end of the input to itself. */
  static final class SwallowsTheEnd extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public OutputStream stdin() {
          return new FilterOutputStream(good.stdin()) {
            @Override
            public void close() throws IOException {
              flush();
            }
          };
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneThatSwallowsTheEndOfTheInput() {
    fails(SwallowsTheEnd.class, List.of("theEndOfTheInputReachesTheProgram", "whatIsTypedAppears",
        "inputAndOutputGoOnWhileTheProgramRuns"), List.of("bothStreamsAreReadApart", "inputIsTakenFromAPublisher"));
  }

  static final class MixesStreams extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public InputStream stdout() {
          return good.stderr();
        }

        @Override
        public InputStream stderr() {
          return good.stdout();
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneThatMixesStreams() {
    fails(MixesStreams.class, List.of("bothStreamsAreReadApart", "whatWasWrittenIsReadAfterTheEnd",
        "aReaderThatWaitsHoldsTheProgramUp"), List.of("inputIsTakenFromAPublisher"));
  }

  /** Reads all that there is into memory before anybody asks. */
  static final class ReadsAhead extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      byte[] all;
      try {
        all = run.stdout().readAllBytes();
        run.result().get();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException | ExecutionException e) {
        throw new IllegalStateException(e);
      }
      return new PassingRun(run) {
        @Override
        public InputStream stdout() {
          return new ByteArrayInputStream(all);
        }
      };
    }
  }

  @Test
  void oneThatReadsAhead() {
    fails(ReadsAhead.class, List.of("aReaderThatWaitsHoldsTheProgramUp"),
        List.of("whatWasWrittenIsReadAfterTheEnd"));
  }

  static final class LosesWhatWasWritten extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public void cancel() {
          try {
            good.cancel();
            good.stdout().close();
          } catch (IOException | IllegalStateException e) {
            throw new IllegalStateException(e);
          }
        }
      };
    }
  }

  @Test
  void oneThatLosesWhatWasWrittenBeforeTheCancel() {
    fails(LosesWhatWasWritten.class, List.of("cancellingKeepsWhatWasWritten", "cancellingKeepsWhatWasCaptured"),
        List.of("closingEndsTheRun"));
  }

  /** Takes every request, and does nothing. */
  static final class DoesNothing extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public void signal(int number) {
          // Nothing.
        }

        @Override
        public void pause() {
          // Nothing.
        }

        @Override
        public void cancel() {
          // Nothing.
        }

        @Override
        public void resize(int columns, int rows) {
          // Nothing.
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneThatDoesNotSignalPauseOrCancel() {
    fails(DoesNothing.class, List.of("aSignalReachesTheProgram", "aPausedProgramAnswersWhenItGoesOn",
        "cancellingKeepsWhatWasWritten", "cancellingKeepsWhatWasCaptured", "onlyWhatWasGivenAsAStreamIsOne"),
        List.of("closingEndsTheRun", "aPausedRunCanBeClosed"));
  }

  static final class StaysPaused extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public void resume() {
          // Nothing.
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneThatDoesNotResume() {
    fails(StaysPaused.class, List.of("aPausedProgramAnswersWhenItGoesOn"), List.of("aPausedRunCanBeClosed"));
  }

  /** What is closed goes on. */
  static final class GoesOn extends Leaving {
    @Override
    LiveRun spoil(LiveRun run) {
      LEFT.add(run);
      return new PassingRun(run) {
        @Override
        public void close() {
          // Nothing.
        }
      };
    }
  }

  @Test
  void oneThatLeavesWhatIsClosed() {
    fails(GoesOn.class, List.of("closingEndsTheRun", "manyRunsThatAreClosedLeaveNothing", "bothStreamsAreReadApart",
        "closingTheRunEndsTheWaitOfAReader", "theFirstUseOfAStreamDecides"),
        List.of());
  }

  /** The future that it gives is not that of the run. */
  static final class GivesAnotherFuture extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public CompletableFuture<Result> result() {
          return good.result().thenApply(result -> result);
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneWhoseFutureIsNotTheRuns() {
    fails(GivesAnotherFuture.class, List.of("theResultIsOneFutureAndCompletingItEndsTheProgram"),
        List.of("closingEndsTheRun"));
  }

  /** Asks for everything at once, and gives it. */
  static final class IgnoresDemand extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public Flow.Publisher<ByteBuffer> stdoutPublisher() {
          return subscriber -> good.stdoutPublisher().subscribe(greedy(subscriber));
        }
      };
    }

    private static Flow.Subscriber<ByteBuffer> greedy(Flow.Subscriber<? super ByteBuffer> subscriber) {
      return new Flow.Subscriber<>() {
        @Override
        public void onSubscribe(Flow.Subscription subscription) {
          subscriber.onSubscribe(subscription);
          subscription.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(ByteBuffer item) {
          subscriber.onNext(item);
        }

        @Override
        public void onError(Throwable failure) {
          subscriber.onError(failure);
        }

        @Override
        public void onComplete() {
          subscriber.onComplete();
        }
      };
    }
  }

  @Test
  void oneThatPublishesWhatNobodyRequested() {
    fails(IgnoresDemand.class, List.of("nothingComesThatWasNotRequested"), List.of("inputIsTakenFromAPublisher"));
  }

  /** A wait for the program cannot be ended. */
  static final class WaitsOn extends Broken {
    @Override
    LiveRun spoil(LiveRun run) {
      return new PassingRun(run) {
        @Override
        public InputStream stdout() {
          return new FilterInputStream(good.stdout()) {
            @Override
            public int read() throws IOException {
              var one = new byte[1];
              return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] data, int from, int length) throws IOException {
              while (true) {
                try {
                  return super.read(data, from, length);
                } catch (InterruptedIOException e) {
                  Thread.interrupted();
                }
              }
            }
          };
        }
      };
    }

    @Override
    Duration patience() {
      return Duration.ofSeconds(1);
    }
  }

  @Test
  void oneWhoseReadersCannotBeInterrupted() {
    fails(WaitsOn.class, List.of("anInterruptEndsTheWaitAlone"), List.of("cancellingKeepsWhatWasWritten"));
  }

  /** Takes streams that no caller can hold. */
  static final class TakesAnyStream extends Broken {
    @Override
    Command change(Command command) {
      var builder = command.toBuilder();
      if (command.stdin() instanceof Input.Stream) {
        builder.stdin(Input.none());
      }
      if (command.stdout() instanceof Output.Stream) {
        builder.stdout(Output.discard());
      }
      return builder.build();
    }
  }

  @Test
  void oneThatDropsStreams() {
    fails(TakesAnyStream.class, List.of("aStreamOfStandardInputIsForStartAlone",
        "aStreamOfStandardOutputIsForStartAlone", "bothStreamsAreReadApart"),
        List.of("aStreamOfStandardErrorIsForStartAlone"));
  }
}
