// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.Cleaners;
import io.cordon.internal.engine.CompiledPolicy;
import io.cordon.internal.engine.Errors;
import io.cordon.internal.engine.FilesCodec;
import io.cordon.internal.engine.Kept;
import io.cordon.internal.engine.Listing;
import io.cordon.internal.engine.RunCodec;
import io.cordon.internal.engine.RunHandle;
import io.cordon.internal.engine.Running;
import io.cordon.internal.engine.Turn;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Checks;
import io.cordon.internal.util.Errno;
import io.cordon.internal.util.PoolThread;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.RequestWriter;
import io.cordon.internal.wire.WireError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * A sandbox that is made once and used for many runs, one after the other: a run costs little more than the exec of its
 * program.
 *
 * <p>What a run leaves in the writable directories is there for the next one, until {@link #reset}: compile in one run,
 * test in the next. Between runs that must not see each other, reset it, or use a {@code ContainerPool}, which does
 * that.
 *
 * <p>One command at a time. Any number of threads may use a container. A caller that comes while a command runs waits
 * for its turn, in the order of asking, or is refused with {@link Builder#refuseWhenBusy}. If a container breaks, for
 * example because its cordon-init was killed, the command and every later one fail: close it and make another.
 *
 * <p>In a {@linkplain Builder#shared shared} container commands can run at the same time: each {@link #sidecar} is one
 * more Container in the same sandbox, with a turn of its own, and files go in and out while programs run.
 *
 * <p>{@link #close} kills what runs. A container that was not closed is closed, with a warning, after it was
 * garbage-collected.
 *
 * @since 0.1.0
 */
public final class Container implements ReusableRunner {
  private static final AtomicLong COUNT = new AtomicLong();

  private static final int CHUNK_BYTES = 64 << 10;

  private final long order = COUNT.incrementAndGet();
  private final Config config;
  private final Turn turn = new Turn();

  /** Whose turn it is to move files. They wait for runs only where the container is not shared. */
  private final Turn files;

  /** Those that were made here, as long as somebody uses them; guarded by the lock of {@link #owned}. */
  private final Set<Container> sidecars = Collections.newSetFromMap(new WeakHashMap<>());

  /** The container of this sidecar, which must not be collected before it; null where this is none. */
  private final @Nullable Container main;

  private final Native owned;
  private final Cleaner.Cleanable cleanable;
  private volatile @Nullable RunHandle current;

  private Container(Config config, long handle, @Nullable CompiledPolicy compiled, @Nullable Container main) {
    this.config = config;
    this.main = main;
    files = config.shared ? new Turn() : turn;
    owned = new Native(handle, Natives.containerPid(handle), compiled);
    cleanable = Cleaners.register(this, owned);
  }

  /**
   * What a container is made from. Immutable; any number of containers may be made from one.
   */
  public static final class Config {
    private final SandboxSpec spec;
    private final boolean refuseWhenBusy;
    private final boolean shared;

    private Config(SandboxSpec spec, boolean refuseWhenBusy, boolean shared) {
      this.spec = spec;
      this.refuseWhenBusy = refuseWhenBusy;
      this.shared = shared;
    }

    /**
     * Returns what the containers are like.
     *
     * @return the description
     */
    public SandboxSpec spec() {
      return spec;
    }

    /**
     * Tells what happens to one who comes while a command runs.
     *
     * @return what {@link Builder#refuseWhenBusy} says
     */
    public boolean refuseWhenBusy() {
      return refuseWhenBusy;
    }

    /**
     * Tells whether commands can run in a container at the same time.
     *
     * @return what {@link Builder#shared} says
     */
    public boolean shared() {
      return shared;
    }

    /**
     * Starts a container and waits until it is ready, which takes about a millisecond.
     *
     * @return the container, which the caller closes
     * @throws SandboxException where it cannot be made; nothing is left over then
     */
    public Container open() throws SandboxException {
      NativeLibrary.ensureLoaded();
      long start = System.nanoTime();
      var container = start();
      // A pool publishes what it opens, with its name.
      if (SecurityEvents.isObserved() && !PoolThread.isCurrent()) {
        SecurityEvents.publish(new CordonEvent.ContainerOpened(container.id(), Optional.empty(),
            Duration.ofNanos(System.nanoTime() - start)));
      }
      return container;
    }

    private Container start() throws SandboxException {
      var use = Kept.use();
      use.lock();
      var error = Buffers.take(WireError.BYTES);
      try (var request = new RequestWriter()) {
        var compiled = CompiledPolicy.of(spec.seccomp());
        RunCodec.write(request, spec, compiled, shared);
        long handle = Natives.containerOpen(request.buffer(), request.length(), error);
        if (handle == 0) {
          throw Errors.read(error);
        }
        return new Container(this, handle, compiled, null);
      } catch (BufferOverflowException e) {
        throw SandboxException.of(Step.VALIDATE, 0, "request: over 2 GiB");
      } finally {
        Buffers.give(error);
        use.unlock();
      }
    }
  }

  /** The library's container. Does not refer to the Container, whose end it outlives. */
  private static final class Native implements Runnable {
    private final ReentrantLock lock = new ReentrantLock();
    private final int pid;
    private volatile int currentPid;
    private long handle;

    /** Keeps the policy, which must outlive the container, from being freed before it. */
    @SuppressWarnings("UnusedVariable") // Holding it is the use.
    private @Nullable CompiledPolicy compiled;

    Native(long handle, int pid, @Nullable CompiledPolicy compiled) {
      this.handle = handle;
      this.pid = pid;
      currentPid = pid;
      this.compiled = compiled;
    }

    /** Called by the cleaner: in a close that has freed it, or if the container was not closed. */
    @Override
    public void run() {
      if (free()) {
        LoggerFactory.getLogger(Container.class).warn("a container was not closed; cordon-init had pid {}", pid);
      }
    }

    void renewPid() {
      lock.lock();
      try {
        if (handle != 0) {
          currentPid = Natives.containerPid(handle);
        }
      } finally {
        lock.unlock();
      }
    }

    boolean free() {
      lock.lock();
      try {
        long freed = handle;
        handle = 0;
        if (freed != 0) {
          Natives.containerFree(freed);
        }
        compiled = null;
        return freed != 0;
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Starts a container with the defaults.
   *
   * @return the container, which the caller closes
   * @throws SandboxException where it cannot be made
   */
  public static Container open() throws SandboxException {
    return builder().open();
  }

  /**
   * Makes a configuration from a description.
   *
   * @param spec the description, with namespaces
   * @return the configuration; a second caller waits for its turn
   * @throws SandboxException of the kind {@link SandboxException.Kind#UNSUPPORTED} where there are no namespaces in the
   *     description
   */
  public static Config of(SandboxSpec spec) throws SandboxException {
    if (!spec.namespaces()) {
      throw SandboxException.unsupported("namespaces", false, "must be true; the runner without is ptrace");
    }
    return new Config(spec, false, false);
  }

  /**
   * Starts a configuration.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Makes a sidecar: one more Container in the same sandbox, for commands that run beside those of this one and of its
   * other sidecars. Each has a turn, limits, control groups, a pause and results of its own. All have the files, the
   * network with its loopback, IPC objects, names and ids in common. Any thread, also while a command runs.
   *
   * <p>No program can signal one of another sidecar, and what ends a run reaches all of its processes and no others.
   * Programs do see those of other sidecars in {@code /proc}, with other numbers than these know themselves by, and may
   * do to each other what files, IPC objects and {@code /proc} let processes of one user do: together they are one
   * sandbox.
   *
   * <p>Closing a sidecar ends what runs in it and nothing else; closing this container closes its sidecars.
   *
   * @return the sidecar, which the caller closes
   * @throws SandboxException where this container is not {@linkplain Builder#shared shared}, is itself a sidecar,
   *     broken or closed, or the kernel has no pid namespace left (step {@link Step#SIDECAR}, ENOSPC)
   */
  public Container sidecar() throws SandboxException {
    var use = Kept.use();
    use.lock();
    owned.lock.lock();
    var error = Buffers.take(WireError.BYTES);
    try {
      if (owned.handle == 0 || turn.isClosed()) {
        throw Turn.closedError();
      }
      long handle = Natives.containerSidecar(owned.handle, error);
      if (handle == 0) {
        throw Errors.read(error);
      }
      var sidecar = new Container(config, handle, owned.compiled, this);
      sidecars.add(sidecar);
      return sidecar;
    } finally {
      Buffers.give(error);
      owned.lock.unlock();
      use.unlock();
    }
  }

  /**
   * Runs a command when it is its turn. A thread that is interrupted while it waits for that gets a result with
   * {@link Status#CANCELLED}, and nothing was run.
   */
  @Override
  public Result run(Command command) throws SandboxException {
    return run(command, 0);
  }

  /**
   * Runs a command and has the container reset itself after it: the caller need not wait for that. The next command
   * waits for it, and fails where the reset did. Refused by a {@linkplain #canRunAndReset shared} container.
   *
   * @param command what to run
   * @return what the program did
   * @throws SandboxException as {@link #run}
   */
  @Override
  public Result runAndReset(Command command) throws SandboxException {
    return run(command, Natives.RUN_RESET);
  }

  @Override
  public CompletableFuture<Result> runAsync(Command command) {
    return runAsync(command, 0);
  }

  /**
   * Starts a command as {@link #runAsync}, and has the container reset itself after it.
   *
   * @param command what to run
   * @return the result, later
   */
  @Override
  public CompletableFuture<Result> runAndResetAsync(Command command) {
    return runAsync(command, Natives.RUN_RESET);
  }

  private Result run(Command command, int flags) throws SandboxException {
    if (!turn.takeUnlessInterrupted(config.refuseWhenBusy)) {
      return Result.cancelled(command);
    }
    return Running.run(() -> start(command, flags));
  }

  /**
   * Starts a command as {@link Runner#start}, when what runs before it is over; waits for that.
   *
   * @param command what to run
   * @return the run
   * @throws SandboxException where the container is busy and refuses, broken or closed, the thread is interrupted while
   *     it waits, or the command could not be started
   */
  @Override
  public LiveRun start(Command command) throws SandboxException {
    return live(command, 0);
  }

  @Override
  public LiveRun startAndReset(Command command) throws SandboxException {
    return live(command, Natives.RUN_RESET);
  }

  private LiveRun live(Command command, int flags) throws SandboxException {
    take();
    return Running.live(() -> start(command, flags, true));
  }

  private CompletableFuture<Result> runAsync(Command command, int flags) {
    CompletableFuture<Void> ticket;
    try {
      ticket = turn.ask(config.refuseWhenBusy);
    } catch (SandboxException e) {
      return CompletableFuture.failedFuture(e);
    }
    if (ticket.isDone() && !ticket.isCompletedExceptionally()) {
      return Running.start(() -> start(command, flags));
    }
    var result = new CompletableFuture<Result>();
    result.whenComplete((value, failure) -> ticket.cancel(false));
    // Not on the thread that passes the turn on: a thousand who wait would be nested in each other.
    ticket.whenCompleteAsync((nothing, failure) -> {
      if (failure != null) {
        result.completeExceptionally(failure);
      } else if (result.isDone()) {
        turn.pass();
      } else {
        startLater(command, flags, result);
      }
    });
    return result;
  }

  /** An exception thrown here would be lost. */
  private void startLater(Command command, int flags, CompletableFuture<Result> result) {
    try {
      follow(Running.start(() -> start(command, flags)), result);
    } catch (RuntimeException | Error e) {
      result.completeExceptionally(e);
    }
  }

  private static void follow(CompletableFuture<Result> run, CompletableFuture<Result> result) {
    result.whenComplete((value, failure) -> run.cancel(false));
    run.whenComplete((value, failure) -> {
      if (failure == null) {
        result.complete(value);
      } else {
        result.completeExceptionally(failure);
      }
    });
  }

  /**
   * Starts a run for one who has the turn, which is passed on when the run is freed, or here where it does not start.
   */
  RunHandle start(Command command, int flags) throws SandboxException {
    return start(command, flags, false);
  }

  /** {@code live}: the caller takes the command's streams from the run. */
  private RunHandle start(Command command, int flags, boolean live) throws SandboxException {
    RunHandle run = null;
    try {
      if (!live) {
        RunHandle.refuseStreams(command);
      }
      run = RunHandle.open(config.spec, handle(), command, flags, () -> {
        current = null;
        turn.pass();
      });
      current = run;
    } finally {
      if (run == null) {
        turn.pass();
      }
    }
    if (turn.isClosed()) {
      run.cancel(); // Closed meanwhile, before there was a run to cancel.
    }
    return run;
  }

  SandboxSpec spec() {
    return config.spec;
  }

  boolean isShared() {
    return config.shared;
  }

  /** One more sidecar of the same sandbox, whether this is one or not. */
  Container beside() throws SandboxException {
    return (main == null ? this : main).sidecar();
  }

  /** Waits for the turn. */
  void take() throws SandboxException {
    turn.take(config.refuseWhenBusy);
  }

  /** Passes the turn on that {@link #take} got, where no run was started with it. */
  void pass() {
    turn.pass();
  }

  /**
   * The place in the one order in which turns of several containers are taken, so that no callers wait for each other.
   */
  long order() {
    return order;
  }

  private interface Action<T, E extends Exception> {
    T run(long handle) throws SandboxException, E;
  }

  private <T, E extends Exception> T inTurn(Turn which, Action<T, E> action) throws SandboxException, E {
    which.take(config.refuseWhenBusy && which == turn);
    try {
      return action.run(handle());
    } finally {
      which.pass();
      Reference.reachabilityFence(this); // Else the cleaner might free what the native method is using.
    }
  }

  private interface Work<E extends Exception> {
    void run(long handle) throws SandboxException, E;
  }

  private <E extends Exception> void doInTurn(Turn which, Work<E> work) throws SandboxException, E {
    inTurn(which, handle -> {
      work.run(handle);
      return true;
    });
  }

  private long handle() throws SandboxException {
    owned.lock.lock();
    try {
      if (owned.handle == 0) {
        throw Turn.closedError();
      }
      return owned.handle;
    } finally {
      owned.lock.unlock();
    }
  }

  private interface Request {
    int run(ByteBuffer error);
  }

  private static void check(Request request) throws SandboxException {
    var error = Buffers.take(WireError.BYTES);
    try {
      if (request.run(error) < 0) {
        throw Errors.read(error);
      }
    } finally {
      Buffers.give(error);
    }
  }

  /**
   * Asks for a sign of life; waits at most 5 s for it.
   *
   * @throws SandboxException where the container is broken, or closed
   */
  @Override
  public void ping() throws SandboxException {
    doInTurn(turn, handle -> check(error -> Natives.containerPing(handle, error)));
  }

  /**
   * Leaves nothing of the runs before: every writable directory in memory, System V and POSIX IPC objects and keyrings
   * are fresh. What was bound writable from the host stays as it is.
   *
   * <p>In a {@linkplain Builder#shared shared} container it is for all sidecars, by any of them: it is refused (step
   * {@link Step#WAIT}, EBUSY) while a command runs in another one, and a command that comes meanwhile is refused so.
   *
   * @throws SandboxException where something could not be made fresh (step {@link Step#RESET}), another sidecar is
   *     busy, or the container is broken or closed
   */
  @Override
  public void reset() throws SandboxException {
    doInTurn(turn, handle -> check(error -> Natives.containerReset(handle, error)));
    (main == null ? this : main).renewPids();
  }

  /** Not where it is {@linkplain Builder#shared shared}: other commands may be there. */
  @Override
  public boolean canRunAndReset() {
    return !config.shared;
  }

  /**
   * Closes the sidecars that were made of this container, which ends what runs in them, and resets.
   *
   * @throws SandboxException as {@link #reset}
   */
  @Override
  public void endAndReset() throws SandboxException {
    closeSidecars();
    reset();
  }

  /** After a reset sidecars have other inits. */
  private void renewPids() {
    List<Container> all;
    owned.lock.lock();
    try {
      all = List.copyOf(sidecars);
    } finally {
      owned.lock.unlock();
    }
    for (var sidecar : all) {
      sidecar.owned.renewPid();
    }
  }

  /**
   * Opens files for the host: regular ones only, never through a symbolic link, and never waiting for one.
   *
   * @param requests any number of files
   * @return one for each, in the same order; the caller closes them
   * @throws SandboxException where the container is broken, or closed
   */
  public List<OpenedFile> open(List<FileRequest> requests) throws SandboxException {
    return inTurn(files, handle -> open(handle, requests));
  }

  private static List<OpenedFile> open(long handle, List<FileRequest> requests) throws SandboxException {
    return open(handle, requests, 0);
  }

  /** {@code create}: flags of {@link FilesCodec} for files that are made. */
  private static List<OpenedFile> open(long handle, List<FileRequest> requests, int create) throws SandboxException {
    var items = requests.stream()
        .map(request -> request.create()
            ? new FilesCodec.Item(request.name(), null, FilesCodec.CREATE | create, request.mode())
            : new FilesCodec.Item(request.name(), null, 0, 0))
        .toList();
    var answers = FilesCodec.run(handle, FilesCodec.OPEN, items);
    var files = new ArrayList<OpenedFile>(answers.size());
    for (int i = 0; i < answers.size(); i++) {
      files.add(new OpenedFile(requests.get(i).name(), answers.get(i).fd(), answers.get(i).error()));
    }
    return files;
  }

  /**
   * Lists a directory: no symbolic link on the way to it, and nothing in it is opened.
   *
   * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @param most the most entries
   * @return the entries by name, without {@code .} and {@code ..}
   * @throws SandboxException where it cannot be opened, has more entries (step {@link Step#COPY_OUT}, EFBIG), or the
   *     container is broken, or closed
   */
  public List<DirectoryEntry> list(String name, int most) throws SandboxException {
    Checks.notNegative("list most", most);
    var item = item(name, null, FilesCodec.DIRECTORY);
    return inTurn(files, handle -> {
      var answer = FilesCodec.run(handle, FilesCodec.OPEN, List.of(item)).get(0);
      try (var directory = new OpenedFile(name, answer.fd(), answer.error())) {
        return Listing.read(directory.descriptor(), most, name, Errno.EFBIG);
      }
    });
  }

  /**
   * Finds files by a pattern as {@link java.nio.file.FileSystem#getPathMatcher} knows it ({@code *}, {@code **},
   * {@code ?}, {@code [a-z]}, <code>{a,b}</code>), in a directory and all below it. No symbolic link is followed.
   *
   * @param directory where it looks: relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @param pattern matched with a file's path below the directory, for example <code>**.{txt,log}</code>
   * @param most the most entries that it looks at, in all directories together
   * @return the regular files that match, by their paths below the directory; in the order of their names
   * @throws IllegalArgumentException where the pattern is wrong
   * @throws SandboxException where the directory cannot be opened, it holds more entries (step {@link Step#COPY_OUT},
   *     EFBIG), or the container is broken, or closed
   */
  public List<String> glob(String directory, String pattern, int most) throws SandboxException {
    var matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    var found = new ArrayList<String>();
    var waiting = new ArrayDeque<String>(List.of(""));
    for (int left = most; !waiting.isEmpty();) {
      var below = waiting.removeFirst();
      var entries = listBelow(directory, below, left);
      left -= entries.size();
      for (var entry : entries) {
        var path = below + entry.name();
        if (entry.kind() == DirectoryEntry.Kind.DIRECTORY) {
          waiting.addLast(path + "/");
        } else if (entry.kind() == DirectoryEntry.Kind.FILE && matcher.matches(Path.of(path))) {
          found.add(path);
        }
      }
    }
    found.sort(null);
    return List.copyOf(found);
  }

  /** A directory below that has vanished meanwhile, or that the program has closed to others, has nothing. */
  private List<DirectoryEntry> listBelow(String directory, String below, int most) throws SandboxException {
    try {
      return list(below.isEmpty() ? directory : directory + "/" + below, most);
    } catch (SandboxException e) {
      if (below.isEmpty() || e.errno() == Errno.EFBIG || e.step() != Step.COPY_OUT) {
        throw e;
      }
      return List.of();
    }
  }

  /**
   * Deletes files, links of any kind and empty directories.
   *
   * @param names relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @return what could not be deleted, and why; empty where all were
   * @throws SandboxException where the container is broken, or closed
   */
  public Map<String, SandboxException> delete(Collection<String> names) throws SandboxException {
    return items(FilesCodec.DELETE, names.stream().map(name -> item(name, null, 0)).toList());
  }

  /**
   * Deletes files, and directories with all that is in them; never through a symbolic link.
   *
   * @param names relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @return what could not be deleted, and why; empty where all were
   * @throws SandboxException where the container is broken, or closed
   */
  public Map<String, SandboxException> deleteTrees(Collection<String> names) throws SandboxException {
    return items(FilesCodec.DELETE, names.stream().map(name -> item(name, null, FilesCodec.TREE)).toList());
  }

  /**
   * Makes symbolic links, owned by the program.
   *
   * @param links from the link's name (relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside) to its text
   * @return what could not be made, and why; empty where all were
   * @throws SandboxException where the container is broken, or closed
   */
  public Map<String, SandboxException> symlink(Map<String, String> links) throws SandboxException {
    return items(FilesCodec.SYMLINK, links.entrySet().stream()
        .map(link -> item(link.getKey(), Checks.filled("link text", link.getValue()), 0)).toList());
  }

  private static FilesCodec.Item item(String name, @Nullable String text, int flags) {
    Checks.noDots("file name", Checks.filled("file name", name));
    return new FilesCodec.Item(name, text, flags, 0);
  }

  private Map<String, SandboxException> items(int op, List<FilesCodec.Item> items) throws SandboxException {
    var answers = inTurn(files,
        handle -> FilesCodec.run(handle, op, items));
    var failed = new LinkedHashMap<String, SandboxException>();
    for (int i = 0; i < items.size(); i++) {
      var error = answers.get(i).error();
      if (error != null) {
        failed.put(items.get(i).name(), error);
      }
    }
    return failed;
  }

  /**
   * Brings a file in, as {@link Command.Builder#copyIn} does it before a run.
   *
   * @param item the file; one that is there already is refused, unless it is to be replaced
   * @throws SandboxException where the file cannot be made in the container
   * @throws IOException where the host's file cannot be read, or the container's is full
   */
  public void copyIn(CopyIn item) throws SandboxException, IOException {
    int mode = item.mode().orElse(0);
    if (item instanceof CopyIn.Bytes bytes) {
      copyIn(item.name(), mode, new ByteArrayInputStream(bytes.bytes()), Long.MAX_VALUE, item.isReplacing());
    } else if (item instanceof CopyIn.HostFile file) {
      try (var in = new FileInputStream(file.path().toString())) {
        copyIn(item.name(), mode != 0 ? mode : (int) Files.getAttribute(file.path(), "unix:mode") & 0777, in,
            Long.MAX_VALUE, item.isReplacing());
      }
    }
  }

  /**
   * Brings in what a stream has to its end.
   *
   * @param name the new file's name: relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @param in the stream, which is not closed
   * @param limitBytes the most that is taken; where the stream has more, the file is deleted again
   * @throws SandboxException where the file cannot be made, or the stream is longer (step {@link Step#COPY_IN}, EFBIG)
   * @throws IOException where the stream cannot be read, or the container's directory is full
   */
  public void copyIn(String name, InputStream in, long limitBytes) throws SandboxException, IOException {
    copyIn(name, 0, in, Checks.notNegative("copyIn limitBytes", limitBytes), false);
  }

  private void copyIn(String name, int mode, InputStream in, long limitBytes, boolean replace)
      throws SandboxException, IOException {
    var request = mode == 0 ? FileRequest.create(name) : FileRequest.create(name, mode);
    doInTurn(files, handle -> {
      boolean partial = false;
      try (var file = open(handle, List.of(request), replace ? FilesCodec.REPLACE : 0).get(0)) {
        file.descriptor();
        partial = true;
        if (!copy(in, file.outputStream(), limitBytes)) {
          throw SandboxException.of(Step.COPY_IN, Errno.EFBIG, name);
        }
        partial = false;
      } finally {
        if (partial) {
          FilesCodec.run(handle, FilesCodec.DELETE, List.of(item(name, null, 0)));
        }
      }
    });
  }

  /**
   * Fetches a file into memory: a regular one, with no symbolic link on the way to it.
   *
   * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @param limitBytes the longest that is taken
   * @return its bytes
   * @throws SandboxException where it cannot be opened, or is longer (step {@link Step#COPY_OUT}, EFBIG)
   * @throws IOException where it cannot be read
   */
  public byte[] copyOut(String name, int limitBytes) throws SandboxException, IOException {
    var kept = new ByteArrayOutputStream();
    copyOut(name, kept, limitBytes);
    return kept.toByteArray();
  }

  /**
   * Fetches a file into a stream: a regular one, with no symbolic link on the way to it.
   *
   * @param name relative to {@link Command#DEFAULT_WORK_DIR}, or absolute inside
   * @param out the stream, which is not closed; where the file is too long it has got the first {@code limitBytes}
   * @param limitBytes the longest that is taken
   * @throws SandboxException where it cannot be opened, or is longer (step {@link Step#COPY_OUT}, EFBIG)
   * @throws IOException where it cannot be read, or the stream not be written
   */
  public void copyOut(String name, OutputStream out, long limitBytes) throws SandboxException, IOException {
    fetch(name, out, Checks.notNegative("copyOut limitBytes", limitBytes), false);
  }

  /**
   * Fetches a file, as {@link Command.Builder#copyOut} does it after a run.
   *
   * @param item the file; of a pattern {@link #glob} tells the names
   * @return its bytes, where it is kept; empty bytes where it was optional and is not there
   * @throws IllegalArgumentException where it is a pattern
   * @throws SandboxException where it cannot be opened, or is too long
   * @throws IOException where it cannot be read, or the host's file not be written
   */
  public CopiedFile copyOut(CopyOut item) throws SandboxException, IOException {
    if (item instanceof CopyOut.Matching) {
      throw Checks.refuse("copyOut", item.name(), "a pattern is for a command; glob finds the names");
    }
    try {
      if (item instanceof CopyOut.ToHost file) {
        try (var out = new FileOutputStream(file.path().toString())) {
          long size = fetch(item.name(), out, item.limitBytes(), item.isTruncated());
          return CopiedFile.elsewhere(size, size > item.limitBytes());
        }
      }
      var kept = new ByteArrayOutputStream();
      long size = fetch(item.name(), kept, item.limitBytes(), item.isTruncated());
      return CopiedFile.of(kept.toByteArray(), Math.max(size, kept.size())); // A program may have cut it meanwhile.
    } catch (SandboxException e) {
      if (item.isOptional() && e.errno() == Errno.ENOENT) {
        return CopiedFile.elsewhere();
      }
      throw e;
    }
  }

  /** How long the file is; the first bytes of a longer one are an error unless {@code truncated}. */
  private long fetch(String name, OutputStream out, long limitBytes, boolean truncated)
      throws SandboxException, IOException {
    var request = FileRequest.read(name);
    return inTurn(files, handle -> {
      try (var file = open(handle, List.of(request)).get(0)) {
        file.descriptor();
        if (!copy(file.inputStream(), out, limitBytes) && !truncated) {
          throw SandboxException.of(Step.COPY_OUT, Errno.EFBIG, name);
        }
        return file.size();
      }
    });
  }

  /** False where there was more than the limit. */
  private static boolean copy(InputStream in, OutputStream out, long limitBytes) throws IOException {
    var chunk = new byte[CHUNK_BYTES];
    long left = limitBytes;
    while (true) {
      int want = (int) Math.min(chunk.length, Math.max(left, 1)); // One byte more says whether it ends here.
      int got = in.read(chunk, 0, want);
      if (got < 0) {
        return true;
      }
      if (left == 0) {
        return false;
      }
      out.write(chunk, 0, got);
      left -= got;
    }
  }

  /**
   * Stops every process of the run that is going on, by the freezer of its control group, or by SIGSTOP
   * where there is none; its wall-clock limit stands still. Does nothing where
   * nothing runs. Any thread, also while another one waits for the run.
   *
   * @throws SandboxException where the container is broken, or closed
   */
  public void pause() throws SandboxException {
    pause(1);
  }

  /**
   * Continues what {@link #pause} has stopped.
   *
   * @throws SandboxException where the container is broken, or closed
   */
  public void resume() throws SandboxException {
    pause(0);
  }

  private void pause(int on) throws SandboxException {
    owned.lock.lock();
    try {
      if (owned.handle == 0) {
        throw Turn.closedError();
      }
      check(error -> Natives.containerPause(owned.handle, on, error));
    } finally {
      owned.lock.unlock();
    }
  }

  /**
   * Returns the process id of the container's cordon-init on the host: its namespaces are to be found by it. A
   * sidecar's changes with each {@link #reset}.
   *
   * @return the pid, also after the container was closed
   */
  public int pid() {
    return owned.currentPid;
  }

  /**
   * Returns the first {@link #pid} as text.
   *
   * @return for example {@code 4711}
   */
  @Override
  public String id() {
    return Integer.toString(owned.pid);
  }

  /**
   * Tells whether {@link #close} was called.
   *
   * @return true from then on
   */
  public boolean isClosed() {
    return turn.isClosed();
  }

  /**
   * Kills everything in the container and waits until nothing is left of it. A run that is going on ends with
   * {@link Status#CANCELLED}; a caller that waits for its turn gets a {@link SandboxException} (step
   * {@link Step#WAIT}). Closes the container's sidecars first. Closing twice does nothing. A sync action must not close
   * its own container.
   */
  @Override
  public void close() {
    if (!beginClose()) {
      return;
    }
    closeSidecars();
    finishClose();
  }

  private void closeSidecars() {
    var sidecars = takeSidecars().stream().filter(Container::beginClose).toList();
    sidecars.forEach(Container::finishClose);
  }

  /** For all before one is waited for: a wiring passes none of its turns on while one of its commands runs. */
  private boolean beginClose() {
    if (!turn.close()) {
      return false;
    }
    var running = current;
    if (running != null) {
      running.cancel();
    }
    return true;
  }

  private void finishClose() {
    turn.awaitPassed();
    if (files != turn) {
      files.close();
      files.awaitPassed();
    }
    owned.free();
    cleanable.clean();
  }

  /** To be closed. Once the turn is closed none is made any more. */
  private List<Container> takeSidecars() {
    owned.lock.lock();
    try {
      var all = List.copyOf(sidecars);
      sidecars.clear();
      return all;
    } finally {
      owned.lock.unlock();
    }
  }

  /** Collects a container's configuration. One thread at a time. */
  public static final class Builder extends SandboxBuilder<Builder> {
    private List<String> initCommand = List.of();
    private boolean refuseWhenBusy;
    private boolean shared;

    private Builder() {}

    @Override
    Builder self() {
      return this;
    }

    /**
     * Sets a program that is run once, inside, when the container's root is ready: as its cordon-init and with the
     * capabilities of that in the container's own namespaces. Where it fails, making the container fails (step
     * {@link Step#INIT_COMMAND}) with the end of its output.
     *
     * @param args the program as a path inside, and its arguments
     * @return this
     */
    public Builder initCommand(String... args) {
      initCommand = checkedInitCommand(args);
      return this;
    }

    /**
     * Sets what happens to a caller that comes while a command runs.
     *
     * @param refuse true: a {@link SandboxException} (step {@link Step#WAIT}, EBUSY) at once; default false: it waits
     *     for its turn
     * @return this
     */
    public Builder refuseWhenBusy(boolean refuse) {
      refuseWhenBusy = refuse;
      return this;
    }

    /**
     * Makes it possible that commands run in the container at the same time: its own and those of each
     * {@link Container#sidecar}. Files then go in and out while programs run, and {@link Container#runAndReset} is
     * refused, as other programs may be there.
     *
     * @param value default false
     * @return this
     */
    public Builder shared(boolean value) {
      shared = value;
      return this;
    }

    /**
     * Makes the configuration, from which containers can be made.
     *
     * @return the configuration
     */
    public Config build() {
      return new Config(spec(true, initCommand, null), refuseWhenBusy, shared);
    }

    /**
     * Starts a container.
     *
     * @return the container, which the caller closes
     * @throws SandboxException where it cannot be made
     */
    public Container open() throws SandboxException {
      return build().open();
    }
  }
}
