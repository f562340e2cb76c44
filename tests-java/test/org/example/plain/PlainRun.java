// SPDX-License-Identifier: Apache-2.0
package org.example.plain;

import io.cordon.Captured;
import io.cordon.Cause;
import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Layer;
import io.cordon.Limits;
import io.cordon.Output;
import io.cordon.Result;
import io.cordon.SandboxException;
import io.cordon.SecurityEvents;
import io.cordon.Status;
import io.cordon.Step;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One process, with the threads that feed it and read what it says. */
final class PlainRun {
  private static final int ENOENT = 2;
  private static final int EACCES = 13;
  private static final File NOWHERE = new File("/dev/null");

  private final Command command;
  private final Process process;
  private final long start = System.nanoTime();
  private final Reader out;
  private final Reader err;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean cancelled;

  /** Keeps the beginning of a stream, and counts the rest. */
  private static final class Reader implements Runnable {
    private final InputStream in;
    private final long limit;
    private byte[] kept = {};
    private long total;

    Reader(InputStream in, Output output) {
      this.in = in;
      limit = output instanceof Output.Capture capture ? capture.limitBytes() : 0;
    }

    @Override
    public void run() {
      var chunk = new byte[1 << 16];
      var all = new ByteArrayOutputStream();
      try (in) {
        for (int got = in.read(chunk); got >= 0; got = in.read(chunk)) {
          all.write(chunk, 0, (int) Math.min(got, limit - all.size()));
          total += got;
        }
      } catch (IOException e) {
        // The process has ended, and its streams with it.
      }
      kept = all.toByteArray();
    }

    Captured captured() {
      return new Captured(kept, total > kept.length, total);
    }
  }

  private PlainRun(Command command, Process process) {
    this.command = command;
    this.process = process;
    out = new Reader(process.getInputStream(), command.stdout());
    err = new Reader(process.getErrorStream(), command.stderr());
    thread(out);
    thread(err);
    thread(this::feed);
  }

  private void thread(Runnable body) {
    var thread = new Thread(body, "plain-stream");
    threads.add(thread);
    thread.start();
  }

  private void feed() {
    try (var in = process.getOutputStream()) {
      if (command.stdin() instanceof Input.Bytes bytes) {
        in.write(bytes.bytes());
      }
    } catch (IOException e) {
      return; // A program need not read its input.
    }
  }

  static PlainRun start(Command command) throws SandboxException {
    var directory = Path.of(command.workDir());
    if (!Files.isDirectory(directory)) {
      throw SandboxException.of(Step.WORK_DIR, ENOENT, command.workDir());
    }
    var args = new ArrayList<>(List.of(PlainRunner.SETSID.toString()));
    args.addAll(command.args());
    args.set(1, find(command));
    var builder = new ProcessBuilder(args).directory(directory.toFile());
    builder.environment().clear();
    builder.environment().putAll(command.env());
    builder.redirectInput(command.stdin() instanceof Input.HostFile file ? Redirect.from(readable(file.path()))
        : command.stdin() instanceof Input.None ? Redirect.from(NOWHERE) : Redirect.PIPE);
    builder.redirectOutput(redirect(command.stdout()));
    builder.redirectError(redirect(command.stderr()));
    builder.redirectErrorStream(command.stderr() instanceof Output.ToStdout);
    try {
      return new PlainRun(command, builder.start());
    } catch (IOException e) {
      throw SandboxException.builder(Step.CLONE).detail(String.valueOf(e.getMessage())).cause(e).build();
    }
  }

  /** As execvp(3) does it; setsid(1) would only have an exit code for what is not found. */
  private static String find(Command command) throws SandboxException {
    var name = command.args().get(0);
    var places = name.contains("/") ? List.of(Path.of(command.workDir()).resolve(name))
        : List.of(command.env().getOrDefault("PATH", Command.DEFAULT_PATH).split(":")).stream()
            .map(directory -> Path.of(directory, name)).toList();
    var there = places.stream().filter(Files::exists).toList();
    if (there.isEmpty()) {
      throw SandboxException.of(Step.EXECVE, ENOENT, name);
    }
    return there.stream().filter(path -> Files.isRegularFile(path) && Files.isExecutable(path)).findFirst()
        .orElseThrow(() -> SandboxException.of(Step.EXECVE, EACCES, name)).toString();
  }

  private static File readable(Path path) throws SandboxException {
    if (!Files.isReadable(path)) {
      throw SandboxException.of(Step.OPEN_FILE, Files.exists(path) ? EACCES : ENOENT, path.toString());
    }
    return path.toFile();
  }

  private static Redirect redirect(Output output) throws SandboxException {
    if (output instanceof Output.HostFile file) {
      if (!Files.isDirectory(file.path().getParent())) {
        throw SandboxException.of(Step.OPEN_FILE, ENOENT, file.path().toString());
      }
      return Redirect.to(file.path().toFile());
    }
    return output instanceof Output.Discard ? Redirect.to(NOWHERE) : Redirect.PIPE;
  }

  void cancel() {
    cancelled = true;
    process.toHandle().destroyForcibly();
  }

  /** Waits for the end of the program, ends what it has left, and tells. */
  Result await(Set<Layer> preferred) {
    boolean inTime = true;
    boolean interrupted = false;
    try {
      inTime = ended(command.limits().wallTime());
    } catch (InterruptedException e) {
      interrupted = true;
      cancelled = true;
    }
    var wall = Duration.ofNanos(System.nanoTime() - start);
    interrupted |= end();
    var status = cancelled ? Status.CANCELLED : !inTime ? Status.TIME_LIMIT_EXCEEDED
        : process.exitValue() == 0 ? Status.OK : Status.NONZERO_EXIT;
    var builder = Result.builder(status).wallTime(wall).missing(preferred).stdout(out.captured())
        .stderr(err.captured());
    if (status == Status.OK || status == Status.NONZERO_EXIT) {
      builder.exitCode(process.exitValue());
    } else if (status == Status.TIME_LIMIT_EXCEEDED) {
      builder.cause(Cause.WALL);
    }
    command.label().ifPresent(builder::label);
    var result = builder.build();
    SecurityEvents.finished(command, result);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return result;
  }

  private boolean ended(Duration most) throws InterruptedException {
    if (most.equals(Limits.FOREVER)) {
      process.waitFor();
      return true;
    }
    return process.waitFor(most.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Kills the session until no process is left in it, waits for the streams, and tells whether it was interrupted. */
  private boolean end() {
    process.toHandle().destroyForcibly(); // It may not have its session yet.
    boolean interrupted = Thread.interrupted();
    while (true) {
      try {
        process.waitFor();
        while (killSession()) {
          Thread.sleep(5);
        }
        for (var thread : threads) {
          thread.join();
        }
        return interrupted;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
  }

  /** False without a process to kill. By handles: Process.destroy would close streams that have not been read. */
  private boolean killSession() {
    var left = ProcessHandle.allProcesses().filter(other -> isOfSession(other.pid())).toList();
    left.forEach(ProcessHandle::destroyForcibly);
    return !left.isEmpty();
  }

  /** From /proc/PID/stat, behind the name in brackets: state, parent, group, session. */
  private boolean isOfSession(long pid) {
    try {
      var text = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"), StandardCharsets.ISO_8859_1);
      var fields = text.substring(text.lastIndexOf(')') + 2).split(" ");
      return fields[3].equals(String.valueOf(process.pid())) && !fields[0].equals("Z");
    } catch (IOException e) {
      return false;
    }
  }
}
