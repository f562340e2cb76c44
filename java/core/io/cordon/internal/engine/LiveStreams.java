// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Output;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import org.jspecify.annotations.Nullable;

/** The streams of a run that its caller holds; null where the command gave no stream. */
record LiveStreams(@Nullable LiveStream stdin, @Nullable LiveStream stdout, @Nullable LiveStream stderr) {
  private static final LiveStreams NONE = new LiveStreams(null, null, null);

  /** Takes those of a run that was opened with a command. */
  static LiveStreams take(long run, Command command) {
    var stdin = take(run, 0, command.stdin() instanceof Input.Stream);
    var stdout = take(run, 1, command.stdout() instanceof Output.Stream);
    // On a terminal there is one stream for both.
    var stderr = take(run, 2, command.stderr() instanceof Output.Stream && !command.terminal());
    return stdin == null && stdout == null && stderr == null ? NONE : new LiveStreams(stdin, stdout, stderr);
  }

  private static @Nullable LiveStream take(long run, int number, boolean given) {
    return given ? new LiveStream(Natives.runStream(run, number), number == 0) : null;
  }

  /** Refuses a command with streams that no caller would hold. */
  static void refuse(Command command) throws SandboxException {
    refuse("stdin", command.stdin() instanceof Input.Stream);
    refuse("stdout", command.stdout() instanceof Output.Stream);
    refuse("stderr", command.stderr() instanceof Output.Stream);
  }

  private static void refuse(String name, boolean isStream) throws SandboxException {
    if (isStream) {
      throw SandboxException.of(Step.VALIDATE, Errno.EINVAL, name + ": a stream is for Runner.start");
    }
  }
}
