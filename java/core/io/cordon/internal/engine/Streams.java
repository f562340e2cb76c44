// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.Command;
import io.cordon.Input;
import io.cordon.Output;

/** The three streams that a program really gets: the command's own, or a terminal. */
record Streams(Input stdin, Output stdout, Output stderr) {
  static Streams of(Command command) {
    // A terminal is one for all three.
    return new Streams(command.stdin(), command.stdout(), command.terminal() ? Output.toStdout() : command.stderr());
  }
}
