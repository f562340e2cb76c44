// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.RunHandle;
import io.cordon.internal.engine.Running;
import io.cordon.internal.engine.WiringHandle;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Uninterrupted;
import io.cordon.supervisor.Supervisor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Any number of commands that are started together and talk through pipes at any of their descriptors: a manager and
 * several contestants, a ring, a pipeline. Each runs in a container or a sandbox of its own, or several in one
 * {@linkplain Container.Builder#shared shared} container.
 *
 * <p>Whatever one program does (floods, never reads, ends or closes its side), the others go on: a reader gets the end
 * of the file after the last byte, a writer SIGPIPE or EPIPE unless the pipe is a {@link PipeOptions#proxy}. What is
 * not connected stays as the command says, its limits as well.
 *
 * <p>Immutable, and can be run any number of times; any thread. {@link Interaction} is the case of two.
 *
 * @since 0.1.0
 */
public final class Wiring {
  private static final int HIGHEST_DESCRIPTOR = 1023;

  private final List<Node> nodes;
  private final List<Pipe> pipes;

  private Wiring(List<Node> nodes, List<Pipe> pipes) {
    this.nodes = List.copyOf(nodes);
    this.pipes = List.copyOf(pipes);
  }

  /**
   * Starts a wiring.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Runs all commands and waits for all to end. An interrupt kills all programs, as {@link Runner#run} says it. On a
   * virtual thread a platform thread waits in its place.
   *
   * @return what became of each
   * @throws SandboxException where one could not be started; then the others were killed
   */
  public Outcome run() throws SandboxException {
    return Running.isVirtual(Thread.currentThread()) ? join(start()) : runHere();
  }

  /**
   * Starts all commands; a thread of its own waits for them. Completing the future from outside kills all programs.
   *
   * @return what became of each, later
   */
  public CompletableFuture<Outcome> runAsync() {
    return start().outcome;
  }

  private record Started(Thread thread, CompletableFuture<Outcome> outcome) {}

  private Started start() {
    var outcome = new CompletableFuture<Outcome>();
    var thread = new Thread(null, () -> {
      try {
        outcome.complete(runHere());
      } catch (Throwable t) {
        outcome.completeExceptionally(t);
      }
    }, "cordon-wiring", 0, false);
    thread.setDaemon(true);
    outcome.whenComplete((result, failure) -> thread.interrupt());
    thread.start();
    return new Started(thread, outcome);
  }

  /** An interrupt kills the programs, and their results still come. */
  private static Outcome join(Started started) throws SandboxException {
    try {
      return Uninterrupted.await(started.outcome::get, started.thread::interrupt);
    } catch (ExecutionException e) {
      throw Uninterrupted.cause(e, SandboxException.class);
    }
  }

  private Outcome runHere() throws SandboxException {
    try (var containers = new WiringContainers(nodes.stream().map(Node::container).toList())) {
      containers.take();
      var runs = new ArrayList<RunHandle>();
      try (var handle = WiringHandle.open(nodes.size())) {
        start(connect(handle), containers, runs, handle);
        return outcome(handle, runs, handle.await(runs));
      } finally {
        runs.forEach(RunHandle::free);
      }
    }
  }

  private void start(List<Command.Builder> commands, WiringContainers containers, List<RunHandle> runs,
      WiringHandle handle) throws SandboxException {
    try {
      for (var node : nodes) {
        runs.add(node.place.start(containers, node.index, commands.get(node.index).build()));
      }
    } finally {
      if (runs.size() < nodes.size()) {
        handle.abandon(runs);
      }
    }
  }

  private List<Command.Builder> connect(WiringHandle handle) throws SandboxException {
    var commands = nodes.stream().map(node -> node.command.toBuilder()).toList();
    for (var pipe : pipes) {
      var ends = handle.pipe(pipe.from.index, pipe.fromFd, pipe.to.index, pipe.toFd, pipe.options);
      give(commands.get(pipe.from.index), pipe.fromFd, ends.writer());
      give(commands.get(pipe.to.index), pipe.toFd, ends.reader());
    }
    return commands;
  }

  private static void give(Command.Builder command, int target, int fd) {
    switch (target) {
      case 0 -> command.stdin(Input.descriptor(fd));
      case 1 -> command.stdout(Output.descriptor(fd));
      case 2 -> command.stderr(Output.descriptor(fd));
      default -> command.descriptor(fd, target);
    }
  }

  private Outcome outcome(WiringHandle handle, List<RunHandle> runs, int[] order) throws SandboxException {
    var replies = new ArrayList<Reply>();
    for (var run : runs) {
      replies.add(Reply.of(run));
    }
    var traffic = new ArrayList<Traffic>();
    for (var pipe : pipes) {
      traffic.add(new Traffic(handle.recording(pipe.index, pipe.options.recordingBytes()), handle.dropped(pipe.index)));
    }
    return new Outcome(this, List.copyOf(replies), Arrays.stream(order).mapToObj(nodes::get).toList(),
        List.copyOf(traffic));
  }

  /** Exactly one of both. */
  private record Reply(@Nullable Result result, @Nullable SandboxException failure) {
    static Reply of(RunHandle run) {
      try {
        return new Reply(run.reply(), null);
      } catch (SandboxException e) {
        return new Reply(null, e);
      }
    }
  }

  private record Traffic(Captured recording, long droppedBytes) {}

  /** What starts a command. */
  private interface Place {
    RunHandle start(WiringContainers containers, int index, Command command) throws SandboxException;
  }

  /** A command of a wiring. */
  public static final class Node {
    private final int index;
    private final Place place;
    private final @Nullable Container container;
    private final Command command;

    private Node(int index, Place place, @Nullable Container container, Command command) {
      this.index = index;
      this.place = place;
      this.container = container;
      this.command = command;
    }

    private Optional<Container> container() {
      return Optional.ofNullable(container);
    }

    /**
     * Returns the command, as it was added.
     *
     * @return the command
     */
    public Command command() {
      return command;
    }

    /** Returns the node's number, from 0 on, and its command, for messages. */
    @Override
    public String toString() {
      return index + " (" + command + ")";
    }
  }

  /** A pipe of a wiring. */
  public static final class Pipe {
    private final int index;
    private final Node from;
    private final int fromFd;
    private final Node to;
    private final int toFd;
    private final PipeOptions options;

    private Pipe(int index, Node from, int fromFd, Node to, int toFd, PipeOptions options) {
      this.index = index;
      this.from = from;
      this.fromFd = fromFd;
      this.to = to;
      this.toFd = toFd;
      this.options = options;
    }

    private boolean hasEnd(Node node, int fd) {
      return (from == node && fromFd == fd) || (to == node && toFd == fd);
    }

    /** Returns both ends, for messages. */
    @Override
    public String toString() {
      return from.index + ":" + fromFd + " -> " + to.index + ":" + toFd;
    }
  }

  /** What became of the commands. Immutable. */
  public static final class Outcome {
    private final Wiring wiring;
    private final List<Reply> replies;
    private final List<Node> order;
    private final List<Traffic> traffic;

    private Outcome(Wiring wiring, List<Reply> replies, List<Node> order, List<Traffic> traffic) {
      this.wiring = wiring;
      this.replies = replies;
      this.order = order;
      this.traffic = traffic;
    }

    private Reply reply(Node node) {
      if (!wiring.nodes.contains(node)) {
        throw Checks.refuse("wiring", node, "is a node of another wiring");
      }
      return replies.get(node.index);
    }

    private Traffic traffic(Pipe pipe) {
      if (!wiring.pipes.contains(pipe)) {
        throw Checks.refuse("wiring", pipe, "is a pipe of another wiring");
      }
      return traffic.get(pipe.index);
    }

    /**
     * Returns what a program did.
     *
     * @param node the program's
     * @return its result
     * @throws SandboxException where it did not run: {@link #failure}
     */
    public Result result(Node node) throws SandboxException {
      var reply = reply(node);
      if (reply.result == null) {
        throw failure(node).orElseThrow();
      }
      return reply.result;
    }

    /**
     * Returns why a program did not run.
     *
     * @param node the program's
     * @return the failure of its sandbox, or empty: it has a {@link #result}
     */
    public Optional<SandboxException> failure(Node node) {
      return Optional.ofNullable(reply(node).failure);
    }

    /**
     * Returns all nodes in the order in which their programs ended. Each end is measured in its own sandbox: one that
     * is the answer to another within a fraction of a millisecond may seem to be the earlier.
     *
     * @return an immutable list
     */
    public List<Node> order() {
      return order;
    }

    /**
     * Returns what was written into a pipe.
     *
     * @param pipe the pipe
     * @return its beginning, as far as it was recorded, and how much was written in all; 0 for a plain pipe, which the
     *     host does not see
     */
    public Captured recording(Pipe pipe) {
      return traffic(pipe).recording;
    }

    /**
     * Returns how much of that no reader was given, because none was left or the limit was reached.
     *
     * @param pipe the pipe
     * @return bytes
     */
    public long droppedBytes(Pipe pipe) {
      return traffic(pipe).droppedBytes;
    }

    /** Returns every node's status, in the order of the ends. */
    @Override
    public String toString() {
      var text = new StringBuilder("Outcome");
      for (var node : order) {
        var reply = reply(node);
        text.append(' ').append(node.index).append('=')
            .append(reply.result != null ? reply.result.status() : reply.failure);
      }
      return text.toString();
    }
  }

  /** Collects commands and pipes. One thread at a time. What makes no sense is refused at once. */
  public static final class Builder {
    private final List<Node> nodes = new ArrayList<>();
    private final List<Pipe> pipes = new ArrayList<>();

    private Builder() {}

    /**
     * Adds a command that runs in a container, when it is its turn. In a {@linkplain Container.Builder#shared shared}
     * container several commands of a wiring can run: the first in the container itself, and each other one in a
     * sidecar that is made for it and closed at the end.
     *
     * @param container a container or a sidecar; one that no other command of the wiring runs in, unless it is shared
     * @param command a command without sync action, terminal, streams and handler
     * @return the node, to be connected
     */
    public Node add(Container container, Command command) {
      if (!container.isShared() && nodes.stream().anyMatch(node -> node.container == container)) {
        throw Checks.refuse("wiring container", container.id(),
            "is another command's; only a shared one runs several");
      }
      return add(container.spec(), WiringContainers::start, container, command);
    }

    /**
     * Adds a command that runs in a sandbox of its own.
     *
     * @param runner what makes the sandbox
     * @param command a command without sync action, terminal, streams and handler
     * @return the node, to be connected
     */
    public Node add(UnshareRunner runner, Command command) {
      return add(runner.spec(), (none, index, adapted) -> RunHandle.open(runner.spec(), adapted), null, command);
    }

    /**
     * Adds a command that runs supervised.
     *
     * @param runner what supervises it
     * @param command a command without sync action, terminal, streams and handler
     * @return the node, to be connected
     */
    public Node add(PtraceRunner runner, Command command) {
      return add(runner.spec(),
          (none, index, adapted) -> RunHandle.open(runner.spec(), runner.supervised(adapted)), null, command);
    }

    private Node add(SandboxSpec spec, Place place, @Nullable Container container, Command command) {
      check(spec.complete(command));
      var node = new Node(nodes.size(), place, container, command);
      nodes.add(node);
      return node;
    }

    private static void check(Command command) {
      if (command.terminal()) {
        throw Checks.refuse("wiring", "terminal", "is for a program alone");
      }
      if (command.sync().isPresent()) {
        throw Checks.refuse("wiring", "sync", "is for a program alone");
      }
      if (command.supervisor().flatMap(Supervisor::handler).isPresent()) {
        throw Checks.refuse("wiring", "supervisor", "must have no handler");
      }
      if (command.stdin() instanceof Input.Stream || command.stdout() instanceof Output.Stream
          || command.stderr() instanceof Output.Stream) {
        throw Checks.refuse("wiring", "stream", "is for a program alone");
      }
    }

    /**
     * Connects two commands by a plain pipe.
     *
     * @param from who writes
     * @param fromFd its descriptor, 0 to 1023
     * @param to who reads; may be the same
     * @param toFd its descriptor, 0 to 1023
     * @return the pipe
     */
    public Pipe connect(Node from, int fromFd, Node to, int toFd) {
      return connect(from, fromFd, to, toFd, PipeOptions.plain());
    }

    /**
     * Connects two commands by a pipe. A descriptor that the command gives to its program already is refused: standard
     * input must be {@link Input#none}, standard output and error {@link Output#capture()}, as they are by default.
     *
     * @param from who writes
     * @param fromFd its descriptor, 0 to 1023
     * @param to who reads; may be the same
     * @param toFd its descriptor, 0 to 1023
     * @param options limit, recording, proxy
     * @return the pipe, to ask the outcome about
     */
    public Pipe connect(Node from, int fromFd, Node to, int toFd, PipeOptions options) {
      checkEnd("from", from, fromFd);
      checkEnd("to", to, toFd);
      if (from == to && fromFd == toFd) {
        throw Checks.refuse("pipe to", toFd, "is the other end of the same pipe");
      }
      var pipe = new Pipe(pipes.size(), from, fromFd, to, toFd, options);
      pipes.add(pipe);
      return pipe;
    }

    private void checkEnd(String side, Node node, int fd) {
      if (!nodes.contains(node)) {
        throw Checks.refuse("pipe " + side, node, "is a node of another wiring");
      }
      Checks.range("pipe " + side + " descriptor", fd, 0, HIGHEST_DESCRIPTOR);
      if (!isUnset(node.command, fd)) {
        throw Checks.refuse("pipe " + side + " descriptor", fd, "is set by the command");
      }
      if (pipes.stream().anyMatch(pipe -> pipe.hasEnd(node, fd))) {
        throw Checks.refuse("pipe " + side + " descriptor", fd, "is the end of another pipe");
      }
    }

    private static boolean isUnset(Command command, int fd) {
      return switch (fd) {
        case 0 -> command.stdin() instanceof Input.None;
        case 1 -> isUnset(command.stdout());
        case 2 -> isUnset(command.stderr());
        default -> !command.descriptors().containsKey(fd);
      };
    }

    private static boolean isUnset(Output output) {
      return output instanceof Output.Capture capture && capture.limitBytes() == Output.DEFAULT_CAPTURE_BYTES;
    }

    /**
     * Makes the wiring.
     *
     * @return the wiring
     */
    public Wiring build() {
      if (nodes.isEmpty()) {
        throw Checks.refuse("wiring", "no commands", "must have at least one");
      }
      return new Wiring(nodes, pipes);
    }
  }
}
